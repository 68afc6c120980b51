//! The schema as plain data: what models declare, `create_all` makes, inspectors read back and migrations change.

mod metadata;
mod operation;
mod sql_tokens;
mod step;

pub use metadata::{DeferredForeignKey, Metadata, Tables};
pub use operation::{Constraint, Operation, PerDialect, SqlBlock, TableName};
pub use sql_tokens::{SqlToken, rename_word, split_statements, sql_tokens};
pub use step::{MigrationLock, Rebuild, Step, StepKind};

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
#[derive(Clone, Debug, PartialEq, Eq)]
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
    pub indexes: Vec<Index>,
    /// Its comment.
    pub comment: Option<String>,
    /// The name that it had before, as a model tells it to migrations. No state of a database has it.
    pub renamed_from: Option<String>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    pub server_default: Option<ServerDefault<String>>,
    /// The expression that it is computed from.
    pub computed: Option<Computed>,
    /// Its collation, if not the usual one.
    pub collation: Option<String>,
    /// Its comment.
    pub comment: Option<String>,
    /// The name that it had before, as a model tells it to migrations. No state of a database has it.
    pub renamed_from: Option<String>,
}

/// What a generated column is computed from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Computed {
    /// The expression, in SQL.
    pub expression: String,
    /// Whether the value is stored with the row, instead of being computed when it is read.
    pub stored: bool,
}

/// A named list of columns: a primary key, a unique constraint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// When it is checked.
    pub deferrable: Deferrable,
}

/// When a constraint is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deferrable {
    /// At the end of each statement, always.
    #[default]
    No,
    /// At the end of each statement, unless a transaction defers it (`DEFERRABLE INITIALLY IMMEDIATE`).
    Immediate,
    /// When the transaction commits (`DEFERRABLE INITIALLY DEFERRED`).
    Deferred,
}

/// An index.
///
/// ```
/// use aludel::schema::Index;
///
/// let index = Index::on("ix_users_email", ["email"]);
/// assert_eq!(index.parts[0].column(), Some("email"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// What it orders rows by.
    pub parts: Vec<IndexPart>,
    /// Whether two rows may not be equal in it.
    pub unique: bool,
    /// The condition, in SQL, of the rows that are in it: a partial index.
    pub condition: Option<String>,
    /// Columns that are kept in it without ordering it (`INCLUDE`).
    pub include: Vec<String>,
    /// How it works, if not the usual way: `gin`, `hash`.
    pub method: Option<String>,
}

/// One part of what an index orders rows by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexPart {
    /// A column or an expression.
    pub of: IndexOf,
    /// Whether greater values come first.
    pub descending: bool,
}

/// What a part of an index is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexOf {
    /// A column, by name.
    Column(String),
    /// An expression, in SQL.
    Expression(String),
}

impl Index {
    /// An index on columns.
    #[must_use]
    pub fn on<C: Into<String>>(name: impl Into<String>, columns: impl IntoIterator<Item = C>) -> Self {
        let part = |column: C| IndexPart { of: IndexOf::Column(column.into()), descending: false };
        Self { name: name.into(), parts: columns.into_iter().map(part).collect(), ..Self::default() }
    }

    /// Returns the columns that it orders rows by; expressions are left out.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(IndexPart::column)
    }
}

impl IndexPart {
    /// Returns the column, if it is one.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        match &self.of {
            IndexOf::Column(name) => Some(name),
            IndexOf::Expression(_) => None,
        }
    }

    /// Returns the expression, if it is one.
    #[must_use]
    pub fn expression(&self) -> Option<&String> {
        match &self.of {
            IndexOf::Column(_) => None,
            IndexOf::Expression(sql) => Some(sql),
        }
    }
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
    /// A table without columns yet, its primary key named by convention.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            primary_key: Key { name: shorten_identifier(format!("pk_{name}")), columns: Vec::new() },
            name,
            schema: None,
            columns: Vec::new(),
            uniques: Vec::new(),
            foreign_keys: Vec::new(),
            checks: Vec::new(),
            indexes: Vec::new(),
            comment: None,
            renamed_from: None,
        }
    }

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
                .map(|columns| {
                    let key = key("ix", columns);
                    Index::on(key.name, key.columns)
                })
                .collect(),
            comment: meta.comment.map(str::to_owned),
            renamed_from: None,
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
        let keys = std::iter::once(&self.primary_key).chain(&self.uniques).map(|it| &it.columns);
        keys.chain(self.foreign_keys.iter().map(|it| &it.columns))
            .any(|columns| columns.iter().any(|it| it == name))
            || self.indexes.iter().any(|index| index.columns().any(|it| it == name))
    }
}

impl ColumnDef {
    /// A column that accepts no NULL and has no default.
    #[must_use]
    pub fn new(name: impl Into<String>, sql_type: SqlType) -> Self {
        Self {
            name: name.into(),
            sql_type,
            nullable: false,
            generated: false,
            server_default: None,
            computed: None,
            collation: None,
            comment: None,
            renamed_from: None,
        }
    }

    fn of(meta: &ColumnMeta) -> Self {
        Self {
            nullable: meta.nullable,
            generated: meta.generated,
            server_default: meta.server_default.as_ref().map(ServerDefault::to_owned),
            collation: meta.collation.map(str::to_owned),
            comment: meta.comment.map(str::to_owned),
            ..Self::new(meta.name, meta.sql_type)
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
            deferrable: Deferrable::No,
        })
    }
}

/// Returns the name that convention gives to the foreign key of a column.
#[must_use]
pub fn foreign_key_name(table: &TableMeta, column: &ColumnMeta, parent: &TableMeta) -> String {
    shorten_identifier(format!("fk_{}_{}_{}", table.name, column.name, parent.name))
}
