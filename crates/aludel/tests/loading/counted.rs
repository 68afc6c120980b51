//! An engine that counts the statements it sends and the rows that come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aludel::Engine;
use aludel::events::{Listener, StatementEvent};
use aludel_suite::Db;

/// What an engine has sent and received.
#[derive(Clone, Default)]
pub struct Counted(Arc<[AtomicU64; 2]>);

impl Listener for Counted {
    fn statement(&self, event: &StatementEvent<'_>) {
        self.0[0].fetch_add(1, Ordering::SeqCst);
        self.0[1].fetch_add(event.rows, Ordering::SeqCst);
    }
}

impl Counted {
    /// Begins an engine that counts.
    pub fn engine(db: &Db) -> aludel::Result<(Engine, Self)> {
        let counted = Self::default();
        Ok((db.builder().listen(counted.clone()).build()?, counted))
    }

    /// Returns the numbers of statements and rows since this was asked last.
    pub fn take(&self) -> (u64, u64) {
        (self.0[0].swap(0, Ordering::SeqCst), self.0[1].swap(0, Ordering::SeqCst))
    }
}
