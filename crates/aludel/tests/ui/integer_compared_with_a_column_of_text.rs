use aludel::prelude::*;

#[derive(Entity)]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    pub title: String,
    pub views: i64,
}

fn main() {
    let _ = Document::VIEWS.eq(Document::TITLE);
}
