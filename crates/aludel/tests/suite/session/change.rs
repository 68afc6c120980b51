//! Changing.

use aludel::prelude::*;

use super::{one_book, titles};
use crate::models::*;
use aludel_suite::{Db, on_each_database};

on_each_database! {
    async fn a_commit_sends_one_update_of_the_changed_column_only(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        // Another program changes another column of the same row: it is not overwritten.
        db.run("UPDATE books SET year = 2001").await?;
        session[book].title = "A Wizard of Earthsea".into();
        assert!(session.is_modified(book));
        let before = session.query_count();
        session.commit().await?;
        assert_eq!(session.query_count() - before, 1);
        assert!(!session.is_modified(book));
        let row = db.rows("SELECT title, year FROM books").await?.remove(0);
        assert_eq!((row.get::<String>("title")?.as_str(), row.get::<i32>("year")?), ("A Wizard of Earthsea", 2001));
    }

    async fn an_object_changed_back_is_not_sent(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        let before = session.query_count();
        let title = session[book].title.clone();
        session[book].title = "another".into();
        session[book].title = title;
        assert!(!session.is_modified(book));
        session.commit().await?;
        assert_eq!(session.query_count(), before);
    }

    async fn objects_that_change_the_same_columns_are_one_update(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let authors = session.add_all((0..50).map(|n| Author::builder().name(format!("author {n}"))));
        session.commit().await?;
        let before = session.query_count();
        for (n, author) in authors.iter().enumerate() {
            session[*author].name = format!("renamed {n}");
        }
        session.commit().await?;
        assert_eq!(session.query_count() - before, 1);
        for author in authors {
            let name: String = db.value(&format!("SELECT name FROM authors WHERE id = {}", session[author].id)).await?;
            assert_eq!(name, session[author].name, "each row got its own value");
        }
    }

    async fn a_query_sends_pending_changes_first(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        session[book].title = "Tehanu".into();
        let found = session.scalars(select(Book).filter(Book::TITLE.eq("Tehanu"))).all().await?;
        assert_eq!(found, [book]);
    }

    async fn without_autoflush_a_query_does_not_send_changes(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.engine.session_with(|options| options.autoflush(false));
        let book = session.get_one::<Book>(id).await?;
        session[book].title = "Tehanu".into();
        let found = session.scalars(select(Book).filter(Book::TITLE.eq("Tehanu"))).all().await?;
        assert_eq!(found, []);
        session.commit().await?;
        assert_eq!(titles(&db).await?, ["Tehanu"]);
    }

    async fn the_primary_key_of_a_loaded_object_can_change(db: Db) {
        db.create(&Metadata::of((Country, City))).await?;
        let mut session = db.session();
        let country = session.add(Country::builder().code("UK").name("Great Britain"));
        session.add(City::builder().name("Leeds").country(country));
        session.commit().await?;
        session[country].code = "GB".into();
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT code FROM countries").await?, "GB");
        assert_eq!(db.value::<String>("SELECT country_code FROM cities").await?, "GB", "ON UPDATE CASCADE");
        assert_eq!(session.get::<Country>("GB").await?, Some(country), "it is found under its new key");
        assert_eq!(session.get::<Country>("UK").await?, None);
    }

    async fn a_new_object_can_take_the_key_that_another_gave_up(db: Db) {
        db.create(&Metadata::of(Line)).await?;
        let mut session = db.session();
        let first = session.add(Line::builder().order_no(1).line_no(1).article("nuts"));
        session.commit().await?;
        session[first].line_no = 2;
        session.flush().await?;
        let second = session.add(Line::builder().order_no(1).line_no(1).article("bolts"));
        session.commit().await?;
        assert_eq!(session.get::<Line>((1_i64, 1)).await?, Some(second));
        assert_eq!(session.get::<Line>((1_i64, 2)).await?, Some(first));
    }
}
