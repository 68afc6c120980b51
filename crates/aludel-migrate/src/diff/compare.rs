//! When two definitions are the same.

use aludel_sql::Metadata;
use aludel_sql::schema::{Constraint, EnumType, Table};

/// Returns a schema with everything in the order of its name, so that two that mean the same are equal.
///
/// The order of columns in a table, and of tables and constraints, means nothing; that of the columns of a key does.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// use aludel_migrate::normalized;
///
/// let (a, b) = (Metadata::of((Author, Book)), Metadata::of((Book, Author)));
/// assert_ne!(a, b);
/// assert_eq!(normalized(&a), normalized(&b));
/// ```
#[must_use]
pub fn normalized(metadata: &Metadata) -> Metadata {
    let mut metadata = metadata.clone();
    for table in metadata.tables_mut() {
        table.columns.sort_by(|a, b| a.name.cmp(&b.name));
        table.uniques.sort_by(|a, b| a.name.cmp(&b.name));
        table.foreign_keys.sort_by(|a, b| a.name.cmp(&b.name));
        table.checks.sort_by(|a, b| a.name.cmp(&b.name));
        table.excludes.sort_by(|a, b| a.name.cmp(&b.name));
        table.indexes.sort_by(|a, b| a.name.cmp(&b.name));
        if table.primary_key.columns.is_empty() {
            table.primary_key.name.clear();
        }
    }
    // Those that only columns have are there as well.
    let mut enums: Vec<EnumType> = metadata.enums().into_iter().cloned().collect();
    enums.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    *metadata.enums_mut() = enums;
    metadata.sequences_mut().sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    metadata.tables_mut().sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    metadata
}

/// Returns all constraints of a table but its foreign keys.
pub(super) fn constraints(table: &Table) -> Vec<Constraint> {
    let key = (!table.primary_key.columns.is_empty()).then(|| table.primary_key.clone());
    key.map(Constraint::PrimaryKey)
        .into_iter()
        .chain(table.uniques.iter().cloned().map(Constraint::Unique))
        .chain(table.checks.iter().cloned().map(Constraint::Check))
        .chain(table.excludes.iter().cloned().map(Constraint::Exclude))
        .collect()
}
