//! Small cases in which the databases once gave different answers, or one of them refused what the others took.

use aludel::Collation;
use aludel::prelude::*;
use aludel_suite::{Database, Db, on_each_database, refused};
use chrono::NaiveDate;
use serde_json::json;

use crate::models::{Article, Employee, Task, company, names};

/// Something to send.
#[derive(Entity, Clone, Debug)]
#[entity(table = "letters")]
pub struct Letter {
    #[column(primary_key, autoincrement = false)]
    pub id: i64,
    pub sent: Option<NaiveDate>,
    pub data: Json<serde_json::Value>,
}

async fn letters(db: &Db) -> aludel::Result<Connection> {
    db.create(&Metadata::of(Letter)).await?;
    let mut conn = db.engine.connect().await?;
    let rows = [
        json!({"c": [1, 2, "z"]}),
        json!({"c": [[1], [2]]}),
        json!({"c": {"a": 3}}),
        json!({"c": 7}),
        json!({}),
    ];
    let rows = rows.into_iter().zip(1..).map(|(data, id)| Letter::builder().id(id).data(Json(data)));
    conn.execute(insert(Letter).values(rows)).await?;
    Ok(conn)
}

on_each_database! {
    async fn a_key_of_a_group_is_known_within_an_expression(db: Db) {
        let mut conn = company(&db).await?;
        let tens = || Employee::SALARY / 100 * 10;
        let raised = select((tens() + 1, tens(), tens(), func::count_star()))
            .group_by(tens())
            .having((tens() + func::count_star()).gt(10_i64))
            .order_by((tens() + 0).desc());
        assert_eq!(conn.execute(raised).all().await?, [(31, 30, 30, 1), (21, 20, 20, 2), (11, 10, 10, 2)]);
        let initials = select((func::substr(Employee::TEAM, 1, 1).concat("."), func::count_star()))
            .group_by(func::substr(Employee::TEAM, 1, 1))
            .having(func::substr(Employee::TEAM, 1, 1).ne("x"))
            .order_by(func::substr(Employee::TEAM, 1, 1));
        assert_eq!(conn.execute(initials).all().await?, [("b.".into(), 4), ("s.".into(), 2)]);
        let listed = || Employee::TEAM.in_(["board", "sales"]).cast::<i64>();
        let listed = select((listed() + 5, func::count_star())).group_by(listed()).order_by(listed());
        assert_eq!(conn.execute(listed).all().await?, [(5, 3), (6, 3)]);
    }

    async fn a_value_is_no_place_of_a_column(db: Db) {
        let mut conn = company(&db).await?;
        let by_value = select(Employee::NAME).order_by((literal::<i64>(-1), Employee::ID)).limit(2);
        assert_eq!(conn.scalars(by_value).all().await?, names(&["Ada", "Bob"]));
        let all = select(func::max(Employee::SALARY)).group_by(literal::<i64>(-1));
        assert_eq!(conn.scalars(all).all().await?, [Some(300)]);
        let numbered = select(func::row_number().over(window().order_by((literal::<i64>(-1), Employee::ID)))).order_by(Employee::ID).limit(2);
        assert_eq!(conn.scalars(numbered).all().await?, [1, 2]);
    }

    async fn null_goes_where_it_is_asked_to_by_the_label_of_anything(db: Db) {
        let mut conn = company(&db).await?;
        let bonus = select((Employee::TEAM, func::max(Employee::BONUS).label("most"))).group_by(Employee::TEAM).order_by((asc("most").nulls_last(), Employee::TEAM));
        let expected = [("sales", Some(10)), ("build", Some(20)), ("board", None)].map(|(team, most)| (team.to_owned(), most));
        assert_eq!(conn.execute(bonus).all().await?, expected);
        // The label is the name of a column of both tables, or of one.
        let tasks = select(Employee::MANAGER_ID.label("id")).join(Employee::TASKS).order_by(asc("id").nulls_last());
        assert_eq!(conn.scalars(tasks).all().await?, [Some(1), Some(1), Some(2), Some(2), Some(3), Some(3), None]);
        let bonus = select(Employee::BONUS.label("salary")).distinct().order_by(desc("salary").nulls_first());
        assert_eq!(conn.scalars(bonus).all().await?, [None, Some(20), Some(10), Some(5)]);
        let rank = func::lag(Employee::ID, 1).over(window().order_by(Employee::ID)).label("before");
        let rank = select(rank).order_by(asc("before").nulls_last()).limit(2);
        assert_eq!(conn.scalars(rank).all().await?, [Some(1), Some(2)]);
    }

    async fn the_label_of_a_query_in_from_is_no_column_of_another_table(db: Db) {
        let mut conn = company(&db).await?;
        let first = select((Task::ID.label("id"), Employee::NAME)).join(Task::EMPLOYEE).order_by(asc("id")).limit(1).subquery("first");
        assert_eq!(conn.execute(select((first.col(Task::ID), first.col(Employee::NAME)))).all().await?, [(1, "Ada".to_owned())]);
    }

    async fn an_aggregate_of_columns_around_it_is_refused(db: Db) {
        let mut conn = company(&db).await?;
        // SQL would compute it for the rows of the statement around, or call it nested.
        let outer = select(func::max(Employee::SALARY)).select_from(Task).scalar_subquery();
        refused(conn.execute(select((Employee::ID, outer))).all().await, ErrorKind::Compile);
        let both = select(func::max(Employee::SALARY + Task::HOURS.cast::<i64>())).select_from(Task).scalar_subquery();
        assert_eq!(conn.execute(select((Employee::ID, both)).filter(Employee::ID.eq(1))).one().await?, (1, Some(330)));
    }

    async fn a_function_of_null_is_null(db: Db) {
        let mut conn = company(&db).await?;
        let of = |id: i64| Employee::ID.eq(id);
        let nothing = || func::nullif(Employee::NAME, "Ada");
        let none = || func::nullif(func::length(Employee::NAME).cast::<i64>(), 3_i64);
        let count = || func::position(nothing(), "a");
        let row = select((
            func::repeat(Employee::NAME, count()).nullable(),
            func::substr(Employee::NAME, count(), 2).nullable(),
            func::substr(Employee::NAME, 1, count()).nullable(),
            func::replace(Employee::NAME, "x", nothing()).nullable(),
            func::replace(Employee::NAME, "", nothing()).nullable(),
            none(),
        ));
        assert_eq!(conn.execute(row.filter(of(1))).one().await?, (None, None, None, None, None, None));
    }

    async fn a_date_that_is_bound_is_a_date(db: Db) {
        let mut conn = letters(&db).await?;
        let day = NaiveDate::from_ymd_opt(2024, 2, 29).expect("a day");
        let found = select((literal::<NaiveDate>(day), func::coalesce(Letter::SENT, day), func::greatest(literal::<NaiveDate>(day), Letter::SENT).nullable()));
        assert_eq!(conn.execute(found.filter(Letter::ID.eq(1))).one().await?, (day, day, None));
        let chosen = case().when(Letter::ID.gt(1), day).end();
        assert_eq!(conn.scalars(select(chosen).order_by(Letter::ID).limit(2)).all().await?, [None, Some(day)]);
        assert_eq!(conn.execute(update(Letter).set(Letter::SENT, day).filter(Letter::ID.eq(2))).await?.rows_affected, 1);
        assert_eq!(conn.scalars(select(Letter::ID).filter(Letter::SENT.in_([day]).and(Letter::SENT.eq(day)))).all().await?, [2]);
    }

    async fn an_array_is_counted_from_its_end_in_every_row(db: Db) {
        let mut conn = letters(&db).await?;
        let last = || Letter::DATA.path(("c", -1));
        let found = select((last().as_text(), last().exists(), last().path(0).as_int(), last().length())).order_by(Letter::ID);
        let found: Vec<(Option<String>, bool, Option<i64>, Option<i32>)> = conn.execute(found).all().await?;
        let found: Vec<_> = found.iter().map(|(text, there, of_it, length)| (text.as_deref(), *there, *of_it, *length)).collect();
        assert_eq!(found, [
            (Some("z"), true, None, None),
            (Some("[2]"), true, Some(2), Some(1)),
            (None, false, None, None),
            (None, false, None, None),
            (None, false, None, None),
        ]);
    }

    async fn what_is_no_array_has_no_first_element(db: Db) {
        let mut conn = letters(&db).await?;
        let first = || Letter::DATA.path(("c", 0));
        let found = select((first().as_int(), first().exists(), first().path("a").as_int())).order_by(Letter::ID);
        let none = (None, false, None);
        assert_eq!(conn.execute(found).all().await?, [(Some(1), true, None), (None, true, None), none, none, none]);
        let set = Letter::DATA.json_set(("c", 0), 9).path(("c", 0)).as_int();
        assert_eq!(conn.scalars(select(set).order_by(Letter::ID)).all().await?, [Some(9), Some(9), None, None, None]);
        let gone = Letter::DATA.json_remove(("c", 0, 0)).path(("c", 0)).as_json::<serde_json::Value>();
        let gone: Vec<Option<Json<serde_json::Value>>> = conn.scalars(select(gone).order_by(Letter::ID)).all().await?;
        assert_eq!(gone.into_iter().map(|it| it.map(|it| it.0)).collect::<Vec<_>>(), [Some(json!(1)), Some(json!([])), None, None, None]);
    }

    async fn a_share_of_rows_has_all_its_digits(db: Db) {
        let mut conn = company(&db).await?;
        let by = || window().order_by(Task::ID);
        let found = select((func::percent_rank().over(by()), func::cume_dist().over(by()), func::lag(Task::TITLE, 1).over(by()))).order_by(Task::ID);
        for (at, (rank, share, _)) in conn.execute(found).all().await?.into_iter().enumerate() {
            assert_eq!((rank, share), (at as f64 / 6.0, (at + 1) as f64 / 7.0));
        }
        let alone = func::percent_rank().over(window().partition_by(Task::ID).order_by(Task::ID));
        assert_eq!(conn.scalars(select(alone).limit(1)).all().await?, [0.0]);
    }

    async fn a_recursive_query_may_begin_with_null(db: Db) {
        let mut conn = company(&db).await?;
        let (level, before) = (literal::<i64>(1).label("level"), literal::<Option<f64>>(None).label("before"));
        let steps = select((level.clone(), before.clone())).cte("steps").recursive(|it| {
            select((it.col(&level) + 1, (it.col(&level) * 2).cast::<f64>().nullable())).select_from(it).filter(it.col(&level).lt(3_i64))
        });
        let found = select((steps.col(&level), steps.col(&before))).select_from(&steps).order_by(steps.col(&level));
        assert_eq!(conn.execute(found).all().await?, [(1, None), (2, Some(2.0)), (3, Some(4.0))]);
    }

    async fn values_of_an_update_are_of_the_table_as_it_was(db: Db) {
        let mut conn = company(&db).await?;
        let other = alias(Employee, "other");
        let so_far = select(func::sum(other.col(Employee::SALARY))).select_from(other).filter(other.col(Employee::ID).le(Employee::ID));
        let done = conn.execute(update(Employee).set(Employee::SALARY, so_far.scalar_subquery()).filter(Employee::ID.lt(6))).await?;
        assert_eq!(done.rows_affected, 5);
        let salaries = conn.scalars(select(Employee::SALARY).order_by(Employee::ID)).all().await?;
        assert_eq!(salaries, [300, 500, 700, 800, 920, 90]);
    }

    async fn what_comes_back_of_a_change_asks_no_table_that_is_changing(db: Db) {
        let mut conn = company(&db).await?;
        let left = || select(func::count_star()).select_from(alias(Task, "left")).scalar_subquery();
        let gone = delete(Task).filter(Task::ID.lt(3)).returning((Task::ID, left()));
        let added = Task::builder().id(9).title("more").hours(1).done(false).employee_id(1);
        let added = insert(Task).values([added]).returning((Task::ID, left()));
        if db.database == Database::Postgres {
            assert_eq!(conn.execute(gone).all().await?, [(1, Some(7)), (2, Some(7))]);
            assert_eq!(conn.execute(added).all().await?, [(9, Some(5))]);
            return Ok(());
        }
        refused(conn.execute(gone).all().await, ErrorKind::Unsupported);
        refused(conn.execute(added).all().await, ErrorKind::Unsupported);
        let all = select(func::count_star()).select_from(Employee).scalar_subquery();
        assert_eq!(conn.execute(delete(Task).filter(Task::ID.lt(2)).returning((Task::ID, all))).all().await?, [(1, Some(6))]);
    }

    async fn an_upsert_does_not_see_its_own_rows(db: Db) {
        let mut conn = company(&db).await?;
        let rows = |skus: &[&str]| skus.iter().map(|sku| Article::builder().sku(*sku).quantity(5)).collect::<Vec<_>>();
        conn.execute(insert(Article).values(rows(&["nut", "bolt"]))).await?;
        let all = || {
            let other = alias(Article, "other");
            select(func::sum(other.col(Article::QUANTITY))).select_from(other).scalar_subquery()
        };
        let upsert = |skus: &[&str]| insert(Article).values(rows(skus)).on_conflict(Article::SKU).do_update(|row| row.set(Article::QUANTITY, all()));
        let quantities = || select(Article::QUANTITY).order_by(Article::SKU);
        conn.execute(upsert(&["nut"])).await?;
        assert_eq!(conn.scalars(quantities()).all().await?, [5, 10]);
        let several = conn.execute(upsert(&["screw", "bolt", "nut"])).await;
        if db.database == Database::Postgres {
            several?;
            assert_eq!(conn.scalars(quantities()).all().await?, [15, 15, 5]);
        } else {
            refused(several, ErrorKind::Unsupported);
        }
    }

    async fn a_query_in_an_upsert_knows_the_row_that_was_to_be_inserted(db: Db) {
        let mut conn = company(&db).await?;
        let rows = [("nut", "C"), ("bolt", "D")].map(|(sku, name)| Article::builder().sku(sku).name(name).quantity(9));
        conn.execute(insert(Article).values(rows)).await?;
        // Employees have a name as well.
        let above = || select(func::count_star()).select_from(Employee).filter(Employee::NAME.gt(excluded(Article::NAME))).scalar_subquery();
        let quantities = || select((Article::SKU, Article::QUANTITY)).order_by(Article::SKU);
        let row = Article::builder().sku("nut").name("E");
        let one = insert(Article).values([row]).on_conflict(Article::SKU).do_update(|row| row.set(Article::QUANTITY, above()));
        if db.database == Database::MariaDb {
            refused(conn.execute(one).await, ErrorKind::Unsupported);
            return Ok(());
        }
        conn.execute(one).await?;
        assert_eq!(conn.execute(quantities()).all().await?, [("bolt".to_owned(), 9), ("nut".to_owned(), 2)]);
        let other = alias(Article, "other");
        let rows = select((other.col(Article::SKU), other.col(Article::NAME))).select_from(other);
        let several = insert(Article).from_select((Article::SKU, Article::NAME), rows);
        let several = several.on_conflict(Article::SKU).do_update(|row| row.set(Article::QUANTITY, above()));
        conn.execute(several).await?;
        assert_eq!(conn.execute(quantities()).all().await?, [("bolt".to_owned(), 3), ("nut".to_owned(), 4)]);
    }

    async fn case_is_folded_however_text_is_compared(db: Db) {
        let mut conn = company(&db).await?;
        let word = || func::coalesce(func::nullif(Employee::NAME, "Ada"), "Élan");
        let found = select(word().collate(Collation::CodePoint).ilike("éLAN")).filter(Employee::ID.eq(1));
        assert_eq!(conn.scalars(found).all().await?, [true]);
    }

    async fn an_equality_of_tuples_that_is_unknown_is_null(db: Db) {
        let mut conn = company(&db).await?;
        let both = || tuple((Employee::ID, Employee::MANAGER_ID));
        let unknown = [both().eq((1_i64, 2_i64)), both().in_([(1_i64, 2_i64)]), both().in_([(1_i64, 2_i64), (1, 3)])];
        for equality in unknown {
            let it = select((equality.clone().is_null(), equality.clone().is_not_null(), (!equality).is_null()));
            assert_eq!(conn.execute(it.filter(Employee::ID.eq(1))).one().await?, (true, false, true));
        }
    }

    async fn an_aggregate_of_the_row_that_was_to_be_inserted_is_refused(db: Db) {
        let mut conn = company(&db).await?;
        let most = select(func::max(excluded(Article::QUANTITY))).select_from(Task).scalar_subquery();
        let rows = [Article::builder().sku("nut")];
        let upsert = insert(Article).values(rows).on_conflict(Article::SKU).do_update(|row| row.set(Article::QUANTITY, most));
        refused(conn.execute(upsert).await, db.pick(ErrorKind::Compile, ErrorKind::Compile, ErrorKind::Unsupported));
    }

    async fn joined_tables_and_queries_say_which_rows_go(db: Db) {
        let mut conn = company(&db).await?;
        let other = alias(Task, "other");
        let hours = select(func::max(other.col(Task::HOURS))).select_from(other).filter(other.col(Task::EMPLOYEE_ID).eq(Task::EMPLOYEE_ID)).scalar_subquery();
        let gone = delete(Task).join(Task::EMPLOYEE).filter(Employee::TEAM.eq("build")).filter(Task::HOURS.eq(hours));
        assert_eq!(conn.execute(gone).await?.rows_affected, 2);
        assert_eq!(conn.scalars(select(Task::ID).order_by(Task::ID)).all().await?, [1, 4, 5, 6, 7]);
    }

    async fn an_aggregate_of_a_query_in_from_is_asked_again(db: Db) {
        let mut conn = company(&db).await?;
        let salaries = select((Employee::SALARY * 2).label("double")).subquery("salaries");
        let most = select(func::max(salaries.named::<i64>("double")));
        for _ in 0..3 {
            assert_eq!(conn.scalar(most.clone()).await?, Some(600));
        }
        // A statement that has failed is no harm to a transaction.
        let mut tx = conn.begin().await?;
        tx.execute(update(Employee).set(Employee::SALARY, 400).filter(Employee::ID.eq(1))).await?;
        for _ in 0..3 {
            assert_eq!(tx.scalar(most.clone()).await?, Some(800));
        }
        tx.rollback().await?;
        let mut rows = conn.scalars(most).stream();
        assert_eq!((rows.next().await?, rows.next().await?), (Some(Some(600)), None));
    }
}
