//! Handles.

use aludel::ObjectState;

use super::one_book;
use crate::models::*;
use aludel_suite::{Db, on_each_database};

on_each_database! {
    async fn a_handle_of_another_session_is_recognised(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut here = db.session();
        let mut there = db.session();
        let book = there.get_one::<Book>(id).await?;
        here.get_one::<Book>(id).await?;
        assert!(here.try_get(book).is_none());
        assert!(here.try_get_mut(book).is_none());
        assert_eq!(here.state(book), ObjectState::Detached);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| here[book].id)).unwrap_err();
        let message = panicked.downcast_ref::<String>().expect("a panic with a message");
        assert!(message.contains("invalid handle of a Book: it is a handle of another session"), "{message}");
    }

    async fn a_forgotten_handle_is_recognised_although_its_slot_is_used_again(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let forgotten = session.add(Author::builder().name("forgotten"));
        session.rollback().await?;
        let next = session.add(Author::builder().name("next"));
        assert_ne!(forgotten, next);
        assert!(session.try_get(forgotten).is_none());
        assert_eq!(session[next].name, "next");
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| session[forgotten].id)).unwrap_err();
        let message = panicked.downcast_ref::<String>().expect("a panic with a message");
        assert!(message.contains("its object was forgotten"), "{message}");
    }
}
