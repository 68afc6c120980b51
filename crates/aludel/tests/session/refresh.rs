//! Reading anew: `refresh`, `expire`, `populate_existing`, `no_autoflush` (case 39).

use std::time::Duration;

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

use crate::models::*;

on_each_database! {
    async fn a_refresh_shows_what_others_have_done_and_drops_changes(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let emma = session.add(Book::builder().title("Emma").year(1815));
        let jane = session.add(Author::builder().name("Jane").books([emma]));
        session.commit().await?;
        db.run("UPDATE books SET title = 'Sanditon'").await?;
        session[emma].year = 1;
        session.refresh(emma).await?;
        assert_eq!((session[emma].title.as_str(), session[emma].year), ("Sanditon", 1815));
        assert!(!session.is_modified(emma));

        let new = session.add(Shelf::builder().label("new"));
        refused(session.refresh(new).await, ErrorKind::State);
        session.flush().await?;
        session.refresh(new).await?;
        session.rollback().await?;
        db.run("DELETE FROM books").await?;
        refused(session.refresh(emma).await, ErrorKind::NotFound);
        refused(session.refresh(emma).only(Book::TITLE).await, ErrorKind::NotFound);
        let _ = jane;
    }

    async fn some_attributes_are_refreshed_and_the_others_keep_their_changes(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let emma = session.add(Book::builder().title("Emma").year(1815));
        let jane = session.add(Author::builder().name("Jane").books([emma]));
        session.commit().await?;
        db.run("UPDATE books SET title = 'Sanditon', year = 1817").await?;
        let mut quiet = session.no_autoflush();
        quiet[emma].year = 1;
        quiet[emma].title = "lost".into();
        let sent = quiet.query_count();
        quiet.refresh(emma).only((Book::TITLE, Book::AUTHOR_ID)).await?;
        assert_eq!(quiet.query_count() - sent, 1);
        assert_eq!((quiet[emma].title.as_str(), quiet[emma].year), ("Sanditon", 1));
        assert!(quiet.history(emma, Book::YEAR).has_changes());
        assert!(!quiet.history(emma, Book::TITLE).has_changes());
        drop(quiet);
        session.commit().await?;
        assert_eq!(db.value::<i32>("SELECT year FROM books").await?, 1);

        db.run("INSERT INTO books (title, year, author_id) SELECT 'Persuasion', 1817, id FROM authors").await?;
        session.refresh(jane).only(Author::BOOKS).await?;
        assert_eq!(session.view(jane).books()?.count(), 2);
    }

    async fn an_object_whose_key_was_changed_is_refreshed_under_its_new_key(db: Db) {
        db.create(&Metadata::of((Line, Country, City))).await?;
        let mut session = db.session();
        let line = session.add(Line::builder().order_no(7).line_no(1).article("nails"));
        session.commit().await?;
        db.run("UPDATE order_lines SET article = 'screws'").await?;
        session[line].line_no = 2;
        session.refresh(line).only(Line::ARTICLE).await?; // UPDATE …; SELECT order_lines.article …
        assert_eq!((session[line].line_no, &*session[line].article), (2, "screws"));
        session.commit().await?;
        assert_eq!(db.value::<i32>("SELECT line_no FROM order_lines").await?, 2);
    }

    async fn a_refresh_inside_a_savepoint_is_taken_back_with_it(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let shelf = session.insert(Shelf::builder().label("a")).await?;
        session.commit().await?;
        let mut nested = session.begin_nested().await?;
        nested.execute(update(Shelf).set(Shelf::LABEL, "b")).await?;
        nested.refresh(shelf).only(Shelf::LABEL).await?;
        assert_eq!(nested[shelf].label, "b");
        nested.rollback().await?;
        assert_eq!(session[shelf].label, "a");
    }

    async fn a_refresh_with_a_lock_keeps_others_from_changing_the_row(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let shelf = session.insert(Shelf::builder().label("a")).await?;
        session.commit().await?;
        let sent = session.query_count();
        session.refresh(shelf).only(Shelf::LABEL).for_update().await?;
        assert_eq!(session.query_count() - sent, 1);
        let other = db.other();
        let waits = tokio::spawn(async move {
            let mut conn = other.connect().await?;
            conn.execute(update(Shelf).set(Shelf::LABEL, "other")).await
        });
        tokio::time::sleep(Duration::from_millis(150)).await;
        assert!(!waits.is_finished(), "the row is locked");
        session[shelf].label.push('b');
        session.commit().await?;
        waits.await??;
        assert_eq!(session[shelf].label, "ab");
        session.refresh(shelf).for_update().await?;
        assert_eq!(session[shelf].label, "other");
    }

    async fn a_change_that_returns_rows_is_part_of_the_transaction(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        session.insert(Shelf::builder().label("a")).await?;
        session.commit().await?;
        let stmt = delete(Shelf).filter(Shelf::LABEL.eq("a")).returning(Shelf::LABEL);
        assert_eq!(session.scalars(stmt).one().await?, "a");
        session.rollback().await?;
        assert_eq!(db.count("shelves").await?, 1);
    }

    async fn an_outside_change_is_seen_after_expire_and_with_populate_existing(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let shelf = session.insert(Shelf::builder().label("a")).await?;
        let label = |session: &Session| session[shelf].label.clone();
        session.execute(text!("UPDATE shelves SET label = 'b'")).await?;
        session.scalars(select(Shelf)).all().await?;
        assert_eq!(label(&session), "a", "within a transaction the identity map answers");
        session.scalars(select(Shelf)).populate_existing().all().await?;
        assert_eq!(label(&session), "b");
        session.execute(text!("UPDATE shelves SET label = 'c'")).await?;
        session.expire_all();
        assert_eq!(label(&session), "b", "it stays readable");
        session.scalars(select(Shelf)).all().await?;
        assert_eq!(label(&session), "c");
    }

    async fn populate_existing_overwrites_what_was_not_flushed_and_a_plain_query_does_not(db: Db) {
        db.create(&library()).await?;
        let mut session = db.engine.session_with(|o| o.autoflush(false));
        let shelf = session.insert(Shelf::builder().label("a")).await?;
        session.commit().await?;
        session[shelf].label = "mine".into();
        session.scalars(select(Shelf)).all().await?;
        assert_eq!(session[shelf].label, "mine");
        session.scalars(select(Shelf)).populate_existing().all().await?;
        assert_eq!(session[shelf].label, "a");
        assert!(session.dirty().is_empty());
    }

    async fn autoflush_can_be_off_for_a_while(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        session.add(Shelf::builder().label("a"));
        let mut quiet = session.no_autoflush();
        assert!(quiet.scalars(select(Shelf)).all().await?.is_empty());
        drop(quiet);
        assert_eq!(session.scalars(select(Shelf)).all().await?.len(), 1);
    }
}
