//! What all loaders can be told: conditions, order, a limit, how deep, and what to load next.

use std::fmt;
use std::marker::PhantomData;

use aludel_sql::{Column, IntoOrderBy, Many, Operand, Relation};

use super::any_entity::AnyEntity;
use super::load::{Load, Strategy};
use super::{Kind, LoaderOption};
use crate::entity::Entity;

/// A relation from `E` to `T` to be loaded by the strategy `S`, and what to load of the objects that it leads to.
#[must_use = "pass it to `options`"]
pub struct Loader<E, T, K, S> {
    load: Load,
    marker: Marker<E, T, K, S>,
}

type Marker<E, T, K, S> = PhantomData<fn() -> (E, T, K, S)>;

/// The strategy of [`selectinload`](super::selectinload()).
#[derive(Clone, Copy, Debug)]
pub struct SelectIn;

/// The strategy of [`subqueryload`](super::subqueryload()).
#[derive(Clone, Copy, Debug)]
pub struct BySubquery;

/// The strategy of [`joinedload`](super::joinedload()).
#[derive(Clone, Copy, Debug)]
pub struct Joined;

/// The strategy of [`contains_eager`](super::contains_eager()).
#[derive(Clone, Copy, Debug)]
pub struct Contained;

/// The strategy of [`raiseload`](super::raiseload()).
#[derive(Clone, Copy, Debug)]
pub struct Raise;

/// Strategies that lead to objects, of which more can be loaded.
pub trait Follows {}

impl Follows for SelectIn {}
impl Follows for BySubquery {}
impl Follows for Joined {}
impl Follows for Contained {}

/// Strategies that ask the database themselves, and can say which objects they want.
pub trait Asks: Follows {}

impl Asks for SelectIn {}
impl Asks for BySubquery {}
impl Asks for Joined {}

impl<E: Entity, T: Entity, K, S> Loader<E, T, K, S> {
    pub(super) fn new(relation: Relation<E, T, K>, strategy: Strategy) -> Self {
        let load = Load::new(AnyEntity::of::<E>(), AnyEntity::of::<T>(), relation.index(), strategy);
        Self { load, marker: PhantomData }
    }
}

impl<E: Entity, T: Entity, K, S: Follows> Loader<E, T, K, S> {
    /// Loads a relation of the objects that this one leads to: `selectinload(User::DOCUMENTS).then(selectinload(Document::CHUNKS))`.
    /// Called again it adds another one beside it.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// // SELECT … FROM documents; SELECT … FROM users WHERE …; SELECT … FROM profiles WHERE …
    /// let stmt = select(Document).options(selectinload(Document::OWNER).then(selectinload(User::PROFILE)));
    /// let docs = session.scalars(stmt).all().await?;
    /// let owner = session.view(docs[0]).owner()?;
    /// assert!(owner.profile()?.is_some_and(|it| it.bio == "Writes."));
    /// # Ok(()) });
    /// ```
    pub fn then(mut self, next: impl LoadsFrom<T>) -> Self {
        next.into().load.add_to(&mut self.load.then);
        self
    }

    /// Loads a [`Deferred`](aludel_sql::Deferred) column of the objects that the relation leads to.
    ///
    /// ```
    /// use aludel::prelude::*;
    /// use aludel::Deferred;
    ///
    /// #[derive(Entity, Debug)]
    /// #[entity(table = "books")]
    /// struct Book {
    ///     #[column(primary_key)]
    ///     id: i64,
    ///     text: Deferred<String>,
    ///     #[column(foreign_key = Shelf::ID)]
    ///     shelf_id: i64,
    /// }
    ///
    /// #[derive(Entity, Debug)]
    /// #[entity(table = "shelves")]
    /// struct Shelf {
    ///     #[column(primary_key)]
    ///     id: i64,
    ///     #[relation]
    ///     books: HasMany<Book>,
    /// }
    ///
    /// # aludel::doc::run_engine(async |engine| {
    /// engine.create_all(&Metadata::of((Shelf, Book))).await?;
    /// let mut session = engine.session();
    /// session.add(Shelf::builder().books([Book::builder().text("Call me Ishmael.".to_owned())]));
    /// session.commit().await?;
    /// session.expunge_all();
    ///
    /// // SELECT shelves.id FROM shelves; SELECT books.id, books.text, books.shelf_id FROM books WHERE …
    /// let stmt = select(Shelf).options(selectinload(Shelf::BOOKS).undefer(Book::TEXT));
    /// let shelf = session.scalars(stmt).one().await?;
    /// for book in session.view(shelf).books()? {
    ///     assert_eq!(book.text.get()?, "Call me Ishmael.");
    /// }
    /// # Ok(()) });
    /// ```
    pub fn undefer<V>(mut self, column: Column<T, V>) -> Self {
        self.load.undeferred.push(column.index());
        self
    }
}

impl<E: Entity, T: Entity, S: Asks> Loader<E, T, Many, S> {
    /// Loads only objects for which a condition holds; called again, all of them must hold. The collection knows that it is
    /// [partial](crate::HasMany::is_partial).
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// // SELECT … FROM documents WHERE documents.owner_id IN (…) AND documents.title <> ?
    /// let finished = selectinload(User::DOCUMENTS).filter(Document::TITLE.ne("Draft"));
    /// let users = session.scalars(select(User).options(finished)).all().await?;
    /// let titles: Vec<&str> = session.view(users[0]).documents()?.map(|it| it.entity().title.as_str()).collect();
    /// assert_eq!(titles, ["Plan"]);
    /// # Ok(()) });
    /// ```
    pub fn filter(mut self, condition: impl Operand<bool>) -> Self {
        self.load.filters.push(condition.into_operand());
        self
    }

    /// Loads the objects of each parent in an order. What is equal in it comes in the order of the primary key; without `order_by` all of
    /// them do, texts by their code points.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// // SELECT … FROM documents WHERE documents.owner_id IN (…) ORDER BY documents.title DESC, documents.id
    /// let sorted = selectinload(User::DOCUMENTS).order_by(Document::TITLE.desc());
    /// let users = session.scalars(select(User).options(sorted)).all().await?;
    /// let titles: Vec<&str> = session.view(users[0]).documents()?.map(|it| it.entity().title.as_str()).collect();
    /// assert_eq!(titles, ["Plan", "Draft"]);
    /// # Ok(()) });
    /// ```
    pub fn order_by(mut self, keys: impl IntoOrderBy) -> Self {
        keys.push_order(&mut self.load.order_by);
        self
    }

    /// Loads only the first objects of each parent, by `order_by` or the primary key: "the three newest comments of each post" in one
    /// statement. The collection knows that it is [partial](crate::HasMany::is_partial).
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// // WITH ranked (c1, c2, c3, c4, place) AS (SELECT documents.id, …, row_number() OVER (PARTITION BY documents.owner_id
    /// // ORDER BY documents.id DESC) FROM documents WHERE documents.owner_id IN (…))
    /// // SELECT c1, c2, c3, c4 FROM ranked WHERE place <= ? ORDER BY place
    /// let newest = selectinload(User::DOCUMENTS).order_by(Document::ID.desc()).limit(1);
    /// let users = session.scalars(select(User).options(newest)).all().await?;
    /// for (user, title) in users.into_iter().zip(["Plan", "Notes"]) {
    ///     assert!(session.view(user).documents()?.all(|it| it.title == title));
    /// }
    /// # Ok(()) });
    /// ```
    pub fn limit(mut self, objects: u32) -> Self {
        self.load.limit = Some(objects);
        self
    }
}

impl<E: Entity, K, S: Asks> Loader<E, E, K, S> {
    /// Loads so many levels of a relation that leads to its own entity, each with what `then` asks for. Objects that were met on a
    /// level before are not asked again, so that a circle has an end.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// #[derive(Entity, Debug)]
    /// #[entity(table = "folders")]
    /// struct Folder {
    ///     #[column(primary_key)]
    ///     id: i64,
    ///     #[column(foreign_key = Folder::ID)]
    ///     parent_id: Option<i64>,
    ///     #[relation(back_populates = Folder::CHILDREN)]
    ///     parent: BelongsTo<Folder>,
    ///     #[relation(back_populates = Folder::PARENT)]
    ///     children: HasMany<Folder>,
    /// }
    ///
    /// # aludel::doc::run_engine(async |engine| {
    /// engine.create_all(&Metadata::of(Folder)).await?;
    /// let mut session = engine.session();
    /// let grandchild = Folder::builder();
    /// session.add(Folder::builder().children([Folder::builder().children([grandchild])]));
    /// session.commit().await?;
    ///
    /// let roots = select(Folder).filter(Folder::PARENT_ID.is_null());
    /// let root = session.scalars(roots.options(selectinload(Folder::CHILDREN).depth(2))).one().await?; // three statements
    /// for child in session.view(root).children()? {
    ///     assert_eq!(child.children()?.count(), 1);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn depth(mut self, levels: u32) -> Self {
        self.load.depth = levels;
        self
    }
}

impl<E, T, K, S> Clone for Loader<E, T, K, S> {
    fn clone(&self) -> Self {
        Self { load: self.load.clone(), marker: PhantomData }
    }
}

impl<E, T, K, S> fmt::Debug for Loader<E, T, K, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.load.fmt(f)
    }
}

impl<E, T, K, S> From<Loader<E, T, K, S>> for LoaderOption {
    fn from(loader: Loader<E, T, K, S>) -> Self {
        Self { load: loader.load }
    }
}

/// A loader of a relation that starts from `E`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not load a relation of `{E}`",
    label = "expected a loader of a relation of `{E}`",
    note = "each `then` loads from the objects that the loader before it leads to"
)]
pub trait LoadsFrom<E>: Into<LoaderOption> {}

#[diagnostic::do_not_recommend]
impl<E, T, K: Kind, S> LoadsFrom<E> for Loader<E, T, K, S> {}
