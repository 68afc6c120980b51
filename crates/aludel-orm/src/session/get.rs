//! Objects by primary key.

mod by_key;

use std::any::Any;
use std::future::IntoFuture;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use aludel_engine::RowsQuery;
use aludel_engine::driver::BoxFuture;
use aludel_sql::{EntityItem, Error, ErrorKind, Key, Of, Result, Value, ValueRef, select};

use super::Session;
use super::arena::{Populate, SlotState};
use super::n_plus_one::SingleRead;
use super::query::{Access, Scalars, SessionItem, SessionPlan, Tracker, Tracking, locked, node_of_columns};
use crate::entity::Entity;
use crate::loading::{Asked, Options, SelectOption, load_options};
use crate::obj::Obj;

/// An object that is about to be fetched by its primary key; await it. Made by [`Session::get`] and [`Session::get_one`].
#[must_use = "futures do nothing unless you `.await` them"]
pub struct Get<'s, E, R> {
    session: &'s mut Session,
    key: Vec<Value>,
    options: Vec<Arc<dyn Any + Send + Sync>>,
    /// Deferred columns that are loaded all the same.
    undeferred: Vec<usize>,
    /// `None`: the database is asked only if the object is not here already.
    populate: Option<Populate>,
    lock: bool,
    with_deleted: bool,
    /// Where the program asks.
    at: &'static Location<'static>,
    finish: fn(Option<Obj<E>>) -> Result<R>,
}

impl Session {
    /// Returns the object with this primary key, asking the database only if it is not here already.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get::<Document>(1).await?; // SELECT … FROM documents WHERE documents.id = ?
    /// let again = session.get::<Document>(1).await?; // no query: it is here already
    /// assert_eq!(doc, again);
    /// assert!(session.get::<Document>(99).await?.is_none());
    /// # Ok(()) });
    /// ```
    ///
    /// An object is known by its key as the database stores it. Where a collation holds two keys for equal (`AT` and `at`), both lead to one
    /// object; only under the stored one it is found without asking. The padding of `CHAR` is no part of a key.
    ///
    /// # Errors
    ///
    /// Awaited: an error of the database, or of kind `Decode`. A missing row is `Ok(None)`. Kind `State` where the key has not as many
    /// parts as the table's.
    #[track_caller]
    pub fn get<E: Entity>(&mut self, key: impl Key) -> Get<'_, E, Option<Obj<E>>> {
        Get::new(self, key, Ok)
    }

    /// Returns the object with this primary key.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?; // SELECT … FROM documents WHERE documents.id = ?
    /// assert_eq!(session[doc].title, "Draft");
    /// assert_eq!(session.get_one::<Document>(99).await.unwrap_err().kind(), ErrorKind::NotFound);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Awaited: kind `NotFound` where there is no such row; otherwise as [`get`](Self::get).
    #[track_caller]
    pub fn get_one<E: Entity>(&mut self, key: impl Key) -> Get<'_, E, Obj<E>> {
        Get::new(self, key, |found| {
            found.ok_or_else(|| {
                Error::new(
                    ErrorKind::NotFound,
                    format!("there is no row of `{}` with this key", E::TABLE.name),
                )
                .with_table(E::TABLE.name)
            })
        })
    }
}

impl<'s, E: Entity, R> Get<'s, E, R> {
    #[track_caller]
    fn new(session: &'s mut Session, key: impl Key, finish: fn(Option<Obj<E>>) -> Result<R>) -> Self {
        Self {
            session,
            key: key.into_parts(),
            options: Vec::new(),
            undeferred: Vec::new(),
            populate: None,
            lock: false,
            at: Location::caller(),
            with_deleted: false,
            finish,
        }
    }

    /// Asks the database whether the object is here or not, and overwrites it, changes that were not flushed included.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// session.execute(text!("UPDATE documents SET title = 'Final'")).await?;
    /// session.get_one::<Document>(1).populate_existing().await?; // SELECT … FROM documents WHERE documents.id = ?
    /// assert_eq!(session[doc].title, "Final");
    /// # Ok(()) });
    /// ```
    pub fn populate_existing(mut self) -> Self {
        self.populate = Some(Populate::Existing);
        self
    }

    /// Locks the row until the transaction ends and reads it, so that nobody else changes it meanwhile: `FOR UPDATE`. Where a writer
    /// locks the whole database, as on SQLite, the session takes the writer's turn instead.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).for_update().await?; // BEGIN; SELECT … FOR UPDATE
    /// session[doc].title.push('!');
    /// session.commit().await?; // UPDATE documents SET title = ? WHERE id = ?; COMMIT
    /// # Ok(()) });
    /// ```
    pub fn for_update(mut self) -> Self {
        self.lock = true;
        self.populate.get_or_insert(Populate::KeepChanges);
        self
    }

    /// Finds an object that was deleted softly as well.
    ///
    /// ```no_run
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// if let Some(doc) = session.get::<Document>(1).with_deleted().await? {
    ///     println!("{}", session[doc].title);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn with_deleted(mut self) -> Self {
        self.with_deleted = true;
        self
    }

    /// The object in the identity map; `None` if the database is to be asked.
    fn here(&mut self) -> Result<Option<Option<Obj<E>>>> {
        self.session.check_usable()?;
        // What was left out, only the database has.
        if self.populate.is_some() || !self.undeferred.is_empty() {
            return Ok(None);
        }
        let arenas = &mut self.session.arenas;
        let index = arenas.index_of::<E>();
        let Some(slot) = arenas.at(index).find_key(&self.key) else { return Ok(None) };
        let arena = arenas.at(index);
        Ok(match arena.slot_state(slot) {
            SlotState::Deleted | SlotState::Gone => Some(None),
            _ if arena.is_aged(slot) => None,
            _ if !self.with_deleted && arena.is_hidden(slot) => Some(None),
            _ => Some(Some(arenas.handle(index, slot))),
        })
    }

    fn check_key(&self) -> Result<()> {
        let columns = E::TABLE.primary_key().count();
        if columns == self.key.len() {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::State,
            format!(
                "the primary key of `{}` has {columns} columns, {} were given",
                E::TABLE.name,
                self.key.len()
            ),
        )
        .help("pass a key of several columns as a tuple, in the order of the fields"))
    }
}

impl<E: Entity, R> Options for Get<'_, E, R> {
    fn options(mut self, option: impl SelectOption) -> Self {
        let Asked { relations, columns } = Asked::of(option);
        self.options.extend(relations.into_iter().map(|it| Arc::new(it) as Arc<dyn Any + Send + Sync>));
        self.undeferred.extend(columns.into_iter().map(|(_, column)| column));
        self
    }
}

impl<'s, E: Entity, R: Send + 's> IntoFuture for Get<'s, E, R> {
    type Output = Result<R>;
    type IntoFuture = Getting<'s, R>;

    fn into_future(self) -> Getting<'s, R> {
        Getting(self.begin().unwrap_or_else(|error| State::Here(Some(Err(error)))))
    }
}

impl<'s, E: Entity, R: Send + 's> Get<'s, E, R> {
    /// Does what takes no waiting. The rest is in a box, which has room for that alone: from a kilobyte on an allocation costs several times as
    /// much.
    fn begin(mut self) -> Result<State<'s, R>> {
        self.check_key()?;
        match self.here()? {
            Some(found) if self.options.is_empty() => Ok(State::Here(Some((self.finish)(found)))),
            Some(found) => Ok(State::Asking(Box::pin(async move {
                let handle = found.as_ref().and_then(EntityItem::<E>::handle);
                load_options(self.session, &self.options, handle.as_slice()).await?;
                (self.finish)(found)
            }))),
            None => self.ask().map(State::Asking),
        }
    }

    fn ask(self) -> Result<BoxFuture<'s, Result<R>>> {
        let Self { session, key, options, undeferred, populate, lock, with_deleted, at, finish } = self;
        session.note_single_read(SingleRead { at, table: E::TABLE, relation: None })?;
        let tracking = Tracking {
            populate: populate.unwrap_or_default(),
            access: Access::locks(lock),
            ..Tracking::default()
        };
        let is_alone = options.is_empty() && !E::TABLE.loads_relations();
        let plan = if is_alone && !with_deleted && undeferred.is_empty() && by_key::is_prepared(E::TABLE) {
            by_key::plan::<E>(session, key, lock)
        } else {
            let columns: Vec<usize> = E::TABLE.primary_key().collect();
            let row = select(Of::<E>::new()).filter(node_of_columns::<E>(&columns, key));
            let row = if with_deleted { row.with_deleted() } else { row };
            let row = undeferred.into_iter().fold(row, |row, column| row.undefer_column(E::TABLE, column));
            locked(session, row, lock).into_plan()
        };
        if is_alone {
            return Ok(Box::pin(async move {
                let mut found = None;
                // One row takes no list.
                let keep = |tracker: &mut Tracker<'_>, cells: &[ValueRef<'_>]| {
                    found = Some(EntityItem::<E>::track(tracker, cells)?);
                    Ok(())
                };
                session.track(&plan, tracking, keep).await?;
                finish(found)
            }));
        }
        let plan = SessionPlan { plan, options, tracking };
        let found = Scalars::<EntityItem<E>>::new(session, plan).all();
        Ok(Box::pin(async move { finish(found.await?.into_iter().next()) }))
    }
}

/// The future of a [`Get`]. What is here already costs no allocation.
#[must_use = "futures do nothing unless you `.await` them"]
pub struct Getting<'s, R>(State<'s, R>);

enum State<'s, R> {
    Here(Option<Result<R>>),
    Asking(BoxFuture<'s, Result<R>>),
}

/// Nothing in it is pinned.
impl<R> Unpin for Getting<'_, R> {}

impl<R> Future for Getting<'_, R> {
    type Output = Result<R>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<R>> {
        match &mut self.0 {
            State::Here(found) => {
                Poll::Ready(found.take().expect("a future is not polled after it is ready"))
            }
            State::Asking(asking) => asking.as_mut().poll(context),
        }
    }
}
