//! Where the rows of a batch go.

use std::ops::RangeInclusive;

use aludel_sql::{Result, ValueRef};

/// Receives the rows of a batch.
pub trait RowSink: Send {
    /// Tells the columns of a statement's result, before its first row. Only drivers that know them without a round trip
    /// of their own call this with types; the names are always there.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use aludel_sql::ValueRef;
    ///
    /// #[derive(Default)]
    /// struct Names(Vec<String>);
    ///
    /// impl RowSink for Names {
    ///     fn columns(&mut self, _: usize, columns: &[ColumnInfo<'_>]) -> aludel_engine::Result<()> {
    ///         self.0 = columns.iter().map(|it| it.name.to_owned()).collect();
    ///         Ok(())
    ///     }
    ///
    ///     fn row(&mut self, _: usize, _: &[ValueRef<'_>]) -> aludel_engine::Result<Flow> {
    ///         Ok(Flow::More)
    ///     }
    ///
    ///     fn wants_columns(&self) -> bool {
    ///         true
    ///     }
    /// }
    ///
    /// let mut conn = driver.connect().await?;
    /// let statements = [Statement::plain("SELECT 1 AS id, 'Sam' AS name")];
    /// let mut sink = Names::default();
    /// conn.run(&Batch { begin: None, statements: &statements, end: End::Open }, &mut sink).await?;
    /// assert_eq!(sink.0, ["id", "name"]);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    fn columns(&mut self, statement: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        let _ = (statement, columns);
        Ok(())
    }

    /// Receives one row; the cells are valid for this call only.
    ///
    /// An error of it ends the batch, and is the batch's.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use aludel_sql::ValueRef;
    ///
    /// /// Adds numbers up without keeping a row.
    /// #[derive(Default)]
    /// struct Sum(i64);
    ///
    /// impl RowSink for Sum {
    ///     fn row(&mut self, _: usize, cells: &[ValueRef<'_>]) -> aludel_engine::Result<Flow> {
    ///         if let [ValueRef::Int(n), ..] = cells {
    ///             self.0 += n;
    ///         }
    ///         Ok(Flow::More)
    ///     }
    /// }
    ///
    /// let mut conn = driver.connect().await?;
    /// let statements = [Statement::plain("SELECT 1 UNION ALL SELECT 2"), Statement::plain("SELECT 4")];
    /// let mut sum = Sum::default();
    /// conn.run(&Batch { begin: None, statements: &statements, end: End::Open }, &mut sum).await?;
    /// assert_eq!(sum.0, 7);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow>;

    /// Receives the generated keys of rows that were inserted together, where they are known to follow each other, and tells whether it took them. Those that it
    /// does not take come as rows of one cell.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use aludel_sql::{Bind, RowBinding, Value, ValueRef};
    /// use std::ops::RangeInclusive;
    ///
    /// #[derive(Default)]
    /// struct Keys(Vec<i64>);
    ///
    /// impl RowSink for Keys {
    ///     fn row(&mut self, _: usize, cells: &[ValueRef<'_>]) -> aludel_engine::Result<Flow> {
    ///         self.0.extend(cells.iter().filter_map(|it| if let ValueRef::Int(key) = it { Some(key) } else { None }));
    ///         Ok(Flow::More)
    ///     }
    ///
    ///     fn keys(&mut self, _: usize, keys: RangeInclusive<i64>) -> bool {
    ///         self.0.extend(keys); // without a call for each
    ///         true
    ///     }
    /// }
    ///
    /// let mut conn = driver.connect().await?;
    /// let labels = |row: usize, _column: usize| Bind::Own(Value::Text(format!("shelf {row}")));
    /// let params = Params::Rows { binding: RowBinding::Values, rows: 3, columns: 1, cell: &labels };
    /// let insert = Statement { params, find_keys: Some("\"id\""), ..Statement::plain("INSERT INTO shelves (label) VALUES (?), (?), (?)") };
    /// let statements = [Statement::plain("CREATE TABLE shelves (id INTEGER PRIMARY KEY, label TEXT)"), insert];
    /// let mut sink = Keys::default();
    /// conn.run(&Batch { begin: None, statements: &statements, end: End::Open }, &mut sink).await?;
    /// assert_eq!(sink.0, [1, 2, 3]);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    fn keys(&mut self, statement: usize, keys: RangeInclusive<i64>) -> bool {
        let _ = (statement, keys);
        false
    }

    /// Tells that a statement is over. A statement run once per row ([`RowBinding::Each`](super::RowBinding::Each)) is over once.
    ///
    /// ```
    /// # aludel_engine::blocking::run_alone(async {
    /// # use aludel_engine::{Backend, driver::*};
    /// # let (driver, _) = aludel_sqlite::SqliteBackend.open(&"sqlite::memory:".parse()?)?;
    /// use aludel_sql::ValueRef;
    ///
    /// /// The rows affected, statement by statement.
    /// #[derive(Default)]
    /// struct Affected(Vec<u64>);
    ///
    /// impl RowSink for Affected {
    ///     fn row(&mut self, _: usize, _: &[ValueRef<'_>]) -> aludel_engine::Result<Flow> {
    ///         Ok(Flow::More)
    ///     }
    ///
    ///     fn done(&mut self, statement: usize, done: Done) {
    ///         assert_eq!(statement, self.0.len());
    ///         self.0.push(done.rows_affected);
    ///     }
    /// }
    ///
    /// let mut conn = driver.connect().await?;
    /// let statements = ["CREATE TABLE shelves (id INTEGER)", "INSERT INTO shelves VALUES (1), (2)", "DELETE FROM shelves WHERE id = 2"];
    /// let statements = statements.map(Statement::plain);
    /// let mut sink = Affected::default();
    /// conn.run(&Batch { begin: None, statements: &statements, end: End::Open }, &mut sink).await?;
    /// assert_eq!(sink.0, [0, 2, 1]);
    /// # Ok::<(), aludel_engine::Error>(()) }).unwrap();
    /// ```
    fn done(&mut self, statement: usize, done: Done) {
        let _ = (statement, done);
    }

    /// Tells whether the sink wants [`RowSink::columns`] to be called.
    ///
    /// ```
    /// use aludel_engine::driver::{Discard, RowSink};
    ///
    /// assert!(!Discard::default().wants_columns()); // so a driver need not look the names up
    /// ```
    fn wants_columns(&self) -> bool {
        false
    }
}

/// A sink for statements whose rows nobody wants; it keeps the sum of the rows affected.
#[derive(Debug, Default)]
pub struct Discard {
    /// Rows affected, over all statements.
    pub rows_affected: u64,
}

impl RowSink for Discard {
    fn row(&mut self, _: usize, _: &[ValueRef<'_>]) -> Result<Flow> {
        Ok(Flow::More)
    }

    fn done(&mut self, _: usize, done: Done) {
        self.rows_affected += done.rows_affected;
    }
}

/// A column of a result.
#[derive(Clone, Copy, Debug)]
pub struct ColumnInfo<'a> {
    /// Its name in the result.
    pub name: &'a str,
}

/// How a statement ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Rows inserted, deleted or *matched* by an UPDATE (never "really changed").
    pub rows_affected: u64,
    /// SQLite: the rowid of the last row inserted. MariaDB, MySQL: the **first** key generated by the statement. Elsewhere `None`.
    pub generated_key: Option<i64>,
}

/// Whether the sink wants more rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    More,
    /// Stop after this row and keep the place.
    Pause,
    /// No further row can come or is wanted: a driver may end a statement that only reads here, and may as well go on.
    Enough,
}
