//! Functions that look at the rows of a window.

use super::function;
use crate::column_type::ColumnType;
use crate::expression::{BaseOf, Expr, Expression};
use crate::node::{Function, Node};
use crate::operand::Operand;
use crate::window::WindowFunction;

fn of_window<T>(which: WindowFunction, arguments: Vec<Node>) -> Expr<T> {
    function(Function::Window(which), arguments)
}

/// `row_number()`: the number of the row, from 1.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
///
/// // The newest book of each author: numbered in a subquery, the first ones taken outside.
/// let place = func::row_number().over(window().partition_by(Book::AUTHOR_ID).order_by(Book::YEAR.desc())).label("place");
/// let ranked = select((Book::TITLE, place.clone())).subquery("ranked");
/// assert_eq!(
///     sql(select(ranked.col(Book::TITLE)).filter(ranked.col(&place).eq(1_i64))),
///     "SELECT ranked.title FROM (SELECT books.title, row_number() OVER (PARTITION BY books.author_id ORDER BY books.year DESC) AS place \
///      FROM books) AS ranked WHERE ranked.place = ?1"
/// );
/// ```
pub fn row_number() -> Expr<i64> {
    of_window(WindowFunction::RowNumber, vec![])
}

/// `rank()`: as [`row_number`], but equal rows have the number of the first of them.
pub fn rank() -> Expr<i64> {
    of_window(WindowFunction::Rank, vec![])
}

/// `dense_rank()`: the number of the group of equal rows.
pub fn dense_rank() -> Expr<i64> {
    of_window(WindowFunction::DenseRank, vec![])
}

/// `percent_rank()`: [`rank`] as a number between 0 and 1.
pub fn percent_rank() -> Expr<f64> {
    of_window(WindowFunction::PercentRank, vec![])
}

/// `cume_dist()`: the share of the rows that do not come behind this one.
pub fn cume_dist() -> Expr<f64> {
    of_window(WindowFunction::CumeDist, vec![])
}

/// `ntile(n)`: in which of so many parts, as equal as can be, the row is; from 1.
pub fn ntile(parts: u32) -> Expr<i64> {
    of_window(WindowFunction::Ntile(parts), vec![])
}

/// `first_value(x)`: the value of the first row of the frame; `None` where the frame is empty.
pub fn first_value<X: Expression>(x: X) -> Expr<Option<BaseOf<X>>>
where
    BaseOf<X>: ColumnType<Base = BaseOf<X>>,
{
    of_window(WindowFunction::FirstValue, vec![x.into_node()])
}

/// `last_value(x)`: the value of the last row of the frame, which without `.rows(..)` is the row itself or one equal to it.
pub fn last_value<X: Expression>(x: X) -> Expr<Option<BaseOf<X>>>
where
    BaseOf<X>: ColumnType<Base = BaseOf<X>>,
{
    of_window(WindowFunction::LastValue, vec![x.into_node()])
}

/// `nth_value(x, n)`: the value of the row of the frame with this number, from 1; `None` where there are not as many.
pub fn nth_value<X: Expression>(x: X, row: u32) -> Expr<Option<BaseOf<X>>>
where
    BaseOf<X>: ColumnType<Base = BaseOf<X>>,
{
    of_window(WindowFunction::NthValue(row), vec![x.into_node()])
}

/// `lag(x, n)`: the value of the row so many before; `None` where there is none.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
///
/// let before = func::lag(Book::TITLE, 1).over(window().order_by(Book::YEAR));
/// assert_eq!(
///     sql(select((Book::TITLE, before))),
///     "SELECT books.title, lag(books.title, 1) OVER (ORDER BY books.year) FROM books"
/// );
/// ```
pub fn lag<X: Expression>(x: X, rows: u32) -> Expr<Option<BaseOf<X>>>
where
    BaseOf<X>: ColumnType<Base = BaseOf<X>>,
{
    of_window(WindowFunction::Lag(rows), vec![x.into_node()])
}

/// `lag(x, n, otherwise)`: the value of the row so many before, `otherwise` where there is none.
///
/// MariaDB has no third argument: there it is a CASE.
pub fn lag_or<X: Expression>(x: X, rows: u32, otherwise: impl Operand<BaseOf<X>>) -> Expr<X::Type> {
    of_window(WindowFunction::Lag(rows), vec![x.into_node(), otherwise.into_operand()])
}

/// `lead(x, n)`: the value of the row so many behind; `None` where there is none.
pub fn lead<X: Expression>(x: X, rows: u32) -> Expr<Option<BaseOf<X>>>
where
    BaseOf<X>: ColumnType<Base = BaseOf<X>>,
{
    of_window(WindowFunction::Lead(rows), vec![x.into_node()])
}

/// `lead(x, n, otherwise)`: the value of the row so many behind, `otherwise` where there is none.
///
/// MariaDB has no third argument: there it is a CASE.
pub fn lead_or<X: Expression>(x: X, rows: u32, otherwise: impl Operand<BaseOf<X>>) -> Expr<X::Type> {
    of_window(WindowFunction::Lead(rows), vec![x.into_node(), otherwise.into_operand()])
}
