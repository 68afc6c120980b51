//! Loaded collections, and what happens to the objects in them.

use aludel::prelude::*;

use super::one_book;
use crate::models::*;
use aludel_suite::{Db, on_each_database};

on_each_database! {
    async fn a_foreign_key_set_by_hand_moves_the_child_between_loaded_collections(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let old = session.get_one::<Author>(author).await?;
        session.load(old, Author::BOOKS).await?;
        let new = session.add(Author::builder().name("new"));
        let book = session.get_one::<Book>(id).await?;
        let another = session.add(Book::builder().title("another").year(1).author_id(session[old].id));
        session[book].author_id = session[new].id;
        session.flush().await?;
        assert_eq!(session[old].books.handles(), Some(vec![another]));
        assert_eq!(session[new].books.handles(), Some(vec![book]));
        assert_eq!(session.view(book).author()?.name, "new");
    }

    async fn a_child_pushed_to_another_parent_leaves_the_loaded_collection_of_the_old_one(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let old = session.get_one::<Author>(author).await?;
        session.load(old, Author::BOOKS).await?;
        let new = session.add(Author::builder().name("new"));
        let book = session.get_one::<Book>(id).await?;
        session[new].books.push(book);
        session.flush().await?;
        assert_eq!(session[old].books.handles(), Some(vec![]));
        assert_eq!(session[new].books.handles(), Some(vec![book]));
    }

    async fn a_child_taken_out_and_given_back_stays(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        session.load(author, Author::BOOKS).await?;
        let book = session.get_one::<Book>(id).await?;
        session[author].books.remove(book);
        session[book].author.set(author);
        session.commit().await?;
        assert_eq!(session[book].author_id, session[author].id);
        assert_eq!(session[author].books.handles(), Some(vec![book]));
    }

    async fn a_deleted_child_leaves_the_loaded_collection(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        session.load(author, Author::BOOKS).await?;
        let book = session.get_one::<Book>(id).await?;
        session.delete(book);
        session.flush().await?;
        assert_eq!(session.view(author).books()?.count(), 0);
        session.commit().await?;
        assert_eq!(session.view(author).books()?.count(), 0);
    }

    async fn a_deleted_object_is_gone_from_relations_without_another_side(db: Db) {
        db.create(&Metadata::of((Employee, Team))).await?;
        let mut session = db.session();
        let ada = session.add(Employee::builder().name("Ada"));
        let team = session.add(Team::builder().name("drivers").lead(ada));
        session.commit().await?;
        session[team].lead_id = None;
        session.delete(ada);
        session.commit().await?;
        assert!(session.view(team).lead()?.is_none());
        assert_eq!(session[team].lead.handle(), None);
    }

    async fn a_rollback_takes_new_children_out_of_collections(db: Db) {
        let (author, _) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        session.load(author, Author::BOOKS).await?;
        session.add(Book::builder().title("never was").year(1).author(author));
        session.flush().await?;
        assert_eq!(session.view(author).books()?.count(), 2);
        session.rollback().await?;
        session.load(author, Author::BOOKS).await?;
        assert_eq!(session.view(author).books()?.count(), 1);
    }

    async fn a_collection_loaded_in_a_transaction_that_was_rolled_back_is_loaded_anew(db: Db) {
        let (author, _) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        session.execute(delete(Book)).await?;
        session.load(author, Author::BOOKS).await?;
        assert_eq!(session.view(author).books()?.count(), 0);
        session.rollback().await?;
        session.load(author, Author::BOOKS).await?;
        assert_eq!(session.view(author).books()?.count(), 1);
    }

    async fn a_rollback_without_changes_keeps_what_was_loaded(db: Db) {
        let (author, _) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        session.load(author, Author::BOOKS).await?;
        session.rollback().await?;
        assert_eq!(session.view(author).books()?.count(), 1);
    }

    async fn a_committed_delete_frees_the_slot_for_another_object(db: Db) {
        let (author, id) = one_book(&db).await?;
        let mut session = db.session();
        let author = session.get_one::<Author>(author).await?;
        let old = session.get_one::<Book>(id).await?;
        session.delete(old);
        session.commit().await?;
        let new = session.add(Book::builder().title("new").year(1).author(author));
        session.commit().await?;
        assert!(session.try_get(old).is_none());
        assert_eq!(session[new].title, "new");
        session.load(author, Author::BOOKS).await?;
        assert_eq!(session[author].books.handles(), Some(vec![new]));
    }
}
