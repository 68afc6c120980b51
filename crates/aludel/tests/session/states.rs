//! States, sets and history of objects.

use aludel::prelude::*;
use aludel::{AnyObj, History, ObjectState};
use aludel_suite::{Db, on_each_database};

use crate::models::*;

on_each_database! {
    async fn an_object_goes_from_pending_to_persistent_to_deleted_to_detached(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let shelf = session.add(Shelf::builder().label("A"));
        assert_eq!(session.state(shelf), ObjectState::Pending);
        session.flush().await?;
        assert_eq!(session.state(shelf), ObjectState::Persistent);
        session.delete(shelf);
        assert_eq!(session.state(shelf), ObjectState::Persistent);
        assert!(session.contains(shelf));
        session.flush().await?;
        assert_eq!(session.state(shelf), ObjectState::Deleted);
        assert!(!session.contains(shelf));
        session.commit().await?;
        assert_eq!(session.state(shelf), ObjectState::Detached);
    }

    async fn a_session_knows_nothing_of_those_before_it(db: Db) {
        db.create(&library()).await?;
        let mut before = db.session();
        let shelves = before.add_all((0..600).map(|it| Shelf::builder().label(format!("{it}"))));
        before.commit().await?;
        // What was left undone in every way there is, in a transaction and in a savepoint of it.
        before[shelves[0]].label = "written and flushed".into();
        before.flush().await?;
        let mut nested = before.begin_nested().await?;
        nested[shelves[1]].label = "written".into();
        nested.delete(shelves[2]);
        nested.flush().await?;
        nested[shelves[3]].label = "and not flushed".into();
        nested.delete(shelves[4]);
        nested.expunge(shelves[5]);
        let new = nested.add(Shelf::builder().label("new"));
        std::mem::forget(nested);
        drop(before);

        let mut session = db.session();
        let first = session.add(Shelf::builder().label("first"));
        assert!(session.try_get(new).is_none() && session.try_get(shelves[0]).is_none());
        assert_eq!((session.new().len(), session.dirty().len(), session.deleted().len()), (1, 0, 0));
        session.commit().await?;
        let all = session.scalars(select(Shelf).order_by(Shelf::ID.asc())).all().await?;
        assert_eq!(all.len(), 601);
        assert_eq!((all[600], session[all[600]].label.as_str()), (first, "first"));
        assert!((0..600).all(|it| session[all[it]].label == format!("{it}")));
        session.rollback().await?;
        assert_eq!(session.state(first), ObjectState::Persistent);
    }

    async fn the_sets_hold_what_the_next_flush_sends(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let [old, dead] = ["old", "dead"].map(|it| session.add(Shelf::builder().label(it)));
        session.commit().await?;
        let new = session.add(Author::builder().name("new"));
        session[old].label = "changed".into();
        session.delete(dead);
        assert_eq!(session.new(), [AnyObj::from(new)]);
        assert_eq!(session.dirty(), [AnyObj::from(old)]);
        assert_eq!(session.deleted(), [AnyObj::from(dead)]);
        assert_eq!(session.deleted()[0].downcast::<Shelf>(), Some(dead));
        assert_eq!(session.deleted()[0].downcast::<Author>(), None);

        session.flush().await?;
        assert_eq!((session.new().len(), session.dirty().len(), session.deleted().len()), (0, 0, 0));
    }

    async fn an_object_whose_relation_was_changed_is_dirty(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let book = session.add(Book::builder().title("Emma").year(1815).author(Author::builder().name("Jane")));
        let shelf = session.add(Shelf::builder().label("A"));
        session.commit().await?;
        assert!(!session.is_modified(book));
        session[book].shelf.set(shelf);
        assert!(session.is_modified(book));
        assert_eq!(session.dirty(), [AnyObj::from(book)]);
        session.flush().await?;
        assert!(!session.is_modified(book));
    }

    async fn the_key_of_an_object_is_none_until_it_is_inserted(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let shelf = session.add(Shelf::builder().label("A"));
        assert_eq!(session.key(shelf), None);
        session.flush().await?;
        assert_eq!(session.key(shelf), Some(PrimaryKey::new(session[shelf].id)));
        session.rollback().await?;
        assert_eq!(session.state(shelf), ObjectState::Detached);
    }

    async fn a_new_row_takes_the_place_of_one_that_another_program_has_deleted(db: Db) {
        db.create(&Metadata::of((Country, City))).await?;
        let mut session = db.session();
        let old = session.add(Country::builder().code("CH").name("Switzerland"));
        let bern = session.add(City::builder().name("Bern").country(old));
        session.commit().await?;
        db.run("DELETE FROM cities").await?;
        db.run("DELETE FROM countries").await?;
        let new = session.add(Country::builder().code("CH").name("Schweiz"));
        session.commit().await?;
        assert_eq!(session.state(old), ObjectState::Detached);
        assert_eq!(session.get_one::<Country>("CH").await?, new);
        assert_eq!(session[new].name, "Schweiz");
        // Nothing leads to what was forgotten.
        assert_eq!(session[bern].country.handle(), None);
        // By a key that was changed as well.
        session.add(Country::builder().code("FR").name("France"));
        session.commit().await?;
        db.run("DELETE FROM countries WHERE code = 'FR'").await?;
        session[new].code = "FR".into();
        session.commit().await?;
        assert_eq!(session.get_one::<Country>("FR").await?, new);
        assert_eq!(session.get::<Country>("CH").await?, None);
    }

    async fn the_key_is_the_one_that_the_database_knows(db: Db) {
        db.create(&Metadata::of((Line, Country, City))).await?;
        let mut session = db.session();
        let line = session.add(Line::builder().order_no(7).line_no(1).article("nails"));
        session.flush().await?;
        assert_eq!(session.key(line), Some(PrimaryKey::new((7_i64, 1))));
        session[line].line_no = 2;
        assert_eq!(session.key(line), Some(PrimaryKey::new((7_i64, 1))));
        session.flush().await?;
        assert_eq!(session.key(line), Some(PrimaryKey::new((7_i64, 2))));
        let key = session.key(line).expect("it was inserted");
        assert_eq!(session.get::<Line>(key).await?, Some(line));
    }

    async fn insert_gives_the_key_at_once(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let author = session.insert(Author::builder().name("Jane").books([
            Book::builder().title("Emma").year(1815),
        ])).await?;
        assert_eq!(session.key(author), Some(PrimaryKey::new(session[author].id)));
        assert_eq!(session.new().len(), 0, "what it was given is flushed as well");
        session.rollback().await?;
        assert_eq!(db.count("authors").await?, 0);
    }

    async fn history_tells_what_was_added_and_what_the_database_holds(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let [a, b, c] = ["a", "b", "c"].map(|it| Book::builder().title(it).year(1815)).map(|it| session.add(it));
        let author = session.add(Author::builder().name("Jane").books([a, b]));
        let other = session.add(Author::builder().name("Ann").books([c]));
        let name = |values: &[&str]| values.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        assert_eq!(session.history(author, Author::NAME).added, name(&["Jane"]));
        session.commit().await?;
        assert_eq!(
            session.history(author, Author::NAME),
            History { unchanged: name(&["Jane"]), ..History::default() }
        );
        session[author].name = "Jane A.".into();
        assert_eq!(
            session.history(author, Author::NAME),
            History { added: name(&["Jane A."]), unchanged: vec![], deleted: name(&["Jane"]) }
        );
        session[author].name = "Jane".into();
        assert!(!session.history(author, Author::NAME).has_changes());

        session[author].books.remove(a);
        session[author].books.push(c);
        assert_eq!(
            session.history(author, Author::BOOKS),
            History { added: vec![c], unchanged: vec![b], deleted: vec![a] }
        );
        session[other].books.remove(c);
        session[other].books.push(a);
        session[b].author.set(other);
        assert_eq!(session.history(b, Book::AUTHOR).added, [other]);
        session.flush().await?;
        assert!(!session.history(author, Author::BOOKS).has_changes());
        assert_eq!(session.history(b, Book::AUTHOR).unchanged, [other]);
    }
}

#[test]
#[should_panic(expected = "invalid handle of a Shelf: it is a handle of another session")]
fn the_key_of_a_handle_of_another_session_is_a_panic() {
    let engine = Engine::builder("sqlite::memory:").build().expect("the URL is right");
    let shelf = engine.session().add(Shelf::builder().label("A"));
    let _ = engine.session().key(shelf);
}
