//! Random expressions over one table: how each is written with the API, and what it means.
//!
//! The meaning is SQL's three-valued logic in a page of Rust: `None` is NULL.

use aludel::Collation;
use aludel::prelude::*;
use proptest::prelude::*;

/// A row that the expressions are about; two of its columns have names that must be quoted.
#[derive(Entity, Clone, Debug)]
#[entity(table = "samples")]
pub struct Sample {
    #[column(primary_key)]
    pub id: i64,
    pub a: i64,
    #[column(name = "order")]
    pub b: Option<i64>,
    pub p: bool,
    pub q: Option<bool>,
    #[column(length = 40, name = "Größe")]
    pub s: String,
    #[column(length = 40)]
    pub t: Option<String>,
}

#[derive(Clone, Debug)]
pub enum Int {
    A,
    B,
    Value(Option<i64>),
    Arithmetic(Arithmetic, Box<Int>, Box<Int>),
    Shift { of: Box<Int>, left: bool, by: i32 },
    Length(Box<Text>),
    Coalesce(Box<Int>, Box<Int>),
    Case(Box<Bool>, Box<Int>, Option<Box<Int>>),
}

#[derive(Clone, Copy, Debug)]
pub enum Arithmetic {
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Rem,
}

#[derive(Clone, Debug)]
pub enum Text {
    S,
    T,
    Value(Option<String>),
    Concat(Box<Text>, Box<Text>),
    Lower(Box<Text>),
    Upper(Box<Text>),
    ByCodePoint(Box<Text>),
    Coalesce(Box<Text>, Box<Text>),
    Case(Box<Bool>, Box<Text>, Option<Box<Text>>),
}

#[derive(Clone, Debug)]
pub enum Bool {
    P,
    Q,
    Value(Option<bool>),
    And(Vec<Bool>),
    Or(Vec<Bool>),
    Not(Box<Bool>),
    OfInts(Comparison, Box<Int>, Box<Int>),
    OfTexts(Equality, Box<Text>, Box<Text>),
    OfBools(Equality, Box<Bool>, Box<Bool>),
    IsNull { of: Any, not: bool },
    Between { it: Box<Int>, low: Box<Int>, high: Box<Int>, symmetric: bool },
    InInts { of: Box<Int>, list: Vec<i64>, not: bool },
    InTexts { of: Box<Text>, list: Vec<String>, not: bool },
    Like { of: Box<Text>, pattern: Option<String>, fold: bool },
    Match { how: Match, text: Box<Text>, part: Box<Text>, fold: bool },
}

#[derive(Clone, Debug)]
pub enum Any {
    Int(Box<Int>),
    Text(Box<Text>),
    Bool(Box<Bool>),
}

#[derive(Clone, Copy, Debug)]
pub enum Comparison {
    Equality(Equality),
    Lt,
    Le,
    Gt,
    Ge,
}

#[derive(Clone, Copy, Debug)]
pub enum Equality {
    Eq,
    Ne,
    Distinct,
    NotDistinct,
}

#[derive(Clone, Copy, Debug)]
pub enum Match {
    Contains,
    StartsWith,
    EndsWith,
}

/// Uses the right side of an operator as the API takes it: a value as it is, anything else as an expression.
macro_rules! with {
    ($ty:ident, $right:expr, |$name:ident| $body:expr) => {
        match $right {
            $ty::Value(value) => {
                let $name = value.clone();
                $body
            }
            other => {
                let $name = other.expr();
                $body
            }
        }
    };
}

macro_rules! equality {
    ($op:expr, $left:expr, $right:ident) => {
        match $op {
            Equality::Eq => $left.eq($right),
            Equality::Ne => $left.ne($right),
            Equality::Distinct => $left.is_distinct_from($right),
            Equality::NotDistinct => $left.is_not_distinct_from($right),
        }
    };
}

/// What `=` and its like mean. With a NULL that the program itself gives, `=` is IS NULL.
fn equal<T: PartialEq>(
    op: Equality,
    left: Option<T>,
    right: Option<T>,
    right_is_value: bool,
) -> Option<bool> {
    match op {
        Equality::Eq | Equality::Ne if right_is_value && right.is_none() => {
            Some(left.is_none() == matches!(op, Equality::Eq))
        }
        Equality::Eq => Some(left? == right?),
        Equality::Ne => Some(left? != right?),
        Equality::Distinct => Some(left != right),
        Equality::NotDistinct => Some(left == right),
    }
}

impl Int {
    pub fn expr(&self) -> Expr<Option<i64>> {
        match self {
            Self::A => Sample::A.nullable(),
            Self::B => Sample::B.nullable(),
            Self::Value(value) => text!(":v", v = *value).expr(),
            Self::Arithmetic(op, left, right) => with!(Int, &**right, |right| match op {
                Arithmetic::Add => left.expr() + right,
                Arithmetic::Sub => left.expr() - right,
                Arithmetic::Mul => left.expr() * right,
                Arithmetic::Div => left.expr() / right,
                Arithmetic::FloorDiv => func::floor_div(left.expr(), right),
                Arithmetic::Rem => left.expr() % right,
            }),
            Self::Shift { of, left: true, by } => func::shift_left(of.expr(), *by),
            Self::Shift { of, left: false, by } => func::shift_right(of.expr(), *by),
            Self::Length(text) => func::length(text.expr()).nullable(),
            Self::Coalesce(left, right) => {
                with!(Int, &**right, |right| func::coalesce(left.expr(), right).nullable())
            }
            Self::Case(when, then, None) => case().when(when.expr(), then.expr()).end(),
            Self::Case(when, then, Some(otherwise)) => {
                let start = case().when(when.expr(), then.expr());
                with!(Int, &**otherwise, |otherwise| start.else_(otherwise).nullable())
            }
        }
    }

    pub fn of(&self, row: &Sample) -> Option<i64> {
        match self {
            Self::A => Some(row.a),
            Self::B => row.b,
            Self::Value(value) => *value,
            Self::Arithmetic(op, left, right) => {
                let (left, right) = (left.of(row)?, right.of(row)?);
                match op {
                    Arithmetic::Add => Some(left + right),
                    Arithmetic::Sub => Some(left - right),
                    Arithmetic::Mul => Some(left * right),
                    Arithmetic::Div => left.checked_div(right),
                    Arithmetic::FloorDiv => Some(
                        left.checked_div(right)? - i64::from(left % right != 0 && (left < 0) != (right < 0)),
                    ),
                    Arithmetic::Rem => left.checked_rem(right),
                }
            }
            Self::Shift { of, left, by } => {
                let (of, by) = (of.of(row)?, u32::try_from(*by).ok()?);
                if *left { of.checked_shl(by) } else { of.checked_shr(by) }
            }
            Self::Length(text) => Some(text.of(row)?.chars().count() as i64),
            Self::Coalesce(left, right) => left.of(row).or_else(|| right.of(row)),
            Self::Case(when, then, otherwise) => match when.of(row) {
                Some(true) => then.of(row),
                _ => otherwise.as_ref()?.of(row),
            },
        }
    }
}

impl Text {
    pub fn expr(&self) -> Expr<Option<String>> {
        match self {
            Self::S => Sample::S.nullable(),
            Self::T => Sample::T.nullable(),
            Self::Value(value) => text!(":v", v = value.clone()).expr(),
            Self::Concat(left, right) => with!(Text, &**right, |right| left.expr().concat(right)),
            Self::Lower(text) => func::lower(text.expr()),
            Self::Upper(text) => func::upper(text.expr()),
            Self::ByCodePoint(text) => text.expr().collate(Collation::CodePoint),
            Self::Coalesce(left, right) => {
                with!(Text, &**right, |right| func::coalesce(left.expr(), right).nullable())
            }
            Self::Case(when, then, None) => case().when(when.expr(), then.expr()).end(),
            Self::Case(when, then, Some(otherwise)) => {
                let start = case().when(when.expr(), then.expr());
                with!(Text, &**otherwise, |otherwise| start.else_(otherwise).nullable())
            }
        }
    }

    pub fn of(&self, row: &Sample) -> Option<String> {
        match self {
            Self::S => Some(row.s.clone()),
            Self::T => row.t.clone(),
            Self::Value(value) => value.clone(),
            Self::Concat(left, right) => Some(left.of(row)? + &right.of(row)?),
            Self::Lower(text) => Some(text.of(row)?.to_ascii_lowercase()),
            Self::Upper(text) => Some(text.of(row)?.to_ascii_uppercase()),
            Self::ByCodePoint(text) => text.of(row),
            Self::Coalesce(left, right) => left.of(row).or_else(|| right.of(row)),
            Self::Case(when, then, otherwise) => match when.of(row) {
                Some(true) => then.of(row),
                _ => otherwise.as_ref()?.of(row),
            },
        }
    }
}

impl Bool {
    pub fn expr(&self) -> Expr<bool> {
        match self {
            Self::P => Sample::P.and(Sample::P),
            Self::Q => Sample::Q.and(Sample::Q),
            Self::Value(value) => text!(":v", v = *value).expr(),
            Self::And(all) => and_(all.iter().map(Self::expr)),
            Self::Or(any) => or_(any.iter().map(Self::expr)),
            Self::Not(it) => !it.expr(),
            Self::OfInts(op, left, right) => with!(Int, &**right, |right| match op {
                Comparison::Equality(op) => equality!(op, left.expr(), right),
                Comparison::Lt => left.expr().lt(right),
                Comparison::Le => left.expr().le(right),
                Comparison::Gt => left.expr().gt(right),
                Comparison::Ge => left.expr().ge(right),
            }),
            Self::OfTexts(op, left, right) => {
                with!(Text, &**right, |right| equality!(op, left.expr(), right))
            }
            Self::OfBools(op, left, right) => {
                with!(Bool, &**right, |right| equality!(op, left.expr(), right))
            }
            Self::IsNull { of, not: false } => match of {
                Any::Int(it) => it.expr().is_null(),
                Any::Text(it) => it.expr().is_null(),
                Any::Bool(it) => it.expr().is_null(),
            },
            Self::IsNull { of, not: true } => match of {
                Any::Int(it) => it.expr().is_not_null(),
                Any::Text(it) => it.expr().is_not_null(),
                Any::Bool(it) => it.expr().is_not_null(),
            },
            Self::Between { it, low, high, symmetric } => {
                with!(Int, &**low, |low| with!(Int, &**high, |high| if *symmetric {
                    it.expr().between_symmetric(low, high)
                } else {
                    it.expr().between(low, high)
                }))
            }
            Self::InInts { of, list, not: false } => of.expr().in_(list.iter().copied()),
            Self::InInts { of, list, not: true } => of.expr().not_in(list.iter().copied()),
            Self::InTexts { of, list, not: false } => of.expr().in_(list.iter().map(String::as_str)),
            Self::InTexts { of, list, not: true } => of.expr().not_in(list.iter().map(String::as_str)),
            Self::Like { of, pattern, fold: false } => of.expr().like(pattern.clone()),
            Self::Like { of, pattern, fold: true } => of.expr().ilike(pattern.clone()),
            Self::Match { how, text, part, fold } => with!(Text, &**part, |part| match (how, fold) {
                (Match::Contains, false) => text.expr().contains(part),
                (Match::StartsWith, false) => text.expr().starts_with(part),
                (Match::EndsWith, false) => text.expr().ends_with(part),
                (Match::Contains, true) => text.expr().icontains(part),
                (Match::StartsWith, true) => text.expr().istarts_with(part),
                (Match::EndsWith, true) => text.expr().iends_with(part),
            }),
        }
    }

    pub fn of(&self, row: &Sample) -> Option<bool> {
        match self {
            Self::P => Some(row.p),
            Self::Q => row.q,
            Self::Value(value) => *value,
            Self::And(all) => kleene(all.iter().map(|it| it.of(row)), false),
            Self::Or(any) => kleene(any.iter().map(|it| it.of(row)), true),
            Self::Not(it) => it.of(row).map(|it| !it),
            Self::OfInts(op, left, right) => {
                let is_value = matches!(**right, Int::Value(_));
                let (left, right) = (left.of(row), right.of(row));
                match op {
                    Comparison::Equality(op) => equal(*op, left, right, is_value),
                    Comparison::Lt => Some(left? < right?),
                    Comparison::Le => Some(left? <= right?),
                    Comparison::Gt => Some(left? > right?),
                    Comparison::Ge => Some(left? >= right?),
                }
            }
            Self::OfTexts(op, left, right) => {
                equal(*op, left.of(row), right.of(row), matches!(**right, Text::Value(_)))
            }
            Self::OfBools(op, left, right) => {
                equal(*op, left.of(row), right.of(row), matches!(**right, Bool::Value(_)))
            }
            Self::IsNull { of, not } => {
                let is_null = match of {
                    Any::Int(it) => it.of(row).is_none(),
                    Any::Text(it) => it.of(row).is_none(),
                    Any::Bool(it) => it.of(row).is_none(),
                };
                Some(is_null != *not)
            }
            Self::Between { it, low, high, symmetric } => {
                let it = it.of(row);
                let within = |low: &Int, high: &Int| {
                    let from = it.zip(low.of(row)).map(|(it, low)| it >= low);
                    let to = it.zip(high.of(row)).map(|(it, high)| it <= high);
                    kleene([from, to].into_iter(), false)
                };
                if *symmetric {
                    kleene([within(low, high), within(high, low)].into_iter(), true)
                } else {
                    within(low, high)
                }
            }
            Self::InInts { of, list, not } => within(of.of(row), list, *not),
            Self::InTexts { of, list, not } => within(of.of(row), list, *not),
            Self::Like { of, pattern, fold } => {
                let (text, pattern) = (of.of(row)?, pattern.as_ref()?);
                if *fold {
                    Some(like(&text.to_ascii_lowercase(), &pattern.to_ascii_lowercase()))
                } else {
                    Some(like(&text, pattern))
                }
            }
            Self::Match { how, text, part, fold } => {
                let (mut text, mut part) = (text.of(row)?, part.of(row)?);
                if *fold {
                    text.make_ascii_lowercase();
                    part.make_ascii_lowercase();
                }
                Some(match how {
                    Match::Contains => text.contains(&part),
                    Match::StartsWith => text.starts_with(&part),
                    Match::EndsWith => text.ends_with(&part),
                })
            }
        }
    }
}

/// AND (decided by a `false`) and OR (decided by a `true`) where some are unknown.
fn kleene(mut operands: impl Iterator<Item = Option<bool>> + Clone, decisive: bool) -> Option<bool> {
    if operands.clone().any(|it| it == Some(decisive)) {
        Some(decisive)
    } else if operands.any(|it| it.is_none()) {
        None
    } else {
        Some(!decisive)
    }
}

/// An empty list contains nothing, not even NULL; of any other it is unknown whether it contains NULL.
fn within<T: PartialEq>(it: Option<T>, list: &[T], not: bool) -> Option<bool> {
    if list.is_empty() { Some(not) } else { Some(list.contains(&it?) != not) }
}

fn like(text: &str, pattern: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('%') => {
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.into_iter().any(|at| like(&text[at..], rest.as_str()))
        }
        Some(char) => {
            let mut text = text.chars();
            text.next().is_some_and(|it| (char == '_' || it == char) && like(text.as_str(), rest.as_str()))
        }
    }
}

// Generators. A number stays far from the bounds of its type, and letters with a case are ASCII: what is beyond is not promised to
// be the same everywhere.

fn small() -> impl Strategy<Value = i64> {
    -20..=20_i64
}

/// Texts of what one of the databases might take for something else.
pub fn text() -> impl Strategy<Value = String> {
    "[aAbB%_!*?\\[\\]\\\\'\" 漢😀^-]{0,4}"
}

pub fn row() -> impl Strategy<Value = Sample> {
    let parts = (
        small(),
        proptest::option::of(small()),
        any::<bool>(),
        any::<Option<bool>>(),
        text(),
        proptest::option::of(text()),
    );
    parts.prop_map(|(a, b, p, q, s, t)| Sample { id: 0, a, b, p, q, s, t })
}

/// Strategies for trees of one depth.
#[derive(Clone)]
pub struct Trees {
    pub ints: BoxedStrategy<Int>,
    pub texts: BoxedStrategy<Text>,
    pub bools: BoxedStrategy<Bool>,
}

impl Trees {
    pub fn leaves() -> Self {
        let ints = prop_oneof![
            2 => Just(Int::A),
            2 => Just(Int::B),
            2 => small().prop_map(|it| Int::Value(Some(it))),
        ];
        let texts = prop_oneof![
            2 => Just(Text::S),
            2 => Just(Text::T),
            2 => text().prop_map(|it| Text::Value(Some(it))),
            1 => Just(Text::Value(None)),
        ];
        let bools = prop_oneof![
            Just(Bool::P),
            Just(Bool::Q),
            any::<bool>().prop_map(|it| Bool::Value(Some(it))),
            Just(Bool::Value(None)),
        ];
        Self { ints: ints.boxed(), texts: texts.boxed(), bools: bools.boxed() }
    }

    /// Trees at most this deep.
    pub fn of_depth(depth: usize) -> Self {
        (0..depth).fold(Self::leaves(), |below, _| below.deeper())
    }

    fn deeper(&self) -> Self {
        let Self { ints, texts, bools } = self.clone();
        let int = || ints.clone().prop_map(Box::new);
        let text_ = || texts.clone().prop_map(Box::new);
        let bool_ = || bools.clone().prop_map(Box::new);
        let arithmetic = prop_oneof![
            Just(Arithmetic::Add),
            Just(Arithmetic::Sub),
            Just(Arithmetic::Div),
            Just(Arithmetic::FloorDiv),
            Just(Arithmetic::Rem)
        ];
        let equality = || {
            prop_oneof![
                Just(Equality::Eq),
                Just(Equality::Ne),
                Just(Equality::Distinct),
                Just(Equality::NotDistinct)
            ]
        };
        let comparison = prop_oneof![
            3 => equality().prop_map(Comparison::Equality),
            1 => Just(Comparison::Lt),
            1 => Just(Comparison::Le),
            1 => Just(Comparison::Gt),
            1 => Just(Comparison::Ge),
        ];
        let matching = prop_oneof![Just(Match::Contains), Just(Match::StartsWith), Just(Match::EndsWith)];
        let anything =
            prop_oneof![int().prop_map(Any::Int), text_().prop_map(Any::Text), bool_().prop_map(Any::Bool)];

        let new_ints = prop_oneof![
            1 => ints.clone(),
            2 => (arithmetic, int(), int()).prop_map(|(op, l, r)| Int::Arithmetic(op, l, r)),
            1 => (int(), -3..=3_i64).prop_map(|(l, r)| {
                Int::Arithmetic(Arithmetic::Mul, l, Box::new(Int::Value(Some(r))))
            }),
            1 => (int(), -1..=3_i32).prop_map(|(of, by)| Int::Shift { of, left: true, by }),
            1 => (int(), -1..=65_i32).prop_map(|(of, by)| Int::Shift { of, left: false, by }),
            1 => text_().prop_map(Int::Length),
            1 => (int(), int()).prop_map(|(l, r)| Int::Coalesce(l, r)),
            1 => (bool_(), int(), proptest::option::of(int())).prop_map(|(w, t, o)| Int::Case(w, t, o)),
        ];
        let new_texts = prop_oneof![
            1 => texts.clone(),
            1 => (text_(), text_()).prop_map(|(l, r)| Text::Concat(l, r)),
            1 => text_().prop_map(Text::Lower),
            1 => text_().prop_map(Text::Upper),
            1 => text_().prop_map(Text::ByCodePoint),
            1 => (text_(), text_()).prop_map(|(l, r)| Text::Coalesce(l, r)),
            1 => (bool_(), text_(), proptest::option::of(text_())).prop_map(|(w, t, o)| Text::Case(w, t, o)),
        ];
        // A NULL that the program gives is compared and no more: on MariaDB it has no type, and arithmetic with it gives a DOUBLE.
        let compared = || prop_oneof![7 => ints.clone(), 1 => Just(Int::Value(None))].prop_map(Box::new);
        let list = |size| proptest::collection::vec(bools.clone(), size);
        let new_bools = prop_oneof![
            1 => bools.clone(),
            2 => list(0..4).prop_map(Bool::And),
            2 => list(0..4).prop_map(Bool::Or),
            2 => bool_().prop_map(Bool::Not),
            3 => (comparison, int(), compared()).prop_map(|(op, l, r)| Bool::OfInts(op, l, r)),
            2 => (equality(), text_(), text_()).prop_map(|(op, l, r)| Bool::OfTexts(op, l, r)),
            1 => (equality(), bool_(), bool_()).prop_map(|(op, l, r)| Bool::OfBools(op, l, r)),
            1 => (anything, any::<bool>()).prop_map(|(of, not)| Bool::IsNull { of, not }),
            1 => (int(), compared(), compared(), any::<bool>())
                .prop_map(|(it, low, high, symmetric)| Bool::Between { it, low, high, symmetric }),
            1 => (int(), proptest::collection::vec(small(), 0..7), any::<bool>())
                .prop_map(|(of, list, not)| Bool::InInts { of, list, not }),
            1 => (text_(), proptest::collection::vec(text(), 0..7), any::<bool>())
                .prop_map(|(of, list, not)| Bool::InTexts { of, list, not }),
            2 => (text_(), proptest::option::of(text()), any::<bool>())
                .prop_map(|(of, pattern, fold)| Bool::Like { of, pattern, fold }),
            2 => (matching, text_(), text_(), any::<bool>())
                .prop_map(|(how, text, part, fold)| Bool::Match { how, text, part, fold }),
        ];
        Self { ints: new_ints.boxed(), texts: new_texts.boxed(), bools: new_bools.boxed() }
    }
}
