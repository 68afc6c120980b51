//! What a connection and its transaction are in the model, and what must come of what is asked of them.

use std::collections::BTreeMap;

use aludel::ErrorKind;
use aludel_suite::Database;

use super::actors::Sort;
use super::work::{Change, Fault, Work, changed};

/// A connection that a task has.
pub struct Lent {
    pub number: i64,
    pub autocommit: bool,
    /// The server has ended it.
    pub dead: bool,
    /// A future was dropped while the server was at it.
    pub stuck: bool,
    pub tx: Option<Tx>,
    /// A transaction was dropped, and is rolled back before anything else.
    pub abandoned: bool,
}

impl Lent {
    pub fn new(number: i64, autocommit: bool) -> Self {
        Self { number, autocommit, dead: false, stuck: false, tx: None, abandoned: false }
    }

    /// The transaction that a guard stands for.
    pub fn explicit(&self) -> Option<&Tx> {
        self.tx.as_ref().filter(|tx| !tx.implicit)
    }

    /// The server holds something open for it.
    pub fn is_open(&self) -> bool {
        let open = |tx: &Tx| matches!(tx.state, State::Open | State::Failed);
        !self.dead && (self.abandoned || self.tx.as_ref().is_some_and(open))
    }
}

/// A transaction.
pub struct Tx {
    pub sort: Sort,
    /// It has begun by itself, on a connection without autocommit.
    pub implicit: bool,
    pub state: State,
    /// What was committed when it began, where that is what it sees.
    pub snapshot: Option<BTreeMap<String, i64>>,
    pub changes: Vec<Change>,
    pub savepoints: Vec<Savepoint>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing of it was sent.
    Fresh,
    Open,
    /// Good for a rollback only, to a savepoint if there is one.
    Failed,
    /// The database has rolled it back.
    Gone,
}

pub struct Savepoint {
    /// How many changes were made before it.
    pub at: usize,
    /// The transaction that it was set in was committed by a statement.
    pub gone: bool,
}

/// What must come of something.
#[derive(Debug, PartialEq)]
pub enum Verdict {
    Succeeds,
    Fails(&'static [ErrorKind]),
    /// For reasons that are the database's.
    May(&'static [ErrorKind]),
    /// With any error.
    FailsSomehow,
}

pub const LOST: &[ErrorKind] = &[ErrorKind::Disconnected, ErrorKind::CommitOutcomeUnknown, ErrorKind::State];
const LOST_OR_REFUSED: &[ErrorKind] =
    &[ErrorKind::Disconnected, ErrorKind::CommitOutcomeUnknown, ErrorKind::State, ErrorKind::ReadOnly];
/// Somebody else has a lock, or was faster.
pub const CONFLICT: &[ErrorKind] = &[ErrorKind::Timeout, ErrorKind::Deadlock, ErrorKind::Serialization];

impl Verdict {
    pub fn allows<T>(&self, came: &aludel::Result<T>) -> bool {
        match (self, came) {
            (Self::Succeeds | Self::May(_), Ok(_)) | (Self::FailsSomehow, Err(_)) => true,
            (Self::Fails(kinds) | Self::May(kinds), Err(error)) => kinds.contains(&error.kind()),
            (Self::Succeeds, Err(_)) | (Self::Fails(_) | Self::FailsSomehow, Ok(_)) => false,
        }
    }
}

impl Tx {
    pub fn new(sort: Sort, implicit: bool) -> Self {
        let (snapshot, changes, savepoints) = Default::default();
        Self { sort, implicit, state: State::Fresh, snapshot, changes, savepoints }
    }

    /// A statement was sent in it.
    pub fn began(&mut self, database: Database, committed: &BTreeMap<String, i64>) {
        if self.state == State::Fresh {
            self.state = State::Open;
            let keeps = match (database, self.sort) {
                (_, Sort::Snapshot) => true,
                (Database::Postgres, sort) => sort == Sort::Serializable,
                (Database::Sqlite, _) => true,
                (Database::MariaDb, _) => false,
            };
            self.snapshot = keeps.then(|| committed.clone());
        }
    }

    /// A statement in it was refused; `half`: what the batch had done before.
    pub fn refused(
        &mut self,
        database: Database,
        committed: &BTreeMap<String, i64>,
        of_the_program: bool,
        half: &[Change],
    ) {
        match self.state {
            // A batch that begins a transaction ends it when it fails, but for savepoints, which are set before.
            State::Fresh if self.savepoints.is_empty() => self.state = State::Gone,
            State::Fresh | State::Open => {
                self.began(database, committed);
                if database == Database::Sqlite {
                    self.changes.extend_from_slice(half);
                } else if !of_the_program {
                    self.state = State::Failed;
                }
            }
            State::Failed | State::Gone => {}
        }
    }

    pub fn view(&self, committed: &BTreeMap<String, i64>) -> BTreeMap<String, i64> {
        changed(self.snapshot.as_ref().unwrap_or(committed), &self.changes)
    }

    /// Goes back to the innermost savepoint, if there is one still, and forgets it.
    pub fn leave_savepoint(&mut self, undo: bool) {
        let Some(savepoint) = self.savepoints.pop() else { return };
        if undo && !savepoint.gone && self.state != State::Gone {
            self.changes.truncate(savepoint.at);
            if self.state == State::Failed {
                self.state = State::Open;
            }
        }
    }
}

/// What must come of work; `others`: another transaction is open; `writer`: another task has the writer's turn of SQLite.
pub fn verdict(lent: &Lent, work: &Work, others: bool, writer: bool) -> Verdict {
    if lent.dead {
        let only_reads = lent.tx.as_ref().is_some_and(|tx| tx.sort == Sort::ReadOnly);
        // MariaDB's driver refuses DDL without asking.
        return Verdict::Fails(if only_reads && work.writes() { LOST_OR_REFUSED } else { LOST });
    }
    if lent.stuck {
        return Verdict::Fails(&[ErrorKind::State]);
    }
    let tx = lent.tx.as_ref();
    if tx.is_some_and(|tx| matches!(tx.state, State::Failed | State::Gone)) {
        // PostgreSQL reads the text first.
        return match work {
            Work::Fail(Fault::Syntax) => Verdict::FailsSomehow,
            _ => Verdict::Fails(&[ErrorKind::State]),
        };
    }
    if writer && takes_turn(tx, work) {
        return match work {
            Work::Fail(_) => Verdict::FailsSomehow,
            _ => Verdict::Fails(&[ErrorKind::Timeout]),
        };
    }
    if tx.is_some_and(|tx| tx.sort == Sort::ReadOnly) && work.writes() {
        return Verdict::Fails(&[ErrorKind::ReadOnly]);
    }
    match work {
        Work::Fail(Fault::Unique) | Work::InsertHalf(_) if others => Verdict::FailsSomehow,
        Work::Fail(Fault::Unique) | Work::InsertHalf(_) => Verdict::Fails(&[ErrorKind::UniqueViolation]),
        Work::Fail(Fault::Misread) => Verdict::Fails(&[ErrorKind::Decode]),
        Work::Copy(_, false) => Verdict::Fails(&[ErrorKind::Encode]),
        Work::Fail(Fault::Syntax | Fault::Runtime) => Verdict::FailsSomehow,
        _ if others || tx.is_some_and(|tx| tx.snapshot.is_some()) => Verdict::May(CONFLICT),
        _ => Verdict::Succeeds,
    }
}

/// The same where a table may have been altered since the statement was prepared. Within a transaction that is an error of PostgreSQL, which ends
/// it; only a first statement can be prepared again and sent once more.
pub fn verdict_if_altered(verdict: Verdict, lent: &Lent, work: &Work) -> Verdict {
    const STALE: &[ErrorKind] =
        &[ErrorKind::Database, ErrorKind::Timeout, ErrorKind::Deadlock, ErrorKind::Serialization];
    let goes_on = lent.tx.as_ref().is_some_and(|tx| tx.state == State::Open);
    match verdict {
        Verdict::Succeeds | Verdict::May(_) if goes_on && *work == Work::ReadWide => Verdict::May(STALE),
        verdict => verdict,
    }
}

/// It takes the writer's turn of SQLite.
pub fn takes_turn(tx: Option<&Tx>, work: &Work) -> bool {
    match tx {
        None => work.writes(),
        Some(tx) => match (tx.sort, tx.state) {
            (Sort::ReadOnly, _) => false,
            (Sort::Plain | Sort::Serializable, State::Fresh) => true,
            _ => work.writes(),
        },
    }
}
