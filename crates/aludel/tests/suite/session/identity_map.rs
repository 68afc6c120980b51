//! The identity map.

use aludel::prelude::*;

use super::one_book;
use crate::models::*;
use aludel_suite::{Db, on_each_database, refused};

on_each_database! {
    async fn one_row_is_one_object(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let by_key = session.get_one::<Book>(id).await?;
        let by_query = session.scalars(select(Book).filter(Book::AUTHOR_ID.eq(author))).one().await?;
        let in_a_tuple = session.execute(select((Author, Book)).join(Author::BOOKS)).one().await?.1;
        assert!(by_key == by_query && by_query == in_a_tuple);
    }

    async fn get_asks_the_database_once(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        assert_eq!(session.query_count(), 1);
        assert_eq!(session.get::<Book>(id).await?, Some(book));
        assert_eq!(session.query_count(), 1);
    }

    async fn a_missing_row_is_none_or_not_found(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        assert_eq!(session.get::<Book>(5).await?, None);
        let error = refused(session.get_one::<Book>(5).await, ErrorKind::NotFound);
        assert_eq!(error.table(), Some("books"));
    }

    async fn a_key_of_the_wrong_length_is_refused(db: Db) {
        let error = refused(db.session().get::<Line>(5).await, ErrorKind::State);
        assert!(error.what().contains("`order_lines` has 2 columns, 1 were given"), "{error}");
    }

    async fn a_query_leaves_changed_objects_alone(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.engine.session_with(|options| options.autoflush(false));
        let book = session.get_one::<Book>(id).await?;
        session[book].title = "mine".into();
        session.scalars(select(Book)).all().await?;
        assert_eq!(session[book].title, "mine");
    }

    async fn within_a_transaction_the_identity_map_answers(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        db.run("UPDATE books SET title = 'changed elsewhere'").await?;
        session.scalars(select(Book)).all().await?;
        assert_eq!(session[book].title, "Earthsea");
        session.scalars(select(Book)).populate_existing().all().await?;
        assert_eq!(session[book].title, "changed elsewhere");
    }

    async fn after_a_commit_objects_stay_readable_and_the_next_query_overwrites_them(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        session.commit().await?;
        db.run("UPDATE books SET title = 'changed elsewhere'").await?;
        assert_eq!(session[book].title, "Earthsea");
        let before = session.query_count();
        assert_eq!(session.get::<Book>(id).await?, Some(book), "the same object");
        assert_eq!(session.query_count() - before, 1, "get asks the database about an aged object");
        assert_eq!(session[book].title, "changed elsewhere");
    }

    async fn expire_ages_one_object(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        let writer = session.get_one::<Author>(author).await?;
        db.run("UPDATE books SET title = 'changed elsewhere'").await?;
        db.run("UPDATE authors SET name = 'changed elsewhere'").await?;
        session.expire(book);
        session.get::<Book>(id).await?;
        session.get::<Author>(author).await?;
        assert_eq!(session[book].title, "changed elsewhere");
        assert_eq!(session[writer].name, "Ursula");
    }

    async fn refresh_reads_the_row_and_drops_changes(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        session[book].title = "mine".into();
        db.run("UPDATE books SET title = 'changed elsewhere'").await?;
        session.refresh(book).await?;
        assert_eq!(session[book].title, "changed elsewhere");
        assert!(!session.is_modified(book));
        db.run("DELETE FROM books").await?;
        refused(session.refresh(book).await, ErrorKind::NotFound);
    }

    async fn keys_of_several_columns_and_of_text_are_found(db: Db) {
        db.create(&Metadata::of((Line, Country))).await?;
        let mut session = db.session();
        session.add_all((1..=3).map(|n| Line::builder().order_no(7).line_no(n).article(format!("article {n}"))));
        session.add(Country::builder().code("DK").name("Denmark"));
        session.commit().await?;
        let mut session = db.session();
        let line = session.get_one::<Line>((7_i64, 2)).await?;
        assert_eq!(session[line].article, "article 2");
        let country = session.get_one::<Country>("DK").await?;
        let before = session.query_count();
        assert_eq!(session.get::<Line>((7_i64, 2)).await?, Some(line));
        assert_eq!(session.get::<Country>("DK").await?, Some(country));
        assert_eq!(session.query_count(), before);
        session[line].article = "nuts".into();
        session.delete(country);
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT article FROM order_lines WHERE line_no = 2").await?, "nuts");
        assert_eq!(db.count("countries").await?, 0);
    }
}
