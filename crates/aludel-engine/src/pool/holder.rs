//! Who occupies the slots of a pool.

use std::panic::Location;
use std::time::Duration;

use tokio::time::Instant;

/// Somebody who occupies a slot of the pool.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Holder {
    /// Where the connection was asked for.
    pub at: &'static Location<'static>,
    /// How long the slot has been occupied.
    pub age: Duration,
    /// What it is occupied with.
    pub stage: HolderStage,
}

/// What a slot of the pool is occupied with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HolderStage {
    /// A connection is being opened.
    Opening,
    /// The connection is lent.
    Lent,
    /// The borrower is gone and left a transaction open, which is being rolled back.
    RollingBack,
    /// The borrower is gone, and the session of the connection is being reset.
    Resetting,
}

/// Finds a holder again.
#[derive(Clone, Copy, Debug)]
pub(super) struct HolderKey(usize);

/// The holders of a pool: a slab, so that coming and going allocates nothing.
#[derive(Debug, Default)]
pub(super) struct Holders {
    entries: Vec<Entry>,
    /// The first of the free entries, which are chained.
    free: Option<usize>,
    len: usize,
}

#[derive(Debug)]
enum Entry {
    Free { next: Option<usize> },
    Held { at: &'static Location<'static>, since: Instant, stage: HolderStage, warned: bool },
}

impl Holders {
    pub(super) fn insert(
        &mut self,
        at: &'static Location<'static>,
        since: Instant,
        stage: HolderStage,
    ) -> HolderKey {
        let held = Entry::Held { at, since, stage, warned: false };
        self.len += 1;
        if let Some(index) = self.free {
            if let Entry::Free { next } = std::mem::replace(&mut self.entries[index], held) {
                self.free = next;
            }
            HolderKey(index)
        } else {
            self.entries.push(held);
            HolderKey(self.entries.len() - 1)
        }
    }

    pub(super) fn remove(&mut self, HolderKey(index): HolderKey) {
        self.entries[index] = Entry::Free { next: self.free };
        self.free = Some(index);
        self.len -= 1;
    }

    pub(super) fn set_stage(&mut self, HolderKey(index): HolderKey, to: HolderStage) {
        if let Entry::Held { stage, .. } = &mut self.entries[index] {
            *stage = to;
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Notes that a loan was warned of if it is as old as `limit`, and returns it the first time that this is so.
    pub(super) fn take_overdue(
        &mut self,
        HolderKey(index): HolderKey,
        limit: Duration,
        now: Instant,
    ) -> Option<Holder> {
        self.entries[index].take_overdue(limit, now)
    }

    /// Does the same with all loans, and tells when the next of the others will be as old.
    pub(super) fn take_all_overdue(
        &mut self,
        limit: Duration,
        now: Instant,
    ) -> (Vec<Holder>, Option<Instant>) {
        let overdue = self.entries.iter_mut().filter_map(|entry| entry.take_overdue(limit, now)).collect();
        let next = self.entries.iter().filter_map(|entry| match entry {
            Entry::Held { since, warned: false, .. } => since.checked_add(limit),
            _ => None,
        });
        (overdue, next.min())
    }

    /// Lists the holders, the longest first.
    pub(super) fn list(&self, now: Instant) -> Vec<Holder> {
        let mut holders = Vec::with_capacity(self.len);
        for entry in &self.entries {
            if let Entry::Held { at, since, stage, .. } = *entry {
                holders.push(Holder { at, age: now.saturating_duration_since(since), stage });
            }
        }
        holders.sort_by_key(|holder| std::cmp::Reverse(holder.age));
        holders
    }
}

impl Entry {
    fn take_overdue(&mut self, limit: Duration, now: Instant) -> Option<Holder> {
        let Self::Held { at, since, stage, warned } = self else { return None };
        let age = now.saturating_duration_since(*since);
        if *warned || age < limit {
            return None;
        }
        *warned = true;
        Some(Holder { at, age, stage: *stage })
    }
}
