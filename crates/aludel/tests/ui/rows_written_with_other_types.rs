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

struct Change;

fn inserted() {
    let _ = insert(User).values([Document::builder().title("a").rating(1.0).published(true)]);
}

fn inserted_from_a_query() {
    let _ = insert(User).from_select(User::ID, select(Document::TITLE));
}

fn inserted_from_columns_of_another_entity() {
    let _ = insert(User).from_select(Document::TITLE, select(Document::TITLE));
}

fn conflict() {
    let user = User::builder().email("a");
    let _ = insert(User).values([user]).on_conflict(Document::ID).do_nothing();
}

fn set() {
    let _ = update(User).set(User::EMAIL, 5);
}

fn changed() {
    let _ = update(User).apply(Change);
}

fn main() {}
