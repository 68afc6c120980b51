use aludel::prelude::*;

#[derive(Entity)]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    pub email: String,
    #[relation(back_populates = Tag::LABELS)]
    pub documents: HasMany<Document>,
}

#[derive(Entity)]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    pub title: String,
    pub body: String,
    #[column(foreign_key = User::ID)]
    pub owner_id: i64,
    pub owner: BelongsTo<User>,
}

#[derive(Entity)]
pub struct Tag {
    #[column(primary_key)]
    pub id: i64,
    pub labels: HasMany<User>,
}

fn main() {}
