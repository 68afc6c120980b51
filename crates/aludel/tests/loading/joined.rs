//! `joinedload`: a relation in the rows of the statement that loads the parents.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

use crate::log::texts;
use crate::models::*;

/// The titles of posts.
fn titles(session: &Session, posts: &[Obj<Post>]) -> Vec<String> {
    posts.iter().map(|it| session[*it].title.clone()).collect()
}

on_each_database! {
    async fn to_one_is_one_statement(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let stmt = select(Post).order_by(Post::ID).options(joinedload(Post::AUTHOR).then(joinedload(User::PROFILE)))
            .options(joinedload(Post::EDITOR).then(joinedload(User::PROFILE)));
        let sent = texts(async {
            let posts = session.scalars(stmt).all().await?;
            let post = session.view(posts[2]);
            assert_eq!(post.author()?.name, "Ann");
            assert_eq!(post.author()?.profile()?.expect("Ann has one").bio, "Writes.");
            let editor = post.editor()?.expect("Bob is the editor");
            assert_eq!(editor.name, "Bob");
            assert!(editor.profile()?.is_none());
            Ok(())
        }).await?;
        assert_eq!(sent.len(), 1);
        assert!(sent[0].ends_with(
            " FROM posts LEFT JOIN users AS users_1 ON posts.author_id = users_1.id \
             LEFT JOIN profiles AS profiles_1 ON users_1.id = profiles_1.user_id \
             LEFT JOIN users AS users_2 ON posts.editor_id = users_2.id \
             LEFT JOIN profiles AS profiles_2 ON users_2.id = profiles_2.user_id ORDER BY posts.id"
        ), "{sent:?}");
    }

    async fn several_options_are_a_tuple(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let options = (joinedload(Post::AUTHOR), (selectinload(Post::COMMENTS), selectinload(Post::TAGS)));
        let posts = session.scalars(select(Post).order_by(Post::ID).options(options)).all().await?;
        let post = session.view(posts[0]);
        assert_eq!((post.author()?.name.as_str(), post.comments()?.count(), post.tags()?.count()), ("Ann", 5, 3));
        assert_eq!(session.query_count(), 3);
    }

    async fn a_parent_comes_once_however_many_rows_it_has(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let posts = session.scalars(select(Post).order_by(Post::TITLE).options(joinedload(Post::COMMENTS))).all().await?;
        assert_eq!(session.query_count(), 1);
        assert_eq!(titles(&session, &posts), ["one", "three", "two"]);
        assert_eq!(bodies(&session, posts[0])?, ["one 0", "one 1", "one 2", "one 3", "one 4"]);
        assert_eq!(bodies(&session, posts[2])?, [""; 0]);
        assert!(!session[posts[0]].comments.is_partial());
        let comment = session[posts[0]].comments.handles().expect("they are loaded")[0];
        assert_eq!(session[comment].post.handle(), Some(posts[0]), "the other side is loaded as well");
    }

    async fn rows_of_several_items_come_once_as_well(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let stmt = select((Post::TITLE, Post)).order_by(Post::ID).options(joinedload(Post::TAGS));
        let rows = session.execute(stmt).all().await?;
        assert_eq!(session.query_count(), 1);
        let names: Vec<_> = rows.iter().map(|(title, post)| Ok((title.as_str(), tag_names(&session, *post)?))).collect::<aludel::Result<_>>()?;
        let abc = ["a", "b", "c"].map(str::to_owned).to_vec();
        assert_eq!(names, [("one", abc), ("two", vec!["b".into()]), ("three", vec![])]);
    }

    async fn a_limit_counts_parents(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let stmt = select(Post).order_by(Post::ID).limit(2).options(joinedload(Post::COMMENTS)).options(joinedload(Post::AUTHOR));
        let posts = session.scalars(stmt).all().await?;
        assert_eq!(titles(&session, &posts), ["one", "two"]);
        assert_eq!(session.query_count(), 2, "the author is joined, the comments are not");
        assert_eq!(bodies(&session, posts[0])?.len(), 5);
        let stmt = select(Post).order_by(Post::ID).offset(2).options(joinedload(Post::COMMENTS));
        let posts = session.scalars(stmt).all().await?;
        assert_eq!(titles(&session, &posts), ["three"]);
        // `first` and `one` limit the rows, too.
        let stmt = || select(Post).order_by(Post::ID).options(joinedload(Post::COMMENTS));
        let first = session.scalars(stmt()).first().await?.expect("a post");
        assert_eq!(bodies(&session, first)?.len(), 5);
        let one = session.scalars(stmt().filter(Post::TITLE.eq("one"))).one().await?;
        assert_eq!(bodies(&session, one)?.len(), 5);
        refused(session.scalars(stmt()).one().await, ErrorKind::MultipleFound);
    }

    async fn distinct_groups_and_joins_mean_what_they_mean_without_it(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let both = |stmt: aludel::Select<_>| stmt.options(joinedload(User::POSTS)).options(joinedload(User::PROFILE));
        let joined = both(select(User).join(User::POSTS).order_by(Post::ID));
        let rows = session.scalars(joined).all().await?;
        assert_eq!(rows.len(), 3, "as many rows as the program's own join has");
        let distinct = both(select(User).join(User::POSTS).distinct());
        let rows = session.scalars(distinct).all().await?;
        assert_eq!(rows.len(), 1);
        assert_eq!(session.view(rows[0]).posts()?.count(), 3);
        let grouped = select((User, func::count(Post::ID))).outer_join(User::POSTS).group_by(User::ID).order_by(User::ID);
        let grouped = grouped.options(joinedload(User::POSTS)).options(joinedload(User::PROFILE));
        let rows = session.execute(grouped).all().await?;
        assert_eq!(rows.iter().map(|(_, posts)| *posts).collect::<Vec<_>>(), [3, 0]);
        for (user, posts) in rows {
            assert_eq!(session.view(user).posts()?.count() as i64, posts);
            assert_eq!(session.view(user).profile()?.is_some(), posts == 3);
        }
    }

    #[except(sqlite, "a writer locks the whole database there")]
    async fn locked_rows_are_those_of_the_parents(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let stmt = select(Post).filter(Post::TITLE.eq("one")).for_update().options(joinedload(Post::AUTHOR));
        let post = session.scalars(stmt).one().await?;
        assert_eq!(session.view(post).author()?.name, "Ann");
        assert_eq!(session.query_count(), 2);
    }

    async fn collections_beside_each_other_are_not_multiplied(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let stmt = select(Post).order_by(Post::ID).options(joinedload(Post::COMMENTS)).options(joinedload(Post::TAGS));
        let posts = session.scalars(stmt).all().await?;
        assert_eq!(session.query_count(), 2);
        assert_eq!(bodies(&session, posts[0])?.len(), 5);
        assert_eq!(tag_names(&session, posts[0])?, ["a", "b", "c"]);
    }

    async fn collections_within_collections_are_one_statement(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let comments = joinedload(Post::COMMENTS).then(joinedload(Comment::WRITER)).then(selectinload(Comment::POST));
        let stmt = select(User).order_by(User::ID).options(joinedload(User::POSTS).then(comments));
        let users = session.scalars(stmt).all().await?;
        assert_eq!(users.len(), 2);
        assert_eq!(session.query_count(), 1, "the posts of the comments are here");
        let posts = session[users[0]].posts.handles().expect("they are loaded");
        assert_eq!(titles(&session, &posts), ["one", "two", "three"]);
        assert_eq!(bodies(&session, posts[0])?, ["one 0", "one 1", "one 2", "one 3", "one 4"]);
        let comment = session.view(posts[0]).comments()?.nth(2).expect("the third comment");
        assert_eq!(comment.writer()?.expect("Bob").name, "Bob");
        assert_eq!(comment.post()?.title, "one");
        assert_eq!(session.view(users[1]).posts()?.count(), 0);
    }

    async fn a_loader_behind_a_statement_of_its_own_is_joined_there(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let comments = selectinload(Post::COMMENTS).order_by(Comment::LIKES.desc()).limit(2).then(joinedload(Comment::WRITER));
        let stmt = select(Post).order_by(Post::ID).options(comments).options(selectinload(Post::TAGS).then(joinedload(Tag::POSTS)));
        let posts = session.scalars(stmt).all().await?;
        assert_eq!(session.query_count(), 3);
        let writers: Vec<_> = session.view(posts[0]).comments()?
            .map(|it| Ok((it.likes, it.writer()?.map(|it| it.name.clone())))).collect::<aludel::Result<_>>()?;
        assert_eq!(writers, [(4, Some("Bob".to_owned())), (3, None)]);
        let of_tag: Vec<_> = session.view(posts[0]).tags()?.map(|it| it.posts().map(|it| it.count())).collect::<Result<_, _>>()?;
        assert_eq!(of_tag, [1, 2, 1]);
    }

    async fn conditions_and_order_travel_with_the_join(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let liked = joinedload(Post::COMMENTS).filter(Comment::LIKES.gt(1)).order_by(Comment::LIKES.desc());
        let posts = session.scalars(select(Post).options(liked)).all().await?;
        assert_eq!(session.query_count(), 1);
        assert_eq!(titles(&session, &posts), ["one", "two", "three"]);
        assert_eq!(bodies(&session, posts[0])?, ["one 4", "one 3", "one 2"]);
        assert_eq!(bodies(&session, posts[2])?, [""; 0], "a post without such a comment is there all the same");
        assert!(session[posts[0]].comments.is_partial());
        // What cannot be said in the join is said in a statement of its own.
        for special in [
            joinedload(Post::COMMENTS).filter(Comment::LIKES.gt(1).and(exists(select(User::ID)))),
            joinedload(Post::COMMENTS).order_by(Comment::LIKES.desc()).limit(3),
        ] {
            let before = session.query_count();
            let posts = session.scalars(select(Post).order_by(Post::ID).options(special)).all().await?;
            assert_eq!(session.query_count() - before, 2);
            assert_eq!(bodies(&session, posts[0])?.len(), 3);
        }
        let light = joinedload(Post::TAGS).filter(Tag::WEIGHT.lt(3));
        let posts = session.scalars(select(Post).order_by(Post::ID).options(light)).all().await?;
        assert_eq!(tag_names(&session, posts[0])?, ["b", "c"]);
    }

    async fn a_relation_to_itself_is_joined_to_a_depth(db: Db) {
        db.create(&blog()).await?;
        let mut session = db.session();
        let mut folder = session.add(Folder::builder().name("0"));
        for n in 1..30 {
            folder = session.add(Folder::builder().name(n.to_string()).parent(folder));
        }
        session.commit().await?;
        let leaf = session[folder].id;
        let mut session = db.session();
        let up = |levels| select(Folder).filter(Folder::ID.eq(leaf)).options(joinedload(Folder::PARENT).depth(levels));
        let mut folder = session.scalars(up(3)).one().await?;
        assert_eq!(session.query_count(), 1);
        for n in (26..29).rev() {
            folder = session[folder].parent.handle().expect("a folder");
            assert_eq!(session[folder].name, n.to_string());
        }
        assert!(!session[folder].parent.is_loaded());
        // More joins than a statement should have.
        let mut session = db.session();
        let mut folder = session.scalars(up(u32::MAX)).one().await?;
        while let Some(parent) = session.view(folder).parent()?.map(|it| it.id) {
            folder = session[folder].parent.handle().expect("a folder");
            assert_eq!(session[folder].id, parent);
        }
        assert_eq!(session[folder].name, "0");
    }

    async fn what_the_program_changed_is_not_undone_by_rows(db: Db) {
        filled(&db).await?;
        let mut session = db.engine.session_with(|o| o.autoflush(false));
        let posts = session.scalars(select(Post).order_by(Post::ID).options(joinedload(Post::COMMENTS))).all().await?;
        let comment = session[posts[0]].comments.handles().expect("they are loaded")[0];
        session[comment].post_id = session[posts[1]].id;
        session.scalars(select(Post).options(joinedload(Post::COMMENTS))).all().await?;
        assert_eq!(session.view(posts[0]).comments()?.count(), 4);
    }

    async fn an_option_about_what_is_not_selected_is_an_error(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let error = refused(session.scalars(select(Post).options(joinedload(Comment::WRITER))).all().await, ErrorKind::Compile);
        assert_eq!(error.what(), "an option loads `Comment.writer`, but the statement selects no Comment");
        assert_eq!(session.query_count(), 0);
    }
}
