use aludel::prelude::*;

#[derive(Entity)]
pub struct Key {
    #[column(primary_key)]
    pub id: Deferred<String>,
}

#[derive(Entity)]
pub struct Counted {
    #[column(primary_key, version)]
    pub id: i64,
    #[column(identity)]
    pub place: i64,
}

#[derive(Entity)]
pub struct Numbers {
    #[column(primary_key)]
    pub id: i64,
    #[column(scale = 2)]
    pub a: f64,
    #[column(precision = 0)]
    pub b: f64,
    #[column(precision = 1001)]
    pub c: f64,
    #[column(length = 0)]
    pub d: String,
    #[column(server_default = now(3))]
    pub e: String,
    #[column(server_default = sql(1))]
    pub f: i64,
}

#[derive(Entity)]
#[entity(
    foreign_key((left, right) => (Numbers)),
    foreign_key((left) => (Numbers::A), colour = "red"),
    index(left, where(right > 1)),
    index(left, colour = "red"),
    checks(left),
    excludes("USING gist (left WITH =)", name = "no_overlap", more),
    unique(name = "nothing"),
    mysql(engine = 1.5)
)]
pub struct Constrained {
    #[column(primary_key)]
    pub id: i64,
    pub left: i64,
    pub right: i64,
}

#[derive(Entity)]
pub struct Generic<T>
where
    T: Clone,
{
    #[column(primary_key)]
    pub id: T,
}

fn main() {}
