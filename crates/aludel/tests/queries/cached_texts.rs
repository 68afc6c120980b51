//! A statement whose structure was seen before builds no text, whatever its values.

use std::sync::{Arc, Mutex};

use aludel::events::{Listener, StatementEvent};
use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};

use crate::models::*;

/// The statements whose text had to be built.
#[derive(Clone, Default)]
struct Built(Arc<Mutex<Vec<String>>>);

impl Built {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Listener for Built {
    fn statement(&self, event: &StatementEvent<'_>) {
        if !event.cached {
            self.0.lock().unwrap().push(event.sql.to_owned());
        }
    }
}

/// Statements of many kinds; every value depends on `n`, which counts from 1.
async fn work(engine: &Engine, n: i64) -> aludel::Result<()> {
    let mut conn = engine.connect().await?;
    let named = format!("name {n}");
    let by_id =
        select(Employee).filter(Employee::ID.eq(n)).order_by(Employee::NAME).limit(n as u32).offset(n as u64);
    conn.scalars(by_id).all().await?;
    conn.scalars(select(Employee::ID).filter(Employee::ID.in_([n, n + 1, n + 2]))).all().await?;
    conn.scalars(select(Employee::ID).filter(Employee::NAME.contains(&named) | Employee::NAME.ilike(&named)))
        .all()
        .await?;
    conn.scalars(select(Employee::ID).filter(Employee::NAME.regexp_match(&named))).all().await?;
    let busy =
        exists(select(Task::ID).filter(Task::EMPLOYEE_ID.eq(Employee::ID)).filter(Task::HOURS.gt(n as i32)));
    conn.execute(select((Employee::TEAM, func::sum(Employee::SALARY))).filter(busy).group_by(Employee::TEAM))
        .all()
        .await?;
    conn.scalars(
        select(Employee::ID).filter(Employee::ID.gt(n)).union(select(Task::ID).filter(Task::ID.lt(n))),
    )
    .all()
    .await?;
    let article = |at: i64| Article::builder().sku(format!("{n}/{at}")).name(Some(named.clone())).quantity(n);
    conn.execute(insert(Article).values((0..3).map(article))).await?;
    conn.execute(update(Article).filter(Article::SKU.eq(&named)).set(Article::QUANTITY, n)).await?;
    conn.execute(delete(Article).filter(Article::QUANTITY.gt(1_000 + n))).await?;
    conn.execute(text!("SELECT name FROM employees WHERE id = :id", id = n)).all().await?;

    let mut session = engine.session();
    let employees = session
        .scalars(select(Employee).filter(Employee::NAME.ne(&named)).options(selectinload(Employee::TASKS)))
        .all()
        .await?;
    let task =
        session.add(Task::builder().id(1_000 + n).title(&*named).hours(n as i32).done(false).employee_id(1));
    session[employees[0]].salary += n;
    session.flush().await?;
    session.delete(task);
    session.rollback().await
}

on_each_database! {
    async fn no_text_is_built_for_a_structure_that_was_seen(db: Db) {
        company(&db).await?;
        let built = Built::default();
        let engine = db.builder().listen(built.clone()).build()?;
        work(&engine, 1).await?;
        assert!(built.take().len() > 12, "the first time all of them are built");
        for n in 2..5 {
            work(&engine, n).await?;
            assert_eq!(built.take(), [""; 0], "round {n}");
        }
    }
}
