//! The identity map: one object for each row of a table.
//!
//! It maps primary keys to slots of the arena. Integer keys that lie close together, as generated ones do, are a window of slot
//! numbers; all others a hash table of slot numbers that reads the key from the arena. Both hold four bytes a row.

use std::hash::{BuildHasher, Hash, Hasher};

use aludel_sql::{Few, Mapped, Value, ValueRef};
use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// Where objects are found by key.
#[derive(Debug, Default)]
pub(super) struct IdentityMap {
    window: Window,
    table: HashTable<u32>,
}

/// Slots of integer keys, from the first key on. `EMPTY` where there is none.
#[derive(Debug, Default)]
struct Window {
    first: i64,
    slots: Few<u32, 4>,
    used: usize,
}

const EMPTY: u32 = u32::MAX;

/// The window may have this many places for each object in it (and a few to begin with).
const SPARSENESS: usize = 4;
const SMALLEST: usize = 64;

const HASHER: FixedState = FixedState::with_seed(0x616c_7564_656c);

/// A primary key as it is looked up: borrowed from a row, or from what a program asks for.
#[derive(Clone, Copy)]
pub(super) enum KeyRef<'a> {
    /// One integer.
    Int(i64),
    /// Anything else, in the order of the key's columns.
    Parts(&'a [ValueRef<'a>]),
}

impl<'a> KeyRef<'a> {
    /// Makes the key of these parts; `None` if one is NULL.
    pub(super) fn of(parts: &'a [ValueRef<'a>]) -> Option<Self> {
        match parts {
            [ValueRef::Int(key)] => Some(Self::Int(*key)),
            parts if parts.iter().any(|part| part.is_null()) => None,
            parts => Some(Self::Parts(parts)),
        }
    }

    fn hash(self) -> u64 {
        let mut hasher = HASHER.build_hasher();
        match self {
            Self::Int(key) => hash_part(ValueRef::Int(key), &mut hasher),
            Self::Parts(parts) => parts.iter().for_each(|part| hash_part(*part, &mut hasher)),
        }
        hasher.finish()
    }

    fn is_of<E: Mapped>(self, object: &E) -> bool {
        let mut columns = E::TABLE.primary_key();
        let mut same = |part: ValueRef<'_>| {
            columns.next().is_some_and(|column| same_key(object.field(column).encode().as_ref(), part))
        };
        match self {
            Self::Int(key) => same(ValueRef::Int(key)),
            Self::Parts(parts) => parts.iter().all(|part| same(*part)),
        }
    }
}

/// Tells whether two parts of a key are the same value, whichever way each database shows it.
fn same_key(a: ValueRef<'_>, b: ValueRef<'_>) -> bool {
    match (a, b) {
        (ValueRef::Real(a), ValueRef::Real(b)) => a.to_bits() == b.to_bits(),
        (a, b) => a == b,
    }
}

fn hash_part(part: ValueRef<'_>, hasher: &mut impl Hasher) {
    match part {
        ValueRef::Int(it) | ValueRef::Timestamp(it) | ValueRef::Time(it) => it.hash(hasher),
        ValueRef::Date(it) => i64::from(it).hash(hasher),
        ValueRef::Bool(it) => i64::from(it).hash(hasher),
        ValueRef::Real(it) => it.to_bits().hash(hasher),
        ValueRef::Text(it) | ValueRef::Decimal(it) | ValueRef::Refused(it) => it.hash(hasher),
        ValueRef::Blob(it) | ValueRef::Wire { bytes: it, .. } => it.hash(hasher),
        ValueRef::Uuid(it) => it.hash(hasher),
        ValueRef::Null | ValueRef::List(_) => 0_u8.hash(hasher),
    }
}

/// Returns the key of an object as the identity map sees it.
pub(super) fn key_of<E: Mapped>(object: &E) -> Vec<Value> {
    E::TABLE.primary_key().map(|column| object.field(column).encode().into_value()).collect()
}

impl IdentityMap {
    /// Finds the slot of a key; `object` shows what is in a slot.
    #[inline]
    pub(super) fn find<'o, E: Mapped>(&self, key: KeyRef<'_>, object: impl Fn(u32) -> &'o E) -> Option<u32> {
        if let KeyRef::Int(key) = key
            && let Some(slot) = self.window.get(key)
        {
            return Some(slot);
        }
        if self.table.is_empty() {
            return None;
        }
        self.table.find(key.hash(), |slot| key.is_of(object(*slot))).copied()
    }

    /// Adds a number that is not there yet, where that takes no look at an object; tells whether it did.
    #[inline]
    pub(super) fn insert_new_number(&mut self, key: i64, slot: u32) -> bool {
        self.table.is_empty()
            && (self.window.append(key, slot)
                || (self.window.get(key).is_none() && self.window.insert(key, slot)))
    }

    /// Adds a key that is not there.
    #[inline]
    pub(super) fn insert<'o, E: Mapped>(
        &mut self,
        key: KeyRef<'_>,
        slot: u32,
        object: impl Fn(u32) -> &'o E,
    ) {
        if let KeyRef::Int(key) = key
            && self.window.insert(key, slot)
        {
            return;
        }
        self.table.insert_unique(key.hash(), slot, |slot| hash_of(object(*slot)));
    }

    /// Lets a key lead to this slot; returns the slot that it led to before.
    #[inline]
    pub(super) fn replace<'o, E: Mapped>(
        &mut self,
        key: KeyRef<'_>,
        slot: u32,
        object: impl Fn(u32) -> &'o E,
    ) -> Option<u32> {
        let before = self.find(key, &object);
        if let Some(before) = before {
            self.remove(key, before);
        }
        self.insert(key, slot, object);
        before
    }

    /// Removes a key that leads to this slot.
    pub(super) fn remove(&mut self, key: KeyRef<'_>, slot: u32) {
        if let KeyRef::Int(key) = key
            && self.window.remove(key, slot)
        {
            return;
        }
        if let Ok(entry) = self.table.find_entry(key.hash(), |it| *it == slot) {
            entry.remove();
        }
    }

    /// Forgets everything; the memory stays.
    pub(super) fn clear(&mut self) {
        self.window.slots.clear();
        self.window.used = 0;
        self.table.clear();
    }

    /// The memory that it takes, in bytes.
    pub(super) fn memory(&self) -> usize {
        self.window.slots.memory() + self.table.allocation_size()
    }
}

fn hash_of<E: Mapped>(object: &E) -> u64 {
    let key = key_of(object);
    let parts: Vec<ValueRef<'_>> = key.iter().map(Value::as_ref).collect();
    KeyRef::of(&parts).map_or(0, KeyRef::hash)
}

impl Window {
    #[inline]
    fn place(&self, key: i64) -> Option<usize> {
        usize::try_from(key.checked_sub(self.first)?).ok()
    }

    #[inline]
    fn get(&self, key: i64) -> Option<u32> {
        self.slots.get(self.place(key)?).copied().filter(|slot| *slot != EMPTY)
    }

    /// Whether a key at this place, behind all others, would make the window sparse.
    #[inline]
    fn would_be_sparse(&self, place: usize) -> bool {
        place > SMALLEST + (self.used + 1) * SPARSENESS
    }

    /// Takes the key in if it is the next one, unless that would make the window sparse.
    #[inline]
    fn append(&mut self, key: i64, slot: u32) -> bool {
        let next = self.slots.len();
        let is_next = next > 0 && self.place(key) == Some(next) && !self.would_be_sparse(next);
        if is_next {
            self.used += 1;
            self.slots.push(slot);
        }
        is_next
    }

    /// Takes the key in, unless that would make the window sparse.
    #[inline]
    fn insert(&mut self, key: i64, slot: u32) -> bool {
        if self.slots.is_empty() {
            self.first = key;
        } else if self.append(key, slot) {
            return true;
        }
        let Some(place) = self.place(key) else { return false };
        if place >= self.slots.len() {
            if self.would_be_sparse(place) {
                return false;
            }
            self.slots.resize(place + 1, EMPTY);
        }
        self.used += 1;
        self.slots[place] = slot;
        true
    }

    fn remove(&mut self, key: i64, slot: u32) -> bool {
        let Some(place) = self.place(key) else { return false };
        match self.slots.get_mut(place) {
            Some(it) if *it == slot => {
                *it = EMPTY;
                self.used -= 1;
                if self.used == 0 {
                    // The next keys may lie anywhere.
                    self.slots.clear();
                }
                true
            }
            _ => false,
        }
    }
}
