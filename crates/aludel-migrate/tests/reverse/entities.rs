//! Entities of a database, as `aludel reverse` read them.

use aludel::prelude::*;

/// The table "documents".
#[derive(Entity, Debug)]
#[entity(
    table = "documents",
    index(title, created_at.desc(), name = "by_title"),
)]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub title: String,
    pub body: Option<String>,
    #[column(index, foreign_key = User::ID, on_delete = "cascade")]
    pub owner_id: i64,
    #[column(foreign_key = User::ID, on_delete = "set null")]
    pub reviewer_id: Option<i64>,
    #[column(server_default = now())]
    pub created_at: chrono::DateTime<chrono::Utc>,
    #[column(length = 20, server_default = "it's a \"draft\"")]
    pub kind: String,
    #[column(server_default = -1)]
    pub pages: i32,
    #[column(server_default = true)]
    pub open: bool,
    #[column(precision = 10, scale = 2)]
    pub price: Option<rust_decimal::Decimal>,
    pub day: Option<chrono::NaiveDate>,
    pub hour: Option<chrono::NaiveTime>,
    pub token: Option<uuid::Uuid>,
    pub data: Option<Json<serde_json::Value>>,
    pub size: Option<f64>,
    pub bytes: Option<Vec<u8>>,
    #[relation(back_populates = User::DOCUMENTS_BY_OWNER, foreign_key = owner_id)]
    pub owner: BelongsTo<User>,
    #[relation(back_populates = User::DOCUMENTS_BY_REVIEWER, foreign_key = reviewer_id)]
    pub reviewer: BelongsTo<User>,
    #[relation(secondary = DOCUMENT_TAG, back_populates = Tag::DOCUMENTS)]
    pub tags: HasMany<Tag>,
}

/// The table "order lines".
#[derive(Entity, Debug)]
#[entity(table = "order lines")]
pub struct OrderLine {
    #[column(primary_key, name = "order no")]
    pub order_no: i64,
    #[column(primary_key)]
    pub number: i32,
}

/// The table "profiles".
#[derive(Entity, Debug)]
#[entity(table = "profiles")]
pub struct Profile {
    #[column(primary_key, foreign_key = User::ID)]
    pub user_id: i64,
    pub motto: Option<String>,
    #[relation(back_populates = User::PROFILES, foreign_key = user_id)]
    pub user: BelongsTo<User>,
}

/// The table "tags".
#[derive(Entity, Debug)]
#[entity(table = "tags")]
pub struct Tag {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 30)]
    pub name: String,
    #[relation(secondary = DOCUMENT_TAG, back_populates = Document::TAGS)]
    pub documents: HasMany<Document>,
}

/// The table "users".
#[derive(Entity, Debug)]
#[entity(table = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 255, unique)]
    pub email: String,
    #[column(length = 100)]
    pub name: Option<String>,
    #[column(foreign_key = User::ID, on_delete = "set null")]
    pub manager_id: Option<i64>,
    #[relation(back_populates = Document::OWNER, foreign_key = Document::OWNER_ID, cascade = "all", passive_deletes)]
    pub documents_by_owner: HasMany<Document>,
    #[relation(back_populates = Document::REVIEWER, foreign_key = Document::REVIEWER_ID)]
    pub documents_by_reviewer: HasMany<Document>,
    #[relation(back_populates = Profile::USER, foreign_key = Profile::USER_ID)]
    pub profiles: HasOne<Profile>,
    #[relation(back_populates = User::USERS_BY_MANAGER, foreign_key = manager_id)]
    pub manager: BelongsTo<User>,
    #[relation(back_populates = User::MANAGER, foreign_key = User::MANAGER_ID)]
    pub users_by_manager: HasMany<User>,
    #[relation(secondary = FOLLOWS, foreign_key = follower_id, back_populates = User::USERS_BY_FOLLOWED_ID)]
    pub users_by_follower_id: HasMany<User>,
    #[relation(secondary = FOLLOWS, foreign_key = followed_id, back_populates = User::USERS_BY_FOLLOWER_ID)]
    pub users_by_followed_id: HasMany<User>,
}

/// The table "x\"; DROP TABLE users; --".
#[derive(Entity, Debug)]
#[entity(
    table = "x\"; DROP TABLE users; --",
    unique(n2nd_name, name = "uq \"worst\""),
    foreign_key((two_lines, type_) => (OrderLine::ORDER_NO, OrderLine::NUMBER), name = "fk \"both\""),
)]
pub struct XDropTableUser {
    #[column(primary_key)]
    pub id: i64,
    #[column(name = "type")]
    pub type_: i32,
    #[column(name = "*/ fn main() {")]
    pub fn_main: i32,
    #[column(name = "2nd \"name\"", length = 9)]
    pub n2nd_name: String,
    #[column(name = "two\nlines")]
    pub two_lines: Option<i64>,
    #[column(name = "Self")]
    pub self_: Option<i32>,
    #[column(name = "名前")]
    pub column: Option<i32>,
    #[column(name = "姓")]
    pub column_2: Option<i32>,
}

aludel::association_table! {
    /// The table "document_tag".
    pub DOCUMENT_TAG = "document_tag" { document_id => Document::ID, tag_id => Tag::ID }
}

aludel::association_table! {
    /// The table "follows".
    pub FOLLOWS = "follows" { follower_id => User::ID, followed_id => User::ID }
}
