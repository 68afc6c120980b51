//! Views: read-only lenses on objects of a session that navigate their relations.

use std::fmt;
use std::ops::Deref;

use aludel_sql::{Error, ErrorKind, Mapped, Relation, RelationMeta, Result, TableMeta, ToMany, ToOne};

use crate::entity::Entity;
use crate::obj::{Obj, RawObj};
use crate::session::Session;

/// A read-only lens on one object: what the views of the derive wrap.
pub struct Lens<'s, E> {
    session: &'s Session,
    object: Obj<E>,
    entity: &'s E,
}

impl<E> Clone for Lens<'_, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for Lens<'_, E> {}

impl<'s, E: Entity> Lens<'s, E> {
    pub(crate) fn new(session: &'s Session, object: Obj<E>) -> Self {
        Self { session, object, entity: &session[object] }
    }

    /// Lends the object for as long as the session is borrowed.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// let title: &str = &Document::lens(&session.view(doc)).entity().title; // lives as long as the session is borrowed
    /// assert_eq!(title, "Draft");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn entity(self) -> &'s E {
        self.entity
    }

    /// Returns the handle of the object, as [`View::handle`] does.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let user = session.get_one::<User>(1).await?;
    /// assert_eq!(User::lens(&session.view(user)).handle(), user);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn handle(self) -> Obj<E> {
        self.object
    }

    /// Follows a relation to one object that may be missing.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let user = session.scalars(select(User).options(selectinload(User::PROFILE)).filter(User::ID.eq(2))).one().await?;
    /// let lens = User::lens(&session.view(user));
    /// assert!(lens.to_optional(User::PROFILE)?.is_none()); // what `session.view(user).profile()?` does
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `NotLoaded` where the relation was not loaded.
    pub fn to_optional<T: Entity>(self, relation: ToOne<E, T>) -> Result<Option<T::View<'s>>> {
        let raw =
            self.session.related_one(self.object, relation.index()).ok_or_else(|| not_loaded(relation))?;
        Ok(raw.map(|raw| self.session.view(Obj::<T>::new(raw))))
    }

    /// Follows a relation to one object that must be there.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// let unloaded = Document::lens(&session.view(doc)).to_one(Document::OWNER);
    /// assert_eq!(unloaded.err().map(|it| it.kind()), Some(ErrorKind::NotLoaded));
    /// session.load(doc, Document::OWNER).await?; // SELECT … FROM users WHERE users.id = ?
    /// assert_eq!(Document::lens(&session.view(doc)).to_one(Document::OWNER)?.email, "sam@example.org");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `NotLoaded` where the relation was not loaded, `NotFound` where it leads to nothing yet.
    pub fn to_one<T: Entity>(self, relation: ToOne<E, T>) -> Result<T::View<'s>> {
        self.to_optional(relation)?.ok_or_else(|| {
            let (entity, name) = (E::TABLE.entity, relation.meta().name);
            Error::new(ErrorKind::NotFound, format!("`{entity}.{name}` leads to no object"))
                .help("set the relation or its foreign key")
        })
    }

    /// Follows a relation to many objects.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let user = session.scalars(select(User).options(selectinload(User::DOCUMENTS))).first().await?.expect("there are two");
    /// let lens = User::lens(&session.view(user));
    /// let titles: Vec<_> = lens.to_many(User::DOCUMENTS)?.map(|it| it.title.as_str().to_owned()).collect();
    /// assert_eq!(titles, ["Draft", "Plan"]);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `NotLoaded` where the relation was not loaded.
    pub fn to_many<T: Entity>(self, relation: ToMany<E, T>) -> Result<Views<'s, T>> {
        let objects =
            self.session.related_many(self.object, relation.index()).ok_or_else(|| not_loaded(relation))?;
        Ok(Views { session: self.session, objects: objects.iter(), marker: std::marker::PhantomData })
    }
}

impl<E> Deref for Lens<'_, E> {
    type Target = E;

    fn deref(&self) -> &E {
        self.entity
    }
}

impl<E: fmt::Debug> fmt::Debug for Lens<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entity.fmt(f)
    }
}

/// What every view has, whatever its entity.
pub trait View<'s>: Deref<Target: Entity<View<'s> = Self>> + Sized {
    /// Returns the handle of the object: a view only reads, a handle is good for writing.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let user = session.scalars(select(User).options(selectinload(User::DOCUMENTS))).first().await?.expect("there are two");
    /// let drafts: Vec<_> =
    ///     session.view(user).documents()?.filter(|it| it.title == "Draft").map(|it| it.handle()).collect();
    /// for doc in drafts {
    ///     session[doc].title = "Final".into();
    /// }
    /// session.commit().await?; // UPDATE documents SET title = ? WHERE id = ?
    /// # Ok(()) });
    /// ```
    fn handle(&self) -> Obj<Self::Target> {
        Self::Target::lens(self).handle()
    }

    /// Lends the object for as long as the session is borrowed; the view itself lends it only for as long as the view is there.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// let title: &str = &session.view(doc).entity().title; // the view is gone, the title is not
    /// assert_eq!(title, "Draft");
    /// # Ok(()) });
    /// ```
    fn entity(&self) -> &'s Self::Target {
        Self::Target::lens(self).entity()
    }
}

impl<'s, V: Deref<Target: Entity<View<'s> = V>>> View<'s> for V {}

#[cold]
fn not_loaded<E: Mapped, T: Mapped, K>(relation: Relation<E, T, K>) -> Error {
    let entity = E::TABLE.entity;
    let name = relation.meta().name;
    let constant = name.to_uppercase();
    if relation.meta().write_only {
        return write_only(E::TABLE, relation.meta(), ErrorKind::NotLoaded);
    }
    Error::new(ErrorKind::NotLoaded, format!("`{entity}.{name}` was not loaded")).help(format!(
        "load it with the query, `select({entity}).options(selectinload({entity}::{constant}))`, \
         or now, `session.load(object, {entity}::{constant}).await?`"
    ))
}

/// A write-only relation cannot be read.
#[cold]
pub(crate) fn write_only(table: &TableMeta, meta: &RelationMeta, kind: ErrorKind) -> Error {
    let (entity, name, target) = (table.entity, meta.name, (meta.target)().entity);
    let constant = name.to_uppercase();
    Error::new(kind, format!("`{entity}.{name}` is write-only: it is never loaded as a whole")).help(format!(
        "select what you need: `select({target}).filter(session.with_parent(object, {entity}::{constant})?)`"
    ))
}

/// The views of the objects of a collection, in its order.
pub struct Views<'s, T> {
    session: &'s Session,
    objects: std::slice::Iter<'s, RawObj>,
    marker: std::marker::PhantomData<fn() -> T>,
}

impl<'s, T: Entity> Iterator for Views<'s, T> {
    type Item = T::View<'s>;

    fn next(&mut self) -> Option<Self::Item> {
        self.objects.next().map(|raw| self.session.view(Obj::<T>::new(*raw)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.objects.size_hint()
    }
}

impl<T: Entity> DoubleEndedIterator for Views<'_, T> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.objects.next_back().map(|raw| self.session.view(Obj::<T>::new(*raw)))
    }
}

impl<T: Entity> ExactSizeIterator for Views<'_, T> {}
