//! A list in chunks: to grow moves none but the first ones, and takes no block of memory that grows with it.

use std::iter::once;
use std::ops::{Index, IndexMut};

/// So many are in a chunk.
const CHUNK: usize = 256;

/// Room for so many is made at once: to let a vector grow takes several times as long.
const FIRST: usize = 4;

/// What an arena holds, by slot.
pub(super) struct Chunks<T> {
    /// Grows with what is in it: most sessions hold a few objects of a type.
    first: Vec<T>,
    others: Vec<Vec<T>>,
}

impl<T> Chunks<T> {
    pub(super) fn new() -> Self {
        Self { first: Vec::with_capacity(FIRST), others: Vec::new() }
    }

    /// # Panics
    ///
    /// If there are 2³² or more.
    #[inline]
    pub(super) fn len(&self) -> u32 {
        let len = match self.others.last() {
            None => self.first.len(),
            Some(last) => self.others.len() * CHUNK + last.len(),
        };
        u32::try_from(len).expect("a session holds fewer than 2^32 objects of a type")
    }

    #[inline]
    pub(super) fn get(&self, slot: u32) -> Option<&T> {
        if let Some(it) = self.first.get(slot as usize) {
            return Some(it);
        }
        let (chunk, at) = place(slot);
        self.others.get(chunk.checked_sub(1)?)?.get(at)
    }

    /// Lends two different ones.
    pub(super) fn pair_mut(&mut self, a: u32, b: u32) -> Option<(&mut T, &mut T)> {
        let ((chunk_a, a), (chunk_b, b)) = (place(a), place(b));
        let mut chunks = self.chunks_mut();
        let low = chunks.nth(chunk_a.min(chunk_b))?;
        if chunk_a == chunk_b {
            let [a, b] = low.get_disjoint_mut([a, b]).ok()?;
            return Some((a, b));
        }
        let high = chunks.nth(chunk_a.abs_diff(chunk_b) - 1)?;
        if chunk_a < chunk_b {
            low.get_mut(a).zip(high.get_mut(b))
        } else {
            high.get_mut(a).zip(low.get_mut(b))
        }
    }

    /// Lends some, each once: `wanted` are their slots, in order, and each comes with what stands beside its slot.
    pub(super) fn all_mut<B>(&mut self, wanted: Vec<(u32, B)>) -> Vec<(B, &mut T)> {
        let mut lent = Vec::with_capacity(wanted.len());
        let mut wanted = wanted.into_iter().peekable();
        for (number, chunk) in self.chunks_mut().enumerate() {
            let mut items = chunk.iter_mut();
            let mut next = 0;
            while let Some((slot, beside)) = wanted.next_if(|(slot, _)| place(*slot).0 == number) {
                let at = place(slot).1;
                lent.push((beside, items.nth(at - next).expect("a slot in use has an object")));
                next = at + 1;
            }
        }
        lent
    }

    #[inline]
    pub(super) fn push(&mut self, it: T) {
        let last = self.others.last_mut().unwrap_or(&mut self.first);
        if last.len() < CHUNK {
            return last.push(it);
        }
        let mut chunk = Vec::with_capacity(CHUNK);
        chunk.push(it);
        self.others.push(chunk);
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.chunks_mut().flatten()
    }

    fn chunks_mut(&mut self) -> impl Iterator<Item = &mut Vec<T>> {
        once(&mut self.first).chain(&mut self.others)
    }
}

impl<T> Index<u32> for Chunks<T> {
    type Output = T;

    #[inline]
    fn index(&self, slot: u32) -> &T {
        if let Some(it) = self.first.get(slot as usize) {
            return it;
        }
        let (chunk, at) = place(slot);
        &self.others[chunk - 1][at]
    }
}

impl<T> IndexMut<u32> for Chunks<T> {
    #[inline]
    fn index_mut(&mut self, slot: u32) -> &mut T {
        if (slot as usize) < self.first.len() {
            return &mut self.first[slot as usize];
        }
        let (chunk, at) = place(slot);
        &mut self.others[chunk - 1][at]
    }
}

/// The number of a slot's chunk, and its place there.
#[inline]
fn place(slot: u32) -> (usize, usize) {
    (slot as usize / CHUNK, slot as usize % CHUNK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_at_its_slot() {
        for count in [0, 1, CHUNK as u32 - 1, CHUNK as u32, 3 * CHUNK as u32 + 1] {
            let mut chunks = Chunks::new();
            (0..count).for_each(|slot| chunks.push(slot));
            assert_eq!(chunks.len(), count);
            assert!((0..count).all(|slot| chunks[slot] == slot && chunks.get(slot) == Some(&slot)));
            assert!((0..count).all(|slot| std::mem::replace(&mut chunks[slot], slot) == slot));
            assert!((count..count + 2 * CHUNK as u32).all(|slot| chunks.get(slot).is_none()));
            assert!(chunks.iter_mut().map(|it| *it).eq(0..count));
        }
    }

    #[test]
    fn two_are_lent_in_the_order_in_which_they_are_asked_for() {
        let mut chunks = Chunks::new();
        (0..3 * CHUNK as u32).for_each(|slot| chunks.push(slot));
        for (a, b) in [(0, 1), (1, 0), (0, 300), (300, 0), (300, 700), (700, 300), (600, 601)] {
            assert_eq!(chunks.pair_mut(a, b).map(|(a, b)| (*a, *b)), Some((a, b)));
        }
        assert!(chunks.pair_mut(300, 300).is_none());
    }

    #[test]
    fn all_are_lent_with_what_stands_beside_their_slots() {
        let mut chunks = Chunks::new();
        (0..3 * CHUNK as u32).for_each(|slot| chunks.push(slot));
        let wanted = vec![(0, 'a'), (255, 'b'), (256, 'c'), (700, 'd')];
        let lent: Vec<(char, u32)> =
            chunks.all_mut(wanted).into_iter().map(|(it, slot)| (it, *slot)).collect();
        assert_eq!(lent, [('a', 0), ('b', 255), ('c', 256), ('d', 700)]);
    }
}
