//! Random rows: NULLs, letters of one to four bytes, blanks of all kinds, wildcards, numbers around zero and at their ends.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use rust_decimal::Decimal;

use crate::models::{Sample, Status};

fn text() -> impl Strategy<Value = String> {
    let pieces = [
        "a", "A", "b", "é", "É", "ß", "😀", "İ", "ς", "Σ", "%", "_", "'", "\"", "\\", "!", " ", "\t", "\n",
        "\u{a0}", "\u{3000}", "\u{2028}", "z", "Z", "1", "e\u{301}", "*", "[", "?",
    ];
    proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 0..5).prop_map(|it| it.concat())
}

fn real() -> impl Strategy<Value = f64> {
    prop_oneof![
        proptest::sample::select(vec![
            0.0,
            -0.5,
            0.5,
            1.5,
            2.5,
            -2.5,
            0.499_999_999_999_999_94,
            1e15,
            -1e15,
            1e17,
            9_007_199_254_740_993.0,
            0.1,
            0.3,
        ]),
        -100.0..100.0,
    ]
}

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![3 => -4..6i64, 1 => -1_000_000_000_000..1_000_000_000_000i64]
}

fn day() -> impl Strategy<Value = NaiveDate> {
    (0..40_000u64).prop_map(|days| NaiveDate::from_ymd_opt(1960, 1, 1).unwrap() + Days::new(days))
}

fn moment() -> impl Strategy<Value = DateTime<Utc>> {
    (-3..3i64, 0..3i64).prop_map(|(hours, micros)| {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours) + TimeDelta::microseconds(micros)
    })
}

fn row() -> impl Strategy<Value = Sample> {
    let numbers =
        (-5..5i16, -5..5i32, number(), proptest::option::of(number()), proptest::option::of(-4..6i64));
    let texts = (text(), text(), proptest::option::of(text()));
    let others = (any::<bool>(), proptest::option::of(any::<bool>()), 0..3usize, -500..500i64);
    let times = (proptest::option::of(day()), moment(), proptest::option::of(moment()));
    (numbers, (real(), proptest::option::of(real())), texts, others, times).prop_map(
        |(
            (small, middle, big, maybe, other),
            (ratio, rate),
            (name, code, nick),
            (flag, switch, status, cents),
            (day, moment, until),
        )| Sample {
            id: 0,
            small,
            middle,
            big,
            maybe,
            other,
            ratio,
            rate,
            name,
            code,
            nick,
            flag,
            switch,
            status: [Status::Draft, Status::Review, Status::Done][status],
            price: Decimal::new(cents, 2),
            day,
            moment,
            until,
        },
    )
}

/// Returns rows, always the same ones.
pub fn rows(count: usize) -> Vec<Sample> {
    let mut runner = TestRunner::deterministic();
    let strategy = row();
    (1..)
        .take(count)
        .map(|id| Sample { id, ..strategy.new_tree(&mut runner).expect("a row can be made").current() })
        .collect()
}
