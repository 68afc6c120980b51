//! Aludel on MariaDB and MySQL: their dialect, and a driver.
//!
//! It knows the traits of `aludel-engine` and the trees of `aludel-sql`, and neither objects nor other databases. Programs use it through
//! the crate `aludel` with the feature `mysql`.
//!
//! # From a URL to a connection
//!
//! [`driver()`] turns a URL into a driver for the engine; its page lists the options, those of TLS among them. `mysql://` and `mariadb://` mean
//! the same: what the server is, it says itself when the first connection opens ([`MySql::is_mysql`]), and [`MySqlDialect`] goes by that. Both go
//! through the same code. No test has run against a MySQL server.
//!
//! The wire belongs to `mysql_async`; this crate puts a state, typed cells and errors with a meaning on top of one of its connections,
//! and uses neither its pool nor its transactions. Read `driver/connection.rs` first.
//!
//! # The same meaning as elsewhere
//!
//! Every connection is set so that a statement means what it means on the other databases: strict mode, so that what does not fit is an error and is
//! not cut; UTC; READ COMMITTED; text that is compared character for character, trailing spaces included. The dialect does the rest: `||`
//! means OR there and is written as `concat`, `/` of integers as DIV, an average is not cut to four digits.
//!
//! ```
//! use aludel::prelude::*;
//!
//! #[derive(Entity, Debug)]
//! #[entity(table = "words", mysql(engine = "InnoDB"))]
//! pub struct Word {
//!     #[column(primary_key)]
//!     pub id: i64,
//!     #[column(length = 20, unique)]
//!     pub text: String,
//!     #[column(default = 1)]
//!     pub seen: i64,
//! }
//!
//! # fn main() -> aludel::Result<()> {
//! # let Some(server) = aludel_testing::Database::MariaDb.server() else { return Ok(()) };
//! # aludel_engine::blocking::run_alone(async {
//! # let name = format!("aludel_doc_words_{}", std::process::id());
//! # let admin = Engine::builder(&server).build()?;
//! # admin.connect().await?.run_plain(&[&format!("CREATE DATABASE {name}")]).await?;
//! # let (before, _) = server.rsplit_once('/').unwrap();
//! # let url = format!("{before}/{name}");
//! let engine = Engine::builder(&url).build()?; // mariadb://sam@localhost/words
//! engine.create_all(&Metadata::of((Word,))).await?; // CREATE TABLE words (…) ENGINE=InnoDB
//! let mut conn = engine.connect().await?;
//!
//! // Case matters, on every database: these are two words.
//! let word = |text: &str| Word::builder().text(text);
//! // INSERT INTO words (text, seen) VALUES (?, ?), (?, ?) RETURNING id
//! let ids = conn.scalars(insert(Word).values([word("may"), word("May")]).returning(Word::ID)).all().await?;
//! assert_eq!(ids, [1, 2]);
//! assert_eq!(conn.scalars(select(Word::ID).filter(Word::TEXT.eq("May"))).all().await?, [2]);
//!
//! // INSERT … ON DUPLICATE KEY UPDATE seen = words.seen + ?. It must be clear which key is meant: another one that the row could hit is
//! // an error, because the server would take it in silence.
//! let again = insert(Word).values([word("may")]).on_conflict(Word::TEXT).do_update(|row| row.set(Word::SEEN, Word::SEEN + 1));
//! conn.execute(again).await?;
//! assert_eq!(conn.scalar(select(Word::SEEN).filter(Word::ID.eq(1))).await?, 2);
//!
//! // What does not fit is an error of the same kind as everywhere.
//! let long = conn.execute(insert(Word).values([word("Donaudampfschifffahrt")])).await.unwrap_err();
//! assert_eq!(long.kind(), ErrorKind::CheckViolation);
//! # drop(conn);
//! # engine.dispose().await;
//! # admin.connect().await?.run_plain(&[&format!("DROP DATABASE {name}")]).await?;
//! # admin.dispose().await;
//! # Ok(()) }) }
//! ```
//!
//! # What they have not
//!
//! DDL belongs to no transaction: a migrator notes each step, and asks the server after a crash whether the one that had begun was done.
//! There are no arrays, no notifications, no `UPDATE … RETURNING`, and a batch of statements is sent one after the other. Where a
//! statement has no form with the same meaning, it is refused before anything is sent, with the way around it.

mod alter;
mod backend;
mod ddl;
mod dialect;
mod driver;
mod errors;
mod functions;
mod inspector;
mod lint;
mod lock_wait;
mod native_type;
mod online;
mod probe;
mod upsert;

pub use backend::MySqlBackend;
pub use dialect::MySqlDialect;

pub use driver::{MySql, driver};
