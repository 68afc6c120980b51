//! Columns.

use super::dialect_options::DialectOptions;
use super::domain::Domain;
use super::sequence::{Identity, SequenceOptions};
use super::types::Type;
use crate::mapping::{ColumnMeta, ServerDefault};

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnDef {
    /// Its name.
    pub name: String,
    /// Its type.
    pub sql_type: Type,
    /// Whether it accepts NULL.
    pub nullable: bool,
    /// How the database counts its values, if it does.
    pub identity: Option<Identity>,
    /// The default that the database fills in.
    pub server_default: Option<ServerDefault<String>>,
    /// The expression that it is computed from.
    pub computed: Option<Computed>,
    /// Its collation, if not the usual one.
    pub collation: Option<String>,
    /// Its comment.
    pub comment: Option<String>,
    /// What only one database understands: `mysql(on_update = "current_timestamp(6)")`.
    pub options: DialectOptions,
    /// The name that it had before, as a model tells it to migrations. No state of a database has it.
    pub renamed_from: Option<String>,
}

/// What a generated column is computed from. `S` is how texts are held: borrowed by a mapping, owned by a [`Table`](super::Table).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Computed<S = String> {
    /// The expression, in SQL.
    pub expression: S,
    /// Whether the value is stored with the row, instead of being computed when it is read.
    pub stored: bool,
}

impl ColumnDef {
    /// A column that accepts no NULL and has no default.
    ///
    /// ```
    /// use aludel::SqlType;
    /// use aludel::schema::{ColumnDef, Type};
    ///
    /// let name = ColumnDef { nullable: true, ..ColumnDef::new("name", SqlType::Varchar(100)) };
    /// assert_eq!(name.sql_type, Type::Sql(SqlType::Varchar(100)));
    /// assert_eq!(name.server_default, None);
    /// ```
    #[must_use]
    pub fn new(name: impl Into<String>, sql_type: impl Into<Type>) -> Self {
        Self {
            name: name.into(),
            sql_type: sql_type.into(),
            nullable: false,
            identity: None,
            server_default: None,
            computed: None,
            collation: None,
            comment: None,
            options: DialectOptions::default(),
            renamed_from: None,
        }
    }

    pub(super) fn of(meta: &ColumnMeta) -> Self {
        let owned = |text: Option<&'static str>| text.map(str::to_owned);
        Self {
            nullable: meta.nullable,
            identity: meta
                .generated
                .then(|| meta.identity.map_or_else(Identity::default, IdentityMeta::to_owned)),
            server_default: meta.server_default.as_ref().map(ServerDefault::to_owned),
            computed: meta
                .computed
                .as_ref()
                .map(|it| Computed { expression: it.expression.to_owned(), stored: it.stored }),
            collation: owned(meta.collation),
            comment: owned(meta.comment),
            options: DialectOptions::of(meta.options),
            renamed_from: owned(meta.renamed_from),
            ..Self::new(meta.name, type_of(meta))
        }
    }
}

fn type_of(meta: &ColumnMeta) -> Type {
    match (meta.domain, meta.declared_type) {
        (Some(domain), _) => Domain::of(domain).into(),
        (None, Some(name)) => declared(name),
        (None, None) => Type::Sql(meta.sql_type),
    }
}

/// What `type = "…"` says: a type that every database has, or the name of one that some have.
fn declared(name: &'static str) -> Type {
    name.parse().map_or_else(|_| Type::Native(name.to_owned()), Type::Sql)
}

/// How the database counts the values of a mapped column, where that is not the usual way: `identity(start = 1000)`.
#[derive(Clone, Copy, Debug, Default)]
pub struct IdentityMeta {
    /// `always`.
    pub always: bool,
    /// `start`.
    pub start: Option<i64>,
    /// `increment`.
    pub increment: Option<i64>,
}

impl IdentityMeta {
    fn to_owned(self) -> Identity {
        let Self { always, start, increment } = self;
        Identity { always, options: SequenceOptions { start, increment, ..SequenceOptions::default() } }
    }
}
