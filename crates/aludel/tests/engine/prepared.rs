//! Rules of prepared queries.

use std::sync::Arc;

use aludel::prelude::*;
use aludel::{Placeholder, prepared};
use rust_decimal::Decimal;

use crate::models::*;
use aludel_suite::{Db, on_each_database, refused};

/// An amount with cents.
#[derive(Entity, Debug)]
#[entity(table = "amounts")]
struct Amount {
    #[column(primary_key)]
    id: i64,
    #[column(precision = 10, scale = 2)]
    amount: Decimal,
}

on_each_database! {
    async fn a_prepared_query_gives_the_rows_of_its_values(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let by_owner = prepared(|owner: Placeholder<String>| select((Account::ID, Account::BALANCE)).filter(Account::OWNER.eq(owner)));
        for (owner, id) in [("bob", 2), ("ada", 1), ("bob", 2)] {
            assert_eq!(conn.execute(by_owner.with(owner)).one().await?, (id, 100));
            assert_eq!(conn.execute(by_owner.with(owner)).first().await?, Some((id, 100)));
            assert_eq!(conn.execute(by_owner.with(owner)).all().await?, [(id, 100)]);
            assert_eq!(conn.scalar(by_owner.with(owner)).await?, id);
            assert_eq!(conn.scalars(by_owner.with(owner)).stream().next().await?, Some(id));
        }
        assert_eq!(conn.execute(by_owner.with("kim")).one_or_none().await?, None);

        let between = prepared(|(least, most, owner): (Placeholder<i64>, Placeholder<i64>, Placeholder<String>)| {
            let rich = Account::BALANCE.ge(least.clone()).and(Account::BALANCE.le(most)).or(Account::ID.eq(least));
            select(Account::OWNER).filter(rich).filter(Account::OWNER.ne(owner)).order_by(Account::ID)
        });
        assert_eq!(conn.scalars(between.with((50, 150, "kim"))).all().await?, ["ada", "bob"]);
        assert_eq!(conn.scalars(between.with((2, 50, "ada"))).all().await?, ["bob"]);
        assert_eq!(conn.scalars(between.with((101, 150, "ada"))).all().await?, Vec::<String>::new());

        let count = prepared(|()| select(func::count(Account::ID)));
        let mut tx = conn.begin().await?;
        tx.execute(open("kim")).await?;
        assert_eq!(tx.scalar(count.with(())).await?, 3);
        tx.rollback().await?;
        assert_eq!(conn.scalar(count.with(())).await?, 2);
    }

    async fn a_prepared_query_counts_its_rows_as_any_other(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let with_balance = prepared(|balance: Placeholder<i64>| select(Account::ID).filter(Account::BALANCE.eq(balance)).order_by(Account::ID));
        for _ in 0..2 {
            refused(conn.scalars(with_balance.with(100)).one().await, ErrorKind::MultipleFound);
            refused(conn.scalars(with_balance.with(7)).one().await, ErrorKind::NotFound);
            assert_eq!(conn.scalars(with_balance.with(100)).first().await?, Some(1));
            assert_eq!(conn.scalars(with_balance.with(100)).all().await?, [1, 2]);
        }
        let first = prepared(|()| select(Account::ID).order_by(Account::ID.desc()).limit(1));
        assert_eq!(conn.scalars(first.with(())).one().await?, 2);
        let mut few = conn.with_options(|o| o.max_rows(1));
        refused(few.scalars(with_balance.with(100)).all().await, ErrorKind::TooManyRows);
    }

    async fn prepared_queries_are_asked_together_and_shared(db: Db) {
        bank(&db).await?;
        let mut conn = db.engine.connect().await?;
        let by_key = prepared(|id: Placeholder<i64>| select(Account).filter(Account::ID.eq(id)));
        let asked: Vec<_> = [2, 1, 2].iter().map(|id| by_key.with(*id).scalars().one()).collect();
        let owners: Vec<String> = conn.together(asked).await?.into_iter().map(|it| it.owner).collect();
        assert_eq!(owners, ["bob", "ada", "bob"]);
        let (rows, count) = conn.together((by_key.with(1), select(func::count(Account::ID)).scalar())).await?;
        assert_eq!((rows.len(), count), (1, 2));
        drop(conn);

        let by_key = Arc::new(by_key);
        let tasks: Vec<_> = (0..20_i64)
            .map(|n| {
                let (shared, by_key) = (db.engine.shared(), Arc::clone(&by_key));
                tokio::spawn(async move { shared.ask(by_key.with(1 + n % 2).scalars().one()).await })
            })
            .collect();
        for (n, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await??.id, 1 + n as i64 % 2);
        }
    }

    async fn a_prepared_query_serves_every_engine(db: Db) {
        bank(&db).await?;
        let by_key = prepared(|id: Placeholder<i64>| select(Account::OWNER).filter(Account::ID.eq(id)));
        // Each engine numbers its texts on its own: the same number is of another text in each.
        let others = [db.builder().build()?, db.builder().build()?];
        for (others_before, engine) in [&others[0], &db.engine, &others[1]].into_iter().enumerate() {
            let mut conn = engine.connect().await?;
            for n in 0..others_before as i64 * 3 {
                conn.execute(text_unchecked(format!("SELECT {n}"))).all().await?;
            }
            for (id, owner) in [(1, "ada"), (2, "bob"), (1, "ada")] {
                assert_eq!(conn.scalar(by_key.with(id)).await?, owner);
            }
        }
        let mut scoped = db.engine.scope(Account, Account::OWNER.eq("bob")).connect().await?;
        for _ in 0..2 {
            assert_eq!(scoped.scalars(by_key.with(1)).all().await?, Vec::<String>::new());
            assert_eq!(scoped.scalars(by_key.with(2)).all().await?, ["bob"]);
        }
    }

    async fn a_prepared_query_keeps_every_digit_of_decimals(db: Db) {
        db.create(&Metadata::of((Amount,))).await?;
        let mut conn = db.engine.connect().await?;
        let amounts = ["1.00", "1.25", "2.50"].map(|it| it.parse::<Decimal>().unwrap());
        conn.execute(insert(Amount).values(amounts.map(|it| Amount::builder().amount(it)))).await?;
        let above = prepared(|least: Placeholder<Decimal>| select(Amount::AMOUNT).filter(Amount::AMOUNT.gt(least)).order_by(Amount::ID));
        for (least, found) in [("1", 2), ("1.249", 2), ("1.25", 1), ("2.4999", 1)] {
            assert_eq!(conn.scalars(above.with(least.parse::<Decimal>().unwrap())).all().await?.len(), found, "{least}");
        }
    }
}
