//! `version`: the optimistic lock.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

use crate::log::log;

#[derive(Entity, Debug)]
#[entity(table = "pages")]
pub struct Page {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 50)]
    pub title: String,
    #[column(length = 50, unique)]
    pub slug: Option<String>,
    #[column(version)]
    pub version: i32,
    #[column(foreign_key = Page::ID)]
    pub next_id: Option<i64>,
    #[relation(foreign_key = next_id)]
    pub next: BelongsTo<Page>,
}

async fn pages(db: &Db) -> aludel::Result<()> {
    db.create(&Metadata::of((Page,))).await?;
    let mut session = db.session();
    session.add_all(["one", "two", "three"].map(|title| Page::builder().title(title).slug(title)));
    session.commit().await
}

/// Somebody else changes the page.
async fn change(db: &Db, id: i64) -> aludel::Result<()> {
    let mut session = db.session();
    let page = session.get_one::<Page>(id).await?;
    session[page].title.push('!');
    session.commit().await
}

on_each_database! {
    async fn the_first_version_is_one_and_each_update_counts_it_up(db: Db) {
        pages(&db).await?;
        let mut session = db.session();
        let page = session.get_one::<Page>(1).await?;
        assert_eq!(session[page].version, 1);
        for version in 2..5 {
            session[page].title.push('!');
            session.flush().await?;
            assert_eq!(session[page].version, version);
        }
        session.commit().await?;
        assert_eq!(log(async { session[page].title = "one!!!".into(); session.commit().await }).await?, [""; 0]);
        assert_eq!(db.value::<i32>("SELECT version FROM pages WHERE id = 1").await?, 4);
        // A struct as it is begins with the first version as well.
        let whole = Page { id: 9, title: "nine".into(), slug: None, version: 0, next_id: None, next: BelongsTo::default() };
        let whole = session.add(whole);
        session.commit().await?;
        assert_eq!(session[whole].version, 1);
    }

    async fn what_somebody_else_has_changed_is_stale_and_a_refresh_recovers(db: Db) {
        pages(&db).await?;
        let mut session = db.session();
        let page = session.get_one::<Page>(2).await?;
        change(&db, 2).await?;
        session[page].title = "mine".into();
        let error = refused(session.commit().await, ErrorKind::StaleData);
        assert!(error.to_string().contains("UPDATE of Page#2 expected to match 1 row, matched 0"), "{error}");
        session.rollback().await?;
        session.refresh(page).await?;
        assert_eq!((session[page].title.as_str(), session[page].version), ("two!", 2));
        session[page].title.push_str(" and mine");
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT title FROM pages WHERE id = 2").await?, "two! and mine");
        assert_eq!(db.value::<i32>("SELECT version FROM pages WHERE id = 2").await?, 3);
    }

    async fn a_delete_looks_at_the_version_too(db: Db) {
        pages(&db).await?;
        let mut session = db.session();
        let found = session.scalars(select(Page).order_by(Page::ID)).all().await?;
        change(&db, 3).await?;
        session.delete(found[0]);
        session.delete(found[2]);
        let error = refused(session.commit().await, ErrorKind::StaleData);
        assert!(error.to_string().contains("those of Page#1, Page#3"), "{error}");
        session.rollback().await?;
        assert_eq!(db.value::<i64>("SELECT count(*) FROM pages").await?, 3);
        session.refresh(found[2]).await?;
        session.delete(found[0]);
        session.delete(found[2]);
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT count(*) FROM pages").await?, 1);
    }

    async fn many_rows_are_one_batch_and_one_that_is_stale_stops_all(db: Db) {
        pages(&db).await?;
        let mut session = db.session();
        let found = session.scalars(select(Page).order_by(Page::ID)).all().await?;
        let sent = log(async {
            found.iter().for_each(|page| session[*page].title.push('?'));
            session.commit().await
        });
        assert_eq!(sent.await?, ["UPDATE pages SET title, version"]);
        assert_eq!(found.iter().map(|it| session[*it].version).collect::<Vec<_>>(), [2, 2, 2]);
        change(&db, 2).await?;
        found.iter().for_each(|page| session[*page].title.push('?'));
        refused(session.commit().await, ErrorKind::StaleData);
        session.rollback().await?;
        assert_eq!(found.iter().map(|it| session[*it].version).collect::<Vec<_>>(), [2, 2, 2]);
        assert_eq!(db.value::<i32>("SELECT version FROM pages WHERE id = 1").await?, 2);
    }

    async fn rows_that_are_sent_in_two_parts_are_counted_once(db: Db) {
        pages(&db).await?;
        let mut session = db.session();
        let found = session.scalars(select(Page).order_by(Page::ID)).all().await?;
        // They hand their slugs to each other, and refer to each other.
        session[found[0]].slug = Some("two".into());
        session[found[1]].slug = Some("one".into());
        session[found[0]].next.set(found[1]);
        session[found[1]].next.set(found[0]);
        let new = session.add(Page::builder().title("four"));
        session[new].next.set(new);
        session[found[2]].next.set(new);
        session.commit().await?;
        let versions: Vec<i32> = found.iter().chain([&new]).map(|it| session[*it].version).collect();
        assert_eq!(versions, [2, 2, 2, 1]);
        let mut conn = db.engine.connect().await?;
        assert_eq!(conn.scalars(select(Page::VERSION).order_by(Page::ID)).all().await?, versions);
        change(&db, 1).await?;
        session[found[0]].slug = Some("one".into());
        session[found[1]].slug = Some("two".into());
        refused(session.commit().await, ErrorKind::StaleData);
    }

    async fn a_rollback_takes_the_version_back(db: Db) {
        pages(&db).await?;
        let mut session = db.session();
        let page = session.get_one::<Page>(1).await?;
        session[page].title = "first".into();
        session.flush().await?;
        let mut nested = session.begin_nested().await?;
        nested[page].title = "second".into();
        nested.flush().await?;
        assert_eq!(nested[page].version, 3);
        nested.rollback().await?;
        assert_eq!(session[page].version, 2);
        session.rollback().await?;
        assert_eq!(session[page].version, 1);
        session[page].title = "third".into();
        session.commit().await?;
        assert_eq!(db.value::<i32>("SELECT version FROM pages WHERE id = 1").await?, 2);
    }

    async fn an_update_by_condition_counts_it_up_and_writing_it_forces_an_update(db: Db) {
        pages(&db).await?;
        let mut session = db.session();
        let page = session.get_one::<Page>(1).await?;
        let mut conn = db.engine.connect().await?;
        conn.execute(update(Page).filter(Page::ID.le(2)).set(Page::TITLE, "same")).await?;
        assert_eq!(conn.scalars(select(Page::VERSION).order_by(Page::ID)).all().await?, [2, 2, 1]);
        session[page].title = "mine".into();
        refused(session.commit().await, ErrorKind::StaleData);
        session.rollback().await?;
        session.refresh(page).await?;
        // Nothing else has changed: the row is locked and its version counted.
        session[page].version += 1;
        session.commit().await?;
        assert_eq!(session[page].version, 3);
        assert_eq!(conn.scalars(select(Page::VERSION).order_by(Page::ID)).all().await?, [3, 2, 1]);
    }
}
