use aludel::prelude::*;
use rust_decimal::Decimal;

#[derive(Entity)]
struct Item {
    #[column(primary_key)]
    id: i64,
    #[column(precision = 10, scale = 2)]
    price: Decimal,
}

#[derive(Entity)]
struct Measure {
    #[column(primary_key)]
    id: i64,
    #[column(precision = 10, scale = 2)]
    weight: f64,
}

fn main() {
    let half = Item::PRICE / Decimal::TWO;
}
