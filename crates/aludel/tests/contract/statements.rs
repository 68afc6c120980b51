//! Statements and expressions.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

use crate::models::{Document, User, fill};

on_each_database! {
    async fn select_groups_and_orders_by_label(db: Db) {
        fill(&db).await?;
        let mut conn = db.engine.connect().await?;
        let per_user = select((User::EMAIL, func::count(Document::ID).label("documents")))
            .join(User::DOCUMENTS)
            .filter(User::NAME.ilike("%sam%").or(User::NAME.is_null()))
            .group_by(User::EMAIL)
            .having(func::count(Document::ID).gt(2))
            .order_by(desc("documents"));
        let rows: Vec<(String, i64)> = conn.execute(per_user).all().await?;
        assert_eq!(rows, [("sam@uae.dev".to_owned(), 3)]);

        let joined = select((User::EMAIL, Document::TITLE)).join_on(Document, Document::OWNER_ID.eq(User::ID));
        assert_eq!(conn.execute(joined).all().await?.len(), 3);
        let outer = select((User::EMAIL, Document::TITLE.nullable())).outer_join(User::DOCUMENTS);
        assert_eq!(conn.execute(outer).all().await?.len(), 4);
    }

    async fn insert_update_and_delete(db: Db) {
        fill(&db).await?;
        let mut conn = db.engine.connect().await?;
        conn.execute(insert(User).values([User::builder().email("a@b.com"), User::builder().email("b@c.com")])).await?;
        conn.execute(update(Document).filter(Document::ID.eq(1)).set(Document::TITLE, "Final")).await?;
        assert_eq!(conn.scalar(select(Document::TITLE).filter(Document::ID.eq(1))).await?, "Final");
        let deleted = conn.execute(delete(User).filter(User::EMAIL.in_(["a@b.com", "b@c.com"]))).await?;
        assert_eq!(deleted.rows_affected, 2);
    }

    #[except(mariadb, "it has no RETURNING for UPDATE")]
    async fn an_update_returns_columns(db: Db) {
        fill(&db).await?;
        let mut conn = db.engine.connect().await?;
        let stmt = update(Document).filter(Document::ID.eq(1)).set(Document::TITLE, "Final").returning(Document::CREATED_AT);
        assert_eq!(conn.scalars(stmt).all().await?.len(), 1);
    }

    async fn conditions_are_collected_and_chosen(db: Db) {
        fill(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut conditions: Vec<Expr<bool>> = vec![Document::OWNER_ID.eq(1)];
        let wanted: Option<&str> = Some("Report");
        if let Some(wanted) = wanted {
            conditions.push(Document::TITLE.contains(wanted));
        }
        let stmt = select(func::count_star()).select_from(Document).filter(and_(conditions));
        assert_eq!(conn.scalar(stmt).await?, 2);
        let either = (Document::ID.eq(1) | Document::ID.eq(2)) & !Document::TITLE.eq("Plan");
        assert_eq!(conn.scalars(select(Document::ID).filter(either).order_by(Document::ID)).all().await?, [1, 2]);
        let size = case().when(Document::ID.gt(1), "later").else_("first");
        let sizes = select(size).select_from(Document).order_by(Document::ID);
        assert_eq!(conn.scalars(sizes).all().await?, ["first", "later", "later"]);
    }

    async fn a_column_of_a_table_that_is_not_in_from_is_an_error_before_anything_is_sent(db: Db) {
        let mut conn = db.engine.connect().await?;
        let error = refused(conn.scalars(select(User::EMAIL).filter(Document::ID.eq(1))).all().await, ErrorKind::Compile);
        assert!(error.to_string().contains("documents"), "{error}");
        let stmt = select(User::EMAIL).filter(User::ID.eq(1));
        let (sql, values) = stmt.to_sql(db.engine.dialect())?;
        assert!(sql.starts_with("SELECT users.email FROM users WHERE users.id = "), "{sql}");
        assert_eq!(values.len(), 1);
    }

    async fn subqueries_exists_and_recursive_queries(db: Db) {
        fill(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mine = select(Document::ID).filter(Document::OWNER_ID.eq(User::ID));
        assert_eq!(conn.scalars(select(User::EMAIL).filter(exists(mine))).all().await?, ["sam@uae.dev"]);
        let per_owner = select((Document::OWNER_ID, func::count(Document::ID))).group_by(Document::OWNER_ID);
        let counts = per_owner.subquery("counts");
        let stmt = select((User::EMAIL, counts.col(func::count(Document::ID))))
            .join_on(&counts, counts.col(Document::OWNER_ID).eq(User::ID));
        assert_eq!(conn.execute(stmt).all().await?, [("sam@uae.dev".to_owned(), 3)]);
    }

    async fn text_has_bound_values_and_rows_are_read_by_name(db: Db) {
        fill(&db).await?;
        let mut conn = db.engine.connect().await?;
        let rows = conn
            .execute(aludel::text!("SELECT title FROM documents WHERE owner_id = :owner ORDER BY id", owner = 1_i64))
            .all()
            .await?;
        assert_eq!(rows[0].get::<String>("title")?, "Q1 Report");
    }
}
