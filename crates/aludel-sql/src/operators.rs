//! AND, OR and NOT, and the operators of Rust on columns and expressions.

use std::ops;

use crate::column::Column;
use crate::column_type::{ColumnType, Divisible, Integer, Number};
use crate::expression::{Expr, Expression};
use crate::mapping::Mapped;
use crate::node::{BinaryOp, LogicalOp, Node, UnaryOp};
use crate::operand::Operand;

/// AND of any number of conditions; of none it is TRUE.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: Expr<bool>) -> String {
/// #     let (text, _) = select(Book::ID).filter(it).to_sql(&aludel_sqlite::SqliteDialect).unwrap();
/// #     text.split_once("WHERE ").unwrap().1.replace("books.", "")
/// # }
///
/// let mut conditions = vec![Book::YEAR.ge(2000)];
/// if let Some(word) = Some("war") {
///     conditions.push(Book::TITLE.contains(word));
/// }
/// assert_eq!(sql(and_(conditions)), "year >= ?1 AND instr(title, ?2) > 0");
/// ```
pub fn and_(conditions: impl IntoIterator<Item = Expr<bool>>) -> Expr<bool> {
    Expr::new(Node::Logical(LogicalOp::And, conditions.into_iter().map(Expression::into_node).collect()))
}

/// OR of any number of conditions; of none it is FALSE.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: Expr<bool>) -> String {
/// #     let (text, _) = select(Book::ID).filter(it).to_sql(&aludel_sqlite::SqliteDialect).unwrap();
/// #     text.split_once("WHERE ").unwrap().1.replace("books.", "")
/// # }
///
/// let any = or_([Book::YEAR.eq(1815), Book::TITLE.eq("Emma")]);
/// assert_eq!(sql(any), "year = ?1 OR title = ?2");
/// ```
pub fn or_(conditions: impl IntoIterator<Item = Expr<bool>>) -> Expr<bool> {
    Expr::new(Node::Logical(LogicalOp::Or, conditions.into_iter().map(Expression::into_node).collect()))
}

/// NOT of a condition. A comparison is turned round instead, and so are IN and IS NULL: of NULL, that is NULL as well.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: Expr<bool>) -> String {
/// #     let (text, _) = select(Book::ID).filter(it).to_sql(&aludel_sqlite::SqliteDialect).unwrap();
/// #     text.split_once("WHERE ").unwrap().1.replace("books.", "")
/// # }
///
/// assert_eq!(sql(not_(Book::YEAR.gt(1900))), "year <= ?1");
/// assert_eq!(sql(!Book::YEAR.gt(1900)), "year <= ?1");
/// assert_eq!(sql(not_(Book::ID.gt(5).and(Book::YEAR.gt(1900)))), "NOT (id > ?1 AND year > ?2)");
/// ```
pub fn not_(condition: impl Operand<bool>) -> Expr<bool> {
    Expr::new(condition.into_operand().negated())
}

impl ops::Not for Expr<bool> {
    type Output = Expr<bool>;

    fn not(self) -> Expr<bool> {
        not_(self)
    }
}

impl<E: Mapped> ops::Not for Column<E, bool> {
    type Output = Expr<bool>;

    fn not(self) -> Expr<bool> {
        not_(self)
    }
}

macro_rules! logical_operators {
    ($($trait:ident, $method:ident, $op:ident;)*) => {$(
        impl<R: Operand<bool>> ops::$trait<R> for Expr<bool> {
            type Output = Expr<bool>;

            fn $method(self, other: R) -> Expr<bool> {
                Expr::new(Node::logical(LogicalOp::$op, self.into_node(), other.into_operand()))
            }
        }

        impl<E: Mapped, R: Operand<bool>> ops::$trait<R> for Column<E, bool> {
            type Output = Expr<bool>;

            fn $method(self, other: R) -> Expr<bool> {
                Expr::new(Node::logical(LogicalOp::$op, self.into_node(), other.into_operand()))
            }
        }
    )*};
}

logical_operators! {
    BitAnd, bitand, And;
    BitOr, bitor, Or;
}

/// Picks the operator of `/`: integers truncate, floating point numbers do not.
fn division<T: ColumnType>() -> BinaryOp {
    if T::SQL_TYPE.is_integer() { BinaryOp::IntDiv } else { BinaryOp::Div }
}

macro_rules! arithmetic {
    ($($trait:ident, $method:ident, $kind:ident, $op:expr;)*) => {$(
        impl<T: ColumnType, R: Operand<T::Base>> ops::$trait<R> for Expr<T>
        where
            T::Base: $kind,
        {
            type Output = Expr<T>;

            fn $method(self, other: R) -> Expr<T> {
                Expr::new(Node::binary($op, self.into_node(), other.into_operand()))
            }
        }

        impl<E: Mapped, T: ColumnType, R: Operand<T::Base>> ops::$trait<R> for Column<E, T>
        where
            T::Base: $kind,
        {
            type Output = Expr<T>;

            fn $method(self, other: R) -> Expr<T> {
                Expr::new(Node::binary($op, self.into_node(), other.into_operand()))
            }
        }
    )*};
}

arithmetic! {
    Add, add, Number, BinaryOp::Add;
    Sub, sub, Number, BinaryOp::Sub;
    Mul, mul, Number, BinaryOp::Mul;
    Div, div, Divisible, division::<T::Base>();
    Rem, rem, Integer, BinaryOp::Rem;
}

impl<T: ColumnType> ops::Neg for Expr<T>
where
    T::Base: Number,
{
    type Output = Expr<T>;

    fn neg(self) -> Expr<T> {
        Expr::new(Node::Unary(UnaryOp::Negate, Box::new(self.into_node())))
    }
}

impl<E: Mapped, T: ColumnType> ops::Neg for Column<E, T>
where
    T::Base: Number,
{
    type Output = Expr<T>;

    fn neg(self) -> Expr<T> {
        Expr::new(Node::Unary(UnaryOp::Negate, Box::new(self.into_node())))
    }
}
