//! The page at `/`: three files, built into the program.

use aludel::Engine;
use axum::Router;
use axum::http::HeaderName;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::IntoResponse;
use axum::routing::get;

/// The browser loads scripts and styles from here and from nowhere else, and runs none that stands in the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The routes of the page.
pub fn routes() -> Router<Engine> {
    Router::new()
        .route("/", get(|| async { file("text/html; charset=utf-8", include_str!("../page/index.html")) }))
        .route(
            "/page.css",
            get(|| async { file("text/css; charset=utf-8", include_str!("../page/page.css")) }),
        )
        .route(
            "/page.js",
            get(|| async { file("text/javascript; charset=utf-8", include_str!("../page/page.js")) }),
        )
}

fn file(kind: &'static str, text: &'static str) -> impl IntoResponse {
    let headers: [(HeaderName, &str); 5] = [
        (CONTENT_TYPE, kind),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-cache"),
    ];
    (headers, text)
}
