//! Rules of transactions.

use aludel::prelude::*;

use crate::models::*;
use aludel_suite::{Db, on_each_database, refused};

on_each_database! {
    async fn a_transaction_that_is_dropped_is_rolled_back_before_the_next_statement(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        {
            let mut tx = conn.begin().await?;
            tx.execute(open("kim")).await?;
        }
        assert!(!conn.in_transaction());
        conn.execute(open("lou")).await?;
        assert_eq!(owners(&db).await?, "ada bob lou");
    }

    /// Case 33.
    async fn a_second_begin_on_a_connection_is_an_error(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin().await?;
        let error = refused(tx.begin().await, ErrorKind::State);
        assert!(error.to_string().contains("begin_nested"), "{error}");
        tx.execute(open("kim")).await?;
        refused(tx.begin().await, ErrorKind::State);
        tx.commit().await?;
        assert_eq!(owners(&db).await?, "ada bob kim");
    }

    /// Whether the statement that failed was the first or not: what comes after it is not kept by itself.
    async fn a_transaction_whose_first_statement_failed_keeps_nothing_of_the_rest(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin().await?;
        refused(tx.execute(open("ada")).await, ErrorKind::UniqueViolation);
        let error = refused(tx.execute(open("kim")).await, ErrorKind::State);
        assert!(error.to_string().to_lowercase().contains("unique"), "{error}");
        let error = refused(tx.commit().await, ErrorKind::State);
        assert!(error.to_string().to_lowercase().contains("unique"), "{error}");
        assert_eq!(owners(&db).await?, "ada bob");
        conn.execute(open("kim")).await?;
        assert_eq!(owners(&db).await?, "ada bob kim");
    }

    /// Case 29.
    #[except(sqlite, "a statement that fails leaves its transaction intact")]
    async fn a_failed_transaction_tells_what_went_wrong_first(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin().await?;
        tx.execute(open("kim")).await?;
        refused(tx.execute(open("ada")).await, ErrorKind::UniqueViolation);
        let error = refused(tx.execute(open("lou")).await, ErrorKind::State);
        assert!(error.to_string().contains("unique"), "{error}");
        refused(tx.commit().await, ErrorKind::State);
        assert_eq!(owners(&db).await?, "ada bob");
    }

    #[only(sqlite, "elsewhere the transaction refuses what comes after it")]
    async fn a_statement_that_fails_leaves_what_the_transaction_has_done(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin().await?;
        tx.execute(open("kim")).await?;
        refused(tx.execute(open("ada")).await, ErrorKind::UniqueViolation);
        tx.execute(open("lou")).await?;
        tx.commit().await?;
        assert_eq!(owners(&db).await?, "ada bob kim lou");
    }

    async fn outside_of_a_transaction_only_mariadb_keeps_what_ran_before_the_statement_that_failed(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let opens = ["kim", "ada", "lou"].map(|it| format!("INSERT INTO accounts (owner, balance) VALUES ('{it}', 0)"));
        let ran = conn.run_plain(&opens.each_ref().map(String::as_str)).await;
        refused(ran, ErrorKind::UniqueViolation);
        assert!(!conn.in_transaction());
        assert_eq!(owners(&db).await?, db.pick("ada bob", "ada bob", "ada bob kim"));
    }

    #[except(mariadb, "CREATE TABLE commits by itself")]
    async fn a_table_that_a_transaction_creates_goes_with_it(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin().await?;
        tx.execute(open("kim")).await?;
        tx.run_plain(&["CREATE TABLE notes (id integer PRIMARY KEY)"]).await?;
        tx.rollback().await?;
        assert!(!db.engine.inspect().await?.has_table("notes"));
        assert_eq!(owners(&db).await?, "ada bob");
    }

    /// What comes after it is not kept by itself.
    #[only(mariadb, "CREATE TABLE is part of the transaction elsewhere")]
    async fn after_a_statement_that_commits_a_transaction_begins_anew(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin().await?;
        tx.execute(open("kim")).await?;
        tx.run_plain(&["CREATE TABLE notes (id integer PRIMARY KEY)"]).await?;
        tx.execute(open("lou")).await?;
        tx.rollback().await?;
        assert_eq!(owners(&db).await?, "ada bob kim");
        let mut tx = conn.begin().await?;
        tx.run_plain(&["DROP TABLE notes"]).await?;
        tx.execute(open("lou")).await?;
        assert_eq!(owners(&db).await?, "ada bob kim");
        tx.commit().await?;
        assert_eq!(owners(&db).await?, "ada bob kim lou");
        // And a transaction that has failed at once leaves nothing to begin.
        let mut tx = conn.begin().await?;
        refused(tx.execute(open("ada")).await, ErrorKind::UniqueViolation);
        tx.rollback().await?;
        for owner in ["max", "nan"] {
            conn.execute(open(owner)).await?;
        }
        assert_eq!(owners(&db).await?, "ada bob kim lou max nan");
    }

    /// What was done before it is committed then, and the rollback undoes nothing.
    #[only(mariadb, "CREATE TABLE is part of the transaction elsewhere")]
    async fn a_definition_that_fails_says_that_the_transaction_is_committed(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin().await?;
        tx.execute(open("kim")).await?;
        let mut nested = tx.begin_nested().await?;
        nested.execute(open("lou")).await?;
        let error = refused(nested.run_plain(&["CREATE TABLE accounts (id integer)"]).await, ErrorKind::Database);
        assert!(error.advice().is_some_and(|it| it.contains("committed")), "{error}");
        refused(nested.rollback().await, ErrorKind::State);
        refused(tx.execute(open("max")).await, ErrorKind::State);
        tx.rollback().await?;
        assert_eq!(owners(&db).await?, "ada bob kim lou");

        // What is no SQL has committed nothing.
        let mut tx = conn.begin().await?;
        tx.execute(open("max")).await?;
        let error = refused(tx.run_plain(&["CREATE TABLE 7 (id integer)"]).await, ErrorKind::Database);
        assert!(error.advice().is_none(), "{error}");
        tx.rollback().await?;
        assert_eq!(owners(&db).await?, "ada bob kim lou");
    }

    #[except(sqlite, "there is one writer, and a transaction begins as one")]
    async fn without_isolation_a_transaction_is_read_committed(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin().await?;
        assert_eq!(tx.scalar(select(func::count_star()).select_from(Account)).await?, 2);
        db.other().connect().await?.execute(open("kim")).await?;
        assert_eq!(tx.scalar(select(func::count_star()).select_from(Account)).await?, 3);
        tx.commit().await?;
    }

    /// Two writers in one task would wait for each other for ever.
    #[only(sqlite, "others have no writer's turn")]
    async fn a_wait_for_the_writers_turn_ends_with_the_line_of_the_program_that_has_it(db: Db) {
        bank(&db).await?;
        let mark = if db.url.contains('?') { '&' } else { '?' };
        let engine = Engine::builder(&format!("{}{mark}busy_timeout=30", db.url)).build()?;
        let lent_at = line!() + 1;
        let mut holder = engine.connect().await?;
        let mut waiter = engine.connect().await?;
        let mut tx = holder.begin().await?;
        tx.execute(open("kim")).await?;
        let error = refused(waiter.execute(open("lou")).await, ErrorKind::Timeout);
        assert!(error.to_string().contains(&format!("the present one, with the connection lent at {}:{lent_at}:", file!())), "{error}");
        tx.commit().await?;
        drop(holder);

        let opened_at = line!() + 1;
        let mut session = engine.session();
        session.add(Account::builder().owner("max").balance(0));
        session.flush().await?;
        let error = refused(waiter.execute(open("lou")).await, ErrorKind::Timeout);
        assert!(error.to_string().contains(&format!("lent at {}:{opened_at}:", file!())), "{error}");
        session.commit().await?;
        waiter.execute(open("lou")).await?;
        assert_eq!(owners(&db).await?, "ada bob kim max lou");
    }
}
