use std::collections::HashMap;
use std::time::Instant;

use bench_harness::{Child, Contestant, Item, NewItem, Outcome, Parent, Result, Sample, checksum};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls, Row, Statement};

/// The bare driver of PostgreSQL: prepared statements, each awaited before the next one is sent.
pub struct TokioPostgres {
    runtime: Runtime,
    client: Client,
    statements: Statements,
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
}

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
        Ok(TokioPostgres { runtime, client, statements })
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
            by_key: client.prepare("SELECT id, name, note FROM aludel_bench_item WHERE id = $1").await?,
            insert: client
                .prepare("INSERT INTO aludel_bench_item (name, note) VALUES ($1, $2) RETURNING id")
                .await?,
            rename: client.prepare("UPDATE aludel_bench_item SET name = $2 WHERE id = $1").await?,
            parents: client.prepare("SELECT id, name FROM aludel_bench_parent ORDER BY id").await?,
            children: client
                .prepare("SELECT id, parent_id, name FROM aludel_bench_child WHERE parent_id = ANY($1)")
                .await?,
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
                rows.iter().map(|row| (Parent { id: row.get(0), name: row.get(1) }, Vec::new())).collect();
            let keys: Vec<i64> = families.iter().map(|(parent, _)| parent.id).collect();
            let places: HashMap<i64, usize> = keys.iter().copied().zip(0..).collect();
            let rows = self.client.query(&self.statements.children, &[&keys]).await?;
            for row in &rows {
                let child = Child { id: row.get(0), parent_id: row.get(1), name: row.get(2) };
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

fn item(row: &Row) -> Item {
    Item { id: row.get(0), name: row.get(1), note: row.get(2) }
}
