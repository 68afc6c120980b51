//! `selectinload`: one statement for each relation, whatever the number of parents.

use aludel::prelude::*;
use aludel_suite::{Database, Db, on_each_database, refused};

use crate::log::texts;
use crate::models::*;

on_each_database! {
    async fn the_posts_of_a_user_are_the_rows_with_the_users_key(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let user = session.scalars(select(User).filter(User::NAME.eq("Ann")).options(selectinload(User::POSTS))).one().await?;
        let loaded: Vec<Obj<Post>> = session[user].posts.handles().expect("they are loaded").to_vec();
        let by_key = select(Post).filter(Post::AUTHOR_ID.eq(session[user].id)).order_by(Post::ID);
        assert_eq!(session.scalars(by_key).all().await?, loaded);
        let by_parent = select(Post).filter(session.with_parent(user, User::POSTS)?).order_by(Post::ID);
        assert_eq!(session.scalars(by_parent).all().await?, loaded);
        assert_eq!(loaded.len(), 3);
    }

    async fn the_key_of_a_single_parent_is_compared_and_not_looked_for_in_a_list(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let user = select(User).filter(User::NAME.eq("Ann")).options(selectinload(User::POSTS));
        let sent = texts(session.scalars(user).all()).await?;
        let only = db.pick("WHERE posts.author_id = ?1", "WHERE posts.author_id = $1", "WHERE posts.author_id = ?");
        assert!(sent[1].contains(only), "{sent:?}");
        let sent = texts(session.scalars(select(User).options(selectinload(User::POSTS))).all()).await?;
        assert!(!sent[1].contains(only), "{sent:?}");
    }

    async fn conditions_leave_objects_out(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let liked = selectinload(Post::COMMENTS).filter(Comment::LIKES.ge(1)).filter(Comment::WRITER_ID.is_not_null());
        let found = session.scalars(select(Post).order_by(Post::ID).options(liked)).all().await?;
        assert_eq!(session.query_count(), 2);
        assert_eq!(bodies(&session, found[0])?, ["one 2", "one 4"]);
        assert_eq!(bodies(&session, found[1])?, [""; 0]);
        assert_eq!(bodies(&session, found[2])?, [""; 0]);
    }

    async fn an_order_is_that_of_the_database_and_ends_with_the_key(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let ordered = selectinload(Post::COMMENTS).order_by(Comment::WRITER_ID.desc());
        let sent = texts(session.scalars(select(Post).order_by(Post::ID).options(ordered)).all()).await?;
        assert!(sent[1].ends_with(" ORDER BY comments.writer_id DESC, comments.id") || db.database != Database::Sqlite, "{sent:?}");
        let first = session.scalars(select(Post).order_by(Post::ID)).first().await?.expect("a post");
        assert_eq!(bodies(&session, first)?, ["one 0", "one 2", "one 4", "one 1", "one 3"]);
    }

    async fn a_limit_is_for_each_parent_in_one_statement(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let newest = selectinload(Post::COMMENTS).order_by(Comment::LIKES.desc()).limit(3);
        let found = session.scalars(select(Post).order_by(Post::ID).options(newest)).all().await?;
        assert_eq!(session.query_count(), 2);
        assert_eq!(bodies(&session, found[0])?, ["one 4", "one 3", "one 2"]);
        assert_eq!(bodies(&session, found[1])?, [""; 0]);
        assert_eq!(bodies(&session, found[2])?, ["three 0"]);
    }

    async fn only_the_rows_of_the_limit_come(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let two = selectinload(Post::COMMENTS).filter(Comment::LIKES.gt(0)).limit(2);
        let sent = texts(session.scalars(select(Post).order_by(Post::ID).options(two)).all()).await?;
        let keys = db.pick("IN (SELECT value FROM json_each(?1))", "= ANY($1)", "IN (?, ?, ?)");
        let [likes, place] = db.pick(["?2", "?3"], ["$2", "$3"], ["?", "?"]);
        assert_eq!(sent[1], format!(
            "WITH ranked (c1, c2, c3, c4, c5, place) AS (SELECT comments.id, comments.body, comments.likes, comments.post_id, \
             comments.writer_id, row_number() OVER (PARTITION BY comments.post_id ORDER BY comments.id) FROM comments \
             WHERE comments.post_id {keys} AND comments.likes > {likes}) \
             SELECT c1, c2, c3, c4, c5 FROM ranked WHERE place <= {place} ORDER BY place"
        ));
        let first = session.scalars(select(Post).order_by(Post::ID)).first().await?.expect("a post");
        assert_eq!(bodies(&session, first)?, ["one 1", "one 2"]);
    }

    async fn many_to_many_takes_conditions_order_and_limit(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let light = selectinload(Post::TAGS).filter(Tag::WEIGHT.lt(3)).order_by(Tag::WEIGHT);
        let found = session.scalars(select(Post).order_by(Post::ID).options(light)).all().await?;
        assert_eq!(tag_names(&session, found[0])?, ["c", "b"]);
        assert_eq!(tag_names(&session, found[1])?, ["b"]);
        let heaviest = selectinload(Post::TAGS).order_by(Tag::WEIGHT.desc()).limit(1);
        let before = session.query_count();
        let found = session.scalars(select(Post).order_by(Post::ID).options(heaviest)).all().await?;
        assert_eq!(session.query_count() - before, 2);
        assert_eq!(tag_names(&session, found[0])?, ["a"]);
        assert_eq!(tag_names(&session, found[1])?, ["b"], "the same tag may be the first of several posts");
        assert_eq!(tag_names(&session, found[2])?, [""; 0]);
    }

    async fn options_of_one_level_stand_beside_each_other(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let comments = selectinload(Post::COMMENTS).then(selectinload(Comment::WRITER).then(selectinload(User::PROFILE)));
        let author = selectinload(Post::AUTHOR).then(selectinload(User::PROFILE)).then(selectinload(User::COMMENTS));
        let stmt = select(Post).order_by(Post::ID).options(comments).options(author).options(selectinload(Post::TAGS));
        let found = session.scalars(stmt).all().await?;
        // Posts; comments, authors and tags; writers, profiles and comments of authors; profiles of writers.
        assert_eq!(session.query_count(), 8);
        let post = session.view(found[0]);
        assert_eq!(post.author()?.profile()?.expect("Ann has one").bio, "Writes.");
        assert_eq!(post.author()?.comments()?.count(), 0);
        let writers: Vec<_> = post.comments()?.map(|it| it.writer().map(|it| it.map(|it| it.name.clone()))).collect::<Result<_, _>>()?;
        assert_eq!(writers, [Some("Bob".to_owned()), None, Some("Bob".into()), None, Some("Bob".into())]);
        assert_eq!(tag_names(&session, found[0])?, ["a", "b", "c"]);
    }

    async fn the_statements_of_one_level_do_not_wait_for_each_other(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        session.max_queries(3);
        let stmt = select(Post).order_by(Post::ID).options(selectinload(Post::COMMENTS)).options(selectinload(Post::TAGS)).options(selectinload(Post::AUTHOR));
        // Nothing of a level is sent when the level is one statement too many.
        let sent = texts(async { session.scalars(stmt).all().await.map_or_else(|_| Ok(()), |_| Ok(())) }).await?;
        assert_eq!(sent.len(), 1);
    }

    async fn a_level_that_leads_to_nothing_sends_nothing(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let stmt = select(Post).order_by(Post::ID).filter(Post::TITLE.eq("two")).options(selectinload(Post::COMMENTS).then(selectinload(Comment::WRITER)));
        session.scalars(stmt).all().await?;
        assert_eq!(session.query_count(), 2);
    }

    async fn a_relation_to_itself_is_loaded_to_a_depth(db: Db) {
        db.create(&blog()).await?;
        let mut session = db.session();
        let mut folder = session.add(Folder::builder().name("0"));
        let root = folder;
        for n in 1..5 {
            folder = session.add(Folder::builder().name(n.to_string()).parent(folder));
        }
        session.commit().await?;
        let root = session[root].id;
        let mut session = db.session();
        let tree = select(Folder).filter(Folder::ID.eq(root)).options(selectinload(Folder::CHILDREN).depth(3));
        let mut folder = session.scalars(tree).one().await?;
        assert_eq!(session.query_count(), 4);
        for n in 1..=3 {
            folder = session[folder].children.handles().expect("they are loaded")[0];
            assert_eq!(session[folder].name, n.to_string());
        }
        refused(session.view(folder).children().map(|_| ()), ErrorKind::NotLoaded);
        // All levels there are: the last statement finds nothing.
        let mut session = db.session();
        let tree = select(Folder).filter(Folder::ID.eq(root)).options(selectinload(Folder::CHILDREN).depth(u32::MAX));
        session.scalars(tree).one().await?;
        assert_eq!(session.query_count(), 6);
    }

    async fn a_circle_of_objects_has_an_end(db: Db) {
        db.create(&blog()).await?;
        let mut session = db.session();
        let [a, b] = ["a", "b"].map(|name| session.add(Folder::builder().name(name)));
        session.flush().await?;
        session[a].parent.set(b);
        session[b].parent.set(a);
        session.commit().await?;
        let a = session[a].id;
        let mut session = db.session();
        let up = select(Folder).filter(Folder::ID.eq(a)).options(selectinload(Folder::PARENT).depth(u32::MAX));
        let a = session.scalars(up).one().await?;
        let b = session[a].parent.handle().expect("b");
        assert_eq!(session[b].parent.handle(), Some(a));
        assert_eq!(session.query_count(), 2);
    }

    async fn more_keys_than_a_statement_can_have_are_several_statements(db: Db) {
        db.create(&blog()).await?;
        let mut session = db.session();
        let ann = session.insert(User::builder().name("Ann")).await?;
        session.commit().await?;
        let ann = session[ann].id;
        let many = (0..17_000).map(|n| Post::builder().title(n.to_string()).author_id(ann));
        session.execute(insert(Post).values(many)).await?;
        let last: i64 = session.scalar(select(func::max(Post::ID))).await?.expect("there are posts");
        session.add(Comment::builder().body("the last").likes(0).post_id(last));
        session.commit().await?;
        let mut session = db.session();
        let found = session.scalars(select(Post).order_by(Post::ID).options(selectinload(Post::COMMENTS))).all().await?;
        assert_eq!(session.query_count(), db.pick(2, 2, 3));
        assert_eq!(bodies(&session, found[16_999])?, ["the last"]);
        assert_eq!(bodies(&session, found[0])?, [""; 0]);
    }

    async fn what_was_set_and_not_flushed_stays_when_it_is_loaded(db: Db) {
        filled(&db).await?;
        let mut session = db.engine.session_with(|o| o.autoflush(false));
        let post = session.scalars(select(Post).order_by(Post::ID)).first().await?.expect("a post");
        let bob = session.scalars(select(User).filter(User::NAME.eq("Bob"))).one().await?;
        session[post].author.set(bob);
        session.scalars(select(Post).order_by(Post::ID).options(selectinload(Post::AUTHOR))).all().await?;
        assert_eq!(session.view(post).author()?.name, "Bob");
        session.commit().await?;
        assert_eq!(session[post].author_id, session[bob].id);
    }
}
