//! Statements over many rows of one shape: what a flush and a bulk insert send.
//!
//! Their values are not in the statement; they are read from the objects when it runs. So one text serves every flush of the same
//! shape, and a dialect may bind the rows in the way that is fastest for it ([`RowBinding`]).

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::mapping::{ColumnSet, TableMeta};
use crate::row_binding::RowBinding;
use crate::schema_map::SchemaMap;

/// INSERT of rows that give the same columns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InsertRows {
    /// The table.
    pub table: &'static TableMeta,
    /// The schema that it is in: the one that it is declared in, unless the engine [translates](SchemaMap) it.
    pub schema: Option<&'static str>,
    /// The columns that are given, in order the parameters of a row.
    pub columns: ColumnSet,
    /// The columns whose values the database makes and the caller wants, in order the cells of a row of the result. One row comes back
    /// for each row inserted, in the same order.
    pub returning: ColumnSet,
}

/// UPDATE of rows by key that change the same columns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UpdateRows {
    /// The table.
    pub table: &'static TableMeta,
    /// The schema that it is in: the one that it is declared in, unless the engine [translates](SchemaMap) it.
    pub schema: Option<&'static str>,
    /// The columns that change. The parameters of a row are these in order, then those of the key in order.
    pub columns: ColumnSet,
    /// The columns that find a row: the primary key, and the version if there is one.
    pub key: ColumnSet,
}

impl InsertRows {
    /// Of rows that give these columns, and bring those back.
    ///
    /// ```
    /// # use library::Author;
    /// use aludel::{Dialect, Mapped, SqliteDialect};
    /// use aludel_sql::{ColumnSet, InsertRows};
    ///
    /// let columns = ColumnSet::from_iter([Author::NAME.index()]);
    /// let shape = InsertRows::new(Author::TABLE, columns, ColumnSet::EMPTY);
    /// assert_eq!(SqliteDialect.insert_rows(&shape, 2)?.text, "INSERT INTO authors (name) VALUES (?1), (?2)");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub const fn new(table: &'static TableMeta, columns: ColumnSet, returning: ColumnSet) -> Self {
        Self { table, schema: table.schema, columns, returning }
    }

    /// The same in the schema that stands for that of the table. Names of schemas are kept as long as the program runs.
    ///
    /// ```
    /// # use library::Author;
    /// use aludel::{Dialect, Mapped, PostgresDialect, SchemaMap};
    /// use aludel_sql::{ColumnSet, InsertRows};
    ///
    /// let columns = ColumnSet::from_iter([Author::NAME.index()]);
    /// let shape = InsertRows::new(Author::TABLE, columns, ColumnSet::EMPTY);
    /// let shape = shape.translate_schema(&SchemaMap::new().default_to("tenant_7"));
    /// assert_eq!(PostgresDialect.insert_rows(&shape, 1)?.text, "INSERT INTO tenant_7.authors (name) VALUES ($1)");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn translate_schema(self, map: &SchemaMap) -> Self {
        Self { schema: translated(map, self.table), ..self }
    }
}

impl UpdateRows {
    /// By primary key.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::Mapped;
    /// use aludel_sql::{ColumnSet, UpdateRows};
    ///
    /// let shape = UpdateRows::by_primary_key(Book::TABLE, ColumnSet::from_iter([Book::YEAR.index()]));
    /// assert!(shape.key.contains(Book::ID.index()));
    /// ```
    #[must_use]
    pub fn by_primary_key(table: &'static TableMeta, columns: ColumnSet) -> Self {
        Self { table, schema: table.schema, columns, key: table.primary_key().collect() }
    }

    /// By primary key, and by the version if the UPDATE changes it.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// use aludel::Mapped;
    /// use aludel_sql::{ColumnSet, UpdateRows};
    ///
    /// #[derive(Entity)]
    /// #[entity(table = "pages")]
    /// struct Page {
    ///     #[column(primary_key)]
    ///     id: i64,
    ///     text: String,
    ///     #[column(version)]
    ///     version: i64,
    /// }
    /// # fn main() {
    /// // UPDATE pages SET text = ?, version = ? WHERE id = ? AND version = ?
    /// let columns = ColumnSet::from_iter([Page::TEXT.index(), Page::VERSION.index()]);
    /// assert_eq!(UpdateRows::by_version(Page::TABLE, columns).key.len(), 2);
    /// # }
    /// ```
    #[must_use]
    pub fn by_version(table: &'static TableMeta, columns: ColumnSet) -> Self {
        let version = table.version().filter(|it| columns.contains(*it));
        Self { table, schema: table.schema, columns, key: table.primary_key().chain(version).collect() }
    }

    /// The same in the schema that stands for that of the table, as [`InsertRows::translate_schema`].
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::{Dialect, Mapped, PostgresDialect, SchemaMap};
    /// use aludel_sql::{ColumnSet, UpdateRows};
    ///
    /// let shape = UpdateRows::by_primary_key(Book::TABLE, ColumnSet::from_iter([Book::YEAR.index()]));
    /// let shape = shape.translate_schema(&SchemaMap::new().default_to("tenant_7"));
    /// let sql = PostgresDialect.update_rows(&shape, 1, false)?;
    /// assert_eq!(sql.text, "UPDATE tenant_7.books SET year = $1 WHERE id = $2");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn translate_schema(self, map: &SchemaMap) -> Self {
        Self { schema: translated(map, self.table), ..self }
    }
}

/// DELETE of rows by key; the parameters of a row are the columns of the key in order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeleteRows {
    /// The table.
    pub table: &'static TableMeta,
    /// The schema that it is in: the one that it is declared in, unless the engine [translates](SchemaMap) it.
    pub schema: Option<&'static str>,
    /// The columns that find a row, or several.
    pub key: ColumnSet,
}

impl DeleteRows {
    /// By primary key.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::Mapped;
    /// use aludel_sql::DeleteRows;
    ///
    /// assert_eq!(DeleteRows::by_primary_key(Book::TABLE).key.iter().collect::<Vec<_>>(), [Book::ID.index()]);
    /// ```
    #[must_use]
    pub fn by_primary_key(table: &'static TableMeta) -> Self {
        Self::by(table, table.primary_key().collect())
    }

    /// By these columns, which may find several rows each.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::{Dialect, Mapped, SqliteDialect};
    /// use aludel_sql::{ColumnSet, DeleteRows};
    ///
    /// let shape = DeleteRows::by(Book::TABLE, ColumnSet::from_iter([Book::AUTHOR_ID.index()]));
    /// assert_eq!(SqliteDialect.delete_rows(&shape, 1, false)?.text, "DELETE FROM books WHERE author_id = ?1");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub const fn by(table: &'static TableMeta, key: ColumnSet) -> Self {
        Self { table, schema: table.schema, key }
    }

    /// By primary key, and by the version if there is one.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// use aludel::Mapped;
    /// use aludel_sql::DeleteRows;
    ///
    /// #[derive(Entity)]
    /// #[entity(table = "pages")]
    /// struct Page {
    ///     #[column(primary_key)]
    ///     id: i64,
    ///     text: String,
    ///     #[column(version)]
    ///     version: i64,
    /// }
    /// # fn main() {
    /// // A row that somebody has changed meanwhile is not deleted.
    /// assert!(DeleteRows::by_version(Page::TABLE).key.contains(Page::VERSION.index()));
    /// # }
    /// ```
    #[must_use]
    pub fn by_version(table: &'static TableMeta) -> Self {
        Self::by(table, table.primary_key().chain(table.version()).collect())
    }

    /// The same in the schema that stands for that of the table, as [`InsertRows::translate_schema`].
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::{Dialect, Mapped, PostgresDialect, SchemaMap};
    /// use aludel_sql::DeleteRows;
    ///
    /// let shape = DeleteRows::by_primary_key(Book::TABLE).translate_schema(&SchemaMap::new().default_to("tenant_7"));
    /// assert_eq!(PostgresDialect.delete_rows(&shape, 1, false)?.text, "DELETE FROM tenant_7.books WHERE id = $1");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn translate_schema(self, map: &SchemaMap) -> Self {
        Self { schema: translated(map, self.table), ..self }
    }
}

/// Returns the schema in which a table is, as a name that is kept: shapes are copied freely, as are the descriptions of tables that they
/// refer to. It is asked for when a text is written, not for each row.
fn translated(map: &SchemaMap, table: &TableMeta) -> Option<&'static str> {
    static NAMES: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);

    let name = map.translate(table.schema)?;
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return Some(*known);
    }
    let kept: &'static str = Box::leak(Box::from(name));
    names.insert(kept);
    Some(kept)
}

/// Text for many rows, and how the rows are bound to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowsSql {
    /// The text.
    pub text: String,
    /// How the rows are bound.
    pub binding: RowBinding,
    /// The quoted name of the generated key that the driver has to find out, because the text has no RETURNING for it.
    pub find_keys: Option<String>,
    /// Whether the statement fails by itself when it does not match all its rows; then it answers with a row, not with a number of rows.
    pub counts_itself: bool,
}

impl RowsSql {
    /// Text whose results, if any, are written in it.
    ///
    /// ```
    /// use aludel_sql::{RowBinding, RowsSql};
    ///
    /// let each = RowsSql::new("DELETE FROM books WHERE id = ?1".into(), RowBinding::Each);
    /// assert!(each.find_keys.is_none() && !each.counts_itself);
    /// ```
    #[must_use]
    pub fn new(text: String, binding: RowBinding) -> Self {
        Self { text, binding, find_keys: None, counts_itself: false }
    }
}

/// How many rows one statement may take.
///
/// A dialect may write one row in another way than many; the text for many is the same whatever their number, or one of
/// the classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowCounts {
    /// Any number up to this, with the same text.
    UpTo(usize),
    /// One of these numbers, each with a text of its own, largest first, the last of them 1: rows are dealt out greedily.
    Classes(&'static [usize]),
}

impl RowCounts {
    /// Returns the class of a number of rows: numbers of the same class have the same text.
    ///
    /// ```
    /// use aludel_sql::RowCounts;
    ///
    /// // One row may be written in another way than many.
    /// let arrays = RowCounts::UpTo(20_000);
    /// assert_eq!((arrays.class(1), arrays.class(7), arrays.class(20_000)), (1, 2, 2));
    /// let groups = RowCounts::Classes(&[100, 10, 1]);
    /// assert_eq!(groups.class(10), 10);
    /// ```
    #[must_use]
    pub fn class(self, rows: usize) -> usize {
        match self {
            Self::UpTo(_) => rows.min(2),
            Self::Classes(_) => rows,
        }
    }

    /// Deals `rows` out to statements: returns how many the next statement takes.
    ///
    /// ```
    /// use aludel_sql::RowCounts;
    ///
    /// // 123 rows of three parameters each, where a statement takes at most 200 parameters.
    /// let (counts, mut left, mut dealt) = (RowCounts::Classes(&[100, 10, 1]), 123, Vec::new());
    /// while left > 0 {
    ///     dealt.push(counts.next(left, 3, 200));
    ///     left -= dealt.last().unwrap();
    /// }
    /// assert_eq!(dealt, [[10; 12].as_slice(), &[1; 3]].concat());
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `rows` is 0.
    #[must_use]
    pub fn next(self, rows: usize, parameters_per_row: usize, max_parameters: usize) -> usize {
        assert!(rows > 0, "there are no rows to deal out");
        match self {
            Self::UpTo(max) => rows.min(max),
            Self::Classes(classes) => {
                let fits = |n: &&usize| **n <= rows && **n * parameters_per_row.max(1) <= max_parameters;
                classes.iter().find(fits).copied().unwrap_or(1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_dealt_out_to_few_texts() {
        let classes = RowCounts::Classes(&[100, 10, 1]);
        let mut left = 257;
        let mut dealt = vec![];
        while left > 0 {
            let n = classes.next(left, 3, 32_766);
            dealt.push(n);
            left -= n;
        }
        assert_eq!(dealt, [100, 100, 10, 10, 10, 10, 10, 1, 1, 1, 1, 1, 1, 1]);
    }

    #[test]
    fn a_class_that_needs_too_many_parameters_is_passed_over() {
        assert_eq!(RowCounts::Classes(&[500, 100, 1]).next(1_000, 200, 32_766), 100);
    }
}
