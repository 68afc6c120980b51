//! The socket: TCP, with TLS around it or not, or a Unix socket.

use std::fmt;
use std::io::{self, Read as _};
use std::net::SocketAddr;
#[cfg(unix)]
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};

use aludel_sql::{Error, ErrorKind, Result};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

use super::hosts::Host;
use super::options::Options;
use super::tls::{self, Channel, TlsStream};

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
    Tcp {
        /// Whom the server's certificate must be for.
        host: String,
        address: SocketAddr,
    },
    #[cfg(unix)]
    Unix(PathBuf),
}

impl Peer {
    /// Finds the addresses of a host.
    pub async fn of(host: &Host) -> Result<Vec<Self>> {
        if host.is_socket() {
            #[cfg(unix)]
            return Ok(vec![Self::Unix(PathBuf::from(&host.name).join(format!(".s.PGSQL.{}", host.port)))]);
            #[cfg(not(unix))]
            return Err(Error::new(ErrorKind::Unsupported, "there are no Unix sockets on this system"));
        }
        let found = tokio::net::lookup_host((host.name.as_str(), host.port)).await;
        let peers = match found {
            Ok(found) => found.map(|address| Self::Tcp { host: host.name.clone(), address }).collect(),
            Err(error) => return Err(unknown(host).with_source(error)),
        };
        if Vec::is_empty(&peers) { Err(unknown(host)) } else { Ok(peers) }
    }

    /// Tells whether bytes for it stay on this machine.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Tcp { address, .. } => address.ip().to_canonical().is_loopback(),
            #[cfg(unix)]
            Self::Unix(_) => true,
        }
    }

    /// Connects, with TLS if the options ask for it.
    pub async fn connect(&self, options: &Options) -> Result<(Stream, Channel)> {
        let local = self.is_local();
        match self {
            Self::Tcp { host, address } => {
                options.tls.check(local)?;
                let stream = TcpStream::connect(address).await.map_err(|error| refused(error, self))?;
                // A batch is one write: waiting for more bytes only delays it.
                stream.set_nodelay(true).map_err(|error| refused(error, self))?;
                options.keepalive.apply(&stream).map_err(|error| refused(error, self))?;
                tls::negotiate(stream, host, local, &options.tls).await
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
            Self::Tcp { address, .. } => address.fmt(f),
            #[cfg(unix)]
            Self::Unix(path) => path.display().fmt(f),
        }
    }
}

fn unknown(host: &Host) -> Error {
    Error::new(ErrorKind::Disconnected, format!("the host `{}` has no address", host.name.escape_debug()))
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

    /// Tells whether there may be something to read, and asks to be woken if not. [`Self::poll_read`] does that as well, but wants room for what
    /// has not come yet.
    #[inline]
    pub fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<()> {
        match self {
            Self::Tcp(stream) => stream.poll_read_ready(cx).map(drop),
            Self::Tls(_) => Poll::Ready(()),
            #[cfg(unix)]
            Self::Unix(stream) => stream.poll_read_ready(cx).map(drop),
        }
    }

    /// Reads what is known to have come, without asking to be woken for more. `WouldBlock`: only [`Self::poll_read`] can tell.
    #[inline]
    pub fn try_read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut read = None;
        // As `poll_read` has it: less than there is room for is all that there is, where the system says when more comes. Who reads next
        // then does not ask the socket in vain.
        #[cfg(any(target_os = "linux", target_os = "macos"))]
        let mut receive = |socket: socket2::SockRef<'_>| match read.insert((&*socket).read(buffer)) {
            Ok(n) if *n > 0 && *n == buffer.len() => Ok(()),
            _ => Err(io::ErrorKind::WouldBlock.into()),
        };
        #[cfg(any(target_os = "linux", target_os = "macos"))]
        let _: io::Result<()> = match self {
            Self::Tcp(stream) => {
                stream.try_io(Interest::READABLE, || receive(socket2::SockRef::from(&*stream)))
            }
            Self::Unix(stream) => {
                stream.try_io(Interest::READABLE, || receive(socket2::SockRef::from(&*stream)))
            }
            Self::Tls(_) => Ok(()),
        };
        read.unwrap_or_else(|| Err(io::ErrorKind::WouldBlock.into()))
    }

    /// Writes what the socket takes at once, without asking to be woken when it takes more. `WouldBlock`: only [`Self::poll_write`] can tell.
    #[inline]
    pub fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.try_write(bytes),
            Self::Tls(_) => Err(io::ErrorKind::WouldBlock.into()),
            #[cfg(unix)]
            Self::Unix(stream) => stream.try_write(bytes),
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
