//! The forms of functions and casts on PostgreSQL. The time zone of every connection is UTC.

use std::borrow::Cow;

use aludel_sql::SqlType;
use aludel_sql::node::{JsonOp, JsonStep, Scalar};

/// What Unicode calls white space, as `str::trim` does.
macro_rules! white_space {
    ($function:literal) => {
        concat!(
            $function,
            r"({0}, U&'\0009\000A\000B\000C\000D\0020\0085\00A0\1680\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200A\2028\2029\202F\205F\3000')"
        )
    };
}

pub(crate) const fn scalar(scalar: Scalar) -> Option<&'static str> {
    Some(match scalar {
        Scalar::NullIf => "nullif({0}, {1})",
        // Its own leave NULL out.
        Scalar::Greatest => "CASE WHEN num_nulls({0}, {1}) = 0 THEN greatest({0}, {1}) END",
        Scalar::Least => "CASE WHEN num_nulls({0}, {1}) = 0 THEN least({0}, {1}) END",
        Scalar::Abs => "abs({0})",
        Scalar::Sign => "CAST(sign({0}) AS int)",
        // Its own round takes the even neighbour of a half.
        Scalar::Round => "(trunc({0}) + (CASE WHEN abs({0} - trunc({0})) >= 0.5 THEN sign({0}) ELSE 0 END))",
        Scalar::Floor => "floor({0})",
        Scalar::Ceil => "ceil({0})",
        Scalar::Trunc => "trunc({0})",
        Scalar::TrueDiv => "(CAST({0} AS double precision) / nullif({1}, 0))",
        Scalar::RemEuclid => "(({0} % nullif({1}, 0) + abs({1})) % nullif(abs({1}), 0))",
        Scalar::DivEuclid => {
            "(({0} - (({0} % nullif({1}, 0) + abs({1})) % nullif(abs({1}), 0))) / nullif({1}, 0))"
        }
        Scalar::FloorDiv => {
            "({0} / nullif({1}, 0) - CASE WHEN {0} % nullif({1}, 0) <> 0 AND ({0} < 0) <> ({1} < 0) THEN 1 ELSE 0 END)"
        }
        // Its own raises where there is no real number.
        Scalar::Pow => {
            "CASE WHEN {0} > 0 OR ({0} = 0 AND {1} >= 0) OR ({0} < 0 AND {1} = trunc({1})) THEN power({0}, {1}) END"
        }
        // Its own takes the count modulo 64.
        Scalar::ShiftLeft => "CASE WHEN {1} BETWEEN 0 AND 63 THEN CAST({0} AS bigint) << {1} END",
        Scalar::ShiftRight => "CASE WHEN {1} BETWEEN 0 AND 63 THEN CAST({0} AS bigint) >> {1} END",
        Scalar::BitAnd => "({0} & {1})",
        Scalar::BitOr => "({0} | {1})",
        Scalar::BitXor => "({0} # {1})",
        Scalar::BitNot => "(~ {0})",
        Scalar::OctetLength => "octet_length({0})",
        Scalar::Trim => "btrim({0})",
        Scalar::LTrim => "ltrim({0})",
        Scalar::RTrim => "rtrim({0})",
        // `greatest` would leave NULL out.
        Scalar::Substr => {
            "substr({0}, CASE WHEN {1} < 1 THEN 1 ELSE {1} END, CASE WHEN {2} < 0 THEN 0 ELSE {2} END)"
        }
        Scalar::Replace => "replace({0}, {1}, {2})",
        Scalar::Repeat => "repeat({0}, {1})",
        Scalar::Position => "strpos({0}, {1})",
        Scalar::Year => "CAST(extract(year FROM {0} AT TIME ZONE 'UTC') AS int)",
        Scalar::Quarter => "CAST(extract(quarter FROM {0} AT TIME ZONE 'UTC') AS int)",
        Scalar::Month => "CAST(extract(month FROM {0} AT TIME ZONE 'UTC') AS int)",
        Scalar::Day => "CAST(extract(day FROM {0} AT TIME ZONE 'UTC') AS int)",
        Scalar::DayOfYear => "CAST(extract(doy FROM {0} AT TIME ZONE 'UTC') AS int)",
        Scalar::Weekday => "CAST(extract(dow FROM {0} AT TIME ZONE 'UTC') AS int)",
        Scalar::IsoWeekday => "CAST(extract(isodow FROM {0} AT TIME ZONE 'UTC') AS int)",
        Scalar::IsoWeek => "CAST(extract(week FROM {0} AT TIME ZONE 'UTC') AS int)",
        Scalar::IsoYear => "CAST(extract(isoyear FROM {0} AT TIME ZONE 'UTC') AS int)",
        Scalar::Hour => "CAST(extract(hour FROM {0} AT TIME ZONE 'UTC') AS int)",
        Scalar::Minute => "CAST(extract(minute FROM {0} AT TIME ZONE 'UTC') AS int)",
        // A cast alone would make 60 of 59.52.
        Scalar::Second => "CAST(floor(extract(second FROM {0})) AS int)",
        Scalar::UnixSeconds => "CAST(floor(extract(epoch FROM {0})) AS bigint)",
        Scalar::UnixMicros => "CAST(extract(epoch FROM {0}) * 1000000 AS bigint)",
        Scalar::AddSeconds => "({0} + make_interval(secs => {1}))",
        Scalar::AddDays => "({0} + make_interval(days => {1}))",
        Scalar::AddMonths => "({0} + make_interval(months => {1}))",
        Scalar::DateAddDays => "({0} + {1})",
        Scalar::DateAddMonths => "CAST({0} + make_interval(months => {1}) AS date)",
        Scalar::MicrosBetween => "CAST(extract(epoch FROM {0} - {1}) * 1000000 AS bigint)",
        Scalar::DaysBetween => "(CAST({0} AS date) - CAST({1} AS date))",
        Scalar::StartOfDay => "date_trunc('day', {0}, 'UTC')",
        Scalar::StartOfHour => "date_trunc('hour', {0}, 'UTC')",
        Scalar::StartOfMonth => "date_trunc('month', {0}, 'UTC')",
        Scalar::StartOfWeek => "date_trunc('week', {0}, 'UTC')",
        Scalar::TryInteger => "CASE WHEN {0} ~ '^[+-]?[0-9]{1,18}$' THEN CAST({0} AS bigint) END",
        // Two collations that were asked for must not meet, so whatever has one leaves with "C".
        Scalar::ByCodePoint => "({0} COLLATE \"C\")",
        Scalar::Fold => "lower({0})",
        Scalar::UnicodeLower => "(lower({0} COLLATE \"und-x-icu\") COLLATE \"C\")",
        Scalar::UnicodeUpper => "(upper({0} COLLATE \"und-x-icu\") COLLATE \"C\")",
        Scalar::AsciiLower => "lower({0} COLLATE \"C\")",
        Scalar::AsciiUpper => "upper({0} COLLATE \"C\")",
        Scalar::TrimWhiteSpace => white_space!("btrim"),
        Scalar::TrimWhiteSpaceStart => white_space!("ltrim"),
        Scalar::TrimWhiteSpaceEnd => white_space!("rtrim"),
        Scalar::Reverse => "reverse({0})",
        Scalar::Skip => "substr({0}, {1} + 1)",
        Scalar::Take => "substr({0}, 1, {1})",
        Scalar::ArrayHas => "({1} = ANY({0}))",
        Scalar::ArrayHasAll => "({0} @> {1})",
        Scalar::ArrayOverlaps => "({0} && {1})",
        Scalar::ArrayWithin => "({0} <@ {1})",
        Scalar::ArrayLength => "cardinality({0})",
        _ => return None,
    })
}

pub(crate) fn cast(from: SqlType, to: SqlType) -> Option<Cow<'static, str>> {
    Some(Cow::Borrowed(match (from, to) {
        (SqlType::Boolean, it) if it.is_text() => "CASE WHEN {0} THEN 'true' WHEN NOT {0} THEN 'false' END",
        (SqlType::Boolean, SqlType::SmallInt) => "CAST(CAST({0} AS int) AS smallint)",
        (SqlType::Boolean, SqlType::Integer) => "CAST({0} AS int)",
        (SqlType::Boolean, SqlType::BigInt) => "CAST(CAST({0} AS int) AS bigint)",
        (from, it) if from.is_integer() && it.is_text() => "CAST({0} AS text)",
        (from, SqlType::SmallInt) if from.is_integer() => "CAST({0} AS smallint)",
        (from, SqlType::Integer) if from.is_integer() => "CAST({0} AS int)",
        (from, SqlType::BigInt) if from.is_integer() => "CAST({0} AS bigint)",
        (from, SqlType::Double) if from.is_integer() => "CAST({0} AS double precision)",
        (SqlType::Float, SqlType::Double) => "CAST({0} AS double precision)",
        // A cast alone would round.
        (SqlType::Double, SqlType::BigInt) => "CAST(trunc({0}) AS bigint)",
        (SqlType::Timestamp, it) if it.is_text() => {
            "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
        }
        (SqlType::Date, it) if it.is_text() => "to_char({0}, 'YYYY-MM-DD')",
        (SqlType::Uuid, it) if it.is_text() => "CAST({0} AS text)",
        (SqlType::Timestamp, SqlType::Date) => "CAST({0} AT TIME ZONE 'UTC' AS date)",
        (SqlType::Date, SqlType::Timestamp) => "(CAST({0} AS timestamp) AT TIME ZONE 'UTC')",
        (from, it) if from.is_text() && it.is_text() => "CAST({0} AS text)",
        _ => return None,
    }))
}

pub(crate) const fn json(op: JsonOp) -> Option<&'static str> {
    Some(match op {
        JsonOp::Text => "({0} #>> {p})",
        // A bare cast would raise on text; CASE keeps the order of the tests.
        JsonOp::Int => {
            "CASE WHEN jsonb_typeof({0} #> {p}) = 'number' THEN CASE WHEN CAST({0} #>> {p} AS numeric) % 1 = 0 \
             THEN CAST(CAST({0} #>> {p} AS numeric) AS bigint) END END"
        }
        JsonOp::Real => {
            "CASE WHEN jsonb_typeof({0} #> {p}) = 'number' THEN CAST({0} #>> {p} AS double precision) END"
        }
        JsonOp::Bool => {
            "CASE WHEN jsonb_typeof({0} #> {p}) = 'boolean' THEN CAST({0} #>> {p} AS boolean) END"
        }
        JsonOp::Json => "({0} #> {p})",
        JsonOp::Exists => "(({0} #> {p}) IS NOT NULL)",
        JsonOp::Length => {
            "CASE WHEN jsonb_typeof({0} #> {p}) = 'array' THEN jsonb_array_length({0} #> {p}) END"
        }
        // A value alone would contain itself.
        JsonOp::Contains => {
            "coalesce(jsonb_typeof({0} #> {p}) = 'array' AND ({0} #> {p}) @> CAST({1} AS jsonb), FALSE)"
        }
        JsonOp::ContainsDocument => "({0} @> {1})",
        // A key of an array, and an element of an object, are errors or something else.
        JsonOp::SetKey => {
            "CASE WHEN jsonb_typeof({0} #> {q}) = 'object' THEN jsonb_set({0}, {p}, {1}) ELSE {0} END"
        }
        JsonOp::SetElement => {
            "CASE WHEN jsonb_typeof({0} #> {q}) = 'array' THEN jsonb_set({0}, {p}, {1}, FALSE) ELSE {0} END"
        }
        JsonOp::RemoveKey => "CASE WHEN jsonb_typeof({0} #> {q}) = 'object' THEN {0} #- {p} ELSE {0} END",
        JsonOp::RemoveElement => "CASE WHEN jsonb_typeof({0} #> {q}) = 'array' THEN {0} #- {p} ELSE {0} END",
        _ => return None,
    })
}

/// `{"a","0"}`: an array of text; -1 is the last element.
pub(crate) fn json_path(path: &[JsonStep]) -> String {
    let step = |step: &JsonStep| match step {
        JsonStep::Key(key) => format!("\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\"")),
        JsonStep::Index(index) => format!("\"{index}\""),
    };
    format!("{{{}}}", path.iter().map(step).collect::<Vec<_>>().join(","))
}
