//! Hooks: what is done whenever a session flushes, commits or rolls back (cases 36 and 50).

use std::sync::{Arc, Mutex};

use aludel::prelude::*;
use aludel::{Flushed, Hooks};
use aludel_suite::{Db, on_each_database, refused};

use crate::models::*;

/// What happened, in order.
#[derive(Clone, Default)]
struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    fn note(&self, entry: impl Into<String>) {
        self.0.lock().unwrap().push(entry.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// Hooks that note when they are called.
    fn hooks(&self, whose: &'static str) -> Hooks {
        let note = |moment: &'static str| {
            let diary = self.clone();
            move || diary.note(format!("{whose} {moment}"))
        };
        let before_flush = note("before flush");
        let (insert, update, delete) = (note("insert"), note("update"), note("delete"));
        let (flushed, commit, rollback) = (note("flushed"), note("commit"), note("rollback"));
        Hooks::new()
            .before_flush(move |_| {
                before_flush();
                Ok(())
            })
            .before_insert(move |_: &mut Shelf| {
                insert();
                Ok(())
            })
            .before_update(move |_: &mut Shelf| {
                update();
                Ok(())
            })
            .before_delete(move |_: &Shelf| {
                delete();
                Ok(())
            })
            .after_flush(move |_, _| {
                flushed();
                Ok(())
            })
            .after_commit(move |_| commit())
            .after_rollback(move |_| rollback())
    }
}

on_each_database! {
    async fn hooks_come_in_order_those_of_the_engine_first(db: Db) {
        db.create(&library()).await?;
        let diary = Diary::default();
        let engine = db.engine.with_hooks(diary.hooks("engine"));
        let mut session = engine.session();
        session.add_hooks(diary.hooks("session"));
        session.commit().await?;
        assert_eq!(diary.take(), ["engine commit", "session commit"], "nothing was there to flush");
        let shelf = session.add(Shelf::builder().label("a"));
        session.commit().await?;
        let both = |moments: &[&str]| -> Vec<String> {
            moments.iter().flat_map(|it| [format!("engine {it}"), format!("session {it}")]).collect()
        };
        assert_eq!(diary.take(), both(&["before flush", "insert", "flushed", "commit"]));
        session[shelf].label = "b".into();
        session.flush().await?;
        session.flush().await?;
        assert_eq!(diary.take(), both(&["before flush", "update", "flushed"]));
        session.delete(shelf);
        session.scalars(select(Shelf)).all().await?;
        session.rollback().await?;
        assert_eq!(diary.take(), both(&["before flush", "delete", "flushed", "rollback"]));
        db.engine.session().commit().await?;
        assert!(diary.take().is_empty(), "the engine itself is as it was");
    }

    async fn what_hooks_write_is_sent(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        session.add_hooks(
            Hooks::new()
                .before_insert(|book: &mut Book| {
                    book.year = book.year.max(1450);
                    Ok(())
                })
                .before_update(|book: &mut Book| {
                    book.title.push('!');
                    Ok(())
                }),
        );
        let jane = session.add(Author::builder().name("Jane"));
        let emma = session.add(Book::builder().title("Emma").year(0).author(jane));
        session.commit().await?;
        assert_eq!((db.value::<i32>("SELECT year FROM books").await?, session[emma].year), (1450, 1450));
        let shelf = session.add(Shelf::builder().label("a"));
        session[shelf].books.push(emma); // changed by way of a relation only
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT title FROM books").await?, "Emma!");
        session.commit().await?;
        assert_eq!(session[emma].title, "Emma!");
    }

    async fn an_error_of_a_hook_ends_the_flush_before_anything_is_sent(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        session.add_hooks(Hooks::new().before_insert(|shelf: &mut Shelf| match shelf.label.as_str() {
            "bad" => Err(Error::new(ErrorKind::State, "not that one")),
            _ => Ok(()),
        }));
        session.add(Author::builder().name("Jane"));
        let shelf = session.add(Shelf::builder().label("bad"));
        let error = refused(session.commit().await, ErrorKind::State);
        assert_eq!((error.what(), session.query_count()), ("not that one", 0));
        // Nothing is lost: it may be put right and sent.
        session[shelf].label = "good".into();
        session.commit().await?;
        assert_eq!((db.count("authors").await?, db.count("shelves").await?), (1, 1));
    }

    async fn what_an_after_flush_hook_adds_is_part_of_the_commit(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        session.add_hooks(Hooks::new().after_flush(|session, flushed: &Flushed| {
            for author in flushed.inserted.iter().filter_map(|it| it.downcast::<Author>()) {
                session.add(Portrait::builder().author(author).file("unknown.png"));
            }
            Ok(())
        }));
        session.add_all(["Jane", "Kim"].map(|it| Author::builder().name(it)));
        session.commit().await?;
        assert_eq!(db.count("portraits").await?, 2);
        session.add_hooks(Hooks::new().after_flush(|session, _| {
            let label = format!("shelf {}", session.query_count());
            session.add(Shelf::builder().label(label));
            Ok(())
        }));
        session.add(Author::builder().name("Lou"));
        let error = refused(session.commit().await, ErrorKind::State);
        assert!(error.to_string().contains("must come to an end"), "{error}");
        session.rollback().await?;
        assert_eq!(db.count("authors").await?, 2);
    }

    async fn what_waits_for_the_commit_is_called_once_and_not_after_a_rollback(db: Db) {
        db.create(&library()).await?;
        let diary = Diary::default();
        let mut session = db.session();
        let note = |entry: &'static str| {
            let diary = diary.clone();
            move || diary.note(entry)
        };
        session.on_commit(note("rolled back"));
        session.insert(Shelf::builder().label("a")).await?;
        session.rollback().await?;
        session.on_commit(note("first"));
        session.insert(Shelf::builder().label("a")).await?;
        let mut nested = session.begin_nested().await?;
        nested.on_commit(note("nested, rolled back"));
        nested.rollback().await?;
        let mut nested = session.begin_nested().await?;
        nested.on_commit(note("nested"));
        nested.commit().await?;
        assert!(diary.take().is_empty());
        session.commit().await?;
        assert_eq!(diary.take(), ["first", "nested"]);
        session.add(Shelf::builder().label("a")); // it is there
        session.on_commit(note("refused"));
        refused(session.commit().await, ErrorKind::UniqueViolation);
        session.rollback().await?;
        session.commit().await?;
        assert!(diary.take().is_empty());
    }
}
