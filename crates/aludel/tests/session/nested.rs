//! `begin_nested`: a rollback to a savepoint takes the database and memory back (case 30).

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
    async fn what_is_committed_inside_is_part_of_the_transaction_around(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        session.add(Shelf::builder().label("outer"));
        let mut nested = session.begin_nested().await?;
        let inner = nested.add(Shelf::builder().label("inner"));
        nested.commit().await?;
        assert_eq!(session.state(inner), ObjectState::Persistent);
        assert_eq!(db.count("shelves").await?, 0);
        session.commit().await?;
        assert_eq!(db.count("shelves").await?, 2);
    }

    async fn a_rollback_takes_back_what_was_added_changed_and_deleted_inside(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let (jane, emma, sanditon) = jane(&mut session).await?;
        session[emma].title = "Emma, revised".into();
        let outer = session.add(Book::builder().title("outer").year(1816).author(jane));

        let mut nested = session.begin_nested().await?;
        nested[emma].title = "inner".into();
        nested[jane].name = "inner".into();
        let inner = nested.add(Book::builder().title("inner").year(1816).author(jane));
        nested.delete(sanditon);
        nested.flush().await?;
        nested[emma].title = "not flushed".into();
        let pending = nested.add(Shelf::builder().label("not flushed"));
        nested.delete(outer);
        nested.rollback().await?;

        assert_eq!(session[emma].title, "Emma, revised");
        assert_eq!(session[jane].name, "Jane");
        assert_eq!(session.state(sanditon), ObjectState::Persistent);
        assert_eq!(session.state(outer), ObjectState::Persistent);
        assert_eq!(session.state(inner), ObjectState::Detached);
        assert_eq!(session.state(pending), ObjectState::Detached);
        assert!(session.new().is_empty() && session.dirty().is_empty() && session.deleted().is_empty());
        // The collection was loaded, and is as it was.
        let titles: Vec<&str> = session.view(jane).books()?.map(|it| it.entity().title.as_str()).collect();
        assert_eq!(titles, ["Emma, revised", "Sanditon", "outer"]);
        // The identity map finds what is back, and nothing else.
        let key = session[sanditon].id;
        assert_eq!(session.get::<Book>(key).await?, Some(sanditon));
        assert_eq!(session.scalars(select(Book)).all().await?.len(), 3);

        session.commit().await?;
        assert_eq!(db.count("books").await?, 3);
        let title: String = db.value("SELECT title FROM books WHERE title LIKE 'Emma%'").await?;
        assert_eq!(title, "Emma, revised");
    }

    async fn a_moved_child_is_back_in_its_collection(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let (jane, emma, _) = jane(&mut session).await?;
        let ann = session.insert(Author::builder().name("Ann")).await?;
        for way in 0..3 {
            let mut nested = session.begin_nested().await?;
            match way {
                0 => nested.link(ann, Author::BOOKS, emma),
                1 => nested[emma].author.set(ann),
                _ => nested[emma].author_id = nested[ann].id,
            }
            nested.flush().await?;
            assert_eq!(nested.view(ann).books()?.count(), 1);
            assert_eq!(nested.view(jane).books()?.count(), 1);
            nested.rollback().await?;
            assert_eq!(session.view(ann).books()?.count(), 0, "way {way}");
            assert_eq!(session.view(jane).books()?.count(), 2, "way {way}");
            assert_eq!(session.view(emma).author()?.name, "Jane", "way {way}");
            assert_eq!(session[emma].author_id, session[jane].id, "way {way}");
        }
    }

    async fn what_was_read_inside_is_read_anew(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let (jane, emma, _) = jane(&mut session).await?;
        session.close().await?;
        let _ = (jane, emma);

        let outer = session.scalars(select(Book).filter(Book::TITLE.eq("Emma"))).one().await?;
        let mut nested = session.begin_nested().await?;
        nested.execute(update(Book).set(Book::YEAR, 1)).await?;
        nested.expire(outer);
        let books = nested.scalars(select(Book).order_by(Book::TITLE)).all().await?;
        assert_eq!(nested[books[1]].year, 1, "Sanditon was read inside");
        assert_eq!((books[0], nested[outer].year), (outer, 1), "Emma was read anew inside");
        nested.rollback().await?;
        assert_eq!(session[outer].year, 1815);
        let key = session[books[1]].id;
        let sanditon = session.get_one::<Book>(key).await?;
        assert_eq!((sanditon, session[sanditon].year), (books[1], 1815));
    }

    async fn levels_are_rolled_back_one_by_one(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let shelf = session.insert(Shelf::builder().label("0")).await?;
        let mut one = session.begin_nested().await?;
        one[shelf].label = "1".into();
        let mut two = one.begin_nested().await?;
        two[shelf].label = "2".into();
        let mut three = two.begin_nested().await?;
        three[shelf].label = "3".into();
        let author = three.add(Author::builder().name("met at the third level only"));
        three.commit().await?;
        assert_eq!(two[shelf].label, "3");
        two.rollback().await?;
        assert_eq!(one[shelf].label, "1");
        assert_eq!(one.state(author), ObjectState::Detached);
        one.commit().await?;
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT label FROM shelves").await?, "1");
        assert_eq!(db.count("authors").await?, 0);
    }

    async fn a_dropped_guard_rolls_back(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let shelf = session.insert(Shelf::builder().label("0")).await?;
        {
            let mut nested = session.begin_nested().await?;
            nested[shelf].label = "1".into();
            nested.flush().await?;
        }
        assert_eq!(session[shelf].label, "0");
        let label = session.scalar(select(Shelf::LABEL)).await?;
        assert_eq!(label, "0", "ROLLBACK TO travels with the next statement");
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT label FROM shelves").await?, "0");
    }

    async fn one_row_that_fails_does_not_lose_the_others(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        session.insert(Shelf::builder().label("taken")).await?;
        let mut failed = Vec::new();
        for label in ["a", "taken", "b", "taken", "taken", "c"] {
            let mut nested = session.begin_nested().await?;
            nested.add(Shelf::builder().label(label));
            if let Err(error) = nested.commit().await {
                assert_eq!(error.kind(), ErrorKind::UniqueViolation);
                failed.push(label);
            }
        }
        assert_eq!(failed, ["taken"; 3]);
        session.commit().await?;
        let rows = db.rows("SELECT label FROM shelves ORDER BY label").await?;
        let labels: Vec<String> = rows.iter().map(|it| it.get("label")).collect::<aludel::Result<_>>()?;
        assert_eq!(labels, ["a", "b", "c", "taken"]);
    }

    async fn a_failure_inside_may_be_the_last_thing_before_the_commit(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        session.insert(Shelf::builder().label("taken")).await?;
        for explicit in [true, false] {
            let mut nested = session.begin_nested().await?;
            nested.add(Shelf::builder().label("taken"));
            refused(nested.flush().await, ErrorKind::UniqueViolation);
            refused(nested.flush().await, ErrorKind::State);
            if explicit { nested.rollback().await? } else { drop(nested) }
        }
        session.commit().await?;
        assert_eq!(db.count("shelves").await?, 1);
    }

    async fn committing_the_session_inside_is_an_error(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let mut nested = session.begin_nested().await?;
        nested.add(Shelf::builder().label("A"));
        let error = refused(Session::commit(&mut nested).await, ErrorKind::State);
        assert!(error.to_string().contains("nested.commit()"), "{error}");
        nested.commit().await?;
        session.commit().await?;
        assert_eq!(db.count("shelves").await?, 1);
    }

    async fn rolling_back_the_session_inside_ends_all_levels(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let outer = session.add(Shelf::builder().label("outer"));
        let mut nested = session.begin_nested().await?;
        nested.add(Shelf::builder().label("inner"));
        Session::rollback(&mut nested).await?;
        assert_eq!(nested.state(outer), ObjectState::Detached);
        let again = nested.add(Shelf::builder().label("again"));
        refused(nested.commit().await, ErrorKind::State);
        assert_eq!(session.state(again), ObjectState::Pending, "that is not of the nested transaction");
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT label FROM shelves").await?, "again");
    }

    async fn a_savepoint_costs_no_round_trip_and_no_query(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let nested = session.begin_nested().await?;
        nested.commit().await?;
        assert_eq!(session.query_count(), 0);
        session.commit().await?;
    }
}
