//! What an example of a service promises beside its routes: a README whose lines work, and sources that are found by their names.

use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};

use aludel_axum::testing::TestClient;
use axum_core::body::Body;
use axum_core::response::Response;
use serde_json::Value;
use tower_service::Service;

/// Sends what the `curl` lines of a README send, one after the other.
///
/// # Panics
///
/// Panics where an answer is no success, and where a route of `/openapi.json` has no line.
pub async fn answers_as_its_readme_says<R>(client: &TestClient<R>, readme: &str)
where
    R: Service<http::Request<Body>, Response = Response, Error = Infallible> + Clone,
{
    let mut shown = Vec::new();
    for line in readme.lines().filter(|line| line.starts_with("curl ")) {
        let (method, path, request) = request(line);
        let answer = client.send(request).await;
        assert!(answer.status.is_success(), "{line}\nanswers {}: {}", answer.status, answer.text());
        shown.push((method, path));
    }
    let description: Value = client.get("/openapi.json").await.json();
    for (path, methods) in description["paths"].as_object().expect("there are paths") {
        for method in methods.as_object().expect("a path has methods").keys() {
            let is_shown = shown.iter().any(|(m, p)| m.eq_ignore_ascii_case(method) && fits(p, path));
            assert!(is_shown, "the README has no `curl` for {} {path}", method.to_uppercase());
        }
    }
}

/// The request of a line of `curl`: its method, its path without the query, and itself.
fn request(line: &str) -> (String, String, http::Request<Body>) {
    let (mut method, mut headers, mut body, mut place) = (None, Vec::new(), None, None);
    let mut words = words(line).into_iter().skip(1);
    while let Some(word) = words.next() {
        let mut next = || words.next().unwrap_or_else(|| panic!("{line}: {word} of what?"));
        match &*word {
            "-i" => {}
            "-X" => method = Some(next()),
            "-H" => headers.push(next()),
            "-d" => body = Some(next()),
            _ => place = word.strip_prefix("localhost:8000").map(str::to_owned),
        }
    }
    let place = place.unwrap_or_else(|| panic!("{line}: where to?"));
    let method = method.unwrap_or(if body.is_some() { "POST" } else { "GET" }.to_owned());
    let mut request = http::Request::builder().method(&*method).uri(&place);
    for header in headers {
        let (name, value) = header.split_once(": ").expect("a header has a name and a value");
        request = request.header(name, value);
    }
    let request = request.body(Body::from(body.unwrap_or_default())).expect("it is a request");
    (method, place.split('?').next().unwrap_or_default().to_owned(), request)
}

/// The words of a line, as a shell takes them; what stands between single quotes is one.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut is_quoted) = (Vec::new(), String::new(), false);
    for letter in line.chars() {
        match letter {
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(std::mem::take(&mut word)),
            // A shell may look for files of this name.
            '?' | '*' | '&' if !is_quoted => panic!("{line}: `{letter}` must stand between quotes"),
            _ => word.push(letter),
        }
    }
    words.push(word);
    words.into_iter().filter(|word| !word.is_empty()).collect()
}

/// Whether a path is one of a route: `/posts/1` of `/posts/{id}`.
fn fits(path: &str, route: &str) -> bool {
    let (path, route): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), route.split('/').collect());
    path.len() == route.len() && path.iter().zip(&route).all(|(part, of)| of.starts_with('{') || part == of)
}

/// Looks at the sources of a service: `main`, `database`, `models`, `schemas`, `crud` and `routers` are there, what is done with rows knows nothing of HTTP,
/// and what knows HTTP has no statement in it.
///
/// # Panics
///
/// Panics where it is otherwise.
pub fn is_laid_out_by_layers(folder: &str) {
    let source = Path::new(folder).join("src");
    for layer in ["main", "database", "models", "schemas", "crud", "routers"] {
        assert!(source.join(format!("{layer}.rs")).exists(), "there is no src/{layer}.rs");
    }
    for (layer, words) in [
        ("models", &["axum", "http", "serde", "select("][..]),
        ("crud", &[" axum::", "http::", "StatusCode", "Json", "Problem", ".commit()"]),
        ("routers", &["aludel::prelude", "select(", "select_as", "text!", "SELECT ", ".commit()"]),
    ] {
        for (file, text) in files(&source, layer) {
            for word in words {
                assert!(!text.contains(word), "{}: `{word}` is for another layer", file.display());
            }
        }
    }
}

/// The file of a layer, and those in its folder.
fn files(source: &Path, layer: &str) -> Vec<(PathBuf, String)> {
    let inside = fs::read_dir(source.join(layer)).into_iter().flatten();
    let inside = inside.map(|file| file.expect("the folder can be read").path());
    let all = std::iter::once(source.join(format!("{layer}.rs"))).chain(inside);
    all.map(|file| (file.clone(), fs::read_to_string(&file).expect("a source is text"))).collect()
}
