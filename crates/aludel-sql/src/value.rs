//! Values on their way to and from a database: owned, borrowed, or either.

#[cfg(feature = "json")]
mod json;
pub(crate) mod spelled;

use std::fmt;

/// One value, borrowed: a cell of a row as the driver shows it, or a parameter as the driver sends it.
///
/// A driver decodes only what its protocol says is one of these; everything else arrives as [`ValueRef::Wire`] and the
/// column's own type decodes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ValueRef<'a> {
    /// SQL NULL.
    Null,
    /// A boolean. SQLite and MySQL show booleans as `Int` 0 and 1.
    Bool(bool),
    /// A signed integer of any width.
    Int(i64),
    /// A floating point number of any width.
    Real(f64),
    /// A decimal number as its digits, with a minus and a point where it has them: `-12.50`.
    Decimal(&'a str),
    /// Text, always valid UTF-8.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
    /// An instant: microseconds since 1970-01-01 00:00:00 UTC. SQLite shows instants as `Text`.
    Timestamp(i64),
    /// A calendar date: days since 1970-01-01. SQLite shows dates as `Text`.
    Date(i32),
    /// A time of day: microseconds since midnight. SQLite shows times as `Text`.
    Time(i64),
    /// A UUID, in the order of its text. SQLite and MySQL show UUIDs as `Blob` or `Text`.
    Uuid([u8; 16]),
    /// No value, but the reason why there is none: a type answers it where one of its values cannot be stored anywhere. Sending it is an
    /// error.
    Refused(&'a str),
    /// The elements of one array parameter; never a cell.
    List(&'a [Value]),
    /// Undecoded bytes of a type that the driver does not know; `ty` is the number of the type in that database.
    Wire {
        /// The number of the type: an OID on PostgreSQL.
        ty: u32,
        /// The bytes as the database sent them.
        bytes: &'a [u8],
    },
}

/// One value, owned: what an expression holds until it is sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// A boolean.
    Bool(bool),
    /// A signed integer of any width.
    Int(i64),
    /// A floating point number of any width.
    Real(f64),
    /// A decimal number as its digits, with a minus and a point where it has them: `-12.50`.
    Decimal(String),
    /// Text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
    /// An instant: microseconds since 1970-01-01 00:00:00 UTC.
    Timestamp(i64),
    /// A calendar date: days since 1970-01-01.
    Date(i32),
    /// A time of day: microseconds since midnight.
    Time(i64),
    /// A UUID.
    Uuid([u8; 16]),
    /// A value that is sent as it is, and shown to nobody.
    Secret(Secret),
    /// No value, but the reason why there is none; sending it is an error.
    Refused(String),
    /// The elements of one array parameter.
    List(Vec<Value>),
    /// Of a prepared statement: the value is given when the statement runs. Sending it is an error.
    Placeholder(usize),
}

/// A value that its `Debug` does not show.
#[derive(Clone, PartialEq)]
pub struct Secret(Box<Value>);

impl Secret {
    /// Hides a value.
    ///
    /// ```
    /// use aludel::Value;
    /// use aludel_sql::Secret;
    ///
    /// let token = Value::Secret(Secret::new(Value::Text("s3cret".to_owned())));
    /// assert!(!format!("{token:?}").contains("s3cret"));
    /// // It is sent as what it is.
    /// assert_eq!(token.as_ref(), aludel::ValueRef::Text("s3cret"));
    /// ```
    #[must_use]
    pub fn new(value: Value) -> Self {
        Self(Box::new(value))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// A value on its way to the database: borrowed from an object where it can be, owned where it had to be made.
#[derive(Clone, Debug)]
pub enum Bind<'a> {
    /// Borrowed.
    Ref(ValueRef<'a>),
    /// Owned: the encoded form is not stored in the object (JSON text, for instance).
    Own(Value),
}

impl ValueRef<'_> {
    /// Copies the value. Undecoded bytes become a `Blob`.
    ///
    /// ```
    /// use aludel::{Value, ValueRef};
    ///
    /// assert_eq!(ValueRef::Text("Emma").to_value(), Value::Text("Emma".to_owned()));
    /// assert_eq!(ValueRef::Wire { ty: 869, bytes: &[1, 2] }.to_value(), Value::Blob(vec![1, 2]));
    /// ```
    #[must_use]
    #[inline]
    pub fn to_value(self) -> Value {
        match self {
            ValueRef::Null => Value::Null,
            ValueRef::Bool(it) => Value::Bool(it),
            ValueRef::Int(it) => Value::Int(it),
            ValueRef::Real(it) => Value::Real(it),
            ValueRef::Decimal(it) => Value::Decimal(it.to_owned()),
            ValueRef::Text(it) => Value::Text(it.to_owned()),
            ValueRef::Blob(it) | ValueRef::Wire { bytes: it, .. } => Value::Blob(it.to_vec()),
            ValueRef::Timestamp(it) => Value::Timestamp(it),
            ValueRef::Date(it) => Value::Date(it),
            ValueRef::Time(it) => Value::Time(it),
            ValueRef::Uuid(it) => Value::Uuid(it),
            ValueRef::Refused(it) => Value::Refused(it.to_owned()),
            ValueRef::List(it) => Value::List(it.to_vec()),
        }
    }

    /// Tells whether this is SQL NULL.
    ///
    /// ```
    /// use aludel::ValueRef;
    ///
    /// assert!(ValueRef::Null.is_null());
    /// assert!(!ValueRef::Text("").is_null());
    /// ```
    #[must_use]
    pub fn is_null(self) -> bool {
        matches!(self, ValueRef::Null)
    }

    /// Returns the word that error messages use for this value's type.
    ///
    /// ```
    /// use aludel::{ColumnType, ValueRef};
    ///
    /// assert_eq!(ValueRef::Real(0.5).describe(), "a floating point number");
    /// // The value itself is not told: it may be nobody's business.
    /// let mismatch = i64::decode(ValueRef::Text("s3cret")).unwrap_err();
    /// assert_eq!(mismatch.reason(), "expected an i64, found text");
    /// ```
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            ValueRef::Null => "NULL",
            ValueRef::Bool(_) => "a boolean",
            ValueRef::Int(_) => "an integer",
            ValueRef::Real(_) => "a floating point number",
            ValueRef::Decimal(_) => "a decimal number",
            ValueRef::Text(_) => "text",
            ValueRef::Blob(_) => "bytes",
            ValueRef::Timestamp(_) => "a timestamp",
            ValueRef::Date(_) => "a date",
            ValueRef::Time(_) => "a time of day",
            ValueRef::Uuid(_) => "a UUID",
            ValueRef::Refused(_) => "a value that cannot be sent",
            ValueRef::List(_) => "an array",
            ValueRef::Wire { .. } => "a value of a type that the driver does not decode",
        }
    }
}

impl Value {
    /// Borrows the value.
    ///
    /// ```
    /// use aludel::{ColumnType, Value};
    ///
    /// let value = Value::Text("Emma".to_owned());
    /// assert_eq!(String::decode(value.as_ref()).unwrap(), "Emma");
    /// ```
    #[must_use]
    #[inline]
    pub fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Value::Null => ValueRef::Null,
            Value::Bool(it) => ValueRef::Bool(*it),
            Value::Int(it) => ValueRef::Int(*it),
            Value::Real(it) => ValueRef::Real(*it),
            Value::Decimal(it) => ValueRef::Decimal(it),
            Value::Text(it) => ValueRef::Text(it),
            Value::Blob(it) => ValueRef::Blob(it),
            Value::Timestamp(it) => ValueRef::Timestamp(*it),
            Value::Date(it) => ValueRef::Date(*it),
            Value::Time(it) => ValueRef::Time(*it),
            Value::Uuid(it) => ValueRef::Uuid(*it),
            Value::Secret(it) => Value::as_ref(&it.0),
            Value::Refused(it) => ValueRef::Refused(it),
            Value::List(it) => ValueRef::List(it),
            Value::Placeholder(_) => ValueRef::Refused("a placeholder of a prepared statement has no value"),
        }
    }
}

impl Bind<'_> {
    /// Borrows the value, wherever it lives.
    ///
    /// ```
    /// use aludel::{ColumnType, ValueRef};
    ///
    /// let title = "Emma".to_owned();
    /// let bind = ColumnType::encode(&title); // borrowed from the text
    /// assert_eq!(bind.as_ref(), ValueRef::Text("Emma"));
    /// ```
    #[must_use]
    #[inline]
    pub fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Bind::Ref(it) => *it,
            Bind::Own(it) => it.as_ref(),
        }
    }

    /// Copies the value if it is borrowed.
    ///
    /// ```
    /// use aludel::{Bind, Value, ValueRef};
    ///
    /// assert_eq!(Bind::Ref(ValueRef::Text("Emma")).into_value(), Value::Text("Emma".to_owned()));
    /// // What was made for it is not copied.
    /// assert_eq!(Bind::Own(Value::Int(5)).into_value(), Value::Int(5));
    /// ```
    #[must_use]
    #[inline]
    pub fn into_value(self) -> Value {
        match self {
            // A key: where its type is known, nothing is left of all this.
            Bind::Ref(ValueRef::Int(it)) => Value::Int(it),
            Bind::Ref(it) => it.to_value(),
            Bind::Own(it) => it,
        }
    }
}

impl<'a> From<ValueRef<'a>> for Bind<'a> {
    fn from(value: ValueRef<'a>) -> Self {
        Bind::Ref(value)
    }
}
