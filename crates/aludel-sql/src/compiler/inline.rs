//! Values written into the text: for people who read it, never to be run.

use std::fmt::Write;

use super::{Compiler, standard};
use crate::value::{Value, ValueRef};

impl Compiler<'_> {
    /// Writes a value as a literal. What is secret stays so.
    pub(super) fn literal(&mut self, value: &Value) {
        if let Value::Secret(_) | Value::Refused(_) = value {
            self.push("'…'");
            return;
        }
        let sql = &mut self.sql;
        // Writing to a String does not fail.
        let _ = match value.as_ref() {
            ValueRef::Null => write!(sql, "NULL"),
            ValueRef::Bool(it) => write!(sql, "{}", if it { "TRUE" } else { "FALSE" }),
            ValueRef::Int(it) => write!(sql, "{it}"),
            ValueRef::Real(it) => write!(sql, "{it:?}"),
            ValueRef::Decimal(it) => write!(sql, "{it}"),
            ValueRef::Text(it) => {
                standard::text_literal(sql, it);
                Ok(())
            }
            ValueRef::Blob(bytes) | ValueRef::Wire { bytes, .. } => {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
                write!(sql, "X'{hex}'")
            }
            ValueRef::Timestamp(micros) => {
                let (day, time) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
                write!(sql, "'{} {}'", date(day), time_of_day(time))
            }
            ValueRef::Date(day) => write!(sql, "'{}'", date(day.into())),
            ValueRef::Time(micros) => write!(sql, "'{}'", time_of_day(micros)),
            ValueRef::Uuid(bytes) => {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                write!(
                    sql,
                    "'{}-{}-{}-{}-{}'",
                    &hex[..8],
                    &hex[8..12],
                    &hex[12..16],
                    &hex[16..20],
                    &hex[20..]
                )
            }
            ValueRef::Refused(_) => Ok(()),
            ValueRef::List(values) => {
                let (open, close) = self.dialect.list_literal();
                self.push(open);
                for (at, value) in values.iter().enumerate() {
                    self.push(if at == 0 { "" } else { ", " }).literal(value);
                }
                self.push(close);
                Ok(())
            }
        };
    }
}

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

fn time_of_day(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}.{:06}", seconds % 60, micros % 1_000_000)
}

/// Writes days since 1970 as a date: Howard Hinnant's `civil_from_days`. Years begin in March, so that the leap day is the last of one.
fn date(days: i64) -> String {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    format!("{:04}-{month:02}-{day:02}", year + era * 400 + i64::from(month <= 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_its_date() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(-1), "1969-12-31");
        assert_eq!(date(11_016), "2000-02-29");
        assert_eq!(date(19_782), "2024-02-29");
    }

    #[test]
    fn a_time_of_day_has_microseconds() {
        assert_eq!(time_of_day(DAY - 1), "23:59:59.999999");
    }
}
