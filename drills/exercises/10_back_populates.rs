// Two relations that do not know of each other: who tells a document its owner does not
// tell the owner. Try it: a new document of a user whose documents are loaded already
// does not appear among them.
//
// Your turn: `back_populates` on both sides, in the place of `foreign_key`.

use aludel::prelude::*;

#[derive(Entity, Debug)]
#[entity(table = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 255, unique)]
    pub email: String,
    #[relation(foreign_key = Document::OWNER_ID)]
    pub documents: HasMany<Document>,
}

#[derive(Entity, Debug)]
#[entity(table = "documents")]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 200)]
    pub title: String,
    #[column(foreign_key = User::ID)]
    pub owner_id: i64,
    #[relation(foreign_key = owner_id)]
    pub owner: BelongsTo<User>,
}
