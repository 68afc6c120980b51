//! What became of rows.

use std::collections::{HashMap, HashSet};
use std::fmt;

use aludel_sql::Value;
use aludel_sql::schema::{ColumnDef, DdlKind, Operation, TableName, Type};

use super::rows::{Rows, TableRows};
use crate::former_names::FormerNames;
use crate::revision::{Revision, RevisionId};

/// Rows of a table, or values of a column, that did not survive a revision.
///
/// ```
/// use aludel_migrate::{RevisionId, Survival};
///
/// let lost = Survival {
///     revision: RevisionId::new("3c7f")?,
///     when: "downgrade",
///     table: "users".into(),
///     column: Some("bio".to_owned()),
///     lost: 2,
///     of: 3,
///     is_declared: true,
/// };
/// assert_eq!(lost.to_string(), "downgrade of 3c7f: 2 of 3 values of users.bio are not what they were");
/// # Ok::<(), aludel::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survival {
    /// The revision.
    pub revision: RevisionId,
    /// What was done, in words.
    pub when: &'static str,
    /// The table, by its name before the revision.
    pub table: TableName,
    /// The column whose values are others; none where whole rows are gone.
    pub column: Option<String>,
    /// How many did not survive.
    pub lost: usize,
    /// How many there were.
    pub of: usize,
    /// Whether the revision says so: it drops or alters what they were in, or runs SQL or code that may do anything.
    pub is_declared: bool,
}

impl Survival {
    /// Tells whether both are about the same rows or values.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (&self.table, &self.column, self.lost) == (&other.table, &other.column, other.lost)
    }
}

/// Says what was lost, on one line.
impl fmt::Display for Survival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { revision, when, table, column, lost, of, .. } = self;
        write!(f, "{when} of {revision}: {lost} of {of} ")?;
        match (column, lost) {
            (Some(column), 1) => write!(f, "values of {table}.{column} is not what it was"),
            (Some(column), _) => write!(f, "values of {table}.{column} are not what they were"),
            (None, 1) => write!(f, "rows of {table} is gone"),
            (None, _) => write!(f, "rows of {table} are gone"),
        }
    }
}

/// Compares rows with what they are after operations; without any operations, everything must be what it was.
pub fn compare(
    revision: &Revision,
    when: &'static str,
    before: &Rows,
    now: &Rows,
    operations: &[Operation],
) -> Vec<Survival> {
    let mut names = FormerNames::default();
    operations.iter().for_each(|it| names.follow(it));
    let touched = Touched::by(&revision.operations);
    let mut lost = Vec::new();
    let mut tables: Vec<(&TableName, &TableRows)> = before.tables.iter().collect();
    tables.sort_by_key(|(name, _)| *name);
    for (name, rows) in tables {
        let mut tell = |column: Option<&ColumnDef>, count: usize| {
            if count > 0 {
                let is_declared = touched.anything
                    || match column {
                        Some(column) => touched.has_column(name, column),
                        None => touched.tables.contains(name),
                    };
                lost.push(Survival {
                    revision: revision.id.clone(),
                    when,
                    table: name.clone(),
                    column: column.map(|it| it.name.clone()),
                    lost: count,
                    of: rows.rows.len(),
                    is_declared,
                });
            }
        };
        let there = now.tables.iter().find(|(it, _)| names.table(it).as_ref() == Some(name));
        let Some((now_name, there)) = there else {
            tell(None, rows.rows.len());
            continue;
        };
        // The columns of both, by their places.
        let former = |column: &ColumnDef| names.column(now_name, &column.name).map(|(_, column)| column);
        let mut pairs = Vec::new();
        for (at, column) in rows.columns.iter().enumerate() {
            let now = there.columns.iter().position(|it| former(it).as_ref() == Some(&column.name));
            pairs.extend(now.map(|now| (at, now)));
        }
        let place = |at: &usize| pairs.iter().find(|(before, _)| before == at).map(|(_, now)| *now);
        let key: Option<Vec<usize>> = rows.key.iter().map(place).collect();
        let Some(key) = key.filter(|it| !it.is_empty()) else {
            tell(None, rows.rows.len().saturating_sub(there.rows.len()));
            continue;
        };
        let (old, new) = (rows.by_key(&rows.key), there.by_key(&key));
        let kept: Vec<(&[Value], &[Value])> =
            old.iter().filter_map(|(key, row)| Some((*row, *new.get(key)?))).collect();
        tell(None, old.len() - kept.len());
        for (at, now) in pairs {
            let (column, column_now) = (&rows.columns[at], &there.columns[now]);
            // Another type has other values for the same thing.
            if column.sql_type == column_now.sql_type {
                let changed = kept.iter().filter(|(old, new)| old[at] != new[now]).count();
                tell(Some(column), changed);
            }
        }
    }
    lost
}

/// What a revision says that it changes, by its name before the revision.
#[derive(Default)]
struct Touched {
    /// SQL and code may do anything.
    anything: bool,
    tables: HashSet<TableName>,
    columns: HashMap<TableName, HashSet<String>>,
    types: HashSet<String>,
}

impl Touched {
    fn by(operations: &[Operation]) -> Self {
        let mut touched = Self::default();
        let mut names = FormerNames::default();
        for operation in operations {
            match operation {
                Operation::Sql(_) | Operation::Backfill(_) | Operation::Hook { .. } => {
                    touched.anything = true
                }
                Operation::CreateDdl(it) | Operation::AlterDdl { to: it, .. }
                    if it.kind == DdlKind::Statements =>
                {
                    touched.anything = true
                }
                Operation::DropTable(table) => {
                    touched.tables.extend(names.table(&TableName::of(table)));
                }
                Operation::DropColumn { table, column }
                | Operation::AlterColumn { table, from: column, .. } => {
                    if let Some((table, column)) = names.column(table, &column.name) {
                        touched.columns.entry(table).or_default().insert(column);
                    }
                }
                Operation::AlterEnum { from, .. } => {
                    touched.types.insert(from.name.clone());
                }
                Operation::AlterDomain { from, .. } => {
                    touched.types.insert(from.name.clone());
                }
                _ => {}
            }
            names.follow(operation);
        }
        touched
    }

    fn has_column(&self, table: &TableName, column: &ColumnDef) -> bool {
        self.tables.contains(table)
            || self.columns.get(table).is_some_and(|it| it.contains(&column.name))
            || self.has_type(&column.sql_type)
    }

    fn has_type(&self, sql_type: &Type) -> bool {
        match sql_type {
            Type::Enum(it) => self.types.contains(&it.name),
            Type::Domain(it) => self.types.contains(&it.name) || self.has_type(&it.sql_type),
            _ => false,
        }
    }
}
