//! Rules of savepoints.

use aludel::prelude::*;

use crate::models::*;
use aludel_suite::{Db, on_each_database, refused};

on_each_database! {
    async fn a_nested_transaction_is_rolled_back_alone(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin().await?;
        tx.execute(open("kim")).await?;
        let mut nested = tx.begin_nested().await?;
        nested.execute(open("lou")).await?;
        nested.rollback().await?;
        tx.execute(open("max")).await?;
        tx.commit().await?;
        assert_eq!(owners(&db).await?, "ada bob kim max");
    }

    async fn a_nested_transaction_that_commits_is_part_of_the_one_around_it(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin().await?;
        let mut nested = tx.begin_nested().await?;
        nested.execute(open("kim")).await?;
        nested.commit().await?;
        assert_eq!(tx.scalar(select(func::count(Account::ID))).await?, 3);
        tx.rollback().await?;
        assert_eq!(owners(&db).await?, "ada bob");
    }

    async fn a_nested_transaction_that_is_dropped_is_rolled_back(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin().await?;
        tx.execute(open("kim")).await?;
        {
            let mut nested = tx.begin_nested().await?;
            nested.execute(open("lou")).await?;
        }
        assert_eq!(tx.scalar(select(func::count(Account::ID))).await?, 3);
        {
            let mut nested = tx.begin_nested().await?;
            nested.execute(open("max")).await?;
        }
        tx.commit().await?; // the rollback travels with it
        assert_eq!(owners(&db).await?, "ada bob kim");
    }

    async fn rows_that_are_refused_are_skipped_one_by_one(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin().await?;
        for owner in ["ada", "kim", "bob", "lou", "kim", "max"] {
            let mut nested = tx.begin_nested().await?;
            match nested.execute(open(owner)).await {
                Ok(_) => nested.commit().await?,
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
                    nested.rollback().await?;
                }
            }
        }
        tx.commit().await?;
        assert_eq!(owners(&db).await?, "ada bob kim lou max");
    }

    async fn nested_transactions_nest(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin().await?;
        let mut outer = tx.begin_nested().await?;
        outer.execute(open("kim")).await?;
        let mut inner = outer.begin_nested().await?;
        inner.execute(open("lou")).await?;
        inner.rollback().await?;
        let mut inner = outer.begin_nested().await?;
        inner.execute(open("max")).await?;
        inner.commit().await?;
        outer.commit().await?;
        let mut outer = tx.begin_nested().await?;
        let mut inner = outer.begin_nested().await?;
        inner.execute(open("nan")).await?;
        inner.commit().await?;
        outer.rollback().await?;
        tx.commit().await?;
        assert_eq!(owners(&db).await?, "ada bob kim max");
    }

    /// Nothing was done in it, so nothing is said about it.
    async fn a_nested_transaction_without_statements_costs_nothing(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin().await?;
        for _ in 0..3 {
            let mut nested = tx.begin_nested().await?;
            nested.begin_nested().await?.commit().await?;
            nested.begin_nested().await?.rollback().await?;
            assert_eq!(nested.status(), aludel::driver::Status::Idle); // nor begun
            nested.commit().await?;
        }
        tx.commit().await?;
        assert_eq!(conn.status(), aludel::driver::Status::Idle);
    }

    async fn an_error_in_a_nested_transaction_must_be_rolled_back_before_its_commit(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin().await?;
        tx.execute(open("kim")).await?;
        let mut nested = tx.begin_nested().await?;
        refused(nested.execute(open("ada")).await, ErrorKind::UniqueViolation);
        if db.pick(false, true, true) {
            let error = refused(nested.commit().await, ErrorKind::State);
            assert!(error.to_string().contains("has failed"), "{error}");
        } else {
            drop(nested);
        }
        tx.execute(open("lou")).await?;
        tx.commit().await?;
        assert_eq!(owners(&db).await?, "ada bob kim lou");
    }

    async fn a_savepoint_is_gone_with_its_transaction(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        refused(conn.set_savepoint(), ErrorKind::State);
        let mut tx = conn.begin().await?;
        let outer = tx.set_savepoint()?;
        tx.execute(open("kim")).await?;
        let inner = tx.set_savepoint()?;
        tx.execute(open("lou")).await?;
        tx.roll_back_to(outer).await?;
        refused(tx.release_savepoint(inner).await, ErrorKind::State);
        refused(tx.roll_back_to(inner).await, ErrorKind::State);
        tx.commit().await?;
        refused(conn.release_savepoint(outer).await, ErrorKind::State);
        assert_eq!(owners(&db).await?, "ada bob");
    }

    /// It is refused before it runs, perhaps before the savepoint is set.
    async fn a_first_statement_that_does_not_compile_leaves_a_savepoint_to_go_back_to(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        for begun in [true, false] {
            let mut tx = conn.begin().await?;
            if begun {
                tx.execute(open("kim")).await?;
            }
            let mut nested = tx.begin_nested().await?;
            refused(nested.run_plain(&["SELECT nothing FROM accounts"]).await, ErrorKind::Database);
            nested.rollback().await?;
            tx.execute(open(if begun { "lou" } else { "max" })).await?;
            tx.commit().await?;
        }
        assert_eq!(owners(&db).await?, "ada bob kim lou max");
    }

    async fn savepoints_that_went_with_an_outer_one_are_not_taken_for_new_ones_of_their_depth(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin().await?;
        let outer = tx.set_savepoint()?;
        tx.execute(open("kim")).await?;
        let inner = tx.set_savepoint()?;
        tx.execute(open("lou")).await?;
        let innermost = tx.set_savepoint()?;
        tx.execute(open("max")).await?;
        tx.release_savepoint(inner).await?;
        let new = tx.set_savepoint()?;
        tx.execute(open("nan")).await?;
        for gone in [inner, innermost] {
            refused(tx.roll_back_to(gone).await, ErrorKind::State);
        }
        tx.roll_back_to(new).await?;
        tx.release_savepoint(outer).await?;
        tx.commit().await?;
        assert_eq!(owners(&db).await?, "ada bob kim lou max");
    }
}
