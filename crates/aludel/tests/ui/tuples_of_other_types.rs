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
    rating: f64,
    published: bool,
    #[column(foreign_key = User::ID)]
    owner_id: i64,
    #[relation(back_populates = User::DOCUMENTS)]
    owner: BelongsTo<User>,
}

fn of_one() {
    let _ = tuple(Document::ID);
}

fn compared() {
    let _ = tuple((Document::ID, Document::TITLE)).eq((1, 2));
}

fn in_a_list() {
    let _ = tuple((Document::ID, Document::TITLE)).in_([(1, 2)]);
}

fn in_a_vector() {
    let _ = tuple((Document::ID, Document::TITLE)).in_(vec![(1, 2)]);
}

fn in_no_list() {
    let _ = tuple((Document::ID, Document::TITLE)).in_(5);
}

fn main() {}
