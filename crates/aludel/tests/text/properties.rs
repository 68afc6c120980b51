//! Laws that hold for every expression: the key of its structure, the number of its placeholders, and its meaning on every database.

use std::collections::HashMap;

use aludel::prelude::*;
use aludel::{Dialect, Nulls, Select};
use aludel_sql::{Structure, ValueItem};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::check::{mariadb, postgres, shown, sqlite};
use crate::tree::{self, Bool, Int, Sample, Text, Trees};
use aludel_suite::{Db, on_each_database, random_cases};

/// A runner that tries the same cases every time; many of them if the long form is asked for.
fn runner() -> TestRunner {
    random_cases(64, 10_000, 5_000)
}

/// Checks a law on random input, and shows the smallest input that breaks it.
#[track_caller]
fn for_all<S: Strategy>(input: &S, law: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    if let Err(broken) = runner().run(input, law) {
        panic!("{broken}");
    }
}

/// A statement of random clauses around random expressions.
#[derive(Clone, Debug)]
struct Statement {
    text: Text,
    int: Int,
    filters: Vec<Bool>,
    order: Option<(bool, Option<Nulls>)>,
    distinct: bool,
    grouped: bool,
    limit: Option<u32>,
    offset: Option<u64>,
}

fn statements(depth: usize) -> impl Strategy<Value = Statement> {
    let Trees { ints, texts, bools } = Trees::of_depth(depth);
    let nulls = prop_oneof![Just(None), Just(Some(Nulls::First)), Just(Some(Nulls::Last))];
    let clauses = (
        proptest::option::of((any::<bool>(), nulls)),
        any::<bool>(),
        any::<bool>(),
        any::<Option<u32>>(),
        any::<Option<u64>>(),
    );
    (texts, ints, proptest::collection::vec(bools, 0..3), clauses).prop_map(
        |(text, int, filters, (order, distinct, grouped, limit, offset))| Statement {
            text,
            int,
            filters,
            order,
            distinct,
            grouped,
            limit,
            offset,
        },
    )
}

impl Statement {
    fn select(&self) -> Select<(ValueItem<Option<String>>, ValueItem<Option<i64>>)> {
        let (text, int) = (self.text.expr(), self.int.expr());
        let mut select = select((text.clone(), int.clone().label("number"))).select_from(Sample);
        for filter in &self.filters {
            select = select.filter(filter.expr());
        }
        if self.grouped {
            // By the key as well: then anything may be selected.
            select = select.group_by((text, int.clone(), Sample::ID));
        }
        // To MariaDB a number that is alone in ORDER BY is a place; only SQL written by hand can say that.
        if let Some((ascending, nulls)) = self.order
            && !matches!(self.int, Int::Value(_))
        {
            let key = if ascending { int.asc() } else { int.desc() };
            select = select.order_by(match nulls {
                None => key,
                Some(Nulls::First) => key.nulls_first(),
                Some(Nulls::Last) => key.nulls_last(),
            });
        }
        if self.distinct {
            select = select.distinct();
        }
        if let Some(limit) = self.limit {
            select = select.limit(limit);
        }
        if let Some(offset) = self.offset {
            select = select.offset(offset);
        }
        select
    }
}

fn dialects() -> [Box<dyn Dialect>; 3] {
    [Box::new(sqlite()), Box::new(postgres()), Box::new(mariadb())]
}

/// Returns the text, or what is said instead.
fn text(statement: &impl ToSql, dialect: &dyn Dialect) -> String {
    shown(&statement.to_sql(dialect).map(|(text, _)| text))
}

fn key(statement: &impl ToSql, dialect: &dyn Dialect) -> Vec<u8> {
    Structure::of(statement.statement(), dialect.features().array_parameters).key
}

/// Statements with the same key have the same text: otherwise the cache of texts would answer with another statement's.
#[test]
fn one_key_one_text() {
    // Small ones, many at once: among large ones no two are ever alike.
    for_all(&proptest::collection::vec(statements(1), 100), |statements| {
        for dialect in dialects() {
            let mut texts: HashMap<Vec<u8>, (String, &Statement)> = HashMap::new();
            for statement in &statements {
                let select = statement.select();
                let text = text(&select, &*dialect);
                let (first, like) =
                    texts.entry(key(&select, &*dialect)).or_insert_with(|| (text.clone(), statement));
                prop_assert_eq!(&*first, &text, "{:?}\n{:?}", like, statement);
            }
        }
        Ok(())
    });
}

/// The same tree with other values has the same key and the same text: otherwise every value would be compiled anew.
#[test]
fn values_do_not_change_the_key() {
    for_all(&(statements(3), any::<u64>()), |(statement, seed)| {
        let mut other = statement.clone();
        other.change_values(&mut Values(seed));
        for dialect in dialects() {
            let (one, other) = (statement.select(), other.select());
            prop_assert_eq!(key(&one, &*dialect), key(&other, &*dialect));
            prop_assert_eq!(text(&one, &*dialect), text(&other, &*dialect));
        }
        Ok(())
    });
}

/// There are as many placeholders as values, in the order of their numbers.
#[test]
fn every_placeholder_has_its_value() {
    for_all(&statements(4), |statement| {
        let select = statement.select();
        for (dialect, mark) in dialects().iter().zip(["?", "$", "?"]) {
            let Ok((text, values)) = select.to_sql(&**dialect) else { continue };
            // No text is ever written into SQL, so that these marks are placeholders.
            let numbers: Vec<usize> = text
                .split(mark)
                .skip(1)
                .filter_map(|it| it.split(|char: char| !char.is_ascii_digit()).next()?.parse().ok())
                .collect();
            if dialect.features().numbered_placeholders {
                let mut highest = 0;
                for number in numbers {
                    prop_assert!(number <= highest + 1, "{}", text);
                    highest = highest.max(number);
                }
                prop_assert_eq!(highest, values.len(), "{}", text);
            } else {
                prop_assert_eq!(text.matches(mark).count(), values.len(), "{}", text);
            }
        }
        Ok(())
    });
}

/// Other values for a tree; NULL stays NULL, because `= NULL` is another structure, and a list keeps its length.
struct Values(u64);

impl Values {
    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn int(&mut self, value: &mut i64) {
        *value = self.number() as i64;
    }

    fn string(&mut self, value: &mut String) {
        *value = format!("{}%_!*", self.number());
    }
}

impl Statement {
    fn change_values(&mut self, values: &mut Values) {
        self.text.change_values(values);
        self.int.change_values(values);
        self.filters.iter_mut().for_each(|it| it.change_values(values));
        if let Some(limit) = &mut self.limit {
            *limit = values.number() as u32;
        }
        if let Some(offset) = &mut self.offset {
            *offset = values.number();
        }
    }
}

impl Int {
    fn change_values(&mut self, values: &mut Values) {
        match self {
            Self::A | Self::B => {}
            Self::Value(value) => value.iter_mut().for_each(|it| values.int(it)),
            Self::Arithmetic(_, left, right) | Self::Coalesce(left, right) => {
                left.change_values(values);
                right.change_values(values);
            }
            Self::Shift { of, by, .. } => {
                of.change_values(values);
                *by = values.number() as i32;
            }
            Self::Length(text) => text.change_values(values),
            Self::Case(when, then, otherwise) => {
                when.change_values(values);
                then.change_values(values);
                otherwise.iter_mut().for_each(|it| it.change_values(values));
            }
        }
    }
}

impl Text {
    fn change_values(&mut self, values: &mut Values) {
        match self {
            Self::S | Self::T => {}
            Self::Value(value) => value.iter_mut().for_each(|it| values.string(it)),
            Self::Concat(left, right) | Self::Coalesce(left, right) => {
                left.change_values(values);
                right.change_values(values);
            }
            Self::Lower(text) | Self::Upper(text) | Self::ByCodePoint(text) => text.change_values(values),
            Self::Case(when, then, otherwise) => {
                when.change_values(values);
                then.change_values(values);
                otherwise.iter_mut().for_each(|it| it.change_values(values));
            }
        }
    }
}

impl Bool {
    fn change_values(&mut self, values: &mut Values) {
        match self {
            Self::P | Self::Q => {}
            Self::Value(value) => value.iter_mut().for_each(|it| *it = values.number().is_multiple_of(2)),
            Self::And(all) | Self::Or(all) => all.iter_mut().for_each(|it| it.change_values(values)),
            Self::Not(it) => it.change_values(values),
            Self::OfInts(_, left, right) => {
                left.change_values(values);
                right.change_values(values);
            }
            Self::OfTexts(_, left, right) => {
                left.change_values(values);
                right.change_values(values);
            }
            Self::Match { text, part, .. } => {
                text.change_values(values);
                part.change_values(values);
            }
            Self::OfBools(_, left, right) => {
                left.change_values(values);
                right.change_values(values);
            }
            Self::IsNull { of, .. } => match of {
                tree::Any::Int(it) => it.change_values(values),
                tree::Any::Text(it) => it.change_values(values),
                tree::Any::Bool(it) => it.change_values(values),
            },
            Self::Between { it, low, high, .. } => {
                [it, low, high].into_iter().for_each(|it| it.change_values(values));
            }
            Self::InInts { of, list, .. } => {
                of.change_values(values);
                list.iter_mut().for_each(|it| values.int(it));
            }
            Self::InTexts { of, list, .. } => {
                of.change_values(values);
                list.iter_mut().for_each(|it| values.string(it));
            }
            Self::Like { of, pattern, .. } => {
                of.change_values(values);
                pattern.iter_mut().for_each(|it| values.string(it));
            }
        }
    }
}

/// Makes the table and puts random rows into it.
async fn samples(db: &Db) -> aludel::Result<Vec<Sample>> {
    db.create(&Metadata::of(Sample)).await?;
    let mut runner = runner();
    let rows = (1..=30).map(|id| {
        let row = tree::row().new_tree(&mut runner).expect("a row can be made").current();
        Sample { id, ..row }
    });
    let rows: Vec<Sample> = rows.collect();
    let drafts = rows
        .iter()
        .cloned()
        .map(|Sample { id, a, b, p, q, s, t }| Sample::builder().id(id).a(a).b(b).p(p).q(q).s(s).t(t));
    db.engine.connect().await?.execute(insert(Sample).values(drafts)).await?;
    Ok(rows)
}

on_each_database! {
    /// The database and the interpreter agree about every row: selected, and as a filter.
    async fn an_expression_means_the_same_as_in_rust(db: Db) {
        let rows = samples(&db).await?;
        let Trees { ints, texts, bools } = Trees::of_depth(4);
        let engine = db.engine.clone();
        let law = move |(int, text, bool): (Int, Text, Bool)| {
            let found = block_in_place(|| {
                Handle::current().block_on(async {
                    let mut conn = engine.connect().await?;
                    let selected = select((Sample::ID, int.expr(), text.expr(), bool.expr().nullable()))
                        .order_by(Sample::ID);
                    let filtered: Select<_> = select(Sample::ID).filter(bool.expr()).order_by(Sample::ID);
                    let selected: Vec<(i64, Option<i64>, Option<String>, Option<bool>)> =
                        conn.execute(selected).all().await?;
                    let filtered: Vec<i64> = conn.scalars(filtered).all().await?;
                    aludel::Result::Ok((selected, filtered))
                })
            });
            let (selected, filtered) = found.map_err(|error: Error| TestCaseError::fail(format!("{error}\n{error:?}")))?;
            for (row, found) in rows.iter().zip(selected) {
                let expected = (row.id, int.of(row), text.of(row), bool.of(row));
                prop_assert_eq!(found, expected, "{:?}", row);
            }
            let true_ones: Vec<i64> =
                rows.iter().filter(|row| bool.of(row) == Some(true)).map(|row| row.id).collect();
            prop_assert_eq!(filtered, true_ones);
            Ok(())
        };
        for_all(&(ints, texts, bools), law);
    }

    /// SQLite allows an expression a depth of 1,000.
    async fn a_chain_of_ten_thousand_runs(db: Db) {
        let rows = samples(&db).await?;
        let mut conn = db.engine.connect().await?;
        let any = (0..10_000).map(|a| Sample::A.eq(a)).reduce(|all, it| all.or(it)).expect("one at least");
        let found: Vec<i64> = conn.scalars(select(Sample::ID).filter(any).order_by(Sample::ID)).all().await?;
        let expected: Vec<i64> = rows.iter().filter(|it| it.a >= 0).map(|it| it.id).collect();
        assert_eq!(found, expected);
        let none = (0..10_000).map(|a| Sample::A.ne(a)).reduce(|all, it| it.and(all)).expect("one at least");
        let found: Vec<i64> = conn.scalars(select(Sample::ID).filter(none).order_by(Sample::ID)).all().await?;
        let expected: Vec<i64> = rows.iter().filter(|it| it.a < 0).map(|it| it.id).collect();
        assert_eq!(found, expected);
    }

    /// As deep as the compiler lets it be.
    async fn a_deep_expression_runs(db: Db) {
        samples(&db).await?;
        let mut conn = db.engine.connect().await?;
        let sum = (1..248).fold(Sample::A + 1, |sum, _| sum + 1);
        let found: Vec<i64> = conn.scalars(select(Sample::ID).filter(sum.eq(Sample::A + 248))).all().await?;
        assert_eq!(found.len(), 30);
        let not = (0..248).fold(Sample::A.eq(Sample::A), |not, _| !not);
        let found: Vec<i64> = conn.scalars(select(Sample::ID).filter(not)).all().await?;
        assert_eq!(found.len(), 30);
        let same = (0..248).fold(Sample::A.nullable(), |same, _| func::coalesce(same, 0).nullable());
        let found: Vec<i64> = conn.scalars(select(Sample::ID).filter(same.eq(Sample::A))).all().await?;
        assert_eq!(found.len(), 30);
        let text = (1..248).fold(Sample::S.concat("!"), |text, _| text.concat("!"));
        let found: Vec<i64> = conn.scalars(select(Sample::ID).filter(text.ends_with("!!"))).all().await?;
        assert_eq!(found.len(), 30);
    }

    /// Everything that a `Statement` can say is taken by the database.
    async fn a_statement_of_random_clauses_runs(db: Db) {
        samples(&db).await?;
        let engine = db.engine.clone();
        for_all(&statements(3), |statement| {
            let run = async || engine.connect().await?.execute(statement.select()).all().await;
            match block_in_place(|| Handle::current().block_on(run())) {
                Ok(_) => Ok(()),
                Err(error) if error.kind() == ErrorKind::Unsupported => Ok(()),
                Err(error) => Err(TestCaseError::fail(format!("{error}\n{error:?}"))),
            }
        });
    }
}
