//! Operations over many rows: dealt out to statements, and run as one batch.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use aludel_sql::{Bind, ColumnSet, Error, ErrorKind, InsertRows, Mapped, NewRow, Result, UpdateRows};

use crate::connection::Connection;
use crate::driver::{Discard, End, Params, RowSource, Statement};
use crate::engine::Engine;
use crate::query::Executed;
use crate::texts::{CachedRows, RowsOp};

/// Some of the rows of a source: those of one statement.
#[derive(Clone, Copy)]
pub struct Slice<'a> {
    rows: &'a dyn RowSource,
    first: usize,
}

impl RowSource for Slice<'_> {
    fn bind(&self, row: usize, column: usize) -> Bind<'_> {
        self.rows.bind(self.first + row, column)
    }

    fn rows<'s>(
        &'s self,
        rows: Range<usize>,
        columns: usize,
        each: &mut dyn FnMut(Bind<'s>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        self.rows.rows(self.first + rows.start..self.first + rows.end, columns, each)
    }
}

/// One statement of an operation over rows: which rows it takes.
#[derive(Debug)]
pub struct Dealt {
    /// The text.
    pub text: Arc<CachedRows>,
    /// The first of its rows.
    pub first: usize,
    /// The number of its rows.
    pub rows: usize,
}

impl Engine {
    /// Deals the rows of an operation out to statements. If `counted`, each statement fails by itself when it does not match all
    /// its rows.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// use aludel_engine::RowsOp;
    /// use aludel_sql::{ColumnSet, InsertRows, Mapped};
    ///
    /// let columns: ColumnSet = [User::EMAIL.index()].into_iter().collect();
    /// let insert = RowsOp::Insert(InsertRows::new(User::TABLE, columns, ColumnSet::EMPTY));
    /// let dealt = conn.engine().deal(insert, 120, false)?;
    /// let rows: Vec<_> = dealt.iter().map(|it| it.rows).collect();
    /// assert_eq!(rows, [100, 10, 10]); // two texts, which SQLite keeps prepared
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` or `Schema`.
    pub fn deal(&self, operation: RowsOp, rows: usize, counted: bool) -> Result<Vec<Dealt>> {
        let mut dealt = Vec::with_capacity(1);
        self.deal_each(operation, rows, counted, |it| dealt.push(it))?;
        Ok(dealt)
    }

    /// As [`deal`](Self::deal), one statement after the other. For the session.
    ///
    /// # Errors
    ///
    /// As [`deal`](Self::deal).
    #[doc(hidden)]
    pub fn deal_each(
        &self,
        operation: RowsOp,
        rows: usize,
        counted: bool,
        mut each: impl FnMut(Dealt),
    ) -> Result<()> {
        let dialect = self.dialect();
        let counts = operation.counts(dialect);
        let per_row = operation.width();
        let max = dialect.features().max_parameters;
        if per_row > max {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "a row of `{}` has {per_row} values; {} takes {max}",
                    operation.table().name,
                    dialect.name()
                ),
            ));
        }
        let mut first = 0;
        while first < rows {
            let n = counts.next(rows - first, per_row, max);
            each(Dealt { text: self.texts().rows(operation, n, counted, dialect)?, first, rows: n });
            first += n;
        }
        Ok(())
    }
}

impl Dealt {
    /// Picks the rows of this statement.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// use aludel_engine::RowsOp;
    /// use aludel_engine::driver::RowSource;
    /// use aludel_sql::{Bind, ColumnSet, InsertRows, Mapped, Value};
    ///
    /// let emails = |row: usize, _column: usize| Bind::Own(Value::Text(format!("{row}@example.org")));
    /// let columns: ColumnSet = [User::EMAIL.index()].into_iter().collect();
    /// let insert = RowsOp::Insert(InsertRows::new(User::TABLE, columns, ColumnSet::EMPTY));
    /// let dealt = conn.engine().deal(insert, 120, false)?;
    /// let second = dealt[1].slice(&emails);
    /// assert_eq!(second.bind(0, 0).into_value(), Value::Text("100@example.org".to_owned())); // its first row is the 101st
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn slice<'a>(&self, rows: &'a dyn RowSource) -> Slice<'a> {
        Slice { rows, first: self.first }
    }

    /// Makes the statement.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// use aludel_engine::RowsOp;
    /// use aludel_engine::driver::{Discard, End};
    /// use aludel_sql::{Bind, ColumnSet, InsertRows, Mapped, Value};
    ///
    /// let emails = |row: usize, _column: usize| Bind::Own(Value::Text(format!("{row}@example.com")));
    /// let columns: ColumnSet = [User::EMAIL.index()].into_iter().collect();
    /// let insert = RowsOp::Insert(InsertRows::new(User::TABLE, columns, ColumnSet::EMPTY));
    /// let dealt = conn.engine().deal(insert, 120, false)?;
    /// let slices: Vec<_> = dealt.iter().map(|it| it.slice(&emails)).collect();
    /// let statements: Vec<_> = dealt.iter().zip(&slices).map(|(it, slice)| it.statement(slice, None)).collect();
    /// let mut sink = Discard::default();
    /// conn.run(&statements, End::Open, &mut sink).await?; // INSERT INTO users (email) VALUES (?), (?), …; …, as one batch
    /// assert_eq!(sink.rows_affected, 120);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn statement<'a>(&'a self, slice: &'a Slice<'a>, expect: Option<u64>) -> Statement<'a> {
        Statement {
            shape: Some(self.text.shape),
            sql: &self.text.sql.text,
            types: &self.text.types,
            params: Params::Rows {
                binding: self.text.sql.binding,
                rows: self.rows,
                columns: self.text.types.len(),
                cell: slice,
            },
            expect: expect.filter(|_| !self.text.sql.counts_itself),
            find_keys: self.text.sql.find_keys.as_deref(),
            decimals: &self.text.decimals,
            cached: self.text.reused.load(Ordering::Relaxed),
        }
    }
}

/// Inserts rows: those that give the same columns in one batch, in the order in which the shapes first appear.
pub(crate) async fn insert<E: Mapped>(conn: &mut Connection, rows: Vec<NewRow<E>>) -> Result<Executed> {
    let mut shapes: Vec<(InsertRows, Vec<E>)> = Vec::new();
    for row in rows {
        if let Some(relation) = row.needs_session {
            return Err(Error::new(
                ErrorKind::State,
                format!("a row for `{}` gives `{relation}` as an object", E::TABLE.name),
            )
            .help("only a session knows objects: use `session.add`, or give the foreign key"));
        }
        let shape = InsertRows::new(E::TABLE, row.given, ColumnSet::EMPTY);
        match shapes.iter_mut().find(|(it, _)| it.columns == shape.columns) {
            Some((_, objects)) => objects.push(row.object),
            None => shapes.push((shape, vec![row.object])),
        }
    }
    // All rows or none: several statements need a transaction around them.
    let engine = conn.engine().clone();
    let own_transaction = !conn.in_transaction() && conn.options.autocommit;
    shapes.iter().try_for_each(|(shape, objects)| check_scope(&engine, *shape, objects))?;
    let mut affected = 0;
    let mut left = shapes.len();
    for (shape, objects) in &shapes {
        left -= 1;
        let columns: Vec<usize> = shape.columns.iter().collect();
        let source = Objects { objects, columns: &columns };
        let dealt = engine.deal(RowsOp::Insert(*shape), objects.len(), false)?;
        let several = shapes.len() > 1 || dealt.len() > 1;
        if own_transaction && several && !conn.in_transaction() {
            conn.begin_writing();
        }
        let end = if own_transaction && several && left == 0 { End::Commit } else { End::Open };
        let mut sink = Discard::default();
        let ran = run_dealt(conn, &dealt, &source, end, &mut sink).await;
        if let Err(error) = ran {
            if own_transaction && conn.in_transaction() {
                conn.end(End::Rollback).await?;
            }
            return Err(error.with_table(E::TABLE.name));
        }
        affected += sink.rows_affected;
    }
    Ok(Executed { rows_affected: affected })
}

impl Connection {
    /// Updates these columns of rows by primary key; those that change the same ones in one statement. Whether they lie within the scopes,
    /// the caller has checked.
    ///
    /// # Errors
    ///
    /// Kind `StaleData` where a row is not there.
    #[doc(hidden)]
    pub async fn update_rows<E: Mapped>(&mut self, rows: &[(ColumnSet, E)]) -> Result<Executed> {
        let mut shapes: Vec<(ColumnSet, Vec<&E>)> = Vec::new();
        for (columns, row) in rows.iter().filter(|(columns, _)| !columns.is_empty()) {
            match shapes.iter_mut().find(|(it, _)| it == columns) {
                Some((_, objects)) => objects.push(row),
                None => shapes.push((*columns, vec![row])),
            }
        }
        let engine = self.engine().clone();
        let mut sink = Discard::default();
        for (columns, objects) in &shapes {
            let operation = RowsOp::Update(UpdateRows::by_primary_key(E::TABLE, *columns));
            let parameters = operation.parameters();
            let source = Borrowed { objects, columns: &parameters };
            let dealt = engine.deal(operation, objects.len(), false)?;
            let slices: Vec<Slice<'_>> = dealt.iter().map(|it| it.slice(&source)).collect();
            let statements: Vec<Statement<'_>> = dealt
                .iter()
                .zip(&slices)
                .map(|(it, slice)| it.statement(slice, Some(it.rows as u64)))
                .collect();
            self.run(&statements, End::Open, &mut sink).await.map_err(|error| {
                let doing = format!("updating {} rows of {} by key", objects.len(), E::TABLE.entity);
                error.with_table(E::TABLE.name).doing(doing)
            })?;
        }
        Ok(Executed { rows_affected: sink.rows_affected })
    }
}

/// Objects that live elsewhere, as rows.
struct Borrowed<'a, E> {
    objects: &'a [&'a E],
    columns: &'a [usize],
}

impl<E: Mapped> RowSource for Borrowed<'_, E> {
    fn bind(&self, row: usize, column: usize) -> Bind<'_> {
        self.objects[row].field(self.columns[column]).encode()
    }
}

fn check_scope<E: Mapped>(engine: &Engine, shape: InsertRows, objects: &[E]) -> Result<()> {
    objects.iter().try_for_each(|object| {
        let value =
            |column| shape.columns.contains(column).then(|| object.field(column).encode().into_value());
        engine.check_scope(E::TABLE, &value)
    })
}

/// Objects as rows.
struct Objects<'a, E> {
    objects: &'a [E],
    columns: &'a [usize],
}

impl<E: Mapped> RowSource for Objects<'_, E> {
    fn bind(&self, row: usize, column: usize) -> Bind<'_> {
        self.objects[row].field(self.columns[column]).encode()
    }
}

/// Runs the statements of one operation as one batch.
async fn run_dealt(
    conn: &mut Connection,
    dealt: &[Dealt],
    rows: &dyn RowSource,
    end: End,
    sink: &mut Discard,
) -> Result<()> {
    let slices: Vec<Slice<'_>> = dealt.iter().map(|it| it.slice(rows)).collect();
    let statements: Vec<Statement<'_>> =
        dealt.iter().zip(&slices).map(|(it, slice)| it.statement(slice, None)).collect();
    conn.run(&statements, end, sink).await
}
