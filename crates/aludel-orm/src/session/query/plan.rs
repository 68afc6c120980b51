//! A statement on its way into a session, with the loader options that came with it.

use std::any::Any;
use std::sync::Arc;

use aludel_engine::{BoundSelect, Plan, RowsQuery};
use aludel_sql::{CompoundSelect, Returning, Select, Shape, StatementRef, TableMeta, ToSql, TypedText};

use super::access_of;
use crate::loading::spread_over_rows;
use crate::session::arena::Populate;

/// A statement for a session, with its loader options.
#[doc(hidden)]
pub struct SessionPlan {
    pub(crate) plan: Plan,
    pub(crate) options: Vec<Arc<dyn Any + Send + Sync>>,
    pub(in crate::session) tracking: Tracking,
}

impl SessionPlan {
    /// Changes the statement so that at most this many rows come, if each row is another object.
    pub(in crate::session) fn at_most(&mut self, rows: u32) {
        if !spread_over_rows(&self.options) {
            self.plan.at_most(rows);
        }
    }
}

/// How the rows of a statement are read into a session.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tracking {
    /// Which objects that are here already they overwrite.
    pub(crate) populate: Populate,
    /// What the statement does to them.
    pub(crate) access: Access,
    /// The table whose rows it changes.
    pub(crate) changes: Option<Changes>,
}

/// What a statement with RETURNING changes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Changes {
    /// The table.
    pub(crate) table: &'static TableMeta,
    /// The rows are gone.
    pub(crate) deletes: bool,
}

impl Changes {
    fn of(statement: StatementRef<'_>) -> Option<Self> {
        match statement {
            StatementRef::Insert(it) => Some(Self { table: it.table, deletes: false }),
            StatementRef::Inserts(it) => Some(Self { table: it.first()?.table, deletes: false }),
            StatementRef::Update(it) => Some(Self { table: it.table, deletes: false }),
            StatementRef::Delete(it) => Some(Self { table: it.table, deletes: true }),
            _ => None,
        }
    }
}

/// What a statement does to the rows that it meets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Access {
    /// It reads them.
    #[default]
    Reads,
    /// It reads and locks them: it belongs into the session's transaction.
    Locks,
    /// It changes them: it belongs into the session's transaction, which is to be committed.
    Writes,
}

impl Access {
    /// What a query does: something in WITH may change rows.
    fn of_query(statement: StatementRef<'_>, locks: bool) -> Self {
        if statement.changes_in_with() { Self::Writes } else { Self::locks(locks) }
    }

    /// Locks rows, or only reads them.
    pub(crate) fn locks(lock: bool) -> Self {
        if lock { Self::Locks } else { Self::Reads }
    }
}

/// A statement whose rows a session reads.
#[doc(hidden)]
pub trait IntoSessionPlan {
    /// Hands the statement over.
    fn into_session_plan(self) -> SessionPlan;
}

impl<S: Shape> IntoSessionPlan for Select<S> {
    fn into_session_plan(self) -> SessionPlan {
        let options = self.option_list().to_vec();
        let access = Access::of_query(self.statement(), self.node().lock.is_some());
        let tracking = Tracking { access, ..Tracking::default() };
        SessionPlan { plan: self.into_plan(), options, tracking }
    }
}

impl<S: Shape> IntoSessionPlan for BoundSelect<S> {
    fn into_session_plan(self) -> SessionPlan {
        let (plan, options) = self.into_parts();
        let access = if plan.writes() {
            Access::Writes
        } else {
            Access::locks(plan.tree().is_some_and(|node| node.lock.is_some()))
        };
        SessionPlan { plan, options, tracking: Tracking { access, ..Tracking::default() } }
    }
}

impl<S: Shape> IntoSessionPlan for CompoundSelect<S> {
    fn into_session_plan(self) -> SessionPlan {
        let tracking = Tracking { access: Access::of_query(self.statement(), false), ..Tracking::default() };
        SessionPlan { plan: self.into_plan(), options: Vec::new(), tracking }
    }
}

impl<S: Shape> IntoSessionPlan for TypedText<S> {
    fn into_session_plan(self) -> SessionPlan {
        let tracking = Tracking { access: access_of(self.text()), ..Tracking::default() };
        SessionPlan { plan: self.into_plan(), options: Vec::new(), tracking }
    }
}

impl<Q: ToSql + Send + Sync + std::fmt::Debug + 'static, S: Shape> IntoSessionPlan for Returning<Q, S>
where
    Self: ToSql,
{
    fn into_session_plan(self) -> SessionPlan {
        let changes = Changes::of(self.statement());
        // What comes back is newer than anything that is here.
        let tracking = Tracking { populate: Populate::KeepChanges, access: Access::Writes, changes };
        SessionPlan { plan: self.into_plan(), options: Vec::new(), tracking }
    }
}
