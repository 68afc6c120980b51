//! Values of the program in the body of a hybrid: literals, parameters, constants.

use super::{Term, all, any};
use crate::column_type::ColumnType;
use crate::node::{Node, Param};
use crate::sql_type::SqlType;
use crate::value::Value;

/// A value that can stand in the body of a hybrid.
#[diagnostic::on_unimplemented(
    message = "a value of type `{Self}` has no counterpart in SQL",
    label = "not a type that a column can have"
)]
pub trait Literal {
    /// The type that it has in SQL.
    type Type;

    /// Returns it as a term.
    fn term(&self) -> Term<Self::Type>;
}

impl<T: ColumnType> Literal for T {
    type Type = T;

    fn term(&self) -> Term<T> {
        let node = match self.encode().into_value() {
            // A constant of SQL: the database sees that there is nothing to decide.
            Value::Bool(true) => all([]),
            Value::Bool(false) => any([]),
            value => Node::Param(Param::of(value, T::SQL_TYPE)),
        };
        Term::new(node)
    }
}

impl Literal for str {
    type Type = String;

    fn term(&self) -> Term<String> {
        self.to_owned().term()
    }
}

impl Literal for &str {
    type Type = String;

    fn term(&self) -> Term<String> {
        (**self).term()
    }
}

/// A character is a text of one.
impl Literal for char {
    type Type = String;

    fn term(&self) -> Term<String> {
        self.to_string().term()
    }
}

/// The type that a length has in SQL.
pub(super) const LENGTH: SqlType = SqlType::Integer;

/// What lengths are counted in.
impl Literal for usize {
    type Type = usize;

    fn term(&self) -> Term<usize> {
        // No text is as long as the greatest number of 32 bits.
        let number = i64::try_from(*self).unwrap_or(i64::MAX).min(i64::from(i32::MAX) - 1);
        Term::new(Node::Param(Param::of(Value::Int(number), LENGTH)))
    }
}

/// A parameter or a constant.
pub fn value<L: Literal + ?Sized>(value: &L) -> Term<L::Type> {
    value.term()
}

/// A number that is written in the body: its type is that of what it meets.
pub fn literal<T: Literal<Type = T>>(value: T) -> Term<T> {
    value.term()
}
