use aludel::prelude::*;

#[derive(Entity, Debug)]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    pub title: String,
}

#[derive(Projection)]
#[projection(Document)]
pub struct Several {
    #[projection(path = title, column = Document::TITLE)]
    pub title: String,
    #[projection(path = title, expr = Document::TITLE)]
    pub other: String,
    #[projection(expr = Document::TITLE, limit = 3)]
    pub list: String,
}

#[derive(Projection)]
#[projection(Document)]
pub struct Lent<'a> {
    pub title: &'a str,
}

#[derive(Projection)]
#[projection(Document)]
pub struct Generic<T> {
    pub title: T,
}

#[derive(Projection)]
#[projection(Document)]
#[projection(Document)]
pub struct Twice {
    pub title: String,
}

#[derive(Insertable)]
#[insertable(Document, 5)]
pub struct NewDocument {
    pub title: String,
}

#[derive(Changeset)]
pub struct Change {
    pub title: Option<String>,
}

fn main() {}
