//! The forms of functions and casts on MariaDB and MySQL. Instants are DATETIME(6) in UTC.

use std::borrow::Cow;

use aludel_sql::SqlType;
use aludel_sql::node::{Function, JsonOp, JsonStep, Scalar};

/// What Unicode calls white space, as `str::trim` does.
macro_rules! white_space {
    () => {
        r"[\x{09}-\x{0D}\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}]"
    };
}

/// By way of a character set of bytes, whose letters are those of ASCII.
macro_rules! ascii_case {
    ($function:literal, $collation:literal) => {
        concat!(
            "(CONVERT(CAST(",
            $function,
            "(CONVERT(CAST({0} AS BINARY) USING tis620)) AS BINARY) USING utf8mb4) COLLATE ",
            $collation,
            ")"
        )
    };
}

pub(crate) const fn scalar(scalar: Scalar, mysql: bool) -> Option<&'static str> {
    Some(match scalar {
        Scalar::NullIf => "nullif({0}, {1})",
        Scalar::Greatest => "greatest({0}, {1})",
        Scalar::Least => "least({0}, {1})",
        Scalar::Abs => "abs({0})",
        Scalar::Sign => "sign({0})",
        // Its own round takes the even neighbour of a half.
        Scalar::Round => {
            "(truncate({0}, 0) + (CASE WHEN abs({0} - truncate({0}, 0)) >= 0.5 THEN sign({0}) ELSE 0e0 END))"
        }
        // Alone they make a number of at most seventeen digits, and of none behind the point whatever is done with it, where rows are set aside:
        // for DISTINCT, for groups, in FROM.
        Scalar::Floor => "(floor({0}) + 0e0)",
        Scalar::Ceil => "(ceil({0}) + 0e0)",
        Scalar::Trunc => "(truncate({0}, 0) + 0e0)",
        // Its length is in bytes.
        Scalar::TrueDiv => "(CAST({0} AS DOUBLE) / nullif({1}, 0))",
        Scalar::RemEuclid => "(({0} % nullif({1}, 0) + abs({1})) % nullif(abs({1}), 0))",
        Scalar::DivEuclid => {
            "(({0} - (({0} % nullif({1}, 0) + abs({1})) % nullif(abs({1}), 0))) DIV nullif({1}, 0))"
        }
        Scalar::FloorDiv => {
            "({0} DIV nullif({1}, 0) - CASE WHEN {0} % nullif({1}, 0) <> 0 AND ({0} < 0) <> ({1} < 0) THEN 1 ELSE 0 END)"
        }
        // Its own is NULL or an error where there is no real number.
        Scalar::Pow => {
            "CASE WHEN {0} > 0 OR ({0} = 0 AND {1} >= 0) OR ({0} < 0 AND {1} = truncate({1}, 0)) THEN pow({0}, {1}) END"
        }
        // Bits are those of an unsigned number.
        Scalar::ShiftLeft => "CASE WHEN {1} BETWEEN 0 AND 63 THEN CAST({0} << {1} AS SIGNED) END",
        Scalar::ShiftRight => {
            "CASE WHEN {1} BETWEEN 0 AND 63 THEN CAST(({0} >> {1}) \
             | CASE WHEN {0} < 0 AND {1} > 0 THEN ~(18446744073709551615 >> {1}) ELSE 0 END AS SIGNED) END"
        }
        Scalar::BitAnd => "CAST({0} & {1} AS SIGNED)",
        Scalar::BitOr => "CAST({0} | {1} AS SIGNED)",
        Scalar::BitXor => "CAST({0} ^ {1} AS SIGNED)",
        Scalar::BitNot => "CAST(~ {0} AS SIGNED)",
        Scalar::OctetLength => "octet_length({0})",
        Scalar::Trim => "trim({0})",
        Scalar::LTrim => "ltrim({0})",
        Scalar::RTrim => "rtrim({0})",
        Scalar::Substr => "substr({0}, greatest({1}, 1), greatest({2}, 0))",
        // Where there is nothing to look for, its own does not look at what is put there.
        Scalar::Replace => "CASE WHEN {2} IS NOT NULL THEN replace({0}, {1}, {2}) END",
        Scalar::Repeat => "repeat({0}, {1})",
        Scalar::Position if mysql => "instr({0} COLLATE utf8mb4_0900_bin, {1})",
        Scalar::Position => "instr({0} COLLATE utf8mb4_nopad_bin, {1})",
        Scalar::Year => "extract(year FROM {0})",
        Scalar::Quarter => "quarter({0})",
        Scalar::Month => "extract(month FROM {0})",
        Scalar::Day => "extract(day FROM {0})",
        Scalar::DayOfYear => "dayofyear({0})",
        Scalar::Weekday => "(dayofweek({0}) - 1)",
        Scalar::IsoWeekday => "(weekday({0}) + 1)",
        Scalar::IsoWeek => "week({0}, 3)",
        Scalar::IsoYear => "(yearweek({0}, 3) DIV 100)",
        Scalar::Hour => "extract(hour FROM {0})",
        Scalar::Minute => "extract(minute FROM {0})",
        Scalar::Second => "extract(second FROM {0})",
        // Rounds towards zero: an instant before 1970 with a fraction belongs to the second before.
        Scalar::UnixSeconds => "floor(timestampdiff(microsecond, '1970-01-01 00:00:00', {0}) / 1000000)",
        Scalar::UnixMicros => "timestampdiff(microsecond, '1970-01-01 00:00:00', {0})",
        Scalar::AddSeconds => "({0} + INTERVAL {1} SECOND)",
        Scalar::AddDays | Scalar::DateAddDays => "({0} + INTERVAL {1} DAY)",
        Scalar::AddMonths | Scalar::DateAddMonths => "({0} + INTERVAL {1} MONTH)",
        Scalar::MicrosBetween => "timestampdiff(microsecond, {1}, {0})",
        Scalar::DaysBetween => "datediff({0}, {1})",
        Scalar::StartOfDay => "CAST(date({0}) AS DATETIME(6))",
        Scalar::StartOfHour => "CAST(date_format({0}, '%Y-%m-%d %H:00:00') AS DATETIME(6))",
        Scalar::StartOfMonth => "CAST(date_format({0}, '%Y-%m-01') AS DATETIME(6))",
        Scalar::StartOfWeek => "CAST(date({0}) - INTERVAL weekday({0}) DAY AS DATETIME(6))",
        Scalar::TryInteger if mysql => {
            "CASE WHEN regexp_like({0}, '^[+-]?[0-9]{1,18}\\z') THEN CAST({0} AS SIGNED) END"
        }
        Scalar::TryInteger => "CASE WHEN {0} REGEXP '^[+-]?[0-9]{1,18}\\z' THEN CAST({0} AS SIGNED) END",
        Scalar::ByCodePoint if mysql => "({0} COLLATE utf8mb4_0900_bin)",
        Scalar::ByCodePoint => "({0} COLLATE utf8mb4_nopad_bin)",
        Scalar::Fold => "lower({0})",
        // Beyond ASCII the servers map hundreds of letters in another way than Unicode does: there is no form for `UnicodeLower`.
        Scalar::AsciiLower if mysql => ascii_case!("lower", "utf8mb4_0900_bin"),
        Scalar::AsciiLower => ascii_case!("lower", "utf8mb4_nopad_bin"),
        Scalar::AsciiUpper if mysql => ascii_case!("upper", "utf8mb4_0900_bin"),
        Scalar::AsciiUpper => ascii_case!("upper", "utf8mb4_nopad_bin"),
        Scalar::TrimWhiteSpace => {
            concat!("regexp_replace({0}, '^", white_space!(), "+|", white_space!(), "+$', '')")
        }
        Scalar::TrimWhiteSpaceStart => concat!("regexp_replace({0}, '^", white_space!(), "+', '')"),
        Scalar::TrimWhiteSpaceEnd => concat!("regexp_replace({0}, '", white_space!(), "+$', '')"),
        Scalar::Reverse => "reverse({0})",
        Scalar::Skip => "substr({0}, {1} + 1)",
        Scalar::Take => "substr({0}, 1, {1})",
        _ => return None,
    })
}

pub(crate) fn cast(from: SqlType, to: SqlType) -> Option<Cow<'static, str>> {
    Some(Cow::Borrowed(match (from, to) {
        (SqlType::Boolean, it) if it.is_text() => "CASE WHEN {0} THEN 'true' WHEN NOT {0} THEN 'false' END",
        (SqlType::Boolean, it) if it.is_integer() => "CAST({0} AS SIGNED)",
        (from, it) if from.is_integer() && it.is_text() => "CAST({0} AS CHAR)",
        (from, it) if from.is_integer() && it.is_integer() => "CAST({0} AS SIGNED)",
        (from, SqlType::Double) if from.is_integer() => "CAST({0} AS DOUBLE)",
        (SqlType::Float, SqlType::Double) => "CAST({0} AS DOUBLE)",
        // A cast alone would round.
        (SqlType::Double, SqlType::BigInt) => "CAST(truncate({0}, 0) AS SIGNED)",
        (SqlType::Timestamp, it) if it.is_text() => "date_format({0}, '%Y-%m-%d %H:%i:%s.%f')",
        (SqlType::Date, it) if it.is_text() => "date_format({0}, '%Y-%m-%d')",
        (SqlType::Timestamp, SqlType::Date) => "date({0})",
        (SqlType::Date, SqlType::Timestamp) => "CAST({0} AS DATETIME(6))",
        (from, it) if (from.is_text() || from == SqlType::Uuid) && it.is_text() => "CAST({0} AS CHAR)",
        _ => return None,
    }))
}

pub(crate) fn json(op: JsonOp, path: &[JsonStep], mysql: bool) -> Option<Cow<'static, str>> {
    let form = json_form(op, mysql)?;
    // To the servers anything that is no array is the first and the last element of itself.
    let arrays: Vec<String> = path
        .iter()
        .enumerate()
        .filter(|(_, step)| matches!(step, JsonStep::Index(0 | -1)))
        .map(|(at, _)| format!("json_type(json_extract({{0}}, {{p{at}}})) = 'ARRAY'"))
        .collect();
    let by_table = !mysql && path.iter().any(is_misread);
    if arrays.is_empty() && !by_table {
        return Some(Cow::Borrowed(form));
    }
    let arrays = arrays.join(" AND ");
    let mut form = match op {
        _ if arrays.is_empty() => form.to_owned(),
        JsonOp::Exists | JsonOp::Contains => format!("(coalesce({arrays}, FALSE) AND {form})"),
        JsonOp::SetKey | JsonOp::SetElement | JsonOp::RemoveKey | JsonOp::RemoveElement => {
            format!("CASE WHEN {arrays} THEN {form} ELSE {{0}} END")
        }
        _ => format!("CASE WHEN {arrays} THEN {form} END"),
    };
    if by_table {
        form = form
            .replace("json_contains_path({0}, 'one', {p})", "json_type(json_extract({0}, {p})) IS NOT NULL")
            .replace("json_length({0}, {p})", "json_length(json_extract({0}, {p}))")
            .replace("json_contains({0}, {1}, {p})", "json_contains(json_extract({0}, {p}), {1})");
        let places = ["{p}", "{q}"]
            .map(str::to_owned)
            .into_iter()
            .chain((0..path.len()).map(|at| format!("{{p{at}}}")));
        for place in places {
            form = form.replace(
                &format!("json_extract({{0}}, {place})"),
                &format!(
                    "(SELECT at.found FROM JSON_TABLE({{0}}, '$' COLUMNS (found JSON PATH {place})) AS at)"
                ),
            );
        }
    }
    Some(Cow::Owned(form))
}

const fn json_form(op: JsonOp, mysql: bool) -> Option<&'static str> {
    Some(match op {
        // json_value would make 1 of true; and what is taken out of a document has a collation that goes with no other.
        JsonOp::Text if mysql => {
            "(CASE json_type(json_extract({0}, {p})) WHEN 'NULL' THEN NULL ELSE json_unquote(json_extract({0}, {p})) END \
             COLLATE utf8mb4_0900_bin)"
        }
        JsonOp::Text => {
            "(CASE json_type(json_extract({0}, {p})) WHEN 'NULL' THEN NULL ELSE json_unquote(json_extract({0}, {p})) END \
             COLLATE utf8mb4_nopad_bin)"
        }
        JsonOp::Int => {
            "CASE WHEN json_type(json_extract({0}, {p})) = 'INTEGER' THEN CAST(json_extract({0}, {p}) AS SIGNED) END"
        }
        JsonOp::Real => {
            "CASE WHEN json_type(json_extract({0}, {p})) IN ('INTEGER', 'DOUBLE', 'DECIMAL') \
             THEN CAST(json_extract({0}, {p}) AS DOUBLE) END"
        }
        JsonOp::Bool => {
            "CASE WHEN json_type(json_extract({0}, {p})) = 'BOOLEAN' THEN char_length(json_extract({0}, {p})) = 4 END"
        }
        JsonOp::Json => "json_extract({0}, {p})",
        JsonOp::Exists => "coalesce(json_contains_path({0}, 'one', {p}), FALSE)",
        JsonOp::Length => {
            "CASE WHEN json_type(json_extract({0}, {p})) = 'ARRAY' THEN json_length({0}, {p}) END"
        }
        JsonOp::Contains => {
            "coalesce(json_type(json_extract({0}, {p})) = 'ARRAY' AND json_contains({0}, {1}, {p}), FALSE)"
        }
        JsonOp::ContainsDocument => "json_contains({0}, {1})",
        JsonOp::SetKey => {
            "CASE WHEN json_type(json_extract({0}, {q})) = 'OBJECT' THEN json_set({0}, {p}, json_extract({1}, '$')) ELSE {0} END"
        }
        JsonOp::SetElement => {
            "CASE WHEN json_type(json_extract({0}, {q})) = 'ARRAY' THEN json_replace({0}, {p}, json_extract({1}, '$')) ELSE {0} END"
        }
        // What is not there is left out: MariaDB is asked for nothing else.
        JsonOp::RemoveKey => {
            "CASE WHEN json_type(json_extract({0}, {q})) = 'OBJECT' THEN json_remove({0}, {p}) ELSE {0} END"
        }
        JsonOp::RemoveElement => {
            "CASE WHEN json_type(json_extract({0}, {q})) = 'ARRAY' THEN json_remove({0}, {p}) ELSE {0} END"
        }
        _ => return None,
    })
}

/// Tells whether MariaDB reads a value within a document by a query, for [`json`] writes one.
pub(crate) fn is_read_by_query(function: &Function) -> bool {
    matches!(function, Function::Json { path, .. } if path.iter().any(is_misread))
}

/// Tells whether MariaDB loses its way at a step: it takes a minus sign at the beginning of a key, quoted or not, for that of a number, and
/// counts from the end of an array in the first row only. JSON_TABLE reads paths anew for each row, and keys as they are.
fn is_misread(step: &JsonStep) -> bool {
    match step {
        JsonStep::Key(key) => begins_with_minus(key),
        JsonStep::Index(index) => *index < 0,
    }
}

fn begins_with_minus(key: &str) -> bool {
    key.starts_with('-')
}

/// Writes a key as JSON writes a text: a control character as it is finds nothing.
fn escaped(key: &str, mysql: bool) -> String {
    let minus = !mysql && begins_with_minus(key);
    let mut text = String::with_capacity(key.len());
    for it in key.chars() {
        match it {
            '-' if minus => text.push_str("\\u002d"),
            '\\' | '"' => text.extend(['\\', it]),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            it if it < ' ' => text.push_str(&format!("\\u{:04x}", u32::from(it))),
            it => text.push(it),
        }
    }
    text
}

/// `$."a"[0]`; the last element is `[-1]` on MariaDB, `[last]` on MySQL.
pub(crate) fn json_path(path: &[JsonStep], mysql: bool) -> String {
    path.iter().fold("$".to_owned(), |path, step| match step {
        JsonStep::Key(key) => path + ".\"" + &escaped(key, mysql) + "\"",
        JsonStep::Index(-1) if mysql => format!("{path}[last]"),
        JsonStep::Index(index) if *index < 0 && mysql => format!("{path}[last-{}]", -1 - i64::from(*index)),
        JsonStep::Index(index) => format!("{path}[{index}]"),
    })
}
