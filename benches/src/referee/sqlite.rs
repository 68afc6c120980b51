use std::collections::HashMap;
use std::path::PathBuf;

use bench_harness::{Book, Child, Contents, Grandchild, Item, Parent, Result};
use rusqlite::{Connection, Row, params};

use super::Referee;

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    CREATE TABLE aludel_bench_item (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL, note TEXT);
    CREATE TABLE aludel_bench_parent (id INTEGER PRIMARY KEY NOT NULL, name TEXT NOT NULL);
    CREATE TABLE aludel_bench_child (
        id INTEGER PRIMARY KEY NOT NULL,
        parent_id INTEGER NOT NULL REFERENCES aludel_bench_parent (id),
        name TEXT NOT NULL
    );
    CREATE INDEX aludel_bench_child_parent_id ON aludel_bench_child (parent_id);
    CREATE TABLE aludel_bench_grandchild (
        id INTEGER PRIMARY KEY NOT NULL,
        child_id INTEGER NOT NULL REFERENCES aludel_bench_child (id),
        name TEXT NOT NULL
    );
    CREATE INDEX aludel_bench_grandchild_child_id ON aludel_bench_grandchild (child_id);
    CREATE TABLE aludel_bench_book (
        id INTEGER PRIMARY KEY NOT NULL, title TEXT NOT NULL, author TEXT NOT NULL, publisher TEXT NOT NULL,
        isbn TEXT NOT NULL, language TEXT NOT NULL, summary TEXT NOT NULL, pages INTEGER NOT NULL,
        stock INTEGER NOT NULL, weight INTEGER NOT NULL, rating REAL NOT NULL, available INTEGER NOT NULL
    );
";

const CLEAR: &str = "
    DELETE FROM aludel_bench_book;
    DELETE FROM aludel_bench_grandchild;
    DELETE FROM aludel_bench_child;
    DELETE FROM aludel_bench_parent;
    DELETE FROM aludel_bench_item;
";

/// A file for each entrant, so that nobody's page cache is spoiled by another's writes.
pub struct Sqlite {
    folder: PathBuf,
    connections: HashMap<String, Connection>,
}

impl Sqlite {
    pub fn new() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("aludel-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Sqlite { folder, connections: HashMap::new() })
    }

    fn connection(&mut self, entrant: &str) -> Result<&mut Connection> {
        self.connections.get_mut(entrant).ok_or_else(|| format!("{entrant} has no file").into())
    }
}

impl Referee for Sqlite {
    fn address(&mut self, entrant: &str) -> Result<String> {
        let path = self.folder.join(entrant).with_extension("db");
        if !self.connections.contains_key(entrant) {
            let connection = Connection::open(&path)?;
            connection.execute_batch(SCHEMA)?;
            self.connections.insert(entrant.to_owned(), connection);
        }
        path.to_str().map(str::to_owned).ok_or_else(|| "the path of the folder is not UTF-8".into())
    }

    fn fill(&mut self, entrant: &str, contents: &Contents) -> Result<()> {
        let connection = self.connection(entrant)?;
        let transaction = connection.transaction()?;
        transaction.execute_batch(CLEAR)?;
        let mut insert = transaction.prepare_cached("INSERT INTO aludel_bench_item VALUES (?, ?, ?)")?;
        for Item { id, name, note } in &contents.items {
            insert.execute(params![id, name, note])?;
        }
        drop(insert);
        let mut insert = transaction.prepare_cached("INSERT INTO aludel_bench_parent VALUES (?, ?)")?;
        for Parent { id, name } in &contents.parents {
            insert.execute(params![id, name])?;
        }
        drop(insert);
        let mut insert = transaction.prepare_cached("INSERT INTO aludel_bench_child VALUES (?, ?, ?)")?;
        for Child { id, parent_id, name } in &contents.children {
            insert.execute(params![id, parent_id, name])?;
        }
        drop(insert);
        let mut insert =
            transaction.prepare_cached("INSERT INTO aludel_bench_grandchild VALUES (?, ?, ?)")?;
        for Grandchild { id, child_id, name } in &contents.grandchildren {
            insert.execute(params![id, child_id, name])?;
        }
        drop(insert);
        let mut insert = transaction
            .prepare_cached("INSERT INTO aludel_bench_book VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")?;
        for it in &contents.books {
            insert.execute(params![
                it.id,
                it.title,
                it.author,
                it.publisher,
                it.isbn,
                it.language,
                it.summary,
                it.pages,
                it.stock,
                it.weight,
                it.rating,
                it.available,
            ])?;
        }
        drop(insert);
        transaction.commit()?;
        // Every sample begins at the head of the log, and writes over what is there, as SQLite does between its own checkpoints: no entrant
        // pays for another's checkpoint, nor for the growth of a file.
        connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(()))?;
        Ok(())
    }

    fn read(&mut self, entrant: &str) -> Result<Contents> {
        let connection = self.connection(entrant)?;
        Ok(Contents {
            items: all(connection, "SELECT * FROM aludel_bench_item ORDER BY id", item)?,
            parents: all(connection, "SELECT * FROM aludel_bench_parent ORDER BY id", parent)?,
            children: all(connection, "SELECT * FROM aludel_bench_child ORDER BY id", child)?,
            grandchildren: all(connection, "SELECT * FROM aludel_bench_grandchild ORDER BY id", grandchild)?,
            books: all(connection, "SELECT * FROM aludel_bench_book ORDER BY id", book)?,
        })
    }
}

fn all<T>(connection: &Connection, sql: &str, read: fn(&Row<'_>) -> rusqlite::Result<T>) -> Result<Vec<T>> {
    Ok(connection.prepare_cached(sql)?.query_map([], read)?.collect::<Result<_, _>>()?)
}

// Rows whose columns are in the order of the table.

pub fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    Ok(Item { id: row.get(0)?, name: row.get(1)?, note: row.get(2)? })
}

pub fn parent(row: &Row<'_>) -> rusqlite::Result<Parent> {
    Ok(Parent { id: row.get(0)?, name: row.get(1)? })
}

pub fn child(row: &Row<'_>) -> rusqlite::Result<Child> {
    Ok(Child { id: row.get(0)?, parent_id: row.get(1)?, name: row.get(2)? })
}

pub fn grandchild(row: &Row<'_>) -> rusqlite::Result<Grandchild> {
    Ok(Grandchild { id: row.get(0)?, child_id: row.get(1)?, name: row.get(2)? })
}

pub fn book(row: &Row<'_>) -> rusqlite::Result<Book> {
    Ok(Book {
        id: row.get(0)?,
        title: row.get(1)?,
        author: row.get(2)?,
        publisher: row.get(3)?,
        isbn: row.get(4)?,
        language: row.get(5)?,
        summary: row.get(6)?,
        pages: row.get(7)?,
        stock: row.get(8)?,
        weight: row.get(9)?,
        rating: row.get(10)?,
        available: row.get(11)?,
    })
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.connections.clear();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
