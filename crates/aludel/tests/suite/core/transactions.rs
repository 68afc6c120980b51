//! Transactions.

use aludel::prelude::*;

use super::{Sample, samples};
use crate::models::*;
use aludel_suite::{Db, on_each_database, refused};

on_each_database! {
    async fn a_transaction_is_kept_by_commit_only(db: Db) {
        let mut conn = samples(&db, [Sample::builder().a(1)]).await?;
        let add = |n| insert(Sample).values([Sample::builder().a(n)]);
        let mut tx = conn.begin().await?;
        tx.execute(add(2)).await?;
        assert_eq!(db.count("samples").await?, 1);
        tx.commit().await?;
        assert_eq!(db.count("samples").await?, 2);
        let mut tx = conn.begin().await?;
        tx.execute(add(3)).await?;
        drop(tx);
        // The connection is usable, and outside of the dropped transaction as soon as it begins another.
        let mut tx = conn.begin().await?;
        assert_eq!(tx.scalar(select(func::count_star()).select_from(Sample)).await?, 2);
        tx.rollback().await?;
        drop(conn);
        assert_eq!(db.count("samples").await?, 2);
    }

    async fn a_dropped_connection_leaves_no_transaction_to_the_next_borrower(db: Db) {
        let mut conn = samples(&db, [Sample::builder().a(1)]).await?;
        {
            let mut tx = conn.begin().await?;
            tx.execute(update(Sample).set(Sample::A, 99)).await?;
        }
        drop(conn);
        let mut next = db.engine.connect().await?;
        assert!(!next.in_transaction());
        assert_eq!(next.scalar(select(Sample::A)).await?, 1);
    }

    async fn an_error_inside_of_a_transaction_leaves_it_to_be_rolled_back(db: Db) {
        db.create(&Metadata::of(Account)).await?;
        let mut conn = db.engine.connect().await?;
        let add = || insert(Account).values([Account::builder().email("a").balance(1)]);
        let mut tx = conn.begin().await?;
        tx.execute(add()).await?;
        refused(tx.execute(add()).await, ErrorKind::UniqueViolation);
        tx.rollback().await?;
        assert_eq!(conn.scalar(select(func::count_star()).select_from(Account)).await?, 0);
    }

    async fn nothing_is_sent_for_a_transaction_without_statements(db: Db) {
        let mut conn = db.engine.connect().await?;
        conn.begin().await?.commit().await?;
        conn.begin().await?.rollback().await?;
        assert_eq!(conn.statement_count(), 0);
    }
}
