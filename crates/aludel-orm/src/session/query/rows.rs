//! Rows of a statement, fetched into a session: as tuples, or as their first item.

use std::marker::PhantomData;

use aludel_engine::{none_found, several_found};
use aludel_sql::{EntityItem, FollowUp, Result, SelectItem, ValueRef};

use super::item::{SessionItem, Tracked, Tracker};
use super::plan::SessionPlan;
use super::shape::{SessionShape, wrong_width};
use crate::entity::Entity;
use crate::loading::{self, Eager};
use crate::obj::Obj;
use crate::page_reader::PageReader;
use crate::session::Session;
use crate::session::arena::Populate;

macro_rules! fetch {
    ($row:ty) => {
        /// Fetches all rows.
        ///
        /// # Errors
        ///
        /// An error of the database, or of kind `Decode`; what the pending changes that are flushed first run into.
        pub async fn all(self) -> Result<Vec<$row>> {
            self.fetch(None).await
        }

        /// Fetches the first row, if there is one.
        ///
        /// # Errors
        ///
        /// As [`all`](Self::all).
        pub async fn first(mut self) -> Result<Option<$row>> {
            self.plan.at_most(1);
            Ok(self.fetch(None).await?.into_iter().next())
        }

        /// Fetches the only row.
        ///
        /// # Errors
        ///
        /// Kind `NotFound` where there is none, `MultipleFound` where there are several; otherwise as [`all`](Self::all).
        pub async fn one(self) -> Result<$row> {
            self.one_or_none().await?.ok_or_else(none_found)
        }

        /// Fetches the only row, if there is one.
        ///
        /// # Errors
        ///
        /// Kind `MultipleFound` where there are several; otherwise as [`all`](Self::all).
        pub async fn one_or_none(mut self) -> Result<Option<$row>> {
            self.plan.at_most(2);
            let mut rows = self.fetch(None).await?.into_iter();
            match (rows.next(), rows.next()) {
                (row, None) => Ok(row),
                _ => Err(several_found()),
            }
        }

        /// Overwrites the objects that are here already with what the database says, whether they are aged or not; changes that were
        /// not flushed are lost.
        pub fn populate_existing(mut self) -> Self {
            self.plan.tracking.populate = Populate::Existing;
            self
        }
    };
}

/// The rows of a statement in a session, as tuples.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// let stmt = select((User, func::count(Document::ID))).join(User::DOCUMENTS).group_by(User::ID);
/// for (user, documents) in session.execute(stmt).all().await? {
///     println!("{} owns {documents}", session[user].email); // entities are handles, values are values
/// }
/// # Ok(()) });
/// ```
#[must_use = "fetch the rows with `all`, `first`, `one` or `one_or_none`"]
pub struct Rows<'s, S> {
    pub(super) session: &'s mut Session,
    pub(super) plan: SessionPlan,
    marker: PhantomData<fn() -> S>,
}

impl<'s, S: SessionShape> Rows<'s, S> {
    pub(super) fn new(session: &'s mut Session, plan: SessionPlan) -> Self {
        Self { session, plan, marker: PhantomData }
    }

    fetch!(S::TrackedRow);

    pub(crate) async fn fetch(self, page: Option<PageReader<'_>>) -> Result<Vec<S::TrackedRow>> {
        let reads = Reads {
            items: usize::MAX,
            width: S::width(),
            track: S::track,
            handles: S::handles,
            first: S::first_tracked,
            follow_up: S::First::follow_up_tracked(),
        };
        reads.fetch(self.session, self.plan, page).await
    }
}

/// The rows of a statement in a session, as their first column or entity.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// let sam = session.scalars(select(User).filter(User::NAME.eq("Sam"))).one().await?; // an error if there is none, or another
/// let kim = session.scalars(select(User).filter(User::NAME.eq("Kim"))).one_or_none().await?;
/// assert_eq!(session[sam].email, "sam@example.org");
/// assert!(kim.is_none());
/// # Ok(()) });
/// ```
#[must_use = "fetch the rows with `all`, `first`, `one` or `one_or_none`"]
pub struct Scalars<'s, I> {
    pub(super) session: &'s mut Session,
    pub(super) plan: SessionPlan,
    marker: PhantomData<fn() -> I>,
}

impl<'s, I: SessionItem> Scalars<'s, I> {
    pub(in crate::session) fn new(session: &'s mut Session, plan: SessionPlan) -> Self {
        Self { session, plan, marker: PhantomData }
    }

    fetch!(I::Tracked);

    pub(crate) async fn fetch(self, page: Option<PageReader<'_>>) -> Result<Vec<I::Tracked>> {
        let reads = Reads {
            items: 1,
            width: I::width(),
            track: I::track,
            handles: |it: &I::Tracked, to: &mut Vec<_>| to.push(I::handle(it)),
            first: |it| it,
            follow_up: I::follow_up_tracked(),
        };
        reads.fetch(self.session, self.plan, page).await
    }
}

impl<'s, E: Entity> Scalars<'s, EntityItem<E>> {
    /// Fetches all objects and lends them to be changed: each once, in the order of the query.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let stmt = select(Document).filter(Document::OWNER_ID.eq(1));
    /// for doc in session.scalars(stmt).all_mut().await? {
    ///     doc.title.push('!');
    /// }
    /// session.commit().await?; // one UPDATE of two titles
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// As [`all`](Self::all).
    pub async fn all_mut(self) -> Result<Vec<&'s mut E>> {
        let Self { session, plan, marker } = self;
        let objects = Scalars { session: &mut *session, plan, marker }.fetch(None).await?;
        let slots: Vec<u32> = objects.into_iter().map(|it: Obj<E>| it.raw.slot).collect();
        Ok(session.arenas.of::<E>().all_mut(&slots))
    }
}

/// Takes the first cells of a row.
#[inline]
pub(in crate::session) fn cells_of<'a, 'v>(
    width: usize,
    cells: &'a [ValueRef<'v>],
) -> Result<&'a [ValueRef<'v>]> {
    cells.get(..width).ok_or_else(|| wrong_width(cells.len(), width))
}

/// How rows `R`, whose first value is a `V`, are read into a session.
pub(in crate::session) struct Reads<R, V, T, H> {
    /// How many items of the statement become something, and their cells.
    pub(in crate::session) items: usize,
    pub(in crate::session) width: usize,
    /// Makes a row of these cells.
    pub(in crate::session) track: T,
    /// The objects in it, for loaders.
    pub(in crate::session) handles: H,
    pub(in crate::session) first: fn(&mut R) -> &mut V,
    pub(in crate::session) follow_up: Option<Box<dyn FollowUp<V>>>,
}

impl<R, V, T, H> Reads<R, V, T, H>
where
    R: Send,
    T: Fn(&mut Tracker<'_>, &[ValueRef<'_>]) -> Result<R> + Send + Sync,
    H: Fn(&R, &mut Vec<Option<Tracked>>) + Copy + Send + Sync,
{
    /// Runs a statement; what its rows need beside them goes in the same batch where its conditions say for whom, and otherwise after it.
    async fn fetch(
        self,
        session: &mut Session,
        mut plan: SessionPlan,
        mut page: Option<PageReader<'_>>,
    ) -> Result<Vec<R>> {
        let Self { items, width, track, handles, first, mut follow_up } = self;
        let page_width = page.as_mut().map_or(Ok(0), |it| it.prepare(&mut plan))?;
        let row_width =
            plan.plan.as_select().map_or(0, |node| node.items.iter().map(SelectItem::width).sum::<usize>());
        let mut eager = Eager::attach(&mut plan.plan, &plan.options, items)?;
        let populate = loading::populate_behind(plan.tracking.populate);
        let mut beside = match (plan.plan.as_select(), &mut follow_up) {
            (Some(node), Some(follow_up)) => follow_up.beside(node)?,
            _ => Vec::new(),
        };
        let of_values = beside.len();
        if let (Some(node), Some(eager)) = (plan.plan.as_select(), &mut eager) {
            beside.extend(eager.beside(session, node, populate)?);
        }
        let read = |statement: usize, tracker: &mut Tracker<'_>, cells: &[ValueRef<'_>]| {
            if let Some(nth) = statement.checked_sub(1) {
                tracker.populate = populate;
                return match (&mut follow_up, &mut eager) {
                    (Some(follow_up), _) if nth < of_values => follow_up.row(nth, cells),
                    (_, Some(eager)) => eager.row_beside(nth - of_values, tracker, cells),
                    _ => Ok(()),
                }
                .map(|()| None);
            }
            let mine = cells_of(width, cells)?;
            if let Some(follow_up) = &mut follow_up {
                follow_up.note(mine)?;
            }
            if let Some(page) = &mut page {
                page.note(&cells[row_width - page_width..row_width])?;
            }
            let row = track(tracker, mine)?;
            if let Some(eager) = eager.as_mut().filter(|it| it.reads_rows()) {
                eager.row(tracker, &row, handles, cells)?;
            }
            Ok(Some(row))
        };
        let mut rows = session.track_beside(&plan.plan, &beside, plan.tracking, read).await?;
        if let Some(page) = page {
            page.cut(&mut rows);
        }
        if let Some(follow_up) = follow_up {
            session.follow_up(follow_up, rows.iter_mut().map(first)).await?;
        }
        if let Some(eager) = eager {
            let work = eager.finish(session, &mut rows, handles);
            loading::run(session, work, plan.tracking.populate).await?;
        }
        Ok(rows)
    }
}
