//! What the operations of a revision do to whoever uses the tables meanwhile.

use std::collections::HashSet;

use aludel_sql::Dialect;
use aludel_sql::lint::common;
use aludel_sql::schema::{Finding, Operation, Severity, TableName};

use crate::revision::Revision;

/// Something that is to be said about an operation of a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint {
    /// The operation, in words.
    pub operation: String,
    /// The name of the database that it is about; none where it is about all.
    pub database: Option<String>,
    /// What is to be said.
    pub finding: Finding,
}

/// Looks at the operations of a revision, on each of these databases. Tables that the revision itself creates are nobody's yet.
///
/// `severity` says how bad a rule is, where the settings say it; what the revision allows is left out.
///
/// ```
/// # use library::Author;
/// use aludel::Metadata;
/// use aludel_migrate::{Revision, RevisionId, diff, lint};
///
/// let mut revision = Revision::new(RevisionId::new("ab12")?, vec![], "no authors");
/// revision.operations = diff(&Metadata::of(Author), &Metadata::default())?;
/// let found = lint(&revision, &[], &|_| None);
/// assert_eq!((found[0].finding.rule, &*found[0].operation), ("DS102", "drop table authors"));
///
/// revision.allow = vec!["DS102".to_owned()];
/// assert!(lint(&revision, &[], &|_| None).is_empty());
/// # Ok::<(), aludel::Error>(())
/// ```
#[must_use]
pub fn lint(
    revision: &Revision,
    dialects: &[&dyn Dialect],
    severity: &dyn Fn(&str) -> Option<Severity>,
) -> Vec<Lint> {
    let mut new: HashSet<TableName> = HashSet::new();
    let mut found = Vec::new();
    for operation in &revision.operations {
        if let Operation::CreateTable(table) = operation {
            new.insert(TableName::of(table));
        }
        let table = match operation {
            Operation::CreateDdl(it) => it.table.clone(),
            other => other.table(),
        };
        if table.is_some_and(|it| new.contains(&it)) {
            continue;
        }
        let mut add = |database: Option<&dyn Dialect>, findings: Vec<Finding>| {
            for finding in findings {
                let severity = severity(finding.rule).unwrap_or(finding.severity);
                if severity != Severity::Off && !revision.allow.iter().any(|it| it == finding.rule) {
                    let database = database.map(|it| it.name().to_owned());
                    let finding = Finding { severity, ..finding };
                    found.push(Lint { operation: operation.to_string(), database, finding });
                }
            }
        };
        add(None, common(operation));
        for dialect in dialects {
            add(Some(*dialect), dialect.lint(operation));
        }
    }
    found
}
