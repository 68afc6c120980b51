//! What knows the API: everything else is input and outcome.

use aludel::{ColumnType, Dialect, Error, Expr, Result, ToSql, Value, select};
use aludel_mysql::MySqlDialect;
use aludel_postgres::PostgresDialect;
use aludel_sqlite::SqliteDialect;

use crate::models::Document;

/// What is expected of each dialect.
#[derive(Clone, Debug, PartialEq)]
pub struct Sql<T = &'static str> {
    pub sqlite: T,
    pub postgres: T,
    pub mariadb: T,
}

impl<T> Sql<T> {
    pub fn map<U>(self, mut map: impl FnMut(T) -> U) -> Sql<U> {
        Sql { sqlite: map(self.sqlite), postgres: map(self.postgres), mariadb: map(self.mariadb) }
    }
}

pub fn sqlite() -> SqliteDialect {
    SqliteDialect
}

pub fn postgres() -> PostgresDialect {
    PostgresDialect
}

pub fn mariadb() -> MySqlDialect {
    MySqlDialect::default()
}

/// Asks each dialect.
pub fn each<T>(ask: impl Fn(&dyn Dialect) -> T) -> Sql<T> {
    Sql { sqlite: ask(&sqlite()), postgres: ask(&postgres()), mariadb: ask(&mariadb()) }
}

/// The same text everywhere; each `?` stands for the placeholder of the dialect.
pub fn everywhere(sql: &str) -> Sql<String> {
    let numbered = |mark: &str| {
        let mut pieces = sql.split('?');
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces.enumerate().fold(first, |text, (at, piece)| format!("{text}{mark}{}{piece}", at + 1))
    };
    Sql { sqlite: numbered("?"), postgres: numbered("$"), mariadb: sql.to_owned() }
}

/// What a statement may be expected to be.
pub trait Expected {
    fn texts(self) -> Sql<String>;
}

impl<T: Into<String>> Expected for Sql<T> {
    fn texts(self) -> Sql<String> {
        self.map(Into::into)
    }
}

impl Expected for &str {
    fn texts(self) -> Sql<String> {
        everywhere(self)
    }
}

/// Checks the text of a statement.
#[track_caller]
pub fn check(statement: impl ToSql, expected: impl Expected) {
    let found = each(|dialect| shown(&statement.to_sql(dialect).map(|(text, _)| text)));
    compare(&found, &expected.texts());
}

/// Checks the text of a condition on documents: what stands after WHERE.
#[track_caller]
pub fn check_condition(condition: Expr<bool>, expected: impl Expected) {
    let statement = select(Document::ID).filter(condition);
    let found = each(|dialect| {
        let text = shown(&statement.to_sql(dialect).map(|(text, _)| text));
        unqualified(text.strip_prefix("SELECT documents.id FROM documents WHERE ").unwrap_or(&text))
    });
    compare(&found, &expected.texts());
}

/// Checks the text of an expression on documents, as it is selected.
#[track_caller]
pub fn check_expression<T: ColumnType>(expression: Expr<T>, expected: impl Expected) {
    let statement = select(expression).select_from(Document);
    let found = each(|dialect| {
        let text = shown(&statement.to_sql(dialect).map(|(text, _)| text));
        let inner = text.strip_prefix("SELECT ").and_then(|it| it.strip_suffix(" FROM documents"));
        unqualified(inner.unwrap_or(&text))
    });
    compare(&found, &expected.texts());
}

/// Checks the values that are sent.
#[track_caller]
pub fn check_values(statement: impl ToSql, expected: Sql<Vec<Value>>) {
    let found = each(|dialect| statement.to_sql(dialect).expect("the statement makes sense").1);
    assert_eq!(found, expected);
}

/// Checks that no dialect takes the statement, and what is said about it.
#[track_caller]
pub fn check_refused(statement: impl ToSql, expected: &str) {
    let found = each(|dialect| shown(&statement.to_sql(dialect).map(|(text, _)| text)));
    compare(&found, &Sql { sqlite: expected, postgres: expected, mariadb: expected }.texts());
}

/// Returns the text, or the error as a person sees it.
pub fn shown(result: &Result<String, Error>) -> String {
    match result {
        Ok(text) => text.clone(),
        Err(error) => told(error),
    }
}

/// Returns an error as a person sees it, without its last line, which names the page about errors of its kind.
#[track_caller]
pub fn told(error: &Error) -> String {
    let text = error.to_string();
    let page = format!("\n  more: aludel explain {}", error.kind().name());
    text.strip_suffix(&page).unwrap_or_else(|| panic!("no page: {text}")).to_owned()
}

/// Leaves the name of the only table out, which would drown what a condition is about.
fn unqualified(text: &str) -> String {
    text.replace("documents.", "")
}

#[track_caller]
pub fn compare(found: &Sql<String>, expected: &Sql<String>) {
    for (dialect, found, expected) in [
        ("SQLite", &found.sqlite, &expected.sqlite),
        ("PostgreSQL", &found.postgres, &expected.postgres),
        ("MariaDB", &found.mariadb, &expected.mariadb),
    ] {
        assert!(found == expected, "{dialect}\n   found: {found}\nexpected: {expected}");
    }
}

impl<T> From<Sql<T>> for [T; 3] {
    fn from(sql: Sql<T>) -> Self {
        [sql.sqlite, sql.postgres, sql.mariadb]
    }
}
