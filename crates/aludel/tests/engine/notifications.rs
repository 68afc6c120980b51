//! Rules of LISTEN and NOTIFY.

use std::future::{Future, poll_fn};
use std::pin::pin;

use aludel::prelude::*;

use crate::models::*;
use aludel_suite::{Db, on_each_database, refused};

/// Polls once.
async fn is_ready<F: Future>(future: F) -> bool {
    let mut future = pin!(future);
    poll_fn(|cx| std::task::Poll::Ready(future.as_mut().poll(cx).is_ready())).await
}

on_each_database! {
    #[only(postgres, "only PostgreSQL has notifications")]
    async fn what_is_sent_to_a_channel_arrives_in_order_at_those_who_listen(db: Db) {
        let mut conn = db.engine.connect().await?;
        let mut sender = db.other().connect().await?;
        sender.notify("jobs", "before anybody listens").await?;
        let mut jobs = conn.listen("jobs").await?;
        jobs.listen("Odd \"name\"").await?;
        for payload in ["first", "", "it's the third"] {
            sender.notify("jobs", payload).await?;
        }
        sender.notify("Odd \"name\"", "fourth").await?;
        sender.notify("others", "unheard").await?;
        let mut heard = Vec::new();
        for _ in 0..4 {
            let it = jobs.recv().await?;
            heard.push((it.channel, it.payload));
        }
        let expected = [("jobs", "first"), ("jobs", ""), ("jobs", "it's the third"), ("Odd \"name\"", "fourth")];
        assert_eq!(heard, expected.map(|(channel, payload)| (channel.to_owned(), payload.to_owned())));
        assert!(!is_ready(jobs.recv()).await);
        jobs.unlisten("jobs").await?;
        sender.notify("jobs", "unheard").await?;
        sender.notify("Odd \"name\"", "last").await?;
        assert_eq!(jobs.recv().await?.payload, "last");
    }

    #[only(postgres, "only PostgreSQL has notifications")]
    async fn giving_up_the_wait_loses_no_notification_and_the_connection_goes_on(db: Db) {
        let mut conn = db.engine.connect().await?;
        let mut sender = db.other().connect().await?;
        let mut jobs = conn.listen("jobs").await?;
        for n in 0..50 {
            assert!(!is_ready(jobs.recv()).await);
            sender.notify("jobs", &n.to_string()).await?;
            assert_eq!(jobs.recv().await?.payload, n.to_string());
        }
        sender.notify("jobs", "while it is busy").await?;
        assert_eq!(conn.execute(text!("SELECT 7 AS n")).one().await?.get::<i32>("n")?, 7);
        let mut jobs = conn.listen("jobs").await?;
        assert_eq!(jobs.recv().await?.payload, "while it is busy");
    }

    #[only(postgres, "only PostgreSQL has notifications")]
    async fn a_notification_is_sent_when_its_transaction_is_committed(db: Db) {
        let mut conn = db.engine.connect().await?;
        let mut sender = db.other().connect().await?;
        let mut jobs = conn.listen("jobs").await?;
        let mut tx = sender.begin().await?;
        tx.notify("jobs", "rolled back").await?;
        tx.rollback().await?;
        let mut tx = sender.begin().await?;
        tx.notify("jobs", "committed").await?;
        tx.commit().await?;
        assert_eq!(jobs.recv().await?.payload, "committed");
        let mut tx = sender.begin().await?;
        refused(tx.listen("jobs").await, ErrorKind::State);
        tx.rollback().await?;
    }

    /// Case 18.
    #[only(postgres, "only PostgreSQL has notifications")]
    async fn the_next_borrower_listens_to_nothing(db: Db) {
        let engine = db.builder().pool_size(1).max_overflow(0).build()?;
        let mut conn = engine.connect().await?;
        let pid = conn.execute(text!("SELECT pg_backend_pid() AS pid")).one().await?.get::<i32>("pid")?;
        let _ = conn.listen("jobs").await?;
        drop(conn);
        let row = engine.connect().await?.execute(text!("SELECT pg_backend_pid() AS pid, (SELECT count(*) FROM pg_listening_channels()) AS n")).one().await?;
        assert_ne!(row.get::<i32>("pid")?, pid);
        assert_eq!(row.get::<i64>("n")?, 0);
    }

    #[only(postgres, "only PostgreSQL has notifications")]
    async fn whoever_waits_for_a_notification_is_told_that_the_connection_is_lost(db: Db) {
        let mut conn = db.engine.connect().await?;
        let pid = conn.execute(text!("SELECT pg_backend_pid() AS pid")).one().await?.get::<i32>("pid")?;
        let mut jobs = conn.listen("jobs").await?;
        db.run(&format!("SELECT pg_terminate_backend({pid})")).await?;
        assert!(jobs.recv().await.unwrap_err().is_disconnect());
        assert!(jobs.recv().await.unwrap_err().is_disconnect());
        drop(conn);
        db.engine.ping().await?;
    }

    #[except(postgres, "it has notifications")]
    async fn a_database_without_notifications_says_so(db: Db) {
        let mut conn = db.engine.connect().await?;
        let error = refused(conn.listen("jobs").await, ErrorKind::Unsupported);
        assert!(error.to_string().contains("cannot send each other notifications"), "{error}");
        refused(conn.notify("jobs", "7").await, ErrorKind::Unsupported);
        bank(&db).await?;
        assert_eq!(owners(&db).await?, "ada bob");
    }
}
