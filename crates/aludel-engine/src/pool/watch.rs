//! Warnings of connections that are held too long: by a leak, or by work that should not hold one.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::blocking::runtime;
use crate::pool::shared::Shared;

/// Sees to it that somebody looks at the holders from time to time: a task that is there only while there are some.
///
/// Without a runtime nobody does; then the warning comes when the connection is given back.
pub(super) fn watch(shared: &Arc<Shared>) {
    let Some(limit) = shared.options.pool_hold_warning else { return };
    let Some(runtime) = runtime() else { return };
    if !shared.begin_to_watch() {
        return;
    }
    // Made here: if the runtime is going down and drops the task unseen, the next borrower may begin another.
    let mut watching = Watching { shared: Arc::downgrade(shared), over: false };
    let task = runtime.spawn(async move {
        while let Some(until) = watching.look(limit) {
            sleep_until(until).await;
        }
    });
    shared.watched_by(task.abort_handle());
}

/// Says that the task is there. It keeps no pool alive.
struct Watching {
    shared: Weak<Shared>,
    /// Somebody else may watch from here on.
    over: bool,
}

impl Watching {
    /// Warns of those who are overdue, and tells when to look again.
    fn look(&mut self, limit: Duration) -> Option<Instant> {
        let shared = self.shared.upgrade()?;
        let (overdue, next) = shared.take_all_overdue(limit);
        self.over = next.is_none();
        for holder in overdue {
            shared.held_too_long(holder);
        }
        next
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        if !self.over
            && let Some(shared) = self.shared.upgrade()
        {
            shared.end_watch();
        }
    }
}
