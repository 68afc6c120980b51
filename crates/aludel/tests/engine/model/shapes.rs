//! Pools of several sorts.

use aludel::{PoolMode, ResetOnReturn};

/// What sort of pool it is.
pub struct Shape {
    pub mode: PoolMode,
    pub size: usize,
    pub overflow: usize,
    pub lifo: bool,
    pub reset: ResetOnReturn,
    /// Whoever finds no connection waits for one.
    pub waits: bool,
}

impl Shape {
    pub fn of(die: u8) -> Self {
        let (mode, size, overflow) = [
            (PoolMode::Queue, 2, 1),
            (PoolMode::Queue, 1, 1),
            (PoolMode::Queue, 2, 0),
            (PoolMode::Queue, 0, 2),
            (PoolMode::Single, 5, 5),
            (PoolMode::Null, 5, 5),
        ][usize::from(die) % 6];
        let reset = if (die / 6).is_multiple_of(3) { ResetOnReturn::Full } else { ResetOnReturn::Rollback };
        Self { mode, size, overflow, lifo: die & 64 == 0, reset, waits: die & 128 == 0 }
    }

    /// How many connections there may be.
    pub fn capacity(&self) -> usize {
        match self.mode {
            PoolMode::Single => 1,
            PoolMode::Null => usize::MAX,
            _ => self.size + self.overflow,
        }
    }

    /// How many connections rest in it.
    pub fn kept(&self) -> usize {
        match self.mode {
            PoolMode::Single => 1,
            PoolMode::Null => 0,
            _ => self.size,
        }
    }
}
