#![doc = include_str!("../README.md")]

#[cfg(feature = "sqlite")]
extern crate self as aludel;

#[cfg(feature = "sqlite")]
#[doc(hidden)]
pub mod doc;
mod engine;
pub mod prelude;

pub use engine::Engine;

pub use aludel_engine::{Backend, Connection, driver, EngineBuilder, events, Executed, ExecutionOptions, Isolation, NestedTransaction, Partitions, PoolMode, PoolStatus, ResetOnReturn, Row, RowStream, Transaction, TransactionOptions, Url};
pub use aludel_macros::{association_table, Changeset, Entity, Insertable, Projection};
#[cfg(feature = "mysql")]
pub use aludel_mysql::MySqlDialect;
pub use aludel_orm::{AnyObj, Attribute, Attributes, BelongsTo, Entity, HasMany, HasOne, History, LoaderOption, NestedSession, NoAutoflush, Obj, ObjectState, Options, Projection, ProjectionItem, Refresh, Related, select_as, selectinload, Session, SessionOptions};
pub use aludel_sql::{alias, Alias, and_, asc, Assignable, Bind, case, Change, Changeset, Column, ColumnType, Compiler, Delete, delete, desc, Dialect, Error, ErrorKind, exists, Expr, Expression, Features, func, insert, Insert, Insertable, Integer, IntoValue, Key, Mapped, Metadata, Mismatch, not_, Nulls, Number, Of, Operand, optional, Optional, or_, OrderBy, PrimaryKey, Relation, Result, schema, select, Select, SelectStatement, Shape, SqlType, Text, text, text_unchecked, ToSql, Update, update, Value, ValueRef};

#[cfg(feature = "postgres")]
pub use aludel_postgres::PostgresDialect;
#[cfg(feature = "sqlite")]
pub use aludel_sqlite::SqliteDialect;

/// What the derive's expansions call.
#[doc(hidden)]
pub use aludel_orm::derive;
