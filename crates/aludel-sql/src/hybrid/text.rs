//! Text: by characters and code points, as Rust sees it.

use super::compare::by_code_point;
use super::length::characters;
use super::literal::LENGTH;
use super::{Scalar, Term, converted};
use crate::column_type::ColumnType;
use crate::node::{BinaryOp, MatchOp, Node, Param};
use crate::sql_type::SqlType;
use crate::value::Value;

/// The characters of a text: `s.chars()`.
#[derive(Clone, Debug)]
pub struct Chars(Node);

/// As the methods of `Chars` of the same names.
#[allow(missing_docs, clippy::should_implement_trait)]
impl Chars {
    pub fn count(self) -> Term<usize> {
        Term::new(characters(self.0))
    }

    #[must_use]
    pub fn rev(self) -> Self {
        Self(super::scalar(Scalar::Reverse, vec![self.0]))
    }

    #[must_use]
    pub fn skip(self, count: Term<usize>) -> Self {
        Self(super::scalar(Scalar::Skip, vec![self.0, count.node]))
    }

    #[must_use]
    pub fn take(self, count: Term<usize>) -> Self {
        Self(super::scalar(Scalar::Take, vec![self.0, count.node]))
    }

    pub fn collect(self) -> Term<String> {
        Term::new(self.0)
    }
}

/// As the methods of `str` of the same names.
#[allow(missing_docs, clippy::inherent_to_string)]
impl Term<String> {
    pub fn len(self) -> Term<usize> {
        Self::call(Scalar::OctetLength, vec![self.node])
    }

    pub fn is_empty(self) -> Term<bool> {
        let empty = Node::Param(Param::of(Value::Text(String::new()), SqlType::Text));
        Term::new(Node::Binary(BinaryOp::Eq, Box::new(self.exact()), Box::new(empty)))
    }

    pub fn chars(self) -> Chars {
        Chars(self.node)
    }

    pub fn contains(self, text: Self) -> Term<bool> {
        self.matches(MatchOp::Contains, text)
    }

    pub fn starts_with(self, text: Self) -> Term<bool> {
        self.matches(MatchOp::StartsWith, text)
    }

    pub fn ends_with(self, text: Self) -> Term<bool> {
        self.matches(MatchOp::EndsWith, text)
    }

    pub fn to_ascii_lowercase(self) -> Self {
        Self::call(Scalar::AsciiLower, vec![self.node])
    }

    pub fn to_ascii_uppercase(self) -> Self {
        Self::call(Scalar::AsciiUpper, vec![self.node])
    }

    pub fn eq_ignore_ascii_case(self, other: Self) -> Term<bool> {
        super::eq(self.to_ascii_lowercase(), other.to_ascii_lowercase())
    }

    /// MariaDB has none that is the same: an error when the statement is compiled to SQL.
    pub fn to_lowercase(self) -> Self {
        Self::call(Scalar::UnicodeLower, vec![self.node])
    }

    /// MariaDB has none that is the same: an error when the statement is compiled to SQL.
    pub fn to_uppercase(self) -> Self {
        Self::call(Scalar::UnicodeUpper, vec![self.node])
    }

    pub fn trim(self) -> Self {
        Self::call(Scalar::TrimWhiteSpace, vec![self.node])
    }

    pub fn trim_start(self) -> Self {
        Self::call(Scalar::TrimWhiteSpaceStart, vec![self.node])
    }

    pub fn trim_end(self) -> Self {
        Self::call(Scalar::TrimWhiteSpaceEnd, vec![self.node])
    }

    /// What is replaced is not empty.
    pub fn replace(self, from: Self, to: Self) -> Self {
        let text = self.exact();
        Self::call(Scalar::Replace, vec![text, from.node, to.node])
    }

    pub fn repeat(self, count: Term<usize>) -> Self {
        Self::call(Scalar::Repeat, vec![self.node, count.node])
    }

    #[must_use]
    pub fn as_str(self) -> Self {
        self
    }

    #[must_use]
    pub fn to_owned(self) -> Self {
        self
    }

    fn matches(self, op: MatchOp, text: Self) -> Term<bool> {
        Term::new(Node::Match(op, Box::new(self.exact()), Box::new(text.node)))
    }

    /// The text, by code point if its column has a collation of its own.
    fn exact(self) -> Node {
        if self.node.has_collation() { by_code_point(self.node) } else { self.node }
    }
}

/// A type whose values are written into text as Rust writes them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not written in SQL as in Rust",
    label = "only text and integers can be made text of in a hybrid"
)]
pub trait Display: Sized {
    /// Returns it as text.
    fn display(term: Term<Self>) -> Term<String>;
}

impl Display for String {
    fn display(term: Term<Self>) -> Term<String> {
        term
    }
}

macro_rules! integers {
    ($($ty:ty),*) => {$(
        impl Display for $ty {
            fn display(term: Term<Self>) -> Term<String> {
                Term::new(converted(term.node, <$ty>::SQL_TYPE, SqlType::Text))
            }
        }
    )*};
}

integers!(i8, i16, i32, i64, u8, u16, u32);

impl Display for usize {
    fn display(term: Term<Self>) -> Term<String> {
        Term::new(converted(term.node, LENGTH, SqlType::Text))
    }
}

/// `a.to_string()`, and `{}` of `format!`
pub fn display<T: Display>(term: Term<T>) -> Term<String> {
    T::display(term)
}

/// `format!("…")`
pub fn concat(parts: Vec<Term<String>>) -> Term<String> {
    let whole = parts.into_iter().map(|it| it.node);
    let whole = whole.reduce(|a, b| Node::Binary(BinaryOp::Concat, Box::new(a), Box::new(b)));
    whole.map_or_else(|| super::value(""), Term::new)
}
