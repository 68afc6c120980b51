//! The rows of the feature table that are about loading, each by its number: what SQLAlchemy has, shown on every database.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

use crate::models::*;

#[derive(Projection, Debug, PartialEq)]
#[projection(Post)]
struct Headline {
    title: String,
}

on_each_database! {
    async fn l1_a_relation_is_loaded_by_a_call_and_never_by_reading_it(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let post = session.get_one::<Post>(1).await?;
        refused(session.view(post).author().map(|_| ()), ErrorKind::NotLoaded);
        session.load(post, Post::AUTHOR).await?;
        session.load(post, Post::AUTHOR).await?;
        assert_eq!((&*session.view(post).author()?.name, session.query_count()), ("Ann", 2));
    }

    async fn l2_selectin_is_one_statement_more_whatever_the_number_of_parents(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let posts = session.scalars(select(Post).order_by(Post::ID).options(selectinload(Post::COMMENTS))).all().await?;
        assert_eq!((posts.len(), bodies(&session, posts[0])?.len(), session.query_count()), (3, 5, 2));
    }

    async fn l3_joined_is_one_statement_and_shows_no_parent_twice(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let all = || select(Post).order_by(Post::ID).options(joinedload(Post::COMMENTS));
        assert_eq!(session.scalars(all()).all().await?.len(), 3);
        assert_eq!(session.query_count(), 1);
        let mut session = db.session();
        let two = session.scalars(all().limit(2)).all().await?;
        assert_eq!((two.len(), bodies(&session, two[0])?.len()), (2, 5), "LIMIT counts posts");
    }

    async fn l4_subquery_repeats_the_statement(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let first = select(Post).filter(Post::TITLE.eq("one")).options(subqueryload(Post::COMMENTS));
        let found = session.scalars(first).all().await?;
        assert_eq!((bodies(&session, found[0])?.len(), session.query_count()), (5, 2));
    }

    async fn l5_what_is_not_to_be_loaded_is_an_error(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let posts = session.scalars(select(Post).options(raiseload(Post::COMMENTS))).all().await?;
        let error = refused(session.view(posts[0]).comments().map(|_| ()), ErrorKind::NotLoaded);
        assert!(error.to_string().contains("selectinload(Post::COMMENTS)"), "{error}");
    }

    async fn l6_many_objects_are_given_a_relation_right_away(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let posts = session.scalars(select(Post).order_by(Post::ID)).all().await?;
        session.load_all(posts.iter().copied(), Post::TAGS).await?;
        assert_eq!((tag_names(&session, posts[0])?.len(), session.query_count()), (3, 2));
    }

    async fn l7_a_join_of_the_program_fills_the_relation_which_knows_that_it_is_partial(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let liked = select(Post)
            .join(Post::COMMENTS)
            .filter(Comment::LIKES.gt(2))
            .order_by(Comment::ID)
            .options(contains_eager(Post::COMMENTS));
        let posts = session.scalars(liked).all().await?;
        assert_eq!((posts.len(), bodies(&session, posts[0])?, session.query_count()), (1, vec!["one 3".into(), "one 4".into()], 1));
        assert!(session[posts[0]].comments.is_partial());
    }

    async fn l8_a_projection_selects_only_its_columns(db: Db) {
        filled(&db).await?;
        let statement = select_as::<Headline>().order_by(Post::ID);
        assert_eq!(statement.to_sql(db.engine.dialect())?.0, "SELECT posts.title FROM posts ORDER BY posts.id");
        let found = db.session().scalars(statement).all().await?;
        assert_eq!(found.iter().map(|it| &*it.title).collect::<Vec<_>>(), ["one", "two", "three"]);
    }

    async fn l9_loaders_are_chained_each_with_conditions_an_order_and_a_limit(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let newest = selectinload(Post::COMMENTS)
            .filter(Comment::LIKES.gt(0))
            .order_by(Comment::LIKES.desc())
            .limit(2)
            .then(selectinload(Comment::WRITER));
        let user = select(User).filter(User::NAME.eq("Ann")).options(selectinload(User::POSTS).then(newest));
        let ann = session.scalars(user).one().await?;
        let mut lines = Vec::new();
        for post in session.view(ann).posts()? {
            for comment in post.comments()? {
                lines.push(format!("{} {:?}", comment.body, comment.writer()?.map(|it| it.name.clone())));
            }
        }
        assert_eq!(lines, ["one 4 Some(\"Bob\")", "one 3 None"]);
        assert_eq!(session.query_count(), 4, "a statement for each level");
    }
}
