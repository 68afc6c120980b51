//! Aludel on either database.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use aludel::prelude::*;
use aludel::{EntityItem, Placeholder, PreparedSelect, prepared};
use bench_harness::{BookCells, Contestant, Database, NewItem, Outcome, Result, Sample, checksum};
use tokio::runtime::Runtime;

use super::{all_read, in_turn, lots};

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
    #[relation(back_populates = Grandchild::CHILD)]
    grandchildren: HasMany<Grandchild>,
}

#[derive(Entity, Debug)]
#[entity(table = "aludel_bench_grandchild")]
struct Grandchild {
    #[column(primary_key)]
    id: i64,
    #[column(foreign_key = Child::ID)]
    child_id: i64,
    name: String,
    #[relation(back_populates = Child::GRANDCHILDREN)]
    child: BelongsTo<Child>,
}

#[derive(Entity, Debug)]
#[entity(table = "aludel_bench_book")]
struct Book {
    #[column(primary_key)]
    id: i64,
    title: String,
    author: String,
    publisher: String,
    isbn: String,
    language: String,
    summary: String,
    pages: i64,
    stock: i64,
    weight: i64,
    rating: f64,
    available: bool,
}

#[derive(Projection, Debug)]
#[projection(Book)]
struct Title {
    id: i64,
    title: String,
    stock: i64,
}

/// Core for what only reads single rows, a new session for each unit of work.
pub struct Aludel {
    runtime: Waits,
    engine: Engine,
    /// Ten connections, for many tasks.
    wide: Engine,
    database: Database,
    queries: Queries,
}

/// What runs in loops, prepared once.
struct Queries {
    first: PreparedSelect<(), (EntityItem<Item>,)>,
    by_key: Arc<PreparedSelect<Placeholder<i64>, (EntityItem<Item>,)>>,
}

impl Queries {
    fn new() -> Self {
        Self {
            first: prepared(|()| select(Item).order_by(Item::ID.asc()).limit(1)),
            by_key: Arc::new(prepared(|key: Placeholder<i64>| select(Item).filter(Item::ID.eq(key)))),
        }
    }
}

/// Where futures run.
enum Waits {
    /// On a current-thread runtime, as in a program.
    OnRuntime(Runtime),
    /// On no runtime, for SQLite: the driver looks at no clock, whose steps under an emulator would be thousands of times too long.
    Here,
}

impl Waits {
    fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        match self {
            Waits::OnRuntime(runtime) => runtime.block_on(future),
            Waits::Here => {
                let mut future = std::pin::pin!(future);
                let mut context = Context::from_waker(Waker::noop());
                loop {
                    if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                        return output;
                    }
                }
            }
        }
    }
}

impl Aludel {
    pub fn open(database: Database, address: &str) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Self::open_on(Waits::OnRuntime(runtime), database, address)
    }

    /// For an emulator that counts instructions.
    pub fn open_to_be_counted(database: Database, address: &str) -> Result<Self> {
        match database {
            Database::Sqlite => Self::open_on(Waits::Here, database, address),
            Database::Postgres => Self::open(database, address),
        }
    }

    fn open_on(runtime: Waits, database: Database, address: &str) -> Result<Self> {
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
        let wide = Engine::builder(&url).pool_size(10).max_overflow(0).build()?;
        Ok(Aludel { runtime, engine, wide, database, queries: Queries::new() })
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
                items.push(conn.scalars(self.queries.first.with(())).one().await?);
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
                items.push(conn.scalars(self.queries.by_key.with(*key)).one().await?);
            }
            sample(start, &items)
        })
    }

    fn read_by_key_at_once(&mut self, keys: &[i64]) -> Outcome {
        self.runtime.block_on(async {
            let mut conn = self.engine.connect().await?;
            let mut items: Vec<Item> = Vec::with_capacity(keys.len());
            let start = Instant::now();
            match self.database {
                Database::Sqlite => {
                    let mut tx =
                        conn.begin_with(|o| o.isolation(aludel::Isolation::Snapshot).read_only(true)).await?;
                    for key in keys {
                        items.push(tx.scalars(self.queries.by_key.with(*key)).one().await?);
                    }
                    tx.commit().await?;
                }
                Database::Postgres => {
                    for keys in keys.chunks(100) {
                        let by_key = |key: &i64| self.queries.by_key.with(*key).scalars().one();
                        items.extend(conn.together(keys.iter().map(by_key).collect::<Vec<_>>()).await?);
                    }
                }
            }
            sample(start, &items)
        })
    }

    fn read_in_tasks(&mut self, keys: &[i64], tasks: usize) -> Outcome {
        self.in_tasks(keys, tasks, false)
    }

    fn read_in_tasks_shared(&mut self, keys: &[i64], tasks: usize) -> Outcome {
        self.in_tasks(keys, tasks, true)
    }

    fn two_levels(&mut self) -> Outcome {
        self.runtime.block_on(async {
            let start = Instant::now();
            let mut session = self.engine.session();
            let below = selectinload(Parent::CHILDREN).then(selectinload(Child::GRANDCHILDREN));
            let all = select(Parent).order_by(Parent::ID.asc()).options(below);
            let parents = session.scalars(all).all().await?;
            let elapsed = start.elapsed();
            let mut families = Vec::with_capacity(parents.len());
            for parent in parents {
                let parent = session.view(parent);
                let mut children = Vec::new();
                for child in parent.children()? {
                    let own = child.grandchildren()?.map(|it| it.entity());
                    let own = checksum::children(own.map(|it| (it.id, it.child_id, it.name.as_str())));
                    let child = child.entity();
                    children.push(((child.id, child.parent_id, child.name.as_str()), own));
                }
                let children = checksum::children_with_their_own(children);
                families.push((parent.id, parent.entity().name.as_str(), children));
            }
            Ok(Some(Sample { elapsed, checksum: checksum::families(families) }))
        })
    }

    fn stream(&mut self) -> Outcome {
        self.runtime.block_on(async {
            let mut conn = self.engine.connect().await?;
            let mut passing = checksum::Passing::default();
            let start = Instant::now();
            let mut items = conn.scalars(select(Item).order_by(Item::ID.asc())).stream();
            while let Some(item) = items.next().await? {
                passing.add(cells(&item));
            }
            let elapsed = start.elapsed();
            Ok(Some(Sample { elapsed, checksum: passing.checksum() }))
        })
    }

    fn books(&mut self) -> Outcome {
        self.runtime.block_on(async {
            let mut conn = self.engine.connect().await?;
            let start = Instant::now();
            let books: Vec<Book> = conn.scalars(select(Book).order_by(Book::ID.asc())).all().await?;
            let elapsed = start.elapsed();
            Ok(Some(Sample { elapsed, checksum: checksum::books(books.iter().map(book_cells)) }))
        })
    }

    fn titles(&mut self) -> Outcome {
        self.runtime.block_on(async {
            let mut conn = self.engine.connect().await?;
            let start = Instant::now();
            let titles = conn.scalars(select_as::<Title>().order_by(Book::ID.asc())).all().await?;
            let elapsed = start.elapsed();
            let titles = titles.iter().map(|it| (it.id, it.title.as_str(), it.stock));
            Ok(Some(Sample { elapsed, checksum: checksum::titles(titles) }))
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
            let mut items = Vec::with_capacity(renames.len());
            let start = Instant::now();
            for (key, name) in renames {
                let mut session = self.engine.session();
                let item = session.get::<Item>(key);
                // On SQLite the bare driver reads within its transaction: nobody else writes in between.
                let item = if self.database == Database::Sqlite { item.for_update() } else { item };
                let item = item.await?.ok_or("no row")?;
                session[item].name = name;
                session.commit().await?;
                items.push(session.expunge(item));
            }
            sample(start, &items)
        })
    }
}

impl Aludel {
    fn in_tasks(&mut self, keys: &[i64], tasks: usize, shared: bool) -> Outcome {
        let lots = lots(keys, tasks);
        let (elapsed, read) = self.runtime.block_on(async {
            let start = Instant::now();
            let running: Vec<_> = lots
                .into_iter()
                .map(|lot| {
                    let (engine, by_key) = (self.wide.clone(), Arc::clone(&self.queries.by_key));
                    tokio::spawn(async move {
                        let mut items: Vec<Item> = Vec::with_capacity(lot.len());
                        for key in lot {
                            let by_key = by_key.with(key);
                            items.push(if shared {
                                engine.shared().ask(by_key.scalars().one()).await?
                            } else {
                                engine.connect().await?.scalars(by_key).one().await?
                            });
                        }
                        Ok::<_, aludel::Error>(items)
                    })
                })
                .collect();
            let read = all_read(running).await?;
            Ok::<_, bench_harness::Error>((start.elapsed(), read))
        })?;
        Ok(Some(Sample { elapsed, checksum: checksum::items(in_turn(&read).map(cells)) }))
    }
}

fn book_cells(book: &Book) -> BookCells<'_> {
    let texts =
        [book.title.as_str(), &book.author, &book.publisher, &book.isbn, &book.language, &book.summary];
    let numbers = [book.id, book.pages, book.stock, book.weight, i64::from(book.available)];
    BookCells { texts, numbers, rating: book.rating }
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
