//! What requests do to sessions, and what the client is told, on SQLite, PostgreSQL and MariaDB.

#![allow(missing_docs)]

#[path = "http/app.rs"]
mod app;

#[path = "http/cursor_page.rs"]
mod cursor_page;
#[path = "http/health.rs"]
mod health;
#[path = "http/input.rs"]
mod input;
#[path = "http/log.rs"]
mod log;
#[path = "http/page.rs"]
mod page;
#[path = "http/problems.rs"]
mod problems;
#[path = "http/sessions.rs"]
mod sessions;
