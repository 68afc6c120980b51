use aludel::prelude::*;

#[derive(Entity)]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[relation(foreign_key = owner_id)]
    pub documents: HasMany<Document>,
}

#[derive(Entity)]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = User::ID)]
    pub owner_id: i64,
}

fn main() {}
