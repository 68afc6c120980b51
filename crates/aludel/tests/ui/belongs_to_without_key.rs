use aludel::prelude::*;

#[derive(Entity)]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    pub email: String,
    #[relation(back_populates = Document::OWNER)]
    pub documents: HasMany<Document>,
}

#[derive(Entity)]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    pub title: String,
    pub body: String,
    pub owner_id: i64,
    #[relation(back_populates = User::DOCUMENTS)]
    pub owner: BelongsTo<User>,
}

fn main() {}
