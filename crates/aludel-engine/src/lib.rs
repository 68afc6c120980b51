//! The engine: URLs, the pool, connections, transactions, and the traits that a database's driver implements.
//!
//! Read [`Engine`] first, then [`Connection`]; who writes a backend reads [`driver`] and [`Backend`]. Nothing here knows entities or
//! a database's protocol.

mod backend;
mod batch;
pub mod blocking;
mod bulk;
mod connection;
mod copy;
mod create_all;
pub mod driver;
mod engine;
pub mod events;
mod execution_options;
mod explain;
mod follow_up;
mod insert_all;
mod inspector;
mod jitter;
mod notifications;
pub mod pool;
mod query;
mod result;
mod run;
mod savepoint;
mod shared;
mod stream;
mod sync;
mod texts;
mod together;
mod transaction;
mod two_phase;
pub mod url;
mod watch;

pub use aludel_sql::{Error, ErrorKind, Result};
pub use backend::Backend;
pub use bulk::{Dealt, Slice};
pub use connection::Connection;
pub use driver::{Isolation, Notice, Notification};
pub use engine::{Engine, EngineBuilder};
pub use execution_options::{ExecutionOptions, TransactionOptions};
#[doc(hidden)]
pub use insert_all::Batches;
pub use insert_all::InsertAll;
pub use inspector::Inspector;
#[doc(hidden)]
pub use jitter::pause;
pub use notifications::Notifications;
pub use pool::{Pool, PoolMode, PoolOptions, PoolStatus, PooledConn, ResetOnReturn};
pub use query::{Change, Executed, Plan, Query, RowsQuery, prepare};
pub use result::{Row, Rows, Scalars, UntypedRows, none_found, several_found};
pub use savepoint::{NestedTransaction, Savepoint};
pub use shared::Shared;
pub use stream::{Partitions, RowStream};
pub use texts::{CachedRows, CachedStatement, RowsOp};
pub use together::{
    All, Ask, Asked, Asking, First, Firsts, One, OneOrNone, Question, Take, Together, Tuples,
};
pub use transaction::Transaction;
pub use two_phase::{PreparedTransaction, TwoPhaseTransaction};
pub use url::Url;
