//! Thin statement handles on SQLite's own interface: most of what is `unsafe` in the workspace.
//!
//! Why not rusqlite's statements: they borrow their connection (so they can neither live across an await nor move to another
//! thread), they clear their bindings at every return to the cache, and they ask for a cell's type, text and length one by one.
//!
//! A [`Database`] owns the connection *and* every statement prepared on it, and each call takes `&mut Database`. That is the
//! whole safety argument: a statement cannot outlive its connection, two threads cannot use the connection at once, and a row
//! cannot be looked at after the statement has gone on. What else is kept, and why, stands beside each `unsafe`.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::marker::PhantomData;
use std::ptr::{self, NonNull};
use std::sync::Arc;

use aludel_engine::driver::{ColumnInfo, Flow, RowSink};
use aludel_sql::{Error, ErrorKind, ValueRef, from_utf8};
use libsqlite3_sys as ffi;

use super::program::Program;
use super::watch::Watch;
use crate::errors::{Failure, Stop};

/// How many virtual machine instructions pass between two looks at the clock while a statement has not yielded its first row.
const INSTRUCTIONS_BETWEEN_LOOKS: c_int = 1000;

/// How often a statement is read before it pays to look at its program: looking costs as much as preparing it.
const READS_BEFORE_A_LOOK: u8 = 16;

/// An open connection and the statements prepared on it.
pub(super) struct Database {
    statements: Vec<Option<Prepared>>,
    free: Vec<usize>,
    raw: NonNull<ffi::sqlite3>,
    // Owns what `raw` points to. Dropped before `watch`, which the connection's hooks read.
    _connection: rusqlite::Connection,
    watch: Arc<Watch>,
}

// SAFETY: the connection is opened with NO_MUTEX, which allows any thread to use it as long as only one does at a time. Every use
// of the raw pointers goes through a `Database`, which is `Send` but not `Sync`, so there is one user at a time.
unsafe impl Send for Database {}

/// Names a statement of one [`Database`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StatementId(usize);

/// How far [`Database::pull`] came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pull {
    /// There may be more rows.
    More,
    /// The sink asked for a pause.
    Paused,
    /// The last row was shown; the statement is reset.
    Done,
}

/// What a transaction holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// Nothing yet.
    Nothing,
    /// A snapshot to read from.
    Snapshot,
    /// The write lock.
    WriteLock,
}

struct Prepared {
    raw: NonNull<ffi::sqlite3_stmt>,
    parameters: usize,
    readonly: bool,
    /// Its result has columns. Their number can change when SQLite prepares the statement again (`SELECT *`), whether there are
    /// any cannot.
    has_columns: bool,
    bound: Bound,
    /// Stepped since it was last reset.
    running: bool,
    gives: Gives,
    /// Room for the cells of a row. Their lifetime is a placeholder: they are valid from the moment a row is read until the next
    /// step or reset, and are lent for exactly that long.
    cells: Vec<ValueRef<'static>>,
}

/// What is known of the number of rows that a statement gives.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Gives {
    /// Nothing yet, after so many reads.
    Unknown { reads: u8 },
    /// There may be several.
    Several,
    /// One at most, as long as SQLite does not prepare it again.
    One,
}

/// Who owns the bound text and bytes. SQLite keeps the pointers after a reset, but follows them only while it steps.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    /// Some may point to memory that is gone: everything must be bound again before the next step.
    Unknown,
    /// SQLite has copies.
    Copied,
}

impl Database {
    /// Takes over a connection that was opened with NO_MUTEX.
    pub(super) fn new(
        connection: rusqlite::Connection,
        watch: Arc<Watch>,
        counts_frames: bool,
    ) -> Option<Self> {
        // SAFETY: the handle is used only by `Database`, which owns the connection and so never outlives it.
        let raw = NonNull::new(unsafe { connection.handle() })?;
        let arg = Arc::as_ptr(&watch).cast_mut().cast::<c_void>();
        // SAFETY: `arg` points into the Arc that this `Database` keeps until after the connection is closed; both functions only
        // read atomics through a shared reference, and neither panics nor calls SQLite.
        unsafe {
            ffi::sqlite3_progress_handler(
                raw.as_ptr(),
                INSTRUCTIONS_BETWEEN_LOOKS,
                Some(look_at_the_clock),
                arg,
            );
            if counts_frames {
                ffi::sqlite3_wal_hook(raw.as_ptr(), Some(count_frames), arg);
            }
        }
        Some(Self { statements: Vec::new(), free: Vec::new(), raw, _connection: connection, watch })
    }

    /// Returns the watch over statements that yield no first row in time.
    pub(super) fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Prepares the first statement of `sql`; `keep` says that it will be run often. Returns it and the length of the text read, or
    /// `None` where there is nothing but comments.
    pub(super) fn prepare(&mut self, sql: &str, keep: bool) -> Result<Option<(StatementId, usize)>, Failure> {
        let length = c_int::try_from(sql.len())
            .map_err(|_| Failure::new(ffi::SQLITE_TOOBIG, "the statement is longer than 2 GiB"))?;
        let flags = if keep { ffi::SQLITE_PREPARE_PERSISTENT } else { 0 };
        let mut raw = ptr::null_mut();
        let mut tail = ptr::null();
        // SAFETY: the connection is open; `sql` has `length` bytes; both out pointers are valid for the call.
        let code = unsafe {
            ffi::sqlite3_prepare_v3(
                self.raw.as_ptr(),
                sql.as_ptr().cast(),
                length,
                flags,
                &mut raw,
                &mut tail,
            )
        };
        if code != ffi::SQLITE_OK {
            return Err(failure(self.raw));
        }
        let Some(raw) = NonNull::new(raw) else { return Ok(None) };
        // SAFETY: `raw` is a statement that was just prepared.
        let (parameters, readonly, has_columns) = unsafe {
            (
                ffi::sqlite3_bind_parameter_count(raw.as_ptr()),
                ffi::sqlite3_stmt_readonly(raw.as_ptr()) != 0,
                ffi::sqlite3_column_count(raw.as_ptr()) > 0,
            )
        };
        let prepared = Prepared {
            raw,
            parameters: usize::try_from(parameters).unwrap_or(0),
            readonly,
            has_columns,
            bound: Bound::Unknown,
            running: false,
            gives: Gives::Unknown { reads: 0 },
            cells: Vec::new(),
        };
        let at = self.free.pop().unwrap_or(self.statements.len());
        if at == self.statements.len() {
            self.statements.push(Some(prepared));
        } else {
            self.statements[at] = Some(prepared);
        }
        let read = tail.addr().saturating_sub(sql.as_ptr().addr()).min(sql.len());
        Ok(Some((StatementId(at), read)))
    }

    /// Frees a statement.
    pub(super) fn finalize(&mut self, id: StatementId) {
        if let Some(prepared) = self.statements.get_mut(id.0).and_then(Option::take) {
            prepared.finalize();
            self.free.push(id.0);
        }
    }

    /// Tells whether the statement cannot change the database.
    pub(super) fn is_readonly(&self, id: StatementId) -> bool {
        self.statements.get(id.0).and_then(Option::as_ref).is_some_and(|prepared| prepared.readonly)
    }

    /// Tells whether the statement may give rows.
    pub(super) fn gives_rows(&self, id: StatementId) -> bool {
        self.statements.get(id.0).and_then(Option::as_ref).is_some_and(|prepared| prepared.has_columns)
    }

    /// Counts a read of a cached statement, and looks at last whether it can give more than one row. If not, SQLite is not asked for a
    /// second one from then on, which costs it as much as to bind the values.
    #[inline]
    pub(super) fn count_read(&mut self, id: StatementId, sql: &str) {
        let Ok(prepared) = find(&mut self.statements, id) else { return };
        let Gives::Unknown { reads } = &mut prepared.gives else { return };
        *reads += 1;
        if *reads == READS_BEFORE_A_LOOK {
            prepared.gives = Gives::Several;
            if !prepared.was_prepared_again() {
                let parameters = prepared.parameters;
                self.look_at_program(id, sql, parameters);
            }
        }
    }

    #[cold]
    fn look_at_program(&mut self, id: StatementId, sql: &str, parameters: usize) {
        let Ok(Some((explain, _))) = self.prepare(&format!("EXPLAIN {sql}"), false) else { return };
        let mut program = Program::default();
        let nothing =
            |loans: &mut Loans<'_, '_>| (0..parameters).try_for_each(|_| Ok(loans.copy(Parameter::Null)?));
        let read = self.execute(explain, nothing, 0, &mut program);
        self.finalize(explain);
        if read.is_ok()
            && program.gives_one_row()
            && let Ok(prepared) = find(&mut self.statements, id)
        {
            prepared.gives = Gives::One;
        }
    }

    /// Binds values that SQLite copies: the statement may be stepped, paused and moved at will afterwards.
    pub(super) fn bind(
        &mut self,
        id: StatementId,
        fill: impl FnOnce(&mut Copies<'_>) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let db = self.raw;
        let prepared = find(&mut self.statements, id)?;
        prepared.reset();
        prepared.bound = Bound::Unknown;
        let mut copies = Copies { db, raw: prepared.raw, next: 0, statement: PhantomData };
        fill(&mut copies)?;
        let given = copies.next;
        prepared.expect_values(given)?;
        prepared.bound = Bound::Copied;
        Ok(())
    }

    /// Shows at most `limit` rows of a statement bound with [`Database::bind`]. After the last row and after an error the
    /// statement is reset, and keeps its values.
    #[inline(always)] // What a row takes is in `advance`; this is a loop around it.
    pub(super) fn pull(
        &mut self,
        id: StatementId,
        index: usize,
        sink: &mut dyn RowSink,
        limit: usize,
    ) -> Result<Pull, Stop> {
        let Self { statements, raw: db, watch, .. } = self;
        let prepared = find(statements, id)?;
        if prepared.bound != Bound::Copied {
            return Err(Failure::new(ffi::SQLITE_MISUSE, "the statement's values were not bound").into());
        }
        for _ in 0..limit {
            // SAFETY: SQLite has copies of all values (`Bound::Copied`).
            match unsafe { prepared.advance(*db, watch, index, sink) }? {
                Some(Flow::Pause) => return Ok(Pull::Paused),
                Some(Flow::More) if !prepared.has_given_all() => {}
                Some(Flow::More | Flow::Enough) => {
                    prepared.reset();
                    return Ok(Pull::Done);
                }
                None => return Ok(Pull::Done),
            }
        }
        Ok(Pull::More)
    }

    /// Binds values that stay where they are, runs the statement to its end, shows all of its rows and resets it, all inside this
    /// call. The sink is not asked twice: a pause is not possible here.
    pub(super) fn execute<'v>(
        &mut self,
        id: StatementId,
        fill: impl FnOnce(&mut Loans<'_, 'v>) -> Result<(), Stop>,
        index: usize,
        sink: &mut dyn RowSink,
    ) -> Result<(), Stop> {
        let Self { statements, raw: db, watch, .. } = self;
        let lent = Lent(find(statements, id)?);
        lent.0.reset();
        lent.0.bound = Bound::Unknown;
        let copies = Copies { db: *db, raw: lent.0.raw, next: 0, statement: PhantomData };
        let mut loans = Loans { copies, values: PhantomData };
        fill(&mut loans)?;
        let given = loans.copies.next;
        lent.0.expect_values(given)?;
        // SAFETY: what was lent lives for `'v`, which is longer than this call; all parameters were bound in it, and `Lent` ends the
        // statement in it.
        while unsafe { lent.0.advance(*db, watch, index, sink) }?.is_some() {}
        Ok(())
    }

    /// Resets a statement; its values stay bound, because binding or clearing a value that the planner looked at makes SQLite
    /// prepare the statement again.
    pub(super) fn reset(&mut self, id: StatementId) {
        if let Some(prepared) = self.statements.get_mut(id.0).and_then(Option::as_mut) {
            prepared.reset();
        }
    }

    /// Returns the number of rows that the last INSERT, UPDATE or DELETE changed.
    pub(super) fn changes(&self) -> u64 {
        // SAFETY: the connection is open.
        u64::try_from(unsafe { ffi::sqlite3_changes64(self.raw.as_ptr()) }).unwrap_or(0)
    }

    /// Returns the rowid of the last row inserted.
    pub(super) fn last_insert_rowid(&self) -> i64 {
        // SAFETY: the connection is open.
        unsafe { ffi::sqlite3_last_insert_rowid(self.raw.as_ptr()) }
    }

    /// Changes what [`Database::last_insert_rowid`] returns until the next row is inserted.
    pub(super) fn set_last_insert_rowid(&mut self, rowid: i64) {
        // SAFETY: the connection is open.
        unsafe { ffi::sqlite3_set_last_insert_rowid(self.raw.as_ptr(), rowid) }
    }

    /// Tells whether no transaction is open.
    pub(super) fn is_autocommit(&self) -> bool {
        // SAFETY: the connection is open.
        unsafe { ffi::sqlite3_get_autocommit(self.raw.as_ptr()) != 0 }
    }

    /// Tells what the open transaction holds.
    pub(super) fn holds(&self) -> Holds {
        // SAFETY: the connection is open; a null name stands for all attached databases.
        match unsafe { ffi::sqlite3_txn_state(self.raw.as_ptr(), ptr::null()) } {
            ffi::SQLITE_TXN_WRITE => Holds::WriteLock,
            ffi::SQLITE_TXN_READ => Holds::Snapshot,
            _ => Holds::Nothing,
        }
    }

    /// Returns how often SQLite had to prepare the statement again.
    #[cfg(test)]
    pub(super) fn times_prepared_again(&mut self, id: StatementId) -> c_int {
        let raw = find(&mut self.statements, id).unwrap().raw;
        // SAFETY: the statement belongs to this open connection.
        unsafe { ffi::sqlite3_stmt_status(raw.as_ptr(), ffi::SQLITE_STMTSTATUS_REPREPARE, 0) }
    }

    /// Returns the number of statements that are prepared.
    #[cfg(test)]
    pub(super) fn prepared_statements(&self) -> usize {
        self.statements.iter().flatten().count()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // SAFETY: the connection is open until its field is dropped, after this; the hooks are removed first, so that closing
        // calls neither.
        unsafe {
            ffi::sqlite3_progress_handler(self.raw.as_ptr(), 0, None, ptr::null_mut());
            ffi::sqlite3_wal_hook(self.raw.as_ptr(), None, ptr::null_mut());
        }
        for prepared in self.statements.drain(..).flatten() {
            prepared.finalize();
        }
    }
}

#[inline]
fn find(statements: &mut [Option<Prepared>], id: StatementId) -> Result<&mut Prepared, Failure> {
    statements
        .get_mut(id.0)
        .and_then(Option::as_mut)
        .ok_or_else(|| Failure::new(ffi::SQLITE_MISUSE, "the statement was freed"))
}

/// A statement whose values are lent. However the loan ends, by a panic in the sink too, the statement stands still by then: it
/// is reset, and being `Bound::Unknown` it is not stepped before everything is bound again.
struct Lent<'s>(&'s mut Prepared);

impl Drop for Lent<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.reset();
    }
}

impl Prepared {
    fn finalize(self) {
        // SAFETY: the statement was prepared on a connection that is still open, and is never used again: `self` is consumed.
        unsafe { ffi::sqlite3_finalize(self.raw.as_ptr()) };
    }

    fn reset(&mut self) {
        if self.running {
            self.running = false;
            // SAFETY: the statement belongs to an open connection. Its answer repeats the error of the last step.
            unsafe { ffi::sqlite3_reset(self.raw.as_ptr()) };
        }
    }

    /// Tells whether the row on which it stands is known to be the only one.
    #[inline]
    fn has_given_all(&self) -> bool {
        self.gives == Gives::One && !self.was_prepared_again()
    }

    /// Tells whether SQLite had to prepare it again: its program may be another one than it was.
    fn was_prepared_again(&self) -> bool {
        // SAFETY: the statement belongs to an open connection.
        unsafe { ffi::sqlite3_stmt_status(self.raw.as_ptr(), ffi::SQLITE_STMTSTATUS_REPREPARE, 0) != 0 }
    }

    fn expect_values(&self, given: usize) -> Result<(), Failure> {
        if given == self.parameters {
            return Ok(());
        }
        Err(Failure::new(
            ffi::SQLITE_RANGE,
            format!("the statement has {} parameters, {given} values were given", self.parameters),
        ))
    }

    /// Steps once and shows the row, if there is one. At the end and after an error the statement is reset.
    ///
    /// # Safety
    ///
    /// Whatever is bound to the statement must still be there.
    #[inline]
    unsafe fn advance(
        &mut self,
        db: NonNull<ffi::sqlite3>,
        watch: &Watch,
        index: usize,
        sink: &mut dyn RowSink,
    ) -> Result<Option<Flow>, Stop> {
        let first = !self.running;
        self.running = true;
        // SAFETY: the statement belongs to an open connection that nobody else uses; the values are the caller's promise.
        let code = unsafe { ffi::sqlite3_step(self.raw.as_ptr()) };
        if code == ffi::SQLITE_ROW {
            let shown = self.show(db, watch, first, index, sink);
            if shown.is_err() {
                self.reset();
            }
            return shown.map(Some);
        }
        // The message is read before the reset, and the columns of an empty result are told after all.
        let ended = if code != ffi::SQLITE_DONE {
            Err(failure(db).into())
        } else if first && self.has_columns {
            self.describe(index, sink)
        } else {
            Ok(())
        };
        self.reset();
        ended.map(|()| None)
    }

    #[inline]
    fn show(
        &mut self,
        db: NonNull<ffi::sqlite3>,
        watch: &Watch,
        first: bool,
        index: usize,
        sink: &mut dyn RowSink,
    ) -> Result<Flow, Stop> {
        if first {
            watch.disarm();
            self.describe(index, sink)?;
        }
        for (column, cell) in self.cells.iter_mut().enumerate() {
            // SAFETY: the statement stands on a row and has this many columns (`describe`, at its first row; a statement is
            // prepared again only by its first step).
            *cell = unsafe { read_cell(self.raw, column) }.map_err(|problem| match problem {
                Unreadable::NoMemory => Stop::from(failure(db)),
                Unreadable::NotUtf8 => self.raw.not_utf8(column).into(),
            })?;
        }
        let flow = sink.row(index, &self.cells);
        Ok(flow.map_err(|error| error.name_cell(|column| Some(self.raw.column_name(column))))?)
    }

    /// Makes room for the cells, and tells the sink the names of the columns if it wants them.
    #[inline]
    fn describe(&mut self, index: usize, sink: &mut dyn RowSink) -> Result<(), Stop> {
        // SAFETY: the statement belongs to an open connection.
        let columns = usize::try_from(unsafe { ffi::sqlite3_column_count(self.raw.as_ptr()) }).unwrap_or(0);
        // Every row writes all of them.
        if self.cells.len() != columns {
            self.cells = vec![ValueRef::Null; columns];
        }
        if columns == 0 || !sink.wants_columns() { Ok(()) } else { self.tell_names(columns, index, sink) }
    }

    #[cold]
    fn tell_names(&mut self, columns: usize, index: usize, sink: &mut dyn RowSink) -> Result<(), Stop> {
        let names: Vec<_> = (0..columns).map(|column| self.raw.column_name(column)).collect();
        let infos: Vec<_> = names.iter().map(|name| ColumnInfo { name }).collect();
        Ok(sink.columns(index, &infos)?)
    }
}

enum Unreadable {
    NoMemory,
    NotUtf8,
}

/// Reads one cell, with one look-up of the value: asking the statement for type, text and length costs three.
///
/// # Safety
///
/// The statement must stand on a row and have the column. The cell must not be used after the next step or reset.
#[inline]
unsafe fn read_cell(raw: NonNull<ffi::sqlite3_stmt>, column: usize) -> Result<ValueRef<'static>, Unreadable> {
    // SAFETY: by the caller's promise the value exists. It is "unprotected", which matters only where another thread could use the
    // connection at the same time.
    unsafe {
        let value = ffi::sqlite3_column_value(raw.as_ptr(), column as c_int);
        Ok(match ffi::sqlite3_value_type(value) {
            ffi::SQLITE_INTEGER => ValueRef::Int(ffi::sqlite3_value_int64(value)),
            ffi::SQLITE_FLOAT => ValueRef::Real(ffi::sqlite3_value_double(value)),
            ffi::SQLITE_TEXT => {
                // Text first, then length: the first may convert from UTF-16.
                let text = ffi::sqlite3_value_text(value);
                let length = ffi::sqlite3_value_bytes(value);
                let bytes = bytes(text.cast(), length).ok_or(Unreadable::NoMemory)?;
                ValueRef::Text(from_utf8(bytes).ok_or(Unreadable::NotUtf8)?)
            }
            ffi::SQLITE_BLOB => {
                let blob = ffi::sqlite3_value_blob(value);
                let length = ffi::sqlite3_value_bytes(value);
                ValueRef::Blob(if length == 0 {
                    &[]
                } else {
                    bytes(blob.cast(), length).ok_or(Unreadable::NoMemory)?
                })
            }
            _ => ValueRef::Null,
        })
    }
}

/// # Safety
///
/// If not null, `start` must point to `length` bytes, which must not be used after the statement has gone on.
#[inline]
unsafe fn bytes(start: *const u8, length: c_int) -> Option<&'static [u8]> {
    if start.is_null() {
        return None;
    }
    // SAFETY: the caller's promise; a length below zero is not a length.
    Some(unsafe { std::slice::from_raw_parts(start, usize::try_from(length).unwrap_or(0)) })
}

trait Names {
    fn column_name(&self, column: usize) -> String;

    fn not_utf8(&self, column: usize) -> Error;
}

impl Names for NonNull<ffi::sqlite3_stmt> {
    fn column_name(&self, column: usize) -> String {
        // SAFETY: the statement belongs to an open connection; SQLite answers a wrong column with null. The name is copied before
        // anything else is asked.
        unsafe { copy_text(ffi::sqlite3_column_name(self.as_ptr(), column as c_int)) }
    }

    #[cold]
    fn not_utf8(&self, column: usize) -> Error {
        let name = self.column_name(column);
        Error::new(ErrorKind::Decode, format!("the text in column {column} (`{name}`) of the result is not UTF-8"))
            .with_column(name)
            .help("SQLite stores whatever bytes it is given as text; select `CAST(… AS BLOB)` to see them, and repair the row")
    }
}

/// A value as SQLite knows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Parameter<'v> {
    Null,
    Int(i64),
    Real(f64),
    Text(&'v str),
    Blob(&'v [u8]),
}

/// Binds values by copying them.
pub(super) struct Copies<'s> {
    db: NonNull<ffi::sqlite3>,
    raw: NonNull<ffi::sqlite3_stmt>,
    next: usize,
    statement: PhantomData<&'s mut Prepared>,
}

impl Copies<'_> {
    /// Binds the next parameter to a copy of the value.
    #[inline]
    pub(super) fn copy(&mut self, value: Parameter<'_>) -> Result<(), Failure> {
        // SAFETY: TRANSIENT makes SQLite copy text and bytes before it returns.
        unsafe { self.bind(value, ffi::SQLITE_TRANSIENT()) }
    }

    /// Always inlined: the kind of the value is known wherever this is called, so that nothing of the `match` is left.
    ///
    /// # Safety
    ///
    /// With STATIC, text and bytes must be there whenever the statement is stepped.
    #[inline(always)]
    unsafe fn bind(
        &mut self,
        value: Parameter<'_>,
        keep: ffi::sqlite3_destructor_type,
    ) -> Result<(), Failure> {
        self.next += 1;
        let raw = self.raw.as_ptr();
        // It fits: a statement has at most 32,766 parameters, and the first number beyond its own is an error that ends the filling.
        let at = self.next as c_int;
        // SAFETY: the statement belongs to an open connection, and SQLite refuses a parameter that is not there. Pointers and lengths
        // are those of slices (the pointer of an empty slice is not null, so it binds empty bytes and not NULL); how long SQLite
        // keeps them is the caller's promise.
        let code = unsafe {
            match value {
                Parameter::Null => ffi::sqlite3_bind_null(raw, at),
                Parameter::Int(value) => ffi::sqlite3_bind_int64(raw, at, value),
                Parameter::Real(value) => ffi::sqlite3_bind_double(raw, at, value),
                Parameter::Text(value) => {
                    let (start, length) = (value.as_ptr().cast(), value.len() as u64);
                    ffi::sqlite3_bind_text64(raw, at, start, length, keep, ffi::SQLITE_UTF8 as u8)
                }
                Parameter::Blob(value) => {
                    ffi::sqlite3_bind_blob64(raw, at, value.as_ptr().cast(), value.len() as u64, keep)
                }
            }
        };
        if code == ffi::SQLITE_OK { Ok(()) } else { Err(self.refused(code)) }
    }

    #[cold]
    fn refused(&self, code: c_int) -> Failure {
        if code == ffi::SQLITE_RANGE {
            // How many more would follow is not known here.
            return Failure::new(
                ffi::SQLITE_RANGE,
                format!("the statement has {} parameters, more values were given", self.next - 1),
            );
        }
        failure(self.db)
    }
}

/// Binds values that stay where they are for as long as the statement runs.
pub(super) struct Loans<'s, 'v> {
    copies: Copies<'s>,
    // Invariant: a shorter lifetime must not pass for `'v`.
    values: PhantomData<fn(&'v ()) -> &'v ()>,
}

impl<'v> Loans<'_, 'v> {
    /// Binds the next parameter to the value where it lies.
    #[inline(always)]
    pub(super) fn lend(&mut self, value: Parameter<'v>) -> Result<(), Failure> {
        // SAFETY: the value lives for `'v`, longer than the only call that steps the statement (`Database::execute`). There is no
        // await in that call: a future that is dropped at a yield holds no loan. Afterwards the statement is reset (`Lent`) and
        // `Bound::Unknown`, and is not stepped again before all of its parameters are bound again.
        unsafe { self.copies.bind(value, ffi::SQLITE_STATIC()) }
    }

    /// Binds the next parameter to a copy of a value that does not live long enough.
    pub(super) fn copy(&mut self, value: Parameter<'_>) -> Result<(), Failure> {
        self.copies.copy(value)
    }
}

/// Describes the last error of the connection.
#[cold]
fn failure(db: NonNull<ffi::sqlite3>) -> Failure {
    // SAFETY: the connection is open and nobody else uses it; the message is copied before the next call.
    unsafe {
        let code = ffi::sqlite3_extended_errcode(db.as_ptr());
        Failure::new(code, copy_text(ffi::sqlite3_errmsg(db.as_ptr())))
    }
}

/// # Safety
///
/// `text` must be null or a C string.
unsafe fn copy_text(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// # Safety
///
/// `arg` must point to a [`Watch`].
unsafe extern "C" fn look_at_the_clock(arg: *mut c_void) -> c_int {
    // SAFETY: the caller's promise (`Database::new` registered it).
    let watch = unsafe { &*arg.cast_const().cast::<Watch>() };
    c_int::from(watch.is_late())
}

/// # Safety
///
/// `arg` must point to a [`Watch`].
unsafe extern "C" fn count_frames(
    arg: *mut c_void,
    _: *mut ffi::sqlite3,
    _: *const c_char,
    frames: c_int,
) -> c_int {
    // SAFETY: the caller's promise (`Database::new` registered it).
    let watch = unsafe { &*arg.cast_const().cast::<Watch>() };
    watch.set_wal_frames(u32::try_from(frames).unwrap_or(0));
    ffi::SQLITE_OK
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::rows::Rows;

    fn database() -> Database {
        let flags = rusqlite::OpenFlags::default() | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = rusqlite::Connection::open_with_flags(":memory:", flags).unwrap();
        connection
            .execute_batch("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); CREATE INDEX i ON t (name)")
            .unwrap();
        connection.execute_batch("INSERT INTO t (name) VALUES ('a'), ('b'), ('c'), ('d')").unwrap();
        Database::new(connection, Arc::new(Watch::new()), false).unwrap()
    }

    fn prepare(db: &mut Database, sql: &str) -> StatementId {
        db.prepare(sql, true).unwrap().unwrap().0
    }

    #[test]
    fn a_limit_written_plus_zero_is_never_prepared_again() {
        let mut db = database();
        let kept = prepare(&mut db, "SELECT id FROM t LIMIT ?1 + 0");
        let bare = prepare(&mut db, "SELECT id FROM t LIMIT ?1");
        for limit in [1, 2, 3, 2, 1, 4] {
            for id in [kept, bare] {
                let mut rows = Rows::default();
                db.bind(id, |copies| Ok(copies.copy(Parameter::Int(limit))?)).unwrap();
                assert_eq!(db.pull(id, 0, &mut rows, 10).unwrap(), Pull::Done);
                assert_eq!(rows.len(), limit as usize);
            }
        }
        assert_eq!(db.times_prepared_again(kept), 0);
        assert!(db.times_prepared_again(bare) > 0, "this is why the dialect writes `+ 0`");
    }

    #[test]
    fn a_statement_whose_values_were_lent_is_not_stepped_before_it_is_bound_again() {
        let mut db = database();
        let id = prepare(&mut db, "SELECT id FROM t WHERE name > ?1");
        let mut rows = Rows::default();
        {
            let short_lived = String::from("b");
            db.execute(id, |loans| Ok(loans.lend(Parameter::Text(&short_lived))?), 0, &mut rows).unwrap();
        }
        assert_eq!(rows.len(), 2);
        assert!(
            matches!(db.pull(id, 0, &mut rows, 10), Err(Stop::Failure(it)) if it.code() == ffi::SQLITE_MISUSE)
        );
        db.bind(id, |copies| Ok(copies.copy(Parameter::Text("c"))?)).unwrap();
        assert_eq!(db.pull(id, 0, &mut rows, 10).unwrap(), Pull::Done);
        assert_eq!(rows.len(), 3);
        // Neither is one that was bound in part.
        assert!(db.bind(id, |_| Ok(())).is_err());
        assert!(db.pull(id, 0, &mut rows, 10).is_err());
    }

    /// Reads a statement so often that its program is looked at, and returns how many rows it gives then without a look behind the
    /// first one, and whether it is known to give no more.
    fn read_often(db: &mut Database, id: StatementId, sql: &str) -> (usize, bool) {
        let mut seen = 0;
        for _ in 0..=READS_BEFORE_A_LOOK {
            let mut rows = Rows::default();
            db.count_read(id, sql);
            db.bind(id, |copies| Ok(copies.copy(Parameter::Int(2))?)).unwrap();
            assert_eq!(db.pull(id, 0, &mut rows, 10).unwrap(), Pull::Done);
            seen = rows.len();
        }
        (seen, find(&mut db.statements, id).unwrap().gives == Gives::One)
    }

    #[test]
    fn what_can_give_one_row_only_is_known_by_its_program() {
        let mut db = database();
        for (sql, rows, one) in [
            ("SELECT name FROM t WHERE id = ?1", 1, true),
            ("SELECT count(*) FROM t WHERE id >= ?1", 1, true),
            ("SELECT a.name FROM t a JOIN t b ON b.id = a.id WHERE a.id = ?1", 1, true),
            ("SELECT name FROM t WHERE id >= ?1", 3, false),
            ("SELECT name FROM t WHERE id = ?1 UNION ALL SELECT name FROM t WHERE id = ?1", 2, false),
            ("SELECT name FROM t ORDER BY name LIMIT ?1 + 0", 2, false),
        ] {
            let id = prepare(&mut db, sql);
            assert_eq!(read_often(&mut db, id, sql), (rows, one), "{sql}");
            assert_eq!(read_often(&mut db, id, sql).0, rows, "{sql}, once more");
        }
    }

    #[test]
    fn a_table_that_was_made_anew_without_its_key_gives_all_rows() {
        let mut db = database();
        let sql = "SELECT name FROM t WHERE id = ?1";
        let id = prepare(&mut db, sql);
        assert_eq!(read_often(&mut db, id, sql), (1, true));
        for sql in [
            "DROP TABLE t",
            "CREATE TABLE t (id INTEGER, name TEXT)",
            "INSERT INTO t VALUES (2, 'a'), (2, 'b'), (2, 'c')",
        ] {
            let id = prepare(&mut db, sql);
            db.execute(id, |_| Ok(()), 0, &mut Rows::default()).unwrap();
        }
        assert_eq!(read_often(&mut db, id, sql).0, 3);
    }

    #[test]
    fn a_statement_that_was_freed_is_an_error_and_its_place_is_used_again() {
        let mut db = database();
        let first = prepare(&mut db, "SELECT 1");
        db.finalize(first);
        db.finalize(first);
        assert!(db.bind(first, |_| Ok(())).is_err());
        assert_eq!(prepare(&mut db, "SELECT 2"), first);
        assert_eq!(db.prepared_statements(), 1);
    }

    #[test]
    fn a_database_moves_between_threads_with_a_statement_under_way() {
        let mut db = database();
        let id = prepare(&mut db, "SELECT id, name FROM t WHERE name >= ?1");
        let mut rows = Rows::default();
        db.bind(id, |copies| Ok(copies.copy(Parameter::Text("b"))?)).unwrap();
        assert_eq!(db.pull(id, 0, &mut rows, 1).unwrap(), Pull::More);
        let rows = std::thread::spawn(move || {
            assert_eq!(db.pull(id, 0, &mut rows, 10).unwrap(), Pull::Done);
            rows
        })
        .join()
        .unwrap();
        assert_eq!(rows.len(), 3);
    }

    #[test]
    fn a_sink_that_panics_leaves_a_statement_that_can_be_used_and_freed() {
        struct Panics;
        impl RowSink for Panics {
            fn row(&mut self, _: usize, _: &[ValueRef<'_>]) -> aludel_sql::Result<Flow> {
                panic!("in the sink");
            }
        }
        let mut db = database();
        let id = prepare(&mut db, "SELECT id FROM t");
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            db.execute(id, |_| Ok(()), 0, &mut Panics)
        }));
        assert!(caught.is_err());
        assert!(!db.statements[id.0].as_ref().unwrap().running, "a loan ends with the call");
        let mut rows = Rows::default();
        db.execute(id, |_| Ok(()), 0, &mut rows).unwrap();
        assert_eq!(rows.len(), 4);
    }
}
