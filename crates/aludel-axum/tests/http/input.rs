//! JSON bodies: what is refused, and how.

use aludel_axum::testing::TestClient;
use aludel_axum::{Input, Valid};
use axum::Router;
use axum::extract::Request;
use axum::routing::post;
use garde::Validate;
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
    async fn order(Input(order): Input<Order>) -> String {
        order.lines.iter().map(|line| line.amount).sum::<i32>().to_string()
    }
    async fn user(Valid(user): Valid<UserCreate>) -> String {
        format!("{} {}", user.email, user.password.len())
    }
    TestClient::new(Router::new().route("/orders", post(order)).route("/users", post(user)))
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
