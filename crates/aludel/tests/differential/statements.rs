//! Random statements: rows of one shape, so that any of them can stand within any other.

use aludel::prelude::*;
use aludel::{Alias, Cte, OrderBy, Select, Subquery, ValuesTable, Window};
use aludel_sql::{FromClause, FromItem, ValueItem};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use crate::choices::Choices;
use crate::expressions::{Nullable, Scope};
use crate::models::{self, Part, Thing};

/// A row of any of the queries.
pub type Row = (
    Option<i64>,
    Option<i32>,
    Option<String>,
    Option<bool>,
    Option<Decimal>,
    Option<DateTime<Utc>>,
    Option<f64>,
    Option<NaiveDate>,
);

pub type Rows = (
    ValueItem<Option<i64>>,
    ValueItem<Option<i32>>,
    ValueItem<Option<String>>,
    ValueItem<Option<bool>>,
    ValueItem<Option<Decimal>>,
    ValueItem<Option<DateTime<Utc>>>,
    ValueItem<Option<f64>>,
    ValueItem<Option<NaiveDate>>,
);

pub type Query = Select<Rows>;

/// Names of the columns of a query, some of them such as no program would choose.
const LABELS: [[&str; 8]; 3] = [
    ["i", "m", "t", "b", "d", "at", "r", "day"],
    ["order", "a b", "x\"y`z", "50%", "é", "a.b", ":p", "?"],
    ["id", "$1", "back\\slash", "name", "price", "--", "/*", "'"],
];

/// Names of tables within statements.
const NAMES: [&str; 12] = ["a", "b", "select", "c d", "e\"f`", "t.x", "%s", "?1", "g", "h", "parts2", "left"];

pub struct Maker<'a> {
    pub choices: Choices<'a>,
    names: usize,
    ctes: Vec<Cte<Rows>>,
    /// The names of the columns of every query.
    pub labels: [&'static str; 8],
    /// What stands for some of the values.
    holes: Option<Holes>,
    /// How many queries stand within expressions.
    queries: usize,
    /// Whether an aggregate may leave out what it has met.
    may_be_distinct: bool,
    /// Whether the keys of a GROUP BY are being made.
    pub in_keys: bool,
    /// Whether the query made last is DISTINCT.
    is_distinct: bool,
}

/// A number and a text whose values may come later.
#[derive(Clone)]
pub struct Holes {
    pub int: Nullable<i64>,
    pub text: Nullable<String>,
}

pub enum Source {
    Thing(Alias<Thing>),
    Part(Alias<Part>),
    Query(Subquery),
    Cte(Cte<Rows>),
    Values(ValuesTable),
}

impl FromClause for Source {
    fn into_from(self) -> FromItem {
        match self {
            Self::Thing(it) => it.into_from(),
            Self::Part(it) => it.into_from(),
            Self::Query(it) => it.into_from(),
            Self::Cte(it) => it.into_from(),
            Self::Values(it) => it.into_from(),
        }
    }
}

macro_rules! outputs {
    ($maker:ident, $of:ident) => {{
        let labels = $maker.labels;
        Scope {
            ints: vec![$of.named(labels[0])],
            middles: vec![$of.named(labels[1])],
            texts: vec![$of.named(labels[2])],
            bools: vec![$of.named(labels[3])],
            decimals: vec![$of.named(labels[4])],
            moments: vec![$of.named(labels[5])],
            reals: vec![$of.named(labels[6])],
            days: vec![$of.named(labels[7])],
            ..Scope::default()
        }
    }};
}

impl<'a> Maker<'a> {
    pub fn new(numbers: &'a [u16]) -> Self {
        let mut choices = Choices::new(numbers);
        let labels = choices.of(&LABELS);
        Self {
            choices,
            names: 0,
            ctes: Vec::new(),
            labels,
            holes: None,
            queries: 0,
            may_be_distinct: true,
            in_keys: false,
            is_distinct: false,
        }
    }

    pub fn with_holes(mut self, holes: Holes) -> Self {
        self.holes = Some(holes);
        self
    }

    /// What stands for one of the values, if it is its turn.
    pub fn hole(&mut self) -> Option<Holes> {
        let holes = self.holes.as_ref()?;
        (self.choices.pick(5) == 4).then(|| holes.clone())
    }

    pub fn name(&mut self) -> &'static str {
        self.names += 1;
        // Each once: two of the same name in one FROM are refused, rightly.
        match NAMES.get(self.names - 1) {
            Some(name) => name,
            None => Box::leak(format!("n{}", self.names).into_boxed_str()),
        }
    }

    /// Something to select from, its columns, and its key if it has one.
    pub fn source(&mut self, depth: usize) -> (Source, Scope, Option<Nullable<i64>>) {
        let ways = if depth == 0 { 3 } else { 7 };
        match self.choices.pick(ways) {
            0 => {
                let it = alias(Thing, self.name());
                (Source::Thing(it), Scope::thing(it), Some(it.col(Thing::ID).nullable()))
            }
            1 => {
                let it = alias(Part, self.name());
                (Source::Part(it), Scope::part(it), Some(it.col(Part::ID).nullable()))
            }
            2 => {
                let (int, middle) = (column::<Option<i64>>("v i"), column::<Option<i32>>("v.m"));
                let (text, bool) = (column::<Option<String>>("order"), column::<Option<bool>>("v`\"b"));
                let (moment, real) = (column::<Option<DateTime<Utc>>>("at"), column::<Option<f64>>("real"));
                let day = column::<Option<NaiveDate>>("day");
                let c = &mut self.choices;
                let rows: Vec<Row> = (0..c.pick(4))
                    .map(|_| {
                        (
                            c.maybe(|c| c.of(&[1, 2, 0, -5])),
                            c.maybe(|c| c.of(&[1, 2, 0, -5])),
                            c.maybe(|c| c.of(&models::TEXTS).to_owned()),
                            c.maybe(|c| c.pick(2) == 1),
                            c.maybe(models::decimal),
                            c.maybe(models::moment),
                            c.maybe(|c| c.of(&models::REALS)),
                            c.maybe(models::day),
                        )
                    })
                    .collect();
                let it =
                    values((int, middle, text, bool, Thing::COST, moment, real, day), self.name()).data(rows);
                let scope = Scope {
                    ints: vec![it.col(int)],
                    middles: vec![it.col(middle)],
                    texts: vec![it.col(text)],
                    bools: vec![it.col(bool)],
                    decimals: vec![it.col(Thing::COST)],
                    moments: vec![it.col(moment)],
                    reals: vec![it.col(real)],
                    days: vec![it.col(day)],
                    ..Scope::default()
                };
                (Source::Values(it), scope, None)
            }
            3 | 4 => {
                let query = self.query_of_any_kind(&Scope::default(), depth - 1);
                let it = query.subquery(self.name());
                let scope = outputs!(self, it);
                (Source::Query(it), scope, None)
            }
            5 if !self.ctes.is_empty() => {
                let cte = self.choices.of(&self.ctes);
                let it = cte.alias(self.name());
                let scope = outputs!(self, it);
                (Source::Cte(it), scope, None)
            }
            5 => {
                let query = self.query_of_any_kind(&Scope::default(), depth - 1);
                let it = query.cte(self.name());
                let it = match self.choices.pick(4) {
                    2 => it.materialized(),
                    3 => it.not_materialized(),
                    _ => it,
                };
                self.ctes.push(it.clone());
                let scope = outputs!(self, it);
                (Source::Cte(it), scope, None)
            }
            _ => {
                // Counts on from the rows of a query.
                let [i, m, t, b, d, at, r, day] = self.labels;
                let start = self.query(&Scope::default(), depth - 1);
                let name = self.name();
                let step = self.choices.of(&[1, 2]);
                let it = start.cte(name).recursive_distinct(|it| {
                    select((
                        (it.named::<Option<i64>>(i) + step).label(i),
                        it.named::<Option<i32>>(m).label(m),
                        it.named::<Option<String>>(t).concat("+").label(t),
                        it.named::<Option<bool>>(b).label(b),
                        it.named::<Option<Decimal>>(d).label(d),
                        func::add_days(it.named::<Option<DateTime<Utc>>>(at), 1).label(at),
                        (it.named::<Option<f64>>(r) * 0.5).label(r),
                        func::add_months(it.named::<Option<NaiveDate>>(day), 1).label(day),
                    ))
                    .select_from(it)
                    .filter(it.named::<Option<i64>>(i).lt(4_i64))
                    .filter(it.named::<Option<i64>>(i).gt(-20_i64))
                });
                let scope = outputs!(self, it);
                (Source::Cte(it), scope, None)
            }
        }
    }

    /// A query that may see the columns around it.
    pub fn query_of_any_kind(&mut self, outer: &Scope, depth: usize) -> Query {
        if depth > 0 && self.choices.pick(5) == 4 {
            return self.compound(outer, depth);
        }
        let query = self.query(outer, depth);
        if self.choices.pick(4) != 3 {
            return query;
        }
        let limit = self.choices.of(&[2, 1, 0, 5]);
        let offset = self.choices.of(&[1, 0, 100]);
        // MariaDB gives the first of distinct rows of constants whatever the OFFSET.
        let offset = if self.is_distinct { 0 } else { offset };
        match self.choices.pick(5) {
            0 => query.order_by(self.order()).limit(limit),
            1 => query.order_by(self.order()).limit(limit).offset(offset),
            2 => query.order_by(self.order()).offset(offset),
            // By some of the columns: what they do not tell from the last one comes as well.
            3 => query.order_by(self.some_of_the_order()).limit(limit).with_ties(),
            _ => query.order_by(self.order()).limit(limit).offset(offset).with_ties(),
        }
    }

    fn some_of_the_order(&mut self) -> Vec<OrderBy> {
        let order = self.order();
        order.into_iter().skip(self.choices.pick(8)).take(1 + self.choices.pick(3)).collect()
    }

    /// By all columns: rows that are equal then are the same.
    fn order(&mut self) -> Vec<OrderBy> {
        let labels = self.labels;
        labels
            .into_iter()
            .map(|label| match self.choices.pick(6) {
                0 => asc(label),
                1 => desc(label),
                2 => asc(label).nulls_last(),
                3 => desc(label).nulls_first(),
                4 => asc(label).nulls_first(),
                _ => desc(label).nulls_last(),
            })
            .collect()
    }

    fn compound(&mut self, outer: &Scope, depth: usize) -> Query {
        let (one, other) =
            (self.query_of_any_kind(outer, depth - 1), self.query_of_any_kind(outer, depth - 1));
        let all = match self.choices.pick(6) {
            0 => one.union(other),
            1 => one.union_all(other),
            2 => one.intersect(other),
            3 => one.except(other),
            4 => one.union(other.intersect(self.query_of_any_kind(outer, depth - 1))),
            _ => one.union_all(other).except(self.query_of_any_kind(outer, depth - 1)),
        };
        let all = match self.choices.pick(3) {
            2 => all.order_by(self.order()).limit(self.choices.of(&[2, 0, 4])),
            _ => all,
        };
        let it = all.subquery(self.name());
        let s = outputs!(self, it);
        self.select_of(&s).select_from(it)
    }

    /// Selects a column of each type, or a value where there is none.
    fn select_of(&mut self, s: &Scope) -> Query {
        let items = (
            self.int(s, 0),
            self.middle(s, 0),
            self.text(s, 0),
            self.bool(s, 0),
            self.decimal(s, 0),
            self.moment(s, 0),
            self.real(s, 0),
            self.day(s, 0),
        );
        self.select(items)
    }

    #[allow(clippy::type_complexity)]
    fn select(
        &self,
        (i, m, t, b, d, at, r, day): (
            Nullable<i64>,
            Nullable<i32>,
            Nullable<String>,
            Expr<bool>,
            Nullable<Decimal>,
            Nullable<DateTime<Utc>>,
            Nullable<f64>,
            Nullable<NaiveDate>,
        ),
    ) -> Query {
        let names = self.labels;
        select((
            i.label(names[0]),
            m.label(names[1]),
            t.label(names[2]),
            b.nullable().label(names[3]),
            d.label(names[4]),
            at.label(names[5]),
            r.label(names[6]),
            day.label(names[7]),
        ))
    }

    fn query(&mut self, outer: &Scope, depth: usize) -> Query {
        let mut is_distinct = false;
        let d = [depth.min(2), 1, 3][self.choices.pick(3)];
        let (from, mut scope, mut key) = self.source(depth);
        let mut joins = Vec::new();
        for _ in 0..self.choices.pick(3) {
            let (target, more, _) = self.source(depth.saturating_sub(1));
            scope = scope.and(&more);
            key = None;
            let on = match self.choices.pick(3) {
                0 => more.ints[0].clone().eq(self.int(&scope, 0)),
                1 => more.ints[0].clone().eq(self.int(&scope, 0)).and(self.bool(&scope, d)),
                _ => self.bool(&scope, d),
            };
            // MariaDB does not always see NULL where a query in FROM has a constant and is joined without a row.
            let is_query = matches!(target, Source::Query(_) | Source::Cte(_));
            joins.push((if is_query { 0 } else { self.choices.pick(4) }, target, on));
        }
        let inner = scope.clone().and(outer);
        let query = match self.choices.pick(6) {
            3 => self.grouped(&scope, d),
            4 => self.aggregated(&scope, d),
            5 => self.windowed(&inner, key, d),
            _ => {
                let deep = self.choices.pick(9);
                let mut at = |n: usize| if deep == n || deep == 8 { d } else { 0 };
                let depths: [usize; 8] = std::array::from_fn(&mut at);
                let items = (
                    self.int(&inner, depths[0]),
                    self.middle(&inner, depths[1]),
                    self.text(&inner, depths[2]),
                    self.bool(&inner, depths[3]),
                    self.decimal(&inner, depths[4]),
                    self.moment(&inner, depths[5]),
                    self.real(&inner, depths[6]),
                    self.day(&inner, depths[7]),
                );
                let query = self.select(items);
                is_distinct = self.choices.pick(3) == 2;
                if is_distinct { query.distinct() } else { query }
            }
        };
        let mut query = query.select_from(from);
        for (kind, target, on) in joins {
            query = match kind {
                0 => query.join_on(target, on),
                3 => query.full_join_on(target, on),
                _ => query.outer_join_on(target, on),
            };
        }
        let query = match self.choices.pick(3) {
            0 => query,
            1 => query.filter(self.bool(&inner, d)),
            _ => query.filter(self.bool(&inner, d)).filter(self.bool(&inner, d)),
        };
        self.is_distinct = is_distinct;
        query
    }

    fn grouped(&mut self, s: &Scope, d: usize) -> Query {
        let sets = self.choices.pick(8);
        self.in_keys = true;
        let (before, mut int, mut text) = (self.queries, self.int(s, d), self.text(s, d));
        self.in_keys = false;
        if sets >= 5 {
            // PostgreSQL, up to 17, gives the value of a key that has no column in it where that key is left out.
            int = int + s.ints[self.choices.pick(s.ints.len())].clone();
            text = text.concat(s.texts[self.choices.pick(s.texts.len())].clone());
        }
        // MariaDB takes texts that a query within GROUP BY has made for equal where an aggregate is DISTINCT.
        self.may_be_distinct = self.queries == before;
        let keys = Scope { ints: vec![int.clone()], texts: vec![text.clone()], ..Scope::default() };
        let i = match self.choices.pick(4) {
            0 => int.clone(),
            1 => self.int_aggregate(s, d),
            // Only of the keys: an operator around them.
            2 => int.clone() + self.choices.of(&[1_i64, 2]),
            _ => self.int_aggregate(s, d) + int.clone(),
        };
        let t = if self.choices.pick(2) == 0 { text.clone() } else { func::max(self.text(s, 0)) };
        let having = match self.choices.pick(3) {
            0 => None,
            1 => Some(func::count_star().gt(self.choices.of(&[0_i64, 1, 2]))),
            _ => Some(self.int_aggregate(s, d).gt(1_i64).or(keys.ints[0].clone().is_null())),
        };
        let items = (
            i,
            self.middle_aggregate(s, d),
            t,
            func::bool_or(self.bool(s, d)).type_coerce::<bool>(),
            self.decimal_aggregate(s),
            func::max(self.moment(s, d)),
            self.real_aggregate(s, d),
            func::min(self.day(s, d)),
        );
        self.may_be_distinct = true;
        let query = self.select(items);
        let query = match sets {
            5 => query.group_by(func::rollup((int, text))),
            6 => query.group_by(func::cube((int, text))),
            7 => query.group_by(func::grouping_sets().set((int.clone(), text)).set(int).set(())),
            _ => query.group_by((int, text)),
        };
        match having {
            Some(having) => query.having(having),
            None => query,
        }
    }

    fn aggregated(&mut self, s: &Scope, d: usize) -> Query {
        let items = (
            self.int_aggregate(s, d),
            self.middle_aggregate(s, d),
            self.text_aggregate(s),
            func::bool_and(self.bool(s, d)).type_coerce::<bool>(),
            self.decimal_aggregate(s),
            func::min(self.moment(s, d)),
            self.real_aggregate(s, d),
            func::max(self.day(s, d)),
        );
        self.select(items)
    }

    fn int_aggregate(&mut self, s: &Scope, d: usize) -> Nullable<i64> {
        match self.choices.pick(9) {
            0 => func::count_star().nullable(),
            1 => func::count(self.text(s, d)).nullable(),
            2 if self.may_be_distinct => func::count_distinct(self.int(s, d)).nullable(),
            3 => func::sum(self.int(s, d)),
            4 => func::sum(self.middle(s, d)),
            5 => func::count_star().filter(self.bool(s, d)).nullable(),
            6 => func::sum(self.int(s, d)).filter(self.bool(s, d)),
            7 if self.may_be_distinct => func::sum(self.int(s, d)).distinct(),
            _ => func::max(self.int(s, d)),
        }
    }

    fn middle_aggregate(&mut self, s: &Scope, d: usize) -> Nullable<i32> {
        match self.choices.pick(5) {
            0 => func::max(self.middle(s, d)),
            1 => func::min(self.middle(s, d)).filter(self.bool(s, 0)),
            2 => func::nullif(func::min(self.middle(s, d)), 1),
            3 => func::mode().within_group(self.middle(s, d)),
            _ => {
                func::percentile_disc(self.choices.of(&[0.5, 0.0, 1.0, 0.3])).within_group(self.middle(s, d))
            }
        }
    }

    fn text_aggregate(&mut self, s: &Scope) -> Nullable<String> {
        let text = self.text(s, 0);
        match self.choices.pick(4) {
            0 => func::max(text),
            1 => func::string_agg(text.clone(), ",").aggregate_order_by(text),
            2 => func::string_agg(text.clone(), "; ").aggregate_order_by(text.desc()).filter(self.bool(s, 0)),
            _ => func::min(text.concat("!")),
        }
    }

    fn decimal_aggregate(&mut self, s: &Scope) -> Nullable<Decimal> {
        match self.choices.pick(3) {
            0 => func::sum(self.decimal(s, 0)),
            1 => func::min(self.decimal(s, 0)),
            _ => func::max(self.decimal(s, 1)),
        }
    }

    fn real_aggregate(&mut self, s: &Scope, d: usize) -> Nullable<f64> {
        match self.choices.pick(7) {
            0 => func::max(self.real(s, d)),
            6 => {
                func::percentile_cont(self.choices.of(&[0.5, 0.0, 1.0, 0.3])).within_group(self.middle(s, d))
            }
            // Of numbers that have an exact sum.
            1 => func::sum(self.real(s, 0)),
            2 => func::avg(self.middle(s, d)),
            3 => func::avg(self.decimal(s, 0)),
            4 => func::avg(self.real(s, 0)),
            _ => func::avg(self.int(s, 0)).filter(self.bool(s, 0)),
        }
    }

    fn windowed(&mut self, s: &Scope, key: Option<Nullable<i64>>, d: usize) -> Query {
        let mut over = window();
        if self.choices.pick(2) == 1 {
            over = over.partition_by(self.int(s, d));
        }
        let by: Vec<OrderBy> = vec![
            if self.choices.pick(2) == 0 { self.text(s, 0).asc() } else { self.int(s, d).desc() },
            self.middle(s, 0).asc(),
        ];
        // Whatever has the same place has the same value.
        let ties = over.clone().order_by(by.clone());
        let unique = key.map(|key| over.order_by(by).order_by(key));
        let i = match self.choices.pick(7) {
            5 => match &unique {
                Some(unique) => func::ntile(self.choices.of(&[2, 1, 3, 40])).over(unique.clone()).nullable(),
                None => func::count_star().over(ties.clone()).nullable(),
            },
            6 => {
                let int = self.int(s, d);
                func::sum(int).over(self.framed(ties.clone(), unique.as_ref()))
            }
            0 => func::rank().over(ties.clone()).nullable(),
            1 => func::dense_rank().over(ties.clone()).nullable(),
            2 => func::sum(self.int(s, d)).over(ties.clone()),
            3 => match &unique {
                Some(unique) => func::row_number().over(unique.clone()).nullable(),
                None => func::count_star().over(ties.clone()).nullable(),
            },
            _ => match &unique {
                Some(unique) => func::sum(self.int(s, d)).over(unique.clone().rows(-1..=1)),
                None => func::count_star().over(ties.clone()).nullable(),
            },
        };
        let m = match &unique {
            Some(unique) => match self.choices.pick(4) {
                0 => func::lag(self.middle(s, d), 1).over(unique.clone()),
                1 => func::lead_or(self.middle(s, d), 2, self.middle(s, d)).over(unique.clone()),
                2 => func::nth_value(self.middle(s, d), 2).over(unique.clone()),
                _ => func::first_value(self.middle(s, d)).over(unique.clone().rows(-1..)),
            },
            None => func::max(self.middle(s, d)).over(ties.clone()),
        };
        let t = match &unique {
            Some(unique) => {
                func::lag_or(self.text(s, d), 1, self.choices.of(&models::TEXTS)).over(unique.clone())
            }
            None => func::min(self.text(s, d)).over(ties.clone()),
        };
        let r = match self.choices.pick(3) {
            0 => func::percent_rank().over(ties.clone()).nullable(),
            1 => func::cume_dist().over(ties.clone()).nullable(),
            _ => func::avg(self.middle(s, d)).over(ties.clone()),
        };
        let at = match &unique {
            Some(unique) => func::last_value(self.moment(s, d)).over(unique.clone()),
            None => func::max(self.moment(s, d)).over(ties.clone()),
        };
        let items = (
            i,
            m,
            t,
            self.bool(s, d),
            func::sum(self.decimal(s, 0)).over(ties.clone()),
            at,
            r,
            func::min(self.day(s, d)).over(ties),
        );
        self.select(items)
    }

    /// A window with a frame that has the same rows wherever equal places come in whatever order.
    fn framed(&mut self, ties: Window, unique: Option<&Window>) -> Window {
        let frame = match (self.choices.pick(4), unique) {
            (0, Some(unique)) => unique.clone().rows(-1..=1),
            (1, Some(unique)) => unique.clone().rows(..=0),
            (2, _) => ties.groups(-1..=0),
            (0 | 1, _) => ties.groups(0..),
            _ => ties.groups(..=1),
        };
        match self.choices.pick(5) {
            2 => frame.exclude_current_row(),
            3 => frame.exclude_group(),
            4 => frame.exclude_ties(),
            _ => frame,
        }
    }

    /// One value of a query within an expression.
    pub fn one_value<T: ColumnType<Base = T>>(
        &mut self,
        outer: &Scope,
        depth: usize,
        make: impl FnOnce(&mut Self, &Scope) -> Nullable<T>,
    ) -> Nullable<T> {
        self.queries += 1;
        let (from, scope, _) = self.source(depth.min(1));
        let inner = scope.clone().and(outer);
        let it = make(self, &inner);
        let query = match self.choices.pick(3) {
            // An aggregate of what is around the query is missed there by MariaDB.
            0 if !self.in_keys => select(func::max(it)),
            1 if !self.in_keys => select(func::min(it)),
            _ => select(it.clone()).order_by(it.desc()).limit(1),
        };
        let query = query.select_from(from);
        match self.choices.pick(2) {
            0 => query.filter(self.bool(&inner, depth.min(1))).scalar_subquery(),
            _ => query.scalar_subquery(),
        }
    }

    pub fn count_of_query(&mut self, outer: &Scope, depth: usize) -> Expr<Option<i64>> {
        let query = self.query_of_any_kind(outer, depth.min(1));
        query.count_rows().scalar_subquery()
    }

    pub fn exists_query(&mut self, outer: &Scope, depth: usize) -> Expr<bool> {
        exists(self.query_of_any_kind(outer, depth.min(1)))
    }

    pub fn ints_of_query(&mut self, outer: &Scope, depth: usize) -> Select<(ValueItem<Option<i64>>,)> {
        let (from, scope, _) = self.source(depth.min(1));
        let inner = scope.clone().and(outer);
        let query = select(self.int(&inner, depth.min(1))).select_from(from);
        match self.choices.pick(3) {
            0 => query,
            1 => query.filter(self.bool(&inner, depth.min(1))),
            _ => query.distinct(),
        }
    }
}
