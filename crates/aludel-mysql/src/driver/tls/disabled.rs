//! A program without TLS.

use aludel_sql::{Error, Result};
use mysql_async::Opts;

use super::TlsOptions;

pub(super) const BUILT_IN: bool = false;

/// Returns the options as they are: whatever needs TLS was refused with the URL.
pub(in crate::driver) async fn secured(wire: &Opts, _: &TlsOptions) -> Result<Opts> {
    Ok(wire.clone())
}

/// Nothing here goes wrong with certificates.
pub(in crate::driver) fn explain(_: &mysql_async::Error) -> Option<Error> {
    None
}

/// There is no certificate.
pub(in crate::driver) fn other_name(_: &mysql_async::Error) -> Option<String> {
    None
}

/// Returns the options as they are.
pub(in crate::driver) fn named(wire: Opts, _: String) -> Opts {
    wire
}
