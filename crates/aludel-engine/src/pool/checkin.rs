//! Taking back: a connection goes to the idle ones only if it is known to be clean.

use aludel_sql::{Error, ErrorKind};
use tokio::time::Instant;

use crate::blocking::runtime;
use crate::driver::{BoxFuture, Status};
use crate::pool::holder::HolderStage;
use crate::pool::limit;
use crate::pool::open::Open;
use crate::pool::options::ResetOnReturn;
use crate::pool::slot::Slot;

/// A lent connection and its slot. Dropped as it is, the connection is closed and then the slot freed; the order of the fields
/// sees to it.
pub(super) struct Lease {
    pub(super) open: Box<Open>,
    pub(super) slot: Slot,
}

/// What must happen to a connection that comes back.
enum Verdict {
    /// It is clean.
    Keep,
    /// It is clean but not wanted any more.
    Retire(&'static str),
    /// A transaction is open, or the session is to be reset.
    CleanUp,
    /// Its state is not known, or it is of no use.
    Discard(&'static str),
}

impl Lease {
    /// Takes the connection back without waiting: for destructors.
    pub(super) fn check_in(mut self) {
        self.slot.warn_if_overdue();
        match self.verdict() {
            Verdict::CleanUp => self.clean_up_soon(),
            verdict => {
                if let Some((surplus, _slot)) = self.settle(verdict) {
                    surplus.farewell();
                }
            }
        }
    }

    /// Takes the connection back, and returns what is left to wait for until it is clean, or closed.
    ///
    /// Dropped half-way, the connection is closed.
    pub(super) fn begin_check_in(mut self) -> Option<BoxFuture<'static, ()>> {
        self.slot.warn_if_overdue();
        match self.verdict() {
            Verdict::CleanUp => Some(Box::pin(async move {
                let verdict = match limit::within(limit::CLEAN_UP, self.clean_up()).await {
                    Some(verdict) => verdict,
                    None => Verdict::Discard("rollback or reset took too long"),
                };
                if let Some(surplus) = self.settle(verdict) {
                    close(surplus).await;
                }
            })),
            verdict => {
                let surplus = self.settle(verdict)?;
                Some(Box::pin(close(surplus)))
            }
        }
    }

    fn verdict(&mut self) -> Verdict {
        let shared = self.slot.shared();
        // Only the ping before a loan asks for it, and a look at the clock takes longer than all the rest.
        if self.open.loan.used && shared.options.pool_pre_ping {
            self.open.last_used = Instant::now();
        }
        let old = self.open.generation != shared.generation();
        let reset_on_return = shared.options.reset_on_return;
        match (self.open.raw.status(), self.open.loan.condemned) {
            (Status::InFlight, _) => Verdict::Discard("a batch was in flight"),
            (Status::Broken, _) => Verdict::Discard("broken"),
            (_, Some(why)) => Verdict::Discard(why),
            (Status::Idle, None) if old => Verdict::Retire("invalidated"),
            (Status::Idle, None) if self.open.is_expired(shared.options.pool_recycle, Instant::now) => {
                Verdict::Retire("recycled")
            }
            (Status::Idle, None)
                if self.open.loan.used && !self.open.loan.reset && reset_on_return == ResetOnReturn::Full =>
            {
                Verdict::CleanUp
            }
            (Status::Idle, None) => Verdict::Keep,
            // The server is probably gone; if not, it rolls back when the connection closes.
            (Status::InTx | Status::Failed, None) if old => Verdict::Discard("invalidated"),
            (Status::InTx | Status::Failed, None) if reset_on_return == ResetOnReturn::None => {
                Verdict::Discard("given back with an open transaction")
            }
            (Status::InTx | Status::Failed, None) => Verdict::CleanUp,
        }
    }

    /// Carries out a verdict. A connection that should be closed with a good-bye comes back with its slot, which must outlive
    /// it.
    fn settle(self, verdict: Verdict) -> Option<(Box<Open>, Slot)> {
        match verdict {
            Verdict::Keep => {
                self.slot.shared().returned(&self.open);
                let Self { open, mut slot } = self;
                let surplus = slot.keep(open)?;
                slot.shared().closing(&surplus, "overflow");
                Some((surplus, slot))
            }
            Verdict::Retire(why) => {
                self.slot.shared().closing(&self.open, why);
                Some((self.open, self.slot))
            }
            Verdict::Discard(why) => {
                self.slot.shared().closing(&self.open, why);
                None
            }
            Verdict::CleanUp => None,
        }
    }

    /// Rolls back, resets the session if that is wanted, and judges again.
    async fn clean_up(&mut self) -> Verdict {
        if self.open.raw.status() != Status::Idle {
            self.slot.set_stage(HolderStage::RollingBack);
            if let Err(error) = self.open.roll_back().await {
                return self.not_cleaned(&error, "rollback failed");
            }
        }
        // Not one that is going to be closed anyway.
        if let Verdict::CleanUp = self.verdict()
            && self.open.raw.status() == Status::Idle
        {
            self.slot.set_stage(HolderStage::Resetting);
            match self.open.reset().await {
                Ok(()) => {
                    self.open.loan.reset = true;
                    self.slot.shared().reset(&self.open);
                }
                Err(error) if error.kind() == ErrorKind::Unsupported => return Verdict::Retire("reset"),
                Err(error) => return self.not_cleaned(&error, "reset failed"),
            }
        }
        match self.verdict() {
            Verdict::CleanUp => Verdict::Discard("rollback left the transaction open"),
            verdict => verdict,
        }
    }

    fn not_cleaned(&self, error: &Error, why: &'static str) -> Verdict {
        tracing::debug!(target: "aludel::pool", %error, why);
        if error.is_disconnect() {
            self.slot.shared().found_dead(self.open.generation);
        }
        Verdict::Discard(why)
    }

    /// Cleans up where no one can wait: here if that is done at one poll (SQLite's always is), else on a task of its own. The
    /// slot stays taken meanwhile. Without a runtime, or when the runtime goes down first, the connection is closed and the
    /// database rolls back.
    fn clean_up_soon(mut self) {
        // The limit is set around it below, on the task: a timer cannot be made here without a runtime.
        let mut ending: BoxFuture<'static, ()> = Box::pin(async move {
            let verdict = self.clean_up().await;
            if let Some((surplus, _slot)) = self.settle(verdict) {
                surplus.farewell();
            }
        });
        if limit::poll_once(ending.as_mut()).is_pending()
            && let Some(runtime) = runtime()
        {
            runtime.spawn(limit::within(limit::CLEAN_UP, ending));
        }
    }
}

/// Closes a connection with a good-bye, before its slot is free.
async fn close((surplus, _slot): (Box<Open>, Slot)) {
    limit::within(limit::CLOSE, surplus.raw.close()).await;
}
