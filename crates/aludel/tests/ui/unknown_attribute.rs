use aludel::prelude::*;

#[derive(Entity)]
#[entity(tabel = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(lenght = 255)]
    pub email: String,
    #[relation(back_populate = Document::OWNER)]
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
    #[relation(back_populates = User::DOCUMENTS)]
    pub owner: BelongsTo<User>,
}

fn main() {}
