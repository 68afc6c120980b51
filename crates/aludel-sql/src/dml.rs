//! UPDATE and DELETE as values.

use std::fmt;
use std::marker::PhantomData;

use crate::alias::JoinPath;
use crate::column::{Column, Of, Source};
use crate::column_type::ColumnType;
use crate::expression::{Expr, Expression};
use crate::from::{FromClause, FromItem};
use crate::hybrid::{Hybrid, Row, Term};
use crate::mapping::{Mapped, TableMeta};
use crate::node::{BinaryOp, Node, Param};
use crate::operand::Operand;
use crate::select::{Join, JoinKind, JoinOn};
use crate::selection::{SelectItem, Selectable, ValueItem};
use crate::value::Value;

/// Begins an UPDATE: `update(Document).filter(Document::ID.eq(5)).set(Document::TITLE, "Final")`.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
///
/// let stmt = update(Book).filter(Book::ID.eq(5)).set(Book::TITLE, "Emma").set(Book::YEAR, Book::YEAR + 1);
/// assert_eq!(sql(stmt), "UPDATE books SET title = ?1, year = year + ?2 WHERE id = ?3");
/// ```
///
/// Columns with `onupdate` are set as well, to a value made here, and a `version` is counted up, unless `set` says otherwise.
pub fn update<E: Mapped>(entity: Of<E>) -> Update<E> {
    let _ = entity;
    let (assignments, made) = (Vec::new(), made_by_update(E::TABLE));
    let node = UpdateNode {
        table: E::TABLE,
        joins: Vec::new(),
        assignments,
        made,
        with_deleted: false,
        filters: Vec::new(),
        returning: Vec::new(),
    };
    Update { node, marker: PhantomData }
}

/// What every UPDATE of a table sets by itself.
fn made_by_update(table: &'static TableMeta) -> Vec<(usize, Node)> {
    let one = |sql_type| Node::Param(Param::of(Value::Int(1), sql_type));
    let made = |column: usize| {
        let meta = &table.columns[column];
        let value = match meta.onupdate {
            Some(make) if !meta.version => Node::Param(Param::of(make(), meta.sql_type)),
            _ => Node::binary(BinaryOp::Add, Node::column(table, column), one(meta.sql_type)),
        };
        (column, value)
    };
    table.changed_by_update().map(made).collect()
}

/// The tree of an UPDATE.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateNode {
    /// The table.
    pub table: &'static TableMeta,
    /// Other tables, joined to it.
    pub joins: Vec<Join>,
    /// The columns that change, and to what. Every right side sees the old row.
    pub assignments: Vec<(usize, Node)>,
    /// The columns that change with them, and to what.
    pub made: Vec<(usize, Node)>,
    /// Whether rows that were deleted softly change as well.
    pub with_deleted: bool,
    /// WHERE; all must hold.
    pub filters: Vec<Node>,
    /// RETURNING.
    pub returning: Vec<SelectItem>,
}

impl UpdateNode {
    /// Adds an assignment; it stands for what would have been made.
    pub(crate) fn assign(&mut self, column: usize, value: Node) {
        self.made.retain(|(made, _)| *made != column);
        self.assignments.push((column, value));
    }
}

/// An UPDATE of entity `E`.
#[must_use = "a statement does nothing until it is executed"]
pub struct Update<E> {
    node: UpdateNode,
    marker: PhantomData<fn() -> E>,
}

impl<E: Mapped> Update<E> {
    /// Adds conditions to WHERE; all of them must hold. Without any, all rows change.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let stmt = update(Book).set(Book::YEAR, 1815).filter(Book::TITLE.eq("Emma")).filter(Book::YEAR.ne(1815));
    /// assert_eq!(sqlite(stmt), "UPDATE books SET year = ?1 WHERE title = ?2 AND year <> ?3");
    /// // What is to be changed may be found by other tables.
    /// let stmt = update(Book).set(Book::TITLE, "?").filter(Book::AUTHOR.has(Author::NAME.eq("Anonymous")));
    /// assert_eq!(
    ///     sqlite(stmt),
    ///     "UPDATE books SET title = ?1 WHERE EXISTS (SELECT 1 FROM authors WHERE books.author_id = authors.id \
    ///      AND authors.name = ?2)"
    /// );
    /// ```
    pub fn filter(mut self, condition: impl Operand<bool>) -> Self {
        self.node.filters.push(condition.into_operand());
        self
    }

    /// Joins another table along a relation; values and conditions may take its columns. Where a row has several partners, one of them decides, any one. Rows without a partner stay as they are.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// // MariaDB has `UPDATE books JOIN authors ON … SET …`.
    /// let stmt = update(Book).join(Book::AUTHOR).set(Book::TITLE, Author::NAME).filter(Book::YEAR.lt(1800));
    /// assert_eq!(
    ///     sql(stmt),
    ///     "UPDATE books SET title = authors.name FROM authors \
    ///      WHERE books.author_id = authors.id AND books.year < ?1"
    /// );
    /// ```
    pub fn join(self, relation: impl JoinPath) -> Self {
        let (from, relation, target) = relation.into_path();
        self.joined(target.into(), JoinOn::Relation { from, relation })
    }

    /// Joins another table, or a query, on any condition.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // Every book gets the year of the oldest one of its author.
    /// let oldest = select((Book::AUTHOR_ID, func::min(Book::YEAR).label("year"))).group_by(Book::AUTHOR_ID).subquery("oldest");
    /// let stmt = update(Book)
    ///     .join_on(&oldest, oldest.col(Book::AUTHOR_ID).eq(Book::AUTHOR_ID))
    ///     .set(Book::YEAR, func::coalesce(oldest.named::<Option<i32>>("year"), 0));
    /// assert_eq!(
    ///     postgres(stmt),
    ///     "UPDATE books SET year = coalesce(oldest.year, $1) FROM (SELECT books.author_id, min(books.year) AS year \
    ///      FROM books GROUP BY books.author_id) AS oldest WHERE oldest.author_id = books.author_id"
    /// );
    /// ```
    pub fn join_on(self, target: impl FromClause, on: impl Operand<bool>) -> Self {
        self.joined(target.into_from(), JoinOn::Condition(on.into_operand()))
    }

    fn joined(mut self, target: FromItem, on: JoinOn) -> Self {
        self.node.joins.push(Join { target, kind: JoinKind::Inner, on });
        self
    }

    /// Sets a column to a value or an expression; an expression sees the row as it was.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// assert_eq!(sql(update(Book).set(Book::YEAR, 1815)), "UPDATE books SET year = ?1");
    /// assert_eq!(sql(update(Book).set(Book::YEAR, Book::YEAR - 1)), "UPDATE books SET year = year - ?1");
    /// ```
    pub fn set<T: ColumnType>(mut self, column: Column<E, T>, value: impl Assignable<T>) -> Self {
        self.node.assign(column.index(), value.into_assigned());
        self
    }

    /// Changes rows that were deleted softly as well; without it they stay as they are.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// let stmt = update(Note).set(Note::DELETED_AT, None).filter(Note::ID.eq(5));
    /// assert_eq!(sqlite(stmt.with_deleted()), "UPDATE notes SET deleted_at = ?1 WHERE id = ?2");
    /// let stmt = update(Note).set(Note::DELETED_AT, None).filter(Note::ID.eq(5));
    /// assert_eq!(sqlite(stmt), "UPDATE notes SET deleted_at = ?1 WHERE id = ?2 AND deleted_at IS NULL");
    /// ```
    pub fn with_deleted(mut self) -> Self {
        self.node.with_deleted = true;
        self
    }

    /// Returns the tree.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let stmt = update(Book).set(Book::YEAR, 1815).filter(Book::ID.eq(5));
    /// assert_eq!(stmt.node().table.name, "books");
    /// assert_eq!(stmt.node().assignments[0].0, Book::YEAR.index());
    /// assert_eq!(stmt.node().filters.len(), 1);
    /// ```
    #[must_use]
    pub fn node(&self) -> &UpdateNode {
        &self.node
    }

    pub(crate) fn into_node(self) -> UpdateNode {
        self.node
    }

    pub(crate) fn node_mut(&mut self) -> &mut UpdateNode {
        &mut self.node
    }

    /// Gives back columns of the changed rows. MariaDB and MySQL cannot: there it is an error.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// assert_eq!(sql(update(Book).set(Book::YEAR, 1815).returning(Book::ID)), "UPDATE books SET year = ?1 RETURNING id");
    /// ```
    pub fn returning<R: Selectable>(mut self, what: R) -> Returning<Self, R::Shape> {
        self.node.returning = what.into_items();
        Returning::new(self)
    }
}

macro_rules! returning_key {
    ($($statement:ident),*) => {$(
        impl<E: Mapped> $statement<E> {
            /// Gives back the primary keys of the rows, as cells.
            #[doc(hidden)]
            pub fn returning_key(mut self) -> Returning<Self, (ValueItem<bool>,)> {
                self.node.returning = key_items(E::TABLE);
                Returning::new(self)
            }
        }
    )*};
}

returning_key!(Update, Delete);

/// The columns of a primary key, to be read as they are.
#[doc(hidden)]
#[must_use]
pub fn key_items(table: &'static TableMeta) -> Vec<SelectItem> {
    table.primary_key().map(|column| SelectItem::column(Source::of(table), column, false)).collect()
}

/// A statement that changes rows and gives back columns of them, in the shape `S`.
#[must_use = "a statement does nothing until it is executed"]
pub struct Returning<Q, S> {
    pub(crate) statement: Q,
    marker: PhantomData<fn() -> S>,
}

impl<Q, S> Returning<Q, S> {
    pub(crate) fn new(statement: Q) -> Self {
        Self { statement, marker: PhantomData }
    }
}

impl<Q: Clone, S> Clone for Returning<Q, S> {
    fn clone(&self) -> Self {
        Self::new(self.statement.clone())
    }
}

impl<Q: fmt::Debug, S> fmt::Debug for Returning<Q, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.statement.fmt(f)
    }
}

/// Begins a DELETE: `delete(Document).filter(Document::OWNER_ID.eq(1))`.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
///
/// assert_eq!(sql(delete(Book).filter(Book::AUTHOR_ID.eq(1))), "DELETE FROM books WHERE author_id = ?1");
/// ```
///
/// Rows of an entity with `soft_delete` are marked as deleted, unless [`purge`](Delete::purge) says otherwise.
pub fn delete<E: Mapped>(entity: Of<E>) -> Delete<E> {
    let _ = entity;
    let mark = |(column, now): (usize, Value)| {
        (column, Node::Param(Param::of(now, E::TABLE.columns[column].sql_type)))
    };
    let mut marks: Vec<_> = E::TABLE.deleted_now().map(mark).into_iter().collect();
    if !marks.is_empty() {
        marks.extend(made_by_update(E::TABLE));
    }
    let (filters, returning) = (Vec::new(), Vec::new());
    let joins = Vec::new();
    let node = DeleteNode { table: E::TABLE, joins, marks, with_deleted: false, filters, returning };
    Delete { node, marker: PhantomData }
}

/// The tree of a DELETE.
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteNode {
    /// The table.
    pub table: &'static TableMeta,
    /// Other tables, joined to it.
    pub joins: Vec<Join>,
    /// What says that a row is deleted, where the row stays: the statement is an UPDATE.
    pub marks: Vec<(usize, Node)>,
    /// Whether rows that were deleted softly go as well.
    pub with_deleted: bool,
    /// WHERE; all must hold.
    pub filters: Vec<Node>,
    /// RETURNING.
    pub returning: Vec<SelectItem>,
}

/// A DELETE of entity `E`.
#[must_use = "a statement does nothing until it is executed"]
pub struct Delete<E> {
    node: DeleteNode,
    marker: PhantomData<fn() -> E>,
}

impl<E: Mapped> Delete<E> {
    /// Adds conditions to WHERE; all of them must hold. Without any, all rows go.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let authors = select(Author::ID).filter(Author::NAME.starts_with("A"));
    /// let stmt = delete(Book).filter(Book::AUTHOR_ID.in_(authors));
    /// assert_eq!(
    ///     postgres(stmt),
    ///     "DELETE FROM books WHERE author_id IN (SELECT authors.id FROM authors WHERE starts_with(authors.name, $1))"
    /// );
    /// ```
    pub fn filter(mut self, condition: impl Operand<bool>) -> Self {
        self.node.filters.push(condition.into_operand());
        self
    }

    /// Joins another table along a relation; conditions may take its columns. Rows without a partner stay as they are.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// // PostgreSQL has `DELETE FROM books USING authors WHERE …`, MariaDB `DELETE books FROM books JOIN authors ON …`.
    /// let stmt = delete(Book).join(Book::AUTHOR).filter(Author::NAME.eq("Anonymous"));
    /// assert_eq!(
    ///     sql(stmt),
    ///     "DELETE FROM books WHERE EXISTS (SELECT 1 FROM authors \
    ///      WHERE books.author_id = authors.id AND authors.name = ?1)"
    /// );
    /// ```
    pub fn join(self, relation: impl JoinPath) -> Self {
        let (from, relation, target) = relation.into_path();
        self.joined(target.into(), JoinOn::Relation { from, relation })
    }

    /// Joins another table, or a query, on any condition.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // Books that are there twice: the later one goes.
    /// let same = alias(Book, "same");
    /// let stmt = delete(Book).join_on(same, same.col(Book::TITLE).eq(Book::TITLE).and(same.col(Book::ID).lt(Book::ID)));
    /// assert_eq!(
    ///     postgres(stmt),
    ///     "DELETE FROM books USING books AS same WHERE (same.title = books.title AND same.id < books.id)"
    /// );
    /// ```
    pub fn join_on(self, target: impl FromClause, on: impl Operand<bool>) -> Self {
        self.joined(target.into_from(), JoinOn::Condition(on.into_operand()))
    }

    fn joined(mut self, target: FromItem, on: JoinOn) -> Self {
        self.node.joins.push(Join { target, kind: JoinKind::Inner, on });
        self
    }

    /// Deletes the rows of an entity with `soft_delete` for good, those that were deleted softly before too.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    /// let old = Note::ID.lt(100);
    /// assert_eq!(sql(delete(Note).filter(old)), "UPDATE notes SET deleted_at = ?1 WHERE id < ?2 AND deleted_at IS NULL");
    /// let old = Note::ID.lt(100);
    /// assert_eq!(sql(delete(Note).filter(old).purge()), "DELETE FROM notes WHERE id < ?1");
    /// ```
    pub fn purge(mut self) -> Self {
        self.node.marks.clear();
        self.node.with_deleted = true;
        self
    }

    /// Returns the tree.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// // A soft delete is an UPDATE: what it sets.
    /// assert_eq!(delete(Note).node().marks.len(), 1);
    /// assert!(delete(Note).purge().node().marks.is_empty());
    /// ```
    #[must_use]
    pub fn node(&self) -> &DeleteNode {
        &self.node
    }

    pub(crate) fn into_node(self) -> DeleteNode {
        self.node
    }

    pub(crate) fn node_mut(&mut self) -> &mut DeleteNode {
        &mut self.node
    }

    /// Gives back columns of the deleted rows. MySQL cannot: there it is an error.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// assert_eq!(sql(delete(Book).returning((Book::ID, Book::TITLE))), "DELETE FROM books RETURNING id, title");
    /// ```
    pub fn returning<R: Selectable>(mut self, what: R) -> Returning<Self, R::Shape> {
        self.node.returning = what.into_items();
        Returning::new(self)
    }
}

impl<E> Clone for Update<E> {
    fn clone(&self) -> Self {
        Self { node: self.node.clone(), marker: PhantomData }
    }
}

impl<E> fmt::Debug for Update<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}

impl<E> Clone for Delete<E> {
    fn clone(&self) -> Self {
        Self { node: self.node.clone(), marker: PhantomData }
    }
}

impl<E> fmt::Debug for Delete<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}

/// Something that a column of type `T` can be set to: a value of its type, or an expression.
#[diagnostic::on_unimplemented(
    message = "a column of type `{T}` cannot be set to `{Self}`",
    label = "expected a value of type `{T}`, a column or an expression"
)]
pub trait Assignable<T> {
    /// Returns the node of the expression tree.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel::Assignable;
    ///
    /// /// Sets the year of all books, to a value or to what an expression says.
    /// fn with_year(year: impl Assignable<i32>) -> String {
    ///     sqlite(update(Book).set(Book::YEAR, year))
    /// }
    /// assert_eq!(with_year(1815), "UPDATE books SET year = ?1");
    /// assert_eq!(with_year(func::abs(Book::YEAR)), "UPDATE books SET year = abs(year)");
    /// ```
    fn into_assigned(self) -> Node;
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType> Assignable<T> for T {
    fn into_assigned(self) -> Node {
        Node::param(&self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Base = T>> Assignable<Option<T>> for T {
    fn into_assigned(self) -> Node {
        Node::param(&self)
    }
}

#[diagnostic::do_not_recommend]
impl Assignable<String> for &str {
    fn into_assigned(self) -> Node {
        Node::param(&self.to_owned())
    }
}

#[diagnostic::do_not_recommend]
impl Assignable<Option<String>> for &str {
    fn into_assigned(self) -> Node {
        Node::param(&self.to_owned())
    }
}

#[diagnostic::do_not_recommend]
impl<E: Mapped, T: ColumnType, U: ColumnType<Base = T::Base>> Assignable<T> for Column<E, U> {
    fn into_assigned(self) -> Node {
        self.into_node()
    }
}

#[diagnostic::do_not_recommend]
impl<E: Mapped, T, U, F> Assignable<T> for Hybrid<E, U, F>
where
    T: ColumnType,
    U: ColumnType<Base = T::Base>,
    F: Fn(&Row<E>) -> Term<U>,
{
    fn into_assigned(self) -> Node {
        self.into_node()
    }
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType, U: ColumnType<Base = T::Base>> Assignable<T> for Expr<U> {
    fn into_assigned(self) -> Node {
        self.into_node()
    }
}
