//! The order of keys in memory: that of ORDER BY, texts by their code points.

use std::cmp::Ordering;

use aludel_sql::ValueRef;

/// Compares the values of a column of a key.
pub(crate) fn compare(left: ValueRef<'_>, right: ValueRef<'_>) -> Ordering {
    match (left, right) {
        (ValueRef::Int(left), ValueRef::Int(right))
        | (ValueRef::Timestamp(left), ValueRef::Timestamp(right))
        | (ValueRef::Time(left), ValueRef::Time(right)) => left.cmp(&right),
        (ValueRef::Text(left), ValueRef::Text(right)) => left.cmp(right),
        (ValueRef::Uuid(left), ValueRef::Uuid(right)) => left.cmp(&right),
        (ValueRef::Blob(left), ValueRef::Blob(right)) => left.cmp(right),
        (ValueRef::Date(left), ValueRef::Date(right)) => left.cmp(&right),
        (ValueRef::Bool(left), ValueRef::Bool(right)) => left.cmp(&right),
        (ValueRef::Real(left), ValueRef::Real(right)) => left.total_cmp(&right),
        (ValueRef::Decimal(left), ValueRef::Decimal(right)) => decimals(left, right),
        // The values of one column are of one kind.
        _ => Ordering::Equal,
    }
}

/// Compares decimal numbers by their digits, of which there may be more than any type of Rust has.
fn decimals(left: &str, right: &str) -> Ordering {
    let ((left_negative, left), (right_negative, right)) = (digits(left), digits(right));
    match (left_negative, right_negative) {
        (false, false) => left.cmp(&right),
        (true, true) => right.cmp(&left),
        _ => right_negative.cmp(&left_negative),
    }
}

/// Whether a decimal number is below zero, and what its size is compared by: the number of digits before the point, these, and those behind it.
fn digits(number: &str) -> (bool, (usize, &str, &str)) {
    let unsigned = number.trim_start_matches('-');
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let is_zero = whole.is_empty() && fraction.is_empty();
    (number.starts_with('-') && !is_zero, (whole.len(), whole, fraction))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_numbers_are_compared_by_their_size() {
        let sorted = ["-10.5", "-10.45", "-9", "-0.5", "0", "0.05", "0.5", "9", "10", "10.45", "10.5", "100"];
        for (at, left) in sorted.iter().enumerate() {
            for (other, right) in sorted.iter().enumerate() {
                let compared = compare(ValueRef::Decimal(left), ValueRef::Decimal(right));
                assert_eq!(compared, at.cmp(&other), "{left} {right}");
            }
        }
        assert_eq!(compare(ValueRef::Decimal("-0.00"), ValueRef::Decimal("0")), Ordering::Equal);
        assert_eq!(compare(ValueRef::Decimal("1.50"), ValueRef::Decimal("01.5")), Ordering::Equal);
    }
}
