//! UPDATE and DELETE with other tables.

use aludel::prelude::*;
use aludel_suite::{Database, Db, on_each_database};

use crate::models::{Employee, Task, company};

on_each_database! {
    async fn a_joined_table_gives_the_values_of_an_update(db: Db) {
        let mut conn = company(&db).await?;
        let stmt = update(Task)
            .join(Task::EMPLOYEE)
            .set(Task::TITLE, Employee::NAME.concat(": ").concat(Task::TITLE))
            .set(Task::HOURS, Task::HOURS + 1)
            .filter(Employee::TEAM.eq("sales"))
            .filter(Task::DONE);
        assert_eq!(conn.execute(stmt).await?.rows_affected, 2);
        let titles = select((Task::TITLE, Task::HOURS)).filter(Task::TITLE.contains(":")).order_by(Task::ID);
        let rows: Vec<(String, i32)> = conn.execute(titles).all().await?;
        assert_eq!(rows, [("Fay: sell".to_owned(), 13), ("Cyd: count".to_owned(), 8)]);
    }

    async fn a_query_gives_the_values_of_an_update(db: Db) {
        let mut conn = company(&db).await?;
        let hours = func::sum(Task::HOURS).label("hours");
        let busy = select((Task::EMPLOYEE_ID, hours.clone()))
            .filter(Task::HOURS.gt(4))
            .group_by(Task::EMPLOYEE_ID)
            .subquery("busy");
        let stmt = update(Employee)
            .join_on(&busy, busy.col(Task::EMPLOYEE_ID).eq(Employee::ID))
            .set(Employee::BONUS, busy.col(&hours))
            .filter(Employee::SALARY.lt(200_i64));
        assert_eq!(conn.execute(stmt).await?.rows_affected, 2);
        let bonuses = conn.scalars(select(Employee::BONUS).order_by(Employee::ID)).all().await?;
        assert_eq!(bonuses, [None, Some(20), Some(10), Some(25), Some(5), Some(12)]);
    }

    async fn a_table_is_joined_to_itself_in_an_update(db: Db) {
        let mut conn = company(&db).await?;
        let boss = alias(Employee, "boss");
        let stmt = update(Employee)
            .join(Employee::MANAGER.to(boss))
            .set(Employee::SALARY, boss.col(Employee::SALARY) - 1)
            .filter(boss.col(Employee::NAME).eq("Ada"));
        assert_eq!(conn.execute(stmt).await?.rows_affected, 2);
        let salaries = conn.scalars(select(Employee::SALARY).order_by(Employee::ID)).all().await?;
        assert_eq!(salaries, [300, 299, 299, 100, 120, 90]);
    }

    async fn joined_tables_say_which_rows_go(db: Db) {
        let mut conn = company(&db).await?;
        let boss = alias(Employee, "boss");
        let stmt = delete(Task)
            .join(Task::EMPLOYEE)
            .join_on(boss, boss.col(Employee::ID).eq(Employee::MANAGER_ID))
            .filter(boss.col(Employee::NAME).eq("Bob"));
        assert_eq!(conn.execute(stmt).await?.rows_affected, 2);
        let left = conn.scalars(select(Task::ID).order_by(Task::ID)).all().await?;
        assert_eq!(left, [1, 2, 5, 6, 7]);
    }

    async fn what_a_joined_change_gives_back(db: Db) {
        let mut conn = company(&db).await?;
        let stmt = delete(Task).join(Task::EMPLOYEE).filter(Employee::TEAM.eq("board")).returning((Task::ID, Task::TITLE));
        let rows = conn.execute(stmt).all().await;
        if db.database == Database::MariaDb {
            assert_eq!(rows.unwrap_err().kind(), aludel::ErrorKind::Unsupported);
            return Ok(());
        }
        assert_eq!(rows?, [(1, "plan".to_owned())]);
    }

    async fn expressions_and_statements_are_values(db: Db) {
        let mut conn = company(&db).await?;
        let hours = func::max(Task::HOURS).cast::<Option<i64>>();
        let most = select(hours).filter(Task::EMPLOYEE_ID.eq(Employee::ID)).scalar_subquery();
        let raise = case().when(Employee::TEAM.eq("sales"), 50_i64).else_(0_i64);
        let stmt = update(Employee).set(Employee::SALARY, Employee::SALARY + raise).set(Employee::BONUS, most);
        assert_eq!(conn.execute(stmt).await?.rows_affected, 6);
        let rows = conn.execute(select((Employee::SALARY, Employee::BONUS)).order_by(Employee::ID)).all().await?;
        assert_eq!(rows[2..], [(250, Some(7)), (100, Some(20)), (120, None), (140, Some(12))]);
    }
}
