//! One open connection: what it is doing, and how a batch becomes a conversation.
//!
//! The wire is a connection of `mysql_async`, which keeps the place in a result in itself: a [`QueryResult`] can be made anew
//! at any time and goes on where the last one stopped. That is how a stream pauses without a borrow or a task.
//!
//! What `mysql_async` does *not* do: after a dropped future it gives the next statement the answer of the last one. So a
//! connection is marked before its first await, and a marked one is never used again: its socket is closed as it is, unread,
//! and the server is told over another connection to give up what it still runs.

mod answer;
mod reach;
mod statement;
mod transaction;

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

use answer::{Answer, Place, finish};
use reach::{kill, reach};
use statement::{commits_by_itself, runs_often};
use transaction::{Transaction, outcome_unknown};

use super::encode;
use super::form::{self, Verb};
use super::options::Options;
use super::rows::{self, Rows};
use super::setup::{self, Server};
use super::statements::{Statements, Text};
use super::tls::{self, Mode};
use crate::errors;

/// A connection to MariaDB or MySQL.
pub(super) struct Connection {
    /// `None` only once the connection is being closed.
    conn: Option<Conn>,
    server: Server,
    wire: Opts,
    connect_timeout: Duration,
    transaction: Transaction,
    /// The open transaction is not allowed to write.
    read_only: bool,
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

/// What a batch needs to go on.
struct Paused {
    place: Place,
    sql: String,
    expect: Option<u64>,
    began: bool,
    end: End,
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
            read_only: false,
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
                Err(error) => {
                    let error = self.ask_after_definition(statement.sql, error).await;
                    return self.conclude(Err(error.with_sql(statement.sql)), began, end).await;
                }
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

    fn conn(&mut self) -> Result<&mut Conn> {
        self.conn.as_mut().ok_or_else(|| Error::new(ErrorKind::Disconnected, "the connection is closed"))
    }
}

fn no_reset() -> Error {
    Error::new(ErrorKind::Unsupported, "the session of this connection cannot be reset")
        .help("the URL names no database to go back to, or the server is older than COM_RESET_CONNECTION")
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
