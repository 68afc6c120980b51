use aludel::prelude::*;

#[derive(Entity)]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[relation(back_populates = Document::AUTHOR)]
    pub written: HasMany<Document>,
    #[relation(back_populates = Document::REVIEWER)]
    pub reviewed: HasMany<Document>,
}

#[derive(Entity)]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = User::ID)]
    pub author_id: i64,
    #[column(foreign_key = User::ID)]
    pub reviewer_id: i64,
    #[relation(foreign_key = author_id, back_populates = User::WRITTEN)]
    pub author: BelongsTo<User>,
    #[relation(foreign_key = reviewer_id, back_populates = User::WRITTEN)]
    pub reviewer: BelongsTo<User>,
}

fn main() {}
