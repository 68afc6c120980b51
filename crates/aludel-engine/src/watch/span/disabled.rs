//! No span.

use aludel_sql::Result;

use crate::driver::{Batch, Ran};
use crate::engine::Engine;

#[derive(Debug)]
pub(crate) struct Span;

impl Span {
    pub(crate) fn is_wanted() -> bool {
        false
    }

    pub(crate) fn of(_: &Engine, _: &Batch<'_>, _: Option<&str>) -> Self {
        Self
    }

    pub(crate) fn around<F: Future>(&self, run: F) -> F {
        run
    }

    pub(crate) fn over(&self, _: &Result<Ran>, _: u64) {}
}
