//! UPDATE and DELETE.

use super::Compiler;
use super::scope::Scope;
use super::select::Naming;
use crate::dml::{DeleteNode, UpdateNode};
use crate::error::{Error, ErrorKind, Result};
use crate::node::Node;
use crate::selection::SelectItem;

impl Compiler<'_> {
    pub(super) fn update(&mut self, node: &UpdateNode) -> Result<()> {
        if node.assignments.is_empty() {
            return Err(Error::new(
                ErrorKind::Compile,
                format!("the UPDATE of `{}` sets nothing", node.table.name),
            )
            .help("add `.set(Column, value)`"));
        }
        for (at, (column, _)) in node.assignments.iter().enumerate() {
            if node.assignments[..at].iter().any(|(other, _)| other == column) {
                let name = node.table.columns[*column].name;
                return Err(Error::new(
                    ErrorKind::Compile,
                    format!("the UPDATE of `{}` sets `{name}` twice", node.table.name),
                )
                .with_column(name)
                .help("databases disagree about which value wins; leave one of them out"));
            }
        }
        self.scopes.push(Scope::of_table(node.table));
        self.push("UPDATE ").table(node.table)?;
        for (at, (column, value)) in self.assignment_order(node)?.into_iter().enumerate() {
            self.push(if at == 0 { " SET " } else { ", " });
            self.identifier(node.table.columns[*column].name)?;
            self.push(" = ").assigned(value, node.table.columns[*column].sql_type)?;
        }
        self.conditions(" WHERE ", &node.filters)?;
        self.returning(&node.returning, self.dialect.features().update_returning, "UPDATE … RETURNING")?;
        self.scopes.pop();
        Ok(())
    }

    /// Orders the assignments so that no expression reads a column that was written before it, where that matters.
    fn assignment_order<'n>(&self, node: &'n UpdateNode) -> Result<Vec<&'n (usize, Node)>> {
        let mut left: Vec<_> = node.assignments.iter().collect();
        if !self.dialect.features().assignments_see_new_values {
            return Ok(left);
        }
        let mut ordered = Vec::with_capacity(left.len());
        while !left.is_empty() {
            let unread = |at: &usize| {
                let (written, _) = left[*at];
                left.iter().enumerate().all(|(other, (_, value))| other == *at || !reads(value, *written))
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

    fn returning(&mut self, items: &[SelectItem], supported: bool, construct: &str) -> Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        if !supported {
            return Err(self
                .unsupported(construct)
                .help("read the rows with a SELECT in the same transaction"));
        }
        self.push(" RETURNING ");
        self.items(items, Naming::Natural)
    }
}

/// Tells whether an expression reads a column; text written by hand and statements within it may read any.
fn reads(node: &Node, column: usize) -> bool {
    node.any(&mut |it| match it {
        Node::Column(it) => it.column == column,
        Node::Text(_) => true,
        it => it.has_query(),
    })
}
