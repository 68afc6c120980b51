use aludel::prelude::*;

#[derive(Entity)]
#[entity(table = "users")]
struct User {
    #[column(primary_key)]
    id: i64,
    email: String,
}

fn sorted(order: String) {
    let _ = select(User).order_by(order);
}

fn cut(limit: &str) {
    let _ = select(User).limit(limit);
}

fn negative() {
    let _ = select(User).limit(-1);
}

fn main() {}
