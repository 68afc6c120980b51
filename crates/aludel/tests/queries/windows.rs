//! Windows, and aggregates of some of the rows.

use aludel::prelude::*;
use aludel_suite::{Database, Db, on_each_database};
use chrono::TimeDelta;

use crate::models::{Employee, Task, company, names};

on_each_database! {
    async fn rows_are_numbered_within_their_partition(db: Db) {
        let mut conn = company(&db).await?;
        let by_salary = || window().partition_by(Employee::TEAM).order_by(Employee::SALARY.desc());
        let stmt = select((
            Employee::NAME,
            func::row_number().over(by_salary()),
            func::rank().over(window().order_by(Employee::SALARY.desc())),
            func::dense_rank().over(window().order_by(Employee::SALARY.desc())),
            func::ntile(2).over(window().order_by(Employee::ID)),
        )).order_by(Employee::ID);
        let rows: Vec<(String, i64, i64, i64, i64)> = conn.execute(stmt).all().await?;
        let rows: Vec<_> = rows.iter().map(|(name, a, b, c, d)| (&**name, *a, *b, *c, *d)).collect();
        assert_eq!(rows, [
            ("Ada", 1, 1, 1, 1), ("Bob", 1, 2, 2, 1), ("Cyd", 1, 2, 2, 1),
            ("Dan", 3, 5, 4, 2), ("Eve", 2, 4, 3, 2), ("Fay", 2, 6, 5, 2),
        ]);
    }

    async fn shares_of_ranks_are_between_0_and_1(db: Db) {
        let mut conn = company(&db).await?;
        let by_salary = || window().order_by(Employee::SALARY);
        let stmt = select((func::percent_rank().over(by_salary()), func::cume_dist().over(by_salary())))
            .order_by(Employee::ID);
        let rows: Vec<(f64, f64)> = conn.execute(stmt).all().await?;
        assert_eq!(rows[0], (1.0, 1.0));
        assert_eq!(rows[1], (0.6, 5.0 / 6.0));
        assert_eq!(rows[5], (0.0, 1.0 / 6.0));
    }

    async fn neighbours_are_seen(db: Db) {
        let mut conn = company(&db).await?;
        let by_id = || window().partition_by(Employee::TEAM).order_by(Employee::ID);
        let stmt = select((
            func::lag(Employee::NAME, 1).over(by_id()),
            func::lead(Employee::SALARY, 1).over(by_id()),
            func::lag_or(Employee::NAME, 1, "nobody").over(by_id()),
            func::lead_or(Employee::SALARY, 2, -1_i64).over(by_id()),
        )).order_by(Employee::ID);
        let rows: Vec<(Option<String>, Option<i64>, String, i64)> = conn.execute(stmt).all().await?;
        let rows: Vec<_> = rows.iter().map(|(a, b, c, d)| (a.as_deref(), *b, &**c, *d)).collect();
        assert_eq!(rows, [
            (None, None, "nobody", -1),
            (None, Some(100), "nobody", 120),
            (None, Some(90), "nobody", -1),
            (Some("Bob"), Some(120), "Bob", -1),
            (Some("Dan"), None, "Dan", -1),
            (Some("Cyd"), None, "Cyd", -1),
        ]);
    }

    async fn a_frame_says_which_rows_are_looked_at(db: Db) {
        let mut conn = company(&db).await?;
        let by_id = || window().order_by(Employee::ID);
        let stmt = select((
            func::sum(Employee::SALARY).over(by_id().rows(-1..=0)),
            func::first_value(Employee::NAME).over(by_id().rows(-1..=1)),
            func::last_value(Employee::NAME).over(by_id().rows(..)),
            func::nth_value(Employee::NAME, 2).over(by_id()),
            func::count_star().over(window().order_by(Employee::SALARY).range(-30..=0)),
            func::sum(Employee::SALARY).over(by_id().rows(..0)),
        )).order_by(Employee::ID);
        type Cells = (Option<i64>, Option<String>, Option<String>, Option<String>, i64, Option<i64>);
        let rows: Vec<Cells> = conn.execute(stmt).all().await?;
        let text = |it: &Option<String>| it.clone().unwrap_or_default();
        let rows: Vec<_> = rows.iter().map(|(a, b, c, d, e, f)| (a.unwrap(), text(b), text(c), text(d), *e, *f)).collect();
        let row = |a, b: &str, d: &str, e, f| (a, b.to_owned(), "Fay".to_owned(), d.to_owned(), e, f);
        assert_eq!(rows, [
            row(300, "Ada", "", 1, None),
            row(500, "Ada", "Bob", 2, Some(300)),
            row(400, "Bob", "Bob", 2, Some(500)),
            row(300, "Cyd", "Bob", 2, Some(700)),
            row(220, "Dan", "Bob", 3, Some(800)),
            row(210, "Eve", "Bob", 1, Some(920)),
        ]);
    }

    async fn groups_and_exclusions_where_they_are_known(db: Db) {
        let mut conn = company(&db).await?;
        let by_salary = || window().order_by(Employee::SALARY);
        let stmt = select((
            func::count_star().over(by_salary().groups(-1..=0)),
            func::count_star().over(by_salary().exclude_group()),
            func::count_star().over(by_salary().rows(..).exclude_ties()),
        )).order_by(Employee::ID);
        let rows = conn.execute(stmt).all().await;
        if db.database == Database::MariaDb {
            assert_eq!(rows.unwrap_err().kind(), aludel::ErrorKind::Unsupported);
            return Ok(());
        }
        assert_eq!(rows?, [(3, 5, 6), (3, 3, 5), (3, 3, 5), (2, 1, 6), (2, 2, 6), (1, 0, 6)]);
    }

    async fn a_range_of_time_where_it_is_known(db: Db) {
        let mut conn = company(&db).await?;
        // They were hired 396, 393, 397, 395 and 396 days after each other.
        let days = TimeDelta::days(395);
        let spans = select(func::count_star().over(window().order_by(Employee::HIRED).range(-days..=TimeDelta::zero()))).order_by(Employee::ID);
        let counts = [1, 1, 2, 1, 2, 1];
        match db.database {
            Database::Postgres => assert_eq!(conn.scalars(spans).all().await?, counts),
            _ => {
                let refused = aludel_suite::refused(conn.scalars(spans).all().await, ErrorKind::Unsupported);
                assert!(refused.to_string().contains("RANGE of a time span"), "{refused}");
            }
        }
        // What the error says to do instead.
        let micros = window().order_by(func::unix_micros(Employee::HIRED)).range(-days.num_microseconds().unwrap()..=0);
        assert_eq!(conn.scalars(select(func::count_star().over(micros)).order_by(Employee::ID)).all().await?, counts);
    }

    async fn the_first_of_each_partition(db: Db) {
        let mut conn = company(&db).await?;
        let place = func::row_number()
            .over(window().partition_by(Employee::TEAM).order_by((Employee::SALARY.desc(), Employee::ID)))
            .label("place");
        let ranked = select((Employee::NAME, place.clone())).subquery("ranked");
        let best = select(ranked.col(Employee::NAME)).filter(ranked.col(&place).eq(1_i64)).order_by(ranked.col(Employee::NAME));
        assert_eq!(conn.scalars(best).all().await?, names(&["Ada", "Bob", "Cyd"]));
    }

    async fn a_window_of_groups(db: Db) {
        let mut conn = company(&db).await?;
        let total = func::coalesce(func::sum(Employee::SALARY), 0_i64);
        let stmt = select((
            Employee::TEAM,
            func::sum(total.clone()).over(window()),
            func::rank().over(window().order_by(total.desc())),
        )).group_by(Employee::TEAM).order_by(Employee::TEAM);
        let rows: Vec<(String, Option<i64>, i64)> = conn.execute(stmt).all().await?;
        let rows: Vec<_> = rows.iter().map(|(team, sum, rank)| (&**team, sum.unwrap(), *rank)).collect();
        assert_eq!(rows, [("board", 1010, 2), ("build", 1010, 1), ("sales", 1010, 3)]);
    }

    async fn an_aggregate_of_some_rows(db: Db) {
        let mut conn = company(&db).await?;
        let stmt = select((
            func::count_star().filter(Task::DONE),
            func::sum(Task::HOURS).filter(!Task::DONE),
            func::avg(Task::WEIGHT).filter(Task::HOURS.ge(20)),
            func::max(Task::TITLE).filter(Task::HOURS.gt(100)),
            func::count(Task::EMPLOYEE_ID).distinct().filter(Task::HOURS.gt(10)),
        ));
        let row: (i64, Option<i64>, Option<f64>, Option<String>, i64) = conn.execute(stmt).one().await?;
        assert_eq!(row, (4, Some(38), Some(2.5), None, 3));
    }

    async fn text_of_many_rows(db: Db) {
        let mut conn = company(&db).await?;
        let names = func::string_agg(Employee::NAME, "'; ").aggregate_order_by(Employee::NAME.desc());
        let rich = func::string_agg(Employee::NAME, "-").aggregate_order_by(Employee::ID).filter(Employee::SALARY.ge(200));
        let stmt = select((Employee::TEAM, names, rich)).group_by(Employee::TEAM).order_by(Employee::TEAM);
        let rows: Vec<(String, Option<String>, Option<String>)> = conn.execute(stmt).all().await?;
        let rows: Vec<_> = rows.iter().map(|(a, b, c)| (&**a, b.as_deref(), c.as_deref())).collect();
        assert_eq!(rows, [
            ("board", Some("Ada"), Some("Ada")),
            ("build", Some("Eve'; Dan'; Bob"), Some("Bob")),
            ("sales", Some("Fay'; Cyd"), Some("Cyd")),
        ]);
        let teams = func::string_agg(Employee::TEAM, ",").distinct().aggregate_order_by(Employee::TEAM);
        assert_eq!(conn.scalars(select(teams)).one().await?.as_deref(), Some("board,build,sales"));
    }

    async fn all_or_any_are_true(db: Db) {
        let mut conn = company(&db).await?;
        let stmt = select((Task::EMPLOYEE_ID, func::bool_and(Task::DONE), func::bool_or(Task::DONE)))
            .group_by(Task::EMPLOYEE_ID)
            .order_by(Task::EMPLOYEE_ID);
        let rows: Vec<(i64, Option<bool>, Option<bool>)> = conn.execute(stmt).all().await?;
        let of = |id, all, any| (id, Some(all), Some(any));
        assert_eq!(rows, [
            of(1, true, true), of(2, false, false), of(3, true, true), of(4, false, true), of(6, false, true),
        ]);
    }
}
