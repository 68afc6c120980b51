//! Which types have parts of a date, and which a time of day too.

use super::ColumnType;

/// A date, or an instant: what has a year and a day.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a date nor an instant",
    label = "expected a date or an instant"
)]
pub trait Dated: ColumnType {}

/// A point in time: what has an hour, too.
#[diagnostic::on_unimplemented(message = "`{Self}` is not an instant", label = "expected an instant")]
pub trait Instant: Dated {}

#[cfg(feature = "chrono")]
mod of_chrono {
    use chrono::{DateTime, NaiveDate, Utc};

    use super::{Dated, Instant};

    impl Dated for NaiveDate {}
    impl Dated for DateTime<Utc> {}
    impl Instant for DateTime<Utc> {}
}

#[cfg(feature = "time")]
mod of_time {
    use time::{Date, OffsetDateTime};

    use super::{Dated, Instant};

    impl Dated for Date {}
    impl Dated for OffsetDateTime {}
    impl Instant for OffsetDateTime {}
}
