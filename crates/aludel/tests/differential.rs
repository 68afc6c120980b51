//! Random statements on all databases at once: all give the same rows, or a dialect has refused the statement before anything was sent.

#[path = "differential/changes.rs"]
mod changes;
#[path = "differential/choices.rs"]
mod choices;
#[path = "differential/expressions.rs"]
mod expressions;
#[path = "differential/models.rs"]
mod models;
#[path = "differential/queries.rs"]
mod queries;
#[path = "differential/statements.rs"]
mod statements;
#[path = "differential/ways.rs"]
mod ways;
