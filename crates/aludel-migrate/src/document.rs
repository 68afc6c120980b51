//! `revision.toml`, and the list of tables that a metadata program prints: the same words for both.

mod fields;
mod read;
mod write;

pub use read::{read_metadata, read_revision};
pub use write::{write_metadata, write_revision};
