//! Drafts: objects that are being built and belong to no session yet.

use std::marker::PhantomData;

use aludel_sql::{Column, ColumnSet, ColumnType, IntoValue, NewRow, Reader, Relation};

use crate::entity::Entity;
use crate::obj::{Obj, RawObj};
use crate::session::Session;

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
    pub(crate) related: Vec<RelatedDraft>,
}

/// A related object given in a builder: what adds it to the session and says which object it is.
pub(crate) struct RelatedDraft {
    pub(crate) relation: usize,
    pub(crate) add: Box<dyn FnOnce(&mut Session) -> RawObj + Send>,
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
        Self { new: NewObject { object, given: ColumnSet::EMPTY, related: Vec::new() }, states: PhantomData }
    }

    /// Gives a column its value; `field` is where it lives.
    #[must_use]
    pub fn set<T, S2>(
        mut self,
        column: Column<E, T>,
        value: impl IntoValue<T>,
        field: impl FnOnce(&mut E) -> &mut T,
    ) -> Draft<E, S2> {
        *field(&mut self.new.object) = value.into_value();
        self.new.given.insert(column.index());
        self.with_states()
    }

    /// Gives a column the default that the client makes; [`Draft::set`] replaces it.
    #[must_use]
    pub fn preset<T>(
        self,
        column: Column<E, T>,
        value: impl IntoValue<T>,
        field: impl FnOnce(&mut E) -> &mut T,
    ) -> Self {
        self.set(column, value, field)
    }

    /// Gives a related object.
    #[must_use]
    pub fn relate<T: Entity, K>(mut self, relation: Relation<E, T, K>, object: impl Related<T>) -> Self {
        self.new.push_related(relation.index(), object.into_related());
        self
    }

    /// Gives related objects.
    #[must_use]
    pub fn relate_all<T: Entity, K, R: Related<T>>(
        mut self,
        relation: Relation<E, T, K>,
        objects: impl IntoIterator<Item = R>,
    ) -> Self {
        for object in objects {
            self.new.push_related(relation.index(), object.into_related());
        }
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
    fn push_related<T: Entity>(&mut self, relation: usize, value: RelatedValue<T>) {
        let add: Box<dyn FnOnce(&mut Session) -> RawObj + Send> = match value {
            RelatedValue::Existing(object) => Box::new(move |_| object.raw),
            RelatedValue::New(new) => Box::new(move |session| session.add_new(new).raw),
        };
        self.related.push(RelatedDraft { relation, add });
    }

    /// Returns the row for an INSERT without a session.
    #[must_use]
    pub fn into_new_row(self) -> NewRow<E> {
        let needs_session = self.related.first().map(|it| E::TABLE.relations[it.relation].name);
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

impl<E: Entity> Related<E> for Obj<E> {
    fn into_related(self) -> RelatedValue<E> {
        RelatedValue::Existing(self)
    }
}
