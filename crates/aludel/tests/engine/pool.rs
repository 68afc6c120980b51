//! The pool on real servers; `aludel-engine`'s own tests have its rules one by one, on a driver that does as it is told.

use std::time::Duration;

use crate::models::*;
use aludel::prelude::*;
use aludel::{PoolMode, ResetOnReturn};
use aludel_suite::{Database, Db, interrupted, on_each_database, refused};

/// Asks the server for the number of this connection.
async fn number(conn: &mut Connection, db: &Db) -> aludel::Result<i64> {
    let sql = db.pick("", "SELECT pg_backend_pid()", "SELECT connection_id()");
    conn.execute(text_unchecked(sql)).one().await?.at(0)
}

/// Ends connections as an administrator would, and waits until they are gone.
async fn end(db: &Db, numbers: &[i64]) -> aludel::Result<()> {
    let admin = db.other();
    let mut conn = admin.connect().await?;
    for number in numbers {
        let kill = match db.database {
            Database::MariaDb => format!("KILL {number}"),
            _ => format!("SELECT pg_terminate_backend({number}, 5000)"),
        };
        conn.run_plain(&[&kill]).await?;
        let living = match db.database {
            Database::MariaDb => "SELECT count(*) FROM information_schema.processlist WHERE id = ",
            _ => "SELECT count(*) FROM pg_stat_activity WHERE pid = ",
        };
        while conn.execute(text_unchecked(format!("{living}{number}"))).one().await?.at::<i64>(0)? > 0 {
            tokio::task::yield_now().await;
        }
    }
    Ok(())
}

/// Lends several connections at once and returns their numbers.
async fn numbers(engine: &Engine, db: &Db, count: usize) -> aludel::Result<Vec<i64>> {
    let mut conns = Vec::new();
    for _ in 0..count {
        conns.push(engine.connect().await?);
    }
    let mut numbers = Vec::new();
    for conn in &mut conns {
        numbers.push(number(conn, db).await?);
    }
    Ok(numbers)
}

on_each_database! {
    /// Case 9 of the catalogue. A connection that was used a moment ago is not asked, so that the rule takes a second.
    #[except(sqlite, "nobody else can end its connections")]
    async fn pre_ping_replaces_what_the_server_has_ended(db: Db) {
        let engine = db.builder().pool_size(3).pool_pre_ping(true).build()?;
        let before = numbers(&engine, &db, 3).await?;
        tokio::time::sleep(Duration::from_millis(1_050)).await;
        end(&db, &before[..1]).await?;
        let mut conn = engine.connect().await?;
        let now = number(&mut conn, &db).await?;
        assert!(!before.contains(&now), "one dead connection condemns all that were opened before it");
        assert_eq!((engine.status().idle, engine.status().in_use), (0, 1));
    }

    /// The server has rolled back what was open there. Whoever goes on after an error is not held up by another one.
    #[except(sqlite, "it has no server")]
    async fn a_rollback_on_a_connection_that_is_known_to_be_lost_is_done(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let lost = number(&mut conn, &db).await?;
        let mut tx = conn.begin().await?;
        tx.execute(open("kim")).await?;
        end(&db, &[lost]).await?;
        refused(tx.execute(open("lou")).await, ErrorKind::Disconnected);
        tx.rollback().await?;
        refused(conn.execute(open("max")).await, ErrorKind::Disconnected);
        drop(conn);

        let mut session = db.session();
        session.insert(Account::builder().owner("nan").balance(0)).await?;
        let sql = db.pick("", "SELECT pg_backend_pid()", "SELECT connection_id()");
        let lost = session.execute(text_unchecked(sql)).one().await?.at(0)?;
        end(&db, &[lost]).await?;
        refused(session.scalars(select(Account)).all().await, ErrorKind::Disconnected);
        session.rollback().await?;
        session.add(Account::builder().owner("oda").balance(0));
        session.commit().await?;
        assert_eq!(owners(&db).await?, "ada bob oda");
    }

    /// Case 10 of the catalogue.
    #[except(sqlite, "it has no server")]
    async fn connections_that_died_with_the_server_give_each_borrower_one_error_at_most(db: Db) {
        let engine = db.builder().pool_size(6).build()?;
        let mut held = Vec::new();
        for _ in 0..3 {
            held.push(engine.connect().await?);
        }
        let idle = numbers(&engine, &db, 3).await?;
        let mut all = idle.clone();
        for conn in &mut held {
            all.push(number(conn, &db).await?);
        }
        end(&db, &all).await?;
        for mut conn in held {
            refused(conn.run_plain(&["SELECT 1"]).await, ErrorKind::Disconnected);
        }
        for _ in 0..6 {
            engine.ping().await?;
        }
        let mut conn = engine.connect().await?;
        assert!(!all.contains(&number(&mut conn, &db).await?));
    }

    /// Case 18 of the catalogue: what is left of a session goes as far as one has asked for.
    async fn a_full_reset_leaves_nothing_of_a_session(db: Db) {
        let leave = match db.database {
            Database::Sqlite => ["CREATE TEMPORARY TABLE mine (id INTEGER)", "PRAGMA cache_size = 77", "PRAGMA recursive_triggers = ON"],
            Database::Postgres => ["CREATE TEMPORARY TABLE mine (id integer)", "SET application_name = 'left'", "SELECT pg_advisory_lock(7)"],
            Database::MariaDb => ["CREATE TEMPORARY TABLE mine (id INTEGER)", "SET @left = 1, lc_time_names = 'de_DE'", "DO get_lock('left', 0)"],
        };
        let probe = db.pick(
            "SELECT cache_size = 77 OR EXISTS (SELECT 1 FROM pragma_recursive_triggers WHERE recursive_triggers = 1) FROM pragma_cache_size",
            "SELECT (current_setting('application_name') = 'left' OR EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()))::int",
            "SELECT @left IS NOT NULL OR @@lc_time_names = 'de_DE' OR coalesce(is_used_lock('left') = connection_id(), FALSE)",
        );
        for (reset, left) in [(ResetOnReturn::Rollback, true), (ResetOnReturn::Full, false)] {
            let engine = db.builder().pool_size(1).max_overflow(0).pool_reset_on_return(reset).build()?;
            let mut conn = engine.connect().await?;
            conn.run_plain(&leave).await?;
            conn.release().await;
            let mut conn = engine.connect().await?;
            assert_eq!(conn.execute(text_unchecked(probe)).one().await?.at::<i64>(0)? != 0, left, "{reset:?}");
            assert_eq!(conn.run_plain(&["SELECT * FROM mine"]).await.is_ok(), left, "{reset:?}");
            // What every connection must have is set again, and a statement that was prepared is prepared again.
            let zone = db.pick("SELECT 'UTC'", "SHOW timezone", "SELECT @@time_zone");
            assert_eq!(conn.execute(text_unchecked(zone)).one().await?.at::<String>(0)?, db.pick("UTC", "UTC", "+00:00"));
            for n in 0..3_i64 {
                assert_eq!(conn.execute(text!("SELECT 1 + :n AS n", n = n)).one().await?.get::<i64>("n")?, n + 1);
                if n == 1 {
                    conn.release().await;
                    conn = engine.connect().await?;
                }
            }
            engine.dispose().await;
        }
    }

    #[only(mariadb, "a session can leave its database there only")]
    async fn a_full_reset_goes_back_to_the_database_of_the_url(db: Db) {
        let engine = db.builder().pool_size(1).max_overflow(0).pool_reset_on_return(ResetOnReturn::Full).build()?;
        let mut conn = engine.connect().await?;
        let here: String = conn.execute(text_unchecked("SELECT database()")).one().await?.at(0)?;
        let before = number(&mut conn, &db).await?;
        conn.run_plain(&["USE information_schema"]).await?;
        conn.release().await;
        let mut conn = engine.connect().await?;
        assert_eq!(conn.execute(text_unchecked("SELECT database()")).one().await?.at::<String>(0)?, here);
        assert_eq!(number(&mut conn, &db).await?, before, "it is the same connection");
    }

    async fn an_open_transaction_is_not_lent_on_whatever_is_reset(db: Db) {
        db.run("CREATE TABLE t (a INTEGER)").await?;
        for reset in [ResetOnReturn::Rollback, ResetOnReturn::None, ResetOnReturn::Full] {
            let engine = db.builder().pool_size(1).max_overflow(0).pool_reset_on_return(reset).build()?;
            let mut conn = engine.connect().await?;
            let mut tx = conn.begin().await?;
            tx.run_plain(&["INSERT INTO t VALUES (1)"]).await?;
            drop(tx);
            drop(conn);
            assert!(!engine.connect().await?.in_transaction());
            assert_eq!(db.count("t").await?, 0, "{reset:?}");
        }
    }

    async fn a_closed_engine_lets_those_who_hold_a_connection_finish(db: Db) {
        db.run("CREATE TABLE t (a INTEGER)").await?;
        let engine = db.other();
        let mut conn = engine.connect().await?;
        let mut tx = conn.begin().await?;
        tx.run_plain(&["INSERT INTO t VALUES (1)"]).await?;
        let closing = tokio::spawn({
            let engine = engine.clone();
            async move { engine.close(Duration::from_secs(60)).await }
        });
        while engine.pool().acquire().await.is_ok() {
            tokio::task::yield_now().await;
        }
        tx.commit().await?;
        conn.release().await;
        closing.await??;
        assert_eq!(db.count("t").await?, 1);
        let error = refused(engine.connect().await, ErrorKind::State);
        assert!(error.to_string().contains("the pool is closed"), "{error}");
    }

    /// Case 15 of the catalogue.
    async fn after_a_burst_the_pool_is_back_at_its_size(db: Db) {
        let engine = db.builder().pool_size(2).max_overflow(6).build()?;
        let tasks: Vec<_> = (0..64)
            .map(|_| {
                let engine = engine.clone();
                tokio::spawn(async move { engine.ping().await })
            })
            .collect();
        for task in tasks {
            task.await??;
        }
        assert_eq!((engine.status().idle, engine.status().in_use, engine.status().waiting), (2, 0, 0));
    }

    async fn tasks_that_are_cancelled_at_random_lose_no_connection(db: Db) {
        // Not a matter of how fast the machine is: the last one waits for all others.
        let engine = db.builder().pool_size(10).max_overflow(0).pool_timeout(Duration::from_secs(600)).build()?;
        db.run("CREATE TABLE t (a INTEGER)").await?;
        let tasks: Vec<_> = (0..10_000_usize)
            .map(|n| {
                let engine = engine.clone();
                tokio::spawn(async move {
                    // Every third runs to its end; the others are dropped after a few polls, wherever they are.
                    let polls = if n % 3 == 0 { usize::MAX } else { n * 7919 % 23 };
                    let work = async {
                        let mut conn = engine.connect().await?;
                        let mut tx = conn.begin().await?;
                        tx.run_plain(&["INSERT INTO t VALUES (1)"]).await?;
                        if n % 2 == 0 { tx.commit().await } else { tx.rollback().await }
                    };
                    interrupted(polls, work).await.unwrap_or(Ok(()))
                })
            })
            .collect();
        for task in tasks {
            task.await??;
        }
        // Rollbacks and closings may still be under way.
        let mut all = Vec::new();
        for _ in 0..10 {
            all.push(engine.connect().await?);
        }
        assert_eq!((engine.status().in_use, engine.status().waiting), (10, 0));
        for conn in &mut all {
            assert!(!conn.in_transaction());
            conn.run_plain(&["SELECT 1"]).await?;
        }
    }

    /// Case 8 of the catalogue.
    async fn a_runtime_that_shuts_down_with_sessions_open_neither_hangs_nor_loses_a_slot(db: Db) {
        db.run("CREATE TABLE t (a INTEGER)").await?;
        let engine = db.builder().pool_size(4).build()?;
        let shut_down = {
            let engine = engine.clone();
            move || {
                for threads in [0, 2] {
                    let mut builder = match threads {
                        0 => tokio::runtime::Builder::new_current_thread(),
                        _ => tokio::runtime::Builder::new_multi_thread(),
                    };
                    let runtime = builder.enable_all().build().expect("a runtime can be built");
                    let (begun, wait) = tokio::sync::oneshot::channel();
                    let shared = engine.clone();
                    runtime.spawn(async move {
                        let mut idle = shared.connect().await.unwrap();
                        idle.run_plain(&["SELECT 1"]).await.unwrap();
                        let mut conn = shared.connect().await.unwrap();
                        let mut tx = conn.begin().await.unwrap();
                        tx.run_plain(&["INSERT INTO t VALUES (1)"]).await.unwrap();
                        begun.send(()).unwrap();
                        std::future::pending::<()>().await;
                    });
                    runtime.block_on(wait).unwrap();
                    drop(runtime);
                    assert_eq!(engine.status().in_use, 0);
                }
            }
        };
        tokio::task::spawn_blocking(shut_down).await?;
        // The locks are free, and connections of the runtimes that are gone are not lent.
        for _ in 0..3 {
            let mut conn = engine.connect().await?;
            conn.run_plain(&["INSERT INTO t VALUES (2)"]).await?;
        }
        assert_eq!(db.value::<i64>("SELECT min(a) FROM t").await?, 2);
    }

    /// Case 19 of the catalogue.
    #[except(sqlite, "its connections need no runtime")]
    async fn a_connection_moved_from_a_runtime_that_is_gone_says_so(db: Db) {
        let engine = db.other();
        let mut conn = tokio::task::spawn_blocking({
            let engine = engine.clone();
            move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async { engine.connect().await.unwrap() })
            }
        })
        .await?;
        let error = refused(conn.run_plain(&["SELECT 1"]).await, ErrorKind::Disconnected);
        assert!(error.to_string().contains("another Tokio runtime"), "{error}");
        drop(conn);
        engine.ping().await?;
    }

    #[only(sqlite, "its connections need no runtime")]
    async fn a_connection_to_a_file_works_on_any_runtime(db: Db) {
        let engine = db.other();
        let mut conn = tokio::task::spawn_blocking({
            let engine = engine.clone();
            move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(async { engine.connect().await.unwrap() })
            }
        })
        .await?;
        conn.run_plain(&["CREATE TABLE t (a INTEGER)", "INSERT INTO t VALUES (1)"]).await?;
        assert_eq!(db.count("t").await?, 1);
    }

    async fn a_single_connection_serves_tasks_in_turn(db: Db) {
        let engine = db.builder().pool_mode(PoolMode::Single).build()?;
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let engine = engine.clone();
                tokio::spawn(async move { engine.ping().await })
            })
            .collect();
        for task in tasks {
            task.await??;
        }
        assert_eq!((engine.status().idle, engine.status().size), (1, 1));
    }
}
