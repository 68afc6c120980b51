//! The objects of an arena, in chunks, so that growing moves none but the first ones.

use std::iter::once;

/// So many objects are in a chunk.
const CHUNK: usize = 256;

/// Room for so many is made at once: to let a vector grow takes several times as long.
const FIRST: usize = 4;

/// Objects by slot.
pub(super) struct Chunks<E> {
    /// Grows with what is in it: most sessions hold a few objects of a type.
    first: Vec<E>,
    others: Vec<Vec<E>>,
}

impl<E> Chunks<E> {
    pub(super) fn new() -> Self {
        Self { first: Vec::with_capacity(FIRST), others: Vec::new() }
    }

    #[inline]
    pub(super) fn get(&self, slot: u32) -> &E {
        if let Some(object) = self.first.get(slot as usize) {
            return object;
        }
        let (chunk, at) = place(slot);
        &self.others[chunk - 1][at]
    }

    #[inline]
    pub(super) fn get_mut(&mut self, slot: u32) -> &mut E {
        if (slot as usize) < self.first.len() {
            return &mut self.first[slot as usize];
        }
        let (chunk, at) = place(slot);
        &mut self.others[chunk - 1][at]
    }

    /// Lends two different objects.
    pub(super) fn pair_mut(&mut self, a: u32, b: u32) -> Option<(&mut E, &mut E)> {
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

    /// Lends objects, each once: `wanted` are their slots, in order, and each comes with what stands beside its slot.
    pub(super) fn all_mut<T>(&mut self, wanted: Vec<(u32, T)>) -> Vec<(T, &mut E)> {
        let mut lent = Vec::with_capacity(wanted.len());
        let mut wanted = wanted.into_iter().peekable();
        for (number, chunk) in self.chunks_mut().enumerate() {
            let mut objects = chunk.iter_mut();
            let mut next = 0;
            while let Some((slot, beside)) = wanted.next_if(|(slot, _)| place(*slot).0 == number) {
                let at = place(slot).1;
                lent.push((beside, objects.nth(at - next).expect("a slot in use has an object")));
                next = at + 1;
            }
        }
        lent
    }

    #[inline]
    pub(super) fn push(&mut self, object: E) {
        let last = self.others.last_mut().unwrap_or(&mut self.first);
        if last.len() < CHUNK {
            return last.push(object);
        }
        let mut chunk = Vec::with_capacity(CHUNK);
        chunk.push(object);
        self.others.push(chunk);
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut E> {
        self.chunks_mut().flatten()
    }

    fn chunks_mut(&mut self) -> impl Iterator<Item = &mut Vec<E>> {
        once(&mut self.first).chain(&mut self.others)
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
    fn each_object_is_found_at_its_slot() {
        let count = 3 * CHUNK as u32 + 1;
        let mut chunks = Chunks::new();
        (0..count).for_each(|slot| chunks.push(slot));
        assert!((0..count).all(|slot| *chunks.get(slot) == slot && *chunks.get_mut(slot) == slot));
        assert!(chunks.iter_mut().map(|it| *it).eq(0..count));
    }

    #[test]
    fn two_objects_are_lent_in_the_order_in_which_they_are_asked_for() {
        let mut chunks = Chunks::new();
        (0..3 * CHUNK as u32).for_each(|slot| chunks.push(slot));
        for (a, b) in [(0, 1), (1, 0), (0, 300), (300, 0), (300, 700), (700, 300), (600, 601)] {
            assert_eq!(chunks.pair_mut(a, b).map(|(a, b)| (*a, *b)), Some((a, b)));
        }
        assert!(chunks.pair_mut(300, 300).is_none());
    }

    #[test]
    fn all_objects_are_lent_with_what_stands_beside_their_slots() {
        let mut chunks = Chunks::new();
        (0..3 * CHUNK as u32).for_each(|slot| chunks.push(slot));
        let wanted = vec![(0, 'a'), (255, 'b'), (256, 'c'), (700, 'd')];
        let lent: Vec<(char, u32)> =
            chunks.all_mut(wanted).into_iter().map(|(it, slot)| (it, *slot)).collect();
        assert_eq!(lent, [('a', 0), ('b', 255), ('c', 256), ('d', 700)]);
    }
}
