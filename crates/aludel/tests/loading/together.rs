//! Statements of a session that go together, `load_all`, and how often the session waits for the database.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};
use aludel_testing::proxy::Proxy;

use crate::models::*;

on_each_database! {
    async fn load_all_is_one_statement_for_all_that_lack_the_relation(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let posts = session.scalars(select(Post).order_by(Post::ID)).all().await?;
        session.load(posts[0], Post::COMMENTS).await?;
        let before = session.query_count();
        session.load_all(posts.iter().copied(), Post::COMMENTS).await?;
        session.load_all(posts.iter().copied(), Post::TAGS).await?;
        session.load_all(posts.iter().copied(), Post::AUTHOR).await?;
        assert_eq!(session.query_count() - before, 3);
        session.load_all(posts.iter().copied(), Post::TAGS).await?;
        session.load_all([], Post::TAGS).await?;
        assert_eq!(session.query_count() - before, 3, "all of it is here");
        assert_eq!(bodies(&session, posts[0])?.len(), 5);
        assert_eq!(tag_names(&session, posts[1])?, ["b"]);
    }

    async fn statements_of_a_session_are_asked_together(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let (posts, pairs, newest, count, none, text) = session
            .together((
                select(Post).order_by(Post::ID).scalars(),
                select((Comment, Comment::LIKES)).filter(Comment::LIKES.ge(3)).order_by(Comment::ID),
                select(Post).order_by(Post::ID.desc()).scalars().first(),
                select(func::count(Comment::ID)).scalar(),
                select(Post).filter(Post::TITLE.eq("nine")).scalars().one_or_none(),
                text!("SELECT count(*) AS n FROM tags"),
            ))
            .await?;
        assert_eq!(session.query_count(), 6);
        assert_eq!(newest, Some(posts[2]), "a row is one object, whichever statement shows it");
        assert_eq!(pairs.iter().map(|(comment, likes)| (session[*comment].body.as_str(), *likes)).collect::<Vec<_>>(), [("one 3", 3), ("one 4", 4)]);
        assert_eq!((count, none, text[0].get::<i64>("n")?), (6, None, 3));

        let titles = ["two", "one"].map(|it| select(Post).filter(Post::TITLE.eq(it)).scalars().one());
        assert_eq!(session.together(Vec::from(titles)).await?, [posts[1], posts[0]]);
        refused(session.together((select(Post).scalars().one(), select(User))).await, ErrorKind::MultipleFound);
    }

    async fn what_is_changed_together_is_in_the_transaction_and_ages_what_is_here(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let post = session.get_one::<Post>(1).await?;
        let ann = session[post].author_id;
        session[post].title = "first".into();
        let (changed, seen) = session
            .together((
                update(Post).filter(Post::TITLE.eq("first")).set(Post::TITLE, "1st"),
                select(Post).filter(Post::AUTHOR_ID.eq(ann)).order_by(Post::ID).scalars(),
            ))
            .await?;
        assert_eq!(changed.rows_affected, 1, "what was pending was flushed before");
        assert_eq!((seen[0], session[post].title.as_str()), (post, "first"));
        session.get_one::<Post>(1).populate_existing().await?;
        assert_eq!(session[post].title, "1st");
        session.rollback().await?;
        assert_eq!(db.value::<String>("SELECT title FROM posts WHERE id = 1").await?, "one");
    }

    async fn the_loaders_of_statements_that_go_together_go_together(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let (posts, users) = session
            .together((
                select(Post).order_by(Post::ID).options(selectinload(Post::COMMENTS)).options(joinedload(Post::EDITOR)),
                select(User).order_by(User::ID).options(selectinload(User::POSTS).then(selectinload(Post::TAGS))),
            ))
            .await?;
        assert_eq!(session.query_count(), 5);
        assert_eq!(bodies(&session, posts[0].0)?.len(), 5);
        assert!(session.view(posts[0].0).editor()?.is_some_and(|it| it.name == "Bob"));
        assert_eq!(session.view(users[0].0).posts()?.map(|it| it.tags().map(Iterator::count)).collect::<aludel::Result<Vec<_>>>()?, [3, 1, 0]);
    }

    #[only(postgres, "its protocol sends a batch as one message")]
    async fn the_statements_of_a_level_are_one_round_trip(db: Db) {
        filled(&db).await?;
        let proxy = Proxy::start(db.database, &db.url).await;
        let engine = Engine::builder(&proxy.url()).build()?;
        let everything = || {
            select(Post)
                .order_by(Post::ID)
                .options(selectinload(Post::AUTHOR).then(selectinload(User::PROFILE)))
                .options(selectinload(Post::COMMENTS).then(selectinload(Comment::WRITER)))
                .options(selectinload(Post::TAGS))
        };
        let three = || (select(User).scalars(), select(Tag).scalars(), select(func::count(Post::ID)).scalar());
        let mut session = engine.session();
        // Connecting and preparing have round trips of their own.
        session.scalars(everything()).all().await?;
        session.together(three()).await?;
        session.reset().await?;
        let before = proxy.round_trips();
        session.scalars(everything()).all().await?;
        assert_eq!((session.query_count(), proxy.round_trips() - before), (6, 3), "six statements on three levels");
        session.together(three()).await?;
        assert_eq!(proxy.round_trips() - before, 4);
    }
}
