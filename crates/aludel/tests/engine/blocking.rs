//! Rules of the blocking API: the same on a thread of one's own, on one for blocking work, and on one of a runtime.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use aludel::blocking::{Engine, Session};
use aludel::prelude::*;
use aludel::{EngineBuilder, PoolMode, Result};

use crate::models::*;
use aludel_suite::{Database, Db, Outcome, on_each_database, refused};

type Rule = fn(Place) -> Outcome;

/// The database of a rule that blocks.
#[derive(Clone)]
struct Place {
    database: Database,
    url: String,
}

impl Place {
    fn builder(&self) -> EngineBuilder<Engine> {
        Engine::builder(&self.url)
    }

    /// Makes the table anew, with accounts of Ada (1) and Bob (2), 100 each.
    fn bank(&self) -> Result<Engine> {
        let engine = self.builder().build()?;
        let tables = Metadata::of((Account,));
        engine.drop_all(&tables)?;
        engine.create_all(&tables)?;
        let mut session = engine.session();
        session.add_all(["ada", "bob"].map(|owner| Account::builder().owner(owner).balance(100)));
        session.commit()?;
        Ok(engine)
    }
}

/// Runs a rule where programs block.
async fn everywhere(db: Db, rule: Rule) -> Outcome {
    let place = Place { database: db.database, url: db.url.clone() };
    let of_its_own = place.clone();
    thread::spawn(move || rule(of_its_own)).join().expect("the rule does not panic")?;
    let for_blocking_work = place.clone();
    tokio::task::spawn_blocking(move || rule(for_blocking_work)).await??;
    rule(place)
}

fn count(engine: &Engine) -> Result<i64> {
    engine.connect()?.scalar(select(func::count(Account::ID)))
}

fn connections(place: Place) -> Outcome {
    let engine = place.bank()?;
    let mut conn = engine.connect()?;
    conn.execute(
        insert(Account).values((0..700).map(|n| Account::builder().owner(format!("owner {n}")).balance(n))),
    )?;
    assert_eq!(conn.scalars(select(Account::OWNER).order_by(Account::ID)).first()?.as_deref(), Some("ada"));
    assert_eq!(
        conn.execute(select((Account::ID, Account::BALANCE)).filter(Account::ID.eq(1))).one()?,
        (1, 100)
    );
    assert_eq!(
        conn.execute(text!("SELECT owner FROM accounts WHERE id = :id", id = 2))
            .one()?
            .get::<String>("owner")?,
        "bob"
    );
    assert_eq!(
        conn.execute(text!("UPDATE accounts SET balance = 1 WHERE id = :id", id = 2)).run()?.rows_affected,
        1
    );
    let (all, done) = conn.together((select(Account::ID), update(Account).set(Account::BALANCE, 2)))?;
    assert_eq!((all.len(), done.rows_affected), (702, 702));
    let ids: Vec<i64> = conn.scalars(select(Account::ID)).stream().collect::<Result<_>>()?;
    assert_eq!(ids.len(), 702);
    let parts = conn.scalars(select(Account::ID)).stream().partitions(500);
    assert_eq!(parts.map(|part| part.map(|it| it.len())).collect::<Result<Vec<_>>>()?, [500, 202]);
    drop(conn.scalars(select(Account)).stream().next());
    let mut tx = conn.begin()?;
    tx.execute(delete(Account))?;
    let mut nested = tx.begin_nested()?;
    refused(nested.execute(text!("SELECT nothing")).all(), ErrorKind::Database);
    nested.rollback()?;
    tx.commit()?;
    assert_eq!(count(&engine)?, 0);
    Ok(())
}

fn sessions(place: Place) -> Outcome {
    let engine = place.bank()?;
    let mut session: Session = engine.session();
    let kim = session.insert(Account::builder().owner("kim").balance(1))?;
    assert_eq!(session[kim].id, 3);
    let ada: Obj<Account> = session.get_one(1)?;
    session[ada].balance = 50;
    session.commit()?;
    session.refresh(ada)?;
    session.refresh_with(ada, |it| it.only(Account::BALANCE))?;
    assert_eq!(session.get_with::<Account>(1, |get| get.for_update())?, Some(ada));
    for account in session.scalars(select(Account)).all_mut()? {
        account.balance += 1;
    }
    let mut nested = session.begin_nested()?;
    nested.delete(ada);
    nested.flush()?;
    nested.rollback()?;
    session.commit()?;
    let sum = select(func::sum(Account::BALANCE));
    assert_eq!(session.scalar(sum)?, Some(154));
    let mut quiet = session.no_autoflush();
    quiet.add(Account::builder().owner("lou").balance(0));
    assert_eq!(quiet.scalar(select(func::count(Account::ID)))?, 3);
    drop(quiet);
    assert_eq!(session.execute(update(Account).set(Account::BALANCE, 0))?.rows_affected, 4);
    session.rollback()?;
    let merged = session.merge(Account::builder().id(2).owner("bob").balance(7))?;
    session.commit()?;
    assert_eq!(session[merged].balance, 7);
    session.close()?;
    assert_eq!(session.get::<Account>(9)?, None);
    Ok(())
}

fn dropped(place: Place) -> Outcome {
    let engine = place.bank()?;
    let other = place.builder().pool_mode(PoolMode::Null).build()?;
    let mut conn = engine.connect()?;
    let mut tx = conn.begin()?;
    tx.execute(update(Account).filter(Account::ID.eq(1)).set(Account::BALANCE, 0))?;
    drop(tx);
    drop(conn);
    let mut session = engine.session();
    let bob = session.get_one::<Account>(2)?;
    session[bob].balance = 0;
    session.flush()?;
    drop(session);
    assert_eq!(engine.status().in_use, 0);
    // Nobody holds a lock on any of it.
    assert_eq!(
        other.connect()?.execute(update(Account).set(Account::BALANCE, Account::BALANCE + 1))?.rows_affected,
        2
    );
    assert_eq!(other.connect()?.scalars(select(Account::BALANCE)).all()?, [101, 101]);
    drop(engine.connect()?);
    Ok(())
}

fn waiting(place: Place) -> Outcome {
    place.bank()?;
    let engine =
        place.builder().pool_size(1).max_overflow(0).pool_timeout(Duration::from_millis(100)).build()?;
    let held = engine.connect()?;
    refused(engine.connect().map(drop), ErrorKind::PoolTimeout);
    drop(held);
    let engine = place.builder().pool_size(1).max_overflow(0).build()?;
    let held = engine.connect()?;
    let waiter = {
        let engine = engine.clone();
        thread::spawn(move || engine.connect().map(drop))
    };
    while engine.status().waiting == 0 {
        thread::yield_now();
    }
    drop(held);
    waiter.join().expect("it does not panic")?;
    Ok(())
}

fn threads(place: Place) -> Outcome {
    let engine = place.bank()?;
    let workers: Vec<_> = (0..8)
        .map(|_| {
            let engine = engine.clone();
            thread::spawn(move || -> Result<()> {
                for _ in 0..10 {
                    let mut conn = engine.connect()?;
                    let mut tx = conn.begin()?;
                    tx.execute(
                        update(Account).filter(Account::ID.eq(1)).set(Account::BALANCE, Account::BALANCE + 1),
                    )?;
                    tx.commit()?;
                }
                Ok(())
            })
        })
        .collect();
    for worker in workers {
        worker.join().expect("it does not panic")?;
    }
    assert_eq!(engine.connect()?.scalar(select(Account::BALANCE).filter(Account::ID.eq(1)))?, 180);
    assert_eq!(engine.shared().ask(select(Account::ID).order_by(Account::ID))?, [(1,), (2,)]);
    Ok(())
}

/// The number of threads of this process.
fn threads_now() -> usize {
    fs::read_dir("/proc/self/task").expect("Linux tells the threads of a process").count()
}

fn no_thread(place: Place) -> Outcome {
    assert_eq!(place.database, Database::Sqlite);
    let before = threads_now();
    connections(place.clone())?;
    sessions(place)?;
    assert_eq!(threads_now(), before);
    Ok(())
}

on_each_database! {
    async fn connections_and_transactions_block(db: Db) {
        everywhere(db, connections).await?;
    }

    async fn sessions_block(db: Db) {
        everywhere(db, sessions).await?;
    }

    async fn what_is_dropped_is_rolled_back_when_the_drop_is_over(db: Db) {
        everywhere(db, dropped).await?;
    }

    async fn a_wait_for_a_connection_ends_in_time(db: Db) {
        everywhere(db, waiting).await?;
    }

    async fn threads_share_an_engine_that_blocks(db: Db) {
        everywhere(db, threads).await?;
    }

    #[only(sqlite, "servers need a socket, and a runtime for it")]
    async fn all_runs_on_the_calling_thread(db: Db) {
        let place = Place { database: db.database, url: db.url.clone() };
        // What the suite has begun in the background is over then.
        tokio::time::sleep(Duration::from_millis(100)).await;
        thread::spawn(move || no_thread(place)).join().expect("the rule does not panic")?;
    }
}

/// A new async function of engine, connection or session needs its twin in `aludel::blocking`.
#[test]
fn every_async_function_of_engine_connection_and_session_has_a_twin_that_blocks() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut twins = String::new();
    read_into(&mut twins, &crates.join("aludel/src/blocking"));
    let is_there =
        |name: &str| twins.contains(&format!("pub fn {name}<")) || twins.contains(&format!("pub fn {name}("));
    let mut missing = BTreeSet::new();
    for file in [
        "aludel-engine/src/engine",
        "aludel-engine/src/connection.rs",
        "aludel-engine/src/copy.rs",
        "aludel-engine/src/notifications.rs",
        "aludel-engine/src/transaction.rs",
        "aludel-engine/src/together.rs",
        "aludel-engine/src/stream.rs",
        "aludel-engine/src/two_phase.rs",
        "aludel/src/engine.rs",
        "aludel-orm/src/session",
    ] {
        let mut source = String::new();
        read_into(&mut source, &crates.join(file));
        for name in async_functions(&source) {
            if !is_there(&name) {
                missing.insert(format!("{name} of {file}"));
            }
        }
    }
    // Whoever blocks has iterators, not streams.
    missing.remove("copy_in_stream of aludel-engine/src/copy.rs");
    // Methods of iterators, and one for layers that borrow in the name of others.
    missing.remove("next of aludel-engine/src/stream.rs");
    missing.remove("next of aludel-orm/src/session");
    missing.remove("connect_at of aludel-engine/src/engine");
    assert!(missing.is_empty(), "without a twin in `aludel::blocking`: {missing:?}");
}

/// Names the public functions whose results are awaited.
fn async_functions(source: &str) -> BTreeSet<String> {
    let awaited: Vec<&str> = source
        .split("IntoFuture for ")
        .skip(1)
        .filter_map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next())
        .collect();
    let mut names = BTreeSet::new();
    for (at, _) in source.match_indices("pub fn ").chain(source.match_indices("pub async fn ")) {
        let signature = source[at..].split(['{', ';']).next().unwrap_or_default();
        let (before, answer) = signature.split_once("->").unwrap_or((signature, ""));
        let answer = answer.trim();
        let is_awaited = before.starts_with("pub async")
            || answer.starts_with("impl Future")
            || answer.starts_with("BoxFuture")
            || awaited.iter().any(|it| answer.starts_with(&format!("{it}<")));
        if is_awaited && let Some(name) = before.split("fn ").nth(1) {
            let name: String = name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !name.is_empty() {
                names.insert(name);
            }
        }
    }
    names
}

fn read_into(text: &mut String, path: &Path) {
    if path.is_dir() {
        let entries = fs::read_dir(path).unwrap();
        entries.for_each(|entry| read_into(text, &entry.unwrap().path()));
        let file = path.with_extension("rs");
        if file.is_file() {
            text.push_str(&fs::read_to_string(file).unwrap());
        }
    } else {
        text.push_str(&fs::read_to_string(path).unwrap());
    }
}
