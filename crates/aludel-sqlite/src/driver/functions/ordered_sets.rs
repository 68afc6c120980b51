//! Aggregates of the values of a group in their order, as PostgreSQL has them.

use std::cmp::Ordering;

use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::types::Value;
use rusqlite::{Connection, Error, Result};

/// Defines them on a connection.
pub(super) fn define(connection: &Connection, flags: FunctionFlags) -> Result<()> {
    connection.create_aggregate_function("aludel_percentile_cont", 2, flags, Sorted(continuous))?;
    connection.create_aggregate_function("aludel_percentile_disc", 2, flags, Sorted(discrete))?;
    connection.create_aggregate_function("aludel_mode", 1, flags, Sorted(|values, _| Ok(mode(values))))
}

/// An aggregate that is computed of all values, sorted, and a fraction; NULL is left out.
struct Sorted(fn(&[Value], f64) -> Result<Value>);

#[derive(Default)]
struct Values {
    values: Vec<Value>,
    fraction: f64,
}

impl Aggregate<Values, Value> for Sorted {
    fn init(&self, _: &mut Context<'_>) -> Result<Values> {
        Ok(Values::default())
    }

    fn step(&self, context: &mut Context<'_>, group: &mut Values) -> Result<()> {
        if context.len() == 2 {
            group.fraction = context.get(1)?;
        }
        match context.get(0)? {
            Value::Null => {}
            value => group.values.push(value),
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, group: Option<Values>) -> Result<Value> {
        let Some(Values { mut values, fraction }) = group else { return Ok(Value::Null) };
        if !(0.0..=1.0).contains(&fraction) {
            let message = format!("the fraction {fraction} of a percentile is not between 0 and 1");
            return Err(Error::UserFunctionError(message.into()));
        }
        if values.is_empty() {
            return Ok(Value::Null);
        }
        values.sort_by(compare);
        (self.0)(&values, fraction)
    }
}

/// Between the two values around the place, as much nearer to one as the place is.
fn continuous(values: &[Value], fraction: f64) -> Result<Value> {
    let number = |at: usize| match &values[at] {
        Value::Integer(it) => Ok(*it as f64),
        Value::Real(it) => Ok(*it),
        other => Err(Error::UserFunctionError(
            format!("a percentile is of numbers, and one of the values is {}", other.data_type()).into(),
        )),
    };
    let place = fraction * (values.len() - 1) as f64;
    let (below, above) = (number(place.floor() as usize)?, number(place.ceil() as usize)?);
    Ok(Value::Real(below + place.fract() * (above - below)))
}

/// The first value that so many are not above.
fn discrete(values: &[Value], fraction: f64) -> Result<Value> {
    let place = (fraction * values.len() as f64).ceil() as usize;
    Ok(values[place.max(1) - 1].clone())
}

/// The value that is there most often; of several, the least.
fn mode(values: &[Value]) -> Value {
    let runs = values.chunk_by(|a, b| compare(a, b) == Ordering::Equal);
    let longest = runs.reduce(|longest, run| if run.len() > longest.len() { run } else { longest });
    longest.map_or(Value::Null, |run| run[0].clone())
}

/// As SQLite orders values: numbers, text by its bytes, bytes.
fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Integer(a), Value::Real(b)) => (*a as f64).total_cmp(b),
        (Value::Real(a), Value::Integer(b)) => a.total_cmp(&(*b as f64)),
        // Zero is zero, whatever its sign.
        (Value::Real(a), Value::Real(b)) => (a + 0.0).total_cmp(&(b + 0.0)),
        (Value::Text(a), Value::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Value::Blob(a), Value::Blob(b)) => a.cmp(b),
        (a, b) => rank(a).cmp(&rank(b)),
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Integer(_) | Value::Real(_) => 1,
        Value::Text(_) => 2,
        Value::Blob(_) => 3,
    }
}
