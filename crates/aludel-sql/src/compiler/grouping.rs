//! What a grouped SELECT may select: what is grouped, what depends on it, and aggregates.
//!
//! PostgreSQL and MariaDB refuse anything else; SQLite would pick the value of any row of the group.

use super::column_ref::{ColumnRef, spelled};
use super::scope::Scope;
use super::{Compiler, correlation};
use crate::error::{Error, ErrorKind, Result};
use crate::node::{ColumnNode, Function, Grouping, Node};
use crate::select::SelectNode;
use crate::selection::SelectItem;
use crate::subquery::DerivedColumn;

/// Returns the columns that are not grouped themselves but depend on a grouped primary key.
///
/// # Errors
///
/// Kind `Compile` where a column has many values in a group.
pub(super) fn dependent_columns(statement: &SelectNode, scope: &Scope) -> Result<Vec<ColumnNode>> {
    let mut found = Dependent { statement, scope, columns: Vec::new() };
    if !is_grouped(statement) {
        return Ok(found.columns);
    }
    for item in &statement.items {
        match item {
            SelectItem::Entity { source, .. } => {
                for column in 0..source.table.columns.len() {
                    found.column(&ColumnNode { source: source.clone(), column })?;
                }
            }
            SelectItem::Expression { node, .. } => found.expression(node)?,
        }
    }
    for node in statement.having.iter().chain(statement.order_by.iter().map(|key| &key.node)) {
        found.expression(node)?;
    }
    Ok(found.columns)
}

pub(super) fn is_grouped(statement: &SelectNode) -> bool {
    let aggregates = |item: &SelectItem| match item {
        SelectItem::Entity { .. } => false,
        SelectItem::Expression { node, .. } => {
            node.any(&mut |it| matches!(it, Node::Call(call) if call.is_aggregate()))
        }
    };
    !statement.group_by.is_empty() || !statement.having.is_empty() || statement.items.iter().any(aggregates)
}

struct Dependent<'a> {
    statement: &'a SelectNode,
    scope: &'a Scope,
    columns: Vec<ColumnNode>,
}

impl Dependent<'_> {
    fn expression(&mut self, node: &Node) -> Result<()> {
        if self.statement.group_keys().any(|key| key == node) {
            return Ok(());
        }
        match node {
            Node::Column(column) => self.column(column),
            Node::Derived(column) => self.output(column),
            // A function that nobody knows may be an aggregate.
            Node::Call(call)
                if call.is_aggregate()
                    || (matches!(call.function, Function::Named(_)) && call.over.is_none()) =>
            {
                Ok(())
            }
            other => {
                for column in correlation::columns_around(other) {
                    self.expression(&column)?;
                }
                let mut checked = Ok(());
                other.any_operand(&mut |operand| {
                    checked = self.expression(operand);
                    checked.is_err()
                });
                checked
            }
        }
    }

    fn column(&mut self, column: &ColumnNode) -> Result<()> {
        // That its table is not in FROM is said elsewhere, and better.
        if self.is_grouped(column) || !self.scope.has(ColumnRef::Table(column)) {
            return Ok(());
        }
        let table = column.source.table;
        let mut key =
            table.primary_key().map(|it| ColumnNode { source: column.source.clone(), column: it }).peekable();
        if key.peek().is_some() && key.all(|it| self.is_grouped_on_all_levels(&it)) {
            if !self.columns.contains(column) {
                self.columns.push(column.clone());
            }
            return Ok(());
        }
        let meta = &table.columns[column.column];
        Err(Error::new(
            ErrorKind::Compile,
            format!(
                "`{}.{}` has many values in a group: it is neither grouped by nor within an aggregate",
                column.source.name(),
                meta.name
            ),
        )
        .with_table(table.name)
        .with_column(meta.name)
        .help(format!(
            "add `{}` to `.group_by`, or choose one value with `func::min` or `func::max`",
            spelled(column)
        )))
    }

    /// A column of a query in FROM; nothing is known to depend on it.
    fn output(&self, column: &DerivedColumn) -> Result<()> {
        if !self.scope.has(ColumnRef::Query(column)) {
            return Ok(());
        }
        let (query, name) = (&column.from.name, &column.name);
        Err(Error::new(
            ErrorKind::Compile,
            format!("`{query}.{name}` has many values in a group: it is neither grouped by nor within an aggregate"),
        )
        .help("add it to `.group_by`, or choose one value with `func::min` or `func::max`"))
    }

    fn is_grouped(&self, column: &ColumnNode) -> bool {
        self.statement.group_keys().any(|key| is_column(key, column))
    }

    fn is_grouped_on_all_levels(&self, column: &ColumnNode) -> bool {
        self.is_grouped(column) && !self.statement.subtotal_keys().any(|key| is_column(key, column))
    }
}

fn is_column(key: &Node, column: &ColumnNode) -> bool {
    matches!(key, Node::Column(it) if it == column)
}

impl Compiler<'_> {
    /// Writes several levels of groups.
    pub(super) fn grouping_sets(&mut self, grouping: Grouping, sets: &[Vec<Node>]) -> Result<()> {
        let word = match grouping {
            Grouping::Rollup => "ROLLUP",
            Grouping::Cube => "CUBE",
            Grouping::Sets => "GROUPING SETS",
        };
        if !self.dialect.features().grouping_sets {
            return Err(self.unsupported(&format!("GROUP BY {word}")).help(
                "group by each level in a statement of its own, and put them together with `union_all`",
            ));
        }
        if sets.is_empty() {
            return Err(Error::new(ErrorKind::Compile, format!("{word} has nothing to group by"))
                .help("add what to group by: `.set(Entity::COLUMN)`, or `.set(())` for all rows"));
        }
        self.push(word).push(" (");
        for (at, set) in sets.iter().enumerate() {
            self.push(if at == 0 { "" } else { ", " });
            match (grouping, &set[..]) {
                (Grouping::Rollup | Grouping::Cube, [only]) => self.node(only)?,
                (_, set) => {
                    self.push("(").list(set)?;
                    self.push(")");
                }
            }
        }
        self.push(")");
        Ok(())
    }
}
