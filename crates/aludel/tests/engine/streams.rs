//! Rules of streams: rows are read as they are asked for.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use aludel::prelude::*;
use futures_core::Stream;

use crate::models::*;
use aludel_suite::{Db, on_each_database, refused};

/// SQL that gives the numbers from 1 to n, each with a hundred letters.
fn numbers(db: &Db, n: u32) -> String {
    db.pick(
        format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {n}) \
             SELECT i, printf('%.100c', 'x') AS pad FROM n"
        ),
        format!("SELECT i::bigint AS i, repeat('x', 100) AS pad FROM generate_series(1, {n}) i"),
        format!("SELECT seq AS i, repeat('x', 100) AS pad FROM seq_1_to_{n}"),
    )
}

/// Opens accounts 3 to 1,002, their balance their number.
async fn thousand(db: &Db) -> aludel::Result<()> {
    bank(db).await?;
    let mut conn = db.engine.connect().await?;
    let accounts = (3..=1002).map(|n| Account::builder().owner(format!("owner {n}")).balance(n));
    conn.execute(insert(Account).values(accounts)).await?;
    Ok(())
}

/// The memory that this process has in use, in MiB.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux tells the memory of a process");
    let pages: u64 = statm.split(' ').nth(1).and_then(|it| it.parse().ok()).expect("pages in use");
    pages * 4096 / (1024 * 1024)
}

on_each_database! {
    /// Nobody has asked for the rows in which it goes wrong, and nothing of the transaction is kept.
    async fn what_goes_wrong_in_the_rest_of_a_stream_is_undone_with_its_transaction(db: Db) {
        bank(&db).await?;
        let fails_later = || {
            text_unchecked(db.pick(
                "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 2000) SELECT json_extract(CASE i WHEN 900 THEN '{' ELSE '1' END, '$') AS n FROM s",
                "SELECT 1 / (900 - n) AS n FROM generate_series(1, 2000) AS n",
                "SELECT IF(seq = 900, (SELECT 1 UNION SELECT 2), seq) AS n FROM seq_1_to_2000",
            ))
        };
        let mut conn = db.engine.connect().await?;
        for way in 0..3 {
            let mut tx = conn.begin().await?;
            tx.execute(open("kim")).await?;
            let mut nested = tx.begin_nested().await?;
            nested.execute(open("lou")).await?;
            assert!(nested.execute(fails_later()).stream().next().await?.is_some());
            match way {
                0 => drop(nested),
                1 => nested.rollback().await?,
                _ => {
                    drop(nested);
                    drop(tx);
                    conn.execute(open("max")).await?;
                    continue;
                }
            }
            tx.execute(open("nan")).await?;
            assert!(tx.execute(fails_later()).stream().next().await?.is_some());
            tx.rollback().await?;
            assert_eq!(owners(&db).await?, "ada bob");
        }
        assert_eq!(owners(&db).await?, "ada bob max");
    }

    async fn rows_values_and_texts_come_one_after_the_other(db: Db) {
        thousand(&db).await?;
        let mut conn = db.engine.connect().await?;

        let mut ids = conn.scalars(select(Account::ID).order_by(Account::ID)).stream();
        let mut expected = 1;
        while let Some(id) = ids.next().await? {
            assert_eq!(id, expected);
            expected += 1;
        }
        assert_eq!((expected, ids.next().await?), (1003, None));
        drop(ids);

        let stmt = select((Account::ID, Account::OWNER)).filter(Account::ID.gt(1000)).order_by(Account::ID);
        let mut rows = conn.execute(stmt).stream();
        assert_eq!(rows.next().await?, Some((1001, "owner 1001".to_owned())));
        assert_eq!(rows.next().await?, Some((1002, "owner 1002".to_owned())));
        assert_eq!(rows.next().await?, None);
        drop(rows);

        let mut sum = 0;
        let mut texts = conn.execute(text_unchecked(numbers(&db, 3000))).stream();
        while let Some(row) = texts.next().await? {
            sum += row.get::<i64>("i")?;
            assert_eq!(row.get::<String>("pad")?.len(), 100);
        }
        assert_eq!(sum, 3000 * 3001 / 2);
    }

    async fn partitions_have_n_rows_but_for_the_last(db: Db) {
        thousand(&db).await?;
        let mut conn = db.engine.connect().await?;
        let stmt = select(Account::ID).order_by(Account::ID);
        let mut parts = conn.scalars(stmt).stream().partitions(300);
        let mut lengths = Vec::new();
        let mut all = Vec::new();
        while let Some(part) = parts.next().await? {
            lengths.push(part.len());
            all.extend(part);
        }
        assert_eq!(lengths, [300, 300, 300, 102]);
        assert_eq!(all, (1..=1002).collect::<Vec<i64>>());
    }

    /// Case 84.
    async fn a_million_rows_take_no_memory(db: Db) {
        let mut conn = db.engine.connect().await?;
        let mut rows = conn.execute(text_unchecked(numbers(&db, 1_000_000))).stream();
        for _ in 0..1000 {
            rows.next().await?;
        }
        // The rest would come by itself if anything but this task asked for it.
        tokio::time::sleep(Duration::from_millis(200)).await;
        let before = resident();
        let mut most = before;
        let mut count = 1000_u64;
        while rows.next().await?.is_some() {
            count += 1;
            if count.is_multiple_of(50_000) {
                most = most.max(resident());
            }
        }
        assert_eq!(count, 1_000_000);
        assert!(most - before < 8, "{} MiB", most - before);
    }

    async fn after_a_stream_that_was_dropped_the_connection_goes_on(db: Db) {
        thousand(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut rows = conn.execute(text_unchecked(numbers(&db, 20_000))).stream();
        assert_eq!(rows.next().await?.expect("20,000 rows").get::<i64>("i")?, 1);
        drop(rows);
        assert_eq!(conn.scalar(select(func::count(Account::ID))).await?, 1002);

        // Never begun, it has cost nothing.
        drop(conn.scalars(select(Account)).stream());
        let mut again = conn.scalars(select(Account::ID).order_by(Account::ID.desc())).stream();
        assert_eq!(again.next().await?, Some(1002));
    }

    async fn a_transaction_survives_a_stream_that_was_dropped(db: Db) {
        thousand(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin().await?;
        tx.execute(open("kim")).await?;
        let mut rows = tx.scalars(select(Account)).stream();
        rows.next().await?;
        drop(rows);
        assert!(tx.in_transaction());
        let mut nested = tx.begin_nested().await?;
        nested.execute(open("lou")).await?;
        let mut rows = nested.scalars(select(Account)).stream();
        rows.next().await?;
        drop(rows);
        nested.rollback().await?;
        let mut rows = tx.scalars(select(Account)).stream();
        rows.next().await?;
        drop(rows);
        tx.commit().await?;
        assert_eq!(db.count("accounts").await?, 1003);

        let mut tx = conn.begin().await?;
        tx.execute(open("max")).await?;
        let mut rows = tx.scalars(select(Account)).stream();
        rows.next().await?;
        drop(rows);
        drop(tx);
        assert_eq!(conn.scalar(select(func::count(Account::ID))).await?, 1003);
    }

    /// Case 5.
    async fn a_connection_whose_stream_was_dropped_is_clean_or_closed(db: Db) {
        thousand(&db).await?;
        let engine = db.builder().pool_size(1).max_overflow(0).build()?;
        for rows in [0, 1, 10, 300, 5000] {
            let mut conn = engine.connect().await?;
            let mut stream = conn.execute(text_unchecked(numbers(&db, 1_000_000))).stream();
            for _ in 0..rows {
                stream.next().await?;
            }
            drop(stream);
            drop(conn);
            let mut conn = engine.connect().await?;
            assert!(!conn.in_transaction());
            assert_eq!(conn.scalar(select(func::count(Account::ID))).await?, 1002);
        }
        assert_eq!(engine.status().in_use, 0);
    }

    async fn no_row_is_lost_with_a_future_that_was_dropped(db: Db) {
        thousand(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut ids = conn.scalars(select(Account::ID).order_by(Account::ID)).stream();
        let mut seen = Vec::new();
        loop {
            // Polled once and dropped.
            let polled = {
                let mut next = std::pin::pin!(ids.next());
                poll_fn(|cx| Poll::Ready(next.as_mut().poll(cx))).await
            };
            match polled {
                Poll::Pending => tokio::time::sleep(Duration::from_millis(1)).await,
                Poll::Ready(row) => match row? {
                    Some(id) => seen.push(id),
                    None => break,
                },
            }
        }
        assert_eq!(seen, (1..=1002).collect::<Vec<i64>>());
    }

    async fn an_error_midway_is_the_last_thing_of_a_stream(db: Db) {
        // Account 900 lacks what no account of the model lacks.
        db.run("CREATE TABLE accounts (id BIGINT PRIMARY KEY, owner VARCHAR(50), balance BIGINT)").await?;
        let fill = format!("INSERT INTO accounts SELECT i, 'x', nullif(i, 900) FROM ({}) numbers", numbers(&db, 1000));
        db.run(&fill).await?;
        let mut conn = db.engine.connect().await?;
        let mut ids = conn.scalars(select(Account).order_by(Account::ID)).stream();
        let mut read = 0;
        let error = loop {
            match ids.next().await {
                Ok(Some(_)) => read += 1,
                Ok(None) => panic!("the stream came to its end"),
                Err(error) => break error,
            }
        };
        assert_eq!((error.kind(), read), (ErrorKind::Decode, 899));
        assert!(ids.next().await?.is_none());
        drop(ids);
        assert_eq!(conn.scalar(select(func::count(Account::ID))).await?, 1000);
    }

    async fn what_a_dropped_stream_wrote_stays_written(db: Db) {
        thousand(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut ids = conn.execute(delete(Account).filter(Account::ID.gt(2)).returning(Account::ID)).stream();
        assert!(ids.next().await?.is_some());
        drop(ids);
        assert_eq!(conn.scalar(select(func::count(Account::ID))).await?, 2);
        assert_eq!(owners(&db).await?, "ada bob");
    }

    async fn a_stream_is_that_of_the_ecosystem(db: Db) {
        thousand(&db).await?;
        async fn count<T>(mut stream: impl Stream<Item = aludel::Result<T>> + Send + Unpin) -> aludel::Result<usize> {
            let mut count = 0;
            while let Some(row) = poll_fn(|cx| Pin::new(&mut stream).poll_next(cx)).await {
                row?;
                count += 1;
            }
            Ok(count)
        }
        let mut conn = db.engine.connect().await?;
        assert_eq!(count(conn.scalars(select(Account)).stream()).await?, 1002);
        assert_eq!(count(conn.scalars(select(Account)).stream().partitions(500)).await?, 3);
        refused(count(conn.execute(text!("SELECT nothing")).stream()).await, ErrorKind::Database);
    }
}
