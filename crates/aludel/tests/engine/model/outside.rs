//! What other programs see of the database, and the administrator's ways.

use std::collections::{BTreeMap, BTreeSet};

use aludel::prelude::*;
use aludel_suite::{Database, Db};

use super::work::FIXED;

/// A connection of another program.
pub struct Outside {
    database: Database,
    conn: Connection,
    number: i64,
    is_wide: bool,
    /// The table is not as it was in the beginning, or was not once.
    pub has_altered: bool,
}

impl Outside {
    /// Comes with a connection, and empties the tables.
    pub async fn come(db: &Db) -> aludel::Result<Self> {
        let mut conn = db.other().connect().await?;
        let number = match db.database {
            Database::Sqlite => 0,
            Database::Postgres => {
                conn.execute(text!("SELECT pg_backend_pid()::bigint")).one().await?.at(0)?
            }
            Database::MariaDb => conn.execute(text!("SELECT connection_id()")).one().await?.at(0)?,
        };
        let mut outside = Self { database: db.database, conn, number, is_wide: false, has_altered: false };
        for name in outside.rows().await?.into_keys().filter(|it| it.starts_with("extra")) {
            outside.conn.run_plain(&[&format!("DROP TABLE {name}")]).await?;
        }
        // Whether it is there from another program or not.
        _ = outside.conn.run_plain(&["ALTER TABLE marks DROP COLUMN wide"]).await;
        let insert = format!("INSERT INTO marks (name, n) VALUES ('{FIXED}', 0)");
        outside.conn.run_plain(&["DELETE FROM marks", &insert]).await?;
        Ok(outside)
    }

    /// Returns what is committed: the marks, and the tables beside them.
    pub async fn rows(&mut self) -> aludel::Result<BTreeMap<String, i64>> {
        let tables = match self.database {
            Database::Sqlite => "SELECT name, 0 FROM sqlite_master WHERE name LIKE 'extra%'",
            Database::Postgres => "SELECT relname::text, 0::bigint FROM pg_class WHERE relname LIKE 'extra%'",
            Database::MariaDb => {
                "SELECT table_name, 0 FROM information_schema.tables WHERE table_schema = database() AND table_name LIKE 'extra%'"
            }
        };
        let sql = format!("SELECT name, n FROM marks UNION ALL {tables}");
        let rows = self.conn.execute(text_unchecked(sql)).all().await?;
        rows.iter().map(|row| Ok((row.at(0)?, row.at(1)?))).collect()
    }

    /// Returns the numbers of the sessions that are not this one.
    pub async fn sessions(&mut self) -> aludel::Result<BTreeSet<i64>> {
        let sql = match self.database {
            Database::Sqlite => return Ok(BTreeSet::new()),
            Database::Postgres => {
                "SELECT pid::bigint FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
            }
            Database::MariaDb => "SELECT id FROM information_schema.processlist WHERE db = database()",
        };
        let rows = self.conn.execute(text_unchecked(sql)).all().await?;
        let numbers: aludel::Result<BTreeSet<i64>> = rows.iter().map(|row| row.at(0)).collect();
        let own = self.number;
        numbers.map(|it| it.into_iter().filter(|number| *number != own).collect())
    }

    /// Ends a session, and waits until it is gone.
    pub async fn kill(&mut self, number: i64) -> aludel::Result<()> {
        let kill = match self.database {
            Database::Sqlite => return Ok(()),
            Database::Postgres => format!("SELECT pg_terminate_backend({number})"),
            Database::MariaDb => format!("KILL {number}"),
        };
        self.conn.run_plain(&[&kill]).await?;
        while self.sessions().await?.contains(&number) {
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Locks all rows: nobody else has a lock on one.
    pub async fn lock_all(&mut self) -> aludel::Result<()> {
        self.conn.run_plain(&["UPDATE marks SET n = n"]).await
    }

    /// Changes the form of the table.
    pub async fn alter(&mut self) -> aludel::Result<()> {
        let change = if self.is_wide { "DROP COLUMN wide" } else { "ADD COLUMN wide integer" };
        self.is_wide = !self.is_wide;
        self.has_altered = true;
        self.conn.run_plain(&[&format!("ALTER TABLE marks {change}")]).await
    }
}
