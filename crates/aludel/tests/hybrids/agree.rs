//! The method on the object and the expression in SQL give the same, whatever is in the row.

use aludel::prelude::*;
use aludel_suite::{Db, long, on_each_database};
use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::models::Sample;
use crate::rows::rows;

/// Stores random rows, and reads them back.
async fn stored(db: &Db) -> aludel::Result<Vec<Sample>> {
    db.create(&Metadata::of((Sample,))).await?;
    let mut conn = db.engine.connect().await?;
    let count = if long() { 6_000 } else { 600 };
    for some in rows(count).chunks(100) {
        let drafts = some.iter().map(|it| {
            Sample::builder()
                .id(it.id)
                .small(it.small)
                .middle(it.middle)
                .big(it.big)
                .maybe(it.maybe)
                .other(it.other)
                .ratio(it.ratio)
                .rate(it.rate)
                .name(&*it.name)
                .code(&*it.code)
                .nick(it.nick.clone())
                .flag(it.flag)
                .switch(it.switch)
                .status(it.status)
                .price(it.price)
                .day(it.day)
                .moment(it.moment)
                .until(it.until)
        });
        conn.execute(insert(Sample).values(drafts)).await?;
    }
    let stored = conn.scalars(select(Sample).order_by(Sample::ID)).all().await?;
    assert_eq!(stored.len(), count);
    Ok(stored)
}

/// Compares what the method says with what the expression does, row by row.
async fn same<'r, T, S>(
    db: &Db,
    rows: &'r [Sample],
    name: &str,
    expression: impl Expression<Type = T>,
    method: impl Fn(&'r Sample) -> S,
) -> aludel::Result<()>
where
    T: ColumnType + PartialEq<S> + std::fmt::Debug,
    S: std::fmt::Debug,
{
    let mut conn = db.engine.connect().await?;
    let found: Vec<(i64, T)> =
        conn.execute(select((Sample::ID, expression.label("it"))).order_by(Sample::ID)).all().await?;
    assert_eq!(found.len(), rows.len());
    for (row, (id, sql)) in rows.iter().zip(found) {
        assert_eq!(row.id, id);
        let rust = method(row);
        assert!(sql == rust, "`{name}` of {row:?}: the database says {sql:?}, Rust {rust:?}");
    }
    Ok(())
}

/// A `bool` hybrid is a filter as well: just what is true passes, and NOT of it is the rest.
async fn passes(
    db: &Db,
    rows: &[Sample],
    name: &str,
    condition: Expr<bool>,
    method: impl Fn(&Sample) -> bool,
) -> aludel::Result<()> {
    let mut conn = db.engine.connect().await?;
    for (condition, expected) in [(condition.clone(), true), (!condition, false)] {
        let found: Vec<i64> =
            conn.scalars(select(Sample::ID).filter(condition).order_by(Sample::ID)).all().await?;
        let method: Vec<i64> = rows.iter().filter(|it| method(it) == expected).map(|it| it.id).collect();
        assert_eq!(found, method, "rows for which `{name}` is {expected}");
    }
    Ok(())
}

macro_rules! same {
    ($db:ident $rows:ident: $($constant:ident $method:ident),* $(,)?) => {
        $(same(&$db, &$rows, stringify!($method), Sample::$constant, Sample::$method).await?;)*
    };
}

macro_rules! passes {
    ($db:ident $rows:ident: $($constant:ident $method:ident),* $(,)?) => {
        $(
            same(&$db, &$rows, stringify!($method), Sample::$constant, Sample::$method).await?;
            passes(&$db, &$rows, stringify!($method), Sample::$constant & true, Sample::$method).await?;
        )*
    };
}

on_each_database! {
    async fn comparisons_and_conditions(db: Db) {
        let rows = stored(&db).await?;
        passes! { db rows:
            EQUAL_NUMBERS equal_numbers, DIFFERENT_NUMBERS different_numbers, ABOVE above, EITHER either,
            EQUAL_OPTIONS equal_options, DIFFERENT_OPTIONS different_options, EQUAL_TO_SOME equal_to_some,
            EQUAL_TO_NONE equal_to_none, SOME_OF_A_COLUMN some_of_a_column, LESS_OPTION less_option,
            LESS_OR_EQUAL_OPTION less_or_equal_option, GREATER_OPTION greater_option,
            GREATER_OR_EQUAL_OPTION greater_or_equal_option, NOT_LESS_OPTION not_less_option,
            OPTION_OF_A_BOOL option_of_a_bool, CONSTANT constant, IS_OPEN is_open, IS_SOME_THREE is_some_three,
            IN_AN_ARRAY in_an_array, IN_A_RANGE in_a_range, OF_OTHERS of_others,
        }
        for limit in [-1, 2] {
            passes(&db, &rows, "above_limit", Sample::ABOVE_LIMIT(limit) & true, |it| it.above_limit(limit)).await?;
        }
    }

    async fn choices(db: Db) {
        let rows = stored(&db).await?;
        same! { db rows:
            OPTIONS_BESIDE_SOME options_beside_some, CHOSEN chosen, CHOSEN_TEXT chosen_text, MATCHED matched,
            MATCHED_TEXT matched_text, MATCHED_STATUS matched_status,
        }
    }

    async fn options(db: Db) {
        let rows = stored(&db).await?;
        passes! { db rows: HAS_ONE has_one, SOME_AND some_and, NOT_SOME_AND not_some_and, NONE_OR none_or }
        same! { db rows:
            MAPPED mapped, MAPPED_OR mapped_or, CHAINED chained, FILTERED filtered, OR_ELSE_OTHER or_else_other,
            AND_OTHER and_other, XOR_OTHER xor_other, OR_NUMBER or_number, GREATEST_OPTION greatest_option,
            LEAST_OPTION least_option, SHOWN shown, LENGTH_OF_NICK length_of_nick, GIVEN given,
        }
    }

    async fn numbers(db: Db) {
        let rows = stored(&db).await?;
        passes! { db rows: SIGNS signs, EXPENSIVE expensive }
        same! { db rows:
            CALCULATED calculated, CALCULATED_SHORTER calculated_shorter, CALCULATED_SHORTEST calculated_shortest,
            DIVIDED divided, REMAINDER remainder, EUCLID euclid, CHECKED_QUOTIENT checked_quotient,
            CHECKED_REMAINDER checked_remainder, SIZES sizes, REAL real, REAL_OF_INTEGERS real_of_integers,
            ROUNDED rounded, FLOORED floored, CEILED ceiled, TRUNCATED truncated, GREATEST_REAL greatest_real,
            AS_NUMBER as_number,
        }
        let more = Decimal::new(125, 2);
        same(&db, &rows, "total", Sample::TOTAL(more), |it| it.total(more)).await?;
    }

    async fn text(db: Db) {
        let rows = stored(&db).await?;
        passes! { db rows:
            IS_LONG is_long, IS_SHORT is_short, SAME_TEXT same_text, BEFORE_TEXT before_text,
            NOT_AFTER_TEXT not_after_text, TEXTS_WITH_NONE texts_with_none, HAS_PERCENT has_percent,
            CONTAINS_CODE contains_code, BEGINS_WITH_CODE begins_with_code, ENDS_WITH_CODE ends_with_code,
            SAME_IN_ASCII same_in_ascii,
        }
        same! { db rows:
            LENGTHS lengths, COUNTED counted, ASCII_LOWER ascii_lower, ASCII_UPPER ascii_upper, TRIMMED trimmed,
            TRIMMED_BEFORE trimmed_before, TRIMMED_BEHIND trimmed_behind, REPLACED replaced, REPEATED repeated,
            REVERSED reversed, MIDDLE_CHARACTERS middle_characters, FULL_NAME full_name, JOINED joined,
            WRITTEN written,
        }
        for word in ["a", "%", "é"] {
            passes(&db, &rows, "begins", Sample::BEGINS(word) & true, |it| it.begins(word)).await?;
            same(&db, &rows, "greeting", Sample::GREETING(word), |it| it.greeting(word)).await?;
        }
    }

    async fn dates_and_times(db: Db) {
        let rows = stored(&db).await?;
        passes! { db rows: IS_OVER is_over, LATER later }
        same! { db rows:
            PARTS parts, SECONDS seconds, MICROS micros, DAY_OF_YEAR day_of_year, YEAR_AND_MONTH year_and_month,
        }
        let day = NaiveDate::from_ymd_opt(2000, 2, 29).unwrap();
        passes(&db, &rows, "since", Sample::SINCE(day) & true, |it| it.since(day)).await?;
    }

    #[except(mariadb, "it maps hundreds of letters in another way than Unicode does")]
    async fn letters_beyond_ascii(db: Db) {
        let rows = stored(&db).await?;
        same! { db rows: LOWER lower, UPPER upper, SAME_IN_LOWER_CASE same_in_lower_case }
    }
}
