//! Primary keys as a program gives them.

use crate::column_type::ColumnType;
use crate::value::Value;

/// A primary key: a value, or a tuple of them in the order of the fields.
pub trait Key {
    /// Returns the parts.
    fn into_parts(self) -> Vec<Value>;
}

/// A part of a primary key.
pub trait KeyPart {
    /// Returns the value.
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
