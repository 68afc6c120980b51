//! Several expressions as one.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};

use crate::models::{Employee, Task, company, names};

on_each_database! {
    async fn tuples_are_compared(db: Db) {
        let mut conn = company(&db).await?;
        let key = || tuple((Employee::SALARY, Employee::ID));
        let after = select(Employee::NAME).filter(key().gt((200_i64, 2_i64))).order_by(Employee::ID);
        assert_eq!(conn.scalars(after).all().await?, names(&["Ada", "Cyd"]));
        let up_to = select(Employee::NAME).filter(key().le((120_i64, 5_i64))).order_by(Employee::ID);
        assert_eq!(conn.scalars(up_to).all().await?, names(&["Dan", "Eve", "Fay"]));
        let same = select(Employee::NAME).filter(key().eq((90_i64, 6_i64)));
        assert_eq!(conn.scalars(same).all().await?, names(&["Fay"]));
    }

    async fn tuples_are_looked_for(db: Db) {
        let mut conn = company(&db).await?;
        let pair = || tuple((Employee::TEAM, Employee::SALARY));
        let found = select(Employee::NAME).filter(pair().in_([("build", 100), ("sales", 200), ("sales", 100)])).order_by(Employee::ID);
        assert_eq!(conn.scalars(found).all().await?, names(&["Cyd", "Dan"]));
        let others = select(func::count_star()).select_from(Employee).filter(pair().not_in([("build", 100), ("board", 300)]));
        assert_eq!(conn.scalars(others).one().await?, 4);
        let many = (0..500).map(|it| ("build".to_owned(), it));
        let found = select(Employee::NAME).filter(pair().in_(many)).order_by(Employee::ID);
        assert_eq!(conn.scalars(found).all().await?, names(&["Bob", "Dan", "Eve"]));
        let none = select(Employee::NAME).filter(pair().in_(Vec::<(String, i64)>::new()));
        assert_eq!(conn.scalars(none).all().await?, names(&[]));
    }

    async fn tuples_are_looked_for_in_what_is_selected(db: Db) {
        let mut conn = company(&db).await?;
        let longest = select((Task::EMPLOYEE_ID, func::coalesce(func::max(Task::HOURS), 0))).group_by(Task::EMPLOYEE_ID);
        let found = select(Task::TITLE).filter(tuple((Task::EMPLOYEE_ID, Task::HOURS)).in_(longest)).order_by(Task::ID);
        assert_eq!(
            conn.scalars(found).all().await?,
            names(&["plan", "build wall", "build roof", "sell", "count"])
        );
    }

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
        let error = aludel_suite::refused(conn.explain_analyze(&select(Task::ID)).await, ErrorKind::Unsupported);
        assert!(error.to_string().contains("SQLite has no EXPLAIN ANALYZE"), "{error}");
        assert!(error.advice().is_some_and(|it| it.contains("`explain`")), "{error}");
    }
}
