//! The SQL types that a column can have, before a dialect gives them a name.

/// The type of a column or parameter; each dialect has its own name for it.
///
/// | | Rust | SQLite | PostgreSQL | MariaDB, MySQL |
/// |---|---|---|---|---|
/// | `Boolean` | `bool` | `BOOLEAN` + CHECK | `boolean` | `TINYINT(1)` |
/// | `SmallInt` | `i16` | `SMALLINT` | `smallint` | `SMALLINT` |
/// | `Integer` | `i32` | `INTEGER` | `integer` | `INT` |
/// | `BigInt` | `i64`, `u32` | `BIGINT` | `bigint` | `BIGINT` |
/// | `Float` | `f32` | `FLOAT` | `real` | `FLOAT` |
/// | `Double` | `f64` | `DOUBLE` | `double precision` | `DOUBLE` |
/// | `Text` | `String` | `TEXT` | `text` | `LONGTEXT` |
/// | `Varchar(n)` | `String` with `length = n` | `VARCHAR(n)` | `varchar(n)` | `VARCHAR(n)` |
/// | `Bytes` | `Vec<u8>` | `BLOB` | `bytea` | `LONGBLOB` |
/// | `Timestamp` | `chrono::DateTime<Utc>` | `TIMESTAMP` (text of 26 characters) | `timestamptz` | `DATETIME(6)` |
/// | `Date` | `chrono::NaiveDate` | `DATE` (text) | `date` | `DATE` |
/// | `Time` | `chrono::NaiveTime` | `TIME` (text) | `time` | `TIME(6)` |
/// | `Uuid` | `uuid::Uuid` | `UUID` (text) | `uuid` | `UUID`, on MySQL `CHAR(36)` |
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SqlType {
    /// True or false.
    Boolean,
    /// 16 bits, signed.
    SmallInt,
    /// 32 bits, signed.
    Integer,
    /// 64 bits, signed.
    BigInt,
    /// IEEE 754, 32 bits.
    Float,
    /// IEEE 754, 64 bits.
    Double,
    /// Text of any length.
    Text,
    /// Text of at most this many characters.
    Varchar(u32),
    /// Bytes of any length.
    Bytes,
    /// An instant in UTC, with microseconds.
    Timestamp,
    /// A calendar date.
    Date,
    /// A time of day, with microseconds.
    Time,
    /// A UUID.
    Uuid,
}

impl SqlType {
    /// Tells whether values of this type are integers.
    #[must_use]
    pub const fn is_integer(self) -> bool {
        matches!(self, Self::SmallInt | Self::Integer | Self::BigInt)
    }

    /// Tells whether values of this type are text.
    #[must_use]
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Varchar(_))
    }
}
