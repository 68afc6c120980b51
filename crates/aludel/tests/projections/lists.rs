//! The lists of projections: of many-to-many relations, ordered, filtered and limited; aggregates beside them.

use aludel::SelectValue;
use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};

use crate::models::*;

/// A label of an article.
#[derive(Entity, Debug)]
#[entity(table = "topics")]
pub struct Topic {
    #[column(primary_key, length = 40)]
    pub name: String,
    pub weight: i32,
    #[relation(secondary = ESSAY_TOPIC, back_populates = Essay::TOPICS)]
    pub essays: HasMany<Essay>,
}

#[derive(Entity, Debug)]
#[entity(table = "essays")]
pub struct Essay {
    #[column(primary_key)]
    pub id: i64,
    #[column(length = 100)]
    pub title: String,
    #[relation(secondary = ESSAY_TOPIC, back_populates = Topic::ESSAYS)]
    pub topics: HasMany<Topic>,
    #[relation(back_populates = Note::ESSAY)]
    pub notes: HasMany<Note>,
}

#[derive(Entity, Debug)]
#[entity(table = "notes")]
pub struct Note {
    #[column(primary_key)]
    pub id: i64,
    pub stars: i32,
    #[column(foreign_key = Essay::ID)]
    pub essay_id: i64,
    #[relation(back_populates = Essay::NOTES)]
    pub essay: BelongsTo<Essay>,
}

aludel::association_table! {
    pub ESSAY_TOPIC = "essay_topic" { essay_id => Essay::ID, topic_name => Topic::NAME }
}

#[derive(Projection, Debug, PartialEq)]
#[projection(Essay)]
struct EssayOut {
    title: String,
    topics: Vec<TopicOut>,
}

#[derive(Projection, Debug, PartialEq)]
#[projection(Topic)]
struct TopicOut {
    name: String,
}

#[derive(Projection, Debug, PartialEq)]
#[projection(Topic)]
struct TopicWithEssays {
    name: String,
    essays: Vec<EssayOut>,
}

#[derive(Projection, Debug, PartialEq)]
#[projection(Essay)]
struct Best {
    title: String,
    #[projection(filter = Topic::WEIGHT.gt(1), order_by = Topic::WEIGHT.desc())]
    topics: Vec<TopicOut>,
    #[projection(path = notes, order_by = (Note::STARS.desc(), Note::ID), limit = 2)]
    best: Vec<Stars>,
    #[projection(expr = func::coalesce(notes_of_essay().scalar_subquery(), 0))]
    count: i64,
    #[projection(expr = select(func::max(Note::STARS)).filter(Note::ESSAY_ID.eq(Essay::ID)).scalar_subquery())]
    most: Option<i32>,
}

#[derive(Projection, Debug, PartialEq)]
#[projection(Note)]
struct Stars {
    stars: i32,
}

fn notes_of_essay() -> SelectValue<i64> {
    select(func::count(Note::ID)).filter(Note::ESSAY_ID.eq(Essay::ID))
}

/// What an object is that a relation leads to, computed by the database.
#[derive(Projection, Debug, PartialEq)]
#[projection(Note)]
struct NoteOut {
    stars: i32,
    essay: Essays,
}

#[derive(Projection, Debug, PartialEq)]
#[projection(Essay)]
struct Essays {
    #[projection(expr = func::upper(Essay::TITLE))]
    title: String,
    #[projection(expr = func::coalesce(notes_of_essay().scalar_subquery(), 0))]
    notes: i64,
    #[projection(expr = Essay::TOPICS.any(Topic::NAME.eq("a")))]
    about_a: bool,
}

/// An expression of an object that may be missing.
#[derive(Projection, Debug, PartialEq)]
#[projection(Article)]
struct Edited {
    id: i64,
    editor: Option<Shouted>,
}

#[derive(Projection, Debug, PartialEq)]
#[projection(User)]
struct Shouted {
    #[projection(expr = func::upper(User::EMAIL))]
    email: String,
}

/// The essay `one` has the topics c, a, b (of the weights 1, 3, 2) and notes of 1, 5 and 3 stars; `two` has b and one note; `three` has nothing.
async fn essays(db: &Db) -> aludel::Result<()> {
    db.create(&Metadata::of((Essay, Topic, ESSAY_TOPIC, Note))).await?;
    let mut session = db.session();
    let [a, b, c] = [("a", 3), ("b", 2), ("c", 1)]
        .map(|(name, weight)| session.add(Topic::builder().name(name).weight(weight)));
    for (title, topics, stars) in
        [("one", &[c, a, b][..], &[1, 5, 3][..]), ("two", &[b], &[4]), ("three", &[], &[])]
    {
        let essay = session.add(Essay::builder().title(title));
        topics.iter().for_each(|topic| session[essay].topics.push(*topic));
        for stars in stars {
            session.add(Note::builder().stars(*stars).essay(essay));
            session.flush().await?;
        }
    }
    session.commit().await
}

fn names(topics: &[TopicOut]) -> Vec<&str> {
    topics.iter().map(|it| it.name.as_str()).collect()
}

on_each_database! {
    async fn a_list_may_be_many_to_many(db: Db) {
        essays(&db).await?;
        let mut session = db.session();
        let all = session.scalars(select_as::<EssayOut>().order_by(Essay::ID)).all().await?;
        assert_eq!(session.query_count(), 2);
        let topics: Vec<_> = all.iter().map(|it| (it.title.as_str(), names(&it.topics))).collect();
        assert_eq!(topics, [("one", vec!["a", "b", "c"]), ("two", vec!["b"]), ("three", vec![])]);

        // On a connection too, and there and back again.
        let mut conn = db.engine.connect().await?;
        let topics = conn.scalars(select_as::<TopicWithEssays>().order_by(Topic::NAME)).all().await?;
        let essays = |it: &TopicWithEssays| it.essays.iter().map(|it| (it.title.clone(), it.topics.len())).collect::<Vec<_>>();
        assert_eq!(essays(&topics[1]), [("one".to_owned(), 3), ("two".to_owned(), 1)]);
        assert_eq!(essays(&topics[2]), [("one".to_owned(), 3)]);
    }

    async fn a_many_to_many_list_is_read_from_a_view_too(db: Db) {
        essays(&db).await?;
        let mut session = db.session();
        let loaded = select(Essay).order_by(Essay::ID).options(selectinload(Essay::TOPICS));
        let essay = session.scalars(loaded).first().await?.expect("an essay");
        let out = EssayOut::from_view(session.view(essay))?;
        assert_eq!(session.scalars(select_as::<EssayOut>().order_by(Essay::ID)).first().await?, Some(out));
    }

    async fn a_list_is_filtered_ordered_and_limited_for_each_owner(db: Db) {
        essays(&db).await?;
        let mut session = db.session();
        let best = session.scalars(select_as::<Best>().order_by(Essay::ID)).all().await?;
        assert_eq!(session.query_count(), 3);
        let lists: Vec<_> = best.iter().map(|it| (names(&it.topics), it.best.iter().map(|it| it.stars).collect::<Vec<_>>())).collect();
        assert_eq!(lists, [(vec!["a", "b"], vec![5, 3]), (vec!["b"], vec![4]), (vec![], vec![])]);
    }

    async fn an_aggregate_of_a_list_is_a_statement_within(db: Db) {
        essays(&db).await?;
        let mut session = db.session();
        let best = session.scalars(select_as::<Best>().order_by(Essay::ID)).all().await?;
        let counted: Vec<_> = best.iter().map(|it| (it.count, it.most)).collect();
        assert_eq!(counted, [(3, Some(5)), (1, Some(4)), (0, None)]);
    }

    async fn an_expression_of_a_nested_projection_is_about_the_nested_object(db: Db) {
        essays(&db).await?;
        let mut session = db.session();
        let notes = session.scalars(select_as::<NoteOut>().order_by(Note::ID)).all().await?;
        let essays = |title: &str, notes, about_a| Essays { title: title.to_owned(), notes, about_a };
        assert_eq!(notes[0], NoteOut { stars: 1, essay: essays("ONE", 3, true) });
        assert_eq!(notes[3], NoteOut { stars: 4, essay: essays("TWO", 1, false) });
    }

    async fn an_expression_of_an_object_that_is_missing_is_not_read(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let all = session.scalars(select_as::<Edited>().order_by(Article::ID)).all().await?;
        let editors: Vec<_> = all.iter().map(|it| it.editor.as_ref().map(|it| it.email.as_str())).collect();
        assert_eq!(editors, [Some("ADA@EXAMPLE.ORG"), None, None]);
    }
}
