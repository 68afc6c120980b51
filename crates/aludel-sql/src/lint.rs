//! Rules that hold on every database: what a running program does not survive, and what is gone for good.

use crate::schema::{Constraint, Finding, Operation, Severity};

const RENAME: Finding = Finding {
    rule: "BC101",
    severity: Severity::Warn,
    lock: "",
    consequence: "a program that still runs knows the old name, and fails until it is replaced",
    cure: "stop it for the while; or add the new name, fill it, let programs write both, and drop the old one in a later revision",
};

const DROP_TABLE: Finding = Finding {
    rule: "DS102",
    severity: Severity::Warn,
    lock: "",
    consequence: "the table goes with all its rows; a downgrade makes it again without them",
    cure: "rename it first, and drop it in a later revision; or allow the rule once a backup is there",
};

const DROP_COLUMN: Finding = Finding {
    rule: "DS103",
    severity: Severity::Warn,
    lock: "",
    consequence: "the column goes with all its values, and a program that still runs may read it",
    cure: "let a version of the program run that does not know the column; then drop it, and allow the rule",
};

const DROP_UNIQUE: Finding = Finding {
    rule: "CD102",
    severity: Severity::Warn,
    lock: "",
    consequence: "rows may be there twice afterwards, and then the downgrade fails",
    cure: "make sure that nothing relies on it, and allow the rule",
};

/// Returns what is to be said about an operation on any database.
///
/// ```
/// # use library::Book;
/// use aludel::schema::Operation;
/// use aludel_sql::lint::common;
///
/// assert_eq!(common(&Operation::DropTable(Book::table()))[0].rule, "DS102");
/// assert!(common(&Operation::CreateTable(Book::table())).is_empty());
/// ```
#[must_use]
pub fn common(operation: &Operation) -> Vec<Finding> {
    match operation {
        Operation::RenameTable { .. } | Operation::SetTableSchema { .. } | Operation::RenameColumn { .. } => {
            vec![RENAME]
        }
        Operation::DropTable(_) => vec![DROP_TABLE],
        Operation::DropColumn { .. } => vec![DROP_COLUMN],
        Operation::DropConstraint {
            constraint: Constraint::Unique(_) | Constraint::PrimaryKey(_), ..
        } => {
            vec![DROP_UNIQUE]
        }
        _ => Vec::new(),
    }
}
