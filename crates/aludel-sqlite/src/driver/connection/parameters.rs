//! The values of a statement, in the forms that SQLite takes.

use std::ops::{ControlFlow, Range};

use super::*;

pub(super) type Cell<'v> = &'v dyn RowSource;

/// The values of a statement, in the forms that SQLite takes.
pub(super) enum Parameters<'v> {
    One(&'v [ValueRef<'v>]),
    Each { rows: usize, columns: usize, cell: Cell<'v> },
    Values { rows: usize, columns: usize, cell: Cell<'v> },
    Json { rows: usize, text: String },
}

impl<'v> Parameters<'v> {
    /// Puts parameters into one of the forms.
    pub(super) fn of(params: Params<'v>) -> Result<Self> {
        Ok(match params {
            Params::One(values) => Self::One(values),
            Params::Rows { binding: RowBinding::Each, rows, columns, cell } => {
                Self::Each { rows, columns, cell }
            }
            Params::Rows { binding: RowBinding::Values, rows, columns, cell } => {
                Self::Values { rows, columns, cell }
            }
            Params::Rows { binding: RowBinding::Json, rows, columns, cell } => {
                Self::Json { rows, text: json_rows(rows, columns, cell)? }
            }
            Params::Rows { binding: RowBinding::Arrays { .. }, .. } => {
                return Err(Error::new(ErrorKind::Unsupported, "SQLite has no array parameters")
                    .help("bind the rows with `Each`, `Values` or `Json`"));
            }
        })
    }

    /// As [`of`](Self::of), if it is one row.
    pub(super) fn of_one_row(params: Params<'v>) -> Option<Self> {
        match params {
            Params::One(values) => Some(Self::One(values)),
            Params::Rows { binding: RowBinding::Each, rows: 1, columns, cell } => {
                Some(Self::Each { rows: 1, columns, cell })
            }
            Params::Rows { .. } => None,
        }
    }

    /// Returns how often the statement runs.
    pub(super) fn executions(&self) -> usize {
        match self {
            Self::Each { rows, .. } => *rows,
            Self::One(_) | Self::Values { .. } | Self::Json { .. } => 1,
        }
    }

    /// Returns the number of rows sent.
    pub(super) fn rows(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Each { rows, .. } | Self::Values { rows, .. } | Self::Json { rows, .. } => *rows,
        }
    }

    /// Sends the values of one execution.
    #[inline]
    pub(super) fn fill(&self, execution: usize, target: &mut impl Target<'v>) -> Result<(), Stop> {
        match self {
            Self::Json { text, .. } => target.copy(Parameter::Text(text))?,
            Self::One(values) => {
                for (at, value) in values.iter().enumerate() {
                    encode::encode(*value, at, target)?;
                }
            }
            Self::Each { columns, cell, .. } => fill_rows(*cell, execution..execution + 1, *columns, target)?,
            Self::Values { rows, columns, cell } => fill_rows(*cell, 0..*rows, *columns, target)?,
        }
        Ok(())
    }
}

/// Sends the values of rows, one after the other.
#[inline]
fn fill_rows<'v>(
    cell: Cell<'v>,
    rows: Range<usize>,
    columns: usize,
    target: &mut impl Target<'v>,
) -> Result<(), Stop> {
    let (mut at, mut stop) = (0, None);
    let _ = cell.rows(rows, columns, &mut |value| match encode::encode_bind(value, at, target) {
        Ok(()) => {
            at += 1;
            ControlFlow::Continue(())
        }
        Err(it) => {
            stop = Some(it);
            ControlFlow::Break(())
        }
    });
    stop.map_or(Ok(()), Err)
}

pub(super) fn json_rows(rows: usize, columns: usize, cell: Cell<'_>) -> Result<String> {
    let mut json = String::from("[");
    for row in 0..rows {
        json.push_str(if row == 0 { "[" } else { ",[" });
        for column in 0..columns {
            if column > 0 {
                json.push(',');
            }
            encode::write_element(&mut json, cell.bind(row, column).as_ref(), column, encode::Bytes::Hex)?;
        }
        json.push(']');
    }
    json.push(']');
    Ok(json)
}
