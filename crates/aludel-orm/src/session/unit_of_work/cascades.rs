//! What goes with deleted objects: their children are deleted as well, or lose their foreign key, or are left to the database.

use std::collections::HashSet;

use aludel_sql::{
    Cascade, Error, ErrorKind, Link, ReferentialAction, RelationKind, RelationMeta, Result, TableMeta,
};

use super::associations::Associations;
use super::children::{Objects, children, gets_key, is_current, read};
use super::consequences::Consequences;
use super::key_values::describe_row;
use super::relations::GivenByRelation;
use super::successors::{Successors, parent_of};
use crate::obj::RawObj;
use crate::relationship::RelationRef;
use crate::session::Session;
use crate::session::arena::SlotState;
use crate::session::arenas::Arenas;

/// What happens to the objects that a relation of a deleted object leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// They are deleted.
    Delete,
    /// Their foreign keys become NULL.
    Null,
    /// The database changes or deletes them: what is here is not as the row any more.
    Age,
    /// Nothing: they are no children, or the database refuses.
    Stay,
}

/// What a relation says about the objects that it leads to.
#[derive(Clone, Copy)]
struct Rule {
    fate: Fate,
    /// Whether those that are not here matter.
    reads: bool,
}

impl Rule {
    /// Where the foreign key says what happens, the database does that, and nobody reads children for it. Where it says nothing, it
    /// becomes NULL if it can.
    fn of(table: &'static TableMeta, meta: &RelationMeta) -> Result<Self> {
        if meta.viewonly {
            return Ok(Self { fate: Fate::Stay, reads: false });
        }
        let reads = !meta.passive_deletes;
        if meta.cascade.has(Cascade::DELETE) {
            return Ok(Self { fate: Fate::Delete, reads });
        }
        if !matches!(meta.kind, RelationKind::HasOne | RelationKind::HasMany) {
            return Ok(Self { fate: Fate::Stay, reads: false });
        }
        let column = &(meta.target)().columns[meta.link(table)?.remote];
        let action = column.foreign_key.map(|it| it.on_delete).unwrap_or_default();
        Ok(match action {
            ReferentialAction::NoAction if column.nullable => Self { fate: Fate::Null, reads },
            ReferentialAction::SetNull => Self { fate: Fate::Null, reads: false },
            ReferentialAction::Cascade | ReferentialAction::SetDefault => {
                Self { fate: Fate::Age, reads: false }
            }
            ReferentialAction::NoAction | ReferentialAction::Restrict => {
                Self { fate: Fate::Stay, reads: false }
            }
        })
    }
}

/// What becomes of an object that goes with a deleted one.
#[derive(Clone, Copy)]
enum Mark {
    /// It is deleted, whatever its entity says: a row that stays would refer to one that is gone.
    Purge,
    /// It is deleted as its entity says: its row stays.
    Hide,
    /// It was never inserted.
    Forget,
    /// This relation to it ends.
    Clear(&'static RelationMeta, Link),
    /// Its row is not as it is here.
    Age,
}

/// What goes with deleted objects, as far as it is known.
#[derive(Default)]
pub(super) struct Going {
    marks: Vec<((usize, u32), Mark)>,
    /// Those that are deleted or forgotten.
    gone: HashSet<(usize, u32), foldhash::fast::FixedState>,
    /// Those whose relations nobody has followed: the row goes.
    deleted: Vec<(usize, u32)>,
    /// Those whose relations nobody has followed: the row stays.
    hidden: Vec<(usize, u32)>,
    /// Children that were given the key of a deleted object by hand.
    mistaken: Vec<Mistaken>,
}

/// A child, the deleted object whose key it was given, and the column.
type Mistaken = ((usize, u32), (usize, u32), usize);

impl Going {
    /// The objects that the program has deleted.
    pub(super) fn of_deleted(arenas: &Arenas) -> Self {
        let mut going = Self::default();
        for index in 0..arenas.len() {
            let arena = arenas.at(index);
            let is_deleted = |slot: &u32| arena.slot_state(*slot) == SlotState::Deleted;
            for slot in arena.touched().iter().copied().filter(is_deleted) {
                let stays = arena.mark_of_deletion(slot).is_some();
                if stays { &mut going.hidden } else { &mut going.deleted }.push((index, slot));
                going.gone.insert((index, slot));
            }
        }
        going
    }

    pub(super) fn is_empty(&self) -> bool {
        self.gone.is_empty()
    }

    fn mark(&mut self, object: (usize, u32), mark: Mark) {
        let goes = matches!(mark, Mark::Purge | Mark::Hide | Mark::Forget);
        if goes && !self.gone.insert(object) {
            return;
        }
        match mark {
            Mark::Purge => self.deleted.push(object),
            Mark::Hide => self.hidden.push(object),
            Mark::Forget | Mark::Clear(..) | Mark::Age => {}
        }
        self.marks.push((object, mark));
    }

    /// Keeps back the children that were given the key of a deleted parent by hand, and not by way of a relation: whether they are to go with it, or
    /// the program has mistaken the key, nobody has said.
    fn keep_mistaken(
        &mut self,
        arenas: &Arenas,
        found: &mut Vec<(Option<u32>, (usize, u32))>,
        (parents, meta): (usize, &RelationMeta),
        given: &GivenByRelation,
    ) -> Result<()> {
        if !matches!(meta.kind, RelationKind::HasOne | RelationKind::HasMany) {
            return Ok(());
        }
        let link = meta.link(arenas.at(parents).table())?;
        found.retain(|(parent, child)| {
            let Some(parent) = parent else { return true };
            let is_given = || given.get(child).is_some_and(|it| it.contains(link.remote));
            let leads_there = || parent_of(arenas, *child, meta) == Some(arenas.raw(parents, *parent));
            let is_mistaken = gets_key(arenas, *child, link) && !is_given() && !leads_there();
            if is_mistaken {
                self.mistaken.push((*child, (parents, *parent), link.remote));
            }
            !is_mistaken
        });
        Ok(())
    }

    /// A new object is forgotten, with all that is new and would go with it.
    fn forget(&mut self, arenas: &Arenas, (index, slot): (usize, u32)) {
        let reached = arenas.reached(index, slot, Cascade::DELETE).into_iter();
        let new = reached.filter(|(index, slot)| arenas.at(*index).slot_state(*slot) == SlotState::Pending);
        new.for_each(|it| self.mark(it, Mark::Forget));
    }

    fn apply(self, session: &mut Session, consequences: &mut Consequences) -> Result<()> {
        if let Some(mistaken) = self.mistaken.iter().find(|(child, ..)| !self.gone.contains(child)) {
            return Err(deleted_parent(&session.arenas, mistaken));
        }
        let mut new = Vec::new();
        for ((index, slot), mark) in self.marks {
            let arena = session.arenas.at_mut(index);
            match mark {
                Mark::Purge => arena.mark_deleted(slot, true),
                Mark::Hide => arena.mark_deleted(slot, false),
                Mark::Forget => new.push((index, slot)),
                Mark::Clear(..) if self.gone.contains(&(index, slot)) => {}
                Mark::Clear(meta, link) => {
                    consequences.clear_foreign_key(&mut session.arenas, (index, slot), meta, link)?;
                }
                Mark::Age => arena.age(Some(slot)),
            }
        }
        consequences.leave_out(session, &new);
        Ok(())
    }
}

/// What relations were told since the last flush.
struct Told<'a> {
    given: &'a GivenByRelation,
    associations: &'a Associations,
}

/// Marks what goes with the objects that are to be deleted, and with those in turn; each is visited once. Nothing is marked before all is known.
///
/// # Errors
///
/// Where the program has given the key of one of them to a child by hand: kind `ForeignKeyViolation`.
pub(super) async fn cascade_deletes(
    session: &mut Session,
    going: Going,
    given: &GivenByRelation,
    associations: &Associations,
    consequences: &mut Consequences,
) -> Result<()> {
    let told = Told { given, associations };
    let mut going = going;
    while !(going.deleted.is_empty() && going.hidden.is_empty()) {
        let (deleted, hidden) = (std::mem::take(&mut going.deleted), std::mem::take(&mut going.hidden));
        for objects in Objects::by_arena(deleted) {
            for relation in 0..session.arenas.at(objects.arena).table().relations.len() {
                follow(session, &objects, relation, &told, &mut going).await?;
            }
        }
        for objects in Objects::by_arena(hidden) {
            for relation in 0..session.arenas.at(objects.arena).table().relations.len() {
                follow_hidden(session, &objects, relation, &told, &mut going).await?;
            }
        }
    }
    going.apply(session, consequences)
}

/// Follows one relation of objects that are marked as deleted: what would be deleted with them is marked as well, as far as its entity has
/// a mark. All else stays: their rows are still there.
async fn follow_hidden(
    session: &mut Session,
    objects: &Objects,
    relation: usize,
    told: &Told<'_>,
    going: &mut Going,
) -> Result<()> {
    let table = session.arenas.at(objects.arena).table();
    let meta = &table.relations[relation];
    let goes_with = meta.cascade.has(Cascade::DELETE) && !meta.viewonly;
    if !goes_with || (meta.target)().soft_delete.is_none() {
        return Ok(());
    }
    read_unread(session, objects, relation, false).await?;
    let arenas = &session.arenas;
    let mut found = related(arenas, objects, relation, told.associations, true)?;
    going.keep_mistaken(arenas, &mut found, (objects.arena, meta), told.given)?;
    for (_, child) in found {
        match arenas.at(child.0).slot_state(child.1) {
            SlotState::Pending => going.forget(arenas, child),
            _ if arenas.at(child.0).is_hidden(child.1) => {}
            _ => going.mark(child, Mark::Hide),
        }
    }
    Ok(())
}

/// Follows one relation of deleted objects.
async fn follow(
    session: &mut Session,
    objects: &Objects,
    relation: usize,
    told: &Told<'_>,
    going: &mut Going,
) -> Result<()> {
    let table = session.arenas.at(objects.arena).table();
    let meta = &table.relations[relation];
    let rule = Rule::of(table, meta)?;
    if rule.fate == Fate::Stay {
        return Ok(());
    }
    let successors =
        Successors::of(&session.arenas, objects, meta, told.given, |it| going.gone.contains(&it))?;
    if rule.reads {
        read_unread(session, objects, relation, true).await?;
    }
    let arenas = &session.arenas;
    let mut found = related(arenas, objects, relation, told.associations, rule.reads)?;
    if let Some(successors) = successors {
        let link = meta.link(table)?;
        found.retain(|(_, child)| !successors.have(arenas, *child, meta, link));
    }
    going.keep_mistaken(arenas, &mut found, (objects.arena, meta), told.given)?;
    for (_, child) in found {
        match rule.fate {
            Fate::Delete if arenas.at(child.0).slot_state(child.1) == SlotState::Pending => {
                going.forget(arenas, child);
            }
            Fate::Delete => going.mark(child, Mark::Purge),
            Fate::Null => going.mark(child, Mark::Clear(meta, meta.link(table)?)),
            Fate::Age => going.mark(child, Mark::Age),
            Fate::Stay => {}
        }
    }
    Ok(())
}

/// Reads a relation of those objects whose related ones are not all known.
async fn read_unread(
    session: &mut Session,
    objects: &Objects,
    relation: usize,
    with_deleted: bool,
) -> Result<()> {
    let Objects { arena, slots } = objects;
    let meta = &session.arenas.at(*arena).table().relations[relation];
    // What was loaded may have left out rows that were deleted softly, but refer to these all the same.
    let leaves_out = with_deleted && (meta.target)().soft_delete.is_some();
    let unread = |slot: &u32| leaves_out || !is_current(&session.arenas, (*arena, *slot), relation);
    let slots: Vec<u32> = slots.iter().copied().filter(unread).collect();
    if slots.is_empty() {
        return Ok(());
    }
    read(session, &Objects { arena: *arena, slots }, relation, with_deleted).await
}

#[cold]
fn deleted_parent(arenas: &Arenas, (child, parent, column): &Mistaken) -> Error {
    let (arena, table) = (arenas.at(child.0), arenas.at(child.0).table());
    let is_new = arena.slot_state(child.1) == SlotState::Pending;
    let name = table.columns[*column].name;
    let (child, parent) =
        (describe_row(arena, child.1, is_new), describe_row(arenas.at(parent.0), parent.1, false));
    Error::new(
        ErrorKind::ForeignKeyViolation,
        format!("`{name}` of {child} was set to the key of {parent}, which is deleted in the same flush"),
    )
    .with_table(table.name)
    .with_column(name)
    .help(format!(
        "give it another parent, or none; if it is to go with {parent}, flush before that is deleted, or give it by way of the relation"
    ))
}

/// The objects that a relation of these leads to, as far as they are here and not deleted; where they are children, with the slots of their parents.
fn related(
    arenas: &Arenas,
    objects: &Objects,
    relation: usize,
    associations: &Associations,
    just_read: bool,
) -> Result<Vec<(Option<u32>, (usize, u32))>> {
    let table = arenas.at(objects.arena).table();
    let meta = &table.relations[relation];
    if matches!(meta.kind, RelationKind::HasOne | RelationKind::HasMany) {
        let parents = (objects.arena, &objects.slots[..]);
        let found = children(arenas, parents, (relation, meta), meta.link(table)?, just_read);
        return Ok(found.into_iter().map(|(parent, child)| (Some(parent), child)).collect());
    }
    let Ok(target) = arenas.of_table((meta.target)()) else { return Ok(Vec::new()) };
    let leads_to = |slot: &u32| -> Vec<RawObj> {
        match arenas.at(objects.arena).object(*slot).relation(relation) {
            RelationRef::One(state) => state.loaded.flatten().into_iter().collect(),
            RelationRef::Many(state) => state.loaded().unwrap_or_default().to_vec(),
        }
    };
    let stays = |raw: &RawObj| {
        let state = arenas.at(target).state(raw.slot, raw.generation);
        matches!(state, SlotState::Pending | SlotState::Persistent)
    };
    let is_untied = |slot: u32, raw: &RawObj| {
        let through = meta.through();
        through.is_some_and(|it| associations.unties(&it, (objects.arena, slot), (target, raw.slot)))
    };
    let leads_still =
        |slot: &u32| leads_to(slot).into_iter().filter(|raw| !is_untied(*slot, raw)).collect::<Vec<_>>();
    let mut found: Vec<u32> =
        objects.slots.iter().flat_map(leads_still).filter(stays).map(|raw| raw.slot).collect();
    found.sort_unstable();
    found.dedup();
    Ok(found.into_iter().map(|slot| (None, (target, slot))).collect())
}
