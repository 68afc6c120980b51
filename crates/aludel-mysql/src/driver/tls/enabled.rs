//! TLS by rustls, inside of `mysql_async`.

use std::net::IpAddr;
use std::path::PathBuf;

use aludel_sql::{Error, ErrorKind, Result};
use mysql_async::{ClientIdentity, DriverError, IoError, Opts, OptsBuilder, SslOpts, TlsError};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, RootCertStore};

use super::{Mode, TlsOptions};

pub(super) const BUILT_IN: bool = true;

/// Adds TLS to the options; off the runtime, because files are read.
pub(in crate::driver) async fn secured(wire: &Opts, tls: &TlsOptions) -> Result<Opts> {
    if tls.mode == Mode::Disabled {
        return Ok(wire.clone());
    }
    let (wire, tls) = (wire.clone(), tls.clone());
    tokio::task::spawn_blocking(move || Ok(OptsBuilder::from_opts(wire).ssl_opts(options(&tls)?).into()))
        .await
        .map_err(|error| wrong("reading the certificates was interrupted").with_source(error))?
}

fn options(tls: &TlsOptions) -> Result<SslOpts> {
    // `mysql_async` takes the provider of the process. A program that has chosen one keeps it.
    if CryptoProvider::get_default().is_none() {
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    let mut options = SslOpts::default();
    if matches!(tls.mode, Mode::VerifyCa | Mode::VerifyIdentity) {
        // No authority but those of this machine, or of the file: `mysql_async` brings some of its own.
        let roots = roots(tls.ca.as_deref())?.into_iter().map(Into::into).collect();
        options = options.with_disable_built_in_roots(true).with_root_certs(roots);
    } else {
        options = options.with_danger_accept_invalid_certs(true).with_danger_skip_domain_validation(true);
    }
    if let Some((cert, key)) = &tls.identity {
        certificates(cert, "ssl_cert")?;
        let identity = ClientIdentity::new(PathBuf::from(cert).into(), PathBuf::from(key).into());
        options = options.with_client_identity(Some(identity));
    }
    Ok(options)
}

/// Returns the authorities: those of a file, or this machine's.
fn roots(file: Option<&str>) -> Result<Vec<Vec<u8>>> {
    let certificates = match file {
        Some(file) => certificates(file, "ssl_ca")?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    // One that cannot be read would be refused together with all others.
    let is_sound = |it: &CertificateDer<'static>| RootCertStore::empty().add(it.clone()).is_ok();
    let sound: Vec<_> = certificates.into_iter().filter(is_sound).map(|it| it.to_vec()).collect();
    if sound.is_empty() {
        return Err(wrong("no authority is known that could have signed the server's certificate")
            .help("install this system's `ca-certificates`, or name a file: `ssl_ca=/path/to/ca.pem`"));
    }
    Ok(sound)
}

fn certificates(file: &str, option: &str) -> Result<Vec<CertificateDer<'static>>> {
    let read =
        CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<std::result::Result<Vec<_>, _>>);
    match read {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(wrong(format!("the file of `{option}` holds no certificate"))
            .help("it begins with `-----BEGIN CERTIFICATE-----`")),
        Err(error) => Err(wrong(format!("the file of `{option}` cannot be read")).with_source(error)),
    }
}

/// Says what is wrong with the server's TLS, if that is what is wrong.
pub(in crate::driver) fn explain(error: &mysql_async::Error) -> Option<Error> {
    match error {
        mysql_async::Error::Driver(DriverError::NoClientSslFlagFromServer) => Some(
            Error::new(ErrorKind::Authentication, "the server has no TLS, so nothing was sent to it")
                .help("let the server have a certificate; only if the network may read everything, say `ssl_mode=disabled`"),
        ),
        mysql_async::Error::Io(IoError::Tls(tls)) => Some(refused(tls.to_string())),
        _ => Some(refused(by_rustls(error)?.to_string())),
    }
}

/// What rustls has said, if it was rustls.
fn by_rustls(error: &mysql_async::Error) -> Option<&rustls::Error> {
    match error {
        mysql_async::Error::Io(IoError::Io(io)) => io.get_ref()?.downcast_ref(),
        mysql_async::Error::Io(IoError::Tls(TlsError::Tls(tls))) => Some(tls),
        _ => None,
    }
}

/// Returns a name that the server's certificate is for, if it was refused for its name alone, which is what is looked at last.
///
/// `mysql_async` means to leave the name out itself, but looks for words in the error that rustls does not write any more.
pub(in crate::driver) fn other_name(error: &mysql_async::Error) -> Option<String> {
    let rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext { presented, .. }) =
        by_rustls(error)?
    else {
        return None;
    };
    presented.iter().find_map(|name| a_name(name))
}

/// Reads one of the names of a certificate, as rustls shows them.
fn a_name(shown: &str) -> Option<String> {
    let inside = |kind: &str| shown.strip_prefix(kind)?.strip_suffix(')');
    if let Some(address) = inside("IpAddress(") {
        return Some(address.to_owned()).filter(|it| it.parse::<IpAddr>().is_ok());
    }
    let name = inside("DnsName(")?.trim_matches('"');
    // `*.example` is for any name below it.
    let name = name.strip_prefix('*').map_or_else(|| name.to_owned(), |rest| format!("any{rest}"));
    Some(name).filter(|it| ServerName::try_from(it.as_str()).is_ok())
}

/// Returns the options for a server whose certificate is for this name.
pub(in crate::driver) fn named(wire: Opts, name: String) -> Opts {
    let tls = wire.ssl_opts().cloned().map(|it| it.with_danger_tls_hostname_override(Some(name)));
    OptsBuilder::from_opts(wire).ssl_opts(tls).into()
}

fn refused(why: String) -> Error {
    Error::new(ErrorKind::Authentication, format!("TLS with the server failed, so nothing was sent to it: {why}"))
        .help("the certificate must be for the host of the URL, of a known authority (`ssl_ca` names another one) and in force")
}

fn wrong(what: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Config, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_a_certificate_is_one_that_it_can_be_asked_for_by() {
        for (shown, name) in [
            ("DnsName(\"db.example\")", Some("db.example")),
            ("DnsName(\"*.db.example\")", Some("any.db.example")),
            ("IpAddress(127.0.0.1)", Some("127.0.0.1")),
            ("IpAddress(no)", None),
            ("UniformResourceIdentifier(\"x\")", None),
            ("DnsName(\"not a name\")", None),
        ] {
            assert_eq!(a_name(shown).as_deref(), name, "{shown}");
        }
    }
}
