//! What a relation says of itself: its order, whether it is written or read, and when it is loaded.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};

use crate::log::log;

#[derive(Entity, Debug)]
#[entity(table = "posts")]
pub struct Post {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub title: String,
    #[relation(back_populates = Comment::POST, order_by = (Comment::RANK.desc(), Comment::TEXT), load = "selectin")]
    pub comments: HasMany<Comment>,
    #[relation(viewonly, order_by = Comment::ID.desc())]
    pub latest: HasOne<Comment>,
    #[relation(secondary = POST_LABEL, order_by = Label::NAME)]
    pub labels: HasMany<Label>,
    #[relation(back_populates = Visit::POST, write_only, passive_deletes, cascade = "all")]
    pub visits: HasMany<Visit>,
    #[relation(secondary = POST_READER, write_only)]
    pub readers: HasMany<Label>,
}

#[derive(Entity, Debug)]
#[entity(table = "comments")]
pub struct Comment {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub text: String,
    pub rank: i32,
    #[column(foreign_key = Post::ID)]
    pub post_id: i64,
    #[relation(back_populates = Post::COMMENTS, load = "selectin")]
    pub post: BelongsTo<Post>,
    #[column(foreign_key = Label::ID)]
    pub label_id: Option<i64>,
    #[relation(load = "selectin")]
    pub label: BelongsTo<Label>,
}

#[derive(Entity, Debug)]
#[entity(table = "labels")]
pub struct Label {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub name: String,
}

#[derive(Entity, Debug)]
#[entity(table = "visits")]
pub struct Visit {
    #[column(primary_key)]
    pub id: i64,
    pub seconds: i32,
    #[column(foreign_key = Post::ID, on_delete = "cascade")]
    pub post_id: i64,
    #[relation(back_populates = Post::VISITS)]
    pub post: BelongsTo<Post>,
}

aludel::association_table! {
    pub POST_LABEL = "post_label" { post_id => Post::ID, label_id => Label::ID }
}

aludel::association_table! {
    pub POST_READER = "post_reader" { post_id => Post::ID, reader_id => Label::ID }
}

/// Two keys lead to the same table.
#[derive(Entity, Debug)]
#[entity(table = "messages")]
pub struct Message {
    #[column(primary_key)]
    pub id: i64,
    #[column(foreign_key = Person::ID)]
    pub sender_id: i64,
    #[column(foreign_key = Person::ID)]
    pub receiver_id: i64,
    #[relation(foreign_key = sender_id, back_populates = Person::SENT)]
    pub sender: BelongsTo<Person>,
    #[relation(foreign_key = receiver_id, back_populates = Person::RECEIVED)]
    pub receiver: BelongsTo<Person>,
}

#[derive(Entity, Debug)]
#[entity(table = "people")]
pub struct Person {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 20)]
    pub name: String,
    #[relation(back_populates = Message::SENDER)]
    pub sent: HasMany<Message>,
    #[relation(back_populates = Message::RECEIVER)]
    pub received: HasMany<Message>,
}

async fn tables(db: &Db) -> aludel::Result<()> {
    db.create(&Metadata::of((Post, Comment, Label, Visit, POST_LABEL, POST_READER))).await
}

/// A post with three comments of two ranks.
async fn filled(db: &Db) -> aludel::Result<()> {
    tables(db).await?;
    let mut session = db.session();
    let comment = |text, rank| Comment::builder().text(text).rank(rank);
    let comments = [comment("b", 1), comment("a", 1), comment("c", 2)];
    let labels = ["zinc", "arsenic"].map(|name| Label::builder().name(name));
    session.add(Post::builder().title("Metals").comments(comments).labels(labels));
    session.commit().await
}

fn texts(session: &Session, post: Obj<Post>) -> aludel::Result<Vec<String>> {
    Ok(session.view(post).comments()?.map(|it| it.text.clone()).collect())
}

on_each_database! {
    async fn a_collection_comes_in_its_order(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let post = session.scalars(select(Post).options(selectinload(Post::LABELS))).one().await?;
        assert_eq!(texts(&session, post)?, ["c", "a", "b"]);
        let labels: Vec<String> = session.view(post).labels()?.map(|it| it.name.clone()).collect();
        assert_eq!(labels, ["arsenic", "zinc"]);
        // What is added is at the end until it is loaded again.
        let new = session.add(Comment::builder().text("new").rank(3).post(post));
        session.flush().await?;
        assert_eq!(texts(&session, post)?, ["c", "a", "b", "new"]);
        session.expire_relation(post, Post::COMMENTS);
        session.load(post, Post::COMMENTS).await?;
        assert_eq!(session[post].comments.handles().unwrap()[0], new);
    }

    async fn a_viewonly_relation_is_read_and_never_written(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let post = session.scalars(select(Post).options(selectinload(Post::LATEST))).one().await?;
        assert_eq!(session.view(post).latest()?.map(|it| it.text.clone()).as_deref(), Some("c"));
        session[post].latest.clear();
        let error = refused(session.flush().await, ErrorKind::State);
        assert!(error.what().contains("`Post.latest` is viewonly"), "{error}");
        session.rollback().await?;
        session[post].title = "Alloys".into();
        session.commit().await?;
    }

    async fn a_relation_can_be_loaded_with_every_query(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        // The posts, their comments; those lead back to what is here, and no comment has a label.
        let sent = log(async { session.scalars(select(Post)).all().await }).await?;
        assert_eq!(sent, ["SELECT FROM posts", "SELECT FROM comments"]);
        let mut session = db.session();
        let comment = session.get_one::<Comment>(1).await?;
        assert_eq!(session.view(comment).post()?.title, "Metals");
        assert_eq!(session.view(comment).post()?.comments()?.count(), 3, "what is loaded loads in turn");
        assert!(session.view(comment).label()?.is_none());
        assert_eq!(session.query_count(), 3);
        // Nothing is loaded twice.
        session.scalars(select(Post)).all().await?;
        assert_eq!(session.query_count(), 4);
    }

    async fn rows_of_several_entities_load_what_each_of_them_loads(db: Db) {
        filled(&db).await?;
        let mut session = db.session();
        let stmt = select((Post, Comment)).join(Post::COMMENTS).order_by(Comment::ID);
        let rows = session.execute(stmt).all().await?;
        assert_eq!((rows.len(), texts(&session, rows[0].0)?.len()), (3, 3));
        assert_eq!(session.view(rows[0].1).post()?.title, "Metals");
    }

    async fn a_write_only_collection_is_added_to_and_never_loaded(db: Db) {
        tables(&db).await?;
        let mut session = db.session();
        let post = session.add(Post::builder().title("Busy").visits((0..3).map(|n| Visit::builder().seconds(n))));
        session.commit().await?;
        let visit = session.add(Visit::builder().seconds(100));
        session[post].visits.push(visit);
        assert_eq!(log(session.commit()).await?, ["INSERT INTO visits"]);
        let error = refused(session.load(post, Post::VISITS).await, ErrorKind::State);
        assert!(error.to_string().contains("with_parent(object, Post::VISITS)"), "{error}");
        let error = session.view(post).visits().err().unwrap();
        assert_eq!(error.kind(), ErrorKind::NotLoaded);

        let theirs = session.with_parent(post, Post::VISITS)?;
        let page = select(Visit).filter(theirs.clone()).order_by(Visit::SECONDS.desc()).limit(2);
        let page = session.scalars(page).all().await?;
        assert_eq!(page[0], visit);
        session.execute(update(Visit).set(Visit::SECONDS, 7).filter(theirs.clone())).await?;
        session.execute(delete(Visit).filter(theirs).filter(Visit::ID.eq(session[visit].id))).await?;
        session.commit().await?;
        assert_eq!(db.value::<i64>("SELECT count(*) FROM visits WHERE seconds = 7").await?, 3);
        session.delete(post);
        session.commit().await?;
        assert_eq!(db.count("visits").await?, 0);
    }

    async fn a_write_only_collection_can_go_through_an_association_table(db: Db) {
        tables(&db).await?;
        let mut session = db.session();
        let readers = session.add_all(["ada", "ben", "cy"].map(|name| Label::builder().name(name)));
        let post = session.add(Post::builder().title("Read"));
        readers[..2].iter().for_each(|it| session[post].readers.push(*it));
        refused(session.with_parent(post, Post::READERS), ErrorKind::State);
        session.commit().await?;
        session[post].readers.remove(readers[0]);
        session.commit().await?;
        let theirs = session.with_parent(post, Post::READERS)?;
        let names = session.scalars(select(Label::NAME).filter(theirs)).all().await?;
        assert_eq!(names, ["ben"]);
        let back = session.with_parent(post, Post::COMMENTS)?;
        assert_eq!(session.scalar(select(func::count(Comment::ID)).filter(back)).await?, 0);
    }

    async fn two_foreign_keys_to_one_table_are_two_relations(db: Db) {
        db.create(&Metadata::of((Person, Message))).await?;
        let mut session = db.session();
        let [ada, ben] = ["Ada", "Ben"].map(|name| session.add(Person::builder().name(name)));
        let first = session.add(Message::builder().sender(ada).receiver(ben));
        let second = session.add(Message::builder());
        session[ben].sent.push(second);
        session[ada].received.push(second);
        session.commit().await?;
        assert_eq!((session[first].sender_id, session[first].receiver_id), (session[ada].id, session[ben].id));

        let mut session = db.session();
        let both = (selectinload(Person::SENT).then(selectinload(Message::RECEIVER)), selectinload(Person::RECEIVED));
        let people = session.scalars(select(Person).order_by(Person::NAME).options(both.0).options(both.1)).all().await?;
        let ada = session.view(people[0]);
        let receivers: Vec<String> =
            ada.sent()?.map(|it| Ok(it.receiver()?.name.clone())).collect::<aludel::Result<_>>()?;
        assert_eq!((receivers, ada.received()?.count()), (vec!["Ben".to_owned()], 1));
        let stmt = select((Message::ID, Person::NAME)).join(Message::RECEIVER).order_by(Message::ID);
        let rows = session.execute(stmt).all().await?;
        assert_eq!(rows.into_iter().map(|(_, name)| name).collect::<Vec<_>>(), ["Ben", "Ada"]);
        // A message moves from one receiver to another and stays with its sender.
        let message = session[people[0]].received.handles().unwrap()[0];
        session[message].receiver.set(people[1]);
        session.commit().await?;
        assert!(session[people[0]].received.handles().unwrap().is_empty());
        assert_eq!(session[message].sender_id, session[people[1]].id);
    }
}
