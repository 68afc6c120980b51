use aludel::prelude::*;

pub struct Money(i64);

#[derive(Entity)]
pub struct Order {
    #[column(primary_key)]
    pub id: i64,
    pub price: Money,
}

fn main() {}
