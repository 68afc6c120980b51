//! SQL written by hand.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use crate::column_type::ColumnType;
use crate::error::{Error, ErrorKind, Result};
use crate::node::{Node, Param, TextNode};
use crate::selection::ColumnTypes;

/// SQL written by hand, with bound values: made by [`text!`](crate::text!).
#[derive(Clone, Debug)]
#[must_use = "a statement does nothing until it is executed"]
pub struct Text {
    node: TextNode,
}

/// SQL written by hand, with values bound by name.
///
/// The text is a literal, so that no value can be formatted into it; `:name` is a bound value wherever it stands outside of quotes,
/// comments and `::` casts.
///
/// ```
/// # use aludel::{Value, prelude::*};
/// let stmt = text!("SELECT title FROM books WHERE year > :year ORDER BY id", year = 1900_i64);
/// let (sql, values) = stmt.to_sql(&aludel_sqlite::SqliteDialect)?;
/// assert_eq!(sql, "SELECT title FROM books WHERE year > ?1 ORDER BY id");
/// assert_eq!(values, [Value::Int(1900)]);
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Panics
///
/// Panics if the text names a value that is not given, or a value is given that the text does not name: both are mistakes in
/// the program.
#[macro_export]
macro_rules! text {
    ($sql:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::Text::__literal($sql, vec![$((stringify!($name), $crate::__param(&$value))),*])
    };
}

/// Makes the parameter of a `text!`.
#[doc(hidden)]
pub fn __param<T: TextValue + ?Sized>(value: &T) -> Param {
    value.param()
}

/// A value that `text!` can bind: any column type, and `&str`.
#[diagnostic::on_unimplemented(message = "`{Self}` cannot be bound in `text!`", label = "not a column type")]
pub trait TextValue {
    /// Makes the parameter.
    #[doc(hidden)]
    fn param(&self) -> Param;
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType> TextValue for T {
    fn param(&self) -> Param {
        Param { value: self.encode().into_value(), sql_type: T::SQL_TYPE }
    }
}

#[diagnostic::do_not_recommend]
impl TextValue for &str {
    fn param(&self) -> Param {
        (*self).to_owned().param()
    }
}

/// SQL from a string made at run time, without values: the name says that nobody checked it. Never build it from input.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
///
/// // For what the program makes up itself: a literal for `text!` would have to be written out.
/// let table = Book::table().name;
/// assert_eq!(sql(text_unchecked(format!("VACUUM {table}"))), "VACUUM books");
/// ```
pub fn text_unchecked(sql: impl Into<String>) -> Text {
    Text { node: TextNode { pieces: vec![Cow::Owned(sql.into())], params: vec![] } }
}

impl Text {
    /// Makes the statement of a `text!`.
    #[doc(hidden)]
    pub fn __literal(sql: &'static str, values: Vec<(&'static str, Param)>) -> Self {
        match bind_names(sql, values) {
            Ok(node) => Self { node },
            Err(error) => panic!("{error}"),
        }
    }

    /// Returns the text and its values.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// let stmt = text!("SELECT title FROM books WHERE year > :year", year = 1900_i64);
    /// assert_eq!(stmt.node().pieces, ["SELECT title FROM books WHERE year > ", ""]);
    /// assert_eq!(stmt.node().params.len(), 1);
    /// ```
    #[must_use]
    pub fn node(&self) -> &TextNode {
        &self.node
    }

    /// Uses the text as an expression of type `T`; whoever calls this answers for the type.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let decade = text!("books.year / :n * :n", n = 10).expr::<i32>();
    /// assert_eq!(
    ///     sql(select(Book::ID).filter(decade.eq(1810))),
    ///     "SELECT books.id FROM books WHERE (books.year / ?1 * ?2) = ?3"
    /// );
    /// ```
    pub fn expr<T: ColumnType>(self) -> crate::Expr<T> {
        crate::Expr::new(Node::Text(self.node))
    }

    /// Says what types the columns have that the text selects: its rows are then tuples, as those of a `select`.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let longer = text!("SELECT id, title FROM documents WHERE length(title) > :n ORDER BY id", n = 4);
    /// let rows: Vec<(i64, String)> = conn.execute(longer.columns::<(i64, String)>()).all().await?;
    /// assert_eq!(rows, [(1, "Draft".to_owned()), (3, "Notes".to_owned())]);
    /// let last: Option<i64> = conn.scalar(text!("SELECT max(id) FROM documents").columns::<(Option<i64>,)>()).await?;
    /// assert_eq!(last, Some(3));
    /// # Ok(()) });
    /// ```
    ///
    /// A row with another number of columns, or a value of another type, is an error of kind `Decode`.
    pub fn columns<C: ColumnTypes>(self) -> TypedText<C::Shape> {
        TypedText { text: self, marker: PhantomData }
    }
}

/// SQL written by hand whose rows have the shape `S`; see [`Text::columns`].
#[must_use = "a statement does nothing until it is executed"]
pub struct TypedText<S> {
    text: Text,
    marker: PhantomData<fn() -> S>,
}

impl<S> TypedText<S> {
    /// Returns the SQL with its values, without the types of its columns.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// let stmt = text!("SELECT count(*) FROM books").columns::<(i64,)>();
    /// assert_eq!(stmt.text().node().pieces, ["SELECT count(*) FROM books"]);
    /// ```
    pub fn text(&self) -> &Text {
        &self.text
    }
}

impl<S> Clone for TypedText<S> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), marker: PhantomData }
    }
}

impl<S> fmt::Debug for TypedText<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

fn bind_names(sql: &'static str, values: Vec<(&'static str, Param)>) -> Result<TextNode> {
    let mut pieces = Vec::new();
    let mut params = Vec::new();
    let mut used = vec![false; values.len()];
    let mut rest = sql;
    while let Some((before, name, after)) = next_name(rest) {
        let Some(at) = values.iter().position(|(given, _)| *given == name) else {
            return Err(Error::new(
                ErrorKind::Compile,
                format!("text! names `:{name}`, but no such value is given"),
            )
            .with_sql(sql)
            .help(format!("write text!(\"…\", {name} = value)")));
        };
        used[at] = true;
        pieces.push(Cow::Borrowed(before));
        params.push(values[at].1.clone());
        rest = after;
    }
    pieces.push(Cow::Borrowed(rest));
    if let Some(at) = used.iter().position(|used| !used) {
        let name = values[at].0;
        return Err(Error::new(
            ErrorKind::Compile,
            format!("text! is given `{name}`, but the text has no `:{name}`"),
        )
        .with_sql(sql)
        .help(
            "remove the value, or use it in the text; a name inside of quotes or comments is not replaced",
        ));
    }
    Ok(TextNode { pieces, params })
}

/// Finds the next `:name` outside of quotes, comments and `::`; returns what stands before, the name, and what stands after.
fn next_name(sql: &'static str) -> Option<(&'static str, &'static str, &'static str)> {
    let bytes = sql.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'\'' | b'"' | b'`') => {
                at += 1;
                while at < bytes.len() && bytes[at] != quote {
                    at += 1;
                }
            }
            b'-' if bytes.get(at + 1) == Some(&b'-') => {
                while at < bytes.len() && bytes[at] != b'\n' {
                    at += 1;
                }
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at = sql[at..].find("*/").map_or(bytes.len(), |end| at + end + 1);
            }
            b':' if bytes.get(at + 1) == Some(&b':') => at += 1,
            b':' if bytes.get(at + 1).is_some_and(|it| it.is_ascii_alphabetic() || *it == b'_') => {
                let end = sql[at + 1..]
                    .find(|it: char| !it.is_ascii_alphanumeric() && it != '_')
                    .map_or(sql.len(), |end| at + 1 + end);
                return Some((&sql[..at], &sql[at + 1..end], &sql[end..]));
            }
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &Text) -> Vec<&str> {
        text.node.pieces.iter().map(|piece| &**piece).collect()
    }

    #[test]
    fn names_become_values_outside_of_quotes_comments_and_casts() {
        let text = text!("SELECT ':a', x::text -- :b\n FROM t /* :c */ WHERE y = :y AND z < :y", y = 1_i64);
        assert_eq!(
            pieces(&text),
            ["SELECT ':a', x::text -- :b\n FROM t /* :c */ WHERE y = ", " AND z < ", ""]
        );
        assert_eq!(text.node.params.len(), 2);
    }

    #[test]
    #[should_panic(expected = "text! names `:year`, but no such value is given")]
    fn a_name_without_a_value_is_refused() {
        let _ = text!("SELECT :year");
    }

    #[test]
    #[should_panic(expected = "the text has no `:year`")]
    fn a_value_without_a_name_is_refused() {
        let _ = text!("SELECT 1", year = 2010_i64);
    }
}
