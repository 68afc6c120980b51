//! Statements as questions with answers: each rule runs on every database, and the rows are compared.
//!
//! The SQL of each construct is in `text`; here is what it means.

#[path = "queries/models.rs"]
mod models;

#[path = "queries/aliases.rs"]
mod aliases;
#[path = "queries/arrays.rs"]
mod arrays;
#[path = "queries/changes.rs"]
mod changes;
#[path = "queries/compounds.rs"]
mod compounds;
#[path = "queries/documents.rs"]
mod documents;
#[path = "queries/functions.rs"]
mod functions;
#[path = "queries/hostile_input.rs"]
mod hostile_input;
#[path = "queries/inserts.rs"]
mod inserts;
#[path = "queries/locks.rs"]
mod locks;
#[path = "queries/predicates.rs"]
mod predicates;
#[path = "queries/queries_in_from.rs"]
mod queries_in_from;
#[path = "queries/subqueries.rs"]
mod subqueries;
#[path = "queries/tuples.rs"]
mod tuples;
#[path = "queries/windows.rs"]
mod windows;
