use aludel::prelude::*;

#[derive(Entity)]
#[entity(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    email: String,
    #[relation(back_populates = Document::OWNER)]
    documents: HasMany<Document>,
}

#[derive(Entity)]
#[entity(table = "documents")]
struct Document {
    #[column(primary_key)]
    id: i64,
    title: String,
    #[column(foreign_key = User::ID)]
    owner_id: i64,
    #[relation(back_populates = User::DOCUMENTS)]
    owner: BelongsTo<User>,
}

#[derive(Projection)]
#[projection(User)]
struct Counted {
    #[projection(expr = func::count(User::ID))]
    users: String,
}

#[derive(Projection)]
#[projection(User)]
struct Narrowed {
    #[projection(filter = Document::TITLE)]
    documents: Vec<DocumentOut>,
    #[projection(limit = 3)]
    email: String,
}

#[derive(Projection)]
#[projection(User)]
struct Both {
    #[projection(expr = User::EMAIL, limit = 3)]
    email: String,
}

#[derive(Projection)]
#[projection(Document)]
struct DocumentOut {
    title: String,
}

fn main() {}
