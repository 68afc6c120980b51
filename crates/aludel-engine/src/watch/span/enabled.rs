//! A span of `tracing` with the names that OpenTelemetry's conventions for databases have declared stable.
//!
//! The text of a statement holds placeholders where its values are, as the conventions ask for it.

use aludel_sql::Result;
use tracing::Instrument;
use tracing::field::Empty;
use tracing::instrument::Instrumented;

use crate::driver::{Batch, End, Ran};
use crate::engine::Engine;

/// One span for what travels together: a client's call of the database.
#[derive(Debug)]
pub(crate) struct Span(tracing::Span);

impl Span {
    pub(crate) fn is_wanted() -> bool {
        tracing::enabled!(target: "aludel::query", tracing::Level::INFO)
    }

    pub(crate) fn of(engine: &Engine, batch: &Batch<'_>, logging_token: Option<&str>) -> Self {
        let url = engine.url();
        let span = tracing::info_span!(
            target: "aludel::query",
            "query",
            otel.kind = "client",
            otel.name = Empty,
            otel.status_code = Empty,
            db.system.name = engine.dialect().name().to_lowercase(),
            db.namespace = url.database(),
            db.operation.name = Empty,
            db.operation.batch.size = Empty,
            db.collection.name = Empty,
            db.query.text = Empty,
            db.query.summary = Empty,
            db.response.returned_rows = Empty,
            db.response.status_code = Empty,
            server.address = url.host(),
            server.port = url.port(),
            error.type = Empty,
            logging_token,
        );
        if span.is_disabled() {
            return Self(span);
        }
        let texts: Vec<&str> = batch.statements.iter().map(|it| it.sql).collect();
        let (operation, collection) = match texts[..] {
            [] if batch.end == End::Rollback => ("ROLLBACK".to_owned(), None),
            [] => ("COMMIT".to_owned(), None),
            [text] => (operation(text), collection(text)),
            _ => {
                span.record("db.operation.batch.size", texts.len());
                let first = operation(texts[0]);
                let same = texts.iter().all(|text| operation(text) == first);
                let one =
                    collection(texts[0]).filter(|it| texts.iter().all(|text| collection(text) == Some(*it)));
                (if same { format!("BATCH {first}") } else { "BATCH".to_owned() }, one)
            }
        };
        let summary = match collection {
            Some(collection) => format!("{operation} {collection}"),
            None => operation.clone(),
        };
        span.record("otel.name", &summary);
        span.record("db.query.summary", &summary);
        span.record("db.operation.name", &operation);
        if let Some(collection) = collection {
            span.record("db.collection.name", collection);
        }
        if !texts.is_empty() {
            span.record("db.query.text", texts.join("; "));
        }
        Self(span)
    }

    pub(crate) fn around<F: Future>(&self, run: F) -> Instrumented<F> {
        run.instrument(self.0.clone())
    }

    /// Records how the batch ended.
    pub(crate) fn over(&self, ran: &Result<Ran>, rows: u64) {
        match ran {
            Ok(_) => {
                self.0.record("db.response.returned_rows", rows);
            }
            Err(error) => {
                self.0.record("otel.status_code", "ERROR");
                self.0.record("error.type", error.code().unwrap_or(error.kind().describe()));
                if let Some(code) = error.code() {
                    self.0.record("db.response.status_code", code);
                }
            }
        }
    }
}

/// Returns the first word of a statement, in capitals.
fn operation(sql: &str) -> String {
    let word = sql.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    word.to_ascii_uppercase()
}

/// Returns the first table of a statement.
fn collection(sql: &str) -> Option<&str> {
    let mut words = sql.split_ascii_whitespace();
    let after =
        |word: &str| ["FROM", "INTO", "UPDATE", "TABLE"].iter().any(|it| it.eq_ignore_ascii_case(word));
    words.find(|word| after(word))?;
    let name = words.next()?.trim_end_matches([',', ';', ')']).trim_matches(['"', '`']);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '"' | '`');
    (!name.is_empty() && name.chars().all(plain)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_the_operation_and_the_first_table() {
        for (sql, expected) in [
            ("SELECT users.id FROM users WHERE users.id = $1", ("SELECT", Some("users"))),
            ("INSERT INTO \"order\" (id) VALUES (?1)", ("INSERT", Some("order"))),
            ("update documents SET title = ?", ("UPDATE", Some("documents"))),
            ("DELETE FROM a.b", ("DELETE", Some("a.b"))),
            ("SELECT 1", ("SELECT", None)),
            ("SELECT n FROM (SELECT 1) x", ("SELECT", None)),
            ("COMMIT", ("COMMIT", None)),
            ("", ("", None)),
        ] {
            assert_eq!((operation(sql).as_str(), collection(sql)), expected, "{sql}");
        }
    }
}
