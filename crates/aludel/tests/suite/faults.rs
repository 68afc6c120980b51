//! Rules of futures that are dropped half-way: nothing that was committed is lost, and nobody gets a connection that is not clean.

use std::time::{Duration, Instant};

use aludel::prelude::*;

use crate::models::*;
use aludel_suite::{Db, Outcome, interrupted, on_each_database, refused};

/// An engine with one connection: the next borrower gets the very connection that was interrupted, or its successor.
fn narrow(db: &Db) -> aludel::Result<Engine> {
    db.builder().pool_size(1).max_overflow(0).build()
}

/// Stages work of several batches: new authors with books, and a change and a delete of rows that are there.
async fn stage(session: &mut Session) -> aludel::Result<()> {
    let kept = session.scalars(select(Author).filter(Author::NAME.eq("kept"))).one().await?;
    let victim = session.scalars(select(Shelf)).one().await?;
    session[kept].name = "changed".into();
    session.delete(victim);
    session.add_all((0..20).map(|n| {
        Author::builder().name(format!("new {n}")).books([
            Book::builder().title(format!("one by {n}")).year(1),
            Book::builder()
                .title(format!("two by {n}"))
                .year(2)
                .chapters([Chapter::builder().title("chapter")]),
        ])
    }));
    Ok(())
}

async fn prepare(db: &Db) -> aludel::Result<()> {
    db.create(&library()).await?;
    db.run("INSERT INTO authors (name) VALUES ('kept')").await?;
    db.run("INSERT INTO shelves (label) VALUES ('victim')").await
}

/// How much of the work can be seen: new authors, books, chapters, changed rows, deleted rows; in one statement.
async fn seen(db: &Db) -> aludel::Result<[i64; 5]> {
    let row = db
        .rows(
            "SELECT (SELECT count(*) FROM authors WHERE name LIKE 'new%') AS a, (SELECT count(*) FROM books) AS b, \
             (SELECT count(*) FROM chapters) AS c, (SELECT count(*) FROM authors WHERE name = 'changed') AS d, \
             (SELECT 1 - count(*) FROM shelves) AS e",
        )
        .await?
        .remove(0);
    Ok([row.at(0)?, row.at(1)?, row.at(2)?, row.at(3)?, row.at(4)?])
}

const NOTHING: [i64; 5] = [0; 5];
const ALL: [i64; 5] = [20, 40, 20, 1, 1];

/// Asks until the answer is this number.
async fn reaches(db: &Db, sql: &str, number: i64) -> Outcome {
    let begin = Instant::now();
    let other = db.other();
    let mut conn = other.connect().await?;
    while conn.execute(text_unchecked(sql)).one().await?.at::<i64>(0)? != number {
        assert!(begin.elapsed() < Duration::from_secs(60), "never {number}: {sql}");
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// The next borrower's connection is not in a transaction and gives it its own answers.
async fn next_query_is_well(engine: &Engine) -> Outcome {
    let mut conn = engine.connect().await?;
    assert!(!conn.in_transaction());
    for n in [7_i64, 8] {
        assert_eq!(conn.execute(text!("SELECT 1 + :n AS n", n = n)).one().await?.get::<i64>("n")?, n + 1);
    }
    Ok(())
}

/// The next borrower has a clean connection: no transaction, its own answers, and it can write.
async fn next_borrower_is_well(engine: &Engine) -> Outcome {
    next_query_is_well(engine).await?;
    let mut conn = engine.connect().await?;
    let mut tx = conn.begin().await?;
    tx.execute(insert(Author).values([Author::builder().name("by the next")])).await?;
    tx.rollback().await?;
    Ok(())
}

on_each_database! {
    async fn a_flush_dropped_midway_asks_for_a_rollback(db: Db) {
        prepare(&db).await?;
        for polls in 1..=20 {
            let engine = narrow(&db)?;
            let mut session = engine.session();
            stage(&mut session).await?;
            if interrupted(polls, session.flush()).await.is_none() {
                let error = refused(session.flush().await, ErrorKind::State);
                assert!(error.what().contains("must be rolled back first: a flush was not awaited to its end"), "{error}");
                refused(session.scalars(select(Author)).all().await, ErrorKind::State);
            }
            // The connection may be lost, which rolls back as well.
            let _ = session.rollback().await;
            assert_eq!(seen(&db).await?, NOTHING, "dropped after {polls} polls");
            next_borrower_is_well(&engine).await?;
            // The session is as good as new.
            stage(&mut session).await?;
            session.flush().await?;
            session.rollback().await?;
        }
    }

    async fn a_session_dropped_with_a_flush_in_flight_leaves_nothing(db: Db) {
        prepare(&db).await?;
        for polls in 1..=20 {
            let engine = narrow(&db)?;
            {
                let mut session = engine.session();
                stage(&mut session).await?;
                let _ = interrupted(polls, session.flush()).await;
            }
            next_borrower_is_well(&engine).await?;
            assert_eq!(seen(&db).await?, NOTHING, "dropped after {polls} polls");
        }
    }

    #[except(sqlite, "nothing runs on after the caller: a statement is interrupted where it is")]
    async fn a_query_dropped_midway_stops_on_the_server(db: Db) {
        let (sleep, running) = db.pick(
            ("", ""),
            (
                "SELECT pg_sleep(600)::text AS it",
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE '%sleep(600)%' AND pid <> pg_backend_pid()",
            ),
            (
                "SELECT sleep(600) AS it",
                "SELECT count(*) FROM information_schema.processlist WHERE db = database() AND info LIKE '%sleep(600)%' AND id <> connection_id()",
            ),
        );
        let engine = narrow(&db)?;
        let mut conn = engine.connect().await?;
        let mut slow = Box::pin(conn.execute(text_unchecked(sleep)).all());
        tokio::select! {
            done = &mut slow => panic!("it must not end: {done:?}"),
            seen = reaches(&db, running, 1) => seen?,
        }
        drop(slow);
        drop(conn);
        // Nobody has to wait for it, and it is not left to run.
        next_query_is_well(&engine).await?;
        reaches(&db, running, 0).await?;
    }

    async fn a_commit_dropped_midway_is_done_or_not_done(db: Db) {
        prepare(&db).await?;
        for polls in 1..=20 {
            let engine = narrow(&db)?;
            let mut session = engine.session();
            stage(&mut session).await?;
            let committed = interrupted(polls, session.commit()).await;
            drop(session);
            next_borrower_is_well(&engine).await?;
            let seen = seen(&db).await?;
            match committed {
                Some(result) => {
                    result?;
                    assert_eq!(seen, ALL, "committed after {polls} polls");
                }
                // The server may have had the COMMIT; but never half of the work is there.
                None => assert!(seen == NOTHING || seen == ALL, "dropped after {polls} polls: {seen:?}"),
            }
            engine.dispose().await;
            for sql in ["DELETE FROM chapters", "DELETE FROM books", "DELETE FROM authors", "DELETE FROM shelves"] {
                db.run(sql).await?;
            }
            db.run("INSERT INTO authors (name) VALUES ('kept')").await?;
            db.run("INSERT INTO shelves (label) VALUES ('victim')").await?;
        }
    }

    async fn a_query_dropped_midway_leaves_no_rows_to_the_next(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        session.add_all((0..2_000).map(|n| Author::builder().name(format!("author {n}"))));
        session.commit().await?;
        for polls in 1..=20 {
            let engine = narrow(&db)?;
            {
                let mut session = engine.session();
                let _ = interrupted(polls, session.scalars(select(Author)).all()).await;
            }
            next_borrower_is_well(&engine).await?;
            {
                let mut conn = engine.connect().await?;
                let _ = interrupted(polls, conn.scalars(select(Author)).all()).await;
                let _ = interrupted(polls, conn.execute(update(Author).set(Author::NAME, "changed")).into_future()).await;
            }
            next_borrower_is_well(&engine).await?;
        }
    }

    async fn a_transaction_dropped_midway_leaves_nothing(db: Db) {
        db.create(&library()).await?;
        for polls in 1..=20 {
            let engine = narrow(&db)?;
            {
                let mut conn = engine.connect().await?;
                let mut tx = conn.begin().await?;
                tx.execute(insert(Author).values([Author::builder().name("first")])).await?;
                let rows = (0..300).map(|n| Author::builder().name(format!("more {n}")));
                let _ = interrupted(polls, tx.execute(insert(Author).values(rows)).into_future()).await;
            }
            next_borrower_is_well(&engine).await?;
            assert_eq!(db.count("authors").await?, 0);
        }
    }

    async fn waiting_for_a_connection_can_be_given_up(db: Db) {
        let engine = narrow(&db)?;
        let held = engine.connect().await?;
        for _ in 0..3 {
            assert!(interrupted(1, engine.connect()).await.is_none());
        }
        assert_eq!(engine.status().waiting, 0);
        held.release().await;
        engine.ping().await?;
        assert_eq!((engine.status().in_use, engine.status().idle), (0, 1));
    }

    async fn a_panic_in_the_middle_of_a_session_leaves_nothing(db: Db) {
        prepare(&db).await?;
        let engine = narrow(&db)?;
        let task = tokio::spawn({
            let engine = engine.clone();
            async move {
                let mut session = engine.session();
                stage(&mut session).await.unwrap();
                session.flush().await.unwrap();
                panic!("on purpose");
            }
        });
        assert!(task.await.unwrap_err().is_panic());
        next_borrower_is_well(&engine).await?;
        assert_eq!(seen(&db).await?, NOTHING);
    }
}
