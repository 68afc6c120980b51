//! From the options and their files to a configuration of rustls.

use std::sync::Arc;

use aludel_sql::{Error, ErrorKind, Result};
use rustls::client::WebPkiServerVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};

use super::verifier::{AnyName, Anyone};
use super::{SslMode, TlsOptions};

/// Reads the files and builds the configuration; off the runtime, because files are read.
pub(super) async fn build(mode: SslMode, options: &TlsOptions) -> Result<ClientConfig> {
    let (root_cert, identity) = (options.root_cert.clone(), options.identity.clone());
    tokio::task::spawn_blocking(move || build_now(mode, root_cert.as_deref(), identity))
        .await
        .map_err(|error| wrong("reading the certificates was interrupted").with_source(error))?
}

fn build_now(
    mode: SslMode,
    root_cert: Option<&str>,
    identity: Option<(String, String)>,
) -> Result<ClientConfig> {
    // Passed on and never installed: a program may have chosen another provider for its own connections.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong("no version of TLS is built in").with_source(error))?;
    let config = match mode {
        SslMode::VerifyFull => config.with_root_certificates(roots(root_cert)?),
        SslMode::VerifyCa => {
            let verifier = verifier(root_cert, provider)?;
            config.dangerous().with_custom_certificate_verifier(Arc::new(AnyName(verifier)))
        }
        SslMode::Disable | SslMode::Prefer | SslMode::Require => {
            config.dangerous().with_custom_certificate_verifier(Arc::new(Anyone(provider)))
        }
    };
    match identity {
        None => Ok(config.with_no_client_auth()),
        Some((cert, key)) => {
            let chain = certificates(&cert, "sslcert")?;
            let key = private_key(&key)?;
            config.with_client_auth_cert(chain, key).map_err(|error| {
                wrong(
                    "`sslcert` and `sslkey` do not belong together, or are of a kind that is not known here",
                )
                .with_source(error)
            })
        }
    }
}

fn verifier(root_cert: Option<&str>, provider: Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>> {
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots(root_cert)?), provider)
        .build()
        .map_err(|error| wrong("no authority is known").with_source(error))
}

/// Returns the authorities: those of a file, or this machine's.
fn roots(file: Option<&str>) -> Result<RootCertStore> {
    let certificates = match file {
        Some(file) if file != "system" => certificates(file, "sslrootcert")?,
        _ => rustls_native_certs::load_native_certs().certs,
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates);
    if roots.is_empty() {
        return Err(wrong("no authority is known that could have signed the server's certificate")
            .help("install this system's `ca-certificates`, or name a file: `sslrootcert=/path/to/ca.pem`"));
    }
    Ok(roots)
}

fn certificates(file: &str, option: &str) -> Result<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(wrong(format!("the file of `{option}` holds no certificate"))
            .help("it begins with `-----BEGIN CERTIFICATE-----`")),
        Err(error) => Err(wrong(format!("the file of `{option}` cannot be read")).with_source(error)),
    }
}

fn private_key(file: &str) -> Result<PrivateKeyDer<'static>> {
    #[cfg(unix)]
    private(file)?;
    PrivateKeyDer::from_pem_file(file).map_err(|error| {
        wrong("the file of `sslkey` cannot be read, or holds no private key")
            .help("it begins with `-----BEGIN PRIVATE KEY-----`; one that is encrypted has to be decrypted first")
            .with_source(error)
    })
}

/// A key that others can read is no secret. As libpq has it: nobody but its owner, or root's group.
#[cfg(unix)]
fn private(file: &str) -> Result<()> {
    use std::os::unix::fs::MetadataExt;

    let Ok(metadata) = std::fs::metadata(file) else { return Ok(()) };
    let forbidden = if metadata.uid() == 0 { 0o037 } else { 0o077 };
    if metadata.mode() & forbidden != 0 {
        return Err(wrong("the file of `sslkey` can be read by others")
            .help("`chmod 600` it, and consider a new key"));
    }
    Ok(())
}

fn wrong(what: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Config, what)
}
