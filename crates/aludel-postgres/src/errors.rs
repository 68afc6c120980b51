//! What the server says went wrong, sorted by meaning.

use std::fmt;

use aludel_engine::driver::Notice;
use aludel_sql::{Error, ErrorKind, Result};

use crate::driver::Body;

/// An error as PostgreSQL reported it: the `source` of an [`Error`](aludel_sql::Error) that came from the server.
///
/// Its output holds neither detail nor context, because the server puts the values of rows there.
///
/// ```
/// use std::error::Error as _;
///
/// fn detail(error: &aludel_sql::Error) -> Option<&str> {
///     error.source()?.downcast_ref::<aludel_postgres::DatabaseError>()?.detail()
/// }
/// ```
#[derive(Clone, Default)]
pub struct DatabaseError {
    severity: String,
    code: String,
    message: String,
    detail: Option<String>,
    hint: Option<String>,
    position: Option<u32>,
    context: Option<String>,
    schema: Option<String>,
    table: Option<String>,
    column: Option<String>,
    data_type: Option<String>,
    constraint: Option<String>,
    routine: Option<String>,
}

impl DatabaseError {
    /// Returns `ERROR`, `FATAL` or `PANIC`, never translated.
    ///
    /// ```
    /// use aludel_postgres::DatabaseError;
    /// # use std::error::Error as _;
    /// # use aludel::prelude::*;
    /// # fn main() -> aludel::Result<()> {
    /// # let Some(url) = aludel_testing::Database::Postgres.server() else { return Ok(()) };
    /// # aludel_engine::blocking::run_alone(async {
    /// # let engine = Engine::builder(&url).build()?;
    /// # let mut conn = engine.connect().await?;
    /// let error = conn.execute(text!("SELECT * FROM boks")).all().await.unwrap_err();
    /// let said = error.source().unwrap().downcast_ref::<DatabaseError>().unwrap();
    /// assert_eq!(said.severity(), "ERROR"); // the connection can be used again
    /// # drop(conn);
    /// # engine.dispose().await;
    /// # Ok(()) }) }
    /// ```
    #[must_use]
    pub fn severity(&self) -> &str {
        &self.severity
    }

    /// Returns the SQLSTATE.
    ///
    /// ```
    /// use aludel_postgres::DatabaseError;
    /// # use std::error::Error as _;
    /// # use aludel::prelude::*;
    /// # fn main() -> aludel::Result<()> {
    /// # let Some(url) = aludel_testing::Database::Postgres.server() else { return Ok(()) };
    /// # aludel_engine::blocking::run_alone(async {
    /// # let engine = Engine::builder(&url).build()?;
    /// # let mut conn = engine.connect().await?;
    /// let error = conn.execute(text!("SELECT * FROM boks")).all().await.unwrap_err();
    /// let said = error.source().unwrap().downcast_ref::<DatabaseError>().unwrap();
    /// assert_eq!(said.code(), "42P01"); // undefined_table
    /// assert_eq!(error.code(), Some("42P01")); // the error itself has it as well
    /// # drop(conn);
    /// # engine.dispose().await;
    /// # Ok(()) }) }
    /// ```
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Returns the message as the server wrote it. For an error in a value (class 22) it holds the value.
    ///
    /// ```
    /// use aludel_postgres::DatabaseError;
    /// # use std::error::Error as _;
    /// # use aludel::prelude::*;
    /// # fn main() -> aludel::Result<()> {
    /// # let Some(url) = aludel_testing::Database::Postgres.server() else { return Ok(()) };
    /// # aludel_engine::blocking::run_alone(async {
    /// # let engine = Engine::builder(&url).build()?;
    /// # let mut conn = engine.connect().await?;
    /// let number = text!("SELECT CAST(CAST(:it AS text) AS int)", it = "abc");
    /// let error = conn.execute(number).all().await.unwrap_err();
    /// let said = error.source().unwrap().downcast_ref::<DatabaseError>().unwrap();
    /// assert_eq!(said.message(), r#"invalid input syntax for type integer: "abc""#);
    /// // The value is nobody else's business: neither of the two prints it.
    /// assert!(!error.to_string().contains("abc") && !said.to_string().contains("abc"));
    /// # drop(conn);
    /// # engine.dispose().await;
    /// # Ok(()) }) }
    /// ```
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the detail. It often holds the values of a row: do not log it.
    ///
    /// ```
    /// use aludel_postgres::DatabaseError;
    /// # use std::error::Error as _;
    /// # use aludel::prelude::*;
    /// # fn main() -> aludel::Result<()> {
    /// # let Some(url) = aludel_testing::Database::Postgres.server() else { return Ok(()) };
    /// # aludel_engine::blocking::run_alone(async {
    /// # let engine = Engine::builder(&url).build()?;
    /// # let mut conn = engine.connect().await?;
    /// conn.run_plain(&["CREATE TEMPORARY TABLE users (email text UNIQUE)"]).await?;
    /// let twice = text!("INSERT INTO users VALUES ('sam@example.org'), ('sam@example.org')");
    /// let error = conn.execute(twice).all().await.unwrap_err();
    /// let said = error.source().unwrap().downcast_ref::<DatabaseError>().unwrap();
    /// assert_eq!(said.detail(), Some("Key (email)=(sam@example.org) already exists."));
    /// # drop(conn);
    /// # engine.dispose().await;
    /// # Ok(()) }) }
    /// ```
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// Returns the server's advice.
    ///
    /// ```
    /// use aludel_postgres::DatabaseError;
    /// # use std::error::Error as _;
    /// # use aludel::prelude::*;
    /// # fn main() -> aludel::Result<()> {
    /// # let Some(url) = aludel_testing::Database::Postgres.server() else { return Ok(()) };
    /// # aludel_engine::blocking::run_alone(async {
    /// # let engine = Engine::builder(&url).build()?;
    /// # let mut conn = engine.connect().await?;
    /// let error = conn.execute(text!("SELECT lenght('abc')")).all().await.unwrap_err();
    /// let said = error.source().unwrap().downcast_ref::<DatabaseError>().unwrap();
    /// assert!(said.hint().unwrap().starts_with("No function"));
    /// # drop(conn);
    /// # engine.dispose().await;
    /// # Ok(()) }) }
    /// ```
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Returns where in the statement's text the error is, in characters counted from 1.
    ///
    /// ```
    /// use aludel_postgres::DatabaseError;
    /// # use std::error::Error as _;
    /// # use aludel::prelude::*;
    /// # fn main() -> aludel::Result<()> {
    /// # let Some(url) = aludel_testing::Database::Postgres.server() else { return Ok(()) };
    /// # aludel_engine::blocking::run_alone(async {
    /// # let engine = Engine::builder(&url).build()?;
    /// # let mut conn = engine.connect().await?;
    /// let error = conn.execute(text!("SELECT * FROM boks")).all().await.unwrap_err();
    /// let said = error.source().unwrap().downcast_ref::<DatabaseError>().unwrap();
    /// assert_eq!(said.position(), Some(15)); // before `boks`
    /// # drop(conn);
    /// # engine.dispose().await;
    /// # Ok(()) }) }
    /// ```
    #[must_use]
    pub fn position(&self) -> Option<u32> {
        self.position
    }

    /// Returns the call stack of functions and the like. It may hold values: do not log it.
    ///
    /// ```
    /// use aludel_postgres::DatabaseError;
    /// # use std::error::Error as _;
    /// # use aludel::prelude::*;
    /// # fn main() -> aludel::Result<()> {
    /// # let Some(url) = aludel_testing::Database::Postgres.server() else { return Ok(()) };
    /// # aludel_engine::blocking::run_alone(async {
    /// # let engine = Engine::builder(&url).build()?;
    /// # let mut conn = engine.connect().await?;
    /// let fails = text!("DO $$ BEGIN RAISE EXCEPTION 'no'; END $$");
    /// let error = conn.execute(fails).all().await.unwrap_err();
    /// let said = error.source().unwrap().downcast_ref::<DatabaseError>().unwrap();
    /// assert_eq!(said.context(), Some("PL/pgSQL function inline_code_block line 1 at RAISE"));
    /// # drop(conn);
    /// # engine.dispose().await;
    /// # Ok(()) }) }
    /// ```
    #[must_use]
    pub fn context(&self) -> Option<&str> {
        self.context.as_deref()
    }

    /// Returns the schema of the table or type.
    ///
    /// ```
    /// use aludel_postgres::DatabaseError;
    /// # use std::error::Error as _;
    /// # use aludel::prelude::*;
    /// # fn main() -> aludel::Result<()> {
    /// # let Some(url) = aludel_testing::Database::Postgres.server() else { return Ok(()) };
    /// # aludel_engine::blocking::run_alone(async {
    /// # let engine = Engine::builder(&url).build()?;
    /// # let mut conn = engine.connect().await?;
    /// conn.run_plain(&["CREATE TEMPORARY TABLE users (email text NOT NULL)"]).await?;
    /// let error = conn.execute(text!("INSERT INTO users VALUES (NULL)")).all().await.unwrap_err();
    /// let said = error.source().unwrap().downcast_ref::<DatabaseError>().unwrap();
    /// assert!(said.schema().unwrap().starts_with("pg_temp"));
    /// # drop(conn);
    /// # engine.dispose().await;
    /// # Ok(()) }) }
    /// ```
    #[must_use]
    pub fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// Returns the type.
    ///
    /// ```
    /// use aludel_postgres::DatabaseError;
    /// # use std::error::Error as _;
    /// # use aludel::prelude::*;
    /// # fn main() -> aludel::Result<()> {
    /// # let Some(url) = aludel_testing::Database::Postgres.server() else { return Ok(()) };
    /// # aludel_engine::blocking::run_alone(async {
    /// # let engine = Engine::builder(&url).build()?;
    /// # let mut conn = engine.connect().await?;
    /// conn.run_plain(&["CREATE DOMAIN pg_temp.percent AS int CHECK (VALUE BETWEEN 0 AND 100)"]).await?;
    /// let error = conn.execute(text!("SELECT CAST(101 AS pg_temp.percent)")).all().await.unwrap_err();
    /// let said = error.source().unwrap().downcast_ref::<DatabaseError>().unwrap();
    /// assert_eq!(said.data_type(), Some("percent"));
    /// # drop(conn);
    /// # engine.dispose().await;
    /// # Ok(()) }) }
    /// ```
    #[must_use]
    pub fn data_type(&self) -> Option<&str> {
        self.data_type.as_deref()
    }

    /// Reads the body of an ErrorResponse.
    pub(crate) fn read(mut body: Body<'_>) -> Result<Self> {
        let mut it = Self::default();
        loop {
            let field = body.u8()?;
            if field == 0 {
                break;
            }
            // Before the encoding is settled a server may write in its own.
            let text = String::from_utf8_lossy(body.until_nul()?).into_owned();
            match field {
                // `V` is `S` untranslated; servers before 9.6 send only the latter.
                b'V' => it.severity = text,
                b'S' if it.severity.is_empty() => it.severity = text,
                b'C' => it.code = text,
                b'M' => it.message = text,
                b'D' => it.detail = Some(text),
                b'H' => it.hint = Some(text),
                b'P' => it.position = text.parse().ok(),
                b'W' => it.context = Some(text),
                b's' => it.schema = Some(text),
                b't' => it.table = Some(text),
                b'c' => it.column = Some(text),
                b'd' => it.data_type = Some(text),
                b'n' => it.constraint = Some(text),
                b'R' => it.routine = Some(text),
                _ => {}
            }
        }
        body.end()?;
        Ok(it)
    }

    /// Tells whether the server closes the connection after it.
    pub(crate) fn is_fatal(&self) -> bool {
        matches!(self.severity.as_str(), "FATAL" | "PANIC")
    }

    /// Tells whether a prepared statement is no longer what it was, so that preparing it again may help.
    pub(crate) fn is_stale_plan(&self) -> bool {
        // The text of 0A000 may be translated, the name of the routine is not; elsewhere 0A000 is a missing feature.
        self.code == "26000"
            || self.code == "0A000" && self.routine.as_deref() == Some("RevalidateCachedQuery")
    }

    /// Makes a notice of it: the two are the same message.
    pub(crate) fn into_notice(self) -> Notice {
        Notice { severity: self.severity, code: self.code, message: self.message }
    }

    /// Sorts it by meaning.
    pub(crate) fn into_error(self) -> Error {
        if let Some(matched) = self.stale_count() {
            return Error::new(
                ErrorKind::StaleData,
                format!("the statement expected to match another number of rows, matched {matched}"),
            )
            .help("another transaction changed or deleted a row; refresh the objects and try again")
            .with_code(self.code.clone())
            .with_source(self);
        }
        let mut error = Error::new(self.kind(), self.shown_message()).with_code(self.code.clone());
        if let Some(help) = self.help() {
            error = error.help(help);
        }
        if let Some(hint) = &self.hint {
            error = error.help(hint.clone());
        }
        if let Some(table) = &self.table {
            error = error.with_table(table.clone());
        }
        if let Some(column) = &self.column {
            error = error.with_column(column.clone());
        }
        if let Some(constraint) = &self.constraint {
            error = error.with_constraint(constraint.clone());
        }
        error.with_source(self)
    }

    /// Finds what a statement that checks its own row count says: it casts `aludel: stale, matched 3` to an integer, because an
    /// error in a value is the only way for plain SQL to fail.
    fn stale_count(&self) -> Option<u64> {
        if self.code != "22P02" {
            return None;
        }
        let (_, rest) = self.message.split_once("aludel: stale, matched ")?;
        let digits = rest.find(|it: char| !it.is_ascii_digit()).map_or(rest, |end| &rest[..end]);
        digits.parse().ok()
    }

    /// Class 22 quotes the value that is wrong: `invalid input syntax for type integer: "abc"`.
    fn shown_message(&self) -> String {
        match (self.code.starts_with("22"), self.message.find('"'), self.message.rfind('"')) {
            (true, Some(first), Some(last)) => {
                format!("{}\"…\"{}", &self.message[..first], &self.message[last + 1..])
            }
            _ => self.message.clone(),
        }
    }

    fn kind(&self) -> ErrorKind {
        match self.code.as_str() {
            "23505" => ErrorKind::UniqueViolation,
            "23503" | "23001" => ErrorKind::ForeignKeyViolation,
            "23502" => ErrorKind::NotNullViolation,
            // 22001 is a text longer than its column; SQLite has a CHECK for that, so that the kind is the same everywhere.
            "23514" | "22001" => ErrorKind::CheckViolation,
            // Texts reach the server as UTF-8: what is none was in the database, and what has no counterpart was to go there.
            "22021" => ErrorKind::Decode,
            "22P05" => ErrorKind::Encode,
            "40001" => ErrorKind::Serialization,
            "40P01" => ErrorKind::Deadlock,
            "57014" | "55P03" => ErrorKind::Timeout,
            "40003" | "08007" => ErrorKind::CommitOutcomeUnknown,
            // The server ends the connection: shutdown, crash, starting up, database dropped, idle or transaction too long.
            "57P01" | "57P02" | "57P03" | "57P04" | "57P05" | "25P03" | "25P04" => ErrorKind::Disconnected,
            "08P01" => ErrorKind::Protocol,
            "25P02" => ErrorKind::State,
            "25006" => ErrorKind::ReadOnly,
            code => match code.get(..2) {
                Some("08") => ErrorKind::Disconnected,
                Some("28") => ErrorKind::Authentication,
                _ => ErrorKind::Database,
            },
        }
    }

    fn help(&self) -> Option<&'static str> {
        Some(match self.code.as_str() {
            "3D000" => "create the database (`CREATE DATABASE`), or correct its name at the end of the URL",
            "28P01" => "check user and password of the URL",
            "28000" => "check the user of the URL, and what the server's `pg_hba.conf` allows",
            "22021" => {
                "the bytes in the database are no text of its encoding; read them as bytes, and repair the row"
            }
            "22P05" => {
                "the encoding of the database has not all characters; create it with `ENCODING 'UTF8'`"
            }
            "25P02" => "an earlier statement of this transaction failed; roll back before anything else",
            "25006" => {
                "the transaction or the server only reads: write in a transaction without `read_only`, on the primary"
            }
            "53100" => {
                "the disk of the server is full: free space there; what was committed before is intact"
            }
            "53300" => {
                "the server has no connection left; make the pools of its clients smaller, or raise `max_connections`"
            }
            "57014" => "it was cancelled, or took longer than `statement_timeout`",
            "55P03" => "another transaction holds the lock longer than `lock_timeout` or NOWAIT allow",
            "57P03" => "the server is starting up or shutting down; try again",
            "42P05" | "26000" => "a pooler between that changes servers needs `statement_cache=0` in the URL",
            "0A000" if self.is_stale_plan() => "the table was altered meanwhile; run the transaction again",
            _ => return None,
        })
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.severity, self.code, self.shown_message())
    }
}

impl fmt::Debug for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseError({self})")
    }
}

impl std::error::Error for DatabaseError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(fields: &[(u8, &str)]) -> Error {
        let mut body = Vec::new();
        for (field, text) in fields {
            body.push(*field);
            body.extend(text.as_bytes());
            body.push(0);
        }
        body.push(0);
        DatabaseError::read(Body(&body)).unwrap().into_error()
    }

    fn kind(code: &str) -> ErrorKind {
        error(&[(b'S', "ERROR"), (b'C', code), (b'M', "m")]).kind()
    }

    #[test]
    fn codes_are_sorted_by_meaning() {
        for (code, expected) in [
            ("23505", ErrorKind::UniqueViolation),
            ("23503", ErrorKind::ForeignKeyViolation),
            ("23502", ErrorKind::NotNullViolation),
            ("23514", ErrorKind::CheckViolation),
            ("22001", ErrorKind::CheckViolation),
            ("22021", ErrorKind::Decode),
            ("22P05", ErrorKind::Encode),
            ("40001", ErrorKind::Serialization),
            ("40P01", ErrorKind::Deadlock),
            ("57014", ErrorKind::Timeout),
            ("55P03", ErrorKind::Timeout),
            ("57P01", ErrorKind::Disconnected),
            ("08006", ErrorKind::Disconnected),
            ("08P01", ErrorKind::Protocol),
            ("28P01", ErrorKind::Authentication),
            ("25P02", ErrorKind::State),
            ("3D000", ErrorKind::Database),
            ("42P01", ErrorKind::Database),
            ("", ErrorKind::Database),
            ("é", ErrorKind::Database),
        ] {
            assert_eq!(kind(code), expected, "{code}");
        }
    }

    #[test]
    fn no_output_holds_the_values_of_a_row() {
        let error = error(&[
            (b'V', "ERROR"),
            (b'C', "23505"),
            (b'M', "duplicate key value violates unique constraint \"users_email_key\""),
            (b'D', "Key (email)=(canary@example.com) already exists."),
            (b'W', "SQL function canary"),
            (b't', "users"),
            (b'n', "users_email_key"),
        ]);
        assert_eq!(
            (error.table(), error.constraint(), error.code()),
            (Some("users"), Some("users_email_key"), Some("23505"))
        );
        assert!(!format!("{error} {error:?}").contains("canary"));
        let source = std::error::Error::source(&error).unwrap().downcast_ref::<DatabaseError>().unwrap();
        assert_eq!(source.detail(), Some("Key (email)=(canary@example.com) already exists."));
    }

    #[test]
    fn an_error_in_a_value_does_not_show_the_value() {
        for message in [
            "invalid input syntax for type integer: \"canary\"",
            "value \"can\"ary\" is out of range for type integer",
        ] {
            let error = error(&[(b'V', "ERROR"), (b'C', "22P02"), (b'M', message)]);
            assert!(!format!("{error} {error:?}").contains("can"), "{error}");
        }
    }

    #[test]
    fn a_statement_that_checks_its_own_count_is_stale_data() {
        let error = error(&[
            (b'V', "ERROR"),
            (b'C', "22P02"),
            (b'M', "invalid input syntax for type integer: \"aludel: stale, matched 3\""),
        ]);
        assert_eq!(error.kind(), ErrorKind::StaleData);
        assert!(error.what().ends_with("matched 3"));
    }
}
