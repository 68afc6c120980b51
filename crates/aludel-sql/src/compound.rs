//! Several queries as one: UNION, INTERSECT, EXCEPT.

use std::fmt;
use std::marker::PhantomData;

use crate::column_type::ColumnType;
use crate::node::{Node, Param};
use crate::order::{IntoOrderBy, OrderBy};
use crate::query::{InOperand, QueryNode, SelectStatement};
use crate::select::count;
use crate::selection::{SelectItem, Shape, ValueItem};

/// Several queries whose rows are combined; made by [`union`](SelectStatement::union) and its like.
///
/// ORDER BY, LIMIT and OFFSET are of the whole; a query within keeps its own. It is executed like a [`Select`](crate::Select), and
/// stands where one does.
#[must_use = "a statement does nothing until it is executed"]
pub struct CompoundSelect<S> {
    node: CompoundNode,
    marker: PhantomData<fn() -> S>,
}

/// The tree of several queries as one.
#[derive(Clone, Debug, PartialEq)]
pub struct CompoundNode {
    /// How their rows are combined, from left to right.
    pub operator: SetOperator,
    /// The queries.
    pub operands: Vec<QueryNode>,
    /// ORDER BY.
    pub order_by: Vec<OrderBy>,
    /// LIMIT, as a value to bind.
    pub limit: Option<Param>,
    /// OFFSET, as a value to bind.
    pub offset: Option<Param>,
}

/// How the rows of queries are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SetOperator {
    /// Rows of any, each once.
    Union,
    /// Rows of any, as often as they come.
    UnionAll,
    /// Rows of all, each once.
    Intersect,
    /// Rows of all, as often as they come in each.
    IntersectAll,
    /// Rows of the first and of no other, each once.
    Except,
    /// Rows of the first, less as often as they come in the others.
    ExceptAll,
}

impl SetOperator {
    /// Returns the words of SQL.
    ///
    /// ```
    /// use aludel_sql::SetOperator;
    ///
    /// assert_eq!(SetOperator::ExceptAll.sql(), "EXCEPT ALL");
    /// ```
    #[must_use]
    pub const fn sql(self) -> &'static str {
        match self {
            Self::Union => "UNION",
            Self::UnionAll => "UNION ALL",
            Self::Intersect => "INTERSECT",
            Self::IntersectAll => "INTERSECT ALL",
            Self::Except => "EXCEPT",
            Self::ExceptAll => "EXCEPT ALL",
        }
    }
}

impl CompoundNode {
    /// Returns the query that names the columns.
    pub(crate) fn first(&self) -> Option<&QueryNode> {
        self.operands.first()
    }

    /// Returns what the first query selects.
    pub(crate) fn items(&self) -> &[SelectItem] {
        self.first().map_or(&[], QueryNode::items)
    }

    /// Whether the whole has a clause of its own, so that another query cannot simply follow.
    pub(crate) fn has_clauses_of_its_own(&self) -> bool {
        !self.order_by.is_empty() || self.limit.is_some() || self.offset.is_some()
    }
}

impl<S: Shape> CompoundSelect<S> {
    pub(crate) fn new(operator: SetOperator, left: QueryNode, right: QueryNode) -> Self {
        let operands = match left {
            QueryNode::Compound(left) if left.operator == operator && !left.has_clauses_of_its_own() => {
                left.operands
            }
            left => vec![left],
        };
        let mut node = CompoundNode { operator, operands, order_by: Vec::new(), limit: None, offset: None };
        node.operands.push(right);
        Self { node, marker: PhantomData }
    }

    /// Adds keys of ORDER BY: something that the first query selects, or a label of it.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let names = select(Author::NAME).union(select(Book::TITLE)).order_by(Author::NAME).limit(3);
    /// assert_eq!(
    ///     sql(names),
    ///     "SELECT authors.name FROM authors UNION SELECT books.title FROM books ORDER BY name LIMIT ?1 + 0"
    /// );
    /// ```
    pub fn order_by(mut self, keys: impl IntoOrderBy) -> Self {
        keys.push_order(&mut self.node.order_by);
        self
    }

    /// At most this many rows of the whole.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // A limit of one of the queries is its own.
    /// let newest = select(Book::TITLE).order_by(Book::YEAR.desc()).limit(1);
    /// assert_eq!(
    ///     postgres(select(Author::NAME).union(newest).limit(10)),
    ///     "SELECT authors.name FROM authors UNION (SELECT books.title FROM books ORDER BY books.year DESC LIMIT $1) \
    ///      LIMIT $2"
    /// );
    /// ```
    pub fn limit(mut self, rows: u32) -> Self {
        self.node.limit = Some(count(i64::from(rows)));
        self
    }

    /// Without the first rows of the whole.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let names = select(Author::NAME).union(select(Book::TITLE)).order_by(Author::NAME).offset(20);
    /// assert_eq!(
    ///     mariadb(names),
    ///     "SELECT authors.name FROM authors UNION SELECT books.title FROM books ORDER BY name \
    ///      LIMIT 18446744073709551615 OFFSET ?"
    /// );
    /// ```
    pub fn offset(mut self, rows: u64) -> Self {
        self.node.offset = Some(count(i64::try_from(rows).unwrap_or(i64::MAX)));
        self
    }

    /// At most this many rows, unless a limit was set.
    #[doc(hidden)]
    pub fn limit_if_none(&mut self, rows: u32) {
        self.node.limit.get_or_insert_with(|| count(i64::from(rows)));
    }

    /// Returns the tree.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::SetOperator;
    ///
    /// // A chain of the same operator is one node.
    /// let (a, b, c) = (select(Author::NAME), select(Book::TITLE), select(User::EMAIL));
    /// let all = a.union(b).union(c);
    /// assert_eq!((all.node().operator, all.node().operands.len()), (SetOperator::Union, 3));
    /// ```
    #[must_use]
    pub fn node(&self) -> &CompoundNode {
        &self.node
    }
}

impl<S: Shape> SelectStatement for CompoundSelect<S> {
    type Shape = S;

    fn into_query(self) -> QueryNode {
        QueryNode::Compound(self.node)
    }
}

#[diagnostic::do_not_recommend]
impl<T, U: ColumnType<Base = T>> InOperand<T> for CompoundSelect<(ValueItem<U>,)> {
    fn test(self, operand: Node, negated: bool) -> Node {
        Node::InQuery { operand: Box::new(operand), query: Box::new(self.into_query()), negated }
    }
}

impl<S> Clone for CompoundSelect<S> {
    fn clone(&self) -> Self {
        Self { node: self.node.clone(), marker: PhantomData }
    }
}

impl<S> fmt::Debug for CompoundSelect<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}
