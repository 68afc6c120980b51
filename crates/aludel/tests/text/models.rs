//! The tables that the rules speak of.

use aludel::prelude::*;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use uuid::Uuid;

/// Has documents.
#[derive(Entity, Debug)]
#[entity(table = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 255, unique)]
    pub email: String,
    #[column(length = 100)]
    pub name: Option<String>,
    pub age: Option<i32>,
    pub active: bool,
    #[relation(back_populates = Document::OWNER)]
    pub documents: HasMany<Document>,
}

/// Has an owner.
#[derive(Entity, Debug)]
#[entity(table = "documents")]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub title: String,
    pub body: String,
    #[column(foreign_key = User::ID)]
    pub owner_id: i64,
    pub views: i32,
    pub likes: i32,
    pub score: f64,
    pub rating: Option<f64>,
    pub published: bool,
    #[column(server_default = now())]
    pub created_at: DateTime<Utc>,
    #[relation(back_populates = User::DOCUMENTS)]
    pub owner: BelongsTo<User>,
}

/// Refers to documents by a foreign key, and has no relation.
#[derive(Entity, Debug)]
#[entity(table = "tags")]
pub struct Tag {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50, unique)]
    pub label: String,
    #[column(foreign_key = Document::ID)]
    pub document_id: i64,
}

/// Refers to its own table.
#[derive(Entity, Debug)]
#[entity(table = "employees")]
pub struct Employee {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub name: String,
    #[column(foreign_key = Employee::ID)]
    pub manager_id: Option<i64>,
    #[relation(back_populates = Employee::REPORTS)]
    pub manager: BelongsTo<Employee>,
    #[relation(back_populates = Employee::MANAGER)]
    pub reports: HasMany<Employee>,
}

/// Has a key of two columns, and nothing to do with the others.
#[derive(Entity, Debug)]
#[entity(table = "order_lines")]
pub struct Line {
    #[column(primary_key)]
    pub order_no: i64,
    #[column(primary_key)]
    pub number: i32,
    pub quantity: i32,
    #[column(length = 100)]
    pub note: Option<String>,
}

/// Has names that must be quoted.
#[derive(Entity, Debug)]
#[entity(table = "Order", schema = "my shop")]
pub struct Order {
    #[column(primary_key, name = "select")]
    pub id: i64,
    #[column(name = "naïve")]
    pub naive: bool,
    #[column(name = "he said \"`hi`\"")]
    pub quotes: i32,
    #[column(name = "Customer")]
    pub customer: i64,
    #[column(name = "1st")]
    pub first: i64,
    #[column(name = "plain_1")]
    pub plain: i64,
}

/// Has a column of every type, required and optional.
#[derive(Entity, Debug)]
#[entity(table = "everything")]
pub struct Everything {
    #[column(primary_key)]
    pub id: i64,
    pub a_bool: bool,
    pub an_i16: i16,
    pub an_i32: i32,
    pub an_i64: i64,
    pub a_u32: u32,
    pub an_f32: f32,
    pub an_f64: f64,
    pub a_text: String,
    #[column(length = 20)]
    pub a_varchar: String,
    pub a_blob: Vec<u8>,
    pub an_instant: DateTime<Utc>,
    pub a_date: NaiveDate,
    pub a_time: NaiveTime,
    pub a_uuid: Uuid,
}

/// Has an optional column of every type.
#[derive(Entity, Debug)]
#[entity(table = "anything")]
pub struct Anything {
    #[column(primary_key)]
    pub id: Uuid,
    pub a_bool: Option<bool>,
    pub an_i16: Option<i16>,
    pub an_i32: Option<i32>,
    pub an_i64: Option<i64>,
    pub a_u32: Option<u32>,
    pub an_f32: Option<f32>,
    pub an_f64: Option<f64>,
    pub a_text: Option<String>,
    #[column(length = 20)]
    pub a_varchar: Option<String>,
    pub a_blob: Option<Vec<u8>>,
    pub an_instant: Option<DateTime<Utc>>,
    pub a_date: Option<NaiveDate>,
    pub a_time: Option<NaiveTime>,
    pub a_uuid: Option<Uuid>,
}
