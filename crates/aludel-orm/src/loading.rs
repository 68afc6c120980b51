//! Loader strategies: which relations are loaded with the objects of a query, and how.
//!
//! An option says it for one relation and, by `then`, for those behind it: [`selectinload`] and [`subqueryload`] by a statement of its own,
//! [`joinedload`] in the rows of the statement that loads the parents, [`contains_eager`] from a join that is there already. Options are data
//! ([`Load`](load::Load)). [`joined`] reads what is in rows; [`levels`] loads the rest, level by level, the statements of one level in
//! one batch, and those of the first level beside the statement itself where its conditions say for whom.

// What a program says.
mod contains_eager;
mod joinedload;
mod loader;
mod option;
mod raiseload;
mod selectinload;
mod subqueryload;
mod undefer;
// What it means, as data.
mod any_entity;
mod defaults;
mod load;
// Doing it.
mod eager;
mod fill;
mod join;
mod joined;
mod levels;

use std::sync::Arc;

use aludel_sql::{Many, One, RelationMeta, Result, Select, Shape};

use crate::obj::RawObj;
use crate::relation_types::RelationTypes;
use crate::session::{Populate, Session};
pub(crate) use levels::{Work, populate_behind, run};
pub(crate) use load::{Load, Strategy};

pub(crate) use any_entity::{AnyEntity, value_of};
pub use contains_eager::{ContainsEager, EagerPath, contains_eager};
pub(crate) use eager::{Eager, load_options, spread_over_rows};
pub(crate) use join::by_primary_key;
pub use joinedload::{JoinedLoad, joinedload};
pub use loader::{Asks, BySubquery, Contained, Follows, Joined, Loader, LoadsFrom, Raise, SelectIn};
pub use option::{Asked, SelectOption};
pub use raiseload::{RaiseLoad, raiseload};
pub(crate) use selectinload::{By, among};
pub use selectinload::{SelectInLoad, selectinload};
pub use subqueryload::{SubqueryLoad, subqueryload};
pub use undefer::{Undefer, undefer};

/// The kind of a relation: to one object, or to many.
pub trait Kind: Send + Sync + 'static {}

impl Kind for One {}
impl Kind for Many {}

/// A loader option of a SELECT: which relation to load, and how. Made by [`selectinload`], [`subqueryload`],
/// [`joinedload`], [`contains_eager`] and [`raiseload`].
#[derive(Clone, Debug)]
pub struct LoaderOption {
    load: Load,
}

impl LoaderOption {
    pub(crate) fn of(load: Load) -> Self {
        Self { load }
    }
}

/// Loader options of a SELECT. In the prelude.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// let stmt = select(User).options(selectinload(User::DOCUMENTS)).options(selectinload(User::PROFILE));
/// let users = session.scalars(stmt).all().await?; // two round trips: users, then their documents and profiles together
/// assert!(session.view(users[1]).profile()?.is_none());
/// # Ok(()) });
/// ```
pub trait Options {
    /// Says what is loaded with the selected objects.
    ///
    /// Several may be given at once, as a tuple or one after the other.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let stmt = select(User).options((selectinload(User::DOCUMENTS), joinedload(User::PROFILE)));
    /// // SELECT users.id, …, profiles.id, … FROM users LEFT JOIN profiles ON …; SELECT … FROM documents WHERE …
    /// for user in session.scalars(stmt).all().await? {
    ///     let view = session.view(user);
    ///     println!("{}: {} documents, {:?}", view.email, view.documents()?.count(), view.profile()?.map(|it| it.bio.clone()));
    /// }
    /// # Ok(()) });
    /// ```
    #[must_use]
    fn options(self, option: impl SelectOption) -> Self;
}

impl<S: Shape> Options for Select<S> {
    fn options(self, option: impl SelectOption) -> Self {
        let Asked { relations, columns } = Asked::of(option);
        let select = relations.into_iter().fold(self, |select, option| select.with_option(Arc::new(option)));
        columns.into_iter().fold(select, |select, (table, column)| select.undefer_column(table, column))
    }
}

/// Loads what options ask for, of these objects, which are all of their entity.
pub(crate) async fn load(
    session: &mut Session,
    options: impl IntoIterator<Item = LoaderOption>,
    objects: &[RawObj],
) -> Result<()> {
    let work = options.into_iter().map(|it| Work::new(it.load, objects.iter().copied())).collect();
    levels::run(session, work, Populate::default()).await
}

/// Loads a relation of these objects, of which it is known to be one, in the midst of a flush: nothing is flushed before.
pub(crate) async fn read_relation(
    session: &mut Session,
    relation: usize,
    objects: &[RawObj],
    meta: &RelationMeta,
    with_deleted: bool,
) -> Result<()> {
    let RelationTypes { from, to } = *RelationTypes::behind(meta);
    let load = Load { goes_on: false, with_deleted, ..Load::new(from, to, relation, Strategy::SelectIn) };
    let work = Work::new(load, objects.iter().copied());
    levels::run_unflushed(session, vec![work], Populate::default()).await
}
