//! What a session asks of a table again and again.

use aludel_sql::{ColumnSet, IndexOfMeta, TableMeta};

/// Facts about a table, found out when the program is compiled.
#[derive(Debug)]
pub(super) struct TableFacts {
    /// The column of the primary key, where it is one.
    pub(super) key: Option<usize>,
    /// The column of the primary key that the database generates.
    pub(super) generated_key: Option<usize>,
    /// The columns that queries leave out unless they are asked for them.
    pub(super) deferred: ColumnSet,
    /// The columns that every INSERT gives.
    pub(super) always_given: ColumnSet,
    /// The columns that an INSERT gives if the object does.
    pub(super) sometimes_given: ColumnSet,
    /// The columns that are foreign keys, or parts of one.
    pub(super) foreign_keys: ColumnSet,
    /// The columns of unique keys, or more than these where one is of the table and not of a column.
    pub(super) unique: ColumnSet,
    /// The columns that change with every UPDATE.
    pub(super) changed_by_update: ColumnSet,
    /// The columns whose values are looked at before they are sent.
    pub(super) validated: ColumnSet,
    /// Whether the database computes a column of other columns.
    pub(super) computes: bool,
}

impl TableFacts {
    pub(super) const fn of(table: &TableMeta) -> Self {
        let mut facts = Self {
            key: None,
            generated_key: None,
            deferred: ColumnSet::EMPTY,
            always_given: ColumnSet::EMPTY,
            sometimes_given: ColumnSet::EMPTY,
            foreign_keys: ColumnSet::EMPTY,
            unique: ColumnSet::EMPTY,
            changed_by_update: ColumnSet::EMPTY,
            validated: ColumnSet::EMPTY,
            computes: false,
        };
        let (mut at, mut keys) = (0, 0);
        while at < table.columns.len() {
            let column = &table.columns[at];
            if column.primary_key {
                keys += 1;
                facts.key = if keys == 1 { Some(at) } else { None };
            }
            if column.generated && facts.generated_key.is_none() {
                facts.generated_key = Some(at);
            }
            if column.is_filled_in() {
                facts.sometimes_given.insert(at);
            } else {
                facts.always_given.insert(at);
            }
            if column.deferred {
                facts.deferred.insert(at);
            }
            if column.foreign_key.is_some() {
                facts.foreign_keys.insert(at);
            }
            if column.primary_key || column.unique {
                facts.unique.insert(at);
            }
            if column.version || column.onupdate.is_some() {
                facts.changed_by_update.insert(at);
            }
            if column.validate.is_some() {
                facts.validated.insert(at);
            }
            facts.computes |= column.computed.is_some();
            at += 1;
        }
        facts.of_several_columns(table)
    }

    /// Adds the keys that are of the table and not of a column.
    const fn of_several_columns(mut self, table: &TableMeta) -> Self {
        let mut at = 0;
        while at < table.foreign_keys.len() {
            insert_all(&mut self.foreign_keys, table.foreign_keys[at].columns);
            at += 1;
        }
        at = 0;
        while at < table.uniques.len() {
            insert_all(&mut self.unique, table.uniques[at].columns);
            at += 1;
        }
        at = 0;
        while at < table.indexes.len() {
            let (parts, mut part) = (table.indexes[at].parts, 0);
            while table.indexes[at].unique && part < parts.len() {
                if let IndexOfMeta::Column(column) = parts[part].of {
                    self.unique.insert(column);
                }
                part += 1;
            }
            at += 1;
        }
        self
    }
}

const fn insert_all(set: &mut ColumnSet, columns: &[usize]) {
    let mut at = 0;
    while at < columns.len() {
        set.insert(columns[at]);
        at += 1;
    }
}
