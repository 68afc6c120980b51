//! Every strategy beside every other: the same objects, each in its own number of statements and rows.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};

use crate::counted::Counted;
use crate::models::*;

/// The posts with everything around them that is loaded, as text.
fn posts(session: &Session, posts: &[Obj<Post>]) -> aludel::Result<String> {
    let mut text = String::new();
    for post in posts {
        let post = session.view(*post);
        let comments: Vec<_> = post.comments()?.map(|it| it.body.clone()).collect();
        let tags: Vec<_> = post.tags()?.map(|it| it.name.clone()).collect();
        let editor = post.editor()?.map(|it| it.name.clone());
        text += &format!("{} by {} ({editor:?}): {comments:?} {tags:?}\n", post.title, post.author()?.name);
    }
    Ok(text)
}

/// The users with their profiles and comments, and the posts of those.
fn users(session: &Session, users: &[Obj<User>]) -> aludel::Result<String> {
    let mut text = String::new();
    for user in users {
        let user = session.view(*user);
        let bio = user.profile()?.map(|it| it.bio.clone());
        let comments = user.comments()?.map(|it| Ok((it.body.clone(), it.post()?.title.clone())));
        text += &format!("{}: {bio:?} {:?}\n", user.name, comments.collect::<aludel::Result<Vec<_>>>()?);
    }
    Ok(text)
}

on_each_database! {
    async fn without_an_order_objects_come_in_that_of_their_keys(db: Db) {
        filled(&db).await?;
        for tag in ["é", "d", "Z"] {
            db.run(&format!("INSERT INTO tags (name, weight) VALUES ('{tag}', 1)")).await?;
            db.run(&format!("INSERT INTO post_tag (post_id, tag_name) VALUES (1, '{tag}')")).await?;
        }
        let first = || select(Post).filter(Post::TITLE.eq("one"));
        let other = || select(Post).filter(Post::TITLE.ne("two"));
        for posts in [
            first().options(selectinload(Post::TAGS)),
            first().options(subqueryload(Post::TAGS)),
            first().options(joinedload(Post::TAGS)),
            other().options(selectinload(Post::TAGS)),
        ] {
            let mut session = db.session();
            let post = session.scalars(posts.order_by(Post::ID)).all().await?[0];
            assert_eq!(tag_names(&session, post)?, ["Z", "a", "b", "c", "d", "é"], "texts by their code points");
        }
    }

    async fn all_strategies_give_the_same_objects(db: Db) {
        filled(&db).await?;
        let (engine, counted) = Counted::engine(&db)?;
        let all = || select(Post).order_by(Post::ID);
        let everything = [
            // (statements, rows): three posts, one author, one editor, six comments, four ties to tags.
            ("selectin", (5, 3 + 1 + 1 + 6 + 4), all()
                .options(selectinload(Post::AUTHOR)).options(selectinload(Post::EDITOR))
                .options(selectinload(Post::COMMENTS)).options(selectinload(Post::TAGS))),
            // A parent without an object is a row as well: post 2 has no comments, post 3 no tags.
            ("subquery", (5, 3 + 1 + 1 + 7 + 5), all()
                .options(subqueryload(Post::AUTHOR)).options(subqueryload(Post::EDITOR))
                .options(subqueryload(Post::COMMENTS)).options(subqueryload(Post::TAGS))),
            // One collection is joined; the other would multiply its rows.
            ("joined", (2, 7 + 4), all()
                .options(joinedload(Post::AUTHOR)).options(joinedload(Post::EDITOR))
                .options(joinedload(Post::COMMENTS)).options(joinedload(Post::TAGS))),
            ("contained", (4, 7 + 4 + 1 + 1), all()
                .outer_join(Post::COMMENTS).order_by(Comment::ID)
                .options(contains_eager(Post::COMMENTS))
                .options(selectinload(Post::TAGS)).options(selectinload(Post::AUTHOR)).options(selectinload(Post::EDITOR))),
        ];
        let mut texts = Vec::new();
        for (name, sent, statement) in everything {
            let mut session = engine.session();
            counted.take();
            let found = session.scalars(statement).all().await?;
            assert_eq!(counted.take(), sent, "{name}");
            texts.push((name, posts(&session, &found)?));
        }
        let mut session = engine.session();
        let found = session.scalars(all()).all().await?;
        for post in &found {
            session.load(*post, Post::AUTHOR).await?;
            session.load(*post, Post::EDITOR).await?;
            session.load(*post, Post::COMMENTS).await?;
            session.load(*post, Post::TAGS).await?;
        }
        texts.push(("load", posts(&session, &found)?));
        let mut session = engine.session();
        let found = session.scalars(all()).all().await?;
        counted.take();
        session.load_all(found.iter().copied(), Post::AUTHOR).await?;
        session.load_all(found.iter().copied(), Post::EDITOR).await?;
        session.load_all(found.iter().copied(), Post::COMMENTS).await?;
        session.load_all(found.iter().copied(), Post::TAGS).await?;
        assert_eq!(counted.take().0, 4);
        texts.push(("load_all", posts(&session, &found)?));
        for (name, text) in &texts {
            assert_eq!(text, &texts[0].1, "{name} and {}", texts[0].0);
        }
    }

    async fn all_strategies_give_the_same_objects_two_levels_down(db: Db) {
        filled(&db).await?;
        let (engine, counted) = Counted::engine(&db)?;
        let all = || select(User).order_by(User::ID);
        let everything = [
            ("selectin", 4, all().options(selectinload(User::PROFILE)).options(selectinload(User::COMMENTS).then(selectinload(Comment::POST)))),
            ("subquery", 4, all().options(subqueryload(User::PROFILE)).options(subqueryload(User::COMMENTS).then(subqueryload(Comment::POST)))),
            ("joined", 1, all().options(joinedload(User::PROFILE)).options(joinedload(User::COMMENTS).then(joinedload(Comment::POST)))),
            ("selectin, then joined", 2, all().options(joinedload(User::PROFILE)).options(selectinload(User::COMMENTS).then(joinedload(Comment::POST)))),
            ("joined, then subquery", 2, all().options(joinedload(User::PROFILE)).options(joinedload(User::COMMENTS).then(subqueryload(Comment::POST)))),
            ("selectin, then subquery", 3, all().options(joinedload(User::PROFILE)).options(selectinload(User::COMMENTS).then(subqueryload(Comment::POST)))),
        ];
        let mut texts = Vec::new();
        for (name, statements, statement) in everything {
            let mut session = engine.session();
            counted.take();
            let found = session.scalars(statement).all().await?;
            assert_eq!(counted.take().0, statements, "{name}");
            texts.push((name, users(&session, &found)?));
        }
        for (name, text) in &texts {
            assert_eq!(text, &texts[0].1, "{name} and {}", texts[0].0);
        }
    }

    async fn conditions_order_and_limits_mean_the_same_in_every_strategy(db: Db) {
        filled(&db).await?;
        let few = |name: &str| {
            let statement = select(Post).order_by(Post::ID);
            let order = (Comment::LIKES.desc(), Comment::ID);
            match name {
                "selectin" => statement
                    .options(selectinload(Post::COMMENTS).filter(Comment::LIKES.gt(0)).order_by(order).limit(2))
                    .options(selectinload(Post::TAGS).filter(Tag::WEIGHT.ge(2)).order_by(Tag::WEIGHT)),
                "subquery" => statement
                    .options(subqueryload(Post::COMMENTS).filter(Comment::LIKES.gt(0)).order_by(order).limit(2))
                    .options(subqueryload(Post::TAGS).filter(Tag::WEIGHT.ge(2)).order_by(Tag::WEIGHT)),
                _ => statement
                    .options(joinedload(Post::COMMENTS).filter(Comment::LIKES.gt(0)).order_by(order).limit(2))
                    .options(joinedload(Post::TAGS).filter(Tag::WEIGHT.ge(2)).order_by(Tag::WEIGHT)),
            }
        };
        for name in ["selectin", "subquery", "joined"] {
            let mut session = db.session();
            let found = session.scalars(few(name)).all().await?;
            assert_eq!(bodies(&session, found[0])?, ["one 4", "one 3"], "{name}");
            assert_eq!(tag_names(&session, found[0])?, ["b", "a"], "{name}");
            assert_eq!(tag_names(&session, found[1])?, ["b"], "{name}");
            assert_eq!(bodies(&session, found[2])?, [""; 0], "{name}");
            assert!(session[found[0]].comments.is_partial() && session[found[1]].tags.is_partial(), "{name}");
        }
    }

    async fn populate_existing_reaches_the_objects_that_loaders_bring(db: Db) {
        filled(&db).await?;
        let everything = |name: &str| {
            let statement = select(Post).order_by(Post::ID);
            match name {
                "selectin" => statement.options(selectinload(Post::AUTHOR)).options(selectinload(Post::COMMENTS).then(selectinload(Comment::POST))),
                "subquery" => statement.options(subqueryload(Post::AUTHOR)).options(subqueryload(Post::COMMENTS).then(subqueryload(Comment::POST))),
                _ => statement.options(joinedload(Post::AUTHOR)).options(joinedload(Post::COMMENTS).then(joinedload(Comment::POST))),
            }
        };
        for name in ["selectin", "subquery", "joined"] {
            db.run("UPDATE comments SET body = 'old'").await?;
            db.run("UPDATE users SET name = 'old'").await?;
            let mut session = db.session();
            let found = session.scalars(everything(name)).all().await?;
            let comment = session[found[0]].comments.handles().expect("they are loaded")[0];
            let author = session[found[0]].author.handle().expect("it is loaded");
            db.run("UPDATE comments SET body = 'new'").await?;
            db.run("UPDATE users SET name = 'new'").await?;
            // What a plain query meets again stays as it is, as in the session itself.
            session.scalars(everything(name)).all().await?;
            assert_eq!((session[comment].body.as_str(), session[author].name.as_str()), ("old", "old"), "{name}");
            session.no_autoflush()[comment].likes = 77;
            let mut quiet = session.no_autoflush();
            quiet.scalars(everything(name)).populate_existing().all().await?;
            drop(quiet);
            assert_eq!((session[comment].body.as_str(), session[author].name.as_str()), ("new", "new"), "{name}");
            assert_ne!(session[comment].likes, 77, "{name}: changes that were not flushed are lost");
            // Objects that are met on several levels keep what was loaded for them.
            assert_eq!(session.view(found[0]).comments()?.count(), 5, "{name}");
            assert_eq!(session.view(comment).post()?.title, "one", "{name}");
            assert_eq!(session.view(found[0]).author()?.name, "new", "{name}");
        }
    }

    async fn the_last_option_about_a_relation_wins(db: Db) {
        filled(&db).await?;
        let first = || select(Post).filter(Post::TITLE.eq("one"));
        let in_part = || selectinload(Post::COMMENTS).limit(1);
        for (stmt, expected) in [
            (first().options(in_part()).options(joinedload(Post::COMMENTS)), Some((5, false))),
            (first().options(joinedload(Post::COMMENTS)).options(in_part()), Some((1, true))),
            (first().options(raiseload(Post::COMMENTS)).options(subqueryload(Post::COMMENTS)), Some((5, false))),
            (first().options(joinedload(Post::COMMENTS)).options(raiseload(Post::COMMENTS)), None),
        ] {
            let mut session = db.session();
            let post = session.scalars(stmt).one().await?;
            let comments = &session[post].comments;
            assert_eq!(comments.handles().map(|it| (it.len(), comments.is_partial())), expected);
        }
    }
}
