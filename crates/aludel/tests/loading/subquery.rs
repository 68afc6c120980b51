//! `subqueryload`: one statement for each relation, which repeats the one before.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};

use crate::log::texts;
use crate::models::*;

on_each_database! {
    async fn the_statement_repeats_the_conditions_and_holds_no_key(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let stmt = select(Post).filter(Post::TITLE.ne("two")).order_by(Post::ID).options(subqueryload(Post::COMMENTS));
        let sent = texts(session.scalars(stmt).all()).await?;
        let title = db.pick("?1", "$1", "?");
        assert_eq!(sent[1..], [format!(
            "SELECT comments.id, comments.body, comments.likes, comments.post_id, comments.writer_id, parents.id \
             FROM (SELECT DISTINCT posts.id FROM posts WHERE posts.title <> {title}) AS parents \
             LEFT JOIN comments ON comments.post_id = parents.id"
        )]);
    }

    async fn a_limit_is_repeated_with_its_order(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let stmt = select(Post).order_by(Post::ID.desc()).limit(2).options(subqueryload(Post::COMMENTS));
        let found = session.scalars(stmt).all().await?;
        assert_eq!(session.query_count(), 2);
        assert_eq!(bodies(&session, found[0])?, ["three 0"]);
        assert_eq!(bodies(&session, found[1])?, [""; 0]);
    }

    async fn a_limit_counts_no_ties_to_objects_that_are_not_wanted(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let light = subqueryload(Post::TAGS).filter(Tag::WEIGHT.lt(3)).limit(1);
        let found = session.scalars(select(Post).order_by(Post::ID).options(light)).all().await?;
        // The first post has the tag `a` too, whose weight is 3.
        for (post, tags) in found.into_iter().zip([&["b"][..], &["b"], &[]]) {
            assert_eq!(tag_names(&session, post)?, tags);
        }
    }

    async fn joins_that_show_a_parent_twice_do_no_harm(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let stmt = select(Post).join(Post::TAGS).order_by((Post::ID, Tag::NAME)).limit(3).options(subqueryload(Post::COMMENTS));
        let found = session.scalars(stmt).all().await?;
        assert_eq!(found.len(), 3, "a row for each tag");
        assert_eq!(bodies(&session, found[0])?.len(), 5);
    }

    async fn a_relation_to_itself_is_repeated_too(db: Db) {
        db.create(&blog()).await?;
        let mut session = db.session();
        let leaf = Folder::builder().name("leaf");
        session.add(Folder::builder().name("root").children([Folder::builder().name("inner").children([leaf])]));
        session.commit().await?;
        let mut session = db.session();
        let stmt = select(Folder).filter(Folder::PARENT_ID.is_null()).options(subqueryload(Folder::CHILDREN).depth(2));
        let root = session.scalars(stmt).one().await?;
        let inner = session.view(root).children()?.next().expect("there is one");
        assert_eq!(inner.children()?.map(|it| it.name.clone()).collect::<Vec<_>>(), ["leaf"]);
    }

    async fn groups_distinct_rows_and_locks_are_loaded_by_key(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let stmt = select(Post).distinct().order_by(Post::ID).options(subqueryload(Post::COMMENTS));
        let sent = texts(session.scalars(stmt).all()).await?;
        assert!(!sent[1].contains("parents"), "{sent:?}");
        let post = session.get_one::<Post>(1).options(subqueryload(Post::TAGS)).await?;
        assert_eq!(tag_names(&session, post)?, ["a", "b", "c"]);
    }
}

/// Turns each post that a statement reads into one that its conditions do not find any more: what another transaction may do between
/// the two statements of a `subqueryload`.
struct Renamed(String);

impl aludel::events::Listener for Renamed {
    fn statement(&self, event: &aludel::events::StatementEvent<'_>) {
        if event.sql.starts_with("SELECT posts.id") {
            let url = self.0.clone();
            let rename = move || {
                let runtime =
                    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                runtime.block_on(async {
                    let engine = Engine::builder(&url).build().expect("the URL is right");
                    let mut other = engine.connect().await.expect("there is a connection");
                    other
                        .run_plain(&["UPDATE posts SET title = 'gone' WHERE title = 'one'"])
                        .await
                        .expect("it runs");
                });
            };
            std::thread::spawn(rename).join().expect("it does not panic");
        }
    }
}

on_each_database! {
    async fn parents_that_are_not_found_any_more_are_asked_for_by_their_keys(db: Db) {
        filled(&db).await?;
        let engine = db.builder().listen(Renamed(db.url.clone())).build()?;
        let mut session = engine.session();
        let stmt = select(Post).filter(Post::TITLE.ne("gone")).order_by(Post::ID).options(subqueryload(Post::COMMENTS));
        // Alone it would take the other statement along.
        let (found,) = session.together((stmt.scalars(),)).await?;
        assert_eq!(session[found[0]].title, "one");
        assert_eq!(bodies(&session, found[0])?.len(), 5);
        assert_eq!(bodies(&session, found[2])?, ["three 0"]);
        assert_eq!(session.query_count(), 3);
    }
}
