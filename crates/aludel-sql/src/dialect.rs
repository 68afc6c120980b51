//! What differs between databases: one trait, one implementation in each backend.
//!
//! The default of every method is standard SQL; a dialect overrides what differs there, and nothing else in Aludel
//! asks which database it talks to.

mod features;
mod two_phase;

use std::borrow::Cow;
use std::fmt;

use crate::compiler::{Compiler, alter, ddl, standard};
use crate::error::{Error, ErrorKind, Result};
use crate::insert::InsertNode;
use crate::node::{BinaryOp, Call, JsonOp, JsonStep, MatchOp, Node, Param, Scalar};
use crate::order::OrderBy;
use crate::rows::{DeleteRows, InsertRows, RowCounts, RowsSql, UpdateRows};
use crate::schema::{
    ColumnDef, Ddl, DeferredForeignKey, Domain, EnumType, Extension, Finding, Index, Inspection, LockWait,
    Metadata, MigrationLock, Operation, Probe, Rebuild, Sequence, Step, Table, Type,
};
use crate::sql_type::SqlType;
use crate::subquery::OutputColumn;
use crate::upsert::Conflict;

pub use features::{ChangedRows, Features, FullJoin, JoinedChanges};
pub use two_phase::TwoPhase;

/// A database's way to write SQL.
pub trait Dialect: fmt::Debug + Send + Sync {
    /// Returns the name for messages: `SQLite`.
    ///
    /// ```
    /// use aludel::{Dialect, MySqlDialect, PostgresDialect};
    ///
    /// assert_eq!(PostgresDialect.name(), "PostgreSQL");
    /// assert_eq!((MySqlDialect::default().name(), MySqlDialect::mysql().name()), ("MariaDB", "MySQL"));
    /// ```
    fn name(&self) -> &'static str;

    /// Returns the name that files and settings have for it: `sqlite`, `postgres`, `mariadb`, `mysql`.
    ///
    /// ```
    /// use aludel::{Dialect, MySqlDialect, SqliteDialect};
    ///
    /// // The SQL of a revision for SQLite is in `up.sqlite.sql`.
    /// assert_eq!(SqliteDialect.key(), "sqlite");
    /// assert_eq!((MySqlDialect::default().key(), MySqlDialect::mysql().key()), ("mariadb", "mysql"));
    /// ```
    fn key(&self) -> &'static str;

    /// Returns the name that options of models have for it: `mysql` for MariaDB as well.
    ///
    /// ```
    /// use aludel::{Dialect, MySqlDialect};
    ///
    /// // `mysql(engine = "InnoDB")` is for both.
    /// assert_eq!(MySqlDialect::default().option_key(), "mysql");
    /// ```
    fn option_key(&self) -> &'static str {
        self.key()
    }

    /// Returns what the database can do.
    ///
    /// What is the same for all databases asks this, and never for a name; so a new dialect says here what it can do.
    ///
    /// ```
    /// use aludel::{Dialect, MySqlDialect, PostgresDialect, SqliteDialect};
    ///
    /// assert!(PostgresDialect.features().enum_types && !SqliteDialect.features().enum_types);
    /// // DDL that cannot be rolled back: a migrator notes each step.
    /// assert!(!MySqlDialect::default().features().transactional_ddl);
    /// ```
    fn features(&self) -> &Features;

    /// Returns the character that quotes names.
    ///
    /// ```
    /// use aludel::{Dialect, MySqlDialect, PostgresDialect};
    ///
    /// assert_eq!((PostgresDialect.quote(), MySqlDialect::default().quote()), ('"', '`'));
    /// ```
    fn quote(&self) -> char {
        '"'
    }

    /// Writes the placeholder of the parameter with this number, counted from 1.
    ///
    /// ```
    /// use aludel::{Dialect, MySqlDialect, PostgresDialect, SqliteDialect};
    ///
    /// let second = |dialect: &dyn Dialect| {
    ///     let mut sql = String::new();
    ///     dialect.placeholder(&mut sql, 2);
    ///     sql
    /// };
    /// assert_eq!(second(&PostgresDialect), "$2");
    /// assert_eq!(second(&SqliteDialect), "?2");
    /// assert_eq!(second(&MySqlDialect::default()), "?");
    /// ```
    fn placeholder(&self, sql: &mut String, number: usize);

    /// Writes the placeholder of a value in an expression, whose type must be told where the database would guess another.
    ///
    /// ```
    /// use aludel::{Dialect, MySqlDialect, SqlType};
    ///
    /// // Decimals travel as text there, and the server would compare them as floating point numbers.
    /// let mut sql = String::new();
    /// MySqlDialect::default().typed_placeholder(&mut sql, 1, SqlType::Numeric(10, 2));
    /// assert_eq!(sql, "CAST(? AS DECIMAL(65, 2))");
    /// ```
    fn typed_placeholder(&self, sql: &mut String, number: usize, sql_type: SqlType) {
        let _ = sql_type;
        self.placeholder(sql, number);
    }

    /// Returns the name of a column type.
    ///
    /// ```
    /// use aludel::{Dialect, MySqlDialect, PostgresDialect, SqlType};
    ///
    /// assert_eq!(PostgresDialect.type_name(SqlType::Timestamp)?, "timestamptz");
    /// assert_eq!(MySqlDialect::default().type_name(SqlType::Timestamp)?, "DATETIME(6)");
    /// assert!(MySqlDialect::default().type_name(SqlType::Array(&SqlType::BigInt)).is_err());
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where the database has no such type.
    fn type_name(&self, sql_type: SqlType) -> Result<String>;

    /// Returns the type of a column as CREATE TABLE says it.
    ///
    /// ```
    /// use aludel::schema::{EnumType, Type};
    /// use aludel::{Dialect, MySqlDialect, PostgresDialect, SqliteDialect};
    ///
    /// let mood = Type::Enum(EnumType::new("mood", ["sad", "happy"]));
    /// assert_eq!(PostgresDialect.column_type(&mood)?, "mood");
    /// assert_eq!(MySqlDialect::default().column_type(&mood)?, "ENUM('sad','happy')");
    /// assert_eq!(SqliteDialect.column_type(&mood)?, "TEXT"); // with a CHECK beside it
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where the database has no such type.
    fn column_type(&self, column_type: &Type) -> Result<String> {
        match column_type {
            Type::Sql(sql_type) => self.type_name(*sql_type),
            Type::Native(name) => self.native_type(name),
            Type::Enum(it) => Err(Error::new(
                ErrorKind::Unsupported,
                format!("{} has no enum type: `{}`", self.name(), it.name),
            )),
            // With a CHECK beside it.
            Type::Domain(it) => self.column_type(&it.sql_type),
        }
    }

    /// Returns a type that `type = "…"` names, as the database spells it when it is asked.
    ///
    /// ```
    /// use aludel::{Dialect, PostgresDialect};
    ///
    /// // Otherwise a comparison of the models with the database would find a change where there is none.
    /// assert_eq!(PostgresDialect.native_type("CHARACTER VARYING(20)")?, "character varying(20)");
    /// assert_eq!(PostgresDialect.native_type("timestamp with time zone")?, "timestamp with time zone");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where the database is known to have no such type.
    fn native_type(&self, name: &str) -> Result<String> {
        Ok(name.to_ascii_lowercase())
    }

    /// Writes an operator between two operands.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// use aludel::{MySqlDialect, PostgresDialect};
    ///
    /// let title = select(Book::TITLE.concat("!"));
    /// assert_eq!(title.to_sql(&PostgresDialect)?.0, "SELECT books.title || $1 FROM books");
    /// // There `||` means OR.
    /// assert_eq!(title.to_sql(&MySqlDialect::default())?.0, "SELECT concat(books.title, ?) FROM books");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` or `Compile`.
    fn binary(&self, sql: &mut Compiler<'_>, op: BinaryOp, left: &Node, right: &Node) -> Result<()> {
        standard::binary(sql, op, left, right)
    }

    /// Writes a test of text against a pattern.
    ///
    /// Case matters in all but `ILike`, and no character of a text that is looked for is a wildcard: a dialect finds the form that does it.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel::{PostgresDialect, SqliteDialect};
    ///
    /// let books = select(Book::ID).filter(Book::TITLE.contains("50%"));
    /// assert_eq!(
    ///     books.to_sql(&SqliteDialect)?.0,
    ///     "SELECT books.id FROM books WHERE instr(books.title, ?1) > 0"
    /// );
    /// assert_eq!(
    ///     books.to_sql(&PostgresDialect)?.0,
    ///     "SELECT books.id FROM books WHERE strpos(books.title, $1) > 0"
    /// );
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` or `Compile`.
    fn matches(&self, sql: &mut Compiler<'_>, op: MatchOp, text: &Node, pattern: &Node) -> Result<()>;

    /// Writes a function call.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel::{PostgresDialect, SqliteDialect};
    ///
    /// // A sum of 64-bit integers is `numeric` on PostgreSQL; programs are given the `i64` that they were promised.
    /// let years = select(func::sum(Book::YEAR));
    /// assert_eq!(years.to_sql(&SqliteDialect)?.0, "SELECT sum(books.year) FROM books");
    /// assert_eq!(years.to_sql(&PostgresDialect)?.0, "SELECT CAST(sum(books.year) AS bigint) FROM books");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` or `Compile`.
    fn call(&self, sql: &mut Compiler<'_>, call: &Call) -> Result<()> {
        standard::call(sql, call)
    }

    /// Returns the form of a function of one row, in which `{0}` stands for its first argument; none where the dialect has no way to the
    /// same meaning. It holds together by itself.
    ///
    /// ```
    /// use aludel::{Dialect, PostgresDialect, SqliteDialect};
    /// use aludel_sql::node::Scalar;
    ///
    /// assert_eq!(PostgresDialect.scalar(Scalar::Position), Some("strpos({0}, {1})"));
    /// assert_eq!(SqliteDialect.scalar(Scalar::Position), Some("instr({0}, {1})"));
    /// // An operator stands in parentheses, because nobody knows what will stand around it.
    /// assert_eq!(SqliteDialect.scalar(Scalar::BitAnd), Some("({0} & {1})"));
    /// assert_eq!(SqliteDialect.scalar(Scalar::ArrayHas), None);
    /// ```
    fn scalar(&self, scalar: Scalar) -> Option<&'static str>;

    /// Returns the form of a cast, in which `{0}` stands for the value.
    ///
    /// None where the database has no cast that means the same as everywhere.
    ///
    /// ```
    /// use aludel::{Dialect, PostgresDialect, SqlType, SqliteDialect};
    ///
    /// let cast = |dialect: &dyn Dialect| dialect.cast(SqlType::Integer, SqlType::Text).unwrap().into_owned();
    /// assert_eq!(cast(&PostgresDialect), "CAST({0} AS text)");
    /// assert_eq!(cast(&SqliteDialect), "CAST({0} AS TEXT)");
    /// ```
    fn cast(&self, from: SqlType, to: SqlType) -> Option<Cow<'static, str>>;

    /// Returns the form of a question about the value at a path of a JSON document: `{0}` stands for the document, `{p}` for the path, `{q}`
    /// for the path to what is around the value, `{p2}` for its first two steps, `{1}` for a second argument. None where the dialect has no way to the same meaning.
    ///
    /// ```
    /// use aludel::{Dialect, SqliteDialect};
    /// use aludel_sql::node::{JsonOp, JsonStep};
    ///
    /// let form = SqliteDialect.json(JsonOp::Exists, &[JsonStep::from("tags")]);
    /// assert_eq!(form.as_deref(), Some("(json_type({0}, {p}) IS NOT NULL)"));
    /// ```
    fn json(&self, op: JsonOp, path: &[JsonStep]) -> Option<Cow<'static, str>>;

    /// Returns a path into a JSON document, as the text that the database reads.
    ///
    /// ```
    /// use aludel::{Dialect, PostgresDialect, SqliteDialect};
    /// use aludel_sql::node::JsonStep;
    ///
    /// let path = [JsonStep::from("tags"), JsonStep::from(0)];
    /// assert_eq!(SqliteDialect.json_path(&path), "$.\"tags\"[0]");
    /// assert_eq!(PostgresDialect.json_path(&path), "{\"tags\",\"0\"}");
    /// ```
    fn json_path(&self, path: &[JsonStep]) -> String;

    /// Writes `x IN (list)` for a list that is not empty.
    ///
    /// A list of any length should have few texts, because each is prepared for itself: one array where there are arrays, otherwise as many
    /// placeholders as the [size class](crate::list_class) of the list.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel::{MySqlDialect, PostgresDialect};
    ///
    /// let books = select(Book::ID).filter(Book::YEAR.in_([1811, 1813, 1814, 1815, 1817]));
    /// assert_eq!(
    ///     books.to_sql(&PostgresDialect)?.0,
    ///     "SELECT books.id FROM books WHERE books.year = ANY($1)"
    /// );
    /// assert_eq!(
    ///     books.to_sql(&MySqlDialect::default())?.0,
    ///     "SELECT books.id FROM books WHERE books.year IN (?, ?, ?, ?, ?, ?, ?, ?)"
    /// );
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` or `Compile`.
    fn in_list(&self, sql: &mut Compiler<'_>, operand: &Node, list: &Param, negated: bool) -> Result<()> {
        standard::in_list(sql, operand, list, negated)
    }

    /// Writes the rows that `(a, b) IN (…)` looks among, of which there are some.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel::{PostgresDialect, SqliteDialect};
    ///
    /// let books = select(Book::ID).filter(tuple((Book::YEAR, Book::TITLE)).in_([(1815, "Emma"), (1817, "Persuasion")]));
    /// assert_eq!(
    ///     books.to_sql(&PostgresDialect)?.0,
    ///     "SELECT books.id FROM books WHERE (books.year, books.title) IN (($1, $2), ($3, $4))"
    /// );
    /// assert_eq!(
    ///     books.to_sql(&SqliteDialect)?.0,
    ///     "SELECT books.id FROM books WHERE (books.year, books.title) IN (VALUES (?1, ?2), (?3, ?4))"
    /// );
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` or `Compile`.
    fn rows(&self, sql: &mut Compiler<'_>, lists: &[Param]) -> Result<()> {
        standard::rows(sql, lists)
    }

    /// Writes rows of the program as a table in FROM, and its name; `rows` is a list of lists.
    ///
    /// ```
    /// # use {aludel::doc::*, library::Book};
    /// let years = values((Book::YEAR,), "years").data([(1811,), (1813,)]);
    /// let stmt = select(years.col(Book::YEAR));
    /// assert_eq!(postgres(stmt.clone()), "SELECT years.year FROM unnest($1) AS years (year)");
    /// assert_eq!(
    ///     mariadb(stmt),
    ///     "SELECT years.year FROM JSON_TABLE(?, '$[*]' COLUMNS (year INT PATH '$[0]' ERROR ON ERROR)) AS years"
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where a column is of a type that cannot travel so.
    fn values(
        &self,
        sql: &mut Compiler<'_>,
        columns: &[OutputColumn],
        rows: &Param,
        name: &str,
    ) -> Result<()>;

    /// Returns what stands before and behind the values of a list that is one parameter, where people read it.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel::{Dialect, PostgresDialect};
    ///
    /// assert_eq!(PostgresDialect.list_literal(), ("ARRAY[", "]"));
    /// let books = select(Book::ID).filter(Book::YEAR.in_([1811, 1813]));
    /// assert_eq!(
    ///     books.inline_sql(&PostgresDialect)?,
    ///     "SELECT books.id FROM books WHERE books.year = ANY(ARRAY[1811, 1813])"
    /// );
    /// # Ok::<(), aludel::Error>(())
    /// ```
    fn list_literal(&self) -> (&'static str, &'static str) {
        ("ARRAY[", "]")
    }

    /// Returns what stands before a statement that is explained and not executed. The last column of the answer is the explanation.
    ///
    /// ```
    /// use aludel::{Dialect, MySqlDialect, SqliteDialect};
    ///
    /// assert_eq!(SqliteDialect.explain(), "EXPLAIN QUERY PLAN ");
    /// assert_eq!(MySqlDialect::default().explain(), "EXPLAIN FORMAT=JSON ");
    /// ```
    fn explain(&self) -> &'static str {
        "EXPLAIN "
    }

    /// Returns what stands before a statement that is executed for its explanation, if the database has that. The last column of the
    /// answer is the explanation.
    ///
    /// ```
    /// use aludel::{Dialect, PostgresDialect, SqliteDialect};
    ///
    /// assert_eq!(PostgresDialect.explain_analyze(), Some("EXPLAIN (ANALYZE, BUFFERS) "));
    /// assert_eq!(SqliteDialect.explain_analyze(), None);
    /// ```
    fn explain_analyze(&self) -> Option<&'static str> {
        None
    }

    /// Writes a column of the rows that a recursive CTE starts with. It decides the type of the column for all rows.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel::{MySqlDialect, SqliteDialect};
    ///
    /// // MariaDB would cut later rows to the length of the first, so the first one is made long.
    /// let later = alias(Book, "later");
    /// let chain = select((Book::TITLE, Book::YEAR)).cte("chain").recursive(|chain| {
    ///     let longer = chain.col(Book::TITLE).concat(", ").concat(later.col(Book::TITLE));
    ///     let next = later.col(Book::YEAR).gt(chain.col(Book::YEAR));
    ///     select((longer, later.col(Book::YEAR))).select_from(later).join_on(chain, next)
    /// });
    /// let all = select(chain.col(Book::TITLE));
    /// assert!(all.to_sql(&MySqlDialect::default())?.0.contains("AS (SELECT CAST(books.title AS CHAR(16383)) AS title"));
    /// assert!(all.to_sql(&SqliteDialect)?.0.contains("AS (SELECT books.title AS title"));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` or `Compile`.
    fn recursive_start(&self, sql: &mut Compiler<'_>, column: &Node, sql_type: SqlType) -> Result<()> {
        let _ = sql_type;
        sql.node(column)
    }

    /// Writes one key of ORDER BY.
    ///
    /// NULL is the least value unless a statement says otherwise: a dialect adds what its database needs for that.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// use aludel::{MySqlDialect, PostgresDialect, SqliteDialect};
    ///
    /// let users = select(User::ID).order_by(User::NAME);
    /// assert_eq!(users.to_sql(&SqliteDialect)?.0, "SELECT users.id FROM users ORDER BY users.name");
    /// assert_eq!(users.to_sql(&PostgresDialect)?.0, "SELECT users.id FROM users ORDER BY users.name NULLS FIRST");
    ///
    /// let last = select(User::ID).order_by(User::NAME.asc().nulls_last());
    /// assert_eq!(
    ///     last.to_sql(&MySqlDialect::default())?.0,
    ///     "SELECT users.id FROM users ORDER BY users.name IS NULL, users.name"
    /// );
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` or `Compile`.
    fn order_by(&self, sql: &mut Compiler<'_>, key: &OrderBy) -> Result<()>;

    /// Writes LIMIT and OFFSET, if there are any.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel::{MySqlDialect, PostgresDialect, SqliteDialect};
    ///
    /// // OFFSET without LIMIT.
    /// let books = select(Book::ID).offset(20);
    /// assert_eq!(books.to_sql(&PostgresDialect)?.0, "SELECT books.id FROM books OFFSET $1");
    /// assert_eq!(books.to_sql(&SqliteDialect)?.0, "SELECT books.id FROM books LIMIT -1 OFFSET ?1 + 0");
    /// assert_eq!(
    ///     books.to_sql(&MySqlDialect::default())?.0,
    ///     "SELECT books.id FROM books LIMIT 18446744073709551615 OFFSET ?"
    /// );
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` or `Compile`.
    fn limit(&self, sql: &mut Compiler<'_>, limit: Option<&Param>, offset: Option<&Param>) -> Result<()>;

    /// Writes, behind the table of an INSERT, a row that gives no column.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// # #[derive(Entity)]
    /// # #[entity(table = "tickets")]
    /// # pub struct Ticket {
    /// #     #[column(primary_key)]
    /// #     pub id: i64,
    /// # }
    /// use aludel::{MySqlDialect, PostgresDialect};
    ///
    /// # fn main() -> aludel::Result<()> {
    /// let ticket = insert(Ticket).values([Ticket::builder()]);
    /// assert_eq!(ticket.to_sql(&PostgresDialect)?.0, "INSERT INTO tickets DEFAULT VALUES");
    /// assert_eq!(ticket.to_sql(&MySqlDialect::default())?.0, "INSERT INTO tickets () VALUES ()");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported`.
    fn default_values(&self, sql: &mut Compiler<'_>) -> Result<()> {
        sql.push(" DEFAULT VALUES");
        Ok(())
    }

    /// Writes what an INSERT does about rows that are there already.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Author};
    /// use aludel::{MySqlDialect, PostgresDialect};
    ///
    /// let author = Author::builder().id(7).name("Jane Austen");
    /// let upsert = insert(Author).values([author]).on_conflict(Author::ID).do_update(|row| row.set(Author::NAME, "Jane"));
    /// assert!(upsert.to_sql(&PostgresDialect)?.0.ends_with(" ON CONFLICT (id) DO UPDATE SET name = $3"));
    /// assert!(upsert.to_sql(&MySqlDialect::default())?.0.ends_with(" ON DUPLICATE KEY UPDATE name = ?"));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` or `Compile`.
    fn on_conflict(&self, sql: &mut Compiler<'_>, insert: &InsertNode, conflict: &Conflict) -> Result<()> {
        standard::on_conflict(sql, insert, conflict)
    }

    /// Writes a column of the row that an upsert was to insert.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Author};
    /// use aludel::{MySqlDialect, PostgresDialect};
    ///
    /// let author = Author::builder().id(7).name("Jane Austen");
    /// let upsert = insert(Author)
    ///     .values([author])
    ///     .on_conflict(Author::ID)
    ///     .do_update(|row| row.set(Author::NAME, excluded(Author::NAME)));
    /// assert!(upsert.to_sql(&PostgresDialect)?.0.ends_with(" SET name = excluded.name"));
    /// assert!(upsert.to_sql(&MySqlDialect::default())?.0.ends_with(" UPDATE name = values(name)"));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` for a name that no database can hold.
    fn excluded(&self, sql: &mut Compiler<'_>, column: &str) -> Result<()> {
        sql.push("excluded.").identifier(column)
    }

    /// Returns how many rows one INSERT may take.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::{Dialect, Mapped, PostgresDialect, SqliteDialect};
    /// use aludel_sql::{ColumnSet, InsertRows, RowCounts};
    ///
    /// let columns = ColumnSet::from_iter([Book::TITLE.index(), Book::YEAR.index()]);
    /// let shape = InsertRows::new(Book::TABLE, columns, ColumnSet::EMPTY);
    /// // Rows are placeholders on SQLite: few numbers of rows, so that there are few texts.
    /// assert_eq!(SqliteDialect.insert_counts(&shape), RowCounts::Classes(&[500, 100, 10, 1]));
    /// // On PostgreSQL they are arrays: one text for any number.
    /// assert_eq!(PostgresDialect.insert_counts(&shape), RowCounts::UpTo(20_000));
    /// ```
    fn insert_counts(&self, shape: &InsertRows) -> RowCounts;

    /// Writes an INSERT of this many rows, into the table in the schema that the shape says.
    ///
    /// ```
    /// # use library::Author;
    /// use aludel::{Dialect, Mapped, PostgresDialect};
    /// use aludel_sql::{ColumnSet, InsertRows, RowBinding};
    ///
    /// let (name, id) = (Author::NAME.index(), Author::ID.index());
    /// let shape = InsertRows::new(Author::TABLE, ColumnSet::from_iter([name]), ColumnSet::from_iter([id]));
    /// let many = PostgresDialect.insert_rows(&shape, 1000)?;
    /// assert_eq!(
    ///     many.text,
    ///     "INSERT INTO authors (name) SELECT c0 FROM unnest($1::text[]) WITH ORDINALITY AS v(c0, o) ORDER BY o RETURNING id"
    /// );
    /// assert_eq!(many.binding, RowBinding::Arrays { counted: false });
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where values of the database's making cannot be given back.
    fn insert_rows(&self, shape: &InsertRows, rows: usize) -> Result<RowsSql>;

    /// Returns how many rows one UPDATE by key may take.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::{Dialect, Mapped, SqliteDialect};
    /// use aludel_sql::{ColumnSet, RowCounts, UpdateRows};
    ///
    /// // SQLite runs one statement again and again: a round trip costs nothing there.
    /// let shape = UpdateRows::by_primary_key(Book::TABLE, ColumnSet::from_iter([Book::YEAR.index()]));
    /// assert_eq!(SqliteDialect.update_counts(&shape), RowCounts::UpTo(usize::MAX));
    /// ```
    fn update_counts(&self, shape: &UpdateRows) -> RowCounts;

    /// Writes an UPDATE by key of this many rows, of the table in the schema that the shape says. If `counted`, the statement fails by itself when it does not match them all.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::{Dialect, Mapped, PostgresDialect, SqliteDialect};
    /// use aludel_sql::{ColumnSet, UpdateRows};
    ///
    /// let shape = UpdateRows::by_primary_key(Book::TABLE, ColumnSet::from_iter([Book::YEAR.index()]));
    /// let sql = SqliteDialect.update_rows(&shape, 1000, false)?;
    /// assert_eq!(sql.text, "UPDATE books SET year = ?1 WHERE id = ?2");
    /// let sql = PostgresDialect.update_rows(&shape, 1000, false)?;
    /// assert_eq!(
    ///     sql.text,
    ///     "UPDATE books AS t SET year = v.c0 FROM unnest($1::integer[], $2::bigint[]) AS v(c0, c1) WHERE t.id = v.c1"
    /// );
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported`.
    fn update_rows(&self, shape: &UpdateRows, rows: usize, counted: bool) -> Result<RowsSql>;

    /// Returns how many rows one DELETE by key may take.
    ///
    /// ```
    /// use aludel::{Dialect, MySqlDialect};
    /// use aludel_sql::RowCounts;
    ///
    /// assert_eq!(MySqlDialect::default().delete_counts(), RowCounts::UpTo(10_000));
    /// ```
    fn delete_counts(&self) -> RowCounts;

    /// Writes a DELETE by key of this many rows, of the table in the schema that the shape says. If `counted`, the statement fails by itself when it does not match them all.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::{Dialect, Mapped, PostgresDialect};
    /// use aludel_sql::DeleteRows;
    ///
    /// let shape = DeleteRows::by_primary_key(Book::TABLE);
    /// let sql = PostgresDialect.delete_rows(&shape, 1000, false)?;
    /// assert_eq!(sql.text, "DELETE FROM books AS t USING unnest($1::bigint[]) AS v(c0) WHERE t.id = v.c0");
    ///
    /// // A COMMIT may travel behind it: then it has to find out by itself that a row was gone.
    /// let counted = PostgresDialect.delete_rows(&shape, 1000, true)?;
    /// assert!(counted.counts_itself);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported`.
    fn delete_rows(&self, shape: &DeleteRows, rows: usize, counted: bool) -> Result<RowsSql>;

    /// Writes the statements that create a table, without the foreign keys that are `deferred`.
    ///
    /// ```
    /// # use library::Author;
    /// use aludel::{Dialect, PostgresDialect};
    ///
    /// assert_eq!(
    ///     PostgresDialect.create_table(&Author::table(), &[])?,
    ///     ["CREATE TABLE authors (\n  id bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY,\n  name varchar(200) NOT NULL,\n  \
    ///       CONSTRAINT pk_authors PRIMARY KEY (id)\n)"]
    /// );
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` or `Unsupported` where the database cannot have such a table.
    fn create_table(&self, table: &Table, deferred: &[DeferredForeignKey]) -> Result<Vec<String>>;

    /// Writes the statement that adds a foreign key to a table that is there.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::schema::DeferredForeignKey;
    /// use aludel::{Dialect, PostgresDialect, SqliteDialect};
    ///
    /// let foreign_key = Book::table().foreign_keys.remove(0);
    /// let key = DeferredForeignKey { table: "books".into(), schema: None, foreign_key };
    /// assert_eq!(
    ///     PostgresDialect.add_foreign_key(&key)?,
    ///     "ALTER TABLE books ADD CONSTRAINT fk_books_author_id_authors FOREIGN KEY (author_id) REFERENCES authors (id)"
    /// );
    /// // There a foreign key may name a table that comes later.
    /// assert!(SqliteDialect.add_foreign_key(&key).is_err());
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where the database cannot; then [`Dialect::create_table`] must not defer.
    fn add_foreign_key(&self, key: &DeferredForeignKey) -> Result<String>;

    /// Writes the statement that removes a foreign key from a table.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::schema::DeferredForeignKey;
    /// use aludel::{Dialect, MySqlDialect, PostgresDialect};
    ///
    /// let foreign_key = Book::table().foreign_keys.remove(0);
    /// let key = DeferredForeignKey { table: "books".into(), schema: None, foreign_key };
    /// assert_eq!(
    ///     PostgresDialect.drop_foreign_key(&key)?,
    ///     "ALTER TABLE books DROP CONSTRAINT fk_books_author_id_authors"
    /// );
    /// assert_eq!(
    ///     MySqlDialect::default().drop_foreign_key(&key)?,
    ///     "ALTER TABLE books DROP FOREIGN KEY fk_books_author_id_authors"
    /// );
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where the database cannot.
    fn drop_foreign_key(&self, key: &DeferredForeignKey) -> Result<String>;

    /// Writes the statements that create an enum type; none where enums are no objects of their own.
    ///
    /// ```
    /// use aludel::schema::EnumType;
    /// use aludel::{Dialect, MySqlDialect, PostgresDialect};
    ///
    /// let mood = EnumType::new("mood", ["sad", "happy"]);
    /// assert_eq!(PostgresDialect.create_enum(&mood)?, ["CREATE TYPE mood AS ENUM ('sad', 'happy')"]);
    /// assert!(MySqlDialect::default().create_enum(&mood)?.is_empty());
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` for names that no database can hold.
    fn create_enum(&self, enum_type: &EnumType) -> Result<Vec<String>> {
        let _ = enum_type;
        Ok(Vec::new())
    }

    /// Writes the statements that create a domain; none where there are no domains.
    ///
    /// ```
    /// use aludel::schema::{Check, Domain};
    /// use aludel::{Dialect, MySqlDialect, PostgresDialect, SqlType};
    ///
    /// let check = Check::new("percent_check", "VALUE BETWEEN 0 AND 100");
    /// let percent = Domain { checks: vec![check], ..Domain::new("percent", SqlType::SmallInt) };
    /// assert_eq!(
    ///     PostgresDialect.create_domain(&percent)?,
    ///     ["CREATE DOMAIN percent AS smallint CONSTRAINT percent_check CHECK (VALUE BETWEEN 0 AND 100)"]
    /// );
    /// assert!(MySqlDialect::default().create_domain(&percent)?.is_empty());
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` for names that no database can hold.
    fn create_domain(&self, domain: &Domain) -> Result<Vec<String>> {
        let _ = domain;
        Ok(Vec::new())
    }

    /// Writes the statement that creates an extension if it is not there; none where there are no extensions.
    ///
    /// ```
    /// use aludel::schema::Extension;
    /// use aludel::{Dialect, PostgresDialect, SqliteDialect};
    ///
    /// let citext = Extension::new("citext");
    /// assert_eq!(PostgresDialect.create_extension(&citext)?, ["CREATE EXTENSION IF NOT EXISTS citext"]);
    /// assert!(SqliteDialect.create_extension(&citext)?.is_empty());
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` for names that no database can hold.
    fn create_extension(&self, extension: &Extension) -> Result<Vec<String>> {
        let _ = extension;
        Ok(Vec::new())
    }

    /// Writes the statements that create a sequence.
    ///
    /// ```
    /// use aludel::schema::Sequence;
    /// use aludel::{Dialect, PostgresDialect, SqliteDialect};
    ///
    /// let invoices = Sequence::new("invoices").start(1000);
    /// assert_eq!(PostgresDialect.create_sequence(&invoices)?, ["CREATE SEQUENCE invoices START WITH 1000"]);
    /// assert_eq!(SqliteDialect.create_sequence(&invoices).unwrap_err().what(), "SQLite has no sequences: `invoices`");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where the database has none.
    fn create_sequence(&self, sequence: &Sequence) -> Result<Vec<String>> {
        let what = format!("{} has no sequences: `{}`", self.name(), sequence.name);
        Err(Error::new(ErrorKind::Unsupported, what))
    }

    /// Writes the statements that create a function, a trigger, or other DDL.
    ///
    /// ```
    /// use aludel::schema::Ddl;
    /// use aludel::{Dialect, PostgresDialect, SqliteDialect};
    ///
    /// let now = Ddl::function("right_now").sql("postgres", "() RETURNS timestamptz LANGUAGE sql RETURN now()");
    /// let created = PostgresDialect.create_ddl(&now)?;
    /// assert_eq!(created, ["CREATE FUNCTION right_now() RETURNS timestamptz LANGUAGE sql RETURN now()"]);
    /// assert_eq!(SqliteDialect.create_ddl(&now).unwrap_err().what(), "the function `right_now` has no SQL for SQLite");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` where it has no text for this database, or more than one statement; `Unsupported` where the database has no such thing.
    fn create_ddl(&self, ddl: &Ddl) -> Result<Vec<String>> {
        ddl::create(self.as_dialect(), ddl)
    }

    /// Writes the statements that put another text in the place of a function that is there, whoever calls it.
    ///
    /// ```
    /// use aludel::schema::Ddl;
    /// use aludel::{Dialect, PostgresDialect};
    ///
    /// let from = Ddl::function("one").sql("postgres", "() RETURNS int LANGUAGE sql RETURN 2");
    /// let to = Ddl::function("one").sql("postgres", "() RETURNS int LANGUAGE sql RETURN 1");
    /// let replaced = PostgresDialect.replace_ddl(&from, &to)?;
    /// assert_eq!(replaced, ["CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql RETURN 1"]);
    /// // What is called in another way is another function.
    /// let other = Ddl::function("one").sql("postgres", "(n int) RETURNS int LANGUAGE sql RETURN 1");
    /// assert_eq!(PostgresDialect.replace_ddl(&from, &other)?[0], "DROP FUNCTION one");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`create_ddl`](Self::create_ddl).
    fn replace_ddl(&self, from: &Ddl, to: &Ddl) -> Result<Vec<String>> {
        ddl::replace(self.as_dialect(), from, to)
    }

    /// Writes the statements that undo a function, a trigger, or other DDL.
    ///
    /// ```
    /// use aludel::schema::Ddl;
    /// use aludel::{Dialect, PostgresDialect, SqliteDialect};
    ///
    /// let log = Ddl::trigger("log_books", "books").everywhere("…");
    /// assert_eq!(PostgresDialect.drop_ddl(&log)?, ["DROP TRIGGER log_books ON books"]);
    /// assert_eq!(SqliteDialect.drop_ddl(&log)?, ["DROP TRIGGER log_books"]);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`create_ddl`](Self::create_ddl).
    fn drop_ddl(&self, ddl: &Ddl) -> Result<Vec<String>> {
        ddl::drop(self.as_dialect(), ddl)
    }

    /// Returns a query for the functions, procedures and triggers that are there, in the form of [`object_names`](Self::object_names); none
    /// where there are no such things.
    ///
    /// ```
    /// use aludel::{Dialect, SqliteDialect};
    ///
    /// assert!(SqliteDialect.ddl_names().unwrap().contains("'trigger'"));
    /// ```
    fn ddl_names(&self) -> Option<&'static str> {
        None
    }

    /// Returns a query like [`ddl_names`](Self::ddl_names) for what is in a schema that is there, if each has a catalogue of its own, of
    /// which that query tells nothing.
    ///
    /// ```
    /// use aludel::{Dialect, PostgresDialect, SqliteDialect};
    ///
    /// let attached = SqliteDialect.ddl_names_in("attic")?.unwrap();
    /// assert_eq!(attached, "SELECT 'trigger', 'attic', name FROM attic.sqlite_schema WHERE type = 'trigger'");
    /// assert_eq!(PostgresDialect.ddl_names_in("attic")?, None);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` for a name that no database can hold.
    fn ddl_names_in(&self, schema: &str) -> Result<Option<String>> {
        let _ = schema;
        Ok(None)
    }

    /// Returns a statement that goes before dropping tables in a transaction, where rows that refer to each other would be in the way.
    ///
    /// ```
    /// use aludel::{Dialect, PostgresDialect, SqliteDialect};
    ///
    /// // Where tables refer to each other in a circle, each of them is dropped while the other one has rows.
    /// assert_eq!(SqliteDialect.before_drop(), Some("PRAGMA defer_foreign_keys = ON"));
    /// assert_eq!(PostgresDialect.before_drop(), None); // there the foreign keys are dropped first
    /// ```
    fn before_drop(&self) -> Option<&'static str> {
        None
    }

    /// Writes CREATE INDEX.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::schema::Index;
    /// use aludel::{Dialect, PostgresDialect};
    ///
    /// let mut by_year = Index::on("ix_books_year", ["year"]);
    /// by_year.condition = Some("year > 1900".into());
    /// assert_eq!(
    ///     PostgresDialect.create_index(&Book::table(), &by_year)?,
    ///     "CREATE INDEX ix_books_year ON books (year) WHERE year > 1900"
    /// );
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` or `Unsupported` where the database cannot have such an index.
    fn create_index(&self, table: &Table, index: &Index) -> Result<String>;

    /// Writes what follows a column's name in its definition.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::{Dialect, MySqlDialect, PostgresDialect};
    ///
    /// let (books, mut sql) = (Book::table(), String::new());
    /// PostgresDialect.column_definition(&mut sql, &books, books.column("id").unwrap())?;
    /// assert_eq!(sql, "bigint NOT NULL GENERATED BY DEFAULT AS IDENTITY");
    ///
    /// let mut sql = String::new();
    /// MySqlDialect::default().column_definition(&mut sql, &books, books.column("id").unwrap())?;
    /// assert_eq!(sql, "BIGINT NOT NULL AUTO_INCREMENT");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` or `Unsupported` where the database cannot have such a column.
    fn column_definition(&self, sql: &mut String, table: &Table, column: &ColumnDef) -> Result<()>;

    /// Writes the steps of operations that follow each other on one table (or of one operation of any kind), between the state before
    /// the first and that after the last.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Author};
    /// use aludel::schema::Operation;
    /// use aludel::{Dialect, PostgresDialect, SqliteDialect};
    ///
    /// let before = Metadata::of(Author);
    /// let name = before.tables()[0].columns[1].clone();
    /// let drop = Operation::DropColumn { table: "authors".into(), column: name };
    /// let mut after = before.clone();
    /// drop.apply(&mut after)?;
    ///
    /// let steps = PostgresDialect.alter(&[drop.clone()], &before, &after)?;
    /// assert_eq!(steps[0].statements, ["ALTER TABLE authors DROP COLUMN name"]);
    /// // SQLite makes the table again, and copies its rows.
    /// let steps = SqliteDialect.alter(&[drop], &before, &after)?;
    /// assert_eq!((steps.len(), steps[0].statements[2].as_str()), (1, "DROP TABLE authors"));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where the database cannot do it.
    fn alter(&self, operations: &[Operation], before: &Metadata, after: &Metadata) -> Result<Vec<Step>> {
        let _ = before;
        let mut steps = Vec::new();
        for operation in operations {
            steps.extend(alter::steps(self.as_dialect(), operation, after)?);
        }
        Ok(steps)
    }

    /// Writes the steps of an operation on a table that is in use, in the form that locks least; none where [`alter`](Self::alter) writes
    /// that.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book, library::Author};
    /// use aludel::schema::{Index, Operation};
    /// use aludel::{Dialect, PostgresDialect, SqliteDialect};
    ///
    /// let create = Operation::CreateIndex { table: "books".into(), index: Index::on("ix_books_year", ["year"]) };
    /// let mut after = Metadata::of((Author, Book));
    /// create.apply(&mut after)?;
    ///
    /// let steps = PostgresDialect.alter_online(&create, &after)?.unwrap();
    /// assert_eq!(steps[0].statements, ["CREATE INDEX CONCURRENTLY ix_books_year ON books (year)"]);
    /// assert!(!steps[0].in_transaction);
    /// assert_eq!(SqliteDialect.alter_online(&create, &after)?, None);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`alter`](Self::alter).
    fn alter_online(&self, operation: &Operation, after: &Metadata) -> Result<Option<Vec<Step>>> {
        let _ = (operation, after);
        Ok(None)
    }

    /// Returns what an operation does to whoever uses its table meanwhile, beyond what [`alter_online`](Self::alter_online) avoids.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::schema::{ColumnDef, Operation};
    /// use aludel::{Dialect, PostgresDialect, SqlType};
    ///
    /// let from = Book::table().column("year").unwrap().clone();
    /// let to = ColumnDef { sql_type: SqlType::BigInt.into(), ..from.clone() };
    /// let wider = Operation::AlterColumn { table: "books".into(), from, to, using: None };
    /// let findings = PostgresDialect.lint(&wider);
    /// assert_eq!((findings[0].rule, findings[0].lock), ("PG301", "ACCESS EXCLUSIVE"));
    /// ```
    fn lint(&self, operation: &Operation) -> Vec<Finding> {
        let _ = operation;
        Vec::new()
    }

    /// Returns the dialect as a trait object: `self`.
    ///
    /// What a default method hands on to what takes any dialect.
    ///
    /// ```
    /// use aludel::{Dialect, SqliteDialect};
    ///
    /// assert_eq!(SqliteDialect.as_dialect().key(), "sqlite");
    /// ```
    fn as_dialect(&self) -> &dyn Dialect;

    /// Tells how to find out, after a crash, whether a statement was done.
    ///
    /// ```
    /// use aludel::schema::Probe;
    /// use aludel::{Dialect, MySqlDialect, PostgresDialect};
    ///
    /// // A column is there or it is not: that can be asked for.
    /// let added = MySqlDialect::default().probe("ALTER TABLE books ADD COLUMN isbn CHAR(13)");
    /// assert!(matches!(added, Probe::Ask { leftover: None, .. }));
    /// // An index whose building was broken off is left behind, invalid.
    /// let built = PostgresDialect.probe("CREATE INDEX CONCURRENTLY ix_books_year ON books (year)");
    /// assert!(matches!(built, Probe::Ask { leftover: Some(_), .. }));
    /// assert_eq!(PostgresDialect.probe("VACUUM books"), Probe::Unknown);
    /// ```
    fn probe(&self, statement: &str) -> Probe {
        let _ = statement;
        Probe::Unknown
    }

    /// Writes a query for how many other connections run a statement right now, one row with a `BIGINT`: a server may go on with what a
    /// client that died has sent.
    ///
    /// ```
    /// use aludel::{Dialect, PostgresDialect, SqliteDialect};
    ///
    /// assert!(PostgresDialect.still_running("VACUUM books").unwrap().contains("FROM pg_catalog.pg_stat_activity"));
    /// // Nothing goes on in SQLite once its program is gone.
    /// assert_eq!(SqliteDialect.still_running("VACUUM"), None);
    /// ```
    fn still_running(&self, statement: &str) -> Option<String> {
        let _ = statement;
        None
    }

    /// Writes the statement after which a connection hears what is sent to a channel (`LISTEN`), or hears it no more (`UNLISTEN`).
    ///
    /// ```
    /// use aludel::{Dialect, PostgresDialect, SqliteDialect};
    ///
    /// assert_eq!(PostgresDialect.listen("jobs", true)?, "LISTEN jobs");
    /// assert_eq!(PostgresDialect.listen("Jobs", false)?, "UNLISTEN \"Jobs\"");
    /// assert!(SqliteDialect.listen("jobs", true).is_err());
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where connections cannot send each other notifications, `Schema` for a name that cannot be one.
    fn listen(&self, channel: &str, begins: bool) -> Result<String> {
        let _ = (channel, begins);
        Err(no_notifications(self.name()))
    }

    /// Returns the statement that sends a notification; its parameters are the channel and the text.
    ///
    /// ```
    /// use aludel::{Dialect, PostgresDialect};
    ///
    /// assert_eq!(PostgresDialect.notify()?, "SELECT pg_notify($1, $2)");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where connections cannot send each other notifications.
    fn notify(&self) -> Result<&'static str> {
        Err(no_notifications(self.name()))
    }

    /// Returns how a transaction is prepared and its outcome decided later.
    ///
    /// ```
    /// use aludel::{Dialect, MySqlDialect, PostgresDialect, SqliteDialect};
    ///
    /// assert_eq!(PostgresDialect.two_phase()?.prepare, ["PREPARE TRANSACTION "]);
    /// assert_eq!(MySqlDialect::default().two_phase()?.prepare, ["XA END ", "XA PREPARE "]);
    /// assert!(SqliteDialect.two_phase().is_err());
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where the database has no two-phase commit.
    fn two_phase(&self) -> Result<&'static TwoPhase> {
        Err(Error::new(ErrorKind::Unsupported, format!("{} has no two-phase commit", self.name())))
    }

    /// Writes the statement that takes rows in the driver's own form from the client (`COPY … FROM STDIN`), with values for the columns of the shape.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::{Dialect, Mapped, PostgresDialect};
    /// use aludel_sql::{ColumnSet, InsertRows};
    ///
    /// let columns = ColumnSet::from_iter([Book::TITLE.index(), Book::YEAR.index()]);
    /// let shape = InsertRows::new(Book::TABLE, columns, ColumnSet::EMPTY);
    /// assert_eq!(PostgresDialect.copy_rows(&shape)?, "COPY books (title, year) FROM STDIN (FORMAT binary)");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where [`Features::copy`] is false, `Schema` for a name that cannot be one.
    fn copy_rows(&self, shape: &InsertRows) -> Result<String> {
        let _ = shape;
        Err(Error::new(ErrorKind::Unsupported, format!("{} has no COPY", self.name()))
            .help("insert the rows: `conn.execute(insert(Entity).values(rows))` sends them in large batches"))
    }

    /// Returns how migrators keep out of each other's way; none where a writing transaction does it.
    ///
    /// ```
    /// use aludel::{Dialect, PostgresDialect, SqliteDialect};
    ///
    /// assert!(PostgresDialect.migration_lock().unwrap().try_lock.contains("pg_try_advisory_xact_lock"));
    /// assert!(SqliteDialect.migration_lock().is_none()); // one writer at a time anyway
    /// ```
    fn migration_lock(&self) -> Option<MigrationLock> {
        None
    }

    /// Returns how long a migrator waits for what others use; none where nothing is known of it.
    ///
    /// ```
    /// use aludel::{Dialect, PostgresDialect};
    ///
    /// let wait = PostgresDialect.lock_wait().unwrap();
    /// assert_eq!(wait.codes, ["55P03"]);
    /// // Nobody waits behind what is done concurrently, so it may take its time.
    /// let limit = wait.limit.unwrap();
    /// assert!((limit.is_patient)("CREATE INDEX CONCURRENTLY ix_books_year ON books (year)"));
    /// ```
    fn lock_wait(&self) -> Option<LockWait> {
        None
    }

    /// Returns what ends a statement of a script for the database's own client, where that would take a semicolon within the statement for its end.
    ///
    /// ```
    /// use aludel::{Dialect, MySqlDialect, SqliteDialect};
    ///
    /// let trigger = "CREATE TRIGGER t BEFORE INSERT ON books FOR EACH ROW BEGIN SET NEW.title = 'a'; END";
    /// assert_eq!(MySqlDialect::default().script_delimiter(trigger), Some("//"));
    /// assert_eq!(MySqlDialect::default().script_delimiter("DROP TRIGGER t"), None);
    /// assert_eq!(SqliteDialect.script_delimiter(trigger), None);
    /// ```
    fn script_delimiter(&self, statement: &str) -> Option<&'static str> {
        let _ = statement;
        None
    }

    /// Returns the settings of a session without which a script would not mean what it means on connections of Aludel.
    ///
    /// ```
    /// use aludel::{Dialect, PostgresDialect};
    ///
    /// // Times in a script are UTC, whatever the settings of the one who runs it.
    /// assert!(PostgresDialect.script_settings().contains(&"SET TimeZone = 'UTC'"));
    /// ```
    fn script_settings(&self) -> &'static [&'static str] {
        &[]
    }

    /// Returns what has to be done around steps that rebuild a table, if there are such steps.
    ///
    /// ```
    /// use aludel::{Dialect, PostgresDialect, SqliteDialect};
    ///
    /// // Otherwise the rows that refer to a table would go with it while it is made again.
    /// assert_eq!(SqliteDialect.rebuild().unwrap().before, ["PRAGMA foreign_keys = OFF"]);
    /// assert!(PostgresDialect.rebuild().is_none());
    /// ```
    fn rebuild(&self) -> Option<Rebuild> {
        None
    }

    /// Returns a query for what is there: kind (`table`, `enum`, `domain`, `sequence`, `schema`, `extension`), schema (NULL for the default one) and name, three text
    /// columns. What is in the default schema is there twice where that schema has a name: with the name, and with NULL.
    ///
    /// ```
    /// # aludel::doc::run_core(async |conn| {
    /// use aludel::Dialect;
    /// use aludel::prelude::*;
    ///
    /// let objects = conn.execute(text_unchecked(aludel::SqliteDialect.object_names())).all().await?;
    /// let users = objects.iter().find(|row| row.at::<String>(2).is_ok_and(|it| it == "users")).unwrap();
    /// assert_eq!((users.at::<String>(0)?.as_str(), users.at::<Option<String>>(1)?), ("table", None));
    /// # Ok(()) });
    /// ```
    fn object_names(&self) -> &'static str;

    /// Returns how what is there is read back; none where nobody has written that.
    ///
    /// ```
    /// use aludel::{Dialect, SqliteDialect};
    ///
    /// // What `engine.inspect()` asks a database, and how it reads the answers.
    /// let inspection = SqliteDialect.inspection().unwrap();
    /// assert!(inspection.queries(None)?[0].contains("pragma_database_list"));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    fn inspection(&self) -> Option<&dyn Inspection> {
        None
    }
}

#[cold]
fn no_notifications(database: &str) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        format!("connections of {database} cannot send each other notifications"),
    )
    .help("only PostgreSQL has LISTEN and NOTIFY; elsewhere, ask a table for what is new")
}
