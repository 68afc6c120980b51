//! The end of the program.

#[cfg(unix)]
use std::task::Poll;

/// Waits until the program is told to end: by Ctrl-C or, on Unix, by SIGTERM.
///
/// The server then takes no new requests and answers those that it has; afterwards the pool is closed.
///
/// ```no_run
/// use std::time::Duration;
/// use aludel::prelude::*;
///
/// # async fn example(app: axum::Router, engine: Engine) -> Result<(), Box<dyn std::error::Error>> {
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8000").await?;
/// axum::serve(listener, app).with_graceful_shutdown(aludel_axum::shutdown()).await?;
/// engine.close(Duration::from_secs(5)).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Panics
///
/// Panics if the operating system lets no handler be installed.
pub async fn shutdown() {
    let interrupted = async { tokio::signal::ctrl_c().await.expect("a handler for Ctrl-C can be installed") };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminated = signal(SignalKind::terminate()).expect("a handler for SIGTERM can be installed");
        let mut interrupted = std::pin::pin!(interrupted);
        std::future::poll_fn(|context| {
            let told =
                interrupted.as_mut().poll(context).is_ready() || terminated.poll_recv(context).is_ready();
            if told { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
    #[cfg(not(unix))]
    interrupted.await;
}
