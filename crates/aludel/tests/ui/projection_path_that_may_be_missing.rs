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

#[derive(Projection)]
#[projection(User)]
struct UserOut {
    id: i64,
    #[projection(path = boss.email)]
    boss: String,
    #[projection(path = boss.emial)]
    boss_email: Option<String>,
}

fn main() {}
