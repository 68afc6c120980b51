//! What servers remark.

use std::fmt;

use aludel_sql::Printable;

/// A remark of the server about a statement that has not failed.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct NoticeEvent<'a> {
    /// `WARNING`, `NOTICE`, `INFO`, `LOG` or `DEBUG`.
    pub severity: &'a str,
    /// The SQLSTATE or number.
    pub code: &'a str,
    /// What the server says. What a function of the database says with RAISE may hold values.
    pub message: &'a str,
    /// The number of the connection, as in [`PoolEvent`](super::PoolEvent).
    pub connection: u64,
}

/// Writes the event on one line, as `echo` shows it: `NOTICE 00000: table "books" does not exist, skipping`.
impl fmt::Display for NoticeEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { severity, code, message, .. } = self;
        write!(f, "{} {}: {}", Printable::line(severity), Printable::line(code), Printable::line(message))
    }
}
