//! Lists.

use aludel::prelude::*;

use super::{Sample, samples};
use aludel_suite::{Db, on_each_database};

on_each_database! {
    async fn a_list_may_have_any_length(db: Db) {
        let mut conn = samples(&db, (1..=5).map(|n| Sample::builder().a(n).s(format!("s{n}")))).await?;
        for length in [0_i64, 1, 5, 1_000, 40_000] {
            let expected: Vec<i64> = (1..=5).filter(|n| *n <= length).collect();
            let others: Vec<i64> = (1..=5).filter(|n| *n > length).collect();
            let all = || select(Sample::A).order_by(Sample::A);
            assert_eq!(conn.scalars(all().filter(Sample::A.in_(1..=length))).all().await?, expected, "IN of {length}");
            assert_eq!(conn.scalars(all().filter(Sample::A.not_in(1..=length))).all().await?, others, "NOT IN of {length}");
            let texts = || (1..=length).map(|n| format!("s{n}"));
            assert_eq!(conn.scalars(all().filter(Sample::S.in_(texts()))).all().await?, expected, "IN of {length} texts");
            assert_eq!(conn.scalars(all().filter(Sample::S.not_in(texts()))).all().await?, others, "NOT IN of {length} texts");
        }
    }

    async fn null_is_in_no_list_but_not_in_the_empty_one_either(db: Db) {
        let mut conn = samples(&db, [Sample::builder().a(1), Sample::builder().a(2).n(2)].map(|it| it)).await?;
        let all = || select(Sample::A).order_by(Sample::A);
        assert_eq!(conn.scalars(all().filter(Sample::N.in_([2, 3]))).all().await?, [2]);
        assert_eq!(conn.scalars(all().filter(Sample::N.not_in([3]))).all().await?, [2]);
        assert_eq!(conn.scalars(all().filter(Sample::N.in_([0_i64; 0]))).all().await?, [0; 0]);
        assert_eq!(conn.scalars(all().filter(Sample::N.not_in([0_i64; 0]))).all().await?, [1, 2]);
    }

    async fn many_conditions_are_one_statement(db: Db) {
        let mut conn = samples(&db, (1..=5).map(|n| Sample::builder().a(n))).await?;
        let stmt = select(Sample::A).filter(or_((3..900).map(|n| Sample::A.eq(n)))).order_by(Sample::A);
        assert_eq!(conn.scalars(stmt).all().await?, [3, 4, 5]);
        assert_eq!(conn.scalars(select(Sample::A).filter(and_([]))).all().await?.len(), 5);
        assert_eq!(conn.scalars(select(Sample::A).filter(or_([]))).all().await?.len(), 0);
    }
}
