//! Percentiles of groups, and groups on several levels.

use aludel::prelude::*;
use aludel_suite::{Database, Db, on_each_database};
use rust_decimal::Decimal;

use crate::models::{Employee, Task, company};

/// What a shop took in.
#[derive(Entity, Clone, Debug)]
#[entity(table = "takings")]
pub struct Taking {
    #[column(primary_key)]
    pub id: i64,
    #[column(precision = 10, scale = 2)]
    pub amount: Decimal,
}

on_each_database! {
    /// MariaDB finds them by their names, of which there are two.
    async fn having_tells_keys_of_one_name_apart(db: Db) {
        let mut conn = company(&db).await?;
        let boss = alias(Employee, "boss");
        let pairs = select(func::count_star())
            .select_from(Employee)
            .join_on(boss, boss.col(Employee::ID).eq(Employee::MANAGER_ID))
            .group_by((Employee::TEAM, boss.col(Employee::TEAM)))
            .having(boss.col(Employee::TEAM).eq("build").and(Employee::TEAM.ne("board")));
        assert_eq!(conn.scalars(pairs).all().await?, [2]);
    }

    async fn a_percentile_is_a_value_of_the_group_or_between_two(db: Db) {
        let mut conn = company(&db).await?;
        let salary = |fraction| func::percentile_cont(fraction).within_group(Employee::SALARY);
        let some = |fraction| func::percentile_disc(fraction).within_group(Employee::SALARY);
        let of_team = select((Employee::TEAM, salary(0.5), some(0.5), func::mode().within_group(Employee::MANAGER_ID)))
            .group_by(Employee::TEAM)
            .order_by(Employee::TEAM);
        if db.database == Database::MariaDb {
            let refused = aludel_suite::refused(conn.execute(of_team).all().await, ErrorKind::Unsupported);
            assert!(refused.to_string().contains("MariaDB has no percentile_cont of a group"), "{refused}");
            return Ok(());
        }
        let rows: Vec<(String, Option<f64>, Option<i64>, Option<i64>)> = conn.execute(of_team).all().await?;
        let rows: Vec<_> = rows.iter().map(|(team, a, b, c)| (&**team, a.unwrap(), b.unwrap(), *c)).collect();
        assert_eq!(rows, [("board", 300.0, 300, None), ("build", 120.0, 120, Some(2)), ("sales", 145.0, 90, Some(1))]);

        // 90, 100, 120, 200, 200, 300
        for (fraction, between, there) in [
            (0.0, 90.0, 90), (0.25, 105.0, 100), (0.5, 160.0, 120), (0.75, 200.0, 200), (0.9, 250.0, 300), (1.0, 300.0, 300),
        ] {
            let found = conn.execute(select((salary(fraction), some(fraction)))).one().await?;
            assert_eq!(found, (Some(between), Some(there)), "{fraction}");
        }
        // NULL is left out, and of nothing there is nothing.
        let bonus = func::percentile_cont(0.5).within_group(Employee::BONUS);
        assert_eq!(conn.scalar(select(bonus.clone())).await?, Some(10.0));
        assert_eq!(conn.scalar(select(bonus.filter(Employee::ID.gt(5)))).await?, None);
        let text = select((func::percentile_disc(0.4).within_group(Employee::NAME), func::mode().within_group(Employee::TEAM)));
        assert_eq!(conn.execute(text).one().await?, (Some("Cyd".into()), Some("build".into())));
        for fraction in [-0.1, 1.5] {
            let wrong = conn.scalars(select(salary(fraction))).all().await;
            assert!(wrong.is_err(), "{fraction}: {wrong:?}");
        }
    }

    async fn a_percentile_of_decimals(db: Db) {
        db.create(&Metadata::of(Taking)).await?;
        let mut conn = db.engine.connect().await?;
        let decimal = |text: &str| text.parse::<Decimal>().expect("a decimal");
        conn.execute(insert(Taking).values(["10.50", "0.25", "3.00", "3.00"].map(|it| Taking::builder().amount(decimal(it))))).await?;
        let stmt = select((
            func::percentile_cont(0.75).within_group(Taking::AMOUNT),
            func::percentile_disc(0.9).within_group(Taking::AMOUNT),
            func::mode().within_group(Taking::AMOUNT),
        ));
        match db.database {
            Database::MariaDb => _ = aludel_suite::refused(conn.execute(stmt).one().await, ErrorKind::Unsupported),
            _ => assert_eq!(conn.execute(stmt).one().await?, (Some(4.875), Some(decimal("10.50")), Some(decimal("3.00")))),
        }
    }

    async fn subtotals_and_a_total_where_they_are_known(db: Db) {
        let mut conn = company(&db).await?;
        let sums = |by: func::GroupingSets| {
            select((
                Employee::TEAM.nullable(),
                Task::DONE.nullable(),
                func::grouping((Employee::TEAM, Task::DONE)),
                func::sum(Task::HOURS),
            ))
            .join(Employee::TASKS)
            .group_by(by)
            .order_by((Employee::TEAM, Task::DONE, func::grouping((Employee::TEAM, Task::DONE)).desc()))
        };
        let keys = || (Employee::TEAM, Task::DONE);
        if db.database != Database::Postgres {
            let refused = aludel_suite::refused(conn.execute(sums(func::rollup(keys()))).all().await, ErrorKind::Unsupported);
            assert!(refused.to_string().contains(db.engine.dialect().name()), "{refused}");
            return Ok(());
        }
        let mut found = async |by| {
            let rows: Vec<(Option<String>, Option<bool>, i32, Option<i64>)> = conn.execute(sums(by)).all().await?;
            let rows = rows.into_iter().map(|(team, done, level, sum)| (team.unwrap_or_default(), done, level, sum.unwrap_or(0)));
            Ok::<Vec<_>, aludel::Error>(rows.collect())
        };
        let row = |team: &str, done, level, sum| (team.to_owned(), done, level, sum);
        let all = [
            row("", None, 3, 85),
            row("board", None, 1, 8), row("board", Some(true), 0, 8),
            row("build", None, 1, 55), row("build", Some(false), 0, 35), row("build", Some(true), 0, 20),
            row("sales", None, 1, 22), row("sales", Some(false), 0, 3), row("sales", Some(true), 0, 19),
        ];
        let of_truth = [row("", Some(false), 2, 38), row("", Some(true), 2, 47)];
        assert_eq!(found(func::rollup(keys())).await?, all);
        let mut combinations = all.to_vec();
        combinations.splice(1..1, of_truth.clone());
        assert_eq!(found(func::cube(keys())).await?, combinations);
        let finest_and_all: Vec<_> = all.iter().filter(|row| matches!(row.2, 0 | 3)).cloned().collect();
        assert_eq!(found(func::grouping_sets().set(keys()).set(())).await?, finest_and_all);
    }
}
