//! Pages are bounded.

use aludel_axum::Page;
use aludel_suite::{Db, on_each_database};

use crate::app::{client, text};

on_each_database! {
    async fn a_page_is_a_part_of_the_list(db: Db) {
        let client = client(&db).await?;
        for name in ["a", "b", "c", "d"] {
            client.send(text("/notebooks", name)).await;
        }
        let names = async |query: &str| client.get(&format!("/notebooks{query}")).await.json::<Vec<String>>();
        assert_eq!(names("").await, ["a", "b", "c", "d"]);
        assert_eq!(names("?skip=1&limit=2").await, ["b", "c"]);
        assert_eq!(names("?skip=9").await, [""; 0]);
        assert_eq!(names("?limit=0").await, [""; 0]);
        assert_eq!(names("?skip=9223372036854775807&limit=1000000000").await, [""; 0]);
    }
}

#[test]
fn the_first_twenty_unless_the_request_says_otherwise() {
    assert_eq!(Page::<100>::parse("").unwrap(), Page { skip: 0, limit: 20 });
    assert_eq!(Page::<100>::parse("q=a%20b&skip=4").unwrap(), Page { skip: 4, limit: 20 });
    assert_eq!(Page::<10>::parse("").unwrap(), Page { skip: 0, limit: 10 });
}

/// Case 119 of the catalogue of reliability.
#[test]
fn a_limit_is_cut_down_and_nonsense_is_a_bad_request() {
    assert_eq!(Page::<100>::parse("limit=1000000000").unwrap().limit, 100);
    for nonsense in
        ["limit=-1", "limit=ten", "limit=", "skip=-1", "skip=1.5", "skip=9223372036854775808", "skip=1e3"]
    {
        let problem = Page::<100>::parse(nonsense).unwrap_err();
        assert_eq!(problem.status(), 400, "{nonsense}");
    }
}
