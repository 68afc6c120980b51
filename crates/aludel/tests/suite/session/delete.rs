//! Deleting.

use aludel::ObjectState;
use aludel::prelude::*;

use super::one_book;
use crate::models::*;
use aludel_suite::{Db, on_each_database, refused};

on_each_database! {
    async fn delete_removes_the_row(db: Db) {
        let (_, id) = one_book(&db).await?;
        let mut session = db.session();
        let book = session.get_one::<Book>(id).await?;
        session.delete(book);
        assert_eq!((session.state(book), session.deleted().len()), (ObjectState::Persistent, 1));
        session.flush().await?;
        assert_eq!(session.state(book), ObjectState::Deleted);
        session.commit().await?;
        assert_eq!(session.state(book), ObjectState::Detached);
        assert_eq!(db.count("books").await?, 0);
    }

    async fn children_are_deleted_before_their_parents(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        let book = session.get_one::<Book>(id).await?;
        session.delete(author);
        session.delete(book);
        session.commit().await?;
        assert_eq!((db.count("books").await?, db.count("authors").await?), (0, 0));
    }

    async fn deleting_a_parent_that_has_children_is_a_foreign_key_violation(db: Db) {
        let (author, _) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        session.delete(author);
        refused(session.commit().await, ErrorKind::ForeignKeyViolation);
        session.rollback().await?;
        assert_eq!(session.state(author), ObjectState::Persistent);
        assert_eq!(db.count("authors").await?, 1);
    }

    async fn a_new_object_that_is_deleted_is_forgotten_without_sql(db: Db) {
        let mut session = db.session();
        let author = session.add(Author::builder().name("Ursula"));
        session.delete(author);
        assert!(session.try_get(author).is_none());
        session.commit().await?;
        assert_eq!(session.query_count(), 0);
    }

    async fn deleting_many_is_one_operation(db: Db) {
        db.create(&library()).await?;
        let mut session = db.session();
        let authors = session.add_all((0..300).map(|n| Author::builder().name(format!("author {n}"))));
        session.commit().await?;
        let before = session.query_count();
        for author in &authors[10..] {
            session.delete(*author);
        }
        session.commit().await?;
        assert_eq!(session.query_count() - before, 1);
        assert_eq!(db.count("authors").await?, 10);
    }

    async fn rows_of_one_table_are_deleted_children_first(db: Db) {
        db.create(&Metadata::of(Node)).await?;
        let mut session = db.session();
        let root = session.add(Node::builder().name("root"));
        let child = session.add(Node::builder().name("child").parent(root));
        let grandchild = session.add(Node::builder().name("grandchild").parent(child));
        session.commit().await?;
        for node in [root, child, grandchild] {
            session.delete(node);
        }
        session.commit().await?;
        assert_eq!(db.count("nodes").await?, 0);
    }
}
