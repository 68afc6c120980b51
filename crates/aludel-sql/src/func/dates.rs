//! Functions of dates and instants. Instants are UTC, and so are the parts of them.

use super::scalar;
use crate::column_type::{ColumnType, Dated, Instant};
use crate::expression::{BaseOf, Expr, Expression};
use crate::node::Scalar;
use crate::operand::Operand;
use crate::sql_type::SqlType;

macro_rules! parts {
    ($($(#[$doc:meta])* $name:ident, $scalar:ident, $bound:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name<X: Expression>(x: X) -> Expr<i32>
        where
            BaseOf<X>: $bound,
        {
            scalar(Scalar::$scalar, vec![x.into_node()])
        }
    )*};
}

parts! {
    /// The year.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # use chrono::{DateTime, Utc};
    /// # fn at(text: &str) -> Expr<DateTime<Utc>> { literal(text.parse::<DateTime<Utc>>().unwrap()) }
    /// assert_eq!(value(func::year(at("2024-12-31T23:59:59Z"))), 2024);
    /// assert_eq!(
    ///     on_postgres(func::year(func::now())),
    ///     "CAST(extract(year FROM statement_timestamp() AT TIME ZONE 'UTC') AS int)"
    /// );
    /// ```
    year, Year, Dated;
    /// The quarter of the year, 1 to 4.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # use chrono::{DateTime, Utc};
    /// # fn at(text: &str) -> Expr<DateTime<Utc>> { literal(text.parse::<DateTime<Utc>>().unwrap()) }
    /// assert_eq!(value(func::quarter(at("2024-03-31T12:00:00Z"))), 1);
    /// // Where a database has no quarters, it is counted from the month.
    /// assert_eq!(on_sqlite(func::quarter(at("2024-03-31T12:00:00Z"))), "((CAST(strftime('%m', ?1) AS INTEGER) + 2) / 3)");
    /// ```
    quarter, Quarter, Dated;
    /// The month, 1 to 12.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// use chrono::NaiveDate;
    ///
    /// // Dates have the same parts as instants.
    /// let day = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
    /// assert_eq!(value(func::month(literal::<NaiveDate>(day))), 2);
    /// ```
    month, Month, Dated;
    /// The day of the month, 1 to 31.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # use chrono::{DateTime, Utc};
    /// # fn at(text: &str) -> Expr<DateTime<Utc>> { literal(text.parse::<DateTime<Utc>>().unwrap()) }
    /// // The day in UTC: in Berlin the next one has begun.
    /// assert_eq!(value(func::day(at("2024-03-01T00:30:00+01:00"))), 29);
    /// ```
    day, Day, Dated;
    /// The day of the year, from 1.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # use chrono::{DateTime, Utc};
    /// # fn at(text: &str) -> Expr<DateTime<Utc>> { literal(text.parse::<DateTime<Utc>>().unwrap()) }
    /// assert_eq!(value(func::day_of_year(at("2024-12-31T12:00:00Z"))), 366);
    /// assert_eq!(
    ///     on_postgres(func::day_of_year(func::now())),
    ///     "CAST(extract(doy FROM statement_timestamp() AT TIME ZONE 'UTC') AS int)"
    /// );
    /// ```
    day_of_year, DayOfYear, Dated;
    /// The day of the week: Sunday is 0, Saturday 6.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # use chrono::{DateTime, Utc};
    /// # fn at(text: &str) -> Expr<DateTime<Utc>> { literal(text.parse::<DateTime<Utc>>().unwrap()) }
    /// assert_eq!(value(func::weekday(at("2024-06-02T12:00:00Z"))), 0); // a Sunday
    /// // MariaDB's own begins with 1.
    /// assert_eq!(on_mariadb(func::weekday(func::now())), "(dayofweek(utc_timestamp(6)) - 1)");
    /// ```
    weekday, Weekday, Dated;
    /// The day of the week: Monday is 1, Sunday 7.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # use chrono::{DateTime, Utc};
    /// # fn at(text: &str) -> Expr<DateTime<Utc>> { literal(text.parse::<DateTime<Utc>>().unwrap()) }
    /// assert_eq!(value(func::iso_weekday(at("2024-06-02T12:00:00Z"))), 7); // a Sunday
    /// let at_the_weekend = func::iso_weekday(func::now()).ge(6);
    /// assert_eq!(on_mariadb(at_the_weekend), "(weekday(utc_timestamp(6)) + 1) >= ?");
    /// ```
    iso_weekday, IsoWeekday, Dated;
    /// The week by ISO 8601, 1 to 53; it begins with Monday, and belongs to the year of its Thursday, [`iso_year`].
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # use chrono::{DateTime, Utc};
    /// # fn at(text: &str) -> Expr<DateTime<Utc>> { literal(text.parse::<DateTime<Utc>>().unwrap()) }
    /// // A Monday, whose Thursday is the 2nd of January.
    /// assert_eq!(value(func::iso_week(at("2024-12-30T12:00:00Z"))), 1);
    /// // MariaDB has eight ways to count weeks.
    /// assert_eq!(on_mariadb(func::iso_week(func::now())), "week(utc_timestamp(6), 3)");
    /// ```
    iso_week, IsoWeek, Dated;
    /// The year of the [`iso_week`].
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # use chrono::{DateTime, Utc};
    /// # fn at(text: &str) -> Expr<DateTime<Utc>> { literal(text.parse::<DateTime<Utc>>().unwrap()) }
    /// let monday = at("2024-12-30T12:00:00Z");
    /// assert_eq!(value(func::iso_year(monday.clone())), 2025);
    /// assert_eq!(value(func::year(monday)), 2024);
    /// ```
    iso_year, IsoYear, Dated;
    /// The hour, 0 to 23.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # use chrono::{DateTime, Utc};
    /// # fn at(text: &str) -> Expr<DateTime<Utc>> { literal(text.parse::<DateTime<Utc>>().unwrap()) }
    /// assert_eq!(value(func::hour(at("2024-06-02T18:30:00+02:00"))), 16); // in UTC
    /// ```
    hour, Hour, Instant;
    /// The minute, 0 to 59.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # use chrono::{DateTime, Utc};
    /// # fn at(text: &str) -> Expr<DateTime<Utc>> { literal(text.parse::<DateTime<Utc>>().unwrap()) }
    /// assert_eq!(value(func::minute(at("2024-06-02T18:59:59.999Z"))), 59);
    /// ```
    minute, Minute, Instant;
    /// The second, 0 to 59, without its fraction.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # use chrono::{DateTime, Utc};
    /// # fn at(text: &str) -> Expr<DateTime<Utc>> { literal(text.parse::<DateTime<Utc>>().unwrap()) }
    /// assert_eq!(value(func::second(at("2024-06-02T18:59:59.999Z"))), 59);
    /// // A cast of PostgreSQL would round it up to 60.
    /// assert_eq!(
    ///     on_postgres(func::second(func::now())),
    ///     "CAST(floor(extract(second FROM statement_timestamp())) AS int)"
    /// );
    /// ```
    second, Second, Instant;
}

/// The seconds since 1970, rounded down to a whole number.
///
/// ```
/// # use aludel::doc::*;
/// # use chrono::{DateTime, Utc};
/// # fn at(text: &str) -> Expr<DateTime<Utc>> { literal(text.parse::<DateTime<Utc>>().unwrap()) }
/// assert_eq!(value(func::unix_seconds(at("2001-09-09T01:46:40.9Z"))), 1_000_000_000);
/// // MariaDB's `unix_timestamp` would follow the time zone of the connection.
/// assert_eq!(
///     on_mariadb(func::unix_seconds(func::now())),
///     "floor(timestampdiff(microsecond, '1970-01-01 00:00:00', utc_timestamp(6)) / 1000000)"
/// );
/// ```
pub fn unix_seconds<X: Expression>(x: X) -> Expr<i64>
where
    BaseOf<X>: Instant,
{
    scalar(Scalar::UnixSeconds, vec![x.into_node()])
}

/// The microseconds since 1970.
///
/// ```
/// # use aludel::doc::*;
/// # use chrono::{DateTime, Utc};
/// # fn at(text: &str) -> Expr<DateTime<Utc>> { literal(text.parse::<DateTime<Utc>>().unwrap()) }
/// assert_eq!(value(func::unix_micros(at("2001-09-09T01:46:40.000001Z"))), 1_000_000_000_000_001);
/// assert_eq!(value(func::unix_micros(at("1969-12-31T23:59:59.5Z"))), -500_000);
/// ```
pub fn unix_micros<X: Expression>(x: X) -> Expr<i64>
where
    BaseOf<X>: Instant,
{
    scalar(Scalar::UnixMicros, vec![x.into_node()])
}

/// The instant so many seconds later, or earlier below zero.
///
/// ```
/// # use aludel::doc::*;
/// # use chrono::{DateTime, Utc};
/// # fn at(text: &str) -> Expr<DateTime<Utc>> { literal(text.parse::<DateTime<Utc>>().unwrap()) }
/// let later = func::add_seconds(at("2024-12-31T23:59:30.25Z"), 60_i64);
/// assert_eq!(value(later).to_string(), "2025-01-01 00:00:30.250 UTC");
///
/// // What is older than an hour; the number of seconds may be a column as well.
/// let an_hour_ago = func::add_seconds(func::now(), -3600_i64);
/// assert_eq!(on_postgres(an_hour_ago), "(statement_timestamp() + make_interval(secs => $1))");
/// ```
pub fn add_seconds<X: Expression>(x: X, seconds: impl Operand<i64>) -> Expr<X::Type>
where
    BaseOf<X>: Instant,
{
    scalar(Scalar::AddSeconds, vec![x.into_node(), seconds.into_operand()])
}

/// The date or instant so many days later, or earlier below zero.
///
/// ```
/// # use aludel::doc::*;
/// use chrono::NaiveDate;
///
/// let day = NaiveDate::from_ymd_opt(2024, 2, 28).unwrap();
/// assert_eq!(value(func::add_days(literal::<NaiveDate>(day), 2)).to_string(), "2024-03-01");
/// assert_eq!(on_mariadb(func::add_days(func::now(), -7)), "(utc_timestamp(6) + INTERVAL ? DAY)");
/// ```
pub fn add_days<X: Expression>(x: X, days: impl Operand<i32>) -> Expr<X::Type>
where
    BaseOf<X>: Dated,
{
    let which = if is_date::<X>() { Scalar::DateAddDays } else { Scalar::AddDays };
    scalar(which, vec![x.into_node(), days.into_operand()])
}

/// The date or instant so many months later, or earlier below zero. Where the month has no such day, it is its last: one month behind
/// the 31st of January is the last of February.
///
/// ```
/// # use aludel::doc::*;
/// use chrono::NaiveDate;
///
/// let day = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap();
/// assert_eq!(value(func::add_months(literal::<NaiveDate>(day), 1)).to_string(), "2024-02-29");
/// assert_eq!(value(func::add_months(literal::<NaiveDate>(day), -11)).to_string(), "2023-02-28");
/// ```
pub fn add_months<X: Expression>(x: X, months: impl Operand<i32>) -> Expr<X::Type>
where
    BaseOf<X>: Dated,
{
    let which = if is_date::<X>() { Scalar::DateAddMonths } else { Scalar::AddMonths };
    scalar(which, vec![x.into_node(), months.into_operand()])
}

fn is_date<X: Expression>() -> bool {
    <BaseOf<X>>::SQL_TYPE == SqlType::Date
}

/// The microseconds from `start` to `end`; below zero where `end` is before it.
///
/// ```
/// # use aludel::doc::*;
/// # use chrono::{DateTime, Utc};
/// # fn at(text: &str) -> Expr<DateTime<Utc>> { literal(text.parse::<DateTime<Utc>>().unwrap()) }
/// let elapsed = func::micros_between(at("2024-02-28T00:00:00Z"), at("2024-03-01T00:00:00.5Z"));
/// assert_eq!(value(elapsed), (2 * 86_400 * 1_000_000) + 500_000);
///
/// // MariaDB's `timediff` would stop at 838 hours.
/// let since = func::micros_between(at("2024-02-28T00:00:00Z"), func::now());
/// assert_eq!(on_mariadb(since), "timestampdiff(microsecond, ?, utc_timestamp(6))");
/// ```
pub fn micros_between<X: Expression>(start: X, end: impl Operand<BaseOf<X>>) -> Expr<i64>
where
    BaseOf<X>: Instant,
{
    scalar(Scalar::MicrosBetween, vec![end.into_operand(), start.into_node()])
}

/// The days from the date of `start` to that of `end`: how often midnight passes.
///
/// ```
/// # use aludel::doc::*;
/// # use chrono::{DateTime, Utc};
/// # fn at(text: &str) -> Expr<DateTime<Utc>> { literal(text.parse::<DateTime<Utc>>().unwrap()) }
/// // Two minutes, and midnight between them.
/// let (late, early) = (at("2024-02-28T23:59:00Z"), at("2024-02-29T00:01:00Z"));
/// assert_eq!(value(func::days_between(late.clone(), early.clone())), 1);
/// assert_eq!(value(func::days_between(early, late)), -1);
/// ```
pub fn days_between<X: Expression>(start: X, end: impl Operand<BaseOf<X>>) -> Expr<i32>
where
    BaseOf<X>: Dated,
{
    scalar(Scalar::DaysBetween, vec![end.into_operand(), start.into_node()])
}

macro_rules! starts {
    ($($(#[$doc:meta])* $name:ident, $scalar:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name<X: Expression>(x: X) -> Expr<X::Type>
        where
            BaseOf<X>: Instant,
        {
            scalar(Scalar::$scalar, vec![x.into_node()])
        }
    )*};
}

starts! {
    /// The instant at which its day began: for rows per day.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # use chrono::{DateTime, Utc};
    /// # #[derive(Entity)] #[entity(table = "visits")] struct Visit { #[column(primary_key)] id: i64, at: DateTime<Utc> }
    /// let day = func::start_of_day(Visit::AT);
    /// let per_day = select((day.clone(), func::count_star())).group_by(day);
    /// assert_eq!(
    ///     postgres(per_day),
    ///     "SELECT date_trunc('day', visits.at, 'UTC'), count(*) FROM visits GROUP BY 1"
    /// );
    /// ```
    start_of_day, StartOfDay;
    /// The instant at which its hour began.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # use chrono::{DateTime, Utc};
    /// # fn at(text: &str) -> Expr<DateTime<Utc>> { literal(text.parse::<DateTime<Utc>>().unwrap()) }
    /// let hour = func::start_of_hour(at("2024-06-02T18:59:59.999Z"));
    /// assert_eq!(value(hour).to_string(), "2024-06-02 18:00:00 UTC");
    /// ```
    start_of_hour, StartOfHour;
    /// The instant at which its month began.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # use chrono::{DateTime, Utc};
    /// # fn at(text: &str) -> Expr<DateTime<Utc>> { literal(text.parse::<DateTime<Utc>>().unwrap()) }
    /// let month = func::start_of_month(at("2024-02-29T18:59:59Z"));
    /// assert_eq!(value(month.clone()).to_string(), "2024-02-01 00:00:00 UTC");
    /// // The last day of the month is the one before the next begins.
    /// assert_eq!(value(func::add_days(func::add_months(month, 1), -1)).to_string(), "2024-02-29 00:00:00 UTC");
    /// ```
    start_of_month, StartOfMonth;
    /// The instant at which its week began, on Monday.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # use chrono::{DateTime, Utc};
    /// # fn at(text: &str) -> Expr<DateTime<Utc>> { literal(text.parse::<DateTime<Utc>>().unwrap()) }
    /// let sunday = func::start_of_week(at("2024-06-02T18:59:59Z"));
    /// assert_eq!(value(sunday).to_string(), "2024-05-27 00:00:00 UTC");
    /// ```
    start_of_week, StartOfWeek;
}
