//! Projections.

use aludel::prelude::*;
use aludel_suite::{Db, on_each_database, refused};
use serde::Serialize;

use crate::models::{Article, Comment, Team, User, fill};

#[derive(Projection, Debug, PartialEq, Serialize)]
#[projection(Article)]
struct Row {
    id: i64,
    #[projection(path = title)]
    headline: String,
    content: Option<String>,
}

#[derive(Projection, Debug, PartialEq)]
#[projection(Article)]
struct Credits {
    title: String,
    #[projection(path = owner.email)]
    owner: String,
    #[projection(path = owner.team.title)]
    team: Option<String>,
    #[projection(path = owner.team.motto)]
    motto: Option<String>,
    #[projection(path = editor.email)]
    editor: Option<String>,
    #[projection(path = editor.name)]
    editor_name: Option<String>,
}

#[derive(Projection, Debug, PartialEq, Serialize)]
#[projection(User)]
struct Person {
    email: String,
    team: Option<TeamName>,
}

#[derive(Projection, Debug, PartialEq, Serialize)]
#[projection(Team)]
struct TeamName {
    title: String,
}

#[derive(Projection, Debug, PartialEq, Serialize)]
#[projection(Article)]
struct Page {
    title: String,
    owner: Person,
    editor: Option<Person>,
    comments: Vec<Remark>,
}

#[derive(Projection, Debug, PartialEq, Serialize)]
#[projection(Comment)]
struct Remark {
    text: String,
    author: Person,
}

#[derive(Projection, Debug, PartialEq)]
#[projection(User)]
struct Shelf {
    email: String,
    articles: Vec<Page>,
}

#[derive(Projection, Debug, PartialEq)]
#[projection(User)]
struct Output {
    email: String,
    #[projection(expr = func::count(Article::ID))]
    articles: i64,
}

/// A projection of an object that may be missing, with a collection in it.
#[derive(Projection, Debug, PartialEq)]
#[projection(Article)]
struct Edited {
    id: i64,
    editor: Option<Editor>,
    comments: Vec<Text>,
}

#[derive(Projection, Debug, PartialEq)]
#[projection(User)]
struct Editor {
    articles: Vec<Row>,
}

#[derive(Projection, Debug, PartialEq)]
#[projection(Comment)]
struct Text {
    text: String,
}

/// A field that cannot be without, read from a relation that may lead to nothing.
#[derive(Projection, Debug)]
#[projection(Article)]
struct Certain {
    #[allow(dead_code)]
    editor: Person,
}

fn person(email: &str, team: Option<&str>) -> Person {
    Person { email: email.to_owned(), team: team.map(|title| TeamName { title: title.to_owned() }) }
}

#[test]
fn only_the_columns_that_are_named_are_selected() {
    let sql = |it: &dyn ToSql| it.to_sql(&aludel::SqliteDialect).unwrap().0;
    assert_eq!(
        sql(&select_as::<Row>()),
        "SELECT articles.id, articles.title, articles.content FROM articles"
    );
    assert_eq!(
        sql(&select_as::<Credits>()),
        "SELECT articles.title, users_1.email, teams_2.title, teams_2.motto, users_3.email, users_3.name FROM articles \
         JOIN users AS users_1 ON articles.owner_id = users_1.id \
         LEFT JOIN teams AS teams_2 ON users_1.team_id = teams_2.id \
         LEFT JOIN users AS users_3 ON articles.editor_id = users_3.id"
    );
}

on_each_database! {
    async fn columns_come_under_the_names_of_the_projection(db: Db) {
        fill(&db).await?;
        let mut conn = db.engine.connect().await?;
        let rows = conn.scalars(select_as::<Row>().order_by(Article::ID).limit(2)).all().await?;
        assert_eq!(
            rows,
            [
                Row { id: 1, headline: "Bread".into(), content: Some("Flour".into()) },
                Row { id: 2, headline: "Butter".into(), content: None },
            ]
        );
    }

    async fn paths_are_joins_of_the_same_statement_and_may_lead_to_nothing(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let credits = session.scalars(select_as::<Credits>().order_by(Article::ID)).all().await?;
        assert_eq!(session.query_count(), 1);
        let bread = Credits {
            title: "Bread".into(),
            owner: "sam@example.org".into(),
            team: Some("Kitchen".into()),
            motto: None,
            editor: Some("ada@example.org".into()),
            editor_name: None,
        };
        let salt = Credits {
            title: "Salt".into(),
            owner: "ada@example.org".into(),
            team: None,
            motto: None,
            editor: None,
            editor_name: None,
        };
        assert_eq!((credits.len(), &credits[0], &credits[2]), (3, &bread, &salt));
    }

    async fn conditions_may_join_the_same_table_under_its_own_name(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let stmt = select_as::<Credits>().join(Article::OWNER).filter(User::EMAIL.starts_with("ada"));
        let credits = session.scalars(stmt).all().await?;
        assert_eq!(credits.iter().map(|it| it.title.as_str()).collect::<Vec<_>>(), ["Salt"]);
    }

    async fn collections_are_one_statement_each_however_many_rows_there_are(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let pages = session.scalars(select_as::<Page>().order_by(Article::ID)).all().await?;
        assert_eq!(session.query_count(), 2);
        let (sam, ada) = (person("sam@example.org", Some("Kitchen")), person("ada@example.org", None));
        let remark = |text: &str, author| Remark { text: text.into(), author };
        assert_eq!(
            pages[0],
            Page {
                title: "Bread".into(),
                owner: person("sam@example.org", Some("Kitchen")),
                editor: Some(person("ada@example.org", None)),
                comments: vec![remark("First!", ada), remark("Thanks", sam)],
            }
        );
        assert_eq!((pages[1].comments.len(), pages[2].comments.len()), (0, 1));
    }

    async fn collections_within_collections_are_one_statement_a_level(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let shelves = session.scalars(select_as::<Shelf>().order_by(User::ID)).all().await?;
        assert_eq!(session.query_count(), 3);
        let titles = |shelf: &Shelf| shelf.articles.iter().map(|it| (it.title.clone(), it.comments.len())).collect::<Vec<_>>();
        assert_eq!(titles(&shelves[0]), [("Bread".to_owned(), 2), ("Butter".to_owned(), 0)]);
        assert_eq!(titles(&shelves[1]), [("Salt".to_owned(), 1)]);
    }

    async fn a_collection_of_an_object_that_is_missing_shifts_no_other(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let all = session.scalars(select_as::<Edited>().order_by(Article::ID)).all().await?;
        let texts = |it: &Edited| it.comments.iter().map(|it| it.text.clone()).collect::<Vec<_>>();
        assert_eq!(all[0].editor.as_ref().map(|it| it.articles.len()), Some(1));
        assert_eq!(texts(&all[0]), ["First!", "Thanks"]);
        assert!(all[1].editor.is_none() && all[2].editor.is_none());
        assert_eq!(texts(&all[2]), ["Why?"]);
    }

    async fn a_row_that_comes_twice_has_its_collection_twice(db: Db) {
        fill(&db).await?;
        let mut conn = db.engine.connect().await?;
        let stmt = select_as::<Page>().join(Article::COMMENTS).order_by((Article::ID, Comment::ID));
        let pages = conn.execute(stmt).all().await?;
        let comments: Vec<_> = pages.iter().map(|(page,)| (page.title.as_str(), page.comments.len())).collect();
        assert_eq!(comments, [("Bread", 2), ("Bread", 2), ("Salt", 1)]);
    }

    async fn expressions_are_computed_by_the_database(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let stmt = select_as::<Output>().outer_join(User::ARTICLES).group_by((User::ID, User::EMAIL)).order_by(User::ID);
        let users = session.scalars(stmt).all().await?;
        let output = |email: &str, articles| Output { email: email.into(), articles };
        assert_eq!(users, [output("sam@example.org", 2), output("ada@example.org", 1)]);
    }

    async fn a_view_gives_the_same_as_a_query(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let queried = session.scalars(select_as::<Page>().filter(Article::ID.eq(1))).one().await?;
        let everything = selectinload(Article::COMMENTS).then(selectinload(Comment::AUTHOR).then(selectinload(User::TEAM)));
        let stmt = select(Article)
            .filter(Article::ID.eq(1))
            .options(everything)
            .options(selectinload(Article::OWNER).then(selectinload(User::TEAM)))
            .options(selectinload(Article::EDITOR).then(selectinload(User::TEAM)));
        let article = session.scalars(stmt).one().await?;
        assert_eq!(Page::from_view(session.view(article))?, queried);
        let credits = session.scalars(select_as::<Credits>().filter(Article::ID.eq(1))).one().await?;
        assert_eq!(Credits::from_view(session.view(article))?, credits);
    }

    async fn loaders_load_all_that_a_view_is_read_from(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let queried = session.scalars(select_as::<Shelf>().order_by(User::ID)).all().await?;
        let before = session.query_count();
        let users = session.scalars(select(User).order_by(User::ID).options(Shelf::loaders())).all().await?;
        // Users; articles; owners (who are here), editors and comments; teams and authors and theirs: however many objects there are.
        assert!(session.query_count() - before <= 7, "{}", session.query_count() - before);
        let viewed = users.iter().map(|it| Shelf::from_view(session.view(*it))).collect::<aludel::Result<Vec<_>>>()?;
        assert_eq!(viewed, queried);

        let mut session = db.session();
        let article = session.get_one::<Article>(1).options(Credits::loaders()).await?;
        let credits = session.scalars(select_as::<Credits>().filter(Article::ID.eq(1))).one().await?;
        assert_eq!(Credits::from_view(session.view(article))?, credits);
    }

    async fn a_view_whose_relations_were_not_loaded_is_an_error(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let article = session.get_one::<Article>(1).await?;
        let error = refused(Page::from_view(session.view(article)), ErrorKind::NotLoaded);
        assert!(error.to_string().contains("`Article.owner` was not loaded"), "{error}");
        assert!(error.to_string().contains("`select(Article).options(Page::loaders())` loads all that it reads"), "{error}");
    }

    async fn a_missing_object_for_a_field_that_cannot_be_without_is_an_error_that_says_so(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let error = refused(session.scalars(select_as::<Certain>()).all().await, ErrorKind::Decode);
        assert!(error.to_string().contains("`Certain.editor`: the relation leads to no row"), "{error}");
        assert!(error.to_string().contains("make the field an `Option`"), "{error}");
    }

    async fn pending_changes_are_sent_before_a_projection_is_read(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let bread = session.get_one::<Article>(1).await?;
        session[bread].title = "Rye".into();
        let row = session.scalars(select_as::<Row>().filter(Article::ID.eq(1))).one().await?;
        assert_eq!(row.headline, "Rye");
    }

    async fn a_projection_is_plain_data_for_serde(db: Db) {
        fill(&db).await?;
        let mut session = db.session();
        let page = session.scalars(select_as::<Page>().filter(Article::ID.eq(2))).one().await?;
        assert_eq!(
            serde_json::to_string(&page)?,
            r#"{"title":"Butter","owner":{"email":"sam@example.org","team":{"title":"Kitchen"}},"editor":null,"comments":[]}"#
        );
    }

    async fn rows_with_collections_are_not_streamed(db: Db) {
        fill(&db).await?;
        let mut conn = db.engine.connect().await?;
        let mut rows = conn.scalars(select_as::<Row>()).stream();
        assert!(rows.next().await?.is_some());
        drop(rows);
        let mut pages = conn.scalars(select_as::<Page>()).stream();
        refused(pages.next().await, ErrorKind::Unsupported);
        assert!(pages.next().await?.is_none());
    }
}
