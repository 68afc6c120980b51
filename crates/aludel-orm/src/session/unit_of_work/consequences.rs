//! What a flush does of itself to objects that the program has not named: it is done while the flush is planned, and taken back where
//! that is refused. So memory says what the program did, and the next flush finds out again what follows from it.

use aludel_sql::{Link, RelationMeta, Result, Value};

use super::children::Objects;
use crate::relationship::{RelationMut, ToOneState};
use crate::session::Session;
use crate::session::arena::AnyArena;
use crate::session::arenas::Arenas;

/// What was done. What is marked as deleted, and what columns were, the arenas remember.
#[derive(Default)]
pub(super) struct Consequences {
    /// Children that have no parent any more.
    cleared: Vec<Cleared>,
    /// New objects that are left out, and are forgotten when the flush is planned.
    left_out: Vec<(usize, u32)>,
}

/// A relation of a child that led to its parent, as it was.
struct Cleared {
    child: (usize, u32),
    relation: usize,
    led: ToOneState,
}

impl Consequences {
    /// The child has no parent any more.
    pub(super) fn clear_foreign_key(
        &mut self,
        arenas: &mut Arenas,
        (index, slot): (usize, u32),
        meta: &RelationMeta,
        link: Link,
    ) -> Result<()> {
        let table = arenas.at(index).table();
        let arena = arenas.at_mut(index);
        arena.note_columns(slot);
        let child = arena.write(slot);
        let cleared = child.field_mut(link.remote).assign(Value::Null.as_ref());
        cleared.map_err(|it| table.mismatch(link.remote, &it))?;
        if let Some(relation) = meta.inverse
            && let RelationMut::One(state) = child.relation_mut(relation)
        {
            self.cleared.push(Cleared { child: (index, slot), relation, led: *state });
            state.loaded = Some(None);
        }
        Ok(())
    }

    /// Leaves new objects out of the flush.
    pub(super) fn leave_out(&mut self, session: &mut Session, new: &[(usize, u32)]) {
        for Objects { arena, slots } in Objects::by_arena(new.iter().copied()) {
            let arena = session.arenas.at_mut(arena);
            slots.iter().for_each(|slot| session.keys.forget(arena.table(), *slot));
            arena.leave_out(&slots);
        }
        self.left_out.extend(new);
    }

    /// The flush is planned: what was left out is forgotten.
    pub(super) fn settle(self, session: &mut Session) {
        if self.left_out.is_empty() {
            return;
        }
        session.arenas.iter_mut().for_each(AnyArena::take_in_left_out);
        session.forget(&self.left_out);
    }

    /// The flush is refused.
    pub(super) fn take_back(self, session: &mut Session) {
        session.arenas.iter_mut().for_each(AnyArena::take_in_left_out);
        for (index, slot) in self.left_out {
            session.keys.remember(session.arenas.at(index).table(), slot);
        }
        for it in self.cleared.into_iter().rev() {
            let child = session.arenas.at_mut(it.child.0).object_mut(it.child.1);
            if let RelationMut::One(state) = child.relation_mut(it.relation) {
                *state = it.led;
            }
        }
        session.arenas.iter_mut().for_each(AnyArena::take_back);
    }
}
