//! What cannot be sent.

use aludel::prelude::*;
use aludel_testing::Database;

use super::{Sample, samples};
use crate::models::*;
use aludel_suite::{Db, on_each_database, refused};

on_each_database! {
    async fn what_a_database_cannot_do_is_an_error_before_anything_is_sent(db: Db) {
        let mut conn = samples(&db, [Sample::builder().a(1)]).await?;
        let before = conn.statement_count();
        let tried: Vec<(bool, aludel::Result<()>)> = vec![
            (db.database == Database::MariaDb,
             conn.execute(update(Sample).set(Sample::A, 2).returning(Sample::A)).all().await.map(|_| ())),
            (db.database == Database::Sqlite, conn.execute(select(Sample).for_update()).all().await.map(|_| ())),
            (db.database == Database::Sqlite,
             conn.execute(select(Sample).filter(Sample::S.like(Sample::T))).all().await.map(|_| ())),
        ];
        let mut expected = before;
        for (unsupported, result) in tried {
            if unsupported {
                let error = refused(result, ErrorKind::Unsupported);
                assert!(error.what().contains(db.pick("SQLite", "PostgreSQL", "M")), "it names the database: {error}");
            } else {
                result?;
                expected += 1;
            }
        }
        assert_eq!(conn.statement_count(), expected);
    }

    async fn a_column_of_a_table_that_is_not_in_from_is_an_error(db: Db) {
        let mut conn = db.engine.connect().await?;
        let error = refused(conn.execute(select(Book::TITLE).filter(Author::NAME.eq("x"))).all().await, ErrorKind::Compile);
        assert!(error.to_string().contains("authors"), "{error}");
        let not_nullable = select((Author::NAME, Book::TITLE)).outer_join(Author::BOOKS);
        refused(conn.execute(not_nullable).all().await, ErrorKind::Compile);
        assert_eq!(conn.statement_count(), 0);
    }

    async fn nan_infinity_and_nul_are_refused(db: Db) {
        let mut conn = samples(&db, [Sample::builder().a(1)]).await?;
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            refused(conn.execute(insert(Sample).values([Sample::builder().x(value)])).await, ErrorKind::Encode);
            refused(conn.execute(update(Sample).set(Sample::X, value)).await, ErrorKind::Encode);
            refused(conn.execute(select(Sample::A).filter(Sample::X.eq(value))).all().await, ErrorKind::Encode);
        }
        refused(conn.execute(insert(Sample).values([Sample::builder().s("a\0b")])).await, ErrorKind::Encode);
        refused(conn.execute(update(Sample).set(Sample::S, "a\0b")).await, ErrorKind::Encode);
        refused(conn.execute(select(Sample::A).filter(Sample::S.in_(["a\0b"]))).all().await, ErrorKind::Encode);
        // Neither the row nor the connection has taken harm.
        assert_eq!(conn.execute(select((Sample::X, Sample::S))).one().await?, (0.0, String::new()));
        let mut session = db.session();
        session.add(Sample::builder().s("a\0b"));
        refused(session.commit().await, ErrorKind::Encode);
        session.rollback().await?;
        assert_eq!(db.count("samples").await?, 1);
    }

    async fn text_that_is_too_long_is_refused(db: Db) {
        db.create(&Metadata::of(Account)).await?;
        let mut conn = db.engine.connect().await?;
        let fits = "ä".repeat(100);
        conn.execute(insert(Account).values([Account::builder().email(fits.as_str()).balance(1)])).await?;
        assert_eq!(conn.scalar(select(Account::EMAIL)).await?, fits, "a length is in characters, not in bytes");
        let failed = conn.execute(insert(Account).values([Account::builder().email("x".repeat(101)).balance(1)])).await;
        refused(failed, ErrorKind::CheckViolation);
        assert_eq!(db.count("accounts").await?, 1);
    }
}
