//! Rows, and how they are fetched.

use aludel::prelude::*;

use super::{Sample, samples};
use crate::models::*;
use aludel_suite::{Db, on_each_database, refused};

on_each_database! {
    async fn rows_come_as_tuples_scalars_and_structs(db: Db) {
        let mut conn = samples(&db, (1..=3).map(|n| Sample::builder().a(n).s(format!("s{n}")))).await?;
        let rows = conn.execute(select((Sample::A, Sample::S)).order_by(Sample::A)).all().await?;
        assert_eq!(rows, [(1, "s1".to_owned()), (2, "s2".to_owned()), (3, "s3".to_owned())]);
        assert_eq!(conn.scalars(select(Sample::A).order_by(Sample::A.desc())).all().await?, [3, 2, 1]);
        let structs: Vec<Sample> = conn.scalars(select(Sample).order_by(Sample::A)).all().await?;
        assert_eq!((structs[2].a, structs[2].s.as_str(), structs[2].n), (3, "s3", None));
        assert_eq!(conn.scalar(select(func::count_star()).select_from(Sample)).await?, 3);
        let whole = conn.execute(select((Sample, Sample::A)).order_by(Sample::A)).all().await?;
        assert_eq!((whole[1].0.a, whole[1].1), (2, 2));
    }

    async fn first_one_and_one_or_none_count_the_rows(db: Db) {
        let mut conn = samples(&db, (1..=3).map(|n| Sample::builder().a(n))).await?;
        let of = |n: i64| select(Sample::A).filter(Sample::A.ge(n)).order_by(Sample::A);
        assert_eq!(conn.scalars(of(2)).first().await?, Some(2));
        assert_eq!(conn.scalars(of(9)).first().await?, None);
        assert_eq!(conn.scalars(of(3)).one().await?, 3);
        assert_eq!(conn.scalars(of(9)).one_or_none().await?, None);
        let error = refused(conn.scalars(of(9)).one().await, ErrorKind::NotFound);
        assert!(error.to_string().contains("`one_or_none` or `first`"), "{error}");
        refused(conn.scalars(of(2)).one().await, ErrorKind::MultipleFound);
        refused(conn.scalars(of(2)).one_or_none().await, ErrorKind::MultipleFound);
        // A limit of the statement's own is kept.
        assert_eq!(conn.scalars(of(1).limit(1)).one().await?, 1);
    }

    async fn a_tuple_may_have_sixteen_items(db: Db) {
        let mut conn = samples(&db, [Sample::builder().a(1)]).await?;
        let n = || Sample::A + 0;
        let row = conn.execute(select((
            Sample::A, n() + 1, n() + 2, n() + 3, n() + 4, n() + 5, n() + 6, n() + 7,
            n() + 8, n() + 9, n() + 10, n() + 11, n() + 12, n() + 13, Sample::S, Sample,
        ))).one().await?;
        assert_eq!((row.0, row.1, row.13, row.14.as_str(), row.15.a), (1, 2, 14, "", 1));
    }

    async fn limit_offset_and_distinct(db: Db) {
        let mut conn = samples(&db, [1, 1, 2, 3, 3, 4].map(|n| Sample::builder().a(n))).await?;
        let all = || select(Sample::A).order_by(Sample::A);
        assert_eq!(conn.scalars(all().limit(2)).all().await?, [1, 1]);
        assert_eq!(conn.scalars(all().limit(0)).all().await?, [0; 0]);
        assert_eq!(conn.scalars(all().offset(4)).all().await?, [3, 4]);
        assert_eq!(conn.scalars(all().limit(2).offset(1)).all().await?, [1, 2]);
        assert_eq!(conn.scalars(all().distinct()).all().await?, [1, 2, 3, 4]);
    }

    async fn groups_and_joins(db: Db) {
        db.create(&library()).await?;
        let mut conn = db.engine.connect().await?;
        conn.execute(insert(Author).values((1..=3).map(|id| Author::builder().id(id).name(format!("a{id}"))))).await?;
        conn.execute(insert(Book).values([(1, 1999), (1, 2001), (2, 2002)].map(|(author, year)| {
            Book::builder().title(format!("b{year}")).year(year).author_id(author)
        }))).await?;
        let counts = select((Author::NAME, func::count(Book::ID).label("books")))
            .outer_join(Author::BOOKS).group_by((Author::ID, Author::NAME)).order_by((desc("books"), Author::NAME));
        let expected = [("a1".to_owned(), 2), ("a2".to_owned(), 1), ("a3".to_owned(), 0)];
        assert_eq!(conn.execute(counts.clone()).all().await?, expected);
        assert_eq!(conn.execute(counts.having(func::count(Book::ID).gt(1))).all().await?, expected[..1]);
        let on = select((Author::NAME, Book::YEAR.nullable()))
            .outer_join_on(Book, Book::AUTHOR_ID.eq(Author::ID).and(Book::YEAR.gt(2000))).order_by(Author::ID);
        let expected = [("a1".to_owned(), Some(2001)), ("a2".to_owned(), Some(2002)), ("a3".to_owned(), None)];
        assert_eq!(conn.execute(on).all().await?, expected);
        let optional = conn.execute(select((Author::ID, optional(Book))).outer_join(Author::BOOKS).filter(Author::ID.eq(3))).one().await?;
        assert!(optional.1.is_none());
    }
}
