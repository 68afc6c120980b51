//! What is measured, without a database: the rows of the table, the data they need, the trait a contestant
//! implements and the line protocol of a contestant in a process of its own.
//!
//! Read [`Contestant`] first, then any file under `rows/`. This crate has no dependency, because it is compiled
//! into programs that cannot share one (each links its own SQLite).

pub mod checksum;
mod contestant;
mod data;
pub mod protocol;
mod row;
pub mod rows;

pub use contestant::{Contestant, Outcome, Sample};
pub use data::{Book, BookCells, Child, Contents, Grandchild, Item, NewItem, Parent};
pub use row::{Gate, Row, Targets};

/// Whatever went wrong; the harness adds whose turn it was, and in which row.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A database of the table, and how its contestants reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// The address is the path of a file that belongs to one contestant alone.
    Sqlite,
    /// The address is a URL; all contestants use the same tables, one after the other.
    Postgres,
}

impl Database {
    /// As written on the command line.
    pub fn key(self) -> &'static str {
        match self {
            Database::Sqlite => "sqlite",
            Database::Postgres => "postgres",
        }
    }

    /// As written at the head of the table.
    pub fn title(self) -> &'static str {
        match self {
            Database::Sqlite => "SQLite",
            Database::Postgres => "PostgreSQL",
        }
    }

    /// The inverse of [`Database::key`].
    pub fn from_key(key: &str) -> Result<Self> {
        match key {
            "sqlite" => Ok(Database::Sqlite),
            "postgres" => Ok(Database::Postgres),
            _ => Err(format!("no such database: `{key}` (there are `sqlite` and `postgres`)").into()),
        }
    }
}
