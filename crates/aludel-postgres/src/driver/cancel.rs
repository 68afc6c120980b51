//! Stopping a statement from elsewhere: a request on a connection of its own.

use std::error::Error;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use aludel_engine::driver::Canceller;
use bytes::{Buf, BytesMut};
use postgres_protocol::message::frontend;
use tokio::io::ReadBuf;

use super::options::Options;
use super::stream::Peer;

/// What the server gave this connection to be recognised by.
#[derive(Clone, Copy)]
pub(super) struct BackendKey {
    pub process: i32,
    pub secret: i32,
}

/// A cancel request that takes longer helps nobody.
const PATIENCE: Duration = Duration::from_secs(5);

/// Makes what the engine calls to stop the statement of a connection. The request goes where the connection went, and with
/// TLS if it has TLS: the secret in it stops any statement of the connection.
pub(super) fn canceller(options: &Arc<Options>, peer: Peer, key: Option<BackendKey>) -> Canceller {
    let options = options.clone();
    Arc::new(move || {
        let (options, peer) = (options.clone(), peer.clone());
        Box::pin(async move {
            if let Some(key) = key {
                // Nobody can be told of a failure: the server does not answer a cancel request either.
                let _ = tokio::time::timeout(PATIENCE, request(&options, &peer, key)).await;
            }
        })
    })
}

async fn request(
    options: &Options,
    peer: &Peer,
    key: BackendKey,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let (mut stream, _) = peer.connect(options).await?;
    let mut out = BytesMut::new();
    frontend::cancel_request(key.process, key.secret, &mut out);
    while !out.is_empty() {
        let n = poll_fn(|cx| stream.poll_write(cx, &out)).await?;
        if n == 0 {
            return Err(io::Error::from(io::ErrorKind::WriteZero).into());
        }
        out.advance(n);
    }
    poll_fn(|cx| stream.poll_flush(cx)).await?;
    // The server closes when it has passed the signal on. Waiting for that keeps a late signal from hitting the next statement.
    let mut bytes = [0; 1];
    let mut buffer = ReadBuf::new(&mut bytes);
    Ok(poll_fn(|cx| stream.poll_read(cx, &mut buffer)).await?)
}
