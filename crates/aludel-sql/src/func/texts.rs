//! Functions of text.

use super::scalar;
use crate::column_type::ColumnType;
use crate::expression::{Expr, Expression};
use crate::node::Scalar;
use crate::operand::Operand;

/// The length of a text in bytes of UTF-8.
///
/// ```
/// # use aludel::doc::*;
/// assert_eq!(value(func::octet_length(literal::<String>("ß😀"))), 6);
/// assert_eq!(value(func::length(literal::<String>("ß😀"))), 2);
/// ```
pub fn octet_length<X: Expression>(x: X) -> Expr<i64>
where
    X::Type: ColumnType<Base = String>,
{
    scalar(Scalar::OctetLength, vec![x.into_node()])
}

/// The text without spaces (U+0020, nothing else) at both ends.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
///
/// assert_eq!(sql(select(func::trim(Book::TITLE))), "SELECT trim(books.title) FROM books");
/// ```
pub fn trim<X: Expression>(x: X) -> Expr<X::Type>
where
    X::Type: ColumnType<Base = String>,
{
    scalar(Scalar::Trim, vec![x.into_node()])
}

/// The text without spaces at its start.
///
/// ```
/// # use aludel::doc::*;
/// // A tabulator is no space.
/// assert_eq!(value(func::ltrim(literal::<String>("  \t x "))), "\t x ");
/// ```
pub fn ltrim<X: Expression>(x: X) -> Expr<X::Type>
where
    X::Type: ColumnType<Base = String>,
{
    scalar(Scalar::LTrim, vec![x.into_node()])
}

/// The text without spaces at its end.
///
/// ```
/// # use {aludel::doc::*, library::{Author, Book}};
/// // Where a program has written text that is filled up with spaces.
/// let trimmed = update(Book).set(Book::TITLE, func::rtrim(Book::TITLE));
/// assert_eq!(sqlite(trimmed), "UPDATE books SET title = rtrim(title)");
/// ```
pub fn rtrim<X: Expression>(x: X) -> Expr<X::Type>
where
    X::Type: ColumnType<Base = String>,
{
    scalar(Scalar::RTrim, vec![x.into_node()])
}

/// At most so many characters of the text, from this one on; the first one is 1.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
///
/// let initial = func::substr(Book::TITLE, 1, 1);
/// assert_eq!(sql(select(initial)), "SELECT substr(books.title, max(?1, 1), max(?2, 0)) FROM books");
/// ```
///
/// A start below 1 is 1, a length below zero is 0: databases disagree about what they would mean.
pub fn substr<X: Expression>(x: X, start: impl Operand<i32>, length: impl Operand<i32>) -> Expr<X::Type>
where
    X::Type: ColumnType<Base = String>,
{
    scalar(Scalar::Substr, vec![x.into_node(), start.into_operand(), length.into_operand()])
}

/// The text with each occurrence of one text replaced by another. Case matters.
///
/// ```
/// # use aludel::doc::*;
/// assert_eq!(value(func::replace(literal::<String>("a-b-A"), "a", "c")), "c-b-A");
/// ```
pub fn replace<X: Expression>(x: X, what: impl Operand<String>, with: impl Operand<String>) -> Expr<X::Type>
where
    X::Type: ColumnType<Base = String>,
{
    scalar(Scalar::Replace, vec![x.into_node(), what.into_operand(), with.into_operand()])
}

/// The text so many times; none below 1.
///
/// ```
/// # use {aludel::doc::*, library::{Author, Book}};
/// assert_eq!(value(func::repeat(literal::<String>("ab"), 3)), "ababab");
/// assert_eq!(value(func::repeat(literal::<String>("ab"), -1)), "");
/// // SQLite has no `repeat`: as many bytes in hex, each of which becomes the text.
/// let repeated = "CASE WHEN ?1 IS NOT NULL THEN replace(hex(zeroblob(?1)), '00', title) END";
/// assert_eq!(on_sqlite(func::repeat(Book::TITLE, 2)), repeated);
/// ```
pub fn repeat<X: Expression>(x: X, times: impl Operand<i32>) -> Expr<X::Type>
where
    X::Type: ColumnType<Base = String>,
{
    scalar(Scalar::Repeat, vec![x.into_node(), times.into_operand()])
}

/// Where a text begins in another, counted in characters from 1; 0 where it is not there. Case matters.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
///
/// assert_eq!(sql(select(func::position(Book::TITLE, "the"))), "SELECT instr(books.title, ?1) FROM books");
/// ```
pub fn position<X: Expression>(x: X, what: impl Operand<String>) -> Expr<i32>
where
    X::Type: ColumnType<Base = String>,
{
    scalar(Scalar::Position, vec![x.into_node(), what.into_operand()])
}
