//! Windows: the rows around a row that a function looks at.

use std::ops::{Bound, RangeBounds, RangeFrom, RangeFull, RangeInclusive, RangeToInclusive};

#[cfg(doc)]
use crate::expression::Expr;
use crate::node::Node;
use crate::order::{IntoOrderBy, OrderBy};
use crate::select::IntoGroupBy;

/// Begins a window, for [`over`](Expr::over): `window().partition_by(…).order_by(…)`. Without anything it is all rows.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
///
/// // The number of each book among the books of its author.
/// let number = func::row_number().over(window().partition_by(Book::AUTHOR_ID).order_by(Book::YEAR));
/// assert_eq!(
///     sql(select((Book::TITLE, number))),
///     "SELECT books.title, row_number() OVER (PARTITION BY books.author_id ORDER BY books.year) FROM books"
/// );
/// ```
pub fn window() -> Window {
    Window::default()
}

/// The rows around a row that a function looks at; begun with [`window`].
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "a window does nothing until it stands behind a function: `.over(window)`"]
pub struct Window {
    /// What the rows of a partition have in common.
    pub partition_by: Vec<Node>,
    /// The order of the rows of a partition.
    pub order_by: Vec<OrderBy>,
    /// Which rows of the partition are looked at, if it was said.
    pub frame: Option<Frame>,
}

/// Which rows of a partition are looked at, seen from a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// What is counted.
    pub unit: FrameUnit,
    /// The first of them; `None` is the first of the partition.
    pub start: Option<FrameOffset>,
    /// The last of them; `None` is the last of the partition.
    pub end: Option<FrameOffset>,
    /// Which of them are left out.
    pub exclude: Option<Exclude>,
}

/// What a frame counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FrameUnit {
    /// Rows.
    Rows,
    /// The value of the key of ORDER BY.
    Range,
    /// Groups of rows that ORDER BY does not tell apart.
    Groups,
}

/// How far an end of a frame is from the row: below zero before it, zero is the row itself.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum FrameOffset {
    /// A whole number.
    Int(i64),
    /// A number.
    Real(f64),
    /// Microseconds.
    Micros(i64),
}

/// Which rows of a frame are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Exclude {
    /// The row itself.
    CurrentRow,
    /// The row itself and those that ORDER BY does not tell from it.
    Group,
    /// The rows that ORDER BY does not tell from it.
    Ties,
}

/// A function that looks at the rows of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WindowFunction {
    /// The number of the row.
    RowNumber,
    /// The number of the row, that of the first of equal rows.
    Rank,
    /// The number of the group of equal rows.
    DenseRank,
    /// The rank between 0 and 1.
    PercentRank,
    /// The share of rows that are not behind it.
    CumeDist,
    /// In which of so many parts it is.
    Ntile(u32),
    /// The value of the first row.
    FirstValue,
    /// The value of the last row.
    LastValue,
    /// The value of this row of the frame.
    NthValue(u32),
    /// The value so many rows before; the second argument where there is none.
    Lag(u32),
    /// The value so many rows behind; the second argument where there is none.
    Lead(u32),
}

impl WindowFunction {
    /// Returns its name in SQL and the number that it was given.
    pub(crate) fn name(self) -> (&'static str, Option<u32>) {
        match self {
            Self::RowNumber => ("row_number", None),
            Self::Rank => ("rank", None),
            Self::DenseRank => ("dense_rank", None),
            Self::PercentRank => ("percent_rank", None),
            Self::CumeDist => ("cume_dist", None),
            Self::Ntile(parts) => ("ntile", Some(parts)),
            Self::FirstValue => ("first_value", None),
            Self::LastValue => ("last_value", None),
            Self::NthValue(row) => ("nth_value", Some(row)),
            Self::Lag(rows) => ("lag", Some(rows)),
            Self::Lead(rows) => ("lead", Some(rows)),
        }
    }
}

impl Window {
    /// Looks only at rows that agree in a column or expression, or in several (a tuple).
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // A tuple of keys: rows that agree in both.
    /// let per_year = window().partition_by((Book::AUTHOR_ID, Book::YEAR));
    /// assert_eq!(on_sqlite(func::count_star().over(per_year)), "count(*) OVER (PARTITION BY author_id, year)");
    /// ```
    pub fn partition_by(mut self, keys: impl IntoGroupBy) -> Self {
        keys.push_group(&mut self.partition_by);
        self
    }

    /// Orders the rows, as in a SELECT. An aggregate then looks at the rows up to this one, equal ones included, unless a frame says
    /// otherwise.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let so_far = func::count_star().over(window().order_by((Book::YEAR, Book::ID)));
    /// assert_eq!(
    ///     sql(select((Book::YEAR, so_far))),
    ///     "SELECT books.year, count(*) OVER (ORDER BY books.year, books.id) FROM books"
    /// );
    /// ```
    pub fn order_by(mut self, keys: impl IntoOrderBy) -> Self {
        keys.push_order(&mut self.order_by);
        self
    }

    /// Looks at rows by their number: before the row below zero, the row itself is 0.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let around = window().order_by(Book::YEAR).rows(-2..=2);
    /// assert_eq!(
    ///     sql(select(func::avg(Book::YEAR).over(around))),
    ///     "SELECT avg(books.year) OVER (ORDER BY books.year ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING) FROM books"
    /// );
    /// let so_far = window().order_by(Book::YEAR).rows(..=0);
    /// assert_eq!(
    ///     sql(select(func::max(Book::TITLE).over(so_far))),
    ///     "SELECT max(books.title) OVER (ORDER BY books.year ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM books"
    /// );
    /// ```
    pub fn rows(self, rows: impl RangeBounds<i64>) -> Self {
        self.whole_frame(FrameUnit::Rows, &rows)
    }

    /// Looks at groups of rows that ORDER BY does not tell apart, by their number. MariaDB has none.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // The rows of this year and of the year before that has any.
    /// let years = window().order_by(Book::YEAR).groups(-1..=0);
    /// assert_eq!(
    ///     on_postgres(func::count_star().over(years.clone())),
    ///     "count(*) OVER (ORDER BY year GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW)"
    /// );
    /// assert!(select(func::count_star().over(years)).to_sql(&aludel::MySqlDialect::default()).is_err());
    /// ```
    pub fn groups(self, groups: impl RangeBounds<i64>) -> Self {
        self.whole_frame(FrameUnit::Groups, &groups)
    }

    /// Looks at rows whose key of ORDER BY is that much below or above: of numbers a number, of instants (on PostgreSQL) a time span.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// // The books of the ten years before.
    /// let decade = window().order_by(Book::YEAR).range(-10..=-1);
    /// assert_eq!(
    ///     sql(select(func::count_star().over(decade))),
    ///     "SELECT count(*) OVER (ORDER BY books.year RANGE BETWEEN 10 PRECEDING AND 1 PRECEDING) FROM books"
    /// );
    /// ```
    pub fn range(self, range: impl FrameRange) -> Self {
        let (start, end) = range.ends();
        self.framed(FrameUnit::Range, start, end)
    }

    /// Leaves the row itself out of the frame. MariaDB cannot.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // How far a book is from the mean of the others of its author.
    /// let others = window().partition_by(Book::AUTHOR_ID).exclude_current_row();
    /// assert_eq!(
    ///     on_sqlite(func::avg(Book::YEAR).over(others)),
    ///     "avg(year) OVER (PARTITION BY author_id RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING \
    ///      EXCLUDE CURRENT ROW)"
    /// );
    /// ```
    pub fn exclude_current_row(self) -> Self {
        self.excluding(Exclude::CurrentRow)
    }

    /// Leaves the row itself out of the frame, and all rows that ORDER BY does not tell from it. MariaDB cannot.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // Books of all years before: without those of the year itself.
    /// let before = window().order_by(Book::YEAR).exclude_group();
    /// assert_eq!(
    ///     on_sqlite(func::count_star().over(before)),
    ///     "count(*) OVER (ORDER BY year RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE GROUP)"
    /// );
    /// ```
    pub fn exclude_group(self) -> Self {
        self.excluding(Exclude::Group)
    }

    /// Leaves the other rows that ORDER BY does not tell from the row out of the frame. MariaDB cannot.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // Those before, and the row itself, but no others of its year.
    /// let one_of_the_year = window().order_by(Book::YEAR).exclude_ties();
    /// assert_eq!(
    ///     on_postgres(func::count_star().over(one_of_the_year)),
    ///     "count(*) OVER (ORDER BY year RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE TIES)"
    /// );
    /// ```
    pub fn exclude_ties(self) -> Self {
        self.excluding(Exclude::Ties)
    }

    fn whole_frame(self, unit: FrameUnit, bounds: &impl RangeBounds<i64>) -> Self {
        let start = match bounds.start_bound() {
            Bound::Included(start) => Some(*start),
            Bound::Excluded(start) => Some(start.saturating_add(1)),
            Bound::Unbounded => None,
        };
        let end = match bounds.end_bound() {
            Bound::Included(end) => Some(*end),
            Bound::Excluded(end) => Some(end.saturating_sub(1)),
            Bound::Unbounded => None,
        };
        self.framed(unit, start.map(FrameOffset::Int), end.map(FrameOffset::Int))
    }

    fn framed(mut self, unit: FrameUnit, start: Option<FrameOffset>, end: Option<FrameOffset>) -> Self {
        let exclude = self.frame.and_then(|frame| frame.exclude);
        self.frame = Some(Frame { unit, start, end, exclude });
        self
    }

    /// The frame that stands where none was said ends at the last row that is equal to this one.
    fn excluding(mut self, exclude: Exclude) -> Self {
        let end = (!self.order_by.is_empty()).then_some(FrameOffset::Int(0));
        let usual = Frame { unit: FrameUnit::Range, start: None, end, exclude: None };
        self.frame.get_or_insert(usual).exclude = Some(exclude);
        self
    }
}

/// A distance between keys of ORDER BY.
pub trait FrameStep {
    /// Returns how far it is.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::FrameOffset;
    /// use aludel::FrameStep;
    /// use chrono::TimeDelta;
    ///
    /// assert_eq!((-10).offset(), FrameOffset::Int(-10));
    /// // A span of time, where the rows are ordered by an instant.
    /// assert_eq!(TimeDelta::hours(1).offset(), FrameOffset::Micros(3_600_000_000));
    /// ```
    fn offset(self) -> FrameOffset;
}

impl FrameStep for i32 {
    fn offset(self) -> FrameOffset {
        FrameOffset::Int(self.into())
    }
}

impl FrameStep for i64 {
    fn offset(self) -> FrameOffset {
        FrameOffset::Int(self)
    }
}

impl FrameStep for f64 {
    fn offset(self) -> FrameOffset {
        FrameOffset::Real(self)
    }
}

#[cfg(feature = "chrono")]
impl FrameStep for chrono::TimeDelta {
    /// A span that no 64-bit number of microseconds can hold is as long as one can be.
    fn offset(self) -> FrameOffset {
        let longest = if self < Self::zero() { i64::MIN } else { i64::MAX };
        FrameOffset::Micros(self.num_microseconds().unwrap_or(longest))
    }
}

#[cfg(feature = "time")]
impl FrameStep for time::Duration {
    /// A span that no 64-bit number of microseconds can hold is as long as one can be.
    fn offset(self) -> FrameOffset {
        let longest = if self.is_negative() { i64::MIN } else { i64::MAX };
        FrameOffset::Micros(i64::try_from(self.whole_microseconds()).unwrap_or(longest))
    }
}

/// The ends of a frame, both included: `-10..=0`, `..=0`, `0..`, `..`.
pub trait FrameRange {
    /// Returns both ends; `None` is the end of the partition.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::FrameOffset;
    /// use aludel::FrameRange;
    ///
    /// assert_eq!((-10..=0).ends(), (Some(FrameOffset::Int(-10)), Some(FrameOffset::Int(0))));
    /// assert_eq!((..=0.5).ends(), (None, Some(FrameOffset::Real(0.5))));
    /// ```
    fn ends(self) -> (Option<FrameOffset>, Option<FrameOffset>);
}

impl<T: FrameStep> FrameRange for RangeInclusive<T> {
    fn ends(self) -> (Option<FrameOffset>, Option<FrameOffset>) {
        let (start, end) = self.into_inner();
        (Some(start.offset()), Some(end.offset()))
    }
}

impl<T: FrameStep> FrameRange for RangeToInclusive<T> {
    fn ends(self) -> (Option<FrameOffset>, Option<FrameOffset>) {
        (None, Some(self.end.offset()))
    }
}

impl<T: FrameStep> FrameRange for RangeFrom<T> {
    fn ends(self) -> (Option<FrameOffset>, Option<FrameOffset>) {
        (Some(self.start.offset()), None)
    }
}

impl FrameRange for RangeFull {
    fn ends(self) -> (Option<FrameOffset>, Option<FrameOffset>) {
        (None, None)
    }
}
