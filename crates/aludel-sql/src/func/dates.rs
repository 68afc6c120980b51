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
    year, Year, Dated;
    /// The quarter of the year, 1 to 4.
    quarter, Quarter, Dated;
    /// The month, 1 to 12.
    month, Month, Dated;
    /// The day of the month, 1 to 31.
    day, Day, Dated;
    /// The day of the year, from 1.
    day_of_year, DayOfYear, Dated;
    /// The day of the week: Sunday is 0, Saturday 6.
    weekday, Weekday, Dated;
    /// The day of the week: Monday is 1, Sunday 7.
    iso_weekday, IsoWeekday, Dated;
    /// The week by ISO 8601, 1 to 53; it begins with Monday, and belongs to the year of its Thursday, [`iso_year`].
    iso_week, IsoWeek, Dated;
    /// The year of the [`iso_week`].
    iso_year, IsoYear, Dated;
    /// The hour, 0 to 23.
    hour, Hour, Instant;
    /// The minute, 0 to 59.
    minute, Minute, Instant;
    /// The second, 0 to 59, without its fraction.
    second, Second, Instant;
}

/// The seconds since 1970, rounded down to a whole number.
pub fn unix_seconds<X: Expression>(x: X) -> Expr<i64>
where
    BaseOf<X>: Instant,
{
    scalar(Scalar::UnixSeconds, vec![x.into_node()])
}

/// The microseconds since 1970.
pub fn unix_micros<X: Expression>(x: X) -> Expr<i64>
where
    BaseOf<X>: Instant,
{
    scalar(Scalar::UnixMicros, vec![x.into_node()])
}

/// The instant so many seconds later, or earlier below zero.
pub fn add_seconds<X: Expression>(x: X, seconds: impl Operand<i64>) -> Expr<X::Type>
where
    BaseOf<X>: Instant,
{
    scalar(Scalar::AddSeconds, vec![x.into_node(), seconds.into_operand()])
}

/// The date or instant so many days later, or earlier below zero.
pub fn add_days<X: Expression>(x: X, days: impl Operand<i32>) -> Expr<X::Type>
where
    BaseOf<X>: Dated,
{
    let which = if is_date::<X>() { Scalar::DateAddDays } else { Scalar::AddDays };
    scalar(which, vec![x.into_node(), days.into_operand()])
}

/// The date or instant so many months later, or earlier below zero. Where the month has no such day, it is its last: one month behind
/// the 31st of January is the last of February.
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
pub fn micros_between<X: Expression>(start: X, end: impl Operand<BaseOf<X>>) -> Expr<i64>
where
    BaseOf<X>: Instant,
{
    scalar(Scalar::MicrosBetween, vec![end.into_operand(), start.into_node()])
}

/// The days from the date of `start` to that of `end`: how often midnight passes.
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
    start_of_day, StartOfDay;
    /// The instant at which its hour began.
    start_of_hour, StartOfHour;
    /// The instant at which its month began.
    start_of_month, StartOfMonth;
    /// The instant at which its week began, on Monday.
    start_of_week, StartOfWeek;
}
