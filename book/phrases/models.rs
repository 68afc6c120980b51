//! What the phrases are about.

use aludel::prelude::*;
use aludel::schema::Ddl;
use chrono::{DateTime, Utc};

#[derive(Columns, Clone, Debug)]
pub struct Timestamps {
    #[column(server_default = now())]
    pub created_at: DateTime<Utc>,
    #[column(server_default = now(), onupdate = Utc::now())]
    pub updated_at: DateTime<Utc>,
}

#[derive(Columns, Clone, Debug)]
pub struct Address {
    pub street: String,
    pub city: String,
}

#[derive(DbEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Reader,
    Writer,
}

fn has_an_at(email: &str) -> Result<(), &'static str> {
    if email.contains('@') { Ok(()) } else { Err("it has no @") }
}

#[derive(Entity, Debug)]
#[entity(table = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 255, unique, validate = has_an_at)]
    pub email: String,
    #[column(length = 100)]
    pub name: Option<String>,
    #[column(default = Role::Reader)]
    pub role: Role,
    #[column(server_default = true)]
    pub is_active: bool,
    #[column(default = 0)]
    pub score: i64,
    #[column(index)]
    pub manager_id: Option<i64>,
    #[column(version)]
    pub version: i32,
    #[embedded]
    pub timestamps: Timestamps,
    #[relation(back_populates = Document::OWNER, cascade = "all, delete-orphan", passive_deletes, order_by = Document::ID)]
    pub documents: HasMany<Document>,
    #[relation(back_populates = Profile::USER)]
    pub profile: HasOne<Profile>,
    #[relation(back_populates = Visit::USER, write_only, passive_deletes)]
    pub visits: HasMany<Visit>,
}

/// One for each user.
#[derive(Entity, Debug)]
#[entity(table = "profiles")]
pub struct Profile {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = User::ID, unique)]
    pub user_id: i64,
    pub about: Deferred<String>,
    #[relation(back_populates = User::PROFILE)]
    pub user: BelongsTo<User>,
}

#[derive(Entity, Debug)]
#[entity(table = "visits")]
pub struct Visit {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = User::ID, on_delete = "cascade")]
    pub user_id: i64,
    pub page: String,
    #[relation(back_populates = User::VISITS)]
    pub user: BelongsTo<User>,
}

#[derive(Entity, Debug)]
#[entity(table = "documents", index(owner_id, title.desc()))]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub title: String,
    pub body: String,
    #[column(foreign_key = User::ID, on_delete = "cascade")]
    pub owner_id: i64,
    #[relation(back_populates = User::DOCUMENTS)]
    pub owner: BelongsTo<User>,
    #[relation(secondary = DOCUMENT_TAG, back_populates = Tag::DOCUMENTS)]
    pub tags: HasMany<Tag>,
    #[relation(back_populates = Share::DOCUMENT, cascade = "all, delete-orphan")]
    pub shares: HasMany<Share>,
}

#[hybrid]
impl Document {
    pub fn is_long(&self) -> bool {
        length(&self.body) > 5000
    }
}

#[derive(Entity, Debug)]
#[entity(table = "tags")]
pub struct Tag {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50, unique)]
    pub name: String,
    #[relation(secondary = DOCUMENT_TAG, back_populates = Document::TAGS)]
    pub documents: HasMany<Document>,
}

aludel::association_table! {
    pub DOCUMENT_TAG = "document_tag" { document_id => Document::ID, tag_id => Tag::ID }
}

/// A tie with columns of its own.
#[derive(Entity, Debug)]
#[entity(table = "shares")]
pub struct Share {
    #[column(primary_key, foreign_key = Document::ID)]
    pub document_id: i64,
    #[column(primary_key, foreign_key = User::ID)]
    pub reader_id: i64,
    #[column(server_default = now())]
    pub added_at: DateTime<Utc>,
    #[relation(back_populates = Document::SHARES)]
    pub document: BelongsTo<Document>,
    #[relation]
    pub reader: BelongsTo<User>,
}

#[derive(Entity, Debug)]
#[entity(ddl = readers_of_folders)]
#[entity(table = "folders")]
pub struct Folder {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Folder::ID)]
    pub parent_id: Option<i64>,
    #[relation(back_populates = Folder::CHILDREN)]
    pub parent: BelongsTo<Folder>,
    #[relation(back_populates = Folder::PARENT)]
    pub children: HasMany<Folder>,
}

fn readers_of_folders() -> Vec<Ddl> {
    let grant =
        Ddl::after_create("the readers of folders").sql("postgres", "GRANT SELECT ON folders TO PUBLIC");
    vec![grant.nothing("sqlite")]
}

#[derive(Entity, Debug)]
#[entity(table = "orders", unique(customer, number), checks("price > 0", name = "price"), soft_delete = deleted_at)]
#[entity(index(customer.mysql(length = 10)))]
pub struct Order {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 40)]
    pub customer: String,
    pub number: i32,
    pub price: i64,
    pub pieces: i64,
    #[column(computed = "price * pieces")]
    pub total: i64,
    #[embedded(prefix = "ship_")]
    pub to: Address,
    pub deleted_at: Option<DateTime<Utc>>,
}

/// What a client may change.
#[derive(Changeset)]
#[changeset(Document)]
pub struct DocumentUpdate {
    pub title: Option<String>,
    pub body: Option<String>,
}

/// What a client may see.
#[derive(Projection, Debug)]
#[projection(Document)]
pub struct DocumentOut {
    pub id: i64,
    pub title: String,
    #[projection(path = owner.email)]
    pub owner: String,
}

/// What a client may store.
#[derive(Insertable)]
#[insertable(User)]
pub struct UserCreate {
    pub email: String,
    pub name: Option<String>,
}

pub fn tables() -> Metadata {
    Metadata::of((User, Profile, Visit, Document, Tag, DOCUMENT_TAG, Share, Folder, Order))
}
