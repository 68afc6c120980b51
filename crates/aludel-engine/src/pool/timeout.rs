//! The error of those who waited in vain.

use std::fmt::Write as _;
use std::time::Duration;

use aludel_sql::{Error, ErrorKind};

use crate::pool::holder::{Holder, HolderStage};
use crate::pool::options::{PoolMode, PoolOptions};
use crate::pool::shared::Shared;

/// Says how long the wait was and who holds the connections.
#[cold]
pub(super) fn error(shared: &Shared, waited: Duration) -> Error {
    let error = Error::new(ErrorKind::PoolTimeout, what(&shared.options, waited, &shared.holders()));
    match shared.options.mode {
        PoolMode::Single => error.help(
            "this pool has one connection for all (PoolMode::Single): hold it for a shorter time, and never ask for a second one \
             while holding it; a session gives its connection back at commit, rollback or close",
        ),
        PoolMode::Queue | PoolMode::Null => error.help(
            "raise pool_size or max_overflow, or hold connections for a shorter time; a session gives its connection back at \
             commit, rollback or close",
        ),
    }
}

/// Says who has not given back the connections of a pool that is closed.
#[cold]
pub(super) fn not_given_back(shared: &Shared, grace: Duration) -> Error {
    let holders = shared.holders();
    let mut what = format!("waited {grace:.1?} for {} connections to be given back", holders.len());
    list(&mut what, &holders);
    Error::new(ErrorKind::PoolTimeout, what).doing("closing the pool").help(
        "they are closed when they come back; end the tasks that hold them first, or give them more time",
    )
}

fn what(options: &PoolOptions, waited: Duration, holders: &[Holder]) -> String {
    let PoolOptions { pool_size, max_overflow, .. } = options;
    let count = holders.len();
    let waited = match waited {
        Duration::ZERO => "did not wait (pool_timeout 0)".to_owned(),
        waited => format!("waited {waited:.1?}"),
    };
    let are = if count == 1 { "connection is" } else { "connections are" };
    let mut what = match options.mode {
        PoolMode::Single => format!("{waited}; the only connection is in use"),
        PoolMode::Queue | PoolMode::Null => {
            format!("{waited}; {count} {are} in use (pool_size {pool_size}, max_overflow {max_overflow})")
        }
    };
    list(&mut what, holders);
    what
}

/// Writes one line per call site: a hundred holders usually come from three places.
fn list(what: &mut String, holders: &[Holder]) {
    let mut rest = holders.to_vec();
    while let Some(first) = rest.first().copied() {
        let _ = write!(what, "\n  held: {}:{} for ", first.at.file(), first.at.line());
        let same_place =
            |holder: &Holder| (holder.at.file(), holder.at.line()) == (first.at.file(), first.at.line());
        for (n, holder) in rest.iter().filter(|holder| same_place(holder)).enumerate() {
            let stage = match holder.stage {
                HolderStage::Opening => " (still opening)",
                HolderStage::Lent => "",
                HolderStage::RollingBack => " (rolling back)",
                HolderStage::Resetting => " (being reset)",
            };
            let _ = write!(what, "{}{:.1?}{stage}", if n == 0 { "" } else { ", " }, holder.age);
        }
        rest.retain(|holder| !same_place(holder));
    }
}
