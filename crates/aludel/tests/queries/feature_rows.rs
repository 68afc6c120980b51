//! The rows of the feature table that are about statements, each by its number: what SQLAlchemy has, shown on every database.

use aludel::prelude::*;
use aludel_suite::{Database, Db, on_each_database};
use serde_json::json;

use crate::documents::Parcel;
use crate::models::{Article, Employee, Seat, Task, company, names};

/// The employees for whom it holds.
async fn ids(conn: &mut Connection, condition: aludel::Expr<bool>) -> aludel::Result<Vec<i64>> {
    conn.scalars(select(Employee::ID).filter(condition).order_by(Employee::ID)).all().await
}

on_each_database! {
    async fn c1_select_takes_columns_conditions_an_order_a_limit_and_an_offset(db: Db) {
        let mut conn = company(&db).await?;
        let teams = select(Employee::TEAM).distinct().order_by(Employee::TEAM.desc());
        assert_eq!(conn.scalars(teams).all().await?, names(&["sales", "build", "board"]));
        let by_bonus = |key| select(Employee::NAME).order_by((key, Employee::ID.asc()));
        let first = conn.scalars(by_bonus(Employee::BONUS.desc().nulls_first()).limit(4)).all().await?;
        assert_eq!(first, names(&["Ada", "Dan", "Fay", "Bob"]));
        let last = conn.scalars(by_bonus(Employee::BONUS.asc().nulls_last()).offset(1).limit(3)).all().await?;
        assert_eq!(last, names(&["Cyd", "Bob", "Ada"]));
    }

    async fn c2_joins_follow_relations_foreign_keys_and_conditions(db: Db) {
        let mut conn = company(&db).await?;
        let hours = select((Employee::NAME, func::sum(Task::HOURS))).join(Employee::TASKS).group_by((Employee::ID, Employee::NAME)).order_by(Employee::ID);
        assert_eq!(conn.execute(hours).all().await?.len(), 5);
        let idle = select(Employee::NAME).outer_join(Employee::TASKS).filter(Task::ID.is_null());
        assert_eq!(conn.scalars(idle).all().await?, names(&["Eve"]));
        let boss = alias(Employee, "boss");
        let above = select((Employee::NAME, boss.col(Employee::NAME).nullable()))
            .outer_join_on(boss, boss.col(Employee::SALARY).gt(Employee::SALARY + 99).and(boss.col(Employee::ID).eq(1)))
            .filter(Employee::ID.le(2))
            .order_by(Employee::ID);
        assert_eq!(conn.execute(above).all().await?, [("Ada".into(), None), ("Bob".into(), Some("Ada".into()))]);
    }

    async fn c3_operators_mean_the_same_everywhere(db: Db) {
        let mut conn = company(&db).await?;
        for (condition, found) in [
            (Employee::SALARY.between(100, 200), &[2, 3, 4, 5][..]),
            (Employee::NAME.like("_d%"), &[1][..]),
            (Employee::NAME.ilike("_A%"), &[4, 6]),
            (Employee::NAME.starts_with("E") | Employee::NAME.ends_with("d"), &[3, 5]),
            (Employee::BONUS.is_distinct_from(20), &[1, 3, 4, 5, 6]),
            (Employee::ID.in_([1, 6]), &[1, 6]),
            (Employee::ID.in_(Vec::<i64>::new()), &[]),
            (Employee::ID.not_in(Vec::<i64>::new()).and(Employee::ID.lt(3)), &[1, 2]),
            (tuple((Employee::TEAM, Employee::SALARY)).in_([("build", 100)]), &[4]),
            (Employee::ID.in_(select(Task::EMPLOYEE_ID).filter(Task::HOURS.gt(19))), &[2, 4]),
            (Employee::NAME.regexp_match("^[AB]"), &[1, 2]),
            (Employee::NAME.concat("!").eq("Eve!"), &[5]),
            ((Employee::SALARY / 7).eq(42), &[1]),
            (func::true_div(Employee::SALARY, 8).eq(37.5), &[1]),
            (func::bit_and(Employee::SALARY, 8).eq(0), &[4]),
        ] {
            assert_eq!(ids(&mut conn, condition.clone()).await?, found, "{condition:?}");
        }
    }

    async fn c4_conjunctions_need_few_parentheses_and_not_turns_them_round(db: Db) {
        let mut conn = company(&db).await?;
        let either = Employee::TEAM.eq("build").or(Employee::TEAM.eq("board"));
        let both = either.and(Employee::SALARY.gt(150));
        let (text, _) = select(Employee::ID).filter(both.clone()).to_sql(db.engine.dialect())?;
        assert_eq!(text.matches('(').count(), 1, "{text}");
        assert_eq!(ids(&mut conn, both.clone()).await?, [1, 2]);
        assert_eq!(ids(&mut conn, !both).await?, [3, 4, 5, 6]);
        // NULL is neither.
        let paid = || Employee::BONUS.gt(5);
        assert_eq!(ids(&mut conn, paid()).await?, [2, 3]);
        assert_eq!(ids(&mut conn, not_(paid())).await?, [5]);
        assert_eq!(ids(&mut conn, and_([])).await?.len(), 6);
        assert_eq!(ids(&mut conn, or_([])).await?, [0; 0]);
    }

    async fn c5_functions_labels_groups_and_an_order_by_label(db: Db) {
        let mut conn = company(&db).await?;
        let cost = func::sum(Employee::SALARY).label("cost");
        let teams = select((Employee::TEAM, cost)).group_by(Employee::TEAM).having(func::count_star().gt(1)).order_by(desc("cost"));
        assert_eq!(conn.execute(teams).all().await?, [("build".into(), Some(420)), ("sales".into(), Some(290))]);
        let any: Vec<i64> = conn.scalars(select(func::call::<i64>("abs", [(-Employee::ID).into_node()])).order_by(Employee::ID).limit(1)).all().await?;
        assert_eq!(any, [1]);
    }

    async fn c6_subqueries_are_tables_values_and_tests(db: Db) {
        let mut conn = company(&db).await?;
        let own = || select(func::count(Task::ID)).filter(Task::EMPLOYEE_ID.eq(Employee::ID));
        let counted = select((Employee::NAME, own().scalar_subquery())).filter(exists(own().filter(Task::DONE))).order_by(Employee::ID).limit(2);
        assert_eq!(conn.execute(counted).all().await?.len(), 2);
        let busy = select((Task::EMPLOYEE_ID, func::count_star().label("n"))).group_by(Task::EMPLOYEE_ID).subquery("busy");
        let twice = select(Employee::NAME).join_on(&busy, busy.col(Task::EMPLOYEE_ID).eq(Employee::ID)).filter(busy.named::<i64>("n").eq(2)).order_by(Employee::ID);
        assert_eq!(conn.scalars(twice).all().await?, names(&["Dan", "Fay"]));
    }

    async fn c7_a_table_stands_beside_itself_under_another_name(db: Db) {
        let mut conn = company(&db).await?;
        let boss = alias(Employee, "boss");
        let same = select((Employee::NAME, boss.col(Employee::NAME)))
            .join(Employee::MANAGER.to(boss))
            .filter(boss.col(Employee::TEAM).eq(Employee::TEAM))
            .order_by(Employee::ID);
        let expected = [("Dan", "Bob"), ("Eve", "Bob"), ("Fay", "Cyd")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(conn.execute(same).all().await?, expected);
    }

    async fn c8_set_operations_are_nested_and_ordered(db: Db) {
        let mut conn = company(&db).await?;
        let team = |name: &str| select(Employee::ID).filter(Employee::TEAM.eq(name));
        let all = team("build").union(team("sales")).except(select(Task::EMPLOYEE_ID)).order_by(Employee::ID);
        assert_eq!(conn.scalars(all).all().await?, [5]);
        let both = team("build").intersect(select(Task::EMPLOYEE_ID)).order_by(Employee::ID.desc()).limit(1);
        assert_eq!(conn.scalars(both).all().await?, [4]);
        assert_eq!(conn.scalars(team("board").union_all(team("board"))).all().await?, [1, 1]);
    }

    async fn c9_a_recursive_cte_walks_a_tree(db: Db) {
        let mut conn = company(&db).await?;
        let level = literal::<i64>(0).label("level");
        let below = select((Employee::ID, level.clone())).filter(Employee::ID.eq(2)).cte("below").recursive(|it| {
            select((Employee::ID, it.col(&level) + 1)).join_on(it, it.col(Employee::ID).eq(Employee::MANAGER_ID))
        });
        let walked = select((Employee::NAME, below.col(&level))).join_on(&below, below.col(Employee::ID).eq(Employee::ID)).order_by(Employee::ID);
        assert_eq!(conn.execute(walked).all().await?, [("Bob".into(), 0), ("Dan".into(), 1), ("Eve".into(), 1)]);
    }

    async fn c10_windows_have_partitions_orders_and_frames(db: Db) {
        let mut conn = company(&db).await?;
        let of_team = || window().partition_by(Employee::TEAM).order_by((Employee::SALARY.desc(), Employee::ID));
        let ranked = select((Employee::NAME, func::row_number().over(of_team()), func::sum(Employee::SALARY).over(of_team().rows(-1..=0))))
            .filter(Employee::TEAM.eq("build"))
            .order_by((Employee::SALARY.desc(), Employee::ID));
        let expected = [("Bob", 1, 200), ("Eve", 2, 320), ("Dan", 3, 220)].map(|(name, n, sum)| (name.to_owned(), n, Some(sum)));
        assert_eq!(conn.execute(ranked).all().await?, expected);
    }

    async fn c11_aggregates_of_some_rows_of_each_value_once_and_of_texts_in_an_order(db: Db) {
        let mut conn = company(&db).await?;
        let some = select((
            func::count_star().filter(Employee::TEAM.eq("build")),
            func::count(Employee::SALARY).distinct(),
            func::string_agg(Employee::NAME, ",").aggregate_order_by(Employee::ID.desc()),
        ));
        assert_eq!(conn.execute(some).one().await?, (3, 5, Some("Fay,Eve,Dan,Cyd,Bob,Ada".to_owned())));
    }

    async fn c14_case_cast_tuples_parts_of_dates_and_literals(db: Db) {
        let mut conn = company(&db).await?;
        let pay = case().when(Employee::SALARY.ge(200), "high").when(Employee::SALARY.ge(100), "middle").else_("low");
        let row = select((pay, Employee::ID.cast::<String>(), func::year(Employee::HIRED), literal::<i64>(7), Employee::NAME.try_cast_integer()))
            .filter(tuple((Employee::ID, Employee::TEAM)).eq((4_i64, "build")));
        assert_eq!(conn.execute(row).one().await?, ("middle".into(), "4".into(), 2004, 7, None));
    }

    async fn c16_sql_by_hand_has_bound_values_and_typed_expressions(db: Db) {
        let mut conn = company(&db).await?;
        let row = conn.execute(text!("SELECT name, salary FROM employees WHERE name = :name", name = "Bob'); --")).all().await?;
        assert!(row.is_empty());
        let row = conn.execute(text!("SELECT name, salary FROM employees WHERE name = :name", name = "Bob")).one().await?;
        assert_eq!((row.get::<String>("name")?, row.get::<i64>("salary")?), ("Bob".into(), 200));
        let raised = select(text!("salary + :n", n = 1_i64).expr::<i64>()).select_from(Employee).filter(Employee::ID.eq(1));
        assert_eq!(conn.scalars(raised).all().await?, [301]);
    }

    async fn c17_a_list_of_any_length_has_few_texts(db: Db) {
        company(&db).await?;
        let text = |length: i64| select(Employee::ID).filter(Employee::ID.in_(0..length)).to_sql(db.engine.dialect()).map(|it| it.0);
        let mut texts: Vec<String> = (2..200).map(text).collect::<aludel::Result<_>>()?;
        texts.sort();
        texts.dedup();
        // One where a list is one parameter, a few size classes elsewhere.
        assert_eq!(texts.len(), db.pick(1, 1, 9));
        let mut conn = db.engine.connect().await?;
        assert_eq!(ids(&mut conn, Employee::ID.in_(3..5_000)).await?, [3, 4, 5, 6]);
    }

    async fn c18_rows_are_locked_and_a_queue_skips_those_that_are(db: Db) {
        let mut first = company(&db).await?;
        let next = || select(Task::ID).filter(!Task::DONE).order_by(Task::ID).limit(1).for_update().skip_locked();
        if db.database == Database::Sqlite {
            // One writer at a time: there is nothing to skip, and saying so is better than pretending.
            let refused = aludel_suite::refused(first.scalars(next()).all().await, ErrorKind::Unsupported);
            assert!(refused.to_string().contains("SQLite has no FOR UPDATE"), "{refused}");
            return Ok(());
        }
        let mut second = db.engine.connect().await?;
        let (mut one, mut other) = (first.begin().await?, second.begin().await?);
        assert_eq!(one.scalars(next()).all().await?, [2]);
        assert_eq!(other.scalars(next()).all().await?, [4]);
        one.rollback().await?;
        other.rollback().await?;
    }

    async fn c19_inserts_of_rows_of_a_query_and_of_defaults(db: Db) {
        let mut conn = company(&db).await?;
        conn.execute(insert(Article).values(["a", "b"].map(|sku| Article::builder().sku(sku)))).await?;
        let named = select((Employee::NAME, Employee::TEAM)).filter(Employee::ID.gt(4));
        conn.execute(insert(Article).from_select((Article::SKU, Article::NAME), named)).await?;
        let all = conn.execute(select((Article::SKU, Article::QUANTITY)).order_by(Article::SKU)).all().await?;
        assert_eq!(all, ["Eve", "Fay", "a", "b"].map(|sku| (sku.to_owned(), 1)));
    }

    async fn c20_what_was_written_comes_back_in_the_order_of_the_rows(db: Db) {
        let mut conn = company(&db).await?;
        let rows = (0..50).rev().map(|n| Article::builder().sku(format!("{n:02}")));
        let found = conn.scalars(insert(Article).values(rows).returning(Article::SKU)).all().await?;
        assert!(found.is_sorted_by(|a, b| a > b) && found.len() == 50);
        let gone = conn.scalars(delete(Article).filter(Article::SKU.lt("02")).returning(Article::SKU)).all().await?;
        assert_eq!(gone.len(), 2);
        let changed = update(Article).set(Article::QUANTITY, 9).filter(Article::SKU.eq("02")).returning(Article::QUANTITY);
        match db.database {
            Database::MariaDb => assert!(conn.scalars(changed).all().await.unwrap_err().to_string().contains("MariaDB")),
            _ => assert_eq!(conn.scalars(changed).all().await?, [9]),
        }
    }

    async fn c20_expressions_and_entities_come_back(db: Db) {
        let mut conn = company(&db).await?;
        let rows = ["cc", "a", "bbb"].map(|sku| Article::builder().sku(sku).quantity(5));
        let new = insert(Article).values(rows).returning((Article, func::length(Article::SKU), Article::QUANTITY * 2));
        let found = conn.execute(new).all().await?;
        let found: Vec<_> = found.iter().map(|(article, length, twice)| (&*article.sku, *length, *twice)).collect();
        assert_eq!(found, [("cc", 2, 10), ("a", 1, 10), ("bbb", 3, 10)]);
        let gone = delete(Article).filter(Article::SKU.eq("a")).returning((Article::SKU.concat("!"), Article));
        assert_eq!(conn.execute(gone).one().await?.0, "a!");
        let changed = update(Article).set(Article::NAME, "new").filter(Article::SKU.eq("cc")).returning((Article, Article::QUANTITY + 1));
        match db.database {
            Database::MariaDb => _ = aludel_suite::refused(conn.execute(changed).all().await, ErrorKind::Unsupported),
            _ => {
                let (article, more) = conn.execute(changed).one().await?;
                assert_eq!((article.name.as_deref(), more), (Some("new"), 6));
            }
        }
    }

    async fn c21_one_upsert_for_all(db: Db) {
        let mut conn = company(&db).await?;
        let rows = |quantity| ["a", "b"].map(|sku| Article::builder().sku(sku).quantity(quantity));
        conn.execute(insert(Article).values(rows(1))).await?;
        let sum = insert(Article)
            .values(rows(5))
            .values([Article::builder().sku("c").quantity(7)])
            .on_conflict(Article::SKU)
            .do_update(|row| row.set(Article::QUANTITY, Article::QUANTITY + excluded(Article::QUANTITY)));
        conn.execute(sum).await?;
        conn.execute(insert(Article).values(rows(99)).on_conflict(Article::SKU).do_nothing()).await?;
        assert_eq!(conn.scalars(select(Article::QUANTITY).order_by(Article::SKU)).all().await?, [6, 6, 7]);
        // Beside another key that could be hit, MariaDB would change the wrong row.
        let beside = insert(Seat).values([Seat::builder().id(1).label("A")]).on_conflict(Seat::LABEL).do_nothing();
        match db.database {
            Database::MariaDb => _ = aludel_suite::refused(conn.execute(beside).await, ErrorKind::Unsupported),
            _ => conn.execute(beside).await?,
        }
    }

    async fn c22_changes_with_other_tables(db: Db) {
        let mut conn = company(&db).await?;
        let raised = update(Employee).join(Employee::TASKS).set(Employee::SALARY, Employee::SALARY + Task::HOURS.cast::<i64>()).filter(Task::HOURS.eq(30));
        assert_eq!(conn.execute(raised).await?.rows_affected, 1);
        assert_eq!(conn.scalar(select(Employee::SALARY).filter(Employee::ID.eq(2))).await?, 230);
        let gone = delete(Task).join(Task::EMPLOYEE).filter(Employee::TEAM.eq("sales"));
        assert_eq!(conn.execute(gone).await?.rows_affected, 3);
        // Assigned from the row as it was, whatever the order.
        conn.execute(update(Task).set(Task::HOURS, Task::HOURS + 1).set(Task::ID, Task::ID + 100).filter(Task::ID.eq(1))).await?;
        assert_eq!(conn.scalars(select(Task::HOURS).filter(Task::ID.eq(101))).all().await?, [9]);
    }

    async fn c22_every_assignment_sees_the_row_as_it_was(db: Db) {
        let mut conn = company(&db).await?;
        // Where assignments see those before them, the one that reads comes first.
        let stmt = update(Employee).set(Employee::SALARY, 1_i64).set(Employee::BONUS, Employee::SALARY).filter(Employee::ID.eq(4));
        conn.execute(stmt).await?;
        assert_eq!(conn.execute(select((Employee::SALARY, Employee::BONUS)).filter(Employee::ID.eq(4))).one().await?, (1, Some(100)));
        // Two that read each other have no order.
        let swap = update(Employee)
            .set(Employee::SALARY, func::coalesce(Employee::BONUS, 0_i64))
            .set(Employee::BONUS, Employee::SALARY)
            .filter(Employee::ID.eq(2));
        match db.database {
            Database::MariaDb => _ = aludel_suite::refused(conn.execute(swap).await, ErrorKind::Unsupported),
            _ => {
                conn.execute(swap).await?;
                assert_eq!(conn.execute(select((Employee::SALARY, Employee::BONUS)).filter(Employee::ID.eq(2))).one().await?, (20, Some(200)));
            }
        }
    }

    async fn c23_values_within_documents_have_their_types(db: Db) {
        db.create(&Metadata::of(Parcel)).await?;
        let mut conn = db.engine.connect().await?;
        let rows = [json!({"to": {"lines": ["A", "B"]}, "n": 3, "r": 2.5, "b": true, "z": null}), json!({"n": "3"})];
        conn.execute(insert(Parcel).values(rows.map(|data| Parcel::builder().data(data).notes(None)))).await?;
        let at = |key: &'static str| Parcel::DATA.path(key);
        let row = select((at("n").as_int(), at("r").as_real(), at("b").as_bool(), Parcel::DATA.path(("to", "lines", -1)).as_text(), at("z").exists()))
            .order_by(Parcel::ID);
        let found = conn.execute(row).all().await?;
        assert_eq!(found, [(Some(3), Some(2.5), Some(true), Some("B".into()), true), (None, None, None, None, false)]);
        // NULL of SQL is no `null` of JSON.
        assert_eq!(conn.scalar(select(func::count_star()).select_from(Parcel).filter(Parcel::NOTES.is_null())).await?, 2);
    }

    async fn c27_a_statement_is_text_and_values_or_text_to_read(db: Db) {
        company(&db).await?;
        let statement = select(Employee::ID).filter(Employee::NAME.eq("O'Hara"));
        let (text, values) = statement.to_sql(db.engine.dialect())?;
        assert!(text.ends_with(db.pick("= ?1", "= $1", "= ?")), "{text}");
        assert_eq!(values, [aludel::Value::Text("O'Hara".into())]);
        assert!(statement.inline_sql(db.engine.dialect())?.ends_with("= 'O''Hara'"));
    }

    async fn c30_names_are_quoted_where_they_need_it(db: Db) {
        let mut conn = company(&db).await?;
        for name in ["order", "select", "a b", "semi;colon", "quo\"te", "back`tick", "Groß", "x -- y"] {
            let (text, _) = select(Employee::ID.label(name)).order_by(asc(name)).to_sql(db.engine.dialect())?;
            let row = conn.execute(aludel::text_unchecked(text)).first().await?.expect("there are rows");
            assert_eq!(row.get::<i64>(name)?, 1, "{name}");
        }
        let refused = select(Employee::ID.label("")).to_sql(db.engine.dialect());
        assert!(refused.is_err());
    }
}
