//! JSON bodies: what is refused, and how.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use aludel::prelude::*;
use aludel_axum::testing::TestClient;
use aludel_axum::{Input, Valid};
use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::routing::post;
use garde::Validate;
use http_body::Frame;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    amount: i32,
}

#[derive(Deserialize)]
struct Order {
    lines: Vec<Line>,
}

#[derive(Deserialize, Validate)]
struct UserCreate {
    #[garde(email)]
    email: String,
    #[garde(length(min = 8))]
    password: String,
}

fn client() -> TestClient<Router> {
    TestClient::new(router())
}

fn router() -> Router {
    async fn order(Input(order): Input<Order>) -> String {
        order.lines.iter().map(|line| line.amount).sum::<i32>().to_string()
    }
    async fn user(Valid(user): Valid<UserCreate>) -> String {
        format!("{} {}", user.email, user.password.len())
    }
    Router::new().route("/orders", post(order)).route("/users", post(user))
}

fn request(content_type: &str, body: impl Into<Vec<u8>>) -> Request {
    Request::post("/orders").header("content-type", content_type).body(body.into().into()).unwrap()
}

#[tokio::test]
async fn a_body_of_the_right_shape_is_taken() {
    let body = json!({"lines": [{"amount": 2}, {"amount": 3}]});
    assert_eq!(client().post("/orders", &body).await.text(), "5");
    let with_charset = request("application/json; charset=utf-8", body.to_string());
    assert_eq!(client().send(with_charset).await.text(), "5");
}

#[tokio::test]
async fn a_body_of_another_shape_is_refused_and_the_field_is_named() {
    let cases = [
        (json!({"lines": [{"amount": 2}, {"amount": "three"}]}), "lines[1].amount"),
        (json!({"lines": [{"amount": 2, "is_admin": true}]}), "lines[0].is_admin"),
        (json!({"lines": [{}]}), "lines[0]"),
    ];
    for (body, field) in cases {
        let response = client().post("/orders", &body).await;
        assert_eq!(response.status, 422, "{}", response.text());
        assert_eq!(response.json::<Value>()["errors"][0]["field"], field, "{}", response.text());
    }
}

/// Case 118 of the catalogue of reliability.
#[tokio::test]
async fn what_is_no_sound_json_is_refused_by_its_own_status() {
    let deep = "[".repeat(100_000);
    let large = format!("{{\"lines\": [], \"more\": \"{}\"}}", "x".repeat(3_000_000));
    let cases = [
        (request("text/plain", "{}"), 415),
        (request("application/json", "{"), 400),
        (request("application/json", "{\"lines\": []} more"), 400),
        (request("application/json", &b"{\"lines\": [\xff]}"[..]), 400),
        (request("application/json", deep), 422), // it ends at the first bracket: an order is no list
        (request("application/json", large), 413),
    ];
    for (request, status) in cases {
        let response = client().send(request).await;
        assert_eq!(response.status, status, "{}", response.text());
        assert_eq!(response.header("content-type"), Some("application/problem+json"));
    }
}

/// A body that begins and does not end.
struct Endless;

impl HttpBody for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

/// Case 118 of the catalogue of reliability.
#[tokio::test]
async fn a_body_that_does_not_end_is_waited_for_so_long_and_no_longer() {
    let engine = Engine::builder("sqlite::memory:").build().unwrap();
    let layer = aludel_axum::layer(engine).body_timeout(Duration::from_millis(20));
    let client = TestClient::new(router().layer(layer));
    let request = Request::post("/orders").header("content-type", "application/json");
    let response = client.send(request.body(Body::new(Endless)).unwrap()).await;
    assert_eq!(response.status, 408, "{}", response.text());
    assert_eq!(response.header("content-type"), Some("application/problem+json"));
}

/// Case 118 of the catalogue of reliability.
#[tokio::test]
async fn a_value_that_is_nested_too_deep_is_a_bad_request() {
    async fn any(Input(value): Input<Value>) -> String {
        value.to_string()
    }
    let client = TestClient::new(Router::new().route("/", post(any)));
    let nested = |depth: usize| {
        let body = "[".repeat(depth) + &"]".repeat(depth);
        Request::post("/").header("content-type", "application/json").body(Body::from(body)).unwrap()
    };
    assert_eq!(client.send(nested(100)).await.status, 200);
    assert_eq!(client.send(nested(100_000)).await.status, 400);
}

#[tokio::test]
async fn a_change_is_held_to_the_rules_of_its_field_where_there_is_one() {
    #[derive(Deserialize, Default, Validate)]
    #[serde(default)]
    struct Rename {
        #[garde(inner(length(min = 1)))]
        title: Change<String>,
    }
    async fn rename(Valid(rename): Valid<Rename>) -> String {
        format!("{:?}", rename.title)
    }
    let client = TestClient::new(Router::new().route("/", post(rename)));
    assert_eq!(client.post("/", &json!({})).await.text(), "Keep");
    assert_eq!(client.post("/", &json!({"title": "t"})).await.text(), "Set(\"t\")");
    let empty = client.post("/", &json!({"title": ""})).await;
    assert_eq!(empty.status, 422);
    assert_eq!(empty.json::<Value>()["errors"][0]["field"], "title", "{}", empty.text());
}

#[tokio::test]
async fn each_rule_that_is_broken_is_named() {
    let response = client().post("/users", &json!({"email": "sam", "password": "short"})).await;
    assert_eq!(response.status, 422);
    let fields = response.json::<Value>()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"].as_str().unwrap().to_owned())
        .collect::<Vec<_>>();
    assert_eq!(fields, ["email", "password"]);
    let response = client().post("/users", &json!({"email": "sam@uae.dev", "password": "long enough"})).await;
    assert_eq!(response.text(), "sam@uae.dev 11");
}
