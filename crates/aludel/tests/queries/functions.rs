//! Functions and casts: one meaning on every database.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};
use chrono::{DateTime, NaiveDate, Utc};

use crate::models::company;

/// One row with the values that are asked about.
#[derive(Entity, Clone, Debug)]
#[entity(table = "samples")]
pub struct Sample {
    #[column(primary_key)]
    pub id: i64,
    pub text: String,
    pub missing: Option<String>,
    pub small: i32,
    pub big: i64,
    pub none: Option<i64>,
    pub real: f64,
    pub truth: bool,
    pub instant: DateTime<Utc>,
    pub day: NaiveDate,
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

async fn sample(db: &Db) -> aludel::Result<Connection> {
    db.create(&Metadata::of(Sample)).await?;
    let mut conn = db.engine.connect().await?;
    let row = |at: &str, day: &str, text: &str, real| {
        Sample::builder()
            .text(text)
            .small(-7)
            .big(3_000_000_000)
            .real(real)
            .truth(true)
            .instant(instant(at))
            .day(date(day))
            .missing(None)
            .none(None)
    };
    conn.execute(insert(Sample).values([
        row("2024-01-31T23:59:59.520001Z", "2024-12-30", "  aéb 😀 x", 2.5),
        row("1969-12-31T23:59:58.250000Z", "2027-01-01", "-42", -2.7),
    ]))
    .await?;
    Ok(conn)
}

/// Asks for the value of an expression in both rows.
macro_rules! both {
    ($conn:ident, $expression:expr) => {{
        let found = $conn.scalars(select($expression).select_from(Sample).order_by(Sample::ID)).all().await?;
        <[_; 2]>::try_from(found).expect("two rows")
    }};
}

on_each_database! {
    async fn choosing_among_values(db: Db) {
        let mut conn = sample(&db).await?;
        assert_eq!(both!(conn, func::nullif(Sample::TEXT, "-42")), [Some("  aéb 😀 x".to_owned()), None]);
        assert_eq!(both!(conn, func::greatest(Sample::SMALL, 5)), [5, 5]);
        assert_eq!(both!(conn, func::least(Sample::REAL, 0.0)), [0.0, -2.7]);
        assert_eq!(both!(conn, func::greatest(Sample::NONE, Sample::BIG)), [None, None]);
        assert_eq!(both!(conn, func::least(Sample::NONE, 1_i64)), [None, None]);
    }

    async fn numbers(db: Db) {
        let mut conn = sample(&db).await?;
        assert_eq!(both!(conn, func::abs(Sample::SMALL)), [7, 7]);
        assert_eq!(both!(conn, func::abs(Sample::REAL)), [2.5, 2.7]);
        assert_eq!(both!(conn, func::sign(Sample::SMALL)), [-1, -1]);
        assert_eq!(both!(conn, func::round(Sample::REAL)), [3.0, -3.0]);
        assert_eq!(both!(conn, func::round(Sample::REAL * 0.0 + 0.499_999_999_999_999_94)), [0.0, 0.0]);
        assert_eq!(both!(conn, func::floor(Sample::REAL)), [2.0, -3.0]);
        assert_eq!(both!(conn, func::ceil(Sample::REAL)), [3.0, -2.0]);
        assert_eq!(both!(conn, func::trunc(Sample::REAL)), [2.0, -2.0]);
        assert_eq!(both!(conn, func::floor(Sample::REAL * 1e300)), [2.5 * 1e300, -2.7 * 1e300]);
    }

    /// MariaDB would set them aside with seventeen digits at most, and a quotient of them with four behind the point.
    async fn whole_numbers_of_any_size_stay_as_they_are_in_distinct_rows(db: Db) {
        let mut conn = sample(&db).await?;
        let large = Sample::REAL * 1e300;
        let rows = select((
            func::round(large.clone()).label("round"),
            func::floor(large.clone()).label("floor"),
            func::ceil(large.clone()).label("ceil"),
            func::trunc(large).label("trunc"),
            (func::floor(Sample::REAL) / 3.0).label("third"),
        ));
        let rows = conn.execute(rows.distinct().order_by(desc("round"))).all().await?;
        let (first, second) = (2.5 * 1e300, -2.7 * 1e300);
        assert_eq!(
            rows,
            [(first, first, first, first, 2.0 / 3.0), (second, second, second, second, -1.0)]
        );
    }

    async fn quotients_and_bits(db: Db) {
        let mut conn = sample(&db).await?;
        let small = Sample::SMALL;
        assert_eq!(both!(conn, func::true_div(small, 2)), [Some(-3.5); 2]);
        assert_eq!(both!(conn, func::true_div(small, 0)), [None; 2]);
        for divisor in [2, -2, 3, -3, 7] {
            assert_eq!(both!(conn, func::div_euclid(small, divisor)), [Some((-7_i32).div_euclid(divisor)); 2]);
            assert_eq!(both!(conn, func::rem_euclid(small, divisor)), [Some((-7_i32).rem_euclid(divisor)); 2]);
        }
        assert_eq!(both!(conn, func::rem_euclid(small, 0)), [None; 2]);
        assert_eq!(both!(conn, func::bit_and(small, 12)), [-7 & 12; 2]);
        assert_eq!(both!(conn, func::bit_or(small, 12)), [-7 | 12; 2]);
        assert_eq!(both!(conn, func::bit_xor(small, 12)), [-7 ^ 12; 2]);
        assert_eq!(both!(conn, func::bit_not(small)), [!-7; 2]);
        assert_eq!(both!(conn, func::bit_and(Sample::BIG, 3_000_000_001_i64)), [3_000_000_000; 2]);
    }

    async fn texts(db: Db) {
        let mut conn = sample(&db).await?;
        assert_eq!(both!(conn, func::length(Sample::TEXT)), [9, 3]);
        assert_eq!(both!(conn, func::octet_length(Sample::TEXT)), [13, 3]);
        assert_eq!(both!(conn, func::trim(Sample::TEXT)), ["aéb 😀 x", "-42"]);
        assert_eq!(both!(conn, func::ltrim(Sample::TEXT.concat(" "))), ["aéb 😀 x ", "-42 "]);
        assert_eq!(both!(conn, func::rtrim(Sample::TEXT.concat(" "))), ["  aéb 😀 x", "-42"]);
        assert_eq!(both!(conn, func::substr(Sample::TEXT, 3, 3)), ["aéb", "2"]);
        assert_eq!(both!(conn, func::substr(Sample::TEXT, -3, 2)), ["  ", "-4"]);
        assert_eq!(both!(conn, func::substr(Sample::TEXT, 2, -1)), ["", ""]);
        assert_eq!(both!(conn, func::replace(Sample::TEXT, "a", "AA")), ["  AAéb 😀 x", "-42"]);
        assert_eq!(both!(conn, func::repeat(func::substr(Sample::TEXT, 3, 1), 3)), ["aaa", "222"]);
        assert_eq!(both!(conn, func::repeat(Sample::TEXT, 0)), ["", ""]);
        assert_eq!(both!(conn, func::position(Sample::TEXT, "x")), [9, 0]);
        assert_eq!(both!(conn, func::position(Sample::TEXT, "X")), [0, 0]);
        assert_eq!(both!(conn, func::upper(Sample::TEXT).concat("!").eq("-42!")), [false, true]);
        assert_eq!(both!(conn, func::trim(Sample::MISSING)), [None, None]);
    }

    async fn parts_of_dates(db: Db) {
        let mut conn = sample(&db).await?;
        assert_eq!(both!(conn, func::year(Sample::INSTANT)), [2024, 1969]);
        assert_eq!(both!(conn, func::month(Sample::INSTANT)), [1, 12]);
        assert_eq!(both!(conn, func::day(Sample::INSTANT)), [31, 31]);
        assert_eq!(both!(conn, func::hour(Sample::INSTANT)), [23, 23]);
        assert_eq!(both!(conn, func::minute(Sample::INSTANT)), [59, 59]);
        assert_eq!(both!(conn, func::second(Sample::INSTANT)), [59, 58]);
        assert_eq!(both!(conn, func::quarter(Sample::DAY)), [4, 1]);
        assert_eq!(both!(conn, func::day_of_year(Sample::DAY)), [365, 1]);
        assert_eq!(both!(conn, func::weekday(Sample::DAY)), [1, 5]);
        assert_eq!(both!(conn, func::iso_weekday(Sample::DAY)), [1, 5]);
        assert_eq!(both!(conn, func::iso_week(Sample::DAY)), [1, 53]);
        assert_eq!(both!(conn, func::iso_year(Sample::DAY)), [2025, 2026]);
        assert_eq!(both!(conn, func::unix_seconds(Sample::INSTANT)), [1_706_745_599, -2]);
        assert_eq!(both!(conn, func::unix_micros(Sample::INSTANT)), [1_706_745_599_520_001, -1_750_000]);
    }

    async fn calculating_with_dates(db: Db) {
        let mut conn = sample(&db).await?;
        assert_eq!(
            both!(conn, func::add_seconds(Sample::INSTANT, 2_i64)),
            [instant("2024-02-01T00:00:01.520001Z"), instant("1970-01-01T00:00:00.250000Z")]
        );
        assert_eq!(
            both!(conn, func::add_days(Sample::INSTANT, -1)),
            [instant("2024-01-30T23:59:59.520001Z"), instant("1969-12-30T23:59:58.250000Z")]
        );
        assert_eq!(
            both!(conn, func::add_months(Sample::INSTANT, 1)),
            [instant("2024-02-29T23:59:59.520001Z"), instant("1970-01-31T23:59:58.250000Z")]
        );
        assert_eq!(both!(conn, func::add_days(Sample::DAY, 2)), [date("2025-01-01"), date("2027-01-03")]);
        assert_eq!(both!(conn, func::add_months(Sample::DAY, 2)), [date("2025-02-28"), date("2027-03-01")]);
        let later = func::add_seconds(Sample::INSTANT, 90_000_i64);
        assert_eq!(both!(conn, func::micros_between(Sample::INSTANT, later.clone())), [90_000_000_000, 90_000_000_000]);
        assert_eq!(both!(conn, func::days_between(Sample::INSTANT, later)), [2, 2]);
        assert_eq!(both!(conn, func::days_between(Sample::DAY, date("2025-01-01"))), [2, -730]);
        assert_eq!(
            both!(conn, func::start_of_day(Sample::INSTANT)),
            [instant("2024-01-31T00:00:00Z"), instant("1969-12-31T00:00:00Z")]
        );
        assert_eq!(
            both!(conn, func::start_of_hour(Sample::INSTANT)),
            [instant("2024-01-31T23:00:00Z"), instant("1969-12-31T23:00:00Z")]
        );
        assert_eq!(
            both!(conn, func::start_of_month(Sample::INSTANT)),
            [instant("2024-01-01T00:00:00Z"), instant("1969-12-01T00:00:00Z")]
        );
        assert_eq!(
            both!(conn, func::start_of_week(Sample::INSTANT)),
            [instant("2024-01-29T00:00:00Z"), instant("1969-12-29T00:00:00Z")]
        );
        let past = select(Sample::ID).filter(func::add_days(Sample::INSTANT, 1).lt(func::now()));
        assert_eq!(conn.scalars(past).all().await?.len(), 2);
    }

    async fn casts(db: Db) {
        let mut conn = sample(&db).await?;
        assert_eq!(both!(conn, Sample::BIG.cast::<String>()), ["3000000000", "3000000000"]);
        assert_eq!(both!(conn, Sample::TRUTH.cast::<String>()), ["true", "true"]);
        assert_eq!(both!(conn, (!Sample::TRUTH).cast::<i32>()), [0, 0]);
        assert_eq!(both!(conn, Sample::SMALL.cast::<i64>() * 1_000_000_000_i64), [-7_000_000_000, -7_000_000_000]);
        assert_eq!(both!(conn, Sample::SMALL.cast::<f64>() / 2.0), [-3.5, -3.5]);
        assert_eq!(both!(conn, Sample::REAL.cast::<i64>()), [2, -2]);
        assert_eq!(both!(conn, Sample::NONE.cast::<Option<String>>()), [None, None]);
        assert_eq!(
            both!(conn, Sample::INSTANT.cast::<String>()),
            ["2024-01-31 23:59:59.520001", "1969-12-31 23:59:58.250000"]
        );
        assert_eq!(both!(conn, Sample::DAY.cast::<String>()), ["2024-12-30", "2027-01-01"]);
        assert_eq!(both!(conn, Sample::INSTANT.cast::<NaiveDate>()), [date("2024-01-31"), date("1969-12-31")]);
        assert_eq!(
            both!(conn, Sample::DAY.cast::<DateTime<Utc>>()),
            [instant("2024-12-30T00:00:00Z"), instant("2027-01-01T00:00:00Z")]
        );
        assert_eq!(both!(conn, Sample::TEXT.try_cast_integer()), [None, Some(-42)]);
    }

    async fn rows_are_grouped_by_a_part_of_a_date(db: Db) {
        let mut conn = company(&db).await?;
        let year = func::year(crate::models::Employee::HIRED);
        let stmt = select((year.clone(), func::count_star())).group_by(year.clone()).order_by(year).limit(2);
        assert_eq!(conn.execute(stmt).all().await?, [(2001, 1), (2002, 1)]);
    }
}
