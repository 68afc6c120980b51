//! Every table of a program, gathered by the linker: no list that somebody could forget to extend.

use std::any::type_name;

use super::{Mapped, TableMeta};

/// A table that is linked into the program; the derive makes one for each entity.
#[doc(hidden)]
#[derive(Debug)]
pub struct LinkedTable {
    table: fn() -> &'static TableMeta,
    /// Returns a name that begins with the module where it is defined.
    path: fn() -> &'static str,
}

impl LinkedTable {
    /// The table of an entity.
    #[must_use]
    pub const fn of<E: Mapped>() -> Self {
        Self { table: || E::TABLE, path: type_name::<E> }
    }

    /// A table that is no entity's.
    #[must_use]
    pub const fn new(table: fn() -> &'static TableMeta, path: fn() -> &'static str) -> Self {
        Self { table, path }
    }
}

inventory::collect!(LinkedTable);

/// Registers a [`LinkedTable`].
#[doc(hidden)]
#[macro_export]
macro_rules! __link_table {
    ($table:expr) => {
        $crate::__inventory::submit! { $table }
    };
}

/// The entities that Aludel's own documentation speaks of.
const EXAMPLES: &str = "aludel::doc";

/// Returns the tables of all entities and association tables that are linked into the program, by schema and name.
pub(crate) fn linked_tables() -> Vec<&'static TableMeta> {
    let linked = inventory::iter::<LinkedTable>();
    let mut tables: Vec<_> =
        linked.filter(|it| !(it.path)().starts_with(EXAMPLES)).map(|it| (it.table)()).collect();
    tables.sort_by_key(|it| (it.schema, it.name));
    tables
}

/// Tells whether a foreign key of any entity or association table that is linked into the program refers to a column. For the session.
#[doc(hidden)]
#[must_use]
pub fn is_referred_to(table: &TableMeta, column: usize) -> bool {
    let refers = |other: &TableMeta| {
        let mut keys = other.columns.iter().filter_map(|it| it.foreign_key);
        keys.any(|key| key.column == column && *(key.table)() == *table)
            || other
                .foreign_keys
                .iter()
                .any(|key| key.parent_columns.contains(&column) && *(key.table)() == *table)
    };
    inventory::iter::<LinkedTable>().any(|it| refers((it.table)()))
}
