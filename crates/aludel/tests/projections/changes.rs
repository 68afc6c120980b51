//! Changesets: absent keeps, null sets NULL, a value sets the value.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};
use serde::Deserialize;

use crate::models::{Article, fill};

#[derive(Changeset, Deserialize, Default)]
#[changeset(Article)]
#[serde(default)]
struct ArticleUpdate {
    title: Change<String>,
    content: Change<Option<String>>,
    #[changeset(column = is_published)]
    published: Option<bool>,
}

fn changes(json: &str) -> ArticleUpdate {
    serde_json::from_str(json).unwrap()
}

#[test]
fn absent_null_and_a_value_are_three_things() {
    assert_eq!(changes("{}").content, Change::Keep);
    assert_eq!(changes(r#"{"content": null}"#).content, Change::Set(None));
    assert_eq!(changes(r#"{"content": "x"}"#).content, Change::Set(Some("x".into())));
    assert!(serde_json::from_str::<ArticleUpdate>(r#"{"title": null}"#).is_err());
}

on_each_database! {
    async fn only_what_the_input_names_changes(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let bread = session.get_one::<Article>(1).await?;
        session.apply(bread, changes(r#"{"content": null, "published": true}"#));
        session.commit().await?;
        let stored = db.rows("SELECT title, content FROM articles WHERE id = 1").await?;
        assert_eq!(stored[0].get::<String>("title")?, "Bread");
        assert_eq!(stored[0].get::<Option<String>>("content")?, None);
        assert!(session[bread].is_published);
    }

    async fn an_empty_changeset_sends_nothing(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let bread = session.get_one::<Article>(1).await?;
        let before = session.query_count();
        session.apply(bread, changes("{}"));
        session.commit().await?;
        assert_eq!(session.query_count(), before);
    }

    async fn an_update_statement_takes_a_changeset(db: Db) {
        fill(&db).await?;
        let mut conn = db.engine.connect().await?;
        let stmt = update(Article).apply(changes(r#"{"title": "Rye"}"#)).filter(Article::ID.eq(1));
        assert_eq!(conn.execute(stmt).await?.rows_affected, 1);
        let titles = conn.scalars(select(Article::TITLE).order_by(Article::ID)).all().await?;
        assert_eq!(titles, ["Rye", "Butter", "Salt"]);
        refused(conn.execute(update(Article).apply(changes("{}"))).await, ErrorKind::Compile);
    }
}
