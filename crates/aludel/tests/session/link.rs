//! `link`: both sides of a relation agree at once.

use aludel_suite::{Db, on_each_database};

use crate::models::*;

on_each_database! {
    async fn both_sides_and_the_foreign_key_agree_at_once(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let book = session.add(Book::builder().title("Emma").year(1815));
        let [jane, ann] = ["Jane", "Ann"].map(|it| session.add(Author::builder().name(it)));
        // New objects: nothing is in the database yet.
        session.link(jane, Author::BOOKS, book);
        assert_eq!(session.view(book).author()?.name, "Jane");
        assert_eq!(session.view(jane).books()?.count(), 1);
        assert_eq!(session[book].author_id, session[jane].id);
        session.commit().await?;
        assert_eq!(session[book].author_id, session[jane].id);

        // From the other side; the old author loses the book at once.
        session.link(book, Book::AUTHOR, ann);
        assert_eq!(session.view(book).author()?.name, "Ann");
        assert_eq!(session.view(ann).books()?.count(), 1);
        assert_eq!(session.view(jane).books()?.count(), 0);
        assert_eq!(session[book].author_id, session[ann].id);
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT author_id FROM books").await?, session[ann].id);
    }

    async fn the_last_telling_wins(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let [jane, ann] = ["Jane", "Ann"].map(|it| session.add(Author::builder().name(it)));
        let book = session.add(Book::builder().title("Emma").year(1815).author(jane));
        session.commit().await?;
        session.link(ann, Author::BOOKS, book);
        session.link(jane, Author::BOOKS, book);
        assert_eq!(session.view(ann).books()?.count(), 0);
        assert!(!session.is_modified(book), "it is where it was");
        session.link(ann, Author::BOOKS, book);
        session[book].author_id = session[jane].id;
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT author_id FROM books").await?, session[jane].id);
        assert_eq!(session.view(book).author()?.name, "Jane");
        assert_eq!(session.view(ann).books()?.count(), 0);
    }

    async fn a_relation_to_one_is_linked_from_either_side(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let jane = session.insert(Author::builder().name("Jane")).await?;
        let portrait = session.add(Portrait::builder().author_id(0).file("jane.png"));
        session.link(jane, Author::PORTRAIT, portrait);
        assert_eq!(session[portrait].author_id, session[jane].id);
        assert_eq!(session.view(portrait).author()?.name, "Jane");
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT author_id FROM portraits").await?, session[jane].id);
    }

    async fn a_rollback_undoes_a_link(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let [jane, ann] = ["Jane", "Ann"].map(|it| session.add(Author::builder().name(it)));
        let book = session.add(Book::builder().title("Emma").year(1815).author(jane));
        session.commit().await?;
        session.link(ann, Author::BOOKS, book);
        session.rollback().await?;
        assert_eq!(session[book].author_id, session[jane].id);
        session.load(ann, Author::BOOKS).await?;
        assert_eq!(session.view(ann).books()?.count(), 0);
    }
}
