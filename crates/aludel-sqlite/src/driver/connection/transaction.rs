//! BEGIN, COMMIT and ROLLBACK, and the writer's turn.

use super::*;

impl SqliteConnection {
    pub(super) async fn take_turn(&mut self) -> Result<()> {
        if self.core()?.turn.is_some() {
            return Ok(());
        }
        let turn = match self.shared.writers.try_take(self.lent_at) {
            Some(turn) => turn,
            None => {
                let on_runtime = self.can_wait();
                // Boxed, because it is rare: every write would have room for it.
                let (at, limit) = (self.lent_at, self.busy_timeout());
                Box::pin(self.shared.writers.take(at, limit, on_runtime)).await?
            }
        };
        self.core()?.turn = Some(turn);
        Ok(())
    }

    pub(super) async fn begin(&mut self, begin: Begin) -> Result<()> {
        if begin.write {
            return self.begin_to_write().await;
        }
        let begun = self.core()?.control(Control::Begin);
        begun.map_err(|stop| self.error(stop))?;
        self.read_only = begin.read_only;
        Ok(())
    }

    pub(super) async fn begin_to_write(&mut self) -> Result<()> {
        self.take_turn().await?;
        let mut waiting = Waiting::default();
        loop {
            match self.core()?.control(Control::BeginImmediate) {
                Ok(()) => return Ok(()),
                Err(stop) => self.wait_out(stop, &mut waiting).await?,
            }
        }
    }

    pub(super) async fn commit(&mut self) -> Result<()> {
        let waits = self.core()?.turn.is_some() && self.shared.commit_waits();
        let mut waiting = Waiting::default();
        loop {
            let committed = if waits {
                self.in_pool(|core| core.control(Control::Commit))
                    .await
                    .map_err(|error| error.with_kind(ErrorKind::CommitOutcomeUnknown))?
            } else {
                self.core()?.control(Control::Commit)
            };
            match committed {
                Ok(()) => break,
                Err(stop) => self.wait_out(stop, &mut waiting).await?,
            }
        }
        self.outside();
        Ok(())
    }

    pub(super) fn roll_back(&mut self) -> Result<()> {
        let core = self.core()?;
        core.schema_changed();
        let rolled_back = if core.db.is_autocommit() { Ok(()) } else { core.control(Control::Rollback) };
        self.outside();
        rolled_back.map_err(|stop| {
            self.mark = Mark::Broken;
            self.error(stop)
        })
    }

    /// Forgets a transaction that is over.
    pub(super) fn outside(&mut self) {
        self.failed = false;
        self.read_only = false;
        let Some(core) = self.core.as_deref_mut() else { return };
        core.outside();
        let frames = core.db.watch().take_wal_frames();
        if frames == 0 {
            return;
        }
        self.shared.checkpoints.committed();
        if checkpoint::is_due(&self.shared, frames) && self.can_wait() {
            checkpoint::start(&self.shared, frames);
        }
    }
}
