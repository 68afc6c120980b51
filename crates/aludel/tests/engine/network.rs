//! Rules of networks that fail, shown by a proxy between the engine and the server.

use std::collections::BTreeMap;
use std::time::Duration;

use aludel::Result;
use aludel::prelude::*;

use crate::models::*;
use crate::units_of_work::{by_connection, by_session, was_whole};
use aludel_suite::{Db, Outcome, long, on_each_database, refused};
use aludel_testing::proxy::{Fault, Harm, Proxy, Way};

/// An engine with one connection, by way of the proxy.
fn through(proxy: &Proxy) -> Result<Engine> {
    Engine::builder(&proxy.url()).pool_size(1).max_overflow(0).build()
}

/// Asks until the answer is this number.
async fn reaches(db: &Db, sql: &str, number: i64) -> Outcome {
    let other = db.other();
    let mut conn = other.connect().await?;
    while conn.execute(text_unchecked(sql)).one().await?.at::<i64>(0)? != number {
        tokio::task::yield_now().await;
    }
    Ok(())
}

async fn is_well(engine: &Engine) -> Outcome {
    let mut conn = engine.connect().await?;
    assert!(!conn.in_transaction());
    assert_eq!(conn.execute(text!("SELECT 1 + :n AS n", n = 7_i64)).one().await?.get::<i64>("n")?, 8);
    conn.release().await;
    assert_eq!((engine.status().in_use, engine.status().waiting), (0, 0));
    Ok(())
}

/// The connection that comes back may be lost already, which shows when it is used, once.
async fn is_well_after_one_error(engine: &Engine) -> Outcome {
    let _ = engine.ping().await;
    is_well(engine).await
}

on_each_database! {
    /// Case 3. Whichever message is lost, and whichever way it goes: the work was done, or it was not, or the error says that nobody knows; and it
    /// is not tried again.
    #[except(sqlite, "it has no network")]
    async fn a_connection_cut_at_any_message_never_does_half_of_the_work(db: Db) {
        bank(&db).await?;
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for way in [Way::ToServer, Way::ToClient] {
            for harm in [Harm::Cut, Harm::CutBehind, Harm::Truncate(5)] {
                for after in 0.. {
                    let proxy = Proxy::start(db.database, &db.url).await;
                    let engine = through(&proxy)?;
                    proxy.inject(Fault { way, after, harm });
                    let marker = format!("{way:?} {harm:?} {after}");
                    let outcome = if after % 2 == 0 { by_session(&engine, &marker).await } else { by_connection(&engine, &marker).await };
                    was_whole(&db, &marker, &outcome).await?;
                    let kind = outcome.as_ref().map_or_else(|error| format!("{:?}", error.kind()), |()| "Ok".to_owned());
                    *kinds.entry(kind).or_default() += 1;
                    let done = proxy.heal();
                    is_well_after_one_error(&engine).await?;
                    if !done {
                        break;
                    }
                }
            }
        }
        assert!(kinds.contains_key("CommitOutcomeUnknown") && kinds.contains_key("Disconnected"), "{kinds:?}");
        assert!(kinds.keys().all(|it| ["CommitOutcomeUnknown", "Disconnected", "Ok"].contains(&it.as_str())), "{kinds:?}");
    }

    /// Case 1. The answer to BEGIN and what travels with it is held back, and nobody waits for it any more.
    #[except(sqlite, "it has no network")]
    async fn a_transaction_given_up_while_it_begins_is_not_the_next_borrowers(db: Db) {
        bank(&db).await?;
        let proxy = Proxy::start(db.database, &db.url).await;
        let engine = through(&proxy)?;
        let mut conn = engine.connect().await?;
        proxy.inject(Fault { way: Way::ToClient, after: 0, harm: Harm::Stall });
        {
            let mut tx = conn.begin().await?;
            let mut beginning = Box::pin(tx.execute(update(Account).set(Account::BALANCE, 0)).into_future());
            tokio::select! {
                done = &mut beginning => panic!("its answer is held back: {done:?}"),
                () = proxy.done() => {}
            }
        }
        drop(conn);
        proxy.release();
        is_well(&engine).await?;
        // Nobody holds a lock, and nothing was kept.
        db.run("UPDATE accounts SET balance = balance + 1").await?;
        assert_eq!(db.value::<i64>("SELECT count(*) FROM accounts WHERE balance = 101").await?, 2);
    }

    /// Case 5. Of a million rows ten are read: the rest neither crosses the network nor reaches the next borrower.
    #[except(sqlite, "it has no network")]
    async fn a_stream_that_is_dropped_is_not_read_to_its_end(db: Db) {
        let proxy = Proxy::start(db.database, &db.url).await;
        let engine = through(&proxy)?;
        let million = db.pick("", "SELECT repeat('x', 100) AS x FROM generate_series(1, 1000000)", "SELECT repeat('x', 100) AS x FROM seq_1_to_1000000");
        {
            let mut conn = engine.connect().await?;
            let mut rows = conn.execute(text_unchecked(million)).stream();
            for _ in 0..10 {
                assert_eq!(rows.next().await?.map(|row| row.at::<String>(0)).transpose()?.map(|it| it.len()), Some(100));
            }
        }
        is_well(&engine).await?;
        assert!(proxy.bytes(Way::ToClient) < 50_000_000, "{} bytes", proxy.bytes(Way::ToClient));
    }

    /// Case 11. The peer is gone without a word: whoever borrows the connection is given another one when its ping is not answered.
    #[except(sqlite, "it has no network")]
    async fn a_connection_whose_peer_has_vanished_is_replaced_by_pre_ping(db: Db) {
        let proxy = Proxy::start(db.database, &db.url).await;
        let engine = Engine::builder(&proxy.url()).pool_size(1).max_overflow(0).pool_pre_ping(true).build()?;
        engine.ping().await?;
        // A connection that was used a moment ago is not asked.
        tokio::time::sleep(Duration::from_millis(1_050)).await;
        proxy.inject(Fault { way: Way::ToServer, after: 0, harm: Harm::Vanish });
        is_well(&engine).await?;
        assert!(proxy.is_done());
        assert!(proxy.connections() >= 2);
    }

    /// Case 20. Answers with bits that have changed are errors, or other values; never a panic, and never a wait without an end.
    #[except(sqlite, "it has no network")]
    async fn answers_with_changed_bits_are_survived(db: Db) {
        bank(&db).await?;
        for seed in 0..if long() { 2_000 } else { 40 } {
            let proxy = Proxy::start(db.database, &db.url).await;
            let engine = through(&proxy)?;
            proxy.inject(Fault { way: Way::ToClient, after: seed as usize % 25, harm: Harm::Mutate(seed) });
            for _ in 0..3 {
                let Ok(mut conn) = engine.connect().await else { continue };
                let _ = conn.scalars(select(Account)).all().await;
                let _ = conn.execute(select((Account::ID, Account::OWNER, Account::BALANCE))).all().await;
            }
            assert!(proxy.is_done(), "{seed}");
            engine.ping().await?;
        }
        assert_eq!(db.count("accounts").await?, 2);
    }

    /// Case 20. An answer that comes twice belongs to no question, and is not taken for the answer to the next one.
    #[except(sqlite, "it has no network")]
    async fn an_answer_that_comes_twice_answers_no_other_question(db: Db) {
        for after in 0.. {
            let proxy = Proxy::start(db.database, &db.url).await;
            let engine = through(&proxy)?;
            let mut conn = engine.connect().await?;
            proxy.inject(Fault { way: Way::ToClient, after, harm: Harm::Duplicate });
            for n in 0..5_i64 {
                match conn.execute(text!("SELECT :n AS n", n = n)).all().await {
                    Ok(rows) => {
                        let numbers: Vec<i64> = rows.iter().map(|row| row.get("n")).collect::<Result<_>>()?;
                        assert!(numbers.iter().all(|it| *it == n), "{after}: {numbers:?} for {n}");
                    }
                    Err(error) => assert!(matches!(error.kind(), ErrorKind::Disconnected | ErrorKind::Protocol), "{after}: {error}"),
                }
            }
            drop(conn);
            let done = proxy.heal();
            is_well_after_one_error(&engine).await?;
            if !done {
                break;
            }
        }
    }

    /// Case 4. Whoever comes next does not wait for the statement, and the server stops it.
    #[except(sqlite, "it has no network")]
    async fn a_statement_whose_answer_nobody_waits_for_is_stopped(db: Db) {
        let (slow, running) = db.pick(("", ""), (
            "SELECT pg_sleep(600)::text AS it",
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE '%sleep(600)%' AND pid <> pg_backend_pid()",
        ), (
            "SELECT sleep(600) AS it",
            "SELECT count(*) FROM information_schema.processlist WHERE db = database() AND info LIKE '%sleep(600)%' AND id <> connection_id()",
        ));
        let proxy = Proxy::start(db.database, &db.url).await;
        let engine = through(&proxy)?;
        let mut conn = engine.connect().await?;
        let mut waiting = Box::pin(conn.execute(text_unchecked(slow)).all());
        tokio::select! {
            done = &mut waiting => panic!("it must not end: {done:?}"),
            seen = reaches(&db, running, 1) => seen?,
        }
        drop(waiting);
        drop(conn);
        is_well(&engine).await?;
        reaches(&db, running, 0).await?;
    }

    /// Case 16. A server that cannot be reached is an error that says where one has looked, not a wait without an end.
    #[except(sqlite, "it has no network")]
    async fn a_server_that_hangs_up_at_once_is_a_lost_connection(db: Db) {
        let proxy = Proxy::start(db.database, &db.url).await;
        let engine = through(&proxy)?;
        proxy.inject(Fault { way: Way::ToClient, after: 0, harm: Harm::Cut });
        let error = refused(engine.ping().await, ErrorKind::Disconnected);
        assert!(error.to_string().contains("127.0.0.1"), "{error}");
        engine.ping().await?;
    }
}
