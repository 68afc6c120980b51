//! Random predicates: the rows where one holds, where its negation holds and where it is unknown are all rows, each once.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, random_cases};
use proptest::strategy::{Strategy, ValueTree};
use proptest::{collection, option, prelude::*};

/// A row of small values, with gaps.
#[derive(Entity, Clone, Debug)]
#[entity(table = "facts")]
pub struct Fact {
    #[column(primary_key)]
    pub id: i64,
    pub a: Option<i64>,
    pub b: Option<i64>,
    pub text: Option<String>,
    pub real: Option<f64>,
    pub truth: Option<bool>,
}

fn numbers() -> BoxedStrategy<Expr<Option<i64>>> {
    let leaf = prop_oneof![
        Just(Fact::A.nullable()),
        Just(Fact::B.nullable()),
        (-3_i64..4).prop_map(|it| literal(it).nullable()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let pair = || (inner.clone(), inner.clone());
        prop_oneof![
            pair().prop_map(|(a, b)| a + b),
            pair().prop_map(|(a, b)| a * b),
            pair().prop_map(|(a, b)| a / b),
            pair().prop_map(|(a, b)| a % b),
            inner.clone().prop_map(|a| -a),
            inner.clone().prop_map(func::abs),
            pair().prop_map(|(a, b)| func::nullif(a, b)),
            pair().prop_map(|(a, b)| func::greatest(a, b)),
            pair().prop_map(|(a, b)| func::coalesce(a, b)),
            pair().prop_map(|(a, b)| case().when(a.clone().lt(b.clone()), a).end().nullable()),
        ]
    })
    .boxed()
}

fn predicates() -> BoxedStrategy<Expr<bool>> {
    let pair = || (numbers(), numbers());
    let words = || prop_oneof![Just("a"), Just("A_"), Just("%"), Just(""), Just("é")];
    let list = || collection::vec(-2_i64..3, 0..4);
    let leaf = prop_oneof![
        pair().prop_map(|(a, b)| a.eq(b)),
        pair().prop_map(|(a, b)| a.ne(b)),
        pair().prop_map(|(a, b)| a.lt(b)),
        pair().prop_map(|(a, b)| a.ge(b)),
        pair().prop_map(|(a, b)| a.is_distinct_from(b)),
        pair().prop_map(|(a, b)| a.is_not_distinct_from(b)),
        (numbers(), pair()).prop_map(|(a, (b, c))| a.between(b, c)),
        numbers().prop_map(|a| a.is_null()),
        (numbers(), list()).prop_map(|(a, list)| a.in_(list)),
        (numbers(), list()).prop_map(|(a, list)| a.not_in(list)),
        (pair(), pair()).prop_map(|(a, b)| tuple(a).lt(b)),
        (pair(), collection::vec((-1_i64..2, -1_i64..2), 0..3)).prop_map(|(a, list)| tuple(a).in_(list)),
        words().prop_map(|it| Fact::TEXT.eq(it)),
        words().prop_map(|it| Fact::TEXT.contains(it)),
        words().prop_map(|it| Fact::TEXT.starts_with(it)),
        words().prop_map(|it| Fact::TEXT.ends_with(it)),
        words().prop_map(|it| Fact::TEXT.like(it)),
        words().prop_map(|it| Fact::TEXT.ilike(it)),
        (-2_i64..3).prop_map(|it| Fact::REAL.gt(it as f64 / 2.0)),
        option::of(any::<bool>()).prop_map(|it| Fact::TRUTH.eq(it)),
        Just(Fact::TRUTH.ne(false)),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| a.and(b)),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| a.or(b)),
            inner.clone().prop_map(not_),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| case().when(a, b).else_(c)),
            (inner.clone(), inner).prop_map(|(a, b)| a.ne(b)),
        ]
    })
    .boxed()
}

fn facts() -> Vec<(Option<i64>, Option<i64>, Option<&'static str>, Option<f64>, Option<bool>)> {
    let numbers = [None, Some(-2), Some(0), Some(1), Some(3)];
    let texts = [None, Some(""), Some("a"), Some("A_%"), Some("é")];
    let reals = [None, Some(0.0), Some(-1.5)];
    let truths = [None, Some(true), Some(false)];
    (0..25)
        .map(|at| (numbers[at % 5], numbers[at / 5], texts[at * 3 % 5], reals[at % 3], truths[at / 2 % 3]))
        .collect()
}

/// The same predicates every time; many of them if the long form is asked for.
fn some_predicates() -> Vec<Expr<bool>> {
    let mut runner = random_cases(150, 3_000, 0);
    let strategy = predicates();
    (0..runner.config().cases)
        .map(|_| strategy.new_tree(&mut runner).expect("a predicate").current())
        .collect()
}

on_each_database! {
    async fn what_holds_what_does_not_and_what_is_unknown_are_all_rows(db: Db) {
        db.create(&Metadata::of(Fact)).await?;
        let mut conn = db.engine.connect().await?;
        let rows = facts().into_iter().map(|(a, b, text, real, truth)| {
            Fact::builder().a(a).b(b).text(text.map(str::to_owned)).real(real).truth(truth)
        });
        conn.execute(insert(Fact).values(rows)).await?;
        let all = conn.scalars(select(Fact::ID).order_by(Fact::ID)).all().await?;
        for predicate in some_predicates() {
            let sql = select(Fact::ID).filter(predicate.clone()).inline_sql(db.engine.dialect())?;
            let mut found = Vec::new();
            for part in [predicate.clone(), not_(predicate.clone()), predicate.is_null()] {
                let rows = conn.scalars(select(Fact::ID).filter(part)).all().await;
                found.extend(rows.unwrap_or_else(|error| panic!("{error}\n{sql}")));
            }
            found.sort_unstable();
            assert_eq!(found, all, "{sql}");
        }
    }
}
