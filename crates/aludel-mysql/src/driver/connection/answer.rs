//! Reading the answer to a statement, and the place in it.

use super::*;

/// After an error of the sink the rest of a result is read, so that the connection stays usable; a longer rest is not worth it.
pub(super) const REST: usize = 1_000;

/// The place in the answer to a statement.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) index: usize,
    /// The answer to a prepared statement is in another form.
    pub(super) prepared: bool,
    pub(super) verb: Verb,
    pub(super) results: usize,
    pub(super) in_result: bool,
    pub(super) rows: u64,
}

/// The answer to a statement, read to its end.
#[derive(Clone, Copy, Default)]
pub(super) struct Answer {
    pub(super) affected: u64,
    pub(super) key: Option<i64>,
}

impl Place {
    pub(super) fn new(index: usize, statement: &Statement<'_>) -> Self {
        let bare = matches!(statement.params, Params::One([])) && statement.shape.is_none();
        let prepared = !bare || form::must_prepare(statement.sql);
        Self { index, prepared, verb: Verb::of(statement.sql), results: 0, in_result: false, rows: 0 }
    }
}

impl Answer {
    /// Adds the answer for another row of the same statement. The key is the first.
    pub(super) fn add(&mut self, other: Self) {
        self.affected += other.affected;
        self.key = self.key.or(other.key);
    }
}

/// Tells the sink how a statement ended, if it ended as expected.
pub(super) fn finish(
    index: usize,
    sql: &str,
    expect: Option<u64>,
    answer: Answer,
    sink: &mut dyn RowSink,
) -> Result<()> {
    if let Some(expected) = expect
        && expected != answer.affected
    {
        return Err(stale(sql, expected, answer.affected));
    }
    sink.done(index, Done { rows_affected: answer.affected, generated_key: answer.key });
    Ok(())
}

pub(super) fn stale(sql: &str, expected: u64, matched: u64) -> Error {
    let verb = sql
        .trim_start()
        .split(|c: char| !c.is_ascii_alphabetic())
        .next()
        .unwrap_or_default()
        .to_ascii_uppercase();
    let rows = if expected == 1 { "row" } else { "rows" };
    Error::new(ErrorKind::StaleData, format!("{verb} expected to match {expected} {rows}, matched {matched}"))
        .help("another transaction changed or deleted a row; refresh it, or map a version column")
}

impl Connection {
    /// Reads the answer to a statement. `None`: the sink wants a pause.
    pub(super) async fn read(&mut self, place: &mut Place, sink: &mut dyn RowSink) -> Result<Option<Answer>> {
        let read = if place.prepared {
            self.read_rows::<BinaryProtocol>(place, sink).await
        } else {
            self.read_rows::<TextProtocol>(place, sink).await
        };
        if !read? {
            return Ok(None);
        }
        let stays_failed = place.verb == Verb::XaEnd && matches!(self.transaction, Transaction::Failed(_));
        if !stays_failed {
            self.hear_status();
        }
        let conn = self.conn()?;
        let mut answer = Answer {
            affected: conn.affected_rows(),
            key: conn.last_insert_id().and_then(|key| i64::try_from(key).ok()),
        };
        if place.verb == Verb::Write && place.results > 0 {
            // RETURNING: the end of a result does not say how many rows were changed, but each was shown.
            answer.affected = place.rows;
        }
        if place.results > 1 {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "the statement has more than one result with rows",
            )
            .help("let the procedure show one result, and call another for the next"));
        }
        Ok(Some(answer))
    }

    /// Shows the rows of the first result that has any. `false`: the sink wants a pause.
    pub(super) async fn read_rows<P: Protocol>(
        &mut self,
        place: &mut Place,
        sink: &mut dyn RowSink,
    ) -> Result<bool> {
        let Self { conn: Some(conn), rows: shown, .. } = self else { return Ok(true) };
        let mut result = QueryResult::<'_, '_, P>::new(conn);
        let mut error = loop {
            if !place.in_result {
                let Some(columns) = result.columns() else {
                    // An error in the place of a further result comes out here.
                    match result.next().await {
                        Ok(_) => return Ok(true),
                        Err(error) => return Err(self.heed(error)),
                    }
                };
                place.in_result = true;
                if !columns.is_empty() {
                    place.results += 1;
                    let begun = match place.results {
                        1 => shown.begin(place.index, &columns, sink),
                        _ => rows::check(&columns),
                    };
                    if let Err(error) = begun {
                        break error;
                    }
                }
            }
            match result.next().await {
                Ok(Some(row)) if place.results == 1 => {
                    place.rows += 1;
                    match shown.show(place.index, &row, sink) {
                        Ok(Flow::More | Flow::Enough) => {}
                        Ok(Flow::Pause) => return Ok(false),
                        Err(error) => break error,
                    }
                }
                // A second result of a procedure: read to its end, then refused.
                Ok(Some(_)) => {}
                Ok(None) => place.in_result = false,
                Err(error) => return Err(self.heed(error)),
            }
        };
        // `mysql_async` panics at a row with a type that it does not know: such a result is not read.
        self.broken = true;
        let rest = if error.kind() == ErrorKind::Protocol { 0 } else { REST };
        for _ in 0..rest {
            match result.next().await {
                Ok(Some(_)) => {}
                Ok(None) if result.columns().is_some() => {}
                Ok(None) => {
                    // The server knows nothing of the sink's trouble.
                    self.broken = false;
                    self.hear_status();
                    if place.verb == Verb::Write && self.transaction == Transaction::None {
                        error = error.doing("reading the rows of what is committed");
                    }
                    break;
                }
                Err(error) => {
                    self.broken = false;
                    self.heed(error);
                    break;
                }
            }
        }
        Err(error)
    }
}
