//! Migrations: revisions of the schema, and how a program or the `aludel` command brings a database to one.
//!
//! `aludel revision --autogenerate` compares the models with what the revisions so far add up to and writes the difference as a
//! revision. A program takes its revisions along with [`embed_migrations!`](crate::embed_migrations).

pub use aludel_migrate::*;

use aludel_sql::{Dialect, Metadata};

/// Prints the tables of the models, for `aludel` to compare: the whole of the program that `aludel init` writes.
///
/// ```
/// use aludel::prelude::*;
///
/// fn main() {
///     aludel::migrate::print_metadata(&Metadata::linked());
/// }
/// ```
pub fn print_metadata(metadata: &Metadata) {
    print!("{}", write_metadata(metadata));
}

/// Returns the dialects that are built in, for rendering without a connection.
///
/// ```
/// use aludel::prelude::*;
///
/// #[derive(Entity, Debug)]
/// #[entity(table = "shelves")]
/// struct Shelf {
///     #[column(primary_key)]
///     id: i64,
/// }
///
/// # fn main() -> aludel::Result<()> {
/// // The same query, as each database takes it.
/// for dialect in aludel::migrate::dialects() {
///     let (sql, _values) = select(Shelf::ID).limit(1).to_sql(&*dialect)?;
///     println!("{}: {sql}", dialect.name());
/// }
/// # Ok(()) }
/// ```
#[must_use]
pub fn dialects() -> Vec<Box<dyn Dialect>> {
    vec![
        #[cfg(feature = "sqlite")]
        Box::new(aludel_sqlite::SqliteDialect),
        #[cfg(feature = "postgres")]
        Box::new(aludel_postgres::PostgresDialect),
        #[cfg(feature = "mysql")]
        Box::new(aludel_mysql::MySqlDialect::default()),
        #[cfg(feature = "mysql")]
        Box::new(aludel_mysql::MySqlDialect::mysql()),
    ]
}
