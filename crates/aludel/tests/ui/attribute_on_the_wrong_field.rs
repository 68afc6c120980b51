use aludel::prelude::*;

#[derive(Entity)]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[relation(back_populates = Document::OWNER)]
    pub documents: Vec<Document>,
    #[column(name = "boss")]
    pub entity: HasOne<User>,
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

fn main() {}
