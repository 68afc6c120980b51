//! What the derive gives.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

use crate::models::{Chunk, DOCUMENT_TAG, Document, Line, Tag, User, fill};

on_each_database! {
    async fn a_foreign_key_is_given_as_a_key_an_object_or_by_nesting(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let by_key = session.add(Document::builder().title("a").body("…").owner_id(1));
        let user = session.add(User::builder().email("a@b.com"));
        let by_object = session.add(Document::builder().title("b").body("…").owner(user));
        let nested = session.add(User::builder().email("b@b.com").documents([Document::builder().title("c").body("…")]));
        session.commit().await?;
        assert_eq!(session[by_key].owner_id, 1);
        assert_eq!(session[by_object].owner_id, session[user].id);
        assert_eq!(session.view(nested).documents()?.count(), 1);

        session.add(Document::builder().title("d").body("…"));
        let error = refused(session.commit().await, ErrorKind::NotNullViolation);
        assert!(error.to_string().contains("owner_id"), "{error}");
    }

    async fn composite_keys_are_tuples(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let line = session.get::<Line>((1, 2)).await?.ok_or_else(|| Error::new(ErrorKind::NotFound, "no such line"))?;
        session[line].amount += 1;
        session.commit().await?;
        assert_eq!(session.scalar(select(func::sum(Line::AMOUNT))).await?, Some(21));
    }

    async fn tables_are_created_and_dropped(db: Db) {
        let tables = Metadata::of((User, Document, Tag, DOCUMENT_TAG, Chunk));
        db.engine.create_all(&tables).await?;
        db.engine.drop_all(&tables).await?;
        db.engine.create_all(&tables).await?;
        assert_eq!(User::table().name, "users");
        assert_eq!(db.count("chunks").await?, 0);
    }
}
