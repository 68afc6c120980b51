use aludel::prelude::*;

#[derive(ColumnType)]
pub struct Tagged<T>(T);

#[derive(ColumnType)]
pub struct Pair(i64, i64);

#[derive(ColumnType)]
pub struct Perhaps(Option<String>);

#[derive(Clone, Copy, DbEnum)]
pub enum Lent<'a> {
    One,
    Other,
}

#[derive(Clone, Copy, DbEnum)]
pub struct NotAnEnum;

#[derive(Clone, Copy, DbEnum)]
pub enum Empty {}

#[derive(Clone, DbEnum)]
pub enum WithFields {
    Circle(f64),
    Point,
}

#[derive(Clone, Copy, DbEnum)]
pub enum Nameless {
    #[db_enum(rename = "")]
    One,
    #[db_enum(rename = "three")]
    Two,
    Three,
}

#[derive(Clone, Copy, DbEnum)]
#[db_enum(integer, rename_all = "UPPERCASE")]
pub enum Level {
    Low = 1,
    High = 2,
}

fn main() {}
