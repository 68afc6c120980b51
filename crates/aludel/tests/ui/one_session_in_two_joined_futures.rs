//! Two futures of one task cannot use one session at the same time either.

use aludel::prelude::*;

#[derive(Entity, Debug)]
#[entity(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    name: String,
}

fn main() {
    let engine = Engine::builder("sqlite::memory:").build().unwrap();
    let mut session = engine.session();
    let first = session.get::<User>(1);
    let second = session.get::<User>(2);
    drop((first, second));
}
