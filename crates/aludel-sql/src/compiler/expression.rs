//! Expressions, with no more parentheses than they need.

use super::Compiler;
use super::column_ref::ColumnRef;
use super::scope::Scope;
use crate::error::Result;
use crate::node::{LogicalOp, Node, TextNode, UnaryOp};
use crate::structure::rows_of;
use crate::value::Value;

impl Compiler<'_> {
    /// Writes an expression.
    ///
    /// ```
    /// # use {aludel::prelude::*, aludel_sql::{node::Call, Compiler, Dialect, Result}, library::Book};
    /// # #[derive(Debug)]
    /// # struct Mine;
    /// impl Dialect for Mine {
    ///     fn call(&self, sql: &mut Compiler<'_>, call: &Call) -> Result<()> {
    ///         sql.push("len(").node(&call.arguments[0])?;
    ///         sql.push(")");
    ///         Ok(())
    ///     }
    /// #     aludel::__as_sqlite!();
    /// }
    /// let (text, _) = select(func::length(Book::TITLE.concat("!"))).to_sql(&Mine)?;
    /// assert_eq!(text, "SELECT len(books.title || ?1) FROM books");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Compile` or `Unsupported`.
    pub fn node(&mut self, node: &Node) -> Result<()> {
        if let Some(place) = self.place(node) {
            self.push(&place.to_string());
            return Ok(());
        }
        if self.repeated.contains(&std::ptr::from_ref(node)) {
            // All rows of the group have the same value.
            self.push("min(").unscaled(node)?;
            self.push(")");
            return Ok(());
        }
        if self.dialect.features().scaled_decimals {
            if let Some(scale) = self.wanted.remove(&std::ptr::from_ref(node).cast()) {
                return self.rescaled(node, scale);
            }
            self.align(node)?;
        }
        self.unscaled(node)
    }

    /// Writes an expression as it is.
    pub(super) fn unscaled(&mut self, node: &Node) -> Result<()> {
        match node {
            Node::Column(column) => self.column(ColumnRef::Table(column)),
            Node::Derived(column) => self.column(ColumnRef::Query(column)),
            Node::Excluded(column) => self.excluded(column),
            Node::Param(param) => {
                self.param(param);
                Ok(())
            }
            Node::Unary(op, operand) => self.as_operand(|it| it.unary(*op, operand)),
            Node::Binary(op, operands) => {
                self.as_operand(|it| it.dialect.binary(it, *op, &operands[0], &operands[1]))
            }
            Node::Logical(op, operands) => self.logical(*op, operands),
            Node::In { operand, list, negated } => match &list.value {
                // `x IN ()` is not SQL; by the rules of sets it is false, even for NULL.
                Value::List(values) if values.is_empty() => {
                    self.push(if *negated { "1 = 1" } else { "1 = 0" });
                    Ok(())
                }
                _ => self.dialect.in_list(self, operand, list, *negated),
            },
            Node::InQuery { operand, query, negated } => self.in_query(operand, query, *negated),
            Node::Row(nodes) => {
                self.push("(").list(nodes)?;
                self.push(")");
                Ok(())
            }
            Node::InRows { lists, negated, .. } if rows_of(lists) == 0 => {
                self.push(if *negated { "1 = 1" } else { "1 = 0" });
                Ok(())
            }
            Node::InRows { operands, lists, negated } => {
                let is_value = *negated || self.within_operator;
                let guarded = is_value && self.dialect.features().rows_in_list_refuse_null;
                self.push(if guarded { "coalesce((" } else { "(" }).list(operands)?;
                self.push(if *negated { ") NOT IN (" } else { ") IN (" });
                self.dialect.rows(self, lists)?;
                self.push(if guarded { "), NULL)" } else { ")" });
                Ok(())
            }
            Node::Scalar(query) => self.subquery(query),
            Node::Exists(query) => self.exists(query),
            Node::Related(related) => self.related(related),
            Node::Match(op, operands) => self.dialect.matches(self, *op, &operands[0], &operands[1]),
            Node::Call(call) => self.call(call),
            Node::Case(branches, otherwise) => {
                self.push("CASE");
                for (when, then) in branches {
                    self.push(" WHEN ").node(when)?;
                    self.push(" THEN ").node(then)?;
                }
                if let Some(otherwise) = otherwise {
                    self.push(" ELSE ").node(otherwise)?;
                }
                self.push(" END");
                Ok(())
            }
            Node::Label(name) => self.own_name(name),
            Node::Text(text) => self.text(text),
            Node::GroupingSets(grouping, sets) => self.grouping_sets(*grouping, sets),
        }
    }

    /// Writes an expression as an operand: in parentheses unless it holds together by itself.
    ///
    /// ```
    /// # use {aludel::prelude::*, aludel_sql::{node::{BinaryOp, Node}, compiler::standard, Compiler, Dialect, Result}, library::Book};
    /// # #[derive(Debug)]
    /// # struct Mine;
    /// impl Dialect for Mine {
    ///     fn binary(&self, sql: &mut Compiler<'_>, op: BinaryOp, left: &Node, right: &Node) -> Result<()> {
    ///         if op != BinaryOp::IntDiv {
    ///             return standard::binary(sql, op, left, right);
    ///         }
    ///         sql.operand(left)?;
    ///         sql.push(" DIV ").operand(right)
    ///     }
    /// #     aludel::__as_sqlite!();
    /// }
    /// let (text, _) = select((Book::YEAR + 9) / 10).to_sql(&Mine)?;
    /// assert_eq!(text, "SELECT (books.year + ?1) DIV ?2 FROM books");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Compile` or `Unsupported`.
    pub fn operand(&mut self, node: &Node) -> Result<()> {
        self.wrapped(node, Tightness::Atom)
    }

    /// Writes an expression as an operand of AND.
    pub(super) fn conjunct(&mut self, node: &Node) -> Result<()> {
        self.wrapped(node, Tightness::Not)
    }

    fn wrapped(&mut self, node: &Node, needed: Tightness) -> Result<()> {
        if tightness(node) >= needed {
            return self.node(node);
        }
        self.push("(").node(node)?;
        self.push(")");
        Ok(())
    }

    /// Writes expressions with commas between them.
    ///
    /// ```
    /// # use {aludel::prelude::*, aludel_sql::{node::Call, Compiler, Dialect, Result}, library::Book};
    /// # #[derive(Debug)]
    /// # struct Mine;
    /// impl Dialect for Mine {
    ///     fn call(&self, sql: &mut Compiler<'_>, call: &Call) -> Result<()> {
    ///         sql.push("ifnull(").list(&call.arguments)?;
    ///         sql.push(")");
    ///         Ok(())
    ///     }
    /// #     aludel::__as_sqlite!();
    /// }
    /// let (text, _) = select(func::coalesce(Book::YEAR, 0)).to_sql(&Mine)?;
    /// assert_eq!(text, "SELECT ifnull(books.year, ?1) FROM books");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Compile` or `Unsupported`.
    pub fn list(&mut self, nodes: &[Node]) -> Result<()> {
        for (at, node) in nodes.iter().enumerate() {
            if at > 0 {
                self.push(", ");
            }
            self.node(node)?;
        }
        Ok(())
    }

    fn unary(&mut self, op: UnaryOp, operand: &Node) -> Result<()> {
        match op {
            UnaryOp::Not => {
                self.push("NOT ");
                self.operand(operand)
            }
            UnaryOp::Negate => {
                self.push("- ");
                self.operand(operand)
            }
            UnaryOp::IsNull | UnaryOp::IsNotNull => {
                self.operand(operand)?;
                self.push(if op == UnaryOp::IsNull { " IS NULL" } else { " IS NOT NULL" });
                Ok(())
            }
        }
    }

    /// Writes what an operator looks at: it matters there whether it is false or unknown.
    fn as_operand(&mut self, write: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let around = std::mem::replace(&mut self.within_operator, true);
        write(self)?;
        self.within_operator = around;
        Ok(())
    }

    pub(super) fn logical(&mut self, op: LogicalOp, operands: &[Node]) -> Result<()> {
        let (word, needed, of_none) = match op {
            LogicalOp::And => (" AND ", Tightness::Not, "1 = 1"),
            LogicalOp::Or => (" OR ", Tightness::And, "1 = 0"),
        };
        match operands {
            [] => {
                self.push(of_none);
                Ok(())
            }
            [only] => self.node(only),
            many if many.len() > FLAT_OPERANDS => {
                let (left, right) = many.split_at(many.len() / 2);
                self.push("(").logical(op, left)?;
                self.push(")").push(word).push("(").logical(op, right)?;
                self.push(")");
                Ok(())
            }
            many => {
                for (at, operand) in many.iter().enumerate() {
                    if at > 0 {
                        self.push(word);
                    }
                    self.wrapped(operand, needed)?;
                }
                Ok(())
            }
        }
    }

    pub(super) fn column(&mut self, column: ColumnRef<'_>) -> Result<()> {
        let here = self.in_scope_here(column);
        let column = here.as_ref().map_or(column, ColumnRef::Table);
        if self.is_qualified(column)? {
            match column {
                ColumnRef::Table(column) => self.name_in_from(&column.source)?,
                ColumnRef::Query(column) => self.own_name(&column.from.name)?,
            }
            self.push(".");
        }
        match column {
            ColumnRef::Table(_) => self.identifier(column.name()),
            ColumnRef::Query(_) => self.own_name(column.name()),
        }
    }

    /// Tells whether a column is written with its table, after having found the table: here, or in a statement around this one.
    fn is_qualified(&self, column: ColumnRef<'_>) -> Result<bool> {
        Scope::check(column)?;
        let Some((here, around)) = self.scopes.split_last() else { return Ok(true) };
        if here.has(column) {
            return Ok(here.qualified);
        }
        let Some(found) = around.iter().rposition(|scope| scope.has(column)) else {
            return Err(here.not_in_from(column));
        };
        self.scopes[found + 1..].iter().try_for_each(|scope| scope.check_visible(column))?;
        Ok(true)
    }

    pub(super) fn text(&mut self, text: &TextNode) -> Result<()> {
        for (at, piece) in text.pieces.iter().enumerate() {
            self.push(piece);
            if let Some(param) = text.params.get(at) {
                self.param(param);
            }
        }
        Ok(())
    }
}

/// How tightly a node holds together, for parentheses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tightness {
    Or,
    And,
    Not,
    Comparison,
    Atom,
}

fn tightness(node: &Node) -> Tightness {
    match node {
        Node::Logical(_, operands) if operands.len() == 1 => tightness(&operands[0]),
        Node::Logical(_, operands) if operands.is_empty() => Tightness::Comparison,
        Node::Logical(LogicalOp::Or, _) => Tightness::Or,
        Node::Logical(LogicalOp::And, _) => Tightness::And,
        Node::Unary(UnaryOp::Not, _) => Tightness::Not,
        Node::Unary(..) | Node::Binary(..) | Node::Match(..) => Tightness::Comparison,
        Node::In { .. } | Node::InRows { .. } | Node::InQuery { .. } => Tightness::Comparison,
        // A piece of text may be anything.
        Node::Text(_) => Tightness::Or,
        Node::Column(_) | Node::Derived(_) | Node::Excluded(_) => Tightness::Atom,
        Node::Param(_) | Node::Label(_) => Tightness::Atom,
        Node::Call(_) | Node::Case(..) | Node::Row(_) => Tightness::Atom,
        Node::Scalar(_) | Node::Exists(_) | Node::Related(_) => Tightness::Atom,
        Node::GroupingSets(..) => Tightness::Atom,
    }
}

/// Above this number the operands of AND and OR are written as a balanced tree: SQLite allows an expression depth of 1,000.
const FLAT_OPERANDS: usize = 100;
