//! The engine: URLs, the pool, connections, transactions, and the traits that a database's driver implements.

pub mod driver;
pub mod url;

pub use aludel_sql::{Error, ErrorKind, Result};
pub use url::Url;
