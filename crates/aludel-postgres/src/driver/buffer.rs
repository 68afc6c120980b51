//! Bytes read from the server and not yet understood.

use aludel_sql::Result;

use super::message::wrong;

/// What one read may bring; large results fill it again and again.
const CHUNK: usize = 64 * 1024;
/// A buffer that grew beyond this for one large value is given back when its batch is over.
const KEEP: usize = 1024 * 1024;
/// No message of PostgreSQL is longer: its memory allocations end here.
const LONGEST: usize = 0x3fff_ffff;
/// Only messages that carry data or text may be longer than this, as in libpq.
const LONGEST_OTHER: usize = 30_000;

/// A growing buffer. It grows with what has arrived and never because a length says so.
pub(super) struct ReadBuffer {
    bytes: Vec<u8>,
    pos: usize,
    end: usize,
}

impl ReadBuffer {
    pub fn new() -> Self {
        Self { bytes: Vec::new(), pos: 0, end: 0 }
    }

    /// Returns where the next read goes; never empty.
    #[inline]
    pub fn space(&mut self) -> &mut [u8] {
        if self.pos == self.end {
            (self.pos, self.end) = (0, 0);
        } else if self.pos > 0 && self.end * 2 >= self.bytes.len() {
            // What is left is the beginning of one message: cheap to move, and the buffer need not grow.
            self.bytes.copy_within(self.pos..self.end, 0);
            (self.pos, self.end) = (0, self.end - self.pos);
        }
        if self.bytes.is_empty() {
            // Most answers are short and most connections idle: the large chunk has to be earned.
            self.bytes.resize(CHUNK / 8, 0);
        } else if self.bytes.len() > KEEP {
            // One large value is under way: twice its size would be more than a program has to spare.
            if self.bytes.len() - self.end < CHUNK {
                let more = self.bytes.len() / 4;
                self.bytes.reserve_exact(more);
                self.bytes.resize(self.bytes.len() + more, 0);
            }
        } else if self.end * 2 >= self.bytes.len() {
            self.bytes.resize((self.bytes.len() * 2).max(CHUNK), 0);
        }
        &mut self.bytes[self.end..]
    }

    /// Tells that this many bytes were read into [`ReadBuffer::space`].
    pub fn filled(&mut self, n: usize) {
        self.end = (self.end + n).min(self.bytes.len());
        // A read that filled a small buffer says that more is coming.
        if self.end == self.bytes.len() && self.bytes.len() < CHUNK {
            self.bytes.resize(CHUNK, 0);
        }
    }

    /// Lends the bytes that are here.
    #[inline]
    pub fn unread(&self) -> &[u8] {
        &self.bytes[self.pos..self.end]
    }

    /// Forgets the bytes that were understood: all but the last so many.
    #[inline]
    pub fn consume_but(&mut self, left: usize) {
        self.pos = self.end.saturating_sub(left).max(self.pos);
    }

    /// Gives memory back that only a large value needed.
    pub fn shrink(&mut self) {
        if self.bytes.len() > KEEP && self.pos == self.end {
            *self = Self::new();
        }
    }
}

/// Splits the first message off: its tag, its body, and what follows it. `None` while it is not all here.
///
/// # Errors
///
/// A length that the protocol does not allow.
#[inline]
pub(super) fn split_message(bytes: &[u8]) -> Result<Option<(u8, &[u8], &[u8])>> {
    let Some(([tag, length @ ..], rest)) = bytes.split_first_chunk::<5>() else { return Ok(None) };
    let length = u32::from_be_bytes(*length) as usize;
    if length < 4 || length > LONGEST_OTHER && (!is_long(*tag) || length > LONGEST) {
        return Err(wrong_length());
    }
    Ok(rest.split_at_checked(length - 4).map(|(body, rest)| (*tag, body, rest)))
}

#[cold]
fn wrong_length() -> aludel_sql::Error {
    wrong("a message has a length that no message can have")
}

/// Tells whether messages of this tag may be long: rows, copied data, columns, errors, notices, notifications.
fn is_long(tag: u8) -> bool {
    matches!(tag, b'D' | b'd' | b'T' | b't' | b'E' | b'N' | b'A')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_split_off_only_when_all_of_it_is_here() {
        let bytes = b"Z\0\0\0\x05I";
        for end in 0..bytes.len() {
            assert!(split_message(&bytes[..end]).unwrap().is_none());
        }
        assert_eq!(split_message(bytes).unwrap(), Some((b'Z', &b"I"[..], &[][..])));
    }

    #[test]
    fn a_length_that_cannot_be_is_an_error_before_anything_is_allocated() {
        for bytes in [*b"Z\0\0\0\x03", *b"Z\0\x01\0\0", *b"D\x7f\xff\xff\xff", *b"D\xff\xff\xff\xff"] {
            assert!(split_message(&bytes).is_err());
        }
    }

    #[test]
    fn the_buffer_grows_with_what_arrived() {
        let mut buffer = ReadBuffer::new();
        for _ in 0..100 {
            let space = buffer.space();
            assert!(!space.is_empty());
            let n = space.len().min(10_000);
            buffer.filled(n);
        }
        let arrived = buffer.unread().len();
        assert!(buffer.bytes.len() <= (2 * arrived).max(CHUNK) * 2);
        buffer.consume_but(0);
        buffer.shrink();
        assert!(buffer.bytes.len() <= KEEP);
    }

    #[test]
    fn bytes_keep_their_order_when_the_buffer_is_compacted() {
        let mut buffer = ReadBuffer::new();
        let (mut next_in, mut next_out) = (0_u8, 0_u8);
        for round in 0..2_000 {
            let space = buffer.space();
            let n = space.len().min(1 + round * 7 % 900);
            for byte in &mut space[..n] {
                *byte = next_in;
                next_in = next_in.wrapping_add(1);
            }
            buffer.filled(n);
            let take = buffer.unread().len() * 3 / 4;
            for byte in &buffer.unread()[..take] {
                assert_eq!(*byte, next_out);
                next_out = next_out.wrapping_add(1);
            }
            buffer.consume_but(buffer.unread().len() - take);
        }
    }
}
