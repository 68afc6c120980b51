use aludel::prelude::*;

#[derive(Entity)]
pub struct Document {
    #[column(primary_key)]
    pub id: i64,
    pub title: String,
    #[column(type = "CITEXT")]
    pub body: String,
}

fn main() {}
