//! sqlx on a connection of its own, without a pool. Its two databases share all text but the bulk insert and the list
//! of keys.

use std::collections::HashMap;
use std::time::Instant;

use bench_harness::{Contestant, NewItem, Outcome, Result, Sample, checksum};
use sqlx::{Connection, Executor, FromRow};

#[derive(FromRow)]
struct Item {
    id: i64,
    name: String,
    note: Option<String>,
}

#[derive(FromRow)]
struct Parent {
    id: i64,
    name: String,
}

#[derive(FromRow)]
struct Child {
    id: i64,
    parent_id: i64,
    name: String,
}

const FIRST: &str = "SELECT id, name, note FROM aludel_bench_item ORDER BY id LIMIT $1";
const ALL: &str = "SELECT id, name, note FROM aludel_bench_item ORDER BY id";
const BY_KEY: &str = "SELECT id, name, note FROM aludel_bench_item WHERE id = $1";
const RENAME: &str = "UPDATE aludel_bench_item SET name = $2 WHERE id = $1";
const PARENTS: &str = "SELECT id, name FROM aludel_bench_parent ORDER BY id";

macro_rules! contestant {
    ($connection:ty) => {
        pub struct Sqlx {
            runtime: tokio::runtime::Runtime,
            connection: $connection,
        }

        impl Sqlx {
            pub fn open(address: &str) -> Result<Self> {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                let connection = runtime.block_on(connect(address))?;
                Ok(Sqlx { runtime, connection })
            }
        }

        impl Contestant for Sqlx {
            fn select_one(&mut self, times: usize) -> Outcome {
                let Sqlx { runtime, connection } = self;
                runtime.block_on(async {
                    let mut items: Vec<Item> = Vec::with_capacity(times);
                    let start = Instant::now();
                    for _ in 0..times {
                        items.push(sqlx::query_as(FIRST).bind(1_i64).fetch_one(&mut *connection).await?);
                    }
                    sample(start, &items)
                })
            }

            fn select_core(&mut self) -> Outcome {
                let Sqlx { runtime, connection } = self;
                runtime.block_on(async {
                    let start = Instant::now();
                    let items: Vec<Item> = sqlx::query_as(ALL).fetch_all(connection).await?;
                    sample(start, &items)
                })
            }

            fn insert(&mut self, batches: Vec<Vec<NewItem>>) -> Outcome {
                let Sqlx { runtime, connection } = self;
                runtime.block_on(async {
                    let mut keys = Vec::with_capacity(batches.iter().map(Vec::len).sum());
                    let start = Instant::now();
                    for batch in batches {
                        let mut transaction = connection.begin().await?;
                        insert_batch(&mut transaction, &batch, &mut keys).await?;
                        transaction.commit().await?;
                    }
                    let elapsed = start.elapsed();
                    Ok(Some(Sample { elapsed, checksum: checksum::keys(keys) }))
                })
            }

            fn parents_with_children(&mut self) -> Outcome {
                let Sqlx { runtime, connection } = self;
                runtime.block_on(async {
                    let start = Instant::now();
                    let parents: Vec<Parent> = sqlx::query_as(PARENTS).fetch_all(&mut *connection).await?;
                    let keys: Vec<i64> = parents.iter().map(|parent| parent.id).collect();
                    let children = children_of(connection, &keys).await?;
                    let places: HashMap<i64, usize> = keys.into_iter().zip(0..).collect();
                    let mut families: Vec<(Parent, Vec<Child>)> =
                        parents.into_iter().map(|parent| (parent, Vec::new())).collect();
                    for child in children {
                        families[places[&child.parent_id]].1.push(child);
                    }
                    let elapsed = start.elapsed();
                    let families = families.iter().map(|(parent, own)| {
                        let own = own.iter().map(|child| (child.id, child.parent_id, child.name.as_str()));
                        (parent.id, parent.name.as_str(), checksum::children(own))
                    });
                    Ok(Some(Sample { elapsed, checksum: checksum::families(families) }))
                })
            }

            fn read_by_key(&mut self, keys: &[i64]) -> Outcome {
                let Sqlx { runtime, connection } = self;
                runtime.block_on(async {
                    let mut items: Vec<Item> = Vec::with_capacity(keys.len());
                    let start = Instant::now();
                    for key in keys {
                        items.push(sqlx::query_as(BY_KEY).bind(key).fetch_one(&mut *connection).await?);
                    }
                    sample(start, &items)
                })
            }

            fn rename_all(&mut self, names: Vec<String>) -> Outcome {
                let Sqlx { runtime, connection } = self;
                runtime.block_on(async {
                    let start = Instant::now();
                    let mut transaction = connection.begin().await?;
                    let mut items: Vec<Item> = sqlx::query_as(ALL).fetch_all(&mut *transaction).await?;
                    for (item, name) in items.iter_mut().zip(names) {
                        item.name = name;
                        let rename = sqlx::query(RENAME).bind(item.id).bind(&item.name);
                        rename.execute(&mut *transaction).await?;
                    }
                    transaction.commit().await?;
                    sample(start, &items)
                })
            }

            fn rename_one_by_one(&mut self, renames: Vec<(i64, String)>) -> Outcome {
                let Sqlx { runtime, connection } = self;
                runtime.block_on(async {
                    let mut items = Vec::with_capacity(renames.len());
                    let start = Instant::now();
                    for (key, name) in renames {
                        let mut transaction = connection.begin().await?;
                        let read = sqlx::query_as(BY_KEY).bind(key);
                        let mut item: Item = read.fetch_one(&mut *transaction).await?;
                        item.name = name;
                        let rename = sqlx::query(RENAME).bind(item.id).bind(&item.name);
                        rename.execute(&mut *transaction).await?;
                        transaction.commit().await?;
                        items.push(item);
                    }
                    sample(start, &items)
                })
            }
        }
    };
}

pub mod sqlite {
    use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
    use sqlx::{QueryBuilder, Sqlite};

    use super::*;

    contestant!(SqliteConnection);

    pub fn version(path: &str) -> Result<String> {
        let mut sqlx = Sqlx::open(path)?;
        Ok(sqlx
            .runtime
            .block_on(sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut sqlx.connection))?)
    }

    async fn connect(path: &str) -> Result<SqliteConnection> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true);
        Ok(SqliteConnection::connect_with(&options).await?)
    }

    async fn insert_batch(
        connection: &mut SqliteConnection,
        batch: &[NewItem],
        keys: &mut Vec<i64>,
    ) -> Result<()> {
        for rows in batch.chunks(500) {
            let mut insert = QueryBuilder::<Sqlite>::new("INSERT INTO aludel_bench_item (name, note) ");
            insert.push_values(rows, |mut row, NewItem { name, note }| {
                row.push_bind(name).push_bind(note);
            });
            insert.push(" RETURNING id");
            keys.extend(insert.build_query_scalar::<i64>().fetch_all(&mut *connection).await?);
        }
        Ok(())
    }

    async fn children_of(connection: &mut SqliteConnection, parents: &[i64]) -> Result<Vec<Child>> {
        let mut select = QueryBuilder::<Sqlite>::new(
            "SELECT id, parent_id, name FROM aludel_bench_child WHERE parent_id IN (",
        );
        let mut list = select.separated(", ");
        for parent in parents {
            list.push_bind(parent);
        }
        select.push(")");
        Ok(select.build_query_as().fetch_all(connection).await?)
    }
}

pub mod postgres {
    use sqlx::postgres::{PgConnectOptions, PgConnection};

    use super::*;

    contestant!(PgConnection);

    pub fn version(url: &str) -> Result<String> {
        let mut sqlx = Sqlx::open(url)?;
        Ok(sqlx
            .runtime
            .block_on(sqlx::query_scalar("SHOW server_version").fetch_one(&mut sqlx.connection))?)
    }

    async fn connect(url: &str) -> Result<PgConnection> {
        let options: PgConnectOptions = url.parse()?;
        let mut connection = PgConnection::connect_with(&options).await?;
        connection.execute("SET synchronous_commit = off").await?;
        Ok(connection)
    }

    async fn insert_batch(
        connection: &mut PgConnection,
        batch: &[NewItem],
        keys: &mut Vec<i64>,
    ) -> Result<()> {
        let names: Vec<_> = batch.iter().map(|item| item.name.as_str()).collect();
        let notes: Vec<_> = batch.iter().map(|item| item.note.as_deref()).collect();
        let insert = sqlx::query_scalar::<_, i64>(
            "INSERT INTO aludel_bench_item (name, note)
             SELECT name, note FROM unnest($1::text[], $2::text[]) WITH ORDINALITY v (name, note, o) ORDER BY o
             RETURNING id",
        );
        keys.extend(insert.bind(names).bind(notes).fetch_all(connection).await?);
        Ok(())
    }

    async fn children_of(connection: &mut PgConnection, parents: &[i64]) -> Result<Vec<Child>> {
        let select = "SELECT id, parent_id, name FROM aludel_bench_child WHERE parent_id = ANY($1)";
        Ok(sqlx::query_as(select).bind(parents).fetch_all(connection).await?)
    }
}

fn sample(start: Instant, items: &[Item]) -> Outcome {
    let elapsed = start.elapsed();
    let cells = items.iter().map(|item| (item.id, item.name.as_str(), item.note.as_deref()));
    Ok(Some(Sample { elapsed, checksum: checksum::items(cells) }))
}
