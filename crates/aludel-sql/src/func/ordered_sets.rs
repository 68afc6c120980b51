//! Aggregates of the values of a group in their order: percentiles, and the most frequent one.

use super::function;
use crate::column_type::{ColumnType, Number};
use crate::expression::{BaseOf, Expr, Expression};
use crate::node::{Function, Node, OrderedSet};

/// Begins a continuous percentile: the value so far up in a group, between its neighbours where there is none. Of 0.5 it is the median.
///
/// ```
/// # use {aludel::doc::*, library::Book};
/// let median = select(func::percentile_cont(0.5).within_group(Book::YEAR));
/// assert_eq!(
///     postgres(median.clone()),
///     "SELECT percentile_cont($1) WITHIN GROUP (ORDER BY books.year) FROM books"
/// );
/// // There it is a function of ours. MariaDB has percentiles over windows only, and refuses.
/// assert_eq!(sqlite(median), "SELECT aludel_percentile_cont(books.year, ?1) FROM books");
/// ```
///
/// A fraction that is not 0 to 1 is an error of the database.
#[must_use]
pub fn percentile_cont(fraction: f64) -> PercentileCont {
    PercentileCont { fraction }
}

/// Begins a discrete percentile: the first value of a group that is so far up.
///
/// ```
/// # use {aludel::doc::*, library::Book};
/// // Of an even number of values the lower one in the middle: one that is there, so any type that has an order will do.
/// let middle: Expr<Option<String>> = func::percentile_disc(0.5).within_group(Book::TITLE);
/// assert_eq!(on_postgres(middle), "percentile_disc($1) WITHIN GROUP (ORDER BY title)");
/// ```
///
/// A fraction that is not 0 to 1 is an error of the database.
#[must_use]
pub fn percentile_disc(fraction: f64) -> PercentileDisc {
    PercentileDisc { fraction }
}

/// Begins the most frequent value of a group; of several that are, the least.
///
/// ```
/// # use {aludel::doc::*, library::Book};
/// let year: Expr<Option<i32>> = func::mode().within_group(Book::YEAR);
/// assert_eq!(on_postgres(year.clone()), "mode() WITHIN GROUP (ORDER BY year)");
/// assert_eq!(on_sqlite(year), "aludel_mode(year)");
/// ```
#[must_use]
pub fn mode() -> Mode {
    Mode(())
}

/// A continuous percentile without the values that it is of; see [`percentile_cont`].
#[derive(Clone, Copy, Debug)]
pub struct PercentileCont {
    fraction: f64,
}

/// A discrete percentile without the values that it is of; see [`percentile_disc`].
#[derive(Clone, Copy, Debug)]
pub struct PercentileDisc {
    fraction: f64,
}

/// The most frequent value without the values that it is of; see [`mode`].
#[derive(Clone, Copy, Debug)]
pub struct Mode(());

impl PercentileCont {
    /// Of these numbers, in ascending order; NULL is left out, and of no values it is NULL.
    ///
    /// ```
    /// # use {aludel::doc::*, library::Book};
    /// let quartile = func::percentile_cont(0.25).within_group(Book::YEAR).filter(Book::YEAR.gt(1800));
    /// assert_eq!(
    ///     on_postgres(quartile),
    ///     "percentile_cont($1) WITHIN GROUP (ORDER BY year) FILTER (WHERE year > $2)"
    /// );
    /// ```
    pub fn within_group<X: Expression>(self, numbers: X) -> Expr<Option<f64>>
    where
        BaseOf<X>: Number,
    {
        ordered_set(OrderedSet::PercentileCont, numbers, Some(self.fraction))
    }
}

impl PercentileDisc {
    /// Of these values, in ascending order; NULL is left out, and of no values it is NULL.
    ///
    /// ```
    /// # use {aludel::doc::*, library::Book};
    /// let late: Expr<Option<i32>> = func::percentile_disc(0.9).within_group(Book::YEAR);
    /// assert_eq!(on_sqlite(late), "aludel_percentile_disc(year, ?1)");
    /// ```
    pub fn within_group<X: Expression>(self, values: X) -> Expr<Option<BaseOf<X>>>
    where
        BaseOf<X>: ColumnType<Base = BaseOf<X>>,
    {
        ordered_set(OrderedSet::PercentileDisc, values, Some(self.fraction))
    }
}

impl Mode {
    /// Of these values; NULL is left out, and of no values it is NULL.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let usual = func::mode().within_group(Book::YEAR);
    /// assert_eq!(
    ///     postgres(select((Book::AUTHOR_ID, usual)).group_by(Book::AUTHOR_ID)),
    ///     "SELECT books.author_id, mode() WITHIN GROUP (ORDER BY books.year) FROM books GROUP BY books.author_id"
    /// );
    /// ```
    pub fn within_group<X: Expression>(self, values: X) -> Expr<Option<BaseOf<X>>>
    where
        BaseOf<X>: ColumnType<Base = BaseOf<X>>,
    {
        ordered_set(OrderedSet::Mode, values, None)
    }
}

/// The values come first, as in every other aggregate.
fn ordered_set<T>(which: OrderedSet, values: impl Expression, fraction: Option<f64>) -> Expr<T> {
    let mut arguments = vec![values.into_node()];
    arguments.extend(fraction.as_ref().map(Node::param));
    function(Function::OrderedSet(which), arguments)
}
