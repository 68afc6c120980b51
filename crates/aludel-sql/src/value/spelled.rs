//! Dates, times and UUIDs as people write them.

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

pub(crate) fn time_of_day(micros: i64) -> String {
    let seconds = micros / 1_000_000;
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}.{:06}", seconds % 60, micros % 1_000_000)
}

/// Writes days since 1970 as a date: Howard Hinnant's `civil_from_days`. Years begin in March, so that the leap day is the last of one.
pub(crate) fn date(days: i64) -> String {
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

/// Writes microseconds since 1970 as date and time, with this between them.
pub(crate) fn timestamp(micros: i64, between: char) -> String {
    format!("{}{between}{}", date(micros.div_euclid(DAY)), time_of_day(micros.rem_euclid(DAY)))
}

/// Writes the bytes of a UUID.
pub(crate) fn uuid(bytes: [u8; 16]) -> String {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
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
