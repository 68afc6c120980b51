//! Parts of dates and instants, as chrono has them.

use super::{Scalar, Term};

macro_rules! parts {
    ($($ty:ty { $($(#[$doc:meta])* $method:ident -> $type:ty, $scalar:ident;)* })*) => {$(
        impl Term<$ty> {
            $(
                $(#[$doc])*
                pub fn $method(self) -> Term<$type> {
                    Self::call(Scalar::$scalar, vec![self.node])
                }
            )*
        }
    )*};
}

parts! {
    chrono::DateTime<chrono::Utc> {
        /// `at.year()`: the year in UTC.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
        /// # #[derive(Entity, Clone, Debug, Default)]
        /// # #[entity(table = "games")] struct Game { #[column(primary_key)] id: i64, at: DateTime<Utc>, day: NaiveDate }
        /// #[hybrid]
        /// impl Game {
        ///     fn is_recent(&self) -> bool {
        ///         self.at.year() >= 2020
        ///     }
        /// }
        /// assert_eq!(on_mariadb(Game::IS_RECENT), "extract(year FROM at) >= ?");
        /// // PostgreSQL would go by the time zone of the connection.
        /// assert_eq!(on_postgres(Game::IS_RECENT), "CAST(extract(year FROM at AT TIME ZONE 'UTC') AS int) >= $1");
        /// ```
        year -> i32, Year;
        /// `at.month()`: 1 to 12.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
        /// # #[derive(Entity, Clone, Debug, Default)]
        /// # #[entity(table = "games")] struct Game { #[column(primary_key)] id: i64, at: DateTime<Utc>, day: NaiveDate }
        /// #[hybrid]
        /// impl Game {
        ///     fn is_in_december(&self) -> bool {
        ///         self.at.month() == 12
        ///     }
        /// }
        /// assert_eq!(on_sqlite(Game::IS_IN_DECEMBER), "CAST(strftime('%m', at) AS INTEGER) = ?1");
        /// ```
        month -> u32, Month;
        /// `at.day()`: the day of the month, from 1.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
        /// # #[derive(Entity, Clone, Debug, Default)]
        /// # #[entity(table = "games")] struct Game { #[column(primary_key)] id: i64, at: DateTime<Utc>, day: NaiveDate }
        /// #[hybrid]
        /// impl Game {
        ///     fn is_at_the_first(&self) -> bool {
        ///         self.at.day() == 1
        ///     }
        /// }
        /// assert_eq!(on_sqlite(Game::IS_AT_THE_FIRST), "CAST(strftime('%d', at) AS INTEGER) = ?1");
        /// ```
        day -> u32, Day;
        /// `at.ordinal()`: the day of the year, from 1.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
        /// # #[derive(Entity, Clone, Debug, Default)]
        /// # #[entity(table = "games")] struct Game { #[column(primary_key)] id: i64, at: DateTime<Utc>, day: NaiveDate }
        /// #[hybrid]
        /// impl Game {
        ///     fn day_of_year(&self) -> i64 {
        ///         self.at.ordinal() as i64
        ///     }
        /// }
        /// assert_eq!(on_mariadb(Game::DAY_OF_YEAR), "dayofyear(at)");
        /// let game = Game { at: "2024-12-31T12:00:00Z".parse().unwrap(), ..Game::default() };
        /// assert_eq!(game.day_of_year(), 366);
        /// ```
        ordinal -> u32, DayOfYear;
        /// `at.hour()`: 0 to 23, in UTC.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
        /// # #[derive(Entity, Clone, Debug, Default)]
        /// # #[entity(table = "games")] struct Game { #[column(primary_key)] id: i64, at: DateTime<Utc>, day: NaiveDate }
        /// #[hybrid]
        /// impl Game {
        ///     fn is_in_the_evening(&self) -> bool {
        ///         self.at.hour() >= 18
        ///     }
        /// }
        /// assert_eq!(on_sqlite(Game::IS_IN_THE_EVENING), "CAST(strftime('%H', at) AS INTEGER) >= ?1");
        /// ```
        hour -> u32, Hour;
        /// `at.minute()`: 0 to 59.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
        /// # #[derive(Entity, Clone, Debug, Default)]
        /// # #[entity(table = "games")] struct Game { #[column(primary_key)] id: i64, at: DateTime<Utc>, day: NaiveDate }
        /// #[hybrid]
        /// impl Game {
        ///     fn is_on_the_hour(&self) -> bool {
        ///         self.at.minute() == 0
        ///     }
        /// }
        /// assert_eq!(on_mariadb(Game::IS_ON_THE_HOUR), "extract(minute FROM at) = ?");
        /// ```
        minute -> u32, Minute;
        /// `at.second()`: 0 to 59, without its fraction.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
        /// # #[derive(Entity, Clone, Debug, Default)]
        /// # #[entity(table = "games")] struct Game { #[column(primary_key)] id: i64, at: DateTime<Utc>, day: NaiveDate }
        /// #[hybrid]
        /// impl Game {
        ///     fn second_of_minute(&self) -> i64 {
        ///         self.at.second() as i64
        ///     }
        /// }
        /// // A cast alone would round 59.9 up on PostgreSQL.
        /// assert_eq!(on_postgres(Game::SECOND_OF_MINUTE), "CAST(floor(extract(second FROM at)) AS int)");
        /// ```
        second -> u32, Second;
        /// `at.timestamp()`: seconds since 1970, rounded down.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
        /// # #[derive(Entity, Clone, Debug, Default)]
        /// # #[entity(table = "games")] struct Game { #[column(primary_key)] id: i64, at: DateTime<Utc>, day: NaiveDate }
        /// #[hybrid]
        /// impl Game {
        ///     fn since_1970(&self) -> i64 {
        ///         self.at.timestamp()
        ///     }
        /// }
        /// assert_eq!(on_sqlite(Game::SINCE_1970), "unixepoch(substr(at, 1, 19))");
        /// let game = Game { at: "1969-12-31T23:59:59.5Z".parse().unwrap(), ..Game::default() };
        /// assert_eq!(game.since_1970(), -1);
        /// ```
        timestamp -> i64, UnixSeconds;
        /// `at.timestamp_micros()`: microseconds since 1970.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
        /// # #[derive(Entity, Clone, Debug, Default)]
        /// # #[entity(table = "games")] struct Game { #[column(primary_key)] id: i64, at: DateTime<Utc>, day: NaiveDate }
        /// #[hybrid]
        /// impl Game {
        ///     fn lasted(&self) -> i64 {
        ///         self.at.timestamp_micros() / 1_000_000
        ///     }
        /// }
        /// assert_eq!(on_mariadb(Game::LASTED), "timestampdiff(microsecond, '1970-01-01 00:00:00', at) DIV nullif(?, 0)");
        /// ```
        timestamp_micros -> i64, UnixMicros;
    }
    chrono::NaiveDate {
        /// `day.year()`
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
        /// # #[derive(Entity, Clone, Debug, Default)]
        /// # #[entity(table = "games")] struct Game { #[column(primary_key)] id: i64, at: DateTime<Utc>, day: NaiveDate }
        /// #[hybrid]
        /// impl Game {
        ///     fn season(&self) -> i32 {
        ///         self.day.year()
        ///     }
        /// }
        /// assert_eq!(on_mariadb(Game::SEASON), "extract(year FROM day)");
        /// ```
        year -> i32, Year;
        /// `day.month()`: 1 to 12.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
        /// # #[derive(Entity, Clone, Debug, Default)]
        /// # #[entity(table = "games")] struct Game { #[column(primary_key)] id: i64, at: DateTime<Utc>, day: NaiveDate }
        /// #[hybrid]
        /// impl Game {
        ///     fn is_in_summer(&self) -> bool {
        ///         self.day.month() >= 6 && self.day.month() <= 8
        ///     }
        /// }
        /// assert_eq!(on_mariadb(Game::IS_IN_SUMMER), "extract(month FROM day) >= ? AND extract(month FROM day) <= ?");
        /// ```
        month -> u32, Month;
        /// `day.day()`: the day of the month, from 1.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
        /// # #[derive(Entity, Clone, Debug, Default)]
        /// # #[entity(table = "games")] struct Game { #[column(primary_key)] id: i64, at: DateTime<Utc>, day: NaiveDate }
        /// #[hybrid]
        /// impl Game {
        ///     fn is_in_first_week(&self) -> bool {
        ///         self.day.day() <= 7
        ///     }
        /// }
        /// assert_eq!(on_mariadb(Game::IS_IN_FIRST_WEEK), "extract(day FROM day) <= ?");
        /// ```
        day -> u32, Day;
        /// `day.ordinal()`: the day of the year, from 1.
        ///
        /// ```
        /// # use aludel::doc::*;
        /// # use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
        /// # #[derive(Entity, Clone, Debug, Default)]
        /// # #[entity(table = "games")] struct Game { #[column(primary_key)] id: i64, at: DateTime<Utc>, day: NaiveDate }
        /// #[hybrid]
        /// impl Game {
        ///     fn is_late(&self) -> bool {
        ///         self.day.ordinal() > 183
        ///     }
        /// }
        /// assert_eq!(on_mariadb(Game::IS_LATE), "dayofyear(day) > ?");
        /// ```
        ordinal -> u32, DayOfYear;
    }
}
