//! One migrator at a time.

use std::time::{Duration, Instant};

use aludel_engine::Connection;
use aludel_sql::{Error, ErrorKind, Result, text_unchecked};

use super::{Migrator, Progress};

pub(super) const PAUSE: Duration = Duration::from_millis(100);

/// The lock of a database, held on a connection of its own.
pub(super) struct Lock(Option<Connection>);

impl Migrator<'_> {
    /// Waits for the lock. It is asked for again and again: whoever waited inside the database would hold a snapshot, and
    /// `CREATE INDEX CONCURRENTLY` of the one at work would wait for that.
    pub(super) async fn lock(&self) -> Result<Lock> {
        let Some(how) = self.engine.dialect().migration_lock() else { return Ok(Lock(None)) };
        let deadline = self.deadline();
        loop {
            let mut conn = self.engine.connect().await?;
            // Whatever happens, the lock ends with the connection.
            conn.invalidate();
            if how.in_transaction {
                conn.begin_with_next(aludel_engine::driver::Begin::default());
            }
            let taken: i64 = conn.execute(text_unchecked(how.try_lock)).one().await?.at(0)?;
            if taken == 1 {
                conn.run_plain(how.then).await?;
                return Ok(Lock(Some(conn)));
            }
            self.wait(deadline).await?;
        }
    }

    /// Waits a moment for another migrator.
    pub(super) async fn wait(&self, deadline: Instant) -> Result<()> {
        self.tell(Progress::Waiting);
        if Instant::now() >= deadline {
            let waited = self.waits.migrator.as_secs_f64();
            return Err(Error::new(
                ErrorKind::Timeout,
                format!("waited {waited} s for another migrator of this database"),
            )
            .help(
                "let it finish, or wait longer for it: `--wait SECONDS`; a migrator that died holds no lock",
            ));
        }
        tokio::time::sleep(PAUSE).await;
        Ok(())
    }
}

impl Lock {
    /// Gives the lock back and waits until it is free.
    pub(super) async fn release(self) {
        if let Some(conn) = self.0 {
            conn.release().await;
        }
    }
}
