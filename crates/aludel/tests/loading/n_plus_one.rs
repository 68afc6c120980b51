//! The N+1 detector: one line that reads object by object what one statement could read.

use aludel::prelude::*;
use aludel::{NPlusOne, SessionOptions};
use aludel_suite::{Db, on_each_database, refused};

use crate::models::*;

fn strict(options: SessionOptions) -> SessionOptions {
    options.n_plus_one(NPlusOne::Raise).single_reads(2)
}

/// Lines of their own, whoever calls them.
async fn load_comments(session: &mut Session, post: Obj<Post>) -> aludel::Result<()> {
    session.load(post, Post::COMMENTS).await
}

async fn load_tags(session: &mut Session, post: Obj<Post>) -> aludel::Result<()> {
    session.load(post, Post::TAGS).await
}

on_each_database! {
    async fn a_line_that_loads_object_by_object_is_named_with_the_cure(db: Db) {
        filled(&db).await?;
        let mut session = db.engine.session_with(strict);
        let posts = session.scalars(select(Post).order_by(Post::ID)).all().await?;
        load_comments(&mut session, posts[0]).await?;
        load_comments(&mut session, posts[1]).await?;
        let before = session.query_count();
        let error = refused(load_comments(&mut session, posts[2]).await, ErrorKind::State).to_string();
        assert_eq!(session.query_count(), before, "nothing was sent");
        for part in [
            "N+1: `Post.comments` is loaded for one object after the other, 3 times at",
            "loading/n_plus_one.rs:",
            "select(Post).options(selectinload(Post::COMMENTS))",
            "session.load_all(objects, Post::COMMENTS)",
        ] {
            assert!(error.contains(part), "{error}");
        }
        // Another line, and what was said to be done, are fine.
        load_tags(&mut session, posts[2]).await?;
        session.load_all(posts, Post::COMMENTS).await?;
    }

    async fn what_comes_from_memory_does_not_count(db: Db) {
        filled(&db).await?;
        let mut session = db.engine.session_with(strict);
        let posts = session.scalars(select(Post).order_by(Post::ID).options(selectinload(Post::COMMENTS))).all().await?;
        for _ in 0..3 {
            for post in &posts {
                load_comments(&mut session, *post).await?;
                let id = session[*post].id;
                session.get_one::<Post>(id).await?;
            }
        }
        assert_eq!(session.query_count(), 2);
    }

    async fn a_line_that_reads_by_key_is_named_with_the_cure(db: Db) {
        filled(&db).await?;
        let mut session = db.engine.session_with(strict);
        let mut failed = None;
        for id in [1_i64, 2, 3] {
            failed = session.get::<Post>(id).await.err();
        }
        let error = failed.expect("the third is one too many").to_string();
        assert!(error.contains("N+1: Post is read by key, one object after the other, 3 times at"), "{error}");
        assert!(error.contains("`select(Post).filter(Post::ID.in_(keys))`"), "{error}");
    }

    async fn each_transaction_begins_to_count_anew(db: Db) {
        filled(&db).await?;
        let mut session = db.engine.session_with(strict);
        for id in [1_i64, 2, 3, 1, 2, 3] {
            session.get_one::<Post>(id).for_update().await?;
            session.commit().await?;
        }
        for id in [1_i64, 2, 3] {
            session.get_one::<Post>(id).for_update().await?;
            session.rollback().await?;
        }
    }

    async fn a_session_that_does_not_look_lets_it_be(db: Db) {
        filled(&db).await?;
        let mut session = db.engine.session_with(|o| strict(o).n_plus_one(NPlusOne::Off));
        for post in session.scalars(select(Post)).all().await? {
            load_comments(&mut session, post).await?;
        }
        assert_eq!(session.query_count(), 4);
    }
}

#[test]
fn it_warns_unless_this_is_a_release_build() {
    assert_eq!(NPlusOne::default(), if cfg!(debug_assertions) { NPlusOne::Warn } else { NPlusOne::Off });
}
