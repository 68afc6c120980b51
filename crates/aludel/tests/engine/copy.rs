//! Rules of COPY.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use aludel::prelude::*;
use aludel::{Executed, Result};

use crate::models::*;
use aludel_suite::{Db, on_each_database, refused};

/// A stream that has its next piece at every other poll.
pub struct Hesitant(VecDeque<std::result::Result<Vec<u8>, &'static str>>, bool);

impl Hesitant {
    pub fn new<P: Into<Vec<u8>>>(
        pieces: impl IntoIterator<Item = std::result::Result<P, &'static str>>,
    ) -> Self {
        Self(pieces.into_iter().map(|it| it.map(Into::into)).collect(), false)
    }
}

impl futures_core::Stream for Hesitant {
    type Item = std::result::Result<Vec<u8>, &'static str>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.1 = !self.1;
        if self.1 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(self.0.pop_front())
    }
}

async fn out(conn: &mut Connection, sql: &str) -> Result<String> {
    let mut pieces = conn.copy_out(sql);
    let mut all = Vec::new();
    while let Some(piece) = pieces.next().await? {
        all.extend(piece);
    }
    Ok(String::from_utf8(all).expect("text is UTF-8"))
}

const IN: &str = "COPY accounts (owner, balance) FROM STDIN (FORMAT csv)";
const OUT: &str = "COPY (SELECT owner, balance FROM accounts ORDER BY id) TO STDOUT (FORMAT csv)";

on_each_database! {
    #[only(postgres, "only PostgreSQL has COPY")]
    async fn pieces_may_be_cut_anywhere_and_come_back_as_lines(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let done = conn.copy_in(IN, ["kim", ",1\nl", "ou,", "2\n"]).await?;
        assert_eq!(done, Executed { rows_affected: 2 });
        assert_eq!(out(&mut conn, OUT).await?, "ada,100\nbob,100\nkim,1\nlou,2\n");
        assert_eq!(conn.copy_in(IN, [""; 0]).await?.rows_affected, 0);
        let done = conn.copy_in_stream(IN, Hesitant::new([Ok("mia"), Ok(",3\n")])).await?;
        assert_eq!((done.rows_affected, owners(&db).await?), (1, "ada bob kim lou mia".to_owned()));
    }

    #[only(postgres, "only PostgreSQL has COPY")]
    async fn more_than_any_buffer_holds_goes_in_and_out(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let lines = (0..200_000).map(|n| format!("owner {n},{n}\n"));
        assert_eq!(conn.copy_in(IN, lines).await?.rows_affected, 200_000);
        let mut pieces = conn.copy_out(OUT);
        let mut count = 0;
        while let Some(piece) = pieces.next().await? {
            assert!(piece.ends_with(b"\n"));
            count += 1;
        }
        assert_eq!(count, 200_002);
        drop(pieces);
        // Dropped midway, the connection goes on.
        let mut pieces = conn.copy_out(OUT);
        assert_eq!(pieces.next().await?, Some(b"ada,100\n".to_vec()));
        drop(pieces);
        assert_eq!(conn.scalar(select(func::count(Account::ID))).await?, 200_002);
    }

    #[only(postgres, "only PostgreSQL has COPY")]
    async fn rows_are_copied_with_their_types(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let rows = (0..10_000).map(|n| Account::builder().owner(format!("owner \"{n}\"\t\\n")).balance(-n));
        assert_eq!(conn.copy_rows(Account, rows).await?.rows_affected, 10_000);
        let last = select(Account).order_by(Account::ID.desc()).limit(1);
        let last = conn.scalars(last).one().await?;
        assert_eq!((last.id, &*last.owner, last.balance), (10_002, "owner \"9999\"\t\\n", -9_999));
        assert_eq!(conn.copy_rows(Account, (0..0).map(|n| Account::builder().owner("").balance(n))).await?.rows_affected, 0);
        let mut row = 0;
        let rows = std::iter::from_fn(|| {
            row += 1;
            Some(Account::builder().owner(if row < 500 { "x".to_owned() + &row.to_string() } else { "\0".to_owned() }).balance(0))
        });
        let error = refused(conn.copy_rows(Account, rows).await, ErrorKind::Encode);
        assert!(error.what().contains("row 500: column 1: the text holds a NUL"), "{error}");
        assert_eq!(conn.scalar(select(func::count(Account::ID))).await?, 10_002);
    }

    #[only(postgres, "only PostgreSQL has COPY")]
    async fn a_copy_that_fails_keeps_nothing_and_the_connection_goes_on(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        // Refused by the server at the end, in the middle of much more, and before it takes anything.
        refused(conn.copy_in(IN, ["kim,1\nada,2\n"]).await, ErrorKind::UniqueViolation);
        let endless = (0..).map(|n| format!("owner {},1\n", n % 5_000));
        let error = refused(conn.copy_in(IN, endless).await, ErrorKind::UniqueViolation);
        assert_eq!(error.sql(), Some(IN));
        refused(conn.copy_in("COPY nothing FROM STDIN", ["1"]).await, ErrorKind::Database);
        let error = conn.copy_in_stream(IN, Hesitant::new([Ok("kim,1\n"), Err("the disk is gone")])).await.unwrap_err();
        assert!(std::error::Error::source(&error).is_some_and(|it| it.to_string() == "the disk is gone"), "{error}");
        refused(conn.copy_in("SELECT 1", ["1"]).await, ErrorKind::State);
        let rows = [Account::builder().owner("kim").balance(1), Account::builder().owner("kim").balance(1)];
        refused(conn.copy_rows(Account, rows).await, ErrorKind::UniqueViolation);
        let error = refused(conn.copy_out("SELECT 1").next().await, ErrorKind::State);
        assert!(error.to_string().contains("COPY … TO STDOUT"), "{error}");
        assert_eq!(owners(&db).await?, "ada bob");
        assert_eq!(conn.copy_in(IN, ["kim,1\n"]).await?.rows_affected, 1);
    }

    #[only(postgres, "only PostgreSQL has COPY")]
    async fn a_copy_belongs_to_the_transaction(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut tx = conn.begin().await?;
        tx.copy_in(IN, ["kim,1\n"]).await?;
        assert!(out(&mut tx, OUT).await?.ends_with("kim,1\n"));
        tx.rollback().await?;
        let mut tx = conn.begin().await?;
        tx.copy_in(IN, ["lou,1\n"]).await?;
        let mut nested = tx.begin_nested().await?;
        refused(nested.copy_in(IN, ["lou,2\n"]).await, ErrorKind::UniqueViolation);
        nested.rollback().await?;
        tx.copy_in(IN, ["mia,3\n"]).await?;
        tx.commit().await?;
        let mut serializable = db.engine.connect().await?.with_options(|o| o.isolation(aludel::Isolation::Serializable));
        serializable.copy_in(IN, ["noa,1\n"]).await?;
        assert!(!serializable.in_transaction());
        assert_eq!(owners(&db).await?, "ada bob lou mia noa");
    }

    #[except(postgres, "it has COPY")]
    async fn a_database_without_copy_says_so(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let error = refused(conn.copy_in(IN, ["kim,1\n"]).await, ErrorKind::Unsupported);
        assert!(error.to_string().contains("has no COPY"), "{error}");
        refused(conn.copy_out(OUT).next().await, ErrorKind::Unsupported);
        refused(conn.copy_rows(Account, [Account::builder().owner("kim").balance(1)]).await, ErrorKind::Unsupported);
        assert_eq!(owners(&db).await?, "ada bob");
    }
}
