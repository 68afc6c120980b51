//! Children that were given to parents by way of a relation, and whose foreign keys are set already.

use aludel_sql::{Result, Value};

use super::holders::Holders;
use super::relations::{Assignment, GivenByRelation, displaced};
use crate::obj::RawObj;
use crate::session::arena::SlotState;
use crate::session::arenas::Arenas;

/// The children that `link` has given away since the last flush, and those whose relations a flush took note of that was refused.
#[derive(Default)]
pub(in crate::session) struct Linked {
    children: Vec<LinkedChild>,
    /// Who is found by unique columns: the next `link` need not look at all objects again.
    holders: Holders,
}

/// A child whose foreign key holds the key that its parent had when they were told of each other.
struct LinkedChild {
    child: (usize, RawObj),
    column: usize,
    parent: (usize, RawObj),
    parent_column: usize,
    key: Value,
}

impl LinkedChild {
    fn of(arenas: &Arenas, assignment: &Assignment) -> Option<Self> {
        let (child, (parent, slot, parent_column)) = (assignment.child, assignment.parent?);
        let state = arenas.at(child.0).slot_state(child.1);
        matches!(state, SlotState::Pending | SlotState::Persistent).then(|| Self {
            child: (child.0, arenas.raw(child.0, child.1)),
            column: assignment.column,
            parent: (parent, arenas.raw(parent, slot)),
            parent_column,
            key: arenas.at(parent).object(slot).field(parent_column).encode().into_value(),
        })
    }

    /// Tells whether the child is here, and nobody has set its foreign key by hand since.
    fn holds(&self, arenas: &Arenas) -> bool {
        let (index, child) = self.child;
        let state = arenas.at(index).state(child.slot, child.generation);
        matches!(state, SlotState::Pending | SlotState::Persistent)
            && arenas.at(index).object(child.slot).field(self.column).encode().as_ref() == self.key.as_ref()
    }
}

impl Linked {
    /// Notes the children that these assignments have given to parents.
    pub(super) fn note(&mut self, arenas: &Arenas, assignments: &[Assignment]) {
        self.children.extend(assignments.iter().filter_map(|it| LinkedChild::of(arenas, it)));
    }

    /// Adds the foreign keys that they hold still to those that relations have given.
    pub(super) fn add_to(&self, arenas: &Arenas, given: &mut GivenByRelation) {
        for it in self.children.iter().filter(|it| it.holds(arenas)) {
            given.entry((it.child.0, it.child.1.slot)).or_default().insert(it.column);
        }
    }

    /// Lets the foreign keys follow parents whose keys the program has changed since, where it has set no others by hand. One that comes back to
    /// what its row holds is sent though, where the row would follow the old parent.
    pub(super) fn follow(&mut self, arenas: &mut Arenas) -> Result<()> {
        let mut holders = Holders::default();
        for it in &mut self.children {
            let ((index, child), (target, parent)) = (it.child, it.parent);
            if !(it.holds(arenas) && arenas.owns(target, parent)) {
                continue;
            }
            let key = arenas.at(target).object(parent.slot).field(it.parent_column).encode().into_value();
            if key != it.key {
                let table = arenas.at(index).table();
                let field = arenas.at_mut(index).write(child.slot).field_mut(it.column);
                field.assign(key.as_ref()).map_err(|why| table.mismatch(it.column, &why))?;
                it.key = key;
                let parent = (target, parent.slot, it.parent_column);
                let is_row = arenas.at(index).slot_state(child.slot) == SlotState::Persistent;
                if is_row
                    && displaced(arenas, (index, child.slot), it.column, Some(parent), &mut holders).is_some()
                {
                    arenas.at_mut(index).send_again(child.slot, it.column);
                }
            }
        }
        Ok(())
    }

    pub(super) fn take_holders(&mut self) -> Holders {
        std::mem::take(&mut self.holders)
    }

    pub(super) fn keep_holders(&mut self, holders: Holders) {
        self.holders = holders;
    }

    /// Rows may come or change.
    pub(in crate::session) fn forget_holders(&mut self) {
        self.holders.clear();
    }

    /// Forgets all of them: they are flushed, or were rolled back.
    pub(in crate::session) fn clear(&mut self) {
        self.children.clear();
        self.holders.clear();
    }
}
