use aludel::prelude::*;

#[derive(Entity)]
pub struct User {
    pub id: i64,
}

#[derive(Entity)]
pub struct Setting {
    pub name: String,
    pub value: String,
}

#[derive(Entity)]
pub struct Tag {
    #[column(primary_key)]
    pub id: Option<i64>,
}

fn main() {}
