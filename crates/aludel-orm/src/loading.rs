//! Loader strategies: which relations are loaded with the objects of a query, and how.
//!
//! An option says it for one relation and, by `then`, for those behind it: [`selectinload`] in a statement of its own. Options are data
//! ([`Load`](load::Load)); [`levels`] runs them, level by level, the statements of one level in one batch.

mod any_entity;
mod eager;
mod fill;
mod levels;
mod load;
mod loader;
mod selectinload;

use std::any::{Any, TypeId};
use std::sync::Arc;

use aludel_sql::{Many, One, RelationMeta, Result, Select, Shape};

use crate::obj::RawObj;
use crate::relation_types::RelationTypes;
use crate::session::Session;
use levels::Work;
use load::Load;

pub(crate) use any_entity::{AnyEntity, value_of};
pub use loader::{Loader, LoadsFrom, SelectIn};
pub use selectinload::{SelectInLoad, selectinload};

/// The kind of a relation: to one object, or to many.
pub trait Kind: Send + Sync + 'static {}

impl Kind for One {}
impl Kind for Many {}

/// A loader option of a SELECT: which relation to load, and how. Made by [`selectinload`].
#[derive(Clone, Debug)]
pub struct LoaderOption {
    load: Load,
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
    #[must_use]
    fn options(self, option: impl Into<LoaderOption>) -> Self;
}

impl<S: Shape> Options for Select<S> {
    fn options(self, option: impl Into<LoaderOption>) -> Self {
        let option: Arc<dyn Any + Send + Sync> = Arc::new(option.into());
        self.with_option(option)
    }
}

/// Loads what the options of a statement ask for; `handles` are the objects of its rows, with their entities.
pub(crate) async fn load_options(
    session: &mut Session,
    options: &[Arc<dyn Any + Send + Sync>],
    handles: Vec<(TypeId, RawObj)>,
) -> Result<()> {
    let mut work = eager::work(session, options, &handles);
    for option in options {
        let Some(LoaderOption { load }) = option.downcast_ref() else { continue };
        let of_entity = handles.iter().filter(|(entity, _)| *entity == (load.from.id)());
        work.push(Work::new(load.clone(), of_entity.map(|(_, object)| *object)));
    }
    levels::run(session, work).await
}

/// Loads what options ask for, of these objects, which are all of their entity.
pub(crate) async fn load(
    session: &mut Session,
    options: impl IntoIterator<Item = LoaderOption>,
    objects: &[RawObj],
) -> Result<()> {
    let work = options.into_iter().map(|it| Work::new(it.load, objects.iter().copied())).collect();
    levels::run(session, work).await
}

/// Loads a relation of these objects, of which it is known to be one, in the midst of a flush: nothing is flushed before.
pub(crate) async fn read_relation(
    session: &mut Session,
    relation: usize,
    objects: &[RawObj],
    meta: &RelationMeta,
) -> Result<()> {
    let RelationTypes { from, to } = *RelationTypes::behind(meta);
    let load = Load { goes_on: false, ..Load::new(from, to, relation) };
    let work = Work::new(load, objects.iter().copied());
    levels::run_unflushed(session, vec![work]).await
}
