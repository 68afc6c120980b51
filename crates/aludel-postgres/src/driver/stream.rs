//! The socket: TCP or a Unix socket.

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

/// A connected socket.
pub(super) enum Stream {
    Tcp(TcpStream),
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

    pub async fn connect(&self) -> io::Result<Stream> {
        match self {
            Self::Tcp(address) => {
                let stream = TcpStream::connect(address).await?;
                // A batch is one write: waiting for more bytes only delays it.
                stream.set_nodelay(true)?;
                Ok(Stream::Tcp(stream))
            }
            #[cfg(unix)]
            Self::Unix(path) => UnixStream::connect(path).await.map(Stream::Unix),
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
pub(super) async fn connect(options: &Options) -> Result<(Stream, Peer)> {
    let mut last = None;
    for peer in peers(options).await? {
        if !peer.is_local() && !options.in_clear {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("the connection to {peer} would cross the network in clear: TLS is not built in yet"),
            )
            .help("use a tunnel to this machine, or say `sslmode=disable` in the URL if the network may read everything"));
        }
        match peer.connect().await {
            Ok(stream) => return Ok((stream, peer)),
            Err(error) => last = Some((error, peer)),
        }
    }
    Err(match last {
        Some((error, peer)) => refused(error, &peer),
        None => unknown_host(options),
    })
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
            #[cfg(unix)]
            Self::Unix(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }

    pub fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Self::Tcp(stream) => Pin::new(stream).poll_write(cx, bytes),
            #[cfg(unix)]
            Self::Unix(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }
}
