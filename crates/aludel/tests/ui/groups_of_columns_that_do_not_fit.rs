use aludel::prelude::*;

#[derive(Columns, Debug)]
pub struct Money {
    pub amount: i64,
    pub currency: String,
}

#[derive(Columns, Debug)]
pub struct Price {
    #[column(primary_key)]
    pub id: i64,
    #[embedded]
    pub net: Money,
    pub currency: BelongsTo<Currency>,
}

#[derive(Entity, Debug)]
#[entity(soft_delete = total.amount, mixin = Money)]
pub struct Order {
    #[column(primary_key)]
    pub id: i64,
    pub total: i64,
    #[embedded]
    #[column(length = 3)]
    pub shipping: Money,
    #[embedded(prefx = "tax_")]
    pub tax: Money,
}

#[derive(Entity, Debug)]
pub struct Currency {
    #[column(primary_key)]
    pub id: i64,
}

fn main() {}
