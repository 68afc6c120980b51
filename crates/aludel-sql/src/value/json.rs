//! Values as JSON.

use super::spelled::{date, time_of_day, timestamp, uuid};
use super::{Value, ValueRef};

impl Value {
    /// Returns the value as JSON: what JSON has no type for as text, instants as RFC 3339 has them, bytes as hexadecimal digits. A
    /// secret is `null`.
    ///
    /// ```
    /// # use aludel::Value;
    /// assert_eq!(Value::Int(7).to_json(), 7);
    /// assert_eq!(Value::Timestamp(1_500_000).to_json(), "1970-01-01T00:00:01.500000Z");
    /// assert_eq!(Value::Decimal("12.50".to_owned()).to_json(), "12.50");
    /// ```
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;

        if let Value::Secret(_) | Value::Refused(_) = self {
            return Json::Null;
        }
        match self.as_ref() {
            ValueRef::Null | ValueRef::Refused(_) => Json::Null,
            ValueRef::Bool(it) => it.into(),
            ValueRef::Int(it) => it.into(),
            // NaN and the infinities are none of JSON's numbers.
            ValueRef::Real(it) => it.into(),
            ValueRef::Decimal(it) | ValueRef::Text(it) => it.into(),
            ValueRef::Blob(bytes) | ValueRef::Wire { bytes, .. } => {
                bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
            }
            ValueRef::Timestamp(micros) => format!("{}Z", timestamp(micros, 'T')).into(),
            ValueRef::Date(days) => date(days.into()).into(),
            ValueRef::Time(micros) => time_of_day(micros).into(),
            ValueRef::Uuid(bytes) => uuid(bytes).into(),
            ValueRef::List(values) => values.iter().map(Value::to_json).collect(),
        }
    }
}
