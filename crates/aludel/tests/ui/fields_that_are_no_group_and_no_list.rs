use aludel::prelude::*;

struct Name(String);

#[derive(Entity)]
struct NoGroup {
    #[column(primary_key)]
    id: i64,
    #[embedded]
    name: Name,
}

#[derive(Entity)]
struct Lists {
    #[column(primary_key)]
    id: i64,
    many: Vec<Name>,
}

fn main() {}
