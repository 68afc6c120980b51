//! WITH TIES: beyond the limit, what the order does not tell from the last row.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};

use crate::models::{Employee, Task, company, names};

/// The salaries in their order, from the highest: Ada 300, Bob and Cyd 200, Eve 120, Dan 100, Fay 90.
const ORDER: [(&str, i64); 6] =
    [("Ada", 300), ("Bob", 200), ("Cyd", 200), ("Eve", 120), ("Dan", 100), ("Fay", 90)];

/// What stands behind the offset, up to the limit, and what is tied with the last of it.
fn expected(limit: usize, offset: usize) -> Vec<i64> {
    let rows = &ORDER[offset.min(6)..];
    let Some((_, last)) = rows.get(..limit.min(rows.len())).and_then(<[_]>::last) else { return Vec::new() };
    let tied = rows.iter().skip(limit).take_while(|(_, salary)| salary == last);
    rows.iter().take(limit).chain(tied).map(|(_, salary)| *salary).collect()
}

on_each_database! {
    async fn tied_rows_stay_whatever_the_limit_and_the_offset(db: Db) {
        let mut conn = company(&db).await?;
        for limit in 0..=7 {
            for offset in 0..=7 {
                let by_salary = select(Employee::SALARY).order_by(Employee::SALARY.desc()).limit(limit as u32).with_ties();
                let stmt = if offset > 0 { by_salary.offset(offset as u64) } else { by_salary };
                let rows = conn.scalars(stmt).all().await?;
                assert_eq!(rows, expected(limit, offset), "limit {limit}, offset {offset}");
            }
        }
    }

    async fn null_is_tied_with_null_and_several_keys_are_compared(db: Db) {
        let mut conn = company(&db).await?;
        let found = select(Employee::NAME).order_by(Employee::BONUS).limit(1).with_ties().subquery("found");
        let without = select(found.col(Employee::NAME)).order_by(found.col(Employee::NAME));
        assert_eq!(conn.scalars(without).all().await?, names(&["Ada", "Dan", "Fay"]));
        let last = select(Employee::BONUS).order_by(Employee::BONUS.asc().nulls_last()).limit(4).with_ties();
        assert_eq!(conn.scalars(last).all().await?, [Some(5), Some(10), Some(20), None, None, None]);
        let teams = select(Employee::NAME).order_by((Employee::TEAM.desc(), Employee::SALARY)).limit(1).with_ties();
        assert_eq!(conn.scalars(teams).all().await?, names(&["Fay"]));
        let whole = select(Employee).order_by(Employee::SALARY.desc()).limit(2).with_ties();
        assert_eq!(conn.scalars(whole).all().await?.len(), 3);
    }

    async fn groups_and_distinct_rows_are_tied(db: Db) {
        let mut conn = company(&db).await?;
        let counts = select((Task::EMPLOYEE_ID, func::count_star().label("n")))
            .group_by(Task::EMPLOYEE_ID)
            .order_by(desc("n"))
            .limit(1)
            .with_ties()
            .subquery("counts");
        let busiest = select(counts.col(Task::EMPLOYEE_ID)).order_by(counts.col(Task::EMPLOYEE_ID));
        assert_eq!(conn.scalars(busiest).all().await?, [4, 6]);
        let distinct = select(Employee::SALARY).distinct().order_by(Employee::SALARY.desc()).limit(2).with_ties();
        assert_eq!(conn.scalars(distinct).all().await?, [300, 200]);
    }

    async fn within_lists_values_and_unions(db: Db) {
        let mut conn = company(&db).await?;
        let rich = || select(Employee::ID).order_by(Employee::SALARY.desc()).limit(2).with_ties();
        let tasks = select(Task::TITLE).filter(Task::EMPLOYEE_ID.in_(rich())).order_by(Task::ID);
        assert_eq!(conn.scalars(tasks).all().await?, names(&["plan", "build wall", "count"]));
        let both = rich().union(select(Employee::ID).filter(Employee::ID.ge(6)));
        let mut ids = conn.scalars(both).all().await?;
        ids.sort_unstable();
        assert_eq!(ids, [1, 2, 3, 6]);
        // MariaDB leaves the ORDER BY out there, and misses it then.
        for (limit, there_are) in [(0, false), (1, true)] {
            let any = select(exists(rich().limit(limit)));
            assert_eq!(conn.scalars(any).one().await?, there_are);
        }
        let cte = rich().cte("rich");
        let count = select(func::count_star()).select_from(&cte);
        assert_eq!(conn.scalars(count).one().await?, 3);
        // Those of a team who are not surpassed in it: a condition on the row around.
        let peer = alias(Employee, "peer");
        let first = select(peer.col(Employee::ID))
            .filter(peer.col(Employee::TEAM).eq(Employee::TEAM))
            .order_by(peer.col(Employee::SALARY).desc())
            .limit(1)
            .with_ties();
        if db.engine.dialect().features().limit_within_in {
            let leaders = select(Employee::NAME).filter(Employee::ID.in_(first)).order_by(Employee::ID);
            assert_eq!(conn.scalars(leaders).all().await?, names(&["Ada", "Bob", "Cyd"]));
        }
    }

    async fn relations_of_tied_objects_are_loaded(db: Db) {
        company(&db).await?;
        for load in 0..4 {
            let mut session = db.session();
            let by_salary = select(Employee).order_by(Employee::SALARY.desc()).limit(2).with_ties();
            let by_salary = match load {
                0 => by_salary.options(selectinload(Employee::TASKS)),
                1 => by_salary.options(joinedload(Employee::TASKS).order_by(Task::TITLE)),
                2 => by_salary.options(subqueryload(Employee::TASKS)),
                _ => by_salary
                    .options(joinedload(Employee::MANAGER))
                    .options(selectinload(Employee::TASKS).order_by(Task::ID).limit(1)),
            };
            let found = session.scalars(by_salary).all().await?;
            assert_eq!(found.len(), 3, "{load}");
            let tasks = found.iter().map(|it| session.view(*it).tasks().map(Iterator::count));
            assert_eq!(tasks.collect::<Result<Vec<_>, _>>()?, [1, 1, 1], "{load}");
        }
    }
}
