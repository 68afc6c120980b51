//! The order in which tables can be created.

use super::constraint::ForeignKey;
use super::ddl::{Ddl, DdlKind, DdlOrder};
use super::metadata::Metadata;
use super::table::Table;
use crate::error::{Error, ErrorKind, Result};

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
    /// Returns the tables with parents before children, and the foreign keys that close a circle, which can be created only after
    /// all tables.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let metadata = Metadata::of((Book, Author));
    /// let (tables, deferred) = metadata.creation_order()?;
    /// assert_eq!(tables.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["authors", "books"]);
    /// assert!(deferred.is_empty()); // no circle
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` where a foreign key or a trigger refers to a table that is not among these, or two tables have the same name.
    pub fn creation_order(&self) -> Result<(Vec<&Table>, Vec<DeferredForeignKey>)> {
        let tables = self.tables();
        for (at, table) in tables.iter().enumerate() {
            if tables[..at].iter().any(|it| it.name == table.name && it.schema == table.schema) {
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
        let enums = self.enums();
        for (at, it) in enums.iter().enumerate() {
            if enums[..at].iter().any(|other| other.name == it.name && other.schema == it.schema) {
                return Err(Error::new(
                    ErrorKind::Schema,
                    format!("two enum types are called `{}` and have other values", it.name),
                )
                .help("give one of them another name"));
            }
        }
        let domains = self.domains();
        for (at, it) in domains.iter().enumerate() {
            let is_same = |schema: &Option<String>, name: &String| *schema == it.schema && *name == it.name;
            if domains[..at].iter().any(|other| is_same(&other.schema, &other.name)) {
                return Err(Error::new(
                    ErrorKind::Schema,
                    format!("two domains are called `{}` and differ", it.name),
                )
                .help("give one of them another name"));
            }
            if enums.iter().any(|other| is_same(&other.schema, &other.name)) {
                return Err(Error::new(
                    ErrorKind::Schema,
                    format!("a domain and an enum type are called `{}`", it.name),
                )
                .help("give one of them another name"));
            }
        }
        self.check_ddls()?;
        let mut order: Vec<usize> = Vec::with_capacity(tables.len());
        let mut deferred = Vec::new();
        let mut placed = vec![false; tables.len()];
        while order.len() < tables.len() {
            let ready = |at: &usize| {
                !placed[*at]
                    && tables[*at].foreign_keys.iter().all(|key| {
                        let parent = self.parent(key).unwrap_or(*at);
                        parent == *at || placed[parent]
                    })
            };
            // Nothing is ready: there is a circle. The first table left goes now, and what it refers to comes later.
            let next = (0..tables.len())
                .find(ready)
                .or_else(|| placed.iter().position(|it| !it))
                .expect("a table is left, by the condition of the loop");
            for key in &tables[next].foreign_keys {
                let parent = self.parent(key).unwrap_or(next);
                if parent != next && !placed[parent] {
                    deferred.push(DeferredForeignKey {
                        table: tables[next].name.clone(),
                        schema: tables[next].schema.clone(),
                        foreign_key: key.clone(),
                    });
                }
            }
            placed[next] = true;
            order.push(next);
        }
        Ok((order.into_iter().map(|at| &tables[at]).collect(), deferred))
    }

    /// Returns what comes before the tables and what comes after them, each in the order in which it is created.
    ///
    /// Before: statements of the whole, then functions and procedures, then statements of tables. After: functions and procedures, then what
    /// belongs to a table, in the order of the tables, then statements of the whole. What is alike is in the order in which it was declared.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// use aludel::schema::Ddl;
    ///
    /// let metadata = Metadata::of((Book, Author))
    ///     .ddl(Ddl::trigger("of_books", "books"))
    ///     .ddl(Ddl::trigger("of_authors", "authors"))
    ///     .ddl(Ddl::function("f"));
    /// let (before, after) = metadata.ddl_order()?;
    /// assert_eq!(before[0].name, "f");
    /// assert_eq!(after.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["of_authors", "of_books"]);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`creation_order`](Self::creation_order).
    pub fn ddl_order(&self) -> Result<(Vec<&Ddl>, Vec<&Ddl>)> {
        let (tables, _) = self.creation_order()?;
        let (mut before, mut after): (Vec<&Ddl>, Vec<&Ddl>) = self
            .ddls()
            .iter()
            .partition(|it| it.order == DdlOrder::BeforeTables && it.kind != DdlKind::Trigger);
        let at = |ddl: &Ddl| {
            let of = ddl.table.as_ref()?;
            tables.iter().position(|it| it.name == of.name && it.schema == of.schema)
        };
        before.sort_by_key(|it| match at(it) {
            _ if it.kind.is_routine() => 1,
            Some(at) => 2 + at,
            None => 0,
        });
        after.sort_by_key(|it| match at(it) {
            _ if it.kind.is_routine() => 0,
            Some(at) => 1 + at,
            None => usize::MAX,
        });
        Ok((before, after))
    }

    fn check_ddls(&self) -> Result<()> {
        for (at, ddl) in self.ddls().iter().enumerate() {
            let (kind, name) = (ddl.kind.word(), &ddl.name);
            if self.ddls()[..at].iter().any(|it| it.has_name_of(ddl)) {
                let what = format!("the {kind} `{name}` is there twice");
                return Err(Error::new(ErrorKind::Schema, what)
                    .help("name it once, or give one of them another name"));
            }
            if let Some(table) = &ddl.table
                && self.table(table.schema.as_deref(), &table.name).is_none()
            {
                let what = format!("the {kind} `{name}` belongs to `{table}`, which is not in the metadata");
                return Err(Error::new(ErrorKind::Schema, what)
                    .with_table(&table.name)
                    .help(format!("add the entity of `{table}` to `Metadata::of((…))`")));
            }
        }
        Ok(())
    }

    fn parent(&self, key: &ForeignKey) -> Option<usize> {
        self.tables().iter().position(|it| it.name == key.parent && it.schema == key.parent_schema)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Key;

    fn table(name: &str, parents: &[&str]) -> Table {
        Table {
            primary_key: Key { name: format!("pk_{name}"), columns: vec!["id".to_owned()] },
            foreign_keys: parents
                .iter()
                .map(|parent| ForeignKey {
                    name: format!("fk_{name}_{parent}"),
                    columns: vec![format!("{parent}_id")],
                    parent: (*parent).to_owned(),
                    parent_columns: vec!["id".to_owned()],
                    ..ForeignKey::default()
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
    fn two_domains_of_one_name_must_be_the_same() {
        use crate::schema::{ColumnDef, Domain};
        let with = |under| {
            let mut table = Table::new(format!("of_{under:?}"));
            table.columns.push(ColumnDef::new("email", Domain::new("email", under)));
            table
        };
        let (text, number) = (with(crate::SqlType::Text), with(crate::SqlType::BigInt));
        let twice = Table { name: "again".into(), ..text.clone() };
        Metadata::from_tables(vec![text.clone(), twice]).creation_order().unwrap();
        let error = Metadata::from_tables(vec![text, number]).creation_order().unwrap_err();
        assert_eq!(error.what(), "two domains are called `email` and differ");
    }

    #[test]
    fn a_foreign_key_to_a_table_that_is_not_there_names_both() {
        let error = Metadata::from_tables(vec![table("books", &["authors"])]).creation_order().unwrap_err();
        assert_eq!(error.what(), "`books` refers to `authors`, which is not in the metadata");
    }
}
