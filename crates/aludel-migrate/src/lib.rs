//! Migrations: revisions and their graph, what they add up to, and how they are run.
//!
//! A revision is data: operations in `revision.toml`, and beside it the SQL that they become. Read [`Revision`] first, then
//! [`RevisionMap`]. Deciding is pure here, as it is in `aludel-sql`; the runner is a small loop around it.

mod diff;
mod document;
mod revision;
mod revision_map;

pub use diff::{diff, normalized};
pub use document::{read_metadata, read_revision, write_metadata, write_revision};
pub use revision::{Revision, RevisionId};
pub use revision_map::RevisionMap;
