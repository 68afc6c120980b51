use std::time::Instant;

use bench_harness::{
    Book, Child, Contestant, Grandchild, Item, NewItem, Outcome, Parent, Result, Sample, checksum,
};
use rusqlite::{Connection, Row, Rows, TransactionBehavior, params};

use super::{books_sample, titles_sample};
use crate::referee::sqlite::{book, child, grandchild, item, parent};

/// The bare driver of SQLite: cached statements, a held statement where one is run in a loop, one transaction for
/// what belongs together.
pub struct Rusqlite {
    connection: Connection,
}

impl Rusqlite {
    pub fn open(path: &str) -> Result<Self> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        Ok(Rusqlite { connection })
    }

    /// Core and Session are the same to a driver.
    fn select_all(&mut self) -> Outcome {
        let start = Instant::now();
        let mut select =
            self.connection.prepare_cached("SELECT id, name, note FROM aludel_bench_item ORDER BY id")?;
        let items = select.query_map([], item)?.collect::<Result<Vec<_>, _>>()?;
        let elapsed = start.elapsed();
        Ok(Some(Sample { elapsed, checksum: checksum::items(items.iter().map(Item::cells)) }))
    }
}

impl Rusqlite {
    fn all_books(&mut self) -> Result<(std::time::Duration, Vec<Book>)> {
        let start = Instant::now();
        let mut select = self.connection.prepare_cached(
            "SELECT id, title, author, publisher, isbn, language, summary, pages, stock, weight, rating, available
             FROM aludel_bench_book ORDER BY id",
        )?;
        let books = select.query_map([], book)?.collect::<Result<Vec<_>, _>>()?;
        Ok((start.elapsed(), books))
    }
}

impl Contestant for Rusqlite {
    fn select_one(&mut self, times: usize) -> Outcome {
        let mut items = Vec::with_capacity(times);
        let start = Instant::now();
        for _ in 0..times {
            let mut select = self
                .connection
                .prepare_cached("SELECT id, name, note FROM aludel_bench_item ORDER BY id LIMIT ?1 + 0")?;
            items.push(select.query_row([1], item)?);
        }
        let elapsed = start.elapsed();
        Ok(Some(Sample { elapsed, checksum: checksum::items(items.iter().map(Item::cells)) }))
    }

    fn select_core(&mut self) -> Outcome {
        self.select_all()
    }

    fn select_session(&mut self) -> Outcome {
        self.select_all()
    }

    fn insert(&mut self, batches: Vec<Vec<NewItem>>) -> Outcome {
        let mut keys = Vec::with_capacity(batches.iter().map(Vec::len).sum());
        let start = Instant::now();
        for batch in batches {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut insert =
                transaction.prepare_cached("INSERT INTO aludel_bench_item (name, note) VALUES (?, ?)")?;
            for NewItem { name, note } in &batch {
                keys.push(insert.insert(params![name, note])?);
            }
            drop(insert);
            transaction.commit()?;
        }
        let elapsed = start.elapsed();
        Ok(Some(Sample { elapsed, checksum: checksum::keys(keys) }))
    }

    fn parents_with_children(&mut self) -> Outcome {
        let start = Instant::now();
        let mut select =
            self.connection.prepare_cached("SELECT id, name FROM aludel_bench_parent ORDER BY id")?;
        let parents = select.query_map([], parent)?;
        let mut families =
            parents.map(|parent| Ok((parent?, Vec::new()))).collect::<Result<Vec<(_, Vec<_>)>>>()?;
        let mut select = self.connection.prepare_cached(
            "SELECT id, parent_id, name FROM aludel_bench_child
             WHERE parent_id IN (SELECT id FROM aludel_bench_parent) ORDER BY parent_id",
        )?;
        let owns = |parent: &Parent, child: &Child| parent.id == child.parent_id;
        join(families.iter_mut(), select.query([])?, child, owns)?;
        let elapsed = start.elapsed();
        let families = families.iter().map(|(parent, children)| {
            (parent.id, parent.name.as_str(), checksum::children(children.iter().map(Child::cells)))
        });
        Ok(Some(Sample { elapsed, checksum: checksum::families(families) }))
    }

    fn read_by_key(&mut self, keys: &[i64]) -> Outcome {
        let mut items = Vec::with_capacity(keys.len());
        let start = Instant::now();
        for key in keys {
            let mut select = self
                .connection
                .prepare_cached("SELECT id, name, note FROM aludel_bench_item WHERE id = ?")?;
            items.push(select.query_row([key], item)?);
        }
        let elapsed = start.elapsed();
        Ok(Some(Sample { elapsed, checksum: checksum::items(items.iter().map(Item::cells)) }))
    }

    fn read_by_key_at_once(&mut self, keys: &[i64]) -> Outcome {
        self.read_by_key(keys)
    }

    fn two_levels(&mut self) -> Outcome {
        let start = Instant::now();
        let mut select =
            self.connection.prepare_cached("SELECT id, name FROM aludel_bench_parent ORDER BY id")?;
        let parents = select.query_map([], parent)?;
        let mut families =
            parents.map(|parent| Ok((parent?, Vec::new()))).collect::<Result<Vec<(_, Vec<_>)>>>()?;
        let mut select = self.connection.prepare_cached(
            "SELECT id, parent_id, name FROM aludel_bench_child
             WHERE parent_id IN (SELECT id FROM aludel_bench_parent) ORDER BY parent_id, id",
        )?;
        let of_its_own = |row: &Row<'_>| Ok((child(row)?, Vec::new()));
        let owns = |parent: &Parent, (child, _): &(Child, _)| parent.id == child.parent_id;
        join(families.iter_mut(), select.query([])?, of_its_own, owns)?;
        let mut select = self.connection.prepare_cached(
            "SELECT g.id, g.child_id, g.name
             FROM aludel_bench_grandchild g JOIN aludel_bench_child c ON c.id = g.child_id
             WHERE c.parent_id IN (SELECT id FROM aludel_bench_parent) ORDER BY c.parent_id, c.id",
        )?;
        let children = families.iter_mut().flat_map(|(_, children)| children);
        let owns = |child: &Child, grandchild: &Grandchild| child.id == grandchild.child_id;
        join(children, select.query([])?, grandchild, owns)?;
        let elapsed = start.elapsed();
        let families = families.iter().map(|(parent, children)| {
            let children = children
                .iter()
                .map(|(child, own)| (child.cells(), checksum::children(own.iter().map(Grandchild::cells))));
            (parent.id, parent.name.as_str(), checksum::children_with_their_own(children))
        });
        Ok(Some(Sample { elapsed, checksum: checksum::families(families) }))
    }

    fn stream(&mut self) -> Outcome {
        let mut passing = checksum::Passing::default();
        let start = Instant::now();
        let mut select =
            self.connection.prepare_cached("SELECT id, name, note FROM aludel_bench_item ORDER BY id")?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            passing.add(item(row)?.cells());
        }
        let elapsed = start.elapsed();
        Ok(Some(Sample { elapsed, checksum: passing.checksum() }))
    }

    fn books(&mut self) -> Outcome {
        self.all_books().and_then(books_sample)
    }

    fn titles(&mut self) -> Outcome {
        self.all_books().and_then(titles_sample)
    }

    fn rename_all(&mut self, names: Vec<String>) -> Outcome {
        let start = Instant::now();
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut select =
            transaction.prepare_cached("SELECT id, name, note FROM aludel_bench_item ORDER BY id")?;
        let mut items = select.query_map([], item)?.collect::<Result<Vec<_>, _>>()?;
        drop(select);
        let mut update = transaction.prepare_cached("UPDATE aludel_bench_item SET name = ? WHERE id = ?")?;
        for (item, name) in items.iter_mut().zip(names) {
            item.name = name;
            update.execute(params![item.name, item.id])?;
        }
        drop(update);
        transaction.commit()?;
        let elapsed = start.elapsed();
        Ok(Some(Sample { elapsed, checksum: checksum::items(items.iter().map(Item::cells)) }))
    }

    fn rename_one_by_one(&mut self, renames: Vec<(i64, String)>) -> Outcome {
        let mut items = Vec::with_capacity(renames.len());
        let start = Instant::now();
        for (key, name) in renames {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut select =
                transaction.prepare_cached("SELECT id, name, note FROM aludel_bench_item WHERE id = ?")?;
            let mut item = select.query_row([key], item)?;
            drop(select);
            item.name = name;
            transaction
                .prepare_cached("UPDATE aludel_bench_item SET name = ? WHERE id = ?")?
                .execute(params![item.name, item.id])?;
            transaction.commit()?;
            items.push(item);
        }
        let elapsed = start.elapsed();
        Ok(Some(Sample { elapsed, checksum: checksum::items(items.iter().map(Item::cells)) }))
    }
}

/// Gives each owner its rows. Both come in the order of the owner's key: one walk joins them.
fn join<'o, O: 'o, R: 'o>(
    mut owners: impl Iterator<Item = &'o mut (O, Vec<R>)>,
    mut rows: Rows<'_>,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<R>,
    owns: impl Fn(&O, &R) -> bool,
) -> Result<()> {
    let mut current = owners.next();
    while let Some(row) = rows.next()? {
        let row = read(row)?;
        while current.as_ref().is_some_and(|(owner, _)| !owns(owner, &row)) {
            current = owners.next();
        }
        if let Some((_, own)) = &mut current {
            own.push(row);
        }
    }
    Ok(())
}
