//! UUIDs of the `uuid` crate.

use uuid::Uuid;

use super::{ColumnType, Mismatch};
use crate::sql_type::SqlType;
use crate::value::{Bind, ValueRef};

impl ColumnType for Uuid {
    type Base = Self;
    const SQL_TYPE: SqlType = SqlType::Uuid;

    fn unset() -> Self {
        Uuid::nil()
    }

    fn encode(&self) -> Bind<'_> {
        Bind::Ref(ValueRef::Uuid(*self.as_bytes()))
    }

    fn decode(cell: ValueRef<'_>) -> Result<Self, Mismatch> {
        match cell {
            ValueRef::Uuid(bytes) => Ok(Uuid::from_bytes(bytes)),
            ValueRef::Text(text) => {
                Uuid::try_parse(text).map_err(|_| Mismatch::because("expected a UUID, found other text"))
            }
            ValueRef::Blob(bytes) => {
                Uuid::from_slice(bytes).map_err(|_| Mismatch::because("expected the 16 bytes of a UUID"))
            }
            other => Err(Mismatch::new("a UUID", other)),
        }
    }
}
