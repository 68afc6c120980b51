//! TLS by rustls.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use aludel_sql::{Error, ErrorKind, Result};
use rustls::pki_types::ServerName;
use rustls::{AlertDescription, CertificateError, ClientConfig};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{Channel, SslMode, TlsOptions, certificate, config};
use crate::driver::stream::Stream;

pub(in crate::driver) const BUILT_IN: bool = true;

/// What was made of the files, for a mode; kept, because authorities are many and sessions are resumed from it.
#[derive(Default)]
pub(in crate::driver) struct Built(OnceLock<Arc<ClientConfig>>);

/// A socket with TLS around it.
pub(in crate::driver) struct TlsStream(Box<tokio_rustls::client::TlsStream<TcpStream>>);

impl TlsStream {
    pub fn poll_read(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_read(cx, buffer)
    }

    pub fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write(cx, bytes)
    }

    pub fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_flush(cx)
    }
}

/// Begins TLS on a socket whose server has agreed to it.
pub(in crate::driver) async fn handshake(
    stream: TcpStream,
    host: &str,
    mode: SslMode,
    channel: Channel,
    options: &TlsOptions,
) -> Result<(Stream, Channel)> {
    let config = match options.built.0.get() {
        Some(config) => config.clone(),
        None => {
            let config = Arc::new(config::build(mode, options).await?);
            // Another connection may have been first.
            options.built.0.get_or_init(|| config).clone()
        }
    };
    let name = ServerName::try_from(host.to_owned()).map_err(|_| {
        Error::new(
            ErrorKind::Url,
            format!("the host `{}` is no name that a certificate can have", host.escape_debug()),
        )
    })?;
    let stream =
        TlsConnector::from(config).connect(name, stream).await.map_err(|error| refused(error, host))?;
    let end_point =
        stream.get_ref().1.peer_certificates().and_then(|chain| certificate::end_point(chain.first()?));
    let verified = matches!(mode, SslMode::VerifyCa | SslMode::VerifyFull);
    Ok((
        Stream::Tls(TlsStream(Box::new(stream))),
        Channel { encrypted: true, verified, end_point, ..channel },
    ))
}

/// Says what is wrong with a server with which TLS cannot begin.
fn refused(error: io::Error, host: &str) -> Error {
    let host = host.escape_debug();
    let Some(tls) = error.get_ref().and_then(|it| it.downcast_ref::<rustls::Error>()) else {
        return Error::new(ErrorKind::Disconnected, "the server closed the connection while TLS began")
            .help("its log may say why")
            .with_source(error);
    };
    use CertificateError as Bad;
    let (what, help) = match tls {
        rustls::Error::InvalidCertificate(Bad::Expired | Bad::ExpiredContext { .. }) => (
            "the server's certificate has expired".to_owned(),
            "renew it; and is this machine's clock right?",
        ),
        rustls::Error::InvalidCertificate(Bad::NotValidYet | Bad::NotValidYetContext { .. }) => {
            ("the server's certificate is not valid yet".to_owned(), "is this machine's clock right?")
        }
        rustls::Error::InvalidCertificate(Bad::NotValidForName | Bad::NotValidForNameContext { .. }) => (
            format!("the server's certificate is not for the host `{host}`"),
            "use the name that the certificate is for; `sslmode=verify-ca` accepts any name that the authority has signed",
        ),
        rustls::Error::InvalidCertificate(Bad::UnknownIssuer) => (
            "the server's certificate is not signed by an authority that this machine knows".to_owned(),
            "name the file of the authority that signed it: `sslrootcert=/path/to/ca.pem`",
        ),
        rustls::Error::InvalidCertificate(Bad::Revoked) => {
            ("the server's certificate was revoked".to_owned(), "the server needs another certificate")
        }
        rustls::Error::InvalidCertificate(_) => (
            "the server's certificate is not acceptable".to_owned(),
            "a self-signed one must not be marked as an authority (`basicConstraints = CA:FALSE`), and needs the host as `subjectAltName`",
        ),
        rustls::Error::AlertReceived(
            AlertDescription::CertificateRequired | AlertDescription::BadCertificate,
        ) => (
            "the server wants another certificate of this client".to_owned(),
            "name its files: `sslcert=/path/to/client.pem&sslkey=/path/to/client.key`",
        ),
        _ => {
            return Error::new(ErrorKind::Protocol, "the server does not speak TLS as this client does")
                .help("versions 1.2 and 1.3 are spoken here; what stands between may speak something else")
                .with_source(error);
        }
    };
    Error::new(ErrorKind::Authentication, what).help(help).with_source(error)
}
