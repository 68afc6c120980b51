//! The forms of functions and casts on SQLite. Instants are text of 26 characters, dates of 10.

use std::borrow::Cow;

use aludel_sql::SqlType;
use aludel_sql::node::{JsonOp, JsonStep, Scalar};

/// What Unicode calls white space, as `str::trim` does.
macro_rules! white_space {
    ($function:literal) => {
        concat!(
            $function,
            "({0}, char(9, 10, 11, 12, 13, 32, 133, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201, \
             8202, 8232, 8233, 8239, 8287, 12288))"
        )
    };
}

pub(crate) const fn scalar(scalar: Scalar) -> Option<&'static str> {
    Some(match scalar {
        Scalar::NullIf => "nullif({0}, {1})",
        Scalar::Greatest => "max({0}, {1})",
        Scalar::Least => "min({0}, {1})",
        Scalar::Abs => "abs({0})",
        Scalar::Sign => "sign({0})",
        // Without the math functions; beyond 9e15 there is nothing behind the point.
        Scalar::Round => {
            "CASE WHEN abs({0}) < 9e15 THEN CAST({0} AS INTEGER) \
             + (CASE WHEN abs({0} - CAST({0} AS INTEGER)) >= 0.5 THEN sign({0}) ELSE 0 END) ELSE {0} END"
        }
        Scalar::Floor => {
            "CASE WHEN abs({0}) < 9e15 THEN CAST({0} AS INTEGER) - ({0} < CAST({0} AS INTEGER)) ELSE {0} END"
        }
        Scalar::Ceil => {
            "CASE WHEN abs({0}) < 9e15 THEN CAST({0} AS INTEGER) + ({0} > CAST({0} AS INTEGER)) ELSE {0} END"
        }
        Scalar::Trunc => "CASE WHEN abs({0}) < 9e15 THEN CAST({0} AS INTEGER) ELSE {0} END",
        Scalar::TrueDiv => "(CAST({0} AS REAL) / nullif({1}, 0))",
        Scalar::RemEuclid => "(({0} % nullif({1}, 0) + abs({1})) % nullif(abs({1}), 0))",
        Scalar::DivEuclid => {
            "(({0} - (({0} % nullif({1}, 0) + abs({1})) % nullif(abs({1}), 0))) / nullif({1}, 0))"
        }
        Scalar::FloorDiv => {
            "({0} / nullif({1}, 0) - CASE WHEN {0} % nullif({1}, 0) <> 0 AND ({0} < 0) <> ({1} < 0) THEN 1 ELSE 0 END)"
        }
        Scalar::Pow => "aludel_pow({0}, {1})",
        Scalar::ShiftLeft => "CASE WHEN {1} BETWEEN 0 AND 63 THEN {0} << {1} END",
        Scalar::ShiftRight => "CASE WHEN {1} BETWEEN 0 AND 63 THEN {0} >> {1} END",
        Scalar::BitAnd => "({0} & {1})",
        Scalar::BitOr => "({0} | {1})",
        Scalar::BitXor => "(({0} | {1}) - ({0} & {1}))",
        Scalar::BitNot => "(~ {0})",
        Scalar::OctetLength => "octet_length({0})",
        Scalar::Trim => "trim({0})",
        Scalar::LTrim => "ltrim({0})",
        Scalar::RTrim => "rtrim({0})",
        Scalar::Substr => "substr({0}, max({1}, 1), max({2}, 0))",
        // Where there is nothing to replace, its own does not look at what is put there.
        Scalar::Replace => "CASE WHEN {2} IS NOT NULL THEN replace({0}, {1}, {2}) END",
        // No blob is as long as NULL, but an empty one.
        Scalar::Repeat => "CASE WHEN {1} IS NOT NULL THEN replace(hex(zeroblob({1})), '00', {0}) END",
        Scalar::Position => "instr({0}, {1})",
        Scalar::Year => "CAST(strftime('%Y', {0}) AS INTEGER)",
        Scalar::Quarter => "((CAST(strftime('%m', {0}) AS INTEGER) + 2) / 3)",
        Scalar::Month => "CAST(strftime('%m', {0}) AS INTEGER)",
        Scalar::Day => "CAST(strftime('%d', {0}) AS INTEGER)",
        Scalar::DayOfYear => "CAST(strftime('%j', {0}) AS INTEGER)",
        Scalar::Weekday => "CAST(strftime('%w', {0}) AS INTEGER)",
        Scalar::IsoWeekday => "CAST(strftime('%u', {0}) AS INTEGER)",
        Scalar::IsoWeek => "CAST(strftime('%V', {0}) AS INTEGER)",
        Scalar::IsoYear => "CAST(strftime('%G', {0}) AS INTEGER)",
        Scalar::Hour => "CAST(strftime('%H', {0}) AS INTEGER)",
        Scalar::Minute => "CAST(strftime('%M', {0}) AS INTEGER)",
        Scalar::Second => "CAST(substr({0}, 18, 2) AS INTEGER)",
        Scalar::UnixSeconds => "unixepoch(substr({0}, 1, 19))",
        Scalar::UnixMicros => {
            "(unixepoch(substr({0}, 1, 19)) * 1000000 + CAST(substr({0}, 21, 6) AS INTEGER))"
        }
        Scalar::AddSeconds => "(datetime(substr({0}, 1, 19), {1} || ' seconds') || substr({0}, 20))",
        Scalar::AddDays => "(datetime(substr({0}, 1, 19), {1} || ' days') || substr({0}, 20))",
        Scalar::AddMonths => "(datetime(substr({0}, 1, 19), {1} || ' months', 'floor') || substr({0}, 20))",
        Scalar::DateAddDays => "date({0}, {1} || ' days')",
        Scalar::DateAddMonths => "date({0}, {1} || ' months', 'floor')",
        Scalar::MicrosBetween => {
            "((unixepoch(substr({0}, 1, 19)) - unixepoch(substr({1}, 1, 19))) * 1000000 \
             + CAST(substr({0}, 21, 6) AS INTEGER) - CAST(substr({1}, 21, 6) AS INTEGER))"
        }
        Scalar::DaysBetween => "CAST(julianday(date({0})) - julianday(date({1})) AS INTEGER)",
        Scalar::StartOfDay => "(substr({0}, 1, 10) || ' 00:00:00.000000')",
        Scalar::StartOfHour => "(substr({0}, 1, 13) || ':00:00.000000')",
        Scalar::StartOfMonth => "(substr({0}, 1, 7) || '-01 00:00:00.000000')",
        Scalar::StartOfWeek => "(date(substr({0}, 1, 19), '-6 days', 'weekday 1') || ' 00:00:00.000000')",
        Scalar::TryInteger => {
            "CASE WHEN length(CASE WHEN substr({0}, 1, 1) IN ('+', '-') THEN substr({0}, 2) ELSE {0} END) BETWEEN 1 AND 18 \
             AND (CASE WHEN substr({0}, 1, 1) IN ('+', '-') THEN substr({0}, 2) ELSE {0} END) NOT GLOB '*[^0-9]*' \
             THEN CAST({0} AS INTEGER) END"
        }
        Scalar::ByCodePoint => "({0} COLLATE BINARY)",
        Scalar::Fold => "aludel_fold({0})",
        Scalar::UnicodeLower => "aludel_lower({0})",
        Scalar::UnicodeUpper => "aludel_upper({0})",
        // They know ASCII only.
        Scalar::AsciiLower => "lower({0})",
        Scalar::AsciiUpper => "upper({0})",
        Scalar::TrimWhiteSpace => white_space!("trim"),
        Scalar::TrimWhiteSpaceStart => white_space!("ltrim"),
        Scalar::TrimWhiteSpaceEnd => white_space!("rtrim"),
        Scalar::Reverse => "aludel_reverse({0})",
        Scalar::Skip => "substr({0}, {1} + 1)",
        Scalar::Take => "substr({0}, 1, {1})",
        _ => return None,
    })
}

pub(crate) fn cast(from: SqlType, to: SqlType) -> Option<Cow<'static, str>> {
    Some(Cow::Borrowed(match (from, to) {
        (SqlType::Boolean, it) if it.is_text() => "CASE WHEN {0} THEN 'true' WHEN NOT {0} THEN 'false' END",
        (SqlType::Boolean, it) if it.is_integer() => "CAST({0} AS INTEGER)",
        (from, it) if from.is_integer() && it.is_text() => "CAST({0} AS TEXT)",
        (from, it) if from.is_integer() && it.is_integer() => "CAST({0} AS INTEGER)",
        (from, SqlType::Double) if from.is_integer() => "CAST({0} AS REAL)",
        (SqlType::Float, SqlType::Double) => "CAST({0} AS REAL)",
        (SqlType::Double, SqlType::BigInt) => "CAST({0} AS INTEGER)",
        (SqlType::Timestamp | SqlType::Date | SqlType::Uuid, it) if it.is_text() => "CAST({0} AS TEXT)",
        (SqlType::Timestamp, SqlType::Date) => "substr({0}, 1, 10)",
        (SqlType::Date, SqlType::Timestamp) => "({0} || ' 00:00:00.000000')",
        (from, it) if from.is_text() && it.is_text() => "CAST({0} AS TEXT)",
        _ => return None,
    }))
}

pub(crate) const fn json(op: JsonOp) -> Option<&'static str> {
    Some(match op {
        // A truth value would be 0 or 1.
        JsonOp::Text => {
            "CASE json_type({0}, {p}) WHEN 'null' THEN NULL WHEN 'text' THEN json_extract({0}, {p}) ELSE {0} -> {p} END"
        }
        JsonOp::Int => "CASE WHEN json_type({0}, {p}) = 'integer' THEN json_extract({0}, {p}) END",
        JsonOp::Real => {
            "CASE WHEN json_type({0}, {p}) IN ('integer', 'real') THEN CAST(json_extract({0}, {p}) AS REAL) END"
        }
        JsonOp::Bool => "CASE json_type({0}, {p}) WHEN 'true' THEN 1 WHEN 'false' THEN 0 END",
        JsonOp::Json => "({0} -> {p})",
        JsonOp::Exists => "(json_type({0}, {p}) IS NOT NULL)",
        JsonOp::Length => "CASE WHEN json_type({0}, {p}) = 'array' THEN json_array_length({0}, {p}) END",
        JsonOp::Contains => {
            "(coalesce(json_type({0}, {p}) = 'array', 0) AND EXISTS (SELECT 1 FROM json_each({0}, {p}) AS element \
             WHERE element.value = json_extract({1}, '$') AND (element.type = json_type({1}) \
             OR (element.type IN ('integer', 'real') AND json_type({1}) IN ('integer', 'real')))))"
        }
        JsonOp::SetKey => {
            "CASE WHEN json_type({0}, {q}) = 'object' THEN json_set({0}, {p}, json({1})) ELSE {0} END"
        }
        JsonOp::SetElement => {
            "CASE WHEN json_type({0}, {q}) = 'array' THEN json_replace({0}, {p}, json({1})) ELSE {0} END"
        }
        JsonOp::RemoveKey => {
            "CASE WHEN json_type({0}, {q}) = 'object' THEN json_remove({0}, {p}) ELSE {0} END"
        }
        JsonOp::RemoveElement => {
            "CASE WHEN json_type({0}, {q}) = 'array' THEN json_remove({0}, {p}) ELSE {0} END"
        }
        _ => return None,
    })
}

/// `$."a"[0]`; `#-1` is the last element.
pub(crate) fn json_path(path: &[JsonStep]) -> String {
    path.iter().fold("$".to_owned(), |path, step| match step {
        JsonStep::Key(key) => path + ".\"" + &key.replace('\\', "\\\\").replace('"', "\\\"") + "\"",
        JsonStep::Index(index) if *index < 0 => format!("{path}[#{index}]"),
        JsonStep::Index(index) => format!("{path}[{index}]"),
    })
}
