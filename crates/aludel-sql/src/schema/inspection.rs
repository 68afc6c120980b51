//! Reading back what a database has, in the words that models declare it with.
//!
//! A dialect says what to ask and reads the answers; the engine asks. Nothing here talks to a database.

use super::column::ColumnDef;
use super::metadata::Metadata;
use super::table::Table;
use crate::error::Result;
use crate::mapping::ServerDefault;

/// How the schema of a database is read: what to ask, and what the answers mean.
///
/// Beside [`Dialect`](crate::Dialect), which hands it out: a database of a third party has its own. All cells are text.
pub trait Inspection: Send + Sync {
    /// Writes the queries for what is in a schema; `None` is the default one. They travel together.
    ///
    /// # Errors
    ///
    /// Kind `Schema` for a name that no database can hold.
    fn queries(&self, schema: Option<&str>) -> Result<Vec<String>>;

    /// Writes the queries that need the answers to the first ones.
    ///
    /// # Errors
    ///
    /// Kind `Schema` for a name that no database can hold.
    fn more_queries(&self, schema: Option<&str>, answers: &[Answer]) -> Result<Vec<String>> {
        let _ = (schema, answers);
        Ok(Vec::new())
    }

    /// Reads the answers to all queries.
    ///
    /// # Errors
    ///
    /// Kind `Decode` where an answer is not what was asked for.
    fn read(&self, schema: Option<&str>, answers: &[Answer]) -> Result<Inspected>;

    /// Reads the expression of a column's default: `'draft'` is a text, `7` a number.
    fn server_default(&self, column: &ColumnDef, sql: &str) -> ServerDefault<String>;

    /// Makes a table of a model what the database keeps of it, where the words of [`Features`](crate::Features) do not say it: options that go
    /// without saying, types that become others.
    fn stored(&self, table: &mut Table) {
        let _ = table;
    }

    /// Returns the schema that tables are made in for a moment, so that the server writes their expressions in its own way; none where it keeps
    /// them as they were written.
    fn scratch_schema(&self) -> Option<&'static str> {
        None
    }
}

/// What a database has in one schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspected {
    /// Tables, enum types and sequences.
    pub metadata: Metadata,
    /// Views.
    pub views: Vec<View>,
    /// The names of all schemas.
    pub schemas: Vec<String>,
    /// The name of the default schema, if it has one.
    pub default_schema: Option<String>,
}

/// A view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Its name.
    pub name: String,
    /// The schema it is in, if not the default one.
    pub schema: Option<String>,
    /// Its query, in SQL.
    pub definition: String,
    /// Whether its rows are kept.
    pub materialized: bool,
}

/// The answer to one query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The rows.
    pub rows: Vec<AnswerRow>,
}

/// A row of an answer: texts and NULLs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerRow(pub Vec<Option<String>>);

impl AnswerRow {
    /// Returns a cell, or `None` for NULL.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<&str> {
        self.0.get(at)?.as_deref()
    }

    /// Returns a cell; NULL is empty.
    #[must_use]
    pub fn text(&self, at: usize) -> String {
        self.get(at).unwrap_or_default().to_owned()
    }

    /// Returns a cell that holds something.
    #[must_use]
    pub fn some(&self, at: usize) -> Option<String> {
        self.get(at).filter(|it| !it.is_empty()).map(str::to_owned)
    }

    /// Tells whether a cell says yes.
    #[must_use]
    pub fn flag(&self, at: usize) -> bool {
        matches!(self.get(at), Some("1" | "t" | "true" | "YES"))
    }

    /// Returns a number; anything else is `None`.
    #[must_use]
    pub fn number<N: std::str::FromStr>(&self, at: usize) -> Option<N> {
        self.get(at)?.parse().ok()
    }
}
