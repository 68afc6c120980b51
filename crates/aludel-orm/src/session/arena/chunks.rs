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
    /// Those behind the last one in use are empty: memory that a session before this one had.
    others: Vec<Vec<T>>,
    /// The number of the chunk that is being filled; 0 is the first.
    last: usize,
}

impl<T> Chunks<T> {
    pub(super) fn new() -> Self {
        Self { first: Vec::with_capacity(FIRST), others: Vec::new(), last: 0 }
    }

    /// # Panics
    ///
    /// If there are 2³² or more.
    #[inline]
    pub(super) fn len(&self) -> u32 {
        let last = if self.last == 0 { &self.first } else { &self.others[self.last - 1] };
        slot(self.last, last.len())
    }

    /// Empties it; the memory stays.
    pub(super) fn clear(&mut self) {
        self.chunks_mut().for_each(Vec::clear);
        self.last = 0;
    }

    /// The memory that it takes, in bytes, without what its entries own.
    pub(super) fn memory(&self) -> usize {
        (self.first.capacity() + self.others.len() * CHUNK) * size_of::<T>()
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

    /// Adds one, and returns its slot.
    ///
    /// # Panics
    ///
    /// If there are 2³² already.
    #[inline]
    pub(super) fn push(&mut self, it: T) -> u32 {
        if self.filling().len() == CHUNK {
            self.begin_next();
        }
        let number = self.last;
        let chunk = self.filling();
        let slot = slot(number, chunk.len());
        chunk.push(it);
        slot
    }

    /// The chunk that is being filled.
    #[inline]
    fn filling(&mut self) -> &mut Vec<T> {
        match self.last.checked_sub(1) {
            None => &mut self.first,
            Some(last) => &mut self.others[last],
        }
    }

    #[cold]
    fn begin_next(&mut self) {
        if self.last == self.others.len() {
            self.others.push(Vec::with_capacity(CHUNK));
        }
        self.last += 1;
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.chunks_mut().flatten()
    }

    fn chunks_mut(&mut self) -> impl Iterator<Item = &mut Vec<T>> {
        once(&mut self.first).chain(&mut self.others[..self.last])
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

/// The slot at a place of a chunk.
#[inline]
fn slot(chunk: usize, at: usize) -> u32 {
    u32::try_from(chunk * CHUNK + at).expect("a session holds fewer than 2^32 objects of a type")
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
            // What held something else before.
            (0..count * 2 % 1000).for_each(|_| _ = chunks.push(u32::MAX));
            chunks.clear();
            assert_eq!((chunks.len(), chunks.iter_mut().count()), (0, 0));
            assert!((0..count).all(|slot| chunks.push(slot) == slot));
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
        (0..3 * CHUNK as u32).for_each(|slot| _ = chunks.push(slot));
        for (a, b) in [(0, 1), (1, 0), (0, 300), (300, 0), (300, 700), (700, 300), (600, 601)] {
            assert_eq!(chunks.pair_mut(a, b).map(|(a, b)| (*a, *b)), Some((a, b)));
        }
        assert!(chunks.pair_mut(300, 300).is_none());
    }

    #[test]
    fn all_are_lent_with_what_stands_beside_their_slots() {
        let mut chunks = Chunks::new();
        (0..3 * CHUNK as u32).for_each(|slot| _ = chunks.push(slot));
        let wanted = vec![(0, 'a'), (255, 'b'), (256, 'c'), (700, 'd')];
        let lent: Vec<(char, u32)> =
            chunks.all_mut(wanted).into_iter().map(|(it, slot)| (it, *slot)).collect();
        assert_eq!(lent, [('a', 0), ('b', 255), ('c', 256), ('d', 700)]);
    }
}
