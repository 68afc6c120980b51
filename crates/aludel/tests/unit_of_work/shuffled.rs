//! A database that returns the rows of an INSERT in any order it likes: none promises one.

use std::sync::Arc;
use std::task::{Context, Poll};

use aludel::driver::{
    Batch, BoxFuture, Canceller, ColumnInfo, CopySource, Done, Driver, Flow, Notice, Notification, Ran,
    RawConn, RowSink, Status,
};
use aludel::prelude::*;
use aludel::{Backend, Dialect, Result, Url, Value, ValueRef};
use aludel_suite::{Database, Db, on_each_database};
use uuid::Uuid;

use crate::random::Random;

/// A backend that shuffles what INSERT returns.
#[derive(Debug)]
struct Shuffling(&'static dyn Backend);

impl Backend for Shuffling {
    fn schemes(&self) -> &'static [&'static str] {
        self.0.schemes()
    }

    fn open(&self, url: &Url) -> Result<(Arc<dyn Driver>, Arc<dyn Dialect>)> {
        let (driver, dialect) = self.0.open(url)?;
        Ok((Arc::new(ShufflingDriver(driver)), dialect))
    }
}

#[derive(Debug)]
struct ShufflingDriver(Arc<dyn Driver>);

impl Driver for ShufflingDriver {
    fn connect(&self) -> BoxFuture<'_, Result<Box<dyn RawConn>>> {
        Box::pin(async move {
            let raw = self.0.connect().await?;
            Ok(Box::new(ShufflingConn { raw, random: Random::new(51) }) as Box<dyn RawConn>)
        })
    }
}

struct ShufflingConn {
    raw: Box<dyn RawConn>,
    random: Random,
}

impl RawConn for ShufflingConn {
    fn run<'a>(&'a mut self, batch: &'a Batch<'a>, sink: &'a mut dyn RowSink) -> BoxFuture<'a, Result<Ran>> {
        let inserts = batch.statements.iter().map(|it| it.sql.starts_with("INSERT")).collect();
        Box::pin(async move {
            let mut sink = ShuffledSink { sink, inserts, rows: Vec::new(), random: &mut self.random };
            self.raw.run(batch, &mut sink).await
        })
    }

    fn resume<'a>(&'a mut self, sink: &'a mut dyn RowSink) -> BoxFuture<'a, Result<Ran>> {
        self.raw.resume(sink)
    }

    fn give_up(&mut self) -> bool {
        self.raw.give_up()
    }

    fn status(&self) -> Status {
        self.raw.status()
    }

    fn is_closed(&mut self) -> bool {
        self.raw.is_closed()
    }

    fn canceller(&self) -> Canceller {
        self.raw.canceller()
    }

    fn reset(&mut self) -> BoxFuture<'_, Result<()>> {
        self.raw.reset()
    }

    fn copy_in<'a>(
        &'a mut self,
        batch: &'a Batch<'a>,
        source: &'a mut dyn CopySource,
        sink: &'a mut dyn RowSink,
    ) -> BoxFuture<'a, Result<Ran>> {
        self.raw.copy_in(batch, source, sink)
    }

    fn poll_notification(&mut self, cx: &mut Context<'_>) -> Poll<Result<Notification>> {
        self.raw.poll_notification(cx)
    }

    fn take_notice(&mut self) -> Option<Notice> {
        self.raw.take_notice()
    }

    fn needs_its_runtime(&self) -> bool {
        self.raw.needs_its_runtime()
    }

    fn close(self: Box<Self>) -> BoxFuture<'static, ()> {
        self.raw.close()
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
    let real: &'static dyn Backend = match db.database {
        Database::Sqlite => &aludel_sqlite::SqliteBackend,
        Database::Postgres => &aludel_postgres::PostgresBackend,
        Database::MariaDb => &aludel_mysql::MySqlBackend,
    };
    // Lives as long as the test, as backends do.
    let shuffling: &'static Shuffling = Box::leak(Box::new(Shuffling(real)));
    aludel::EngineBuilder::<Engine>::new(&db.url, vec![shuffling], &[]).build()
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
