use aludel::prelude::*;
use rust_decimal::Decimal;

#[derive(Entity)]
struct Scaled {
    #[column(primary_key)]
    id: i64,
    #[column(precision = 2, scale = 4)]
    price: Decimal,
}

#[derive(Clone, Debug, PartialEq, ColumnType)]
struct Label(String);

#[derive(Entity)]
struct Counted {
    #[column(primary_key, autoincrement = true)]
    id: Label,
}

#[derive(Entity)]
struct Versioned {
    #[column(primary_key)]
    id: i64,
    #[column(version)]
    version: Label,
}

#[derive(Entity)]
#[entity(soft_delete = gone)]
struct Marked {
    #[column(primary_key)]
    id: i64,
    gone: Option<String>,
}

#[derive(Columns)]
struct Price {
    amount: i64,
}

#[derive(Entity)]
struct Twice {
    #[column(primary_key)]
    id: i64,
    amount: i64,
    #[embedded]
    price: Price,
}

#[derive(Entity)]
struct Long {
    #[column(primary_key)]
    id: i64,
    #[embedded(prefix = "a_prefix_that_leaves_no_room_for_the_name_of_the_column_behind_it_")]
    price: Price,
}

fn main() {}
