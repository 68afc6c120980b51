//! Reading the body of one message from the server, with nothing taken on trust.

use aludel_sql::{Error, ErrorKind, Result};

/// The unread part of a message's body. Every read checks that there is as much as it needs.
#[derive(Clone, Copy)]
pub(crate) struct Body<'a>(pub &'a [u8]);

impl<'a> Body<'a> {
    #[inline]
    pub fn bytes(&mut self, len: usize) -> Result<&'a [u8]> {
        let Some((head, tail)) = self.0.split_at_checked(len) else { return Err(short()) };
        self.0 = tail;
        Ok(head)
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let Some((head, tail)) = self.0.split_first_chunk::<N>() else { return Err(short()) };
        self.0 = tail;
        Ok(*head)
    }

    #[inline]
    pub fn u8(&mut self) -> Result<u8> {
        self.array::<1>().map(|[it]| it)
    }

    #[inline]
    pub fn u16(&mut self) -> Result<u16> {
        self.array().map(u16::from_be_bytes)
    }

    #[inline]
    pub fn i32(&mut self) -> Result<i32> {
        self.array().map(i32::from_be_bytes)
    }

    #[inline]
    pub fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// Reads bytes up to a NUL.
    pub fn until_nul(&mut self) -> Result<&'a [u8]> {
        let end = self.0.iter().position(|byte| *byte == 0).ok_or_else(short)?;
        let text = &self.0[..end];
        self.0 = &self.0[end + 1..];
        Ok(text)
    }

    /// Reads a word of ASCII up to a NUL.
    #[inline]
    pub fn ascii(&mut self) -> Result<&'a [u8]> {
        let is_letter = |byte: &u8| matches!(byte, 1..=0x7f);
        let end = self.0.iter().position(|byte| !is_letter(byte)).ok_or_else(short)?;
        let (word, rest) = self.0.split_at(end);
        let [0, rest @ ..] = rest else { return Err(wrong("the word for what was done is not ASCII")) };
        self.0 = rest;
        Ok(word)
    }

    /// Reads text up to a NUL.
    pub fn text(&mut self) -> Result<&'a str> {
        std::str::from_utf8(self.until_nul()?).map_err(|_| wrong("a message holds text that is not UTF-8"))
    }

    /// Checks that all was read.
    pub fn end(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(wrong("a message is longer than its content")) }
    }
}

#[cold]
fn short() -> Error {
    wrong("a message is shorter than its content")
}

/// Makes the error for bytes that the protocol does not allow. Whoever returns it has broken the connection.
#[cold]
pub(crate) fn wrong(what: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Protocol, what).help(
        "the server, or what stands between, does not speak PostgreSQL's protocol; the connection was closed",
    )
}
