//! JSON documents of serde_json.

use std::any::type_name;
use std::ops::{Deref, DerefMut};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{ColumnType, Mismatch};
use crate::operand::IntoValue;
use crate::sql_type::SqlType;
use crate::value::{Bind, Value, ValueRef};

/// A value that is stored as a JSON document: `jsonb` on PostgreSQL, `JSON` on MariaDB and MySQL, text on SQLite.
///
/// ```
/// use aludel::prelude::*;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, Clone, Debug, Default, PartialEq)]
/// struct Settings {
///     theme: String,
///     tags: Vec<String>,
/// }
///
/// #[derive(Entity, Debug)]
/// #[entity(table = "profiles")]
/// struct Profile {
///     #[column(primary_key)]
///     id: i64,
///     settings: Json<Settings>,
///     extra: Option<Json<serde_json::Value>>, // `None` is NULL, `Some(Json(Value::Null))` is the document `null`
/// }
/// # fn main() {
/// let profile = Profile::builder().settings(Settings::default());
/// # let _ = profile;
/// # }
/// ```
///
/// It dereferences to what is in it, so `session[profile].settings.theme = …` is a change like any other. `Default` is what the field holds
/// until the database has given the value. PostgreSQL's `jsonb` cannot hold `\u0000` and refuses it; a document nested more than 128 deep is not
/// read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Json<T>(pub T);

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Json<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Serialize> Serialize for Json<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Json<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

impl<T> ColumnType for Json<T>
where
    T: Serialize + DeserializeOwned + Default + Clone + Send + Sync + 'static,
{
    type Base = Self;
    const SQL_TYPE: SqlType = SqlType::Json;

    fn unset() -> Self {
        Self::default()
    }

    fn encode(&self) -> Bind<'_> {
        Bind::Own(match serde_json::to_string(&self.0) {
            Ok(text) => Value::Text(text),
            Err(error) => Value::Refused(format!("a `{}` has no JSON: {error}", type_name::<T>())),
        })
    }

    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        match cell {
            ValueRef::Text(text) => serde_json::from_str(text).map(Self).map_err(|error| {
                Mismatch::because(format!("the JSON is not a `{}`: {error}", type_name::<T>()))
            }),
            other => Err(Mismatch::new("a JSON document", other)),
        }
    }

    /// Two documents are the same if their values are, in whichever order the keys were written.
    fn same(&self, other: &Self) -> bool {
        let (a, b) = (self.encode().into_value(), other.encode().into_value());
        let parsed = |value: &Value| match value {
            Value::Text(text) => serde_json::from_str::<serde_json::Value>(text).ok(),
            _ => None,
        };
        a == b || parsed(&a).is_some_and(|a| parsed(&b) == Some(a))
    }
}

#[diagnostic::do_not_recommend]
impl<T> IntoValue<Json<T>> for T
where
    Json<T>: ColumnType,
{
    fn into_value(self) -> Json<T> {
        Json(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T> IntoValue<Option<Json<T>>> for T
where
    Json<T>: ColumnType,
{
    fn into_value(self) -> Option<Json<T>> {
        Some(Json(self))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn documents_are_the_same_whatever_the_order_of_their_keys() {
        let (mut a, mut b) = (HashMap::new(), HashMap::with_capacity(100));
        for n in 0..20 {
            a.insert(n.to_string(), n);
            b.insert((19 - n).to_string(), 19 - n);
        }
        assert!(Json(a.clone()).same(&Json(b.clone())));
        b.insert("3".to_owned(), 4);
        assert!(!Json(a).same(&Json(b)));
    }

    #[test]
    fn what_has_no_json_is_refused() {
        let keys_that_are_no_text = Json(HashMap::from([((1, 2), 3)]));
        let Bind::Own(Value::Refused(why)) = keys_that_are_no_text.encode() else { panic!("refused") };
        assert!(why.contains("key must be a string"), "{why}");
    }
}
