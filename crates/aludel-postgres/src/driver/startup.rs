//! The beginning of a connection: who we are, how we prove it, and what every connection is set to.

use aludel_sql::{Error, ErrorKind, Result};
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{
    self as scram, SCRAM_SHA_256, SCRAM_SHA_256_PLUS, ScramSha256,
};
use postgres_protocol::message::frontend;

use super::buffer::split_message;
use super::cancel::BackendKey;
use super::core::{Core, unexpected};
use super::message::{Body, wrong};
use super::options::{Method, Options};
use super::tls::{Channel, ChannelBinding};
use crate::errors::DatabaseError;

/// Nothing that a server says before it knows us is longer.
const LONGEST: usize = 64 * 1024;

/// The conversation up to the first ReadyForQuery.
pub(super) struct Startup<'a> {
    options: &'a Options,
    channel: Channel,
    proof: Proof,
    /// SCRAM is bound to the certificate that we have seen: nobody stands between.
    bound: bool,
    pub key: Option<BackendKey>,
}

/// How far authentication came.
enum Proof {
    /// The server has said nothing yet.
    None,
    /// The password or a hash of it was sent.
    Sent,
    /// SCRAM: what was sent waits for the server's challenge, then for its own proof.
    Scram(ScramSha256, Expect),
    /// SCRAM: the server has proved that it knows the password too.
    Both,
    /// AuthenticationOk.
    Accepted,
}

/// What a server that asks for less has to change.
const USE_SCRAM: &str = "set `password_encryption = scram-sha-256`, set the password again, and write `scram-sha-256` into `pg_hba.conf`";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Challenge,
    Proof,
}

impl<'a> Startup<'a> {
    /// Appends the first message.
    pub fn begin(options: &'a Options, channel: Channel, core: &mut Core) -> Result<Self> {
        let parameters = [
            ("user", Some(options.user.as_str())),
            ("database", options.database.as_deref()),
            // All text is UTF-8, and what the server computes of instants it computes in UTC.
            ("client_encoding", Some("UTF8")),
            ("TimeZone", Some("UTC")),
            ("application_name", options.application_name.as_deref()),
            ("options", options.server_options.as_deref()),
        ];
        let parameters = parameters.into_iter().filter_map(|(name, value)| Some((name, value?)));
        frontend::startup_message(parameters, &mut core.out).map_err(nul)?;
        Ok(Self { options, channel, proof: Proof::None, bound: false, key: None })
    }

    /// Understands the messages that are here and appends answers. `true`: the connection is ready.
    pub fn step(&mut self, core: &mut Core) -> Result<bool> {
        loop {
            let Core { inb, out, talk, .. } = core;
            let Some((tag, body, rest)) = split_message(inb.unread())? else {
                if inb.unread().len() > LONGEST {
                    return Err(wrong("a message before authentication is too long"));
                }
                return Ok(false);
            };
            let (mut body, left) = (Body(body), rest.len());
            let accepted = matches!(self.proof, Proof::Accepted);
            match tag {
                b'E' => return Err(DatabaseError::read(body)?.into_error()),
                b'N' => talk.asynchronous(tag, body)?,
                b'R' if !accepted => self.authentication(body, out)?,
                b'S' if accepted => talk.asynchronous(tag, body)?,
                b'K' if accepted => {
                    self.key = Some(BackendKey { process: body.i32()?, secret: body.i32()? });
                    body.end()?;
                }
                b'Z' if accepted => {
                    if body.0 != b"I" {
                        return Err(wrong("a new connection is not idle"));
                    }
                    inb.consume_but(left);
                    return Ok(true);
                }
                b'v' => return Err(wrong("the server does not speak version 3.0 of the protocol")),
                tag => return Err(unexpected(tag)),
            }
            inb.consume_but(left);
        }
    }

    fn authentication(&mut self, mut body: Body<'_>, out: &mut bytes::BytesMut) -> Result<()> {
        match body.i32()? {
            0 => {
                body.end()?;
                // Half a SCRAM exchange is not one: whoever skips its own proof may not know the password.
                if matches!(self.proof, Proof::Scram(..)) {
                    return Err(refused("the server ended SCRAM without proving that it knows the password"));
                }
                if matches!(self.proof, Proof::None) {
                    self.allow(Method::None, true)?;
                }
                if self.options.tls.channel_binding == ChannelBinding::Require && !self.bound {
                    return Err(refused("the server did not ask for SCRAM bound to its certificate, as `channel_binding=require` wants")
                        .help(USE_SCRAM));
                }
                self.proof = Proof::Accepted;
            }
            3 if matches!(self.proof, Proof::None) => {
                body.end()?;
                // To a server whose certificate was not verified it would be as good as shouted.
                self.allow(Method::Password, self.channel.encrypted && self.channel.verified)?;
                frontend::password_message(self.password()?.as_bytes(), out).map_err(nul)?;
                self.proof = Proof::Sent;
            }
            5 if matches!(self.proof, Proof::None) => {
                let salt = <[u8; 4]>::try_from(body.bytes(4)?)
                    .map_err(|_| wrong("a salt has another length than 4"))?;
                body.end()?;
                self.allow(Method::Md5, self.channel.is_private())?;
                let hash = md5_hash(self.options.user.as_bytes(), self.password()?.as_bytes(), salt);
                frontend::password_message(hash.as_bytes(), out).map_err(nul)?;
                self.proof = Proof::Sent;
            }
            10 if matches!(self.proof, Proof::None) => {
                let (mut plain, mut plus) = (false, false);
                let mut names = Vec::new();
                loop {
                    match body.text()? {
                        "" => break,
                        name => {
                            plain |= name == SCRAM_SHA_256;
                            plus |= name == SCRAM_SHA_256_PLUS;
                            names.push(name);
                        }
                    }
                }
                body.end()?;
                self.allow(Method::Scram, true)?;
                let (mechanism, binding) = self.binding(plain, plus).ok_or_else(|| {
                    let offered = names.join(", ");
                    let offered = offered.escape_debug();
                    match self.options.tls.channel_binding {
                        ChannelBinding::Require => refused(format!("the server offers {offered}, none of which can be bound to its certificate"))
                            .help("`channel_binding=require` needs TLS, and a certificate whose signature has a hash"),
                        _ => refused(format!("the server offers {offered}, this client knows {SCRAM_SHA_256}")),
                    }
                })?;
                self.bound = mechanism == SCRAM_SHA_256_PLUS;
                let scram = ScramSha256::new(self.password()?.as_bytes(), binding);
                frontend::sasl_initial_response(mechanism, scram.message(), out).map_err(nul)?;
                self.proof = Proof::Scram(scram, Expect::Challenge);
            }
            11 => match &mut self.proof {
                Proof::Scram(scram, expect @ Expect::Challenge) => {
                    // Also refuses a count of iterations that would keep this thread busy for long.
                    scram.update(body.0).map_err(scram_failed)?;
                    frontend::sasl_response(scram.message(), out).map_err(nul)?;
                    *expect = Expect::Proof;
                }
                _ => return Err(wrong("a SCRAM challenge came out of turn")),
            },
            12 => match &mut self.proof {
                Proof::Scram(scram, Expect::Proof) => {
                    scram.finish(body.0).map_err(scram_failed)?;
                    self.proof = Proof::Both;
                }
                _ => return Err(wrong("a SCRAM proof came out of turn")),
            },
            3 | 5 | 10 => return Err(wrong("the server asks for authentication twice")),
            method => {
                return Err(refused(format!(
                    "the server asks for a way of authentication that is not known here (number {method})"
                ))
                .help("allow this user `scram-sha-256` in `pg_hba.conf`"));
            }
        }
        Ok(())
    }

    /// Picks the kind of SCRAM and what it says of the channel.
    fn binding(&self, plain: bool, plus: bool) -> Option<(&'static str, scram::ChannelBinding)> {
        let wanted = self.options.tls.channel_binding;
        match &self.channel.end_point {
            Some(hash) if plus && wanted != ChannelBinding::Disable => {
                Some((SCRAM_SHA_256_PLUS, scram::ChannelBinding::tls_server_end_point(hash.clone())))
            }
            _ if !plain || wanted == ChannelBinding::Require => None,
            // "y": we could have. A server that could have too knows then that somebody between has struck it from the list.
            Some(_) if wanted != ChannelBinding::Disable => {
                Some((SCRAM_SHA_256, scram::ChannelBinding::unrequested()))
            }
            // "n": we could not.
            _ => Some((SCRAM_SHA_256, scram::ChannelBinding::unsupported())),
        }
    }

    /// Refuses a way of authentication that gives more away than the URL allows: without `require_auth`, whatever is not safe.
    fn allow(&self, method: Method, safe: bool) -> Result<()> {
        match &self.options.authentication {
            Some(allowed) if allowed.contains(&method) => Ok(()),
            Some(_) => Err(refused(format!("the server asks for `{}`, which `require_auth` does not allow", method.word()))),
            None if safe => Ok(()),
            None => Err(refused(match method {
                Method::Password => "the server asks for the password in clear, which is sent only through TLS and to a server whose certificate was verified",
                _ => "the server asks for an MD5 hash of the password, which is not sent over a network without TLS and a certificate that was verified",
            })
            .help(USE_SCRAM)),
        }
    }

    fn password(&self) -> Result<&'a str> {
        self.options.password.as_deref().filter(|it| !it.is_empty()).ok_or_else(|| {
            refused("the server asks for a password, the URL holds none")
                .help("write `postgresql://user:password@host/database`")
        })
    }
}

fn refused(what: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Authentication, what)
}

fn scram_failed(error: std::io::Error) -> Error {
    refused("the SCRAM exchange failed")
        .help("check the password; the server may also not be what it says it is")
        .with_source(error)
}

fn nul(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Url, "user, password, database or an option holds a NUL character")
        .with_source(error)
}
