//! The columns of an expression: which tables it reads, and how it reads the same table under another name.

use super::{BinaryOp, LogicalOp, Node};
use crate::column::Source;
use crate::query::QueryNode;
use crate::related::RelatedNode;
use crate::select::JoinOn;
use crate::selection::SelectItem;
use crate::value::Value;

impl Node {
    /// Tells whether it may read a column of a table; SQL written by hand and statements within may read any.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// use aludel::Mapped;
    /// use aludel_sql::Source;
    ///
    /// let is_new = Book::YEAR.gt(1900).into_node();
    /// assert!(is_new.may_read(&Source::of(Book::TABLE)));
    /// assert!(!is_new.may_read(&Source::of(Author::TABLE)));
    /// ```
    #[must_use]
    pub fn may_read(&self, table: &Source) -> bool {
        self.any(&mut |node| match node {
            Node::Column(column) => column.source == *table,
            node => matches!(node, Node::Text(_)) || node.has_query(),
        })
    }

    /// Returns the value that a column has wherever this condition holds: `column = value`, alone or among others that must hold.
    pub(crate) fn fixes(&self, source: &Source, column: usize) -> Option<&Value> {
        match self {
            Node::Binary(BinaryOp::Eq, operands) => match (&operands[0], &operands[1]) {
                (Node::Column(it), Node::Param(param)) if it.column == column && it.source == *source => {
                    (!matches!(param.value, Value::Null)).then_some(&param.value)
                }
                _ => None,
            },
            Node::Logical(LogicalOp::And, all) => all.iter().find_map(|it| it.fixes(source, column)),
            _ => None,
        }
    }

    /// Makes the same expression of a table under another name. `None` where it holds SQL written by hand or a statement, which may name
    /// the table in ways that cannot be seen.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel::Mapped;
    /// use aludel_sql::Source;
    ///
    /// let other = Source { alias: Some("other".into()), ..Source::of(Book::TABLE) };
    /// let moved = Book::YEAR.gt(1900).into_node().moved(&Source::of(Book::TABLE), &other).unwrap();
    /// assert_eq!(moved, alias(Book, "other").col(Book::YEAR).gt(1900).into_node());
    /// ```
    #[must_use]
    pub fn moved(&self, from: &Source, to: &Source) -> Option<Self> {
        let opaque = |node: &Node| matches!(node, Node::Text(_)) || node.has_query();
        if self.any(&mut |node| opaque(node)) {
            return None;
        }
        let mut moved = self.clone();
        moved.move_columns(from, to);
        Some(moved)
    }

    /// As [`moved`](Self::moved), but statements within are moved as well: where they do not have the table in their own FROM, they mean the
    /// one around them. `None` where it holds SQL written by hand.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// use aludel::Mapped;
    /// use aludel_sql::Source;
    ///
    /// // Authors who have a book: the query within speaks of the author around it.
    /// let has_book = exists(select(Book::ID).filter(Book::AUTHOR_ID.eq(Author::ID))).into_node();
    /// let (from, to) = (Source::of(Author::TABLE), Source { alias: Some("a".into()), ..Source::of(Author::TABLE) });
    /// assert_eq!(has_book.moved(&from, &to), None);
    /// let a = alias(Author, "a");
    /// let moved = exists(select(Book::ID).select_from(Book).filter(Book::AUTHOR_ID.eq(a.col(Author::ID))));
    /// assert_eq!(has_book.moved_with_queries(&from, &to), Some(moved.into_node()));
    /// ```
    #[must_use]
    pub fn moved_with_queries(&self, from: &Source, to: &Source) -> Option<Self> {
        if self.any(&mut |node| matches!(node, Node::Text(_))) {
            return None;
        }
        let mut moved = self.clone();
        moved.move_columns(from, to);
        Some(moved)
    }

    fn move_columns(&mut self, from: &Source, to: &Source) {
        match self {
            Node::Column(column) if column.source == *from => column.source = to.clone(),
            Node::Scalar(query) | Node::Exists(query) | Node::InQuery { query, .. } => {
                query.move_columns_around(from, to);
            }
            Node::Related(related) => related.move_columns_around(from, to),
            _ => {}
        }
        self.each_operand_mut(&mut |operand| operand.move_columns(from, to));
    }
}

impl QueryNode {
    /// Reads a table of the statement around it under another name.
    fn move_columns_around(&mut self, from: &Source, to: &Source) {
        let select = match self {
            Self::Select(select) => select,
            Self::Compound(compound) => {
                return compound.operands.iter_mut().for_each(|it| it.move_columns_around(from, to));
            }
            // It stands in WITH, where it sees no table around it.
            Self::Change(_) => return,
        };
        let first = select.first_from().map(|it| it.to_item());
        let mut own = first.iter().chain(select.joins.iter().map(|join| &join.target));
        if own.any(|it| it.table() == Some(from)) {
            return;
        }
        // The first table may be known by what is selected only: that is still its own.
        select.from = first;
        for item in &mut select.items {
            if let SelectItem::Expression { node, .. } = item {
                node.move_columns(from, to);
            }
        }
        for join in &mut select.joins {
            if let JoinOn::Condition(node) = &mut join.on {
                node.move_columns(from, to);
            }
        }
        let keys = select.order_by.iter_mut().map(|key| &mut key.node);
        let conditions = select.filters.iter_mut().chain(&mut select.group_by).chain(&mut select.having);
        conditions.chain(keys).for_each(|node| node.move_columns(from, to));
    }
}

impl RelatedNode {
    fn move_columns_around(&mut self, from: &Source, to: &Source) {
        if self.from == *from {
            self.from = to.clone();
        }
        if self.target != *from
            && let Some(condition) = &mut self.condition
        {
            condition.move_columns(from, to);
        }
    }
}
