//! SQL written by hand.

use aludel::prelude::*;

use super::{Sample, samples};
use aludel_suite::{Db, on_each_database, refused};

on_each_database! {
    async fn rows_of_text_are_read_by_name_and_type(db: Db) {
        let mut conn = samples(&db, (1..=3).map(|n| Sample::builder().a(n).s(format!("s{n}")))).await?;
        let stmt = text!("SELECT a AS number, s, n FROM samples WHERE a >= :from AND s <> :without ORDER BY a", from = 2_i64, without = "s3");
        let row = conn.execute(stmt).one().await?;
        assert_eq!(row.names(), ["number", "s", "n"]);
        assert_eq!((row.get::<i64>("number")?, row.get::<String>("s")?, row.get::<Option<i64>>("n")?), (2, "s2".into(), None));
        assert_eq!(row.at::<i32>(0)?, 2);
        let error = refused(row.get::<i64>("nosuch"), ErrorKind::Decode);
        assert!(error.to_string().contains("no column `nosuch`") && error.to_string().contains("number, s, n"), "{error}");
        let error = refused(row.get::<i64>("s"), ErrorKind::Decode);
        assert_eq!(error.column(), Some("s"));
        refused(row.get::<i64>("n"), ErrorKind::Decode);
    }

    async fn a_value_may_be_used_twice_and_next_to_quotes(db: Db) {
        let mut conn = samples(&db, [Sample::builder().a(5).s(":a")]).await?;
        let stmt = text!("SELECT a FROM samples WHERE a >= :a AND a <= :a AND s = ':a' -- :nothing", a = 5_i64);
        assert_eq!(conn.execute(stmt).one().await?.at::<i64>(0)?, 5);
    }

    async fn a_value_is_never_part_of_the_sql(db: Db) {
        let nasty = "'; DROP TABLE samples; -- \" ` \\ % _ $1 ? :x";
        let mut conn = samples(&db, [Sample::builder().s(nasty)]).await?;
        let found = conn.execute(text!("SELECT s FROM samples WHERE s = :s", s = nasty)).one().await?;
        assert_eq!(found.get::<String>("s")?, nasty);
        assert_eq!(conn.scalar(select(Sample::S).filter(Sample::S.eq(nasty))).await?, nasty);
        let error = refused(conn.scalars(select(Sample::S).filter(Sample::A.eq(1))).one().await, ErrorKind::NotFound);
        assert!(!error.to_string().contains("DROP"));
    }

    async fn wrong_sql_is_an_error_with_its_text(db: Db) {
        let mut conn = db.engine.connect().await?;
        let error = refused(conn.execute(text!("SELEC 1")).all().await, ErrorKind::Database);
        assert!(error.code().is_some(), "{error}");
        assert_eq!(error.sql(), Some("SELEC 1"));
        // The connection is still good.
        assert_eq!(conn.execute(text!("SELECT 1")).one().await?.at::<i64>(0)?, 1);
    }
}
