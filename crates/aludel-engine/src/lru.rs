//! A map that forgets what was used longest ago.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use foldhash::fast::FixedState;

/// A map that keeps what was used last: `CAPACITY` entries at least, and half as many more at most. It forgets a third at a time, so that the
/// cost is spread.
#[derive(Debug)]
pub(crate) struct Lru<K, V, const CAPACITY: usize> {
    entries: HashMap<K, (Arc<V>, u64), FixedState>,
    clock: u64,
}

impl<K, V, const CAPACITY: usize> Default for Lru<K, V, CAPACITY> {
    fn default() -> Self {
        Self { entries: HashMap::default(), clock: 0 }
    }
}

impl<K: Hash + Eq, V, const CAPACITY: usize> Lru<K, V, CAPACITY> {
    /// Returns what is kept under a key, which is used by that.
    pub(crate) fn get<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
    {
        self.clock += 1;
        let (value, used) = self.entries.get_mut(key)?;
        *used = self.clock;
        Some(Arc::clone(value))
    }

    /// Keeps something under a key, and forgets what was used longest ago if there is too much.
    pub(crate) fn insert(&mut self, key: K, value: Arc<V>) {
        if self.entries.len() >= CAPACITY + CAPACITY / 2 {
            let mut ages: Vec<u64> = self.entries.values().map(|(_, used)| *used).collect();
            let (_, oldest_kept, _) = ages.select_nth_unstable(CAPACITY / 2);
            let oldest_kept = *oldest_kept;
            self.entries.retain(|_, (_, used)| *used >= oldest_kept);
        }
        self.clock += 1;
        self.entries.insert(key, (value, self.clock));
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_longest_ago_is_forgotten_first() {
        const CAPACITY: usize = 500;
        let mut cache: Lru<usize, usize, CAPACITY> = Lru::default();
        cache.insert(0, Arc::new(0));
        for n in 1..CAPACITY * 3 {
            cache.insert(n, Arc::new(n));
            assert!(cache.get(&0).is_some(), "the entry that is used all the time stays");
            assert!(cache.len() <= CAPACITY + CAPACITY / 2);
        }
        assert!(cache.get(&1).is_none());
        for n in CAPACITY * 2..CAPACITY * 3 {
            assert!(cache.get(&n).is_some(), "those used last are there");
        }
    }
}
