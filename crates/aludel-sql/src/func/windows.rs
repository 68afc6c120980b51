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
///
/// ```
/// # use {aludel::doc::*, library::{Author, Book}};
/// let place = func::rank().over(window().order_by(Book::YEAR.desc()));
/// assert_eq!(on_sqlite(place), "rank() OVER (ORDER BY year DESC)");
///
/// // One document is of user 2, two are of user 1 and so share a rank.
/// # aludel::doc::run_core(async |conn| {
/// let by_owner = func::rank().over(window().order_by(Document::OWNER_ID.desc()));
/// let rows: Vec<i64> = conn.scalars(select(by_owner).order_by(Document::ID.desc())).all().await?;
/// assert_eq!(rows, [1, 2, 2]);
/// # Ok(()) });
/// ```
pub fn rank() -> Expr<i64> {
    of_window(WindowFunction::Rank, vec![])
}

/// `dense_rank()`: the number of the group of equal rows.
///
/// ```
/// # use {aludel::doc::*, library::{Author, Book}};
/// // Of 1815, 1922, 1922 and 1949 the numbers are 1, 2, 2 and 3, where `rank` has 1, 2, 2 and 4.
/// let year = func::dense_rank().over(window().order_by(Book::YEAR)).label("year_number");
/// let numbered = select((Book::TITLE, year.clone())).subquery("numbered");
/// assert_eq!(
///     sqlite(select(numbered.col(Book::TITLE)).filter(numbered.col(&year).le(3_i64))),
///     "SELECT numbered.title FROM (SELECT books.title, dense_rank() OVER (ORDER BY books.year) AS year_number \
///      FROM books) AS numbered WHERE numbered.year_number <= ?1"
/// );
/// ```
pub fn dense_rank() -> Expr<i64> {
    of_window(WindowFunction::DenseRank, vec![])
}

/// `percent_rank()`: [`rank`] as a number between 0 and 1.
///
/// ```
/// # use {aludel::doc::*, library::{Author, Book}};
/// // 0 for the first row, 1 for the last: the older half.
/// let age = func::percent_rank().over(window().order_by(Book::YEAR)).label("age");
/// let ranked = select((Book::TITLE, age.clone())).subquery("ranked");
/// assert_eq!(
///     sqlite(select(ranked.col(Book::TITLE)).filter(ranked.col(&age).lt(0.5))),
///     "SELECT ranked.title FROM (SELECT books.title, percent_rank() OVER (ORDER BY books.year) AS age \
///      FROM books) AS ranked WHERE ranked.age < ?1"
/// );
/// ```
pub fn percent_rank() -> Expr<f64> {
    of_window(WindowFunction::PercentRank, vec![])
}

/// `cume_dist()`: the share of the rows that do not come behind this one.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_core(async |conn| {
/// // Two of the three documents have an owner up to 1, all have one up to 2.
/// let share = func::cume_dist().over(window().order_by(Document::OWNER_ID));
/// let rows: Vec<f64> = conn.scalars(select(share).order_by(Document::ID)).all().await?;
/// assert_eq!(rows, [2.0 / 3.0, 2.0 / 3.0, 1.0]);
/// # Ok(()) });
/// ```
pub fn cume_dist() -> Expr<f64> {
    of_window(WindowFunction::CumeDist, vec![])
}

/// `ntile(n)`: in which of so many parts, as equal as can be, the row is; from 1.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_core(async |conn| {
/// // Three documents in two parts: the first part has one more.
/// let part = func::ntile(2).over(window().order_by(Document::ID));
/// let rows: Vec<i64> = conn.scalars(select(part).order_by(Document::ID)).all().await?;
/// assert_eq!(rows, [1, 1, 2]);
/// # Ok(()) });
/// ```
pub fn ntile(parts: u32) -> Expr<i64> {
    of_window(WindowFunction::Ntile(parts), vec![])
}

/// `first_value(x)`: the value of the first row of the frame; `None` where the frame is empty.
///
/// ```
/// # use {aludel::doc::*, library::{Author, Book}};
/// // Each book beside the first one of its author.
/// let first = func::first_value(Book::TITLE).over(window().partition_by(Book::AUTHOR_ID).order_by(Book::YEAR));
/// assert_eq!(on_sqlite(first), "first_value(title) OVER (PARTITION BY author_id ORDER BY year)");
/// ```
pub fn first_value<X: Expression>(x: X) -> Expr<Option<BaseOf<X>>>
where
    BaseOf<X>: ColumnType<Base = BaseOf<X>>,
{
    of_window(WindowFunction::FirstValue, vec![x.into_node()])
}

/// `last_value(x)`: the value of the last row of the frame; `None` where the frame is empty.
///
/// Without a frame that is the row itself, or one equal to it: say `.rows(..)` for the last of the partition.
///
/// ```
/// # use {aludel::doc::*, library::{Author, Book}};
/// let last = func::last_value(Book::TITLE).over(window().partition_by(Book::AUTHOR_ID).order_by(Book::YEAR).rows(..));
/// assert_eq!(
///     on_sqlite(last),
///     "last_value(title) OVER (PARTITION BY author_id ORDER BY year ROWS BETWEEN UNBOUNDED PRECEDING \
///      AND UNBOUNDED FOLLOWING)"
/// );
/// ```
pub fn last_value<X: Expression>(x: X) -> Expr<Option<BaseOf<X>>>
where
    BaseOf<X>: ColumnType<Base = BaseOf<X>>,
{
    of_window(WindowFunction::LastValue, vec![x.into_node()])
}

/// `nth_value(x, n)`: the value of the row of the frame with this number, from 1; `None` where there are not as many.
///
/// ```
/// # use {aludel::doc::*, library::{Author, Book}};
/// // The second book of each author, on every row of theirs.
/// let second = func::nth_value(Book::TITLE, 2).over(window().partition_by(Book::AUTHOR_ID).order_by(Book::YEAR).rows(..));
/// assert_eq!(
///     on_sqlite(second),
///     "nth_value(title, 2) OVER (PARTITION BY author_id ORDER BY year ROWS BETWEEN UNBOUNDED PRECEDING \
///      AND UNBOUNDED FOLLOWING)"
/// );
/// ```
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
///
/// ```
/// # use {aludel::doc::*, library::{Author, Book}};
/// // How many years after the one before; the first book counts from its own year, so that it is 0: an `i32`, no `Option`.
/// let pause = Book::YEAR - func::lag_or(Book::YEAR, 1, Book::YEAR).over(window().order_by(Book::YEAR));
/// assert_eq!(on_postgres(pause.clone()), "year - lag(year, 1, year) OVER (ORDER BY year)");
/// assert_eq!(
///     on_mariadb(pause),
///     "year - CASE WHEN row_number() OVER (ORDER BY year) <= 1 THEN year ELSE lag(year, 1) OVER (ORDER BY year) END"
/// );
/// ```
pub fn lag_or<X: Expression>(x: X, rows: u32, otherwise: impl Operand<BaseOf<X>>) -> Expr<X::Type> {
    of_window(WindowFunction::Lag(rows), vec![x.into_node(), otherwise.into_operand()])
}

/// `lead(x, n)`: the value of the row so many behind; `None` where there is none.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_core(async |conn| {
/// let next = func::lead(Document::TITLE, 1).over(window().order_by(Document::ID));
/// let rows: Vec<(String, Option<String>)> = conn.execute(select((Document::TITLE, next)).order_by(Document::ID)).all().await?;
/// assert_eq!(rows[0], ("Draft".to_owned(), Some("Plan".to_owned())));
/// assert_eq!(rows[2], ("Notes".to_owned(), None));
/// # Ok(()) });
/// ```
pub fn lead<X: Expression>(x: X, rows: u32) -> Expr<Option<BaseOf<X>>>
where
    BaseOf<X>: ColumnType<Base = BaseOf<X>>,
{
    of_window(WindowFunction::Lead(rows), vec![x.into_node()])
}

/// `lead(x, n, otherwise)`: the value of the row so many behind, `otherwise` where there is none.
///
/// MariaDB has no third argument: there it is a CASE.
///
/// ```
/// # use {aludel::doc::*, library::{Author, Book}};
/// // The title two books later, or what says that there is none.
/// let later = func::lead_or(Book::TITLE, 2, "the end").over(window().order_by(Book::YEAR));
/// assert_eq!(on_sqlite(later), "lead(title, 2, ?1) OVER (ORDER BY year)");
/// ```
pub fn lead_or<X: Expression>(x: X, rows: u32, otherwise: impl Operand<BaseOf<X>>) -> Expr<X::Type> {
    of_window(WindowFunction::Lead(rows), vec![x.into_node(), otherwise.into_operand()])
}
