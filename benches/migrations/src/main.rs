//! Prints thirty tables, the same that `compare.py` declares for Alembic.

#![allow(dead_code)]

use aludel::prelude::*;

macro_rules! tables {
    ($($name:ident)*) => {$(
        #[derive(Entity)]
        pub struct $name {
            #[column(primary_key)]
            pub id: i64,
            #[column(length = 255, unique)]
            pub email: String,
            #[column(length = 100, index)]
            pub name: Option<String>,
            #[column(length = 200)]
            pub title: String,
            pub body: Option<String>,
            #[column(server_default = 1)]
            pub level: i32,
            #[column(foreign_key = $name::ID)]
            pub parent_id: Option<i64>,
        }
    )*};
}

tables! {
    Table01 Table02 Table03 Table04 Table05 Table06 Table07 Table08 Table09 Table10
    Table11 Table12 Table13 Table14 Table15 Table16 Table17 Table18 Table19 Table20
    Table21 Table22 Table23 Table24 Table25 Table26 Table27 Table28 Table29 Table30
}

fn main() {
    aludel::migrate::print_metadata(&Metadata::linked());
}
