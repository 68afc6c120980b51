//! Statements that can be shown as SQL.

use super::Compiled;
use crate::compound::CompoundSelect;
use crate::dialect::Dialect;
use crate::dml::{Delete, Returning, Update};
use crate::error::Result;
use crate::mapping::Mapped;
use crate::select::Select;
use crate::selection::Shape;
use crate::structure::{StatementRef, Structure};
use crate::text::{Text, TypedText};
use crate::value::Value;

/// A statement that can be shown as SQL.
pub trait ToSql {
    /// Returns the tree.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel_sql::StatementRef;
    ///
    /// assert!(matches!(select(Book::TITLE).statement(), StatementRef::Select(_)));
    /// assert!(matches!(delete(Book).statement(), StatementRef::Delete(_)));
    /// ```
    fn statement(&self) -> StatementRef<'_>;

    /// Returns the trees of what is sent, one after the other: of an INSERT of many rows there may be several.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Author};
    /// // Rows that give other columns are a statement of their own.
    /// let (with_key, without) = (Author::builder().id(7).name("Jane Austen"), Author::builder().name("Mary Shelley"));
    /// let authors = insert(Author).values([with_key]).values([without]).on_conflict(Author::ID).do_nothing();
    /// assert_eq!(authors.statements().len(), 2);
    /// ```
    fn statements(&self) -> Vec<StatementRef<'_>> {
        vec![self.statement()]
    }

    /// Returns the text and the values for this dialect.
    ///
    /// ```
    /// # use {aludel::{Value, prelude::*}, library::Book};
    /// let (sql, values) = select(Book::TITLE).filter(Book::YEAR.gt(1900)).to_sql(&aludel_sqlite::SqliteDialect)?;
    /// assert_eq!(sql, "SELECT books.title FROM books WHERE books.year > ?1");
    /// assert_eq!(values, [Value::Int(1900)]);
    ///
    /// // What is wrong with a statement is said here, before anything is sent.
    /// let wrong = select(Book::TITLE).filter(library::Author::NAME.eq("Jane Austen"));
    /// let error = wrong.to_sql(&aludel_sqlite::SqliteDialect).unwrap_err();
    /// assert_eq!(error.advice(), Some("add `.join(Book::AUTHOR)`"));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Compile` where the statement makes no sense, `Unsupported` where the dialect has no form for a part of it.
    fn to_sql(&self, dialect: &dyn Dialect) -> Result<(String, Vec<Value>)> {
        let structure = Structure::of(self.statement(), dialect.features().array_parameters);
        let compiled = Compiled::with_structure(self.statement(), &structure, dialect)?;
        let made = compiled.made(&structure.params)?;
        let values = compiled.values(&structure.params, &made);
        Ok((compiled.text, values.iter().map(|it| it.to_value()).collect()))
    }

    /// Returns the text with its values in it, for people to read: never run it. Secrets are not in it.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// let stmt = select(Book::ID).filter(Book::TITLE.eq("O'Neill").and(Book::YEAR.gt(1900)));
    /// assert_eq!(
    ///     stmt.inline_sql(&aludel_sqlite::SqliteDialect)?,
    ///     "SELECT books.id FROM books WHERE books.title = 'O''Neill' AND books.year > 1900"
    /// );
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`to_sql`](Self::to_sql).
    fn inline_sql(&self, dialect: &dyn Dialect) -> Result<String> {
        let structure = Structure::of(self.statement(), dialect.features().array_parameters);
        Ok(Compiled::written(self.statement(), &structure, dialect, None, true)?.text)
    }
}

impl<S: Shape> ToSql for Select<S> {
    fn statement(&self) -> StatementRef<'_> {
        StatementRef::Select(self.node())
    }
}

impl<S: Shape> ToSql for CompoundSelect<S> {
    fn statement(&self) -> StatementRef<'_> {
        StatementRef::Compound(self.node())
    }
}

impl<E: Mapped> ToSql for Update<E> {
    fn statement(&self) -> StatementRef<'_> {
        StatementRef::Update(self.node())
    }
}

impl<E: Mapped> ToSql for Delete<E> {
    fn statement(&self) -> StatementRef<'_> {
        StatementRef::Delete(self.node())
    }
}

impl<Q: ToSql, S> ToSql for Returning<Q, S> {
    fn statement(&self) -> StatementRef<'_> {
        self.statement.statement()
    }

    fn statements(&self) -> Vec<StatementRef<'_>> {
        self.statement.statements()
    }
}

impl ToSql for Text {
    fn statement(&self) -> StatementRef<'_> {
        StatementRef::Text(self.node())
    }
}

impl<S> ToSql for TypedText<S> {
    fn statement(&self) -> StatementRef<'_> {
        self.text().statement()
    }
}
