use std::time::Instant;

use bench_harness::{Contestant, NewItem, Outcome, Result, Sample, checksum};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

diesel::table! {
    #[sql_name = "aludel_bench_item"]
    items (id) {
        id -> BigInt,
        name -> Text,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    #[sql_name = "aludel_bench_parent"]
    parents (id) {
        id -> BigInt,
        name -> Text,
    }
}

diesel::table! {
    #[sql_name = "aludel_bench_child"]
    children (id) {
        id -> BigInt,
        parent_id -> BigInt,
        name -> Text,
    }
}

diesel::joinable!(children -> parents (parent_id));
diesel::allow_tables_to_appear_in_same_query!(children, parents);

#[derive(Queryable, Selectable)]
#[diesel(table_name = items)]
struct Item {
    id: i64,
    name: String,
    note: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = items)]
struct ItemToInsert {
    name: String,
    note: Option<String>,
}

#[derive(Identifiable, Queryable, Selectable)]
#[diesel(table_name = parents)]
struct Parent {
    id: i64,
    name: String,
}

#[derive(Associations, Identifiable, Queryable, Selectable)]
#[diesel(table_name = children, belongs_to(Parent))]
struct Child {
    id: i64,
    parent_id: i64,
    name: String,
}

/// Diesel, synchronous, on SQLite.
pub struct Diesel {
    connection: SqliteConnection,
}

impl Diesel {
    pub fn open(path: &str) -> Result<Self> {
        let mut connection = SqliteConnection::establish(path)?;
        connection.batch_execute(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;",
        )?;
        Ok(Diesel { connection })
    }
}

impl Contestant for Diesel {
    fn select_one(&mut self, times: usize) -> Outcome {
        let mut read = Vec::with_capacity(times);
        let start = Instant::now();
        for _ in 0..times {
            let first = items::table.order(items::id).limit(1).select(Item::as_select());
            read.push(first.get_result(&mut self.connection)?);
        }
        sample(start, &read)
    }

    fn select_core(&mut self) -> Outcome {
        let start = Instant::now();
        let read = items::table.order(items::id).select(Item::as_select()).load(&mut self.connection)?;
        sample(start, &read)
    }

    fn insert(&mut self, batches: Vec<Vec<NewItem>>) -> Outcome {
        let mut keys = Vec::with_capacity(batches.iter().map(Vec::len).sum());
        let start = Instant::now();
        for batch in batches {
            self.connection.immediate_transaction(|connection| {
                // SQLite has no DEFAULT in VALUES, so Diesel runs a statement a row there in any case.
                for NewItem { name, note } in batch {
                    let insert = diesel::insert_into(items::table).values(ItemToInsert { name, note });
                    keys.push(insert.returning(items::id).get_result(connection)?);
                }
                diesel::QueryResult::Ok(())
            })?;
        }
        let elapsed = start.elapsed();
        Ok(Some(Sample { elapsed, checksum: checksum::keys(keys) }))
    }

    fn parents_with_children(&mut self) -> Outcome {
        let start = Instant::now();
        let all = parents::table.order(parents::id).select(Parent::as_select()).load(&mut self.connection)?;
        let of_them = Child::belonging_to(&all).select(Child::as_select()).load(&mut self.connection)?;
        let families: Vec<(Parent, Vec<Child>)> =
            of_them.grouped_by(&all).into_iter().zip(all).map(|(own, parent)| (parent, own)).collect();
        let elapsed = start.elapsed();
        let families = families.iter().map(|(parent, own)| {
            let own = own.iter().map(|child| (child.id, child.parent_id, child.name.as_str()));
            (parent.id, parent.name.as_str(), checksum::children(own))
        });
        Ok(Some(Sample { elapsed, checksum: checksum::families(families) }))
    }

    fn read_by_key(&mut self, keys: &[i64]) -> Outcome {
        let mut read = Vec::with_capacity(keys.len());
        let start = Instant::now();
        for key in keys {
            read.push(items::table.find(key).select(Item::as_select()).get_result(&mut self.connection)?);
        }
        sample(start, &read)
    }

    fn rename_all(&mut self, names: Vec<String>) -> Outcome {
        let start = Instant::now();
        let read = self.connection.immediate_transaction(|connection| {
            let mut read: Vec<Item> =
                items::table.order(items::id).select(Item::as_select()).load(connection)?;
            for (item, name) in read.iter_mut().zip(names) {
                item.name = name;
                rename(connection, item)?;
            }
            diesel::QueryResult::Ok(read)
        })?;
        sample(start, &read)
    }

    fn rename_one_by_one(&mut self, renames: Vec<(i64, String)>) -> Outcome {
        let mut read = Vec::with_capacity(renames.len());
        let start = Instant::now();
        for (key, name) in renames {
            read.push(self.connection.immediate_transaction(|connection| {
                let mut item: Item =
                    items::table.find(key).select(Item::as_select()).get_result(connection)?;
                item.name = name;
                rename(connection, &item)?;
                diesel::QueryResult::Ok(item)
            })?);
        }
        sample(start, &read)
    }
}

fn rename(connection: &mut SqliteConnection, item: &Item) -> QueryResult<usize> {
    diesel::update(items::table.find(item.id)).set(items::name.eq(&item.name)).execute(connection)
}

fn sample(start: Instant, items: &[Item]) -> Outcome {
    let elapsed = start.elapsed();
    let cells = items.iter().map(|item| (item.id, item.name.as_str(), item.note.as_deref()));
    Ok(Some(Sample { elapsed, checksum: checksum::items(cells) }))
}
