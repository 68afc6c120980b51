//! What the database holds of objects that were written, by slot.

use std::collections::HashMap;

use foldhash::fast::FixedState;

/// So many copies are found faster one after the other than by a hash, and need less memory.
const FEW: usize = 4;

/// Copies by slot.
pub(super) struct Copies<E> {
    few: Vec<(u32, E)>,
    /// Those for which there was no room.
    more: HashMap<u32, E, FixedState>,
}

impl<E> Default for Copies<E> {
    fn default() -> Self {
        Self { few: Vec::new(), more: HashMap::default() }
    }
}

impl<E> Copies<E> {
    #[inline]
    fn place(&self, slot: u32) -> Option<usize> {
        self.few.iter().position(|(it, _)| *it == slot)
    }

    #[inline]
    pub(super) fn get(&self, slot: u32) -> Option<&E> {
        match self.place(slot) {
            Some(place) => Some(&self.few[place].1),
            None if self.more.is_empty() => None,
            None => self.more.get(&slot),
        }
    }

    pub(super) fn get_mut(&mut self, slot: u32) -> Option<&mut E> {
        match self.place(slot) {
            Some(place) => Some(&mut self.few[place].1),
            None => self.more.get_mut(&slot),
        }
    }

    /// Adds the copy of an object that has none.
    #[inline]
    pub(super) fn insert(&mut self, slot: u32, copy: E) {
        if self.few.len() < FEW {
            if self.few.capacity() == 0 {
                self.few = Vec::with_capacity(FEW);
            }
            self.few.push((slot, copy));
        } else {
            self.more.insert(slot, copy);
        }
    }

    #[inline]
    pub(super) fn remove(&mut self, slot: u32) -> Option<E> {
        match self.place(slot) {
            Some(place) => Some(self.few.swap_remove(place).1),
            None if self.more.is_empty() => None,
            None => self.more.remove(&slot),
        }
    }

    pub(super) fn clear(&mut self) {
        self.few.clear();
        self.more.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_slot_has_its_own_copy_however_many_there_are() {
        let mut copies = Copies::default();
        (0..10).for_each(|slot| copies.insert(slot, format!("copy {slot}")));
        assert_eq!(copies.remove(1).as_deref(), Some("copy 1"));
        assert_eq!(copies.remove(7).as_deref(), Some("copy 7"));
        copies.insert(7, "another".to_owned());
        copies.get_mut(8).unwrap().push('!');
        let held: Vec<Option<&str>> = (0..11).map(|slot| copies.get(slot).map(String::as_str)).collect();
        let expected = [
            "copy 0", "", "copy 2", "copy 3", "copy 4", "copy 5", "copy 6", "another", "copy 8!", "copy 9",
            "",
        ];
        assert_eq!(held, expected.map(|it| Some(it).filter(|it| !it.is_empty())));
        copies.clear();
        assert!((0..11).all(|slot| copies.get(slot).is_none()));
    }
}
