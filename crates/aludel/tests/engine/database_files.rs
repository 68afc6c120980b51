//! Rules of SQLite's files; most of them are tests of the driver.

use std::fs;
use std::path::PathBuf;

use aludel::prelude::*;

use crate::log::Log;
use crate::models::*;
use aludel_suite::{Db, on_each_database};

/// Where the file of the database is.
fn path(db: &Db) -> PathBuf {
    PathBuf::from(db.url.strip_prefix("sqlite:///").expect("it is SQLite"))
}

on_each_database! {
    /// Case 105.
    #[only(sqlite, "servers look after their logs themselves")]
    async fn a_log_that_a_reader_keeps_from_being_written_back_is_warned_of(db: Db) {
        let log = Log::install();
        let engine = Engine::builder(&format!("{}?synchronous=NORMAL", db.url)).build()?;
        let mut conn = engine.connect().await?;
        // Small pages make a log of many frames of few bytes.
        conn.run_plain(&["PRAGMA journal_mode = DELETE", "PRAGMA page_size = 512", "VACUUM", "PRAGMA journal_mode = WAL"]).await?;
        conn.run_plain(&["CREATE TABLE t (a TEXT)", "INSERT INTO t VALUES ('x'), ('y')"]).await?;
        let mut reader = db.other().connect().await?;
        let mut reading = reader.begin_with(|o| o.isolation(aludel::Isolation::Snapshot).read_only(true)).await?;
        reading.execute(text!("SELECT a FROM t")).all().await?;
        let mut heard = String::new();
        for _ in 0..200 {
            conn.run_plain(&["INSERT INTO t VALUES (hex(zeroblob(50000)))"]).await?;
            heard += &log.take();
            if heard.contains("the write-ahead log grows") {
                return Ok(());
            }
            // The checkpoint runs beside.
            tokio::task::yield_now().await;
        }
        panic!("nobody was warned: {heard}");
    }

    /// Case 106. While it is open, a file that is deleted lives on for those who have it; after the engine has let go of it, another one
    /// takes its place.
    #[only(sqlite, "servers have their files for themselves")]
    async fn a_file_that_is_replaced_is_another_one_once_the_engine_was_disposed_of(db: Db) {
        bank(&db).await?;
        let path = path(&db);
        let mut conn = db.engine.connect().await?;
        assert_eq!(conn.scalar(select(func::count(Account::ID))).await?, 2);
        fs::remove_file(&path)?;
        conn.execute(open("lou")).await?;
        assert_eq!(conn.scalar(select(func::count(Account::ID))).await?, 3);
        conn.release().await;
        db.engine.dispose().await;
        // What the deleted file has left belongs to no other.
        for left in ["db-wal", "db-shm"] {
            let _ = fs::remove_file(path.with_extension(left));
        }
        db.engine.create_all(&Metadata::of((Account,))).await?;
        db.engine.connect().await?.execute(open("kim")).await?;
        assert_eq!(owners(&db).await?, "kim");
    }
}
