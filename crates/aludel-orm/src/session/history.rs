//! What was changed since the last flush, attribute by attribute.

use aludel_sql::{Column, ColumnType, Mapped, Relation};

use super::Session;
use super::arena::AnyArena;
use crate::entity::Entity;
use crate::loading::Kind;
use crate::obj::{Obj, RawObj};
use crate::relationship::RelationRef;

/// What happened to an attribute of an object since the last flush.
///
/// A column has one value: `unchanged`, or `added` with the old one in `deleted`. A relation to many may have some of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History<T> {
    /// The values that the next flush sends.
    pub added: Vec<T>,
    /// The values that stay.
    pub unchanged: Vec<T>,
    /// The values that the database holds and will not any more.
    pub deleted: Vec<T>,
}

impl<T> Default for History<T> {
    fn default() -> Self {
        Self { added: Vec::new(), unchanged: Vec::new(), deleted: Vec::new() }
    }
}

impl<T> History<T> {
    /// Tells whether the next flush has something to send.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// session[doc].title = "Final".into();
    /// assert!(session.history(doc, Document::TITLE).has_changes());
    /// session[doc].title = "Draft".into(); // as the database has it
    /// assert!(!session.history(doc, Document::TITLE).has_changes());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn has_changes(&self) -> bool {
        !(self.added.is_empty() && self.deleted.is_empty())
    }
}

/// An attribute of `E` that has a history: a column or a relation.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an attribute of `{E}`",
    label = "expected a column or a relation of `{E}`, like `{E}::ID`"
)]
pub trait Attribute<E: Entity> {
    /// What it holds: a value, or handles of objects.
    type Value;

    /// Tells what happened to it.
    #[doc(hidden)]
    fn history_in(self, session: &Session, object: Obj<E>) -> History<Self::Value>;
}

impl Session {
    /// Returns what happened to an attribute since the last flush.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// session[doc].title = "Final".into();
    /// let title = session.history(doc, Document::TITLE);
    /// assert_eq!((title.added, title.deleted), (vec!["Final".to_owned()], vec!["Draft".to_owned()]));
    /// assert!(!session.history(doc, Document::BODY).has_changes());
    ///
    /// let user = session.get_one::<User>(2).await?;
    /// session[user].documents.push(doc);
    /// assert_eq!(session.history(user, User::DOCUMENTS).added, [doc]);
    /// # Ok(()) });
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the handle is of another session or of an object that was forgotten.
    #[must_use]
    #[track_caller]
    pub fn history<E: Entity, A: Attribute<E>>(&self, object: Obj<E>, attribute: A) -> History<A::Value> {
        self.slot_of(object);
        attribute.history_in(self, object)
    }
}

impl<E: Entity, T: ColumnType> Attribute<E> for Column<E, T> {
    type Value = T;

    fn history_in(self, session: &Session, object: Obj<E>) -> History<T> {
        let value = |field: &dyn aludel_sql::Field| field.as_any().downcast_ref::<T>().cloned();
        let now = Mapped::field(&session[object], self.index());
        let current: Vec<T> = value(now).into_iter().collect();
        let arena = session.arenas.get::<E>();
        let before = arena.and_then(|arena| arena.written_over(object.raw.slot, self.index()));
        match before {
            _ if session.key(object).is_none() => History { added: current, ..History::default() },
            Some(before) if !now.same(before) => History {
                added: current,
                unchanged: Vec::new(),
                deleted: value(before).into_iter().collect(),
            },
            _ => History { unchanged: current, ..History::default() },
        }
    }
}

impl<E: Entity, T: Entity, K: Kind> Attribute<E> for Relation<E, T, K> {
    type Value = Obj<T>;

    fn history_in(self, session: &Session, object: Obj<E>) -> History<Obj<T>> {
        let handles = |raws: &[RawObj]| raws.iter().copied().map(Obj::new).collect();
        match session[object].relation(self.index()) {
            RelationRef::Many(state) => {
                let all = state.loaded().unwrap_or_default().iter();
                let stays: Vec<RawObj> = all.filter(|it| !state.added().contains(it)).copied().collect();
                History {
                    added: handles(state.added()),
                    unchanged: handles(&stays),
                    deleted: handles(state.removed()),
                }
            }
            RelationRef::One(state) => {
                let one: Vec<RawObj> = state.loaded.flatten().into_iter().collect();
                if state.changed {
                    History { added: handles(&one), ..History::default() }
                } else {
                    History { unchanged: handles(&one), ..History::default() }
                }
            }
        }
    }
}
