//! Request ids, and the one line of the log.

use std::fmt::{self, Write};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex};

use aludel_suite::{Db, on_each_database};
use axum::extract::Request;
use tracing::field::{Field, Visit};
use tracing::instrument::WithSubscriber;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::app::{client, text};

/// Keeps the events of `aludel_axum`, each as one line; `request:` before those inside its span.
#[derive(Clone, Default)]
struct Log {
    lines: Arc<Mutex<Vec<String>>>,
    inside: Arc<AtomicI32>,
}

impl Log {
    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "aludel_axum"
    }

    fn event(&self, event: &Event<'_>) {
        let place = if self.inside.load(Ordering::Relaxed) > 0 { "request: " } else { "" };
        let mut line = Line(format!("{place}{}", event.metadata().level()));
        event.record(&mut line);
        self.lines.lock().unwrap().push(line.0);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {
        self.inside.fetch_add(1, Ordering::Relaxed);
    }

    fn exit(&self, _: &Id) {
        self.inside.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

on_each_database! {
    async fn a_request_is_one_line_with_the_number_of_its_statements(db: Db) {
        let client = client(&db).await?;
        let log = Log::default();
        let request = Request::get("/notebooks?limit=3").header("x-request-id", "abc-1").body("".into())?;
        let response = client.send(request).with_subscriber(log.clone()).await;
        assert_eq!(response.header("x-request-id"), Some("abc-1"));
        let [line] = &log.lines()[..] else { panic!("{:?}", log.lines()) };
        let expected = "INFO message=answered request_id=abc-1 method=GET path=\"/notebooks\" status=200 statements=1 ";
        assert!(line.starts_with(expected), "{line}");

        client.send(text("/notebooks", "law")).with_subscriber(log.clone()).await;
        assert!(log.lines()[1].contains("status=201 statements=1 "), "{:?}", log.lines());
    }

    async fn the_log_has_the_whole_error(db: Db) {
        let client = client(&db).await?;
        let log = Log::default();
        client.send(text("/notebooks", "law")).await;
        client.send(text("/notebooks", "law")).with_subscriber(log.clone()).await;
        let lines = log.lines();
        assert!(lines[0].starts_with("request: DEBUG message=problem status=409"), "{lines:?}");
        assert!(lines[0].contains("notebooks"), "{lines:?}");
    }

    #[only(sqlite, "nothing of it depends on the database")]
    async fn an_id_that_could_forge_a_log_is_replaced(db: Db) {
        let client = client(&db).await?;
        let long = "x".repeat(65);
        for wrong in ["", "a b", "a=1", "\"", &long] {
            let request = Request::get("/health").header("x-request-id", wrong).body("".into())?;
            let response = client.send(request).await;
            let id = response.header("x-request-id").unwrap();
            assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        }
    }
}
