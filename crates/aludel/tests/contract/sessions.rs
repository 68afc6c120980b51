//! The session.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

use crate::models::{Chunk, Document, Tag, User, fill};

on_each_database! {
    async fn change_an_object_and_commit(db: Db) {
        fill(&db).await?;
        let mut session = db.engine.session();
        let user = session.add(User::builder().email("a@b.com").name("A"));
        session.flush().await?;
        assert!(session[user].id > 0);
        let doc = session.add(Document::builder().title("Q2 Report").body("…").owner(user));
        session.commit().await?;
        session[doc].title = "Final".into();
        session.commit().await?;
        let id = session[doc].id;
        let doc = session.get::<Document>(id).await?.ok_or_else(|| Error::new(ErrorKind::NotFound, "gone"))?;
        assert_eq!(session[doc].title, "Final");

        let docs: Vec<Obj<Document>> = session.scalars(select(Document)).all().await?;
        assert_eq!(docs.len(), 4);
        let stmt = select((User, func::count(Document::ID))).join(User::DOCUMENTS).group_by(User::ID);
        let rows: Vec<(Obj<User>, i64)> = session.execute(stmt).all().await?;
        assert_eq!(rows.len(), 2);
        let n: i64 = session.scalar(select(func::count(User::ID))).await?;
        assert_eq!(n, 3);
    }

    async fn collections_are_changed_in_place(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let doc = session.get_one::<Document>(1).await?;
        session.load(doc, Document::CHUNKS).await?;
        session.load(doc, Document::TAGS).await?;
        let chunk = session[doc].chunks.handles().unwrap()[0];
        let tag = session.get_one::<Tag>(1).await?;
        let user = session.get_one::<User>(2).await?;
        session[doc].chunks.remove(chunk);
        session[doc].tags.remove(tag);
        session[user].documents.push(doc);
        session.commit().await?;
        assert_eq!((db.count("chunks").await?, db.count("document_tag").await?), (5, 1));
        assert_eq!(session[doc].owner_id, 2);
    }

    async fn delete_refresh_expunge_merge_and_rollback(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let doc = session.get_one::<Document>(1).await?;
        session[doc].title = "Changed".into();
        session.rollback().await?;
        assert_eq!(session[doc].title, "Q1 Report");
        session.refresh(doc).await?;
        session.delete(doc);
        session.commit().await?;
        assert_eq!(db.count("documents").await?, 2);
        let mut nested = session.begin_nested().await?;
        nested.add(User::builder().email("n@b.com"));
        nested.rollback().await?;
        session.commit().await?;
        assert_eq!(db.count("users").await?, 2);
        let user = session.get_one::<User>(1).await?;
        session.expunge(user);
        assert!(session.try_get(user).is_none());
        let merged = session.merge(User::builder().id(1).email("new@uae.dev")).await?;
        session.commit().await?;
        assert_eq!(session[merged].email, "new@uae.dev");
    }

    async fn views_walk_the_graph_and_what_is_not_loaded_is_an_error(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let user = session.get_one::<User>(1).await?;
        refused(session.view(user).documents().map(|_| ()), ErrorKind::NotLoaded);
        session.load(user, User::DOCUMENTS).await?;
        let mut lines = Vec::new();
        for d in session.view(user).documents()? {
            lines.push(format!("{} {}", d.title, d.owner()?.email));
        }
        assert_eq!(lines, ["Q1 Report sam@uae.dev", "Q2 Report sam@uae.dev", "Plan sam@uae.dev"]);
        session.max_queries(0);
        assert!(session.load(user, User::DOCUMENTS).await.is_ok(), "what is loaded costs nothing");
    }

    async fn objects_are_changed_in_a_loop_and_two_at_once(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        for doc in session.scalars(select(Document).order_by(Document::ID)).all_mut().await? {
            doc.title.push('!');
        }
        let (a, b) = (session.get_one::<Document>(1).await?, session.get_one::<Document>(2).await?);
        session[a].title = session[b].title.clone();
        let (x, y) = session.pair_mut(a, b);
        std::mem::swap(&mut x.body, &mut y.body);
        session.commit().await?;
        assert_eq!(session[a].title, "Q2 Report!");
    }

    async fn a_foreign_key_may_be_set_to_a_key_that_does_not_exist_yet(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let doc = session.get_one::<Document>(1).await?;
        let user = session.add(User::builder().email("new@b.com"));
        assert_eq!(session.key(user), None);
        session[doc].owner_id = session[user].id;
        session.commit().await?;
        assert_eq!(session[doc].owner_id, session[user].id);
    }

    async fn structs_are_streamed_without_being_tracked(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let mut chunks = session.stream(select(Chunk).order_by(Chunk::ID));
        let mut ids = Vec::new();
        while let Some(chunk) = chunks.next().await? {
            ids.push(chunk.id);
        }
        assert_eq!(ids, [1, 2, 3, 4, 5, 6]);
    }
}
