//! What programs import: `use aludel::prelude::*;`.

pub use crate::hybrid::{length, octet_length};
pub use crate::{
    Alias, ArrayExpression, Ask, BelongsTo, Change, Changeset, Column, ColumnType, Columns, Connection, Cte,
    DbEnum, Deferred, Engine, Entity, Error, ErrorKind, Expr, Expression, HasMany, HasOne, Insertable,
    Metadata, Obj, Options, PrimaryKey, Projection, Related, Row, SelectStatement, Sensitive, Session,
    Subquery, ToSql, Transaction, ValuesTable, Window, alias, and_, asc, case, column, contains_eager,
    delete, desc, excluded, exists, func, insert, joinedload, literal, not_, optional, or_, raiseload,
    select, select_as, selectinload, subqueryload, text, text_unchecked, tuple, undefer, update, values,
    window,
};
#[cfg(feature = "json")]
pub use crate::{Json, JsonExpression};
pub use aludel_macros::hybrid;
// Its method only: programs have views of their own.
pub use crate::View as _;
