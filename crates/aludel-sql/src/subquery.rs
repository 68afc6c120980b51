//! Queries in FROM, under a name: subqueries, and what they have in common with CTEs.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use crate::column::Column;
use crate::column_type::ColumnType;
use crate::compiler::scale_of;
use crate::cte::CteNode;
use crate::expression::{Expr, Expression, Labelled};
use crate::from::{FromClause, FromItem};
use crate::hybrid::{Hybrid, Row, Term};
use crate::mapping::Mapped;
use crate::node::{Node, Param};
use crate::query::QueryNode;
use crate::selection::SelectItem;
use crate::sql_type::SqlType;

/// A query in FROM; made by [`subquery`](crate::SelectStatement::subquery).
///
/// It stands wherever a table does: `.select_from(&recent)`, `.join_on(&recent, …)`. Its columns are found by what was selected,
/// [`col`](Self::col), or by their name, [`named`](Self::named).
#[derive(Clone, Debug)]
#[must_use = "a subquery does nothing until it is part of a statement"]
pub struct Subquery {
    derived: Arc<Derived>,
}

impl Subquery {
    pub(crate) fn new(name: Cow<'static, str>, query: QueryNode) -> Self {
        let columns = query.columns();
        Self { derived: Arc::new(Derived { name, columns, body: Body::Subquery(Box::new(query)) }) }
    }

    /// The column of this query that was selected as `what`: a column, an expression, something with a label.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let books = func::count_star().label("books");
    /// let counts = select((Book::AUTHOR_ID, books.clone())).group_by(Book::AUTHOR_ID).subquery("counts");
    /// assert_eq!(
    ///     sql(select((Author::NAME, counts.col(&books))).join_on(&counts, counts.col(Book::AUTHOR_ID).eq(Author::ID))),
    ///     "SELECT authors.name, counts.books FROM authors \
    ///      JOIN (SELECT books.author_id, count(*) AS books FROM books GROUP BY books.author_id) AS counts \
    ///      ON counts.author_id = authors.id"
    /// );
    /// ```
    pub fn col<C: OutputOf>(&self, what: C) -> Expr<C::Type> {
        self.derived.col(what)
    }

    /// The same query under another name in FROM, so that it can be there twice; it is written twice, unlike a
    /// [CTE](crate::SelectStatement::cte).
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let years = select((Book::AUTHOR_ID, Book::YEAR)).filter(Book::YEAR.gt(1900)).subquery("years");
    /// let later = years.alias("later");
    /// let pairs = select((years.col(Book::YEAR), later.col(Book::YEAR))).join_on(
    ///     &later,
    ///     later.col(Book::AUTHOR_ID).eq(years.col(Book::AUTHOR_ID)).and(later.col(Book::YEAR).gt(years.col(Book::YEAR))),
    /// );
    /// assert!(sqlite(pairs).contains(" AS years JOIN (SELECT books.author_id, books.year FROM books WHERE books.year > ?2) AS later ON "));
    /// ```
    pub fn alias(&self, name: impl Into<Cow<'static, str>>) -> Self {
        let Derived { columns, body, .. } = &*self.derived;
        let derived = Derived { name: name.into(), columns: columns.clone(), body: body.clone() };
        Self { derived: Arc::new(derived) }
    }

    /// The column of this name, with values of type `T`; you answer for the type.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let lengths = select(func::length(Book::TITLE).label("length")).subquery("lengths");
    /// assert_eq!(
    ///     sql(select(func::max(lengths.named::<i64>("length")))),
    ///     "SELECT max(lengths.length) FROM (SELECT length(books.title) AS length FROM books) AS lengths"
    /// );
    /// ```
    pub fn named<T: ColumnType>(&self, name: impl Into<Cow<'static, str>>) -> Expr<T> {
        self.derived.named(name.into())
    }
}

impl FromClause for Subquery {
    fn into_from(self) -> FromItem {
        FromItem::Query(self.derived)
    }
}

impl FromClause for &Subquery {
    fn into_from(self) -> FromItem {
        self.clone().into_from()
    }
}

/// A query in FROM, as the compiler sees it.
#[derive(Debug)]
pub struct Derived {
    /// Its name in FROM.
    pub name: Cow<'static, str>,
    /// The columns of its rows.
    pub columns: Vec<OutputColumn>,
    /// Where its rows come from.
    pub body: Body,
}

/// Where the rows of a query in FROM come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A query that is written where it stands.
    Subquery(Box<QueryNode>),
    /// A common table expression, written once for the whole statement.
    Cte(Arc<CteNode>),
    /// The recursive CTE of this name, within its own query.
    Itself(Cow<'static, str>),
    /// Rows of the program: a [`Value::List`](crate::Value::List) of such lists.
    Values(Param),
}

/// A column of the rows of a query.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputColumn {
    /// Its name; no other column of the query has it.
    pub name: Cow<'static, str>,
    /// Its type.
    pub sql_type: SqlType,
    /// Whether it may be NULL.
    pub nullable: bool,
}

/// A column of a query in FROM.
#[derive(Clone, Debug)]
pub struct DerivedColumn {
    /// The query.
    pub from: Arc<Derived>,
    /// The index among its columns; `None` if it has no such column, which is an error when the statement is compiled.
    pub index: Option<usize>,
    /// The name, or what was looked for.
    pub name: Cow<'static, str>,
}

impl PartialEq for Derived {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
            || (self.name == other.name && self.columns == other.columns && self.body == other.body)
    }
}

impl PartialEq for DerivedColumn {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index && self.name == other.name && self.from == other.from
    }
}

impl Derived {
    pub(crate) fn col<C: OutputOf>(self: &Arc<Self>, what: C) -> Expr<C::Type> {
        let (index, name) = match what.output() {
            Wanted::Named(name) => return self.named(name),
            Wanted::Selected(node) => (self.cell_of(&node), described(&node)),
        };
        let name = index.map_or(name, |index| self.columns[index].name.clone());
        Expr::new(Node::Derived(DerivedColumn { from: Arc::clone(self), index, name }))
    }

    pub(crate) fn named<T>(self: &Arc<Self>, name: Cow<'static, str>) -> Expr<T> {
        let index = self.columns.iter().position(|column| column.name == name);
        Expr::new(Node::Derived(DerivedColumn { from: Arc::clone(self), index, name }))
    }

    /// Finds the column that was selected as this.
    fn cell_of(&self, wanted: &Node) -> Option<usize> {
        match &self.body {
            Body::Subquery(query) => query.cell_of(wanted),
            Body::Cte(cte) => cte.query.cell_of(wanted),
            // By name: its query is not finished yet, or there is none.
            Body::Itself(_) | Body::Values(_) => {
                let name = described(wanted);
                self.columns.iter().position(|column| column.name == name)
            }
        }
    }
}

/// What a column of a query was selected as: a column or an expression, or something with a label.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no column of a query",
    label = "expected what was selected: a column, an expression, or something with a label"
)]
pub trait OutputOf {
    /// The type of its values.
    type Type: ColumnType;

    /// Returns what to look for.
    #[doc(hidden)]
    fn output(self) -> Wanted;
}

/// What to look for among the columns of a query.
#[doc(hidden)]
#[derive(Debug)]
pub enum Wanted {
    /// This expression.
    Selected(Node),
    /// This name.
    Named(Cow<'static, str>),
}

impl<E: Mapped, T: ColumnType> OutputOf for Column<E, T> {
    type Type = T;

    fn output(self) -> Wanted {
        Wanted::Selected(self.into_node())
    }
}

impl<T: ColumnType> OutputOf for Expr<T> {
    type Type = T;

    fn output(self) -> Wanted {
        Wanted::Selected(self.into_node())
    }
}

impl<E: Mapped, T: ColumnType, F: Fn(&Row<E>) -> Term<T>> OutputOf for Hybrid<E, T, F> {
    type Type = T;

    fn output(self) -> Wanted {
        Wanted::Selected(self.into_node())
    }
}

impl<T: ColumnType> OutputOf for &Labelled<T> {
    type Type = T;

    fn output(self) -> Wanted {
        Wanted::Named(self.name.clone())
    }
}

impl QueryNode {
    /// Returns the columns of its rows, each under a name of its own.
    pub(crate) fn columns(&self) -> Vec<OutputColumn> {
        let mut names = Names::default();
        let mut columns = Vec::new();
        for item in self.items() {
            match item {
                SelectItem::Entity { source, optional } => {
                    columns.extend(source.table.columns.iter().map(|column| OutputColumn {
                        name: names.take(Some(column.name.into()), source.name()),
                        sql_type: column.sql_type,
                        nullable: column.nullable || *optional,
                    }));
                }
                SelectItem::Expression { node, label, optional, sql_type } => {
                    let natural = label.clone().or_else(|| natural_name(node));
                    let name = names.take(natural, qualifier(node));
                    // How many digits a decimal has behind the point, only the expression knows.
                    let sql_type = scale_of(node).map_or(*sql_type, SqlType::any_numeric);
                    columns.push(OutputColumn { name, sql_type, nullable: *optional });
                }
            }
        }
        columns
    }

    /// Finds the column of its rows that is selected as this expression.
    pub(crate) fn cell_of(&self, wanted: &Node) -> Option<usize> {
        cell_of(self.items(), wanted)
    }
}

/// Finds the column of a result that is selected as this expression.
pub(crate) fn cell_of(items: &[SelectItem], wanted: &Node) -> Option<usize> {
    let mut cell = 0;
    for item in items {
        match (item, wanted) {
            (SelectItem::Entity { source, .. }, Node::Column(column)) if column.source == *source => {
                return Some(cell + column.column);
            }
            (SelectItem::Expression { label: Some(label), .. }, Node::Label(name)) if label == name => {
                return Some(cell);
            }
            (SelectItem::Expression { node, .. }, _) if node == wanted => return Some(cell),
            _ => cell += item.width(),
        }
    }
    None
}

/// The name that every database gives a column of the result, if they agree.
pub(crate) fn natural_name(node: &Node) -> Option<Cow<'static, str>> {
    match node {
        Node::Column(column) => Some(column.source.table.columns[column.column].name.into()),
        Node::Derived(column) => Some(column.name.clone()),
        _ => None,
    }
}

/// What to put before a name that another column has already.
fn qualifier(node: &Node) -> &str {
    match node {
        Node::Column(column) => column.source.name(),
        Node::Derived(column) => &column.from.name,
        _ => "column",
    }
}

/// Says what was looked for.
fn described(node: &Node) -> Cow<'static, str> {
    natural_name(node).unwrap_or(Cow::Borrowed("an expression"))
}

/// Gives names out, each once.
#[derive(Default)]
struct Names(HashSet<Cow<'static, str>>);

impl Names {
    fn take(&mut self, natural: Option<Cow<'static, str>>, qualifier: &str) -> Cow<'static, str> {
        let first = natural.unwrap_or_else(|| format!("column_{}", self.0.len() + 1).into());
        if self.0.insert(first.clone()) {
            return first;
        }
        let long = format!("{qualifier}_{first}");
        let mut name: Cow<'static, str> = Cow::Owned(long.clone());
        let mut number = 2;
        while !self.0.insert(name.clone()) {
            name = Cow::Owned(format!("{long}_{number}"));
            number += 1;
        }
        name
    }
}
