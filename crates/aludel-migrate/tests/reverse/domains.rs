//! Entities of a database, as `aludel reverse` read them.

use aludel::prelude::*;

/// The domain "email".
#[derive(ColumnType, Clone, Debug, PartialEq)]
#[domain(name = "email", length = 100, checks("(VALUE)::text ~~ '%@%'::text", name = "has_at"), comment = "where to write")]
pub struct Email(pub String);

/// The domain "work_email".
#[derive(ColumnType, Clone, Debug, PartialEq)]
#[domain(name = "work_email", not_null, server_default = "office@example.org")]
pub struct WorkEmail(pub Email);

/// The domain "price".
#[derive(ColumnType, Clone, Debug, PartialEq)]
#[domain(name = "price", precision = 9, scale = 2)]
pub struct Price(pub rust_decimal::Decimal);

/// The domain "self\"; --".
#[derive(ColumnType, Clone, Debug, PartialEq)]
#[domain(name = "self\"; --", checks("VALUE > 0", name = "above"))]
pub struct SelfDomain(pub i32);

/// The table "letters".
#[derive(Entity, Debug)]
#[entity(table = "letters")]
pub struct Letter {
    #[column(primary_key)]
    pub id: i64,
    pub recipient: WorkEmail,
    pub copy: Option<Email>,
    pub weight: Option<Price>,
    pub number: SelfDomain,
}
