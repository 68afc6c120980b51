//! UPDATE and DELETE.

use std::borrow::Cow;

use super::Compiler;
use super::insert::several_statements;
use super::join::leads_to_a_table;
use super::scope::Scope;
use super::select::Naming;
use crate::column::Source;
use crate::cte::ChangeNode;
use crate::dialect::{ChangedRows, JoinedChanges};
use crate::dml::{DeleteNode, UpdateNode};
use crate::error::{Error, ErrorKind, Result};
use crate::from::FromItem;
use crate::mapping::TableMeta;
use crate::node::Node;
use crate::select::{Join, JoinOn};
use crate::selection::SelectItem;

impl Compiler<'_> {
    /// Writes a change in WITH.
    pub(super) fn change_in_with(&mut self, change: &ChangeNode, naming: Naming<'_>) -> Result<()> {
        if !self.dialect.features().change_in_with {
            return Err(self.unsupported("INSERT, UPDATE or DELETE within WITH").help(
                "execute it before the statement, in the same transaction, and bind what it gives back there",
            ));
        }
        let around = self.with_deleted;
        match change {
            ChangeNode::Insert(nodes) => match &**nodes {
                [only] => self.insert(only, &[], naming)?,
                several => return Err(several_statements(several)),
            },
            ChangeNode::Update(node) => {
                self.with_deleted |= node.with_deleted;
                self.update(node, naming)?;
            }
            ChangeNode::Delete(node) => {
                self.with_deleted |= node.with_deleted;
                self.delete(node, naming)?;
            }
        }
        self.with_deleted = around;
        Ok(())
    }

    pub(super) fn update(&mut self, node: &UpdateNode, naming: Naming<'_>) -> Result<()> {
        check_assignments(node.table, &node.assignments, "UPDATE")?;
        self.scopes.push(Scope::of_change(node.table, &node.joins)?);
        let assignments = node.assignments.iter().chain(&node.made);
        self.push("UPDATE ").table(node.table)?;
        self.set_where(node.table, &node.joins, assignments, &node.filters)?;
        self.scopes.pop();
        let supported = self.dialect.features().update_returning;
        self.returning_of(node.table, &node.joins, &node.returning, naming, supported, "UPDATE … RETURNING")
    }

    /// Writes `a = …, b = …`.
    ///
    /// ```
    /// # use {aludel::prelude::*, aludel_sql::{Compiler, Conflict, ConflictAction, Dialect, InsertNode, Result}, library::Author};
    /// # #[derive(Debug)]
    /// # struct Mine;
    /// impl Dialect for Mine {
    ///     fn on_conflict(&self, sql: &mut Compiler<'_>, insert: &InsertNode, conflict: &Conflict) -> Result<()> {
    ///         match &conflict.action {
    ///             ConflictAction::Update { assignments, filters } if filters.is_empty() => {
    ///                 sql.push(" ON DUPLICATE KEY UPDATE ").assignments(insert.table, assignments)
    ///             }
    ///             _ => Err(sql.unsupported("such an upsert")),
    ///         }
    ///     }
    /// #     aludel::__as_sqlite!();
    /// }
    /// let author = Author::builder().id(7).name("Jane Austen");
    /// let upsert = insert(Author).values([author]).on_conflict(Author::ID).do_update(|row| row.set(Author::NAME, "Jane"));
    /// assert!(upsert.to_sql(&Mine)?.0.ends_with(" ON DUPLICATE KEY UPDATE name = ?3"));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Compile` or `Unsupported`.
    pub fn assignments<'n>(
        &mut self,
        table: &TableMeta,
        assignments: impl IntoIterator<Item = &'n (usize, Node)>,
    ) -> Result<()> {
        self.assignments_behind(None, table, assignments)
    }

    /// As [`assignments`](Self::assignments), each column behind the name of its table where there are others beside it.
    fn assignments_behind<'n>(
        &mut self,
        qualifier: Option<&str>,
        table: &TableMeta,
        assignments: impl IntoIterator<Item = &'n (usize, Node)>,
    ) -> Result<()> {
        let ordered = self.assignment_order(table, assignments, &[])?;
        for (at, (column, value)) in ordered.into_iter().enumerate() {
            self.push(if at == 0 { "" } else { ", " });
            if let Some(qualifier) = qualifier {
                self.identifier(qualifier)?;
                self.push(".");
            }
            self.identifier(table.columns[*column].name)?;
            self.push(" = ").assigned(value, table.columns[*column].sql_type)?;
        }
        Ok(())
    }

    /// Orders assignments so that no expression reads a column that was written before it, where that matters; each of them reads
    /// `conditions` too.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel::{MySqlDialect, PostgresDialect};
    ///
    /// // The title is made of the year that was there before. MariaDB would see the new one.
    /// let stmt = update(Book).set(Book::YEAR, 1815).set(Book::TITLE, Book::YEAR.cast::<String>());
    /// assert_eq!(stmt.to_sql(&PostgresDialect)?.0, "UPDATE books SET year = $1, title = CAST(year AS text)");
    /// assert!(stmt.to_sql(&MySqlDialect::default())?.0.starts_with("UPDATE books SET title = CAST(year AS "));
    ///
    /// // Columns that change places have no order in which that is true.
    /// let error = update(Book).set(Book::ID, Book::AUTHOR_ID).set(Book::AUTHOR_ID, Book::ID);
    /// assert!(error.to_sql(&MySqlDialect::default()).is_err());
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` where there is no such order.
    pub fn assignment_order<'n>(
        &self,
        table: &TableMeta,
        assignments: impl IntoIterator<Item = &'n (usize, Node)>,
        conditions: &[Node],
    ) -> Result<Vec<&'n (usize, Node)>> {
        let mut left: Vec<_> = assignments.into_iter().collect();
        if !self.dialect.features().assignments_see_new_values {
            return Ok(left);
        }
        let is_read = |value: &Node, column| {
            let scopes = self.scoped.iter().filter(|it| self.in_conflict && it.is_about(table));
            let mut conditions = conditions.iter().chain(scopes.map(|it| &it.condition));
            reads(value, table, column) || conditions.any(|condition| reads(condition, table, column))
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

    pub(super) fn delete(&mut self, node: &DeleteNode, naming: Naming<'_>) -> Result<()> {
        self.scopes.push(Scope::of_change(node.table, &node.joins)?);
        if !node.marks.is_empty() {
            self.push("UPDATE ").table(node.table)?;
            self.set_where(node.table, &node.joins, &node.marks, &node.filters)?;
            self.scopes.pop();
            let supported = self.dialect.features().update_returning;
            return self.returning_of(
                node.table,
                &node.joins,
                &node.returning,
                naming,
                supported,
                "UPDATE … RETURNING",
            );
        }
        self.push("DELETE ");
        let on = node.joins.iter().filter_map(|join| match &join.on {
            JoinOn::Condition(condition) => Some(condition),
            JoinOn::Relation { .. } => None,
        });
        // What joins the table may not query it besides.
        let is_queried = node.filters.iter().chain(on).any(|it| it.queries(node.table));
        if self.joins_before_set(&node.joins) && !is_queried {
            self.table(node.table)?;
            self.push(" FROM ").table(node.table)?;
            node.joins.iter().try_for_each(|join| self.join(join))?;
            self.conditions_on(" WHERE ", &node.filters, &[&Source::of(node.table)])?;
        } else {
            self.push("FROM ").table(node.table)?;
            let exists =
                self.dialect.features().joined_changes != JoinedChanges::From && !node.joins.is_empty();
            let word = if exists { " WHERE EXISTS (SELECT 1 FROM " } else { " USING " };
            self.joined_conditions(word, node.table, &node.joins, &node.filters)?;
            self.push(if exists { ")" } else { "" });
        }
        self.scopes.pop();
        let supported = self.dialect.features().delete_returning
            && (node.joins.is_empty() || self.dialect.features().joined_changes != JoinedChanges::Join);
        self.returning_of(node.table, &node.joins, &node.returning, naming, supported, "DELETE … RETURNING")
    }

    /// Writes SET, the joined tables, and WHERE.
    fn set_where<'n>(
        &mut self,
        table: &'static TableMeta,
        joins: &[Join],
        assignments: impl IntoIterator<Item = &'n (usize, Node)>,
        filters: &[Node],
    ) -> Result<()> {
        if self.joins_before_set(joins) {
            joins.iter().try_for_each(|join| self.join(join))?;
            self.push(" SET ").assignments_behind(Some(table.name), table, assignments)?;
            return self.conditions_on(" WHERE ", filters, &[&Source::of(table)]);
        }
        let assignments: Vec<_> = assignments.into_iter().collect();
        self.push(" SET ").assignments(table, assignments.iter().copied())?;
        let seen = self.dialect.features().changed_rows_seen == ChangedRows::Everywhere;
        if seen && joins.is_empty() && assignments.iter().any(|(_, value)| value.queries(table)) {
            // With anything in FROM all values are made before the first row changes.
            self.push(" FROM (SELECT 1)");
        }
        self.joined_conditions(" FROM ", table, joins, filters)
    }

    fn joins_before_set(&self, joins: &[Join]) -> bool {
        !joins.is_empty() && self.dialect.features().joined_changes == JoinedChanges::Join
    }

    /// Writes joined tables as a list behind a word, and what ties them among the conditions: there the table that changes can be seen.
    fn joined_conditions(
        &mut self,
        word: &str,
        table: &'static TableMeta,
        joins: &[Join],
        filters: &[Node],
    ) -> Result<()> {
        let mut sources = vec![Source::of(table)];
        if joins.is_empty() {
            return self.conditions_on(" WHERE ", filters, &[&sources[0]]);
        }
        let mut tied = Vec::new();
        for (at, join) in joins.iter().enumerate() {
            self.push(if at == 0 { word } else { ", " });
            if let FromItem::Table(target) = &join.target
                && let Some(middle) = join.on.middle(target)
            {
                self.source(&middle.source)?;
                self.push(", ").source(target)?;
                sources.extend([middle.source, target.clone()]);
                tied.extend([Cow::Owned(middle.near), Cow::Owned(middle.far)]);
                continue;
            }
            self.in_from(&join.target)?;
            sources.extend(join.target.table().cloned());
            tied.push(match (&join.on, &join.target) {
                // Not a copy of it: a parameter is known by where it is.
                (JoinOn::Condition(node), _) => Cow::Borrowed(node),
                (on, FromItem::Table(target)) => Cow::Owned(on.condition(target)?),
                (JoinOn::Relation { relation, .. }, target) => {
                    return Err(leads_to_a_table(relation, target));
                }
            });
        }
        let mut word = " WHERE ";
        for condition in tied.iter().map(|it| &**it).chain(filters) {
            self.push(word).conjunct(condition)?;
            word = " AND ";
        }
        // What ties the first of them stands before.
        self.criteria_behind(&sources)
    }

    /// Writes RETURNING: columns of the table that changed, and of no other.
    fn returning_of(
        &mut self,
        table: &'static TableMeta,
        joins: &[Join],
        items: &[SelectItem],
        naming: Naming<'_>,
        supported: bool,
        construct: &str,
    ) -> Result<()> {
        self.scopes.push(if joins.is_empty() {
            Scope::of_table(table)
        } else {
            Scope::of_sources([&Source::of(table)])
        });
        self.returning(table, items, naming, supported, construct)?;
        self.scopes.pop();
        Ok(())
    }

    pub(super) fn returning(
        &mut self,
        table: &TableMeta,
        items: &[SelectItem],
        naming: Naming<'_>,
        supported: bool,
        construct: &str,
    ) -> Result<()> {
        if items.is_empty() {
            return Ok(());
        }
        if !supported {
            return Err(self
                .unsupported(construct)
                .help("read the rows with a SELECT in the same transaction"));
        }
        let is_changing =
            |it: &SelectItem| matches!(it, SelectItem::Expression { node, .. } if node.queries(table));
        let changing = items.iter().any(is_changing);
        if changing && self.dialect.features().changed_rows_seen != ChangedRows::Nowhere {
            return Err(self
                .unsupported(&format!("RETURNING of a query that reads `{}`, which is changing", table.name))
                .with_table(table.name)
                .help("it would see some rows as they were and others as they are; read them with a SELECT in the same transaction"));
        }
        self.push(" RETURNING ");
        self.items(items, naming, None)
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
fn reads(node: &Node, table: &TableMeta, column: usize) -> bool {
    node.any(&mut |it| match it {
        Node::Column(it) => it.column == column && it.source.table == table && it.source.alias.is_none(),
        Node::Text(_) => true,
        it => it.has_query(),
    })
}
