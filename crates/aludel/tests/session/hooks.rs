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
        let (inserted, updated, deleted) = (note("inserted"), note("updated"), note("deleted"));
        let (flushed, commit, rollback) = (note("flushed"), note("commit"), note("rollback"));
        let before_commit = note("before commit");
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
            .after_insert(move |_, _: Obj<Shelf>| {
                inserted();
                Ok(())
            })
            .after_update(move |_, _: Obj<Shelf>| {
                updated();
                Ok(())
            })
            .after_delete(move |_, _: Obj<Shelf>| {
                deleted();
                Ok(())
            })
            .after_flush(move |_, _| {
                flushed();
                Ok(())
            })
            .before_commit(move |_| {
                before_commit();
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
        // Those behind the statements come list by list.
        let lists = |moments: &[&str]| -> Vec<String> {
            ["engine", "session"].iter().flat_map(|it| moments.iter().map(move |moment| format!("{it} {moment}"))).collect()
        };
        let both = |moments: &[&str]| -> Vec<String> {
            moments.iter().flat_map(|it| [format!("engine {it}"), format!("session {it}")]).collect()
        };
        session.commit().await?;
        assert_eq!(diary.take(), both(&["before commit", "commit"]), "nothing was there to flush");
        let shelf = session.add(Shelf::builder().label("a"));
        session.commit().await?;
        let sent = [both(&["before commit", "before flush", "insert"]), lists(&["inserted", "flushed"]), both(&["commit"])];
        assert_eq!(diary.take(), sent.concat());
        session[shelf].label = "b".into();
        session.flush().await?;
        session.flush().await?;
        assert_eq!(diary.take(), [both(&["before flush", "update"]), lists(&["updated", "flushed"])].concat());
        session.delete(shelf);
        session.scalars(select(Shelf)).all().await?;
        session.rollback().await?;
        let sent = [both(&["before flush", "delete"]), lists(&["deleted", "flushed"]), both(&["rollback"])];
        assert_eq!(diary.take(), sent.concat());
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

    async fn hooks_behind_a_statement_know_what_the_database_made_and_may_add_to_the_transaction(db: Db) {
        db.create(&library()).await?;
        let diary = Diary::default();
        let mut session = db.session();
        let (inserted, deleted) = (diary.clone(), diary.clone());
        session.add_hooks(
            Hooks::new()
                .after_insert(move |session, author: Obj<Author>| {
                    inserted.note(format!("{} has the key {}", session[author].name, session[author].id));
                    session.add(Portrait::builder().author(author).file("unknown.png"));
                    Ok(())
                })
                .after_update(|session, author: Obj<Author>| {
                    session.add(Shelf::builder().label(session[author].name.clone()));
                    Ok(())
                })
                .after_delete(move |session, author: Obj<Author>| {
                    deleted.note(format!("{} is gone", session[author].name));
                    Ok(())
                }),
        );
        let jane = session.add(Author::builder().name("Jane"));
        session.commit().await?;
        assert_eq!(diary.take(), [format!("Jane has the key {}", session[jane].id)]);
        assert_eq!(db.count("portraits").await?, 1);
        session[jane].name = "Jane Austen".into();
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT label FROM shelves").await?, "Jane Austen");
        session.load(jane, Author::PORTRAIT).await?;
        let portrait = session[jane].portrait.handle().expect("the hook has added one");
        session.delete(portrait);
        session.delete(jane);
        session.commit().await?;
        assert_eq!(diary.take(), ["Jane Austen is gone"]);
        // After an error there is nothing but a rollback; before the commit it ends that, and nothing is sent.
        session.add_hooks(Hooks::new().after_insert(|_, _: Obj<Shelf>| Err(Error::new(ErrorKind::State, "no more shelves"))));
        session.add(Shelf::builder().label("b"));
        let error = refused(session.flush().await, ErrorKind::State);
        assert_eq!(error.what(), "no more shelves");
        refused(session.flush().await, ErrorKind::State);
        session.rollback().await?;
        session.add_hooks(Hooks::new().before_commit(|_| Err(Error::new(ErrorKind::State, "not today"))));
        session.add(Author::builder().name("Ann"));
        let sent = session.query_count();
        assert_eq!(refused(session.commit().await, ErrorKind::State).what(), "not today");
        assert_eq!((session.query_count(), db.count("authors").await?), (sent, 0));
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
