//! Decimal numbers as text, digit for digit: how they travel, whichever crate a program counts with.
//!
//! A database without decimals keeps them as integers, scaled by the number of digits that their column has behind the point
//! ([`Features::scaled_decimals`](crate::Features)): `12.50` in a NUMERIC(10, 2) is 1250.

use std::fmt::Write;

use crate::error::{Error, ErrorKind, Result};

/// The most digits of a decimal that is kept as a 64-bit integer.
pub const MAX_SCALED_DIGITS: u16 = 18;

/// The digits of a decimal number.
///
/// ```
/// use aludel_sql::decimal::Digits;
///
/// let price = Digits::parse("-12.50").unwrap();
/// assert_eq!((price.negative, price.whole, price.fraction), (true, "12", "50"));
/// assert_eq!(price.scaled(2), Some(-1250));
/// assert!(Digits::parse("1e5").is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digits<'a> {
    /// Whether a minus stands before them.
    pub negative: bool,
    /// Those before the point, without leading zeros; none for a number below one.
    pub whole: &'a str,
    /// Those behind the point.
    pub fraction: &'a str,
}

impl<'a> Digits<'a> {
    /// Reads `-12.50`; `None` for anything that is not digits with a point among them.
    ///
    /// ```
    /// use aludel_sql::decimal::Digits;
    ///
    /// assert_eq!(Digits::parse("+007.10").unwrap(), Digits { negative: false, whole: "7", fraction: "10" });
    /// assert_eq!(Digits::parse(".5").unwrap().whole, "");
    /// assert_eq!([Digits::parse(""), Digits::parse("NaN"), Digits::parse("1_000")], [None; 3]);
    /// ```
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |it: &str| it.bytes().all(|byte| byte.is_ascii_digit());
        let some = !(whole.is_empty() && fraction.is_empty());
        (some && all_digits(whole) && all_digits(fraction)).then(|| Self {
            negative,
            whole: whole.trim_start_matches('0'),
            fraction,
        })
    }

    /// Returns the number of digits behind the point, zeros included.
    ///
    /// ```
    /// use aludel_sql::decimal::Digits;
    ///
    /// assert_eq!(Digits::parse("12.50").unwrap().scale(), 2);
    /// assert_eq!(Digits::parse("12").unwrap().scale(), 0);
    /// ```
    #[must_use]
    pub fn scale(self) -> u16 {
        u16::try_from(self.fraction.len()).unwrap_or(u16::MAX)
    }

    /// Returns the number as an integer that has `scale` of its digits behind the point; `None` where it has more digits there that are not
    /// zero, or does not fit 64 bits.
    ///
    /// ```
    /// use aludel_sql::decimal::Digits;
    ///
    /// let price = Digits::parse("12.50").unwrap();
    /// assert_eq!((price.scaled(2), price.scaled(1)), (Some(1250), Some(125)));
    /// // Nothing is rounded.
    /// assert_eq!(price.scaled(0), None);
    /// ```
    #[must_use]
    pub fn scaled(self, scale: u16) -> Option<i64> {
        let fraction = self.fraction.trim_end_matches('0');
        let missing = usize::from(scale).checked_sub(fraction.len())?;
        let digits = self.whole.bytes().chain(fraction.bytes()).chain(std::iter::repeat_n(b'0', missing));
        // Counted downwards: the least integer has no positive counterpart.
        let negated = digits
            .into_iter()
            .try_fold(0_i64, |number, digit| number.checked_mul(10)?.checked_sub(i64::from(digit - b'0')))?;
        if self.negative { Some(negated) } else { negated.checked_neg() }
    }
}

/// Returns the text of an integer that has `scale` of its digits behind the point.
///
/// ```
/// use aludel_sql::decimal::unscaled;
///
/// assert_eq!(unscaled(-5, 2), "-0.05");
/// assert_eq!(unscaled(1250, 2), "12.50");
/// assert_eq!(unscaled(7, 0), "7");
/// ```
#[must_use]
pub fn unscaled(number: i64, scale: u16) -> String {
    let scale = usize::from(scale);
    let mut text = String::with_capacity(scale.max(19) + 3);
    if number < 0 {
        text.push('-');
    }
    let digits = format!("{:0width$}", number.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    text.push_str(whole);
    if scale > 0 {
        let _ = write!(text, ".{fraction}");
    }
    text
}

/// Checks that a number can be stored in a NUMERIC(precision, scale) digit for digit. Databases would round it, or cut it, in silence.
///
/// ```
/// use aludel_sql::decimal::check;
///
/// assert!(check("12.50", 5, 1).is_ok()); // the zero may go
/// assert_eq!(
///     check("12.55", 5, 1).unwrap_err().what(),
///     "a decimal has 2 digits behind the point, its column keeps 1"
/// );
/// assert!(check("12345", 5, 1).is_err()); // four digits before the point at most
/// ```
///
/// # Errors
///
/// Kind `Encode`; the number itself is not told.
pub fn check(text: &str, precision: u16, scale: u16) -> Result<Digits<'_>> {
    let Some(digits) = Digits::parse(text) else {
        return Err(Error::new(ErrorKind::Encode, "a decimal is not written in plain digits"));
    };
    let fraction = digits.fraction.trim_end_matches('0').len();
    if fraction > usize::from(scale) {
        return Err(Error::new(
            ErrorKind::Encode,
            format!("a decimal has {fraction} digits behind the point, its column keeps {scale}"),
        )
        .help("round it in the program, in the way that is right there"));
    }
    if digits.whole.len() > usize::from(precision - scale.min(precision)) {
        return Err(Error::new(
            ErrorKind::Encode,
            format!(
                "a decimal has {} digits before the point, too many for numeric({precision}, {scale})",
                digits.whole.len()
            ),
        ));
    }
    Ok(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scaled(text: &str, scale: u16) -> Option<i64> {
        Digits::parse(text).unwrap().scaled(scale)
    }

    #[test]
    fn a_number_is_scaled_exactly_or_not_at_all() {
        assert_eq!(scaled("1.5", 2), Some(150));
        assert_eq!(scaled("1.5000", 2), Some(150));
        assert_eq!(scaled(".5", 1), Some(5));
        assert_eq!(scaled("1.555", 2), None);
        assert_eq!(scaled("92233720368547758.07", 2), Some(i64::MAX));
        assert_eq!(scaled("-92233720368547758.08", 2), Some(i64::MIN));
        assert_eq!(scaled("92233720368547758.08", 2), None);
    }

    #[test]
    fn what_is_unscaled_is_scaled_to_the_same_integer() {
        for number in [0, 1, -1, 99, -100, i64::MAX, i64::MIN] {
            for scale in [0, 1, 2, 18, 25] {
                let text = unscaled(number, scale);
                assert_eq!(scaled(&text, scale), Some(number), "{text}");
            }
        }
    }

    #[test]
    fn only_plain_digits_are_a_decimal() {
        for text in ["", "-", ".", "1e5", "NaN", " 1", "1_000", "٣"] {
            assert!(Digits::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn a_number_that_a_column_would_round_or_cut_is_refused() {
        assert!(check("99999999.99", 10, 2).is_ok());
        assert!(check("1.500", 10, 2).is_ok());
        assert!(check("0.005", 10, 2).unwrap_err().to_string().contains("3 digits behind the point"));
        assert!(check("100000000", 10, 2).unwrap_err().to_string().contains("9 digits before the point"));
    }
}
