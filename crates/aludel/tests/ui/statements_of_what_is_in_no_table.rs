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

struct Plain;

fn selected() {
    let _ = select(Plain);
}

fn in_from() {
    let _ = select(User).select_from("documents");
}

fn joined() {
    let _ = select(User).join("documents");
}

fn joined_on_a_condition() {
    let _ = select(User).join_on(Plain, Document::OWNER_ID.eq(User::ID));
}

fn optional_side() {
    let _ = select((User, optional(Plain)));
}

fn in_a_list() {
    let _ = select(User).filter(User::ID.in_(["one", "two"]));
}

fn column_of_a_query() {
    let recent = select(Document).subquery("recent");
    let _ = recent.col("title");
}

fn column_of_an_alias() {
    let other = alias(User, "other");
    let _ = other.col(Document::TITLE);
}

fn main() {}
