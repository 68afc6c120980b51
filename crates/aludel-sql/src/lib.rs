//! SQL as values: types, tables, expressions, statements, and the compiler that turns them into text for a dialect.
//!
//! Nothing in this crate does I/O or knows a driver. Read [`Expr`] first, then [`Select`], then [`Dialect`].

mod column_type;
mod error;
mod mapping;
mod row_binding;
mod sql_type;
mod value;

pub use column_type::{ColumnType, Mismatch, Number};
pub use error::{Error, ErrorKind, Result};
pub use mapping::{Cells, ColumnMeta, Field, ForeignKeyMeta, Mapped, Reader, ReferentialAction, ServerDefault, TableMeta};
pub use row_binding::RowBinding;
pub use sql_type::SqlType;
pub use value::{Bind, Value, ValueRef};
