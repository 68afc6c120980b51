//! Objects that leave the session: `expunge`, `expunge_all`, `close`, `reset`; and handles that lead nowhere any more.

use aludel::prelude::*;
use aludel::{ObjectState, Result};
use aludel_suite::{Db, on_each_database, refused};

use crate::models::*;

/// Jane with two books, all loaded, and committed.
async fn jane(session: &mut Session) -> Result<(Obj<Author>, Obj<Book>, Obj<Book>)> {
    let [emma, sanditon] = ["Emma", "Sanditon"].map(|it| session.add(Book::builder().title(it).year(1815)));
    let jane = session.add(Author::builder().name("Jane").books([emma, sanditon]));
    session.commit().await?;
    Ok((jane, emma, sanditon))
}

on_each_database! {
    async fn an_expunged_object_is_a_plain_struct_that_nobody_watches(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let (_, emma, _) = jane(&mut session).await?;
        session[emma].title = "Emma, revised".into();
        let mut book: Book = session.expunge(emma);
        assert_eq!((book.title.as_str(), book.year), ("Emma, revised", 1815));
        assert!(!book.author.is_loaded() && !book.chapters.is_loaded());
        book.year = 1;
        assert_eq!(session.state(emma), ObjectState::Detached);
        assert!(session.dirty().is_empty());
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT title FROM books WHERE title LIKE 'Emma%'").await?, "Emma");
        // It may go to another task.
        let book = tokio::spawn(async move { book }).await?;
        assert_eq!(book.year, 1);
    }

    async fn a_row_whose_object_was_expunged_becomes_a_new_object(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let (jane, emma, sanditon) = jane(&mut session).await?;
        let key = session[emma].id;
        session.expunge(emma);
        let again = session.get_one::<Book>(key).await?;
        assert_ne!(again, emma);
        assert!(session.try_get(emma).is_none(), "the slot is used again, by another generation");
        assert_eq!(session[again].title, "Emma");
        // What is left of a collection is not the collection.
        refused(session.view(jane).books().map(|_| ()), ErrorKind::NotLoaded);
        session.load(jane, Author::BOOKS).await?;
        let handles = session[jane].books.handles().unwrap_or_default();
        assert!(handles.contains(&again) && handles.contains(&sanditon) && handles.len() == 2);
    }

    async fn a_new_object_that_is_expunged_is_never_inserted(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let (jane, _, _) = jane(&mut session).await?;
        let books = session.add_all(["a", "b", "c"].map(|it| Book::builder().title(it).year(1)));
        books.iter().for_each(|it| session[jane].books.push(*it));
        assert_eq!(session.expunge(books[1]).title, "b");
        session.delete(books[2]); // of a new object the same
        assert_eq!(session.view(jane).books()?.count(), 3);
        session.commit().await?;
        assert_eq!(db.count("books").await?, 3);
        assert_eq!(session.state(books[0]), ObjectState::Persistent);
    }

    async fn a_rollback_leaves_expunged_objects_alone(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let (_, emma, sanditon) = jane(&mut session).await?;
        session[emma].year = 1;
        session[sanditon].year = 2;
        let shelves = session.add_all(["a", "b", "c", "d"].map(|it| Shelf::builder().label(it)));
        session.flush().await?;
        session.expunge(emma);
        session.expunge(shelves[1]);
        // Slots of the expunged are not used again while the transaction remembers them.
        let more = session.insert(Shelf::builder().label("e")).await?;
        assert!(session.try_get(shelves[1]).is_none());
        session.rollback().await?;
        assert_eq!(session[sanditon].year, 1815);
        assert!(session.try_get(emma).is_none());
        for shelf in shelves.iter().chain([&more]) {
            assert_eq!(session.state(*shelf), ObjectState::Detached);
        }
        assert_eq!(db.count("shelves").await?, 0);
        assert_eq!(session.scalars(select(Book)).all().await?.len(), 2);
        assert_eq!(session[sanditon].year, 1815);
    }

    async fn a_long_transaction_forgets_what_it_was_told_to_forget(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let keep = session.insert(Shelf::builder().label("keep")).await?;
        let mut nested = session.begin_nested().await?;
        for round in 0..10 {
            let labels = (0..20).map(|it| Shelf::builder().label(format!("{round}-{it}")));
            let shelves = nested.add_all(labels);
            nested.flush().await?;
            for shelf in &shelves {
                nested[*shelf].label.push('!');
            }
            nested.flush().await?;
            shelves.into_iter().for_each(|it| _ = nested.expunge(it));
        }
        nested[keep].label = "changed".into();
        let late = nested.add(Shelf::builder().label("late"));
        nested.flush().await?;
        nested.rollback().await?;
        assert_eq!(session[keep].label, "keep");
        assert_eq!(session.state(late), ObjectState::Detached);
        session.commit().await?;
        assert_eq!(db.count("shelves").await?, 1);
    }

    async fn all_objects_can_be_forgotten_within_a_transaction(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let (_, emma, _) = jane(&mut session).await?;
        session[emma].title = "Emma, revised".into();
        session.flush().await?;
        let pending = session.add(Shelf::builder().label("never"));
        session.expunge_all();
        assert!(session.try_get(emma).is_none() && session.try_get(pending).is_none());
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT title FROM books WHERE title LIKE 'Emma%'").await?, "Emma, revised");
        assert_eq!(db.count("shelves").await?, 0);
    }

    async fn a_closed_session_has_forgotten_everything_and_works_on(db: Db) {
        db.create(&library()).await?;
        let mut session = db.engine.session_with(|o| o.max_queries(20));
        let (_, emma, _) = jane(&mut session).await?;
        session[emma].title = "lost".into();
        session.flush().await?;
        session.close().await?;
        assert_eq!(db.engine.status().in_use, 0);
        assert_eq!(session.state(emma), ObjectState::Detached);
        let books = session.scalars(select(Book)).all().await?;
        assert!(session.try_get(emma).is_none() && !books.contains(&emma));
        assert!(session.query_count() > 0);

        session.max_queries(0);
        session.reset().await?;
        assert_eq!(session.query_count(), 0);
        assert_eq!(session.scalars(select(Book)).all().await?.len(), 2, "the budget is as it was");
    }

    async fn an_object_with_a_text_key_is_found_under_the_key_that_the_database_knows(db: Db) {
        db.create(&Metadata::of((Country, City))).await?;
        let mut session = db.engine.session_with(|o| o.autoflush(false));
        let codes = ('A'..='Z').flat_map(|a| ('A'..='C').map(move |b| format!("{a}{b}")));
        let countries = session.add_all(codes.map(|it| Country::builder().code(it).name("somewhere")));
        session.commit().await?;
        session[countries[0]].code = "ZZ".into();
        // More countries come in: the map grows, and must not look for the changed one under its new key.
        let more = ('A'..='Z').flat_map(|a| ('D'..='F').map(move |b| format!("{a}{b}")));
        for code in more {
            db.run(&format!("INSERT INTO countries (code, name) VALUES ('{code}', 'elsewhere')")).await?;
            if code.ends_with('F') {
                session.scalars(select(Country)).all().await?;
            }
        }
        assert_eq!(session.scalars(select(Country).filter(Country::CODE.eq("AA"))).one().await?, countries[0]);
        session.flush().await?;
        assert_eq!(session.get::<Country>("ZZ").await?, Some(countries[0]));
        assert_eq!(session.get::<Country>("AA").await?, None);
        session.rollback().await?;
        assert_eq!(session.get::<Country>("AA").await?, Some(countries[0]));
    }
}
