use aludel::prelude::*;

#[derive(Entity)]
#[entity(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    email: String,
    name: Option<String>,
    #[column(foreign_key = User::ID)]
    boss_id: Option<i64>,
    boss: BelongsTo<User>,
}

#[derive(Insertable)]
#[insertable(User)]
struct UserCreate {
    name: Option<String>,
}

fn main() {}
