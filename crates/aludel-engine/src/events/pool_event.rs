//! What happens to the connections of a pool.

use std::panic::Location;
use std::time::Duration;

/// Something that happened to a connection of a pool; the names are those of SQLAlchemy's pool events.
///
/// `connection` numbers the connections of a pool in the order in which they were opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PoolEvent {
    /// A connection was opened.
    Connect {
        /// The number of the connection.
        connection: u64,
    },
    /// A connection was lent.
    Checkout {
        /// The number of the connection.
        connection: u64,
        /// Where it was asked for.
        at: &'static Location<'static>,
    },
    /// A connection came back clean and is kept.
    Checkin {
        /// The number of the connection.
        connection: u64,
    },
    /// The session of a connection that came back was reset.
    Reset {
        /// The number of the connection.
        connection: u64,
    },
    /// A connection was found dead: it and all that were opened before it are not lent again.
    Invalidate,
    /// A connection is closed.
    Close {
        /// The number of the connection.
        connection: u64,
        /// Why, in a few words: `overflow`, `recycled`, `a batch was in flight`, …
        why: &'static str,
    },
    /// A connection left the pool for good.
    Detach {
        /// The number of the connection.
        connection: u64,
    },
    /// A connection has been lent for longer than `pool_hold_warning`; told once for each loan.
    HeldTooLong {
        /// Where it was asked for.
        at: &'static Location<'static>,
        /// For how long it has been held.
        age: Duration,
    },
}
