//! The one error type of every layer: a kind to match on, and a message for the person who is stuck.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::printable::Printable;

/// The result of every fallible call in Aludel.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Declares the kinds: each with its doc comment, the name of its page and the words that open its messages.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $name:literal $words:literal)*) => {
        /// What went wrong, sorted by meaning and not by database.
        ///
        /// Each kind has a page in the book, which `aludel explain NAME` prints. The list grows; match with a `_` arm.
        ///
        /// ```
        /// use aludel_sql::ErrorKind;
        ///
        /// assert_eq!(ErrorKind::StaleData.name(), "stale-data"); // aludel explain stale-data
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $($(#[$doc])* $kind,)*
        }

        impl ErrorKind {
            /// All kinds, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// Returns the name that stays: that of the page about this kind, and what `aludel explain` takes.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }

            /// Returns the words that open an error message of this kind.
            #[must_use]
            pub const fn describe(self) -> &'static str {
                match self {
                    $(Self::$kind => $words,)*
                }
            }
        }
    };
}

kinds! {
    /// A value that must be unique is there already.
    UniqueViolation "unique-violation" "unique violation"
    /// A foreign key names a row that does not exist, or a row that is still referred to was removed.
    ForeignKeyViolation "foreign-key-violation" "foreign key violation"
    /// A required column was given no value.
    NotNullViolation "not-null-violation" "not null violation"
    /// A CHECK constraint, or the length of a column, refused the row.
    CheckViolation "check-violation" "check violation"
    /// A validator of the program refused a value, before anything was sent.
    Validation "validation" "a value is not valid"
    /// A row outside of the scope of its engine was to be written.
    Scope "scope" "outside of the scope"
    /// The database could not serialize concurrent transactions; run the whole transaction again.
    Serialization "serialization" "serialization failure"
    /// The transaction was chosen as the victim of a deadlock; run the whole transaction again.
    Deadlock "deadlock" "deadlock"
    /// A statement or a lock took longer than allowed.
    Timeout "timeout" "timeout"
    /// No connection became free in time.
    PoolTimeout "pool-timeout" "no connection became free in time"
    /// The connection to the database was lost.
    Disconnected "disconnected" "connection lost"
    /// The connection was lost during COMMIT: the transaction may or may not have been kept.
    CommitOutcomeUnknown "commit-outcome-unknown" "the outcome of COMMIT is unknown"
    /// A unit of work ended without commit although it had written.
    NotCommitted "not-committed" "not committed"
    /// A row that was to be changed or deleted is not there any more, or was changed by somebody else.
    StaleData "stale-data" "stale data"
    /// A migration would lose rows or values, and nobody has allowed it.
    DataLoss "data-loss" "data would be lost"
    /// A row that must exist does not.
    NotFound "not-found" "not found"
    /// One row was asked for and there are several.
    MultipleFound "multiple-found" "more than one row found"
    /// A relation was read that was never loaded.
    NotLoaded "not-loaded" "not loaded"
    /// The dialect has no form for this construct.
    Unsupported "unsupported" "unsupported"
    /// A statement cannot be compiled: for instance a column of a table that is not in FROM.
    Compile "compile" "the statement cannot be compiled"
    /// A value from the database does not fit the type it was asked as.
    Decode "decode" "a value cannot be decoded"
    /// A value cannot be sent to the database.
    Encode "encode" "a value cannot be sent"
    /// The database URL is wrong.
    Url "url" "wrong database URL"
    /// The configuration is wrong.
    Config "config" "wrong configuration"
    /// The user or password was refused, or the way of authentication is not allowed.
    Authentication "authentication" "authentication failed"
    /// A schema cannot be built or changed.
    Schema "schema" "wrong schema"
    /// A migration cannot be run.
    Migration "migration" "migration failed"
    /// The session or transaction is in a state that does not allow this call.
    State "state" "not allowed in this state"
    /// Something was to be written where only reading is allowed.
    ReadOnly "read-only" "read-only"
    /// A statement gave more rows than may be fetched at once.
    TooManyRows "too-many-rows" "too many rows"
    /// The server sent something that its protocol does not allow.
    Protocol "protocol" "protocol error"
    /// An error of the database that has no kind of its own; see [`Error::code`].
    Database "database" "database error"
}

/// An error of Aludel: what happened, to what, while doing what, and what to do about it.
///
/// `Display` prints all of it over several lines, the last of which names the page about its kind; the parts can be asked for one
/// by one. Bound values never appear.
///
/// ```
/// use aludel_sql::{Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::StaleData, "UPDATE on `documents` expected to match 1 row, matched 0")
///     .doing("flushing Document#5 (changed: title)")
///     .help("another transaction changed or deleted the row; refresh it, or map a version column");
/// assert_eq!(error.kind(), ErrorKind::StaleData);
/// assert_eq!(
///     error.to_string(),
///     "stale data: UPDATE on `documents` expected to match 1 row, matched 0
///   while: flushing Document#5 (changed: title)
///   help: another transaction changed or deleted the row; refresh it, or map a version column
///   more: aludel explain stale-data"
/// );
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    what: Cow<'static, str>,
    doing: Option<Cow<'static, str>>,
    help: Option<Cow<'static, str>>,
    constraint: Option<String>,
    table: Option<String>,
    column: Option<String>,
    code: Option<String>,
    sql: Option<String>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
    again: bool,
    /// Which cell of its row does not fit, until somebody knows the name of its column.
    cell: Option<usize>,
}

impl Error {
    /// Makes an error of this kind; `what` says what happened, to what.
    ///
    /// ```
    /// use aludel::{Error, ErrorKind};
    ///
    /// fn check(title: &str) -> aludel::Result<()> {
    ///     if title.is_empty() {
    ///         return Err(Error::new(ErrorKind::Validation, "a document has no title"));
    ///     }
    ///     Ok(())
    /// }
    /// let error = check("").unwrap_err();
    /// assert_eq!(error.to_string(), "a value is not valid: a document has no title\n  more: aludel explain validation");
    /// ```
    #[cold]
    pub fn new(kind: ErrorKind, what: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            what: what.into(),
            doing: None,
            help: None,
            constraint: None,
            table: None,
            column: None,
            code: None,
            sql: None,
            source: None,
            again: false,
            cell: None,
        }))
    }

    /// Makes the error of a cell that does not fit what it is read as. `at` counts the cells of the row from 0; the driver
    /// knows which column that is, see [`Error::name_cell`].
    ///
    /// ```
    /// use aludel_sql::{Error, ErrorKind};
    ///
    /// let error = Error::of_cell(1, "expected an i64, found text");
    /// assert_eq!(error.kind(), ErrorKind::Decode);
    /// assert_eq!(error.what(), "column 2 of the row: expected an i64, found text");
    /// let error = error.name_cell(|at| Some(["id", "size"][at].to_owned()));
    /// assert_eq!(error.what(), "column `size`: expected an i64, found text");
    /// assert_eq!(error.column(), Some("size"));
    /// ```
    #[cold]
    #[must_use]
    pub fn of_cell(at: usize, reason: &str) -> Self {
        let mut error = Self::new(ErrorKind::Decode, format!("{}{reason}", nameless(at)));
        error.0.cell = Some(at);
        error
    }

    /// Says that the cells stood behind `before` others. For whoever reads a row piece by piece.
    ///
    /// ```
    /// use aludel::Error;
    ///
    /// // The second cell of an object, of which three cells of another one were read before.
    /// let error = Error::of_cell(1, "expected an i64, found text").behind_cells(3);
    /// assert_eq!(error.what(), "column 5 of the row: expected an i64, found text");
    /// ```
    #[cold]
    #[must_use]
    pub fn behind_cells(self, before: usize) -> Self {
        match self.0.cell {
            None => self,
            Some(at) => Self::of_cell(before + at, self.reason_of_cell(at)),
        }
    }

    /// Names the column of the cell that does not fit, if it is about one and has no name yet. For drivers.
    ///
    /// ```
    /// use aludel::Error;
    ///
    /// let columns = ["id", "email"];
    /// let name = |at: usize| columns.get(at).map(|it| (*it).to_owned());
    /// assert_eq!(Error::of_cell(1, "found NULL").name_cell(name).column(), Some("email"));
    /// // Where nobody knows the name, the number stays.
    /// assert_eq!(Error::of_cell(7, "found NULL").name_cell(name).what(), "column 8 of the row: found NULL");
    /// ```
    #[cold]
    #[must_use]
    pub fn name_cell(mut self, name: impl FnOnce(usize) -> Option<String>) -> Self {
        if let Some((at, name)) = self.0.cell.and_then(|at| Some((at, name(at)?))) {
            self.0.what = format!("column `{name}`: {}", self.reason_of_cell(at)).into();
            self.0.cell = None;
            self.0.column = Some(name);
        }
        self
    }

    fn reason_of_cell(&self, at: usize) -> &str {
        self.0.what.strip_prefix(&*nameless(at)).unwrap_or(&self.0.what)
    }

    /// Says what was being done. An outer layer may say it again: the innermost answer is kept.
    ///
    /// ```
    /// use aludel::{Error, ErrorKind};
    ///
    /// let error = Error::new(ErrorKind::Timeout, "a lock was not free within 5 s").doing("flushing Document#5");
    /// let error = error.doing("handling POST /documents");
    /// assert_eq!(error.context(), Some("flushing Document#5"));
    /// ```
    #[must_use]
    pub fn doing(mut self, doing: impl Into<Cow<'static, str>>) -> Self {
        self.0.doing.get_or_insert(doing.into());
        self
    }

    /// Says what the person can do about it. The first answer is kept.
    ///
    /// ```
    /// use aludel::{Error, ErrorKind};
    ///
    /// let error = Error::new(ErrorKind::NotFound, "there is no document 7").help("ask for `GET /documents`, which lists them");
    /// assert!(error.to_string().contains("\n  help: ask for `GET /documents`, which lists them\n"));
    /// ```
    #[must_use]
    pub fn help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.0.help.get_or_insert(help.into());
        self
    }

    /// Names the constraint that refused the change.
    ///
    /// ```
    /// use aludel::{Error, ErrorKind};
    ///
    /// let error = Error::new(ErrorKind::CheckViolation, "a rating is 1 to 5").with_constraint("ck_reviews_rating");
    /// assert_eq!(error.constraint(), Some("ck_reviews_rating"));
    /// ```
    #[must_use]
    pub fn with_constraint(mut self, constraint: impl Into<String>) -> Self {
        self.0.constraint = Some(constraint.into());
        self
    }

    /// Names the table. The first answer is kept.
    ///
    /// ```
    /// use aludel::{Error, ErrorKind};
    ///
    /// let error = Error::new(ErrorKind::StaleData, "1 row was expected, 0 matched").with_table("documents").with_table("users");
    /// assert_eq!(error.table(), Some("documents"));
    /// ```
    #[must_use]
    pub fn with_table(mut self, table: impl Into<String>) -> Self {
        self.0.table.get_or_insert(table.into());
        self
    }

    /// Names the column.
    ///
    /// ```
    /// use aludel::{Error, ErrorKind};
    ///
    /// // A handler can show the mistake beside the field it is about.
    /// let error = Error::new(ErrorKind::Validation, "no such address").with_table("users").with_column("email");
    /// assert_eq!((error.table(), error.column()), (Some("users"), Some("email")));
    /// ```
    #[must_use]
    pub fn with_column(mut self, column: impl Into<String>) -> Self {
        self.0.column = Some(column.into());
        self
    }

    /// Gives the database's own code: SQLSTATE, or the number of SQLite and MySQL.
    ///
    /// ```
    /// use aludel::{Error, ErrorKind};
    ///
    /// let error = Error::new(ErrorKind::Database, "the disk is full").with_code("53100");
    /// assert_eq!(error.code(), Some("53100"));
    /// ```
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    /// Gives the text of the statement, without values. The first answer is kept.
    ///
    /// ```
    /// use aludel::{Error, ErrorKind};
    ///
    /// let error = Error::new(ErrorKind::Database, "no such table").with_sql("SELECT id FROM book WHERE id = ?1");
    /// assert!(error.to_string().contains("\n  sql: SELECT id FROM book WHERE id = ?1\n"));
    /// ```
    #[must_use]
    pub fn with_sql(mut self, sql: impl Into<String>) -> Self {
        self.0.sql.get_or_insert_with(|| sql.into());
        self
    }

    /// Gives the cause.
    ///
    /// ```
    /// use aludel::{Error, ErrorKind};
    /// use std::error::Error as _;
    ///
    /// let cause = "12x".parse::<i64>().unwrap_err();
    /// let error = Error::new(ErrorKind::Config, "`max_size` is no number").with_source(cause);
    /// assert_eq!(error.source().unwrap().to_string(), "invalid digit found in string");
    /// ```
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// Returns the same error under another kind, for a layer that knows better what it means.
    ///
    /// ```
    /// use aludel::{Error, ErrorKind};
    ///
    /// // Whoever asks by a name that is not unique is told what one is who asks by a name that nobody has.
    /// let error = Error::new(ErrorKind::MultipleFound, "two documents are called `Draft`").with_kind(ErrorKind::NotFound);
    /// assert_eq!(error.kind(), ErrorKind::NotFound);
    /// ```
    #[must_use]
    pub fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Says that running the whole transaction again may succeed, where the kind alone does not.
    ///
    /// ```
    /// use aludel::{Error, ErrorKind};
    ///
    /// // An error of this kind is for good, but a driver may know better.
    /// let error = Error::new(ErrorKind::Database, "the standby was promoted");
    /// assert!(!error.is_retryable());
    /// assert!(error.retryable().is_retryable());
    /// ```
    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.0.again = true;
        self
    }

    /// Returns the kind, for `match`.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// session.add(User::builder().email("sam@example.org"));
    /// let error = session.flush().await.unwrap_err();
    /// let status = match error.kind() {
    ///     ErrorKind::UniqueViolation => 409,
    ///     ErrorKind::NotFound => 404,
    ///     _ => 500,
    /// };
    /// assert_eq!(status, 409);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns what happened, in one sentence.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let error = session.scalars(select(User).filter(User::ID.eq(99))).one().await.unwrap_err();
    /// assert_eq!(error.what(), "one row was asked for and there is none");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn what(&self) -> &str {
        &self.0.what
    }

    /// Returns what was being done.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// session.add(User::builder().email("sam@example.org"));
    /// let error = session.flush().await.unwrap_err();
    /// assert_eq!(error.context().unwrap(), "flushing the session: inserting a new User");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn context(&self) -> Option<&str> {
        self.0.doing.as_deref()
    }

    /// Returns what can be done about it.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let wrong = select(Book::TITLE).filter(Author::NAME.eq("Jane Austen"));
    /// let error = wrong.to_sql(&aludel::SqliteDialect).unwrap_err();
    /// assert_eq!(error.advice(), Some("add `.join(Book::AUTHOR)`"));
    /// ```
    #[must_use]
    pub fn advice(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// Returns the name of the constraint, where the database tells it.
    ///
    /// SQLite tells it for CHECK only; for the foreign keys and unique keys of mapped tables Aludel fills it in from the
    /// model.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// session.add(User::builder().email("sam@example.org"));
    /// let error = session.flush().await.unwrap_err();
    /// assert_eq!(error.constraint().unwrap(), "uq_users_email");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn constraint(&self) -> Option<&str> {
        self.0.constraint.as_deref()
    }

    /// Returns the table, where it is known.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// // A row that others refer to.
    /// let sam = session.get::<User>(1).await?.unwrap();
    /// session.delete(sam);
    /// let error = session.flush().await.unwrap_err();
    /// assert_eq!(error.table().unwrap(), "users");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn table(&self) -> Option<&str> {
        self.0.table.as_deref()
    }

    /// Returns the column, where it is known.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let error = conn.execute(text!("INSERT INTO documents (title, body) VALUES ('x', 'y')")).await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::NotNullViolation);
    /// assert_eq!(error.column().unwrap(), "owner_id");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        self.0.column.as_deref()
    }

    /// Returns the database's own code: the SQLSTATE of PostgreSQL, the number of SQLite, MariaDB and MySQL.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let error = conn.execute(text!("SELECT * FROM no_such_table")).await.unwrap_err();
    /// // 1 is SQLITE_ERROR; PostgreSQL would say 42P01.
    /// assert_eq!(error.code().unwrap(), "1");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// Returns the text of the statement, without values.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let twice = insert(User).values([User::builder().email("sam@example.org")]);
    /// let error = conn.execute(twice).await.unwrap_err();
    /// // The values are not in it: they may be nobody's business.
    /// assert_eq!(error.sql().unwrap(), "INSERT INTO users (email) VALUES (?1)");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn sql(&self) -> Option<&str> {
        self.0.sql.as_deref()
    }

    /// Tells whether running the whole transaction again may succeed.
    ///
    /// ```
    /// use aludel::{Error, ErrorKind};
    ///
    /// assert!(Error::new(ErrorKind::Deadlock, "deadlock detected").is_retryable());
    /// assert!(!Error::new(ErrorKind::UniqueViolation, "`sam@example.org` is there already").is_retryable());
    /// ```
    ///
    /// `engine.transact` runs the transaction again by itself where this is true.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.again || matches!(self.0.kind, ErrorKind::Serialization | ErrorKind::Deadlock)
    }

    /// Tells whether the connection is gone.
    ///
    /// ```
    /// use aludel::{Error, ErrorKind};
    ///
    /// assert!(Error::new(ErrorKind::Disconnected, "the server closed the connection").is_disconnect());
    /// // Whether it was kept, nobody knows: it is not to be run again without looking.
    /// let unknown = Error::new(ErrorKind::CommitOutcomeUnknown, "the connection was lost during COMMIT");
    /// assert!(unknown.is_disconnect() && !unknown.is_retryable());
    /// ```
    #[must_use]
    pub fn is_disconnect(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Disconnected | ErrorKind::CommitOutcomeUnknown)
    }
}

fn nameless(at: usize) -> String {
    format!("column {} of the row: ", at + 1)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, what, doing, help, sql, .. } = &*self.0;
        write!(f, "{}: {}", kind.describe(), Printable::lines(what))?;
        for (label, text) in [("while", doing.as_deref()), ("sql", sql.as_deref()), ("help", help.as_deref())]
        {
            if let Some(text) = text {
                write!(f, "\n  {label}: {}", Printable::lines(text))?;
            }
        }
        write!(f, "\n  more: aludel explain {}", kind.name())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        if let Some(source) = &self.0.source {
            write!(f, "\n  cause: {}", Printable::lines(&source.to_string()))?;
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
