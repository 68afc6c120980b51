//! What travels to a database: statements with their values, and the transaction around them.

use std::fmt;
use std::ops::{ControlFlow, Range};

use aludel_sql::{Bind, SqlType, ValueRef};

pub use aludel_sql::RowBinding;

/// Statements that travel together.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// Begin a transaction before the first statement.
    pub begin: Option<Begin>,
    /// The statements, in order.
    pub statements: &'a [Statement<'a>],
    /// What follows the last statement.
    pub end: End,
}

/// How a transaction begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Begin {
    /// It is going to write: SQLite takes the writer's turn (`BEGIN IMMEDIATE`).
    pub write: bool,
    /// Its isolation; `None` is the connection's usual one.
    pub isolation: Option<Isolation>,
    /// It is not allowed to write.
    pub read_only: bool,
    /// It waits for a snapshot with which it cannot fail; for one that only reads and is serializable.
    pub deferrable: bool,
}

/// What a transaction sees of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Isolation {
    /// Each statement sees what was committed before it began.
    ReadCommitted,
    /// The whole transaction sees one snapshot (REPEATABLE READ on servers).
    Snapshot,
    /// As if transactions ran one after the other.
    Serializable,
}

/// What follows the last statement of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing: the transaction, if any, stays open.
    Open,
    /// COMMIT.
    Commit,
    /// ROLLBACK.
    Rollback,
}

/// One statement of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Statement<'a> {
    /// Names the text among all texts of the engine; the key of a connection's cache of prepared statements.
    /// `None`: run once and forget.
    pub shape: Option<ShapeId>,
    /// The text, in the database's own placeholders.
    pub sql: &'a str,
    /// The type of each parameter (of each column of a row for [`Params::Rows`]; an array parameter has its element's type).
    pub types: &'a [SqlType],
    /// The values.
    pub params: Params<'a>,
    /// Rows that must be affected; another number is an error of kind `StaleData` saying how many were.
    pub expect: Option<u64>,
    /// The quoted name of the key column that an INSERT of [`Params::Rows`] generates: show one row for each row inserted, in
    /// order, with the generated key as its only cell. The text has no RETURNING; the driver counts from the key that the
    /// database reports, or adds ` RETURNING ` and the name where counting would be wrong.
    pub find_keys: Option<&'a str>,
    /// Which cells of a row are decimals that this database keeps as integers, and how many digits they have behind the point. The driver gives them
    /// as decimals, and takes decimals as integers, by `types`.
    pub decimals: &'a [(usize, u16)],
    /// The text was in the engine's cache: for those who watch.
    pub cached: bool,
}

impl<'a> Statement<'a> {
    /// A statement without parameters that is not worth preparing: DDL, SAVEPOINT, PRAGMA.
    ///
    /// The text must not hold values: it is sent as it is.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// use aludel::driver::{Discard, End, Statement};
    ///
    /// let statements = [Statement::plain("PRAGMA optimize"), Statement::plain("ANALYZE")];
    /// conn.run(&statements, End::Open, &mut Discard::default()).await?;
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn plain(sql: &'a str) -> Self {
        Self {
            shape: None,
            sql,
            types: &[],
            params: Params::One(&[]),
            expect: None,
            find_keys: None,
            decimals: &[],
            cached: false,
        }
    }
}

/// Names one SQL text of one engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShapeId(pub u64);

/// The values of a statement.
#[derive(Clone, Copy)]
pub enum Params<'a> {
    /// One value per placeholder.
    One(&'a [ValueRef<'a>]),
    /// The same columns for many rows, bound the way `binding` says.
    Rows {
        /// How rows become parameters.
        binding: RowBinding,
        /// Number of rows, at least 1.
        rows: usize,
        /// Number of columns.
        columns: usize,
        /// The values.
        cell: &'a dyn RowSource,
    },
}

/// The values of many rows, read from wherever the rows live.
///
/// A closure that makes its values is one too.
pub trait RowSource: Sync {
    /// Returns the value of a row and column.
    ///
    /// ```
    /// use aludel_engine::driver::RowSource;
    /// use aludel_sql::{Bind, Value, ValueRef};
    ///
    /// struct Shelf {
    ///     id: i64,
    ///     label: String,
    /// }
    ///
    /// /// Borrows what the shelves hold: nothing is copied on the way to the driver.
    /// struct Shelves(Vec<Shelf>);
    ///
    /// impl RowSource for Shelves {
    ///     fn bind(&self, row: usize, column: usize) -> Bind<'_> {
    ///         let shelf = &self.0[row];
    ///         Bind::Ref(if column == 0 { ValueRef::Int(shelf.id) } else { ValueRef::Text(&shelf.label) })
    ///     }
    /// }
    ///
    /// let shelves = Shelves(vec![Shelf { id: 1, label: "History".to_owned() }]);
    /// assert_eq!(shelves.bind(0, 1).into_value(), Value::Text("History".to_owned()));
    ///
    /// let numbers = |row: usize, _column: usize| Bind::Own(Value::Int(row as i64)); // a closure is one too
    /// assert_eq!(numbers.bind(7, 0).into_value(), Value::Int(7));
    /// ```
    fn bind(&self, row: usize, column: usize) -> Bind<'_>;

    /// Shows the values of the first so many columns of these rows, row after row, until it is told to stop. A source whose rows are found
    /// first, and then their values, does that once for a row instead of once for a value.
    ///
    /// ```
    /// use aludel_engine::driver::RowSource;
    /// use aludel_sql::{Bind, Value};
    /// use std::ops::ControlFlow;
    ///
    /// let numbers = |row: usize, column: usize| Bind::Own(Value::Int((row * 10 + column) as i64));
    /// let mut shown = Vec::new();
    /// let stopped = numbers.rows(7..9, 2, &mut |value| {
    ///     shown.push(value.into_value());
    ///     ControlFlow::Continue(())
    /// });
    /// assert_eq!(shown, [70, 71, 80, 81].map(Value::Int));
    /// assert!(stopped.is_continue());
    /// ```
    fn rows<'s>(
        &'s self,
        mut rows: Range<usize>,
        columns: usize,
        each: &mut dyn FnMut(Bind<'s>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        rows.try_for_each(|row| (0..columns).try_for_each(|column| each(self.bind(row, column))))
    }
}

impl<F: Fn(usize, usize) -> Bind<'static> + Sync> RowSource for F {
    fn bind(&self, row: usize, column: usize) -> Bind<'_> {
        self(row, column)
    }
}

impl fmt::Debug for Params<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Params::One(values) => write!(f, "{} values", values.len()),
            Params::Rows { binding, rows, columns, .. } => {
                write!(f, "{rows} rows of {columns} columns, {binding:?}")
            }
        }
    }
}
