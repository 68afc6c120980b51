//! The schema as plain data: what models declare, `create_all` makes, inspectors read back and migrations change.
//!
//! Read [`Table`] first, then [`ColumnDef`] with [`Type`], then [`Metadata`], which holds them all.

mod table;
// What a table is made of.
mod column;
mod constraint;
mod index;
mod types;
// Objects of their own.
mod ddl;
mod domain;
mod enum_type;
mod extension;
mod finding;
mod sequence;
// The whole.
mod creation_order;
mod dialect_options;
mod metadata;
mod naming_convention;
mod translation;
// Where a database has less.
mod emulation;
// What changes it.
mod operation;
mod sql_tokens;
mod step;
// Reading it back, and comparing.
mod canonical;
mod definition;
mod inspection;

pub use canonical::{
    canonical_domain, canonical_expression, canonical_table, read_server_default, unwrapped, without_usual,
};
pub use column::{ColumnDef, Computed, IdentityMeta};
pub use constraint::{Check, Deferrable, Exclude, ForeignKey, Key, Unique};
pub use creation_order::DeferredForeignKey;
pub use ddl::{Ddl, DdlKind, DdlOrder};
pub use definition::{ColumnText, ConstraintText, Definition, index_parts, names};
pub use dialect_options::{DialectOptions, DialectOptionsMeta};
pub use domain::{Domain, DomainMeta};
pub use emulation::operations_without_domains;
pub use enum_type::EnumType;
pub use extension::Extension;
pub use finding::{Finding, Severity};
pub use index::{Index, IndexOf, IndexPart};
pub use inspection::{Answer, AnswerRow, Inspected, Inspection, View};
pub use metadata::{Metadata, Tables};
pub use naming_convention::NamingConvention;
pub use operation::{Backfill, Constraint, Operation, PerDialect, SqlBlock, TableName};
pub use sequence::{Identity, Sequence, SequenceOptions};
pub(crate) use sql_tokens::requoted;
pub use sql_tokens::{SqlToken, has_several_statements, rename_word, split_statements, sql_tokens};
pub use step::{Leftover, LockLimit, LockWait, MigrationLock, Probe, Rebuild, Step, StepKind};
pub use table::{Table, foreign_key_name};
pub use types::Type;

pub use crate::mapping::{ReferentialAction, ServerDefault};
