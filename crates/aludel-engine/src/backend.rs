//! What a backend offers to the engine.

use std::fmt;
use std::sync::Arc;

use aludel_sql::{Dialect, Result};

use crate::driver::Driver;
use crate::url::Url;

/// A database system that the engine can talk to. Each backend crate has one; third parties bring their own.
pub trait Backend: Send + Sync + fmt::Debug {
    /// Returns the schemes of the URLs that belong to it: `["sqlite"]`.
    ///
    /// ```
    /// use aludel_engine::Backend;
    ///
    /// assert_eq!(aludel_sqlite::SqliteBackend.schemes(), ["sqlite"]); // `sqlite:///library.db`, `sqlite::memory:`
    /// ```
    fn schemes(&self) -> &'static [&'static str];

    /// Makes the driver and the dialect of a URL. No I/O happens.
    ///
    /// ```
    /// use aludel_engine::{Backend, ErrorKind};
    ///
    /// let (driver, dialect) = aludel_sqlite::SqliteBackend.open(&"sqlite:///library.db".parse()?)?; // touches no file
    /// assert_eq!(dialect.name(), "SQLite");
    /// # let _ = driver;
    ///
    /// let error = aludel_sqlite::SqliteBackend.open(&"sqlite:///library.db?mode=write".parse()?).unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Url);
    /// # Ok::<(), aludel_engine::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Url` where the URL or one of its options is wrong.
    fn open(&self, url: &Url) -> Result<(Arc<dyn Driver>, Arc<dyn Dialect>)>;
}
