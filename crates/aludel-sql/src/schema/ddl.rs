//! DDL that comes with the tables and that no column or constraint says: functions, triggers, and any other SQL around their creation.

use std::fmt;

use super::operation::{PerDialect, TableName};

/// A function, a trigger, or SQL that runs when tables are created and dropped, with its text for each database.
///
/// A database that has no text is refused, by name, before anything is sent to it: say [`nothing`](Self::nothing) where there is nothing to
/// do. The databases are named by the key of their dialect, as in the SQL of revisions: `sqlite`, `postgres`, `mariadb`, `mysql`.
///
/// ```
/// # use {aludel::prelude::*, library::Book};
/// use aludel::schema::Ddl;
///
/// let metadata = Metadata::of(Book)
///     .ddl(Ddl::function("shout").nothing("sqlite").nothing("mysql").nothing("mariadb").sql(
///         "postgres",
///         "() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.title = upper(NEW.title); RETURN NEW; END $$",
///     ))
///     .ddl(
///         Ddl::trigger("books_shout", "books")
///             .sql("postgres", "BEFORE INSERT ON books FOR EACH ROW EXECUTE FUNCTION shout()")
///             .sql("mariadb", "BEFORE INSERT ON books FOR EACH ROW SET NEW.title = upper(NEW.title)")
///             .sql("mysql", "BEFORE INSERT ON books FOR EACH ROW SET NEW.title = upper(NEW.title)")
///             .sql("sqlite", "AFTER INSERT ON books BEGIN UPDATE books SET title = upper(title) WHERE id = NEW.id; END"),
///     );
/// // `engine.create_all(&metadata)` on PostgreSQL: CREATE FUNCTION shout() …; CREATE TABLE books (…); CREATE TRIGGER books_shout …
/// assert_eq!(metadata.ddls().len(), 2);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ddl {
    /// What it is.
    pub kind: DdlKind,
    /// Its name. That of a function, procedure or trigger is its name in the database.
    pub name: String,
    /// The schema that a function or procedure is in, if not the default one. A trigger is in that of its table.
    pub schema: Option<String>,
    /// The table that it belongs to; none if it belongs to the whole.
    pub table: Option<TableName>,
    /// Whether it comes before the tables or after them.
    pub order: DdlOrder,
    /// What creates it, for each database. Of a function, procedure or trigger, what follows `CREATE FUNCTION name`: one statement.
    pub create: PerDialect,
    /// What undoes [`DdlKind::Statements`], for each database that has some; the others know how they are dropped.
    pub drop: PerDialect,
}

/// What a [`Ddl`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DdlKind {
    /// A function. SQLite has none that SQL declares.
    Function,
    /// A procedure. SQLite has none.
    Procedure,
    /// A trigger of a table.
    Trigger,
    /// Any statements.
    Statements,
}

/// When a [`Ddl`] runs: what comes first goes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DdlOrder {
    /// Before the tables, or its table, are created; it is undone after they are dropped.
    BeforeTables,
    /// After all tables are created; it is undone before they are dropped.
    AfterTables,
}

impl DdlKind {
    /// Returns the word for it: `trigger`, `ddl`.
    ///
    /// ```
    /// use aludel::schema::DdlKind;
    ///
    /// assert_eq!(DdlKind::Function.word(), "function");
    /// ```
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Procedure => "procedure",
            Self::Trigger => "trigger",
            Self::Statements => "ddl",
        }
    }

    /// Returns when it runs unless something else is said: a default may call a function, and a procedure reads tables.
    ///
    /// ```
    /// use aludel::schema::{DdlKind, DdlOrder};
    ///
    /// assert_eq!(DdlKind::Function.usual_order(), DdlOrder::BeforeTables);
    /// assert_eq!(DdlKind::Trigger.usual_order(), DdlOrder::AfterTables);
    /// ```
    #[must_use]
    pub const fn usual_order(self) -> DdlOrder {
        match self {
            Self::Function => DdlOrder::BeforeTables,
            Self::Procedure | Self::Trigger | Self::Statements => DdlOrder::AfterTables,
        }
    }

    /// Tells whether it is a function or a procedure.
    pub(crate) const fn is_routine(self) -> bool {
        matches!(self, Self::Function | Self::Procedure)
    }
}

impl Ddl {
    fn new(kind: DdlKind, name: String, table: Option<TableName>) -> Self {
        Self {
            kind,
            name,
            schema: None,
            table,
            order: kind.usual_order(),
            create: PerDialect::Each([].into()),
            drop: PerDialect::default(),
        }
    }

    /// A function, whose text is what follows `CREATE FUNCTION name`. It comes before the tables, as defaults and checks may call it.
    ///
    /// ```
    /// use aludel::schema::Ddl;
    /// use aludel::{Dialect, PostgresDialect};
    ///
    /// let twice = Ddl::function("twice").sql("postgres", "(n bigint) RETURNS bigint LANGUAGE sql RETURN n * 2");
    /// assert_eq!(
    ///     PostgresDialect.create_ddl(&twice)?,
    ///     ["CREATE FUNCTION twice(n bigint) RETURNS bigint LANGUAGE sql RETURN n * 2"]
    /// );
    /// assert_eq!(PostgresDialect.drop_ddl(&twice)?, ["DROP FUNCTION twice"]);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn function(name: impl Into<String>) -> Self {
        Self::new(DdlKind::Function, name.into(), None)
    }

    /// A procedure, whose text is what follows `CREATE PROCEDURE name`. It comes after the tables.
    ///
    /// ```
    /// use aludel::schema::Ddl;
    /// use aludel::{Dialect, MySqlDialect};
    ///
    /// let dialect = MySqlDialect::default();
    /// let forget = Ddl::procedure("forget").sql(dialect.key(), "() DELETE FROM sessions");
    /// assert_eq!(dialect.create_ddl(&forget)?, ["CREATE PROCEDURE forget() DELETE FROM sessions"]);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn procedure(name: impl Into<String>) -> Self {
        Self::new(DdlKind::Procedure, name.into(), None)
    }

    /// A trigger of a table, whose text is what follows `CREATE TRIGGER name`.
    ///
    /// ```
    /// use aludel::schema::Ddl;
    /// use aludel::{Dialect, PostgresDialect, SqliteDialect};
    ///
    /// let log = Ddl::trigger("books_log", "books")
    ///     .sql("sqlite", "AFTER DELETE ON books BEGIN INSERT INTO log VALUES (OLD.title); END")
    ///     .nothing("postgres");
    /// assert_eq!(
    ///     SqliteDialect.create_ddl(&log)?,
    ///     ["CREATE TRIGGER books_log AFTER DELETE ON books BEGIN INSERT INTO log VALUES (OLD.title); END"]
    /// );
    /// assert!(PostgresDialect.create_ddl(&log)?.is_empty());
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn trigger(name: impl Into<String>, table: impl Into<TableName>) -> Self {
        Self::new(DdlKind::Trigger, name.into(), Some(table.into()))
    }

    /// Statements that run before the tables are created; what [`drop_sql`](Self::drop_sql) says runs after they are dropped.
    ///
    /// Those of the whole run with each `create_all`, whatever is there: write them so that they can. Those [of a table](Self::of) run when it
    /// is created.
    ///
    /// ```
    /// use aludel::schema::Ddl;
    /// use aludel::{Dialect, PostgresDialect};
    ///
    /// let role = Ddl::before_create("the reading role")
    ///     .sql("postgres", "CREATE ROLE reader")
    ///     .drop_sql("postgres", "DROP ROLE reader")
    ///     .nothing("sqlite");
    /// assert_eq!(PostgresDialect.drop_ddl(&role)?, ["DROP ROLE reader"]);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn before_create(name: impl Into<String>) -> Self {
        Self { order: DdlOrder::BeforeTables, ..Self::after_create(name) }
    }

    /// Statements that run after the tables are created; what [`drop_sql`](Self::drop_sql) says runs before they are dropped.
    ///
    /// Those of the whole run with each `create_all`, whatever is there: write them so that they can. Those [of a table](Self::of) run when it
    /// is created.
    ///
    /// ```
    /// use aludel::schema::Ddl;
    /// use aludel::{Dialect, SqliteDialect};
    ///
    /// let first = Ddl::after_create("the first author")
    ///     .of("authors")
    ///     .everywhere("INSERT INTO authors (name) VALUES ('anonymous')");
    /// assert_eq!(SqliteDialect.create_ddl(&first)?, ["INSERT INTO authors (name) VALUES ('anonymous')"]);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn after_create(name: impl Into<String>) -> Self {
        Self::new(DdlKind::Statements, name.into(), None)
    }

    /// Lets it belong to a table.
    ///
    /// ```
    /// use aludel::schema::{Ddl, TableName};
    ///
    /// let ddl = Ddl::after_create("fillfactor").of("books").sql("postgres", "ALTER TABLE books SET (fillfactor = 70)");
    /// assert_eq!(ddl.table, Some(TableName::from("books")));
    /// ```
    #[must_use]
    pub fn of(mut self, table: impl Into<TableName>) -> Self {
        self.table = Some(table.into());
        self
    }

    /// Puts a function or procedure into a schema.
    ///
    /// ```
    /// use aludel::schema::Ddl;
    ///
    /// let twice = Ddl::function("twice").schema("app");
    /// assert_eq!(twice.to_string(), "function app.twice");
    /// ```
    #[must_use]
    pub fn schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = Some(schema.into());
        self
    }

    /// Lets it come after the tables: a function in SQL that reads them.
    ///
    /// ```
    /// use aludel::schema::{Ddl, DdlOrder};
    ///
    /// let count = Ddl::function("count_books")
    ///     .after_tables()
    ///     .sql("postgres", "() RETURNS bigint LANGUAGE sql RETURN (SELECT count(*) FROM books)");
    /// assert_eq!(count.order, DdlOrder::AfterTables);
    /// ```
    #[must_use]
    pub fn after_tables(mut self) -> Self {
        self.order = DdlOrder::AfterTables;
        self
    }

    /// Adds the text for a database, by the key of its dialect. [`Statements`](DdlKind::Statements) may have several.
    ///
    /// ```
    /// use aludel::schema::Ddl;
    ///
    /// let ddl = Ddl::after_create("settings").sql("sqlite", "PRAGMA user_version = 7").nothing("postgres");
    /// assert_eq!(ddl.create.get("sqlite").unwrap(), ["PRAGMA user_version = 7"]);
    /// ```
    #[must_use]
    pub fn sql(mut self, dialect: &str, sql: impl Into<String>) -> Self {
        add(&mut self.create, dialect, Some(sql.into()));
        self
    }

    /// Adds a statement that is the same for all databases.
    ///
    /// ```
    /// use aludel::schema::{Ddl, PerDialect};
    ///
    /// let ddl = Ddl::after_create("the first author").of("authors").everywhere("INSERT INTO authors (name) VALUES ('A')");
    /// assert_eq!(ddl.create, PerDialect::All(vec!["INSERT INTO authors (name) VALUES ('A')".into()]));
    /// ```
    #[must_use]
    pub fn everywhere(mut self, sql: impl Into<String>) -> Self {
        match &mut self.create {
            PerDialect::All(all) => all.push(sql.into()),
            each @ PerDialect::Each(_) => *each = PerDialect::All(vec![sql.into()]),
        }
        self
    }

    /// Adds a statement that undoes it, for a database. It is for [`Statements`](DdlKind::Statements): the others know how they are dropped.
    ///
    /// ```
    /// use aludel::schema::Ddl;
    ///
    /// let ddl = Ddl::before_create("a role").sql("postgres", "CREATE ROLE r").drop_sql("postgres", "DROP ROLE r");
    /// assert_eq!(ddl.drop.get("postgres").unwrap(), ["DROP ROLE r"]);
    /// ```
    #[must_use]
    pub fn drop_sql(mut self, dialect: &str, sql: impl Into<String>) -> Self {
        add(&mut self.drop, dialect, Some(sql.into()));
        self
    }

    /// Says that a database does without it.
    ///
    /// ```
    /// use aludel::schema::Ddl;
    /// use aludel::{Dialect, SqliteDialect};
    ///
    /// let shout = Ddl::function("shout").sql("postgres", "() RETURNS text LANGUAGE sql RETURN 'ah'");
    /// assert_eq!(SqliteDialect.create_ddl(&shout).unwrap_err().what(), "the function `shout` has no SQL for SQLite");
    /// assert!(SqliteDialect.create_ddl(&shout.nothing("sqlite"))?.is_empty());
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn nothing(mut self, dialect: &str) -> Self {
        add(&mut self.create, dialect, None);
        self
    }

    /// Tells whether another one would be the same object of a database.
    ///
    /// ```
    /// use aludel::schema::Ddl;
    ///
    /// let log = Ddl::trigger("log", "books");
    /// assert!(log.has_name_of(&log.clone().nothing("sqlite")));
    /// assert!(!log.has_name_of(&Ddl::function("log")));
    /// ```
    #[must_use]
    pub fn has_name_of(&self, other: &Self) -> bool {
        self.kind == other.kind && self.name == other.name && self.in_schema() == other.in_schema()
    }

    /// Returns the schema that it is in, if not the default one.
    ///
    /// ```
    /// use aludel::schema::{Ddl, TableName};
    ///
    /// let books = TableName { schema: Some("app".into()), name: "books".into() };
    /// assert_eq!(Ddl::trigger("books_log", books).in_schema(), Some("app"));
    /// ```
    #[must_use]
    pub fn in_schema(&self) -> Option<&str> {
        match self.kind {
            DdlKind::Trigger => self.table.as_ref()?.schema.as_deref(),
            DdlKind::Function | DdlKind::Procedure => self.schema.as_deref(),
            DdlKind::Statements => None,
        }
    }
}

/// Adds a statement for a dialect, or says that there is none.
fn add(statements: &mut PerDialect, dialect: &str, sql: Option<String>) {
    if let PerDialect::All(_) = statements {
        *statements = PerDialect::Each([].into());
    }
    if let PerDialect::Each(each) = statements {
        each.entry(dialect.to_owned()).or_default().extend(sql);
    }
}

/// Names it: `function app.twice`, `trigger books_log on books`.
impl fmt::Display for Ddl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.kind.word())?;
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        f.write_str(&self.name)?;
        match &self.table {
            Some(table) => write!(f, " on {table}"),
            None => Ok(()),
        }
    }
}
