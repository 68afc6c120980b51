//! Waiting: for a lock, for a job in the blocking pool, and giving the worker back between.

use super::*;

/// How a statement waits for a lock.
#[derive(Default)]
pub(super) struct Waiting {
    pub(super) patience: Option<Patience>,
    /// It took the writer's turn only to read, in a database in memory.
    pub(super) borrowed_turn: bool,
}

impl SqliteConnection {
    /// Tells whether this call may wait on a runtime.
    pub(super) fn can_wait(&self) -> bool {
        self.on_runtime && runtime().is_some()
    }

    /// Runs a job where it may take its time: in the blocking pool, or here if there is none.
    pub(super) async fn in_pool<T: Send + 'static>(
        &mut self,
        job: impl FnOnce(&mut Core) -> T + Send + 'static,
    ) -> Result<T> {
        if !self.can_wait() {
            return Ok(job(self.core()?));
        }
        let mut core = self.core.take().ok_or_else(lost)?;
        let task = tokio::task::spawn_blocking(move || {
            let answer = job(&mut core);
            (core, answer)
        });
        match task.await {
            Ok((core, answer)) => {
                self.core = Some(core);
                self.slice = None;
                Ok(answer)
            }
            Err(cause) => {
                self.mark = Mark::Broken;
                Err(lost().with_source(cause))
            }
        }
    }

    /// Gives the worker back if this task has held it for too long.
    pub(super) async fn breathe(&mut self) {
        if self.on_runtime {
            self.breathe_at(Instant::now()).await;
        }
    }

    pub(super) async fn breathe_at(&mut self, now: Instant) {
        match self.slice {
            Some(since) if now.duration_since(since) > SLICE => {
                tokio::task::yield_now().await;
                self.slice = Some(Instant::now());
            }
            Some(_) => {}
            None => self.slice = Some(now),
        }
    }

    /// Waits where somebody else holds a lock; any other error is returned.
    ///
    /// Boxed, because it is rare: every future that may wait would have room for it.
    #[cold]
    pub(super) fn wait_out<'a>(
        &'a mut self,
        stop: Stop,
        waiting: &'a mut Waiting,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.waited_out(stop, waiting))
    }

    pub(super) async fn waited_out(&mut self, stop: Stop, waiting: &mut Waiting) -> Result<()> {
        if !stop.is_busy() {
            return Err(self.error(stop));
        }
        // A database in memory has one lock for all, so that a reader waits for the writer's end: in the same queue as writers do.
        if self.shared.is_memory() && self.core()?.turn.is_none() {
            waiting.borrowed_turn = true;
            return self.take_turn().await;
        }
        let limit = self.busy_timeout();
        let on_runtime = self.can_wait();
        if waiting.patience.get_or_insert_with(|| Patience::new(limit)).wait(on_runtime).await {
            return Ok(());
        }
        Err(self.error(stop).doing(format!("waiting {} s for the lock", limit.as_secs_f64())))
    }

    /// Returns how long to wait for a lock or the writer's turn.
    pub(super) fn busy_timeout(&self) -> Duration {
        let busy_timeout = self.shared.options.busy_timeout;
        match self.deadline {
            Some(deadline) => busy_timeout.min(deadline.saturating_duration_since(Instant::now())),
            None => busy_timeout,
        }
    }

    /// Spends one unit of what tokio lets a task do before it must give its worker back.
    pub(super) async fn spend_budget(&mut self) {
        if self.on_runtime {
            tokio::task::coop::consume_budget().await;
        }
    }
}
