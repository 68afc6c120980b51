//! Where the tests find their databases.
//!
//! `cargo xtask test` starts private servers and tells their URLs in environment variables. A test that needs a server which is
//! not there prints `skipped: …` and returns; if `ALUDEL_TEST_REQUIRE` lists the server, it fails instead.

#[cfg(feature = "browser")]
pub mod browser;
#[cfg(feature = "browser")]
pub mod http;
mod private_server;
pub mod proxy;
mod random;

use std::env;

pub use private_server::PrivateServer;
pub use random::Random;

/// A database system that the tests run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// Embedded SQLite; always there.
    Sqlite,
    /// The PostgreSQL server of `ALUDEL_TEST_POSTGRES`.
    Postgres,
    /// The MariaDB server of `ALUDEL_TEST_MARIADB`.
    MariaDb,
}

impl Database {
    /// Returns the name that test functions and `ALUDEL_TEST_REQUIRE` use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::MariaDb => "mariadb",
        }
    }

    /// Returns the URL of the server (of an administrator who may create databases), or `None` after saying that the test is
    /// skipped.
    ///
    /// # Panics
    ///
    /// Panics if the server is required and there is none.
    #[must_use]
    pub fn server(self) -> Option<String> {
        let variable = match self {
            Self::Sqlite => return Some("sqlite::memory:".to_owned()),
            Self::Postgres => "ALUDEL_TEST_POSTGRES",
            Self::MariaDb => "ALUDEL_TEST_MARIADB",
        };
        let url = env::var(variable).ok().filter(|url| !url.is_empty());
        let required = env::var("ALUDEL_TEST_REQUIRE").unwrap_or_default();
        if url.is_none() {
            let name = self.name();
            assert!(
                !required.split(',').any(|it| it == name),
                "{name} is required, but {variable} is not set"
            );
            println!("skipped: {variable} is not set; `cargo xtask test` starts a server and sets it");
        }
        url
    }
}

/// Tells whether the long form of property, fault and kill tests is asked for (`cargo xtask test --long`).
#[must_use]
pub fn long() -> bool {
    env::var_os("ALUDEL_TEST_LONG").is_some()
}
