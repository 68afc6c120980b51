//! Walks over a statement: seeing each part of it, and writing its expressions anew.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::compound::CompoundNode;
use crate::cte::{ChangeNode, CteNode};
use crate::dml::{Delete, DeleteNode, Update, UpdateNode};
use crate::from::FromItem;
use crate::insert::{InsertNode, InsertSource};
use crate::mapping::{Mapped, TableMeta};
use crate::node::{Function, Node};
use crate::query::QueryNode;
use crate::select::{Join, JoinOn, Select, SelectNode};
use crate::selection::{SelectItem, Shape};
use crate::structure::StatementRef;
use crate::subquery::{Body, Derived};
use crate::upsert::ConflictAction;

/// A part of a statement, as [`visit`](StatementRef::visit) shows it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum StatementPart<'a> {
    /// A table whose rows it reads: in FROM, in a join, behind a relation.
    Reads(&'static TableMeta),
    /// A table whose rows it changes.
    Writes(&'static TableMeta),
    /// An expression; those that it is made of come behind it.
    Expression(&'a Node),
    /// A common table expression, once.
    Cte(&'a CteNode),
    /// A change in WITH.
    Change(&'a ChangeNode),
}

impl<'a> StatementRef<'a> {
    /// Shows each part of the statement, those of the statements within it too, until the visitor breaks off. Of SQL written by hand nothing is
    /// known but that it is there.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::{StatementPart, ToSql, node::Node};
    /// use std::ops::ControlFlow::{Break, Continue};
    ///
    /// /// The tables that a statement reads: what a cache of its rows depends on.
    /// fn tables(statement: &impl ToSql) -> Vec<&'static str> {
    ///     let mut tables = Vec::new();
    ///     let _ = statement.statement().visit(&mut |part| {
    ///         if let StatementPart::Reads(table) = part {
    ///             tables.push(table.name);
    ///         }
    ///         Continue(())
    ///     });
    ///     tables
    /// }
    /// let old = select(Book::AUTHOR_ID).filter(Book::YEAR.lt(1900));
    /// assert_eq!(tables(&select(Author::NAME).filter(Author::ID.in_(old))), ["authors", "books"]);
    ///
    /// /// Tells whether something in it was written by hand.
    /// fn by_hand(statement: &impl ToSql) -> bool {
    ///     let is_text = |part: StatementPart<'_>| matches!(part, StatementPart::Expression(Node::Text(_)));
    ///     statement.statement().visit(&mut |part| if is_text(part) { Break(()) } else { Continue(()) }).is_break()
    /// }
    /// assert!(by_hand(&select(Book::ID).filter(text!("year % 2 = 0").expr::<bool>())));
    /// assert!(!by_hand(&select(Book::ID).filter((Book::YEAR % 2).eq(0))));
    /// ```
    pub fn visit(self, visitor: &mut dyn FnMut(StatementPart<'a>) -> ControlFlow<()>) -> ControlFlow<()> {
        Walk { visitor, seen: Vec::new() }.statement(self)
    }

    /// Returns the tables whose rows change by what stands in WITH.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::ToSql;
    ///
    /// let gone = delete(Book).filter(Book::YEAR.lt(1900)).returning(Book::ID).cte("gone");
    /// let counted = select(func::count_star()).select_from(&gone);
    /// assert_eq!(counted.statement().changed_in_with()[0].name, "books");
    /// assert!(select(Book).statement().changed_in_with().is_empty());
    /// ```
    #[must_use]
    pub fn changed_in_with(self) -> Vec<&'static TableMeta> {
        let mut tables = Vec::new();
        let _ = self.visit(&mut |part| {
            if let StatementPart::Change(change) = part {
                tables.extend(change.table());
            }
            ControlFlow::Continue(())
        });
        tables
    }

    /// Tells whether something in WITH changes rows.
    #[doc(hidden)]
    #[must_use]
    pub fn changes_in_with(self) -> bool {
        let is_change = |part: StatementPart<'a>| match part {
            StatementPart::Change(_) => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        };
        // Not `visit`: there is a call less for each part of a statement, and every SELECT is asked.
        Walk { visitor: is_change, seen: Vec::new() }.statement(self).is_break()
    }
}

struct Walk<V> {
    visitor: V,
    /// The addresses of the queries in FROM that were walked: columns and aliases share them.
    seen: Vec<usize>,
}

impl<'a, V: FnMut(StatementPart<'a>) -> ControlFlow<()>> Walk<V> {
    fn statement(&mut self, statement: StatementRef<'a>) -> ControlFlow<()> {
        match statement {
            StatementRef::Select(node) => self.select(node),
            StatementRef::Compound(node) => self.compound(node),
            StatementRef::Insert(node) => self.insert(node),
            StatementRef::Inserts(nodes) => nodes.iter().try_for_each(|node| self.insert(node)),
            StatementRef::Update(node) => self.update(node),
            StatementRef::Delete(node) => self.delete(node),
            StatementRef::Text(_) => ControlFlow::Continue(()),
            StatementRef::Explain(inner) | StatementRef::ExplainAnalyze(inner) => self.statement(*inner),
        }
    }

    fn show(&mut self, part: StatementPart<'a>) -> ControlFlow<()> {
        (self.visitor)(part)
    }

    fn query(&mut self, query: &'a QueryNode) -> ControlFlow<()> {
        match query {
            QueryNode::Select(node) => self.select(node),
            QueryNode::Compound(node) => self.compound(node),
            QueryNode::Change(node) => {
                self.show(StatementPart::Change(node))?;
                self.statement(node.statement())
            }
        }
    }

    fn select(&mut self, node: &'a SelectNode) -> ControlFlow<()> {
        node.ctes.iter().try_for_each(|cte| self.cte(cte))?;
        match &node.from {
            Some(from) => self.in_from(from)?,
            None => match node.first_from() {
                Some(crate::from::FromRef::Table(source)) => self.show(StatementPart::Reads(source.table))?,
                Some(crate::from::FromRef::Query(derived)) => self.derived(derived)?,
                None => {}
            },
        }
        self.joins(&node.joins)?;
        self.items(&node.items)?;
        self.nodes(&node.filters)?;
        self.nodes(&node.group_by)?;
        self.nodes(&node.having)?;
        node.order_by.iter().try_for_each(|key| self.node(&key.node))?;
        node.limit_per.iter().try_for_each(|per| self.nodes(&per.group))?;
        node.clauses.iter().try_for_each(|clause| self.nodes(&clause.call.arguments))
    }

    fn compound(&mut self, node: &'a CompoundNode) -> ControlFlow<()> {
        node.operands.iter().try_for_each(|operand| self.query(operand))?;
        node.order_by.iter().try_for_each(|key| self.node(&key.node))
    }

    fn insert(&mut self, node: &'a InsertNode) -> ControlFlow<()> {
        self.show(StatementPart::Writes(node.table))?;
        if let InsertSource::Query(query) = &node.source {
            self.query(query)?;
        }
        for conflict in &node.conflicts {
            if let ConflictAction::Update { assignments, filters } = &conflict.action {
                assignments.iter().try_for_each(|(_, value)| self.node(value))?;
                self.nodes(filters)?;
            }
        }
        self.items(&node.returning)
    }

    fn update(&mut self, node: &'a UpdateNode) -> ControlFlow<()> {
        self.show(StatementPart::Writes(node.table))?;
        self.joins(&node.joins)?;
        node.assignments.iter().chain(&node.made).try_for_each(|(_, value)| self.node(value))?;
        self.nodes(&node.filters)?;
        self.items(&node.returning)
    }

    fn delete(&mut self, node: &'a DeleteNode) -> ControlFlow<()> {
        self.show(StatementPart::Writes(node.table))?;
        self.joins(&node.joins)?;
        self.nodes(&node.filters)?;
        self.items(&node.returning)
    }

    fn items(&mut self, items: &'a [SelectItem]) -> ControlFlow<()> {
        items.iter().try_for_each(|item| match item {
            SelectItem::Entity { .. } => ControlFlow::Continue(()),
            SelectItem::Expression { node, .. } => self.node(node),
        })
    }

    fn joins(&mut self, joins: &'a [Join]) -> ControlFlow<()> {
        for join in joins {
            match &join.on {
                JoinOn::Relation { relation, .. } => {
                    if let Some(through) = relation.through() {
                        self.show(StatementPart::Reads(through.table))?;
                    }
                    self.in_from(&join.target)?;
                }
                JoinOn::Condition(node) => {
                    self.in_from(&join.target)?;
                    self.node(node)?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn in_from(&mut self, item: &'a FromItem) -> ControlFlow<()> {
        match item {
            FromItem::Table(source) => self.show(StatementPart::Reads(source.table)),
            FromItem::Query(derived) => self.derived(derived),
        }
    }

    fn derived(&mut self, derived: &'a Arc<Derived>) -> ControlFlow<()> {
        match &derived.body {
            Body::Subquery(query) if self.is_new(derived) => self.query(query),
            Body::Cte(cte) => self.cte(cte),
            Body::Subquery(_) | Body::Values(_) | Body::Itself(_) => ControlFlow::Continue(()),
        }
    }

    fn cte(&mut self, cte: &'a Arc<CteNode>) -> ControlFlow<()> {
        if !self.is_new(cte) {
            return ControlFlow::Continue(());
        }
        self.show(StatementPart::Cte(cte))?;
        self.query(&cte.query)?;
        cte.recursive.iter().try_for_each(|(more, _)| self.query(more))
    }

    fn is_new<T>(&mut self, shared: &Arc<T>) -> bool {
        let address = Arc::as_ptr(shared).addr();
        let is_new = !self.seen.contains(&address);
        if is_new {
            self.seen.push(address);
        }
        is_new
    }

    fn nodes(&mut self, nodes: &'a [Node]) -> ControlFlow<()> {
        nodes.iter().try_for_each(|node| self.node(node))
    }

    fn node(&mut self, node: &'a Node) -> ControlFlow<()> {
        self.show(StatementPart::Expression(node))?;
        match node {
            Node::InQuery { query, .. } | Node::Scalar(query) | Node::Exists(query) => self.query(query)?,
            Node::Related(related) => {
                if let Some(through) = related.relation.through() {
                    self.show(StatementPart::Reads(through.table))?;
                }
                self.show(StatementPart::Reads(related.target.table))?;
                related.condition.iter().try_for_each(|node| self.node(node))?;
            }
            _ => {}
        }
        let mut flow = ControlFlow::Continue(());
        node.any_operand(&mut |operand| {
            flow = self.node(operand);
            flow.is_break()
        });
        flow
    }
}

impl Node {
    /// Tells whether a query within it reads a table.
    pub(crate) fn queries(&self, table: &TableMeta) -> bool {
        let reads = |part: StatementPart<'_>| match part {
            StatementPart::Reads(it) if it == table => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        };
        Walk { visitor: reads, seen: Vec::new() }.node(self).is_break()
    }

    /// Tells whether a query within it uses the row that an upsert was to insert.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// let namesakes = select(func::count_star()).select_from(Book).filter(Book::TITLE.eq(excluded(Author::NAME)));
    /// assert!(namesakes.scalar_subquery().into_node().queries_excluded());
    /// assert!(!excluded(Author::NAME).into_node().queries_excluded());
    /// ```
    #[must_use]
    pub fn queries_excluded(&self) -> bool {
        let uses = |part: StatementPart<'_>| match part {
            StatementPart::Expression(Node::Excluded(_)) => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        };
        self.any(&mut |node| {
            node.has_query() && Walk { visitor: uses, seen: Vec::new() }.node(node).is_break()
        })
    }

    /// Tells whether a function within it takes what an upsert was to insert.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Author};
    /// use aludel_sql::node::Function;
    ///
    /// let is_lower = |it: &Function| *it == Function::Lower;
    /// assert!(func::lower(excluded(Author::NAME)).into_node().calls_with_excluded(&is_lower));
    /// assert!(!func::lower(Author::NAME).into_node().calls_with_excluded(&is_lower));
    /// ```
    #[must_use]
    pub fn calls_with_excluded(&self, function: &dyn Fn(&Function) -> bool) -> bool {
        let is_excluded = |node: &Node| matches!(node, Node::Excluded(_));
        self.any(&mut |node| match node {
            Node::Call(call) if function(&call.function) => {
                call.arguments.iter().any(|it| it.any(&mut |it| is_excluded(it)))
            }
            _ => false,
        })
    }
}

impl<S: Shape> Select<S> {
    /// Writes its expressions anew, each behind those that it is made of, and those of the statements that stand within expressions. Queries
    /// in FROM stay as they are: rewrite them before they get their name.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::node::{BinaryOp, Node};
    ///
    /// /// Compares text without minding case, wherever the statement compares text.
    /// fn without_case(node: &mut Node) {
    ///     if let Node::Binary(BinaryOp::Eq, operands) = node
    ///         && operands.contains(&Book::TITLE.into_node())
    ///     {
    ///         for operand in operands.iter_mut() {
    ///             let inner = std::mem::replace(operand, Node::Row(Vec::new()));
    ///             *operand = func::call::<String>("lower", [inner]).into_node();
    ///         }
    ///     }
    /// }
    /// let books = select(Book::ID).filter(Book::TITLE.eq("EMMA").or(Book::YEAR.eq(1815)));
    /// assert_eq!(
    ///     sqlite(books.rewrite(without_case)),
    ///     "SELECT books.id FROM books WHERE lower(books.title) = lower(?1) OR books.year = ?2"
    /// );
    /// ```
    ///
    /// You answer for the types: what is selected must keep its own.
    pub fn rewrite(mut self, mut change: impl FnMut(&mut Node)) -> Self {
        select(self.node_mut(), &mut change);
        self
    }
}

impl<E: Mapped> Update<E> {
    /// Writes its expressions anew, as [`Select::rewrite`] does: the values that are set, and the conditions.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::node::Node;
    ///
    /// let stmt = update(Book).set(Book::YEAR, Book::YEAR + 1).filter(Book::ID.eq(7));
    /// // Columns become others.
    /// let moved = stmt.rewrite(|node| {
    ///     if *node == Book::ID.into_node() {
    ///         *node = Book::AUTHOR_ID.into_node();
    ///     }
    /// });
    /// assert_eq!(sqlite(moved), "UPDATE books SET year = year + ?1 WHERE author_id = ?2");
    /// ```
    pub fn rewrite(mut self, mut change: impl FnMut(&mut Node)) -> Self {
        let UpdateNode { joins: of_joins, assignments, filters, returning, .. } = self.node_mut();
        joins(of_joins, &mut change);
        assignments.iter_mut().for_each(|(_, value)| node(value, &mut change));
        nodes(filters, &mut change);
        items(returning, &mut change);
        self
    }
}

impl<E: Mapped> Delete<E> {
    /// Writes its conditions anew, as [`Select::rewrite`] does.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::node::{BinaryOp, Node};
    ///
    /// let stmt = delete(Book).filter(Book::YEAR.lt(1900)).rewrite(|node| {
    ///     if let Node::Binary(op @ BinaryOp::Lt, _) = node {
    ///         *op = BinaryOp::Le;
    ///     }
    /// });
    /// assert_eq!(sqlite(stmt), "DELETE FROM books WHERE year <= ?1");
    /// ```
    pub fn rewrite(mut self, mut change: impl FnMut(&mut Node)) -> Self {
        let DeleteNode { joins: of_joins, filters, returning, .. } = self.node_mut();
        joins(of_joins, &mut change);
        nodes(filters, &mut change);
        items(returning, &mut change);
        self
    }
}

type Rewrite<'r> = &'r mut dyn FnMut(&mut Node);

fn query(query: &mut QueryNode, change: Rewrite<'_>) {
    match query {
        QueryNode::Select(node) => select(node, change),
        QueryNode::Compound(node) => {
            node.operands.iter_mut().for_each(|it| self::query(it, change));
            node.order_by.iter_mut().for_each(|key| self::node(&mut key.node, change));
        }
        // It stands in WITH, and never in an expression.
        QueryNode::Change(_) => {}
    }
}

fn select(select: &mut SelectNode, change: Rewrite<'_>) {
    // The first table may be known by what is selected only, which may become something else.
    select.from = select.first();
    items(&mut select.items, change);
    joins(&mut select.joins, change);
    nodes(&mut select.filters, change);
    nodes(&mut select.group_by, change);
    nodes(&mut select.having, change);
    select.order_by.iter_mut().for_each(|key| node(&mut key.node, change));
    select.limit_per.iter_mut().for_each(|per| nodes(&mut per.group, change));
    select.clauses.iter_mut().for_each(|clause| nodes(&mut clause.call.arguments, change));
}

fn items(items: &mut [SelectItem], change: Rewrite<'_>) {
    for item in items {
        match item {
            SelectItem::Entity { .. } => {}
            SelectItem::Expression { node: it, .. } => node(it, change),
        }
    }
}

fn joins(joins: &mut [Join], change: Rewrite<'_>) {
    for join in joins {
        match &mut join.on {
            JoinOn::Relation { .. } => {}
            JoinOn::Condition(on) => node(on, change),
        }
    }
}

fn nodes(nodes: &mut [Node], change: Rewrite<'_>) {
    nodes.iter_mut().for_each(|it| node(it, change));
}

fn node(it: &mut Node, change: Rewrite<'_>) {
    match it {
        Node::InQuery { query: within, .. } | Node::Scalar(within) | Node::Exists(within) => {
            query(within, change)
        }
        Node::Related(related) => related.condition.iter_mut().for_each(|it| node(it, change)),
        _ => {}
    }
    it.each_operand_mut(&mut |operand| node(operand, change));
    change(it);
}
