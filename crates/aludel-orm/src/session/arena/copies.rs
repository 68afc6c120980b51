//! What the database holds of objects that were written, by slot.

/// So many copies are found faster one after the other than by their places, and need less memory.
const FEW: usize = 4;

/// Copies by slot, side by side in the order of writing.
pub(super) struct Copies<E> {
    all: Vec<(u32, E)>,
    /// Where in `all` the copy of a slot is, since there are more than a few. [`NOWHERE`] of those that have none, as of all slots beyond.
    places: Vec<u32>,
}

const NOWHERE: u32 = u32::MAX;

impl<E> Default for Copies<E> {
    fn default() -> Self {
        Self { all: Vec::new(), places: Vec::new() }
    }
}

impl<E> Copies<E> {
    #[inline]
    fn place(&self, slot: u32) -> Option<usize> {
        if self.places.is_empty() {
            return self.all.iter().position(|(it, _)| *it == slot);
        }
        self.places.get(slot as usize).filter(|place| **place != NOWHERE).map(|place| *place as usize)
    }

    #[inline]
    pub(super) fn get(&self, slot: u32) -> Option<&E> {
        self.place(slot).map(|place| &self.all[place].1)
    }

    pub(super) fn get_mut(&mut self, slot: u32) -> Option<&mut E> {
        self.place(slot).map(|place| &mut self.all[place].1)
    }

    /// Adds the copy of an object that has none.
    #[inline]
    pub(super) fn insert(&mut self, slot: u32, copy: E) {
        if self.all.capacity() == 0 {
            self.all = Vec::with_capacity(FEW);
        }
        self.all.push((slot, copy));
        if !self.places.is_empty() {
            self.put(slot, self.all.len() - 1);
        } else if self.all.len() > FEW {
            for place in 0..self.all.len() {
                self.put(self.all[place].0, place);
            }
        }
    }

    /// Notes where the copy of a slot is.
    fn put(&mut self, slot: u32, place: usize) {
        let slot = slot as usize;
        if slot >= self.places.len() {
            self.places.resize(slot + 1, NOWHERE);
        }
        self.places[slot] = place as u32;
    }

    #[inline]
    pub(super) fn remove(&mut self, slot: u32) -> Option<E> {
        let place = self.place(slot)?;
        let (_, copy) = self.all.swap_remove(place);
        if self.all.is_empty() {
            self.places.clear();
        } else if !self.places.is_empty() {
            self.places[slot as usize] = NOWHERE;
            if let Some((moved, _)) = self.all.get(place) {
                self.places[*moved as usize] = place as u32;
            }
        }
        Some(copy)
    }

    /// Forgets all of them; the memory stays.
    pub(super) fn clear(&mut self) {
        self.all.clear();
        self.places.clear();
    }

    /// The memory that they take, in bytes, without what they own.
    pub(super) fn memory(&self) -> usize {
        self.all.capacity() * size_of::<(u32, E)>() + self.places.capacity() * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

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

    /// Every way to write and to take out some of four slots in six turns, beside others that stay.
    #[test]
    fn copies_are_found_as_in_a_map() {
        for others in 0..FEW as u32 + 2 {
            for order in 0..4_usize.pow(6) {
                let (mut copies, mut map) = (Copies::default(), HashMap::new());
                for slot in 10..10 + others {
                    copies.insert(slot, slot as usize);
                    map.insert(slot, slot as usize);
                }
                for turn in 0..6 {
                    let slot = [0, 3, 9, 20][order / 4_usize.pow(turn) % 4];
                    if let Some(held) = map.remove(&slot) {
                        assert_eq!(copies.remove(slot), Some(held));
                    } else {
                        copies.insert(slot, turn as usize);
                        map.insert(slot, turn as usize);
                    }
                    assert!((0..22).all(|slot| copies.get(slot) == map.get(&slot)), "{map:?}");
                }
            }
        }
    }
}
