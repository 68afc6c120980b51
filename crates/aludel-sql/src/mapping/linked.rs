//! Every table of a program, gathered by the linker: no list that somebody could forget to extend.

use super::TableMeta;

/// A table that is linked into the program; the derive makes one for each entity.
#[doc(hidden)]
pub struct LinkedTable {
    /// The table.
    pub table: fn() -> &'static TableMeta,
    /// Where it is defined.
    pub module: &'static str,
}

inventory::collect!(LinkedTable);

/// Registers a table.
#[doc(hidden)]
#[macro_export]
macro_rules! __link_table {
    ($table:expr) => {
        $crate::__inventory::submit! { $crate::LinkedTable { table: $table, module: ::core::module_path!() } }
    };
}

/// The entities that Aludel's own documentation speaks of.
const EXAMPLES: &str = "aludel::doc";

/// Returns the tables of all entities and association tables that are linked into the program, by schema and name.
pub(crate) fn linked_tables() -> Vec<&'static TableMeta> {
    let linked = inventory::iter::<LinkedTable>();
    let mut tables: Vec<_> = linked.filter(|it| it.module != EXAMPLES).map(|it| (it.table)()).collect();
    tables.sort_by_key(|it| (it.schema, it.name));
    tables
}
