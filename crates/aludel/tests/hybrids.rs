//! Hybrids: the method and the expression are the same, on SQLite, PostgreSQL and MariaDB.

#![allow(missing_docs)]

#[path = "hybrids/models.rs"]
mod models;
#[path = "hybrids/rows.rs"]
mod rows;

#[path = "hybrids/agree.rs"]
mod agree;
#[path = "hybrids/statements.rs"]
mod statements;
#[path = "hybrids/text.rs"]
mod text;
