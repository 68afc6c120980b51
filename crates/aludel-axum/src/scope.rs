//! What one request knows about itself: its id, its statements, and the session that its handler lent.

use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aludel::{Engine, Session};

use crate::RequestId;

tokio::task_local! {
    /// The request that is being handled, for what cannot be handed it: a [`Problem`](crate::Problem) made by `?`.
    pub(crate) static CURRENT: Arc<Scope>;
}

/// One request under the layer.
pub(crate) struct Scope {
    pub(crate) id: RequestId,
    pub(crate) engine: Engine,
    pub(crate) body_timeout: Duration,
    statements: AtomicU64,
    session: Mutex<Lent>,
}

/// Where the session of `AutoCommit` is.
pub(crate) enum Lent {
    /// Nobody asked for one.
    Never,
    /// The handler has it.
    Out,
    /// The handler ended and gave it back.
    Back(Box<Session>),
}

impl Scope {
    pub(crate) fn new(id: RequestId, engine: Engine, body_timeout: Duration) -> Self {
        Self { id, engine, body_timeout, statements: AtomicU64::new(0), session: Mutex::new(Lent::Never) }
    }

    /// Returns the id of the request that is being handled, if it is under the layer.
    pub(crate) fn current_id() -> Option<RequestId> {
        CURRENT.try_with(|scope| scope.id.clone()).ok()
    }

    /// Counts the statements of a session that ends.
    pub(crate) fn count(&self, session: &Session) {
        self.statements.fetch_add(session.query_count(), Ordering::Relaxed);
    }

    pub(crate) fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Opens the session of `AutoCommit`; `None` if the handler has it already.
    pub(crate) fn lend(&self) -> Option<Session> {
        let mut lent = self.lent();
        match *lent {
            Lent::Out => None,
            Lent::Never | Lent::Back(_) => {
                // A session that an extractor before this one gave back is rolled back here, unread.
                *lent = Lent::Out;
                Some(self.engine.session())
            }
        }
    }

    pub(crate) fn give_back(&self, session: Session) {
        *self.lent() = Lent::Back(Box::new(session));
    }

    /// Takes what the handler left, once it has answered.
    pub(crate) fn take(&self) -> Lent {
        mem::replace(&mut self.lent(), Lent::Never)
    }

    fn lent(&self) -> MutexGuard<'_, Lent> {
        // Nothing panics while it is locked.
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
