//! Statements within statements.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};

use crate::models::{Article, Employee, Task, company, names};

on_each_database! {
    async fn one_value_is_compared_and_selected(db: Db) {
        let mut conn = company(&db).await?;
        let most = select(func::max(Employee::SALARY)).scalar_subquery();
        let best = select(Employee::NAME).filter(Employee::SALARY.eq(most));
        assert_eq!(conn.scalars(best).all().await?, names(&["Ada"]));

        let hours = select(func::sum(Task::HOURS)).filter(Task::EMPLOYEE_ID.eq(Employee::ID));
        let per_employee = select((Employee::NAME, hours.scalar_subquery())).order_by(Employee::ID);
        let rows: Vec<(String, Option<i64>)> = conn.execute(per_employee).all().await?;
        let rows: Vec<_> = rows.iter().map(|(name, hours)| (&**name, *hours)).collect();
        assert_eq!(
            rows,
            [("Ada", Some(8)), ("Bob", Some(30)), ("Cyd", Some(7)), ("Dan", Some(25)), ("Eve", None), ("Fay", Some(15))]
        );
    }

    async fn no_row_is_none(db: Db) {
        let mut conn = company(&db).await?;
        let nobody = select(Employee::SALARY).filter(Employee::NAME.eq("Zoe")).scalar_subquery();
        let rows = conn.scalars(select(nobody)).all().await?;
        assert_eq!(rows, [None]);
    }

    async fn a_row_exists_or_does_not(db: Db) {
        let mut conn = company(&db).await?;
        let tasks = select(Task::ID).filter(Task::EMPLOYEE_ID.eq(Employee::ID)).filter(!Task::DONE);
        let busy = select(Employee::NAME).filter(exists(tasks.clone())).order_by(Employee::ID);
        assert_eq!(conn.scalars(busy).all().await?, names(&["Bob", "Dan", "Fay"]));
        let free = select(Employee::NAME).filter(!exists(tasks)).order_by(Employee::ID);
        assert_eq!(conn.scalars(free).all().await?, names(&["Ada", "Cyd", "Eve"]));
        assert!(conn.scalars(select(exists(select(Employee::ID)))).one().await?);
        assert!(!conn.scalars(select(exists(select(Article::ID)))).one().await?);
    }

    async fn what_is_in_from_of_the_inner_statement_is_not_of_the_one_around(db: Db) {
        let mut conn = company(&db).await?;
        let found = async |conn: &mut Connection, condition: Expr<bool>| {
            conn.scalars(select(Employee::NAME).filter(condition).order_by(Employee::ID)).all().await
        };
        // Of each employee the tasks, as the table is that around; of all employees the number, as the table is its own.
        let own = select(func::count(Task::ID)).filter(Task::EMPLOYEE_ID.eq(Employee::ID)).scalar_subquery();
        assert_eq!(found(&mut conn, own.gt(1)).await?, names(&["Dan", "Fay"]));
        let all = || select(func::count_star()).select_from(Employee).filter(Employee::SALARY.gt(150)).scalar_subquery();
        assert_eq!(found(&mut conn, all().eq(3)).await?.len(), 6);
        assert_eq!(found(&mut conn, all().gt(3)).await?.len(), 0);
        // Both at once.
        let peer = alias(Employee, "peer");
        let better = select(func::count_star()).select_from(peer).filter(peer.col(Employee::SALARY).gt(Employee::SALARY));
        assert_eq!(found(&mut conn, better.scalar_subquery().eq(0)).await?, names(&["Ada"]));
        // A column of the table around is the value of its row, whatever the inner FROM.
        let name = select(Employee::NAME).select_from(Task).filter(Task::TITLE.eq("plan")).scalar_subquery();
        let stmt = select((Employee::ID, name)).filter(Employee::ID.le(2)).order_by(Employee::ID);
        let rows: Vec<(i64, Option<String>)> = conn.execute(stmt).all().await?;
        assert_eq!(rows, [(1, Some("Ada".to_owned())), (2, Some("Bob".to_owned()))]);
    }

    async fn a_list_is_selected(db: Db) {
        let mut conn = company(&db).await?;
        let sellers = select(Task::EMPLOYEE_ID).filter(Task::TITLE.starts_with("sell"));
        let found = select(Employee::NAME).filter(Employee::ID.in_(sellers.clone()));
        assert_eq!(conn.scalars(found).all().await?, names(&["Fay"]));
        let others = select(func::count_star()).select_from(Employee).filter(Employee::ID.not_in(sellers));
        assert_eq!(conn.scalars(others).one().await?, 5);
    }

    async fn a_list_is_selected_with_a_limit(db: Db) {
        let mut conn = company(&db).await?;
        let longest = select(Task::EMPLOYEE_ID).order_by(Task::HOURS.desc()).limit(2);
        let found = select(Employee::NAME).filter(Employee::ID.in_(longest)).order_by(Employee::ID);
        assert_eq!(conn.scalars(found).all().await?, names(&["Bob", "Dan"]));
    }

    async fn relations_are_tested(db: Db) {
        let mut conn = company(&db).await?;
        let long = select(Employee::NAME)
            .filter(Employee::TASKS.any(Task::HOURS.ge(20)))
            .order_by(Employee::ID);
        assert_eq!(conn.scalars(long).all().await?, names(&["Bob", "Dan"]));
        let idle = select(Employee::NAME).filter(!Employee::TASKS.exists());
        assert_eq!(conn.scalars(idle).all().await?, names(&["Eve"]));
        let of_builders = select(Task::TITLE)
            .filter(Task::EMPLOYEE.has(Employee::TEAM.eq("build")))
            .order_by(Task::ID);
        assert_eq!(conn.scalars(of_builders).all().await?, names(&["build wall", "build roof", "paint"]));
    }

    async fn a_relation_with_itself_is_tested(db: Db) {
        let mut conn = company(&db).await?;
        let (report, boss) = (alias(Employee, "report"), alias(Employee, "boss"));
        let found = select(Employee::NAME)
            .filter(Employee::REPORTS.to(report).any(report.col(Employee::SALARY).lt(100)))
            .filter(Employee::MANAGER.to(boss).has(boss.col(Employee::NAME).eq("Ada")));
        assert_eq!(conn.scalars(found).all().await?, names(&["Cyd"]));
        let top = select(Employee::NAME).filter(!Employee::MANAGER.to(boss).exists());
        assert_eq!(conn.scalars(top).all().await?, names(&["Ada"]));
    }

    async fn changes_take_statements(db: Db) {
        let mut conn = company(&db).await?;
        let hours = select(func::sum(Task::HOURS)).filter(Task::EMPLOYEE_ID.eq(Employee::ID)).scalar_subquery();
        let done = conn.execute(update(Employee).set(Employee::BONUS, hours).filter(Employee::TEAM.eq("build"))).await?;
        assert_eq!(done.rows_affected, 3);
        let bonuses = select(Employee::BONUS).order_by(Employee::ID);
        assert_eq!(
            conn.scalars(bonuses).all().await?,
            [None, Some(30), Some(10), Some(25), None, None]
        );
        let done = conn.execute(delete(Task).filter(Task::EMPLOYEE.has(Employee::TEAM.eq("sales")))).await?;
        assert_eq!(done.rows_affected, 3);
        // A table may be asked about itself.
        let most = select(func::max(Task::HOURS)).scalar_subquery();
        let done = conn.execute(delete(Task).filter(Task::HOURS.eq(most))).await;
        assert_eq!(done?.rows_affected, 1);
    }

    async fn a_session_asks_with_them(db: Db) {
        company(&db).await?;
        let mut session = db.session();
        let idle = session.scalars(select(Employee).filter(!Employee::TASKS.exists())).one().await?;
        assert_eq!(session[idle].name, "Eve");
    }
}
