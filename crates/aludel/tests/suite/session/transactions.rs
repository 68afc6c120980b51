//! Transactions.

use aludel::ObjectState;
use aludel::prelude::*;

use super::{one_book, titles};
use crate::models::*;
use aludel_suite::{Db, on_each_database};

on_each_database! {
    async fn what_is_not_committed_is_visible_inside_only(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        session.add(Author::builder().name("Ursula"));
        assert_eq!(session.scalar(select(func::count_star()).select_from(Author)).await?, 1);
        assert_eq!(db.count("authors").await?, 0);
        session.rollback().await?;
        assert_eq!(session.scalar(select(func::count_star()).select_from(Author)).await?, 0);
    }

    async fn a_rollback_takes_memory_back(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let changed = session.get_one::<Book>(id).await?;
        let deleted = session.scalar(select(Author)).await?;
        let flushed = session.add(Author::builder().name("flushed"));
        session[changed].title = "flushed".into();
        session.flush().await?;
        let pending = session.add(Author::builder().name("pending"));
        session[changed].title = "changed again".into();
        session.delete(deleted);
        session.rollback().await?;

        assert_eq!(session[changed].title, "Earthsea");
        assert_eq!(session.state(deleted), ObjectState::Persistent);
        assert_eq!(session[deleted].name, "Ursula");
        for forgotten in [flushed, pending] {
            assert_eq!(session.state(forgotten), ObjectState::Detached);
            assert!(session.try_get(forgotten).is_none());
        }
        session.commit().await?;
        assert_eq!((db.count("authors").await?, titles(&db).await?), (1, vec!["Earthsea".to_owned()]));
    }

    async fn a_deleted_object_is_back_after_a_rollback(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        session.delete(book);
        session.flush().await?;
        assert_eq!(session.get::<Book>(id).await?, None);
        session.rollback().await?;
        assert_eq!(session.get::<Book>(id).await?, Some(book));
        assert_eq!(session[book].title, "Earthsea");
    }

    async fn an_object_changed_and_deleted_is_back_unchanged_after_a_rollback(db: Db) {
        db.create(&Metadata::of(Country)).await?;
        let mut session = db.session();
        let country = session.add(Country::builder().code("DK").name("Denmark"));
        session.commit().await?;
        session[country].name = "changed".into();
        session[country].code = "XX".into();
        session.delete(country);
        session.flush().await?;
        assert_eq!(db.engine.status().in_use, 1);
        session.rollback().await?;
        assert_eq!((session[country].code.as_str(), session[country].name.as_str()), ("DK", "Denmark"));
        assert_eq!(session.get::<Country>("DK").await?, Some(country));
        assert_eq!(session.get::<Country>("XX").await?, None);
    }

    async fn what_was_committed_survives_a_rollback(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        session[book].title = "first".into();
        session.commit().await?;
        session[book].title = "second".into();
        session.flush().await?;
        session.rollback().await?;
        assert_eq!(session[book].title, "first");
        assert_eq!(titles(&db).await?, ["first"]);
    }

    async fn a_dropped_session_rolls_back(db: Db) {
        let (_, id) = one_book(&db).await?;
        {
            let mut session = db.session();
            let book = session.get_one::<Book>(id).await?;
            session[book].title = "lost".into();
            session.flush().await?;
        }
        assert_eq!(titles(&db).await?, ["Earthsea"]);
        // Another session of the same pool is not inside of the transaction either.
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        assert_eq!(session[book].title, "Earthsea");
    }

    async fn the_connection_goes_back_after_commit_and_rollback(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        session.add(Author::builder().name("Ursula"));
        session.flush().await?;
        assert_eq!(db.engine.status().in_use, 1);
        session.commit().await?;
        assert_eq!((db.engine.status().in_use, db.engine.status().idle), (0, 1));
        session.scalars(select(Author)).all().await?;
        assert_eq!(db.engine.status().in_use, 1);
        session.rollback().await?;
        assert_eq!((db.engine.status().in_use, db.engine.status().idle), (0, 1));
    }

    async fn a_closed_session_forgets_its_objects_and_can_be_used_again(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        session.close().await?;
        assert!(session.try_get(book).is_none());
        assert_eq!(db.engine.status().in_use, 0);
        let again = session.get_one::<Book>(id).await?;
        assert_ne!(book, again);
        assert_eq!(session[again].title, "Earthsea");
    }
}
