//! Changes in WITH: INSERT, UPDATE and DELETE whose returned rows the statement reads.

use std::borrow::Cow;

use super::Cte;
use crate::dml::{Delete, DeleteNode, Returning, Update, UpdateNode};
use crate::insert::{InsertNode, InsertSource, Inserts};
use crate::mapping::{Mapped, TableMeta};
use crate::query::QueryNode;
use crate::selection::{SelectItem, Shape};
use crate::structure::StatementRef;

/// A statement in WITH that changes rows and gives columns of them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ChangeNode {
    /// INSERT; rows that take several statements, or none, cannot be compiled.
    Insert(Vec<InsertNode>),
    /// UPDATE
    Update(UpdateNode),
    /// DELETE
    Delete(DeleteNode),
}

impl ChangeNode {
    /// Returns what comes back.
    pub(crate) fn items(&self) -> &[SelectItem] {
        match self {
            Self::Insert(nodes) => nodes.first().map_or(&[], |it| &it.returning),
            Self::Update(node) => &node.returning,
            Self::Delete(node) => &node.returning,
        }
    }

    /// Returns the statement by itself.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::{StatementPart, StatementRef, ToSql};
    /// use std::ops::ControlFlow::Continue;
    ///
    /// let gone = delete(Book).filter(Book::YEAR.lt(1900)).returning(Book::ID).cte("gone");
    /// let mut deletes = 0;
    /// let _ = select(gone.col(Book::ID)).statement().visit(&mut |part| {
    ///     if let StatementPart::Change(change) = part {
    ///         deletes += usize::from(matches!(change.statement(), StatementRef::Delete(_)));
    ///     }
    ///     Continue(())
    /// });
    /// assert_eq!(deletes, 1);
    /// ```
    #[must_use]
    pub fn statement(&self) -> StatementRef<'_> {
        match self {
            Self::Insert(nodes) => match &**nodes {
                [only] => StatementRef::Insert(only),
                several => StatementRef::Inserts(several),
            },
            Self::Update(node) => StatementRef::Update(node),
            Self::Delete(node) => StatementRef::Delete(node),
        }
    }

    /// Returns the table whose rows change; none where there are no rows to insert.
    pub(crate) fn table(&self) -> Option<&'static TableMeta> {
        match self {
            Self::Insert(nodes) => nodes.first().map(|it| it.table),
            Self::Update(node) => Some(node.table),
            Self::Delete(node) => Some(node.table),
        }
    }
}

/// A change that can stand in WITH.
#[doc(hidden)]
pub trait IntoChange {
    /// Returns its tree.
    fn into_change(self) -> ChangeNode;
}

impl IntoChange for Inserts {
    fn into_change(self) -> ChangeNode {
        ChangeNode::Insert(joined(self.nodes))
    }
}

impl<E: Mapped> IntoChange for Update<E> {
    fn into_change(self) -> ChangeNode {
        ChangeNode::Update(self.into_node())
    }
}

impl<E: Mapped> IntoChange for Delete<E> {
    fn into_change(self) -> ChangeNode {
        ChangeNode::Delete(self.into_node())
    }
}

/// Rows are dealt out to statements of few sizes, so that there are few texts; here they must be one again.
fn joined(nodes: Vec<InsertNode>) -> Vec<InsertNode> {
    let mut joined: Vec<InsertNode> = Vec::new();
    for node in nodes {
        match (joined.last_mut(), node.source) {
            (
                Some(InsertNode { columns, source: InsertSource::Rows(before), .. }),
                InsertSource::Rows(rows),
            ) if *columns == node.columns && !columns.is_empty() => {
                before.extend(rows);
            }
            (_, source) => joined.push(InsertNode { source, ..node }),
        }
    }
    joined
}

#[allow(private_bounds)]
impl<Q: IntoChange, S: Shape> Returning<Q, S> {
    /// The change as a common table expression: another statement reads the rows that it gives back. Only PostgreSQL has that; elsewhere it
    /// is an error before anything is sent.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // One statement moves rows: what is deleted here is inserted there.
    /// let gone = delete(Book).filter(Book::YEAR.lt(1900)).returning((Book::TITLE, Book::ID)).cte("gone");
    /// let moved = insert(Author).from_select(Author::NAME, select(gone.col(Book::TITLE)));
    /// assert_eq!(
    ///     postgres(moved.clone()),
    ///     "WITH gone AS (DELETE FROM books WHERE year < $1 RETURNING title, id) \
    ///      INSERT INTO authors (name) SELECT gone.title FROM gone"
    /// );
    /// let error = moved.to_sql(&aludel::SqliteDialect).unwrap_err();
    /// assert_eq!(error.what(), "SQLite has no INSERT, UPDATE or DELETE within WITH");
    /// ```
    ///
    /// It is executed once and to its end, whether its rows are read or not; a statement that reads none of them takes it with
    /// [`add_cte`](crate::Select::add_cte). All parts of the statement see the tables as they were before it: what has changed is
    /// known from the rows that come back only. Rows that are inserted must all give the same columns.
    pub fn cte(self, name: impl Into<Cow<'static, str>>) -> Cte<S> {
        Cte::new(name.into(), QueryNode::Change(Box::new(self.statement.into_change())))
    }
}
