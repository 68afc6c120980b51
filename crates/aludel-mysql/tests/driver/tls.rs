//! TLS: whom a connection trusts, and what it sends to whom.
//!
//! Before the real server stands one that has TLS: it says so in the server's greeting, agrees to it, and passes on what is said inside.

use std::path::PathBuf;
use std::sync::Arc;

use aludel_engine::driver::RawConn;
use aludel_engine::{Error, ErrorKind, Result, Url};
use aludel_sql::Value;
use aludel_testing::Database;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::support::one;

/// An authority, with its certificate in a file that is removed with this value.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: PathBuf,
}

impl Authority {
    fn new() -> Self {
        static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let next = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "an authority of the tests");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let file = std::env::temp_dir().join(format!("aludel_mysql_ca_{}_{next}.pem", std::process::id()));
        std::fs::write(&file, issuer.pem()).unwrap();
        Self { issuer, file }
    }

    /// A server whose certificate is for this host.
    fn server(&self, host: &str) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new([host.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().der().clone();
        ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
            .unwrap()
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

/// The flag of those who have TLS, in the second byte of the capabilities.
const HAS_TLS: u8 = 0x08;

async fn packet(from: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Vec<u8>> {
    let mut packet = vec![0; 4];
    from.read_exact(&mut packet).await?;
    let length = usize::from(packet[0]) | usize::from(packet[1]) << 8 | usize::from(packet[2]) << 16;
    packet.resize(4 + length, 0);
    from.read_exact(&mut packet[4..]).await?;
    Ok(packet)
}

/// A server before the real one; it takes connections one after the other, and counts what they said inside of TLS before they ended.
struct Front {
    port: u16,
    server: Url,
    task: JoinHandle<()>,
}

impl Front {
    /// With TLS if there is a configuration.
    async fn new(config: Option<ServerConfig>) -> Option<Self> {
        let server: Url = Database::MariaDb.server()?.parse().unwrap();
        let address = (server.host().unwrap_or("127.0.0.1").to_owned(), server.port().unwrap_or(3306));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let acceptor = config.map(|it| TlsAcceptor::from(Arc::new(it)));
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let upstream = TcpStream::connect(address.clone()).await.unwrap();
                // Whoever hangs up is done.
                tokio::spawn(talk(client, upstream, acceptor.clone()));
            }
        });
        Some(Self { port, server, task })
    }

    async fn connect(&self, options: &str) -> Result<Box<dyn RawConn>> {
        let user = self.server.user().unwrap();
        let password = self.server.password().unwrap_or_default();
        let url = format!("mysql://{user}:{password}@localhost:{}/mysql?{options}", self.port);
        aludel_mysql::driver(&url.parse().unwrap())?.connect().await
    }

    async fn refused(&self, options: &str) -> Error {
        self.connect(options).await.err().expect("it is refused")
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn talk(mut client: TcpStream, mut server: TcpStream, tls: Option<TlsAcceptor>) -> std::io::Result<()> {
    let mut greeting = packet(&mut server).await?;
    // Protocol, version, NUL, thread, scramble, filler, then the capabilities.
    let version = greeting[5..].iter().position(|byte| *byte == 0).unwrap();
    let capabilities = 5 + version + 1 + 4 + 8 + 1;
    greeting[capabilities + 1] &= !HAS_TLS;
    let Some(tls) = tls else {
        client.write_all(&greeting).await?;
        copy_bidirectional(&mut client, &mut server).await?;
        return Ok(());
    };
    greeting[capabilities + 1] |= HAS_TLS;
    client.write_all(&greeting).await?;
    let asked = packet(&mut client).await?;
    assert_eq!(asked.len(), 4 + 32, "nothing but the wish for TLS is sent in clear");
    let mut inside = tls.accept(client).await?;
    log_in(&mut inside, &mut server).await?;
    copy_bidirectional(&mut inside, &mut server).await?;
    Ok(())
}

/// Passes on the login. The real server has not seen the wish for TLS, so it counts one packet fewer.
async fn log_in(
    client: &mut (impl AsyncRead + AsyncWrite + Unpin),
    server: &mut TcpStream,
) -> std::io::Result<()> {
    let mut first = true;
    loop {
        let mut said = packet(client).await?;
        said[3] -= 1;
        if std::mem::take(&mut first) {
            said[5] &= !HAS_TLS;
        }
        server.write_all(&said).await?;
        let mut answer = packet(server).await?;
        answer[3] += 1;
        client.write_all(&answer).await?;
        if matches!(answer[4], 0 | 0xff) {
            return Ok(());
        }
    }
}

#[tokio::test]
async fn a_server_is_verified_by_the_authority_that_is_named_and_by_its_host() {
    let authority = Authority::new();
    let Some(front) = Front::new(Some(authority.server("localhost"))).await else { return };
    let ca = format!("ssl_ca={}", authority.file.display());
    let mut conn = front.connect(&ca).await.unwrap();
    assert_eq!(one(&mut conn, "SELECT 7").await, Value::Int(7));
    let mut conn = front.connect(&format!("ssl-mode=VERIFY_IDENTITY&{ca}")).await.unwrap();
    assert_eq!(one(&mut conn, "SELECT 8").await, Value::Int(8));
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let authority = Authority::new();
    let Some(front) = Front::new(Some(authority.server("db.example"))).await else { return };
    let error = front.refused(&format!("ssl_ca={}", authority.file.display())).await;
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    assert!(error.to_string().contains("nothing was sent"), "{error}");
}

#[tokio::test]
async fn verify_ca_asks_for_the_authority_and_not_for_the_host() {
    let authority = Authority::new();
    let ca = format!("ssl_mode=verify_ca&ssl_ca={}", authority.file.display());
    for host in ["localhost", "db.example", "*.db.example", "192.0.2.1"] {
        let Some(front) = Front::new(Some(authority.server(host))).await else { return };
        let mut conn = front.connect(&ca).await.unwrap();
        assert_eq!(one(&mut conn, "SELECT 7").await, Value::Int(7), "{host}");
    }
    let unknown = Authority::new();
    for host in ["localhost", "db.example"] {
        let Some(front) = Front::new(Some(unknown.server(host))).await else { return };
        assert_eq!(front.refused(&ca).await.kind(), ErrorKind::Authentication, "{host}");
        assert_eq!(front.refused("ssl_mode=verify_ca").await.kind(), ErrorKind::Authentication, "{host}");
    }
    let Some(front) = Front::new(None).await else { return };
    assert!(front.refused(&ca).await.to_string().contains("has no TLS"));
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused_unless_certificates_do_not_matter() {
    let (known, unknown) = (Authority::new(), Authority::new());
    let Some(front) = Front::new(Some(unknown.server("localhost"))).await else { return };
    let error = front.refused(&format!("ssl_ca={}", known.file.display())).await;
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    assert_eq!(front.refused("ssl_mode=verify_identity").await.kind(), ErrorKind::Authentication);
    for mode in ["required", "preferred"] {
        let mut conn = front.connect(&format!("ssl_mode={mode}")).await.unwrap();
        assert_eq!(one(&mut conn, "SELECT 7").await, Value::Int(7));
    }
}

#[tokio::test]
async fn a_server_without_tls_is_refused_unless_it_is_only_preferred_on_this_machine() {
    let Some(front) = Front::new(None).await else { return };
    for mode in ["required", "verify_identity"] {
        let error = front.refused(&format!("ssl_mode={mode}")).await;
        assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
        assert!(error.to_string().contains("has no TLS"), "{error}");
    }
    let mut conn = front.connect("ssl_mode=preferred").await.unwrap();
    assert_eq!(one(&mut conn, "SELECT 7").await, Value::Int(7));
}

#[tokio::test]
async fn files_that_cannot_be_used_are_named_by_their_option() {
    let authority = Authority::new();
    let Some(front) = Front::new(Some(authority.server("localhost"))).await else { return };
    for (options, named) in [
        ("ssl_ca=/no/such/file", "`ssl_ca`"),
        ("ssl_mode=required&ssl_cert=/no/file&ssl_key=/no/key", "`ssl_cert`"),
    ] {
        let error = front.refused(options).await;
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        assert!(error.to_string().contains(named), "{error}");
    }
}
