//! Two tables with columns of every portable type, and random rows for them.

use aludel::prelude::*;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use crate::choices::Choices;

/// Has a column of each type, most of them also nullable. Some names must be quoted.
#[derive(Entity, Clone, Debug)]
#[entity(table = "things")]
pub struct Thing {
    #[column(primary_key, autoincrement = false)]
    pub id: i64,
    pub small: i16,
    pub middle: Option<i32>,
    #[column(name = "order")]
    pub big: Option<i64>,
    #[column(length = 60)]
    pub name: String,
    #[column(length = 60, name = "Größe")]
    pub nick: Option<String>,
    pub long: Option<String>,
    pub flag: bool,
    pub maybe: Option<bool>,
    pub ratio: f64,
    pub rate: Option<f64>,
    #[column(precision = 10, scale = 2)]
    pub price: Decimal,
    #[column(precision = 12, scale = 2)]
    pub cost: Option<Decimal>,
    pub day: NaiveDate,
    pub until: Option<NaiveDate>,
    pub at: DateTime<Utc>,
    pub seen: Option<DateTime<Utc>>,
    pub bytes: Option<Vec<u8>>,
    pub uuid: Option<Uuid>,
    pub doc: Option<Json<serde_json::Value>>,
}

/// Belongs to a thing, or to none.
#[derive(Entity, Clone, Debug)]
#[entity(table = "parts")]
pub struct Part {
    #[column(primary_key, autoincrement = false)]
    pub id: i64,
    pub thing_id: Option<i64>,
    pub number: i32,
    #[column(length = 40, unique)]
    pub note: String,
}

pub const TEXTS: [&str; 24] = [
    "",
    "a",
    "A",
    "b",
    "ab",
    "aB ",
    " a",
    "é",
    "e\u{301}",
    "É",
    "ß",
    "😀",
    "İ",
    "ς",
    "12",
    "-7",
    "+3",
    "%",
    "_",
    "a\\b",
    "!",
    "x\ty\n",
    "\u{a0}z\u{2003}",
    "*?[x]",
];

pub const DECIMALS: [(i64, u32); 9] =
    [(0, 2), (125, 2), (-125, 2), (1, 2), (-1, 2), (99999, 2), (-12345, 2), (50, 2), (333, 2)];

pub const REALS: [f64; 12] = [0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 0.25, 3.0, -7.75, 1e6, -1e9, 0.125];

pub fn day(c: &mut Choices) -> NaiveDate {
    let days = [
        (2000, 2, 29),
        (1970, 1, 1),
        (1969, 12, 31),
        (2024, 1, 31),
        (2024, 12, 30),
        (2021, 1, 3),
        (1900, 3, 1),
        (2023, 10, 15),
    ];
    let (year, month, day) = c.of(&days);
    NaiveDate::from_ymd_opt(year, month, day).unwrap() + Days::new(c.pick(4) as u64)
}

pub fn moment(c: &mut Choices) -> DateTime<Utc> {
    let micros = c.of(&[0, 1, 999_999, 500_000, 123_456]);
    let hours = c.of(&[0, 23, 12, 1]);
    let seconds = c.of(&[0, 59, 3599, 1800]);
    day(c).and_hms_opt(0, 0, 0).unwrap().and_utc()
        + TimeDelta::hours(hours)
        + TimeDelta::seconds(seconds)
        + TimeDelta::microseconds(micros)
}

pub fn document(c: &mut Choices) -> serde_json::Value {
    c.of(&[
        json!({}),
        json!({"a": 1, "b": "x", "c": [1, 2, "z"], "d": {"e": true}}),
        json!({"a": null, "b": 2.5, "c": [], "d": {"e": "12"}}),
        json!({"a": -7, "b": false, "c": [null, {"a": 3}], "d": 4}),
        json!([1, 2, 3]),
        json!("text"),
        json!({"a": "é\"\\", "a b": 7, "c": [[1], [2]]}),
    ])
}

pub fn things(c: &mut Choices, count: i64) -> Vec<impl Insertable<Thing>> {
    (1..=count).map(|id| thing(c, id)).collect()
}

pub fn thing(c: &mut Choices, id: i64) -> impl Insertable<Thing> + use<> {
    Thing::builder()
        .id(id)
        .small(c.of(&[0, 1, -1, 2, 3, -7, 32767, -32768]))
        .middle(c.maybe(|c| c.of(&[0, 1, -1, 2, 5, 100, -100])))
        .big(c.maybe(|c| c.of(&[0, 1, -1, 2, 3, 7, -8, 1_000_000_007])))
        .name(c.of(&TEXTS).to_owned())
        .nick(c.maybe(|c| c.of(&TEXTS).to_owned()))
        .long(c.maybe(|c| c.of(&TEXTS).to_owned()))
        .flag(c.pick(2) == 1)
        .maybe(c.maybe(|c| c.pick(2) == 1))
        .ratio(c.of(&REALS))
        .rate(c.maybe(|c| c.of(&REALS)))
        .price(decimal(c))
        .cost(c.maybe(decimal))
        .day(day(c))
        .until(c.maybe(day))
        .at(moment(c))
        .seen(c.maybe(moment))
        .bytes(c.maybe(|c| c.of(&[&b""[..], b"\0", b"a", b"\xff\x00'", b"ab"]).to_vec()))
        .uuid(c.maybe(|c| Uuid::from_u128(c.of(&[0, 1, u128::MAX, 7 << 120]))))
        .doc(c.maybe(|c| Json(document(c))))
}

pub fn decimal(c: &mut Choices) -> Decimal {
    let (number, scale) = c.of(&DECIMALS);
    Decimal::new(number, scale)
}

pub fn parts(c: &mut Choices, count: i64, things: i64) -> Vec<impl Insertable<Part>> {
    (1..=count)
        .map(|id| {
            Part::builder()
                .id(id)
                .thing_id(c.maybe(|c| c.pick(things as usize) as i64 + 1))
                .number(c.of(&[0, 1, 2, 3, -1, 10]))
                .note(format!("{}{id}", c.of(&["a", "B", "é", ""])))
        })
        .collect()
}
