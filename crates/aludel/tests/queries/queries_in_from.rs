//! Queries in FROM: subqueries and common table expressions.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use crate::models::{Employee, Task, company, names};

#[derive(Entity)]
#[entity(table = "items")]
struct Item {
    #[column(primary_key)]
    id: i64,
    #[column(precision = 10, scale = 2)]
    price: Decimal,
}

fn moment(day: NaiveDate) -> DateTime<Utc> {
    day.and_hms_micro_opt(12, 0, 0, 1).expect("a time").and_utc()
}

on_each_database! {
    async fn a_query_is_joined(db: Db) {
        let mut conn = company(&db).await?;
        let hours = func::sum(Task::HOURS).label("hours");
        let load = select((Task::EMPLOYEE_ID, hours.clone())).group_by(Task::EMPLOYEE_ID).subquery("load_");
        let on = load.col(Task::EMPLOYEE_ID).eq(Employee::ID);
        let busy = select((Employee::NAME, load.col(&hours)))
            .join_on(&load, on.clone())
            .filter(load.col(&hours).gt(10))
            .order_by((load.col(&hours).desc(), Employee::NAME));
        let rows: Vec<(String, Option<i64>)> = conn.execute(busy).all().await?;
        let rows: Vec<_> = rows.iter().map(|(name, hours)| (&**name, *hours)).collect();
        assert_eq!(rows, [("Bob", Some(30)), ("Dan", Some(25)), ("Fay", Some(15))]);

        let idle = select(Employee::NAME).outer_join_on(&load, on).filter(load.col(&hours).is_null());
        assert_eq!(conn.scalars(idle).all().await?, names(&["Eve"]));
    }

    async fn what_a_query_computes_is_filtered_and_grouped(db: Db) {
        let mut conn = company(&db).await?;
        let level = case().when(Employee::SALARY.ge(200), "high").else_("low").label("level");
        let levels = select((Employee::ID, level)).subquery("levels");
        let counts = select((levels.named::<String>("level"), func::count_star()))
            .group_by(levels.named::<String>("level"))
            .order_by(levels.named::<String>("level"));
        let rows: Vec<(String, i64)> = conn.execute(counts).all().await?;
        assert_eq!(rows, [("high".to_owned(), 3), ("low".to_owned(), 3)]);
    }

    async fn columns_of_the_same_name_are_told_apart(db: Db) {
        let mut conn = company(&db).await?;
        let both = select((Employee, Task)).join(Employee::TASKS).subquery("both_");
        let rows = select((both.col(Employee::NAME), both.col(Employee::ID), both.col(Task::ID)))
            .filter(both.col(Task::TITLE).eq("paint"));
        assert_eq!(conn.execute(rows).all().await?, [("Dan".to_owned(), 4, 4)]);
        let rows = select((both.col(Employee::ID), both.col(Task::ID))).filter(both.col(Task::TITLE).eq("sell"));
        assert_eq!(conn.execute(rows).all().await?, [(6, 5)]);
    }

    async fn a_tree_is_walked(db: Db) {
        let mut conn = company(&db).await?;
        let report = alias(Employee, "report");
        let path = |parent: Expr<String>| parent.concat("/").concat(report.col(Employee::NAME));
        let start = select((
            Employee::ID,
            text!("1").expr::<i64>().label("depth"),
            Employee::NAME.concat("").label("path"),
        ));
        let tree = start.filter(Employee::NAME.eq("Ada")).cte("tree").recursive(|tree| {
            select((report.col(Employee::ID), tree.named::<i64>("depth") + 1, path(tree.named("path"))))
                .join_on(tree, tree.col(Employee::ID).eq(report.col(Employee::MANAGER_ID)))
        });
        let rows = select((tree.named::<String>("path"), tree.named::<i64>("depth")))
            .order_by(tree.named::<String>("path"));
        let rows: Vec<(String, i64)> = conn.execute(rows).all().await?;
        let rows: Vec<_> = rows.iter().map(|(path, depth)| (&**path, *depth)).collect();
        assert_eq!(
            rows,
            [("Ada", 1), ("Ada/Bob", 2), ("Ada/Bob/Dan", 3), ("Ada/Bob/Eve", 3), ("Ada/Cyd", 2), ("Ada/Cyd/Fay", 3)]
        );
    }

    /// Three thousand rows: more than a thousand is where MariaDB would stop by itself.
    async fn a_count_to_three_thousand_is_not_cut(db: Db) {
        let mut conn = db.engine.connect().await?;
        let numbers = select(text!(":n", n = 1_i64).expr::<i64>().label("n"))
            .cte("numbers")
            .recursive(|it| select(it.named::<i64>("n") + 1).filter(it.named::<i64>("n").lt(3_000)));
        let n = numbers.named::<i64>("n");
        let row = conn.execute(select((func::count_star(), func::sum(n.clone()))).select_from(&numbers)).one().await?;
        assert_eq!(row, (3_000, Some(4_501_500)));
    }

    /// MariaDB would round the later rows to the digits of the first: to none.
    async fn a_recursive_query_keeps_the_digits_of_its_numbers(db: Db) {
        let mut conn = db.engine.connect().await?;
        let halves = select(func::round(literal(2.5)).label("n"))
            .cte("halves")
            .recursive(|it| select(it.named::<f64>("n") * 0.5).filter(it.named::<f64>("n").gt(0.5)));
        let again = select(halves.named::<f64>("n").label("n"))
            .cte("again")
            .recursive_distinct(|it| select(it.named::<f64>("n") * 0.5).filter(it.named::<f64>("n").gt(0.5)));
        let n = again.named::<f64>("n");
        let numbers = select(n.clone()).order_by(n.desc());
        assert_eq!(conn.scalars(numbers).all().await?, [3.0, 1.5, 0.75, 0.375]);
        db.create(&Metadata::of(Item)).await?;
        conn.execute(insert(Item).values([Item::builder().price(Decimal::new(125, 2))])).await?;
        let prices = select(Item::PRICE.label("price"))
            .cte("prices")
            .recursive_distinct(|it| select(func::least(it.named::<Decimal>("price") + Decimal::ONE, Decimal::new(3, 0))));
        let price = prices.named::<Decimal>("price");
        let prices = select(price.clone()).order_by(price);
        assert_eq!(conn.scalars(prices).all().await?, [Decimal::new(125, 2), Decimal::new(225, 2), Decimal::new(3, 0)]);
        let day = NaiveDate::from_ymd_opt(2024, 2, 29).expect("a leap day");
        let moments = select(func::start_of_day(literal(day).cast::<DateTime<Utc>>()).label("at"))
            .cte("moments")
            .recursive_distinct(|it| select(func::greatest(it.named::<DateTime<Utc>>("at"), moment(day))));
        let at = moments.named::<DateTime<Utc>>("at");
        let moments = select(at.clone()).order_by(at);
        assert_eq!(conn.scalars(moments).all().await?, [day.and_hms_opt(0, 0, 0).unwrap().and_utc(), moment(day)]);
    }

    async fn a_circle_ends_where_each_row_is_kept_once(db: Db) {
        let mut conn = company(&db).await?;
        // Ada works for Dan now, who works for Bob, who works for Ada.
        conn.execute(update(Employee).set(Employee::MANAGER_ID, 4).filter(Employee::ID.eq(1))).await?;
        let boss = alias(Employee, "boss");
        let above = select((Employee::ID, Employee::MANAGER_ID))
            .filter(Employee::NAME.eq("Eve"))
            .cte("above")
            .recursive_distinct(|above| {
                select((boss.col(Employee::ID), boss.col(Employee::MANAGER_ID)))
                    .join_on(above, above.col(Employee::MANAGER_ID).eq(boss.col(Employee::ID)))
            });
        let ids = select(above.col(Employee::ID)).order_by(above.col(Employee::ID));
        assert_eq!(conn.scalars(ids).all().await?, [1, 2, 4, 5]);
    }

    async fn a_cte_is_used_twice(db: Db) {
        let mut conn = company(&db).await?;
        let rich = select((Employee::ID, Employee::TEAM, Employee::SALARY)).filter(Employee::SALARY.ge(120)).cte("rich");
        let other = rich.alias("other");
        let pairs = select((rich.col(Employee::ID), other.col(Employee::ID)))
            .join_on(&other, other.col(Employee::TEAM).eq(rich.col(Employee::TEAM)))
            .filter(other.col(Employee::SALARY).gt(rich.col(Employee::SALARY)));
        assert_eq!(conn.execute(pairs).all().await?, [(5, 2)]);
    }

    async fn a_query_stands_beside_itself(db: Db) {
        let mut conn = company(&db).await?;
        let hours = func::sum(Task::HOURS).label("hours");
        let load = select((Task::EMPLOYEE_ID, hours.clone())).filter(Task::HOURS.gt(3)).group_by(Task::EMPLOYEE_ID).subquery("load_");
        let more = load.alias("more");
        let pairs = select((load.col(Task::EMPLOYEE_ID), more.col(Task::EMPLOYEE_ID)))
            .join_on(&more, more.col(&hours).gt(load.col(&hours)))
            .order_by((load.col(Task::EMPLOYEE_ID), more.col(Task::EMPLOYEE_ID)));
        let rows: Vec<(i64, i64)> = conn.execute(pairs).all().await?;
        // 8, 30, 25, 12 and 7 hours of 1, 2, 4, 6 and 3.
        assert_eq!(rows, [(1, 2), (1, 4), (1, 6), (3, 1), (3, 2), (3, 4), (3, 6), (4, 2), (6, 2), (6, 4)]);
    }

    #[except(mariadb, "it has no WITH before UPDATE or DELETE")]
    async fn a_change_uses_a_cte(db: Db) {
        let mut conn = company(&db).await?;
        let idle = select(Employee::ID).filter(!Employee::TASKS.exists()).cte("idle");
        let done = conn.execute(delete(Employee).filter(Employee::ID.in_(select(idle.col(Employee::ID))))).await?;
        assert_eq!(done.rows_affected, 1);
    }

    async fn a_session_selects_entities_beside_a_query(db: Db) {
        company(&db).await?;
        let mut session = db.session();
        let most = select((Task::EMPLOYEE_ID, func::max(Task::HOURS).label("most")))
            .group_by(Task::EMPLOYEE_ID)
            .subquery("most_");
        let longest = select((Task, most.named::<Option<i32>>("most")))
            .join_on(&most, most.col(Task::EMPLOYEE_ID).eq(Task::EMPLOYEE_ID).and(most.named::<Option<i32>>("most").eq(Task::HOURS)))
            .order_by(Task::ID);
        let rows = session.execute(longest).all().await?;
        let rows: Vec<_> = rows.iter().map(|(task, most)| (&*session[*task].title, *most)).collect();
        assert_eq!(
            rows,
            [("plan", Some(8)), ("build wall", Some(30)), ("build roof", Some(20)), ("sell", Some(12)), ("count", Some(7))]
        );
    }
}
