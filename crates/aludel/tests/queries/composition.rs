//! Statements put together from parts that several of them share: filters, pages, lists of columns.

use aludel::prelude::*;
use aludel::{Select, Shape};
use aludel_suite::{Db, on_each_database};

use crate::models::{Employee, Task, company, names};

/// A filter for any statement that has employees in it.
fn well_paid<S: Shape>(statement: Select<S>) -> Select<S> {
    statement.filter(Employee::SALARY.ge(120_i64))
}

/// Conditions as a form gives them: each is there or not.
fn found<S: Shape>(mut statement: Select<S>, team: Option<&str>, name: Option<&str>) -> Select<S> {
    if let Some(team) = team {
        statement = statement.filter(Employee::TEAM.eq(team));
    }
    if let Some(name) = name {
        statement = statement.filter(Employee::NAME.contains(name));
    }
    statement
}

/// A page of any statement, of at most 100 rows.
fn page<S: Shape>(statement: Select<S>, number: u32, size: u32) -> Select<S> {
    let size = size.min(100);
    statement.limit(size).offset(u64::from(number) * u64::from(size))
}

on_each_database! {
    async fn c29_filters_and_pages_are_functions_of_any_statement(db: Db) {
        let mut conn = company(&db).await?;
        let by_name = || well_paid(select(Employee::NAME)).order_by(Employee::NAME);
        assert_eq!(conn.scalars(page(by_name(), 1, 2)).all().await?, names(&["Cyd", "Eve"]));
        // The same filter on other columns, and on a join.
        let tasks = well_paid(select((Task::TITLE, Employee::NAME)).join(Task::EMPLOYEE)).order_by(Task::ID);
        let rows = conn.execute(tasks).all().await?;
        assert_eq!(rows.iter().map(|row| &*row.0).collect::<Vec<_>>(), ["plan", "build wall", "count"]);
        assert_eq!(conn.scalars(found(by_name(), Some("build"), None)).all().await?, names(&["Bob", "Eve"]));
        assert_eq!(conn.scalars(found(by_name(), None, Some("a"))).all().await?, names(&["Ada"]));
        assert_eq!(conn.scalars(found(by_name(), None, None)).all().await?.len(), 4);
    }

    async fn c29_other_columns_of_the_same_rows(db: Db) {
        let mut conn = company(&db).await?;
        let tasks = select(Task).join(Task::EMPLOYEE).filter(Employee::TEAM.eq("build")).order_by(Task::ID);
        let owners = tasks.clone().with_only_columns((Employee::NAME, Task::HOURS));
        let rows = [("Bob", 30), ("Dan", 20), ("Dan", 5)].map(|(name, hours)| (name.to_owned(), hours));
        assert_eq!(conn.execute(owners).all().await?, rows);
        // Grouped, though the list was of rows.
        let hours = tasks.with_only_columns((Employee::NAME, func::sum(Task::HOURS))).group_by((Employee::NAME, Employee::ID, Task::ID));
        assert_eq!(conn.execute(hours).all().await?.len(), 3);
    }

    async fn c29_one_column_more(db: Db) {
        let mut conn = company(&db).await?;
        let list = || select((Employee::ID, Employee::NAME)).filter(Employee::ID.le(2)).order_by(Employee::ID);
        let tasks = select(func::count(Task::ID)).filter(Task::EMPLOYEE_ID.eq(Employee::ID)).scalar_subquery();
        let rows: Vec<(i64, String, Option<i64>, i64)> = conn.execute(list().add_column(tasks).add_column(Employee::SALARY)).all().await?;
        assert_eq!(rows, [(1, "Ada".to_owned(), Some(1), 300), (2, "Bob".to_owned(), Some(1), 200)]);
        // An entity beside its columns.
        let rows = conn.execute(list().add_column(Employee)).all().await?;
        assert!(rows.iter().all(|(id, name, employee)| *id == employee.id && *name == employee.name));
    }

    async fn c29_a_page_and_how_many_rows_there_are(db: Db) {
        let mut conn = company(&db).await?;
        let found = well_paid(select(Employee)).order_by(Employee::SALARY);
        assert_eq!(conn.scalars(page(found.clone(), 0, 3)).all().await?.len(), 3);
        assert_eq!(conn.scalar(found.clone().count_rows()).await?, 4);
        // Whatever the rows are: joined, grouped, distinct, limited, of several queries.
        let tasks = select((Employee::NAME, Task::ID)).join(Employee::TASKS);
        assert_eq!(conn.scalar(tasks.clone().count_rows()).await?, 7);
        let per_name = select((Employee::NAME, func::count_star())).join(Employee::TASKS).group_by(Employee::NAME).order_by(Employee::NAME);
        assert_eq!(conn.scalar(per_name.count_rows()).await?, 5);
        assert_eq!(conn.scalar(select(Employee::TEAM).distinct().count_rows()).await?, 3);
        assert_eq!(conn.scalar(found.clone().limit(2).count_rows()).await?, 2);
        assert_eq!(conn.scalar(select(func::max(Task::HOURS)).count_rows()).await?, 1);
        let either = select(Employee::NAME).union(select(Task::TITLE)).order_by(Employee::NAME);
        assert_eq!(conn.scalar(either.count_rows()).await?, 13);
        let mut session = db.session();
        assert_eq!(session.scalar(found.options(selectinload(Employee::TASKS)).count_rows()).await?, 4);
    }

    async fn c29_the_first_table_is_named(db: Db) {
        let mut conn = company(&db).await?;
        let boss = alias(Employee, "boss");
        let pairs = select((boss.col(Employee::NAME), Employee::NAME))
            .select_from(Employee)
            .join(Employee::MANAGER.to(boss))
            .filter(boss.col(Employee::ID).eq(3));
        assert_eq!(conn.execute(pairs).all().await?, [("Cyd".to_owned(), "Fay".to_owned())]);
        let rich = well_paid(select((Employee::ID, Employee::NAME))).subquery("rich");
        assert_eq!(conn.scalar(select(func::count_star()).select_from(&rich)).await?, 4);
    }
}
