//! One open connection: what it is doing, and how a batch becomes a conversation.
//!
//! The wire is a connection of `mysql_async`, which keeps the place in a result in itself: a [`QueryResult`] can be made anew
//! at any time and goes on where the last one stopped. That is how a stream pauses without a borrow or a task.
//!
//! What `mysql_async` does *not* do: after a dropped future it gives the next statement the answer of the last one. So a
//! connection is marked before its first await, and a marked one is never used again: its socket is closed as it is, unread,
//! and the server is told over another connection to give up what it still runs.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aludel_engine::driver::{
    Batch, Begin, BoxFuture, Canceller, Done, End, Flow, Isolation, Params, Ran, RawConn, RowBinding,
    RowSink, RowSource, Statement, Status,
};
use aludel_sql::{Error, ErrorKind, Result, ValueRef};
use mysql_async::consts::StatusFlags;
use mysql_async::prelude::{Protocol, Queryable};
use mysql_async::{BinaryProtocol, Conn, DriverError, Opts, QueryResult, TextProtocol, Value as Wire};
use mysql_common::named_params::ParsedNamedParams;

use super::encode;
use super::form::{self, Verb};
use super::options::Options;
use super::rows::{self, Rows};
use super::setup::{self, Server};
use super::statements::{Statements, Text};
use super::tls::{self, Mode};
use crate::errors;

/// The error of a server that cannot prepare a sort of statement.
const NEVER_PREPARED: &str = "1295";

/// The error of a server whose tables have changed too often for a prepared statement.
const PREPARE_AGAIN: u16 = 1615;

/// After an error of the sink the rest of a result is read, so that the connection stays usable; a longer rest is not worth it.
const REST: usize = 1_000;

/// A connection to MariaDB or MySQL.
pub(super) struct Connection {
    /// `None` only once the connection is being closed.
    conn: Option<Conn>,
    server: Server,
    wire: Opts,
    connect_timeout: Duration,
    transaction: Transaction,
    in_flight: bool,
    broken: bool,
    /// Something of the current batch has been sent to be run.
    sent: bool,
    statements: Statements,
    rows: Rows,
    paused: Option<Paused>,
    /// The statement of a paused batch: nothing can be closed on a wire with unread rows.
    held: Option<(Option<Text>, mysql_async::Statement)>,
    /// `innodb_snapshot_isolation` has been seen to.
    snapshots: bool,
    last_used: Instant,
}

/// The transaction, as the status flags of the server's answers tell it; these are not sent with errors.
#[derive(Debug, PartialEq, Eq)]
enum Transaction {
    None,
    Open,
    /// It holds what went wrong.
    Failed(String),
}

/// What a batch needs to go on.
struct Paused {
    place: Place,
    sql: String,
    expect: Option<u64>,
    began: bool,
    end: End,
}

/// The place in the answer to a statement.
#[derive(Clone, Copy)]
struct Place {
    index: usize,
    /// The answer to a prepared statement is in another form.
    prepared: bool,
    verb: Verb,
    results: usize,
    in_result: bool,
    rows: u64,
}

/// The cells of rows that are bound one by one.
type Cell<'a> = &'a dyn RowSource;

/// The answer to a statement, read to its end.
#[derive(Clone, Copy, Default)]
struct Answer {
    affected: u64,
    key: Option<i64>,
}

impl Connection {
    /// Opens a connection and sets it up.
    pub async fn open(options: &Options) -> Result<Self> {
        let opened = tokio::time::timeout(options.connect_timeout, async {
            let (mut conn, wire) = reach(options).await?;
            let server = setup::set_up(&mut conn).await?;
            Ok((conn, server, wire))
        });
        let (conn, server, wire) = opened
            .await
            .unwrap_or_else(|_| {
                Err(Error::new(ErrorKind::Disconnected, "the server did not answer in time")
                    .help("look whether it runs and is reachable, or raise `connect_timeout` in the URL"))
            })
            .map_err(|error| match error.kind() {
                ErrorKind::Disconnected => {
                    error.help("look whether the server runs, and at host and port in the URL")
                }
                _ => error,
            })
            .map_err(|error| error.doing(format!("connecting as {options}")))?;
        Ok(Self {
            conn: Some(conn),
            server,
            wire,
            connect_timeout: options.connect_timeout,
            transaction: Transaction::None,
            in_flight: false,
            broken: false,
            sent: false,
            statements: Statements::new(options.statement_cache),
            rows: Rows::default(),
            paused: None,
            held: None,
            snapshots: false,
            last_used: Instant::now(),
        })
    }

    /// Tells whether the server is MySQL, not MariaDB.
    pub fn is_mysql(&self) -> bool {
        !self.server.maria
    }

    async fn run_batch(&mut self, batch: &Batch<'_>, sink: &mut dyn RowSink) -> Result<Ran> {
        self.check_usable()?;
        if batch.begin.is_some() && self.transaction != Transaction::None {
            return Err(Error::new(ErrorKind::State, "a transaction is open already on this connection")
                .help("commit or roll back first, or use a savepoint"));
        }
        self.in_flight = true;
        self.sent = false;
        let ran = self.converse(batch, sink).await;
        self.over(ran)
    }

    async fn resume_batch(&mut self, sink: &mut dyn RowSink) -> Result<Ran> {
        let Some(mut paused) = self.paused.take() else {
            return Err(Error::new(ErrorKind::State, "no batch is paused on this connection"));
        };
        let ran = match self.read(&mut paused.place, sink).await {
            Ok(None) => {
                self.paused = Some(paused);
                Ok(Ran::Paused)
            }
            read => {
                let Paused { place, sql, expect, began, end } = paused;
                let released = match self.held.take() {
                    Some((text, prepared)) => self.release(text, prepared).await,
                    None => Ok(()),
                };
                let finished = match read {
                    Ok(answer) => released
                        .and_then(|()| finish(place.index, &sql, expect, answer.unwrap_or_default(), sink)),
                    Err(error) => Err(error),
                };
                self.conclude(finished.map_err(|error| error.with_sql(sql)), began, end).await
            }
        };
        self.over(ran)
    }

    /// Sends COM_RESET_CONNECTION, which keeps no more than the user and the current database, and sets the connection up again.
    async fn reset_session(&mut self) -> Result<()> {
        // Without a database of its own there is none to go back to, if a USE has left it.
        let Some(database) = self.wire.db_name().map(str::to_owned) else { return Err(no_reset()) };
        let conn = self.conn()?;
        match conn.reset().await {
            Ok(true) => {}
            Ok(false) => return Err(no_reset()),
            Err(error) => return Err(self.heed(error)),
        }
        self.server = setup::set_up_again(self.conn()?, &database).await?;
        self.statements.clear();
        self.transaction = Transaction::None;
        self.snapshots = false;
        Ok(())
    }

    fn check_usable(&self) -> Result<()> {
        if self.broken {
            return Err(Error::new(ErrorKind::Disconnected, "the connection was lost earlier"));
        }
        if self.in_flight {
            return Err(Error::new(
                ErrorKind::State,
                "an earlier batch was given up before its end was seen",
            )
            .help("close this connection and take another"));
        }
        Ok(())
    }

    /// Clears the mark: the end of the batch was seen.
    fn over(&mut self, ran: Result<Ran>) -> Result<Ran> {
        if !matches!(ran, Ok(Ran::Paused)) {
            self.in_flight = false;
            self.last_used = Instant::now();
        }
        ran
    }

    async fn converse(&mut self, batch: &Batch<'_>, sink: &mut dyn RowSink) -> Result<Ran> {
        if let Some(alone) = commits_by_itself(batch)
            && let Some(ran) = self.run_alone(alone, sink).await.map_err(|error| error.with_sql(alone.sql))?
        {
            return Ok(ran);
        }
        // A statement that runs once per row is one statement: all of its rows, or none.
        let (begin, end) = match batch.begin {
            None if self.transaction == Transaction::None && batch.statements.iter().any(runs_often) => {
                (Some(Begin::default()), if batch.end == End::Open { End::Commit } else { batch.end })
            }
            begin => (begin, batch.end),
        };
        let began = begin.is_some();
        if let Some(begin) = begin {
            self.begin(begin).await?;
        }
        let may_pause = batch.statements.len() == 1;
        for (index, statement) in batch.statements.iter().enumerate() {
            match self.statement(index, statement, may_pause, sink).await {
                Ok(None) => {}
                Ok(Some(place)) => {
                    let sql = statement.sql.to_owned();
                    self.paused = Some(Paused { place, sql, expect: statement.expect, began, end });
                    return Ok(Ran::Paused);
                }
                Err(error) => return self.conclude(Err(error.with_sql(statement.sql)), began, end).await,
            }
        }
        self.conclude(Ok(()), began, end).await
    }

    /// Ends the batch: as it wishes, or after an error so that nothing of a transaction that it began is left.
    async fn conclude(&mut self, so_far: Result<()>, began: bool, end: End) -> Result<Ran> {
        match so_far {
            Ok(()) => {
                match end {
                    End::Open => {}
                    End::Commit => self.commit().await?,
                    End::Rollback => self.roll_back().await?,
                }
                Ok(Ran::Done)
            }
            Err(error) => {
                if began && !self.broken {
                    // What went wrong first is what the caller has to know; a failed ROLLBACK shows in the status.
                    let _ = self.roll_back().await;
                }
                Err(error)
            }
        }
    }

    // Transactions.

    async fn begin(&mut self, begin: Begin) -> Result<()> {
        let read_only = if begin.read_only { " READ ONLY" } else { "" };
        if begin.deferrable {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "MariaDB and MySQL have no deferrable transactions",
            ));
        }
        // With an isolation it is one text of two statements, in one round trip.
        let sql = match begin.isolation {
            None | Some(Isolation::ReadCommitted) => format!("START TRANSACTION{read_only}"),
            Some(Isolation::Snapshot) => {
                self.detect_conflicts().await?;
                let comma = if begin.read_only { "," } else { "" };
                format!(
                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; \
                     START TRANSACTION WITH CONSISTENT SNAPSHOT{comma}{read_only}"
                )
            }
            Some(Isolation::Serializable) => {
                format!("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; START TRANSACTION{read_only}")
            }
            Some(other) => {
                return Err(Error::new(
                    ErrorKind::Unsupported,
                    format!("the isolation {other:?} does not exist on MariaDB and MySQL"),
                ));
            }
        };
        let begun = self.command(&sql).await;
        if begun.is_err() {
            // An isolation that was set and not used would be the next transaction's.
            self.broken = true;
        }
        begun.map_err(|error| error.with_sql(sql))
    }

    /// Asks MariaDB to report a write on a row that has changed since the snapshot, before the first snapshot of a connection.
    ///
    /// Without it such a write silently works on the new row. Only versions from 2024 on know the setting; it has no effect on
    /// READ COMMITTED.
    async fn detect_conflicts(&mut self) -> Result<()> {
        if !self.snapshots && self.server.maria {
            match self.command("SET SESSION innodb_snapshot_isolation = ON").await {
                Err(error) if error.code() != Some("1193") => return Err(error),
                _ => {}
            }
        }
        self.snapshots = true;
        Ok(())
    }

    async fn commit(&mut self) -> Result<()> {
        self.check_not_failed("COMMIT")?;
        if self.transaction == Transaction::None {
            // DDL has committed, or nothing was begun: there is nothing to ask the server for.
            return Ok(());
        }
        let Err(error) = self.command("COMMIT").await else { return Ok(()) };
        if self.broken {
            return Err(outcome_unknown(error).with_sql("COMMIT"));
        }
        // The server has refused. It is not asked whether it has also rolled back.
        let _ = self.roll_back().await;
        Err(error.with_sql("COMMIT"))
    }

    async fn roll_back(&mut self) -> Result<()> {
        if self.transaction == Transaction::None {
            return Ok(());
        }
        let done = self.command("ROLLBACK").await;
        if done.is_err() {
            self.broken = true;
        }
        done.map_err(|error| error.with_sql("ROLLBACK"))
    }

    /// Sends a text of our own that shows no rows.
    async fn command(&mut self, sql: &str) -> Result<()> {
        let done = match self.conn() {
            Ok(conn) => conn.query_drop(sql).await,
            Err(error) => return Err(error),
        };
        match done {
            Ok(()) => {
                self.hear_status();
                Ok(())
            }
            Err(error) => Err(self.heed(error)),
        }
    }

    fn check_not_failed(&self, sql: &str) -> Result<()> {
        match &self.transaction {
            Transaction::Failed(why) if Verb::of(sql) != Verb::Rollback => Err(Error::new(
                ErrorKind::State,
                format!("the transaction was given up after an error ({why})"),
            )
            .help("roll back, or back to a savepoint, before anything else")),
            _ => Ok(()),
        }
    }

    /// Takes the state of the transaction from the flags of the last answer.
    fn hear_status(&mut self) {
        let flags = self.conn.as_ref().and_then(Conn::last_ok_packet).map(|ok| ok.status_flags());
        self.transaction = match flags {
            Some(flags) if flags.contains(StatusFlags::SERVER_STATUS_IN_TRANS) => Transaction::Open,
            _ => Transaction::None,
        };
    }

    /// Takes notice of an error of the wire, and translates it.
    ///
    /// An open transaction has then failed: as on PostgreSQL it is good for nothing but ROLLBACK. The server would go on, with
    /// one statement of the transaction missing, or (after a deadlock) all of them.
    fn heed(&mut self, error: mysql_async::Error) -> Error {
        let fatal = error.is_fatal();
        let error = errors::from_driver(error);
        if fatal || error.is_disconnect() {
            self.broken = true;
        } else if self.transaction == Transaction::Open {
            self.transaction = Transaction::Failed(error.what().to_owned());
        }
        error
    }

    fn conn(&mut self) -> Result<&mut Conn> {
        self.conn.as_mut().ok_or_else(|| Error::new(ErrorKind::Disconnected, "the connection is closed"))
    }

    // Statements.

    /// Runs a batch of one write that commits by itself: its own transaction is the one that was asked for, and two round trips
    /// are saved. `None`: it shows rows, so that it could fail after it has committed.
    async fn run_alone(&mut self, statement: &Statement<'_>, sink: &mut dyn RowSink) -> Result<Option<Ran>> {
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
    async fn statement(
        &mut self,
        index: usize,
        statement: &Statement<'_>,
        may_pause: bool,
        sink: &mut dyn RowSink,
    ) -> Result<Option<Place>> {
        self.check_not_failed(statement.sql)?;
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

    fn refuse_pause(&mut self) -> Error {
        // The rest of the rows is still on the wire.
        self.broken = true;
        Error::new(ErrorKind::State, "a sink asked for a pause in a batch of several statements or rows")
            .help("a stream is a batch of its own")
    }

    /// Sends a text as it is.
    async fn query(
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
    fn text(&self, statement: &Statement<'_>) -> Option<Text> {
        statement.shape.map(|shape| (shape, self.returns_keys(statement)))
    }

    /// Tells whether the keys of the rows that a statement inserts are asked for with RETURNING, which only MariaDB has: for
    /// several rows it is right whatever triggers and clusters do to the keys. The key of a single row is in the answer anyway.
    fn returns_keys(&self, statement: &Statement<'_>) -> bool {
        statement.find_keys.is_some() && self.server.maria && rows_at_once(statement) > 1
    }

    /// Shows the keys of the rows that a statement has inserted, counted from the first.
    fn show_keys(
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
    fn check_countable(&self, statement: &Statement<'_>) -> Result<()> {
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
    async fn prepare(&mut self, statement: &Statement<'_>) -> Result<mysql_async::Statement> {
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
    async fn run_prepared(
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

    async fn for_each(
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
    async fn execute(
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
            && error.code == PREPARE_AGAIN
        {
            // It has not run.
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
    async fn release(&mut self, text: Option<Text>, prepared: mysql_async::Statement) -> Result<()> {
        let unwanted = match text {
            Some(text) if self.statements.get(text).is_some() => None,
            Some(text) => self.statements.keep(text, prepared),
            None => Some(prepared),
        };
        self.discard(unwanted).await
    }

    async fn forget(&mut self, statement: &Statement<'_>) -> Result<()> {
        let forgotten = self.text(statement).and_then(|text| self.statements.forget(text));
        self.discard(forgotten).await
    }

    async fn discard(&mut self, unwanted: Option<mysql_async::Statement>) -> Result<()> {
        let Some(unwanted) = unwanted.filter(|_| !self.broken) else { return Ok(()) };
        let closed = self.conn()?.close(unwanted).await;
        closed.map_err(|error| self.heed(error))
    }

    // Answers.

    /// Reads the answer to a statement. `None`: the sink wants a pause.
    async fn read(&mut self, place: &mut Place, sink: &mut dyn RowSink) -> Result<Option<Answer>> {
        let read = if place.prepared {
            self.read_rows::<BinaryProtocol>(place, sink).await
        } else {
            self.read_rows::<TextProtocol>(place, sink).await
        };
        if !read? {
            return Ok(None);
        }
        self.hear_status();
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
    async fn read_rows<P: Protocol>(&mut self, place: &mut Place, sink: &mut dyn RowSink) -> Result<bool> {
        let Self { conn: Some(conn), rows: shown, .. } = self else { return Ok(true) };
        let mut result = QueryResult::<'_, '_, P>::new(conn);
        let error = loop {
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
                        Ok(Flow::More) => {}
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

fn no_reset() -> Error {
    Error::new(ErrorKind::Unsupported, "the session of this connection cannot be reset")
        .help("the URL names no database to go back to, or the server is older than COM_RESET_CONNECTION")
}

impl Place {
    fn new(index: usize, statement: &Statement<'_>) -> Self {
        let bare = matches!(statement.params, Params::One([])) && statement.shape.is_none();
        let prepared = !bare || form::must_prepare(statement.sql);
        Self { index, prepared, verb: Verb::of(statement.sql), results: 0, in_result: false, rows: 0 }
    }
}

impl Answer {
    /// Adds the answer for another row of the same statement. The key is the first.
    fn add(&mut self, other: Self) {
        self.affected += other.affected;
        self.key = self.key.or(other.key);
    }
}

impl RawConn for Connection {
    fn run<'a>(&'a mut self, batch: &'a Batch<'a>, sink: &'a mut dyn RowSink) -> BoxFuture<'a, Result<Ran>> {
        Box::pin(self.run_batch(batch, sink))
    }

    fn resume<'a>(&'a mut self, sink: &'a mut dyn RowSink) -> BoxFuture<'a, Result<Ran>> {
        Box::pin(self.resume_batch(sink))
    }

    fn status(&self) -> Status {
        match &self.transaction {
            _ if self.broken => Status::Broken,
            _ if self.in_flight => Status::InFlight,
            Transaction::None => Status::Idle,
            Transaction::Open => Status::InTx,
            Transaction::Failed(_) => Status::Failed,
        }
    }

    /// Tells what is known without the socket, which `mysql_async` does not show: a lost connection, and one that has been idle
    /// for so long that the server has closed it by its `wait_timeout`.
    fn is_closed(&mut self) -> bool {
        self.broken
            || self.conn.as_ref().is_none_or(Conn::is_disconnected)
            || self.server.has_hung_up(self.last_used.elapsed())
    }

    fn canceller(&self) -> Canceller {
        let (wire, timeout, id) = (self.wire.clone(), self.connect_timeout, self.server.connection);
        Arc::new(move || Box::pin(kill(wire.clone(), timeout, format!("KILL QUERY {id}"))))
    }

    fn reset(&mut self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            self.check_usable()?;
            self.in_flight = true;
            let reset = self.reset_session().await;
            self.in_flight = false;
            reset
        })
    }

    fn close(mut self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            if self.in_flight || self.broken {
                return;
            }
            if let Some(conn) = self.conn.take() {
                // The connection is over either way.
                let _ = conn.disconnect().await;
            }
        })
    }
}

impl Drop for Connection {
    /// Closes the socket. Where a batch was in flight nothing of its answer is read, and the server is told to end the
    /// connection: it would notice only after the statement, whose locks others may be waiting for.
    fn drop(&mut self) {
        let Some(conn) = self.conn.take() else { return };
        if self.status() == Status::Idle {
            // `mysql_async` says good-bye in the background.
            return;
        }
        if self.in_flight
            && !self.broken
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let sql = format!("KILL CONNECTION {}", self.server.connection);
            runtime.spawn(kill(self.wire.clone(), self.connect_timeout, sql));
        }
        if !conn.is_disconnected() {
            // Dropped within a runtime, a connection of `mysql_async` reads an unread result to its end in the background, a
            // million rows if need be, and an open transaction keeps its locks until then. Dropped on a thread outside of the
            // runtime it just closes the socket.
            drop(std::thread::Builder::new().name("aludel-close".into()).spawn(move || drop(conn)));
        }
    }
}

/// Ends a statement or a connection by way of another connection. Whether it worked shows there.
/// Opens a connection as the options say, and returns how it was opened.
async fn reach(options: &Options) -> Result<(Conn, Opts)> {
    let wire = options.secured.get_or_try_init(|| tls::secured(&options.wire, &options.tls)).await?.clone();
    match Conn::new(wire.clone()).await {
        Ok(conn) => Ok((conn, wire)),
        // Nothing was sent yet, and nobody reads along on this machine.
        Err(mysql_async::Error::Driver(DriverError::NoClientSslFlagFromServer))
            if options.tls.local && options.tls.mode == Mode::Preferred =>
        {
            let conn = Conn::new(options.wire.clone()).await.map_err(errors::from_driver)?;
            Ok((conn, options.wire.clone()))
        }
        Err(error) => Err(tls::explain(&error).unwrap_or_else(|| errors::from_driver(error))),
    }
}

async fn kill(wire: Opts, timeout: Duration, sql: String) {
    let killing = async {
        let mut conn = Conn::new(wire).await?;
        conn.query_drop(sql).await?;
        conn.disconnect().await
    };
    let _: Result<mysql_async::Result<()>, _> = tokio::time::timeout(timeout, killing).await;
}

/// Returns the statement of a batch that is one write and its transaction, if the transaction that each statement has anyway
/// is just that.
fn commits_by_itself<'a>(batch: &Batch<'a>) -> Option<&'a Statement<'a>> {
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
fn rows_at_once(statement: &Statement<'_>) -> usize {
    match statement.params {
        Params::One(_) | Params::Rows { binding: RowBinding::Each, .. } => 1,
        Params::Rows { rows, .. } => rows,
    }
}

fn runs_per_row(statement: &Statement<'_>) -> bool {
    matches!(statement.params, Params::Rows { binding: RowBinding::Each, .. })
}

fn runs_often(statement: &Statement<'_>) -> bool {
    matches!(statement.params, Params::Rows { binding: RowBinding::Each, rows: 2.., .. })
}

/// Refuses a text that `mysql_async` would change: it reads `:name` as a parameter, and takes a backslash for an escape, which it
/// is not here (`NO_BACKSLASH_ESCAPES`), so that it may see a name inside of a text.
fn check_colons(sql: &str) -> Result<()> {
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

fn outcome_unknown(error: Error) -> Error {
    Error::new(
        ErrorKind::CommitOutcomeUnknown,
        "the connection was lost while the transaction was being committed; it may or may not have been kept",
    )
    .help("look whether the changes are there before doing them again")
    .with_source(error)
}

/// Tells the sink how a statement ended, if it ended as expected.
fn finish(
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

fn stale(sql: &str, expected: u64, matched: u64) -> Error {
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
