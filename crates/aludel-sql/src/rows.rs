//! Statements over many rows of one shape: what a flush and a bulk insert send.
//!
//! Their values are not in the statement; they are read from the objects when it runs. So one text serves every flush of the same
//! shape, and a dialect may bind the rows in the way that is fastest for it ([`RowBinding`]).

use crate::mapping::{ColumnSet, TableMeta};
use crate::row_binding::RowBinding;

/// INSERT of rows that give the same columns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InsertRows {
    /// The table.
    pub table: &'static TableMeta,
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
    /// The columns that change. The parameters of a row are these in order, then those of the key in order.
    pub columns: ColumnSet,
    /// The columns that find a row: the primary key, and the version if there is one.
    pub key: ColumnSet,
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
        Self { table, columns, key: table.primary_key().collect() }
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
        Self { table, columns, key: table.primary_key().chain(version).collect() }
    }
}

/// DELETE of rows by key; the parameters of a row are the columns of the key in order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeleteRows {
    /// The table.
    pub table: &'static TableMeta,
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
        Self { table, key: table.primary_key().collect() }
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
        Self { table, key: table.primary_key().chain(table.version()).collect() }
    }
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
