//! Keys as something that can be hashed: how loaders deal rows out to the objects that they belong to.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::num::NonZeroU64;

use aludel_sql::{Value, ValueRef};

/// A map from keys.
pub(crate) type ByKey<V> = HashMap<KeyText, V, foldhash::fast::FixedState>;

/// A key as something that can be hashed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum KeyText {
    Int(i64),
    Uuid([u8; 16]),
    Text(String),
    Other(String),
}

impl KeyText {
    pub(crate) fn of(key: &Value) -> Self {
        match key.as_ref() {
            ValueRef::Int(key) => Self::Int(key),
            ValueRef::Uuid(key) => Self::Uuid(key),
            ValueRef::Text(key) => Self::Text(key.to_owned()),
            other => Self::Other(format!("{other:?}")),
        }
    }

    /// Returns what keys have in common that a database may hold for equal though they are not the same text: all but case and spaces at
    /// the end.
    fn alike(&self) -> Option<String> {
        let Self::Text(text) = self else { return None };
        Some(text.trim_end_matches(' ').to_lowercase())
    }

    /// Tells whether a database may hold both for one key.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self == other || self.alike().is_some_and(|it| other.alike() == Some(it))
    }

    /// Returns a number that tells keys apart.
    pub(crate) fn hash(&self) -> Option<NonZeroU64> {
        NonZeroU64::new(foldhash::fast::FixedState::default().hash_one(self) | 1)
    }
}

/// Finds numbers by keys that a database may hold for equal, because a collation minds neither case nor spaces at the end.
///
/// For rows that the database found for one of several keys, and that have none of them; never to find a row.
#[derive(Default)]
pub(crate) struct ByLikeness(HashMap<String, Vec<usize>>);

impl ByLikeness {
    pub(crate) fn of<'k>(numbers: impl Iterator<Item = (&'k KeyText, usize)>) -> Self {
        let mut found = Self::default();
        for (key, number) in numbers {
            if let Some(alike) = key.alike() {
                found.0.entry(alike).or_default().push(number);
            }
        }
        found
    }

    pub(crate) fn get(&self, key: &KeyText) -> &[usize] {
        key.alike().and_then(|it| self.0.get(&it)).map_or(&[], Vec::as_slice)
    }
}
