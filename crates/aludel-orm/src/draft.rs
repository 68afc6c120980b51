//! Drafts: objects that are being built and belong to no session yet.

use std::any::Any;
use std::marker::PhantomData;

use aludel_sql::{
    Column, ColumnSet, ColumnType, Deferred, Drafted, Field, IntoRow, IntoValue, Mapped, NewRow, Reader,
    Relation, Value, ValueRef,
};

use crate::columns::Columns;
use crate::derive::Fields;
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

/// Puts a value into the field of a column of type `T`, which may be a [`Deferred`].
///
/// # Panics
///
/// Panics if the field holds values of another type.
#[inline]
pub fn put<T: 'static>(field: &mut dyn Field, value: impl IntoValue<T>) {
    let (field, value) = (field.as_any_mut(), value.into_value());
    if let Some(field) = field.downcast_mut::<T>() {
        *field = value;
    } else if let Some(field) = field.downcast_mut::<Deferred<T>>() {
        *field = Deferred::new(value);
    } else {
        unreachable!("a field holds the values of its column");
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
    ///
    /// The builders of the derive are drafts with a method for each column; who writes a builder by hand begins here.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// use aludel_orm::Draft;
    ///
    /// let row = Draft::<Document>::new().finish().into_new_row();
    /// assert!(row.given.is_empty()); // an INSERT of it would be `INSERT INTO documents DEFAULT VALUES`
    /// assert_eq!(row.object.title, ""); // a placeholder
    /// ```
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        let Ok(object) = E::read(&mut Blank);
        let (given, preset) = (ColumnSet::EMPTY, ColumnSet::EMPTY);
        Self { new: NewObject { object, given, preset, related: Vec::new() }, states: PhantomData }
    }

    /// Gives a column its value.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// use aludel_orm::Draft;
    ///
    /// let draft: Draft<User> = Draft::<User>::new().set(User::EMAIL, "kim@example.org");
    /// let row = draft.finish().into_new_row();
    /// assert_eq!(row.given.iter().collect::<Vec<_>>(), [User::EMAIL.index()]);
    /// ```
    #[must_use]
    #[inline]
    pub fn set<T: 'static, S2>(self, column: Column<E, T>, value: impl IntoValue<T>) -> Draft<E, S2> {
        given::<E, T, S, S2>(self, column.index(), value)
    }

    /// Gives a column the default that the client makes; [`Draft::set`] replaces it.
    ///
    /// It is a value as any other, but for the primary key: one that is preset does not name an object that [`merge`](crate::Session::merge)
    /// could find.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// use aludel_orm::Draft;
    ///
    /// let begun = Draft::<User>::new().preset(User::NAME, "nobody");
    /// let draft: Draft<User> = begun.set(User::NAME, "Kim");
    /// assert_eq!(draft.finish().into_new_row().object.name.as_deref(), Some("Kim"));
    /// ```
    #[must_use]
    pub fn preset<T: 'static>(self, column: Column<E, T>, value: impl IntoValue<T>) -> Self {
        let mut it: Self = self.set(column, value);
        it.new.preset.insert(column.index());
        it
    }

    /// Gives a group of columns its values; `first` is the index of its first column.
    ///
    /// ```
    /// use aludel::prelude::*;
    /// use aludel_orm::Draft;
    ///
    /// #[derive(Columns, Clone, Debug)]
    /// struct Place {
    ///     street: String,
    ///     town: String,
    /// }
    ///
    /// #[derive(Entity, Debug)]
    /// #[entity(table = "shops")]
    /// struct Shop {
    ///     #[column(primary_key)]
    ///     id: i64,
    ///     #[embedded]
    ///     place: Place,
    /// }
    ///
    /// let place = Place { street: "The Shambles".to_owned(), town: "York".to_owned() };
    /// let draft: Draft<Shop> = Draft::<Shop>::new().set_group(Shop::PLACE.street.index(), place, |it| &mut it.place);
    /// let row = draft.finish().into_new_row();
    /// assert!(row.given.contains(Shop::PLACE.street.index()) && row.given.contains(Shop::PLACE.town.index()));
    /// ```
    #[must_use]
    pub fn set_group<G: Columns, S2>(
        mut self,
        first: usize,
        group: G,
        field: impl FnOnce(&mut E) -> &mut G,
    ) -> Draft<E, S2> {
        let blank = G::read(&mut Fields::of(&mut Blank), 0);
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
    ///
    /// ```
    /// use aludel::prelude::*;
    /// use aludel_orm::Draft;
    ///
    /// #[derive(Columns, Clone, Debug)]
    /// struct Counts {
    ///     #[column(default = 1)]
    ///     copies: i64,
    ///     loans: i64,
    /// }
    ///
    /// #[derive(Entity, Debug)]
    /// #[entity(table = "books")]
    /// struct Book {
    ///     #[column(primary_key)]
    ///     id: i64,
    ///     #[embedded]
    ///     counts: Counts,
    /// }
    ///
    /// let row = Draft::<Book>::new().preset_group(Book::COUNTS.copies.index(), |it| &mut it.counts).finish().into_new_row();
    /// assert_eq!(row.given.iter().collect::<Vec<_>>(), [Book::COUNTS.copies.index()]); // the other one has no default
    /// assert_eq!(row.object.counts.copies, 1);
    /// ```
    #[must_use]
    pub fn preset_group<G: Columns>(mut self, first: usize, field: impl FnOnce(&mut E) -> &mut G) -> Self {
        for column in field(&mut self.new.object).preset().iter() {
            self.new.given.insert(first + column);
            self.new.preset.insert(first + column);
        }
        self
    }

    /// Gives a related object.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// use aludel_orm::{Draft, NewObject, Related, RelatedValue};
    ///
    /// /// A document that its owner comes with.
    /// struct OfKim(NewObject<Document>);
    ///
    /// impl Related<Document> for OfKim {
    ///     fn into_related(self) -> RelatedValue<Document> {
    ///         RelatedValue::New(self.0)
    ///     }
    /// }
    ///
    /// let draft: Draft<Document> = Draft::<Document>::new().set(Document::TITLE, "Essay");
    /// let draft: Draft<Document> = draft.set(Document::BODY, "");
    /// let draft = draft.relate(Document::OWNER, User::builder().email("kim@example.org"));
    /// let doc = session.insert(OfKim(draft.finish())).await?; // INSERT INTO users …; INSERT INTO documents …
    /// assert_eq!(session.view(doc).owner()?.email, "kim@example.org");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn relate<T: Entity, K>(self, relation: Relation<E, T, K>, object: impl Related<T>) -> Self {
        related(self, relation.index(), object)
    }

    /// Gives related objects.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// use aludel_orm::{Draft, NewObject, Related, RelatedValue};
    ///
    /// struct Kim(NewObject<User>);
    ///
    /// impl Related<User> for Kim {
    ///     fn into_related(self) -> RelatedValue<User> {
    ///         RelatedValue::New(self.0)
    ///     }
    /// }
    ///
    /// let essays = ["On doors", "On windows"].map(|title| Document::builder().title(title).body(""));
    /// let draft: Draft<User> = Draft::<User>::new().set(User::EMAIL, "kim@example.org");
    /// let kim = session.insert(Kim(draft.relate_all(User::DOCUMENTS, essays).finish())).await?; // three rows, two INSERTs
    /// assert_eq!(session.view(kim).documents()?.count(), 2);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn relate_all<T: Entity, K>(self, relation: Relation<E, T, K>, objects: impl AllRelated<T>) -> Self {
        all_related(self, relation.index(), objects)
    }

    /// Returns the finished draft.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// use aludel_orm::Draft;
    ///
    /// let draft: Draft<User> = Draft::<User>::new().set(User::EMAIL, "kim@example.org");
    /// let row = draft.finish().into_new_row(); // what `insert(User).values(…)` takes
    /// assert_eq!(row.object.email, "kim@example.org");
    /// # let _ = session;
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn finish(self) -> NewObject<E> {
        self.new
    }

    fn with_states<S2>(self) -> Draft<E, S2> {
        Draft { new: self.new, states: PhantomData }
    }
}

/// [`Draft::set`] for the derive, which knows the index: a program is checked faster without the way over the typed column.
#[inline]
pub fn given<E: Entity, T: 'static, S, S2>(
    mut draft: Draft<E, S>,
    column: usize,
    value: impl IntoValue<T>,
) -> Draft<E, S2> {
    put(draft.new.object.field_mut(column), value);
    draft.new.given.insert(column);
    draft.new.preset.remove(column);
    draft.with_states()
}

/// [`Draft::relate`] for the derive.
pub fn related<E: Entity, T: Entity, S>(
    mut draft: Draft<E, S>,
    relation: usize,
    object: impl Related<T>,
) -> Draft<E, S> {
    draft.new.push_related(relation, vec![object.into_related()]);
    draft
}

/// [`Draft::relate_all`] for the derive.
pub fn all_related<E: Entity, T: Entity, S>(
    mut draft: Draft<E, S>,
    relation: usize,
    objects: impl AllRelated<T>,
) -> Draft<E, S> {
    draft.new.push_related(relation, objects.into_all_related());
    draft
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
    ///
    /// A related object that was given cannot come along: the row names its relation, and is refused when it is inserted.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// let alone = User::builder().email("kim@example.org").into_new_row();
    /// assert_eq!(alone.needs_session, None);
    /// let with_profile = User::builder().email("kim@example.org").profile(Profile::builder().bio("Reads."));
    /// assert_eq!(with_profile.into_new_row().needs_session, Some("profile"));
    /// ```
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
    ///
    /// A type of a program's own may stand where a new object does:
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// use aludel_orm::{Related, RelatedValue};
    ///
    /// /// An essay of Sam's.
    /// struct Essay<'a>(&'a str);
    ///
    /// impl Related<Document> for Essay<'_> {
    ///     fn into_related(self) -> RelatedValue<Document> {
    ///         Document::builder().title(self.0).body("").owner_id(1).into_related()
    ///     }
    /// }
    ///
    /// let doc = session.insert(Essay("On doors")).await?; // INSERT INTO documents (title, body, owner_id) VALUES (?, ?, ?)
    /// assert_eq!((session[doc].title.as_str(), session[doc].owner_id), ("On doors", 1));
    /// # Ok(()) });
    /// ```
    fn into_related(self) -> RelatedValue<E>;
}

impl<E: Entity, D: Drafted<E, New: IntoRelated<E>>> Related<E> for D {
    fn into_related(self) -> RelatedValue<E> {
        self.finish().into_related()
    }
}

/// What a collection takes: any number of handles and drafts.
pub trait AllRelated<E: Entity> {
    /// Returns the objects.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// use aludel::AllRelated;
    ///
    /// /// A new user and what they wrote.
    /// fn author(email: &str, documents: impl AllRelated<Document>) -> impl Related<User> {
    ///     User::builder().email(email).documents(documents)
    /// }
    ///
    /// let titles = ["On doors", "On locks"];
    /// let essays = titles.map(|title| Document::builder().title(title).body(""));
    /// let kim = session.insert(author("kim@example.org", essays)).await?; // INSERT INTO users …; INSERT INTO documents …
    /// assert_eq!(session.view(kim).documents()?.count(), 2);
    /// # Ok(()) });
    /// ```
    fn into_all_related(self) -> Vec<RelatedValue<E>>;
}

impl<E: Entity, I: IntoIterator<Item: Related<E>>> AllRelated<E> for I {
    fn into_all_related(self) -> Vec<RelatedValue<E>> {
        self.into_iter().map(Related::into_related).collect()
    }
}

/// What a relation takes, finished.
#[doc(hidden)]
pub trait IntoRelated<E> {
    /// Returns the object.
    fn into_related(self) -> RelatedValue<E>;
}

/// A struct as it is: all of its columns are given, but for those that hold nothing but their placeholder where the database makes or
/// needs another value, the session does, or they were not loaded.
impl<E: Entity> IntoRelated<E> for E {
    fn into_related(self) -> RelatedValue<E> {
        let Ok(blank) = E::read(&mut Blank);
        let is_given = |column: &usize| {
            let meta = &E::TABLE.columns[*column];
            let field = Mapped::field(&self, *column);
            let is_made = meta.generated || meta.server_default.is_some() || meta.foreign_key.is_some();
            let is_unset = || field.same(Mapped::field(&blank, *column));
            let is_unloaded = || matches!(field.encode().as_ref(), ValueRef::Refused(_));
            !((is_made || meta.version) && is_unset() || meta.deferred && is_unloaded())
        };
        let given = (0..E::TABLE.columns.len()).filter(is_given).collect();
        RelatedValue::New(NewObject { object: self, given, preset: ColumnSet::EMPTY, related: Vec::new() })
    }
}

impl<E> IntoRelated<E> for NewObject<E> {
    fn into_related(self) -> RelatedValue<E> {
        RelatedValue::New(self)
    }
}

impl<E> IntoRelated<E> for Obj<E> {
    fn into_related(self) -> RelatedValue<E> {
        RelatedValue::Existing(self)
    }
}

impl<E: Entity> Drafted<E> for Obj<E> {
    type New = Self;

    fn finish(self) -> Self {
        self
    }
}

impl<E: Entity> IntoRow<E> for NewObject<E> {
    fn into_row(self) -> NewRow<E> {
        self.into_new_row()
    }
}
