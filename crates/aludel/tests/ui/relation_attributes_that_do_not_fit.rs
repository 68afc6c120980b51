use aludel::prelude::*;

#[derive(Entity)]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[relation(viewonly, back_populates = Document::OWNER, cascade = "all", order_by = Document::NAME)]
    pub documents: HasMany<Document>,
    #[relation(write_only, load = "selectin")]
    pub written: HasMany<Document>,
    #[relation(write_only)]
    pub one: HasOne<Document>,
    #[relation(load = "lazy")]
    pub lazy: HasMany<Document>,
}

#[derive(Entity)]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = User::ID)]
    pub owner_id: i64,
    #[relation(order_by = User::ID)]
    pub owner: BelongsTo<User>,
}

fn main() {}
