//! Drafts: objects that are being built and belong to no session yet.

use std::any::Any;
use std::marker::PhantomData;

use aludel_sql::{
    Column, ColumnSet, ColumnType, Deferred, Field, IntoValue, Mapped, NewRow, Reader, Relation, Value,
};

use crate::columns::Columns;
use crate::entity::Entity;
use crate::obj::{Obj, RawObj};
use crate::session::{LevelOf, RelationLevel, Session};

/// An object that is being built: the entity itself with placeholders, and which columns were given.
///
/// The builders of the derive wrap it; `S` holds one state for each required column, [`Set`] where it was given.
pub struct Draft<E, S = ()> {
    new: NewObject<E>,
    states: PhantomData<fn() -> S>,
}

/// A finished draft.
pub struct NewObject<E> {
    pub(crate) object: E,
    pub(crate) given: ColumnSet,
    /// Those of the given columns that hold a default which the client makes.
    pub(crate) preset: ColumnSet,
    pub(crate) related: Vec<RelatedDraft<E>>,
}

/// The objects given for a relation.
pub(crate) struct RelatedDraft<E> {
    pub(crate) relation: usize,
    pub(crate) drafts: Box<dyn RelatedDrafts<E>>,
}

/// Objects given for a relation of `E`, whatever their type.
pub(crate) trait RelatedDrafts<E>: Any + Send {
    fn is_empty(&self) -> bool;

    /// Adds those that are new to the session; returns all.
    fn add(self: Box<Self>, session: &mut Session) -> Vec<RawObj>;

    /// Begins the level of a merge that takes these.
    fn level(&self, relation: usize) -> Box<dyn LevelOf<E>>;
}

/// Objects of type `T` given for a relation.
pub(crate) struct RelatedTo<T>(pub(crate) Vec<RelatedValue<T>>);

impl<E: Entity, T: Entity> RelatedDrafts<E> for RelatedTo<T> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn add(self: Box<Self>, session: &mut Session) -> Vec<RawObj> {
        let add = |value| match value {
            RelatedValue::Existing(object) => object.raw,
            RelatedValue::New(new) => session.add_new(new).raw,
        };
        self.0.into_iter().map(add).collect()
    }

    fn level(&self, relation: usize) -> Box<dyn LevelOf<E>> {
        Box::new(RelationLevel::<E, T>::new(relation))
    }
}

/// A field that holds the value of a column of type `T`.
pub trait Holds<T> {
    /// Puts a value in.
    fn put(&mut self, value: T);
}

impl<T> Holds<T> for T {
    fn put(&mut self, value: T) {
        *self = value;
    }
}

impl<T> Holds<T> for Deferred<T> {
    fn put(&mut self, value: T) {
        *self = Deferred::new(value);
    }
}

/// The state of a required column that was given.
#[derive(Debug)]
pub struct Set(());

/// The state of a required column of a builder; it must be [`Set`] before the draft can be used.
#[diagnostic::on_unimplemented(
    message = "a required column was not set: `{Self}`",
    label = "this draft lacks a required column",
    note = "call the builder's method of that name, make the field an `Option`, or give it a `default` or `server_default`"
)]
pub trait Given {}

impl Given for Set {}

/// Makes the blank object of a builder.
pub(crate) struct Blank;

impl Reader for Blank {
    type Error = std::convert::Infallible;

    fn column<T: ColumnType>(&mut self, _: usize) -> Result<T, Self::Error> {
        Ok(T::unset())
    }
}

impl<E: Entity, S> Draft<E, S> {
    /// Begins a draft: nothing is given.
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        let Ok(object) = E::read(&mut Blank);
        let (given, preset) = (ColumnSet::EMPTY, ColumnSet::EMPTY);
        Self { new: NewObject { object, given, preset, related: Vec::new() }, states: PhantomData }
    }

    /// Gives a column its value; `field` is where it lives.
    #[must_use]
    pub fn set<T, F: Holds<T>, S2>(
        mut self,
        column: Column<E, T>,
        value: impl IntoValue<T>,
        field: impl FnOnce(&mut E) -> &mut F,
    ) -> Draft<E, S2> {
        field(&mut self.new.object).put(value.into_value());
        self.new.given.insert(column.index());
        self.new.preset.remove(column.index());
        self.with_states()
    }

    /// Gives a column the default that the client makes; [`Draft::set`] replaces it.
    #[must_use]
    pub fn preset<T, F: Holds<T>>(
        self,
        column: Column<E, T>,
        value: impl IntoValue<T>,
        field: impl FnOnce(&mut E) -> &mut F,
    ) -> Self {
        let mut it: Self = self.set(column, value, field);
        it.new.preset.insert(column.index());
        it
    }

    /// Gives a group of columns its values; `first` is the index of its first column.
    #[must_use]
    pub fn set_group<G: Columns, S2>(
        mut self,
        first: usize,
        group: G,
        field: impl FnOnce(&mut E) -> &mut G,
    ) -> Draft<E, S2> {
        let Ok(blank) = G::read(&mut Blank, 0);
        for (column, meta) in G::COLUMNS.iter().enumerate() {
            let is_made =
                meta.server_default.is_some() || meta.computed.is_some() || meta.foreign_key.is_some();
            if !(is_made && group.field(column).same(blank.field(column))) {
                self.new.given.insert(first + column);
                self.new.preset.remove(first + column);
            }
        }
        *field(&mut self.new.object) = group;
        self.with_states()
    }

    /// Gives a group of columns the defaults that the client makes; [`Draft::set_group`] replaces them.
    #[must_use]
    pub fn preset_group<G: Columns>(mut self, first: usize, field: impl FnOnce(&mut E) -> &mut G) -> Self {
        for column in field(&mut self.new.object).preset().iter() {
            self.new.given.insert(first + column);
            self.new.preset.insert(first + column);
        }
        self
    }

    /// Gives a related object.
    #[must_use]
    pub fn relate<T: Entity, K>(mut self, relation: Relation<E, T, K>, object: impl Related<T>) -> Self {
        self.new.push_related(relation.index(), vec![object.into_related()]);
        self
    }

    /// Gives related objects.
    #[must_use]
    pub fn relate_all<T: Entity, K, R: Related<T>>(
        mut self,
        relation: Relation<E, T, K>,
        objects: impl IntoIterator<Item = R>,
    ) -> Self {
        let objects = objects.into_iter().map(Related::into_related).collect();
        self.new.push_related(relation.index(), objects);
        self
    }

    /// Returns the finished draft.
    #[must_use]
    pub fn finish(self) -> NewObject<E> {
        self.new
    }

    fn with_states<S2>(self) -> Draft<E, S2> {
        Draft { new: self.new, states: PhantomData }
    }
}

impl<E: Entity> NewObject<E> {
    fn push_related<T: Entity>(&mut self, relation: usize, values: Vec<RelatedValue<T>>) {
        self.related.push(RelatedDraft { relation, drafts: Box::new(RelatedTo(values)) });
    }

    /// Returns the primary key, if the program gave all of it.
    pub(crate) fn key(&self) -> Option<Vec<Value>> {
        let is_given = |column| self.given.contains(column) && !self.preset.contains(column);
        let is_given = E::TABLE.primary_key().all(is_given);
        let part = |column| Mapped::field(&self.object, column).encode().into_value();
        is_given.then(|| E::TABLE.primary_key().map(part).collect())
    }

    /// Gives a column the value of a column of another object, unless it has one.
    pub(crate) fn give(&mut self, column: usize, value: &dyn Field) {
        if !self.given.contains(column)
            && Mapped::field_mut(&mut self.object, column).assign(value.encode().as_ref()).is_ok()
        {
            self.given.insert(column);
        }
    }

    /// Returns the row for an INSERT without a session.
    #[must_use]
    pub fn into_new_row(self) -> NewRow<E> {
        let mut related = self.related.iter().filter(|it| !it.drafts.is_empty());
        let needs_session = related.next().map(|it| E::TABLE.relations[it.relation].name);
        NewRow { object: self.object, given: self.given, needs_session }
    }
}

/// A related object: a handle, or a draft of a new one.
pub enum RelatedValue<E> {
    /// An object of the session.
    Existing(Obj<E>),
    /// A new object.
    New(NewObject<E>),
}

/// What a relation takes: a handle of an object, or a draft of a new one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a new nor an existing `{E}`",
    label = "expected an `Obj<{E}>` or `{E}::builder()` with all required columns"
)]
pub trait Related<E: Entity> {
    /// Returns the object.
    fn into_related(self) -> RelatedValue<E>;
}

/// A struct as it is: all of its columns are given, but for those that hold nothing but their placeholder where the database makes or
/// needs another value.
impl<E: Entity> Related<E> for E {
    fn into_related(self) -> RelatedValue<E> {
        let Ok(blank) = E::read(&mut Blank);
        let is_given = |column: &usize| {
            let meta = &E::TABLE.columns[*column];
            let is_made = meta.generated || meta.server_default.is_some() || meta.foreign_key.is_some();
            !(is_made && Mapped::field(&self, *column).same(Mapped::field(&blank, *column)))
        };
        let given = (0..E::TABLE.columns.len()).filter(is_given).collect();
        RelatedValue::New(NewObject { object: self, given, preset: ColumnSet::EMPTY, related: Vec::new() })
    }
}

impl<E: Entity> Related<E> for Obj<E> {
    fn into_related(self) -> RelatedValue<E> {
        RelatedValue::Existing(self)
    }
}
