//! What the URL says about TLS.

use aludel_engine::Url;
use aludel_sql::{Error, ErrorKind, Result};

use super::implementation::{BUILT_IN, Built};

/// The options of TLS, and what is made of them once.
#[cfg_attr(
    not(feature = "tls-ring"),
    expect(dead_code, reason = "read and checked, but of no use without TLS")
)]
pub(in crate::driver) struct TlsOptions {
    mode: Option<SslMode>,
    /// The file of the authorities that may sign the server's certificate; `None` or `system`: those of this machine.
    pub(super) root_cert: Option<String>,
    /// The files of the client's certificate and its key.
    pub(super) identity: Option<(String, String)>,
    pub channel_binding: ChannelBinding,
    /// Made of the files at the first connection. Every connection that has TLS has it in the same mode.
    pub(super) built: Built,
}

/// libpq's `sslmode`. `allow` is `prefer`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::driver) enum SslMode {
    /// No TLS.
    Disable,
    /// TLS, with whomever; in clear where the server has none and is on this machine.
    Prefer,
    /// TLS, with whomever.
    Require,
    /// TLS with somebody whose certificate is signed by a known authority.
    VerifyCa,
    /// TLS with the host of the URL.
    VerifyFull,
}

/// libpq's `channel_binding`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::driver) enum ChannelBinding {
    Disable,
    Prefer,
    Require,
}

/// The names of the options.
pub(in crate::driver) const NAMES: [&str; 5] =
    ["channel_binding", "sslcert", "sslkey", "sslmode", "sslrootcert"];

impl TlsOptions {
    pub fn from_url(url: &Url) -> Result<Self> {
        let mode = url.option("sslmode").map(SslMode::read).transpose()?;
        let root_cert = url.option("sslrootcert").map(str::to_owned);
        let identity = match (url.option("sslcert"), url.option("sslkey")) {
            (None, None) => None,
            (Some(cert), Some(key)) => Some((cert.to_owned(), key.to_owned())),
            (Some(_), None) => return Err(wrong("`sslcert` needs `sslkey`, the file of its private key")),
            (None, Some(_)) => return Err(wrong("`sslkey` needs `sslcert`, the file of its certificate")),
        };
        // Whoever names authorities wants to know who answers, on this machine too.
        let mode = match mode {
            None if root_cert.is_some() => Some(SslMode::VerifyFull),
            Some(SslMode::Require) if root_cert.is_some() => Some(SslMode::VerifyCa),
            Some(SslMode::Prefer | SslMode::Disable) if root_cert.is_some() => {
                return Err(wrong(
                    "`sslrootcert` has no meaning with this `sslmode`: nothing would be verified",
                )
                .help("say `sslmode=verify-full`, or leave `sslrootcert` out"));
            }
            mode => mode,
        };
        let channel_binding = match url.option("channel_binding") {
            None | Some("prefer") => ChannelBinding::Prefer,
            Some("disable") => ChannelBinding::Disable,
            Some("require") => ChannelBinding::Require,
            Some(_) => {
                return Err(wrong("`channel_binding` has a value that is not known")
                    .help("it is one of `disable`, `prefer` and `require`"));
            }
        };
        let needs_tls = mode.is_some_and(|it| !matches!(it, SslMode::Disable | SslMode::Prefer))
            || channel_binding == ChannelBinding::Require;
        if needs_tls && !BUILT_IN {
            return Err(not_built_in("the URL asks for TLS, which this program was built without"));
        }
        Ok(Self { mode, root_cert, identity, channel_binding, built: Default::default() })
    }

    /// Returns the mode for a connection that stays on this machine or leaves it.
    pub fn mode(&self, local: bool) -> SslMode {
        match self.mode {
            Some(mode) => mode,
            // Nobody needs a certificate to talk to himself. But binding SCRAM to the channel needs a channel.
            None if local && self.channel_binding != ChannelBinding::Require => SslMode::Disable,
            None => SslMode::VerifyFull,
        }
    }

    /// Refuses a connection that would need TLS in a program without it, before anything is sent.
    pub fn check(&self, local: bool) -> Result<()> {
        let needs_tls = match self.mode(local) {
            SslMode::Disable => false,
            SslMode::Prefer => !local,
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => true,
        };
        if needs_tls && !BUILT_IN {
            return Err(not_built_in(
                "the connection would cross the network in clear: this program was built without TLS",
            ));
        }
        Ok(())
    }
}

impl SslMode {
    fn read(word: &str) -> Result<Self> {
        Ok(match word {
            "disable" => Self::Disable,
            "allow" | "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => {
                return Err(wrong("`sslmode` has a value that is not known").help(
                    "it is one of `disable`, `allow`, `prefer`, `require`, `verify-ca` and `verify-full`",
                ));
            }
        })
    }
}

/// Makes the error for what only a program with TLS can do.
pub(super) fn not_built_in(what: &'static str) -> Error {
    Error::new(ErrorKind::Unsupported, what).help(
        "enable the feature `tls-ring` of `aludel` in Cargo.toml; only if the network may read everything, say `sslmode=disable`",
    )
}

fn wrong(what: &'static str) -> Error {
    Error::new(ErrorKind::Url, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(query: &str) -> Result<TlsOptions> {
        TlsOptions::from_url(&format!("postgresql://sam@db/x?{query}").parse().unwrap())
    }

    fn mode(query: &str, local: bool) -> SslMode {
        options(query).unwrap().mode(local)
    }

    #[test]
    fn what_leaves_this_machine_is_verified_unless_told_otherwise() {
        assert_eq!((mode("", false), mode("", true)), (SslMode::VerifyFull, SslMode::Disable));
        assert_eq!(mode("sslmode=disable", false), SslMode::Disable);
        assert_eq!(mode("sslmode=allow", false), SslMode::Prefer);
        assert_eq!(mode("sslmode=require", true), SslMode::Require);
    }

    #[test]
    fn authorities_that_are_named_are_asked() {
        assert_eq!(mode("sslrootcert=/ca.pem", true), SslMode::VerifyFull);
        assert_eq!(mode("sslrootcert=/ca.pem&sslmode=require", false), SslMode::VerifyCa);
        for weak in ["prefer", "allow", "disable"] {
            let error = options(&format!("sslrootcert=/ca.pem&sslmode={weak}")).err().unwrap();
            assert!(error.what().contains("nothing would be verified"), "{error}");
        }
    }

    #[test]
    fn options_that_do_not_fit_together_are_errors() {
        for query in ["sslmode=off", "sslcert=/me.pem", "sslkey=/me.key", "channel_binding=maybe"] {
            assert_eq!(options(query).err().unwrap().kind(), ErrorKind::Url, "{query}");
        }
    }
}
