//! Relationship fields: handles of related objects, never the objects themselves.
//!
//! A field remembers two things apart: what was *loaded*, and what the program *changed* since. So a child can be pushed into a
//! collection that was never loaded, and the flush knows what to do.

use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroU64;

use crate::collection::ToManyState;
use crate::entity::Entity;
use crate::obj::{Obj, RawObj};

/// The one object that a foreign key of this entity leads to.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// let ada = session.get_one::<User>(2).await?;
/// let doc = session.get_one::<Document>(1).await?;
/// session[doc].owner.set(ada);
/// session.commit().await?; // UPDATE documents SET owner_id = ? WHERE id = ?
/// assert_eq!(session[doc].owner_id, 2);
/// # Ok(()) });
/// ```
pub struct BelongsTo<T> {
    pub(crate) state: ToOneState,
    marker: PhantomData<fn() -> T>,
}

/// The one object whose foreign key leads to this entity, if there is one.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// let user = session.get_one::<User>(1).await?;
/// assert!(!session[user].profile.is_loaded());
/// session.load(user, User::PROFILE).await?; // SELECT … FROM profiles WHERE profiles.user_id = ?
/// if let Some(profile) = session.view(user).profile()? {
///     println!("{}", profile.bio);
/// }
/// # Ok(()) });
/// ```
pub struct HasOne<T> {
    pub(crate) state: ToOneState,
    marker: PhantomData<fn() -> T>,
}

/// The objects whose foreign key leads to this entity, or that an association table ties to it (`secondary`).
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// let user = session.get_one::<User>(1).await?;
/// let doc = session.add(Document::builder().title("Essay").body(""));
/// session[user].documents.push(doc); // the documents that are there need not be loaded
/// session.commit().await?; // INSERT INTO documents (title, body, owner_id) VALUES (?, ?, ?)
/// assert_eq!(session[doc].owner_id, 1);
/// # Ok(()) });
/// ```
pub struct HasMany<T> {
    pub(crate) state: ToManyState,
    marker: PhantomData<fn() -> T>,
}

/// What a relation to one object knows.
#[derive(Clone, Copy, Debug, Default)]
pub struct ToOneState {
    /// The object, or that there is none; `None` if it was never loaded.
    pub(crate) loaded: Option<Option<RawObj>>,
    /// Whether the program set it since the last flush.
    pub(crate) changed: bool,
    /// Whether that was done without knowing what it led to before.
    pub(crate) blind: bool,
    /// The foreign key, hashed, for which the database showed no object: it was deleted softly, or lies outside of the scope.
    pub(crate) nowhere: Option<NonZeroU64>,
}

impl ToOneState {
    /// Lets the relation lead to this object, or to nothing, for the program.
    pub(crate) fn set(&mut self, object: Option<RawObj>) {
        self.blind |= self.loaded.is_none();
        self.loaded = Some(object);
        self.changed = true;
    }

    /// The change was flushed.
    pub(crate) fn forget_change(&mut self) {
        self.changed = false;
        self.blind = false;
    }
}

/// The state of a relationship field, whatever its type.
#[derive(Clone, Copy, Debug)]
pub enum RelationRef<'a> {
    /// A relation to one object.
    One(&'a ToOneState),
    /// A relation to many objects.
    Many(&'a ToManyState),
}

/// The state of a relationship field, to be written.
#[derive(Debug)]
pub enum RelationMut<'a> {
    /// A relation to one object.
    One(&'a mut ToOneState),
    /// A relation to many objects.
    Many(&'a mut ToManyState),
}

macro_rules! to_one {
    ($($name:ident),*) => {$(
        impl<T: Entity> $name<T> {
            /// Lets the relation lead to this object; the next flush writes the foreign key.
            pub fn set(&mut self, object: Obj<T>) {
                self.state.set(Some(object.raw));
            }

            /// Lets the relation lead to nothing.
            pub fn clear(&mut self) {
                self.state.set(None);
            }

            /// Returns the handle of the object, if the relation is loaded and there is one.
            #[must_use]
            pub fn handle(&self) -> Option<Obj<T>> {
                self.state.loaded.flatten().map(Obj::new)
            }

            /// Tells whether the relation was loaded or set.
            #[must_use]
            pub fn is_loaded(&self) -> bool {
                self.state.loaded.is_some()
            }

            /// Returns the state of the field. For the derive.
            #[doc(hidden)]
            #[must_use]
            pub fn state(&self) -> RelationRef<'_> {
                RelationRef::One(&self.state)
            }

            /// Returns the state of the field. For the derive.
            #[doc(hidden)]
            #[must_use]
            pub fn state_mut(&mut self) -> RelationMut<'_> {
                RelationMut::One(&mut self.state)
            }
        }

        impl<T: Entity> From<Obj<T>> for $name<T> {
            fn from(object: Obj<T>) -> Self {
                let mut it = Self::default();
                it.set(object);
                it
            }
        }

        impl<T> Default for $name<T> {
            fn default() -> Self {
                Self { state: ToOneState::default(), marker: PhantomData }
            }
        }

        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                Self { state: self.state, marker: PhantomData }
            }
        }

        impl<T: Entity> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.state.loaded {
                    None => f.write_str("(not loaded)"),
                    Some(None) => f.write_str("None"),
                    Some(Some(raw)) => Obj::<T>::new(raw).fmt(f),
                }
            }
        }
    )*};
}

to_one!(BelongsTo, HasOne);

impl<T: Entity> HasMany<T> {
    /// Adds an object to the collection, loaded or not; the next flush writes its foreign key, or the row of the association table.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let ada = session.get_one::<User>(2).await?;
    /// let doc = session.get_one::<Document>(1).await?;
    /// session[ada].documents.push(doc);
    /// session.commit().await?; // UPDATE documents SET owner_id = ? WHERE id = ?
    /// # Ok(()) });
    /// ```
    pub fn push(&mut self, object: Obj<T>) {
        self.state.push(object.raw);
    }

    /// Takes an object out of the collection, loaded or not; the next flush clears its foreign key, or deletes the row of the
    /// association table.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let (sam, ada) = (session.get_one::<User>(1).await?, session.get_one::<User>(2).await?);
    /// let doc = session.get_one::<Document>(1).await?;
    /// session[sam].documents.remove(doc);
    /// session[ada].documents.push(doc); // `owner_id` cannot be NULL: without another owner the flush would fail
    /// session.commit().await?; // UPDATE documents SET owner_id = ? WHERE id = ?
    /// assert_eq!(session[doc].owner_id, 2);
    /// # Ok(()) });
    /// ```
    pub fn remove(&mut self, object: Obj<T>) {
        self.state.remove(object.raw);
    }

    /// Returns the handles of the objects, if the collection is loaded.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let user = session.get_one::<User>(1).await?;
    /// assert!(session[user].documents.handles().is_none()); // not loaded is not the same as empty
    /// session.load(user, User::DOCUMENTS).await?; // SELECT … FROM documents WHERE documents.owner_id = ?
    /// for doc in session[user].documents.handles().unwrap_or_default() {
    ///     session[doc].title.push('!');
    /// }
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn handles(&self) -> Option<Vec<Obj<T>>> {
        self.state.loaded().map(|loaded| loaded.iter().copied().map(Obj::new).collect())
    }

    /// Tells whether the collection was loaded, all of it or a part: see [`is_partial`](Self::is_partial).
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let user = session.get_one::<User>(1).await?;
    /// assert!(!session[user].documents.is_loaded());
    /// session.load(user, User::DOCUMENTS).await?; // SELECT … FROM documents WHERE documents.owner_id = ?
    /// assert!(session[user].documents.is_loaded());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.state.loaded().is_some()
    }

    /// Tells whether the collection was loaded with conditions or a limit, so that there may be more in the database than it shows.
    ///
    /// A partial collection is read and changed as any other. What it does not show is not taken for removed, and
    /// [`load`](crate::Session::load) loads all of it.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let newest = selectinload(User::DOCUMENTS).order_by(Document::ID.desc()).limit(1);
    /// let user = session.scalars(select(User).filter(User::ID.eq(1)).options(newest)).one().await?;
    /// assert_eq!(session.view(user).documents()?.count(), 1);
    /// assert!(session[user].documents.is_partial());
    /// session.load(user, User::DOCUMENTS).await?;
    /// assert_eq!(session.view(user).documents()?.count(), 2);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.state.is_partial()
    }

    /// Returns the state of the field. For the derive.
    #[doc(hidden)]
    #[must_use]
    pub fn state(&self) -> RelationRef<'_> {
        RelationRef::Many(&self.state)
    }

    /// Returns the state of the field. For the derive.
    #[doc(hidden)]
    #[must_use]
    pub fn state_mut(&mut self) -> RelationMut<'_> {
        RelationMut::Many(&mut self.state)
    }
}

impl<T> Default for HasMany<T> {
    fn default() -> Self {
        Self { state: ToManyState::default(), marker: PhantomData }
    }
}

impl<T> Clone for HasMany<T> {
    fn clone(&self) -> Self {
        Self { state: self.state.clone(), marker: PhantomData }
    }
}

impl<T: Entity> fmt::Debug for HasMany<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.state.loaded(), self.state.added().len(), self.state.removed().len()) {
            (Some(loaded), ..) => {
                f.debug_list().entries(loaded.iter().map(|raw| Obj::<T>::new(*raw))).finish()
            }
            (None, 0, 0) => f.write_str("(not loaded)"),
            (None, added, removed) => write!(f, "(not loaded, {added} added, {removed} removed)"),
        }
    }
}
