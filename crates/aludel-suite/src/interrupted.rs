//! Futures that are dropped on their way.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

/// Polls a future at most so often, and drops it. Returns what it gave, if it came to its end.
pub async fn interrupted<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
