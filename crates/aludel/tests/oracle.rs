//! SQLAlchemy as oracle: the same statements over the same rows give the same answers, on every database.
//!
//! `oracle/queries/statements.py` and `statements.rs` read side by side. `record.py` has made the rows and written SQLAlchemy's answers
//! down; `cargo xtask oracle --check` records them again and compares.

#[path = "oracle/queries/answers.rs"]
mod answers;
#[path = "oracle/queries/models.rs"]
mod models;
#[path = "oracle/queries/statements.rs"]
mod statements;
