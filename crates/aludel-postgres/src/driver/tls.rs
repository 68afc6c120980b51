//! Encryption: what the URL asks for, and what a connection ended up with.
//!
//! `sslmode` has libpq's words. What differs is the default and how weak a word may be: without one, a connection that leaves
//! this machine is encrypted and the server's certificate and name are verified, and no word but `disable` ever sends a byte
//! in clear to another machine.

mod options;

#[cfg(feature = "tls-ring")]
mod certificate;
#[cfg(feature = "tls-ring")]
mod config;
#[cfg(feature = "tls-ring")]
mod verifier;

#[cfg(feature = "tls-ring")]
#[path = "tls/enabled.rs"]
mod implementation;
#[cfg(not(feature = "tls-ring"))]
#[path = "tls/disabled.rs"]
mod implementation;

use aludel_sql::{Error, ErrorKind, Result};
use bytes::BytesMut;
use postgres_protocol::message::frontend;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(super) use implementation::TlsStream;
use implementation::{BUILT_IN, handshake};
pub(super) use options::{ChannelBinding, NAMES, SslMode, TlsOptions};

use super::stream::Stream;

/// Who can read and change the bytes of a connection, and who the other side is known to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Channel {
    /// The bytes stay on this machine.
    pub local: bool,
    /// There is TLS.
    pub encrypted: bool,
    /// The server has shown a certificate that was verified.
    pub verified: bool,
    /// The hash of the server's certificate, for SCRAM to be bound to. `None` also where the certificate's signature has none.
    pub end_point: Option<Vec<u8>>,
}

impl Channel {
    /// Tells whether nobody but the server learns what is sent.
    pub fn is_private(&self) -> bool {
        self.local || self.encrypted && self.verified
    }
}

/// Asks the server for TLS, if the mode says so, and begins it.
pub(super) async fn negotiate(
    mut stream: TcpStream,
    host: &str,
    local: bool,
    options: &TlsOptions,
) -> Result<(Stream, Channel)> {
    let mode = options.mode(local);
    let in_clear = Channel { local, ..Channel::default() };
    if mode == SslMode::Disable || mode == SslMode::Prefer && local && !BUILT_IN {
        return Ok((Stream::Tcp(stream), in_clear));
    }
    match offered(&mut stream).await? {
        true => handshake(stream, host, mode, in_clear, options).await,
        false if mode == SslMode::Prefer && local => Ok((Stream::Tcp(stream), in_clear)),
        false => {
            Err(Error::new(ErrorKind::Unsupported, "the server does not offer TLS, or somebody between says so")
                .help("switch `ssl` on in the server's `postgresql.conf`; only if the network may read everything, say `sslmode=disable`"))
        }
    }
}

/// Asks whether the server speaks TLS.
async fn offered(stream: &mut TcpStream) -> Result<bool> {
    let mut request = BytesMut::new();
    frontend::ssl_request(&mut request);
    stream.write_all(&request).await.map_err(lost)?;
    // The answer is one byte. Whatever arrives with it came in clear and must not be taken for something that came through
    // TLS (CVE-2021-23222).
    let mut answer = [0; 2];
    let n = stream.read(&mut answer).await.map_err(lost)?;
    match &answer[..n] {
        b"S" => Ok(true),
        b"N" => Ok(false),
        [] => Err(lost(std::io::ErrorKind::UnexpectedEof.into())),
        [b'S' | b'N', _] => Err(super::message::wrong("bytes came in clear where TLS was to begin")),
        // Not read: nobody knows yet who wrote it (CVE-2024-10977).
        _ => Err(super::message::wrong("the server answers a request for TLS with neither yes nor no")),
    }
}

fn lost(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Disconnected, "the server closed the connection when it was asked for TLS")
        .help("is PostgreSQL what listens there?")
        .with_source(error)
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// Negotiates with a server that has no TLS, and returns what else it was sent.
    async fn without_tls(mode: &str, local: bool) -> (Result<bool>, Vec<u8>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            socket.read_exact(&mut [0; 8]).await.unwrap();
            socket.write_all(b"N").await.unwrap();
            let mut rest = Vec::new();
            socket.read_to_end(&mut rest).await.unwrap();
            rest
        });
        let url = format!("postgresql://sam@db/x?sslmode={mode}").parse().unwrap();
        let stream = TcpStream::connect(address).await.unwrap();
        let options = TlsOptions::from_url(&url).unwrap();
        let negotiated = negotiate(stream, "db", local, &options).await;
        (negotiated.map(|(_, channel)| channel.encrypted), server.await.unwrap())
    }

    #[tokio::test]
    async fn prefer_never_sends_anything_in_clear_to_another_machine() {
        for mode in ["prefer", "allow"] {
            let (refused, sent) = without_tls(mode, false).await;
            assert_eq!((refused.unwrap_err().kind(), sent), (ErrorKind::Unsupported, Vec::new()));
            assert!(!without_tls(mode, true).await.0.unwrap());
        }
    }
}
