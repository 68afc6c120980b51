//! Rules of connections, statements and values: no session.

#[path = "core/dml.rs"]
mod dml;
#[path = "core/engine.rs"]
mod engine;
#[path = "core/expressions.rs"]
mod expressions;
#[path = "core/lists.rs"]
mod lists;
#[path = "core/refusals.rs"]
mod refusals;
#[path = "core/rows.rs"]
mod rows;
#[path = "core/tables.rs"]
mod tables;
#[path = "core/text.rs"]
mod text;
#[path = "core/transactions.rs"]
mod transactions;
#[path = "core/types.rs"]
mod types;

use aludel::Key;
use aludel::prelude::*;

use aludel_suite::Db;

/// What expressions are tried on.
#[derive(Entity, Debug, Clone)]
#[entity(table = "samples")]
pub struct Sample {
    #[column(primary_key)]
    pub id: i64,
    #[column(default = 0)]
    pub a: i64,
    #[column(default = 0)]
    pub b: i64,
    pub n: Option<i64>,
    #[column(default = 0)]
    pub small: i32,
    #[column(default = 0.0)]
    pub x: f64,
    pub y: Option<f64>,
    #[column(default = "")]
    pub s: String,
    pub t: Option<String>,
    #[column(default = false)]
    pub flag: bool,
    pub maybe: Option<bool>,
}

/// Makes the table of samples with these rows and lends a connection.
async fn samples<R: aludel::Insertable<Sample>>(
    db: &Db,
    rows: impl IntoIterator<Item = R>,
) -> aludel::Result<Connection> {
    db.create(&Metadata::of(Sample)).await?;
    let mut conn = db.engine.connect().await?;
    conn.execute(insert(Sample).values(rows)).await?;
    Ok(conn)
}

#[test]
fn a_key_of_several_columns_is_a_tuple() {
    assert_eq!((1_i64, "x").into_parts().len(), 2);
}
