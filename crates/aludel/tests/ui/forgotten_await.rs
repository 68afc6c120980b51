//! What is not awaited sends nothing, and the compiler says so.

#![deny(unused_must_use)]

use aludel::prelude::*;

#[derive(Entity, Debug)]
#[entity(table = "users")]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    pub name: String,
}

async fn forget(session: &mut Session, user: Obj<User>) {
    session.flush();
    session.commit();
    session.refresh(user);
    session.get::<User>(7);
    session.scalars(select(User)).all();
    session.execute(delete(User).filter(User::ID.eq(7)));
}

fn main() {}
