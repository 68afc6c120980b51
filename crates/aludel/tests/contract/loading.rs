//! Loader strategies.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};

use crate::models::{Chunk, Document, User, fill};

on_each_database! {
    async fn selectinload_nests(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let stmt = select(User).options(selectinload(User::DOCUMENTS).then(selectinload(Document::TAGS)));
        let users = session.scalars(stmt.order_by(User::ID)).all().await?;
        let document = session.view(users[0]).documents()?.next().unwrap();
        assert_eq!(document.tags()?.count(), 2);
        assert_eq!(session.query_count(), 3);
    }

    async fn a_loader_filters_orders_and_limits_per_parent(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let newest = selectinload(Document::CHUNKS).filter(Chunk::TEXT.ne("")).order_by(Chunk::ID.desc()).limit(1);
        let docs = session.scalars(select(Document).options(newest).order_by(Document::ID)).all().await?;
        for doc in docs {
            let texts: Vec<_> = session.view(doc).chunks()?.map(|it| it.text.clone()).collect();
            assert_eq!(texts, ["two"]);
            assert!(session[doc].chunks.is_partial());
        }
    }

    async fn joinedload_is_one_statement_and_shows_no_duplicates(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let stmt = select(Document).options(joinedload(Document::OWNER)).order_by(Document::ID);
        let docs = session.scalars(stmt).all().await?;
        assert_eq!(session.view(docs[0]).owner()?.email, "sam@uae.dev");
        assert_eq!(session.query_count(), 1);
        let users = session.scalars(select(User).options(joinedload(User::DOCUMENTS)).order_by(User::ID)).all().await?;
        assert_eq!(users.len(), 2);
        assert_eq!(session.view(users[0]).documents()?.count(), 3);
    }
}
