//! UPDATE, DELETE and upsert statements of a session: the objects that are loaded follow them.

use aludel::prelude::*;
use aludel::{ObjectState, PrimaryKey, Result};
use aludel_suite::{Db, on_each_database, refused};

use crate::models::*;

/// Jane with two books, all loaded, and committed.
async fn jane(session: &mut Session) -> Result<(Obj<Author>, Obj<Book>, Obj<Book>)> {
    let [emma, sanditon] = ["Emma", "Sanditon"].map(|it| session.add(Book::builder().title(it).year(1815)));
    let jane = session.add(Author::builder().name("Jane").books([emma, sanditon]));
    session.commit().await?;
    Ok((jane, emma, sanditon))
}

fn titles(session: &Session, author: Obj<Author>) -> Result<Vec<&str>> {
    Ok(session.view(author).books()?.map(|it| it.entity().title.as_str()).collect())
}

on_each_database! {
    async fn loaded_objects_have_what_an_update_has_set(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let (jane, emma, sanditon) = jane(&mut session).await?;
        let stmt = update(Book).filter(Book::TITLE.eq("Emma")).set(Book::YEAR, Book::YEAR + 1);
        assert_eq!(session.execute(stmt).await?.rows_affected, 1);
        assert_eq!((session[emma].year, session[sanditon].year), (1816, 1815));
        assert!(session.dirty().is_empty());
        // What was loaded for its relations stays loaded: they do not depend on the year.
        assert_eq!(titles(&session, jane)?, ["Emma", "Sanditon"]);
        session.rollback().await?;
        assert_eq!(session[emma].year, 1815);
    }

    async fn an_object_that_followed_an_update_is_changed_as_any_other(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let (_, emma, sanditon) = jane(&mut session).await?;
        session.execute(update(Book).set(Book::YEAR, 1900)).await?;
        session[emma].title = "Emma, revised".into();
        session.delete(sanditon);
        assert_eq!(session.dirty().len(), 1);
        session.commit().await?;
        let rows = db.rows("SELECT title, year FROM books").await?;
        assert_eq!((rows.len(), rows[0].at::<String>(0)?, rows[0].at::<i32>(1)?), (1, "Emma, revised".into(), 1900));
    }

    async fn a_new_object_follows_the_update_that_flushes_it(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let shelf = session.add(Shelf::builder().label("new"));
        assert_eq!(session.execute(update(Shelf).set(Shelf::LABEL, "updated")).await?.rows_affected, 1);
        assert_eq!(session[shelf].label, "updated");
        let gone = session.add(Shelf::builder().label("gone"));
        session.execute(delete(Shelf).filter(Shelf::LABEL.eq("gone"))).await?;
        assert_eq!(session.state(gone), ObjectState::Deleted);
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT label FROM shelves").await?, "updated");
    }

    async fn loaded_objects_follow_changes_that_join_another_table(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let (_, emma, sanditon) = jane(&mut session).await?;
        let stmt = update(Book).join(Book::AUTHOR).set(Book::TITLE, Author::NAME).filter(Book::TITLE.eq("Emma"));
        assert_eq!(session.execute(stmt).await?.rows_affected, 1);
        assert_eq!((&*session[emma].title, &*session[sanditon].title), ("Jane", "Sanditon"));
        let stmt = delete(Book).join(Book::AUTHOR).filter(Book::TITLE.eq(Author::NAME));
        assert_eq!(session.execute(stmt).await?.rows_affected, 1);
        assert_eq!(session.scalars(select(Book::TITLE)).all().await?, ["Sanditon"]);
    }

    async fn an_update_in_a_savepoint_is_taken_back_with_it(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let (_, emma, _) = jane(&mut session).await?;
        let mut nested = session.begin_nested().await?;
        nested.execute(update(Book).set(Book::YEAR, 1900)).await?;
        assert_eq!(nested[emma].year, 1900);
        nested.rollback().await?;
        assert_eq!(session[emma].year, 1815);
    }

    async fn what_was_not_flushed_stays(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let (_, emma, _) = jane(&mut session).await?;
        session[emma].title = "Emma, revised".into();
        let mut quiet = session.no_autoflush();
        quiet.execute(update(Book).set(Book::TITLE, "Overwritten").set(Book::YEAR, 1900)).await?;
        assert_eq!((quiet[emma].title.as_str(), quiet[emma].year), ("Emma, revised", 1900));
        drop(quiet);
        session.commit().await?;
        assert_eq!(db.value::<String>("SELECT title FROM books WHERE id = 1").await?, "Emma, revised");
    }

    async fn a_moved_foreign_key_unloads_the_relations_that_it_leads(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let (jane, emma, _) = jane(&mut session).await?;
        let kim = session.insert(Author::builder().name("Kim")).await?;
        let kims_key = session[kim].id;
        session.execute(update(Book).filter(Book::TITLE.eq("Emma")).set(Book::AUTHOR_ID, kims_key)).await?;
        assert_eq!(session[emma].author_id, kims_key);
        assert!(session.view(jane).books().is_err() && session.view(emma).author().is_err());
        session.load(jane, Author::BOOKS).await?;
        session.load(emma, Book::AUTHOR).await?;
        assert_eq!(titles(&session, jane)?, ["Sanditon"]);
        assert_eq!(session.view(emma).author()?.name, "Kim");
    }

    async fn loaded_objects_whose_rows_a_delete_takes_are_deleted(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let (jane, emma, sanditon) = jane(&mut session).await?;
        let key = session[emma].id;
        let done = session.execute(delete(Book).filter(Book::TITLE.eq("Emma"))).await?;
        assert_eq!(done.rows_affected, 1);
        assert_eq!(session.state(emma), ObjectState::Deleted);
        assert_eq!(session.state(sanditon), ObjectState::Persistent);
        assert_eq!(titles(&session, jane)?, ["Sanditon"]);
        assert!(session.get::<Book>(key).await?.is_none());
        session.rollback().await?;
        assert_eq!(session.state(emma), ObjectState::Persistent);
        session.execute(delete(Book).filter(Book::TITLE.eq("Emma"))).await?;
        session.commit().await?;
        assert_eq!(session.state(emma), ObjectState::Detached);
        assert!(session.try_get(emma).is_none());
    }

    async fn a_delete_of_what_is_changed_or_to_be_deleted_leaves_nothing_to_send(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let (_, emma, sanditon) = jane(&mut session).await?;
        session[emma].year = 1;
        session.delete(sanditon);
        session.no_autoflush().execute(delete(Book)).await?;
        session.commit().await?;
        assert_eq!(db.count("books").await?, 0);
    }

    async fn keys_of_several_columns_are_followed(db: Db) {
        db.create(&Metadata::of((Line,))).await?;
        let mut session = db.session();
        let lines = session.add_all((1..4).map(|it| Line::builder().order_no(7).line_no(it).article("screw")));
        session.commit().await?;
        session.execute(update(Line).filter(Line::LINE_NO.le(2)).set(Line::ARTICLE, "nail")).await?;
        let articles: Vec<&str> = lines.iter().map(|it| session[*it].article.as_str()).collect();
        assert_eq!(articles, ["nail", "nail", "screw"]);
        session.execute(delete(Line).filter(Line::ARTICLE.eq("nail"))).await?;
        let states: Vec<ObjectState> = lines.iter().map(|it| session.state(*it)).collect();
        assert_eq!(states, [ObjectState::Deleted, ObjectState::Deleted, ObjectState::Persistent]);
    }

    async fn an_update_of_keys_ages_what_it_may_have_met(db: Db) {
        db.create(&Metadata::of((Line,))).await?;
        let mut session = db.session();
        let line = session.insert(Line::builder().order_no(7).line_no(1).article("screw")).await?;
        session.execute(update(Line).set(Line::LINE_NO, 2)).await?;
        assert!(session.get::<Line>((7_i64, 1)).await?.is_none());
        assert_eq!(session[line].line_no, 1);
    }

    async fn nothing_more_is_sent_where_nothing_is_loaded_or_wanted(db: Db) {
        db.create(&library()).await?;
        let mut other = db.session();
        jane(&mut other).await?;
        let mut session = db.session();
        session.execute(update(Book).set(Book::YEAR, 1900)).await?;
        assert_eq!(session.query_count(), 1);
        let emma = session.get_one::<Book>(1).await?;
        let before = session.query_count();
        session.execute(update(Book).set(Book::YEAR, 1901)).synchronize_session(false).await?;
        assert_eq!(session.query_count() - before, 1);
        assert_eq!(session[emma].year, 1900);
        session.scalars(select(Book)).all().await?; // it has aged
        assert_eq!(session[emma].year, 1901);
        session.commit().await?;
        let mut careless = db.engine.session_with(|o| o.synchronize_session(false));
        let emma = careless.get_one::<Book>(1).await?;
        careless.execute(delete(Book)).await?;
        assert_eq!(careless.state(emma), ObjectState::Persistent);
    }

    async fn what_a_delete_returns_is_deleted(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let (jane, emma, sanditon) = jane(&mut session).await?;
        let gone = session.scalars(delete(Book).filter(Book::TITLE.eq("Emma")).returning(Book)).all().await?;
        assert_eq!(gone, [emma]);
        assert_eq!(session[emma].title, "Emma"); // readable until the commit
        assert_eq!(session.state(emma), ObjectState::Deleted);
        assert_eq!(titles(&session, jane)?, ["Sanditon"]);
        // Those that were not loaded come and go at once.
        let mut other = db.session();
        session.rollback().await?;
        let rows = other.execute(delete(Book).returning((Book, Book::YEAR))).all().await?;
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().all(|(book, _)| other.state(*book) == ObjectState::Deleted));
        other.commit().await?;
        assert!(rows.iter().all(|(book, _)| other.try_get(*book).is_none()));
        session.scalars(delete(Book).returning(Book::ID)).all().await?;
        assert_eq!(session.key(sanditon), Some(PrimaryKey::new(2)));
        assert!(session.get::<Book>(2).await?.is_none());
    }

    #[except(mariadb, "it has no UPDATE … RETURNING")]
    async fn what_an_update_returns_is_as_it_came_back(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let (_, emma, sanditon) = jane(&mut session).await?;
        let stmt = update(Book).filter(Book::TITLE.eq("Emma")).set(Book::YEAR, 1900).returning(Book);
        assert_eq!(session.scalars(stmt).one().await?, emma);
        assert_eq!(session[emma].year, 1900);
        session.scalars(update(Book).set(Book::YEAR, 1901).returning(Book::ID)).all().await?;
        session.get_one::<Book>(2).await?; // it has aged
        assert_eq!(session[sanditon].year, 1901);
    }

    async fn an_upsert_refreshes_what_it_returns(db: Db) {
        db.create(&Metadata::of((Country, City))).await?;
        let mut session = db.session();
        let france = session.insert(Country::builder().code("FR").name("France")).await?;
        let rows = [("FR", "République française"), ("IT", "Italia")]
            .map(|(code, name)| Country::builder().code(code).name(name));
        let upsert = insert(Country)
            .values(rows)
            .on_conflict(Country::CODE)
            .do_update(|row| row.set(Country::NAME, excluded(Country::NAME)))
            .returning(Country);
        let countries = session.scalars(upsert).all().await?;
        assert!(countries.contains(&france) && countries.len() == 2);
        assert_eq!(session[france].name, "République française");
        let italy = session.get_one::<Country>("IT").await?;
        assert!(countries.contains(&italy));
        session.commit().await?;

        let again = insert(Country)
            .values([Country::builder().code("FR").name("France")])
            .on_conflict(Country::CODE)
            .do_update(|row| row.set(Country::NAME, excluded(Country::NAME)));
        session.execute(again).await?;
        session.get_one::<Country>("FR").await?; // it has aged
        assert_eq!(session[france].name, "France");
    }

    async fn a_failed_statement_leaves_objects_as_they_were(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let (jane, ..) = jane(&mut session).await?;
        let key = session[jane].id;
        refused(session.execute(delete(Author).filter(Author::ID.eq(key))).await, ErrorKind::ForeignKeyViolation);
        session.rollback().await?;
        assert_eq!(session.state(jane), ObjectState::Persistent);
        assert_eq!(session[jane].name, "Jane");
    }

    async fn a_delete_in_a_savepoint_is_taken_back_with_it(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let (jane, emma, _) = jane(&mut session).await?;
        let key = session[emma].id;
        let mut nested = session.begin_nested().await?;
        nested.execute(delete(Book).filter(Book::TITLE.eq("Emma"))).await?;
        assert_eq!((nested.state(emma), titles(&nested, jane)?), (ObjectState::Deleted, vec!["Sanditon"]));
        nested.rollback().await?;
        assert_eq!((session.state(emma), titles(&session, jane)?), (ObjectState::Persistent, vec!["Emma", "Sanditon"]));
        assert_eq!(session.get::<Book>(key).await?, Some(emma));
    }
}
