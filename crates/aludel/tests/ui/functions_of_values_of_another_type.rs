use aludel::Json;
use aludel::prelude::*;
use rust_decimal::Decimal;

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
    price: Decimal,
    shape: Json<Vec<i64>>,
    #[column(foreign_key = User::ID)]
    owner_id: i64,
    #[relation(back_populates = User::DOCUMENTS)]
    owner: BelongsTo<User>,
}

fn summed() {
    let _ = select(func::sum(Document::TITLE));
}

fn divided() {
    let _ = select(Document::PUBLISHED / true);
}

fn remainder() {
    let _ = select(func::sign(Document::RATING));
}

fn rounded() {
    let _ = select(func::floor(Document::OWNER_ID));
}

fn year() {
    let _ = select(func::year(Document::TITLE));
}

fn hour() {
    let _ = select(func::hour(Document::TITLE));
}

fn array() {
    let _ = select(Document).filter(Document::TITLE.has("a"));
}

fn json() {
    let _ = select(Document::TITLE.path("a"));
}

fn json_path() {
    let _ = select(Document::SHAPE.path(1.5));
}

fn quotient_of_decimals() {
    let _ = select(Document::PRICE / Document::PRICE);
}

fn text_of_a_row(user: &User) {
    let _ = text!("SELECT :user", user = user);
}

fn main() {}
