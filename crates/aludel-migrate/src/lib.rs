//! Migrations: revisions and their graph, what they add up to, and how a database is brought to one of them.
//!
//! Deciding is pure here, as it is in `aludel-sql`: values in, values out. The runner is a small loop around it, on a connection of
//! `aludel-engine`. Programs use the crate through `aludel::migrate`, people through the command `aludel`.
//!
//! # A revision is data
//!
//! A [`Revision`] is a list of [`Operation`](aludel_sql::schema::Operation)s, each with its full before and after, so that each knows what
//! undoes it. It lives in a file, `revision.toml`, which [`read_revision`] and [`write_revision`] know. Revisions follow each other: a
//! [`RevisionMap`] is the graph of them, with heads, branches and merges, and with Alembic's words for a place in it (`head`, `+1`, `base`).
//!
//! What the revisions of a project add up to is known without any database: [`RevisionMap::state`] applies one after the other. So
//! [`diff`] of that and the models is the next revision, and what it cannot know it asks: [`possible_renames`] whether a column that goes
//! and one that comes are the same, [`unfilled_columns`] what rows that are there get in a new column.
//!
//! # From operations to SQL
//!
//! [`render`] writes the steps of operations on a dialect, in the form that locks least, and [`render_files`] the files that stand beside a
//! `revision.toml`: `up.sqlite.sql`, `down.postgres.sql`. These files are what is run: they can be read, and edited, before that. A
//! [`ScriptDirectory`] is the folder of all of them, with a chain of checksums, so that two people who add a revision at once hear of it
//! from git. [`lint`] tells what an operation does to whoever uses its table meanwhile.
//!
//! # On a database
//!
//! A [`Migrator`] runs what is missing up to a revision, or undoes what is built on one. Eight programs may do it at once. It notes in a
//! table of the database what is there; it refuses to run what was edited since, and to drop a table with rows or a column with values
//! unless it is told to.
//!
//! ```
//! use aludel::prelude::*;
//! use aludel_migrate::{
//!     Comparison, Migrator, Revision, RevisionId, ScriptDirectory, diff, render_files, write_revision,
//! };
//!
//! #[derive(Entity)]
//! #[entity(table = "readers")]
//! pub struct Reader {
//!     #[column(primary_key)]
//!     pub id: i64,
//!     #[column(length = 255, unique)]
//!     pub email: String,
//! }
//!
//! # aludel::doc::run_engine(async |_| {
//! let engine = Engine::builder("sqlite::memory:").build()?;
//! let models = Metadata::of((Reader,));
//!
//! // What `aludel revision --autogenerate -m "create readers"` does: there are no revisions yet, so the difference is everything.
//! let operations = diff(&Metadata::default(), &models)?;
//! assert_eq!(operations[0].to_string(), "create table readers");
//! let revision = Revision { operations, ..Revision::new(RevisionId::new("ae10")?, vec![], "create readers") };
//!
//! // Its files: `revision.toml`, and the SQL of each database that the project runs on.
//! let mut files = vec![("ae10_create_readers/revision.toml".to_owned(), write_revision(&revision))];
//! for (name, sql) in render_files(&revision, &Metadata::default(), &[engine.dialect()])? {
//!     files.push((format!("ae10_create_readers/{name}"), sql)); // up.sqlite.sql, down.sqlite.sql
//! }
//! let folder = |files: &[(String, String)]| {
//!     ScriptDirectory::from_files(files.iter().map(|(name, text)| (name.as_str(), text.as_str())))
//! };
//! let sum = folder(&files)?.sum()?;
//! files.push(("aludel.sum".to_owned(), sum));
//!
//! // What `aludel upgrade head` does, or a program when it starts: BEGIN; CREATE TABLE readers (…); INSERT INTO aludel_revisions …; COMMIT
//! let scripts = folder(&files)?; // of a project: `ScriptDirectory::load("migrations".as_ref())?`
//! let migrator = Migrator::new(&engine, &scripts);
//! assert_eq!(migrator.upgrade("head").await?, [RevisionId::new("ae10")?]);
//! assert!(migrator.upgrade("head").await?.is_empty()); // there is nothing to do the next time
//!
//! // What `aludel check` and `aludel drift` ask: do the models, the revisions and the database say the same?
//! assert!(diff(&scripts.map().state(&scripts.map().heads())?, &models)?.is_empty());
//! assert!(Comparison::read(&engine, &models).await?.drift()?.is_empty());
//!
//! // Back, unless somebody would lose something by it.
//! engine.connect().await?.execute(insert(Reader).values([Reader::builder().email("sam@example.org")])).await?;
//! let refused = migrator.downgrade("base").await.unwrap_err();
//! assert_eq!(refused.kind(), ErrorKind::DataLoss);
//! # Ok(()) });
//! ```
//!
//! Where a database has transactions for DDL, a revision is one; elsewhere each step is noted when it is done, and
//! [`Migrator::resume`] goes on after a crash. [`Hooks`] are steps that are code of the program. [`Waits`] say how long a migrator waits for
//! what others use, because everybody else waits behind it.
//!
//! # Beside the migrator
//!
//! | for | there is |
//! |---|---|
//! | revisions that are part of the program | [`Migrations`], made by `embed_migrations!` |
//! | a script for somebody else to run | [`offline_script`] |
//! | a database that was there before its revisions | [`reverse`] writes its entities, [`Migrator::stamp`] its history |
//! | what somebody changed by hand | [`Comparison`] |
//! | trying all revisions, there and back | [`verify()`] |
//! | two branches of work | [`RevisionMap::rebase`], or a revision with two parents |

// What changes, as data.
mod checksum;
mod data_loss;
mod diff;
mod difference;
mod document;
mod former_names;
mod revision;
mod revision_map;
// From operations to SQL, and the files that hold both.
mod count;
mod lint;
mod preflight;
mod render;
mod script;
mod script_directory;
// On a database.
mod comparison;
mod embedded;
mod history;
mod migrator;
mod offline;
mod reverse;
mod verify;

pub use checksum::checksum;
pub use comparison::{Comparison, NOT_COMPARED};
pub use data_loss::Loss;
pub use diff::{Rename, column_orders, diff, normalized, possible_renames, set_backfill, unfilled_columns};
pub use document::{read_metadata, read_revision, write_metadata, write_revision};
pub use embedded::Migrations;
pub use history::{Applied, HISTORY_TABLE, State};
pub use lint::{Lint, lint};
pub use migrator::{Begun, Blocked, Hooks, Migrator, Progress, Waits};
pub use offline::{offline_script, offline_stamp};
pub use render::{render, render_files};
pub use reverse::{Reversed, reverse};
pub use revision::{Revision, RevisionId};
pub use revision_map::RevisionMap;
pub use script::{canonical_sql, read_script, write_script};
pub use script_directory::{Direction, SUM_FILE, Script, ScriptDirectory, folder_name};
pub use verify::{Mismatch, Refusal, Survival, Verification, verify, verify_with};
