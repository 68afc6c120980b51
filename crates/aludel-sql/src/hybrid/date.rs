//! Parts of dates and instants, as chrono has them.

use super::{Scalar, Term};

macro_rules! parts {
    ($($ty:ty { $($method:ident -> $type:ty, $scalar:ident;)* })*) => {$(
        #[allow(missing_docs)]
        impl Term<$ty> {
            $(
                pub fn $method(self) -> Term<$type> {
                    Self::call(Scalar::$scalar, vec![self.node])
                }
            )*
        }
    )*};
}

parts! {
    chrono::DateTime<chrono::Utc> {
        year -> i32, Year;
        month -> u32, Month;
        day -> u32, Day;
        ordinal -> u32, DayOfYear;
        hour -> u32, Hour;
        minute -> u32, Minute;
        second -> u32, Second;
        timestamp -> i64, UnixSeconds;
        timestamp_micros -> i64, UnixMicros;
    }
    chrono::NaiveDate {
        year -> i32, Year;
        month -> u32, Month;
        day -> u32, Day;
        ordinal -> u32, DayOfYear;
    }
}
