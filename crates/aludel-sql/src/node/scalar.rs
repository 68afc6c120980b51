//! Functions of the values of one row that are written by a form: a text with places for the arguments.

/// A function of the values of one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scalar {
    /// NULL where both are equal, else the first.
    NullIf,
    /// The greater of two, NULL if either is.
    Greatest,
    /// The lesser of two, NULL if either is.
    Least,
    /// Without its sign.
    Abs,
    /// -1, 0 or 1.
    Sign,
    /// The nearest whole number, half away from zero.
    Round,
    /// The next whole number below.
    Floor,
    /// The next whole number above.
    Ceil,
    /// The whole number towards zero.
    Trunc,
    /// The quotient as a floating point number, NULL for a divisor of zero.
    TrueDiv,
    /// The quotient whose remainder is not below zero, NULL for a divisor of zero.
    DivEuclid,
    /// The remainder that is not below zero, NULL for a divisor of zero.
    RemEuclid,
    /// The quotient rounded down, NULL for a divisor of zero.
    FloorDiv,
    /// The first to the power of the second; NULL where that is no real number.
    Pow,
    /// Bits that both have.
    BitAnd,
    /// Bits that either has.
    BitOr,
    /// Bits that one of them has.
    BitXor,
    /// The other bits.
    BitNot,
    /// The 64 bits moved to the left; NULL for a count that is not 0 to 63.
    ShiftLeft,
    /// The 64 bits moved to the right, with copies of the sign behind them; NULL for a count that is not 0 to 63.
    ShiftRight,
    /// Length in bytes.
    OctetLength,
    /// Without spaces at both ends.
    Trim,
    /// Without spaces at the start.
    LTrim,
    /// Without spaces at the end.
    RTrim,
    /// So many characters from this one on, counted from 1.
    Substr,
    /// With one text replaced by another.
    Replace,
    /// The text so many times.
    Repeat,
    /// Where another text begins in it, counted from 1; 0 if nowhere.
    Position,
    /// The year.
    Year,
    /// The quarter, 1 to 4.
    Quarter,
    /// The month, 1 to 12.
    Month,
    /// The day of the month.
    Day,
    /// The day of the year.
    DayOfYear,
    /// The day of the week, Sunday is 0.
    Weekday,
    /// The day of the week, Monday is 1.
    IsoWeekday,
    /// The ISO week.
    IsoWeek,
    /// The year of the ISO week.
    IsoYear,
    /// The hour.
    Hour,
    /// The minute.
    Minute,
    /// The second, without its fraction.
    Second,
    /// Seconds since 1970.
    UnixSeconds,
    /// Microseconds since 1970.
    UnixMicros,
    /// An instant and seconds.
    AddSeconds,
    /// An instant and days.
    AddDays,
    /// An instant and months.
    AddMonths,
    /// A date and days.
    DateAddDays,
    /// A date and months.
    DateAddMonths,
    /// Microseconds from the second instant to the first.
    MicrosBetween,
    /// Days from the date of the second to that of the first.
    DaysBetween,
    /// The instant at which its day began.
    StartOfDay,
    /// The instant at which its hour began.
    StartOfHour,
    /// The instant at which its month began.
    StartOfMonth,
    /// The instant at which its ISO week began.
    StartOfWeek,
    /// Text as an integer, NULL where it is none.
    TryInteger,
    /// An array has this element.
    ArrayHas,
    /// An array has all elements of another one.
    ArrayHasAll,
    /// Two arrays have an element in common.
    ArrayOverlaps,
    /// An array has no element that another one does not have.
    ArrayWithin,
    /// The number of elements of an array.
    ArrayLength,
    /// Text that is compared by code point, whatever the collation of its column.
    ByCodePoint,
    /// As ILIKE folds the case of letters.
    Fold,
    /// In lower case, as Rust's `to_lowercase`.
    UnicodeLower,
    /// In upper case, as Rust's `to_uppercase`.
    UnicodeUpper,
    /// With the letters of ASCII in lower case.
    AsciiLower,
    /// With the letters of ASCII in upper case.
    AsciiUpper,
    /// Without what Unicode calls white space at both ends.
    TrimWhiteSpace,
    /// Without white space at the start.
    TrimWhiteSpaceStart,
    /// Without white space at the end.
    TrimWhiteSpaceEnd,
    /// The characters in the opposite order.
    Reverse,
    /// Without so many characters at the start.
    Skip,
    /// So many characters of the start.
    Take,
}

impl Scalar {
    /// Tells whether it may be NULL where no argument is.
    pub(crate) fn makes_null(self) -> bool {
        matches!(
            self,
            Self::NullIf
                | Self::TryInteger
                | Self::TrueDiv
                | Self::DivEuclid
                | Self::RemEuclid
                | Self::FloorDiv
                | Self::Pow
                | Self::ShiftLeft
                | Self::ShiftRight
        )
    }

    /// Tells whether its value is of the type of its arguments, and these of one type.
    pub(crate) fn keeps_type(self) -> bool {
        matches!(self, Self::NullIf | Self::Greatest | Self::Least | Self::Abs)
    }
}
