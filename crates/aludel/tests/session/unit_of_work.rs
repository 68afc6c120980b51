//! What a flush sends, and what it says when it cannot.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

use crate::models::*;

on_each_database! {
    /// SQLAlchemy begins another statement at each change of the columns.
    async fn updates_of_different_columns_are_one_statement_for_each_set_of_columns(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let jane = session.add(Author::builder().name("Jane"));
        let drafts = (0..30).map(|it| Book::builder().title(format!("Book {it}")).year(1800 + it).author(jane));
        let books = session.add_all(drafts);
        session.commit().await?;
        for (at, book) in books.iter().enumerate() {
            if at % 3 != 1 {
                session[*book].title.push('!');
            }
            if at % 3 != 0 {
                session[*book].year += 100;
            }
        }
        let before = session.query_count();
        session.commit().await?;
        assert_eq!(session.query_count() - before, 3);
        assert_eq!(db.value::<i64>("SELECT count(*) FROM books WHERE title LIKE '%!'").await?, 20);
        assert_eq!(db.value::<i64>("SELECT count(*) FROM books WHERE year >= 1900").await?, 20);
    }

    async fn an_error_names_the_object_and_its_key(db: Db) {
        db.create(&Metadata::of((Account, Line))).await?;
        let mut session = db.session();
        let drafts = ["a", "b", "c"].map(|it| Account::builder().email(it).balance(1));
        let [a, b, c] = session.add_all(drafts)[..] else { unreachable!() };
        session.commit().await?;
        session[b].email = "a".into();
        let error = refused(session.flush().await, ErrorKind::UniqueViolation);
        assert_eq!(error.context(), Some("flushing the session: updating Account#2 (changed: email)"));
        session.rollback().await?;

        session[b].email = "secret".into();
        session[c].email = "secret".into();
        let error = refused(session.flush().await, ErrorKind::UniqueViolation);
        let context = "flushing the session: updating 2 rows of Account (changed: email): Account#2, Account#3";
        assert_eq!(error.context(), Some(context));
        assert!(!error.to_string().contains("secret"), "{error}");
        session.rollback().await?;

        session[a].balance = -1;
        let error = refused(session.flush().await, ErrorKind::CheckViolation);
        assert_eq!(error.context(), Some("flushing the session: updating Account#1 (changed: balance)"));
        session.rollback().await?;

        db.run("INSERT INTO order_lines (order_no, line_no, article) VALUES (7, 1, 'screw')").await?;
        session.add(Line::builder().order_no(7).line_no(1).article("nail"));
        let error = refused(session.flush().await, ErrorKind::UniqueViolation);
        assert_eq!(error.context(), Some("flushing the session: inserting Line#7,1"));
    }

    async fn the_key_of_what_a_failed_flush_had_inserted_is_free_again(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let jane = session.add(Author::builder().name("Jane"));
        let emma = session.add(Book::builder().title("Emma").year(1815).author(jane));
        session.commit().await?;
        let (jane, emma) = (session[jane].id, session[emma].id);

        // The author is inserted, and the book waits for the key.
        let mut session = db.session();
        let ann = session.add(Author::builder().name("Ann"));
        session.add(Book::builder().id(emma).title("Udolpho").year(1794).author(ann));
        refused(session.flush().await, ErrorKind::UniqueViolation);
        session.rollback().await?;
        let key = jane + 1;
        db.run(&format!("INSERT INTO authors (id, name) VALUES ({key}, 'Another')")).await?;
        let another = session.get_one::<Author>(key).await?;
        assert_eq!(session[another].name, "Another");
    }

    async fn the_temporary_key_of_a_forgotten_object_is_refused_before_anything_is_sent(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let jane = session.add(Author::builder().name("Jane"));
        let key = session[jane].id;
        session.add(Book::builder().title("Emma").year(1815).author_id(key));
        session.delete(jane); // it was never inserted: forgotten
        let error = refused(session.flush().await, ErrorKind::State);
        assert!(error.what().contains("`author_id` of a new Book is the temporary key"), "{error}");
        assert_eq!((error.column(), session.query_count()), (Some("author_id"), 0));
        session.rollback().await?;

        let jane = session.add(Author::builder().name("Jane"));
        let key = session[jane].id;
        session.flush().await?;
        session.add(Book::builder().title("Emma").year(1815).author_id(key)); // it has its real key by now
        let error = refused(session.flush().await, ErrorKind::State);
        assert!(error.to_string().contains("read the key after the flush"), "{error}");
    }

    async fn a_relation_leads_where_the_foreign_key_was_set_to(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let [jane, ann] = ["Jane", "Ann"].map(|it| session.add(Author::builder().name(it)));
        let shelf = session.add(Shelf::builder().label("A"));
        let book = session.add(Book::builder().title("Emma").year(1815).author(jane).shelf(shelf));
        session.commit().await?;
        assert_eq!((session[book].author.handle(), session[book].shelf.handle()), (Some(jane), Some(shelf)));
        session[book].author_id = session[ann].id;
        session[book].shelf_id = None;
        session.commit().await?;
        assert_eq!((session[book].author.handle(), session[book].shelf.handle()), (Some(ann), None));
        assert!(session[book].shelf.is_loaded(), "there is none");
        // To one that is not here.
        db.run("INSERT INTO authors (name) VALUES ('Lou')").await?;
        session[book].author_id = db.value("SELECT max(id) FROM authors").await?;
        session.commit().await?;
        assert!(!session[book].author.is_loaded());
        session.load(book, Book::AUTHOR).await?;
        assert_eq!(session.view(book).author()?.name, "Lou");
    }

    async fn a_new_child_that_was_put_somewhere_and_taken_out_again_is_nobodys(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let (jane, shelf) = (session.add(Author::builder().name("Jane")), session.add(Shelf::builder().label("A")));
        session.commit().await?;
        let shelf = session.get_one::<Shelf>(session[shelf].id).await?;
        for told_at_once in [false, true] {
            let book = session.add(Book::builder().title("Emma").year(1815).author(jane));
            if told_at_once {
                session.link(shelf, Shelf::BOOKS, book);
                assert_eq!(session[book].shelf_id, Some(session[shelf].id));
            } else {
                session[shelf].books.push(book);
            }
            session[shelf].books.remove(book);
            session.commit().await?;
            assert_eq!(session[book].shelf_id, None);
        }
        assert_eq!(db.value::<i64>("SELECT count(*) FROM books WHERE shelf_id IS NULL").await?, 2);
    }
}
