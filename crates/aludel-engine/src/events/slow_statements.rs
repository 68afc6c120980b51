//! A listener for statements that take too long.

use std::time::Duration;

use aludel_sql::Printable;

use super::{Listener, StatementEvent};

/// Warns of statements that took longer than a time: a `tracing` event of target `aludel::slow`.
pub(crate) struct SlowStatements {
    pub(crate) longer_than: Duration,
}

impl Listener for SlowStatements {
    fn statement(&self, event: &StatementEvent<'_>) {
        if event.elapsed >= self.longer_than {
            tracing::warn!(
                target: "aludel::slow",
                sql = %Printable::line(event.sql),
                values = %event.values,
                elapsed_ms = event.elapsed.as_secs_f64() * 1000.0,
                rows = event.rows,
                rows_affected = event.rows_affected,
                connection = event.connection,
                logging_token = event.logging_token,
                "slow statement"
            );
        }
    }
}
