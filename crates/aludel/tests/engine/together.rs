//! Rules of statements that are asked together, and of shared connections.

use std::time::Duration;

use aludel::prelude::*;
use aludel::{Asking, SelectValue};

use crate::models::*;
use aludel_suite::{Db, on_each_database, refused};

fn balance_of(owner: &str) -> Asking<SelectValue<i64>> {
    select(Account::BALANCE).filter(Account::OWNER.eq(owner)).scalars()
}

/// Waits for connections that are still on their way back; a slot that is lost ends the wait.
async fn all_are_back(engine: &Engine) {
    let back = async {
        while engine.status().in_use > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(60), back).await;
    assert!(waited.is_ok(), "{:?}", engine.status());
}

on_each_database! {
    async fn statements_that_are_asked_together_give_all_their_answers(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let before = conn.statement_count();
        let by_id = select(Account).order_by(Account::ID);
        let (rows, accounts, first, none, count, done, text) = conn
            .together((
                select((Account::ID, Account::OWNER)).order_by(Account::ID),
                by_id.clone().scalars(),
                by_id.rows().first(),
                balance_of("kim").one_or_none(),
                select(func::count(Account::ID)).scalar(),
                update(Account).filter(Account::OWNER.eq("ada")).set(Account::BALANCE, 50),
                text!("SELECT balance AS b FROM accounts WHERE owner = :owner", owner = "ada"),
            ))
            .await?;
        assert_eq!(rows, [(1, "ada".to_owned()), (2, "bob".to_owned())]);
        assert_eq!(accounts.iter().map(|it| it.id).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(first.map(|(account,)| account.owner).as_deref(), Some("ada"));
        assert_eq!((none, count, done.rows_affected), (None, 2, 1));
        assert_eq!(text[0].get::<i64>("b")?, 50);
        assert_eq!(conn.statement_count() - before, 7);

        let owners = ["bob", "ada", "bob"];
        let balances: Vec<i64> = conn.together(owners.map(|it| balance_of(it).one()).into_iter().collect::<Vec<_>>()).await?;
        assert_eq!(balances, [100, 50, 100]);
        assert_eq!(conn.together(Vec::<Asking<SelectValue<i64>>>::new()).await?, Vec::<Vec<i64>>::new());
    }

    async fn an_answer_that_must_be_one_row_is_an_error_otherwise(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let all = || select(Account::BALANCE);
        refused(conn.together((all().scalars(), balance_of("kim").one())).await, ErrorKind::NotFound);
        refused(conn.together((all().scalar(), all())).await, ErrorKind::MultipleFound);
        refused(conn.together((all().rows().one_or_none(),)).await, ErrorKind::MultipleFound);
    }

    async fn what_is_written_together_is_kept_or_not_together(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let set = |owner: &str, new: &str| update(Account).filter(Account::OWNER.eq(owner)).set(Account::OWNER, new);
        let error = refused(conn.together((set("ada", "kim"), set("bob", "kim"), set("kim", "lou"))).await, ErrorKind::UniqueViolation);
        assert!(error.sql().is_some_and(|sql| sql.starts_with("UPDATE accounts")), "{error}");
        assert!(!conn.in_transaction());
        assert_eq!(owners(&db).await?, "ada bob");
        conn.together((set("ada", "kim"), set("bob", "lou"))).await?;
        assert_eq!(owners(&db).await?, "kim lou");

        let mut tx = conn.begin().await?;
        tx.together((set("kim", "ada"), set("lou", "bob"))).await?;
        assert_eq!(owners(&db).await?, "kim lou");
        tx.rollback().await?;
        assert_eq!(owners(&db).await?, "kim lou");
    }

    async fn max_rows_counts_for_each_statement(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?.with_options(|o| o.max_rows(2));
        let all = || select(Account::ID);
        assert_eq!(conn.together((all(), all())).await?.1.len(), 2);
        conn.execute(open("kim")).await?;
        refused(conn.together((all().rows().first(), all())).await, ErrorKind::TooManyRows);
    }

    async fn many_tasks_are_answered_over_shared_connections(db: Db) {
        bank(&db).await?;
        let engine = db.builder().pool_size(2).max_overflow(0).pool_timeout(Duration::from_secs(20)).build()?;
        let tasks: Vec<tokio::task::JoinHandle<aludel::Result<()>>> = (0..200_i64)
            .map(|n| {
                let shared = engine.shared();
                tokio::spawn(async move {
                    for round in 0..5 {
                        let id = 1 + (n + round) % 3;
                        let answer = shared.ask(select((Account::ID, Account::OWNER)).filter(Account::ID.eq(id))).await?;
                        let expected = [(1, "ada"), (2, "bob")].into_iter().filter(|it| it.0 == id);
                        assert_eq!(answer, expected.map(|(id, owner)| (id, owner.to_owned())).collect::<Vec<_>>());
                    }
                    Ok(())
                })
            })
            .collect();
        for task in tasks {
            task.await??;
        }
        all_are_back(&engine).await;
    }

    async fn a_shared_statement_that_fails_does_no_harm_to_others(db: Db) {
        db.run("CREATE TABLE accounts (id BIGINT PRIMARY KEY, owner VARCHAR(50), balance BIGINT)").await?;
        db.run("INSERT INTO accounts VALUES (1, 'ada', 100), (2, 'bob', NULL), (3, 'kim', 300)").await?;
        let shared = db.engine.shared();
        let tasks: Vec<_> = (0..60)
            .map(|n| {
                let shared = shared.clone();
                tokio::spawn(async move {
                    match n % 4 {
                        // A value that cannot be read.
                        1 => drop(refused(shared.ask(balance_of("bob").one()).await, ErrorKind::Decode)),
                        // A row that is missing.
                        2 => drop(refused(shared.ask(balance_of("lou").one()).await, ErrorKind::NotFound)),
                        // An error of the database.
                        3 => drop(refused(shared.ask(text!("SELECT nothing")).await, ErrorKind::Database)),
                        _ => assert_eq!(shared.ask(balance_of("kim").one()).await.expect("it is there"), 300),
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await?;
        }
        refused(shared.ask(delete(Account)).await, ErrorKind::ReadOnly);
        refused(shared.ask(text!("DELETE FROM accounts")).await, ErrorKind::ReadOnly);
        assert_eq!(db.count("accounts").await?, 3);
    }

    async fn a_shared_statement_whose_task_is_gone_is_not_missed(db: Db) {
        bank(&db).await?;
        let shared = db.engine.shared();
        for n in 0..50 {
            let asked = shared.ask(balance_of("ada").one());
            if n % 2 == 0 {
                let _ = tokio::time::timeout(Duration::from_micros(n * 20), asked).await;
            } else {
                assert_eq!(asked.await?, 100);
            }
        }
        all_are_back(&db.engine).await;
    }

    #[except(sqlite, "its connections do not die")]
    async fn shared_statements_survive_the_death_of_their_connection(db: Db) {
        bank(&db).await?;
        let kill = db.pick(
            String::new(),
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()".to_owned(),
            "SELECT concat('KILL ', id) FROM information_schema.processlist WHERE db = database() AND id <> connection_id()".to_owned(),
        );
        let shared = db.engine.shared();
        assert_eq!(shared.ask(balance_of("ada").one()).await?, 100);
        let rows = db.rows(&kill).await?;
        if db.database == aludel_suite::Database::MariaDb {
            for row in rows {
                // The connection of the test itself may be on its way out: what is gone need not be killed.
                if let Err(error) = db.run(&row.at::<String>(0)?).await {
                    assert_eq!(error.code(), Some("1094"), "{error}");
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        let answer = shared.ask(balance_of("ada").one()).await;
        if db.database == aludel_suite::Database::Postgres {
            assert_eq!(answer?, 100);
        }
        assert_eq!(shared.ask(balance_of("ada").one()).await?, 100);
    }
}
