//! Handles: how a program names an object that the session owns.

use std::any::TypeId;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use aludel_sql::TableMeta;

use crate::entity::Entity;

/// A handle of an object of type `E` in a session: small, `Copy`, and good for that session only.
///
/// Read and write the object through the session: `session[doc].title`. A handle of an object that was forgotten, or of another
/// session, is recognised.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// let doc: Obj<Document> = session.get_one(1).await?;
/// session[doc].title = "Final".into(); // write
/// println!("{}", session[doc].title); // read
/// let copy = doc; // handles are `Copy`: put them into maps, lists and structs
/// assert_eq!(copy, doc);
/// # Ok(()) });
/// ```
pub struct Obj<E> {
    pub(crate) raw: RawObj,
    marker: PhantomData<fn() -> E>,
}

/// A handle of an object of any type: what the sets of a session are made of.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// let doc = session.get_one::<Document>(1).await?;
/// session[doc].title = "Final".into();
/// for object in session.dirty() {
///     assert_eq!(object.entity(), "Document");
///     if let Some(doc) = object.downcast::<Document>() {
///         println!("{} changed", session[doc].title);
///     }
/// }
/// # Ok(()) });
/// ```
#[derive(Clone, Copy)]
pub struct AnyObj {
    table: &'static TableMeta,
    entity: TypeId,
    pub(crate) raw: RawObj,
}

impl AnyObj {
    pub(crate) fn new(table: &'static TableMeta, entity: TypeId, raw: RawObj) -> Self {
        Self { table, entity, raw }
    }

    /// Returns the name of the entity.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// session.add(User::builder().email("kim@example.org"));
    /// let names: Vec<_> = session.new().into_iter().map(|it| it.entity()).collect();
    /// assert_eq!(names, ["User"]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn entity(self) -> &'static str {
        self.table.entity
    }

    /// Returns the handle, if the object is an `E`.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// session[doc].title = "Final".into();
    /// let changed: Vec<Obj<Document>> = session.dirty().into_iter().filter_map(|it| it.downcast()).collect();
    /// assert_eq!(changed, [doc]); // objects of other types are left out
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn downcast<E: Entity>(self) -> Option<Obj<E>> {
        (self.entity == TypeId::of::<E>()).then_some(Obj::new(self.raw))
    }
}

impl<E: Entity> From<Obj<E>> for AnyObj {
    fn from(object: Obj<E>) -> Self {
        Self::new(E::TABLE, TypeId::of::<E>(), object.raw)
    }
}

impl PartialEq for AnyObj {
    fn eq(&self, other: &Self) -> bool {
        self.entity == other.entity && self.raw == other.raw
    }
}

impl Eq for AnyObj {}

impl Hash for AnyObj {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.entity.hash(state);
        self.raw.hash(state);
    }
}

impl fmt::Debug for AnyObj {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.table.entity, self.raw.slot)
    }
}

/// A handle without its type; the type stands beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RawObj {
    pub(crate) session: u32,
    pub(crate) slot: u32,
    pub(crate) generation: u32,
}

impl<E> Obj<E> {
    pub(crate) const fn new(raw: RawObj) -> Self {
        Self { raw, marker: PhantomData }
    }
}

impl<E> Clone for Obj<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Obj<E> {}

impl<E> PartialEq for Obj<E> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}

impl<E> Eq for Obj<E> {}

impl<E> Hash for Obj<E> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.raw.hash(state);
    }
}

impl<E: Entity> fmt::Debug for Obj<E> {
    /// Prints `Document@7`: the entity and the slot, which is not the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", E::TABLE.entity, self.raw.slot)
    }
}
