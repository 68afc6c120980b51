//! A column, whether of a table or of a query in FROM.

use crate::node::{ColumnNode, Node};
use crate::subquery::DerivedColumn;

/// A column of something in FROM.
#[derive(Clone, Copy)]
pub(super) enum ColumnRef<'n> {
    /// Of a table.
    Table(&'n ColumnNode),
    /// Of a subquery or a CTE.
    Query(&'n DerivedColumn),
}

impl<'n> ColumnRef<'n> {
    pub(super) fn of(node: &'n Node) -> Option<Self> {
        match node {
            Node::Column(column) => Some(Self::Table(column)),
            Node::Derived(column) => Some(Self::Query(column)),
            _ => None,
        }
    }

    /// Returns the name that it is qualified with.
    pub(super) fn source(self) -> &'n str {
        match self {
            Self::Table(column) => column.source.name(),
            Self::Query(column) => &column.from.name,
        }
    }

    pub(super) fn name(self) -> &'n str {
        match self {
            Self::Table(column) => column.source.table.columns[column.column].name,
            Self::Query(column) => &column.name,
        }
    }

    /// Tells whether it may be NULL where it comes from.
    pub(super) fn is_nullable(self) -> bool {
        match self {
            Self::Table(column) => column.source.table.columns[column.column].nullable,
            Self::Query(_) => self.is_nullable_output(),
        }
    }

    /// Tells whether a query gives it that may make it NULL.
    pub(super) fn is_nullable_output(self) -> bool {
        match self {
            Self::Table(_) => false,
            Self::Query(column) => column.index.is_some_and(|index| column.from.columns[index].nullable),
        }
    }

    /// Writes it as a program does.
    pub(super) fn spelled(self) -> String {
        match self {
            Self::Table(column) => spelled(column),
            Self::Query(column) => format!("{}.named(\"{}\")", column.from.name, column.name),
        }
    }
}

/// Writes a column of a table as a program does: `Employee::NAME`, `boss.col(Employee::NAME)`.
pub(super) fn spelled(column: &ColumnNode) -> String {
    let table = column.source.table;
    let constant = format!("{}::{}", table.entity, table.columns[column.column].field.to_uppercase());
    match &column.source.alias {
        Some(alias) => format!("{alias}.col({constant})"),
        None => constant,
    }
}
