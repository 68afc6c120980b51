//! Reading an object anew: the whole of it or some attributes, with a lock if need be.

use std::future::IntoFuture;

use aludel_engine::RowsQuery;
use aludel_engine::driver::BoxFuture;
use aludel_sql::{
    ColumnSet, EntityItem, Error, ErrorKind, Expr, Mapped, Of, Result, Select, SelectItem, SelectNode,
    Source, ValueItem, ValueRef, select,
};

use super::Session;
use super::arena::{AnyArena, Populate, SlotState};
use super::attributes::{Attributes, Chosen};
use super::query::{Access, SessionItem, Tracker, Tracking, locked, node_of_columns};
use crate::collection::ToManyState;
use crate::entity::Entity;
use crate::loading;
use crate::obj::Obj;
use crate::relationship::{RelationMut, ToOneState};

/// An object that is about to be read anew; await it. Made by [`Session::refresh`].
#[must_use = "futures do nothing unless you `.await` them"]
pub struct Refresh<'s, E> {
    session: &'s mut Session,
    object: Obj<E>,
    chosen: Chosen,
    lock: bool,
}

impl Session {
    /// Reads an object anew from the database; changes that were not flushed are lost, and relations are not loaded any more.
    ///
    /// What its relations with `cascade = "refresh-expire"` (or `"all"`) lead to, as far as they are loaded, is aged, as by
    /// [`expire`](Self::expire).
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// session[doc].title = "A mistake".into();
    /// session.refresh(doc).await?; // SELECT … FROM documents WHERE documents.id = ?
    /// assert_eq!(session[doc].title, "Draft");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Awaited: kind `NotFound` where its row is gone, `State` where it is new and has none yet; an error of the database.
    ///
    /// # Panics
    ///
    /// Panics if the handle is of another session or of an object that was forgotten.
    #[track_caller]
    pub fn refresh<E: Entity>(&mut self, object: Obj<E>) -> Refresh<'_, E> {
        self.slot_of(object);
        Refresh { session: self, object, chosen: Chosen::default(), lock: false }
    }
}

impl<E: Entity> Refresh<'_, E> {
    /// Only these attributes: columns, and relations, which are loaded. All else stays as it is, changes included.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let user = session.get_one::<User>(1).await?;
    /// session.execute(text!("UPDATE users SET name = 'Samira' WHERE id = 1")).await?;
    /// // SELECT users.name FROM users WHERE users.id = ?; SELECT … FROM documents WHERE documents.owner_id = ?
    /// session.refresh(user).only((User::NAME, User::DOCUMENTS)).await?;
    /// assert_eq!(session[user].name.as_deref(), Some("Samira"));
    /// assert_eq!(session.view(user).documents()?.count(), 2);
    /// # Ok(()) });
    /// ```
    pub fn only(mut self, attributes: impl Attributes<E>) -> Self {
        attributes.choose(&mut self.chosen);
        self
    }

    /// Locks the row until the transaction ends, so that nobody else changes it: `FOR UPDATE`. Where a writer locks the whole database,
    /// as on SQLite, the session takes the writer's turn instead.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let user = session.get_one::<User>(1).await?;
    /// session.refresh(user).for_update().await?; // BEGIN; SELECT … FROM users WHERE users.id = ? FOR UPDATE
    /// let name = session[user].name.clone().unwrap_or_default();
    /// session[user].name = Some(name + " the First"); // nobody has changed it meanwhile
    /// session.commit().await?;
    /// # Ok(()) });
    /// ```
    pub fn for_update(mut self) -> Self {
        self.lock = true;
        self
    }

    async fn run(self) -> Result<()> {
        if self.session.slot_state(self.object) == SlotState::Pending {
            return Err(Error::new(
                ErrorKind::State,
                format!("a new {} cannot be read anew: it has no row yet", E::TABLE.entity),
            )
            .with_table(E::TABLE.name)
            .help("flush it first: `session.flush().await?`"));
        }
        let found = if self.chosen.is_empty() {
            self.session.expire(self.object);
            self.whole().await?
        } else {
            self.chosen().await?
        };
        if found {
            return Ok(());
        }
        Err(Error::new(ErrorKind::NotFound, format!("the row of this {} is gone", E::TABLE.entity))
            .with_table(E::TABLE.name))
    }

    /// Reads all columns; tells whether there is a row.
    async fn whole(self) -> Result<bool> {
        let Self { session, object, lock, .. } = self;
        session.arenas.of::<E>().drop_changes(object.raw.slot);
        // What is flushed may give the row another key.
        session.before_load().await?;
        let row = select(Of::<E>::new()).filter(row_of(session, object)).with_deleted();
        let tracking =
            Tracking { populate: Populate::Existing, access: Access::locks(lock), ..Tracking::default() };
        let rows =
            session.track(&locked(session, row, lock).into_plan(), tracking, EntityItem::<E>::track).await?;
        Ok(!rows.is_empty())
    }

    /// Reads the chosen columns and loads the chosen relations; tells whether there is a row.
    async fn chosen(self) -> Result<bool> {
        let Self { session, object, chosen: Chosen { mut columns, relations }, lock } = self;
        let slot = object.raw.slot;
        if columns.is_empty() && lock {
            // Something must be selected for the row to be locked.
            columns = E::TABLE.primary_key().collect();
        }
        session.arenas.of::<E>().drop_changes_of(slot, columns);
        session.before_load().await?;
        let place = session.place_of::<E>();
        for (relation, _) in &relations {
            match session.relation_mut(place, object.raw, *relation) {
                RelationMut::One(state) => *state = ToOneState::default(),
                RelationMut::Many(state) => *state = ToManyState::default(),
            }
        }
        if !columns.is_empty() {
            let row = select_columns::<E>(columns).filter(row_of(session, object)).with_deleted();
            let tracking = Tracking { access: Access::locks(lock), ..Tracking::default() };
            let read = |tracker: &mut Tracker<'_>, cells: &[ValueRef<'_>]| {
                tracker.arenas.of::<E>().refresh_columns(slot, columns, cells)
            };
            if session.track(&locked(session, row, lock).into_plan(), tracking, read).await?.is_empty() {
                return Ok(false);
            }
        }
        loading::load(session, relations.into_iter().map(|(_, loader)| loader), &[object.raw]).await?;
        Ok(true)
    }
}

impl<'s, E: Entity> IntoFuture for Refresh<'s, E> {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'s, Result<()>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// The condition that leads to the row of an object, by the key that the database knows.
fn row_of<E: Entity>(session: &Session, object: Obj<E>) -> Expr<bool> {
    let known = |column| {
        let before = session.arenas.get::<E>().and_then(|it| it.written_over(object.raw.slot, column));
        before.unwrap_or_else(|| Mapped::field(&session[object], column)).encode().into_value()
    };
    let columns: Vec<usize> = E::TABLE.primary_key().collect();
    let key = columns.iter().map(|column| known(*column)).collect();
    node_of_columns::<E>(&columns, key)
}

/// Selects some columns of a table; the cells are read as they are.
fn select_columns<E: Entity>(columns: ColumnSet) -> Select<(ValueItem<bool>,)> {
    let source = Source::of(E::TABLE);
    let item = |column: usize| SelectItem::column(source.clone(), column, E::TABLE.columns[column].nullable);
    Select::from_node(SelectNode { items: columns.iter().map(item).collect(), ..SelectNode::default() })
}
