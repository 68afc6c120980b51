//! Checksums over what a contestant holds when the clock has stopped (64-bit FNV-1a).
//!
//! They take borrowed cells, so that every contestant can use its own structs.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::BookCells;

const START: u64 = 0xcbf2_9ce4_8422_2325;

/// Checksums are left out.
static OFF: AtomicBool = AtomicBool::new(false);

/// From now on every checksum is 0: where instructions are counted they would be counted too.
pub fn leave_out() {
    OFF.store(true, Ordering::Relaxed);
}

fn is_left_out() -> bool {
    OFF.load(Ordering::Relaxed)
}

/// Items in order: key, name, note.
pub fn items<'a>(items: impl IntoIterator<Item = (i64, &'a str, Option<&'a str>)>) -> u64 {
    if is_left_out() {
        return 0;
    }
    items.into_iter().fold(START, |hash, (id, name, note)| optional(text(int(hash, id), name), note))
}

/// Generated keys, in the order of the rows they belong to.
pub fn keys(keys: impl IntoIterator<Item = i64>) -> u64 {
    if is_left_out() {
        return 0;
    }
    keys.into_iter().fold(START, int)
}

/// Parents in order, each with the sum that [`children`] gives.
pub fn families<'a>(families: impl IntoIterator<Item = (i64, &'a str, u64)>) -> u64 {
    if is_left_out() {
        return 0;
    }
    families
        .into_iter()
        .fold(START, |hash, (id, name, children)| bytes(text(int(hash, id), name), &children.to_le_bytes()))
}

/// The children of one parent, in any order: key, parent's key, name.
pub fn children<'a>(children: impl IntoIterator<Item = (i64, i64, &'a str)>) -> u64 {
    children
        .into_iter()
        .map(|(id, parent, name)| text(int(int(START, id), parent), name))
        .fold(0, u64::wrapping_add)
}

/// The children of one parent, in any order, each with the sum that [`children`] gives for its own.
pub fn children_with_their_own<'a>(children: impl IntoIterator<Item = ((i64, i64, &'a str), u64)>) -> u64 {
    children
        .into_iter()
        .map(|((id, parent, name), own)| bytes(text(int(int(START, id), parent), name), &own.to_le_bytes()))
        .fold(0, u64::wrapping_add)
}

/// Books in order, all their columns.
pub fn books<'a>(books: impl IntoIterator<Item = BookCells<'a>>) -> u64 {
    if is_left_out() {
        return 0;
    }
    books.into_iter().fold(START, |hash, book| {
        let hash = book.texts.into_iter().fold(hash, text);
        let hash = book.numbers.into_iter().fold(hash, int);
        bytes(hash, &book.rating.to_le_bytes())
    })
}

/// Some columns of books, in order: key, title, stock.
pub fn titles<'a>(titles: impl IntoIterator<Item = (i64, &'a str, i64)>) -> u64 {
    if is_left_out() {
        return 0;
    }
    titles.into_iter().fold(START, |hash, (id, title, stock)| int(text(int(hash, id), title), stock))
}

/// What is left of items that nobody keeps: cheap enough to be taken while the clock runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passing(u64);

impl Passing {
    /// Takes the next item: key, name, note.
    #[inline]
    pub fn add(&mut self, (id, name, note): (i64, &str, Option<&str>)) {
        let lengths = name.len() as u64 + note.map_or(1 << 32, |note| note.len() as u64) * 3;
        self.0 = self.0.rotate_left(5) ^ (id as u64).wrapping_add(lengths);
    }

    pub fn checksum(self) -> u64 {
        self.0
    }
}

fn int(hash: u64, value: i64) -> u64 {
    bytes(hash, &value.to_le_bytes())
}

fn text(hash: u64, value: &str) -> u64 {
    bytes(bytes(hash, &value.len().to_le_bytes()), value.as_bytes())
}

fn optional(hash: u64, value: Option<&str>) -> u64 {
    match value {
        Some(value) => text(bytes(hash, &[1]), value),
        None => bytes(hash, &[0]),
    }
}

fn bytes(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_have_an_order() {
        let (a, b) = ((1, "a", None), (2, "b", Some("")));
        assert_ne!(items([a, b]), items([b, a]));
    }

    #[test]
    fn null_is_not_the_empty_text() {
        assert_ne!(items([(1, "a", None)]), items([(1, "a", Some(""))]));
    }

    #[test]
    fn children_have_none() {
        let (a, b) = ((1, 7, "a"), (2, 7, "b"));
        assert_eq!(children([a, b]), children([b, a]));
        assert_ne!(children([a, b]), children([a]));
    }
}
