//! SQL functions: the known ones with their types, and [`call`] for any other.

mod dates;
mod grouping;
mod numbers;
mod ordered_sets;
mod texts;
mod windows;

use std::borrow::Cow;

use crate::column_type::{ColumnType, Number};
use crate::expression::{BaseOf, Expr, Expression};
use crate::node::{Call, Function, Node, Scalar};
use crate::operand::Operand;
use crate::sql_type::SqlType;

pub use dates::{
    add_days, add_months, add_seconds, day, day_of_year, days_between, hour, iso_week, iso_weekday, iso_year,
    micros_between, minute, month, quarter, second, start_of_day, start_of_hour, start_of_month,
    start_of_week, unix_micros, unix_seconds, weekday, year,
};
pub use grouping::{GroupingSets, cube, grouping, grouping_sets, rollup};
pub use numbers::{
    abs, bit_and, bit_not, bit_or, bit_xor, ceil, div_euclid, floor, floor_div, greatest, least, nullif, pow,
    rem_euclid, round, shift_left, shift_right, sign, true_div, trunc,
};
pub use ordered_sets::{Mode, PercentileCont, PercentileDisc, mode, percentile_cont, percentile_disc};
pub use texts::{ltrim, octet_length, position, repeat, replace, rtrim, substr, trim};
pub use windows::{
    cume_dist, dense_rank, first_value, lag, lag_or, last_value, lead, lead_or, nth_value, ntile,
    percent_rank, rank, row_number,
};

fn function<T>(function: Function, arguments: Vec<Node>) -> Expr<T> {
    Expr::new(Node::Call(Call::new(function, arguments)))
}

fn scalar<T>(which: Scalar, arguments: Vec<Node>) -> Expr<T> {
    function(Function::Scalar(which), arguments)
}

/// `count(x)`: the number of rows where `x` is not NULL.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql<T: ColumnType>(it: Expr<T>) -> String {
/// #     let select = select(it).select_from(Book);
/// #     select.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0.replace("books.", "")
/// # }
///
/// assert_eq!(sql(func::count(Book::TITLE)), "SELECT count(title) FROM books");
/// ```
pub fn count(x: impl Expression) -> Expr<i64> {
    function(Function::Count, vec![x.into_node()])
}

/// `count(DISTINCT x)`: the number of different values that are not NULL.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql<T: ColumnType>(it: Expr<T>) -> String {
/// #     let select = select(it).select_from(Book);
/// #     select.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0.replace("books.", "")
/// # }
///
/// assert_eq!(sql(func::count_distinct(Book::YEAR)), "SELECT count(DISTINCT year) FROM books");
/// ```
pub fn count_distinct(x: impl Expression) -> Expr<i64> {
    Expr::new(Node::Call(Call { distinct: true, ..Call::new(Function::Count, vec![x.into_node()]) }))
}

/// `count(*)`: the number of rows.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql<T: ColumnType>(it: Expr<T>) -> String {
/// #     let select = select(it).select_from(Book);
/// #     select.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0.replace("books.", "")
/// # }
///
/// assert_eq!(sql(func::count_star()), "SELECT count(*) FROM books");
/// ```
pub fn count_star() -> Expr<i64> {
    function(Function::Count, vec![])
}

/// `sum(x)`: `None` where there is no row. A sum of integers that does not fit an `i64` is an error on every database.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql<T: ColumnType>(it: Expr<T>) -> String {
/// #     let select = select(it).select_from(Book);
/// #     select.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0.replace("books.", "")
/// # }
///
/// // An `Option<i64>`; on PostgreSQL `CAST(sum(year) AS bigint)`, which would be NUMERIC otherwise.
/// assert_eq!(sql(func::sum(Book::YEAR)), "SELECT sum(year) FROM books");
/// ```
pub fn sum<X: Expression>(x: X) -> Expr<Option<<BaseOf<X> as Number>::Sum>>
where
    BaseOf<X>: Number,
{
    let sql_type = <BaseOf<X>>::SQL_TYPE;
    let which = if sql_type.is_integer() {
        Function::SumInt
    } else if sql_type.is_decimal() {
        Function::SumDecimal
    } else {
        Function::SumReal
    };
    function(which, vec![x.into_node()])
}

/// `avg(x)`: `None` where there is no row.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql<T: ColumnType>(it: Expr<T>) -> String {
/// #     let select = select(it).select_from(Book);
/// #     select.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0.replace("books.", "")
/// # }
///
/// // An `Option<f64>`; on MariaDB `avg(CAST(year AS DOUBLE))`, which would have four digits otherwise.
/// assert_eq!(sql(func::avg(Book::YEAR)), "SELECT avg(year) FROM books");
/// ```
pub fn avg<X: Expression>(x: X) -> Expr<Option<f64>>
where
    BaseOf<X>: Number,
{
    function(Function::Avg, vec![x.into_node()])
}

/// `min(x)`: `None` where there is no row.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql<T: ColumnType>(it: Expr<T>) -> String {
/// #     let select = select(it).select_from(Book);
/// #     select.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0.replace("books.", "")
/// # }
///
/// assert_eq!(sql(func::min(Book::YEAR)), "SELECT min(year) FROM books");
/// ```
pub fn min<X: Expression>(x: X) -> Expr<Option<BaseOf<X>>>
where
    BaseOf<X>: ColumnType<Base = BaseOf<X>>,
{
    function(Function::Min(<BaseOf<X>>::SQL_TYPE), vec![x.into_node()])
}

/// `max(x)`: `None` where there is no row.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql<T: ColumnType>(it: Expr<T>) -> String {
/// #     let select = select(it).select_from(Book);
/// #     select.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0.replace("books.", "")
/// # }
///
/// assert_eq!(sql(func::max(Book::TITLE)), "SELECT max(title) FROM books");
/// ```
pub fn max<X: Expression>(x: X) -> Expr<Option<BaseOf<X>>>
where
    BaseOf<X>: ColumnType<Base = BaseOf<X>>,
{
    function(Function::Max(<BaseOf<X>>::SQL_TYPE), vec![x.into_node()])
}

/// The texts of all rows, one behind the other, with `separator` between them; `None` where there is no row. NULL is left out.
///
/// Say in which order with [`aggregate_order_by`](Expr::aggregate_order_by).
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql<T: ColumnType>(it: Expr<T>) -> String {
/// #     let select = select(it).select_from(Book);
/// #     select.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0.replace("books.", "")
/// # }
///
/// // MariaDB has `group_concat(title ORDER BY title SEPARATOR '; ')`.
/// let titles = func::string_agg(Book::TITLE, "; ").aggregate_order_by(Book::TITLE);
/// assert_eq!(sql(titles), "SELECT string_agg(title, '; ' ORDER BY title) FROM books");
/// ```
pub fn string_agg<X: Expression>(x: X, separator: impl Into<Cow<'static, str>>) -> Expr<Option<String>>
where
    X::Type: ColumnType<Base = String>,
{
    function(Function::StringAgg(separator.into()), vec![x.into_node()])
}

/// Whether all of them are true; `None` where there is no row, or none has a value.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// assert_eq!(on_postgres(func::bool_and(Player::ACTIVE)), "bool_and(active)");
/// // MariaDB and SQLite keep truth values as 0 and 1.
/// assert_eq!(on_mariadb(func::bool_and(Player::ACTIVE)), "min(active)");
/// ```
pub fn bool_and<X: Expression>(x: X) -> Expr<Option<bool>>
where
    X::Type: ColumnType<Base = bool>,
{
    function(Function::Min(SqlType::Boolean), vec![x.into_node()])
}

/// Whether one of them is true; `None` where there is no row, or none has a value.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// // Any condition can stand there: does an author have a book of this century?
/// # use library::Book;
/// let recent = select(Book::AUTHOR_ID).group_by(Book::AUTHOR_ID).having(func::coalesce(func::bool_or(Book::YEAR.gt(2000)), false));
/// assert_eq!(
///     sqlite(recent),
///     "SELECT books.author_id FROM books GROUP BY books.author_id HAVING coalesce(max(books.year > ?1), ?2)"
/// );
/// ```
pub fn bool_or<X: Expression>(x: X) -> Expr<Option<bool>>
where
    X::Type: ColumnType<Base = bool>,
{
    function(Function::Max(SqlType::Boolean), vec![x.into_node()])
}

/// The length of a text in characters (not bytes, on any database).
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql<T: ColumnType>(it: Expr<T>) -> String {
/// #     let select = select(it).select_from(Book);
/// #     select.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0.replace("books.", "")
/// # }
///
/// assert_eq!(sql(func::length(Book::TITLE)), "SELECT length(title) FROM books");
/// ```
pub fn length<X: Expression>(x: X) -> Expr<i64>
where
    X::Type: ColumnType<Base = String>,
{
    function(Function::Length, vec![x.into_node()])
}

/// The text in lower case: ASCII letters on every database, others as far as the database goes.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql<T: ColumnType>(it: Expr<T>) -> String {
/// #     let select = select(it).select_from(Book);
/// #     select.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0.replace("books.", "")
/// # }
///
/// assert_eq!(sql(func::lower(Book::TITLE)), "SELECT lower(title) FROM books");
/// ```
pub fn lower<X: Expression>(x: X) -> Expr<X::Type>
where
    X::Type: ColumnType<Base = String>,
{
    function(Function::Lower, vec![x.into_node()])
}

/// The text in upper case: ASCII letters on every database, others as far as the database goes.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql<T: ColumnType>(it: Expr<T>) -> String {
/// #     let select = select(it).select_from(Book);
/// #     select.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0.replace("books.", "")
/// # }
///
/// assert_eq!(sql(func::upper(Book::TITLE)), "SELECT upper(title) FROM books");
/// ```
pub fn upper<X: Expression>(x: X) -> Expr<X::Type>
where
    X::Type: ColumnType<Base = String>,
{
    function(Function::Upper, vec![x.into_node()])
}

/// `coalesce(x, otherwise)`: `otherwise` where `x` is NULL. It may be NULL itself only where `otherwise` may.
///
/// ```
/// # use aludel::doc::*;
/// let shown: Expr<String> = func::coalesce(User::NAME, "nobody");
/// assert_eq!(on_sqlite(shown), "coalesce(name, ?1)");
///
/// // Which of two that may both be NULL: an `Option` is read.
/// let other = alias(User, "other");
/// let either: Expr<Option<String>> = func::coalesce(User::NAME, other.col(User::NAME));
/// # let _ = either;
/// ```
pub fn coalesce<X: Expression, O: Operand<BaseOf<X>>>(x: X, otherwise: O) -> Expr<O::Type>
where
    O::Type: ColumnType<Base = BaseOf<X>>,
{
    function(Function::Coalesce, vec![x.into_node(), otherwise.into_operand()])
}

/// The time of the statement, in UTC with microseconds: the same wherever it stands in the statement.
///
/// ```
/// # use aludel::doc::*;
/// assert_eq!(on_postgres(func::now()), "statement_timestamp()"); // its `now()` is the start of the transaction
/// assert_eq!(on_mariadb(func::now()), "utc_timestamp(6)");
/// // SQLite's clock has milliseconds.
/// assert_eq!(on_sqlite(func::now()), "(strftime('%Y-%m-%d %H:%M:%f','now') || '000')");
/// ```
#[cfg(feature = "chrono")]
pub fn now() -> Expr<chrono::DateTime<chrono::Utc>> {
    function(Function::Now, vec![])
}

/// An expression of the program's own: what each dialect writes for it. You say what it gives.
///
/// A form is SQL in which `{0}` stands for the first argument, in parentheses where it needs them. It is found by the key of the dialect:
/// `sqlite`, `postgres`, `mariadb`, `mysql` (for MariaDB too, where it has none of its own), `*` for all others. A dialect without a form is
/// an error before anything is sent.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql<T: ColumnType>(it: Expr<T>) -> String {
/// #     let select = select(it).select_from(Book);
/// #     select.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0.replace("books.", "")
/// # }
///
/// use aludel::Operand;
///
/// /// How often a text has another one in it.
/// fn occurrences(text: impl Expression, part: impl Operand<String>) -> Expr<i64> {
///     func::custom("occurrences", [text.into_node(), part.into_operand()], &[
///         ("postgres", "((char_length({0}) - char_length(replace({0}, {1}, ''))) / nullif(char_length({1}), 0))"),
///         ("mysql", "((char_length({0}) - char_length(replace({0}, {1}, ''))) DIV nullif(char_length({1}), 0))"),
///         ("*", "((length({0}) - length(replace({0}, {1}, ''))) / nullif(length({1}), 0))"),
///     ])
/// }
/// assert_eq!(
///     sql(occurrences(Book::TITLE, "e")),
///     "SELECT ((length(title) - length(replace(title, ?1, ''))) / nullif(length(?1), 0)) FROM books"
/// );
/// ```
///
/// An operator between its arguments belongs in parentheses: `({0} <-> {1})`. Forms are part of the program: values are arguments.
pub fn custom<T: ColumnType>(
    name: &'static str,
    arguments: impl IntoIterator<Item = Node>,
    forms: &'static [(&'static str, &'static str)],
) -> Expr<T> {
    function(Function::Custom { name, forms }, arguments.into_iter().collect())
}

/// Any other function, by the name it has on the database; you say what it gives.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql<T: ColumnType>(it: Expr<T>) -> String {
/// #     let select = select(it).select_from(Book);
/// #     select.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0.replace("books.", "")
/// # }
///
/// let bytes = func::call::<i64>("octet_length", [Book::TITLE.into_node()]);
/// assert_eq!(sql(bytes), "SELECT octet_length(title) FROM books");
/// ```
///
/// A name that is not plain (`[a-z_][a-z0-9_]*`) is quoted, so `pg_catalog.random` is not a schema and a function but one name.
pub fn call<T: ColumnType>(
    name: impl Into<Cow<'static, str>>,
    arguments: impl IntoIterator<Item = Node>,
) -> Expr<T> {
    function(Function::Named(name.into()), arguments.into_iter().collect())
}
