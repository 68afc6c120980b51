//! Rows in one piece of owned memory: on their way to or from the blocking pool, or behind a pause.

use aludel_engine::driver::{ColumnInfo, Flow, RowSink};
use aludel_sql::{Result, ValueRef};

use super::encode::Target;
use super::statement::Parameter;
use crate::errors::Stop;

/// Rows of one width, without an allocation per row or cell.
#[derive(Debug, Default)]
pub(super) struct Rows {
    width: usize,
    rows: usize,
    cells: Vec<Cell>,
    text: String,
    bytes: Vec<u8>,
    /// The names of the columns, where the sink wants them and was not told yet.
    names: Option<Vec<String>>,
    wants_names: bool,
}

#[derive(Clone, Copy, Debug)]
enum Cell {
    Null,
    Int(i64),
    Real(f64),
    Text { start: usize, end: usize },
    Blob { start: usize, end: usize },
}

impl Rows {
    /// Makes room for results; `wants_names` is the final sink's answer.
    pub(super) fn of_results(wants_names: bool) -> Self {
        Self { wants_names, ..Self::default() }
    }

    /// Returns the number of rows.
    pub(super) fn len(&self) -> usize {
        self.rows
    }

    /// Returns the first cell, if it is an integer.
    pub(super) fn first_int(&self) -> Option<i64> {
        match self.cells.first() {
            Some(Cell::Int(value)) => Some(*value),
            _ => None,
        }
    }

    /// Returns the memory that the rows take, roughly.
    pub(super) fn size(&self) -> usize {
        self.cells.len() * size_of::<Cell>() + self.text.len() + self.bytes.len()
    }

    /// Tells that the values taken since the last row (as a [`Target`]) are one row.
    pub(super) fn end_row(&mut self) {
        self.rows += 1;
        if self.rows == 1 {
            self.width = self.cells.len();
        }
    }

    /// Sends the values of one row on.
    pub(super) fn replay<'v>(&'v self, row: usize, target: &mut impl Target<'v>) -> Result<(), Stop> {
        for cell in self.row_cells(row) {
            target.keep(match self.read(*cell) {
                ValueRef::Int(it) => Parameter::Int(it),
                ValueRef::Real(it) => Parameter::Real(it),
                ValueRef::Text(it) => Parameter::Text(it),
                ValueRef::Blob(it) => Parameter::Blob(it),
                _ => Parameter::Null,
            })?;
        }
        Ok(())
    }

    /// Shows the rows from `from` on. Returns the number of the row after a pause, or `None` when all were shown.
    pub(super) fn show(
        &mut self,
        from: usize,
        index: usize,
        sink: &mut dyn RowSink,
    ) -> Result<Option<usize>> {
        if let Some(names) = self.names.take() {
            let infos: Vec<_> = names.iter().map(|name| ColumnInfo { name }).collect();
            sink.columns(index, &infos)?;
        }
        let mut cells = Vec::with_capacity(self.width);
        for row in from..self.rows {
            cells.clear();
            cells.extend(self.row_cells(row).iter().map(|cell| self.read(*cell)));
            if sink.row(index, &cells)? == Flow::Pause {
                return Ok(Some(row + 1));
            }
        }
        Ok(None)
    }

    fn row_cells(&self, row: usize) -> &[Cell] {
        &self.cells[row * self.width..(row + 1) * self.width]
    }

    fn read(&self, cell: Cell) -> ValueRef<'_> {
        match cell {
            Cell::Null => ValueRef::Null,
            Cell::Int(it) => ValueRef::Int(it),
            Cell::Real(it) => ValueRef::Real(it),
            Cell::Text { start, end } => ValueRef::Text(&self.text[start..end]),
            Cell::Blob { start, end } => ValueRef::Blob(&self.bytes[start..end]),
        }
    }

    fn push(&mut self, value: Parameter<'_>) {
        let cell = match value {
            Parameter::Null => Cell::Null,
            Parameter::Int(it) => Cell::Int(it),
            Parameter::Real(it) => Cell::Real(it),
            Parameter::Text(it) => {
                let start = self.text.len();
                self.text.push_str(it);
                Cell::Text { start, end: self.text.len() }
            }
            Parameter::Blob(it) => {
                let start = self.bytes.len();
                self.bytes.extend_from_slice(it);
                Cell::Blob { start, end: self.bytes.len() }
            }
        };
        self.cells.push(cell);
    }
}

impl Target<'_> for Rows {
    fn keep(&mut self, value: Parameter<'_>) -> Result<(), Stop> {
        self.push(value);
        Ok(())
    }

    fn copy(&mut self, value: Parameter<'_>) -> Result<(), Stop> {
        self.push(value);
        Ok(())
    }
}

impl RowSink for Rows {
    fn columns(&mut self, _: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        self.names = Some(columns.iter().map(|column| column.name.to_owned()).collect());
        Ok(())
    }

    fn row(&mut self, _: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        for cell in cells {
            self.push(match *cell {
                ValueRef::Int(it) => Parameter::Int(it),
                ValueRef::Real(it) => Parameter::Real(it),
                ValueRef::Text(it) => Parameter::Text(it),
                ValueRef::Blob(it) => Parameter::Blob(it),
                // SQLite's cells are of the four kinds above.
                _ => Parameter::Null,
            });
        }
        self.end_row();
        Ok(Flow::More)
    }

    fn wants_columns(&self) -> bool {
        self.wants_names
    }
}
