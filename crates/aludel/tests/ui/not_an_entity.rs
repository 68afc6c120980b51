use aludel::prelude::*;

#[derive(Entity)]
pub enum Status {
    Draft,
    Final,
}

#[derive(Entity)]
pub struct Pair(i64, i64);

#[derive(Entity)]
pub struct Nothing;

#[derive(Entity)]
pub struct Page<T> {
    #[column(primary_key)]
    pub id: i64,
    pub content: T,
}

#[derive(Entity)]
pub struct Borrowed<'a> {
    #[column(primary_key)]
    pub name: &'a str,
}

fn main() {
    let _ = select(Status);
}
