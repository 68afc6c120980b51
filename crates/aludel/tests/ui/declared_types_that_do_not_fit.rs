use aludel::prelude::*;

#[derive(Entity)]
pub struct Measure {
    #[column(primary_key, type = "smallint")]
    pub id: i64,
    #[column(type = "text", length = 20)]
    pub place: String,
    #[column(type = "numeric", precision = 10)]
    pub depth: i64,
    #[column(type = " ")]
    pub note: String,
    #[column(type = "text; DROP TABLE measures")]
    pub rest: String,
}

fn main() {}
