//! INSERT: of rows, of what a query selects, and of rows that may be there already.

use aludel::prelude::*;
use aludel_suite::{Database, Db, on_each_database, refused};

use crate::models::{Article, Employee, Seat, Task, company, names};

/// Whose every column fills itself in.
#[derive(Entity, Clone, Debug, PartialEq)]
#[entity(table = "tickets")]
struct Ticket {
    #[column(primary_key)]
    id: i64,
    #[column(server_default = 3)]
    priority: i64,
    #[column(length = 20)]
    note: Option<String>,
}

/// All articles as sku, name and quantity.
async fn articles(conn: &mut Connection) -> aludel::Result<Vec<(String, Option<String>, i64)>> {
    conn.execute(select((Article::SKU, Article::NAME, Article::QUANTITY)).order_by(Article::SKU)).all().await
}

fn article(sku: &str, name: &str, quantity: i64) -> (String, Option<String>, i64) {
    (sku.to_owned(), Some(name.to_owned()), quantity)
}

/// Two articles, nuts and bolts.
async fn stocked(db: &Db) -> aludel::Result<Connection> {
    let mut conn = company(db).await?;
    let rows = [("bolt", 5), ("nut", 7)];
    let rows = rows.map(|(sku, quantity)| Article::builder().sku(sku).name("old").quantity(quantity));
    conn.execute(insert(Article).values(rows)).await?;
    Ok(conn)
}

on_each_database! {
    async fn new_rows_come_back_in_their_order(db: Db) {
        let mut conn = company(&db).await?;
        let rows = ["c", "a", "b"].map(|sku| Article::builder().sku(sku).name("x"));
        let found = conn.execute(insert(Article).values(rows).returning((Article::ID, Article::SKU, Article::QUANTITY))).all().await?;
        assert_eq!(found.iter().map(|row| &*row.1).collect::<Vec<_>>(), ["c", "a", "b"]);
        assert!(found.iter().all(|row| row.2 == 1), "the default of the database comes back");
        let ids: Vec<i64> = found.iter().map(|row| row.0).collect();
        let stored = conn.execute(select((Article::ID, Article::SKU)).order_by(Article::ID)).all().await?;
        assert_eq!(stored.iter().map(|row| row.0).collect::<Vec<_>>(), {
            let mut sorted = ids.clone();
            sorted.sort_unstable();
            sorted
        });
    }

    async fn rows_that_give_other_columns_come_back_in_their_order_too(db: Db) {
        let mut conn = company(&db).await?;
        let plain = |sku: &str| Article::builder().sku(sku);
        let counted = |sku: &str| Article::builder().sku(sku).quantity(9);
        let all = insert(Article).values([plain("d")]).values([counted("c")]).values([plain("b"), plain("a")]);
        let found = conn.execute(all.returning((Article::SKU, Article::QUANTITY))).all().await?;
        let found: Vec<_> = found.iter().map(|(sku, quantity)| (&**sku, *quantity)).collect();
        assert_eq!(found, [("d", 1), ("c", 9), ("b", 1), ("a", 1)]);
    }

    async fn many_rows_come_back_all_or_none(db: Db) {
        let mut conn = company(&db).await?;
        let rows = || (0..257).map(|n| Article::builder().sku(format!("{n:03}")));
        let ids = conn.scalars(insert(Article).values(rows()).returning(Article::ID)).all().await?;
        assert_eq!(ids.len(), 257);
        // The last row of the second insert is there already.
        let again = (300..557).map(|n| Article::builder().sku(format!("{:03}", if n == 556 { 0 } else { n })));
        let error = conn.scalars(insert(Article).values(again).returning(Article::ID)).all().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UniqueViolation);
        assert_eq!(articles(&mut conn).await?.len(), 257);
    }

    async fn c19_rows_of_defaults_only(db: Db) {
        db.create(&Metadata::of(Ticket)).await?;
        let mut conn = db.engine.connect().await?;
        let done = conn.execute(insert(Ticket).values([Ticket::builder(), Ticket::builder()])).await?;
        assert_eq!(done.rows_affected, 2);
        let one = conn.execute(insert(Ticket).values([Ticket::builder()]).returning((Ticket::ID, Ticket::PRIORITY + 1))).one().await?;
        assert_eq!(one, (3, 4));
        // Several come back in their order, beside others that give something.
        let rows = insert(Ticket).values([Ticket::builder(), Ticket::builder()]).values([Ticket::builder().note("late").id(9)]);
        let found = conn.scalars(rows.returning(Ticket)).all().await?;
        let ticket = |id: i64, note: Option<&str>| Ticket { id, priority: 3, note: note.map(str::to_owned) };
        assert_eq!(found, [ticket(4, None), ticket(5, None), ticket(9, Some("late"))]);
        // A session asks for the keys of such rows, too.
        let mut session = db.session();
        let (a, b) = (session.add(Ticket::builder()), session.add(Ticket::builder()));
        session.commit().await?;
        assert!(session[a].id > 5 && session[b].id > session[a].id && session[a].priority == 3);
    }

    async fn c19_an_insert_is_shown_and_explained_as_any_statement(db: Db) {
        let mut conn = company(&db).await?;
        let rows = || insert(Article).values([Article::builder().sku("o'clock").quantity(2)]);
        let (text, values) = rows().to_sql(db.engine.dialect())?;
        let places = db.pick("?1, ?2", "$1, $2", "?, ?");
        assert_eq!(text, format!("INSERT INTO articles (sku, quantity) VALUES ({places})"));
        assert_eq!(values, [aludel::Value::Text("o'clock".into()), aludel::Value::Int(2)]);
        assert_eq!(rows().inline_sql(db.engine.dialect())?, "INSERT INTO articles (sku, quantity) VALUES ('o''clock', 2)");
        // SQLite has nothing to explain about rows that are given.
        let explained = conn.explain(&rows()).await?;
        assert!(explained.contains(db.pick("", "Insert on articles", "articles")), "{explained}");
        assert!(articles(&mut conn).await?.is_empty());
        // Rows that are added behind are shown as well.
        let shown = rows();
        assert_eq!(shown.statements().len(), 1);
        let more = shown.values([Article::builder().sku("b")]);
        assert_eq!(more.statements().len(), 2);
        assert_eq!(conn.execute(more).await?.rows_affected, 2);
    }

    async fn what_a_query_selects_is_inserted(db: Db) {
        let mut conn = company(&db).await?;
        let rows = select((Employee::NAME, Employee::TEAM, Employee::SALARY)).filter(Employee::TEAM.eq("build"));
        let done = conn.execute(insert(Article).from_select((Article::SKU, Article::NAME, Article::QUANTITY), rows)).await?;
        assert_eq!(done.rows_affected, 3);
        assert_eq!(
            articles(&mut conn).await?,
            [article("Bob", "build", 200), article("Dan", "build", 100), article("Eve", "build", 120)]
        );
        let titles = select(Task::TITLE).filter(Task::DONE).cte("titles");
        let rows = select(titles.col(Task::TITLE));
        let skus = conn.scalars(insert(Article).from_select(Article::SKU, rows).returning(Article::SKU)).all().await?;
        assert_eq!(skus.len(), 4);
    }

    async fn rows_that_are_there_change(db: Db) {
        let mut conn = stocked(&db).await?;
        let rows = [("nut", 1), ("screw", 2), ("bolt", 3)];
        let rows = rows.map(|(sku, quantity)| Article::builder().sku(sku).name("new").quantity(quantity));
        let upsert = insert(Article).values(rows).on_conflict(Article::SKU).do_update(|row| {
            row.set(Article::NAME, excluded(Article::NAME))
                .set(Article::QUANTITY, Article::QUANTITY + excluded(Article::QUANTITY))
        });
        conn.execute(upsert).await?;
        assert_eq!(
            articles(&mut conn).await?,
            [article("bolt", "new", 8), article("nut", "new", 8), article("screw", "new", 2)]
        );
    }

    async fn changed_and_new_rows_come_back(db: Db) {
        let mut conn = stocked(&db).await?;
        let rows = ["nut", "screw"].map(|sku| Article::builder().sku(sku).quantity(1));
        let upsert = insert(Article)
            .values(rows)
            .on_conflict(Article::SKU)
            .do_update(|row| row.set(Article::QUANTITY, Article::QUANTITY + 1));
        let found = conn.execute(upsert.returning((Article::SKU, Article::QUANTITY))).all().await?;
        assert_eq!(found, [("nut".to_owned(), 8), ("screw".to_owned(), 1)]);
    }

    async fn a_condition_lets_rows_be(db: Db) {
        let mut conn = stocked(&db).await?;
        let rows = [("nut", 9), ("bolt", 1)];
        let rows = rows.map(|(sku, quantity)| Article::builder().sku(sku).name("more").quantity(quantity));
        let upsert = insert(Article).values(rows).on_conflict(Article::SKU).do_update(|row| {
            row.set(Article::QUANTITY, excluded(Article::QUANTITY))
                .set(Article::NAME, excluded(Article::NAME))
                .filter(Article::QUANTITY.lt(excluded(Article::QUANTITY)))
        });
        conn.execute(upsert).await?;
        assert_eq!(articles(&mut conn).await?, [article("bolt", "old", 5), article("nut", "more", 9)]);
    }

    async fn rows_that_are_there_are_left_out(db: Db) {
        let mut conn = stocked(&db).await?;
        let rows = ["nut", "screw"].map(|sku| Article::builder().sku(sku).name("new").quantity(1));
        conn.execute(insert(Article).values(rows).on_conflict(Article::SKU).do_nothing()).await?;
        let all = [article("bolt", "old", 5), article("nut", "old", 7), article("screw", "new", 1)];
        assert_eq!(articles(&mut conn).await?, all);
        let rows = select((Employee::NAME, Employee::TEAM)).filter(Employee::NAME.eq("Ada"));
        for _ in 0..2 {
            let columns = (Article::SKU, Article::NAME);
            conn.execute(insert(Article).from_select(columns, rows.clone()).on_conflict(Article::SKU).do_nothing()).await?;
        }
        assert_eq!(articles(&mut conn).await?.len(), 4);
    }

    async fn any_key_may_be_there_already(db: Db) {
        let mut conn = company(&db).await?;
        let seat = |id: i64, label: &str| Seat::builder().id(id).label(label);
        conn.execute(insert(Seat).values([seat(1, "A"), seat(2, "B")])).await?;
        conn.execute(insert(Seat).values([seat(1, "C"), seat(3, "B"), seat(4, "D")]).or_do_nothing()).await?;
        assert_eq!(conn.scalars(select(Seat::LABEL).order_by(Seat::ID)).all().await?, names(&["A", "B", "D"]));
    }

    /// What does not fit is still an error.
    async fn do_nothing_hides_no_other_error(db: Db) {
        let mut conn = company(&db).await?;
        let long = Seat::builder().id(1).label("far too long");
        assert!(conn.execute(insert(Seat).values([long]).on_conflict(Seat::ID).do_nothing()).await.is_err());
        let task = Task::builder().id(50).title("x").hours(1).done(true).employee_id(99);
        let error = conn.execute(insert(Task).values([task]).or_do_nothing()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
    }

    #[except(mariadb, "whichever key is hit, its row would change: that is refused before anything is sent")]
    async fn another_key_that_is_hit_is_an_error(db: Db) {
        let mut conn = company(&db).await?;
        let seat = |id: i64, label: &str| Seat::builder().id(id).label(label).guest("Ada");
        conn.execute(insert(Seat).values([seat(1, "A"), seat(2, "B")])).await?;
        let upsert = insert(Seat).values([seat(3, "B")]).on_conflict(Seat::ID).do_update(|row| row.set(Seat::GUEST, "Bob"));
        assert_eq!(conn.execute(upsert).await.unwrap_err().kind(), ErrorKind::UniqueViolation);
    }

    async fn c21_a_clause_for_each_key(db: Db) {
        let mut conn = company(&db).await?;
        let seat = |id: i64, label: &str| Seat::builder().id(id).label(label).guest("Ada");
        conn.execute(insert(Seat).values([seat(1, "A"), seat(2, "B")])).await?;
        let upsert = |rows: Vec<_>| {
            insert(Seat)
                .values(rows)
                .on_conflict(Seat::LABEL)
                .do_update(|row| row.set(Seat::GUEST, "taken"))
                .on_conflict(Seat::ID)
                .do_update(|row| row.set(Seat::LABEL, excluded(Seat::LABEL)))
        };
        let rows = || vec![seat(9, "A"), seat(2, "C"), seat(3, "D")];
        if db.database != Database::Sqlite {
            let error = refused(conn.execute(upsert(rows())).await, ErrorKind::Unsupported);
            assert!(error.what().ends_with(" has no upsert with several ON CONFLICT clauses"), "{error}");
            return Ok(());
        }
        conn.execute(upsert(rows())).await?;
        let seats = select((Seat::ID, Seat::LABEL, Seat::GUEST)).order_by(Seat::ID);
        let found = [(1, "A", "taken"), (2, "C", "Ada"), (3, "D", "Ada")];
        let found = found.map(|(id, label, guest)| (id, label.to_owned(), Some(guest.to_owned())));
        assert_eq!(conn.execute(seats.clone()).all().await?, found);
        // What hits any other key is left out.
        let other = insert(Seat).values([seat(1, "X"), seat(4, "E")]).on_conflict(Seat::LABEL).do_update(|row| row.set(Seat::GUEST, "taken")).or_do_nothing();
        conn.execute(other.clone()).await?;
        assert_eq!(conn.execute(seats).all().await?.len(), 4);
        // Behind that, nothing is left to be said.
        let error = refused(conn.execute(other.on_conflict(Seat::ID).do_nothing()).await, ErrorKind::Compile);
        assert_eq!(error.what(), "an upsert goes on behind what is done about any key");
    }

    async fn a_session_upserts_and_sees_it(db: Db) {
        stocked(&db).await?;
        let mut session = db.session();
        let nut = session.scalars(select(Article).filter(Article::SKU.eq("nut"))).one().await?;
        let row = Article::builder().sku("nut").name("new").quantity(1);
        let upsert = || {
            insert(Article).values([row]).on_conflict(Article::SKU).do_update(|row| row.set(Article::NAME, excluded(Article::NAME)))
        };
        session.execute(upsert()).await?;
        let again = session.scalars(select(Article).filter(Article::SKU.eq("nut"))).one().await?;
        assert_eq!((again, session[nut].name.as_deref()), (nut, Some("new")));
        session.commit().await?;
        let row = Article::builder().sku("screw").name("x");
        let screw = session.scalars(insert(Article).values([row]).returning(Article)).one().await?;
        assert_eq!(session[screw].sku, "screw");
        session.rollback().await?;
        assert_eq!(articles(&mut db.engine.connect().await?).await?.len(), 2);
    }
}
