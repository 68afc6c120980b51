use std::collections::HashMap;
use std::time::Instant;

use bench_harness::{
    Book, Child, Contestant, Grandchild, Item, NewItem, Outcome, Parent, Result, Sample, checksum,
};
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use futures_util::TryStreamExt;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls, Statement};

use super::{all_read, books_sample, in_turn, lots, titles_sample};
use crate::referee::postgres::{book, child, grandchild, item, parent};

/// The bare driver of PostgreSQL: prepared statements, each awaited before the next one is sent.
pub struct TokioPostgres {
    runtime: Runtime,
    client: Client,
    statements: Statements,
    /// For many tasks.
    pool: Pool,
}

/// Prepared once.
struct Statements {
    first: Statement,
    all: Statement,
    by_key: Statement,
    insert: Statement,
    rename: Statement,
    parents: Statement,
    children: Statement,
    grandchildren: Statement,
    books: Statement,
}

const BY_KEY: &str = "SELECT id, name, note FROM aludel_bench_item WHERE id = $1";

/// A client whose connection runs as a task of the current runtime.
pub async fn connect(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            eprintln!("tokio-postgres: {error}");
        }
    });
    Ok(client)
}

impl TokioPostgres {
    pub fn open(url: &str) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (client, statements) = runtime.block_on(async {
            let client = connect(url).await?;
            client.batch_execute("SET synchronous_commit = off").await?;
            let statements = Statements::prepare(&client).await?;
            Ok::<_, bench_harness::Error>((client, statements))
        })?;
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let pool =
            Pool::builder(Manager::from_config(url.parse()?, NoTls, recycling)).max_size(10).build()?;
        Ok(TokioPostgres { runtime, client, statements, pool })
    }

    pub fn version(&self) -> Result<String> {
        let row = self.runtime.block_on(self.client.query_one("SHOW server_version", &[]))?;
        let version: &str = row.get(0);
        Ok(format!("PostgreSQL {}", version.split(' ').next().unwrap_or_default()))
    }

    /// Core and Session are the same to a driver.
    fn select_all(&mut self) -> Outcome {
        self.runtime.block_on(async {
            let start = Instant::now();
            let rows = self.client.query(&self.statements.all, &[]).await?;
            let items: Vec<_> = rows.iter().map(item).collect();
            let elapsed = start.elapsed();
            Ok(Some(Sample { elapsed, checksum: checksum::items(items.iter().map(Item::cells)) }))
        })
    }
}

impl Statements {
    async fn prepare(client: &Client) -> Result<Self> {
        Ok(Statements {
            first: client
                .prepare("SELECT id, name, note FROM aludel_bench_item ORDER BY id LIMIT $1")
                .await?,
            all: client.prepare("SELECT id, name, note FROM aludel_bench_item ORDER BY id").await?,
            by_key: client.prepare(BY_KEY).await?,
            insert: client
                .prepare("INSERT INTO aludel_bench_item (name, note) VALUES ($1, $2) RETURNING id")
                .await?,
            rename: client.prepare("UPDATE aludel_bench_item SET name = $2 WHERE id = $1").await?,
            parents: client.prepare("SELECT id, name FROM aludel_bench_parent ORDER BY id").await?,
            children: client
                .prepare("SELECT id, parent_id, name FROM aludel_bench_child WHERE parent_id = ANY($1)")
                .await?,
            grandchildren: client
                .prepare("SELECT id, child_id, name FROM aludel_bench_grandchild WHERE child_id = ANY($1)")
                .await?,
            books: client
                .prepare(
                    "SELECT id, title, author, publisher, isbn, language, summary, pages, stock, weight, rating,
                     available FROM aludel_bench_book ORDER BY id",
                )
                .await?,
        })
    }
}

impl TokioPostgres {
    fn all_books(&mut self) -> Result<(std::time::Duration, Vec<Book>)> {
        self.runtime.block_on(async {
            let start = Instant::now();
            let rows = self.client.query(&self.statements.books, &[]).await?;
            let books: Vec<_> = rows.iter().map(book).collect();
            Ok((start.elapsed(), books))
        })
    }
}

impl Contestant for TokioPostgres {
    fn select_one(&mut self, times: usize) -> Outcome {
        self.runtime.block_on(async {
            let mut items = Vec::with_capacity(times);
            let start = Instant::now();
            for _ in 0..times {
                items.push(item(&self.client.query_one(&self.statements.first, &[&1_i64]).await?));
            }
            let elapsed = start.elapsed();
            Ok(Some(Sample { elapsed, checksum: checksum::items(items.iter().map(Item::cells)) }))
        })
    }

    fn select_core(&mut self) -> Outcome {
        self.select_all()
    }

    fn select_session(&mut self) -> Outcome {
        self.select_all()
    }

    fn insert(&mut self, batches: Vec<Vec<NewItem>>) -> Outcome {
        self.runtime.block_on(async {
            let mut keys = Vec::with_capacity(batches.iter().map(Vec::len).sum());
            let start = Instant::now();
            for batch in batches {
                let transaction = self.client.transaction().await?;
                for NewItem { name, note } in &batch {
                    let row = transaction.query_one(&self.statements.insert, &[name, note]).await?;
                    keys.push(row.get(0));
                }
                transaction.commit().await?;
            }
            let elapsed = start.elapsed();
            Ok(Some(Sample { elapsed, checksum: checksum::keys(keys) }))
        })
    }

    fn parents_with_children(&mut self) -> Outcome {
        self.runtime.block_on(async {
            let start = Instant::now();
            let rows = self.client.query(&self.statements.parents, &[]).await?;
            let mut families: Vec<(Parent, Vec<Child>)> =
                rows.iter().map(|row| (parent(row), Vec::new())).collect();
            let keys: Vec<i64> = families.iter().map(|(parent, _)| parent.id).collect();
            let places: HashMap<i64, usize> = keys.iter().copied().zip(0..).collect();
            let rows = self.client.query(&self.statements.children, &[&keys]).await?;
            for row in &rows {
                let child = child(row);
                families[places[&child.parent_id]].1.push(child);
            }
            let elapsed = start.elapsed();
            let families = families.iter().map(|(parent, children)| {
                (parent.id, parent.name.as_str(), checksum::children(children.iter().map(Child::cells)))
            });
            Ok(Some(Sample { elapsed, checksum: checksum::families(families) }))
        })
    }

    fn read_by_key(&mut self, keys: &[i64]) -> Outcome {
        self.runtime.block_on(async {
            let mut items = Vec::with_capacity(keys.len());
            let start = Instant::now();
            for key in keys {
                items.push(item(&self.client.query_one(&self.statements.by_key, &[key]).await?));
            }
            let elapsed = start.elapsed();
            Ok(Some(Sample { elapsed, checksum: checksum::items(items.iter().map(Item::cells)) }))
        })
    }

    fn read_by_key_at_once(&mut self, keys: &[i64]) -> Outcome {
        self.read_by_key(keys)
    }

    fn read_in_tasks(&mut self, keys: &[i64], tasks: usize) -> Outcome {
        let lots = lots(keys, tasks);
        let (elapsed, read) = self.runtime.block_on(async {
            let start = Instant::now();
            let running: Vec<_> = lots
                .into_iter()
                .map(|lot| {
                    let pool = self.pool.clone();
                    tokio::spawn(async move {
                        let mut items = Vec::with_capacity(lot.len());
                        for key in lot {
                            let client = pool.get().await?;
                            let by_key = client.prepare_cached(BY_KEY).await?;
                            items.push(item(&client.query_one(&by_key, &[&key]).await?));
                        }
                        Ok::<_, bench_harness::Error>(items)
                    })
                })
                .collect();
            let read = all_read(running).await?;
            Ok::<_, bench_harness::Error>((start.elapsed(), read))
        })?;
        Ok(Some(Sample { elapsed, checksum: checksum::items(in_turn(&read).map(Item::cells)) }))
    }

    fn read_in_tasks_shared(&mut self, keys: &[i64], tasks: usize) -> Outcome {
        self.read_in_tasks(keys, tasks)
    }

    fn two_levels(&mut self) -> Outcome {
        self.runtime.block_on(async {
            let start = Instant::now();
            let rows = self.client.query(&self.statements.parents, &[]).await?;
            let mut families: Vec<(Parent, Vec<(Child, Vec<Grandchild>)>)> =
                rows.iter().map(|row| (parent(row), Vec::new())).collect();
            let keys: Vec<i64> = families.iter().map(|(parent, _)| parent.id).collect();
            let places: HashMap<i64, usize> = keys.iter().copied().zip(0..).collect();
            let rows = self.client.query(&self.statements.children, &[&keys]).await?;
            let keys: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
            let mut child_places = HashMap::with_capacity(rows.len());
            for row in &rows {
                let child = child(row);
                let parent = places[&child.parent_id];
                let siblings = &mut families[parent].1;
                child_places.insert(child.id, (parent, siblings.len()));
                siblings.push((child, Vec::new()));
            }
            let rows = self.client.query(&self.statements.grandchildren, &[&keys]).await?;
            for row in &rows {
                let grandchild = grandchild(row);
                let (parent, child) = child_places[&grandchild.child_id];
                families[parent].1[child].1.push(grandchild);
            }
            let elapsed = start.elapsed();
            let families = families.iter().map(|(parent, children)| {
                let children = children.iter().map(|(child, own)| {
                    (child.cells(), checksum::children(own.iter().map(Grandchild::cells)))
                });
                (parent.id, parent.name.as_str(), checksum::children_with_their_own(children))
            });
            Ok(Some(Sample { elapsed, checksum: checksum::families(families) }))
        })
    }

    fn stream(&mut self) -> Outcome {
        self.runtime.block_on(async {
            let mut passing = checksum::Passing::default();
            let start = Instant::now();
            let rows = self.client.query_raw(&self.statements.all, std::iter::empty::<i64>()).await?;
            let mut rows = std::pin::pin!(rows);
            while let Some(row) = rows.try_next().await? {
                passing.add(item(&row).cells());
            }
            let elapsed = start.elapsed();
            Ok(Some(Sample { elapsed, checksum: passing.checksum() }))
        })
    }

    fn books(&mut self) -> Outcome {
        self.all_books().and_then(books_sample)
    }

    fn titles(&mut self) -> Outcome {
        self.all_books().and_then(titles_sample)
    }

    fn rename_all(&mut self, names: Vec<String>) -> Outcome {
        self.runtime.block_on(async {
            let start = Instant::now();
            let transaction = self.client.transaction().await?;
            let rows = transaction.query(&self.statements.all, &[]).await?;
            let mut items: Vec<_> = rows.iter().map(item).collect();
            for (item, name) in items.iter_mut().zip(names) {
                item.name = name;
                transaction.execute(&self.statements.rename, &[&item.id, &item.name]).await?;
            }
            transaction.commit().await?;
            let elapsed = start.elapsed();
            Ok(Some(Sample { elapsed, checksum: checksum::items(items.iter().map(Item::cells)) }))
        })
    }

    fn rename_one_by_one(&mut self, renames: Vec<(i64, String)>) -> Outcome {
        self.runtime.block_on(async {
            let mut items = Vec::with_capacity(renames.len());
            let start = Instant::now();
            for (key, name) in renames {
                let transaction = self.client.transaction().await?;
                let mut item = item(&transaction.query_one(&self.statements.by_key, &[&key]).await?);
                item.name = name;
                transaction.execute(&self.statements.rename, &[&item.id, &item.name]).await?;
                transaction.commit().await?;
                items.push(item);
            }
            let elapsed = start.elapsed();
            Ok(Some(Sample { elapsed, checksum: checksum::items(items.iter().map(Item::cells)) }))
        })
    }
}
