//! SQL written by hand whose columns have types.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};

use crate::models::company;

on_each_database! {
    async fn its_rows_are_tuples_of_the_types_that_are_said(db: Db) {
        let mut conn = company(&db).await?;
        let rich = || text!("SELECT id, name, bonus FROM employees WHERE salary >= :salary ORDER BY id", salary = 200_i64);
        let rows: Vec<(i64, String, Option<i64>)> = conn.execute(rich().columns::<(i64, String, Option<i64>)>()).all().await?;
        assert_eq!(rows, [(1, "Ada".into(), None), (2, "Bob".into(), Some(20)), (3, "Cyd".into(), Some(10))]);
        let ids: Vec<i64> = conn.scalars(rich().columns::<(i64, String, Option<i64>)>()).all().await?;
        assert_eq!(ids, [1, 2, 3]);
        assert_eq!(conn.execute(rich().columns::<(i64, String, Option<i64>)>()).first().await?.map(|row| row.0), Some(1));
        let count = text!("SELECT count(*) FROM employees").columns::<(i64,)>();
        assert_eq!(conn.scalar(count.clone()).await?, 6);
        let (one, other) = conn.together((count.clone(), rich().columns::<(i64, String, Option<i64>)>())).await?;
        assert_eq!((one, other.len()), (vec![(6,)], 3));

        let mut session = db.engine.session();
        assert_eq!(session.scalars(count.clone()).all().await?, [6]);
        assert_eq!(session.execute(count.clone()).one().await?, (6,));
        let (one, other) = session.together((count.clone(), count)).await?;
        assert_eq!((one, other), (vec![(6,)], vec![(6,)]));
        session.close().await?;
    }

    async fn what_it_changes_belongs_to_the_transaction_of_the_session(db: Db) {
        let mut conn = company(&db).await?;
        let mut session = db.engine.session();
        let inserted = text!("INSERT INTO articles (sku, quantity) VALUES (:sku, 3) RETURNING sku, quantity", sku = "a");
        let row = session.execute(inserted.columns::<(String, i64)>()).one().await?;
        assert_eq!(row, ("a".to_owned(), 3));
        session.rollback().await?;
        let left = text!("SELECT count(*) FROM articles").columns::<(i64,)>();
        assert_eq!(conn.scalar(left).await?, 0);
        session.close().await?;
    }

    async fn other_columns_than_were_said_are_errors_of_decoding(db: Db) {
        let mut conn = company(&db).await?;
        let of_two = || text!("SELECT id, name FROM employees");
        let too_many = conn.execute(of_two().columns::<(i64, String, i64)>()).all().await;
        let error = aludel_suite::refused(too_many, ErrorKind::Decode);
        assert!(error.to_string().contains("the row has 2 columns, 3 are read"), "{error}");
        aludel_suite::refused(conn.execute(of_two().columns::<(i64,)>()).all().await, ErrorKind::Decode);
        aludel_suite::refused(conn.execute(of_two().columns::<(i64, i64)>()).all().await, ErrorKind::Decode);
        let null = text!("SELECT bonus FROM employees WHERE id = 1").columns::<(i64,)>();
        aludel_suite::refused(conn.execute(null).all().await, ErrorKind::Decode);
    }

    async fn a_name_that_several_columns_have_is_refused(db: Db) {
        let mut conn = company(&db).await?;
        let pair = text!("SELECT a.id, b.id, a.name FROM employees a, employees b WHERE a.id = 1 AND b.id = 2");
        let row = conn.execute(pair).one().await?;
        let error = aludel_suite::refused(row.get::<i64>("id"), ErrorKind::Decode);
        assert!(error.to_string().contains("2 columns are named `id`"), "{error}");
        assert_eq!((row.at::<i64>(0)?, row.at::<i64>(1)?, row.get::<String>("name")?), (1, 2, "Ada".to_owned()));
    }
}
