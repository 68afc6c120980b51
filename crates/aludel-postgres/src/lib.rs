//! Aludel on PostgreSQL: its dialect, and a client of its own.
//!
//! It knows the traits of `aludel-engine` and the trees of `aludel-sql`, and neither objects nor other databases. Programs use it through
//! the crate `aludel` with the feature `postgres`.
//!
//! # From a URL to a connection
//!
//! [`driver()`] turns a URL into a driver for the engine; its page lists the options: several hosts, TLS, timeouts, keepalive. Without a
//! word about TLS, a connection to another machine is encrypted, and the server's certificate and name are verified. A password is never sent
//! in clear to somebody who was not verified.
//!
//! [`Postgres`] and [`Connection`] are the client itself, for those who want the server's parameters or its notifications without an engine.
//!
//! # One batch, one round trip
//!
//! The client is written for one thing: a batch of statements is one write and one `Sync`, so that a unit of work costs one
//! round trip and a batch that fails halfway cannot half-commit. Read `driver/core.rs` first: it knows the whole conversation
//! and does no I/O. What it does not know, it does not guess: bytes that the protocol does not allow break the connection. A future that is
//! dropped midway cancels its statement on the server.
//!
//! # What only PostgreSQL has
//!
//! ```
//! use aludel::prelude::*;
//!
//! #[derive(Entity, Debug)]
//! #[entity(table = "photos", index(tags, postgres(using = "gin")))]
//! pub struct Photo {
//!     #[column(primary_key)]
//!     pub id: i64,
//!     #[column(unique)]
//!     pub title: String,
//!     pub tags: Vec<String>,
//! }
//!
//! # fn main() -> aludel::Result<()> {
//! # let Some(server) = aludel_testing::Database::Postgres.server() else { return Ok(()) };
//! # aludel_engine::blocking::run_alone(async {
//! # // Tables of this connection only.
//! # let url = format!("{server}?options=-c%20search_path%3Dpg_temp");
//! let engine = Engine::builder(&url).pool_size(1).build()?; // postgresql://sam@localhost/photos
//! // CREATE TABLE photos (…); CREATE INDEX ix_photos_tags ON photos USING gin (tags)
//! engine.create_all(&Metadata::of((Photo,))).await?;
//!
//! // COPY photos (title, tags) FROM STDIN: the fastest way for very many rows.
//! let mut conn = engine.connect().await?;
//! let photo = |title: &str, tags: &[&str]| {
//!     Photo::builder().title(title).tags(tags.iter().map(ToString::to_string).collect::<Vec<_>>())
//! };
//! conn.copy_rows(Photo, [photo("Dawn", &["sea", "red"]), photo("Noon", &["city"])]).await?;
//!
//! // Arrays, as columns and as parameters: SELECT photos.title FROM photos WHERE ($1 = ANY(photos.tags))
//! let by_the_sea = select(Photo::TITLE).filter(Photo::TAGS.has("sea"));
//! assert_eq!(conn.scalars(by_the_sea).all().await?, ["Dawn"]);
//!
//! // INSERT … ON CONFLICT (title) DO UPDATE SET tags = excluded.tags RETURNING id
//! let again = insert(Photo)
//!     .values([photo("Noon", &["city", "heat"])])
//!     .on_conflict(Photo::TITLE)
//!     .do_update(|row| row.set(Photo::TAGS, excluded(Photo::TAGS)))
//!     .returning(Photo::ID);
//! assert_eq!(conn.scalars(again).all().await?, [2]);
//!
//! // An error has a kind that is the same on all databases, and what the server said about it.
//! let twice = conn.execute(insert(Photo).values([photo("Dawn", &[])])).await.unwrap_err();
//! assert_eq!((twice.kind(), twice.constraint()), (ErrorKind::UniqueViolation, Some("uq_photos_title")));
//! # drop(conn);
//! # engine.dispose().await;
//! # Ok(()) }) }
//! ```
//!
//! Beyond that: LISTEN and NOTIFY (`conn.listen("jobs")`), two-phase commit, enum types and sequences as objects of their own, exclusion
//! constraints, `NULLS NOT DISTINCT`, constraints that are checked when a transaction commits. [`DatabaseError`] has what the server says
//! of an error beyond what every error has.
//!
//! # The dialect
//!
//! [`PostgresDialect`] writes what PostgreSQL understands, in the meaning that it has everywhere: NULL is the least value when rows are ordered, a sum of
//! integers is an integer, text is compared character for character. Many rows of an INSERT, UPDATE or DELETE are one array for each
//! column: one plan, whatever their number.
//!
//! # Changes of tables that are in use
//!
//! Migrations take the form that locks least: indexes are built with CONCURRENTLY, constraints are added NOT VALID and checked afterwards, NOT NULL
//! believes a CHECK. What cannot be done so is told by `aludel lint`, with the lock that it takes.

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

pub use backend::PostgresBackend;
pub use dialect::PostgresDialect;

pub use driver::{Connection, Postgres, driver};
pub use errors::DatabaseError;

/// Counts what the tests allocate: bytes that lie must not fill the memory.
#[cfg(test)]
#[global_allocator]
static MEMORY: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;
