//! Days and microseconds since 1970-01-01, and the fields that the protocol sends instead.

/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;

/// A calendar date, proleptic Gregorian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    pub year: u16,
    pub month: u8,
    pub day: u8,
}

/// A time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
    pub micros: u32,
}

impl Date {
    /// Returns the date that many days after 1970-01-01, if its year has at most four digits: what the servers can hold.
    pub fn from_days(days: i64) -> Option<Self> {
        // Howard Hinnant's algorithm: years begin in March, so that the leap day is the last day of one.
        let z = days.checked_add(719_468)?;
        let era = z.div_euclid(146_097);
        let day_of_era = z.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        if !(0..=9_999).contains(&year) {
            return None;
        }
        Some(Self { year: year as u16, month: month as u8, day: day as u8 })
    }

    /// Returns the days since 1970-01-01, or `None` if there is no such date: the servers can hold a month or day of 0, and in
    /// some modes 31 February.
    pub fn days(self) -> Option<i32> {
        let Self { year, month, day } = self;
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        if day == 0 || day > length {
            return None;
        }
        let (month, day) = (i32::from(month), i32::from(day));
        let year = i32::from(year) - i32::from(month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(era * 146_097 + day_of_era - 719_468)
    }
}

impl Clock {
    /// Returns the time of day that many microseconds after midnight.
    pub fn from_micros(micros: i64) -> Option<Self> {
        if !(0..DAY).contains(&micros) {
            return None;
        }
        let seconds = micros / 1_000_000;
        Some(Self {
            hour: (seconds / 3_600) as u8,
            minute: (seconds / 60 % 60) as u8,
            second: (seconds % 60) as u8,
            micros: (micros % 1_000_000) as u32,
        })
    }

    /// Returns the microseconds since midnight, or `None` if there is no such time of day.
    pub fn micros(self) -> Option<i64> {
        let Self { hour, minute, second, micros } = self;
        if hour > 23 || minute > 59 || second > 59 || micros > 999_999 {
            return None;
        }
        Some(
            ((i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second)) * 1_000_000
                + i64::from(micros),
        )
    }
}

/// Splits an instant into date and time of day.
pub(super) fn split(instant: i64) -> Option<(Date, Clock)> {
    Some((Date::from_days(instant.div_euclid(DAY))?, Clock::from_micros(instant.rem_euclid(DAY))?))
}

/// Joins date and time of day to an instant.
pub(super) fn join(date: Date, clock: Clock) -> Option<i64> {
    Some(i64::from(date.days()?) * DAY + clock.micros()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_ten_thousand_years_goes_there_and_back() {
        let first = Date { year: 0, month: 1, day: 1 }.days().unwrap();
        let last = Date { year: 9_999, month: 12, day: 31 }.days().unwrap();
        assert_eq!(last - first + 1, 3_652_425);
        for days in first..=last {
            assert_eq!(Date::from_days(i64::from(days)).unwrap().days(), Some(days));
        }
        assert_eq!(Date::from_days(i64::from(first) - 1), None);
        assert_eq!(Date::from_days(i64::from(last) + 1), None);
        assert_eq!(Date::from_days(i64::MAX), None);
    }

    #[test]
    fn the_epoch_is_zero() {
        assert_eq!(Date { year: 1970, month: 1, day: 1 }.days(), Some(0));
        assert_eq!(split(-1), Date::from_days(-1).zip(Clock::from_micros(DAY - 1)));
        assert_eq!(split(-1).and_then(|(date, clock)| join(date, clock)), Some(-1));
    }

    #[test]
    fn what_is_on_no_calendar_has_no_number() {
        for (year, month, day) in
            [(0, 0, 0), (2024, 0, 1), (2024, 1, 0), (2023, 2, 29), (2024, 4, 31), (2024, 13, 1)]
        {
            assert_eq!(Date { year, month, day }.days(), None);
        }
        assert_eq!(Clock { hour: 24, minute: 0, second: 0, micros: 0 }.micros(), None);
        assert_eq!(Clock::from_micros(DAY), None);
        assert_eq!(Clock::from_micros(-1), None);
    }
}
