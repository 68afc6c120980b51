//! Primary keys as a program gives them.

use std::fmt;

use crate::column_type::ColumnType;
use crate::value::Value;

/// A primary key: a value, or a tuple of them in the order of the fields.
pub trait Key {
    /// Returns the parts.
    ///
    /// ```
    /// use aludel::{Key, Value};
    ///
    /// assert_eq!(7_i64.into_parts(), [Value::Int(7)]);
    /// assert_eq!((7_i64, "b").into_parts(), [Value::Int(7), Value::Text("b".into())]);
    /// ```
    fn into_parts(self) -> Vec<Value>;
}

/// The primary key of a row, whatever its type: what `session.key(object)` gives and `session.get` takes.
///
/// ```
/// # use aludel::prelude::*;
/// let key = PrimaryKey::new((7, "b"));
/// assert_eq!(key.part::<i64>(0), Some(7));
/// assert_eq!(key.to_string(), r#"(7, "b")"#);
/// assert_eq!(PrimaryKey::new(5).to_string(), "5");
/// ```
#[derive(Clone, PartialEq)]
pub struct PrimaryKey(Vec<Value>);

impl PrimaryKey {
    /// Makes a key of a value, or of a tuple of them in the order of the fields.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// // A key that comes from somewhere else, for a table that is known at run time only.
    /// let key = PrimaryKey::new(1);
    /// let sam = session.get::<User>(key).await?.unwrap();
    /// assert_eq!(session[sam].email, "sam@example.org");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn new(key: impl Key) -> Self {
        Self(key.into_parts())
    }

    /// Returns the parts, in the order of the fields.
    ///
    /// ```
    /// use aludel::{PrimaryKey, Value};
    ///
    /// assert_eq!(PrimaryKey::new((7, "b")).parts(), [Value::Int(7), Value::Text("b".into())]);
    /// ```
    #[must_use]
    pub fn parts(&self) -> &[Value] {
        &self.0
    }

    /// Returns a part as a value of its type; `None` where there is no such part or it is of another type.
    ///
    /// ```
    /// use aludel::PrimaryKey;
    ///
    /// let key = PrimaryKey::new((7, "b"));
    /// assert_eq!(key.part::<String>(1).as_deref(), Some("b"));
    /// assert_eq!(key.part::<i64>(1), None);
    /// ```
    #[must_use]
    pub fn part<T: ColumnType>(&self, at: usize) -> Option<T> {
        T::decode(self.0.get(at)?.as_ref()).ok()
    }
}

impl Key for PrimaryKey {
    fn into_parts(self) -> Vec<Value> {
        self.0
    }
}

impl Key for Vec<Value> {
    fn into_parts(self) -> Vec<Value> {
        self
    }
}

impl fmt::Display for PrimaryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |f: &mut fmt::Formatter<'_>, value: &Value| match value {
            Value::Int(number) => write!(f, "{number}"),
            Value::Text(text) => write!(f, "{text:?}"),
            other => f.write_str(other.as_ref().describe()),
        };
        if let [only] = self.0.as_slice() {
            return part(f, only);
        }
        for (at, value) in self.0.iter().enumerate() {
            f.write_str(if at == 0 { "(" } else { ", " })?;
            part(f, value)?;
        }
        f.write_str(")")
    }
}

impl fmt::Debug for PrimaryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A part of a primary key.
pub trait KeyPart {
    /// Returns the value.
    ///
    /// ```
    /// use aludel::Value;
    /// use aludel_sql::KeyPart;
    ///
    /// assert_eq!("b".into_part(), Value::Text("b".into()));
    /// assert_eq!(7_i64.into_part(), Value::Int(7));
    /// ```
    fn into_part(self) -> Value;
}

impl<T: ColumnType> KeyPart for T {
    fn into_part(self) -> Value {
        self.encode().into_value()
    }
}

impl KeyPart for &str {
    fn into_part(self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl<T: KeyPart> Key for T {
    fn into_parts(self) -> Vec<Value> {
        vec![self.into_part()]
    }
}

macro_rules! keys {
    ($(($($name:ident)+))*) => {$(
        impl<$($name: KeyPart),+> Key for ($($name,)+) {
            fn into_parts(self) -> Vec<Value> {
                #[allow(non_snake_case)]
                let ($($name,)+) = self;
                vec![$($name.into_part(),)+]
            }
        }
    )*};
}

keys! { (A B) (A B C) (A B C D) }
