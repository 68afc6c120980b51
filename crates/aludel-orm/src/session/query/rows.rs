//! Rows of a statement, fetched into a session: as tuples, or as their first item.

use std::marker::PhantomData;

use aludel_engine::{none_found, several_found};
use aludel_sql::{EntityItem, Result, SelectItem, ValueRef};

use super::item::{SessionItem, Tracker};
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

    pub(crate) async fn fetch(self, mut page: Option<PageReader<'_>>) -> Result<Vec<S::TrackedRow>> {
        let Self { session, mut plan, .. } = self;
        let beside = page.as_mut().map_or(Ok(0), |it| it.prepare(&mut plan))?;
        let mut eager = Eager::attach(&mut plan.plan, &plan.options, usize::MAX)?;
        let mut follow_up = S::First::follow_up_tracked();
        let width = S::width();
        let read = |tracker: &mut Tracker<'_>, cells: &[ValueRef<'_>]| {
            if let Some(follow_up) = &mut follow_up {
                follow_up.note(cells)?;
            }
            if let Some(page) = &mut page {
                page.note(&cells[width..width + beside])?;
            }
            let Some(eager) = eager.as_mut().filter(|it| it.reads_rows()) else {
                return S::track(tracker, if beside == 0 { cells } else { &cells[..width] });
            };
            let row = S::track(tracker, &cells[..width])?;
            eager.row(tracker, &S::handles(&row), cells)?;
            Ok(row)
        };
        let mut rows = session.track(&plan.plan, plan.tracking, read).await?;
        if let Some(page) = page {
            page.cut(&mut rows);
        }
        if let Some(follow_up) = follow_up {
            session.follow_up(follow_up, rows.iter_mut().map(S::first_tracked)).await?;
        }
        if let Some(eager) = eager {
            eager.keep_unique(&mut rows, S::handles);
            let work = eager.fill(session, rows.iter().map(S::handles));
            loading::run(session, work, plan.tracking.populate).await?;
        }
        Ok(rows)
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

    pub(crate) async fn fetch(self, mut page: Option<PageReader<'_>>) -> Result<Vec<I::Tracked>> {
        let Self { session, mut plan, .. } = self;
        let beside = page.as_mut().map_or(Ok(0), |it| it.prepare(&mut plan))?;
        let row_width =
            plan.plan.as_select().map_or(0, |node| node.items.iter().map(SelectItem::width).sum());
        let mut eager = Eager::attach(&mut plan.plan, &plan.options, 1)?;
        let width = I::width();
        let mut follow_up = I::follow_up_tracked();
        let read = |tracker: &mut Tracker<'_>, cells: &[ValueRef<'_>]| match cells.get(..width) {
            Some(mine) => {
                if let Some(follow_up) = &mut follow_up {
                    follow_up.note(mine)?;
                }
                if let Some(page) = &mut page {
                    page.note(&cells[row_width - beside..row_width])?;
                }
                let object = I::track(tracker, mine)?;
                if let Some(eager) = eager.as_mut().filter(|it| it.reads_rows()) {
                    eager.row(tracker, &[I::handle(&object)], cells)?;
                }
                Ok(object)
            }
            None => Err(wrong_width(cells.len(), width)),
        };
        let mut rows = session.track(&plan.plan, plan.tracking, read).await?;
        if let Some(page) = page {
            page.cut(&mut rows);
        }
        if let Some(follow_up) = follow_up {
            session.follow_up(follow_up, rows.iter_mut()).await?;
        }
        if let Some(eager) = eager {
            eager.keep_unique(&mut rows, |it| vec![I::handle(it)]);
            let work = eager.fill(session, rows.iter().map(|it| vec![I::handle(it)]));
            loading::run(session, work, plan.tracking.populate).await?;
        }
        Ok(rows)
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
