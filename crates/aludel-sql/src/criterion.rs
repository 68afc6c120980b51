//! Conditions that hold for every row of an entity that statements may see: scopes.

use crate::column::{Of, Source};
use crate::error::{Error, ErrorKind, Result};
use crate::from::FromItem;
use crate::insert::{InsertNode, InsertSource};
use crate::mapping::{Mapped, TableMeta};
use crate::node::{BinaryOp, ColumnNode, LogicalOp, Node, Param, UnaryOp};
use crate::operand::Operand;
use crate::query::QueryNode;
use crate::select::{JoinKind, SelectNode};
use crate::selection::SelectItem;
use crate::structure::StatementRef;
use crate::upsert::{Conflict, ConflictAction};
use crate::value::Value;

/// A condition that holds for every row of an entity that statements may see or write.
///
/// The compiler adds it wherever the entity is in a statement: FROM, joins, EXISTS, subqueries, UPDATE and DELETE.
#[derive(Clone, Debug, PartialEq)]
pub struct Criterion {
    pub(crate) table: &'static TableMeta,
    pub(crate) condition: Node,
}

impl Criterion {
    /// This condition, about columns of the entity under its own name.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::Criterion;
    ///
    /// let recent = Criterion::new(Book, Book::YEAR.ge(2000));
    /// assert!(format!("{recent:?}").contains("books"));
    /// ```
    ///
    /// An engine takes it as a scope: `engine.scope(Book, Book::YEAR.ge(2000))`.
    #[must_use]
    pub fn new<E: Mapped>(entity: Of<E>, condition: impl Operand<bool>) -> Self {
        let _ = entity;
        Self { table: E::TABLE, condition: condition.into_operand() }
    }

    /// Tells whether it is about this table.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::{Criterion, Mapped};
    ///
    /// let recent = Criterion::new(Book, Book::YEAR.ge(2000));
    /// assert!(recent.is_about(Book::TABLE) && !recent.is_about(Author::TABLE));
    /// ```
    #[must_use]
    pub fn is_about(&self, table: &TableMeta) -> bool {
        *self.table == *table
    }

    /// Checks a row that is to be written; `value` gives what is known of its columns.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::{Criterion, Value};
    ///
    /// let recent = Criterion::new(Book, Book::YEAR.ge(2000));
    /// let year = |of: i64| move |column: usize| (column == Book::YEAR.index()).then_some(Value::Int(of));
    /// assert!(recent.check(&year(2024)).is_ok());
    /// assert_eq!(recent.check(&year(1815)).unwrap_err().kind(), ErrorKind::Scope);
    /// // What is not known is not written.
    /// assert!(recent.check(&|_| None).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Scope` unless the condition is known to hold.
    pub fn check(&self, value: &dyn Fn(usize) -> Option<Value>) -> Result<()> {
        match truth(&self.condition, value) {
            Some(true) => Ok(()),
            Some(false) => Err(self.refuse("would lie outside of the scope")),
            None => Err(self.refuse("cannot be told to lie within the scope")),
        }
    }

    /// Checks a row that lies within the scope and is to be changed; `value` gives what is known of the columns that change.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::{Criterion, Value};
    ///
    /// let recent = Criterion::new(Book, Book::YEAR.ge(2000));
    /// // The title is not what the condition is about, so it may change to anything.
    /// assert!(recent.check_changes(&|column| column == Book::TITLE.index(), &|_| None).is_ok());
    /// let changes_year = |column| column == Book::YEAR.index();
    /// assert!(recent.check_changes(&changes_year, &|_| Some(Value::Int(2024))).is_ok());
    /// assert!(recent.check_changes(&changes_year, &|_| Some(Value::Int(1815))).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Scope` unless the condition is known to hold still.
    pub fn check_changes(
        &self,
        changes: &dyn Fn(usize) -> bool,
        value: &dyn Fn(usize) -> Option<Value>,
    ) -> Result<()> {
        if self.any_column(&mut |column| changes(column)) { self.check(value) } else { Ok(()) }
    }

    /// Checks what a statement writes, as far as its own conditions do not: new rows, and assignments.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::Criterion;
    ///
    /// let recent = Criterion::new(Book, Book::YEAR.ge(2000));
    /// let row = |year| insert(Book).values([Book::builder().title("Emma").year(year).author_id(1)]).or_do_nothing();
    /// assert!(recent.check_statement(row(2024).statement()).is_ok());
    /// assert!(recent.check_statement(row(1815).statement()).is_err());
    /// // Which rows an UPDATE finds, the compiler takes care of; what it sets is looked at here.
    /// assert!(recent.check_statement(update(Book).set(Book::YEAR, Book::YEAR - 100).statement()).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Scope`.
    pub fn check_statement(&self, statement: StatementRef<'_>) -> Result<()> {
        match statement {
            StatementRef::Insert(node) => self.check_insert(node),
            StatementRef::Inserts(nodes) => nodes.iter().try_for_each(|it| self.check_insert(it)),
            StatementRef::Update(node) if self.is_about(node.table) => {
                let assigned = |column: usize| node.assignments.iter().find(|(it, _)| *it == column);
                self.check_changes(&|column| assigned(column).is_some(), &|column| {
                    literal(&assigned(column)?.1)
                })
            }
            _ => Ok(()),
        }
    }

    fn check_insert(&self, node: &InsertNode) -> Result<()> {
        if !self.is_about(node.table) {
            return Ok(());
        }
        let place = |column: usize| node.columns.iter().position(|it| *it == column);
        match &node.source {
            InsertSource::Rows(rows) => rows.iter().try_for_each(|row| {
                let value = |column: usize| Some(row.get(place(column)?)?.value.clone());
                self.check(&value)?;
                self.check_conflict(node, &value)
            }),
            InsertSource::Query(query) => {
                let items = query.items();
                let given = |column: usize| match items.get(place(column)?)? {
                    SelectItem::Expression { node, .. } => Some(node),
                    SelectItem::Entity { .. } => None,
                };
                let is_plain = |it: &SelectItem| matches!(it, SelectItem::Expression { .. });
                if let QueryNode::Select(select) = &**query
                    && items.iter().all(is_plain)
                    && (self.copies_rows(select, &given)
                        || truth(&self.condition, &|it| literal(given(it)?)) == Some(true))
                {
                    return self.check_conflict(node, &|it| literal(given(it)?));
                }
                Err(self.refuse("that a query gives cannot be told to lie within the scope"))
            }
        }
    }

    /// Tells whether a query gives the columns that the condition reads as they are in a row of the entity itself, which lies within the scope.
    fn copies_rows<'n>(&self, select: &'n SelectNode, given: &dyn Fn(usize) -> Option<&'n Node>) -> bool {
        let may_be_missing = |source: &Source| {
            select.joins.iter().any(|join| match join.kind {
                JoinKind::Inner => false,
                JoinKind::LeftOuter => matches!(&join.target, FromItem::Table(it) if it == source),
                JoinKind::FullOuter => true,
            })
        };
        let mut source: Option<&Source> = None;
        let mut is_other = |column: usize| match given(column) {
            Some(Node::Column(it))
                if it.column == column
                    && self.is_about(it.source.table)
                    && source.is_none_or(|known| *known == it.source) =>
            {
                source = Some(&it.source);
                false
            }
            _ => true,
        };
        !self.any_column(&mut is_other) && source.is_some_and(|it| !may_be_missing(it))
    }

    /// Checks what an upsert assigns; `new` gives the new row, which is known to lie within the scope. The row that is there already is left
    /// alone if it lies outside: the compiler adds the condition.
    fn check_conflict(&self, node: &InsertNode, new: &dyn Fn(usize) -> Option<Value>) -> Result<()> {
        node.conflicts.iter().try_for_each(|Conflict { action, .. }| {
            let ConflictAction::Update { assignments, .. } = action else { return Ok(()) };
            let assigned = |column: usize| assignments.iter().find(|(it, _)| *it == column);
            self.check_changes(&|column| assigned(column).is_some(), &|column| match assigned(column)? {
                (_, Node::Excluded(it)) => new(it.column),
                (_, node) => literal(node),
            })
        })
    }

    fn any_column(&self, test: &mut dyn FnMut(usize) -> bool) -> bool {
        let is_own = |it: &ColumnNode| *it.source.table == *self.table;
        self.condition.any(&mut |node| match node {
            Node::Column(column) => is_own(column) && test(column.column),
            // It may read any.
            node => node.has_query() || matches!(node, Node::Text(_)),
        })
    }

    #[cold]
    fn refuse(&self, why: &str) -> Error {
        Error::new(ErrorKind::Scope, format!("a row of `{}` {why}", self.table.name))
            .with_table(self.table.name)
            .help("give the row the values of the scope, or write it with an engine that has no such scope")
    }
}

/// The value of an expression that is one.
fn literal(node: &Node) -> Option<Value> {
    match node {
        Node::Param(param) => Some(param.value.clone()),
        _ => None,
    }
}

/// Tells whether a condition holds for values, as far as that can be told without the database. NULL is not true.
fn truth(node: &Node, value: &dyn Fn(usize) -> Option<Value>) -> Option<bool> {
    match node {
        Node::Param(Param { value: Value::Bool(it), .. }) => Some(*it),
        Node::Column(column) => match value(column.column)? {
            Value::Bool(it) => Some(it),
            _ => None,
        },
        Node::Unary(UnaryOp::Not, operand) => truth(operand, value).map(|it| !it),
        Node::Unary(UnaryOp::IsNull, operand) => Some(known(operand, value)? == Value::Null),
        Node::Unary(UnaryOp::IsNotNull, operand) => Some(known(operand, value)? != Value::Null),
        Node::Binary(op, operands) => {
            let [left, right] = &**operands;
            compare(*op, &known(left, value)?, &known(right, value)?)
        }
        Node::In { operand, list, negated } => match (&list.value, known(operand, value)?) {
            (_, Value::Null) => None,
            (Value::List(values), it) => Some(values.contains(&it) != *negated),
            _ => None,
        },
        Node::Logical(op, operands) => {
            let decisive = *op == LogicalOp::Or;
            let mut all_known = true;
            for operand in operands {
                match truth(operand, value) {
                    Some(it) if it == decisive => return Some(decisive),
                    Some(_) => {}
                    None => all_known = false,
                }
            }
            all_known.then_some(!decisive)
        }
        _ => None,
    }
}

fn known(node: &Node, value: &dyn Fn(usize) -> Option<Value>) -> Option<Value> {
    match node {
        Node::Param(param) => Some(param.value.clone()),
        Node::Column(column) => value(column.column),
        _ => None,
    }
}

fn compare(op: BinaryOp, left: &Value, right: &Value) -> Option<bool> {
    match op {
        BinaryOp::IsNotDistinctFrom => return Some(left == right),
        BinaryOp::IsDistinctFrom => return Some(left != right),
        _ if *left == Value::Null || *right == Value::Null => return None,
        BinaryOp::Eq => return Some(left == right),
        BinaryOp::Ne => return Some(left != right),
        _ => {}
    }
    // Texts are ordered by the database.
    let (Value::Int(left), Value::Int(right)) = (left, right) else { return None };
    match op {
        BinaryOp::Lt => Some(left < right),
        BinaryOp::Le => Some(left <= right),
        BinaryOp::Gt => Some(left > right),
        BinaryOp::Ge => Some(left >= right),
        _ => None,
    }
}
