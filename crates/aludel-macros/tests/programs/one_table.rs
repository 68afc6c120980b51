//! A program with an entity, for the documentation of `metadata_program!`.

use aludel::prelude::*;

#[derive(Entity)]
#[entity(table = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
}

fn main() {
    println!("{}", User::table().name);
}
