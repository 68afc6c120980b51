//! Insertables.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database};
use serde::Deserialize;

use crate::models::{Article, Comment, User, fill};

#[derive(Insertable, Deserialize)]
#[insertable(Article)]
#[serde(deny_unknown_fields)]
struct ArticleCreate {
    title: String,
    #[serde(default, rename = "body")]
    #[insertable(column = content)]
    text: Option<String>,
    #[serde(default)]
    #[insertable(default)]
    is_published: Option<bool>,
    #[serde(default)]
    comments: Vec<CommentCreate>,
}

#[derive(Insertable, Deserialize)]
#[insertable(Comment)]
struct CommentCreate {
    text: String,
    author_id: i64,
}

on_each_database! {
    async fn an_insertable_is_added_like_a_builder_with_what_is_in_it(db: Db) {
        fill(&db).await?;
        let input: ArticleCreate =
            serde_json::from_str(r#"{"title": "Oil", "comments": [{"text": "Olive?", "author_id": 1}]}"#)?;
        let mut session = db.session();
        let article = session.add(input);
        session[article].owner_id = 2;
        session.commit().await?;
        assert_eq!((session[article].is_published, &session[article].content), (false, &None));
        assert_eq!(db.count("comments").await?, 4);
    }

    async fn a_default_is_taken_for_none_and_not_for_some(db: Db) {
        fill(&db).await?;
        let input = |published| ArticleCreate { title: "Oil".into(), text: None, is_published: published, comments: vec![] };
        let mut session = db.session();
        let (plain, published) = (session.add(input(None)), session.add(input(Some(true))));
        assert_eq!((session[plain].is_published, session[published].is_published), (false, true));
    }

    async fn rows_without_relations_are_inserted_without_a_session(db: Db) {
        fill(&db).await?;
        let rows = [1, 2].map(|author_id| CommentCreate { text: "Same".into(), author_id });
        // The key of the article is not in the input.
        let mut session = db.session();
        for row in rows {
            let comment = session.add(row);
            session[comment].article_id = 2;
        }
        session.commit().await?;
        assert_eq!(session.scalar(select(func::count(Comment::ID)).filter(Comment::ARTICLE_ID.eq(2))).await?, 2);
        let mut conn = db.engine.connect().await?;
        conn.execute(insert(User).values([UserCreate { email: "kim@example.org" }])).await?;
        assert_eq!(db.count("users").await?, 3);
    }
}

#[derive(Insertable)]
#[insertable(User)]
struct UserCreate<'a> {
    email: &'a str,
}

#[test]
fn unknown_fields_are_refused_where_serde_is_told_so() {
    let error = serde_json::from_str::<ArticleCreate>(r#"{"title": "Oil", "owner_id": 1}"#).err().unwrap();
    assert!(error.to_string().contains("unknown field `owner_id`"), "{error}");
}
