//! The conversation with the server, as values: messages are appended to `out`, bytes arrive in `inb`, and [`Core::step`]
//! understands them. No socket and no clock.
//!
//! What was asked is kept as a queue of [`Op`]s, and every answer has to be the one that the first of them waits for. An error
//! from the server empties the queue up to the Sync, because that is what the server does with the messages.

use std::collections::VecDeque;

use aludel_engine::driver::{ColumnInfo, Done, Flow, Notice, Notification, RowSink};
use aludel_sql::{Error, ErrorKind, Result, ValueRef};
use bytes::BytesMut;

use super::buffer::{ReadBuffer, split_message};
use super::decode;
use super::message::{Body, wrong};
use super::statements::{Slot, Statements};
use crate::errors::DatabaseError;

/// Rows up to this width are laid out on the stack, those of a few columns in little of it: a stream begins anew for each row.
const NARROW: usize = 32;
const VERY_NARROW: usize = 8;
/// Output of a large batch beyond this is given back.
const KEEP_OUT: usize = 1024 * 1024;
/// Notifications that nobody takes; the oldest go first.
const MOST_NOTIFICATIONS: usize = 1_024;
/// Notices of one batch; the oldest go first.
const MOST_NOTICES: usize = 256;
/// PostgreSQL reports some fifteen parameters.
const MOST_PARAMETERS: usize = 256;

/// One connection's side of the protocol.
pub(super) struct Core {
    pub out: BytesMut,
    /// How much of `out` was written.
    written: usize,
    pub inb: ReadBuffer,
    pub statements: Statements,
    pub talk: Talk,
    /// Types of one statement's parameters, kept for its memory.
    pub wanted: Vec<super::oid::Oid>,
}

/// Where the cells of a row are laid out: once for all rows of a step, during which the buffer that they borrow from stays as it is, and
/// not before the first of them.
#[derive(Default)]
struct RowCells<'a> {
    very_narrow: Option<[ValueRef<'a>; VERY_NARROW]>,
    narrow: Option<[ValueRef<'a>; NARROW]>,
    wide: Vec<ValueRef<'a>>,
}

impl<'a> RowCells<'a> {
    #[inline]
    fn of_width(&mut self, width: usize) -> &mut [ValueRef<'a>] {
        if width <= VERY_NARROW {
            return &mut self.very_narrow.get_or_insert([ValueRef::Null; VERY_NARROW])[..width];
        }
        if width <= NARROW {
            return &mut self.narrow.get_or_insert([ValueRef::Null; NARROW])[..width];
        }
        self.wide.resize(width, ValueRef::Null);
        &mut self.wide
    }
}

/// What is known of the conversation, apart from its bytes.
pub(super) struct Talk {
    ops: Ops,
    /// The status byte of the last ReadyForQuery: `I`, `T` or `E`.
    pub status: u8,
    /// The first failure since the batch began.
    pub failure: Option<Failure>,
    /// The sink has seen something of this batch: it cannot be sent again unseen.
    pub shown: bool,
    /// The server has said that it will close, and why.
    pub fatal: bool,
    /// COMMIT was acknowledged.
    pub committed: bool,
    /// A statement whose rows were refused here has changed rows, and the server has nothing against it.
    pub kept: bool,
    /// CREATE, ALTER or DROP has run in the open transaction: a rollback undoes it.
    altered: bool,
    /// What was prepared before may give other columns than it did.
    stale: bool,
    bound: bool,
    /// The sink knows the columns of the first op.
    told: bool,
    affected: u64,
    pub copy: Copy,
    pub parameters: Vec<(String, String)>,
    pub notifications: VecDeque<Notification>,
    pub notices: VecDeque<Notice>,
}

/// How far a COPY between the server and us is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Copy {
    /// There is none, and one that takes data from us is refused.
    None,
    /// The batch is a COPY that takes data, and the server has not answered yet.
    Expected,
    /// The server waits for data.
    In,
    /// The server waits for data that we do not have: CopyFail and Sync are to be sent.
    Refused,
    /// The data has ended, or the server does not want more of it: a Sync is to be sent, because the server ignores those that
    /// come while it waits for data.
    Over,
    /// The server sends data.
    Out,
}

/// What was asked of the server and is not yet answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Close,
    Parse(Slot),
    Describe(Slot),
    /// Bind and Execute, `left` times.
    Run {
        slot: Slot,
        purpose: Purpose,
        left: usize,
    },
    Sync,
}

/// What was asked and is not yet answered, the oldest first. A batch is answered before the next is asked: the list only grows, and is
/// emptied when all is answered, which is less work for each message than a ring.
#[derive(Default)]
struct Ops {
    all: Vec<Op>,
    /// So many of them are answered.
    answered: usize,
}

impl Ops {
    fn push(&mut self, op: Op) {
        self.all.push(op);
    }

    #[inline]
    fn front(&self) -> Option<&Op> {
        self.all.get(self.answered)
    }

    #[inline]
    fn front_mut(&mut self) -> Option<&mut Op> {
        self.all.get_mut(self.answered)
    }

    #[inline]
    fn pop_front(&mut self) {
        self.answered += 1;
        if self.answered >= self.all.len() {
            self.clear();
        }
    }

    fn iter(&self) -> impl Iterator<Item = &Op> {
        self.all[self.answered..].iter()
    }

    #[inline]
    fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn clear(&mut self) {
        self.all.clear();
        self.answered = 0;
    }
}

/// Why a statement runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Begin,
    Statement { index: usize, expect: Option<u64> },
    Commit,
    Rollback,
}

/// The first thing that went wrong in a batch.
pub(super) struct Failure {
    pub error: Error,
    /// The statement of the batch.
    pub statement: Option<usize>,
    /// Preparing again may help.
    pub stale_plan: bool,
}

/// How far [`Core::step`] came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The server is ready for the next batch.
    Done,
    /// More bytes are needed.
    Need,
    /// The sink asked for a pause.
    Paused,
}

impl Core {
    pub fn new(statement_cache: usize) -> Self {
        Self {
            out: BytesMut::new(),
            written: 0,
            inb: ReadBuffer::new(),
            statements: Statements::new(statement_cache, suffix()),
            talk: Talk {
                ops: Ops::default(),
                status: b'I',
                failure: None,
                shown: false,
                fatal: false,
                committed: false,
                kept: false,
                altered: false,
                stale: false,
                bound: false,
                told: false,
                affected: 0,
                copy: Copy::None,
                parameters: Vec::new(),
                notifications: VecDeque::new(),
                notices: VecDeque::new(),
            },
            wanted: Vec::new(),
        }
    }

    /// Lends the bytes that are still to be written.
    #[inline]
    pub fn unsent(&self) -> &[u8] {
        &self.out[self.written..]
    }

    /// Tells that this many bytes of [`Core::unsent`] were written.
    pub fn sent(&mut self, n: usize) {
        self.written = (self.written + n).min(self.out.len());
        if self.written == self.out.len() {
            self.clear_out();
        }
    }

    pub fn clear_out(&mut self) {
        self.written = 0;
        if self.out.capacity() > KEEP_OUT {
            self.out = BytesMut::new();
        } else {
            self.out.clear();
        }
    }

    /// Understands the messages that are here and shows rows to the sink.
    ///
    /// # Errors
    ///
    /// What breaks the connection: bytes that the protocol does not allow, or an error after which the server closes. All
    /// else is kept in `talk.failure` until the server is ready again.
    pub fn step(&mut self, sink: &mut dyn RowSink) -> Result<Step> {
        let Self { inb, statements, talk, .. } = self;
        let mut left = inb.unread();
        let mut cells = RowCells::default();
        let step = loop {
            let Some((tag, body, rest)) = split_message(left)? else { break Step::Need };
            left = rest;
            if tag == b'D' {
                if talk.row(body, &mut cells, statements, sink)? == Flow::Pause {
                    break Step::Paused;
                }
            } else if tag == b'd' {
                if talk.copied(body, sink)? == Flow::Pause {
                    break Step::Paused;
                }
            } else if talk.message(tag, Body(body), statements, sink)? {
                break Step::Done;
            }
        };
        let left = left.len();
        inb.consume_but(left);
        if step == Step::Done {
            inb.shrink();
        }
        match self.talk.copy {
            Copy::Refused => self.fail_copy(),
            Copy::Over => self.end_copy(),
            _ => {}
        }
        Ok(step)
    }
}

impl Talk {
    /// Forgets what the last batch left.
    pub fn begin_batch(&mut self) {
        self.failure = None;
        self.shown = false;
        self.committed = false;
        self.kept = false;
        self.copy = Copy::None;
    }

    pub fn push(&mut self, op: Op) {
        self.ops.push(op);
    }

    /// Takes back what was pushed for a batch that cannot be sent.
    pub fn clear(&mut self) {
        self.ops.clear();
        self.bound = false;
        self.told = false;
    }

    /// Returns the statement of the batch that the server is at.
    pub fn current_statement(&self) -> Option<usize> {
        self.ops.iter().find_map(|op| match op {
            Op::Run { purpose: Purpose::Statement { index, .. }, .. } => Some(Some(*index)),
            Op::Run { .. } | Op::Sync => Some(None),
            _ => None,
        })?
    }

    /// Tells whether nobody can know whether the COMMIT that was asked for took effect, the connection being lost and this
    /// many bytes unsent.
    pub fn commit_unknown(&self, unsent: usize) -> bool {
        /// A Sync: what stands behind the COMMIT.
        const SYNC: usize = 5;
        let commit = self.ops.iter().position(|op| matches!(op, Op::Run { purpose: Purpose::Commit, .. }));
        match commit {
            None => false,
            // Messages come in order: the server said good-bye before it came to the COMMIT.
            Some(at) if self.fatal && self.ops.iter().take(at).any(|op| matches!(op, Op::Run { .. })) => {
                false
            }
            Some(_) => unsent <= SYNC,
        }
    }

    pub fn fail(&mut self, error: Error) {
        if self.failure.is_none() {
            self.failure = Some(Failure { error, statement: self.current_statement(), stale_plan: false });
        }
    }

    #[inline]
    fn row<'a>(
        &mut self,
        body: &'a [u8],
        cells: &mut RowCells<'a>,
        statements: &Statements,
        sink: &mut dyn RowSink,
    ) -> Result<Flow> {
        let (Some(&Op::Run { slot, purpose: Purpose::Statement { index, .. }, .. }), true) =
            (self.ops.front(), self.bound)
        else {
            return Err(unexpected(b'D'));
        };
        if self.failure.is_some() {
            // Nobody wants it any more, but what follows is still to be read.
            return Ok(Flow::More);
        }
        let statement = statements.get(slot);
        let forms = &statement.forms;
        let cells = cells.of_width(forms.len());
        let shown = decode::row(body, forms, cells).and_then(|()| {
            if statement.has_owned {
                decode::with_owned(forms, cells, |cells| sink.row(index, cells))
            } else {
                Ok(sink.row(index, cells))
            }
        });
        let answer = match shown {
            Ok(answer) => {
                self.shown = true;
                answer
            }
            Err(error) if error.kind() == ErrorKind::Protocol => return Err(error),
            Err(error) => Err(error),
        };
        answer.or_else(|error| {
            self.fail(error.name_cell(|at| statement.columns().nth(at).map(str::to_owned)));
            Ok(Flow::More)
        })
    }

    /// Shows a piece of what COPY sends: a row with one cell.
    fn copied(&mut self, piece: &[u8], sink: &mut dyn RowSink) -> Result<Flow> {
        let (Some(Op::Run { purpose: Purpose::Statement { index, .. }, .. }), Copy::Out) =
            (self.ops.front().copied(), self.copy)
        else {
            return Err(unexpected(b'd'));
        };
        if self.failure.is_some() {
            return Ok(Flow::More);
        }
        self.shown = true;
        sink.row(index, &[ValueRef::Blob(piece)]).or_else(|error| {
            self.fail(error);
            Ok(Flow::More)
        })
    }

    /// Understands any message but a row. `true`: the server is ready for the next batch.
    fn message(
        &mut self,
        tag: u8,
        body: Body<'_>,
        statements: &mut Statements,
        sink: &mut dyn RowSink,
    ) -> Result<bool> {
        match tag {
            b'2' => self.bind_complete(body, statements, sink).map(|()| false),
            b'C' => self.command_complete(body, statements, sink).map(|()| false),
            b'Z' => self.ready(body, statements),
            _ => self.rarer_message(tag, body, statements, sink).map(|()| false),
        }
    }

    #[inline]
    fn bind_complete(
        &mut self,
        body: Body<'_>,
        statements: &Statements,
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        let Some(Op::Run { slot, purpose, .. }) = self.ops.front() else { return Err(unexpected(b'2')) };
        if self.bound {
            return Err(unexpected(b'2'));
        }
        body.end()?;
        self.bound = true;
        if let Purpose::Statement { index, .. } = *purpose
            && !self.told
        {
            let slot = *slot;
            self.tell_columns(index, slot, statements, sink);
        }
        Ok(())
    }

    #[inline]
    fn command_complete(
        &mut self,
        mut body: Body<'_>,
        statements: &mut Statements,
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        if !self.bound || !matches!(self.ops.front(), Some(Op::Run { .. })) {
            return Err(unexpected(b'C'));
        }
        let tag = body.ascii()?;
        body.end()?;
        self.complete(tag, sink);
        if let [b'A', b'L', ..] | [b'C', b'R', ..] | [b'D', b'E' | b'I' | b'R', ..] | [b'R', b'O', ..] = tag {
            self.rarer_complete(tag, statements);
        }
        Ok(())
    }

    /// A statement is over that may concern those that are prepared.
    #[inline(never)]
    fn rarer_complete(&mut self, tag: &[u8], statements: &mut Statements) {
        if matches!(tag, b"DISCARD ALL" | b"DEALLOCATE ALL") {
            // Ours went with the caller's.
            statements.forget_all();
        } else if [&b"ALTER "[..], b"CREATE ", b"DROP "].iter().any(|it| tag.starts_with(it)) {
            self.altered = true;
            self.stale = true;
        } else if tag == b"ROLLBACK" {
            // Also one to a savepoint.
            self.stale |= self.altered;
        }
    }

    #[inline]
    fn ready(&mut self, mut body: Body<'_>, statements: &mut Statements) -> Result<bool> {
        if self.ops.front() != Some(&Op::Sync) {
            return Err(unexpected(b'Z'));
        }
        self.status = match body.u8()? {
            status @ (b'I' | b'T' | b'E') => status,
            _ => return Err(wrong("the state of the transaction is none that exists")),
        };
        body.end()?;
        self.ops.pop_front();
        if self.altered {
            self.after_definition(statements);
        }
        Ok(self.ops.is_empty())
    }

    /// Forgets what was prepared for tables as they were. Outside of a transaction it would be found stale and prepared again, inside it would fail
    /// that: what has altered the table itself must be able to read it.
    #[cold]
    fn after_definition(&mut self, statements: &mut Statements) {
        if std::mem::take(&mut self.stale) {
            statements.forget_all();
        }
        self.altered = self.status != b'I';
    }

    fn rarer_message(
        &mut self,
        tag: u8,
        body: Body<'_>,
        statements: &mut Statements,
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        match (tag, self.ops.front().copied()) {
            (b'N' | b'S' | b'A', _) => self.asynchronous(tag, body)?,
            (b'E', _) => self.error(body)?,
            (b'1', Some(Op::Parse(slot))) => {
                body.end()?;
                self.ops.pop_front();
                let described = matches!(self.ops.front(), Some(Op::Describe(it)) if *it == slot);
                statements.get_mut(slot).ready |= !described;
            }
            (b'3', Some(Op::Close)) => {
                body.end()?;
                self.ops.pop_front();
            }
            (b't', Some(Op::Describe(slot))) => {
                self.parameters(body, statements.get(slot).parameters.len())?
            }
            (b'T' | b'n', Some(Op::Describe(slot))) => {
                let statement = statements.get_mut(slot);
                statement.describe(if tag == b'T' { Some(body) } else { body.end().map(|()| None)? })?;
                // One that has another number of parameters would not be described again, and the server's answer to the Bind says less.
                statement.ready = self.failure.is_none();
                self.ops.pop_front();
            }
            (b'I', Some(Op::Run { .. })) if self.bound => {
                body.end()?;
                self.complete(b"", sink);
            }
            (b'G', Some(Op::Run { .. })) if self.bound && self.copy == Copy::Expected => self.copy = Copy::In,
            (b'G', Some(Op::Run { .. })) if self.bound => {
                self.fail(copy_unsupported());
                // The server ignores a Sync while it waits for data. For any other message it closes the connection.
                if self.ops.iter().nth(1) == Some(&Op::Sync) {
                    self.copy = Copy::Refused;
                }
            }
            (b'H', Some(Op::Run { .. })) if self.bound => self.copy = Copy::Out,
            (b'c', Some(Op::Run { .. })) if self.copy == Copy::Out => {
                body.end()?;
                self.copy = Copy::None;
            }
            (b'W', Some(Op::Run { .. })) if self.bound => return Err(copy_unsupported()),
            (tag, _) => return Err(unexpected(tag)),
        }
        Ok(())
    }

    fn error(&mut self, body: Body<'_>) -> Result<()> {
        let reported = DatabaseError::read(body)?;
        if reported.is_fatal() {
            self.fatal = true;
            // Whatever it is called, the connection ends with it.
            return Err(reported.into_error().with_kind(ErrorKind::Disconnected));
        }
        if self.ops.is_empty() {
            return Err(unexpected(b'E'));
        }
        let stale_plan = reported.is_stale_plan();
        self.kept = false;
        if self.failure.is_none() {
            let doing = match self.ops.iter().find(|op| matches!(op, Op::Run { .. } | Op::Sync)) {
                Some(Op::Run { purpose: Purpose::Begin, .. }) => Some("beginning a transaction"),
                Some(Op::Run { purpose: Purpose::Commit, .. }) => Some("committing"),
                Some(Op::Run { purpose: Purpose::Rollback, .. }) => Some("rolling back"),
                _ => None,
            };
            let error = reported.into_error();
            let error = if let Some(doing) = doing { error.doing(doing) } else { error };
            self.failure = Some(Failure { error, statement: self.current_statement(), stale_plan });
        }
        while self.ops.front().is_some_and(|op| *op != Op::Sync) {
            self.ops.pop_front();
        }
        self.bound = false;
        self.told = false;
        self.affected = 0;
        self.copy = if self.copy == Copy::In { Copy::Over } else { Copy::None };
        Ok(())
    }

    /// Checks what a Describe says of the parameters.
    fn parameters(&mut self, mut body: Body<'_>, sent: usize) -> Result<()> {
        let count = usize::from(body.u16()?);
        body.bytes(4 * count)?;
        body.end()?;
        if count != sent {
            // The server is going to refuse the Bind; this says it in the words of who wrote the statement.
            self.fail(Error::new(
                ErrorKind::Encode,
                format!("the statement has {count} placeholders, the number of values is {sent}"),
            ));
        }
        Ok(())
    }

    fn tell_columns(&mut self, index: usize, slot: Slot, statements: &Statements, sink: &mut dyn RowSink) {
        let statement = statements.get(slot);
        if std::mem::replace(&mut self.told, true)
            || self.failure.is_some()
            || statement.forms.is_empty()
            || !sink.wants_columns()
        {
            return;
        }
        let columns: Vec<ColumnInfo<'_>> = statement.columns().map(|name| ColumnInfo { name }).collect();
        self.shown = true;
        if let Err(error) = sink.columns(index, &columns) {
            self.fail(error);
        }
    }

    /// One execution of the first op is over.
    #[inline(always)] // There are two who call it, one of them for hardly any statement.
    fn complete(&mut self, tag: &[u8], sink: &mut dyn RowSink) {
        self.bound = false;
        self.affected = self.affected.saturating_add(rows_affected(tag));
        let Some(Op::Run { purpose, left, .. }) = self.ops.front_mut() else { return };
        let purpose = *purpose;
        if *left > 1 {
            *left -= 1;
            return;
        }
        self.told = false;
        let affected = std::mem::take(&mut self.affected);
        match purpose {
            Purpose::Statement { index, expect } => {
                if let Some(expected) = expect.filter(|it| *it != affected) {
                    self.fail(stale(expected, affected));
                }
                self.kept |= self.failure.is_some() && affected > 0;
                if self.failure.is_none() {
                    self.shown = true;
                    sink.done(index, Done { rows_affected: affected, generated_key: None });
                }
            }
            // The server answers a COMMIT of a failed transaction like this, and not with an error.
            Purpose::Commit if tag == b"ROLLBACK" => self.fail(
                Error::new(ErrorKind::State, "COMMIT of a transaction that had failed: it was rolled back")
                    .help(
                        "the statement that failed has reported why; roll back and run the transaction again",
                    ),
            ),
            Purpose::Commit => self.committed = true,
            Purpose::Begin | Purpose::Rollback => {}
        }
        self.ops.pop_front();
    }

    /// Messages that the server sends when it likes.
    pub fn asynchronous(&mut self, tag: u8, mut body: Body<'_>) -> Result<()> {
        match tag {
            b'N' => {
                if self.notices.len() == MOST_NOTICES {
                    self.notices.pop_front();
                }
                self.notices.push_back(DatabaseError::read(body)?.into_notice());
            }
            b'S' => {
                let (name, value) = (body.text()?, body.text()?);
                body.end()?;
                if let Some((_, known)) = self.parameters.iter_mut().find(|(known, _)| known == name) {
                    value.clone_into(known);
                } else if self.parameters.len() < MOST_PARAMETERS {
                    self.parameters.push((name.to_owned(), value.to_owned()));
                } else {
                    return Err(wrong("the server reports more parameters than it can have"));
                }
            }
            _ => {
                let (process, channel, payload) = (body.i32()?, body.text()?, body.text()?);
                body.end()?;
                if self.notifications.len() == MOST_NOTIFICATIONS {
                    self.notifications.pop_front();
                }
                let (channel, payload) = (channel.to_owned(), payload.to_owned());
                self.notifications.push_back(Notification { process, channel, payload });
            }
        }
        Ok(())
    }
}

/// Makes an end of names that another client is not likely to have: each hasher of the standard library has a seed of its own.
fn suffix() -> String {
    use std::hash::{BuildHasher, Hasher};

    let seed = std::collections::hash_map::RandomState::new().build_hasher().finish();
    format!("_{:x}", seed as u32)
}

/// Reads the number of a CommandComplete. The number of a SELECT is that of the rows shown, not of rows affected.
fn rows_affected(tag: &[u8]) -> u64 {
    // The commonest first: most tags are not looked at any further.
    if tag.starts_with(b"SELECT ") {
        return 0;
    }
    let counts = [&b"INSERT "[..], b"UPDATE ", b"DELETE ", b"MERGE ", b"COPY "];
    let counts = counts.iter().any(|it| tag.starts_with(it));
    let number = tag.rsplit(|byte| *byte == b' ').next().filter(|_| counts);
    number.and_then(|it| str::from_utf8(it).ok()?.parse().ok()).unwrap_or(0)
}

#[cold]
fn stale(expected: u64, matched: u64) -> Error {
    let rows = if expected == 1 { "row" } else { "rows" };
    Error::new(
        ErrorKind::StaleData,
        format!("the statement expected to match {expected} {rows}, matched {matched}"),
    )
    .help("another transaction changed or deleted a row; refresh the objects and try again")
}

#[cold]
fn copy_unsupported() -> Error {
    Error::new(ErrorKind::Unsupported, "PostgreSQL: COPY from the client cannot run as a statement")
        .help("give it its data: `conn.copy_in(sql, pieces)` or `conn.copy_rows(Entity, rows)`")
}

#[cold]
pub(super) fn unexpected(tag: u8) -> Error {
    wrong(format!("a message `{}` came where none of its kind can be", tag.escape_ascii()))
}

#[cfg(test)]
mod tests;
