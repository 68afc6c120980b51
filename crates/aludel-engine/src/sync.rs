//! The locks and counters of the pool.
//!
//! In one place, because `tests/pool_model.rs` compiles the pool with those of shuttle instead, which tries the orders in which tasks can
//! come to them.

pub(crate) use std::sync::atomic::AtomicU64;
pub(crate) use std::sync::{Mutex, MutexGuard};
