//! Pages by cursor, and orders that a request may choose.

use aludel::prelude::*;
use aludel::{CursorKey, OrderBy, PageAt};
use aludel_axum::testing::TestClient;
use aludel_axum::{CursorPage, Db as Reads, Problem};
use aludel_suite::{Db, on_each_database};
use axum::extract::Query;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;

use crate::app::{Notebook, client, text};

/// The orders that a request may ask for: the only ones.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Sort {
    #[default]
    Id,
    Name,
}

#[derive(Deserialize)]
struct Sorted {
    #[serde(default)]
    sort: Sort,
}

impl Sort {
    fn order(self) -> OrderBy {
        match self {
            Self::Id => Notebook::ID.asc(),
            Self::Name => Notebook::NAME.desc(),
        }
    }
}

type Answer = (Vec<String>, Option<String>, Option<String>);

async fn list(
    mut db: Reads,
    page: CursorPage<3>,
    Query(sorted): Query<Sorted>,
) -> Result<Json<Answer>, Problem> {
    let key = CursorKey::new([1; 32])?;
    let names = select(Notebook::NAME).order_by(sorted.sort.order());
    let page = db.scalars(names).page(&key, page.limit).at(page.at).await?;
    Ok(Json((page.items, page.next, page.previous)))
}

async fn filled(db: &Db) -> aludel::Result<TestClient<Router>> {
    let client = client(db).await?;
    for name in ["a", "c", "b", "d"] {
        client.send(text("/notebooks", name)).await;
    }
    Ok(TestClient::new(Router::new().route("/names", get(list)).with_state(db.engine.clone())))
}

on_each_database! {
    async fn a_list_is_read_page_by_page_forwards_and_back(db: Db) {
        let client = filled(&db).await?;
        let (names, next, previous) = client.get("/names?sort=name&limit=3").await.json::<Answer>();
        assert_eq!((names, previous), (vec!["d".to_owned(), "c".into(), "b".into()], None));
        let next = next.expect("there is one more");
        let (names, end, previous) = client.get(&format!("/names?sort=name&after={next}")).await.json::<Answer>();
        assert_eq!((names, end), (vec!["a".to_owned()], None));
        let previous = previous.expect("there are three");
        let (names, ..) = client.get(&format!("/names?sort=name&before={previous}&limit=2")).await.json::<Answer>();
        assert_eq!(names, ["c", "b"]);
        let (names, ..) = client.get("/names?before=&limit=1").await.json::<Answer>();
        assert_eq!(names, ["d"]);
        // A cursor of another order, and one that somebody made up.
        for cursor in [next.as_str(), "AQAAAA", "%27%20OR%201=1"] {
            assert_eq!(client.get(&format!("/names?sort=id&after={cursor}")).await.status, 422);
        }
    }

    async fn case_76_an_order_that_is_not_on_the_list_is_a_bad_request(db: Db) {
        let client = filled(&db).await?;
        let (names, ..) = client.get("/names?sort=name").await.json::<Answer>();
        assert_eq!(names, ["d", "c", "b"]);
        for sort in ["text", "NAME", "name;DROP TABLE notebooks", "1", ""] {
            assert_eq!(client.get(&format!("/names?sort={}", sort.replace(' ', "%20"))).await.status, 400, "{sort}");
        }
    }
}

#[test]
fn a_page_begins_at_one_place() {
    let parse = CursorPage::<100>::parse;
    assert_eq!(parse("").unwrap(), CursorPage { at: PageAt::First, limit: 20 });
    assert_eq!(parse("before=&limit=0").unwrap(), CursorPage { at: PageAt::Last, limit: 1 });
    assert_eq!(parse("limit=1000000").unwrap().limit, 100);
    for nonsense in ["limit=-1", "limit=ten", "after=a&before=b", "before=&after=a"] {
        assert_eq!(parse(nonsense).unwrap_err().status(), 400, "{nonsense}");
    }
}
