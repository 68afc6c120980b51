//! The SQL types that a column can have, before a dialect gives them a name.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind, Result};

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
/// | `Decimal` | a decimal | none | `numeric` | none |
/// | `Numeric(p, s)` | a decimal with `precision = p, scale = s` | `NUMERIC(p, s)`: an integer scaled by `s`, `p` up to 18 | `numeric(p, s)` | `DECIMAL(p, s)` |
/// | `Text` | `String` | `TEXT` | `text` | `LONGTEXT` |
/// | `Varchar(n)` | `String` with `length = n` | `VARCHAR(n)` | `varchar(n)` | `VARCHAR(n)` |
/// | `Bytes` | `Vec<u8>` | `BLOB` | `bytea` | `LONGBLOB` |
/// | `Timestamp` | `chrono::DateTime<Utc>` | `TIMESTAMP` (text of 26 characters) | `timestamptz` | `DATETIME(6)` |
/// | `Date` | `chrono::NaiveDate` | `DATE` (text) | `date` | `DATE` |
/// | `Time` | `chrono::NaiveTime` | `TIME` (text) | `time` | `TIME(6)` |
/// | `Json` | `Json<T>` | `JSON TEXT` + CHECK | `jsonb` | `JSON` |
/// | `Array(…)` | `Vec<T>` | none | `bigint[]` | none |
/// | `Uuid` | `uuid::Uuid` | `UUID` (text) | `uuid` | `CHAR(36)` |
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
    /// A decimal number of any number of digits; only PostgreSQL has columns of it.
    Decimal,
    /// A decimal number: this many digits, and this many of them behind the point.
    Numeric(u16, u16),
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
    /// A JSON document.
    Json,
    /// Several values of one type; only PostgreSQL has columns of it.
    Array(&'static SqlType),
}

/// Writes the type as revisions and configuration files spell it, whatever the database: `bigint`, `varchar(255)`.
///
/// ```
/// use aludel::SqlType;
///
/// assert_eq!(SqlType::Varchar(255).to_string(), "varchar(255)");
/// assert_eq!("varchar(255)".parse::<SqlType>()?, SqlType::Varchar(255));
/// # Ok::<(), aludel::Error>(())
/// ```
impl fmt::Display for SqlType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Varchar(length) => write!(f, "varchar({length})"),
            Self::Array(element) => write!(f, "{element}[]"),
            Self::Numeric(precision, scale) => write!(f, "numeric({precision}, {scale})"),
            plain => f.write_str(plain.word()),
        }
    }
}

impl FromStr for SqlType {
    type Err = Error;

    /// Reads what `Display` writes.
    ///
    /// # Errors
    ///
    /// Kind `Schema` for anything else.
    fn from_str(text: &str) -> Result<Self> {
        let unknown = || {
            Error::new(ErrorKind::Schema, format!("there is no type `{text}`"))
                .help("types are spelled as in the documentation of `SqlType`: `bigint`, `varchar(255)`, `timestamp`")
        };
        if let Some(element) = text.strip_suffix("[]") {
            let element = Self::PLAIN.iter().find(|it| it.word() == element).ok_or_else(unknown)?;
            return Ok(Self::Array(element));
        }
        let Some((word, arguments)) = text.strip_suffix(')').and_then(|it| it.split_once('(')) else {
            return Self::PLAIN.iter().copied().find(|it| it.word() == text).ok_or_else(unknown);
        };
        let arguments: Vec<u32> = arguments
            .split(',')
            .map(|it| it.trim().parse())
            .collect::<Result<_, _>>()
            .map_err(|_| unknown())?;
        match (word, &*arguments) {
            ("varchar", [length]) => Ok(Self::Varchar(*length)),
            ("numeric", [precision, scale]) => {
                let narrow = |it: &u32| u16::try_from(*it).map_err(|_| unknown());
                Ok(Self::Numeric(narrow(precision)?, narrow(scale)?))
            }
            _ => Err(unknown()),
        }
    }
}

impl SqlType {
    /// The types that a word is enough for.
    const PLAIN: &[Self] = &[
        Self::Boolean,
        Self::SmallInt,
        Self::Integer,
        Self::BigInt,
        Self::Float,
        Self::Double,
        Self::Decimal,
        Self::Text,
        Self::Bytes,
        Self::Timestamp,
        Self::Date,
        Self::Time,
        Self::Uuid,
        Self::Json,
    ];

    /// Returns the types that a database may mean by a name: those that a word is enough for, and those with the numbers in it.
    pub(crate) fn candidates(name: &str) -> impl Iterator<Item = Self> + use<> {
        let numbers: Vec<u32> = name
            .split_once('(')
            .and_then(|(_, rest)| rest.split_once(')'))
            .and_then(|(numbers, _)| numbers.split(',').map(|it| it.trim().parse().ok()).collect())
            .unwrap_or_default();
        let is_array = name.ends_with("[]");
        let sized = match *numbers {
            [length] => Some(Self::Varchar(length)),
            [precision, scale] => {
                u16::try_from(precision).ok().zip(u16::try_from(scale).ok()).map(|(p, s)| Self::Numeric(p, s))
            }
            _ => None,
        };
        let arrays = Self::PLAIN.iter().map(Self::Array).filter(move |_| is_array);
        Self::PLAIN.iter().copied().chain(sized).chain(arrays)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::SmallInt => "smallint",
            Self::Integer => "integer",
            Self::BigInt => "bigint",
            Self::Float => "float",
            Self::Double => "double",
            Self::Decimal => "decimal",
            Self::Numeric(..) => "numeric",
            Self::Text => "text",
            Self::Varchar(_) => "varchar",
            Self::Bytes => "bytes",
            Self::Timestamp => "timestamp",
            Self::Date => "date",
            Self::Time => "time",
            Self::Uuid => "uuid",
            Self::Json => "json",
            Self::Array(_) => "array",
        }
    }

    /// Returns a number of its own for each type, and its length if it has one.
    pub(crate) const fn tag(self) -> (u8, u32) {
        match self {
            Self::Boolean => (1, 0),
            Self::SmallInt => (2, 0),
            Self::Integer => (3, 0),
            Self::BigInt => (4, 0),
            Self::Float => (5, 0),
            Self::Double => (6, 0),
            Self::Text => (7, 0),
            Self::Varchar(length) => (8, length),
            Self::Bytes => (9, 0),
            Self::Timestamp => (10, 0),
            Self::Date => (11, 0),
            Self::Time => (12, 0),
            Self::Uuid => (13, 0),
            Self::Decimal => (14, 0),
            Self::Numeric(precision, scale) => (15, (precision as u32) << 16 | scale as u32),
            Self::Json => (16, 0),
            Self::Array(element) => (17, element.tag().0 as u32),
        }
    }

    /// The type of a decimal that is no column's: any number of digits, this many of them behind the point.
    ///
    /// ```
    /// use aludel::SqlType;
    ///
    /// let sum = SqlType::any_numeric(2);
    /// assert!(sum.is_decimal() && sum != SqlType::Numeric(10, 2));
    /// ```
    #[must_use]
    pub const fn any_numeric(scale: u16) -> Self {
        Self::Numeric(u16::MAX, scale)
    }

    /// Tells whether values of this type are integers.
    ///
    /// ```
    /// use aludel::SqlType;
    ///
    /// assert!(SqlType::BigInt.is_integer() && !SqlType::Numeric(10, 0).is_integer());
    /// ```
    #[must_use]
    pub const fn is_integer(self) -> bool {
        matches!(self, Self::SmallInt | Self::Integer | Self::BigInt)
    }

    /// Tells whether values of this type are decimals.
    ///
    /// ```
    /// use aludel::SqlType;
    ///
    /// assert!(SqlType::Numeric(10, 2).is_decimal() && !SqlType::Double.is_decimal());
    /// ```
    #[must_use]
    pub const fn is_decimal(self) -> bool {
        matches!(self, Self::Decimal | Self::Numeric(..))
    }

    /// Tells whether values of this type are text.
    ///
    /// ```
    /// use aludel::SqlType;
    ///
    /// assert!(SqlType::Varchar(20).is_text());
    /// // Stored as text on some databases, but not text to a program.
    /// assert!(!SqlType::Json.is_text() && !SqlType::Uuid.is_text());
    /// ```
    #[must_use]
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Varchar(_))
    }
}
