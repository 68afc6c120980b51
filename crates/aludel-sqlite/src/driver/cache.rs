//! The prepared statements of one connection, by shape.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use aludel_engine::driver::ShapeId;

use super::keys::SchemaVersion;
use super::kind::Kind;
use super::statement::StatementId;

/// A prepared statement and what the driver knows about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) id: StatementId,
    pub(super) kind: Kind,
    /// Its shape, if it is in the cache; otherwise it is freed after its run.
    pub(super) shape: Option<ShapeId>,
    /// It took long the last time, so that it goes to the blocking pool at once.
    pub(super) long: bool,
    /// The same INSERT with a RETURNING clause for its key.
    pub(super) returning: Option<StatementId>,
    /// Whether its keys can be counted, and in which state of the schema that was looked up.
    pub(super) countable: Option<(SchemaVersion, bool)>,
}

/// The statements used last, up to a capacity.
pub(super) struct StatementCache {
    entries: HashMap<ShapeId, Used, BuildHasherDefault<Spread>>,
    capacity: usize,
    clock: u64,
}

struct Used {
    entry: Entry,
    at: u64,
}

impl StatementCache {
    pub(super) fn new(capacity: usize) -> Self {
        Self { entries: HashMap::default(), capacity, clock: 0 }
    }

    /// Tells whether it keeps anything at all.
    pub(super) fn is_on(&self) -> bool {
        self.capacity > 0
    }

    /// Returns the statement of a shape.
    #[inline]
    pub(super) fn get(&mut self, shape: ShapeId) -> Option<Entry> {
        self.clock += 1;
        let used = self.entries.get_mut(&shape)?;
        used.at = self.clock;
        Some(used.entry)
    }

    /// Adds a statement. Returns the one that had not been used for the longest time, if there was no room; it must be freed.
    pub(super) fn insert(&mut self, shape: ShapeId, entry: Entry) -> Option<Entry> {
        // Looking through all of them costs less than a tenth of the prepare that comes with every insertion.
        let evicted = (self.entries.len() >= self.capacity)
            .then(|| self.entries.iter().min_by_key(|(_, used)| used.at).map(|(shape, _)| *shape))
            .flatten()
            .and_then(|oldest| self.entries.remove(&oldest));
        self.entries.insert(shape, Used { entry, at: self.clock });
        evicted.map(|used| used.entry)
    }

    /// Remembers what was learnt about a statement.
    pub(super) fn update(&mut self, shape: ShapeId, entry: Entry) {
        if let Some(used) = self.entries.get_mut(&shape) {
            used.entry = entry;
        }
    }
}

/// Spreads shape numbers, which the engine hands out itself: nobody can choose them to collide.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(self.0 ^ u64::from(*byte));
        }
    }

    #[inline]
    fn write_u64(&mut self, value: u64) {
        // Fibonacci hashing; the rotation brings the good high bits to where the table looks first.
        self.0 = value.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(26);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}
