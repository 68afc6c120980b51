//! Rules of isolation, access and autocommit.

use aludel::prelude::*;
use aludel::{Isolation, driver::Status};

use crate::models::*;
use aludel_suite::{Db, on_each_database, refused};

fn pay(owner: &'static str, amount: i64) -> aludel::Update<Account> {
    update(Account).filter(Account::OWNER.eq(owner)).set(Account::BALANCE, Account::BALANCE + amount)
}

async fn balance(conn: &mut Connection, owner: &'static str) -> aludel::Result<i64> {
    conn.scalar(select(Account::BALANCE).filter(Account::OWNER.eq(owner))).await
}

async fn probed(conn: &mut Connection, sql: &'static str) -> aludel::Result<aludel::Value> {
    Ok(conn.execute(text_unchecked(sql)).one().await?.values()[0].clone())
}

on_each_database! {
    async fn a_snapshot_sees_one_moment(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin_with(|o| o.isolation(Isolation::Snapshot)).await?;
        assert_eq!(balance(&mut tx, "ada").await?, 100);
        db.other().connect().await?.execute(pay("ada", 5)).await?;
        assert_eq!(balance(&mut tx, "ada").await?, 100);
        tx.commit().await?;
        assert_eq!(balance(&mut conn, "ada").await?, 105);
    }

    #[except(sqlite, "there is one writer, and a transaction begins as one")]
    async fn each_statement_of_read_committed_sees_what_was_committed_before_it(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin_with(|o| o.isolation(Isolation::ReadCommitted)).await?;
        assert_eq!(balance(&mut tx, "ada").await?, 100);
        db.other().connect().await?.execute(pay("ada", 5)).await?;
        assert_eq!(balance(&mut tx, "ada").await?, 105);
        tx.commit().await?;
    }

    /// Case 26.
    async fn a_write_on_what_has_changed_since_the_snapshot_is_retryable(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin_with(|o| o.isolation(Isolation::Snapshot)).await?;
        assert_eq!(balance(&mut tx, "ada").await?, 100);
        db.other().connect().await?.execute(pay("ada", 5)).await?;
        let error = refused(tx.execute(pay("ada", 1)).await, ErrorKind::Serialization);
        assert!(error.is_retryable());
        drop(tx);
        conn.execute(pay("ada", 1)).await?;
        assert_eq!(balance(&mut conn, "ada").await?, 106);
    }

    /// Case 34.
    async fn a_read_only_transaction_refuses_to_write_and_says_where_to(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin_with(|o| o.read_only(true)).await?;
        assert_eq!(balance(&mut tx, "ada").await?, 100);
        let error = refused(tx.execute(pay("ada", 5)).await, ErrorKind::ReadOnly);
        assert!(error.to_string().contains("without `read_only`"), "{error}");
        tx.rollback().await?;
        conn.execute(pay("ada", 5)).await?;
        assert_eq!(balance(&mut conn, "ada").await?, 105);
    }

    async fn a_read_only_engine_connection_and_session_refuse_single_statements_too(db: Db) {
        bank(&db).await?;
        let reading = db.engine.with_options(|o| o.read_only(true));
        refused(reading.connect().await?.execute(pay("ada", 5)).await, ErrorKind::ReadOnly);
        let mut conn = db.engine.connect().await?.with_options(|o| o.read_only(true));
        refused(conn.execute(pay("ada", 5)).await, ErrorKind::ReadOnly);
        assert_eq!(balance(&mut conn, "ada").await?, 100);
        assert_eq!(conn.status(), Status::Idle);

        let mut session = db.engine.session_with(|o| o.read_only(true));
        let ada = session.get_one::<Account>(1).await?;
        session[ada].balance = 0;
        refused(session.commit().await, ErrorKind::ReadOnly);
        session.rollback().await?;
        let mut session = reading.session();
        session.add(Account::builder().owner("kim").balance(0));
        refused(session.commit().await, ErrorKind::ReadOnly);
        assert_eq!(owners(&db).await?, "ada bob");
    }

    /// On MariaDB and MySQL a table that is created ends the transaction, and with it what was to keep it from being created.
    async fn what_is_read_only_refuses_to_create_tables(db: Db) {
        bank(&db).await?;
        let create = "CREATE TABLE notes (id integer PRIMARY KEY)";
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin_with(|o| o.read_only(true)).await?;
        assert_eq!(balance(&mut tx, "ada").await?, 100);
        refused(tx.run_plain(&[create]).await, ErrorKind::ReadOnly);
        tx.rollback().await?;
        let reading = db.engine.with_options(|o| o.read_only(true));
        refused(reading.connect().await?.run_plain(&[create]).await, ErrorKind::ReadOnly);
        assert!(!db.engine.inspect().await?.has_table("notes"));
        conn.run_plain(&[create]).await?;
        assert!(db.engine.inspect().await?.has_table("notes"));
    }

    async fn options_of_a_connection_override_those_of_its_engine_and_change_nothing_else(db: Db) {
        let two_rows = || text_unchecked("SELECT 1 AS n UNION ALL SELECT 2 AS n");
        let engine = db.engine.with_options(|o| o.max_rows(1));
        let mut outer = engine.connect().await?;
        refused(outer.execute(two_rows()).all().await, ErrorKind::TooManyRows);
        outer.release().await;
        let mut inner = engine.connect().await?.with_options(|o| o.max_rows(2));
        assert_eq!(inner.execute(two_rows()).all().await?.len(), 2);
        inner.release().await;
        refused(engine.connect().await?.execute(two_rows()).all().await, ErrorKind::TooManyRows);
        assert_eq!(db.engine.connect().await?.execute(two_rows()).all().await?.len(), 2);
    }

    /// Case 35.
    async fn the_next_borrower_finds_nothing_of_isolation_and_access(db: Db) {
        bank(&db).await?;
        let engine = db.builder().pool_size(1).max_overflow(0).build()?;
        let probe = db.pick(
            "PRAGMA query_only",
            "SELECT current_setting('transaction_isolation') || current_setting('transaction_read_only')",
            "SELECT concat(@@tx_isolation, @@tx_read_only)",
        );
        let before = probed(&mut engine.connect().await?, probe).await?;
        let rounds = [Isolation::Snapshot, Isolation::Serializable];
        for (isolation, ends) in rounds.into_iter().flat_map(|it| (0..4).map(move |ends| (it, ends))) {
            let mut conn = engine.connect().await?.with_options(|o| o.isolation(isolation).read_only(true));
            match ends {
                0 => drop(conn.begin().await?),
                1 => {
                    let mut tx = conn.begin().await?;
                    balance(&mut tx, "ada").await?;
                    refused(tx.execute(pay("ada", 1)).await, ErrorKind::ReadOnly);
                }
                2 => drop(refused(conn.execute(pay("ada", 1)).await, ErrorKind::ReadOnly)),
                _ => {
                    let mut tx = conn.begin().await?;
                    balance(&mut tx, "ada").await?;
                    tx.commit().await?;
                }
            }
            conn.release().await;
            let mut next = engine.connect().await?;
            assert_eq!(before, probed(&mut next, probe).await?);
            next.execute(pay("bob", 1)).await?;
        }
        assert_eq!(balance(&mut engine.connect().await?, "bob").await?, 108);
    }

    async fn without_autocommit_only_commit_keeps(db: Db) {
        bank(&db).await?;
        let engine = db.builder().with_options(|o| o.autocommit(false)).build()?;
        let mut conn = engine.connect().await?;
        conn.commit().await?; // nothing was done
        conn.execute(open("kim")).await?;
        conn.execute(open("lou")).await?;
        assert_eq!(owners(&db).await?, "ada bob");
        conn.commit().await?;
        assert_eq!(owners(&db).await?, "ada bob kim lou");
        conn.execute(open("max")).await?;
        conn.rollback().await?;
        conn.execute(open("nan")).await?;
        conn.release().await;
        assert_eq!(owners(&db).await?, "ada bob kim lou");
    }

    async fn a_session_with_an_isolation_reads_in_its_transaction(db: Db) {
        bank(&db).await?;
        let mut session = db.engine.session_with(|o| o.isolation(Isolation::Snapshot));
        let total = || select(func::sum(Account::BALANCE));
        let before = session.scalar(total()).await?;
        db.other().connect().await?.execute(pay("ada", 5)).await?;
        assert_eq!(session.scalar(total()).await?, before);
        session.commit().await?;
        assert_ne!(session.scalar(total()).await?, before);
    }

    async fn only_a_serializable_reader_can_be_deferrable(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let error = refused(conn.begin_with(|o| o.deferrable(true)).await, ErrorKind::State);
        assert!(error.to_string().contains("Serializable"), "{error}");
        let mut tx = conn.begin_with(|o| o.isolation(Isolation::Serializable).read_only(true).deferrable(true)).await?;
        match balance(&mut tx, "ada").await {
            Ok(balance) => assert_eq!(balance, 100),
            Err(error) => assert_eq!((error.kind(), db.pick(false, false, true)), (ErrorKind::Unsupported, true)),
        }
    }
}
