//! What moves between the awaiting task and the blocking pool in one piece: the database, its statements, and the writer's turn.

use std::time::{Duration, Instant};

use aludel_engine::driver::{Discard, RowSink, ShapeId, Statement};
use aludel_sql::{Error, ErrorKind, ValueRef};

use super::cache::{Entry, StatementCache};
use super::keys::{self, Keys, SchemaVersion};
use super::kind::{self, Kind};
use super::rows::Rows;
use super::statement::{Database, Loans, Parameter, Pull, StatementId};
use super::turn::Turn;
use super::watch::SLICE;
use crate::errors::Stop;

/// What the last rowid is set to before an INSERT, so that one that inserted nothing with a rowid can be told.
const NO_ROWID: i64 = i64::MIN;

/// How much a job in the blocking pool brings back at once: enough to pay for the way, too little to matter.
const CHUNK_BYTES: usize = 256 * 1024;
const CHUNK_TIME: Duration = Duration::from_millis(5);

/// An open connection. Dropping it rolls back, closes, and only then gives the turn back: the fields are dropped in this order.
pub(super) struct Core {
    pub(super) db: Database,
    cache: StatementCache,
    controls: [Option<StatementId>; 5],
    /// Counts what may have changed the schema.
    schema_changes: u64,
    /// SQLite's own number for the schema, as long as the open write transaction keeps others from changing it.
    cookie: Option<i64>,
    running: Option<Entry>,
    pub(super) turn: Option<Turn>,
}

/// The driver's own statements.
#[derive(Clone, Copy, Debug)]
pub(super) enum Control {
    Begin,
    BeginImmediate,
    Commit,
    Rollback,
    SchemaVersion,
}

/// Some rows of a statement that runs in the blocking pool.
pub(super) struct Fetched {
    pub(super) rows: Rows,
    /// Whether there may be more.
    pub(super) more: bool,
    /// Whether all of it was so short that the way to the pool did not pay.
    pub(super) short: bool,
}

/// A write that is about to be executed.
#[derive(Clone, Copy)]
pub(super) struct Write {
    pub(super) id: StatementId,
    pub(super) kind: Kind,
    pub(super) keys: Keys,
}

/// What an INSERT must know to tell its key: the last rowid before it.
#[derive(Clone, Copy)]
pub(super) struct RowidBefore(i64);

impl Core {
    pub(super) fn new(db: Database, statement_cache: usize) -> Self {
        Self {
            db,
            cache: StatementCache::new(statement_cache),
            controls: [None; 5],
            schema_changes: 0,
            cookie: None,
            running: None,
            turn: None,
        }
    }

    /// Finds or prepares a statement, and notes that it is running.
    pub(super) fn start(&mut self, statement: &Statement<'_>) -> Result<Entry, Stop> {
        let shape = statement.shape.filter(|_| self.cache.is_on());
        if let Some(entry) = shape.and_then(|shape| self.start_cached(shape)) {
            return Ok(entry);
        }
        let sql = statement.sql;
        if sql.contains('\0') {
            return Err(Error::new(ErrorKind::Encode, "the statement has a NUL character in it").into());
        }
        let Some((id, read)) = self.db.prepare(sql, shape.is_some())? else {
            return Err(Error::new(ErrorKind::Compile, "there is no statement in the text").into());
        };
        if !kind::is_blank(&sql[read..]) {
            self.db.finalize(id);
            return Err(Error::new(
                ErrorKind::Compile,
                "one statement at a time: another one follows the first",
            )
            .help("send them as several statements of a batch, or split the script")
            .into());
        }
        let kind = Kind::of(sql, self.db.is_readonly(id));
        let entry = Entry { id, kind, shape, long: false, returning: None, countable: None };
        if let Some(evicted) = shape.and_then(|shape| self.cache.insert(shape, entry)) {
            self.free(evicted.id, evicted.returning);
        }
        self.running = Some(entry);
        Ok(entry)
    }

    /// Finds a prepared statement, and notes that it is running.
    pub(super) fn start_cached(&mut self, shape: ShapeId) -> Option<Entry> {
        let entry = self.cache.get(shape)?;
        self.running = Some(entry);
        Some(entry)
    }

    /// Returns the statement that is running.
    pub(super) fn running(&self) -> Option<Entry> {
        self.running
    }

    /// Ends the running statement, whether it is over or abandoned.
    #[inline]
    pub(super) fn stop(&mut self) {
        self.db.watch().disarm();
        // Not taken out, which would copy all of it.
        let Some(Entry { id, shape, returning, .. }) = self.running else { return };
        self.running = None;
        if shape.is_none() {
            return self.free(id, returning);
        }
        self.db.reset(id);
        if let Some(returning) = returning {
            self.db.reset(returning);
        }
    }

    #[cold]
    fn free(&mut self, id: StatementId, returning: Option<StatementId>) {
        self.db.finalize(id);
        if let Some(returning) = returning {
            self.db.finalize(returning);
        }
    }

    /// Remembers whether a statement takes long.
    pub(super) fn set_long(&mut self, entry: Entry, long: bool) {
        if entry.long != long {
            self.learn(Entry { long, ..entry });
        }
    }

    fn learn(&mut self, entry: Entry) {
        if self.running.is_some() {
            self.running = Some(entry);
        }
        if let Some(shape) = entry.shape {
            self.cache.update(shape, entry);
        }
    }

    /// Must be called when the schema may have changed, or a change of it may have been undone.
    pub(super) fn schema_changed(&mut self) {
        self.schema_changes += 1;
        self.cookie = None;
    }

    /// Must be called when a transaction is over.
    pub(super) fn outside(&mut self) {
        self.cookie = None;
        self.turn = None;
    }

    /// Decides how the keys of an INSERT are found out; each execution inserts `rows` rows. Must be called in the transaction of the
    /// INSERT: nobody can change the schema between. Returns the statement to execute.
    pub(super) fn keys(
        &mut self,
        mut entry: Entry,
        sql: &str,
        find_keys: Option<&str>,
        rows: usize,
    ) -> Result<(Keys, StatementId), Stop> {
        let Some(name) = find_keys else { return Ok((Keys::Unwanted, entry.id)) };
        let cookie = match self.cookie {
            Some(cookie) => cookie,
            None => {
                let id = self.control_statement(Control::SchemaVersion)?;
                let cookie = self.ask(id, &[])?.unwrap_or(0);
                self.cookie = Some(cookie);
                cookie
            }
        };
        let version = SchemaVersion { cookie, changes: self.schema_changes };
        let countable = match entry.countable {
            Some((of, countable)) if of == version => countable,
            _ => {
                let countable = self.can_count(entry.kind, sql, name)?;
                entry.countable = Some((version, countable));
                self.learn(entry);
                countable
            }
        };
        if countable && let Ok(rows) = u32::try_from(rows) {
            return Ok((Keys::Counted { rows }, entry.id));
        }
        if let Some(id) = entry.returning {
            return Ok((Keys::Returned, id));
        }
        let Some((id, _)) = self.db.prepare(&format!("{sql} RETURNING {name}"), entry.shape.is_some())?
        else {
            return Err(Error::new(ErrorKind::Compile, "there is no statement in the text").into());
        };
        entry.returning = Some(id);
        self.learn(entry);
        Ok((Keys::Returned, id))
    }

    fn can_count(&mut self, kind: Kind, sql: &str, name: &str) -> Result<bool, Stop> {
        let (Some(table), Some(name)) = (keys::countable_table(sql), keys::unquoted(name)) else {
            return Ok(false);
        };
        if kind != (Kind::Insert { asks_rowid: false }) {
            return Ok(false);
        }
        self.ask_once(keys::CAN_COUNT, &[&table, &name]).map(|answer| answer == Some(1))
    }

    /// Makes sure that the last of several counted keys is the largest: SQLite gives them out at random once the largest
    /// possible one was used.
    pub(super) fn check_counted(&mut self, sql: &str, last: i64) -> Result<(), Stop> {
        if last < keys::IN_DOUBT {
            return Ok(());
        }
        let table = keys::countable_table(sql).unwrap_or_default();
        let quoted = table.replace('"', "\"\"");
        if self.ask_once(&format!("SELECT max(rowid) FROM main.\"{quoted}\""), &[])? == Some(last) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Database,
            format!("the keys of `{table}` have run out: SQLite gives them out at random"),
        )
        .with_table(table)
        .help("a row has the largest possible key, 9223372036854775807: change or delete it")
        .into())
    }

    fn ask_once(&mut self, sql: &str, values: &[&str]) -> Result<Option<i64>, Stop> {
        let Some((id, _)) = self.db.prepare(sql, false)? else { return Ok(None) };
        let answer = self.ask(id, values);
        self.db.finalize(id);
        answer
    }

    fn ask(&mut self, id: StatementId, values: &[&str]) -> Result<Option<i64>, Stop> {
        let mut rows = Rows::default();
        self.db.bind(id, |copies| {
            values.iter().try_for_each(|value| Ok(copies.copy(Parameter::Text(value))?))
        })?;
        self.db.pull(id, 0, &mut rows, 2)?;
        self.db.reset(id);
        Ok(rows.first_int())
    }

    /// Begins or ends a transaction, however late it is.
    pub(super) fn control(&mut self, control: Control) -> Result<(), Stop> {
        let id = self.control_statement(control)?;
        let lifted = self.db.watch().lift();
        let ended = self.db.execute(id, |_| Ok(()), 0, &mut Discard::default());
        self.db.watch().restore(lifted);
        ended
    }

    fn control_statement(&mut self, control: Control) -> Result<StatementId, Stop> {
        if let Some(id) = self.controls[control as usize] {
            return Ok(id);
        }
        let sql = match control {
            Control::Begin => "BEGIN",
            Control::BeginImmediate => "BEGIN IMMEDIATE",
            Control::Commit => "COMMIT",
            Control::Rollback => "ROLLBACK",
            Control::SchemaVersion => "PRAGMA main.schema_version",
        };
        let Some((id, _)) = self.db.prepare(sql, true)? else {
            return Err(Error::new(ErrorKind::Protocol, "SQLite prepared nothing").into());
        };
        self.controls[control as usize] = Some(id);
        Ok(id)
    }

    /// Runs a statement to its end and returns the number of rows it affected.
    #[inline]
    pub(super) fn execute<'v>(
        &mut self,
        write: Write,
        fill: impl FnOnce(&mut Loans<'_, 'v>) -> Result<(), Stop>,
        index: usize,
        // Not `dyn`: there is one look-up less for each counted key.
        sink: &mut impl RowSink,
    ) -> Result<u64, Stop> {
        self.db.execute(write.id, fill, index, sink)?;
        let changes = if write.kind.counts_rows() { self.db.changes() } else { 0 };
        if let Keys::Counted { rows } = write.keys {
            let last = self.db.last_insert_rowid();
            if changes != u64::from(rows) || last == NO_ROWID {
                return Err(Error::new(
                    ErrorKind::Database,
                    format!("an INSERT of {rows} rows inserted {changes}, so that their keys are not known"),
                )
                .into());
            }
            let keys = last.saturating_sub(i64::from(rows) - 1)..=last;
            if !sink.keys(index, keys.clone()) {
                for key in keys {
                    sink.row(index, &[ValueRef::Int(key)])?;
                }
            }
        }
        Ok(changes)
    }

    /// Runs a statement once per row of parameters.
    pub(super) fn execute_rows(
        &mut self,
        write: Write,
        parameters: &Rows,
        index: usize,
        sink: &mut impl RowSink,
    ) -> Result<u64, Stop> {
        let mut affected = 0;
        for row in 0..parameters.len() {
            affected += self.execute(write, |loans| parameters.replay(row, loans), index, sink)?;
        }
        Ok(affected)
    }

    /// Takes the next rows of a bound statement.
    pub(super) fn fetch(&mut self, entry: Entry, index: usize, wants_columns: bool) -> Result<Fetched, Stop> {
        let since = Instant::now();
        let mut rows = Rows::of_results(wants_columns);
        loop {
            match self.db.pull(entry.id, index, &mut rows, 4)? {
                Pull::Done => return Ok(Fetched { rows, more: false, short: since.elapsed() < SLICE }),
                Pull::More | Pull::Paused if rows.size() > CHUNK_BYTES || since.elapsed() > CHUNK_TIME => {
                    return Ok(Fetched { rows, more: true, short: false });
                }
                Pull::More | Pull::Paused => {}
            }
        }
    }

    /// Must be called before an INSERT whose key is wanted.
    pub(super) fn before_insert(&mut self, kind: Kind) -> RowidBefore {
        let before = self.db.last_insert_rowid();
        // A statement that asks for the last rowid itself must find it.
        if kind == (Kind::Insert { asks_rowid: false }) {
            self.db.set_last_insert_rowid(NO_ROWID);
        }
        RowidBefore(before)
    }

    /// Returns the rowid of the last row inserted since [`Core::before_insert`]: `None` where nothing was inserted (a conflict, an
    /// upsert that updated) or the table has no rowid.
    pub(super) fn after_insert(&mut self, kind: Kind, RowidBefore(before): RowidBefore) -> Option<i64> {
        let rowid = self.db.last_insert_rowid();
        match kind {
            Kind::Insert { asks_rowid: false } if rowid == NO_ROWID => {
                self.db.set_last_insert_rowid(before);
                None
            }
            Kind::Insert { asks_rowid: true } => (self.db.changes() > 0).then_some(rowid),
            Kind::Insert { .. } => Some(rowid),
            _ => None,
        }
    }

    #[cfg(test)]
    pub(super) fn prepared_statements(&self) -> usize {
        self.db.prepared_statements()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use aludel_engine::driver::Params;

    use super::super::watch::Watch;
    use super::*;

    #[test]
    fn the_statement_used_longest_ago_leaves_the_cache_and_is_freed() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let mut core = Core::new(Database::new(connection, Arc::new(Watch::new()), false).unwrap(), 2);
        let mut start = |shape: Option<u64>| {
            let statement = Statement {
                shape: shape.map(ShapeId),
                params: Params::One(&[]),
                ..Statement::plain("SELECT 1")
            };
            let entry = core.start(&statement).unwrap();
            core.stop();
            (entry.id, core.prepared_statements())
        };
        let (one, _) = start(Some(1));
        assert_eq!(start(Some(2)).1, 2);
        assert_eq!(start(Some(1)), (one, 2));
        assert_eq!(start(Some(3)).1, 2);
        assert_eq!(start(Some(1)), (one, 2), "the second was used longest ago");
        assert_eq!(start(None).1, 2, "what has no shape is freed at once");
    }
}
