//! New children that were put into a collection and taken out again before they were ever inserted.

use aludel_sql::{Cascade, RelationKind};

use super::consequences::Consequences;
use crate::obj::RawObj;
use crate::relationship::RelationRef;
use crate::session::Session;
use crate::session::arena::SlotState;
use crate::session::arenas::Arenas;

/// Leaves out new objects that nobody's collection holds any more, where the relation deletes orphans: they would be deleted if they were rows.
pub(super) fn leave_out_withdrawn(session: &mut Session, consequences: &mut Consequences) {
    let mut orphans: Vec<(usize, u32)> = Vec::new();
    let arenas = &session.arenas;
    for index in 0..arenas.len() {
        let table = arenas.at(index).table();
        for (relation, meta) in table.relations.iter().enumerate() {
            let deletes = meta.kind == RelationKind::HasMany && meta.cascade.has(Cascade::DELETE_ORPHAN);
            let (true, Ok(target), Ok(link)) = (deletes, arenas.of_table((meta.target)()), meta.link(table))
            else {
                continue;
            };
            let mut withdrawn: Vec<RawObj> = Vec::new();
            let mut added: Vec<RawObj> = Vec::new();
            for slot in changed(arenas, index) {
                let RelationRef::Many(state) = arenas.at(index).object(slot).relation(relation) else {
                    continue;
                };
                added.extend(state.added());
                withdrawn.extend(state.withdrawn());
                // `link` has given it the key of this parent.
                let key = arenas.at(index).object(slot).field(link.local).encode();
                let is_still_here = |raw: &&RawObj| {
                    let child = arenas.at(target);
                    child.state(raw.slot, raw.generation) == SlotState::Pending
                        && child.object(raw.slot).field(link.remote).encode().as_ref() == key.as_ref()
                };
                orphans.extend(state.removed().iter().filter(is_still_here).map(|raw| (target, raw.slot)));
            }
            let has_no_parent = |raw: &RawObj| {
                let child = arenas.at(target);
                if child.state(raw.slot, raw.generation) != SlotState::Pending || added.contains(raw) {
                    return false;
                }
                let object = child.object(raw.slot);
                let is_set = |it: usize| match object.relation(it) {
                    RelationRef::One(state) => state.changed && state.loaded.flatten().is_some(),
                    RelationRef::Many(_) => false,
                };
                child.is_unset(raw.slot, link.remote) && !meta.inverse.is_some_and(is_set)
            };
            orphans.extend(withdrawn.into_iter().filter(has_no_parent).map(|raw| (target, raw.slot)));
        }
    }
    if orphans.is_empty() {
        return;
    }
    let mut all: Vec<(usize, u32)> = orphans
        .iter()
        .flat_map(|(index, slot)| session.arenas.reached(*index, *slot, Cascade::DELETE))
        .collect();
    all.retain(|(index, slot)| session.arenas.at(*index).slot_state(*slot) == SlotState::Pending);
    all.sort_unstable();
    all.dedup();
    consequences.leave_out(session, &all);
}

/// The objects of an arena that are new or were written.
pub(super) fn changed(arenas: &Arenas, index: usize) -> impl Iterator<Item = u32> {
    let arena = arenas.at(index);
    (0..arena.pending_count()).map(|number| arena.pending(number).0).chain(arena.touched().iter().copied())
}
