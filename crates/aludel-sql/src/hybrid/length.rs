//! Functions that are used in the bodies of hybrids, and are the same in both worlds.

use super::{Scalar, Term};
use crate::node::{Call, Function, Node};

/// Text with a length: `str`, `String`, and text in SQL.
#[diagnostic::on_unimplemented(message = "`{Self}` is not text", label = "expected a `&str` or `&String`")]
pub trait Length {
    /// The type of the length.
    type Number;

    /// Counts characters.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// use aludel::hybrid::Length;
    ///
    /// // A letter with its accent as a character of its own counts twice, in Rust as on every database.
    /// assert_eq!(("é".characters(), "e\u{301}".characters()), (1, 2));
    /// ```
    fn characters(&self) -> Self::Number;

    /// Counts bytes.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// use aludel::hybrid::Length;
    ///
    /// assert_eq!(("e".octets(), "é".octets(), "😀".octets()), (1, 2, 4));
    /// ```
    fn octets(&self) -> Self::Number;
}

/// Returns the number of characters of a text; in the body of a hybrid it is the one of SQL.
///
/// ```
/// assert_eq!(aludel::hybrid::length("ß😀"), 2);
/// ```
pub fn length<T: Length + ?Sized>(text: &T) -> T::Number {
    text.characters()
}

/// Returns the number of bytes of a text in UTF-8; in the body of a hybrid it is the one of SQL.
///
/// ```
/// assert_eq!(aludel::hybrid::octet_length("ß😀"), 6);
/// ```
pub fn octet_length<T: Length + ?Sized>(text: &T) -> T::Number {
    text.octets()
}

impl Length for str {
    type Number = i64;

    fn characters(&self) -> i64 {
        self.chars().count() as i64
    }

    fn octets(&self) -> i64 {
        self.len() as i64
    }
}

impl Length for String {
    type Number = i64;

    fn characters(&self) -> i64 {
        self.as_str().characters()
    }

    fn octets(&self) -> i64 {
        self.as_str().octets()
    }
}

impl<T: Length + ?Sized> Length for &T {
    type Number = T::Number;

    fn characters(&self) -> T::Number {
        (**self).characters()
    }

    fn octets(&self) -> T::Number {
        (**self).octets()
    }
}

impl Length for Term<String> {
    type Number = Term<i64>;

    fn characters(&self) -> Term<i64> {
        Term::new(characters(self.node.clone()))
    }

    fn octets(&self) -> Term<i64> {
        Term::<String>::call(Scalar::OctetLength, vec![self.node.clone()])
    }
}

/// Returns the number of characters.
pub(super) fn characters(text: Node) -> Node {
    Node::Call(Call::new(Function::Length, vec![text]))
}
