//! Rules of transactions that meet: two scripted sessions each.

use aludel::prelude::*;
use aludel::{Isolation, Result};

use crate::models::*;
use aludel_suite::{Database, Db, on_each_database, refused};

async fn add(conn: &mut Connection, owner: &str, amount: i64) -> Result<()> {
    let change =
        update(Account).filter(Account::OWNER.eq(owner)).set(Account::BALANCE, Account::BALANCE + amount);
    conn.execute(change).await.map(drop)
}

async fn balances(db: &Db) -> Result<Vec<i64>> {
    db.other().connect().await?.scalars(select(Account::BALANCE).order_by(Account::ID)).all().await
}

on_each_database! {
    /// Case 24. Each has what the other one wants.
    #[except(sqlite, "it has one writer at a time")]
    async fn one_of_two_that_wait_for_each_other_is_told_to_try_again(db: Db) {
        bank(&db).await?;
        let (mut one, mut two) = (db.engine.connect().await?, db.engine.connect().await?);
        let (mut one, mut two) = (one.begin().await?, two.begin().await?);
        add(&mut one, "ada", 1).await?;
        add(&mut two, "bob", 10).await?;
        let (first, second) = tokio::join!(
            async { let met = add(&mut one, "bob", 1).await; if met.is_ok() { one.commit().await?; } else { one.rollback().await?; } met },
            async { let met = add(&mut two, "ada", 10).await; if met.is_ok() { two.commit().await?; } else { two.rollback().await?; } met },
        );
        let (victim, expected) = match (first, second) {
            (Err(victim), Ok(())) => (victim, [110, 110]),
            (Ok(()), Err(victim)) => (victim, [101, 101]),
            both => panic!("one of them is the victim: {both:?}"),
        };
        assert_eq!((victim.kind(), victim.is_retryable()), (ErrorKind::Deadlock, true), "{victim}");
        assert_eq!(balances(&db).await?, expected);
    }

    /// Case 25. Each reads what the other one writes; together they would break a rule that each of them keeps.
    #[except(sqlite, "it has one writer at a time: a serializable transaction takes the writer's turn before it reads")]
    async fn of_two_serializable_transactions_that_skew_each_other_one_is_told_to_try_again(db: Db) {
        bank(&db).await?;
        let (mut one, mut two) = (db.engine.connect().await?, db.engine.connect().await?);
        let mut one = one.begin_with(|o| o.isolation(Isolation::Serializable)).await?;
        let mut two = two.begin_with(|o| o.isolation(Isolation::Serializable)).await?;
        for tx in [&mut one, &mut two] {
            assert_eq!(tx.scalars(select(Account::BALANCE)).all().await?, [100, 100]);
        }
        // Both find 200, enough to take 150 from either.
        let (first, second) = tokio::join!(
            async { add(&mut one, "ada", -150).await?; one.commit().await },
            async { add(&mut two, "bob", -150).await?; two.commit().await },
        );
        let victim = match (first, second) {
            (Err(victim), Ok(())) | (Ok(()), Err(victim)) => victim,
            both => panic!("one of them is the victim: {both:?}"),
        };
        assert!(victim.is_retryable(), "{victim}");
        assert!(matches!(victim.kind(), ErrorKind::Serialization | ErrorKind::Deadlock), "{victim}");
        assert_eq!(balances(&db).await?.iter().sum::<i64>(), 50);
    }

    /// Case 27. What the database would go on with is rolled back as a whole, and the error says so.
    async fn a_lock_that_is_not_given_in_time_ends_the_transaction(db: Db) {
        bank(&db).await?;
        let mut holder = db.engine.connect().await?;
        let mut holder = holder.begin().await?;
        add(&mut holder, "bob", 1).await?;
        let impatient = match db.database {
            Database::Sqlite => Engine::builder(&format!("{}?busy_timeout=50", db.url)).build()?,
            _ => db.other(),
        };
        let mut conn = impatient.connect().await?;
        match db.database {
            Database::Sqlite => {}
            Database::Postgres => conn.run_plain(&["SET lock_timeout = 50"]).await?,
            Database::MariaDb => conn.run_plain(&["SET innodb_lock_wait_timeout = 1"]).await?,
        }
        let mut tx = conn.begin().await?;
        if db.database != Database::Sqlite {
            add(&mut tx, "ada", 1).await?;
        }
        let error = refused(add(&mut tx, "bob", 1).await, ErrorKind::Timeout);
        if db.database != Database::Sqlite {
            let error = refused(add(&mut tx, "ada", 1).await, ErrorKind::State);
            assert!(error.to_string().contains("failed"), "{error}");
        }
        assert!(!error.is_disconnect(), "{error}");
        tx.rollback().await?;
        holder.commit().await?;
        add(&mut conn, "bob", 1).await?;
        assert_eq!(balances(&db).await?, [100, 102]);
    }

    /// Case 28.
    #[except(sqlite, "it has no limit for the time of a statement")]
    async fn a_statement_over_the_servers_time_is_a_timeout_and_the_connection_goes_on(db: Db) {
        let mut conn = db.engine.connect().await?;
        let (limit, slow) = db.pick(("", ""), ("SET statement_timeout = 50", "SELECT pg_sleep(600)::text AS it"), (
            "SET max_statement_time = 0.05",
            "SELECT count(*) AS it FROM seq_1_to_1000000 a, seq_1_to_1000000 b",
        ));
        conn.run_plain(&[limit]).await?;
        refused(conn.execute(text_unchecked(slow)).all().await, ErrorKind::Timeout);
        assert_eq!(conn.execute(text!("SELECT 7 AS n")).one().await?.get::<i32>("n")?, 7);
    }

    /// Case 32.
    #[except(mariadb, "its foreign keys are checked at once")]
    async fn a_commit_that_a_deferred_constraint_refuses_keeps_nothing_and_the_session_goes_on(db: Db) {
        bank(&db).await?;
        let sql = "CREATE TABLE notes (id integer PRIMARY KEY, account_id bigint REFERENCES accounts (id) DEFERRABLE INITIALLY DEFERRED)";
        db.run(sql).await?;
        let mut session = db.session();
        session.add(Account::builder().owner("kim").balance(1));
        session.flush().await?;
        session.execute(text!("INSERT INTO notes (id, account_id) VALUES (1, 99)")).await?;
        let error = refused(session.commit().await, ErrorKind::ForeignKeyViolation);
        assert!(!error.is_retryable(), "{error}");
        session.rollback().await?;
        session.add(Account::builder().owner("lou").balance(1));
        session.commit().await?;
        assert_eq!((owners(&db).await?, db.count("notes").await?), ("ada bob lou".to_owned(), 0));
    }
}
