//! The schema as plain data: what models declare, `create_all` makes, inspectors read back and migrations change.

mod metadata;

pub use metadata::{DeferredForeignKey, Metadata, Tables};

use crate::identifier::shorten_identifier;
use crate::mapping::{ColumnMeta, ReferentialAction, ServerDefault, TableMeta};
use crate::sql_type::SqlType;

/// A table.
///
/// ```
/// # use library::Book;
/// let books = Book::table();
/// assert_eq!(books.primary_key.columns, ["id"]);
/// assert_eq!(books.foreign_keys[0].name, "fk_books_author_id_authors");
/// assert!(!books.column("title").unwrap().nullable);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// The schema it is in, if not the default one.
    pub schema: Option<String>,
    /// Its columns, in order.
    pub columns: Vec<ColumnDef>,
    /// Its primary key.
    pub primary_key: Key,
    /// Its unique constraints.
    pub uniques: Vec<Key>,
    /// Its foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// Its CHECK constraints.
    pub checks: Vec<Check>,
    /// Its indexes.
    pub indexes: Vec<Key>,
    /// Its comment.
    pub comment: Option<String>,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnDef {
    /// Its name.
    pub name: String,
    /// Its type.
    pub sql_type: SqlType,
    /// Whether it accepts NULL.
    pub nullable: bool,
    /// Whether the database generates an integer key.
    pub generated: bool,
    /// The default that the database fills in.
    pub server_default: Option<ServerDefault>,
    /// Its collation, if not the usual one.
    pub collation: Option<String>,
    /// Its comment.
    pub comment: Option<String>,
}

/// A named list of columns: a primary key, a unique constraint, an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name.
    pub name: String,
    /// The names of its columns, in order.
    pub columns: Vec<String>,
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    /// Its name.
    pub name: String,
    /// The columns of this table.
    pub columns: Vec<String>,
    /// The table referred to.
    pub parent: String,
    /// The schema of that table, if not the default one.
    pub parent_schema: Option<String>,
    /// The columns referred to.
    pub parent_columns: Vec<String>,
    /// What happens here when a row there is deleted.
    pub on_delete: ReferentialAction,
    /// What happens here when a key there changes.
    pub on_update: ReferentialAction,
}

/// A CHECK constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// The condition, in SQL.
    pub condition: String,
}

impl Table {
    /// Makes the table that a mapping describes.
    ///
    /// Constraints are named by convention: `pk_users`, `uq_users_email`, `fk_documents_owner_id_users`, `ix_documents_title`,
    /// `ck_documents_title`.
    #[must_use]
    pub fn of(meta: &TableMeta) -> Self {
        let columns_named = |indexes: &[usize]| {
            indexes.iter().map(|it| meta.columns[*it].name.to_owned()).collect::<Vec<_>>()
        };
        let key = |prefix: &str, columns: Vec<String>| Key {
            name: shorten_identifier(format!("{prefix}_{}_{}", meta.name, columns.join("_"))),
            columns,
        };
        let single = |which: fn(&ColumnMeta) -> bool| {
            meta.columns.iter().filter(move |it| which(it)).map(|it| vec![it.name.to_owned()])
        };
        Self {
            name: meta.name.to_owned(),
            schema: meta.schema.map(str::to_owned),
            columns: meta.columns.iter().map(ColumnDef::of).collect(),
            primary_key: Key {
                name: shorten_identifier(format!("pk_{}", meta.name)),
                columns: columns_named(&meta.primary_key().collect::<Vec<_>>()),
            },
            uniques: single(|it| it.unique)
                .chain(meta.uniques.iter().map(|it| columns_named(it)))
                .map(|columns| key("uq", columns))
                .collect(),
            foreign_keys: meta.columns.iter().filter_map(|column| ForeignKey::of(meta, column)).collect(),
            checks: meta
                .columns
                .iter()
                .filter_map(|column| column.check.map(|condition| (column.name, condition)))
                .chain(meta.checks.iter().copied())
                .enumerate()
                .map(|(at, (name, condition))| Check {
                    name: shorten_identifier(if name.is_empty() {
                        format!("ck_{}_{}", meta.name, at + 1)
                    } else {
                        format!("ck_{}_{name}", meta.name)
                    }),
                    condition: condition.to_owned(),
                })
                .collect(),
            indexes: single(|it| it.index)
                .chain(meta.indexes.iter().map(|it| columns_named(it)))
                .map(|columns| key("ix", columns))
                .collect(),
            comment: meta.comment.map(str::to_owned),
        }
    }

    /// Returns a column by name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnDef> {
        self.columns.iter().find(|it| it.name == name)
    }

    /// Tells whether a column is part of a key, a unique constraint, an index or a foreign key.
    #[must_use]
    pub fn is_key_column(&self, name: &str) -> bool {
        let keys = std::iter::once(&self.primary_key)
            .chain(&self.uniques)
            .chain(&self.indexes)
            .map(|it| &it.columns);
        keys.chain(self.foreign_keys.iter().map(|it| &it.columns))
            .any(|columns| columns.iter().any(|it| it == name))
    }
}

impl ColumnDef {
    fn of(meta: &ColumnMeta) -> Self {
        Self {
            name: meta.name.to_owned(),
            sql_type: meta.sql_type,
            nullable: meta.nullable,
            generated: meta.generated,
            server_default: meta.server_default.clone(),
            collation: meta.collation.map(str::to_owned),
            comment: meta.comment.map(str::to_owned),
        }
    }
}

impl ForeignKey {
    fn of(table: &TableMeta, column: &ColumnMeta) -> Option<Self> {
        let reference = column.foreign_key?;
        let parent = (reference.table)();
        Some(Self {
            name: foreign_key_name(table, column, parent),
            columns: vec![column.name.to_owned()],
            parent: parent.name.to_owned(),
            parent_schema: parent.schema.map(str::to_owned),
            parent_columns: vec![parent.columns[reference.column].name.to_owned()],
            on_delete: reference.on_delete,
            on_update: reference.on_update,
        })
    }
}

/// Returns the name that convention gives to the foreign key of a column.
#[must_use]
pub fn foreign_key_name(table: &TableMeta, column: &ColumnMeta, parent: &TableMeta) -> String {
    shorten_identifier(format!("fk_{}_{}_{}", table.name, column.name, parent.name))
}
