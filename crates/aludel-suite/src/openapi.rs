//! A client that knows a service by its OpenAPI document alone, and holds it to that.
//!
//! It sends what the document allows and what it does not: values at and beyond their bounds, of other types, hostile texts, fields that
//! nobody knows. Whatever it sends, no answer is a 5xx, each success is one that the document names, its body is of the shape that the document gives, and
//! whatever is refused is refused by an `application/problem+json`.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;

use aludel_axum::testing::TestClient;
use axum_core::body::Body;
use axum_core::response::Response;
use fastrand::Rng;
use jsonschema::Validator;
use serde_json::{Map, Value, json};
use tower_service::Service;

/// Sends so many requests to a service, and holds each answer to its document, `/openapi.json`.
///
/// # Panics
///
/// Panics, with the request, where an answer is not one that the document gives, and if a success that it names was never seen.
pub async fn hold<R>(client: &TestClient<R>, requests: u64)
where
    R: Service<http::Request<Body>, Response = Response, Error = Infallible> + Clone,
{
    let api = OpenApi::read(client.get("/openapi.json").await.json());
    let mut seen = BTreeMap::<String, u64>::new();
    let mut keys = Keys::default();
    for number in 0..requests {
        let request = api.request(number, &keys);
        let mut http = http::Request::builder().method(&*request.method).uri(&request.path);
        if request.body.is_some() {
            http = http.header("content-type", "application/json");
        }
        let body = request.body.as_ref().map(Value::to_string).unwrap_or_default();
        let answer = client.send(http.body(Body::from(body)).expect("it is a request")).await;
        let kind = answer.header("content-type").unwrap_or_default();
        *seen.entry(api.check(&request, answer.status.as_u16(), kind, &answer.body)).or_default() += 1;
        if answer.status.is_success() {
            keys.learn(&request.path, &answer.body);
        }
    }
    let never = api.never_seen(&seen);
    assert!(never.is_empty(), "nothing was answered by {never:?}, but {seen:#?}");
}

/// The description of a service.
struct OpenApi {
    document: Value,
    operations: Vec<Operation>,
}

struct Operation {
    method: String,
    path: String,
    parameters: Vec<Value>,
    body: Option<Value>,
    /// By status; none for an answer without a body.
    answers: Vec<(String, Option<Validator>)>,
}

/// A request that the client makes up.
struct Request {
    operation: usize,
    /// `GET`, `POST` and so on.
    method: String,
    /// The path with its query.
    path: String,
    /// The body, if there is one.
    body: Option<Value>,
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        self.body.as_ref().map_or(Ok(()), |body| write!(f, " {body}"))
    }
}

/// The keys of what was stored, by the first part of the path.
#[derive(Default)]
struct Keys(BTreeMap<String, Vec<i64>>);

impl Keys {
    fn learn(&mut self, path: &str, body: &[u8]) {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        self.0.entry(place(path)).or_default().extend(value["id"].as_i64());
    }

    fn of(&self, path: &str, rng: &mut Rng) -> i64 {
        let keys = self.0.get(&place(path)).map_or(&[][..], Vec::as_slice);
        rng.choice(&keys[keys.len().saturating_sub(4)..]).copied().unwrap_or(1)
    }

    fn any(&self, rng: &mut Rng) -> i64 {
        rng.choice(self.0.values().flatten().collect::<Vec<_>>()).copied().unwrap_or(1)
    }
}

fn place(path: &str) -> String {
    path.split(['/', '?']).find(|it| !it.is_empty()).unwrap_or_default().to_owned()
}

impl OpenApi {
    /// Reads a document; panics if it is none of version 3.1, names what it does not have, or has a schema that is none.
    fn read(document: Value) -> Self {
        assert!(document["openapi"].as_str().is_some_and(|it| it.starts_with("3.1")), "no OpenAPI 3.1");
        let mut operations = Vec::new();
        for (path, methods) in document["paths"].as_object().expect("there are paths") {
            for (method, operation) in methods.as_object().expect("a path has methods") {
                let content = |of: &Value| {
                    let kinds = of["content"].as_object()?;
                    Some(kinds.values().next().expect("there is a type")["schema"].clone())
                };
                for parameter in operation["parameters"].as_array().into_iter().flatten() {
                    let named =
                        format!("{{{}}}", parameter["name"].as_str().expect("a parameter has a name"));
                    let is_part = parameter["in"] == "path";
                    assert_eq!(is_part, path.contains(&named), "{method} {path}: {parameter}");
                }
                let answers = operation["responses"].as_object().expect("there are responses");
                let answers = answers.iter().map(|(status, answer)| {
                    let validator = content(answer).map(|schema| {
                        let whole = json!({ "allOf": [schema], "components": document["components"] });
                        jsonschema::validator_for(&whole)
                            .unwrap_or_else(|error| panic!("{method} {path} {status}: {error}"))
                    });
                    (status.clone(), validator)
                });
                operations.push(Operation {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    parameters: operation["parameters"].as_array().cloned().unwrap_or_default(),
                    body: content(&operation["requestBody"]),
                    answers: answers.collect(),
                });
            }
        }
        Self { document, operations }
    }

    /// Makes a request up, often about the newest of the keys. Consecutive numbers take turns with the operations.
    fn request(&self, number: u64, keys: &Keys) -> Request {
        let mut rng = Rng::with_seed(number);
        let mut index = usize::try_from(number).expect("a small number") % self.operations.len();
        if self.operations[index].method == "DELETE" && rng.bool() {
            index = rng.usize(..self.operations.len());
        }
        let operation = &self.operations[index];
        let (mut path, mut query) = (operation.path.clone(), Vec::new());
        for parameter in &operation.parameters {
            let name = parameter["name"].as_str().expect("a parameter has a name");
            let value = match self.value(&parameter["schema"], keys, &mut rng) {
                Value::Number(_) if parameter["in"] == "path" && rng.u8(..10) > 0 => {
                    keys.of(&path, &mut rng).to_string()
                }
                Value::String(text) => text,
                other => other.to_string(),
            };
            let value = escaped(&value);
            if parameter["in"] == "path" {
                // An empty part would be another path.
                let value = if value.is_empty() { "-" } else { &value };
                path = path.replace(&format!("{{{name}}}"), value);
            } else if parameter["required"] == true || rng.bool() {
                query.push(format!("{name}={value}"));
            }
        }
        if !query.is_empty() {
            path = format!("{path}?{}", query.join("&"));
        }
        let body = operation.body.as_ref().map(|schema| self.value(schema, keys, &mut rng));
        Request { operation: index, method: operation.method.clone(), path, body }
    }

    /// Holds an answer to the document. Returns the operation with its status: `POST /documents 201`.
    ///
    /// A 4xx needs no mention: what says no to a request may stand before the service.
    fn check(&self, request: &Request, status: u16, kind: &str, body: &[u8]) -> String {
        let operation = &self.operations[request.operation];
        let text = String::from_utf8_lossy(body);
        assert!(status < 500, "{request}\nanswers {status}: {text}");
        assert!(
            status < 400 || kind == "application/problem+json",
            "{request}\nanswers {status} by {kind}: {text}"
        );
        let declared = operation.answers.iter().find(|(it, _)| *it == status.to_string());
        match declared {
            Some((_, None)) => assert!(body.is_empty(), "{request}\nanswers {status}: {text}"),
            Some((_, Some(validator))) => {
                let value = serde_json::from_slice(body)
                    .unwrap_or_else(|_| panic!("{request}\nanswers {status} without JSON: {text}"));
                let wrong: Vec<String> = validator.iter_errors(&value).map(|it| it.to_string()).collect();
                assert!(wrong.is_empty(), "{request}\nanswers {status}: {text}\n{wrong:?}");
            }
            None => assert!(status >= 400, "{request}\nanswers {status}, which is not described: {text}"),
        }
        format!("{} {} {status}", operation.method, operation.path)
    }

    /// Returns the successes that the document names and that are not among these.
    fn never_seen(&self, seen: &BTreeMap<String, u64>) -> Vec<String> {
        let all = self.operations.iter().flat_map(|it| {
            let successes = it.answers.iter().filter(|(status, _)| status.starts_with('2'));
            successes.map(|(status, _)| format!("{} {} {status}", it.method, it.path))
        });
        all.filter(|it| !seen.contains_key(it)).collect()
    }

    /// Makes a value up, most often one that fits.
    fn value(&self, schema: &Value, keys: &Keys, rng: &mut Rng) -> Value {
        if let Some(name) = schema["$ref"].as_str() {
            let pointer = name.strip_prefix('#').expect("all schemas are in the document");
            return self.value(self.document.pointer(pointer).expect("what is named is there"), keys, rng);
        }
        if rng.u8(..) < 8 {
            return rng.choice(misfits()).expect("there are some");
        }
        if let Some(choices) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
            return self.value(rng.choice(choices).expect("there is a choice"), keys, rng);
        }
        if let Some(choices) = schema["enum"].as_array() {
            return rng.choice(choices).expect("there is a choice").clone();
        }
        let kinds = match &schema["type"] {
            Value::Array(kinds) => kinds.clone(),
            kind => vec![kind.clone()],
        };
        match rng.choice(&kinds).and_then(Value::as_str) {
            Some("boolean") => Value::Bool(rng.bool()),
            Some("integer") if schema["maximum"].is_null() && rng.u8(..4) > 0 => json!(keys.any(rng)),
            Some("integer") => json!(integer(schema, rng)),
            Some("number") => json!(rng.f64() * 1e6),
            Some("string") => Value::String(text(schema, rng)),
            Some("array") => (0..rng.usize(..4)).map(|_| self.value(&schema["items"], keys, rng)).collect(),
            Some("object") => Value::Object(self.object(schema, keys, rng)),
            _ => Value::Null,
        }
    }

    fn object(&self, schema: &Value, keys: &Keys, rng: &mut Rng) -> Map<String, Value> {
        let required = schema["required"].as_array();
        let mut object = Map::new();
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            let is_required = required.is_some_and(|it| it.iter().any(|it| it == name));
            if rng.u8(..) < if is_required { 250 } else { 150 } {
                object.insert(name.clone(), self.value(schema, keys, rng));
            }
        }
        if rng.u8(..) < 10 {
            object.insert("is_admin".to_owned(), Value::Bool(true));
        }
        object
    }
}

fn misfits() -> Vec<Value> {
    vec![
        Value::Null,
        json!(-1),
        json!(1.5),
        json!("1"),
        json!([]),
        json!({}),
        json!([[[[]]]]),
        json!(u64::MAX),
    ]
}

/// Small numbers are the keys of what is there.
fn integer(schema: &Value, rng: &mut Rng) -> i64 {
    let (low, high) = (schema["minimum"].as_i64(), schema["maximum"].as_i64());
    match rng.u8(..10) {
        0 => low.unwrap_or(i64::MIN),
        1 => high.unwrap_or(i64::MAX),
        2 => low.unwrap_or(0).saturating_sub(1),
        3 => high.unwrap_or(i64::from(i32::MAX)).saturating_add(1),
        _ => low.unwrap_or(1).saturating_add(rng.i64(..4)),
    }
}

fn text(schema: &Value, rng: &mut Rng) -> String {
    const HOSTILE: [&str; 12] = [
        "",
        " ",
        "'; DROP TABLE users; --",
        "\\' OR 1=1 #",
        "%_*?",
        "\"\" NEAR ( AND",
        "../../etc/passwd",
        "<script>alert(1)</script>",
        "\u{0}",
        "e\u{301}🦀\u{202e}",
        "null",
        "-9223372036854775809",
    ];
    if rng.u8(..8) == 0 {
        return rng.choice(HOSTILE).expect("there are some").to_owned();
    }
    if rng.u8(..12) == 0 {
        let most = schema["maxLength"].as_u64().map_or(300, |it| it + 1);
        return "ü".repeat(usize::try_from(most).expect("a length"));
    }
    let word = rng.choice(["harvest", "report", "law", "Sam", "ocean"]).expect("there are some");
    match schema["format"].as_str() {
        Some("email") => format!("{word}{}@example.com", rng.u32(..1000)),
        Some("date-time") => "2026-11-21T10:00:00Z".to_owned(),
        _ if rng.bool() => word.to_owned(),
        // An address where the document does not say that it wants one.
        _ => format!("{word}{}@example.com", rng.u32(..1000)),
    }
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
