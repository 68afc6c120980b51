//! The counts of a pool.

use std::fmt;

/// How many connections a pool has, and where they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStatus {
    /// Connections that are kept when they come back: `pool_size`, 1 for a single connection, 0 without pooling.
    pub size: usize,
    /// Connections that rest in the pool.
    pub idle: usize,
    /// Connections that are lent, being opened or being rolled back.
    pub in_use: usize,
    /// Connections, of both sorts together, beyond `size`.
    pub overflow: usize,
    /// Borrowers that wait.
    pub waiting: usize,
}

impl fmt::Display for PoolStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { size, idle, in_use, overflow, waiting } = self;
        write!(
            f,
            "Pool size: {size}  Connections in pool: {idle}  Current overflow: {overflow}  \
             Checked out connections: {in_use}  Waiting: {waiting}"
        )
    }
}
