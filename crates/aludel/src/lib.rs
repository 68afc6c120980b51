#![doc = include_str!("../README.md")]

#[cfg(feature = "sqlite")]
extern crate self as aludel;

#[cfg(feature = "blocking")]
pub mod blocking;
#[cfg(feature = "sqlite")]
#[doc(hidden)]
pub mod doc;
mod engine;
pub mod hybrid;
#[cfg(feature = "migrate")]
pub mod migrate;
pub mod prelude;
#[doc(hidden)]
pub mod testing;

pub use engine::Engine;

pub use aludel_engine::{
    Ask, Asked, Asking, Backend, BoundSelect, Connection, EngineBuilder, Executed, ExecutionOptions,
    Inspector, Isolation, NestedTransaction, Notice, Notification, Notifications, Partitions, PoolMode,
    PoolStatus, PreparedSelect, PreparedTransaction, ResetOnReturn, Row, RowStream, Shared, StatementOptions,
    StatementOptionsGuard, Together, Transaction, TransactionOptions, TwoPhaseTransaction, Url, driver,
    events, prepared,
};
pub use aludel_macros::{
    Changeset, ColumnType, Columns, DbEnum, Entity, Insertable, Projection, association_table, hybrid, test,
};
#[cfg(feature = "migrate")]
pub use aludel_macros::{embed_migrations, metadata_program};
#[cfg(feature = "mysql")]
pub use aludel_mysql::MySqlDialect;
pub use aludel_orm::{
    AllRelated, AnyObj, Attribute, Attributes, BelongsTo, Chunks, Entity, Flushed, Get, HasMany, HasOne,
    History, Hooks, Loader, LoaderOption, Loaders, LoadsFrom, NPlusOne, NestedSession, NoAutoflush, Obj,
    ObjectState, Options, Projection, ProjectionItem, Refresh, Related, Session, SessionOptions,
    SessionOptionsGuard, Transact, View, contains_eager, joinedload, raiseload, select_as, selectinload,
    subqueryload, undefer,
};
pub use aludel_sql::{
    Alias, ArrayElement, ArrayExpression, ArrayType, Assignable, Bind, Change, Changeset, Choices,
    ClausePlace, Collation, Column, ColumnType, Compiler, CompoundSelect, Cte, Dated, DbEnum, Deferred,
    Delete, Dialect, EntityItem, Error, ErrorKind, Expr, Expression, Features, FrameRange, FrameStep, Insert,
    InsertFrom, Insertable, Instant, Integer, IntoValue, Key, LiteralValue, Mapped, Metadata, Mismatch,
    Nulls, Number, Of, Operand, Optional, OrderBy, Placeholder, PrimaryKey, Printable, Real, Relation,
    Result, SchemaMap, Select, SelectEntity, SelectStatement, SelectValue, Sensitive, Shape, SqlType,
    StatementPart, Subquery, Text, ToSql, TypedText, Update, Upsert, Value, ValueRef, ValuesTable, Window,
    alias, and_, asc, case, column, delete, desc, excluded, exists, func, insert, literal, not_, optional,
    or_, schema, select, text, text_unchecked, tuple, update, values, window,
};

#[cfg(feature = "keyset")]
pub use aludel_orm::{CursorKey, KeysetPage, PageAt, Paging};
#[cfg(feature = "json")]
pub use aludel_sql::{Json, JsonAt, JsonDocument, JsonExpression, JsonPath, JsonScalar};

#[cfg(feature = "postgres")]
pub use aludel_postgres::PostgresDialect;
#[cfg(feature = "sqlite")]
pub use aludel_sqlite::SqliteDialect;

/// What the derive's expansions call.
#[doc(hidden)]
pub use aludel_orm::derive;
