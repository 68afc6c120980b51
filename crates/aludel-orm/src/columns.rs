//! Groups of columns that entities embed: mixins and composites.

use aludel_sql::{ColumnMeta, ColumnSet, Field, MAX_COLUMNS, Reader, SqlType};

use crate::derive::Fields;

/// A struct whose fields are columns of each entity that embeds it. Derived by `#[derive(Columns)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no group of columns",
    label = "not a group of columns",
    note = "derive it: `#[derive(Columns)] struct {Self} {{ … }}`"
)]
pub trait Columns: Sized + Send + Sync + 'static {
    /// The columns, in the order of the fields.
    const COLUMNS: &'static [ColumnMeta];

    /// The state of a builder that was not given the group.
    type Missing;

    /// Makes a group of each field in order; `first` is the index of the first column in the table.
    fn read<R: Reader>(fields: &mut Fields<'_, R>, first: usize) -> Self;

    /// Returns the field of a column of the group, by its index there.
    ///
    /// # Panics
    ///
    /// Panics if there is no such column.
    fn field(&self, column: usize) -> &dyn Field;

    /// Returns the field of a column of the group, to be written.
    ///
    /// # Panics
    ///
    /// Panics if there is no such column.
    fn field_mut(&mut self, column: usize) -> &mut dyn Field;

    /// Puts the defaults that the client makes into a group; returns the columns that have one.
    fn preset(&mut self) -> ColumnSet;
}

/// The typed columns of a group in entity `E`, where the first of them is the column `FIRST` of the table.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no group of columns",
    label = "not a group of columns",
    note = "derive it: `#[derive(Columns)] struct {Self} {{ … }}`"
)]
pub trait ColumnsOf<E, const FIRST: usize>: Columns {
    /// A struct with a [`Column`](aludel_sql::Column) for each field.
    type Typed;

    /// The columns.
    const TYPED: Self::Typed;
}

/// Returns the index within a group that begins at `first`, if the column is one of it.
#[must_use]
pub fn within<G: Columns>(column: usize, first: usize) -> Option<usize> {
    column.checked_sub(first).filter(|it| *it < G::COLUMNS.len())
}

/// Joins the columns of an entity and of its groups.
///
/// # Panics
///
/// Panics, and so fails to compile, where two of them have one name, or they are too many.
#[must_use]
#[track_caller]
pub const fn joined<const N: usize>(parts: &[&[ColumnMeta]]) -> [ColumnMeta; N] {
    assert!(N <= MAX_COLUMNS, "a table has at most 256 columns here");
    let mut all = [ColumnMeta::new("", "", SqlType::Boolean); N];
    let (mut at, mut part) = (0, 0);
    while part < parts.len() {
        let mut column = 0;
        while column < parts[part].len() {
            let mut before = 0;
            while before < at {
                assert!(
                    !same_text(all[before].name, parts[part][column].name),
                    "two columns of an entity have one name; give one of its groups a prefix: `#[embedded(prefix = \"…\")]`"
                );
                before += 1;
            }
            all[at] = parts[part][column];
            at += 1;
            column += 1;
        }
        part += 1;
    }
    all
}

pub(crate) const fn same_text(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// The name of a column as bytes, and zeros behind it: no database takes a longer one.
pub type NameBytes = [u8; 64];

/// Returns the names of columns behind a prefix.
///
/// # Panics
///
/// Panics, and so fails to compile, where one becomes too long.
#[must_use]
#[track_caller]
pub const fn prefixed_names<const N: usize>(prefix: &str, columns: &[ColumnMeta]) -> [NameBytes; N] {
    let mut names = [[0; 64]; N];
    let mut at = 0;
    while at < N {
        let (prefix, name) = (prefix.as_bytes(), columns[at].name.as_bytes());
        assert!(
            prefix.len() + name.len() < 64,
            "with its prefix the name of a column is longer than 63 bytes"
        );
        let mut byte = 0;
        while byte < prefix.len() + name.len() {
            names[at][byte] = if byte < prefix.len() { prefix[byte] } else { name[byte - prefix.len()] };
            byte += 1;
        }
        at += 1;
    }
    names
}

/// Returns columns under other names.
///
/// # Panics
///
/// Panics if a name is no UTF-8, which the names of columns are.
#[must_use]
pub const fn renamed<const N: usize>(
    names: &'static [NameBytes; N],
    columns: &[ColumnMeta],
) -> [ColumnMeta; N] {
    let mut all = [ColumnMeta::new("", "", SqlType::Boolean); N];
    let mut at = 0;
    while at < N {
        let mut length = 0;
        while names[at][length] != 0 {
            length += 1;
        }
        let (name, _) = names[at].split_at(length);
        all[at] = columns[at];
        all[at].name = match std::str::from_utf8(name) {
            Ok(name) => name,
            Err(_) => panic!("the name of a column is UTF-8"),
        };
        at += 1;
    }
    all
}
