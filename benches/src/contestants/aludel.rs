//! Aludel on either database.

use std::time::Instant;

use aludel::prelude::*;
use bench_harness::{Contestant, Database, NewItem, Outcome, Result, Sample, checksum};
use tokio::runtime::Runtime;

#[derive(Entity, Debug)]
#[entity(table = "aludel_bench_item")]
struct Item {
    #[column(primary_key)]
    id: i64,
    name: String,
    note: Option<String>,
}

#[derive(Entity, Debug)]
#[entity(table = "aludel_bench_parent")]
struct Parent {
    #[column(primary_key)]
    id: i64,
    name: String,
    #[relation(back_populates = Child::PARENT)]
    children: HasMany<Child>,
}

#[derive(Entity, Debug)]
#[entity(table = "aludel_bench_child")]
struct Child {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = Parent::ID)]
    parent_id: i64,
    name: String,
    #[relation(back_populates = Parent::CHILDREN)]
    parent: BelongsTo<Parent>,
}

/// Core for what only reads single rows, a new session for each unit of work.
pub struct Aludel {
    runtime: Runtime,
    engine: Engine,
    database: Database,
}

impl Aludel {
    pub fn open(database: Database, address: &str) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let url = match database {
            Database::Sqlite => format!("sqlite:///{address}?synchronous=NORMAL"),
            Database::Postgres => address.to_owned(),
        };
        let engine = runtime.block_on(async {
            let engine = Engine::builder(&url).pool_size(1).max_overflow(0).build()?;
            if database == Database::Postgres {
                engine.connect().await?.execute(text!("SET synchronous_commit = off")).await?;
            }
            Ok::<Engine, aludel::Error>(engine)
        })?;
        Ok(Aludel { runtime, engine, database })
    }

    pub fn version(&self) -> Result<String> {
        let question = match self.database {
            Database::Sqlite => text!("SELECT sqlite_version()"),
            Database::Postgres => text!("SHOW server_version"),
        };
        let row =
            self.runtime.block_on(async { self.engine.connect().await?.execute(question).one().await })?;
        let version: String = row.at(0)?;
        Ok(format!("{} {}", self.database.title(), version.split(' ').next().unwrap_or_default()))
    }
}

impl Contestant for Aludel {
    fn select_one(&mut self, times: usize) -> Outcome {
        self.runtime.block_on(async {
            let mut conn = self.engine.connect().await?;
            let mut items: Vec<Item> = Vec::with_capacity(times);
            let start = Instant::now();
            for _ in 0..times {
                items.push(conn.scalars(select(Item).order_by(Item::ID.asc()).limit(1)).one().await?);
            }
            sample(start, &items)
        })
    }

    fn select_core(&mut self) -> Outcome {
        self.runtime.block_on(async {
            let mut conn = self.engine.connect().await?;
            let start = Instant::now();
            let items: Vec<Item> = conn.scalars(select(Item).order_by(Item::ID.asc())).all().await?;
            sample(start, &items)
        })
    }

    fn select_session(&mut self) -> Outcome {
        self.runtime.block_on(async {
            let start = Instant::now();
            let mut session = self.engine.session();
            let items = session.scalars(select(Item).order_by(Item::ID.asc())).all().await?;
            session_sample(start, &session, &items)
        })
    }

    fn insert(&mut self, batches: Vec<Vec<NewItem>>) -> Outcome {
        self.runtime.block_on(async {
            let mut keys = Vec::with_capacity(batches.iter().map(Vec::len).sum());
            let start = Instant::now();
            for batch in batches {
                let mut session = self.engine.session();
                let add = |NewItem { name, note }| session.add(Item::builder().name(name).note(note));
                let items: Vec<Obj<Item>> = batch.into_iter().map(add).collect();
                session.commit().await?;
                keys.extend(items.into_iter().map(|item| session[item].id));
            }
            let elapsed = start.elapsed();
            Ok(Some(Sample { elapsed, checksum: checksum::keys(keys) }))
        })
    }

    fn parents_with_children(&mut self) -> Outcome {
        self.runtime.block_on(async {
            let start = Instant::now();
            let mut session = self.engine.session();
            let all = select(Parent).order_by(Parent::ID.asc()).options(selectinload(Parent::CHILDREN));
            let parents = session.scalars(all).all().await?;
            let elapsed = start.elapsed();
            let mut families = Vec::with_capacity(parents.len());
            for parent in parents {
                let parent = session.view(parent);
                let own = parent.children()?.map(|child| child.entity());
                let own =
                    checksum::children(own.map(|child| (child.id, child.parent_id, child.name.as_str())));
                families.push((parent.id, parent.entity().name.as_str(), own));
            }
            Ok(Some(Sample { elapsed, checksum: checksum::families(families) }))
        })
    }

    fn read_by_key(&mut self, keys: &[i64]) -> Outcome {
        self.runtime.block_on(async {
            let mut conn = self.engine.connect().await?;
            let mut items: Vec<Item> = Vec::with_capacity(keys.len());
            let start = Instant::now();
            for key in keys {
                items.push(conn.scalars(select(Item).filter(Item::ID.eq(*key))).one().await?);
            }
            sample(start, &items)
        })
    }

    fn rename_all(&mut self, names: Vec<String>) -> Outcome {
        self.runtime.block_on(async {
            let start = Instant::now();
            let mut session = self.engine.session();
            let items = session.scalars(select(Item).order_by(Item::ID.asc())).all().await?;
            for (item, name) in items.iter().zip(names) {
                session[*item].name = name;
            }
            session.commit().await?;
            session_sample(start, &session, &items)
        })
    }

    fn rename_one_by_one(&mut self, renames: Vec<(i64, String)>) -> Outcome {
        self.runtime.block_on(async {
            let mut sessions = Vec::with_capacity(renames.len());
            let start = Instant::now();
            for (key, name) in renames {
                let mut session = self.engine.session();
                let item = session.get::<Item>(key).await?.ok_or("no row")?;
                session[item].name = name;
                session.commit().await?;
                sessions.push((session, item));
            }
            let elapsed = start.elapsed();
            let items = sessions.iter().map(|(session, item)| cells(&session[*item]));
            Ok(Some(Sample { elapsed, checksum: checksum::items(items) }))
        })
    }
}

fn cells(item: &Item) -> (i64, &str, Option<&str>) {
    (item.id, &item.name, item.note.as_deref())
}

fn sample(start: Instant, items: &[Item]) -> Outcome {
    let elapsed = start.elapsed();
    Ok(Some(Sample { elapsed, checksum: checksum::items(items.iter().map(cells)) }))
}

fn session_sample(start: Instant, session: &Session, items: &[Obj<Item>]) -> Outcome {
    let elapsed = start.elapsed();
    Ok(Some(Sample { elapsed, checksum: checksum::items(items.iter().map(|item| cells(&session[*item]))) }))
}
