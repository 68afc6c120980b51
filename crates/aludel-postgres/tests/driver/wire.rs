//! The bytes that servers of the tests speak.

use tokio::io::{AsyncRead, AsyncReadExt};

pub fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    bytes.extend((body.len() as u32 + 4).to_be_bytes());
    bytes.extend(body);
    bytes
}

/// AuthenticationOk, a key, ReadyForQuery.
pub fn welcome() -> Vec<u8> {
    [message(b'R', &[0; 4]), message(b'K', &[0, 0, 0, 1, 0, 0, 0, 2]), message(b'Z', b"I")].concat()
}

pub fn authentication(method: u32, body: &[u8]) -> Vec<u8> {
    message(b'R', &[&method.to_be_bytes()[..], body].concat())
}

pub async fn read_some(socket: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut bytes = vec![0; 65_536];
    let n = socket.read(&mut bytes).await.unwrap_or(0);
    bytes.truncate(n);
    bytes
}
