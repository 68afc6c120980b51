//! A collection that was loaded with conditions or a limit knows that it is not whole, and is never written back as if it were.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};

use crate::log::log;
use crate::models::*;

/// The first post, with one of its five comments loaded.
async fn with_one_comment(session: &mut Session) -> aludel::Result<Obj<Post>> {
    let one = selectinload(Post::COMMENTS).limit(1);
    session.scalars(select(Post).filter(Post::TITLE.eq("one")).options(one)).one().await
}

on_each_database! {
    async fn a_partial_collection_knows_it(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let post = with_one_comment(&mut session).await?;
        assert!(session[post].comments.is_loaded() && session[post].comments.is_partial());
        let all = selectinload(Post::COMMENTS).order_by(Comment::LIKES.desc());
        session.scalars(select(Post).options(all)).all().await?;
        assert!(!session[post].comments.is_partial(), "an order leaves nothing out");
        assert_eq!(session[post].comments.handles().map(|it| it.len()), Some(5));
    }

    async fn load_loads_all_of_it(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let post = with_one_comment(&mut session).await?;
        assert_eq!(bodies(&session, post)?, ["one 0"]);
        session.load(post, Post::COMMENTS).await?;
        assert_eq!(bodies(&session, post)?, ["one 0", "one 1", "one 2", "one 3", "one 4"]);
        assert!(!session[post].comments.is_partial());
    }

    async fn what_it_does_not_show_is_not_taken_for_removed(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let post = with_one_comment(&mut session).await?;
        session[post].title.push('!');
        let new = session.add(Comment::builder().body("new").likes(9));
        session[post].comments.push(new);
        assert_eq!(log(session.commit()).await?, ["INSERT INTO comments", "UPDATE posts SET title"]);
        assert_eq!(bodies(&session, post)?, ["one 0", "new"]);
        assert_eq!(db.count("comments c JOIN posts p ON p.id = c.post_id WHERE p.title = 'one!'").await?, 6);
    }

    async fn what_it_does_not_show_can_be_removed(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let light = selectinload(Post::TAGS).filter(Tag::NAME.eq("a"));
        let post = session.scalars(select(Post).filter(Post::TITLE.eq("one")).options(light)).one().await?;
        let c = session.get_one::<Tag>("c").await?;
        session[post].tags.remove(c);
        assert_eq!(log(session.commit()).await?, ["DELETE FROM post_tag"]);
        assert_eq!(db.count("post_tag").await?, 3);
    }

    async fn a_cascade_reaches_what_it_does_not_show(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let post = with_one_comment(&mut session).await?;
        session.delete(post);
        session.commit().await?;
        assert_eq!(db.count("comments").await?, 1, "that of another post");
    }

    async fn a_rollback_brings_back_what_was_known_before(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let post = with_one_comment(&mut session).await?;
        let mut nested = session.begin_nested().await?;
        nested.load(post, Post::COMMENTS).await?;
        assert!(!nested[post].comments.is_partial());
        nested.rollback().await?;
        assert!(session[post].comments.is_partial());
        assert_eq!(bodies(&session, post)?, ["one 0"]);
    }
}
