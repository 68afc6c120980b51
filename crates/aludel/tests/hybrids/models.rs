//! A table with a column of each kind, and hybrids with every form that is translated, those that could be said shorter as well.

#![allow(
    clippy::eq_op,
    clippy::nonminimal_bool,
    clippy::partialeq_to_none,
    clippy::redundant_pattern_matching
)]

use aludel::prelude::*;
use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use rust_decimal::Decimal;

#[derive(DbEnum, Clone, Copy, Debug, PartialEq)]
pub enum Status {
    Draft,
    Review,
    Done,
}

#[derive(Entity, Clone, Debug)]
#[entity(table = "samples")]
pub struct Sample {
    #[column(primary_key)]
    pub id: i64,
    pub small: i16,
    pub middle: i32,
    pub big: i64,
    pub maybe: Option<i64>,
    pub other: Option<i64>,
    pub ratio: f64,
    pub rate: Option<f64>,
    pub name: String,
    #[column(length = 100)]
    pub code: String,
    pub nick: Option<String>,
    pub flag: bool,
    pub switch: Option<bool>,
    pub status: Status,
    #[column(precision = 10, scale = 2)]
    pub price: Decimal,
    pub day: Option<NaiveDate>,
    pub moment: DateTime<Utc>,
    pub until: Option<DateTime<Utc>>,
}

pub const LIMIT: i64 = 3;
pub const WORD: &str = "é";

/// Comparisons and conditions.
#[hybrid]
impl Sample {
    pub fn equal_numbers(&self) -> bool {
        self.big == self.middle as i64
    }
    pub fn different_numbers(&self) -> bool {
        self.big != 2
    }
    pub fn above(&self) -> bool {
        self.big > LIMIT && self.ratio >= -0.5
    }
    pub fn either(&self) -> bool {
        !(self.flag || self.small < 0) || self.middle <= self.small as i32
    }
    pub fn equal_options(&self) -> bool {
        self.maybe == self.other
    }
    pub fn different_options(&self) -> bool {
        self.maybe != self.other
    }
    pub fn equal_to_some(&self) -> bool {
        self.maybe == Some(2) || self.nick.is_some()
    }
    pub fn equal_to_none(&self) -> bool {
        self.maybe == None && None != self.other
    }
    pub fn some_of_a_column(&self) -> bool {
        self.maybe == Some(self.big) && Some(self.big) != self.other
    }
    pub fn less_option(&self) -> bool {
        self.maybe < self.other
    }
    pub fn less_or_equal_option(&self) -> bool {
        self.maybe <= self.other
    }
    pub fn greater_option(&self) -> bool {
        self.maybe > self.other
    }
    pub fn greater_or_equal_option(&self) -> bool {
        self.maybe >= self.other
    }
    pub fn not_less_option(&self) -> bool {
        !(self.maybe < self.other)
    }
    pub fn options_beside_some(&self) -> i64 {
        (self.maybe < Some(2)) as i64
            + (self.maybe <= Some(2)) as i64 * 2
            + (self.maybe > Some(2)) as i64 * 4
            + (self.maybe >= Some(2)) as i64 * 8
            + (Some(2) < self.maybe) as i64 * 16
            + (Some(2) >= self.maybe) as i64 * 32
    }
    pub fn option_of_a_bool(&self) -> bool {
        self.switch == Some(self.flag) || self.switch.unwrap_or(false)
    }
    pub fn constant(&self) -> bool {
        true && !false
    }
    pub fn chosen(&self) -> i64 {
        if self.big > 2 {
            1
        } else if self.maybe.is_some() {
            2
        } else {
            self.big
        }
    }
    pub fn chosen_text(&self) -> String {
        if let Some(nick) = &self.nick { nick.clone() } else { self.name.clone() }
    }
    pub fn matched(&self) -> i64 {
        match self.maybe {
            Some(0 | 1) => 1,
            Some(2..=3) => 2,
            Some(other) => other,
            None => self.other.unwrap_or(-1),
        }
    }
    pub fn matched_text(&self) -> &str {
        match self.name.as_str() {
            "é" | "ß" => "one letter",
            "" => "nothing",
            _ => "more",
        }
    }
    pub fn matched_status(&self) -> i32 {
        match self.status {
            Status::Draft => 1,
            Status::Review | Status::Done => 2,
        }
    }
    pub fn is_open(&self) -> bool {
        matches!(self.status, Status::Draft | Status::Review) && self.status != Status::Review
    }
    pub fn is_some_three(&self) -> bool {
        matches!(self.maybe, Some(3)) || matches!(self.other, None)
    }
    pub fn in_an_array(&self) -> bool {
        [1, 2, self.big].contains(&(self.middle as i64))
    }
    pub fn in_a_range(&self) -> bool {
        (1..=3).contains(&self.big) || (-2..0).contains(&self.small) || (4..).contains(&self.middle)
    }
    pub fn of_others(&self) -> bool {
        self.is_open() && !self.above_limit(LIMIT)
    }
    pub fn above_limit(&self, limit: i64) -> bool {
        self.maybe.is_some_and(|it| it > limit)
    }
}

/// Options.
#[hybrid]
impl Sample {
    pub fn has_one(&self) -> bool {
        self.maybe.is_some() || self.nick.is_none()
    }
    pub fn some_and(&self) -> bool {
        self.maybe.is_some_and(|it| it > 2 || self.flag)
    }
    pub fn not_some_and(&self) -> bool {
        !self.maybe.is_some_and(|it| it > 2)
    }
    pub fn none_or(&self) -> bool {
        self.maybe.is_none_or(|it| it < 2 && self.other.is_none_or(|other| other != it))
    }
    pub fn mapped(&self) -> Option<bool> {
        self.maybe.map(|it| it > 2 || self.flag)
    }
    pub fn mapped_or(&self) -> i64 {
        self.maybe.map_or(-7, |it| it + self.big)
    }
    pub fn chained(&self) -> Option<i64> {
        self.maybe.and_then(|it| self.other.map(|other| it - other))
    }
    pub fn filtered(&self) -> Option<i64> {
        self.maybe.filter(|it| *it > 0)
    }
    pub fn or_else_other(&self) -> Option<i64> {
        self.maybe.or(self.other)
    }
    pub fn and_other(&self) -> Option<i64> {
        self.maybe.and(self.other)
    }
    pub fn xor_other(&self) -> Option<i64> {
        self.maybe.xor(self.other)
    }
    pub fn or_number(&self) -> i64 {
        self.maybe.unwrap_or(self.big) + self.other.unwrap_or_default()
    }
    pub fn greatest_option(&self) -> Option<i64> {
        self.maybe.max(self.other)
    }
    pub fn least_option(&self) -> Option<i64> {
        self.maybe.min(self.other)
    }
    pub fn shown(&self) -> &str {
        self.nick.as_deref().unwrap_or("nobody")
    }
    pub fn length_of_nick(&self) -> Option<i64> {
        self.nick.as_ref().map(length)
    }
    pub fn given(&self) -> Option<i64> {
        if self.flag { Some(self.big) } else { None }
    }
}

/// Numbers.
#[hybrid]
impl Sample {
    pub fn calculated(&self) -> i64 {
        (self.big + 2) * 3 - self.big
    }
    pub fn calculated_shorter(&self) -> i32 {
        -(self.middle * 2 - 1)
    }
    pub fn calculated_shortest(&self) -> i16 {
        self.small + 1
    }
    pub fn divided(&self) -> i64 {
        self.big / 3 + self.big / -2
    }
    pub fn remainder(&self) -> i64 {
        self.big % 3 - self.big % -2
    }
    pub fn euclid(&self) -> i64 {
        self.big.rem_euclid(3) + self.big.rem_euclid(-4)
    }
    pub fn checked_quotient(&self) -> Option<i64> {
        self.big.checked_div(self.middle as i64)
    }
    pub fn checked_remainder(&self) -> Option<i64> {
        self.big.checked_rem(i64::from(self.small))
    }
    pub fn sizes(&self) -> i64 {
        self.big.abs() + self.big.signum() + self.big.clamp(-2, 4).max(self.middle as i64)
    }
    pub fn signs(&self) -> bool {
        self.big.is_positive() || self.small.is_negative()
    }
    pub fn real(&self) -> f64 {
        (self.ratio + 1.5) * 2.0 - self.ratio / 4.0
    }
    pub fn real_of_integers(&self) -> f64 {
        self.big as f64 / 2.0 + f64::from(self.middle)
    }
    pub fn rounded(&self) -> f64 {
        self.ratio.round()
    }
    pub fn floored(&self) -> f64 {
        self.ratio.floor()
    }
    pub fn ceiled(&self) -> f64 {
        self.ratio.ceil()
    }
    pub fn truncated(&self) -> f64 {
        self.ratio.trunc()
    }
    pub fn greatest_real(&self) -> f64 {
        self.ratio.max(-0.25).abs().min(1e6)
    }
    pub fn expensive(&self) -> bool {
        self.price + self.price > self.price * self.price
    }
    pub fn total(&self, more: Decimal) -> Decimal {
        self.price - more
    }
    pub fn as_number(&self) -> i64 {
        self.flag as i64 + self.small as i64
    }
}

/// Text.
#[hybrid]
impl Sample {
    pub fn is_long(&self) -> bool {
        length(&self.name) > 3
    }
    pub fn lengths(&self) -> i64 {
        length(&self.name) + octet_length(self.code.as_str()) * 100
    }
    pub fn counted(&self) -> i64 {
        self.name.chars().count() as i64 + self.name.len() as i64
    }
    pub fn is_short(&self) -> bool {
        self.name.chars().count() < 3 && !self.name.is_empty()
    }
    pub fn same_text(&self) -> bool {
        self.name == self.code || self.name == WORD
    }
    pub fn before_text(&self) -> bool {
        self.name < self.code
    }
    pub fn not_after_text(&self) -> bool {
        self.name.as_str() <= "a"
    }
    pub fn texts_with_none(&self) -> bool {
        self.nick < Some(self.name.clone()) && self.nick.as_deref() != Some("é")
    }
    pub fn has_percent(&self) -> bool {
        self.name.contains('%') || self.name.contains("_")
    }
    pub fn contains_code(&self) -> bool {
        self.name.contains(&self.code)
    }
    pub fn begins_with_code(&self) -> bool {
        self.name.starts_with(&self.code)
    }
    pub fn ends_with_code(&self) -> bool {
        self.name.ends_with(&self.code)
    }
    pub fn begins(&self, with: &str) -> bool {
        self.name.starts_with(with)
    }
    pub fn ascii_lower(&self) -> String {
        self.name.to_ascii_lowercase()
    }
    pub fn ascii_upper(&self) -> String {
        self.name.to_ascii_uppercase()
    }
    pub fn same_in_ascii(&self) -> bool {
        self.name.eq_ignore_ascii_case(&self.code)
    }
    pub fn trimmed(&self) -> String {
        self.name.trim().to_owned()
    }
    pub fn trimmed_before(&self) -> &str {
        self.name.trim_start()
    }
    pub fn trimmed_behind(&self) -> &str {
        self.name.trim_end()
    }
    pub fn replaced(&self) -> String {
        self.name.replace("a", "bb").replace('é', &self.code)
    }
    pub fn repeated(&self) -> String {
        self.code.repeat(3)
    }
    pub fn reversed(&self) -> String {
        self.name.chars().rev().collect()
    }
    pub fn middle_characters(&self) -> String {
        self.name.chars().skip(1).take(2).collect::<String>()
    }
    pub fn full_name(&self) -> String {
        format!("{}: {} {{{}}}", self.name, self.big, self.code)
    }
    pub fn joined(&self) -> String {
        self.name.clone() + "-" + &self.code
    }
    pub fn written(&self) -> String {
        self.big.to_string()
    }
    pub fn greeting(&self, word: &str) -> String {
        format!("{word}, {}!", self.name)
    }
}

/// Dates, as they compare.
#[hybrid]
impl Sample {
    pub fn is_over(&self) -> bool {
        self.until.is_some_and(|it| it <= self.moment)
    }
    pub fn since(&self, day: NaiveDate) -> bool {
        self.day.is_none_or(|it| it >= day)
    }
    pub fn parts(&self) -> i64 {
        self.moment.year() as i64
            + self.moment.month() as i64 * 10_000
            + self.moment.day() as i64 * 1_000_000
            + self.moment.hour() as i64 * 100_000_000
            + self.moment.minute() as i64 * 10_000_000_000
            + self.moment.second() as i64 * 1_000_000_000_000
    }
    pub fn seconds(&self) -> i64 {
        self.moment.timestamp()
    }
    pub fn micros(&self) -> i64 {
        self.moment.timestamp_micros()
    }
    pub fn day_of_year(&self) -> Option<u32> {
        self.day.map(|it| it.ordinal())
    }
    pub fn year_and_month(&self) -> Option<String> {
        self.day.map(|it| format!("{}/{}/{}", it.year(), it.month(), it.day()))
    }
    pub fn later(&self) -> bool {
        self.until > Some(self.moment)
    }
}

/// What MariaDB has not.
#[hybrid]
impl Sample {
    pub fn lower(&self) -> String {
        self.name.to_lowercase()
    }
    pub fn upper(&self) -> String {
        self.name.to_uppercase()
    }
    pub fn same_in_lower_case(&self) -> bool {
        self.name.to_lowercase() == self.code.to_lowercase()
    }
}
