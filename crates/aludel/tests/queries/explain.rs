//! How a database executes a statement, as it says itself.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

use crate::models::{Employee, Task, company};

on_each_database! {
    async fn how_a_statement_is_executed(db: Db) {
        let mut conn = company(&db).await?;
        let before = conn.scalar(select(func::count(Task::ID))).await?;
        for plan in [
            conn.explain(&select(Employee::NAME).filter(Employee::ID.eq(1))).await?,
            conn.explain(&select(Employee::NAME).filter(Employee::ID.in_([1, 2]))).await?,
            conn.explain(&delete(Task).filter(Task::HOURS.gt(3))).await?,
        ] {
            let plan = plan.to_lowercase();
            assert!(plan.contains("employees") || plan.contains("tasks"), "{plan}");
        }
        assert_eq!(conn.scalar(select(func::count(Task::ID))).await?, before);
        // In a session, behind what is pending.
        let mut session = db.session();
        session.add(Task::builder().id(1_000).title("plan").hours(1).done(false).employee_id(1));
        let plan = session.explain(&select(Task::TITLE).filter(Task::HOURS.gt(3))).await?;
        assert!(plan.to_lowercase().contains("tasks"), "{plan}");
        assert_eq!(session.scalar(select(func::count(Task::ID))).await?, before + 1);
    }

    #[except(sqlite, "it does not tell what a statement took")]
    async fn how_a_statement_was_executed(db: Db) {
        let mut conn = company(&db).await?;
        let before = conn.scalar(select(func::count(Task::ID))).await?;
        let took = db.pick("", "actual time=", "r_total_time_ms");
        let plan = conn.explain_analyze(&select(Employee::NAME).filter(Employee::ID.in_([1, 2]))).await?;
        assert!(plan.contains("employees") && plan.contains(took), "{plan}");
        // It is executed, and undone with its transaction.
        let mut tx = conn.begin().await?;
        let plan = tx.explain_analyze(&delete(Task).filter(Task::HOURS.gt(3))).await?;
        assert!(plan.contains("tasks") && plan.contains(took), "{plan}");
        assert!(tx.scalar(select(func::count(Task::ID))).await? < before);
        tx.rollback().await?;
        let mut session = db.session();
        let plan = session.explain_analyze(&select(func::count(Task::ID))).await?;
        assert!(plan.contains("tasks") && plan.contains(took), "{plan}");
        assert_eq!(session.scalar(select(func::count(Task::ID))).await?, before);
    }

    #[only(sqlite, "the others tell")]
    async fn a_database_that_does_not_tell_what_a_statement_took_says_so(db: Db) {
        let mut conn = company(&db).await?;
        let error = refused(conn.explain_analyze(&select(Task::ID)).await, ErrorKind::Unsupported);
        assert!(error.to_string().contains("SQLite has no EXPLAIN ANALYZE"), "{error}");
        assert!(error.advice().is_some_and(|it| it.contains("`explain`")), "{error}");
    }
}
