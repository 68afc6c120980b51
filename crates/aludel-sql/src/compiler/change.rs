//! UPDATE and DELETE.

use super::Compiler;
use super::scope::Scope;
use super::select::Naming;
use crate::dml::{DeleteNode, UpdateNode};
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::TableMeta;
use crate::node::Node;
use crate::selection::SelectItem;

impl Compiler<'_> {
    pub(super) fn update(&mut self, node: &UpdateNode) -> Result<()> {
        check_assignments(node.table, &node.assignments, "UPDATE")?;
        self.scopes.push(Scope::of_table(node.table));
        self.push("UPDATE ").table(node.table)?;
        self.push(" SET ").assignments(node.table, node.assignments.iter().chain(&node.made))?;
        self.conditions(" WHERE ", &node.filters)?;
        self.returning(&node.returning, self.dialect.features().update_returning, "UPDATE … RETURNING")?;
        self.scopes.pop();
        Ok(())
    }

    /// Writes `a = …, b = …`.
    ///
    /// # Errors
    ///
    /// Kind `Compile` or `Unsupported`.
    pub fn assignments<'n>(
        &mut self,
        table: &TableMeta,
        assignments: impl IntoIterator<Item = &'n (usize, Node)>,
    ) -> Result<()> {
        let ordered = self.assignment_order(assignments, &[])?;
        for (at, (column, value)) in ordered.into_iter().enumerate() {
            self.push(if at == 0 { "" } else { ", " }).identifier(table.columns[*column].name)?;
            self.push(" = ").assigned(value, table.columns[*column].sql_type)?;
        }
        Ok(())
    }

    /// Orders assignments so that no expression reads a column that was written before it, where that matters; each of them reads
    /// `conditions` too.
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where there is no such order.
    pub fn assignment_order<'n>(
        &self,
        assignments: impl IntoIterator<Item = &'n (usize, Node)>,
        conditions: &[Node],
    ) -> Result<Vec<&'n (usize, Node)>> {
        let mut left: Vec<_> = assignments.into_iter().collect();
        if !self.dialect.features().assignments_see_new_values {
            return Ok(left);
        }
        let is_read = |value: &Node, column| {
            reads(value, column) || conditions.iter().any(|condition| reads(condition, column))
        };
        let mut ordered = Vec::with_capacity(left.len());
        while !left.is_empty() {
            let unread = |at: &usize| {
                let (written, _) = left[*at];
                left.iter().enumerate().all(|(other, (_, value))| other == *at || !is_read(value, *written))
            };
            let next = (0..left.len()).find(unread).ok_or_else(|| {
                self.unsupported("UPDATE whose assignments read each other's columns").help(
                    "assignments run from left to right there and see what was written before them; use two statements",
                )
            })?;
            ordered.push(left.remove(next));
        }
        Ok(ordered)
    }

    pub(super) fn delete(&mut self, node: &DeleteNode) -> Result<()> {
        self.scopes.push(Scope::of_table(node.table));
        self.push("DELETE FROM ").table(node.table)?;
        self.conditions(" WHERE ", &node.filters)?;
        self.returning(&node.returning, self.dialect.features().delete_returning, "DELETE … RETURNING")?;
        self.scopes.pop();
        Ok(())
    }

    pub(super) fn returning(&mut self, items: &[SelectItem], supported: bool, construct: &str) -> Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        if !supported {
            return Err(self
                .unsupported(construct)
                .help("read the rows with a SELECT in the same transaction"));
        }
        self.push(" RETURNING ");
        self.items(items, Naming::Natural, None)
    }
}

/// Refuses to set nothing, or a column twice.
pub(super) fn check_assignments(table: &TableMeta, assignments: &[(usize, Node)], what: &str) -> Result<()> {
    if assignments.is_empty() {
        return Err(Error::new(ErrorKind::Compile, format!("the {what} of `{}` sets nothing", table.name))
            .help("add `.set(Column, value)`"));
    }
    for (at, (column, _)) in assignments.iter().enumerate() {
        if assignments[..at].iter().any(|(other, _)| other == column) {
            let name = table.columns[*column].name;
            return Err(Error::new(
                ErrorKind::Compile,
                format!("the {what} of `{}` sets `{name}` twice", table.name),
            )
            .with_column(name)
            .help("databases disagree about which value wins; leave one of them out"));
        }
    }
    Ok(())
}

/// Tells whether an expression reads a column; text written by hand and statements within it may read any.
fn reads(node: &Node, column: usize) -> bool {
    node.any(&mut |it| match it {
        Node::Column(it) => it.column == column,
        Node::Text(_) => true,
        it => it.has_query(),
    })
}
