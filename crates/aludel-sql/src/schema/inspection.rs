//! Reading back what a database has, in the words that models declare it with.
//!
//! A dialect says what to ask and reads the answers; the engine asks. Nothing here talks to a database.

use super::column::ColumnDef;
use super::extension::Extension;
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
    /// ```
    /// use aludel::{Dialect, PostgresDialect, SqliteDialect};
    ///
    /// let sqlite = SqliteDialect.inspection().unwrap().queries(None)?;
    /// assert!(sqlite[1].ends_with("FROM main.sqlite_schema ORDER BY rowid"));
    /// // One round trip, whatever their number: a dialect asks for all tables at once, not for one after the other.
    /// assert!(sqlite.len() < 10);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` for a name that no database can hold.
    fn queries(&self, schema: Option<&str>) -> Result<Vec<String>>;

    /// Writes the queries that need the answers to the first ones.
    ///
    /// ```
    /// use aludel::{Dialect, SqliteDialect};
    ///
    /// // The catalog of SQLite tells everything at once.
    /// assert!(SqliteDialect.inspection().unwrap().more_queries(None, &[])?.is_empty());
    /// # Ok::<(), aludel::Error>(())
    /// ```
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
    /// ```
    /// use aludel::schema::{Answer, AnswerRow};
    /// use aludel::{Dialect, SqliteDialect};
    ///
    /// let inspection = SqliteDialect.inspection().unwrap();
    /// let mut answers = vec![Answer::default(); inspection.queries(None)?.len()];
    /// let cell = |it: &str| Some(it.to_owned());
    /// let view = AnswerRow(vec![cell("view"), cell("old"), cell("old"), cell("CREATE VIEW old AS SELECT 1")]);
    /// answers[1].rows.push(view);
    /// let inspected = inspection.read(None, &answers)?;
    /// assert_eq!((inspected.views[0].name.as_str(), inspected.views[0].definition.as_str()), ("old", "SELECT 1"));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Decode` where an answer is not what was asked for.
    fn read(&self, schema: Option<&str>, answers: &[Answer]) -> Result<Inspected>;

    /// Reads the expression of a column's default: `'draft'` is a text, `7` a number.
    ///
    /// ```
    /// use aludel::schema::ColumnDef;
    /// use aludel::{Dialect, PostgresDialect, SqlType};
    /// use aludel_sql::ServerDefault;
    ///
    /// // PostgreSQL says the type with the text.
    /// let state = ColumnDef::new("state", SqlType::Text);
    /// let read = PostgresDialect.inspection().unwrap().server_default(&state, "'draft'::text");
    /// assert_eq!(read, ServerDefault::Text("draft".into()));
    /// ```
    fn server_default(&self, column: &ColumnDef, sql: &str) -> ServerDefault<String>;

    /// Makes a table of a model what the database keeps of it, where the words of [`Features`](crate::Features) do not say it: options that go
    /// without saying, types that become others.
    ///
    /// ```
    /// use aludel::schema::{ColumnDef, Table};
    /// use aludel::{Dialect, SqlType, SqliteDialect};
    ///
    /// // In SQLite an integer that is the whole primary key is the rowid, which has 64 bits and counts by itself.
    /// let mut table = Table::new("t");
    /// table.columns.push(ColumnDef::new("id", SqlType::Integer));
    /// table.primary_key.columns = vec!["id".into()];
    /// SqliteDialect.inspection().unwrap().stored(&mut table);
    /// assert_eq!(table.columns[0].sql_type, SqlType::BigInt);
    /// assert!(table.columns[0].identity.is_some());
    /// ```
    fn stored(&self, table: &mut Table) {
        let _ = table;
    }

    /// Returns the schema that tables are made in for a moment, so that the server writes their expressions in its own way; none where it keeps
    /// them as they were written.
    ///
    /// ```
    /// use aludel::{Dialect, PostgresDialect, SqliteDialect};
    ///
    /// assert_eq!(PostgresDialect.inspection().unwrap().scratch_schema(), Some("pg_temp"));
    /// assert_eq!(SqliteDialect.inspection().unwrap().scratch_schema(), None);
    /// ```
    fn scratch_schema(&self) -> Option<&'static str> {
        None
    }
}

/// What a database has in one schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspected {
    /// Tables, enum types, domains and sequences, and the extensions that are in this schema.
    pub metadata: Metadata,
    /// The extensions of the whole database, each with its schema and version.
    pub extensions: Vec<Extension>,
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
    ///
    /// ```
    /// use aludel::schema::AnswerRow;
    ///
    /// let row = AnswerRow(vec![Some("books".into()), None]);
    /// assert_eq!((row.get(0), row.get(1)), (Some("books"), None));
    /// ```
    #[must_use]
    pub fn get(&self, at: usize) -> Option<&str> {
        self.0.get(at)?.as_deref()
    }

    /// Returns a cell; NULL is empty.
    ///
    /// ```
    /// use aludel::schema::AnswerRow;
    ///
    /// let row = AnswerRow(vec![Some("books".into()), None]);
    /// assert_eq!((row.text(0), row.text(1)), ("books".to_owned(), String::new()));
    /// ```
    #[must_use]
    pub fn text(&self, at: usize) -> String {
        self.get(at).unwrap_or_default().to_owned()
    }

    /// Returns a cell that holds something.
    ///
    /// ```
    /// use aludel::schema::AnswerRow;
    ///
    /// // Some catalogs say "no comment" as NULL, others as an empty text.
    /// let row = AnswerRow(vec![Some("All books".into()), Some(String::new()), None]);
    /// assert_eq!(row.some(0).as_deref(), Some("All books"));
    /// assert_eq!((row.some(1), row.some(2)), (None, None));
    /// ```
    #[must_use]
    pub fn some(&self, at: usize) -> Option<String> {
        self.get(at).filter(|it| !it.is_empty()).map(str::to_owned)
    }

    /// Tells whether a cell says yes.
    ///
    /// ```
    /// use aludel::schema::AnswerRow;
    ///
    /// let row = AnswerRow(vec![Some("YES".into()), Some("t".into()), Some("0".into()), None]);
    /// assert!(row.flag(0) && row.flag(1) && !row.flag(2) && !row.flag(3));
    /// ```
    #[must_use]
    pub fn flag(&self, at: usize) -> bool {
        matches!(self.get(at), Some("1" | "t" | "true" | "YES"))
    }

    /// Returns a number; anything else is `None`.
    ///
    /// ```
    /// use aludel::schema::AnswerRow;
    ///
    /// let row = AnswerRow(vec![Some("255".into()), Some("many".into())]);
    /// assert_eq!((row.number::<u32>(0), row.number::<u32>(1)), (Some(255), None));
    /// ```
    #[must_use]
    pub fn number<N: std::str::FromStr>(&self, at: usize) -> Option<N> {
        self.get(at)?.parse().ok()
    }
}
