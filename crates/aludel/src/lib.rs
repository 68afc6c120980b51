#![doc = include_str!("../README.md")]

#[cfg(feature = "sqlite")]
extern crate self as aludel;

#[cfg(feature = "blocking")]
pub mod blocking;
#[cfg(feature = "sqlite")]
#[doc(hidden)]
pub mod doc;
mod engine;
#[cfg(feature = "migrate")]
pub mod migrate;
pub mod prelude;

pub use engine::Engine;

pub use aludel_engine::{Ask, Asked, Asking, Backend, Connection, driver, EngineBuilder, events, Executed, ExecutionOptions, Isolation, NestedTransaction, Partitions, PoolMode, PoolStatus, ResetOnReturn, Row, RowStream, Shared, Together, Transaction, TransactionOptions, Url};
#[cfg(feature = "migrate")]
pub use aludel_macros::embed_migrations;
pub use aludel_macros::{association_table, Changeset, ColumnType, DbEnum, Entity, Insertable, Projection};
#[cfg(feature = "mysql")]
pub use aludel_mysql::MySqlDialect;
pub use aludel_orm::{AnyObj, Attribute, Attributes, BelongsTo, Chunks, contains_eager, Entity, Get, HasMany, HasOne, History, joinedload, Loader, LoaderOption, LoadsFrom, NestedSession, NoAutoflush, Obj, ObjectState, Options, Projection, ProjectionItem, raiseload, Refresh, Related, select_as, selectinload, Session, SessionOptions};
pub use aludel_sql::{alias, Alias, and_, ArrayElement, asc, Assignable, Bind, case, Change, Changeset, Choices, Column, ColumnType, Compiler, CompoundSelect, Cte, DbEnum, delete, Delete, desc, Dialect, Error, ErrorKind, excluded, exists, Expr, Expression, Features, func, insert, Insert, Insertable, InsertFrom, Integer, IntoValue, Key, Mapped, Metadata, Mismatch, not_, Nulls, Number, Of, Operand, Optional, optional, or_, OrderBy, PrimaryKey, Relation, Result, schema, Select, select, SelectEntity, SelectStatement, Shape, SqlType, Subquery, text, Text, text_unchecked, ToSql, Update, update, Upsert, Value, ValueRef};

#[cfg(feature = "json")]
pub use aludel_sql::Json;

#[cfg(feature = "postgres")]
pub use aludel_postgres::PostgresDialect;
#[cfg(feature = "sqlite")]
pub use aludel_sqlite::SqliteDialect;

/// What the derive's expansions call.
#[doc(hidden)]
pub use aludel_orm::derive;
