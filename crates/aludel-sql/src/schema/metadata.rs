//! A set of tables, and the order in which they can be created.

use crate::error::{Error, ErrorKind, Result};
use crate::mapping::{Association, Mapped, TableMeta};
use crate::schema::{ForeignKey, Table};

/// The tables of a program.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// let metadata = Metadata::of((Book, Author));
/// // `engine.create_all(&metadata)` creates them in this order.
/// let (tables, _) = metadata.creation_order()?;
/// assert_eq!(tables.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["authors", "books"]);
/// # Ok::<(), aludel::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    tables: Vec<Table>,
}

/// A foreign key that can be added only after its table was created, because tables refer to each other in a circle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeferredForeignKey {
    /// The table that has it.
    pub table: String,
    /// The schema of that table, if not the default one.
    pub schema: Option<String>,
    /// The foreign key.
    pub foreign_key: ForeignKey,
}

impl Metadata {
    /// The tables of these entities and association tables: one, or a tuple of them.
    #[must_use]
    pub fn of(entities: impl Tables) -> Self {
        let mut tables = Vec::new();
        entities.push_tables(&mut tables);
        Self { tables: tables.into_iter().map(Table::of).collect() }
    }

    /// These tables.
    #[must_use]
    pub fn from_tables(tables: Vec<Table>) -> Self {
        Self { tables }
    }

    /// Returns a table by schema and name.
    #[must_use]
    pub fn table(&self, schema: Option<&str>, name: &str) -> Option<&Table> {
        self.tables.iter().find(|it| it.name == name && it.schema.as_deref() == schema)
    }

    /// Returns the tables, to be changed.
    pub fn tables_mut(&mut self) -> &mut Vec<Table> {
        &mut self.tables
    }

    /// Returns the tables, as they were given.
    #[must_use]
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Returns the tables with parents before children, and the foreign keys that close a circle, which can be created only after
    /// all tables.
    ///
    /// # Errors
    ///
    /// Kind `Schema` where a foreign key refers to a table that is not among these, or two tables have the same name.
    pub fn creation_order(&self) -> Result<(Vec<&Table>, Vec<DeferredForeignKey>)> {
        for (at, table) in self.tables.iter().enumerate() {
            if self.tables[..at].iter().any(|it| it.name == table.name && it.schema == table.schema) {
                return Err(Error::new(ErrorKind::Schema, format!("two tables are called `{}`", table.name))
                    .with_table(&table.name)
                    .help("give one of the entities another `#[entity(table = \"…\")]`, or name it once"));
            }
            if let Some(missing) = table.foreign_keys.iter().find(|it| self.parent(it).is_none()) {
                return Err(Error::new(
                    ErrorKind::Schema,
                    format!("`{}` refers to `{}`, which is not in the metadata", table.name, missing.parent),
                )
                .with_table(&table.name)
                .with_constraint(&missing.name)
                .help(format!("add the entity of `{}` to `Metadata::of((…))`", missing.parent)));
            }
        }
        let mut order: Vec<usize> = Vec::with_capacity(self.tables.len());
        let mut deferred = Vec::new();
        let mut placed = vec![false; self.tables.len()];
        while order.len() < self.tables.len() {
            let ready = |at: &usize| {
                !placed[*at]
                    && self.tables[*at].foreign_keys.iter().all(|key| {
                        let parent = self.parent(key).unwrap_or(*at);
                        parent == *at || placed[parent]
                    })
            };
            // Nothing is ready: there is a circle. The first table left goes now, and what it refers to comes later.
            let next = (0..self.tables.len())
                .find(ready)
                .or_else(|| placed.iter().position(|it| !it))
                .expect("a table is left, by the condition of the loop");
            for key in &self.tables[next].foreign_keys {
                let parent = self.parent(key).unwrap_or(next);
                if parent != next && !placed[parent] {
                    deferred.push(DeferredForeignKey {
                        table: self.tables[next].name.clone(),
                        schema: self.tables[next].schema.clone(),
                        foreign_key: key.clone(),
                    });
                }
            }
            placed[next] = true;
            order.push(next);
        }
        Ok((order.into_iter().map(|at| &self.tables[at]).collect(), deferred))
    }

    fn parent(&self, key: &ForeignKey) -> Option<usize> {
        self.tables.iter().position(|it| it.name == key.parent && it.schema == key.parent_schema)
    }
}

/// One entity or association table, or a tuple of them.
pub trait Tables {
    /// Adds the tables.
    fn push_tables(self, tables: &mut Vec<&'static TableMeta>);
}

impl<E: Mapped> Tables for crate::Of<E> {
    fn push_tables(self, tables: &mut Vec<&'static TableMeta>) {
        tables.push(E::TABLE);
    }
}

impl<A, B> Tables for Association<A, B> {
    fn push_tables(self, tables: &mut Vec<&'static TableMeta>) {
        tables.push(self.table());
    }
}

macro_rules! tuples {
    ($(($($name:ident)+))*) => {$(
        impl<$($name: Tables),+> Tables for ($($name,)+) {
            fn push_tables(self, tables: &mut Vec<&'static TableMeta>) {
                #[allow(non_snake_case)]
                let ($($name,)+) = self;
                $($name.push_tables(tables);)+
            }
        }
    )*};
}

tuples! {
    (A)
    (A B)
    (A B C)
    (A B C D)
    (A B C D E)
    (A B C D E F)
    (A B C D E F G)
    (A B C D E F G H)
    (A B C D E F G H I)
    (A B C D E F G H I J)
    (A B C D E F G H I J K)
    (A B C D E F G H I J K L)
    (A B C D E F G H I J K L M)
    (A B C D E F G H I J K L M N)
    (A B C D E F G H I J K L M N O)
    (A B C D E F G H I J K L M N O P)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::ReferentialAction;
    use crate::schema::{Deferrable, Key};

    fn table(name: &str, parents: &[&str]) -> Table {
        Table {
            primary_key: Key { name: format!("pk_{name}"), columns: vec!["id".to_owned()] },
            foreign_keys: parents
                .iter()
                .map(|parent| ForeignKey {
                    name: format!("fk_{name}_{parent}"),
                    columns: vec![format!("{parent}_id")],
                    parent: (*parent).to_owned(),
                    parent_schema: None,
                    parent_columns: vec!["id".to_owned()],
                    on_delete: ReferentialAction::NoAction,
                    on_update: ReferentialAction::NoAction,
                    deferrable: Deferrable::No,
                })
                .collect(),
            ..Table::new(name)
        }
    }

    fn order(tables: Vec<Table>) -> (Vec<String>, Vec<String>) {
        let metadata = Metadata::from_tables(tables);
        let (order, deferred) = metadata.creation_order().unwrap();
        (
            order.iter().map(|it| it.name.clone()).collect(),
            deferred.iter().map(|it| it.foreign_key.name.clone()).collect(),
        )
    }

    #[test]
    fn parents_come_before_children() {
        let tables =
            vec![table("chunks", &["documents"]), table("documents", &["users"]), table("users", &["users"])];
        assert_eq!(order(tables).0, ["users", "documents", "chunks"]);
    }

    #[test]
    fn a_circle_is_closed_after_all_tables_are_there() {
        let (order, deferred) = order(vec![table("a", &["b"]), table("b", &["a"])]);
        assert_eq!((order, deferred), (vec!["a".into(), "b".into()], vec!["fk_a_b".to_owned()]));
    }

    #[test]
    fn a_foreign_key_to_a_table_that_is_not_there_names_both() {
        let error = Metadata::from_tables(vec![table("books", &["authors"])]).creation_order().unwrap_err();
        assert_eq!(error.what(), "`books` refers to `authors`, which is not in the metadata");
    }
}
