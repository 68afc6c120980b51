//! Decimals: integers in SQLite, each scaled by the digits that its column has behind the point, and decimals outside of this file.

use aludel_engine::driver::{Batch, ColumnInfo, Done, Flow, Params, RowSink, RowSource, Statement};
use aludel_sql::decimal::{MAX_SCALED_DIGITS, check, unscaled};
use aludel_sql::{Bind, Error, ErrorKind, Result, SqlType, Value, ValueRef};

/// Tells whether a batch has to do with decimals.
pub(super) fn concern(batch: &Batch<'_>) -> bool {
    batch
        .statements
        .iter()
        .any(|it| !it.decimals.is_empty() || it.types.iter().any(|sql_type| sql_type.is_decimal()))
}

/// The values of a statement as SQLite takes them.
pub(super) enum Input<'a> {
    One(Vec<Value>),
    Rows(ScaledRows<'a>),
}

impl<'a> Input<'a> {
    /// Converts the values of a statement.
    pub fn of(statement: &Statement<'a>) -> Result<Self> {
        Ok(match statement.params {
            Params::One(values) => {
                let values = values.iter().enumerate();
                Self::One(
                    values.map(|(at, value)| scaled(*value, statement.types, at)).collect::<Result<_>>()?,
                )
            }
            Params::Rows { rows, cell, .. } => {
                let types = statement.types;
                for (column, _) in types.iter().enumerate().filter(|(_, it)| it.is_decimal()) {
                    for row in 0..rows {
                        scaled(cell.bind(row, column).as_ref(), types, column)?;
                    }
                }
                Self::Rows(ScaledRows { cell, types })
            }
        })
    }

    /// Borrows the values of a statement that runs once.
    pub fn values(&self) -> Vec<ValueRef<'_>> {
        match self {
            Self::One(values) => values.iter().map(Value::as_ref).collect(),
            Self::Rows(_) => vec![],
        }
    }

    /// Makes the statement with these values.
    pub fn statement<'b>(&'b self, statement: &Statement<'b>, values: &'b [ValueRef<'b>]) -> Statement<'b> {
        let params = match (statement.params, self) {
            (Params::Rows { binding, rows, columns, .. }, Self::Rows(cell)) => {
                Params::Rows { binding, rows, columns, cell }
            }
            _ => Params::One(values),
        };
        Statement { params, types: &[], decimals: &[], ..*statement }
    }
}

/// Rows whose decimals have been found to fit, as integers.
pub(super) struct ScaledRows<'a> {
    cell: &'a dyn RowSource,
    types: &'a [SqlType],
}

impl RowSource for ScaledRows<'_> {
    fn bind(&self, row: usize, column: usize) -> Bind<'_> {
        let bind = self.cell.bind(row, column);
        if !self.types[column].is_decimal() {
            return bind;
        }
        Bind::Own(scaled(bind.as_ref(), self.types, column).unwrap_or(Value::Null))
    }
}

/// Makes the integer of a decimal; other values stay what they are.
fn scaled(value: ValueRef<'_>, types: &[SqlType], at: usize) -> Result<Value> {
    let sql_type = types.get(at).copied();
    let at_place = |error: Error| {
        let located = Error::new(error.kind(), format!("parameter {}: {}", at + 1, error.what()));
        match error.advice() {
            Some(help) => located.help(help.to_owned()),
            None => located,
        }
    };
    match value {
        ValueRef::Decimal(text) => scaled_digits(text, sql_type).map_err(at_place),
        ValueRef::List(values) => {
            values.iter().map(|it| scaled(it.as_ref(), types, at)).collect::<Result<_>>().map(Value::List)
        }
        other => Ok(other.to_value()),
    }
}

fn scaled_digits(text: &str, sql_type: Option<SqlType>) -> Result<Value> {
    let Some(SqlType::Numeric(precision, scale)) = sql_type else {
        return Err(Error::new(
            ErrorKind::Encode,
            "a decimal has no form on SQLite where the digits behind its point are not known",
        )
        .help("decimals are integers there, scaled by the `scale` of their column: give the integer, or use expressions in place of text"));
    };
    let too_long = || {
        Error::new(
            ErrorKind::Encode,
            format!("a decimal has more than the {MAX_SCALED_DIGITS} digits that SQLite can keep"),
        )
    };
    check(text, precision, scale)?.scaled(scale).map(Value::Int).ok_or_else(too_long)
}

/// Shows decimals to the sink of a batch.
pub(super) struct Unscaled<'s> {
    pub sink: &'s mut dyn RowSink,
    /// Which cells are decimals, for each statement.
    pub decimals: &'s [Vec<(usize, u16)>],
}

impl RowSink for Unscaled<'_> {
    fn columns(&mut self, statement: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        self.sink.columns(statement, columns)
    }

    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        let decimals = &self.decimals[statement];
        // A REAL is a number that SQLite could not calculate exactly: the type of the column refuses it.
        let text = |(at, scale): &(usize, u16)| match cells.get(*at) {
            Some(ValueRef::Int(number)) => Some((*at, unscaled(*number, *scale))),
            _ => None,
        };
        let texts: Vec<(usize, String)> = decimals.iter().filter_map(text).collect();
        let mut shown = cells.to_vec();
        for (at, text) in &texts {
            shown[*at] = ValueRef::Decimal(text);
        }
        self.sink.row(statement, &shown)
    }

    fn done(&mut self, statement: usize, done: Done) {
        self.sink.done(statement, done);
    }

    fn wants_columns(&self) -> bool {
        self.sink.wants_columns()
    }
}
