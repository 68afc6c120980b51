//! What a piece of a test sends: the statements in order, cut down to verb and table.

use std::cell::RefCell;
use std::fmt;
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

tokio::task_local! {
    static SENT: RefCell<Vec<String>>;
}

/// Runs something and returns the texts of what it sent, BEGIN and COMMIT left out.
pub async fn texts<T>(work: impl Future<Output = aludel::Result<T>>) -> aludel::Result<Vec<String>> {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| tracing::subscriber::set_global_default(Log).expect("nobody else listens"));
    let sent = SENT.scope(RefCell::default(), async { work.await.map(|_| SENT.with(|it| it.take())) });
    let not_about_transactions = |it: &String| !["BEGIN", "COMMIT", "ROLLBACK"].contains(&it.as_str());
    Ok(sent.await?.into_iter().filter(not_about_transactions).collect())
}

/// As [`texts`], each statement cut down to its first words: `INSERT INTO tags`, `UPDATE users SET name`, `DELETE FROM tags`.
pub async fn log<T>(work: impl Future<Output = aludel::Result<T>>) -> aludel::Result<Vec<String>> {
    Ok(texts(work).await?.iter().map(|it| short(it)).collect())
}

/// Every database has a form of its own for many rows; what they have in common is the verb, the table and the columns that are set.
fn short(sql: &str) -> String {
    let sql = sql.strip_prefix("WITH u AS (").unwrap_or(sql);
    let words: Vec<&str> = sql.split_whitespace().collect();
    match words.as_slice() {
        ["INSERT", "INTO", table, ..] => format!("INSERT INTO {table}"),
        ["DELETE", "FROM", table, ..] | ["DELETE", "t", "FROM", table, ..] => format!("DELETE FROM {table}"),
        ["UPDATE", table, ..] => {
            let set = sql.rsplit_once(" SET ").map_or("", |(_, set)| set);
            let set =
                set.split(" FROM ").next().and_then(|it| it.split(" WHERE ").next()).unwrap_or_default();
            let names = set.split(", ").filter_map(|it| it.split_once(" = "));
            let names: Vec<&str> = names.map(|(name, _)| name.trim_start_matches("t.")).collect();
            format!("UPDATE {table} SET {}", names.join(", "))
        }
        _ => {
            let from = sql.split_once(" FROM ").map_or("", |(_, from)| from);
            format!("SELECT FROM {}", from.split_whitespace().next().unwrap_or_default())
        }
    }
}

struct Log;

struct Sql(Option<String>);

impl Visit for Sql {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "sql" {
            self.0 = Some(format!("{value:?}"));
        }
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "aludel::sql"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut sql = Sql(None);
        event.record(&mut sql);
        if let Some(sql) = sql.0 {
            // Other tests run beside this one: their tasks have no log.
            let _ = SENT.try_with(|sent| sent.borrow_mut().push(sql));
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
