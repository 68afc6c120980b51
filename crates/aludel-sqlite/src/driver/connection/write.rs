//! Statements that write, here or in the blocking pool.

use std::ops::RangeInclusive;

use super::*;

pub(super) enum Wrote {
    Done,
    /// The statement is over; the sink paused before it had seen all rows.
    Paused(Rest, Done),
}

/// Shows the rows of a write, or of a statement that runs several times. SQLite has made them all before it gives the first one, and must come to its end before the row
/// counts are known: what follows a pause is kept.
pub(super) struct Results<'s> {
    pub(super) sink: &'s mut dyn RowSink,
    /// The sink knows the columns; a statement that runs once per row tells them once.
    pub(super) told: bool,
    pub(super) paused: bool,
    pub(super) rest: Rows,
}

impl RowSink for Results<'_> {
    fn columns(&mut self, statement: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        self.told = true;
        self.sink.columns(statement, columns)
    }

    #[inline]
    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        if self.paused {
            return self.rest.row(statement, cells);
        }
        self.paused = self.sink.row(statement, cells)? == Flow::Pause;
        Ok(Flow::More)
    }

    fn keys(&mut self, statement: usize, keys: RangeInclusive<i64>) -> bool {
        !self.paused && self.sink.keys(statement, keys)
    }

    fn wants_columns(&self) -> bool {
        !self.told && self.sink.wants_columns()
    }
}

impl Results<'_> {
    /// Tells the column of keys that no RETURNING clause names.
    pub(super) fn tell_key(&mut self, statement: usize, quoted: &str) -> Result<()> {
        if !self.wants_columns() {
            return Ok(());
        }
        let name = keys::unquoted(quoted).unwrap_or_else(|| quoted.to_owned());
        self.columns(statement, &[ColumnInfo { name: &name }])
    }
}

impl SqliteConnection {
    pub(super) async fn write(
        &mut self,
        entry: Entry,
        index: usize,
        parameters: &Parameters<'_>,
        statement: &Statement<'_>,
        sink: &mut dyn RowSink,
        scope: &mut Scope,
    ) -> Result<Wrote> {
        if self.read_only {
            return Err(Error::new(ErrorKind::ReadOnly, "the transaction was begun as one that only reads")
                .help("write in a transaction without `read_only`"));
        }
        self.prepare_to_write(entry, scope).await?;
        let kind = entry.kind;
        let rows = parameters.rows() / parameters.executions().max(1);
        let keys = self.core()?.keys(entry, statement.sql, statement.find_keys, rows);
        let (keys, id) = keys.map_err(|stop| self.error(stop))?;
        let write = Write { id, kind, keys };
        let before = self.core()?.before_insert(kind);
        let mut results = Results { sink, told: false, paused: false, rest: Rows::default() };
        if let (Keys::Counted { .. }, Some(name)) = (keys, statement.find_keys) {
            results.tell_key(index, name)?;
        }
        let many = rows > MANY_ROWS || matches!(kind, Kind::Schema | Kind::Alone) || entry.long;
        let affected = if many && self.can_wait() {
            Box::pin(self.write_in_pool(entry, write, index, parameters, &mut results)).await
        } else {
            self.write_here(entry, write, index, parameters, &mut results).await
        };
        let generated_key = match self.core.as_deref_mut() {
            Some(core) => core.after_insert(kind, before),
            None => None,
        };
        let rows_affected = affected?;
        if kind == Kind::Schema || kind == Kind::Alone {
            self.core()?.schema_changed();
        }
        if let (Keys::Counted { rows: 2.. }, Some(last)) = (keys, generated_key) {
            let checked = self.core()?.check_counted(statement.sql, last);
            checked.map_err(|stop| self.error(stop))?;
        }
        if let Some(expected) = statement.expect
            && rows_affected != expected
        {
            return Err(stale(expected, rows_affected));
        }
        let done = Done { rows_affected, generated_key };
        let Results { sink, paused, rest, .. } = results;
        if paused {
            return Ok(Wrote::Paused(Rest { rows: rest, next: 0, live: false, pooled: false }, done));
        }
        sink.done(index, done);
        Ok(Wrote::Done)
    }

    /// Makes sure that a transaction is open and the turn is ours.
    pub(super) async fn prepare_to_write(&mut self, entry: Entry, scope: &mut Scope) -> Result<()> {
        if entry.kind == Kind::Alone {
            // VACUUM does not run in a transaction, and a PRAGMA in one may do nothing without saying so.
            if scope.implicit && !self.core()?.db.is_autocommit() {
                self.commit().await?;
                (scope.own, scope.implicit) = (false, false);
            }
            if self.core()?.db.is_autocommit() {
                return self.take_turn().await;
            }
        } else if self.core()?.db.is_autocommit() {
            self.begin_to_write().await?;
            (scope.own, scope.implicit) = (true, true);
            return Ok(());
        }
        let core = self.core()?;
        if core.turn.is_some() {
            return Ok(());
        }
        // A transaction that began as a reader. In memory the writer who has the turn waits for us to end: do not wait for it.
        if self.shared.is_memory() && self.core()?.db.holds() == Holds::Snapshot {
            let Some(turn) = self.shared.writers.try_take(self.lent_at) else {
                return Err(Error::new(
                    ErrorKind::Serialization,
                    "the transaction has read, and another one is writing: it cannot become a writer now",
                )
                .help("run the whole transaction again; one that begins as a writer never meets this"));
            };
            self.core()?.turn = Some(turn);
            return Ok(());
        }
        self.take_turn().await
    }

    pub(super) async fn write_here(
        &mut self,
        entry: Entry,
        write: Write,
        index: usize,
        parameters: &Parameters<'_>,
        results: &mut Results<'_>,
    ) -> Result<u64> {
        let since = self.on_runtime.then(Instant::now);
        if self.slice.is_none() {
            self.slice = since;
        }
        let mut affected = 0;
        let mut waiting = Waiting::default();
        for execution in 0..parameters.executions() {
            loop {
                let core = self.core()?;
                match core.execute(write, |loans| parameters.fill(execution, loans), index, results) {
                    Ok(rows) => break affected += rows,
                    Err(stop) => self.wait_out(stop, &mut waiting).await?,
                }
            }
            if execution % 16 == 15 {
                self.breathe().await;
            }
        }
        if let Some(since) = since {
            let now = Instant::now();
            if matches!(parameters, Parameters::One(_)) && now.duration_since(since) > LONG_WRITE {
                self.core()?.set_long(entry, true);
            }
            self.breathe_at(now).await;
        }
        Ok(affected)
    }

    pub(super) async fn write_in_pool(
        &mut self,
        entry: Entry,
        write: Write,
        index: usize,
        parameters: &Parameters<'_>,
        results: &mut Results<'_>,
    ) -> Result<u64> {
        let mut values = Rows::default();
        for execution in 0..parameters.executions() {
            parameters.fill(execution, &mut values).map_err(|stop| self.error(stop))?;
            values.end_row();
        }
        let wants_columns = results.wants_columns();
        let mut waiting = Waiting::default();
        let (affected, mut rows, took) = loop {
            let (affected, rows, back, took) = self
                .in_pool(move |core| {
                    let since = Instant::now();
                    let mut rows = Rows::of_results(wants_columns);
                    let affected = core.execute_rows(write, &values, index, &mut rows);
                    (affected, rows, values, since.elapsed())
                })
                .await?;
            match affected {
                Ok(affected) => break (affected, rows, took),
                // Only the first execution can find the database locked: nothing was written.
                Err(stop) => self.wait_out(stop, &mut waiting).await?,
            }
            values = back;
        };
        if took < SLICE {
            self.core()?.set_long(entry, false);
        }
        rows.show(0, index, results)?;
        Ok(affected)
    }
}
