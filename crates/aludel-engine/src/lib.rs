//! Aludel's engine: from a URL to the rows of a statement. URLs, the pool, connections, transactions, and the traits that a database's
//! driver implements.
//!
//! It sends what `aludel-sql` builds, and knows neither objects nor a database's protocol: those are `aludel-orm` above it and
//! the backends below. Programs use it through the crate `aludel`, which knows the backends that it was built with.
//!
//! # From a URL to a connection
//!
//! An [`Engine`] is one database of a program: its [`Url`], its pool, and the texts that were compiled for it. Making one does no I/O.
//! [`Engine::connect`] lends a [`Connection`], an idle one or a new one, and dropping it gives it back; whatever was left open is rolled back
//! before anyone else gets it. [`EngineBuilder`] has the options, with SQLAlchemy's names and defaults: five connections that stay
//! open, ten more in a rush, thirty seconds of patience.
//!
//! # Statements
//!
//! [`Connection::execute`] takes any statement, and what comes back depends on it: [`Rows`] to fetch, or how many were changed.
//! [`scalars`](Connection::scalars) reads the first column or entity of each row, [`scalar`](Connection::scalar) that of the only row.
//! A value is never written into the text: it travels beside it. Texts are compiled once for each structure, and are kept prepared.
//!
//! ```
//! use aludel::prelude::*;
//!
//! #[derive(Entity, Debug)]
//! #[entity(table = "accounts")]
//! pub struct Account {
//!     #[column(primary_key)]
//!     pub id: i64,
//!     #[column(length = 50, unique)]
//!     pub owner: String,
//!     pub cents: i64,
//! }
//!
//! /// Takes money from one account and puts it into another: both or neither.
//! async fn transfer(conn: &mut Connection, from: &str, to: &str, cents: i64) -> aludel::Result<()> {
//!     let mut tx = conn.begin().await?; // nothing is sent yet
//!     for (owner, change) in [(from, -cents), (to, cents)] {
//!         // BEGIN; UPDATE accounts SET cents = accounts.cents + ? WHERE accounts.owner = ?
//!         let stmt = update(Account).filter(Account::OWNER.eq(owner)).set(Account::CENTS, Account::CENTS + change);
//!         if tx.execute(stmt).await?.rows_affected != 1 {
//!             return Err(Error::new(ErrorKind::NotFound, format!("{owner} has no account"))); // `tx` is dropped: ROLLBACK
//!         }
//!     }
//!     tx.commit().await // COMMIT
//! }
//!
//! # fn main() -> aludel::Result<()> { aludel_engine::blocking::run_alone(async {
//! let engine = Engine::builder("sqlite::memory:").pool_size(2).build()?;
//! engine.create_all(&Metadata::of((Account,))).await?; // CREATE TABLE accounts (…)
//!
//! let mut conn = engine.connect().await?;
//! let rows = [("Sam", 1_000), ("Ada", 0)].map(|(owner, cents)| Account::builder().owner(owner).cents(cents));
//! conn.execute(insert(Account).values(rows)).await?; // INSERT INTO accounts (owner, cents) VALUES (?, ?), (?, ?)
//!
//! transfer(&mut conn, "Sam", "Ada", 300).await?;
//! assert_eq!(transfer(&mut conn, "Sam", "Kim", 300).await.unwrap_err().kind(), ErrorKind::NotFound);
//!
//! // SELECT accounts.owner, accounts.cents FROM accounts ORDER BY accounts.id
//! let rows = conn.execute(select((Account::OWNER, Account::CENTS)).order_by(Account::ID)).all().await?;
//! assert_eq!(rows, [("Sam".to_owned(), 700), ("Ada".to_owned(), 300)]);
//!
//! // Two questions, one round trip where the database can do that.
//! let total = select(func::sum(Account::CENTS)).scalar();
//! let (total, accounts) = conn.together((total, select(func::count(Account::ID)).scalar())).await?;
//! assert_eq!((total, accounts), (Some(1_000), 2));
//!
//! // SQL written by hand, rows read by name.
//! let richest = text!("SELECT owner FROM accounts WHERE cents > :least ORDER BY cents DESC", least = 500);
//! assert_eq!(conn.execute(richest).one().await?.get::<String>("owner")?, "Sam");
//! # Ok(()) }) }
//! ```
//!
//! | for | there is |
//! |---|---|
//! | rows that need not be in memory all at once | [`RowStream`], [`Partitions`] |
//! | one statement again and again, with other values | [`prepared`]: its text is looked up once |
//! | statements that do not depend on each other | [`Connection::together`]: one batch |
//! | very many rows to insert | [`Connection::insert_all`]; on PostgreSQL [`Connection::copy_rows`] |
//! | point reads of very many tasks | [`Engine::shared`]: a few connections answer all of them |
//! | statements without values and without rows | [`Connection::run_plain`] |
//! | how the database would do it | [`Connection::explain`] |
//!
//! # Transactions
//!
//! A statement alone is kept at once. [`Connection::begin`] gives a [`Transaction`]: BEGIN travels with its first statement, and dropping it
//! without `commit` rolls back. [`Transaction::begin_nested`] sets a savepoint. [`TransactionOptions`] say for one of them, and
//! [`ExecutionOptions`] for a connection or an engine, what it sees of others, and whether it may write. A transaction over several
//! databases is a [`TwoPhaseTransaction`].
//!
//! A future that is dropped midway, as those of a server are when the client hangs up, leaves nothing half done: the connection
//! rolls back, or is closed.
//!
//! # Looking on
//!
//! [`EngineBuilder::echo`] prints statements; [`events`] tells a [`Listener`](events::Listener) what happens to statements,
//! transactions and connections. [`Engine::status`] counts connections, and [`Pool::holders`] says which lines of the program have them.
//! [`Engine::inspect`] reads what the database has: tables, views, sequences, enum types.
//!
//! # Databases
//!
//! Who writes a backend reads [`driver`], [`Backend`] and `aludel_sql::Dialect`. Who wants the same without async reads [`blocking`].

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
mod existing;
mod explain;
mod follow_up;
mod insert_all;
mod inspector;
mod jitter;
mod lru;
mod notifications;
pub mod pool;
mod prepared;
mod prepared_select;
mod query;
mod result;
mod run;
mod savepoint;
mod shared;
mod statement_options;
mod stream;
mod sync;
mod texts;
mod timeout;
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
pub use existing::Existing;
#[doc(hidden)]
pub use insert_all::Batches;
pub use insert_all::InsertAll;
pub use inspector::Inspector;
#[doc(hidden)]
pub use jitter::pause;
pub use notifications::Notifications;
pub use pool::{Pool, PoolMode, PoolOptions, PoolStatus, PooledConn, ResetOnReturn};
pub use prepared::{Prepared, prepare};
pub use prepared_select::{BoundSelect, PreparedPlan, PreparedSelect, prepared};
pub use query::{Change, Executed, Plan, Query, RowsQuery};
pub use result::{Row, Rows, Scalars, UntypedRows, none_found, several_found};
pub use savepoint::{NestedTransaction, Savepoint};
pub use shared::Shared;
pub use statement_options::{StatementOptions, StatementOptionsGuard};
pub use stream::{Partitions, RowStream};
pub use texts::{CachedRows, CachedStatement, RowsOp};
pub use together::{
    All, Ask, Asked, Asking, First, Firsts, One, OneOrNone, Question, Take, Together, Tuples,
};
pub use transaction::Transaction;
pub use two_phase::{PreparedTransaction, TwoPhaseTransaction};
pub use url::Url;
