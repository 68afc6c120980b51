//! SQL as values: types, tables, expressions, statements, and the compiler that turns them into text for a dialect.
//!
//! Nothing in this crate does I/O or knows a driver. Read [`Expression`] first, then [`Select`], then [`Dialect`].

// Values and types.
mod column_type;
pub mod decimal;
mod error;
mod printable;
mod row_binding;
mod sql_type;
mod value;
// Tables.
mod alias;
mod column;
mod key;
mod mapping;
pub mod schema;
// Expressions.
mod array;
mod case;
mod expression;
pub mod func;
pub mod hybrid;
#[cfg(feature = "json")]
mod json;
mod modifiers;
pub mod node;
mod operand;
mod order;
pub mod regexp;
mod related;
mod tuple;
mod window;
// Statements.
mod changeset;
mod compound;
mod criterion;
mod cte;
mod dml;
mod follow_up;
mod from;
mod insert;
mod lock;
mod query;
mod rows;
mod select;
mod selection;
mod subquery;
mod text;
mod upsert;
// From statements to text.
pub mod compiler;
mod dialect;
mod identifier;
pub mod lint;
mod structure;

pub use alias::{Alias, AliasedRelation, JoinPath, alias};
pub use array::{ArrayExpression, ArrayType};
pub use case::{Case, CaseStart, case};
pub use changeset::{Change, ChangeOf, Changes, Changeset};
pub use column::{Column, Of, Source};
#[cfg(feature = "json")]
pub use column_type::Json;
#[doc(hidden)]
pub use column_type::decode_variant;
pub use column_type::{
    ArrayElement, Choices, ColumnType, Dated, DbEnum, Deferred, Divisible, Instant, Integer, Mismatch,
    Number, Real, Sensitive,
};
pub use compiler::{CallForm, Compiled, Compiler, Part, Slot, ToSql};
pub use compound::{CompoundNode, CompoundSelect, SetOperator};
pub use criterion::Criterion;
pub use cte::{Cte, CteNode, Duplicates};
pub use dialect::{Dialect, Features, JoinedChanges, TwoPhase};
#[doc(hidden)]
pub use dml::key_items;
pub use dml::{Assignable, Delete, DeleteNode, Returning, Update, UpdateNode, delete, update};
pub use error::{Error, ErrorKind, Result};
pub use expression::{BaseOf, Expr, Expression, Labelled, and_, literal, not_, or_};
pub use follow_up::FollowUp;
pub use from::{EntityClause, FromClause, FromItem};
pub use identifier::{MAX_IDENTIFIER, shorten_identifier, write_identifier};
pub use insert::{
    Fits, Insert, InsertColumns, InsertFrom, InsertNode, InsertSource, Insertable, Inserts, NewRow,
    RefusedRows, insert,
};
#[doc(hidden)]
pub use inventory as __inventory;
#[cfg(feature = "json")]
pub use json::{JsonAt, JsonDocument, JsonExpression, JsonPath, JsonScalar};
pub use key::{Key, KeyPart, PrimaryKey};
pub use lock::{Lock, LockStrength, LockWait};
pub use mapping::{
    Association, Cascade, Cells, ColumnMeta, ColumnSet, Field, ForeignKeyMeta, IndexMeta, IndexOfMeta,
    IndexPartMeta, Link, LoadStrategy, MAX_COLUMNS, Many, Mapped, One, Reader, ReferentialAction, Relation,
    RelationKind, RelationMeta, Secondary, ServerDefault, TableForeignKeyMeta, TableMeta, Through, ToMany,
    ToOne, UniqueKey, UniqueMeta,
};
#[doc(hidden)]
pub use mapping::{LinkedTable, Validate};
pub use operand::{IntoValue, Operand};
pub use order::{IntoOrderBy, Nulls, Order, OrderBy, asc, desc};
pub use printable::Printable;
pub use query::{InOperand, QueryNode, SelectStatement, exists};
pub use related::RelatedNode;
pub use row_binding::RowBinding;
pub use rows::{DeleteRows, InsertRows, RowCounts, RowsSql, UpdateRows};
pub use schema::Metadata;
pub use select::{
    IntoGroupBy, Join, JoinKind, JoinOn, LimitPer, Select, SelectEntity, SelectNode, SelectValue, select,
};
pub use selection::{
    EntityItem, Item, Optional, OptionalItem, SelectItem, Selectable, Selected, Shape, ValueItem, optional,
};
pub use sql_type::SqlType;
pub use structure::{StatementRef, Structure, list_class};
pub use subquery::{Body, Derived, DerivedColumn, OutputColumn, OutputOf, Subquery};
pub use text::{__param, Text, TextValue, text_unchecked};
pub use tuple::{Tuple, TupleExpression, TupleList, TupleOperand, TupleValue, tuple};
pub use upsert::{Conflict, ConflictAction, ConflictTarget, DoUpdate, OnConflict, Upsert, excluded};
pub use value::{Bind, Secret, Value, ValueRef};
pub use window::{
    Exclude, Frame, FrameOffset, FrameRange, FrameStep, FrameUnit, Window, WindowFunction, window,
};
