//! TLS: what the URL says about it. Feature `tls-ring` builds it in.

#[cfg(feature = "tls-ring")]
#[path = "tls/enabled.rs"]
mod implementation;
#[cfg(not(feature = "tls-ring"))]
#[path = "tls/disabled.rs"]
mod implementation;

use aludel_engine::Url;
use aludel_sql::{Error, ErrorKind, Result};

use implementation::BUILT_IN;
pub(super) use implementation::{explain, named, other_name, secured};

/// MySQL's `ssl-mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// No TLS.
    Disabled,
    /// TLS with whomever; in clear where the server has none and is on this machine.
    Preferred,
    /// TLS, with whomever.
    Required,
    /// TLS with somebody who has a certificate of a known authority, for whatever name.
    VerifyCa,
    /// TLS with the host of the URL.
    VerifyIdentity,
}

/// What the URL says about TLS.
#[derive(Clone, Debug)]
#[cfg_attr(
    not(feature = "tls-ring"),
    expect(dead_code, reason = "read and checked, but of no use without TLS")
)]
pub(super) struct TlsOptions {
    pub mode: Mode,
    /// The connection does not leave this machine.
    pub local: bool,
    /// The file of the authorities that may sign the server's certificate; `None`: those of this machine.
    ca: Option<String>,
    /// The files of the client's certificate and its key.
    identity: Option<(String, String)>,
}

/// The names of the options. A hyphen is as good as an underscore.
pub(super) const NAMES: [&str; 5] = ["ssl", "ssl_ca", "ssl_cert", "ssl_key", "ssl_mode"];

impl TlsOptions {
    pub fn from_url(url: &Url, local: bool) -> Result<Self> {
        let option = |name: &str| {
            let same = |it: &&str| it.replace('-', "_") == name;
            url.option_names().find(same).and_then(|it| url.option(it)).map(str::to_owned)
        };
        let mode = option("ssl_mode").or_else(|| option("ssl")).map(|it| Mode::read(&it)).transpose()?;
        let ca = option("ssl_ca");
        let identity = match (option("ssl_cert"), option("ssl_key")) {
            (None, None) => None,
            (Some(cert), Some(key)) => Some((cert, key)),
            (Some(_), None) => return Err(wrong("`ssl_cert` needs `ssl_key`, the file of its private key")),
            (None, Some(_)) => return Err(wrong("`ssl_key` needs `ssl_cert`, the file of its certificate")),
        };
        let mode = match mode {
            // Whoever names authorities wants to know who answers.
            None if ca.is_some() => Mode::VerifyIdentity,
            Some(Mode::Disabled | Mode::Preferred | Mode::Required) if ca.is_some() => {
                return Err(wrong("`ssl_ca` has no meaning with this `ssl_mode`: nothing would be verified")
                    .help("say `ssl_mode=verify_identity` or `verify_ca`, or leave `ssl_ca` out"));
            }
            Some(mode) => mode,
            // Nobody needs a certificate to talk to himself.
            None if local => Mode::Disabled,
            None => Mode::VerifyIdentity,
        };
        if mode != Mode::Disabled && !BUILT_IN && !(mode == Mode::Preferred && local) {
            return Err(not_built_in());
        }
        Ok(Self { mode, local, ca, identity })
    }
}

impl Mode {
    fn read(word: &str) -> Result<Self> {
        Ok(match &*word.to_ascii_lowercase().replace('-', "_") {
            "disabled" | "false" => Self::Disabled,
            "preferred" => Self::Preferred,
            "required" | "true" => Self::Required,
            "verify_ca" => Self::VerifyCa,
            "verify_identity" => Self::VerifyIdentity,
            _ => {
                return Err(wrong("`ssl_mode` has a value that is not known").help(
                    "it is one of `disabled`, `preferred`, `required`, `verify_ca` and `verify_identity`",
                ));
            }
        })
    }
}

/// Makes the error for what only a program with TLS can do.
fn not_built_in() -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "the connection would need TLS, which this program was built without: what crosses a network in clear can be read on the way",
    )
    .help("enable the feature `tls-ring` of `aludel` in Cargo.toml; only if the network may read everything, say `ssl_mode=disabled`")
}

fn wrong(what: &'static str) -> Error {
    Error::new(ErrorKind::Url, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(query: &str, local: bool) -> Result<TlsOptions> {
        TlsOptions::from_url(&format!("mysql://sam@db/x?{query}").parse().unwrap(), local)
    }

    fn mode(query: &str, local: bool) -> Mode {
        options(query, local).unwrap().mode
    }

    #[test]
    fn what_leaves_this_machine_is_verified_unless_told_otherwise() {
        assert_eq!((mode("", false), mode("", true)), (Mode::VerifyIdentity, Mode::Disabled));
        assert_eq!(mode("ssl=disabled", false), Mode::Disabled);
        assert_eq!(mode("ssl-mode=REQUIRED", true), Mode::Required);
        assert_eq!(mode("ssl_mode=VERIFY_IDENTITY", true), Mode::VerifyIdentity);
        assert_eq!(mode("ssl_ca=/ca.pem", true), Mode::VerifyIdentity);
        assert_eq!(mode("ssl-mode=VERIFY_CA&ssl-ca=/ca.pem", true), Mode::VerifyCa);
    }

    #[test]
    fn options_that_do_not_fit_together_are_errors() {
        for query in ["ssl=maybe", "ssl_cert=/me.pem", "ssl_key=/me.key", "ssl_ca=/ca.pem&ssl_mode=required"]
        {
            assert_eq!(options(query, false).err().unwrap().kind(), ErrorKind::Url, "{query}");
        }
    }
}
