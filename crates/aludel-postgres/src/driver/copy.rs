//! COPY from the client: its data, as messages.

use std::task::{Context, Poll};

use aludel_engine::driver::{CopyPiece, CopySource};
use aludel_sql::{Error, ErrorKind, Result, SqlType, Value};
use bytes::{BufMut, BytesMut};
use postgres_protocol::message::frontend;

use super::core::{Copy, Core};
use super::encode;

/// No more is taken from the source while this much waits to be written.
const AHEAD: usize = 64 * 1024;
/// What the binary form begins with, as a message: its name, no flags, no extension.
const HEADER: &[u8] = b"d\0\0\0\x17PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What it ends with: -1 instead of the number of a row's columns.
const TRAILER: &[u8] = b"d\0\0\0\x06\xff\xff";

/// The data of one COPY, on its way.
pub(super) struct Feed<'a> {
    source: &'a mut dyn CopySource,
    /// Which row comes next, once one has come.
    row: Option<usize>,
}

impl<'a> Feed<'a> {
    pub fn new(source: &'a mut dyn CopySource) -> Self {
        Self { source, row: None }
    }

    /// Appends pieces while the server wants them and not too much waits. `true`: something was appended.
    pub fn poll(&mut self, core: &mut Core, cx: &mut Context<'_>) -> bool {
        let mut appended = false;
        while core.talk.copy == Copy::In && core.unsent().len() < AHEAD {
            let written = match self.source.poll_piece(cx) {
                Poll::Pending => break,
                Poll::Ready(None) => {
                    if self.row.is_some() {
                        // Instead of the number of columns: there are no more rows.
                        core.out.put_slice(TRAILER);
                    }
                    core.finish_copy();
                    Ok(())
                }
                Poll::Ready(Some(Ok(CopyPiece::Bytes(bytes)))) => self.bytes(&mut core.out, &bytes),
                Poll::Ready(Some(Ok(CopyPiece::Row(values)))) => self.values(&mut core.out, &values),
                Poll::Ready(Some(Err(error))) => Err(error),
            };
            appended = true;
            if let Err(error) = written {
                core.talk.fail(error);
                core.fail_copy();
            }
        }
        appended
    }

    fn bytes(&self, out: &mut BytesMut, bytes: &[u8]) -> Result<()> {
        if self.row.is_some() {
            return Err(Error::new(ErrorKind::Encode, "data for COPY is either rows or bytes"));
        }
        for piece in bytes.chunks(AHEAD) {
            out.put_u8(b'd');
            out.put_u32(piece.len() as u32 + 4);
            out.put_slice(piece);
        }
        Ok(())
    }

    fn values(&mut self, out: &mut BytesMut, values: &[Value]) -> Result<()> {
        let row = self.row.unwrap_or_else(|| {
            out.put_slice(HEADER);
            0
        });
        self.row = Some(row + 1);
        write_row(out, self.source.types(), values).map_err(|error| encode::at_place(&error, "row", row))
    }
}

/// Appends a row as a message. Nothing of it is left where it cannot be written.
fn write_row(out: &mut BytesMut, types: &[SqlType], values: &[Value]) -> Result<()> {
    let start = out.len();
    out.put_slice(b"d\0\0\0\0");
    let written = write_cells(out, types, values);
    let length = out.len() - start - 1;
    if written.is_err() || length > encode::LONGEST_MESSAGE {
        out.truncate(start);
        return written.and(Err(encode::too_long()));
    }
    out[start + 1..start + 5].copy_from_slice(&(length as u32).to_be_bytes());
    Ok(())
}

fn write_cells(out: &mut BytesMut, types: &[SqlType], values: &[Value]) -> Result<()> {
    if types.len() != values.len() {
        let what = format!("it has {} values for {} columns", values.len(), types.len());
        return Err(Error::new(ErrorKind::Encode, what));
    }
    out.put_i16(values.len() as i16);
    for (at, (ty, value)) in types.iter().zip(values).enumerate() {
        encode::parameter(out, *ty, value.as_ref())
            .map_err(|error| encode::at_place(&error, "column", at))?;
    }
    Ok(())
}

impl Core {
    /// Says that the data is complete.
    fn finish_copy(&mut self) {
        frontend::copy_done(&mut self.out);
        self.end_copy();
    }

    /// Says that there is no data, or no more: the statement fails.
    pub fn fail_copy(&mut self) {
        // Cannot fail: the text has no NUL.
        let _ = frontend::copy_fail("the client gave up", &mut self.out);
        self.end_copy();
    }

    /// Asks for the answers again: the Sync of the batch came while the server waited for data, and was ignored.
    pub fn end_copy(&mut self) {
        self.talk.copy = Copy::None;
        frontend::sync(&mut self.out);
    }
}
