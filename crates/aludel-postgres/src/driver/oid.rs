//! The numbers of the types that the driver knows.

use aludel_sql::SqlType;

/// The number of a type.
pub(super) type Oid = u32;

pub(super) const BOOL: Oid = 16;
pub(super) const BYTEA: Oid = 17;
pub(super) const CHAR: Oid = 18;
pub(super) const NAME: Oid = 19;
pub(super) const INT8: Oid = 20;
pub(super) const INT2: Oid = 21;
pub(super) const INT4: Oid = 23;
pub(super) const TEXT: Oid = 25;
pub(super) const OID: Oid = 26;
pub(super) const JSON: Oid = 114;
pub(super) const XML: Oid = 142;
pub(super) const FLOAT4: Oid = 700;
pub(super) const FLOAT8: Oid = 701;
pub(super) const UNKNOWN: Oid = 705;
pub(super) const BPCHAR: Oid = 1042;
pub(super) const VARCHAR: Oid = 1043;
pub(super) const DATE: Oid = 1082;
pub(super) const TIME: Oid = 1083;
pub(super) const TIMESTAMP: Oid = 1114;
pub(super) const TIMESTAMPTZ: Oid = 1184;
pub(super) const JSONB: Oid = 3802;
pub(super) const NUMERIC: Oid = 1700;
pub(super) const UUID: Oid = 2950;

/// Returns the number of the type and of its array, or `None` for a type that this driver does not send.
pub(super) fn of(ty: SqlType) -> Option<(Oid, Oid)> {
    Some(match ty {
        SqlType::Boolean => (BOOL, 1000),
        SqlType::SmallInt => (INT2, 1005),
        SqlType::Integer => (INT4, 1007),
        SqlType::BigInt => (INT8, 1016),
        SqlType::Float => (FLOAT4, 1021),
        SqlType::Double => (FLOAT8, 1022),
        // A length is a property of a column. As a parameter's type `varchar` would only hide that both are text.
        SqlType::Text | SqlType::Varchar(_) => (TEXT, 1009),
        SqlType::Bytes => (BYTEA, 1001),
        SqlType::Timestamp => (TIMESTAMPTZ, 1185),
        SqlType::Date => (DATE, 1182),
        SqlType::Time => (TIME, 1183),
        SqlType::Uuid => (UUID, 2951),
        SqlType::Json => (JSONB, 3807),
        // There are no arrays of arrays: what would be one has several dimensions.
        SqlType::Array(element) => (of(*element)?.1, 0),
        SqlType::Decimal | SqlType::Numeric(..) => (NUMERIC, 1231),
        _ => return None,
    })
}

/// Returns the number of the type that an array of this type is made of, or `None` for a type that is none, or one of types that this driver
/// does not read.
pub(super) fn element(array: Oid) -> Option<Oid> {
    Some(match array {
        1000 => BOOL,
        1001 => BYTEA,
        1003 => NAME,
        1005 => INT2,
        1007 => INT4,
        1009 => TEXT,
        1014 => BPCHAR,
        1015 => VARCHAR,
        1016 => INT8,
        1021 => FLOAT4,
        1022 => FLOAT8,
        1115 => TIMESTAMP,
        1182 => DATE,
        1183 => TIME,
        1185 => TIMESTAMPTZ,
        1231 => NUMERIC,
        199 => JSON,
        2951 => UUID,
        3807 => JSONB,
        _ => return None,
    })
}

/// Microseconds from 1970-01-01, where Aludel counts from, to 2000-01-01, where PostgreSQL does.
pub(super) const EPOCH_MICROS: i64 = 946_684_800_000_000;
/// The same in days.
pub(super) const EPOCH_DAYS: i32 = 10_957;
/// Microseconds of a day; PostgreSQL's `24:00:00` is a time of day.
pub(super) const DAY_MICROS: i64 = 86_400_000_000;
