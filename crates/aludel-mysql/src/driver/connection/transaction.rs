//! BEGIN, COMMIT and ROLLBACK, and the state that the server tells.

use super::*;

/// The transaction, as the status flags of the server's answers tell it; these are not sent with errors.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Transaction {
    None,
    Open,
    /// It holds what went wrong.
    Failed(String),
}

pub(super) fn outcome_unknown(error: Error) -> Error {
    Error::new(
        ErrorKind::CommitOutcomeUnknown,
        "the connection was lost while the transaction was being committed; it may or may not have been kept",
    )
    .help("look whether the changes are there before doing them again")
    .with_source(error)
}

impl Connection {
    pub(super) async fn begin(&mut self, begin: Begin) -> Result<()> {
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
        self.read_only = begin.read_only && begun.is_ok();
        begun.map_err(|error| error.with_sql(sql))
    }

    /// Refuses CREATE and its like in a transaction that only reads: the server would end that, and run it.
    pub(super) fn check_may_define(&mut self, sql: &str) -> Result<()> {
        if !self.read_only || self.transaction != Transaction::Open || !form::defines(sql) {
            return Ok(());
        }
        let error = errors::read_only();
        self.transaction = Transaction::Failed(error.what().to_owned());
        Err(error)
    }

    /// Asks after CREATE or its like has failed in a transaction whether the server has committed that first, which is in no error: a statement that
    /// was refused for its syntax has committed nothing.
    pub(super) async fn ask_after_definition(&mut self, sql: &str, error: Error) -> Error {
        if self.broken || !matches!(self.transaction, Transaction::Failed(_)) || !form::defines(sql) {
            return error;
        }
        let failed = std::mem::replace(&mut self.transaction, Transaction::None);
        let asked = self.command("DO 0").await;
        if asked.is_ok() && self.transaction == Transaction::None {
            return error.help(
                "what the transaction did before is committed: on MariaDB and MySQL CREATE, ALTER, DROP and their like commit first",
            );
        }
        self.transaction = failed;
        error
    }

    /// Asks MariaDB to report a write on a row that has changed since the snapshot, before the first snapshot of a connection.
    ///
    /// Without it such a write silently works on the new row. Only versions from 2024 on know the setting; it has no effect on
    /// READ COMMITTED.
    pub(super) async fn detect_conflicts(&mut self) -> Result<()> {
        if !self.snapshots && self.server.maria {
            match self.command("SET SESSION innodb_snapshot_isolation = ON").await {
                Err(error) if error.code() != Some("1193") => return Err(error),
                _ => {}
            }
        }
        self.snapshots = true;
        Ok(())
    }

    pub(super) async fn commit(&mut self) -> Result<()> {
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

    pub(super) async fn roll_back(&mut self) -> Result<()> {
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
    pub(super) async fn command(&mut self, sql: &str) -> Result<()> {
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

    pub(super) fn check_not_failed(&self, sql: &str) -> Result<()> {
        match &self.transaction {
            Transaction::Failed(why) if !matches!(Verb::of(sql), Verb::Rollback | Verb::XaEnd) => Err(
                Error::new(ErrorKind::State, format!("the transaction was given up after an error ({why})"))
                    .help("roll back, or back to a savepoint, before anything else"),
            ),
            _ => Ok(()),
        }
    }

    /// Takes the state of the transaction from the flags of the last answer.
    pub(super) fn hear_status(&mut self) {
        let flags = self.conn.as_ref().and_then(Conn::last_ok_packet).map(|ok| ok.status_flags());
        self.transaction = match flags {
            Some(flags) if flags.contains(StatusFlags::SERVER_STATUS_IN_TRANS) => Transaction::Open,
            _ => Transaction::None,
        };
        self.read_only &= self.transaction == Transaction::Open;
    }

    /// Takes notice of an error of the wire, and translates it.
    ///
    /// An open transaction has then failed: as on PostgreSQL it is good for nothing but ROLLBACK. The server would go on, with
    /// one statement of the transaction missing, or (after a deadlock) all of them.
    pub(super) fn heed(&mut self, error: mysql_async::Error) -> Error {
        let fatal = error.is_fatal();
        let error = errors::from_driver(error);
        if fatal || error.is_disconnect() {
            self.broken = true;
        } else if self.transaction == Transaction::Open {
            self.transaction = Transaction::Failed(error.what().to_owned());
        }
        error
    }
}
