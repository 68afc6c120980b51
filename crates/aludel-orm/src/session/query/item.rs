//! What one selected thing becomes in a session: entities become handles, values stay values.

use std::any::TypeId;

use aludel_sql::{ColumnType, EntityItem, FollowUp, Item, OptionalItem, Result, ValueItem, ValueRef};

use crate::entity::Entity;
use crate::obj::{Obj, RawObj};
use crate::projection::{Projection, ProjectionItem};
use crate::session::arena::{AnyArena, Populate};
use crate::session::arenas::Arenas;

/// One thing selected in a session: entities become handles.
pub trait SessionItem: Item {
    /// What its cells become in a session.
    type Tracked: Send;

    /// Reads its cells into the session.
    #[doc(hidden)]
    fn track(tracker: &mut Tracker<'_>, cells: &[ValueRef<'_>]) -> Result<Self::Tracked>;

    /// Returns the handle of an entity, for loaders.
    #[doc(hidden)]
    fn handle(tracked: &Self::Tracked) -> Option<Tracked> {
        let _ = tracked;
        None
    }

    /// Returns what reads the rest of the values after all rows.
    #[doc(hidden)]
    fn follow_up_tracked() -> Option<Box<dyn FollowUp<Self::Tracked>>> {
        None
    }
}

/// An object of a row and its entity, for loaders.
#[doc(hidden)]
pub type Tracked = (TypeId, RawObj);

/// What reads rows into a session.
#[doc(hidden)]
pub struct Tracker<'s> {
    pub(in crate::session) arenas: &'s mut Arenas,
    pub(in crate::session) populate: Populate,
    /// The objects that the rows are, where somebody wants to know.
    pub(in crate::session) met: Option<Vec<(usize, u32)>>,
    /// The last entity, and the place of its objects: rows of one follow each other.
    place: Option<(TypeId, usize)>,
    /// Whether the last object was here already.
    was_here: bool,
}

impl<'s> Tracker<'s> {
    pub(in crate::session) fn new(
        arenas: &'s mut Arenas,
        populate: Populate,
        met: Option<Vec<(usize, u32)>>,
    ) -> Self {
        Self { arenas, populate, met, place: None, was_here: false }
    }

    /// Tells whether the last object was here already, and may be otherwise than its row.
    pub(crate) fn was_here(&self) -> bool {
        self.was_here
    }

    #[inline]
    fn place_of<E: Entity>(&mut self) -> usize {
        match self.place {
            Some((entity, place)) if entity == TypeId::of::<E>() => place,
            _ => {
                let place = self.arenas.index_of::<E>();
                self.place = Some((TypeId::of::<E>(), place));
                place
            }
        }
    }
}

impl<E: Entity> SessionItem for EntityItem<E> {
    type Tracked = Obj<E>;

    #[inline]
    fn track(tracker: &mut Tracker<'_>, cells: &[ValueRef<'_>]) -> Result<Obj<E>> {
        let index = tracker.place_of::<E>();
        let arena = tracker.arenas.typed::<E>(index);
        let (slot, was_here) = arena.load(cells, tracker.populate)?;
        let generation = arena.generation(slot);
        tracker.was_here = was_here;
        if let Some(met) = &mut tracker.met {
            met.push((index, slot));
        }
        Ok(Obj::new(tracker.arenas.raw_of(slot, generation)))
    }

    fn handle(tracked: &Obj<E>) -> Option<Tracked> {
        Some((TypeId::of::<E>(), tracked.raw))
    }
}

impl<E: Entity> SessionItem for OptionalItem<E> {
    type Tracked = Option<Obj<E>>;

    fn track(tracker: &mut Tracker<'_>, cells: &[ValueRef<'_>]) -> Result<Option<Obj<E>>> {
        if E::TABLE.primary_key().all(|column| cells[column].is_null()) {
            return Ok(None);
        }
        EntityItem::<E>::track(tracker, cells).map(Some)
    }

    fn handle(tracked: &Option<Obj<E>>) -> Option<Tracked> {
        tracked.map(|it| (TypeId::of::<E>(), it.raw))
    }
}

impl<T: ColumnType> SessionItem for ValueItem<T> {
    type Tracked = T;

    fn track(_: &mut Tracker<'_>, cells: &[ValueRef<'_>]) -> Result<T> {
        Self::read(cells)
    }
}

impl<P: Projection> SessionItem for ProjectionItem<P> {
    type Tracked = P;

    fn track(_: &mut Tracker<'_>, cells: &[ValueRef<'_>]) -> Result<P> {
        Self::read(cells)
    }

    fn follow_up_tracked() -> Option<Box<dyn FollowUp<P>>> {
        Self::follow_up()
    }
}
