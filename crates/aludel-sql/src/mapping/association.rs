//! Association tables: the bare tables of many-to-many relations.

use std::fmt;
use std::marker::PhantomData;

use super::TableMeta;

/// A table that ties rows of `A` to rows of `B` and has nothing to say about them. Made by `association_table!`.
///
/// A tie with columns of its own (when it was made, by whom) is an entity with two `BelongsTo`.
pub struct Association<A, B> {
    name: &'static str,
    columns: [&'static str; 2],
    table: fn() -> &'static TableMeta,
    marker: Marker<A, B>,
}

type Marker<A, B> = PhantomData<fn() -> (A, B)>;

impl<A, B> Association<A, B> {
    /// Names a table and its columns. For `association_table!`.
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        name: &'static str,
        columns: [&'static str; 2],
        table: fn() -> &'static TableMeta,
    ) -> Self {
        Self { name, columns, table, marker: PhantomData }
    }

    /// Returns the name of the table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// Returns the names of its columns: the key of `A`, and the key of `B`.
    #[must_use]
    pub const fn columns(self) -> [&'static str; 2] {
        self.columns
    }

    /// Returns what is known about the table.
    #[must_use]
    pub fn table(self) -> &'static TableMeta {
        (self.table)()
    }

    /// Says how a relation goes through the table: which of its two columns holds the key of the side that the relation starts from.
    #[doc(hidden)]
    #[must_use]
    pub const fn secondary(self, local: usize) -> Secondary {
        Secondary { name: self.name, table: self.table, local }
    }
}

impl<A, B> Clone for Association<A, B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A, B> Copy for Association<A, B> {}

impl<A, B> fmt::Debug for Association<A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// How a many-to-many relation goes through its association table (`secondary`).
#[derive(Clone, Copy)]
pub struct Secondary {
    /// The name of the table.
    pub name: &'static str,
    /// The table. A function, because it refers to both sides.
    pub table: fn() -> &'static TableMeta,
    /// Which of its two columns holds the key of the side that the relation starts from; the other one holds the other's.
    pub local: usize,
}

impl Secondary {
    /// Returns the column that holds the key of the side that the relation leads to.
    #[must_use]
    pub const fn remote(&self) -> usize {
        1 - self.local
    }
}
