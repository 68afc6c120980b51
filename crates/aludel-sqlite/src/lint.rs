//! What operations that SQLite has no ALTER for do to whoever uses the database.

use aludel_sql::schema::{Finding, Operation, Severity};

use crate::alter::needs_rebuild;

const REBUILD: Finding = Finding {
    rule: "SL101",
    severity: Severity::Warn,
    lock: "the database, for writing",
    consequence: "the table is made again and all its rows are copied; nobody writes the database meanwhile",
    cure: "nothing is lost by it; where the table is big, do it when few write",
};

/// Returns what is to be said about an operation on a table that is in use.
pub(crate) fn lint(operation: &Operation) -> Vec<Finding> {
    if needs_rebuild(operation) { vec![REBUILD] } else { Vec::new() }
}
