//! Rules of clients and servers that are killed: whatever was acknowledged is there, and nothing is there by halves.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use aludel::prelude::*;

use crate::models::*;
use crate::units_of_work::{by_connection, by_session};
use aludel_suite::{Database, Db, Outcome, Place, long, on_each_database};
use aludel_testing::PrivateServer;

/// How often something is killed.
fn rounds(short: usize) -> usize {
    if long() { 200 } else { short }
}

/// Each transfer of 10 from Ada to Bob is there with its marker, or nothing of it; and all that must be there is.
async fn is_whole(db: &Db, acknowledged: &BTreeSet<String>, refused: &BTreeSet<String>) -> Outcome {
    let other = db.other();
    let mut conn = other.connect().await?;
    // Whoever was killed may hold locks for a moment.
    conn.run_plain(&["UPDATE accounts SET balance = balance"]).await?;
    let accounts = conn.scalars(select(Account)).all().await?;
    let balance = |owner: &str| accounts.iter().find(|it| it.owner == owner).map(|it| it.balance);
    let markers: BTreeSet<String> =
        accounts.iter().map(|it| it.owner.clone()).filter(|it| !matches!(&**it, "ada" | "bob")).collect();
    let moved = 10 * markers.len() as i64;
    assert_eq!((balance("ada"), balance("bob")), (Some(100 - moved), Some(100 + moved)));
    let lost: Vec<_> = acknowledged.difference(&markers).collect();
    assert!(lost.is_empty(), "it was said that they were committed: {lost:?}");
    let kept: Vec<_> = refused.intersection(&markers).collect();
    assert!(kept.is_empty(), "it was said that they were not: {kept:?}");
    Ok(())
}

const CLIENT_OF: &str = "ALUDEL_TEST_CLIENT_OF";
const CLIENT_NAME: &str = "ALUDEL_TEST_CLIENT_NAME";

/// Not a rule by itself: the program that the rules below start and kill, where a variable says so.
#[test]
fn a_client_that_is_going_to_be_killed() {
    let (Ok(url), Ok(name)) = (std::env::var(CLIENT_OF), std::env::var(CLIENT_NAME)) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let engine = Engine::builder(&url).build().unwrap();
        for n in 0.. {
            let marker = format!("{name} {n}");
            if n % 2 == 0 {
                by_session(&engine, &marker).await.unwrap();
            } else {
                by_connection(&engine, &marker).await.unwrap();
            }
            println!("\ncommitted {marker}");
            std::io::stdout().flush().unwrap();
        }
    });
}

/// Starts the program above.
fn client(url: &str, name: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kills::a_client_that_is_going_to_be_killed", "--nocapture"])
        .env(CLIENT_OF, url)
        .env(CLIENT_NAME, name)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Kills a client after it has said so often that it has committed, and returns all that it has said.
fn killed(url: &str, name: &str, after: usize) -> BTreeSet<String> {
    let mut client = client(url, name);
    let lines = BufReader::new(client.stdout.take().unwrap()).lines().map_while(std::result::Result::ok);
    let mut committed = lines.filter_map(|it| it.strip_prefix("committed ").map(str::to_owned));
    let mut said: BTreeSet<String> = committed.by_ref().take(after).collect();
    client.kill().unwrap();
    // What was on its way.
    said.extend(committed);
    client.wait().unwrap();
    said
}

on_each_database! {
    /// Cases 23 and 103: `kill -9` of a client in the middle of its work.
    async fn a_client_that_is_killed_leaves_what_it_was_told_is_committed_and_no_half(db: Db) {
        bank(&db).await?;
        let mut acknowledged = BTreeSet::new();
        for round in 0..rounds(5) {
            let url = db.url.clone();
            let said = tokio::task::spawn_blocking(move || killed(&url, &format!("client {round}"), round * 7 % 20)).await?;
            acknowledged.extend(said);
            is_whole(&db, &acknowledged, &BTreeSet::new()).await?;
        }
        assert!(acknowledged.len() > 10);
        if db.database == Database::Sqlite {
            assert_eq!(db.value::<String>("PRAGMA integrity_check").await?, "ok");
        }
    }
}

/// What came of the units of work.
#[derive(Default)]
struct Told {
    committed: BTreeSet<String>,
    refused: BTreeSet<String>,
    unknown: usize,
}

/// Works until it is told to stop, and counts what was committed on a channel.
async fn work(engine: Engine, name: usize, stop: Arc<AtomicBool>, done: mpsc::Sender<()>) -> Told {
    let mut told = Told::default();
    for n in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let marker = format!("worker {name} {n}");
        match by_connection(&engine, &marker).await {
            Ok(()) => {
                told.committed.insert(marker);
                let _ = done.send(());
            }
            Err(error) if error.kind() == ErrorKind::CommitOutcomeUnknown => told.unknown += 1,
            Err(_) => {
                told.refused.insert(marker);
            }
        }
    }
    told
}

/// Kills the server while several work, and looks when it is back.
fn server_is_killed(database: Database) {
    let Some(mut server) = PrivateServer::start(database) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let place = Place::create(database, &server.url).await.unwrap();
        let engine = Engine::builder(&place.url).build().unwrap();
        let db = Db { database, engine, url: place.url.clone() };
        bank(&db).await.unwrap();
        let mut all = Told::default();
        for round in 0..rounds(3) {
            let stop = Arc::new(AtomicBool::new(false));
            let (sender, done) = mpsc::channel();
            let workers: Vec<_> = (0..3)
                .map(|n| {
                    tokio::spawn(work(db.engine.clone(), round * 3 + n, Arc::clone(&stop), sender.clone()))
                })
                .collect();
            drop(sender);
            server = tokio::task::spawn_blocking(move || {
                let wait = |times: usize| done.iter().take(times).count();
                wait(5 + round * 3 % 11);
                server.crash();
                // The engine has found new connections.
                while done.try_recv().is_ok() {}
                assert_eq!(wait(5), 5);
                server
            })
            .await
            .unwrap();
            stop.store(true, Ordering::Relaxed);
            for worker in workers {
                let told = worker.await.unwrap();
                all.committed.extend(told.committed);
                all.refused.extend(told.refused);
                all.unknown += told.unknown;
            }
            is_whole(&db, &all.committed, &all.refused).await.unwrap();
            assert_eq!((db.engine.status().in_use, db.engine.status().waiting), (0, 0));
        }
        assert!(!all.refused.is_empty() || all.unknown > 0, "the workers have noticed");
        db.engine.dispose().await;
    });
}

/// Cases 10 and 22: `kill -9` of the server in the middle of the work of several.
mod a_server_that_is_killed_has_all_that_it_has_acknowledged_and_no_half_when_it_is_back {
    use super::*;

    #[test]
    fn postgres() {
        server_is_killed(Database::Postgres);
    }

    #[test]
    fn mariadb() {
        server_is_killed(Database::MariaDb);
    }
}
