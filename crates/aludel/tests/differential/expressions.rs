//! Random expressions of each type over the columns that are in scope.

use aludel::prelude::*;
use aludel::{Alias, Collation, Column, ColumnType, excluded};
use aludel_sql::Mapped;
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::models::{self, Part, Thing};
use crate::statements::Maker;

pub type Nullable<T> = Expr<Option<T>>;
type Document = Json<serde_json::Value>;

/// The columns that an expression may be made of.
#[derive(Clone, Default)]
pub struct Scope {
    pub ints: Vec<Nullable<i64>>,
    pub middles: Vec<Nullable<i32>>,
    pub smalls: Vec<Nullable<i16>>,
    pub texts: Vec<Nullable<String>>,
    pub bools: Vec<Nullable<bool>>,
    pub reals: Vec<Nullable<f64>>,
    pub decimals: Vec<Nullable<Decimal>>,
    pub days: Vec<Nullable<NaiveDate>>,
    pub moments: Vec<Nullable<DateTime<Utc>>>,
    pub bytes: Vec<Nullable<Vec<u8>>>,
    pub uuids: Vec<Nullable<Uuid>>,
    pub documents: Vec<Nullable<Document>>,
}

/// What gives the columns of an entity: a name for its table, the table itself, or the row that an upsert was to insert.
pub trait Columns<E> {
    fn get<T: ColumnType>(&self, column: Column<E, T>) -> Nullable<T::Base>
    where
        T::Base: ColumnType<Base = T::Base>;
}

impl<E: Mapped> Columns<E> for Alias<E> {
    fn get<T: ColumnType>(&self, column: Column<E, T>) -> Nullable<T::Base>
    where
        T::Base: ColumnType<Base = T::Base>,
    {
        self.col(column).nullable()
    }
}

/// The table that a statement changes.
pub struct Itself;

impl<E: Mapped> Columns<E> for Itself {
    fn get<T: ColumnType>(&self, column: Column<E, T>) -> Nullable<T::Base>
    where
        T::Base: ColumnType<Base = T::Base>,
    {
        column.nullable()
    }
}

/// The row that an upsert was to insert.
pub struct Excluded;

impl<E: Mapped> Columns<E> for Excluded {
    fn get<T: ColumnType>(&self, column: Column<E, T>) -> Nullable<T::Base>
    where
        T::Base: ColumnType<Base = T::Base>,
    {
        excluded(column).nullable()
    }
}

impl Scope {
    pub fn thing(it: impl Columns<Thing>) -> Self {
        Self {
            ints: vec![it.get(Thing::ID), it.get(Thing::BIG)],
            middles: vec![it.get(Thing::MIDDLE)],
            smalls: vec![it.get(Thing::SMALL)],
            texts: vec![it.get(Thing::NAME), it.get(Thing::NICK), it.get(Thing::LONG)],
            bools: vec![it.get(Thing::FLAG), it.get(Thing::MAYBE)],
            reals: vec![it.get(Thing::RATIO), it.get(Thing::RATE)],
            decimals: vec![it.get(Thing::PRICE), it.get(Thing::COST)],
            days: vec![it.get(Thing::DAY), it.get(Thing::UNTIL)],
            moments: vec![it.get(Thing::AT), it.get(Thing::SEEN)],
            bytes: vec![it.get(Thing::BYTES)],
            uuids: vec![it.get(Thing::UUID)],
            documents: vec![it.get(Thing::DOC)],
        }
    }

    pub fn part(it: impl Columns<Part>) -> Self {
        Self {
            ints: vec![it.get(Part::ID), it.get(Part::THING_ID)],
            middles: vec![it.get(Part::NUMBER)],
            texts: vec![it.get(Part::NOTE)],
            ..Self::default()
        }
    }

    pub fn and(mut self, other: &Self) -> Self {
        self.ints.extend(other.ints.iter().cloned());
        self.middles.extend(other.middles.iter().cloned());
        self.smalls.extend(other.smalls.iter().cloned());
        self.texts.extend(other.texts.iter().cloned());
        self.bools.extend(other.bools.iter().cloned());
        self.reals.extend(other.reals.iter().cloned());
        self.decimals.extend(other.decimals.iter().cloned());
        self.days.extend(other.days.iter().cloned());
        self.moments.extend(other.moments.iter().cloned());
        self.bytes.extend(other.bytes.iter().cloned());
        self.uuids.extend(other.uuids.iter().cloned());
        self.documents.extend(other.documents.iter().cloned());
        self
    }
}

const INTS: [i64; 10] = [1, 0, -1, 2, 3, 7, -8, 100, 60, -60];

/// A column, a value, or what can be made of any type; `None` where the type has ways of its own to go on.
macro_rules! common {
    ($self:ident, $scope:ident, $depth:ident, $ways:literal, $columns:ident, $make:ident, $value:expr) => {{
        let value = |it: &mut Self| -> Option<_> { it.choices.maybe($value) };
        if $depth == 0 || $self.choices.is_empty() {
            return if !$scope.$columns.is_empty() && $self.choices.pick(3) < 2 {
                $self.choices.of(&$scope.$columns)
            } else {
                literal(Some($self.choices.make($value)))
            };
        }
        let down = $depth - 1;
        let way = $self.choices.pick(8 + $ways);
        match way {
            0 if !$scope.$columns.is_empty() => return $self.choices.of(&$scope.$columns),
            0 | 1 => return literal(Some($self.choices.make($value))),
            2 => return func::coalesce($self.$make($scope, down), $self.$make($scope, down)),
            3 => {
                let it = $self.$make($scope, down);
                let value = value($self);
                return func::coalesce(it, value);
            }
            4 => return func::nullif($self.$make($scope, down), $self.$make($scope, down)),
            5 => return case().when($self.bool($scope, down), $self.$make($scope, down)).end(),
            6 => {
                let start = case().when($self.bool($scope, down), $self.$make($scope, down));
                let start = start.when($self.bool($scope, down), value($self));
                return start.else_($self.$make($scope, down)).nullable();
            }
            7 => return $self.one_value($scope, down, |it, inner| it.$make(inner, down)),
            way => (way - 8, down),
        }
    }};
}

impl Maker<'_> {
    pub fn int(&mut self, s: &Scope, depth: usize) -> Nullable<i64> {
        if let Some(holes) = self.hole() {
            return holes.int;
        }
        let (way, d) = common!(self, s, depth, 36, ints, int, |c| c.of(&INTS));
        match way {
            0 => self.int(s, d) + self.int(s, d),
            1 => self.int(s, d) - self.int(s, d),
            2 => self.int(s, d) * self.int(s, d),
            3 => self.int(s, d) / self.int(s, d),
            4 => self.int(s, d) % self.int(s, d),
            5 => self.int(s, d) + self.choices.of(&INTS),
            6 => self.int(s, d) / self.choices.of(&INTS),
            7 => -self.int(s, d),
            8 => func::floor_div(self.int(s, d), self.int(s, d)),
            9 => func::div_euclid(self.int(s, d), self.int(s, d)),
            10 => func::rem_euclid(self.int(s, d), self.int(s, d)),
            11 => func::greatest(self.int(s, d), self.int(s, d)),
            12 => func::least(self.int(s, d), self.int(s, d)),
            13 => func::abs(self.int(s, d)),
            14 => func::sign(self.int(s, d)).cast::<Option<i64>>(),
            15 => func::bit_and(self.int(s, d), self.int(s, d)),
            16 => func::bit_or(self.int(s, d), self.int(s, d)),
            17 => func::bit_xor(self.int(s, d), self.int(s, d)),
            18 => func::bit_not(self.int(s, d)),
            19 => func::shift_left(self.int(s, d), self.middle(s, d)),
            20 => func::shift_right(self.int(s, d), self.middle(s, d)),
            21 => func::length(self.text(s, d)).nullable(),
            22 => func::octet_length(self.text(s, d)).nullable(),
            23 => self.text(s, d).try_cast_integer(),
            24 => self.middle(s, d).cast::<Option<i64>>(),
            25 => self.bool(s, d).cast::<Option<i64>>(),
            26 => func::unix_seconds(self.moment(s, d)).nullable(),
            27 => func::unix_micros(self.moment(s, d)).nullable(),
            28 => func::micros_between(self.moment(s, d), self.moment(s, d)).nullable(),
            29 => self.real(s, d).cast::<Option<i64>>(),
            30 => self.document(s).as_int(),
            31 => self.count_of_query(s, d).nullable(),
            32 => self.small(s, d).cast::<Option<i64>>(),
            33 => self.middle(s, d).nullable().cast::<Option<i64>>() * 3,
            34 => self.int(s, d) % self.choices.of(&INTS),
            _ => func::nullif(self.int(s, d), self.choices.of(&INTS)),
        }
    }

    pub fn middle(&mut self, s: &Scope, depth: usize) -> Nullable<i32> {
        let (way, d) = common!(self, s, depth, 26, middles, middle, |c| c.of(&[1, 0, -1, 2, 5, -30, 40]));
        match way {
            0 => self.middle(s, d) + self.choices.of(&[1, -1, 12]),
            1 => self.middle(s, d) - self.middle(s, d),
            2 => self.middle(s, d) * 2,
            3 => self.middle(s, d) / self.middle(s, d),
            4 => self.middle(s, d) % self.middle(s, d),
            5 => func::sign(self.int(s, d)).nullable(),
            6 => func::position(self.text(s, d), self.text(s, d)).nullable(),
            7 => func::year(self.moment(s, d)).nullable(),
            8 => func::year(self.day(s, d)).nullable(),
            9 => func::quarter(self.day(s, d)).nullable(),
            10 => func::month(self.moment(s, d)).nullable(),
            11 => func::day(self.day(s, d)).nullable(),
            12 => func::day_of_year(self.moment(s, d)).nullable(),
            13 => func::weekday(self.day(s, d)).nullable(),
            14 => func::iso_weekday(self.moment(s, d)).nullable(),
            15 => func::iso_week(self.day(s, d)).nullable(),
            16 => func::iso_year(self.moment(s, d)).nullable(),
            17 => func::hour(self.moment(s, d)).nullable(),
            18 => func::minute(self.moment(s, d)).nullable(),
            19 => func::second(self.moment(s, d)).nullable(),
            20 => func::days_between(self.day(s, d), self.day(s, d)).nullable(),
            21 => func::days_between(self.moment(s, d), self.moment(s, d)).nullable(),
            22 => self.document(s).length(),
            23 => func::greatest(self.middle(s, d), self.middle(s, d)),
            24 => func::floor_div(self.middle(s, d), self.middle(s, d)),
            _ => func::abs(self.middle(s, d)),
        }
    }

    pub fn small(&mut self, s: &Scope, depth: usize) -> Nullable<i16> {
        let (way, d) = common!(self, s, depth, 3, smalls, small, |c| c.of(&[1_i16, 0, -1, 5]));
        match way {
            0 => self.small(s, d) % 7_i16,
            1 => func::least(self.small(s, d), 3_i16),
            _ => self.small(s, d) / 5_i16,
        }
    }

    pub fn text(&mut self, s: &Scope, depth: usize) -> Nullable<String> {
        if let Some(holes) = self.hole() {
            return holes.text;
        }
        let (way, d) = common!(self, s, depth, 22, texts, text, |c| c.of(&models::TEXTS).to_owned());
        match way {
            0 => self.text(s, d).concat(self.text(s, d)),
            1 => self.text(s, d).concat(self.choices.of(&models::TEXTS)),
            2 => func::lower(self.int(s, d).cast::<Option<String>>().concat("aB")),
            3 => func::upper(self.bool(s, d).cast::<Option<String>>()),
            4 => func::trim(self.text(s, d)),
            5 => func::ltrim(self.text(s, d)),
            6 => func::rtrim(self.text(s, d)),
            7 => func::substr(self.text(s, d), self.middle(s, d), self.middle(s, d)),
            8 => func::substr(
                self.text(s, d),
                self.choices.of(&[1, 2, 0, -1]),
                self.choices.of(&[1, 0, 5, -1]),
            ),
            9 => func::replace(self.text(s, d), self.choices.of(&["a", "b", "é", "%"]), self.text(s, d)),
            10 => func::replace(self.text(s, d), self.text(s, d), self.text(s, d)),
            11 => func::repeat(self.text(s, d), self.choices.of(&[2, 0, -1, 1])),
            12 => self.int(s, d).cast::<Option<String>>(),
            13 => self.bool(s, d).cast::<Option<String>>(),
            14 => self.day(s, d).cast::<Option<String>>(),
            15 => self.moment(s, d).cast::<Option<String>>(),
            16 => self.uuid(s, d).cast::<Option<String>>(),
            17 => self.scalar_of_document(s).as_text(),
            18 => self.text(s, d).collate(Collation::CodePoint),
            19 => func::greatest(self.text(s, d).collate(Collation::CodePoint), self.text(s, d)),
            20 => func::repeat(self.text(s, d), func::least(self.middle(s, d), 3)),
            _ => self.middle(s, d).cast::<Option<String>>(),
        }
    }

    pub fn real(&mut self, s: &Scope, depth: usize) -> Nullable<f64> {
        let (way, d) = common!(self, s, depth, 15, reals, real, |c| c.of(&models::REALS));
        match way {
            0 => self.real(s, d) + self.real(s, d),
            1 => self.real(s, d) - self.choices.of(&models::REALS),
            2 => self.real(s, d) * self.real(s, d),
            3 => self.real(s, d) / self.real(s, d),
            4 => self.real(s, d) / self.choices.of(&models::REALS),
            5 => func::round(self.real(s, d)),
            6 => func::floor(self.real(s, d)),
            7 => func::ceil(self.real(s, d)),
            8 => func::trunc(self.real(s, d)),
            9 => func::true_div(self.int(s, d), self.int(s, d)),
            10 => self.int(s, d).cast::<Option<f64>>(),
            11 => func::pow(self.real(s, 0), self.choices.of(&[2.0, 0.0, -1.0, 3.0])),
            12 => self.document(s).as_real(),
            13 => -self.real(s, d),
            _ => func::abs(self.real(s, d)),
        }
    }

    pub fn decimal(&mut self, s: &Scope, depth: usize) -> Nullable<Decimal> {
        let (way, d) = common!(self, s, depth, 7, decimals, decimal, models::decimal);
        match way {
            0 => self.decimal(s, d) + self.decimal(s, d),
            1 => self.decimal(s, d) - models::decimal(&mut self.choices),
            2 => self.decimal(s, d) - self.decimal(s, d),
            3 => -self.decimal(s, d),
            4 => func::abs(self.decimal(s, d)),
            5 => func::greatest(self.decimal(s, d), self.decimal(s, d)),
            _ => func::least(self.decimal(s, d), models::decimal(&mut self.choices)),
        }
    }

    pub fn day(&mut self, s: &Scope, depth: usize) -> Nullable<NaiveDate> {
        let (way, d) = common!(self, s, depth, 6, days, day, models::day);
        match way {
            0 => func::add_days(self.day(s, d), self.choices.of(&[1, -1, 0, 400])),
            1 => func::add_months(self.day(s, d), self.choices.of(&[1, -1, 0, 13])),
            2 => self.moment(s, d).cast::<Option<NaiveDate>>(),
            3 => func::add_days(self.day(s, d), self.middle(s, d)),
            4 => func::add_months(self.day(s, d), self.middle(s, d)),
            _ => func::greatest(self.day(s, d), self.day(s, d)),
        }
    }

    pub fn moment(&mut self, s: &Scope, depth: usize) -> Nullable<DateTime<Utc>> {
        let (way, d) = common!(self, s, depth, 11, moments, moment, models::moment);
        match way {
            0 => func::add_seconds(self.moment(s, d), self.choices.of(&[1_i64, -1, 0, 86_400])),
            1 => func::add_days(self.moment(s, d), self.choices.of(&[1, -1, 0, 400])),
            2 => func::add_months(self.moment(s, d), self.choices.of(&[1, -1, 0, 13])),
            3 => self.day(s, d).cast::<Option<DateTime<Utc>>>(),
            4 => func::start_of_day(self.moment(s, d)),
            5 => func::start_of_hour(self.moment(s, d)),
            6 => func::start_of_month(self.moment(s, d)),
            7 => func::start_of_week(self.moment(s, d)),
            8 => func::add_seconds(self.moment(s, d), func::length(self.text(s, d))),
            9 => func::add_days(self.moment(s, d), self.middle(s, d)),
            _ => func::least(self.moment(s, d), models::moment(&mut self.choices)),
        }
    }

    pub fn uuid(&mut self, s: &Scope, depth: usize) -> Nullable<Uuid> {
        let (_, d) = common!(self, s, depth, 1, uuids, uuid, |c| Uuid::from_u128(c.of(&[0, 1, 7 << 120])));
        func::greatest(self.uuid(s, d), self.uuid(s, d))
    }

    pub fn bytes(&mut self, s: &Scope, depth: usize) -> Nullable<Vec<u8>> {
        let (_, d) =
            common!(self, s, depth, 1, bytes, bytes, |c| c.of(&[&b""[..], b"a", b"\0\xff"]).to_vec());
        func::nullif(self.bytes(s, d), b"a".to_vec())
    }

    /// What an array or an object is as text, is not the same everywhere.
    fn scalar_of_document(&mut self, s: &Scope) -> aludel::JsonAt {
        let document = if s.documents.is_empty() {
            literal(Some(Json(models::document(&mut self.choices))))
        } else {
            self.choices.of(&s.documents)
        };
        match self.choices.pick(4) {
            0 => document.path("a"),
            1 => document.path("b"),
            2 => document.path(("d", "e")),
            // From the end it is a query on MariaDB.
            _ if self.in_keys => document.path(("c", 0, "a")),
            _ => document.path(("c", -1, "a")),
        }
    }

    fn document(&mut self, s: &Scope) -> aludel::JsonAt {
        let document = if s.documents.is_empty() {
            literal(Some(Json(models::document(&mut self.choices))))
        } else {
            self.choices.of(&s.documents)
        };
        match self.choices.pick(10) {
            0 => document.path("a"),
            1 => document.path("b"),
            2 => document.path(("c", 0)),
            3 if !self.in_keys => document.path(("c", -1)),
            4 => document.path(("d", "e")),
            5 => document.path("a b"),
            6 => document.path(0),
            7 => document.json_set("a", self.choices.of(&[7, 0])).path("a"),
            8 => document.json_remove(("c", 0)).path(("c", 0)),
            _ => document.path("c"),
        }
    }

    pub fn bool(&mut self, s: &Scope, depth: usize) -> Expr<bool> {
        if depth == 0 || self.choices.is_empty() {
            return match self.choices.pick(4) {
                0 => self.int(s, 0).gt(self.choices.of(&INTS)),
                1 => self.text(s, 0).is_null(),
                2 if !s.bools.is_empty() => self.choices.of(&s.bools).type_coerce::<bool>(),
                _ => literal(self.choices.pick(2) == 1),
            };
        }
        let d = depth - 1;
        match self.choices.pick(48) {
            0 if !s.bools.is_empty() => self.choices.of(&s.bools).type_coerce::<bool>(),
            0 | 1 => literal(self.choices.pick(2) == 1),
            2 => self.bool(s, d) & self.bool(s, d),
            3 => self.bool(s, d) | self.bool(s, d),
            4 => !self.bool(s, d),
            5 => self.int(s, d).eq(self.int(s, d)),
            6 => self.int(s, d).eq(self.choices.maybe(|c| c.of(&INTS))),
            7 => self.int(s, d).lt(self.int(s, d)),
            8 => self.int(s, d).is_distinct_from(self.int(s, d)),
            9 => self.int(s, d).is_not_distinct_from(self.choices.maybe(|c| c.of(&INTS))),
            10 => self.text(s, d).eq(self.text(s, d)),
            11 => self.text(s, d).ne(self.choices.maybe(|c| c.of(&models::TEXTS).to_owned())),
            12 => self.text(s, d).collate(Collation::CodePoint).lt(self.text(s, d)),
            13 => self.text(s, d).is_distinct_from(self.text(s, d)),
            14 => self.real(s, d).ge(self.real(s, d)),
            15 => (self.decimal(s, 0) * self.decimal(s, 0)).le(self.decimal(s, d)),
            16 => self.decimal(s, d).eq(self.decimal(s, d)),
            17 => self.day(s, d).lt(self.day(s, d)),
            18 => self.moment(s, d).gt(self.moment(s, d)),
            19 => self.moment(s, d).eq(self.moment(s, d)),
            20 => self.bytes(s, d).eq(self.bytes(s, d)),
            21 => self.uuid(s, d).eq(self.uuid(s, d)),
            22 => self.uuid(s, d).lt(self.uuid(s, d)),
            23 => self.bool(s, d).eq(self.bool(s, d)),
            24 => self.bool(s, d).is_distinct_from(self.choices.maybe(|c| c.pick(2) == 1)),
            25 => self.int(s, d).between(self.int(s, d), self.int(s, d)),
            26 => self.day(s, d).between_symmetric(self.day(s, d), self.day(s, d)),
            27 => {
                let mut list: Vec<i64> = (0..self.choices.pick(4)).map(|_| self.choices.of(&INTS)).collect();
                // More than a statement has parameters, anywhere.
                if self.choices.pick(24) == 23 {
                    list.extend(1_000_000..1_070_000);
                }
                let it = self.int(s, d);
                if self.choices.pick(2) == 0 { it.in_(list) } else { it.not_in(list) }
            }
            28 => {
                let list: Vec<&str> =
                    (0..self.choices.pick(4)).map(|_| self.choices.of(&models::TEXTS)).collect();
                let it = self.text(s, d);
                if self.choices.pick(2) == 0 { it.in_(list) } else { it.not_in(list) }
            }
            29 => {
                let list: Vec<Decimal> =
                    (0..self.choices.pick(4)).map(|_| models::decimal(&mut self.choices)).collect();
                self.decimal(s, d).in_(list)
            }
            30 => {
                let list: Vec<DateTime<Utc>> =
                    (0..self.choices.pick(4)).map(|_| models::moment(&mut self.choices)).collect();
                self.moment(s, d).in_(list)
            }
            31 => self.int(s, d).in_(self.ints_of_query(s, d)),
            32 => self.exists_query(s, d),
            33 => {
                self.text(s, d).like(self.choices.of(&["%", "a%", "_", "%é", "", "%!%", "[%", "%*%", "%\\%"]))
            }
            34 => self.text(s, d).ilike(self.choices.of(&["%", "A%", "_", "%b", "", "É"])),
            35 => self.text(s, d).contains(self.text(s, d)),
            36 => self.text(s, d).starts_with(self.text(s, d)),
            37 => self.text(s, d).ends_with(self.text(s, d)),
            38 => self.text(s, d).icontains(self.choices.of(&["a", "B", ""])),
            39 => self.moment(s, d).is_null(),
            40 => self.decimal(s, d).is_not_null(),
            41 => self.bool(s, d).is_null(),
            42 => self.document(s).exists(),
            43 => self.document(s).as_bool().type_coerce::<bool>(),
            44 => {
                let other = (self.int(s, d), self.text(s, d).collate(Collation::CodePoint));
                let it = tuple((self.int(s, d), self.text(s, d)));
                match self.choices.pick(3) {
                    0 => it.eq(other),
                    1 => it.ne(other),
                    _ => it.lt(other),
                }
            }
            45 => {
                let rows = self.choices.of(&[0, 1, 2, 3]);
                let list: Vec<(i64, i32)> =
                    (0..rows).map(|_| (self.choices.of(&INTS), self.choices.of(&[1, 2, 0]))).collect();
                let it = tuple((self.int(s, d), self.middle(s, d)));
                if self.choices.pick(2) == 0 { it.in_(list) } else { it.not_in(list) }
            }
            46 => case().when(self.bool(s, d), self.bool(s, d)).else_(self.bool(s, d)),
            _ => self.bytes(s, d).in_([b"a".to_vec(), b"".to_vec()]),
        }
    }
}
