//! Aludel's SQL expression language: tables, columns, expressions and statements as Rust values, and the compiler that writes them in the
//! words of a database.
//!
//! Nothing in this crate does I/O, and nothing knows a driver: values go in, text and values come out. Programs use it through the crate
//! `aludel`, whose prelude has what is spoken of here.
//!
//! # Tables and columns
//!
//! `#[derive(Entity)]` maps a struct to a table and gives a constant for each field: `Book::YEAR` is a [`Column`], an index and a type, and
//! `Book::AUTHOR` a [`Relation`]. The name of the struct is a value as well, so that `select(Book)` reads as it does in SQL. An [`alias`]
//! lets a table be in a statement twice. What Rust type a column may have, and what becomes of it on each database, [`ColumnType`] and
//! [`SqlType`] tell.
//!
//! # Expressions
//!
//! Columns, values and what is made of them are [`Expression`]s: `Book::YEAR.between(1801, 1900)`, `Book::TITLE.concat("!")`, `Book::YEAR +
//! 1`. An [`Expr`] has a type, so that a number is not compared with a text; a condition is an `Expr<bool>`, and can be kept in a variable,
//! pushed into a list and returned from a function. Functions are in [`func`], windows begin with [`window`], branches with [`case`]; what
//! stands in a JSON document is reached by `path`.
//!
//! *Each operator means the same on every database.* `/` of integers truncates, `contains` minds case, an empty list is in nothing, NULL
//! sorts before all values. Where a database would do something else, the statement says it in other words there; where it cannot,
//! compiling the statement is an error of kind `Unsupported`, before anything is sent.
//!
//! An expression follows SQL about NULL: a comparison with it is neither true nor false. Methods that are written once in Rust and used as
//! SQL as well, [hybrids](hybrid), follow Rust: `None` equals `None`.
//!
//! # Statements
//!
//! [`select`], [`insert`], [`update`] and [`delete`] begin one, and each method gives back the whole, so that a statement is put together
//! step by step and by whoever knows the next part. What is selected is the type of its rows: a [`Select`] of `(Author::NAME,
//! func::count(Book::ID))` gives `(String, i64)`, and an [`optional`] entity an `Option`. A statement is a part of others where it has a
//! name ([`subquery`](SelectStatement::subquery), [`cte`](SelectStatement::cte)), is asked for one value
//! ([`scalar_subquery`](SelectStatement::scalar_subquery)) or tested ([`exists`]); several are one with [`union`](SelectStatement::union)
//! and its like. SQL written by hand, [`text!`], is a statement or an expression like any other, with its values bound.
//!
//! ```
//! use aludel::prelude::*;
//! use aludel::{MySqlDialect, PostgresDialect, SelectEntity, SqliteDialect, Value};
//!
//! #[derive(Entity, Debug)]
//! #[entity(table = "authors")]
//! pub struct Author {
//!     #[column(primary_key)]
//!     pub id: i64,
//!     pub name: String,
//!     #[relation(back_populates = Book::AUTHOR)]
//!     pub books: HasMany<Book>,
//! }
//!
//! #[derive(Entity, Debug)]
//! #[entity(table = "books")]
//! pub struct Book {
//!     #[column(primary_key)]
//!     pub id: i64,
//!     pub title: String,
//!     pub year: Option<i32>,
//!     #[column(foreign_key = Author::ID)]
//!     pub author_id: i64,
//!     #[relation(back_populates = Author::BOOKS)]
//!     pub author: BelongsTo<Author>,
//! }
//!
//! #[hybrid]
//! impl Book {
//!     pub fn is_old(&self) -> bool {
//!         self.year.is_some_and(|year| year < 1900)
//!     }
//! }
//!
//! /// What somebody asks for in a form, of which most is left empty.
//! #[derive(Default)]
//! struct Search {
//!     word: Option<&'static str>,
//!     old_only: bool,
//! }
//!
//! fn found(search: &Search) -> SelectEntity<Book> {
//!     let mut books = select(Book);
//!     if let Some(word) = search.word {
//!         books = books.filter(Book::TITLE.contains(word).or(Book::AUTHOR.has(Author::NAME.contains(word))));
//!     }
//!     if search.old_only {
//!         books = books.filter(Book::IS_OLD);
//!     }
//!     books
//! }
//!
//! # fn main() -> aludel::Result<()> {
//! // The same condition in a statement of its own: how many books each author has, of those that were found.
//! let old = Search { old_only: true, ..Search::default() };
//! let hits = found(&old).subquery("hits");
//! let per_author = select((Author::NAME, func::count_star().label("books")))
//!     .join_on(&hits, hits.col(Book::AUTHOR_ID).eq(Author::ID))
//!     .group_by(Author::NAME)
//!     .order_by((desc("books"), Author::NAME));
//! assert_eq!(
//!     per_author.to_sql(&PostgresDialect)?.0,
//!     "SELECT authors.name, count(*) AS books FROM authors \
//!      JOIN (SELECT books.id, books.title, books.year, books.author_id FROM books \
//!      WHERE books.year IS NOT NULL AND books.year < $1) AS hits ON hits.author_id = authors.id \
//!      GROUP BY authors.name ORDER BY books DESC, authors.name"
//! );
//!
//! // Text and values travel apart: another word is the same statement.
//! let moby = Search { word: Some("Moby"), ..Search::default() };
//! let (text, values) = found(&moby).to_sql(&SqliteDialect)?;
//! assert_eq!(
//!     text,
//!     "SELECT books.id, books.title, books.year, books.author_id FROM books WHERE instr(books.title, ?1) > 0 \
//!      OR EXISTS (SELECT 1 FROM authors WHERE books.author_id = authors.id AND instr(authors.name, ?2) > 0)"
//! );
//! assert_eq!(values, ["Moby", "Moby"].map(|it| Value::Text(it.to_owned())));
//!
//! // One meaning, the words of each: MariaDB's own `instr` would go by the collation of the column.
//! let by_title = select(Book::ID).filter(Book::TITLE.contains("Moby")).order_by(Book::YEAR);
//! assert_eq!(
//!     by_title.to_sql(&MySqlDialect::default())?.0,
//!     "SELECT books.id FROM books WHERE instr(books.title COLLATE utf8mb4_nopad_bin, ?) > 0 ORDER BY books.year"
//! );
//! assert_eq!(
//!     by_title.to_sql(&PostgresDialect)?.0,
//!     "SELECT books.id FROM books WHERE strpos(books.title, $1) > 0 ORDER BY books.year NULLS FIRST"
//! );
//!
//! // What makes no sense is said before anything is sent, with what would.
//! let error = select(Book::TITLE).filter(Author::NAME.eq("Melville")).to_sql(&SqliteDialect).unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::Compile);
//! assert_eq!(error.advice(), Some("add `.join(Book::AUTHOR)`"));
//! # Ok(()) }
//! ```
//!
//! # From a statement to its text
//!
//! A statement is a tree, [`node`]. [`Compiled`] writes it for a [`Dialect`]: the compiler walks it once, and wherever databases differ it
//! asks the dialect. It refuses what SQL would get wrong or say badly: a column of a table that is not in FROM, a column of an outer join
//! that is read as if it could not be NULL. [`Structure`] tells two statements apart that differ in more than their values; under its key
//! the engine keeps texts, so that a statement is compiled once. [`ToSql::to_sql`] does all of it, for tests and for people.
//!
//! Values are bound, never written into the text. A value is a [`ValueRef`] on its way from a row, a [`Bind`] on its way to one, a
//! [`Value`] while an expression keeps it; one that is [`Sensitive`] is shown to nobody.
//!
//! # Schemas
//!
//! [`Metadata::of`] makes of entities what the database is to have: tables, columns, keys, indexes. [`schema`] holds it, with the
//! operations that lead from one schema to another; the migrations stand on them.
//!
//! # Errors
//!
//! All of Aludel has one [`Error`], which says what happened, to what, while doing what, and what to do about it; its [`ErrorKind`] is what
//! a program matches on.
//!
//! # Where next
//!
//! | for | there is |
//! |---|---|
//! | what columns and expressions can do | [`Expression`], [`func`] |
//! | queries | [`Select`], [`SelectStatement`] |
//! | changes | [`Insert`], [`Update`], [`Delete`], and [`Upsert`] for rows that may be there already |
//! | changes that a client names | [`Changeset`] |
//! | a type of your own in a column | [`ColumnType`] |
//! | rows that statements may see at all | [`Criterion`] |
//! | a function that only you know | [`func::call`], [`func::custom`] |
//! | another database | [`Dialect`], [`Compiler`] |

// Values and types.
mod column_type;
pub mod decimal;
mod error;
mod printable;
mod row_binding;
mod sql_type;
mod value;
// Tables.
mod alias;
mod column;
mod key;
mod mapping;
pub mod schema;
mod schema_map;
// Expressions.
mod array;
mod case;
mod collation;
mod expression;
pub mod func;
pub mod hybrid;
#[cfg(feature = "json")]
mod json;
mod literal;
mod modifiers;
pub mod node;
mod operand;
mod operators;
mod order;
mod placeholder;
pub mod regexp;
mod related;
mod tuple;
mod window;
// Statements.
mod changeset;
mod clause;
mod composition;
mod compound;
mod criterion;
mod cte;
mod dml;
mod follow_up;
mod from;
mod group_keys;
mod insert;
mod lock;
mod query;
mod rows;
mod select;
mod selection;
mod subquery;
mod text;
mod upsert;
mod values;
mod visitors;
// From statements to text.
pub mod compiler;
mod dialect;
mod few;
mod identifier;
pub mod lint;
mod structure;
// From rows to values.
mod utf8;

pub use alias::{Alias, AliasedRelation, JoinPath, alias};
pub use array::{ArrayExpression, ArrayType};
pub use case::{Case, CaseStart, case};
pub use changeset::{Change, ChangeOf, Changes, Changeset};
pub use clause::{Clause, ClausePlace};
pub use collation::Collation;
pub use column::{Column, Of, Source};
#[cfg(feature = "json")]
pub use column_type::Json;
#[doc(hidden)]
pub use column_type::decode_variant;
pub use column_type::{
    ArrayElement, Choices, ColumnType, Dated, DbEnum, Deferred, Divisible, Instant, Integer, Mismatch,
    Number, Real, Sensitive,
};
pub use compiler::{CallForm, Compiled, Compiler, Part, Slot, ToSql, Values};
pub use composition::WithItem;
pub use compound::{CompoundNode, CompoundSelect, SetOperator};
pub use criterion::Criterion;
pub use cte::{ChangeNode, Cte, CteNode, Duplicates};
pub use dialect::{ChangedRows, Dialect, Features, FullJoin, JoinedChanges, TwoPhase};
#[doc(hidden)]
pub use dml::key_items;
pub use dml::{Assignable, Delete, DeleteNode, Returning, Update, UpdateNode, delete, update};
pub use error::{Error, ErrorKind, Result};
pub use expression::{BaseOf, Expr, Expression, Labelled};
pub use few::Few;
pub use follow_up::FollowUp;
pub use from::{EntityClause, FromClause, FromItem};
pub use identifier::{MAX_IDENTIFIER, shorten_identifier, write_identifier};
#[doc(hidden)]
pub use insert::{Drafted, IntoRow};
pub use insert::{
    Fits, Insert, InsertColumns, InsertFrom, InsertNode, InsertSource, Insertable, Inserts, NewRow,
    RefusedRows, insert,
};
#[doc(hidden)]
pub use inventory as __inventory;
#[cfg(feature = "json")]
pub use json::{JsonAt, JsonDocument, JsonExpression, JsonPath, JsonScalar};
pub use key::{Key, KeyPart, PrimaryKey};
pub use literal::{LiteralValue, literal};
pub use lock::{Lock, LockStrength, LockWait};
pub use mapping::{
    Association, Cascade, Cells, ColumnMeta, ColumnSet, Field, ForeignKeyMeta, IndexMeta, IndexOfMeta,
    IndexPartMeta, Link, LoadStrategy, MAX_COLUMNS, Many, Mapped, One, Reader, ReferentialAction, Relation,
    RelationKind, RelationMeta, Secondary, ServerDefault, TableForeignKeyMeta, TableMeta, Through, ToMany,
    ToOne, UniqueKey, UniqueMeta,
};
#[doc(hidden)]
pub use mapping::{Fields, LinkedTable, Validate, is_referred_to};
pub use operand::{IntoValue, Operand};
pub use operators::{and_, not_, or_};
pub use order::{IntoOrderBy, Nulls, Order, OrderBy, asc, desc};
#[doc(hidden)]
pub use placeholder::Filled;
pub use placeholder::{Fill, Placeholder, Placeholders};
pub use printable::Printable;
pub use query::{InOperand, QueryNode, SelectStatement, exists};
pub use related::RelatedNode;
pub use row_binding::RowBinding;
pub use rows::{DeleteRows, InsertRows, RowCounts, RowsSql, UpdateRows};
pub use schema::Metadata;
pub use schema_map::SchemaMap;
pub use select::{
    IntoGroupBy, Join, JoinKind, JoinOn, LimitPer, Select, SelectEntity, SelectNode, SelectValue, select,
};
pub use selection::{
    ColumnTypes, EntityItem, Item, Optional, OptionalItem, SelectItem, Selectable, Selected, Shape,
    ValueItem, optional,
};
pub use sql_type::SqlType;
pub use structure::{Params, StatementRef, Structure, list_class};
pub use subquery::{Body, Derived, DerivedColumn, OutputColumn, OutputOf, Subquery};
pub use text::{__param, Text, TextValue, TypedText, text_unchecked};
pub use tuple::{Tuple, TupleExpression, TupleList, TupleOperand, TupleValue, tuple};
pub use upsert::{Conflict, ConflictAction, ConflictTarget, DoUpdate, OnConflict, Upsert, excluded};
#[doc(hidden)]
pub use utf8::from_utf8;
pub use value::{Bind, Secret, Value, ValueRef};
pub use values::{
    NamedColumn, ValuesBuilder, ValuesColumn, ValuesColumns, ValuesRow, ValuesTable, column, values,
};
pub use visitors::StatementPart;
pub use window::{
    Exclude, Frame, FrameOffset, FrameRange, FrameStep, FrameUnit, Window, WindowFunction, window,
};
