//! The socket: TCP, with TLS around it or not, or a Unix socket.

use std::fmt;
use std::io;
use std::net::SocketAddr;
#[cfg(unix)]
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};

use aludel_sql::{Error, ErrorKind, Result};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

use super::options::Options;
use super::tls::{self, Channel, TlsOptions, TlsStream};

/// A connected socket.
pub(super) enum Stream {
    Tcp(TcpStream),
    #[cfg_attr(not(feature = "tls-ring"), expect(dead_code, reason = "never made without TLS"))]
    Tls(TlsStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

/// Where a socket leads: what a cancel request connects to as well.
#[derive(Clone, Debug)]
pub(super) enum Peer {
    Tcp(SocketAddr),
    #[cfg(unix)]
    Unix(PathBuf),
}

impl Peer {
    /// Tells whether bytes for it stay on this machine.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Tcp(address) => address.ip().to_canonical().is_loopback(),
            #[cfg(unix)]
            Self::Unix(_) => true,
        }
    }

    /// Connects, with TLS if the options ask for it.
    pub async fn connect(&self, host: &str, options: &TlsOptions) -> Result<(Stream, Channel)> {
        let local = self.is_local();
        match self {
            Self::Tcp(address) => {
                options.check(local)?;
                let stream = TcpStream::connect(address).await.map_err(|error| refused(error, self))?;
                // A batch is one write: waiting for more bytes only delays it.
                stream.set_nodelay(true).map_err(|error| refused(error, self))?;
                tls::negotiate(stream, host, local, options).await
            }
            // The operating system vouches for both sides, as libpq has it: `sslmode` has no meaning here.
            #[cfg(unix)]
            Self::Unix(path) => {
                let stream = UnixStream::connect(path).await.map_err(|error| refused(error, self))?;
                Ok((Stream::Unix(stream), Channel { local, ..Channel::default() }))
            }
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            #[cfg(unix)]
            Self::Unix(path) => path.display().fmt(f),
        }
    }
}

/// Finds out where the options lead and connects, trying each address of a name in turn.
pub(super) async fn connect(options: &Options) -> Result<(Stream, Channel, Peer)> {
    let mut last = None;
    for peer in peers(options).await? {
        match peer.connect(&options.host, &options.tls).await {
            Ok((stream, channel)) => return Ok((stream, channel, peer)),
            Err(error) if error.is_disconnect() => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| unknown_host(options)))
}

async fn peers(options: &Options) -> Result<Vec<Peer>> {
    if options.is_socket() {
        #[cfg(unix)]
        {
            let path = PathBuf::from(&options.host).join(format!(".s.PGSQL.{}", options.port));
            return Ok(vec![Peer::Unix(path)]);
        }
        #[cfg(not(unix))]
        return Err(Error::new(ErrorKind::Unsupported, "there are no Unix sockets on this system"));
    }
    match tokio::net::lookup_host((options.host.as_str(), options.port)).await {
        Ok(addresses) => Ok(addresses.map(Peer::Tcp).collect()),
        Err(error) => Err(unknown_host(options).with_source(error)),
    }
}

fn unknown_host(options: &Options) -> Error {
    Error::new(ErrorKind::Disconnected, format!("the host `{}` has no address", options.host.escape_debug()))
        .help("check the host of the URL and this machine's name service")
}

fn refused(error: io::Error, peer: &Peer) -> Error {
    let (what, help) = match error.kind() {
        io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound => {
            ("no server listens there", "is PostgreSQL running, and are host and port of the URL right?")
        }
        io::ErrorKind::PermissionDenied => {
            ("this user may not use the socket", "check the permissions of the socket's folder")
        }
        _ => ("the connection failed", "check the network and the host and port of the URL"),
    };
    Error::new(ErrorKind::Disconnected, format!("{peer}: {what}")).help(help).with_source(error)
}

impl Stream {
    pub fn poll_read(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => stream.poll_read(cx, buffer),
            #[cfg(unix)]
            Self::Unix(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }

    pub fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Self::Tcp(stream) => Pin::new(stream).poll_write(cx, bytes),
            Self::Tls(stream) => stream.poll_write(cx, bytes),
            #[cfg(unix)]
            Self::Unix(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    /// Sends what TLS keeps back until its record is complete; sockets keep nothing.
    pub fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Tls(stream) => stream.poll_flush(cx),
            _ => Poll::Ready(Ok(())),
        }
    }
}
