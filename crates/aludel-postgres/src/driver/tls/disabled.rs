//! A program without TLS: the same words as in `enabled.rs`, each a refusal.

use std::convert::Infallible;
use std::io;
use std::task::{Context, Poll};

use aludel_sql::Result;
use tokio::io::ReadBuf;
use tokio::net::TcpStream;

use super::options::not_built_in;
use super::{Channel, SslMode, TlsOptions};
use crate::driver::stream::Stream;

pub(in crate::driver) const BUILT_IN: bool = false;

/// Nothing is made of the options.
#[derive(Default)]
pub(in crate::driver) struct Built;

/// There is none.
pub(in crate::driver) struct TlsStream(Infallible);

impl TlsStream {
    pub fn poll_read(&mut self, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.0 {}
    }

    pub fn poll_write(&mut self, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        match self.0 {}
    }

    pub fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.0 {}
    }
}

pub(in crate::driver) async fn handshake(
    _: TcpStream,
    _: &str,
    _: SslMode,
    _: Channel,
    _: &TlsOptions,
) -> Result<(Stream, Channel)> {
    Err(not_built_in("the connection needs TLS, which this program was built without"))
}
