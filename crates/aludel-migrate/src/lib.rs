//! Migrations: revisions and their graph, what they add up to, and how they are run.
//!
//! A revision is data: operations in `revision.toml`, and beside it the SQL that they become. Read [`Revision`] first, then
//! [`RevisionMap`]. Deciding is pure here, as it is in `aludel-sql`; the runner is a small loop around it.

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
pub use diff::{Rename, diff, normalized, possible_renames, set_backfill, unfilled_columns};
pub use document::{read_metadata, read_revision, write_metadata, write_revision};
pub use embedded::Migrations;
pub use history::{Applied, HISTORY_TABLE, State};
pub use lint::{Lint, lint};
pub use migrator::{Begun, Blocked, Hooks, Migrator, Progress, Waits};
pub use offline::offline_script;
pub use render::{render, render_files};
pub use reverse::{Reversed, reverse};
pub use revision::{Revision, RevisionId};
pub use revision_map::RevisionMap;
pub use script::{canonical_sql, read_script, write_script};
pub use script_directory::{Direction, SUM_FILE, Script, ScriptDirectory, folder_name};
pub use verify::{Mismatch, Refusal, Survival, Verification, verify};
