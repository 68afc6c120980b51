//! What a database has: tables and what they are made of, views, sequences, enum types, domains, extensions.

use std::fmt;

use aludel_sql::schema::{
    Answer, AnswerRow, Check, ColumnDef, Domain, EnumType, Exclude, Extension, ForeignKey, Index, Inspected,
    Key, Sequence, Table, Unique, View,
};
use aludel_sql::{Error, ErrorKind, Metadata, Result, ValueRef};

use crate::connection::Connection;
use crate::driver::{End, Flow, RowSink, Statement};

/// What a database had when it was asked: SQLAlchemy's `inspect(engine)`.
///
/// Everything is read at once, in one round trip where the database can do that; the methods only look it up. The definitions are those that models
/// declare, so that [`reflect`](Self::reflect) gives what `create_all` was given.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_engine(async |engine| {
/// let inspector = engine.inspect().await?;
/// assert!(inspector.has_table("users") && !inspector.has_table("people"));
/// assert_eq!(inspector.columns("users")?[1].name, "email");
/// assert_eq!(inspector.foreign_keys("documents")?[0].parent, "users");
/// assert!(inspector.primary_key("users")?.columns == ["id"]);
/// # Ok(()) });
/// ```
#[derive(Clone, Debug)]
pub struct Inspector {
    schema: Option<String>,
    inspected: Inspected,
}

impl Inspector {
    pub(crate) async fn read(conn: &mut Connection, schema: Option<&str>) -> Result<Self> {
        let engine = conn.engine().clone();
        let dialect = engine.dialect();
        let inspection = dialect.inspection().ok_or_else(|| {
            Error::new(
                ErrorKind::Unsupported,
                format!("nobody has written how the schema of {} is read", dialect.name()),
            )
            .help("its dialect needs an `inspection`")
        })?;
        let mut answers = ask(conn, &inspection.queries(schema)?).await?;
        let more = inspection.more_queries(schema, &answers)?;
        answers.extend(ask(conn, &more).await?);
        Ok(Self { schema: schema.map(str::to_owned), inspected: inspection.read(schema, &answers)? })
    }

    /// Returns the names of all schemas.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// assert_eq!(engine.inspect().await?.schema_names()[0], "main");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn schema_names(&self) -> &[String] {
        &self.inspected.schemas
    }

    /// Returns the name of the schema that is meant where none is named.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// assert_eq!(engine.inspect().await?.default_schema_name(), Some("main")); // PostgreSQL: `public`, mostly
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn default_schema_name(&self) -> Option<&str> {
        self.inspected.default_schema.as_deref()
    }

    /// Returns the names of the tables, in order.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// assert!(engine.inspect().await?.table_names().contains(&"documents"));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn table_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.inspected.metadata.tables().iter().map(|it| it.name.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// Tells whether there is a table of this name.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let inspector = engine.inspect().await?;
    /// assert!(inspector.has_table("users"));
    /// assert!(!inspector.has_table("Users")); // names are taken as they are
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn has_table(&self, name: &str) -> bool {
        self.inspected.metadata.table(self.schema.as_deref(), name).is_some()
    }

    /// Returns a table with all that it is made of.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let inspector = engine.inspect().await?;
    /// let documents = inspector.table("documents")?;
    /// assert_eq!((documents.columns.len(), documents.foreign_keys.len()), (4, 1));
    /// let error = inspector.table("Documents").unwrap_err();
    /// assert_eq!((error.kind(), error.advice()), (ErrorKind::NotFound, Some("there is one called `documents`")));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `NotFound` where there is no table of this name.
    pub fn table(&self, name: &str) -> Result<&Table> {
        self.inspected.metadata.table(self.schema.as_deref(), name).ok_or_else(|| {
            let there = self.table_names();
            let near = there.iter().find(|it| it.eq_ignore_ascii_case(name));
            let error =
                Error::new(ErrorKind::NotFound, format!("there is no table `{name}`")).with_table(name);
            match near {
                Some(near) => error.help(format!("there is one called `{near}`")),
                None => error.help("another schema is read by `inspect_schema`"),
            }
        })
    }

    /// Returns the columns of a table, in order.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let inspector = engine.inspect().await?;
    /// let name = &inspector.columns("users")?[2];
    /// assert_eq!((name.name.as_str(), name.nullable), ("name", true));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `NotFound` where there is no table of this name.
    pub fn columns(&self, table: &str) -> Result<&[ColumnDef]> {
        Ok(&self.table(table)?.columns)
    }

    /// Returns the primary key of a table; a table without one has one of no columns.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// assert_eq!(engine.inspect().await?.primary_key("users")?.columns, ["id"]);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `NotFound` where there is no table of this name.
    pub fn primary_key(&self, table: &str) -> Result<&Key> {
        Ok(&self.table(table)?.primary_key)
    }

    /// Returns the foreign keys of a table.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let inspector = engine.inspect().await?;
    /// let [owner] = inspector.foreign_keys("documents")? else { panic!("it has one") };
    /// assert_eq!((&owner.columns[..], owner.parent.as_str(), &owner.parent_columns[..]), (&["owner_id".to_owned()][..], "users", &["id".to_owned()][..]));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `NotFound` where there is no table of this name.
    pub fn foreign_keys(&self, table: &str) -> Result<&[ForeignKey]> {
        Ok(&self.table(table)?.foreign_keys)
    }

    /// Returns the unique constraints of a table. On MariaDB and MySQL a unique index is one.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// assert_eq!(engine.inspect().await?.unique_constraints("users")?[0].columns, ["email"]);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `NotFound` where there is no table of this name.
    pub fn unique_constraints(&self, table: &str) -> Result<&[Unique]> {
        Ok(&self.table(table)?.uniques)
    }

    /// Returns the CHECK constraints of a table, without those that only keep a column to its type.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut conn = engine.connect().await?;
    /// conn.run_plain(&["CREATE TABLE shelves (id INTEGER, width INTEGER CONSTRAINT sound CHECK (width > 0))"]).await?;
    /// let inspector = conn.inspect(None).await?;
    /// assert_eq!(inspector.check_constraints("shelves")?[0].condition, "width > 0");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `NotFound` where there is no table of this name.
    pub fn check_constraints(&self, table: &str) -> Result<&[Check]> {
        Ok(&self.table(table)?.checks)
    }

    /// Returns the exclusion constraints of a table.
    ///
    /// PostgreSQL only: elsewhere a table has none.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// assert!(engine.inspect().await?.exclude_constraints("users")?.is_empty());
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `NotFound` where there is no table of this name.
    pub fn exclude_constraints(&self, table: &str) -> Result<&[Exclude]> {
        Ok(&self.table(table)?.excludes)
    }

    /// Returns the indexes of a table, without those that serve a key or a constraint.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut conn = engine.connect().await?;
    /// conn.run_plain(&["CREATE UNIQUE INDEX by_title ON documents (owner_id, title)"]).await?;
    /// let inspector = conn.inspect(None).await?;
    /// let [index] = inspector.indexes("documents")? else { panic!("it has one") };
    /// assert_eq!((index.name.as_str(), index.unique, index.parts.len()), ("by_title", true, 2));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `NotFound` where there is no table of this name.
    pub fn indexes(&self, table: &str) -> Result<&[Index]> {
        Ok(&self.table(table)?.indexes)
    }

    /// Returns the comment of a table.
    ///
    /// SQLite has no comments.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// assert_eq!(engine.inspect().await?.table_comment("users")?, None);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `NotFound` where there is no table of this name.
    pub fn table_comment(&self, table: &str) -> Result<Option<&str>> {
        Ok(self.table(table)?.comment.as_deref())
    }

    /// Returns what only this database understands of a table: option and value.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut conn = engine.connect().await?;
    /// conn.run_plain(&["CREATE TABLE words (word TEXT PRIMARY KEY) WITHOUT ROWID"]).await?;
    /// assert_eq!(conn.inspect(None).await?.table_options("words")?, [("without_rowid", "true")]);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `NotFound` where there is no table of this name.
    pub fn table_options(&self, table: &str) -> Result<Vec<(&str, &str)>> {
        Ok(self.table(table)?.options.iter().map(|(_, name, value)| (name, value)).collect())
    }

    /// Returns the names of the views, in order.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut conn = engine.connect().await?;
    /// conn.run_plain(&["CREATE VIEW titles AS SELECT title FROM documents"]).await?;
    /// let inspector = conn.inspect(None).await?;
    /// assert_eq!(inspector.view_names(), ["titles"]);
    /// assert!(!inspector.has_table("titles"));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn view_names(&self) -> Vec<&str> {
        self.inspected.views.iter().map(|it| it.name.as_str()).collect()
    }

    /// Returns a view.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut conn = engine.connect().await?;
    /// conn.run_plain(&["CREATE VIEW titles AS SELECT title FROM documents"]).await?;
    /// let inspector = conn.inspect(None).await?;
    /// assert!(inspector.view("titles")?.definition.contains("SELECT title FROM documents"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `NotFound` where there is no view of this name.
    pub fn view(&self, name: &str) -> Result<&View> {
        let view = self.inspected.views.iter().find(|it| it.name == name);
        view.ok_or_else(|| Error::new(ErrorKind::NotFound, format!("there is no view `{name}`")))
    }

    /// Returns the sequences that belong to no column.
    ///
    /// SQLite has none, MySQL neither.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// assert!(engine.inspect().await?.sequences().is_empty());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn sequences(&self) -> &[Sequence] {
        self.inspected.metadata.sequences()
    }

    /// Returns the enum types, those of columns as well.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// for it in engine.inspect().await?.enums() {
    ///     println!("{}: {}", it.name, it.values.join(", ")); // PostgreSQL: `status: draft, published`
    /// }
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn enums(&self) -> Vec<&EnumType> {
        self.inspected.metadata.enums()
    }

    /// Returns the domains, those of columns as well; one that others are over comes before them.
    ///
    /// Only PostgreSQL has them: elsewhere a column of one has the type under it, and CHECKs.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// for it in engine.inspect().await?.domains() {
    ///     println!("{}: {}", it.name, it.sql_type); // PostgreSQL: `email: varchar(255)`
    /// }
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn domains(&self) -> Vec<&Domain> {
        self.inspected.metadata.domains()
    }

    /// Returns the extensions of the whole database, in order of their names, each with its schema and its version.
    ///
    /// Only PostgreSQL has them. What belongs to an extension is in no other list. [`reflect`](Self::reflect) has those whose schema is the
    /// one that was read, without their versions.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// for it in engine.inspect().await?.extensions() {
    ///     println!("{} {:?}", it.name, it.version); // PostgreSQL: `plpgsql Some("1.0")`
    /// }
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn extensions(&self) -> &[Extension] {
        &self.inspected.extensions
    }

    /// Returns everything as metadata: what `create_all` makes again elsewhere.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let metadata = engine.inspect().await?.reflect();
    /// let copy = Engine::builder("sqlite::memory:").build()?;
    /// copy.create_all(&metadata).await?; // CREATE TABLE users (…); CREATE TABLE documents (…); …
    /// assert_eq!(copy.inspect().await?.reflect().tables().len(), metadata.tables().len());
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn reflect(&self) -> Metadata {
        self.inspected.metadata.clone()
    }

    /// Returns the tables that a filter takes, by name, as metadata; with no sequences, and no enum types and domains but those of their columns.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let users = engine.inspect().await?.reflect_only(|name| name == "users");
    /// assert_eq!(users.tables().len(), 1);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn reflect_only(&self, filter: impl Fn(&str) -> bool) -> Metadata {
        let tables = self.inspected.metadata.tables().iter().filter(|it| filter(&it.name));
        Metadata::from_tables(tables.cloned().collect())
    }
}

async fn ask(conn: &mut Connection, queries: &[String]) -> Result<Vec<Answer>> {
    let mut sink = Answers(vec![Answer::default(); queries.len()]);
    if !queries.is_empty() {
        let statements: Vec<_> = queries.iter().map(|it| Statement::plain(it)).collect();
        conn.run(&statements, End::Open, &mut sink).await?;
    }
    Ok(sink.0)
}

/// Keeps the rows of each statement as texts.
struct Answers(Vec<Answer>);

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|it| it.rows.len())).finish()
    }
}

impl RowSink for Answers {
    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<Flow> {
        let text = |cell: &ValueRef<'_>| {
            Ok(match *cell {
                ValueRef::Null => None,
                ValueRef::Text(text) | ValueRef::Decimal(text) => Some(text.to_owned()),
                ValueRef::Int(number) => Some(number.to_string()),
                ValueRef::Bool(value) => Some(value.to_string()),
                ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
                other => {
                    let what = format!("a text was asked for, and {} came", other.describe());
                    return Err(Error::new(ErrorKind::Decode, what));
                }
            })
        };
        let row = cells.iter().map(text).collect::<Result<_>>()?;
        self.0[statement].rows.push(AnswerRow(row));
        Ok(Flow::More)
    }
}
