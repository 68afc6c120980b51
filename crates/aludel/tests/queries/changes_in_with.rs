//! INSERT, UPDATE and DELETE in WITH: what they do, and what the statement around them sees. PostgreSQL has that; the others say so.

use aludel::prelude::*;
use aludel_suite::{Database, Db, on_each_database, refused};

use crate::models::{Article, Employee, Task, company, names};

/// Tells whether the database has no changes in WITH, after having looked at what it says about one.
async fn is_refused(db: &Db) -> aludel::Result<bool> {
    if db.database == Database::Postgres {
        return Ok(false);
    }
    let mut conn = db.engine.connect().await?;
    let gone = delete(Task).returning(Task::ID).cte("gone");
    let error = refused(conn.scalars(select(gone.col(Task::ID))).all().await, ErrorKind::Unsupported);
    let name = db.pick("SQLite", "", "MariaDB");
    assert_eq!(error.what(), format!("{name} has no INSERT, UPDATE or DELETE within WITH"));
    // Nothing was sent.
    assert_eq!(conn.scalar(select(func::count_star()).select_from(Task)).await?, 7);
    Ok(true)
}

on_each_database! {
    async fn c9_rows_move_from_one_table_to_another_in_one_statement(db: Db) {
        let mut conn = company(&db).await?;
        if is_refused(&db).await? {
            return Ok(());
        }
        let done = delete(Task).filter(Task::DONE).returning((Task::TITLE, Task::HOURS)).cte("done_tasks");
        let rows = select((done.col(Task::TITLE), done.col(Task::HOURS).cast::<i64>()));
        let moved = conn.execute(insert(Article).from_select((Article::SKU, Article::QUANTITY), rows)).await?;
        assert_eq!(moved.rows_affected, 4);
        let articles = select((Article::SKU, Article::QUANTITY)).order_by(Article::SKU);
        let found = [("build roof", 20), ("count", 7), ("plan", 8), ("sell", 12)];
        assert_eq!(conn.execute(articles).all().await?, found.map(|(sku, hours)| (sku.to_owned(), hours)));
        assert_eq!(conn.scalars(select(Task::ID).order_by(Task::ID)).all().await?, [2, 4, 6]);
    }

    async fn what_is_inserted_is_read_with_its_types(db: Db) {
        let mut conn = company(&db).await?;
        if is_refused(&db).await? {
            return Ok(());
        }
        let rows = (0..300).map(|n| Article::builder().sku(format!("{n:03}")));
        let new = insert(Article).values(rows).returning(Article).cte("new_articles");
        let counted = select((func::count_star(), func::min(new.col(Article::SKU)), func::sum(new.col(Article::QUANTITY))));
        assert_eq!(conn.execute(counted.select_from(&new)).one().await?, (300, Some("000".to_owned()), Some(300)));
    }

    async fn the_statement_sees_the_tables_as_they_were(db: Db) {
        let mut conn = company(&db).await?;
        if is_refused(&db).await? {
            return Ok(());
        }
        let raised = update(Employee)
            .join(Employee::TASKS)
            .set(Employee::SALARY, Employee::SALARY + Task::HOURS.cast::<i64>())
            .filter(Task::TITLE.eq("build wall"))
            .returning((Employee::ID, Employee::SALARY))
            .cte("raised");
        let both = select((Employee::NAME, Employee::SALARY, raised.col(Employee::SALARY)))
            .join_on(&raised, raised.col(Employee::ID).eq(Employee::ID));
        assert_eq!(conn.execute(both).all().await?, [("Bob".to_owned(), 200, 230)]);
        assert_eq!(conn.scalar(select(Employee::SALARY).filter(Employee::ID.eq(2))).await?, 230);
    }

    async fn a_change_reads_what_another_one_gives_back(db: Db) {
        let mut conn = company(&db).await?;
        if is_refused(&db).await? {
            return Ok(());
        }
        let gone = delete(Task).filter(Task::EMPLOYEE_ID.eq(4)).returning((Task::TITLE, Task::HOURS)).cte("gone");
        let kept = insert(Article)
            .from_select(Article::SKU, select(gone.col(Task::TITLE)))
            .returning((Article::ID, Article::SKU))
            .cte("kept")
            .materialized();
        let rows = select((kept.col(Article::SKU), gone.col(Task::HOURS)))
            .join_on(&gone, gone.col(Task::TITLE).eq(kept.col(Article::SKU)))
            .order_by(gone.col(Task::HOURS));
        assert_eq!(conn.execute(rows).all().await?, [("paint".to_owned(), 5), ("build roof".to_owned(), 20)]);
    }

    async fn an_upsert_stands_in_with(db: Db) {
        let mut conn = company(&db).await?;
        if is_refused(&db).await? {
            return Ok(());
        }
        conn.execute(insert(Article).values([Article::builder().sku("nut").quantity(7)])).await?;
        let rows = ["nut", "bolt"].map(|sku| Article::builder().sku(sku).quantity(1));
        let stocked = insert(Article)
            .values(rows)
            .on_conflict(Article::SKU)
            .do_update(|row| row.set(Article::QUANTITY, Article::QUANTITY + excluded(Article::QUANTITY)))
            .returning((Article::SKU, Article::QUANTITY))
            .cte("stocked");
        let most = select(stocked.col(Article::SKU)).order_by(stocked.col(Article::QUANTITY).desc());
        assert_eq!(conn.scalars(most).all().await?, names(&["nut", "bolt"]));
    }

    async fn a_change_that_nobody_reads_is_made(db: Db) {
        let mut conn = company(&db).await?;
        if is_refused(&db).await? {
            return Ok(());
        }
        let gone = delete(Task).filter(Task::DONE).returning(Task::ID).cte("gone");
        let found = conn.scalars(select(Employee::NAME).filter(Employee::ID.eq(1)).add_cte(&gone)).all().await?;
        assert_eq!(found, ["Ada"]);
        assert_eq!(conn.scalar(select(func::count_star()).select_from(Task)).await?, 3);
    }

    /// A SELECT that changes rows is a change: it belongs into the transaction, which is committed or rolled back.
    async fn what_a_session_changes_in_with_is_committed(db: Db) {
        company(&db).await?;
        if is_refused(&db).await? {
            return Ok(());
        }
        let raised = || update(Employee).set(Employee::SALARY, Employee::SALARY + 1).filter(Employee::ID.eq(2)).returning(Employee::ID).cte("raised");
        let mut session = db.session();
        let bob = session.get_one::<Employee>(2).await?;
        session.rollback().await?;

        assert_eq!(session.scalars(select(raised().col(Employee::ID))).all().await?, [2]);
        session.rollback().await?;
        let mut other = db.session();
        assert_eq!(other.scalar(select(Employee::SALARY).filter(Employee::ID.eq(2))).await?, 200);

        assert_eq!(session.scalars(select(raised().col(Employee::ID))).all().await?, [2]);
        // What is loaded has aged: the next query reads it anew.
        session.get_one::<Employee>(2).await?;
        assert_eq!(session[bob].salary, 201);
        session.commit().await?;
        assert_eq!(other.scalar(select(Employee::SALARY).filter(Employee::ID.eq(2))).await?, 201);
    }

    /// What finds rows twice, or page by page, must not change them twice.
    async fn a_change_in_with_is_made_once(db: Db) {
        company(&db).await?;
        if is_refused(&db).await? {
            return Ok(());
        }
        let raised = update(Employee).set(Employee::SALARY, Employee::SALARY + 1).filter(Employee::ID.eq(2)).returning(Employee::ID).cte("raised");
        let raised_bob = select(Employee).filter(Employee::ID.in_(select(raised.col(Employee::ID))));
        let mut session = db.session();
        let bob = session.scalars(raised_bob.clone().options(subqueryload(Employee::TASKS))).one().await?;
        assert_eq!(session.view(bob).tasks()?.count(), 1);
        assert_eq!(session.scalar(select(Employee::SALARY).filter(Employee::ID.eq(2))).await?, 201);
        let mut chunks = session.scalars(raised_bob).chunks(10);
        refused(chunks.next().await.map(|_| ()), ErrorKind::Unsupported);
    }

    async fn a_scope_holds_for_changes_in_with(db: Db) {
        company(&db).await?;
        if is_refused(&db).await? {
            return Ok(());
        }
        let build = db.engine.scope(Employee, Employee::TEAM.eq("build"));
        let mut conn = build.connect().await?;
        // It finds only what lies in the scope …
        let raised = update(Employee).set(Employee::SALARY, 1).returning(Employee::NAME).cte("raised");
        let found = select(raised.col(Employee::NAME)).order_by(raised.col(Employee::NAME));
        assert_eq!(conn.scalars(found).all().await?, names(&["Bob", "Dan", "Eve"]));
        // … and moves nothing out of it.
        let moved = update(Employee).set(Employee::TEAM, "sales").returning(Employee::NAME).cte("moved");
        refused(conn.scalars(select(moved.col(Employee::NAME))).all().await, ErrorKind::Scope);
    }
}
