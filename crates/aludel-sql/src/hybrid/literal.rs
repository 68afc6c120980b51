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

    /// Returns it as a term: a value that is bound.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// const GOAL: i64 = 100;
    ///
    /// #[hybrid]
    /// impl Player {
    ///     fn reached_goal(&self) -> bool {
    ///         self.coins >= GOAL
    ///     }
    /// }
    /// let (text, values) = select(Player::ID).filter(Player::REACHED_GOAL).to_sql(&aludel::SqliteDialect)?;
    /// assert_eq!(text, "SELECT players.id FROM players WHERE players.coins >= ?1");
    /// assert_eq!(values, [aludel::Value::Int(100)]);
    /// # Ok::<(), Error>(())
    /// ```
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

/// A parameter or a constant: it is bound.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn is_called(&self, name: &str) -> bool {
///         self.name == name
///     }
/// }
/// let max = select(Player::ID).filter(Player::IS_CALLED("Max"));
/// assert_eq!(sqlite(max), "SELECT players.id FROM players WHERE players.name = ?1");
/// ```
pub fn value<L: Literal + ?Sized>(value: &L) -> Term<L::Type> {
    value.term()
}

/// A number that is written in the body: its type is that of what it meets.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn next_level(&self) -> i32 {
///         self.level + 1
///     }
/// }
/// // `1` is an `i32` as the level is: one that is wider would widen the sum.
/// assert_eq!(on_sqlite(Player::NEXT_LEVEL), "level + ?1");
/// assert_eq!(Player::default().next_level(), 1);
/// ```
pub fn literal<T: Literal<Type = T>>(value: T) -> Term<T> {
    value.term()
}
