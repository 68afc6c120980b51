//! Loading.

use aludel::prelude::*;

use super::one_book;
use crate::models::*;
use aludel_suite::{Db, on_each_database, refused};

on_each_database! {
    async fn selectinload_is_one_statement_for_each_level(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        session.add_all((0..40).map(|a| {
            Author::builder().name(format!("author {a}")).books((0..5).map(|b| {
                Book::builder().title(format!("book {a}.{b}")).year(b).chapters((0..3).map(|c| {
                    Chapter::builder().title(format!("chapter {a}.{b}.{c}"))
                }).collect::<Vec<_>>())
            }).collect::<Vec<_>>())
        }));
        session.commit().await?;

        let mut session = db.session();
        let stmt = select(Author).options(selectinload(Author::BOOKS).then(selectinload(Book::CHAPTERS)));
        let authors = session.scalars(stmt).all().await?;
        assert_eq!(session.query_count(), 3);
        assert_eq!(authors.len(), 40);
        for author in authors {
            let view = session.view(author);
            let number = view.name.strip_prefix("author ").unwrap();
            let books: Vec<_> = view.books()?.collect();
            assert_eq!(books.len(), 5);
            for book in books {
                assert!(book.title.starts_with(&format!("book {number}.")), "{} by {}", book.title, view.name);
                assert_eq!(book.author()?.id, view.id, "the other side is loaded as well");
                assert_eq!(book.chapters()?.count(), 3);
            }
        }
        assert_eq!(session.query_count(), 3, "walking sends nothing");
    }

    async fn a_parent_without_children_has_an_empty_collection(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        session.add(Author::builder().name("without books"));
        session.commit().await?;
        let mut session = db.session();
        let author = session.scalars(select(Author).options(selectinload(Author::BOOKS))).one().await?;
        assert_eq!(session[author].books.handles(), Some(vec![]));
    }

    async fn selectinload_to_one_asks_only_for_objects_that_are_not_here(db: Db) {
        let (author, _) = one_book(&db).await?;
        let mut session = db.session();
        session.get_one::<Author>(author).await?;
        let before = session.query_count();
        let book = session.scalars(select(Book).options(selectinload(Book::AUTHOR))).one().await?;
        assert_eq!(session.query_count() - before, 1, "the author is here already");
        assert_eq!(session.view(book).author()?.name, "Ursula");
    }

    async fn a_null_key_leads_to_nothing_without_a_query(db: Db) {
        one_book(&db).await?;
        let mut session = db.session();
        let book = session.scalars(select(Book).options(selectinload(Book::SHELF))).one().await?;
        assert_eq!(session.query_count(), 1);
        assert!(session.view(book).shelf()?.is_none());
    }

    async fn a_relation_that_was_not_loaded_is_an_error_with_two_cures(db: Db) {
        let (author, _) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        let error = refused(session.view(author).books().map(|_| ()), ErrorKind::NotLoaded);
        let text = error.to_string();
        for part in ["`Author.books` was not loaded", "select(Author).options(selectinload(Author::BOOKS))", "session.load(object, Author::BOOKS).await?"] {
            assert!(text.contains(part), "{text}");
        }
    }

    async fn load_costs_nothing_when_loaded(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        session.load(author, Author::BOOKS).await?;
        let loaded = session.query_count();
        session.load(author, Author::BOOKS).await?;
        let book = session.get_one::<Book>(id).await?;
        session.load(book, Book::AUTHOR).await?;
        assert_eq!(session.query_count(), loaded);
        assert_eq!(session.view(book).author()?.name, "Ursula");
    }

    async fn a_view_navigates_and_lends_the_object(db: Db) {
        let (author, _) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        session.load(author, Author::BOOKS).await?;
        let title: &str = {
            let view = session.view(author);
            let book = view.books()?.next().expect("one book");
            &book.entity().title
        };
        assert_eq!(title, "Earthsea");
    }

    async fn a_view_tells_its_handle(db: Db) {
        let (author, _) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        session.load(author, Author::BOOKS).await?;
        let view = session.view(author);
        assert_eq!(view.handle(), author);
        let books: Vec<Obj<Book>> = view.books()?.map(|book| book.handle()).collect();
        assert_eq!(session[author].books.handles(), Some(books));
    }

    async fn a_loaded_collection_is_in_the_order_of_its_keys(db: Db) {
        let (author, _) = one_book(&db).await?;
        let mut session = db.session();
        session.add_all((0..50).map(|n| Book::builder().title(format!("{}", 99 - n)).year(n).author_id(author)));
        session.commit().await?;
        let mut session = db.session();
        let author = session.scalars(select(Author).options(selectinload(Author::BOOKS))).one().await?;
        let keys: Vec<i64> = session.view(author).books()?.map(|book| book.id).collect();
        assert!(keys.is_sorted() && keys.len() == 51, "{keys:?}");
    }

    async fn a_loader_sees_what_was_not_flushed(db: Db) {
        let (author, _) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        session.add(Book::builder().title("new").year(1).author_id(session[author].id));
        session.load(author, Author::BOOKS).await?;
        assert_eq!(session.view(author).books()?.count(), 2);
    }

    async fn an_outer_join_gives_none_for_missing_objects(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        session.add(Author::builder().name("without books"));
        session.commit().await?;
        let book = session.get_one::<Book>(id).await?;
        let stmt = select((Author::NAME, optional(Book))).outer_join(Author::BOOKS).order_by(Author::NAME);
        let rows = session.execute(stmt).all().await?;
        assert_eq!(rows, [("Ursula".to_owned(), Some(book)), ("without books".to_owned(), None)]);
    }
}
