//! A batch becomes messages: all of them are written, and checked, before the first byte is sent.

use std::borrow::Cow;

use aludel_engine::driver::{Batch, Begin, End, Isolation, Params, RowBinding, RowSource, Statement};
use aludel_sql::{Error, ErrorKind, Result, SqlType, ValueRef};
use bytes::BytesMut;
use postgres_protocol::message::frontend;

use super::core::{Core, Op, Purpose};
use super::encode::{self, LONGEST_MESSAGE, MOST_PARAMETERS};
use super::oid::{self, Oid};
use super::statements::{Prepared, Slot};

/// What is left to do when the answers to a batch are in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// The batch began the transaction that it runs in.
    pub begun: bool,
    /// How the transaction ends.
    pub end: End,
    /// COMMIT does not travel with the statements: rows have to be counted first.
    pub commit_held: bool,
    /// Nothing that came before the batch would be lost if it were sent again.
    pub repeatable: bool,
}

/// The type of a NULL until the statement's own type decides: NULL is a value of every type.
const ANY: Oid = 0;
/// Which of the statements' controls is COMMIT and which ROLLBACK; those before are the forms of BEGIN.
const COMMIT: usize = 9;
const ROLLBACK: usize = 10;

impl Core {
    /// Appends a batch and its Sync. `idle`: no transaction is open.
    ///
    /// # Errors
    ///
    /// A value that cannot be sent. Nothing of the batch is left then.
    pub fn batch(&mut self, batch: &Batch<'_>, idle: bool, rollback_first: bool) -> Result<Plan> {
        let counted = batch.statements.iter().any(|it| it.expect.is_some());
        // Outside of a transaction a wrong count would be noticed after the fact: a transaction around makes it an error that
        // changes nothing.
        let around = counted && idle && batch.begin.is_none() && batch.end == End::Open;
        let plan = Plan {
            begun: batch.begin.is_some() || around,
            end: if around { End::Commit } else { batch.end },
            commit_held: around || counted && batch.end == End::Commit,
            repeatable: idle,
        };
        self.talk.begin_batch();
        self.statements.begin_batch();
        let closing = self.statements.closing().len();
        let written = self.try_batch(batch, plan, rollback_first);
        if written.is_err() {
            self.clear_out();
            self.talk.clear();
            self.statements.end_batch(true);
        } else if closing > 0 {
            self.statements.closed(closing);
        }
        written.map(|()| plan)
    }

    fn try_batch(&mut self, batch: &Batch<'_>, plan: Plan, rollback_first: bool) -> Result<()> {
        for name in self.statements.closing() {
            message(frontend::close(b'S', name, &mut self.out))?;
            self.talk.push(Op::Close);
        }
        if rollback_first {
            self.control(ROLLBACK, "ROLLBACK", Purpose::Rollback)?;
        }
        if plan.begun {
            let (which, text) = begin(batch.begin.unwrap_or_default())?;
            self.control(which, text, Purpose::Begin)?;
        }
        for (index, statement) in batch.statements.iter().enumerate() {
            self.statement(index, statement).map_err(|error| error.with_sql(statement.sql))?;
        }
        match plan.end {
            End::Commit if !plan.commit_held => self.control(COMMIT, "COMMIT", Purpose::Commit)?,
            End::Rollback => self.control(ROLLBACK, "ROLLBACK", Purpose::Rollback)?,
            End::Commit | End::Open => {}
        }
        self.sync();
        Ok(())
    }

    /// Appends the end of a transaction alone: COMMIT or ROLLBACK.
    pub fn end(&mut self, end: End) -> Result<()> {
        match end {
            End::Commit => self.control(COMMIT, "COMMIT", Purpose::Commit)?,
            End::Rollback => self.control(ROLLBACK, "ROLLBACK", Purpose::Rollback)?,
            End::Open => {}
        }
        self.sync();
        Ok(())
    }

    #[inline]
    fn sync(&mut self) {
        self.out.extend_from_slice(b"S\0\0\0\x04");
        self.talk.push(Op::Sync);
    }

    fn control(&mut self, which: usize, text: &str, purpose: Purpose) -> Result<()> {
        let (slot, prepare) = self.statements.control(which);
        let Prepared { name, bind, .. } = self.statements.get(slot);
        if prepare {
            message(frontend::parse(name, text, [], &mut self.out))?;
            self.talk.push(Op::Parse(slot));
        }
        let start = begin_bind(&mut self.out, bind);
        end_bind_and_execute(&mut self.out, start)?;
        self.talk.push(Op::Run { slot, purpose, left: 1 });
        Ok(())
    }

    fn statement(&mut self, index: usize, statement: &Statement<'_>) -> Result<()> {
        let slot = self.prepare(statement)?;
        let bind = &self.statements.get(slot).bind;
        let types = statement.types;
        let out = &mut self.out;
        let mut left = 1;
        match statement.params {
            Params::One(values) => {
                let start = begin_bind(out, bind);
                for (at, (ty, value)) in types.iter().zip(values).enumerate() {
                    encode::parameter(out, *ty, *value)
                        .map_err(|error| encode::at_place(&error, "parameter", at))?;
                }
                end_bind_and_execute(out, start)?;
            }
            Params::Rows { binding: RowBinding::Each, rows, cell, .. } => {
                left = rows;
                for row in 0..rows {
                    let start = begin_bind(out, bind);
                    bind_row(out, types, row, cell)?;
                    end_bind_and_execute(out, start)?;
                }
            }
            Params::Rows { binding: RowBinding::Values, rows, cell, .. } => {
                let start = begin_bind(out, bind);
                for row in 0..rows {
                    bind_row(out, types, row, cell)?;
                    check_length(out, start)?;
                }
                end_bind_and_execute(out, start)?;
            }
            Params::Rows { binding: RowBinding::Arrays { counted }, rows, cell, .. } => {
                let start = begin_bind(out, bind);
                for (column, ty) in types.iter().enumerate() {
                    encode::array(out, *ty, rows, |row, out| {
                        encode::element(out, *ty, cell.bind(row, column).as_ref())
                    })
                    .map_err(|error| encode::at_place(&error, "parameter", column))?;
                    check_length(out, start)?;
                }
                if counted {
                    encode::element(out, SqlType::BigInt, ValueRef::Int(rows as i64))?;
                }
                end_bind_and_execute(out, start)?;
            }
            Params::Rows { binding: RowBinding::Json, .. } => return Err(json()),
        }
        let purpose = Purpose::Statement { index, expect: statement.expect };
        self.talk.push(Op::Run { slot, purpose, left });
        Ok(())
    }

    /// Finds the prepared statement, or appends the messages that prepare it.
    fn prepare(&mut self, statement: &Statement<'_>) -> Result<Slot> {
        let found = statement.shape.and_then(|shape| self.statements.find(shape));
        if let (Some(slot), Params::One(values)) = (found, statement.params)
            && takes(self.statements.get(slot), statement, values)?
        {
            return Ok(slot);
        }
        wanted_types(statement, &mut self.wanted)?;
        if let Some(slot) = found {
            let prepared = self.statements.get(slot);
            let known = &prepared.parameters;
            let fits = |(known, wanted): (&Oid, &Oid)| known == wanted || *wanted == ANY;
            let same_types = known.len() == self.wanted.len() && known.iter().zip(&self.wanted).all(fits);
            if same_types && prepared.finds_keys == statement.find_keys.is_some() {
                return Ok(slot);
            }
        }
        // PostgreSQL returns the rows of an INSERT as they are inserted, so this is all there is to finding their keys.
        let sql = match statement.find_keys {
            None => Cow::Borrowed(statement.sql),
            Some(key) => Cow::Owned(format!("{} RETURNING {key}", statement.sql)),
        };
        for (at, wanted) in self.wanted.iter_mut().enumerate().filter(|(_, wanted)| **wanted == ANY) {
            *wanted = encode::oids(statement.types[at % statement.types.len()])?.0;
        }
        let slot = self.statements.insert(statement.shape, &self.wanted);
        let said = statement.types.iter().map(|ty| encode::oids(*ty).map_or(ANY, |(oid, _)| oid));
        let prepared = self.statements.get_mut(slot);
        prepared.finds_keys = statement.find_keys.is_some();
        prepared.is_plain = said.eq(prepared.parameters.iter().copied());
        let name = &self.statements.get(slot).name;
        let start = self.out.len();
        message(frontend::parse(name, &sql, self.wanted.iter().copied(), &mut self.out))?;
        check_length(&self.out, start)?;
        message(frontend::describe(b'S', name, &mut self.out))?;
        self.talk.push(Op::Parse(slot));
        self.talk.push(Op::Describe(slot));
        Ok(slot)
    }
}

/// Tells whether a prepared statement takes these values, of the types that they are sent as.
fn takes(prepared: &Prepared, statement: &Statement<'_>, values: &[ValueRef<'_>]) -> Result<bool> {
    let (known, types) = (&prepared.parameters, statement.types);
    if values.len() != known.len()
        || types.len() != known.len()
        || prepared.finds_keys != statement.find_keys.is_some()
    {
        return Ok(false);
    }
    if prepared.is_plain
        && !values.iter().any(|value| matches!(value, ValueRef::List(_) | ValueRef::Wire { .. }))
    {
        return Ok(true);
    }
    for ((ty, value), known) in types.iter().zip(values).zip(known) {
        if !value.is_null() && encode::oid_of(*ty, *value)? != *known {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Finds the types of all parameters of a statement, and checks that the statement agrees with itself.
fn wanted_types(statement: &Statement<'_>, wanted: &mut Vec<Oid>) -> Result<()> {
    let types = statement.types;
    let (columns, count) = match statement.params {
        Params::One(values) => (values.len(), Some(values.len())),
        Params::Rows { binding, rows, columns, .. } => {
            // One row without columns is `DEFAULT VALUES`.
            if rows == 0 || (columns == 0 && binding != RowBinding::Values) {
                return Err(Error::new(
                    ErrorKind::Encode,
                    "a statement for many rows has no rows or no columns",
                ));
            }
            let count = match binding {
                RowBinding::Each => Some(columns),
                RowBinding::Values => rows.checked_mul(columns),
                RowBinding::Arrays { counted } => Some(columns + usize::from(counted)),
                RowBinding::Json => return Err(json()),
            };
            (columns, count)
        }
    };
    if columns != types.len() {
        return Err(Error::new(
            ErrorKind::Encode,
            format!("the statement has {} types for {columns} values", types.len()),
        ));
    }
    let Some(count @ ..=MOST_PARAMETERS) = count else {
        let count = count.map_or_else(|| "more than can be counted".to_owned(), |it| it.to_string());
        return Err(Error::new(
            ErrorKind::Encode,
            format!(
                "the statement has too many parameters: {count}, PostgreSQL takes at most {MOST_PARAMETERS}"
            ),
        )
        .help("bind an array instead of single values, or send fewer rows at a time"));
    };
    wanted.clear();
    wanted.reserve(count);
    let want = |(ty, value): (&SqlType, ValueRef<'_>)| match value {
        ValueRef::Null => Ok(ANY),
        value => encode::oid_of(*ty, value),
    };
    match statement.params {
        Params::One(values) => {
            for pair in types.iter().zip(values.iter().copied()) {
                wanted.push(want(pair)?);
            }
        }
        Params::Rows { binding: RowBinding::Arrays { counted }, .. } => {
            for ty in types {
                wanted.push(encode::oids(*ty)?.1);
            }
            if counted {
                wanted.push(oid::INT8);
            }
        }
        Params::Rows { binding, rows, cell, .. } => {
            let rows = if binding == RowBinding::Each { 1 } else { rows };
            for row in 0..rows {
                for (column, ty) in types.iter().enumerate() {
                    wanted.push(want((ty, cell.bind(row, column).as_ref()))?);
                }
            }
        }
    }
    Ok(())
}

fn begin(begin: Begin) -> Result<(usize, &'static str)> {
    Ok(match (begin.isolation, begin.read_only) {
        (None, false) => (0, "BEGIN"),
        (None, true) => (1, "BEGIN READ ONLY"),
        (Some(Isolation::ReadCommitted), false) => (2, "BEGIN ISOLATION LEVEL READ COMMITTED"),
        (Some(Isolation::ReadCommitted), true) => (3, "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY"),
        (Some(Isolation::Snapshot), false) => (4, "BEGIN ISOLATION LEVEL REPEATABLE READ"),
        (Some(Isolation::Snapshot), true) => (5, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
        (Some(Isolation::Serializable), false) => (6, "BEGIN ISOLATION LEVEL SERIALIZABLE"),
        (Some(Isolation::Serializable), true) if begin.deferrable => {
            (8, "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE")
        }
        (Some(Isolation::Serializable), true) => (7, "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY"),
        (Some(other), _) => {
            return Err(Error::new(ErrorKind::Unsupported, format!("PostgreSQL has no isolation {other:?}")));
        }
    })
}

fn bind_row(out: &mut BytesMut, types: &[SqlType], row: usize, cell: &dyn RowSource) -> Result<()> {
    for (column, ty) in types.iter().enumerate() {
        encode::parameter(out, *ty, cell.bind(row, column).as_ref())
            .map_err(|error| encode::at_place(&encode::at_place(&error, "parameter", column), "row", row))?;
    }
    Ok(())
}

/// Writes a Bind up to its parameters.
#[inline]
fn begin_bind(out: &mut BytesMut, bind: &[u8]) -> usize {
    let start = out.len();
    out.extend_from_slice(bind);
    start
}

/// Writes the rest of a Bind, all results binary, and its length; and has the unnamed portal executed, to its last row.
#[inline]
fn end_bind_and_execute(out: &mut BytesMut, start: usize) -> Result<()> {
    const ALL_BINARY: &[u8; 4] = b"\0\x01\0\x01";
    const EXECUTE: &[u8; 10] = b"E\0\0\0\x09\0\0\0\0\0";

    let length = out.len() + ALL_BINARY.len() - start - 1;
    if length > LONGEST_MESSAGE {
        return Err(encode::too_long());
    }
    out[start + 1..start + 5].copy_from_slice(&(length as u32).to_be_bytes());
    let mut rest = [0; ALL_BINARY.len() + EXECUTE.len()];
    rest[..ALL_BINARY.len()].copy_from_slice(ALL_BINARY);
    rest[ALL_BINARY.len()..].copy_from_slice(EXECUTE);
    out.extend_from_slice(&rest);
    Ok(())
}

fn check_length(out: &BytesMut, start: usize) -> Result<()> {
    if out.len() - start - 1 > LONGEST_MESSAGE { Err(encode::too_long()) } else { Ok(()) }
}

/// The one thing that a message of text can be refused for.
fn message(written: std::io::Result<()>) -> Result<()> {
    written.map_err(|error| {
        Error::new(ErrorKind::Encode, "the text of a statement holds a NUL character").with_source(error)
    })
}

#[cold]
fn json() -> Error {
    Error::new(ErrorKind::Unsupported, "PostgreSQL: rows are not bound as JSON").help("bind them as arrays")
}
