//! What the relations of objects lead to, for views and loaders.

use std::any::TypeId;
use std::cmp::Ordering;
use std::panic::Location;

use aludel_engine::driver::End;
use aludel_sql::{ColumnSet, Mapped, Relation, RelationKind, RelationMeta, Result, TableMeta, Value};

use super::arena::SlotState;
use super::n_plus_one::SingleRead;
use super::unit_of_work::find_by_key;
use super::{Session, flush};
use crate::entity::Entity;
use crate::key_order;
use crate::key_text::KeyText;
use crate::loading::{self, Kind, selectinload};
use crate::obj::{Obj, RawObj};
use crate::relationship::{RelationMut, RelationRef};

impl Session {
    /// Loads a relation of an object, if it is not loaded already.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let user = session.get_one::<User>(1).await?;
    /// session.load(user, User::DOCUMENTS).await?; // SELECT … FROM documents WHERE documents.owner_id = ?
    /// assert_eq!(session.view(user).documents()?.count(), 2);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// An error of the database, or of kind `Decode`.
    #[track_caller]
    pub fn load<E: Entity, T: Entity, K: Kind>(
        &mut self,
        object: Obj<E>,
        relation: Relation<E, T, K>,
    ) -> impl Future<Output = Result<()>> + Send {
        let at = Location::caller();
        async move {
            if self.is_relation_loaded(object, relation) {
                return Ok(());
            }
            let read = SingleRead { at, table: E::TABLE, relation: Some(relation.meta()) };
            self.note_single_read(read)?;
            loading::load(self, [selectinload(relation).into()], &[object.raw]).await
        }
    }

    /// Loads a relation of many objects in one statement, of those of which it is not loaded already.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let users = session.scalars(select(User)).all().await?;
    /// session.load_all(users.iter().copied(), User::DOCUMENTS).await?; // SELECT … FROM documents WHERE documents.owner_id IN (…)
    /// for user in users {
    ///     println!("{}: {}", session[user].email, session.view(user).documents()?.count());
    /// }
    /// assert_eq!(session.query_count(), 2);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// An error of the database, or of kind `Decode`.
    ///
    /// # Panics
    ///
    /// Panics if a handle is of another session or of an object that was forgotten.
    pub async fn load_all<E: Entity, T: Entity, K: Kind>(
        &mut self,
        objects: impl IntoIterator<Item = Obj<E>>,
        relation: Relation<E, T, K>,
    ) -> Result<()> {
        let mut missing: Vec<RawObj> = Vec::new();
        for object in objects {
            if !self.is_relation_loaded(object, relation) {
                missing.push(object.raw);
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        loading::load(self, [selectinload(relation).into()], &missing).await
    }

    fn is_relation_loaded<E: Entity, T: Entity, K: Kind>(
        &mut self,
        object: Obj<E>,
        relation: Relation<E, T, K>,
    ) -> bool {
        let slot = self.slot_of(object);
        match self.arenas.of::<E>().get(slot).relation(relation.index()) {
            RelationRef::One(_) => self.related_one(object, relation.index()).is_some(),
            RelationRef::Many(state) => state.whole().is_some(),
        }
    }

    /// The object that a relation leads to: `None` if it was never loaded.
    pub(crate) fn related_one<E: Entity>(&self, object: Obj<E>, relation: usize) -> Option<Option<RawObj>> {
        let RelationRef::One(state) = self[object].relation(relation) else { return None };
        let loaded = state.loaded?;
        let meta = &E::TABLE.relations[relation];
        if state.changed || meta.kind != RelationKind::BelongsTo {
            return Some(loaded.filter(|raw| self.is_here(meta, *raw)));
        }
        // The foreign key may have been set since: what it says now counts.
        let link = meta.link(E::TABLE).ok()?;
        let key = Mapped::field(&self[object], link.local).encode().into_value();
        if key == Value::Null {
            return Some(None);
        }
        let target = self.arenas.of_table((meta.target)()).ok()?;
        let still = loaded.filter(|raw| self.is_here(meta, *raw)).filter(|raw| {
            self.arenas.at(target).object(raw.slot).field(link.remote).encode().as_ref() == key.as_ref()
        });
        if still.is_some() {
            return Some(still);
        }
        let arena = self.arenas.at(target);
        let other = find_by_key(&self.arenas, target, link.remote, &key).filter(|it| !arena.is_hidden(*it));
        match other {
            Some(slot) => Some(Some(self.arenas.raw(target, slot))),
            // The database was asked for this key, and showed nothing.
            None if state.nowhere.is_some() && state.nowhere == KeyText::of(&key).hash() => Some(None),
            None => None,
        }
    }

    pub(super) fn is_here(&self, meta: &RelationMeta, raw: RawObj) -> bool {
        let Ok(target) = self.arenas.of_table((meta.target)()) else { return false };
        self.arenas.at(target).state(raw.slot, raw.generation) != SlotState::Detached
    }

    /// The objects that a relation leads to: `None` if it was never loaded.
    pub(crate) fn related_many<E: Entity>(&self, object: Obj<E>, relation: usize) -> Option<&[RawObj]> {
        match self[object].relation(relation) {
            RelationRef::Many(state) => state.loaded(),
            RelationRef::One(_) => None,
        }
    }

    /// Makes ready for a loader: what it reads must include the changes that were not flushed.
    pub(crate) async fn before_load(&mut self) -> Result<()> {
        self.check_usable()?;
        if self.options.autoflush {
            flush::flush(self, End::Open).await?;
        }
        Ok(())
    }

    /// Returns the place of an entity's objects.
    pub(crate) fn place_of<E: Entity>(&mut self) -> usize {
        self.arenas.index_of::<E>()
    }

    /// Returns the value of a column of an object, of the entity at this place.
    pub(crate) fn value_at(&self, place: usize, object: RawObj, column: usize) -> Value {
        self.arenas.at(place).object(object.slot).field(column).encode().into_value()
    }

    /// Returns the value of a column that the database holds for an object.
    pub(crate) fn known_value_at(&self, place: usize, object: RawObj, column: usize) -> Value {
        self.arenas.at(place).known(object.slot, column).encode().into_value()
    }

    /// Tells whether an object is otherwise than the database has it.
    pub(crate) fn is_modified_at(&self, place: usize, object: RawObj) -> bool {
        super::states::is_modified(self.arenas.at(place), object.slot)
    }

    /// Finds the object whose column has this value, if it is here and was read in this transaction.
    ///
    /// One that was deleted softly counts only `with_deleted`.
    pub(crate) fn find_fresh(
        &self,
        place: usize,
        column: usize,
        value: &Value,
        with_deleted: bool,
    ) -> Option<RawObj> {
        let slot = find_by_key(&self.arenas, place, column, value)?;
        let arena = self.arenas.at(place);
        let is_seen = !arena.is_aged(slot) && (with_deleted || !arena.is_hidden(slot));
        is_seen.then(|| self.arenas.raw(place, slot))
    }

    /// Tells whether a relation of an object is loaded, as a whole or, where that will do, in part.
    pub(crate) fn is_loaded(&self, place: usize, object: RawObj, relation: usize, in_part: bool) -> bool {
        match self.arenas.at(place).object(object.slot).relation(relation) {
            RelationRef::One(state) => state.loaded.is_some(),
            RelationRef::Many(state) => state.whole().is_some() || (in_part && state.loaded().is_some()),
        }
    }

    /// Returns the table of an entity that the session has met.
    pub(crate) fn table_of(&self, entity: TypeId) -> Option<&'static TableMeta> {
        self.arenas.iter().find(|it| it.entity() == entity).map(|it| it.table())
    }

    /// Tells whether an entity that the session has met has relations that are loaded with every query.
    pub(crate) fn has_eager_loads(&self) -> bool {
        self.arenas.has_eager_loads()
    }

    /// Lends a relation of an object without marking the object as changed.
    pub(crate) fn relation_mut(&mut self, place: usize, object: RawObj, relation: usize) -> RelationMut<'_> {
        self.arenas.at_mut(place).object_mut(object.slot).relation_mut(relation)
    }

    /// Lets a relation to one of these objects lead to `target`, as the database has it; what the program changed stays.
    pub(crate) fn lead_to(&mut self, place: usize, objects: &[RawObj], relation: usize, target: RawObj) {
        self.arenas.at_mut(place).lead_to(objects, relation, target);
    }

    /// Sorts objects by key, so that a collection has the same order on every database.
    pub(crate) fn sort_by_key(&self, place: usize, objects: &mut [RawObj]) {
        let arena = self.arenas.at(place);
        let key: ColumnSet = arena.table().primary_key().collect();
        let compare = |left: &RawObj, right: &RawObj| {
            let (left, right) = (arena.object(left.slot), arena.object(right.slot));
            let columns = key.iter().map(|column| {
                let (left, right) = (left.field(column).encode(), right.field(column).encode());
                key_order::compare(left.as_ref(), right.as_ref())
            });
            columns.fold(Ordering::Equal, Ordering::then)
        };
        if !objects.is_sorted_by(|left, right| compare(left, right).is_le()) {
            objects.sort_by(compare);
        }
    }

    /// Tells whether a list of keys is one parameter, whatever its length.
    pub(crate) fn has_array_parameters(&self) -> bool {
        self.engine.dialect().features().array_parameters
    }
}
