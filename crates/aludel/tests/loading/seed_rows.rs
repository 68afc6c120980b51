//! What well-known courses ask of loading, each by the number of its row: the sentence is in `PARITY.md`.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

use crate::counted::Counted;
use crate::log::texts;
use crate::models::*;

/// So many users, each with two posts.
async fn writers(db: &Db, count: usize) -> aludel::Result<()> {
    db.create(&blog()).await?;
    let mut session = db.session();
    for n in 0..count {
        let user = session.add(User::builder().name(format!("user {n}")));
        (0..2).for_each(|at| _ = session.add(Post::builder().title(format!("{n}.{at}")).author(user)));
    }
    session.commit().await
}

on_each_database! {
    async fn s18_a_hundred_users_in_a_loop_are_a_hundred_statements_more_and_selectinload_is_one(db: Db) {
        writers(&db, 100).await?;
        let mut session = db.session();
        let mut posts = 0;
        for user in session.scalars(select(User)).all().await? {
            session.load(user, User::POSTS).await?;
            posts += session.view(user).posts()?.count();
        }
        assert_eq!((session.query_count(), posts), (1 + 100, 200));

        let mut session = db.session();
        let users = session.scalars(select(User).options(selectinload(User::POSTS))).all().await?;
        let mut posts = 0;
        for user in users {
            posts += session.view(user).posts()?.count();
        }
        assert_eq!((session.query_count(), posts), (1 + 1, 200));
    }

    async fn s35_selectinload_is_a_statement_with_in_and_joinedload_one_join(db: Db) {
        writers(&db, 3).await?;
        let mut session = db.session();
        let sent = texts(session.scalars(select(User).options(selectinload(User::POSTS))).all()).await?;
        let list = db.pick("posts.author_id IN (", "posts.author_id = ANY(", "posts.author_id IN (");
        assert_eq!(sent.len(), 2);
        assert!(sent[1].contains(list) && !sent[1].contains("JOIN"), "{sent:?}");

        let mut session = db.session();
        let all = select(Post).order_by(Post::ID).options(joinedload(Post::AUTHOR));
        let sent = texts(session.scalars(all.clone()).all()).await?;
        assert!(sent.len() == 1 && sent[0].matches("JOIN").count() == 1, "{sent:?}");
        let posts = session.scalars(all).all().await?;
        assert_eq!(session.view(posts[5]).author()?.name, "user 2");
    }

    async fn s36_subqueryload_repeats_the_statement_and_what_is_to_be_raised_is_never_loaded(db: Db) {
        writers(&db, 3).await?;
        let first = || select(User).filter(User::NAME.ne("user 0")).order_by(User::ID);
        let mut session = db.session();
        let sent = texts(session.scalars(first().options(subqueryload(User::POSTS))).all()).await?;
        assert!(sent.len() == 2 && sent[1].matches("SELECT").count() == 2 && sent[1].contains("users.name"), "{sent:?}");
        let users = session.scalars(first().options(subqueryload(User::POSTS))).all().await?;
        assert_eq!(session.view(users[1]).posts()?.map(|it| it.title.clone()).collect::<Vec<_>>(), ["2.0", "2.1"]);

        let mut session = db.session();
        let users = session.scalars(first().options(raiseload(User::POSTS))).all().await?;
        let before = session.query_count();
        for user in users {
            refused(session.view(user).posts().map(|_| ()), ErrorKind::NotLoaded);
        }
        assert_eq!(session.query_count(), before);
    }

    async fn s37_a_joined_collection_repeats_its_parent_in_each_row_and_a_statement_of_its_own_does_not(db: Db) {
        writers(&db, 4).await?;
        db.run("INSERT INTO posts (title, author_id) SELECT title, author_id FROM posts WHERE author_id = 1").await?;
        let (engine, counted) = Counted::engine(&db)?;
        let users = || select(User).order_by(User::ID);
        let mut titles = Vec::new();
        for (statement, sent) in [
            // Four users and ten posts.
            (users().options(selectinload(User::POSTS)), (2, 4 + 10)),
            (users().options(subqueryload(User::POSTS)), (2, 4 + 10)),
            // Ten rows, in each of which a user stands once more.
            (users().options(joinedload(User::POSTS)), (1, 10)),
        ] {
            let mut session = engine.session();
            counted.take();
            let found = session.scalars(statement).all().await?;
            assert_eq!(counted.take(), sent);
            assert_eq!(found.len(), 4, "a user comes once");
            let of_first = session.view(found[0]).posts()?;
            titles.push(of_first.map(|it| it.title.clone()).collect::<Vec<_>>());
        }
        assert_eq!((titles[0].len(), &titles[0], &titles[0]), (4, &titles[1], &titles[2]));
    }
}
