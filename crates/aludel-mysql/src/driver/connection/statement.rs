//! How one statement is prepared and run.

use super::*;

/// The error of a server that cannot prepare a sort of statement.
pub(super) const NEVER_PREPARED: &str = "1295";

/// The error of a server whose tables have changed too often for a prepared statement.
pub(super) const PREPARE_AGAIN: u16 = 1615;

/// The error of MariaDB for an aggregate of what a query in FROM gives, once the statement has run before: it takes the column for one that
/// stands beside the aggregate.
const RUNS_ONCE: u16 = 1140;

/// The cells of rows that are bound one by one.
pub(super) type Cell<'a> = &'a dyn RowSource;

/// Returns the statement of a batch that is one write and its transaction, if the transaction that each statement has anyway
/// is just that.
pub(super) fn commits_by_itself<'a>(batch: &Batch<'a>) -> Option<&'a Statement<'a>> {
    let plain = Begin::default();
    let asked = batch.begin.map(|begin| Begin { write: false, ..begin });
    match batch.statements {
        [only]
            if asked == Some(plain)
                && batch.end == End::Commit
                && only.expect.is_none()
                && !runs_per_row(only)
                && Verb::of(only.sql) == Verb::Write =>
        {
            Some(only)
        }
        _ => None,
    }
}

/// Returns how many rows one execution of a statement inserts.
pub(super) fn rows_at_once(statement: &Statement<'_>) -> usize {
    match statement.params {
        Params::One(_) | Params::Rows { binding: RowBinding::Each, .. } => 1,
        Params::Rows { rows, .. } => rows,
    }
}

pub(super) fn runs_per_row(statement: &Statement<'_>) -> bool {
    matches!(statement.params, Params::Rows { binding: RowBinding::Each, .. })
}

pub(super) fn runs_often(statement: &Statement<'_>) -> bool {
    matches!(statement.params, Params::Rows { binding: RowBinding::Each, rows: 2.., .. })
}

/// Refuses a text that `mysql_async` would change: it reads `:name` as a parameter, and takes a backslash for an escape, which it
/// is not here (`NO_BACKSLASH_ESCAPES`), so that it may see a name inside of a text.
pub(super) fn check_colons(sql: &str) -> Result<()> {
    if !sql.contains(':') {
        return Ok(());
    }
    match ParsedNamedParams::parse(sql.as_bytes()) {
        Ok(parsed) if parsed.params().is_empty() => Ok(()),
        _ => Err(Error::new(
            ErrorKind::Unsupported,
            "the text has a colon and a name that the driver takes for a parameter",
        )
        .help("write parameters as `?`, and bind texts that contain a backslash or a colon")),
    }
}

impl Connection {
    /// Runs a batch of one write that commits by itself: its own transaction is the one that was asked for, and two round trips
    /// are saved. `None`: it shows rows, so that it could fail after it has committed.
    pub(super) async fn run_alone(
        &mut self,
        statement: &Statement<'_>,
        sink: &mut dyn RowSink,
    ) -> Result<Option<Ran>> {
        let values = encode::parameters(statement)?;
        let prepared = self.prepare(statement).await?;
        if prepared.num_columns() > 0 {
            self.release(self.text(statement), prepared).await?;
            return Ok(None);
        }
        let mut place = Place::new(0, statement);
        match self.run_prepared(statement, prepared, Some(values), &mut place, sink).await {
            Ok(Some(answer)) => {
                finish(0, statement.sql, statement.expect, answer, sink)?;
                Ok(Some(Ran::Done))
            }
            Ok(None) => Err(self.refuse_pause()),
            Err(error) if self.broken && self.sent => Err(outcome_unknown(error)),
            Err(error) if self.sent && self.conn()?.last_ok_packet().is_some() => {
                // Not the server but the sink has refused, and all that it was shown are generated keys.
                Err(error.doing("showing the generated keys of rows that are committed already"))
            }
            Err(error) => Err(error),
        }
    }

    /// Runs a statement. A place comes back if the sink wants a pause there.
    pub(super) async fn statement(
        &mut self,
        index: usize,
        statement: &Statement<'_>,
        may_pause: bool,
        sink: &mut dyn RowSink,
    ) -> Result<Option<Place>> {
        self.check_not_failed(statement.sql)?;
        self.check_may_define(statement.sql)?;
        let mut place = Place::new(index, statement);
        let answer = if place.prepared {
            let values = if runs_per_row(statement) { None } else { Some(encode::parameters(statement)?) };
            let prepared = self.prepare(statement).await?;
            self.run_prepared(statement, prepared, values, &mut place, sink).await?
        } else {
            self.query(statement.sql, &mut place, sink).await?
        };
        match answer {
            Some(answer) => finish(index, statement.sql, statement.expect, answer, sink).map(|()| None),
            None if may_pause && !runs_often(statement) => Ok(Some(place)),
            None => Err(self.refuse_pause()),
        }
    }

    pub(super) fn refuse_pause(&mut self) -> Error {
        // The rest of the rows is still on the wire.
        self.broken = true;
        Error::new(ErrorKind::State, "a sink asked for a pause in a batch of several statements or rows")
            .help("a stream is a batch of its own")
    }

    /// Sends a text as it is.
    pub(super) async fn query(
        &mut self,
        sql: &str,
        place: &mut Place,
        sink: &mut dyn RowSink,
    ) -> Result<Option<Answer>> {
        encode::check_packet(sql.len() + 1, self.server.max_allowed_packet)?;
        self.sent = true;
        let sent = self.conn()?.query_iter(sql).await.map(drop);
        sent.map_err(|error| self.heed(error))?;
        self.read(place, sink).await
    }

    /// Names the text that is prepared for a statement.
    pub(super) fn text(&self, statement: &Statement<'_>) -> Option<Text> {
        statement.shape.map(|shape| (shape, self.returns_keys(statement)))
    }

    /// Tells whether the keys of the rows that a statement inserts are asked for with RETURNING, which only MariaDB has: for
    /// several rows it is right whatever triggers and clusters do to the keys. The key of a single row is in the answer anyway.
    pub(super) fn returns_keys(&self, statement: &Statement<'_>) -> bool {
        statement.find_keys.is_some() && self.server.maria && rows_at_once(statement) > 1
    }

    /// Shows the keys of the rows that a statement has inserted, counted from the first.
    pub(super) fn show_keys(
        &self,
        index: usize,
        statement: &Statement<'_>,
        answer: Answer,
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        let rows = rows_at_once(statement);
        let key = |row: usize| {
            let step = i64::try_from(self.server.key_step.checked_mul(row as u64)?).ok()?;
            answer.key?.checked_add(step)
        };
        for row in 0..rows {
            let key = key(row).ok_or_else(|| {
                Error::new(
                    ErrorKind::Database,
                    "the database has generated no key for a row that was inserted",
                )
                .help("the key column must be AUTO_INCREMENT, and no row may bring a key of its own")
            })?;
            // A pause between keys that are here already would serve nobody.
            sink.row(index, &[ValueRef::Int(key)])?;
        }
        Ok(())
    }

    /// Refuses to count keys where they may not follow one another.
    pub(super) fn check_countable(&self, statement: &Statement<'_>) -> Result<()> {
        let json = matches!(statement.params, Params::Rows { binding: RowBinding::Json, rows: 2.., .. });
        if statement.find_keys.is_some() && json && !self.server.maria && self.server.keys_interleaved {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "MySQL does not tell which keys an INSERT … SELECT generated (its `innodb_autoinc_lock_mode` is 2)",
            )
            .help("bind the rows as VALUES"));
        }
        Ok(())
    }

    /// Returns the prepared form of a statement, from the cache or the server.
    pub(super) async fn prepare(&mut self, statement: &Statement<'_>) -> Result<mysql_async::Statement> {
        if let Some(text) = self.text(statement)
            && let Some(prepared) = self.statements.get(text)
        {
            return Ok(prepared);
        }
        let sql = match statement.find_keys {
            Some(column) if self.returns_keys(statement) => {
                Cow::Owned(format!("{} RETURNING {column}", statement.sql))
            }
            _ => Cow::Borrowed(statement.sql),
        };
        check_colons(&sql)?;
        encode::check_packet(sql.len() + 1, self.server.max_allowed_packet)?;
        let prepared = self.conn()?.prep(sql).await;
        prepared.map_err(|error| {
            let error = self.heed(error);
            if error.code() == Some(NEVER_PREPARED) {
                return error.with_kind(ErrorKind::Unsupported).help(
                    "only as plain text without a semicolon inside does this server take such a statement",
                );
            }
            error
        })
    }

    /// Runs a prepared statement, for each row or with the values given, and keeps or closes it. `None`: the sink wants a pause.
    pub(super) async fn run_prepared(
        &mut self,
        statement: &Statement<'_>,
        mut prepared: mysql_async::Statement,
        values: Option<Vec<Wire>>,
        place: &mut Place,
        sink: &mut dyn RowSink,
    ) -> Result<Option<Answer>> {
        let answer = match (values, statement.params) {
            (None, Params::Rows { rows, columns, cell, .. }) => {
                self.for_each(statement, &mut prepared, (rows, columns, cell), place, sink).await
            }
            (values, _) => {
                let values = values.unwrap_or_default();
                let again = || encode::parameters(statement);
                self.execute(statement, &mut prepared, values, &again, place, sink).await
            }
        };
        let text = self.text(statement);
        match answer {
            Ok(None) => self.held = Some((text, prepared)),
            _ => self.release(text, prepared).await?,
        }
        answer
    }

    pub(super) async fn for_each(
        &mut self,
        statement: &Statement<'_>,
        prepared: &mut mysql_async::Statement,
        (rows, columns, cell): (usize, usize, Cell<'_>),
        place: &mut Place,
        sink: &mut dyn RowSink,
    ) -> Result<Option<Answer>> {
        let mut all = Answer::default();
        for row in 0..rows {
            *place = Place::new(place.index, statement);
            let make = || encode::row(row, columns, statement.types, cell);
            let values = make()?;
            match self.execute(statement, prepared, values, &make, place, sink).await? {
                Some(answer) => all.add(answer),
                None => return Ok(None),
            }
        }
        Ok(Some(all))
    }

    /// Runs a prepared statement once. `again` makes the same values another time.
    pub(super) async fn execute(
        &mut self,
        statement: &Statement<'_>,
        prepared: &mut mysql_async::Statement,
        values: Vec<Wire>,
        again: &(dyn Fn() -> Result<Vec<Wire>> + Sync),
        place: &mut Place,
        sink: &mut dyn RowSink,
    ) -> Result<Option<Answer>> {
        if usize::from(prepared.num_params()) != values.len() {
            // `mysql_async` would close the connection.
            return Err(Error::new(
                ErrorKind::Encode,
                format!(
                    "the statement has {} parameters and was given {} values",
                    prepared.num_params(),
                    values.len()
                ),
            ));
        }
        encode::check_length(&values, self.server.max_allowed_packet)?;
        self.check_countable(statement)?;
        self.sent = true;
        let mut sent = self.conn()?.exec_iter(&*prepared, values).await.map(drop);
        if let Err(mysql_async::Error::Server(error)) = &sent
            && (error.code == PREPARE_AGAIN || (error.code == RUNS_ONCE && self.has_kept(statement)))
        {
            // It has not run.
            if error.code == RUNS_ONCE
                && let Some(text) = self.text(statement)
            {
                self.statements.never_keep(text);
            }
            self.forget(statement).await?;
            *prepared = self.prepare(statement).await?;
            sent = self.conn()?.exec_iter(&*prepared, again()?).await.map(drop);
        }
        match sent {
            Ok(()) => {
                let answer = self.read(place, sink).await?;
                if let Some(answer) = answer
                    && statement.find_keys.is_some()
                    && !self.returns_keys(statement)
                {
                    self.show_keys(place.index, statement, answer, sink)?;
                }
                Ok(answer)
            }
            Err(error) => Err(self.heed(error)),
        }
    }

    /// Keeps a prepared statement for the next time, or closes it.
    pub(super) async fn release(
        &mut self,
        text: Option<Text>,
        prepared: mysql_async::Statement,
    ) -> Result<()> {
        let unwanted = match text {
            Some(text) if self.statements.get(text).is_some() => None,
            Some(text) => self.statements.keep(text, prepared),
            None => Some(prepared),
        };
        self.discard(unwanted).await
    }

    fn has_kept(&mut self, statement: &Statement<'_>) -> bool {
        self.text(statement).is_some_and(|text| self.statements.get(text).is_some())
    }

    pub(super) async fn forget(&mut self, statement: &Statement<'_>) -> Result<()> {
        let forgotten = self.text(statement).and_then(|text| self.statements.forget(text));
        self.discard(forgotten).await
    }

    pub(super) async fn discard(&mut self, unwanted: Option<mysql_async::Statement>) -> Result<()> {
        let Some(unwanted) = unwanted.filter(|_| !self.broken) else { return Ok(()) };
        let closed = self.conn()?.close(unwanted).await;
        closed.map_err(|error| self.heed(error))
    }
}
