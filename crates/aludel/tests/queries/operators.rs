//! Operators that databases spell, or mean, differently.

use aludel::Collation;
use aludel::prelude::*;
use aludel_suite::{Database, Db, on_each_database};

use crate::models::{Employee, Task, company, names};

/// Some words, in no order.
#[derive(Entity, Clone, Debug)]
#[entity(table = "words")]
pub struct Word {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 20)]
    pub word: String,
    pub real: f64,
    pub number: i64,
    pub small: i32,
    pub missing: Option<i64>,
}

async fn words(db: &Db) -> aludel::Result<Connection> {
    db.create(&Metadata::of(Word)).await?;
    let mut conn = db.engine.connect().await?;
    let row = |word: &str, real, number, small| {
        Word::builder().word(word).real(real).number(number).small(small).missing(None)
    };
    conn.execute(insert(Word).values([
        row("b", 2.0, 5, -7),
        row("Zoë", -2.0, -5, 7),
        row("a", 0.0, i64::MIN, 0),
        row("ä", 0.5, i64::MAX, 1),
        row("B", -0.5, 1, -1),
    ]))
    .await?;
    Ok(conn)
}

/// Asks for the value of an expression in every row.
macro_rules! all {
    ($conn:ident, $expression:expr) => {
        $conn.scalars(select($expression).select_from(Word).order_by(Word::ID)).all().await?
    };
}

on_each_database! {
    async fn bits_are_moved_as_those_of_an_i64(db: Db) {
        let mut conn = words(&db).await?;
        let numbers = [5, -5, i64::MIN, i64::MAX, 1];
        for count in [-64, -1, 0, 1, 3, 31, 32, 62, 63, 64, 65, i32::MAX, i32::MIN] {
            let shifted = |shift: fn(i64, u32) -> Option<i64>| {
                numbers.map(|it| shift(it, u32::try_from(count).ok()?))
            };
            assert_eq!(all!(conn, func::shift_left(Word::NUMBER, count)), shifted(i64::checked_shl), "<< {count}");
            assert_eq!(all!(conn, func::shift_right(Word::NUMBER, count)), shifted(i64::checked_shr), ">> {count}");
        }
        // A column may be the count; a narrow integer is taken as one of 64 bits.
        assert_eq!(all!(conn, func::shift_left(Word::SMALL, Word::SMALL)), [None, Some(7 << 7), Some(0), Some(2), None]);
        assert_eq!(all!(conn, func::shift_left(Word::SMALL, 40))[0], Some(-7 << 40));
        assert_eq!(all!(conn, func::shift_right(Word::MISSING, 1)), [None; 5]);
        let bit = func::shift_right(Word::NUMBER, 2).eq(1);
        assert_eq!(conn.scalars(select(Word::ID).filter(bit)).all().await?, [1]);
    }

    async fn a_power_is_that_of_rust_or_null(db: Db) {
        let mut conn = words(&db).await?;
        let reals = [2.0_f64, -2.0, 0.0, 0.5, -0.5];
        for exponent in [0.0, 1.0, 2.0, 3.0, 0.5, -1.0, -2.0, -0.5, 10.0] {
            let found = all!(conn, func::pow(Word::REAL, exponent));
            let expected = reals.map(|it| Some(it.powf(exponent)).filter(|it| it.is_finite()));
            assert_eq!(found, expected, "{exponent}");
        }
        assert_eq!(all!(conn, func::pow(Word::SMALL.cast::<f64>(), 2.0)), [49.0, 49.0, 0.0, 1.0, 1.0].map(Some));
        assert_eq!(all!(conn, func::pow(Word::MISSING.cast::<Option<f64>>(), 2.0)), [None; 5]);
        let too_large = conn.scalars(select(func::pow(Word::REAL * 1e300, 2.0))).all().await;
        assert!(too_large.is_err(), "{too_large:?}");
    }

    async fn quotients_are_rounded_down(db: Db) {
        let mut conn = words(&db).await?;
        for divisor in [1, 2, -2, 3, -3, 7, -7, 10] {
            let down = [-7, 7, 0, 1, -1].map(|it: i32| Some(it.div_euclid(divisor) - i32::from(divisor < 0 && it % divisor != 0)));
            assert_eq!(all!(conn, func::floor_div(Word::SMALL, divisor)), down, "{divisor}");
        }
        assert_eq!(all!(conn, func::floor_div(Word::SMALL, 0)), [None; 5]);
    }

    async fn the_ends_of_a_range_may_come_in_any_order(db: Db) {
        let mut conn = company(&db).await?;
        let mut ids = async |condition: aludel::Expr<bool>| {
            conn.scalars(select(Employee::ID).filter(condition).order_by(Employee::ID)).all().await
        };
        assert_eq!(ids(Employee::SALARY.between(200, 100)).await?, [0; 0]);
        assert_eq!(ids(Employee::SALARY.between_symmetric(200, 100)).await?, [2, 3, 4, 5]);
        assert_eq!(ids(Employee::SALARY.between_symmetric(100, 200)).await?, [2, 3, 4, 5]);
        assert_eq!(ids(!Employee::BONUS.between_symmetric(20, 6)).await?, [5]);
    }

    async fn text_is_found_whatever_its_case(db: Db) {
        let mut conn = words(&db).await?;
        assert_eq!(all!(conn, Word::WORD.icontains("B")), [true, false, false, false, true]);
        assert_eq!(all!(conn, Word::WORD.istarts_with("zO")), [false, true, false, false, false]);
        assert_eq!(all!(conn, Word::WORD.iends_with("Oë")), [false, true, false, false, false]);
        // A wildcard is a character as any other, and an empty text is in all.
        assert_eq!(all!(conn, Word::WORD.icontains("%")), [false; 5]);
        assert_eq!(all!(conn, Word::WORD.icontains("")), [true; 5]);
        assert_eq!(all!(conn, Word::WORD.istarts_with(Word::WORD)), [true; 5]);
    }

    async fn a_collation_says_how_text_is_compared_and_ordered(db: Db) {
        let mut conn = words(&db).await?;
        let by = |collation| select(Word::WORD).order_by((Word::WORD.collate(collation), Word::ID));
        let by_code_point = conn.scalars(by(Collation::CodePoint)).all().await?;
        assert_eq!(by_code_point, names(&["B", "Zoë", "a", "b", "ä"]));
        let before_m = select(Word::WORD).filter(Word::WORD.collate(Collation::CodePoint).lt("Zz")).order_by(Word::ID);
        assert_eq!(conn.scalars(before_m).all().await?, names(&["Zoë", "B"]));

        // What else there is goes by the names of each database, and means what it means there.
        const OWN: Collation = Collation::Named(&[("sqlite", "NOCASE"), ("postgres", "de-x-icu"), ("mysql", "utf8mb4_german2_ci")]);
        let own = conn.scalars(by(OWN)).all().await?;
        assert_eq!(own, names(db.pick(
            &["a", "b", "B", "Zoë", "ä"],
            &["a", "ä", "b", "B", "Zoë"],
            &["a", "ä", "b", "B", "Zoë"],
        )));
        let same = select(func::count_star()).select_from(Word).filter(Word::WORD.collate(OWN).eq("B"));
        assert_eq!(conn.scalar(same).await?, db.pick(2, 1, 2));
    }

    async fn a_collation_that_a_database_has_no_name_of_is_refused(db: Db) {
        let mut conn = words(&db).await?;
        let nowhere = Word::WORD.collate(Collation::Named(&[]));
        let refused = aludel_suite::refused(conn.scalars(select(nowhere)).all().await, ErrorKind::Unsupported);
        assert!(refused.to_string().contains(db.engine.dialect().name()), "{refused}");
    }

    async fn a_value_is_taken_as_another_type_without_a_cast(db: Db) {
        let mut conn = company(&db).await?;
        #[derive(aludel::ColumnType, Clone, Debug, PartialEq)]
        struct Team(String);
        let team = || Employee::TEAM.type_coerce::<Team>();
        let found = conn.execute(select((Employee::ID, team())).filter(team().eq(Team("board".into())))).all().await?;
        assert_eq!(found, [(1, Team("board".into()))]);
        // What it gives is read as the type that it is taken as.
        let hours: Vec<i64> = conn.scalars(select(Task::HOURS.type_coerce::<i64>()).order_by(Task::ID).limit(2)).all().await?;
        assert_eq!(hours, [8, 30]);
    }

    async fn an_operator_that_only_one_database_has(db: Db) {
        let mut conn = words(&db).await?;
        let (operator, pattern) = match db.database {
            Database::Sqlite => ("GLOB", "[a-z]"),
            Database::Postgres => ("~", "^[a-z]$"),
            Database::MariaDb => ("REGEXP BINARY", "^[a-z]$"),
        };
        let letters = select(Word::WORD).filter(Word::WORD.op::<bool>(operator, literal(pattern))).order_by(Word::WORD);
        assert_eq!(conn.scalars(letters).all().await?, names(&["a", "b"]));
    }

    async fn a_value_that_is_null_has_a_type_that_may_be(db: Db) {
        let mut conn = words(&db).await?;
        let row = select((literal::<Option<i64>>(None), literal(Some("x".to_owned())), literal(7_i64))).select_from(Word).limit(1);
        assert_eq!(conn.execute(row).one().await?, (None, Some("x".to_owned()), 7));
    }
}
