//! TLS: whom a connection trusts, what it sends to whom, and what SCRAM is bound to.

use std::path::PathBuf;
use std::sync::Arc;

use aludel_engine::driver::RawConn;
use aludel_postgres::{Connection, Postgres};
use aludel_sql::{Error, ErrorKind, Result, Value};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::support::{Scratch, query};
use super::wire::{authentication, message, read_some, welcome};

/// An authority, with its certificate in a file.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: Folder,
}

/// A folder that is removed with this value.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let next = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("aludel_tls_{}_{next}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, content: &str, mode: u32) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "an authority of the tests");
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer, folder: Folder::new() }
    }

    fn file(&self) -> String {
        self.folder.write("ca.pem", &self.issuer.pem(), 0o644)
    }

    fn sign(&self, params: CertificateParams) -> (CertificateDer<'static>, KeyPair) {
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap().der().clone(), key)
    }

    /// A server whose certificate is for this host.
    fn server(&self, host: &str) -> ServerConfig {
        self.server_with(CertificateParams::new([host.to_owned()]).unwrap())
    }

    fn server_with(&self, params: CertificateParams) -> ServerConfig {
        let (certificate, key) = self.sign(params);
        config().with_no_client_auth().with_single_cert(vec![certificate], private(&key)).unwrap()
    }
}

fn config() -> rustls::ConfigBuilder<ServerConfig, rustls::WantsVerifier> {
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
}

fn private(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivateKeyDer::try_from(key.serialize_der()).unwrap()
}

/// A server that takes one connection, and what it says of it.
struct Server<T> {
    port: u16,
    task: JoinHandle<T>,
}

impl<T: Send + 'static> Server<T> {
    /// Agrees to TLS and hands the connection over; `None`: TLS did not begin.
    async fn new<F>(
        config: ServerConfig,
        talk: impl FnOnce(Option<TlsStream<TcpStream>>) -> F + Send + 'static,
    ) -> Self
    where
        F: Future<Output = T> + Send,
    {
        Self::raw(async move |mut socket: TcpStream| {
            asked_for_tls(&mut socket).await;
            socket.write_all(b"S").await.unwrap();
            talk(TlsAcceptor::from(Arc::new(config)).accept(socket).await.ok()).await
        })
        .await
    }

    async fn raw<F>(talk: impl FnOnce(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = T> + Send,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let task = tokio::spawn(async move { talk(listener.accept().await.unwrap().0).await });
        Self { port, task }
    }

    async fn connect(&self, options: &str) -> Result<Connection> {
        open(&format!("postgresql://sam:canary@localhost:{}/db?{options}", self.port)).await
    }

    async fn said(self) -> T {
        self.task.await.unwrap()
    }
}

async fn open(url: &str) -> Result<Connection> {
    let opened = Postgres::new(&url.parse().unwrap())?.open().await;
    if let Err(error) = &opened {
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
    opened
}

async fn asked_for_tls(socket: &mut TcpStream) {
    let mut request = [0; 8];
    socket.read_exact(&mut request).await.unwrap();
    assert_eq!(request, [0, 0, 0, 8, 4, 210, 22, 47]);
}

/// Lets anyone in; returns the first message, empty where none came.
async fn welcomes(stream: Option<TlsStream<TcpStream>>) -> Vec<u8> {
    let Some(mut stream) = stream else { return Vec::new() };
    let first = read_some(&mut stream).await;
    if !first.is_empty() {
        stream.write_all(&welcome()).await.unwrap();
        read_some(&mut stream).await;
    }
    first
}

/// Connects to a server that would let anyone in.
async fn attempt(config: ServerConfig, options: &str) -> (Result<Connection>, Server<Vec<u8>>) {
    let server = Server::new(config, welcomes).await;
    (server.connect(options).await, server)
}

/// Connects to a server that is not to be trusted, which learns nothing by it.
async fn refused(config: ServerConfig, options: &str) -> Error {
    let (connection, server) = attempt(config, options).await;
    let error = connection.unwrap_err();
    assert_eq!(server.said().await, [0; 0], "nothing may be sent");
    assert_eq!(error.kind(), ErrorKind::Authentication, "{error:?}");
    error
}

#[tokio::test]
async fn the_server_that_the_url_names_is_trusted() {
    let authority = Authority::new();
    let options = format!("sslmode=verify-full&sslrootcert={}", authority.file());
    let (connection, server) = attempt(authority.server("localhost"), &options).await;
    drop(connection.unwrap());
    assert!(server.said().await.windows(8).any(|it| it == b"user\0sam"));
}

#[tokio::test]
async fn a_certificate_that_has_expired_is_refused() {
    let authority = Authority::new();
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    for mode in ["verify-full", "verify-ca"] {
        let options = format!("sslmode={mode}&sslrootcert={}", authority.file());
        let error = refused(authority.server_with(params.clone()), &options).await;
        assert!(error.what().contains("has expired"), "{error}");
    }
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused_unless_names_do_not_matter() {
    let authority = Authority::new();
    let file = authority.file();
    let error = refused(authority.server("db.example"), &format!("sslrootcert={file}")).await;
    assert!(error.what().contains("not for the host `localhost`"), "{error}");
    let options = format!("sslmode=verify-ca&sslrootcert={file}");
    attempt(authority.server("db.example"), &options).await.0.unwrap();
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused_unless_certificates_do_not_matter() {
    let (authority, other) = (Authority::new(), Authority::new());
    for options in ["sslmode=verify-full", "sslmode=verify-ca", "sslmode=verify-full&sslrootcert=system"] {
        let error = refused(authority.server("localhost"), options).await;
        assert!(error.what().contains("not signed by an authority"), "{error}");
        assert!(error.advice().unwrap().contains("sslrootcert="), "{error}");
    }
    // libpq has `require` look at the certificate where there is a file to look with.
    for mode in ["verify-full", "verify-ca", "require"] {
        refused(authority.server("localhost"), &format!("sslmode={mode}&sslrootcert={}", other.file())).await;
    }
    for mode in ["require", "prefer", "allow"] {
        attempt(authority.server("db.example"), &format!("sslmode={mode}")).await.0.unwrap();
    }
}

#[tokio::test]
async fn a_server_without_tls_is_refused_before_anything_is_sent() {
    for mode in ["verify-full", "verify-ca", "require"] {
        let server = Server::raw(async |mut socket: TcpStream| {
            asked_for_tls(&mut socket).await;
            socket.write_all(b"N").await.unwrap();
            read_some(&mut socket).await
        })
        .await;
        let error = server.connect(&format!("sslmode={mode}")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.what().contains("does not offer TLS, or somebody between says so"), "{error}");
        assert_eq!(server.said().await, [0; 0]);
    }
}

#[tokio::test]
async fn prefer_goes_on_in_clear_on_this_machine() {
    let server = Server::raw(async |mut socket: TcpStream| {
        asked_for_tls(&mut socket).await;
        socket.write_all(b"N").await.unwrap();
        read_some(&mut socket).await;
        socket.write_all(&welcome()).await.unwrap();
        read_some(&mut socket).await;
    })
    .await;
    server.connect("sslmode=prefer").await.unwrap();
}

#[tokio::test]
async fn bytes_in_clear_before_tls_are_refused() {
    let answers =
        [[b"S".to_vec(), welcome()].concat(), [b"N".to_vec(), welcome()].concat(), b"E".to_vec(), Vec::new()];
    for (answer, kind) in answers.into_iter().zip([
        ErrorKind::Protocol,
        ErrorKind::Protocol,
        ErrorKind::Protocol,
        ErrorKind::Disconnected,
    ]) {
        let server = Server::raw(async move |mut socket: TcpStream| {
            asked_for_tls(&mut socket).await;
            socket.write_all(&answer).await.unwrap();
            socket.shutdown().await.unwrap();
            read_some(&mut socket).await
        })
        .await;
        assert_eq!(server.connect("sslmode=require").await.unwrap_err().kind(), kind);
        assert_eq!(server.said().await, [0; 0]);
    }
}

#[tokio::test]
async fn a_password_in_clear_goes_only_to_a_server_that_was_verified() {
    let authority = Authority::new();
    let file = authority.file();
    for (options, sent) in [
        (format!("sslrootcert={file}"), true),
        (format!("sslrootcert={file}&require_auth=scram-sha-256"), false),
        ("sslmode=require".to_owned(), false),
        ("sslmode=require&require_auth=password,md5".to_owned(), true),
    ] {
        let server =
            Server::new(authority.server("localhost"), async |stream: Option<TlsStream<TcpStream>>| {
                let mut stream = stream.unwrap();
                read_some(&mut stream).await;
                stream.write_all(&authentication(3, &[])).await.unwrap();
                let password = read_some(&mut stream).await;
                let _ = stream.write_all(&welcome()).await;
                password
            })
            .await;
        let opened = server.connect(&options).await;
        assert_eq!(opened.is_ok(), sent, "{options}");
        if let Err(error) = opened {
            assert_eq!(error.kind(), ErrorKind::Authentication);
        }
        assert_eq!(server.said().await, if sent { message(b'p', b"canary\0") } else { Vec::new() });
    }
}

/// Offers SCRAM and challenges; returns what the client says first and what it answers.
async fn scram(stream: Option<TlsStream<TcpStream>>, offer: &'static [u8]) -> (String, String) {
    let mut stream = stream.unwrap();
    read_some(&mut stream).await;
    stream.write_all(&authentication(10, offer)).await.unwrap();
    let first = String::from_utf8_lossy(&read_some(&mut stream).await).into_owned();
    let Some((_, nonce)) = first.rsplit_once("r=") else { return (first, String::new()) };
    let challenge = format!("r={nonce}more,s=c2FsdA==,i=4096");
    stream.write_all(&authentication(11, challenge.as_bytes())).await.unwrap();
    (first, String::from_utf8_lossy(&read_some(&mut stream).await).into_owned())
}

const BOTH: &[u8] = b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0";
const WITHOUT_PLUS: &[u8] = b"SCRAM-SHA-256\0\0";

#[tokio::test]
async fn scram_is_bound_to_the_certificate_that_the_server_showed() {
    let authority = Authority::new();
    let (certificate, key) = authority.sign(CertificateParams::new(["localhost".to_owned()]).unwrap());
    let config =
        config().with_no_client_auth().with_single_cert(vec![certificate.clone()], private(&key)).unwrap();
    let server = Server::new(config, |stream| scram(stream, BOTH)).await;
    let options = format!("sslrootcert={}&channel_binding=require", authority.file());
    server.connect(&options).await.unwrap_err();
    let (first, answer) = server.said().await;
    assert!(
        first.contains("SCRAM-SHA-256-PLUS\0") && first.contains("p=tls-server-end-point,,"),
        "{first:?}"
    );

    // rcgen signs with ECDSA and SHA-256, so that is the hash to be bound to.
    let hash = rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256
        .tls13()
        .unwrap()
        .common
        .hash_provider
        .hash(&certificate);
    let bound = [b"p=tls-server-end-point,,", hash.as_ref()].concat();
    assert!(answer.contains(&format!("c={},", base64(&bound))), "{answer:?}");
}

#[tokio::test]
async fn a_server_that_offers_less_is_told_that_more_was_possible() {
    let authority = Authority::new();
    let file = authority.file();
    for (offer, options, says) in [
        (WITHOUT_PLUS, "", Some("y,,n=")),
        (WITHOUT_PLUS, "&channel_binding=disable", Some("n,,n=")),
        (BOTH, "&channel_binding=disable", Some("n,,n=")),
        (WITHOUT_PLUS, "&channel_binding=require", None),
    ] {
        let server = Server::new(authority.server("localhost"), move |stream| scram(stream, offer)).await;
        server.connect(&format!("sslrootcert={file}{options}")).await.unwrap_err();
        let (first, _) = server.said().await;
        match says {
            Some(says) => assert!(first.contains(says), "{first:?}"),
            None => assert_eq!(first, ""),
        }
    }
}

#[tokio::test]
async fn a_server_that_asks_for_nothing_is_refused_where_binding_is_required() {
    let authority = Authority::new();
    for options in ["channel_binding=require", "require_auth=scram-sha-256"] {
        let options = format!("sslrootcert={}&{options}", authority.file());
        let error = attempt(authority.server("localhost"), &options).await.0.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication, "{error}");
    }
}

#[tokio::test]
async fn the_client_shows_its_certificate() {
    let authority = Authority::new();
    let mut roots = RootCertStore::empty();
    roots.add(authority.issuer.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
    let server = |(certificate, key): (CertificateDer<'static>, KeyPair)| {
        config()
            .with_client_cert_verifier(verifier.clone())
            .with_single_cert(vec![certificate], private(&key))
            .unwrap()
    };
    let params = || CertificateParams::new(["localhost".to_owned()]).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = params().signed_by(&key, &authority.issuer).unwrap();
    let cert_file = authority.folder.write("client.pem", &certificate.pem(), 0o644);
    let key_file = authority.folder.write("client.key", &key.serialize_pem(), 0o600);
    let ca = authority.file();

    let options = format!("sslrootcert={ca}&sslcert={cert_file}&sslkey={key_file}");
    attempt(server(authority.sign(params())), &options).await.0.unwrap();
    let error = attempt(server(authority.sign(params())), &format!("sslrootcert={ca}")).await.0.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Authentication | ErrorKind::Disconnected), "{error}");

    // A key that others can read is refused; so is a file that is no key.
    let open_key = authority.folder.write("open.key", &key.serialize_pem(), 0o644);
    for (key, says) in [(&open_key, "can be read by others"), (&cert_file, "")] {
        let options = format!("sslrootcert={ca}&sslcert={cert_file}&sslkey={key}");
        let error = attempt(authority.server("localhost"), &options).await.0.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.what().contains(says), "{error}");
    }
    let options = format!("sslrootcert={key_file}");
    let error = attempt(authority.server("localhost"), &options).await.0.unwrap_err();
    assert!(error.what().contains("`sslrootcert` holds no certificate"), "{error}");
}

#[tokio::test]
async fn a_cancel_request_goes_through_tls_too() {
    let authority = Authority::new();
    let config = Arc::new(authority.server("localhost"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "postgresql://sam@localhost:{}/db?sslrootcert={}",
        listener.local_addr().unwrap().port(),
        authority.file()
    );
    let server = tokio::spawn(async move {
        let mut streams = Vec::new();
        for _ in 0..2 {
            let (mut socket, _) = listener.accept().await.unwrap();
            asked_for_tls(&mut socket).await;
            socket.write_all(b"S").await.unwrap();
            let mut stream = TlsAcceptor::from(config.clone()).accept(socket).await.unwrap();
            let first = read_some(&mut stream).await;
            if streams.is_empty() {
                stream.write_all(&welcome()).await.unwrap();
            }
            streams.push((stream, first));
        }
        streams.pop().unwrap().1
    });
    let connection = open(&url).await.unwrap();
    connection.canceller()().await;
    // CancelRequest, with the process and the secret of the welcome.
    assert_eq!(server.await.unwrap(), [0, 0, 0, 16, 4, 210, 22, 46, 0, 0, 0, 1, 0, 0, 0, 2]);
}

/// What a real server says of the connection; `None` where it has no TLS.
async fn real(test: &str) -> Option<Scratch> {
    let db = Scratch::new(test).await?;
    let shown = query(&mut db.connect().await, "SHOW ssl").await;
    if shown != [[Value::Text("on".into())]] {
        println!("skipped: this server has no TLS");
        return None;
    }
    Some(db)
}

#[tokio::test]
async fn a_large_batch_goes_both_ways_through_tls() {
    let Some(db) = real("tls_large").await else { return };
    let mut conn = db.connect_with("sslmode=require").await;
    let rows = query(&mut conn, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").await;
    assert_eq!(rows, [[Value::Bool(true)]]);
    let text = "x".repeat(3_000_000);
    let values = [aludel_sql::ValueRef::Text(&text)];
    let echo = super::support::prepared(1, "SELECT $1::text", &[aludel_sql::SqlType::Text], &values);
    let rows =
        super::support::run(&mut conn, None, &[echo, echo, echo], aludel_engine::driver::End::Open).await;
    for (_, row) in rows.unwrap().rows {
        assert!(row == [Value::Text(text.clone())]);
    }
}

#[tokio::test]
async fn a_real_server_and_this_client_agree_what_scram_is_bound_to() {
    let Some(db) = real("tls_scram").await else { return };
    let bound = Postgres::new(&db.url_with("sslmode=require&channel_binding=require")).unwrap().open().await;
    match bound {
        Ok(_) => {}
        Err(error) => {
            assert!(error.what().contains("did not ask for SCRAM"), "{error}");
            println!("this server lets everyone in: the binding was not tried");
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().chain([&0, &0]).take(3).fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
        for at in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * at)) as usize & 63];
            text.push(if at <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}
