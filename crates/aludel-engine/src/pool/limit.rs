//! Waiting for a while, with a runtime or without one.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::blocking::{block_on_within, runtime, waits_here};

/// How long the server may take to answer a ping.
pub(super) const PING: Duration = Duration::from_secs(5);
/// How long a connection that was given back may take to roll back and to be reset before it is closed instead.
pub(super) const CLEAN_UP: Duration = Duration::from_secs(5);
/// How long connections may take to say good-bye.
pub(super) const CLOSE: Duration = Duration::from_secs(5);

/// Waits for a future, or returns `None` when it takes longer than `limit`.
///
/// Under the blocking API it is the calling thread that waits. Otherwise, outside a Tokio runtime, there is no timer and the wait is
/// not limited.
pub(super) async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Option<T> {
    if runtime().is_some() {
        tokio::time::timeout(limit, future).await.ok()
    } else if waits_here() {
        block_on_within(limit, future)
    } else {
        Some(future.await)
    }
}

/// Polls a future once, with nobody to wake: for destructors, which cannot wait.
///
/// A future that panics is taken for done; a panic that left a destructor while another one unwinds would abort the program.
pub(super) fn poll_once<F: Future<Output = ()> + ?Sized>(future: Pin<&mut F>) -> Poll<()> {
    let mut context = Context::from_waker(Waker::noop());
    catch_unwind(AssertUnwindSafe(|| future.poll(&mut context))).unwrap_or(Poll::Ready(()))
}
