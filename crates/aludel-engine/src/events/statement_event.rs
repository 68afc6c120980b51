//! What a statement was, and what came of it.

use std::fmt;
use std::time::Duration;

use aludel_sql::{Error, Printable, Value, ValueRef};

use crate::driver::Params;

/// A statement that has run, or has failed.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_engine(async |_| {
/// use aludel::events::{Listener, StatementEvent};
/// use std::sync::{Arc, Mutex};
///
/// struct Slowest(Arc<Mutex<(std::time::Duration, String)>>);
///
/// impl Listener for Slowest {
///     fn statement(&self, event: &StatementEvent<'_>) {
///         let mut slowest = self.0.lock().unwrap();
///         if event.elapsed > slowest.0 {
///             *slowest = (event.elapsed, event.sql.to_owned());
///         }
///     }
/// }
///
/// let slowest = Arc::new(Mutex::default());
/// let engine = Engine::builder("sqlite::memory:").listen(Slowest(Arc::clone(&slowest))).build()?;
/// engine.ping().await?;
/// assert_eq!(slowest.lock().unwrap().1, "SELECT 1");
/// # Ok(()) });
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct StatementEvent<'a> {
    /// The text, without values.
    pub sql: &'a str,
    /// The values.
    pub values: Values<'a>,
    /// The number of the connection, as in [`PoolEvent`](super::PoolEvent).
    pub connection: u64,
    /// What marks it: [`StatementOptions::logging_token`](crate::StatementOptions::logging_token).
    pub logging_token: Option<&'static str>,
    /// How long it took: from the moment when it was sent, or the statement before it in the batch ended. A stream's time is that
    /// of reading, not of what was done between two rows.
    pub elapsed: Duration,
    /// The rows that it gave.
    pub rows: u64,
    /// Rows inserted, deleted, or matched by an UPDATE.
    pub rows_affected: u64,
    /// The text was in the engine's cache, and nothing was compiled.
    pub cached: bool,
    /// What went wrong.
    pub error: Option<&'a Error>,
}

/// Writes the event on one line, as `echo` shows it: `SELECT … [1 value] 3 rows, 0.214 ms, cached`, behind its token if it has one: `[import] SELECT …`.
impl fmt::Display for StatementEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", Token(self.logging_token), Printable::line(self.sql))?;
        if !self.values.is_empty() {
            write!(f, " [{}]", self.values)?;
        }
        let s = |n: u64| if n == 1 { "" } else { "s" };
        match (self.error, self.rows, self.rows_affected) {
            (Some(error), ..) => {
                write!(f, " failed: {}", error.kind().describe())?;
                if let Some(code) = error.code() {
                    write!(f, " ({})", Printable::line(code))?;
                }
            }
            (None, 0, n @ 1..) => write!(f, " {n} row{} affected", s(n))?,
            (None, n, _) => write!(f, " {n} row{}", s(n))?,
        }
        write!(f, ", {}", Milliseconds(self.elapsed))?;
        if self.cached { f.write_str(", cached") } else { Ok(()) }
    }
}

/// The values of a statement. Output shows how many there are; the values themselves only where the engine was told so
/// ([`hide_parameters`](crate::EngineBuilder::hide_parameters)), and then the first ones, cut short.
#[derive(Clone, Copy)]
pub struct Values<'a>(Shown<'a>);

#[derive(Clone, Copy)]
enum Shown<'a> {
    Count { rows: usize, columns: usize },
    Values(&'a [ValueRef<'a>]),
    Text(&'a str, usize),
}

/// The most values that are shown.
const MOST_SHOWN: usize = 10;

/// The most characters of a value that are shown.
const LONGEST_SHOWN: usize = 60;

impl<'a> Values<'a> {
    pub(crate) fn of(params: Params<'a>, hidden: bool) -> Self {
        Self(match params {
            Params::One(values) if hidden => Shown::Count { rows: 1, columns: values.len() },
            Params::One(values) => Shown::Values(values),
            Params::Rows { rows, columns, .. } => Shown::Count { rows, columns },
        })
    }

    /// Those of a statement that is over, as they were shown before.
    pub(crate) fn described(text: &'a str, count: usize) -> Self {
        Self(Shown::Text(text, count))
    }

    /// Returns how many values were sent.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |_| {
    /// use aludel::events::{Listener, StatementEvent};
    /// use std::sync::atomic::{AtomicUsize, Ordering};
    ///
    /// static MOST: AtomicUsize = AtomicUsize::new(0);
    ///
    /// struct MostValues;
    ///
    /// impl Listener for MostValues {
    ///     fn statement(&self, event: &StatementEvent<'_>) {
    ///         MOST.fetch_max(event.values.len(), Ordering::Relaxed); // of many rows: rows × columns
    ///     }
    /// }
    ///
    /// let engine = Engine::builder("sqlite::memory:").listen(MostValues).build()?;
    /// let mut conn = engine.connect().await?;
    /// conn.execute(text!("SELECT :a + :b AS sum", a = 1, b = 2)).one().await?;
    /// assert_eq!(MOST.load(Ordering::Relaxed), 2);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        match self.0 {
            Shown::Count { rows, columns } => rows * columns,
            Shown::Values(values) => values.len(),
            Shown::Text(_, count) => count,
        }
    }

    /// Tells whether there were none.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # fn main() -> aludel::Result<()> {
    /// use aludel::events::{Listener, StatementEvent};
    ///
    /// struct WrittenOut;
    ///
    /// impl Listener for WrittenOut {
    ///     fn statement(&self, event: &StatementEvent<'_>) {
    ///         if event.values.is_empty() && event.sql.contains('\'') {
    ///             eprintln!("a value is written into the text: {}", event.sql); // a review should look at it
    ///         }
    ///     }
    /// }
    ///
    /// let engine = Engine::builder("sqlite:///library.db").listen(WrittenOut).build()?;
    /// # let _ = engine;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Display for Values<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Shown::Count { rows: 1, columns: 1 } => f.write_str("1 value"),
            Shown::Count { rows: 1, columns } => write!(f, "{columns} values"),
            Shown::Count { rows, columns } => write!(f, "{rows} × {columns} values"),
            Shown::Text(text, _) => f.write_str(text),
            Shown::Values(values) => {
                for (at, value) in values.iter().take(MOST_SHOWN).enumerate() {
                    if at > 0 {
                        f.write_str(", ")?;
                    }
                    show(*value, f)?;
                }
                match values.len().checked_sub(MOST_SHOWN) {
                    Some(more @ 1..) => write!(f, ", and {more} more"),
                    _ => Ok(()),
                }
            }
        }
    }
}

fn show(value: ValueRef<'_>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match value {
        ValueRef::Null => f.write_str("NULL"),
        ValueRef::Text(text) => {
            let end = text.char_indices().nth(LONGEST_SHOWN).map_or(text.len(), |(at, _)| at);
            let more = if end < text.len() { "…" } else { "" };
            write!(f, "'{}{more}'", Printable::line(&text[..end]))
        }
        ValueRef::Blob(bytes) | ValueRef::Wire { bytes, .. } => write!(f, "<{} bytes>", bytes.len()),
        ValueRef::List(list) => write!(f, "<{} elements>", list.len()),
        other => match other.to_value() {
            Value::Bool(it) => write!(f, "{it}"),
            Value::Int(it) => write!(f, "{it}"),
            Value::Real(it) => write!(f, "{it}"),
            other => write!(f, "{other:?}"),
        },
    }
}

impl fmt::Debug for Values<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{self}]")
    }
}

/// A time in milliseconds, to the microsecond.
/// What stands before a line.
pub(super) struct Token(pub(super) Option<&'static str>);

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |token| write!(f, "[{}] ", Printable::line(token)))
    }
}

pub(super) struct Milliseconds(pub(super) Duration);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} ms", self.0.as_secs_f64() * 1000.0)
    }
}
