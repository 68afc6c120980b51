use aludel::prelude::*;

#[derive(Entity)]
pub struct Tag {
    #[column(primary_key)]
    pub id: i64,
}

#[derive(Entity)]
pub struct Label {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Tag::ID)]
    pub tag_id: String,
    #[column(foreign_key = Tag::ID, on_delete = "set null")]
    pub other_tag_id: Option<i32>,
}

fn main() {}
