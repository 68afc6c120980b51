use std::time::Instant;

use bench_harness::{Contestant, Database, NewItem, Outcome, Result, Sample, checksum};
use sea_orm::entity::prelude::*;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, IntoActiveModel, LoaderTrait, QueryOrder, QuerySelect, Set, TransactionTrait};
use tokio::runtime::Runtime;

mod item {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "aludel_bench_item")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
        pub note: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod parent {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "aludel_bench_parent")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(has_many = "super::child::Entity")]
        Child,
    }

    impl Related<super::child::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Child.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod child {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "aludel_bench_child")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub parent_id: i64,
        pub name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::parent::Entity",
            from = "Column::ParentId",
            to = "super::parent::Column::Id"
        )]
        Parent,
    }

    impl Related<super::parent::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Parent.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// SeaORM on a pool of one connection; it has no way to go without a pool.
pub struct SeaOrm {
    runtime: Runtime,
    connection: DatabaseConnection,
    /// Rows of a multi-row INSERT: 500 on SQLite, as many as the parameters of a statement allow on PostgreSQL.
    insert_at_once: usize,
}

impl SeaOrm {
    pub fn open(database: Database, address: &str) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (url, insert_at_once) = match database {
            Database::Sqlite => (format!("sqlite://{address}"), 500),
            Database::Postgres => (address.to_owned(), 30_000),
        };
        let mut options = ConnectOptions::new(url);
        options.min_connections(1).max_connections(1).sqlx_logging(false);
        options.map_sqlx_sqlite_opts(|options| {
            options
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Normal)
                .foreign_keys(true)
        });
        options.map_sqlx_postgres_opts(|options| options.options([("synchronous_commit", "off")]));
        let connection = runtime.block_on(sea_orm::Database::connect(options))?;
        Ok(SeaOrm { runtime, connection, insert_at_once })
    }
}

impl Contestant for SeaOrm {
    fn select_one(&mut self, times: usize) -> Outcome {
        self.runtime.block_on(async {
            let mut items = Vec::with_capacity(times);
            let start = Instant::now();
            for _ in 0..times {
                let first = item::Entity::find().order_by_asc(item::Column::Id).limit(1);
                items.push(first.one(&self.connection).await?.ok_or("no row")?);
            }
            sample(start, &items)
        })
    }

    fn select_core(&mut self) -> Outcome {
        self.runtime.block_on(async {
            let start = Instant::now();
            let items = item::Entity::find().order_by_asc(item::Column::Id).all(&self.connection).await?;
            sample(start, &items)
        })
    }

    fn insert(&mut self, batches: Vec<Vec<NewItem>>) -> Outcome {
        self.runtime.block_on(async {
            let mut keys = Vec::with_capacity(batches.iter().map(Vec::len).sum());
            let start = Instant::now();
            for batch in batches {
                let transaction = self.connection.begin().await?;
                let mut rows = batch
                    .into_iter()
                    .map(|NewItem { name, note }| item::ActiveModel {
                        name: Set(name),
                        note: Set(note),
                        ..Default::default()
                    })
                    .peekable();
                while rows.peek().is_some() {
                    let insert = item::Entity::insert_many(rows.by_ref().take(self.insert_at_once));
                    keys.extend(insert.exec_with_returning_keys(&transaction).await?);
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
            let parents =
                parent::Entity::find().order_by_asc(parent::Column::Id).all(&self.connection).await?;
            let children = parents.load_many(child::Entity, &self.connection).await?;
            let families: Vec<_> = parents.into_iter().zip(children).collect();
            let elapsed = start.elapsed();
            let families = families.iter().map(|(parent, own)| {
                let own = own.iter().map(|child| (child.id, child.parent_id, child.name.as_str()));
                (parent.id, parent.name.as_str(), checksum::children(own))
            });
            Ok(Some(Sample { elapsed, checksum: checksum::families(families) }))
        })
    }

    fn read_by_key(&mut self, keys: &[i64]) -> Outcome {
        self.runtime.block_on(async {
            let mut items = Vec::with_capacity(keys.len());
            let start = Instant::now();
            for key in keys {
                items.push(item::Entity::find_by_id(*key).one(&self.connection).await?.ok_or("no row")?);
            }
            sample(start, &items)
        })
    }

    fn rename_all(&mut self, names: Vec<String>) -> Outcome {
        self.runtime.block_on(async {
            let mut items = Vec::with_capacity(names.len());
            let start = Instant::now();
            let transaction = self.connection.begin().await?;
            let read = item::Entity::find().order_by_asc(item::Column::Id).all(&transaction).await?;
            for (item, name) in read.into_iter().zip(names) {
                let mut item = item.into_active_model();
                item.name = Set(name);
                items.push(item.update(&transaction).await?);
            }
            transaction.commit().await?;
            sample(start, &items)
        })
    }

    fn rename_one_by_one(&mut self, renames: Vec<(i64, String)>) -> Outcome {
        self.runtime.block_on(async {
            let mut items = Vec::with_capacity(renames.len());
            let start = Instant::now();
            for (key, name) in renames {
                let transaction = self.connection.begin().await?;
                let item = item::Entity::find_by_id(key).one(&transaction).await?.ok_or("no row")?;
                let mut item = item.into_active_model();
                item.name = Set(name);
                items.push(item.update(&transaction).await?);
                transaction.commit().await?;
            }
            sample(start, &items)
        })
    }
}

fn sample(start: Instant, items: &[item::Model]) -> Outcome {
    let elapsed = start.elapsed();
    let cells = items.iter().map(|item| (item.id, item.name.as_str(), item.note.as_deref()));
    Ok(Some(Sample { elapsed, checksum: checksum::items(cells) }))
}
