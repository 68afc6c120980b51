//! Values that are never shown: passwords, tokens, keys.

use std::fmt;

use super::{Choices, ColumnType, Mismatch};
use crate::operand::IntoValue;
use crate::schema::DomainMeta;
use crate::sql_type::SqlType;
use crate::value::{Bind, Secret, Value, ValueRef};

/// A value that no `Debug`, log or error shows.
///
/// ```
/// use aludel::Sensitive;
/// use aludel::prelude::*;
///
/// #[derive(Entity, Debug)]
/// #[entity(table = "accounts")]
/// struct Account {
///     #[column(primary_key)]
///     id: i64,
///     #[column(length = 100)]
///     password_hash: Sensitive<String>, // VARCHAR(100) NOT NULL
/// }
/// # fn main() {
/// let hash: Sensitive<String> = Sensitive::new("$argon2id$…".to_owned());
/// assert_eq!(format!("{hash:?}"), "Sensitive(…)");
/// assert_eq!(hash.reveal(), "$argon2id$…");
/// assert!(!format!("{:?}", Account::PASSWORD_HASH.eq(hash)).contains("argon"));
/// # }
/// ```
///
/// It is stored as what is in it, and it is not serialized: whoever wants it outside of the program says `reveal`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sensitive<T>(T);

impl<T> Sensitive<T> {
    /// Hides a value.
    ///
    /// ```
    /// use aludel::Sensitive;
    ///
    /// const TOKEN: Sensitive<&str> = Sensitive::new("s3cret");
    /// assert_eq!(format!("{:?}", Some(TOKEN)), "Some(Sensitive(…))");
    /// ```
    #[must_use]
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// Lends the value. Whoever calls this answers for where it goes.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # fn verify(password: &str, hash: &str) -> bool { hash.ends_with(password) }
    /// let hash = Sensitive::new("$argon2id$hunter2".to_owned());
    /// assert!(verify("hunter2", hash.reveal()));
    /// ```
    #[must_use]
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    /// Returns the value. Whoever calls this answers for where it goes.
    ///
    /// ```
    /// use aludel::Sensitive;
    ///
    /// let key = Sensitive::new(vec![1_u8, 2, 3]);
    /// let bytes: Vec<u8> = key.into_inner();
    /// assert_eq!(bytes, [1, 2, 3]);
    /// ```
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sensitive(…)")
    }
}

impl<T> From<T> for Sensitive<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

#[cfg(feature = "serde")]
impl<'de, T: serde::Deserialize<'de>> serde::Deserialize<'de> for Sensitive<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

impl<T: ColumnType<Base = T>> ColumnType for Sensitive<T> {
    type Base = Self;
    const SQL_TYPE: SqlType = T::SQL_TYPE;
    const CHOICES: Choices = T::CHOICES;
    const DOMAIN: Option<&'static DomainMeta> = T::DOMAIN;

    fn unset() -> Self {
        Self(T::unset())
    }

    fn encode(&self) -> Bind<'_> {
        Bind::Own(match self.0.encode().into_value() {
            Value::Refused(_) => Value::Refused("a sensitive value cannot be stored".to_owned()),
            value => Value::Secret(Secret::new(value)),
        })
    }

    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        // What is wrong with the value might tell the value.
        T::decode(cell).map(Self).map_err(|_| match cell {
            ValueRef::Null => Mismatch::new("a sensitive value", cell),
            _ => Mismatch::because(format!(
                "the value, which is sensitive, is no `{}`",
                std::any::type_name::<T>()
            )),
        })
    }

    fn same(&self, other: &Self) -> bool {
        self.0.same(&other.0)
    }
}

#[diagnostic::do_not_recommend]
impl<T> IntoValue<Sensitive<T>> for T
where
    Sensitive<T>: ColumnType,
{
    fn into_value(self) -> Sensitive<T> {
        Sensitive(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T> IntoValue<Option<Sensitive<T>>> for T
where
    Sensitive<T>: ColumnType,
{
    fn into_value(self) -> Option<Sensitive<T>> {
        Some(Sensitive(self))
    }
}

#[diagnostic::do_not_recommend]
impl IntoValue<Sensitive<String>> for &str {
    fn into_value(self) -> Sensitive<String> {
        Sensitive(self.to_owned())
    }
}
