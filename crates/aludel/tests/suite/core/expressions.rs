//! Expressions: the same value on each database.

use aludel::prelude::*;

use super::{Sample, samples};
use aludel_suite::{Db, on_each_database};

/// LIKE by its definition: `%` is any text, `_` one character, nothing escapes.
fn like(text: &[char], pattern: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => (0..=text.len()).any(|at| like(&text[at..], rest)),
        ['_', rest @ ..] => !text.is_empty() && like(&text[1..], rest),
        [char, rest @ ..] => text.first() == Some(char) && like(&text[1..], rest),
    }
}

const TEXTS: [&str; 26] = [
    "", "a", "A", "ab", "aB", "a%b", "a_b", "a'b", "a\\b", "a!b", "a[b]", "a*b", "a?b", "a^b", "aXb", "100%",
    "_", "%", "\\", "\\%", "[a-c]", "😀", "a😀b", " a", "a ", "a\nb",
];

// Expressions: the same value on each database.
on_each_database! {
    async fn integer_division_truncates_and_by_zero_is_null(db: Db) {
        let cases = [
            (7, 2, Some((3, 1))), (-7, 2, Some((-3, -1))), (7, -2, Some((-3, 1))), (-7, -2, Some((3, -1))), (6, 3, Some((2, 0))),
            (1, 2, Some((0, 1))), (0, 5, Some((0, 0))), (7, 0, None), (0, 0, None),
            (i64::MAX, 10, Some((i64::MAX / 10, i64::MAX % 10))), (i64::MIN, 10, Some((i64::MIN / 10, i64::MIN % 10))),
        ];
        let mut conn = samples(&db, cases.map(|(a, b, _)| Sample::builder().a(a).b(b))).await?;
        for (a, b, expected) in cases {
            let here = || Sample::A.eq(a).and(Sample::B.eq(b));
            let by_column = select(((Sample::A / Sample::B).nullable(), (Sample::A % Sample::B).nullable()));
            let found = conn.execute(by_column.filter(here())).one().await?;
            assert_eq!(found.0.zip(found.1), expected, "{a} / {b}, by a column");
            let by_value = select(((Sample::A / b).nullable(), (Sample::A % b).nullable()));
            let found = conn.execute(by_value.filter(here())).one().await?;
            assert_eq!(found.0.zip(found.1), expected, "{a} / {b}, by a value");
        }
    }

    async fn arithmetic_is_that_of_rust(db: Db) {
        let mut conn = samples(&db, [Sample::builder().a(7).b(-3).small(5).x(0.5).y(0.25)]).await?;
        let row = conn.execute(select((
            Sample::A + Sample::B, Sample::A - Sample::B, Sample::A * Sample::B, Sample::A - (Sample::B - 1), (Sample::A + 1) * 2,
            Sample::SMALL / 2, Sample::SMALL % 3,
        ))).one().await?;
        assert_eq!(row, (4, 10, -21, 11, 16, 2, 2));
        let row = conn.execute(select((Sample::X + 1.0, Sample::X / 4.0, (Sample::X / 0.0).nullable(), (Sample::X * Sample::Y).nullable()))).one().await?;
        assert_eq!(row, (1.5, 0.125, None, Some(0.125)));
    }

    async fn null_makes_arithmetic_null(db: Db) {
        let mut conn = samples(&db, [Sample::builder().a(7)]).await?;
        let row = conn.execute(select(((Sample::A + Sample::N).nullable(), Sample::N + 1, Sample::N / 2, Sample::Y * 2.0))).one().await?;
        assert_eq!(row, (None, None, None, None));
    }

    async fn an_integer_that_overflows_is_an_error(db: Db) {
        let mut conn = samples(&db, [Sample::builder().a(i64::MAX).b(1), Sample::builder().a(i64::MAX).b(2)]).await?;
        for overflow in [Sample::A + 1, Sample::A * 2, Sample::A + Sample::B] {
            assert!(conn.scalars(select(overflow)).all().await.is_err());
        }
        assert!(conn.scalars(select(func::sum(Sample::A))).all().await.is_err(), "a sum as well");
        assert_eq!(conn.scalar(select(func::count_star()).select_from(Sample)).await?, 2, "the connection is still good");
    }

    async fn aggregates_have_the_types_of_their_documentation(db: Db) {
        let rows = [(1, 0.5, Some(10)), (2, 1.5, None), (2, 1.0, Some(20))];
        let mut conn = samples(&db, rows.map(|(a, x, n)| Sample::builder().a(a).x(x).n(n).small(i32::MAX))).await?;
        let row = conn.execute(select((
            func::sum(Sample::A), func::sum(Sample::X), func::avg(Sample::A), func::avg(Sample::X), func::min(Sample::A), func::max(Sample::A),
            func::count(Sample::N), func::count_distinct(Sample::A), func::count_star(), func::sum(Sample::N), func::avg(Sample::N),
            func::sum(Sample::SMALL),
        ))).one().await?;
        assert_eq!((row.0, row.1, row.3, row.4, row.5), (Some(5), Some(3.0), Some(1.0), Some(1), Some(2)));
        assert_eq!((row.6, row.7, row.8, row.9, row.10), (2, 2, 3, Some(30), Some(15.0)));
        assert_eq!(row.11, Some(3 * i64::from(i32::MAX)));
        let average = row.2.expect("there are rows");
        assert!((average - 5.0 / 3.0).abs() < 1e-12, "not rounded to four digits: {average}");
        let none = conn.execute(select((func::sum(Sample::A), func::avg(Sample::A), func::min(Sample::S), func::count(Sample::A))).filter(Sample::A.gt(9))).one().await?;
        assert_eq!(none, (None, None, None, 0));
    }

    async fn text_is_compared_exactly(db: Db) {
        let mut conn = samples(&db, ["a", "A", "a ", "e", "é", "e\u{301}", "😀", "😁", ""].map(|s| Sample::builder().s(s))).await?;
        for text in ["a", "A", "a ", "e", "é", "e\u{301}", "😀", "😁", ""] {
            assert_eq!(conn.scalars(select(Sample::S).filter(Sample::S.eq(text))).all().await?, [text], "= {text:?}");
            assert_eq!(conn.scalars(select(Sample::S).filter(Sample::S.ne(text))).all().await?.len(), 8, "<> {text:?}");
            assert_eq!(conn.scalars(select(Sample::S).filter(Sample::S.in_([text]))).all().await?, [text], "IN ({text:?})");
        }
        assert_eq!(conn.scalar(select(func::count_distinct(Sample::S))).await?, 9);
    }

    async fn like_is_case_sensitive_and_nothing_escapes(db: Db) {
        let mut conn = samples(&db, TEXTS.map(|s| Sample::builder().s(s))).await?;
        let patterns = TEXTS.into_iter().chain(["%", "_", "a%", "%b", "a_b", "%a%", "__", "a%b", "[a]%", "\\%%", "%!%", "a?b%", "%*%", "%'%", "%\\", "_😀_", "%\n%"]);
        for pattern in patterns {
            let chars: Vec<char> = pattern.chars().collect();
            let found = conn.scalars(select(Sample::S).filter(Sample::S.like(pattern)).order_by(Sample::ID)).all().await?;
            let expected: Vec<&str> = TEXTS.into_iter().filter(|it| like(&it.chars().collect::<Vec<_>>(), &chars)).collect();
            assert_eq!(found, expected, "LIKE {pattern:?}");
            let lower: Vec<char> = pattern.to_ascii_lowercase().chars().collect();
            let expected: Vec<&str> =
                TEXTS.into_iter().filter(|it| like(&it.to_ascii_lowercase().chars().collect::<Vec<_>>(), &lower)).collect();
            let found = conn.scalars(select(Sample::S).filter(Sample::S.ilike(pattern)).order_by(Sample::ID)).all().await?;
            assert_eq!(found, expected, "ILIKE {pattern:?}");
        }
    }

    async fn contains_starts_with_and_ends_with_take_any_text_as_it_is(db: Db) {
        let mut conn = samples(&db, TEXTS.map(|s| Sample::builder().s(s).t("a"))).await?;
        for part in TEXTS {
            let expected = |holds: fn(&str, &str) -> bool| TEXTS.into_iter().filter(|it| holds(it, part)).collect::<Vec<_>>();
            let cases = [
                (Sample::S.contains(part), expected(|text, part| text.contains(part)), "contains"),
                (Sample::S.starts_with(part), expected(|text, part| text.starts_with(part)), "starts_with"),
                (Sample::S.ends_with(part), expected(|text, part| text.ends_with(part)), "ends_with"),
            ];
            for (condition, expected, name) in cases {
                let found = conn.scalars(select(Sample::S).filter(condition).order_by(Sample::ID)).all().await?;
                assert_eq!(found, expected, "{name} {part:?}");
            }
        }
        let by_column = conn.scalars(select(Sample::S).filter(Sample::S.starts_with(Sample::T))).all().await?;
        assert_eq!(by_column.len(), TEXTS.into_iter().filter(|it| it.starts_with('a')).count());
    }

    async fn null_is_the_least_value(db: Db) {
        let mut conn = samples(&db, [Some(2), None, Some(1)].map(|n| Sample::builder().n(n).t(n.map(|n| n.to_string())))).await?;
        let by = |order| select(Sample::N).order_by(order);
        let orders = [
            (Sample::N.asc(), [None, Some(1), Some(2)]),
            (Sample::N.desc(), [Some(2), Some(1), None]),
            (Sample::N.asc().nulls_last(), [Some(1), Some(2), None]),
            (Sample::N.desc().nulls_first(), [None, Some(2), Some(1)]),
            (Sample::N.asc().nulls_first(), [None, Some(1), Some(2)]),
            (Sample::T.desc().nulls_last(), [Some(2), Some(1), None]),
        ];
        for (order, expected) in orders {
            let shown = format!("{order:?}");
            assert_eq!(conn.scalars(by(order)).all().await?, expected, "{shown}");
        }
    }

    async fn null_is_unknown_but_for_distinct_from(db: Db) {
        let values = [None, Some(1), Some(2)];
        let mut conn = samples(&db, [Sample::builder().a(1), Sample::builder().a(1).n(1), Sample::builder().a(1).n(2)]).await?;
        let all = || select(Sample::N).order_by(Sample::N);
        assert_eq!(conn.scalars(all().filter(Sample::N.eq(1))).all().await?, [Some(1)]);
        assert_eq!(conn.scalars(all().filter(Sample::N.ne(1))).all().await?, [Some(2)]);
        assert_eq!(conn.scalars(all().filter(!Sample::N.eq(1))).all().await?, [Some(2)]);
        assert_eq!(conn.scalars(all().filter(Sample::N.eq(None))).all().await?, [None]);
        assert_eq!(conn.scalars(all().filter(Sample::N.ne(None))).all().await?, [Some(1), Some(2)]);
        assert_eq!(conn.scalars(all().filter(Sample::N.is_null())).all().await?, [None]);
        assert_eq!(conn.scalars(all().filter(Sample::N.is_not_null())).all().await?, [Some(1), Some(2)]);
        for value in values {
            let same: Vec<_> = values.into_iter().filter(|it| *it == value).collect();
            let other: Vec<_> = values.into_iter().filter(|it| *it != value).collect();
            assert_eq!(conn.scalars(all().filter(Sample::N.is_not_distinct_from(value))).all().await?, same, "{value:?}");
            assert_eq!(conn.scalars(all().filter(Sample::N.is_distinct_from(value))).all().await?, other, "{value:?}");
        }
        assert_eq!(conn.scalars(all().filter(Sample::N.is_distinct_from(Sample::A))).all().await?, [None, Some(2)]);
        assert_eq!(conn.scalars(all().filter(Sample::N.between(1, 1))).all().await?, [Some(1)]);
        assert_eq!(conn.scalars(all().filter(Sample::N.gt(1) | Sample::N.is_null())).all().await?, [None, Some(2)]);
    }

    async fn booleans_are_conditions_and_values(db: Db) {
        let rows = [(true, Some(true)), (true, None), (false, Some(false))];
        let mut conn = samples(&db, rows.map(|(flag, maybe)| Sample::builder().flag(flag).maybe(maybe))).await?;
        assert_eq!(conn.scalars(select(Sample::FLAG).order_by(Sample::ID)).all().await?, [true, true, false]);
        assert_eq!(conn.scalars(select(Sample::MAYBE).order_by(Sample::ID)).all().await?, [Some(true), None, Some(false)]);
        let count = |condition: Expr<bool>| select(func::count_star()).select_from(Sample).filter(condition);
        assert_eq!(conn.scalar(count(Sample::FLAG.eq(true))).await?, 2);
        assert_eq!(conn.scalar(count(!Sample::FLAG)).await?, 1);
        assert_eq!(conn.scalar(count(Sample::FLAG & Sample::MAYBE)).await?, 1);
        assert_eq!(conn.scalar(count(Sample::FLAG | Sample::MAYBE)).await?, 2);
        assert_eq!(conn.scalar(count(Sample::FLAG.and(Sample::MAYBE.is_null()))).await?, 1);
        assert_eq!(conn.scalar(select(func::count_star()).select_from(Sample).filter(Sample::FLAG)).await?, 2);
        let selected = conn.scalars(select(Sample::A.eq(0) & Sample::FLAG).order_by(Sample::ID)).all().await?;
        assert_eq!(selected, [true, true, false], "a condition can be selected");
        assert_eq!(conn.scalars(select(Sample::MAYBE.eq(true).nullable()).order_by(Sample::ID)).all().await?, [Some(true), None, Some(false)]);
    }

    async fn text_functions_count_characters(db: Db) {
        let mut conn = samples(&db, [Sample::builder().s("Äb😀c").t("x"), Sample::builder().s("")]).await?;
        let row = conn.execute(select((
            func::length(Sample::S), Sample::S.concat("!"), Sample::S.concat(Sample::T).nullable(), Sample::T.concat("?"),
            func::coalesce(Sample::T, "none"), Sample::T.concat(Sample::S),
        )).order_by(Sample::ID)).all().await?;
        assert_eq!(row[0], (4, "Äb😀c!".into(), Some("Äb😀cx".into()), Some("x?".into()), "x".into(), Some("xÄb😀c".into())));
        assert_eq!(row[1], (0, "!".into(), None, None, "none".into(), None));
        let row = conn.execute(select((func::lower(Sample::S), func::upper(Sample::T))).order_by(Sample::ID)).first().await?;
        let (lower, upper) = row.expect("a row");
        assert!(lower.to_lowercase().ends_with("b😀c") && upper == Some("X".into()), "{lower} {upper:?}");
    }

    async fn coalesce_may_be_null_where_its_second_value_may(db: Db) {
        let rows = [Sample::builder().t("x").s("a"), Sample::builder().s("b").t(None), Sample::builder().s("").t(None)];
        let mut conn = samples(&db, rows).await?;
        let either = func::coalesce(Sample::T, func::nullif(Sample::S, ""));
        let read: Vec<Option<String>> = conn.scalars(select(either).order_by(Sample::ID)).all().await?;
        assert_eq!(read, [Some("x".into()), Some("b".into()), None]);
    }

    async fn case_takes_the_first_branch_that_holds(db: Db) {
        let mut conn = samples(&db, (1..=4).map(|n| Sample::builder().a(n).n((n < 4).then_some(n)))).await?;
        let words = case().when(Sample::A.lt(2), "few").when(Sample::A.lt(4), "some").else_("many");
        assert_eq!(conn.scalars(select(words).order_by(Sample::A)).all().await?, ["few", "some", "some", "many"]);
        let numbers = case().when(Sample::A.gt(2), Sample::A * 10).end();
        assert_eq!(conn.scalars(select(numbers).order_by(Sample::A)).all().await?, [None, None, Some(30), Some(40)]);
        let total = func::sum(case().when(Sample::A.gt(2), 1_i64).else_(0_i64));
        assert_eq!(conn.scalar(select(total).select_from(Sample)).await?, Some(2));
        let bound = case().when(Sample::N.is_null(), 0.5).else_(Sample::X);
        assert_eq!(conn.scalars(select(bound).order_by(Sample::A)).all().await?, [0.0, 0.0, 0.0, 0.5]);
    }

    async fn a_value_used_in_select_and_group_by_is_the_same_expression(db: Db) {
        let mut conn = samples(&db, (1..=6).map(|n| Sample::builder().a(n))).await?;
        let key = || Sample::A % 2;
        let stmt = select((key(), func::count_star())).group_by(key()).order_by(key());
        assert_eq!(conn.execute(stmt).all().await?, [(0, 3), (1, 3)]);
    }
}
