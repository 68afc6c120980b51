//! Several queries as one: UNION, INTERSECT, EXCEPT.

use aludel::Select;
use aludel::prelude::*;
use aludel_sql::ValueItem;
use aludel_suite::{Db, on_each_database};

use crate::models::{Employee, Task, company, names};

fn teams() -> Select<(ValueItem<String>,)> {
    select(Employee::TEAM)
}

fn well_paid_teams() -> Select<(ValueItem<String>,)> {
    select(Employee::TEAM).filter(Employee::SALARY.ge(200))
}

fn titles() -> Select<(ValueItem<String>,)> {
    select(Task::TITLE).filter(Task::DONE)
}

on_each_database! {
    async fn rows_are_combined(db: Db) {
        let mut conn = company(&db).await?;
        let all = teams().union(titles()).order_by(Employee::TEAM);
        assert_eq!(
            conn.scalars(all).all().await?,
            names(&["board", "build", "build roof", "count", "plan", "sales", "sell"])
        );
        let all = well_paid_teams().union_all(well_paid_teams());
        assert_eq!(conn.scalars(all).all().await?.len(), 6);
        let both = teams().intersect(well_paid_teams().filter(Employee::BONUS.is_not_null())).order_by(Employee::TEAM);
        assert_eq!(conn.scalars(both).all().await?, names(&["build", "sales"]));
        let rest = teams().except(select(Employee::TEAM).filter(Employee::SALARY.lt(100))).order_by(Employee::TEAM);
        assert_eq!(conn.scalars(rest).all().await?, names(&["board", "build"]));
    }

    #[except(sqlite, "it has neither INTERSECT ALL nor EXCEPT ALL")]
    async fn duplicates_are_counted(db: Db) {
        let mut conn = company(&db).await?;
        // board once, build three times, sales twice; the well paid are one of each.
        let rest = teams().except_all(well_paid_teams()).order_by(Employee::TEAM);
        assert_eq!(conn.scalars(rest).all().await?, names(&["build", "build", "sales"]));
        let both = teams().intersect_all(teams().filter(Employee::SALARY.lt(200))).order_by(Employee::TEAM);
        assert_eq!(conn.scalars(both).all().await?, names(&["build", "build", "sales"]));
    }

    async fn operators_are_applied_in_the_order_of_the_calls(db: Db) {
        let mut conn = company(&db).await?;
        let boards = || select(Employee::TEAM).filter(Employee::TEAM.eq("board"));
        // SQL itself would read `board UNION (teams INTERSECT titles)`.
        let left = boards().union(teams()).intersect(titles());
        assert_eq!(conn.scalars(left).all().await?, names(&[]));
        let right = boards().union(teams().intersect(titles()));
        assert_eq!(conn.scalars(right).all().await?, names(&["board"]));
        let minus = teams().except(teams().except(boards()));
        assert_eq!(conn.scalars(minus).all().await?, names(&["board"]));
    }

    async fn order_and_limit_are_of_the_whole_or_of_a_part(db: Db) {
        let mut conn = company(&db).await?;
        let whole = teams().union(titles()).order_by(Employee::TEAM.desc()).limit(2).offset(1);
        assert_eq!(conn.scalars(whole).all().await?, names(&["sales", "plan"]));
        let best = |team: &str| {
            select((Employee::TEAM, Employee::NAME))
                .filter(Employee::TEAM.eq(team))
                .order_by(Employee::SALARY.desc())
                .limit(1)
        };
        let best = best("sales").union_all(best("build")).order_by(Employee::NAME);
        let rows: Vec<(String, String)> = conn.execute(best).all().await?;
        let rows: Vec<_> = rows.iter().map(|(team, name)| (&**team, &**name)).collect();
        assert_eq!(rows, [("build", "Bob"), ("sales", "Cyd")]);
    }

    async fn null_is_least_unless_told_otherwise(db: Db) {
        let mut conn = company(&db).await?;
        let bonuses = || {
            select(Employee::BONUS)
                .filter(Employee::SALARY.ge(200))
                .union_all(select(Employee::BONUS).filter(Employee::NAME.eq("Eve")))
        };
        let found = conn.scalars(bonuses().order_by(Employee::BONUS)).all().await?;
        assert_eq!(found, [None, Some(5), Some(10), Some(20)]);
        let found = conn.scalars(bonuses().order_by(Employee::BONUS.desc())).all().await?;
        assert_eq!(found, [Some(20), Some(10), Some(5), None]);
        let found = conn.scalars(bonuses().order_by(Employee::BONUS.asc().nulls_last())).all().await?;
        assert_eq!(found, [Some(5), Some(10), Some(20), None]);
    }

    async fn they_stand_where_a_query_does(db: Db) {
        let mut conn = company(&db).await?;
        let ids = select(Employee::ID)
            .filter(Employee::SALARY.gt(200))
            .union(select(Task::EMPLOYEE_ID).filter(Task::HOURS.gt(20)));
        let found = select(Employee::NAME).filter(Employee::ID.in_(ids.clone())).order_by(Employee::ID);
        assert_eq!(conn.scalars(found).all().await?, names(&["Ada", "Bob"]));
        let limited = ids.clone().order_by(Employee::ID.desc()).limit(1);
        let found = select(Employee::NAME).filter(Employee::ID.in_(limited));
        assert_eq!(conn.scalars(found).all().await?, names(&["Bob"]));
        let ids = ids.subquery("ids");
        let found = select(func::sum(ids.col(Employee::ID)));
        assert_eq!(conn.scalars(found).one().await?, Some(3));
        // With the columns of the statement around it.
        let own = select(Task::HOURS)
            .filter(Task::EMPLOYEE_ID.eq(Employee::ID))
            .filter(Task::DONE)
            .union(select(Task::HOURS).filter(Task::EMPLOYEE_ID.eq(Employee::ID)).filter(Task::HOURS.gt(20)));
        let found = select(Employee::NAME).filter(exists(own)).order_by(Employee::ID);
        assert_eq!(conn.scalars(found).all().await?, names(&["Ada", "Bob", "Cyd", "Dan", "Fay"]));
    }

    async fn a_session_takes_them(db: Db) {
        company(&db).await?;
        let mut session = db.session();
        let rich = select(Employee).filter(Employee::SALARY.gt(200));
        let both = rich.union(select(Employee).filter(Employee::NAME.eq("Fay"))).order_by(Employee::NAME);
        let found = session.scalars(both).all().await?;
        let found: Vec<_> = found.iter().map(|it| &*session[*it].name).collect();
        assert_eq!(found, ["Ada", "Fay"]);
    }
}
