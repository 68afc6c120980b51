use aludel::prelude::*;

#[derive(Entity)]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    pub views: i64,
}

fn main() {
    let _ = Document::VIEWS.eq("five");
}
