//! Where the data of a COPY comes from.

use std::task::{Context, Poll};

use aludel_sql::{Result, SqlType, Value};

/// Where the data of [`RawConn::copy_in`](super::RawConn::copy_in) comes from.
pub trait CopySource: Send {
    /// Returns the types of the values in a [`CopyPiece::Row`].
    ///
    /// The driver asks once, before the first piece; only those with rows have an answer.
    ///
    /// ```
    /// use std::task::{Context, Poll};
    /// use aludel_engine::Result;
    /// use aludel_engine::driver::{CopyPiece, CopySource};
    /// use aludel_sql::{SqlType, Value};
    ///
    /// /// Shelves with the numbers from here on.
    /// struct Shelves(std::ops::Range<i64>);
    ///
    /// impl CopySource for Shelves {
    ///     fn types(&self) -> &[SqlType] {
    ///         &[SqlType::BigInt, SqlType::Text]
    ///     }
    ///
    ///     fn poll_piece(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<CopyPiece>>> {
    ///         let row = |id| CopyPiece::Row(vec![Value::Int(id), Value::Text(format!("Shelf {id}"))]);
    ///         Poll::Ready(self.0.next().map(|id| Ok(row(id))))
    ///     }
    /// }
    ///
    /// assert_eq!(Shelves(1..4).types().len(), 2);
    /// ```
    fn types(&self) -> &[SqlType] {
        &[]
    }

    /// Returns the next piece; `None` after the last one.
    ///
    /// An error ends the COPY, and the database keeps nothing of it.
    ///
    /// ```
    /// use std::task::{Context, Poll, Waker};
    /// use aludel_engine::Result;
    /// use aludel_engine::driver::{CopyPiece, CopySource};
    ///
    /// struct Lines<I>(I);
    ///
    /// impl<I: Iterator<Item = String> + Send> CopySource for Lines<I> {
    ///     fn poll_piece(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<CopyPiece>>> {
    ///         Poll::Ready(self.0.next().map(|line| Ok(CopyPiece::Bytes(line.into_bytes()))))
    ///     }
    /// }
    ///
    /// let mut lines = Lines(["1,History\n".to_owned()].into_iter());
    /// let cx = &mut Context::from_waker(Waker::noop());
    /// assert!(matches!(lines.poll_piece(cx), Poll::Ready(Some(Ok(CopyPiece::Bytes(line)))) if line == b"1,History\n"));
    /// assert!(matches!(lines.poll_piece(cx), Poll::Ready(None)));
    /// ```
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<CopyPiece>>>;
}

/// A piece of the data of a COPY. All pieces of one are of the same sort.
#[derive(Clone, Debug, PartialEq)]
pub enum CopyPiece {
    /// Bytes in the form that the statement says, cut anywhere.
    Bytes(Vec<u8>),
    /// A row, which the driver writes in its binary form.
    Row(Vec<Value>),
}
