//! Reading the cells of one row into a projection.

use aludel_sql::{ColumnType, Error, ErrorKind, Result, ValueRef};

/// Gives the cells of a row in the order in which they were described.
#[derive(Debug)]
pub struct RowReader<'c> {
    projection: &'static str,
    cells: &'c [ValueRef<'c>],
    at: usize,
}

impl<'c> RowReader<'c> {
    pub(super) fn new(projection: &'static str, cells: &'c [ValueRef<'c>]) -> Self {
        Self { projection, cells, at: 0 }
    }

    /// Reads a field from one cell.
    ///
    /// # Errors
    ///
    /// Kind `Decode` where it does not fit.
    pub fn value<F: ColumnType>(&mut self, name: &'static str) -> Result<F> {
        let (projection, at) = (self.projection, self.at);
        F::decode(self.next()?)
            .map_err(|mismatch| Error::of_cell(at, &format!("`{projection}.{name}`: {}", mismatch.reason())))
    }

    /// Returns the next cell.
    pub(super) fn next(&mut self) -> Result<ValueRef<'c>> {
        let cell = self.cells.get(self.at).copied().ok_or_else(|| {
            let (found, name) = (self.cells.len(), self.projection);
            Error::new(ErrorKind::Decode, format!("the row has only {found} columns, `{name}` reads more"))
        })?;
        self.at += 1;
        Ok(cell)
    }

    /// Passes cells over.
    pub(super) fn skip(&mut self, cells: usize) {
        self.at += cells;
    }

    /// Reads the cells of a projection within this one.
    pub(super) fn within<P: super::Projection>(&mut self) -> Result<P> {
        let outer = std::mem::replace(&mut self.projection, P::NAME);
        let read = P::read(self);
        self.projection = outer;
        read
    }

    /// Makes the error of a relation that leads to nothing, for a field that cannot be without.
    #[cold]
    pub(super) fn missing(&self, name: &'static str) -> Error {
        let projection = self.projection;
        Error::new(ErrorKind::Decode, format!("`{projection}.{name}`: the relation leads to no row"))
            .help("make the field an `Option`")
    }
}
