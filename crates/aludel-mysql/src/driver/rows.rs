//! The rows of one result, shown to the sink.

use aludel_engine::driver::{ColumnInfo, Flow, RowSink};
use aludel_sql::{Result, ValueRef};
use mysql_async::{Column, Row};

use super::decode::{self, Kind, Misfit};

/// Decodes the rows of one result after the other; its buffers are used again.
#[derive(Default)]
pub(super) struct Rows {
    kinds: Vec<Kind>,
    cells: Vec<ValueRef<'static>>,
    /// The columns that may hold a time outside a day.
    times: Vec<(usize, u8)>,
    long_times: Vec<(usize, String)>,
}

impl Rows {
    /// Looks at the columns of a new result, and tells them to the sink if it wants to know.
    ///
    /// # Errors
    ///
    /// Kind `Protocol` for a type that servers do not send; whatever the sink answers.
    pub fn begin(&mut self, index: usize, columns: &[Column], sink: &mut dyn RowSink) -> Result<()> {
        self.kinds.clear();
        self.times.clear();
        for (at, column) in columns.iter().enumerate() {
            let kind = Kind::of(column)?;
            if let Kind::Time { digits } = kind {
                self.times.push((at, digits));
            }
            self.kinds.push(kind);
        }
        if sink.wants_columns() {
            let names: Vec<_> = columns.iter().map(Column::name_str).collect();
            let infos: Vec<_> = names.iter().map(|name| ColumnInfo { name }).collect();
            sink.columns(index, &infos)?;
        }
        Ok(())
    }

    /// Shows a row.
    ///
    /// # Errors
    ///
    /// Kind `Decode` for a value that has no cell; whatever the sink answers.
    pub fn show(&mut self, index: usize, row: &Row, sink: &mut dyn RowSink) -> Result<Flow> {
        self.long_times.clear();
        for (at, digits) in &self.times {
            if let Some(text) = row.as_ref(*at).and_then(|value| decode::long_time(value, *digits)) {
                self.long_times.push((*at, text));
            }
        }
        let mut cells = renew(std::mem::take(&mut self.cells));
        for (at, kind) in self.kinds.iter().enumerate() {
            match row.as_ref(at).map_or(Err(Misfit::Malformed), |value| kind.cell(value)) {
                Ok(cell) => cells.push(cell),
                Err(misfit) => match self.long_times.iter().find(|(column, _)| *column == at) {
                    Some((_, text)) => cells.push(ValueRef::Text(text)),
                    None => return Err(misfit.error(&row.columns_ref()[at])),
                },
            }
        }
        let flow = sink.row(index, &cells);
        self.cells = renew(cells);
        let name = |at| row.columns_ref().get(at).map(|column: &Column| column.name_str().into_owned());
        flow.map_err(|error| error.name_cell(name))
    }
}

/// Looks at the columns of a result whose rows are shown to nobody.
///
/// # Errors
///
/// Kind `Protocol` for a type that servers do not send.
pub(super) fn check(columns: &[Column]) -> Result<()> {
    columns.iter().try_for_each(|column| Kind::of(column).map(drop))
}

/// Empties a vector for cells of another lifetime. The allocation is kept: `collect` works in place here.
fn renew<'b>(mut cells: Vec<ValueRef<'_>>) -> Vec<ValueRef<'b>> {
    cells.clear();
    cells.into_iter().map(|_| ValueRef::Null).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_buffer_of_cells_is_allocated_once() {
        let mut cells = Vec::with_capacity(10);
        let text = String::from("a");
        cells.push(ValueRef::Text(&text));
        let before = cells.as_ptr() as usize;
        let cells = renew(cells);
        assert_eq!((cells.as_ptr() as usize, cells.capacity(), cells.len()), (before, 10, 0));
    }
}
