//! When two definitions are the same.

use aludel_sql::Metadata;
use aludel_sql::schema::{Constraint, Domain, EnumType, Table, TableName};

/// Returns the tables of both schemas whose columns are in another order, with the order in the second one. Nothing depends on it, so no
/// operation changes it.
///
/// ```
/// # use {aludel::prelude::*, library::Author};
/// use aludel_migrate::{column_orders, diff};
///
/// let models = Metadata::of(Author);
/// let mut other = models.clone();
/// other.tables_mut()[0].columns.reverse();
/// assert!(diff(&models, &other)?.is_empty());
/// assert_eq!(column_orders(&models, &other)[0].0.name, "authors");
/// # Ok::<(), aludel::Error>(())
/// ```
#[must_use]
pub fn column_orders(from: &Metadata, to: &Metadata) -> Vec<(TableName, Vec<String>)> {
    let mut found = Vec::new();
    for after in to.tables() {
        let Some(before) = from.table(after.schema.as_deref(), &after.name) else { continue };
        let shared = |table: &Table, other: &Table| -> Vec<String> {
            let names = table.columns.iter().filter(|it| other.column(&it.name).is_some());
            names.map(|it| it.name.clone()).collect()
        };
        let order = shared(after, before);
        if order != shared(before, after) {
            found.push((TableName::of(after), order));
        }
    }
    found
}

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
    let mut domains: Vec<Domain> = metadata.domains().into_iter().cloned().collect();
    domains.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    *metadata.domains_mut() = domains;
    metadata.extensions_mut().sort_by(|a, b| a.name.cmp(&b.name));
    metadata.ddls_mut().sort_by_key(|it| (it.kind, it.in_schema().map(str::to_owned), it.name.clone()));
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
