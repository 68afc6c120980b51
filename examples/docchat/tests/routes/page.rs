//! The page, and the description of the routes.

use aludel_axum::testing::TestClient;
use serde_json::Value;

async fn client() -> TestClient<axum::Router> {
    let engine = docchat::database::open("sqlite::memory:").unwrap();
    docchat::database::prepare(&engine).await.unwrap();
    TestClient::new(docchat::app(engine))
}

/// Case 122 of the catalogue of reliability.
#[tokio::test]
async fn the_page_runs_no_script_but_its_own() {
    let client = client().await;
    for (path, kind) in [("/", "text/html"), ("/page.css", "text/css"), ("/page.js", "text/javascript")] {
        let response = client.get(path).await;
        assert_eq!(response.status, 200, "{path}");
        assert!(response.header("content-type").unwrap().starts_with(kind), "{path}");
        let policy = response.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
    }
    let page = client.get("/").await;
    assert!(!page.text().contains("onclick") && !page.text().contains("style="), "{}", page.text());
    assert!(!client.get("/page.js").await.text().contains("innerHTML"));
}

#[tokio::test]
async fn the_routes_are_described_and_shown_offline() {
    let client = client().await;
    let description: Value = client.get("/openapi.json").await.json();
    let paths: Vec<&String> = description["paths"].as_object().unwrap().keys().collect();
    assert_eq!(
        paths,
        [
            "/documents",
            "/documents/{id}",
            "/documents/{id}/shares",
            "/documents/{id}/tags",
            "/documents/{id}/tags/{name}",
            "/search",
            "/tags",
            "/users",
            "/users/{id}/documents"
        ]
    );
    let docs = client.get("/docs/").await;
    assert_eq!(docs.status, 200);
    assert!(!docs.text().contains("https://"), "{}", docs.text());
    assert_eq!(client.get("/docs/swagger-ui-bundle.js").await.status, 200);
}
