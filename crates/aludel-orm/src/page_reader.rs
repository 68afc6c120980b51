//! What a page does with a statement and its rows.

use aludel_sql::{Result, ValueRef};

use crate::session::SessionPlan;

/// What a page does with a statement and its rows.
#[cfg_attr(not(feature = "keyset"), allow(dead_code))]
pub(crate) struct PageReader<'r> {
    /// Changes the statement. Returns the number of cells behind those of its rows.
    pub(crate) prepare: Option<Box<dyn FnOnce(&mut SessionPlan) -> Result<usize> + Send + 'r>>,
    /// Takes these cells of each row.
    pub(crate) note: Box<dyn FnMut(&[ValueRef<'_>]) -> Result<()> + Send + 'r>,
    /// Hears how many rows came. Returns how many of them are of the page.
    pub(crate) found: Box<dyn FnOnce(usize) -> usize + Send + 'r>,
}

impl PageReader<'_> {
    pub(crate) fn prepare(&mut self, plan: &mut SessionPlan) -> Result<usize> {
        self.prepare.take().map_or(Ok(0), |prepare| prepare(plan))
    }

    pub(crate) fn note(&mut self, cells: &[ValueRef<'_>]) -> Result<()> {
        (self.note)(cells)
    }

    /// Leaves out the rows that are not of the page.
    pub(crate) fn cut<R>(self, rows: &mut Vec<R>) {
        let keep = (self.found)(rows.len());
        rows.truncate(keep);
    }
}
