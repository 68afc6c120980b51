//! A statement on its way into a session, with the loader options that came with it.

use std::any::Any;
use std::sync::Arc;

use aludel_engine::{Plan, RowsQuery};
use aludel_sql::{Returning, Select, Shape, ToSql};

/// A statement for a session, with its loader options.
#[doc(hidden)]
pub struct SessionPlan {
    pub(super) plan: Plan,
    pub(super) options: Vec<Arc<dyn Any + Send + Sync>>,
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
        SessionPlan { plan: self.into_plan(), options }
    }
}

impl<Q: ToSql + Send + Sync + std::fmt::Debug + 'static, S: Shape> IntoSessionPlan for Returning<Q, S> {
    fn into_session_plan(self) -> SessionPlan {
        SessionPlan { plan: self.into_plan(), options: Vec::new() }
    }
}
