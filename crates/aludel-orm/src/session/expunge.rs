//! Objects leave the session, and nothing happens to their rows.

use std::collections::BTreeMap;

use aludel_sql::Cascade;

use super::Session;
use super::arena::SlotState;
use super::arenas::Living;
use crate::collection::ToManyState;
use crate::entity::Entity;
use crate::obj::Obj;
use crate::relationship::{RelationMut, ToOneState};

impl Session {
    /// Takes an object out of the session and hands it out: a plain struct, with its relations unloaded. Its row stays as it is, and
    /// changes that were not flushed are in the struct only. A new object is never inserted then; a key that the database was to generate is a
    /// placeholder.
    ///
    /// What its relations with `cascade = "expunge"` (or `"all"`) lead to, as far as they are loaded, leaves the session as well.
    ///
    /// Handles of these objects are void from now on. A collection that was loaded with it is not loaded any more: what is left is not all of it.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// let mut draft: Document = session.expunge(doc);
    /// draft.title = "Final".into(); // nobody watches it any more: it may go to another task, or another session
    /// assert_eq!(session.state(doc), ObjectState::Detached);
    /// session.commit().await?; // nothing to send
    /// # Ok(()) });
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the handle is of another session or of an object that was forgotten.
    #[track_caller]
    pub fn expunge<E: Entity>(&mut self, object: Obj<E>) -> E {
        let slot = self.slot_of(object);
        let index = self.arenas.index_of::<E>();
        let also = self.arenas.reached_beyond(index, slot, Cascade::EXPUNGE);
        let was_row = self.slot_state(object) != SlotState::Pending;
        if !was_row {
            self.keys.forget(E::TABLE, slot);
            self.arenas.typed::<E>(index).take_temporary_key(slot);
        }
        let gone = (slot, object.raw.generation);
        let mut object = self.arenas.typed::<E>(index).expunge(slot);
        for relation in 0..E::TABLE.relations.len() {
            match object.relation_mut(relation) {
                RelationMut::One(state) => *state = ToOneState::default(),
                RelationMut::Many(state) => *state = ToManyState::default(),
            }
        }
        self.arenas.forget_related(index, &[gone], was_row);
        self.forget(&also);
        object
    }

    /// Forgets objects, and that relations led to them.
    pub(super) fn forget(&mut self, objects: &[(usize, u32)]) {
        if objects.is_empty() {
            return;
        }
        let mut gone: BTreeMap<(usize, bool), Vec<(u32, u32)>> = BTreeMap::new();
        for (index, slot) in objects.iter().copied() {
            let arena = self.arenas.at_mut(index);
            let was_row = arena.slot_state(slot) != SlotState::Pending;
            if !was_row {
                self.keys.forget(arena.table(), slot);
            }
            gone.entry((index, was_row)).or_default().push((slot, arena.generation(slot)));
            arena.forget(slot);
        }
        for ((index, were_rows), mut gone) in gone {
            gone.sort_unstable();
            self.arenas.forget_related(index, &gone, were_rows);
        }
    }

    /// Forgets what has come into the session since then.
    pub(super) fn forget_all_but(&mut self, kept: &Living) {
        let new = self.arenas.since(kept);
        self.forget(&new);
    }

    /// Takes all objects out of the session; their rows stay as they are, and so does the transaction. What was not flushed is lost.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let user = session.insert(User::builder().email("kim@example.org")).await?; // BEGIN; INSERT INTO users …
    /// session.expunge_all(); // the memory is free
    /// assert!(session.try_get(user).is_none());
    /// session.commit().await?; // COMMIT: Kim stays
    /// assert_eq!(session.scalar(select(func::count(User::ID))).await?, 3);
    /// # Ok(()) });
    /// ```
    pub fn expunge_all(&mut self) {
        self.arenas.iter_mut().for_each(|it| it.expunge_all());
        self.keys.clear();
        self.linked.clear();
    }
}
