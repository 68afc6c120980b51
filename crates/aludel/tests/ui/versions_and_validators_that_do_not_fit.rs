use aludel::prelude::*;

fn is_short(text: &str) -> Result<(), &'static str> {
    if text.len() < 10 { Ok(()) } else { Err("it is too long") }
}

#[derive(Entity)]
pub struct Page {
    #[column(primary_key)]
    pub id: i64,
    #[column(validate = is_short)]
    pub number: i64,
    #[column(onupdate = "now")]
    pub changed: i64,
}

#[derive(Entity)]
pub struct Note {
    #[column(primary_key)]
    pub id: i64,
    #[column(version)]
    pub version: Option<i32>,
    #[column(version, onupdate = 5)]
    pub other: i32,
}

fn main() {}
