//! What a relation to many objects knows: what was loaded, and what the program changed since.

use std::collections::HashSet;

use foldhash::fast::FixedState;

use crate::obj::RawObj;

/// What a relation to many objects knows.
///
/// Changes are kept beside what was loaded, in a box of their own: most collections are never changed.
#[derive(Clone, Debug, Default)]
pub struct ToManyState {
    /// The objects, changes included; `None` if they were never loaded.
    loaded: Option<Objects>,
    /// There may be more of them in the database than were loaded.
    partial: bool,
    changes: Option<Box<Changes>>,
}

/// What the program changed since the last flush.
#[derive(Clone, Debug, Default)]
struct Changes {
    added: Objects,
    removed: Objects,
    /// Added and removed again: no change, but a new object among them may be nobody's child now.
    withdrawn: Objects,
}

impl ToManyState {
    /// Returns the objects, changes included, if they were loaded: all there are, or those that a loader with conditions has asked
    /// for. Who asks what is *not* there asks [`whole`](Self::whole).
    pub(crate) fn loaded(&self) -> Option<&[RawObj]> {
        self.loaded.as_ref().map(|it| it.list.as_slice())
    }

    /// Returns all objects that there are, changes included, if all of them were loaded.
    pub(crate) fn whole(&self) -> Option<&[RawObj]> {
        if self.partial { None } else { self.loaded() }
    }

    /// Tells whether there may be more objects in the database than were loaded.
    pub(crate) fn is_partial(&self) -> bool {
        self.partial
    }

    /// Returns the objects that the program added since the last flush, in that order.
    pub(crate) fn added(&self) -> &[RawObj] {
        self.changes.as_ref().map_or(&[], |it| &it.added.list)
    }

    /// Returns the objects that the program removed since the last flush.
    pub(crate) fn removed(&self) -> &[RawObj] {
        self.changes.as_ref().map_or(&[], |it| &it.removed.list)
    }

    /// Returns the objects that the program added since the last flush and took out again.
    pub(crate) fn withdrawn(&self) -> &[RawObj] {
        self.changes.as_ref().map_or(&[], |it| &it.withdrawn.list)
    }

    /// Tells whether the program changed it since the last flush.
    pub(crate) fn is_changed(&self) -> bool {
        !(self.added().is_empty() && self.removed().is_empty())
    }

    /// Adds an object for the program.
    pub(crate) fn push(&mut self, object: RawObj) {
        if self.loaded.as_mut().is_some_and(|loaded| !loaded.insert(object)) {
            return;
        }
        let changes = self.changes.get_or_insert_default();
        changes.withdrawn.remove(object);
        if !changes.removed.remove(object) {
            changes.added.insert(object);
        }
    }

    /// Removes an object for the program.
    pub(crate) fn remove(&mut self, object: RawObj) {
        // What is not among a part of the objects may be among the others.
        if self.loaded.as_mut().is_some_and(|loaded| !loaded.remove(object)) && !self.partial {
            return;
        }
        let changes = self.changes.get_or_insert_default();
        if changes.added.remove(object) {
            changes.withdrawn.insert(object);
        } else {
            changes.removed.insert(object);
        }
    }

    /// The objects were loaded: they are what the database says. What the program changed and did not flush stays changed.
    pub(crate) fn set_loaded(&mut self, objects: Vec<RawObj>) {
        self.overlay(objects);
        self.partial = false;
    }

    /// Some of the objects were loaded. What the program changed and did not flush stays changed.
    pub(crate) fn set_loaded_in_part(&mut self, objects: Vec<RawObj>) {
        self.overlay(objects);
        self.partial = true;
    }

    fn overlay(&mut self, objects: Vec<RawObj>) {
        let mut loaded = Objects { list: objects, index: None };
        if let Some(changes) = &self.changes {
            changes.removed.list.iter().for_each(|it| _ = loaded.remove(*it));
            changes.added.list.iter().for_each(|it| _ = loaded.insert(*it));
        }
        self.loaded = Some(loaded);
    }

    /// The other side says that an object belongs here; nothing changes if the collection is not loaded.
    pub(crate) fn admit(&mut self, object: RawObj) {
        if let Some(loaded) = &mut self.loaded {
            loaded.insert(object);
        }
    }

    /// The other side says that an object does not belong here.
    pub(crate) fn dismiss(&mut self, object: RawObj) {
        if let Some(loaded) = &mut self.loaded {
            loaded.remove(object);
        }
    }

    /// Keeps only those of the loaded objects.
    pub(crate) fn retain(&mut self, keep: impl FnMut(&RawObj) -> bool) {
        if let Some(loaded) = &mut self.loaded {
            loaded.retain(keep);
        }
    }

    /// These objects were forgotten by the session. If they were rows, what is left is not the whole collection.
    pub(crate) fn forget(&mut self, mut is_gone: impl FnMut(&RawObj) -> bool, were_rows: bool) {
        if let Some(changes) = &mut self.changes {
            changes.added.retain(|raw| !is_gone(raw));
            changes.removed.retain(|raw| !is_gone(raw));
            changes.withdrawn.retain(|raw| !is_gone(raw));
        }
        if let Some(loaded) = &mut self.loaded
            && loaded.retain(|raw| !is_gone(raw))
            && were_rows
        {
            self.loaded = None;
        }
    }

    /// Forgets what was loaded; changes stay.
    pub(crate) fn unload(&mut self) {
        self.loaded = None;
    }

    /// The other side knows the changes, or they were flushed. What was withdrawn is for the next flush to look at.
    pub(crate) fn forget_changes(&mut self) {
        let withdrawn = self.changes.take().map(|it| it.withdrawn).filter(|it| !it.list.is_empty());
        self.changes = withdrawn.map(|withdrawn| Box::new(Changes { withdrawn, ..Changes::default() }));
    }

    /// A flush has made foreign keys of the changes, but for the removal of orphans; tells whether it has to look at some again.
    pub(crate) fn forget_assigned(&mut self, is_orphan: impl FnMut(&RawObj) -> bool) -> bool {
        let Some(changes) = &mut self.changes else { return false };
        changes.added = Objects::default();
        changes.removed.retain(is_orphan);
        let has_others = !(changes.removed.list.is_empty() && changes.withdrawn.list.is_empty());
        if !has_others {
            self.changes = None;
        }
        has_others
    }

    /// A flush has looked at what was withdrawn.
    pub(crate) fn forget_withdrawn(&mut self) {
        if let Some(changes) = &mut self.changes {
            changes.withdrawn = Objects::default();
        }
    }
}

/// Objects in the order of adding, each once.
#[derive(Clone, Debug, Default)]
struct Objects {
    list: Vec<RawObj>,
    /// The same objects, where there are so many that searching the list would take long.
    #[expect(clippy::box_collection, reason = "most lists are short, and every entity pays for the room")]
    index: Option<Box<HashSet<RawObj, FixedState>>>,
}

/// A list of up to this length is searched faster than an index.
const SHORT: usize = 16;

impl Objects {
    /// Adds an object; tells whether it is new.
    fn insert(&mut self, object: RawObj) -> bool {
        let is_new = match &mut self.index {
            None if self.list.len() < SHORT => !self.list.contains(&object),
            index => {
                let list = &self.list;
                index.get_or_insert_with(|| Box::new(list.iter().copied().collect())).insert(object)
            }
        };
        if is_new {
            self.list.push(object);
        }
        is_new
    }

    /// Keeps only those; tells whether any had to go.
    fn retain(&mut self, keep: impl FnMut(&RawObj) -> bool) -> bool {
        let before = self.list.len();
        self.list.retain(keep);
        if self.list.len() < before {
            self.index = None;
        }
        self.list.len() < before
    }

    /// Removes an object; tells whether it was there.
    fn remove(&mut self, object: RawObj) -> bool {
        if self.index.as_mut().is_some_and(|index| !index.remove(&object)) {
            return false;
        }
        // What was added last is often what is taken back.
        match self.list.iter().rposition(|it| *it == object) {
            Some(at) => {
                self.list.remove(at);
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(slot: u32) -> RawObj {
        RawObj { session: 1, slot, generation: 0 }
    }

    fn slots(objects: &[RawObj]) -> Vec<u32> {
        objects.iter().map(|it| it.slot).collect()
    }

    #[test]
    fn each_object_is_there_once_whatever_their_number() {
        let mut objects = Objects::default();
        assert!((0..100).all(|slot| objects.insert(object(slot))));
        assert!((50..150).all(|slot| objects.insert(object(slot)) == (slot >= 100)));
        assert_eq!(slots(&objects.list), (0..150).collect::<Vec<_>>());
        assert!(objects.remove(object(7)) && !objects.remove(object(7)));
        assert!(objects.insert(object(7)));
        assert_eq!(objects.list.len(), 150);
    }

    #[test]
    fn the_index_follows_a_list_that_grows_short_and_long_again() {
        let mut objects = Objects::default();
        (0..20).for_each(|slot| assert!(objects.insert(object(slot))));
        (5..20).for_each(|slot| assert!(objects.remove(object(slot))));
        assert!(!objects.insert(object(3)));
        (5..40).for_each(|slot| assert!(objects.insert(object(slot)), "{slot}"));
        (0..40).for_each(|slot| assert!(!objects.insert(object(slot)), "{slot}"));
    }

    #[test]
    fn what_is_added_and_removed_again_is_no_change() {
        let mut state = ToManyState::default();
        state.push(object(1));
        state.remove(object(1));
        state.remove(object(2));
        state.push(object(2));
        assert!(!state.is_changed());
        state.push(object(3));
        state.set_loaded(vec![object(3)]);
        state.forget_changes();
        state.push(object(3));
        state.remove(object(4));
        assert!(!state.is_changed(), "it was there, and it was not");
        state.push(object(4));
        assert_eq!((slots(state.added()), slots(state.loaded().unwrap())), (vec![4], vec![3, 4]));
    }

    #[test]
    fn what_a_partial_collection_does_not_show_can_be_removed_all_the_same() {
        let mut state = ToManyState::default();
        state.set_loaded_in_part(vec![object(1)]);
        state.remove(object(1));
        state.remove(object(2));
        state.push(object(1));
        assert_eq!((slots(state.added()), slots(state.removed())), (vec![], vec![2]));
        assert_eq!((slots(state.loaded().unwrap()), state.whole()), (vec![1], None));
        state.set_loaded(vec![object(1), object(2)]);
        assert_eq!(state.whole().map(slots), Some(vec![1]), "the removal was not flushed yet");
    }
}
