//! The database that a check works with.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use aludel::events::{Listener, StatementEvent, TransactionEvent};
use aludel::prelude::*;

/// An empty database of SQLite in a file of its own, and a log of what is sent to it. Dropped, the file is removed.
///
/// It is a file, and not in memory, so that others can read while a transaction is open, as they can on a server.
pub struct Db {
    /// The engine that the answer works with.
    pub engine: Engine,
    /// What was sent through it.
    log: Log,
    folder: PathBuf,
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Sent>>);

#[derive(Default)]
struct Sent {
    lines: Vec<String>,
    rows: u64,
}

impl Db {
    /// Makes one.
    ///
    /// # Panics
    ///
    /// Panics where the folder for temporary files cannot be written.
    #[must_use]
    pub fn create() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("aludel_drill_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("the folder for temporary files can be written");
        let log = Log::default();
        let url = format!("sqlite:///{}", folder.join("drill.db").display());
        let engine = Engine::builder(&url).listen(log.clone()).build().expect("the URL is right");
        Self { engine, log, folder }
    }

    /// Opens a session.
    #[must_use]
    pub fn session(&self) -> Session {
        self.engine.session()
    }

    /// Creates tables, and forgets that they were.
    pub async fn create_tables(&self, tables: &Metadata) -> aludel::Result<()> {
        self.engine.create_all(tables).await?;
        self.forget();
        Ok(())
    }

    /// Returns what was sent: statements without their values, and `BEGIN`, `COMMIT`, `ROLLBACK`, `SAVEPOINT`.
    #[must_use]
    pub fn sent(&self) -> Vec<String> {
        self.log.sent().lines.clone()
    }

    /// Returns what was sent and begins with a word.
    #[must_use]
    pub fn sent_as(&self, word: &str) -> Vec<String> {
        self.sent().into_iter().filter(|it| it.starts_with(word)).collect()
    }

    /// Counts the rows that statements gave.
    #[must_use]
    pub fn rows_read(&self) -> u64 {
        self.log.sent().rows
    }

    /// Forgets what was sent.
    pub fn forget(&self) {
        *self.log.sent() = Sent::default();
    }

    /// Reads one value, as another program does: what is not committed is not there.
    pub async fn value<T: ColumnType>(&self, sql: &str) -> aludel::Result<T> {
        self.engine.connect().await?.execute(text_unchecked(sql)).one().await?.at(0)
    }

    /// Reads a column, as another program does.
    pub async fn column<T: ColumnType>(&self, sql: &str) -> aludel::Result<Vec<T>> {
        let rows = self.engine.connect().await?.execute(text_unchecked(sql)).all().await?;
        rows.iter().map(|row| row.at(0)).collect()
    }

    /// Runs SQL, as another program does.
    pub async fn run(&self, sql: &str) -> aludel::Result<()> {
        self.engine.connect().await?.run_plain(&[sql]).await
    }
}

impl Drop for Db {
    fn drop(&mut self) {
        // A connection may still close its file: what is left is in the folder for temporary files.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl fmt::Debug for Db {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Db").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Log {
    fn sent(&self) -> MutexGuard<'_, Sent> {
        self.0.lock().expect("nobody panics while it is locked")
    }
}

impl Listener for Log {
    fn statement(&self, event: &StatementEvent<'_>) {
        let mut sent = self.sent();
        sent.lines.push(event.sql.to_owned());
        sent.rows += event.rows;
    }

    fn transaction(&self, event: &TransactionEvent<'_>) {
        self.sent().lines.push(event.step.to_string());
    }
}
