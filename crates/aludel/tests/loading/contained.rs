//! `contains_eager`: a relation from the rows of a join that the program wrote.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

use crate::models::*;

on_each_database! {
    async fn the_rows_of_a_join_fill_the_relation(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let stmt = select(Post)
            .join(Post::COMMENTS)
            .filter(Comment::LIKES.ge(3))
            .order_by((Post::ID, Comment::LIKES.desc()))
            .options(contains_eager(Post::COMMENTS));
        let posts = session.scalars(stmt).all().await?;
        assert_eq!(session.query_count(), 1);
        assert_eq!(posts.len(), 1, "each post once, and only those that the join finds");
        assert_eq!(bodies(&session, posts[0])?, ["one 4", "one 3"]);
        assert!(session[posts[0]].comments.is_partial());
    }

    async fn it_is_whole_when_nothing_is_asked_of_its_rows(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let stmt = select(Post).outer_join(Post::COMMENTS).filter(Post::ID.gt(0)).order_by(Post::ID).options(contains_eager(Post::COMMENTS));
        let posts = session.scalars(stmt).all().await?;
        assert_eq!(posts.len(), 3);
        assert!(posts.iter().all(|it| !session[*it].comments.is_partial()));
        assert_eq!(session.view(posts[1]).comments()?.count(), 0);
        // A join behind it asks something of its rows; so does a limit.
        let stmt = select(Post).join(Post::COMMENTS).join(Comment::WRITER).options(contains_eager(Post::COMMENTS));
        let posts = session.scalars(stmt).all().await?;
        assert!(session[posts[0]].comments.is_partial());
        let stmt = select(Post).join(Post::COMMENTS).order_by(Comment::ID).limit(2).options(contains_eager(Post::COMMENTS));
        let posts = session.scalars(stmt).all().await?;
        assert_eq!(bodies(&session, posts[0])?, ["one 0", "one 1"]);
        assert!(session[posts[0]].comments.is_partial());
    }

    async fn one_counts_objects_not_rows(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let stmt = || select(Post).join(Post::COMMENTS).options(contains_eager(Post::COMMENTS));
        let one = session.scalars(stmt().filter(Post::TITLE.eq("one"))).one().await?;
        assert_eq!(bodies(&session, one)?.len(), 5);
        refused(session.scalars(stmt()).one().await, ErrorKind::MultipleFound);
        let first = session.scalars(stmt().order_by(Post::ID)).first().await?.expect("a post");
        assert_eq!(bodies(&session, first)?.len(), 5);
    }

    async fn what_else_is_selected_keeps_its_rows(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let stmt = select((Post, Comment::BODY)).join(Post::COMMENTS).order_by(Comment::ID).options(contains_eager(Post::COMMENTS));
        assert_eq!(session.execute(stmt).all().await?.len(), 6);
    }

    async fn joins_under_other_names_are_named(db: Db) {
        db.create(&blog()).await?;
        let mut session = db.session();
        let root = session.add(Folder::builder().name("root"));
        let child = session.add(Folder::builder().name("child").parent(root));
        session.add(Folder::builder().name("grandchild").parent(child));
        session.commit().await?;
        let mut session = db.session();
        let (up, top) = (aludel::alias(Folder, "up"), aludel::alias(Folder, "top"));
        let stmt = || select(Folder).join(Folder::PARENT.to(up)).outer_join(up.rel(Folder::PARENT).to(top)).order_by(Folder::ID);
        let both = contains_eager(Folder::PARENT.to(up)).then(contains_eager(Folder::PARENT.to(top)));
        let folders = session.scalars(stmt().options(both)).all().await?;
        assert_eq!(session.query_count(), 1);
        let parent = session.view(folders[1]).parent()?.expect("the child");
        assert_eq!((parent.name.as_str(), parent.parent()?.expect("the root").name.as_str()), ("child", "root"));
        assert!(session.view(folders[0]).parent()?.expect("the root").parent()?.is_none());
        // Along the relation itself there is only one.
        session.scalars(stmt().options(contains_eager(Folder::PARENT))).all().await?;
    }

    async fn many_to_many_is_filled_too(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let stmt = select(Post).join(Post::TAGS).filter(Tag::NAME.ne("a")).order_by((Post::ID, Tag::NAME.desc())).options(contains_eager(Post::TAGS));
        let posts = session.scalars(stmt).all().await?;
        assert_eq!(tag_names(&session, posts[0])?, ["c", "b"], "in the order of the rows");
        assert_eq!(tag_names(&session, posts[1])?, ["b"]);
    }

    async fn a_join_that_is_missing_or_not_clear_is_an_error(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let error = refused(session.scalars(select(Post).options(contains_eager(Post::COMMENTS))).all().await, ErrorKind::Compile);
        assert_eq!(error.what(), "`contains_eager(Post::COMMENTS)` reads the rows of a join, but the statement joins no Comment");
        let (a, b) = (aludel::alias(User, "a"), aludel::alias(User, "b"));
        let stmt = select(Post).join_on(a, a.col(User::ID).eq(Post::AUTHOR_ID)).join_on(b, b.col(User::ID).eq(Post::EDITOR_ID));
        let error = refused(session.scalars(stmt.options(contains_eager(Post::AUTHOR))).all().await, ErrorKind::Compile);
        assert!(error.what().contains("cannot tell which join it is about: several lead to User"), "{error}");
        assert_eq!(session.query_count(), 0);
    }
}
