//! INSERT, UPDATE, DELETE.

use aludel::prelude::*;
use aludel_testing::Database;

use super::{Sample, samples};
use crate::models::*;
use aludel_suite::{Db, on_each_database, refused};

on_each_database! {
    async fn any_number_of_rows_is_inserted_in_one_call(db: Db) {
        db.create(&Metadata::of(Sample)).await?;
        let mut conn = db.engine.connect().await?;
        for rows in [0, 1, 257, 1_001] {
            let inserted = conn.execute(insert(Sample).values((0..rows).map(|n| Sample::builder().a(n).b(rows)))).await?;
            assert_eq!(inserted.rows_affected, u64::try_from(rows).unwrap());
            let found = conn.scalars(select(Sample::A).filter(Sample::B.eq(rows)).order_by(Sample::A)).all().await?;
            assert_eq!(found, (0..rows).collect::<Vec<_>>());
        }
    }

    async fn rows_of_several_shapes_are_inserted_in_one_call(db: Db) {
        db.create(&Metadata::of(Account)).await?;
        let mut conn = db.engine.connect().await?;
        let plain = |n: i64| Account::builder().email(format!("plain{n}")).balance(n);
        let rows = (0..20).map(|n| match n % 3 {
            0 => plain(n),
            1 => plain(n).level(3),
            _ => plain(n).status("old").level(4),
        });
        assert_eq!(conn.execute(insert(Account).values(rows)).await?.rows_affected, 20);
        let rows = conn.execute(select((Account::BALANCE, Account::LEVEL, Account::STATUS)).order_by(Account::BALANCE)).all().await?;
        assert_eq!(rows.len(), 20);
        for (n, level, status) in rows {
            let expected = match n % 3 { 0 => (7, "new"), 1 => (3, "new"), _ => (4, "old") };
            assert_eq!((level, status.as_str()), expected, "row {n}");
        }
    }

    async fn an_insert_is_all_or_nothing(db: Db) {
        db.create(&Metadata::of(Account)).await?;
        let mut conn = db.engine.connect().await?;
        for rows in [2, 257, 1_001] {
            let email = |n: i64| if n == rows - 1 { "a0".to_owned() } else { format!("a{n}") };
            let twice = insert(Account).values((0..rows).map(|n| Account::builder().email(email(n)).balance(n)));
            let error = refused(conn.execute(twice).await, ErrorKind::UniqueViolation);
            assert_eq!(error.table(), Some("accounts"));
            assert_eq!(conn.scalar(select(func::count_star()).select_from(Account)).await?, 0, "{rows} rows");
        }
        // Of two shapes, the second fails.
        let row = || Account::builder().email("x").balance(1);
        let failed = conn.execute(insert(Account).values([row(), row().level(2)])).await;
        refused(failed, ErrorKind::UniqueViolation);
        assert_eq!(conn.scalar(select(func::count_star()).select_from(Account)).await?, 0);
        assert!(!conn.in_transaction());
    }

    async fn inside_a_transaction_an_insert_does_not_commit(db: Db) {
        db.create(&Metadata::of(Sample)).await?;
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin().await?;
        tx.execute(insert(Sample).values((0..1_001).map(|n| Sample::builder().a(n)))).await?;
        assert_eq!(db.count("samples").await?, 0);
        tx.rollback().await?;
        assert_eq!(conn.scalar(select(func::count_star()).select_from(Sample)).await?, 0);
    }

    async fn rows_affected_counts_the_rows_that_matched(db: Db) {
        let mut conn = samples(&db, (1..=5).map(|n| Sample::builder().a(n))).await?;
        let changed = conn.execute(update(Sample).filter(Sample::A.gt(2)).set(Sample::B, 7)).await?;
        assert_eq!(changed.rows_affected, 3);
        let unchanged = conn.execute(update(Sample).filter(Sample::A.gt(2)).set(Sample::B, 7)).await?;
        assert_eq!(unchanged.rows_affected, 3, "rows that were right already count");
        assert_eq!(conn.execute(update(Sample).filter(Sample::A.gt(9)).set(Sample::B, 7)).await?.rows_affected, 0);
        assert_eq!(conn.execute(delete(Sample).filter(Sample::B.eq(7))).await?.rows_affected, 3);
        assert_eq!(conn.execute(delete(Sample)).await?.rows_affected, 2);
    }

    async fn an_update_sets_expressions_and_null(db: Db) {
        let mut conn = samples(&db, [Sample::builder().a(2).b(5).n(1).s("x")]).await?;
        let stmt = update(Sample).set(Sample::A, Sample::A + Sample::B).set(Sample::N, None).set(Sample::S, Sample::S.concat("y"));
        conn.execute(stmt).await?;
        let row = conn.execute(select((Sample::A, Sample::N, Sample::S))).one().await?;
        assert_eq!(row, (7, None, "xy".to_owned()));
    }

    async fn every_right_side_of_an_update_sees_the_old_row(db: Db) {
        let mut conn = samples(&db, [Sample::builder().a(1).b(2).small(3)]).await?;
        // In this order MariaDB, which reads what it has written, would have to write first.
        conn.execute(update(Sample).set(Sample::A, 10).set(Sample::B, Sample::A)).await?;
        assert_eq!(conn.execute(select((Sample::A, Sample::B))).one().await?, (10, 1));
        let swapped = conn.execute(update(Sample).set(Sample::A, Sample::B).set(Sample::B, Sample::A)).await;
        if db.database == Database::MariaDb {
            refused(swapped, ErrorKind::Unsupported);
        } else {
            swapped?;
            assert_eq!(conn.execute(select((Sample::A, Sample::B))).one().await?, (1, 10));
        }
    }

    #[except(mariadb, "it has no RETURNING for UPDATE; that this is an error is a rule of its own")]
    async fn an_update_gives_back_columns(db: Db) {
        let mut conn = samples(&db, (1..=3).map(|n| Sample::builder().a(n))).await?;
        let stmt = update(Sample).filter(Sample::A.gt(1)).set(Sample::A, Sample::A * 10).returning((Sample::A, Sample::S));
        let mut rows = conn.execute(stmt).all().await?;
        rows.sort();
        assert_eq!(rows, [(20, String::new()), (30, String::new())]);
    }

    async fn a_delete_gives_back_columns(db: Db) {
        let mut conn = samples(&db, (1..=3).map(|n| Sample::builder().a(n))).await?;
        let mut gone = conn.scalars(delete(Sample).filter(Sample::A.gt(1)).returning(Sample::A)).all().await?;
        gone.sort_unstable();
        assert_eq!(gone, [2, 3]);
        assert_eq!(db.count("samples").await?, 1);
    }
}
