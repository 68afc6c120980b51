//! The texts of dates and times, as SQLite keeps them.

/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;

/// Reads `YYYY-MM-DD HH:MM:SS.ffffff` as microseconds since 1970.
pub(super) fn parse_timestamp(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(' ')?;
    Some(i64::from(parse_date(date)?) * DAY + parse_time(time)?)
}

/// Reads `YYYY-MM-DD` as days since 1970.
pub(super) fn parse_date(text: &str) -> Option<i32> {
    let (year, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + i32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=last).contains(&day) {
        return None;
    }
    // Howard Hinnant's `days_from_civil`: years begin in March, so that the leap day is the last of one.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// Reads `HH:MM:SS` with up to six digits behind a point as microseconds since midnight.
pub(super) fn parse_time(text: &str) -> Option<i64> {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let mut parts = clock.split(':').map(|it| number(it, 2));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 59 || fraction.len() > 6 {
        return None;
    }
    let micros = i64::from(number(fraction, fraction.len())?) * 10_i64.pow(6 - fraction.len() as u32);
    Some(i64::from((hour * 60 + minute) * 60 + second) * 1_000_000 + micros)
}

fn number(digits: &str, width: usize) -> Option<i32> {
    (digits.len() == width && digits.bytes().all(|it| it.is_ascii_digit())).then(|| digits.parse().ok())?
}
