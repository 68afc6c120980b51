//! A database that returns the rows of an INSERT in any order it likes: none promises one.

use aludel::driver::{Batch, BoxFuture, ColumnInfo, Done, Flow, Ran, RawConn, RowSink};
use aludel::prelude::*;
use aludel::{Result, Value, ValueRef};
use aludel_suite::{Between, Db, on_each_database};
use aludel_testing::Random;
use uuid::Uuid;

/// Shuffles what INSERT returns.
struct Shuffling(Random);

impl Between for Shuffling {
    fn run<'a>(
        &'a mut self,
        raw: &'a mut dyn RawConn,
        batch: &'a Batch<'a>,
        sink: &'a mut dyn RowSink,
    ) -> BoxFuture<'a, Result<Ran>> {
        let inserts = batch.statements.iter().map(|it| it.sql.starts_with("INSERT")).collect();
        Box::pin(async move {
            let mut sink = ShuffledSink { sink, inserts, rows: Vec::new(), random: &mut self.0 };
            raw.run(batch, &mut sink).await
        })
    }
}

/// Holds the rows of an INSERT back until all are there, and gives them on in another order.
struct ShuffledSink<'a> {
    sink: &'a mut dyn RowSink,
    inserts: Vec<bool>,
    rows: Vec<Vec<Value>>,
    random: &'a mut Random,
}

impl RowSink for ShuffledSink<'_> {
    fn columns(&mut self, statement: usize, columns: &[ColumnInfo<'_>]) -> Result<()> {
        self.sink.columns(statement, columns)
    }

    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        if !self.inserts[statement] {
            return self.sink.row(statement, cells);
        }
        self.rows.push(cells.iter().map(|it| it.to_value()).collect());
        Ok(Flow::More)
    }

    fn done(&mut self, statement: usize, done: Done) {
        let mut rows = std::mem::take(&mut self.rows);
        while !rows.is_empty() {
            let row = rows.swap_remove(self.random.below(rows.len()));
            let cells: Vec<ValueRef<'_>> = row.iter().map(Value::as_ref).collect();
            self.sink.row(statement, &cells).expect("the sink takes the rows of an INSERT");
        }
        self.sink.done(statement, done);
    }

    fn wants_columns(&self) -> bool {
        self.sink.wants_columns()
    }
}

fn shuffling(db: &Db) -> Result<Engine> {
    db.builder_with(|| Ok(Shuffling(Random(51)))).build()
}

/// The database makes its key, its grade and its double.
#[derive(Entity, Debug)]
#[entity(table = "crates")]
pub struct Crate {
    #[column(primary_key)]
    pub id: i64,
    pub weight: i64,
    #[column(server_default = 7)]
    pub grade: i64,
    #[column(computed = "weight * 2")]
    pub double: i64,
}

/// Its key was made by the program; the database makes its double.
#[derive(Entity, Debug)]
#[entity(table = "boxes")]
pub struct Parcel {
    #[column(primary_key)]
    pub id: Uuid,
    #[column(primary_key, length = 20)]
    pub part: String,
    pub weight: i64,
    #[column(computed = "weight * 2")]
    pub double: i64,
}

on_each_database! {
    async fn generated_keys_come_to_the_right_object_whatever_the_order_of_the_returned_rows(db: Db) {
        db.create(&Metadata::of(Crate)).await?;
        let mut session = shuffling(&db)?.session();
        let new = session.add_all((0..700).map(|it| Crate::builder().weight(it * 7919 % 700)));
        session.commit().await?;
        let rows = db.rows("SELECT id, weight FROM crates").await?;
        assert_eq!(rows.len(), new.len());
        let found = rows.iter().map(|it| Ok((it.at::<i64>(0)?, it.at::<i64>(1)?)));
        let found: std::collections::HashMap<i64, i64> = found.collect::<Result<_>>()?;
        for object in new {
            let it = &session[object];
            assert_eq!((found[&it.id], it.double), (it.weight, it.weight * 2));
        }
    }

    async fn computed_values_come_to_the_right_object_where_the_program_made_the_key(db: Db) {
        db.create(&Metadata::of((Parcel, Crate))).await?;
        let mut session = shuffling(&db)?.session();
        let parcel = |it: i64| {
            let id = Uuid::from_u128(u128::MAX / 700 * (it * 7919 % 350) as u128);
            Parcel::builder().id(id).part(format!("part {}", it / 350)).weight(it)
        };
        let parcels = session.add_all((0..700).map(parcel));
        // A key that the database could have made, but did not have to.
        let crates = session.add_all((0..300).map(|it| Crate::builder().id(10_000 - it).weight(it)));
        session.commit().await?;
        for object in parcels {
            assert_eq!(session[object].double, session[object].weight * 2);
        }
        for object in crates {
            assert_eq!((session[object].double, session[object].id), (session[object].weight * 2, 10_000 - session[object].weight));
        }
    }

    #[only(postgres, "only there a key can be counted downwards")]
    async fn keys_that_are_counted_downwards_come_to_the_right_object(db: Db) {
        db.create(&Metadata::of(Debt)).await?;
        for engine in [db.engine.clone(), shuffling(&db)?] {
            let mut session = engine.session();
            let debts = session.add_all((0..50).map(|amount| Debt::builder().amount(amount)));
            session.commit().await?;
            for debt in debts {
                let sql = format!("SELECT amount FROM debts WHERE id = {}", session[debt].id);
                assert_eq!(db.value::<i64>(&sql).await?, session[debt].amount);
            }
        }
    }
}

/// Its key is counted downwards.
#[derive(Entity, Debug)]
#[entity(table = "debts")]
pub struct Debt {
    #[column(primary_key, identity(start = -1, increment = -1))]
    pub id: i64,
    pub amount: i64,
}
