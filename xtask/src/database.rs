//! The three databases, and the names they go by.

use std::collections::BTreeSet;
use std::fmt;

use crate::failure::{Failure, Result};

/// A database that tests run on. The order is the order of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Database {
    Sqlite,
    Postgres,
    Mariadb,
}

impl Database {
    pub const ALL: [Database; 3] = [Database::Sqlite, Database::Postgres, Database::Mariadb];

    /// The name in `--only`, in PARITY.md, in `ALUDEL_TEST_REQUIRE`, and the last segment of a test's path.
    pub fn name(self) -> &'static str {
        match self {
            Database::Sqlite => "sqlite",
            Database::Postgres => "postgres",
            Database::Mariadb => "mariadb",
        }
    }

    /// The name in sentences.
    pub fn title(self) -> &'static str {
        match self {
            Database::Sqlite => "SQLite",
            Database::Postgres => "PostgreSQL",
            Database::Mariadb => "MariaDB",
        }
    }

    /// The variable that brings the URL to the tests. SQLite needs none.
    pub fn url_variable(self) -> Option<&'static str> {
        match self {
            Database::Sqlite => None,
            Database::Postgres => Some("ALUDEL_TEST_POSTGRES"),
            Database::Mariadb => Some("ALUDEL_TEST_MARIADB"),
        }
    }

    /// The package that holds the server, by its name in Debian and Ubuntu.
    pub fn package(self) -> &'static str {
        match self {
            Database::Sqlite => "",
            Database::Postgres => "postgresql",
            Database::Mariadb => "mariadb-server",
        }
    }

    /// Reads one name, as a person or PARITY.md writes it.
    pub fn parse(name: &str) -> Option<Database> {
        Database::ALL.into_iter().find(|it| it.name() == name)
    }

    /// Reads a list such as `sqlite,postgres`.
    pub fn parse_list(list: &str) -> Result<BTreeSet<Database>> {
        list.split(',')
            .map(|name| {
                Database::parse(name.trim()).ok_or_else(|| {
                    Failure::new(format!("`{name}` is not a database"))
                        .help("the names are sqlite, postgres and mariadb, separated by commas")
                })
            })
            .collect()
    }

    /// Splits `session::x::postgres` into the path without its database, and the database.
    pub fn split_suffix(test: &str) -> Option<(&str, Database)> {
        let (path, last) = test.rsplit_once("::")?;
        Some((path, Database::parse(last)?))
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
