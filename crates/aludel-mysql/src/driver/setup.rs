//! What every new connection is told and asked, in one round trip.

use std::time::Duration;

use aludel_sql::{Error, ErrorKind, Result};
use mysql_async::prelude::{FromValue, Queryable};
use mysql_async::{Conn, Value};

use crate::errors;

/// The settings without which a statement would not mean the same here as on the other databases.
///
/// `/*M! … */` is read by MariaDB only, `/*!80017 … */` by MySQL 8.0.17 and later only (MariaDB skips the numbers from 50700
/// to 99999), so that the text needs no answer first. This is the only text with several statements that the driver sends
/// beside the one that begins a transaction.
const SETUP: &str = "\
    SET NAMES utf8mb4 COLLATE /*M! utf8mb4_nopad_bin *//*!80017 utf8mb4_0900_bin */, \
    time_zone = '+00:00', \
    autocommit = 1, \
    group_concat_max_len = 1073741824, \
    /*M! max_recursive_iterations = 4294967295, *//*!80017 cte_max_recursion_depth = 4294967295, */ \
    sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY,NO_ZERO_DATE,\
NO_ZERO_IN_DATE,NO_AUTO_VALUE_ON_ZERO,NO_BACKSLASH_ESCAPES'; \
    SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; \
    SELECT version(), connection_id(), @@max_allowed_packet, @@wait_timeout, @@auto_increment_increment, \
    @@innodb_autoinc_lock_mode";

/// What the server said about itself and this connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Server {
    /// It is MariaDB, not MySQL.
    pub maria: bool,
    /// The number that KILL QUERY wants.
    pub connection: u64,
    /// The longest packet that it accepts, in bytes.
    pub max_allowed_packet: usize,
    /// After so many idle seconds it closes the connection.
    pub wait_timeout: u64,
    /// From one generated key to the next of the same statement.
    pub key_step: u64,
    /// The keys of an INSERT … SELECT may have those of other connections among them.
    pub keys_interleaved: bool,
}

impl Server {
    /// Tells whether the server has closed a connection that has been idle for so long.
    pub fn has_hung_up(&self, idle: Duration) -> bool {
        idle >= Duration::from_secs(self.wait_timeout)
    }
}

/// Sets up a new connection.
pub(super) async fn set_up(conn: &mut Conn) -> Result<Server> {
    send(conn, SETUP).await
}

/// Sets up a connection whose session was reset, and goes back to its database.
pub(super) async fn set_up_again(conn: &mut Conn, database: &str) -> Result<Server> {
    let quoted = database.replace('`', "``");
    send(conn, &format!("USE `{quoted}`; {SETUP}")).await
}

async fn send(conn: &mut Conn, settings: &str) -> Result<Server> {
    let mut last = None;
    let failed = |error| errors::from_driver(error).doing("setting up a new connection");
    {
        let mut result = conn.query_iter(settings).await.map_err(failed)?;
        while !result.is_empty() {
            while let Some(row) = result.next().await.map_err(failed)? {
                last = Some(row);
            }
        }
        // What an error put in place of a result set comes out here.
        result.next().await.map_err(failed)?;
    }
    let mut values = last.map(mysql_async::Row::unwrap_raw).unwrap_or_default().into_iter().flatten();
    let server = (|| {
        Some((
            text(values.next()?)?,
            Server {
                maria: false,
                connection: number(values.next()?)?,
                max_allowed_packet: usize::try_from(number(values.next()?)?).ok()?,
                wait_timeout: number(values.next()?)?,
                key_step: number(values.next()?)?,
                keys_interleaved: number(values.next()?)? == 2,
            },
        ))
    })();
    let (version, server) = server.ok_or_else(|| {
        Error::new(
            ErrorKind::Protocol,
            "the server did not say its version and limits when the connection was set up",
        )
    })?;
    Ok(Server { maria: version.contains("MariaDB"), ..server })
}

fn text(value: Value) -> Option<String> {
    String::from_value_opt(value).ok()
}

fn number(value: Value) -> Option<u64> {
    u64::from_value_opt(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_idle_for_as_long_as_wait_timeout_is_gone() {
        let server = Server {
            maria: true,
            connection: 1,
            max_allowed_packet: 1 << 24,
            wait_timeout: 60,
            key_step: 1,
            keys_interleaved: false,
        };
        assert!(!server.has_hung_up(Duration::from_secs(59)));
        assert!(server.has_hung_up(Duration::from_secs(60)));
    }
}
