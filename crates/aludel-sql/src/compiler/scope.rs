//! Which tables and queries a statement may name.

mod messages;

use std::borrow::Cow;

use crate::column::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::from::{FromItem, FromRef};
use crate::mapping::TableMeta;
use crate::node::Node;
use crate::select::{Join, JoinKind, JoinOn, SelectNode};
use crate::selection::SelectItem;
use crate::subquery::OutputColumn;

use super::column_ref::ColumnRef;
use super::is_count_star;
use super::nullability::{Cause, may_be_null};

use messages::{named_twice, no_such_column, wrong_start};

/// What is in FROM.
pub(super) struct Scope {
    /// Each table or query, and whether all its columns may be NULL because it was outer-joined.
    sources: Vec<(FromItem, bool)>,
    /// Whether columns are written with their table.
    pub(super) qualified: bool,
    /// What is compiled from here on, if it cannot see the tables around it.
    barrier: Option<String>,
    /// The names given to what is selected, and whether it may be NULL.
    labels: Vec<(Cow<'static, str>, bool)>,
    /// What rows are grouped by on some levels only, and NULL on the others.
    subtotal_keys: Vec<Node>,
}

impl Scope {
    /// The one table of an UPDATE or DELETE.
    pub(super) fn of_table(table: &'static TableMeta) -> Self {
        Self { qualified: false, ..Self::of_sources([&Source::of(table)]) }
    }

    /// The table of an UPDATE or DELETE, and those that are joined to it.
    pub(super) fn of_change(table: &'static TableMeta, joins: &[Join]) -> Result<Self> {
        if joins.is_empty() {
            return Ok(Self::of_table(table));
        }
        let mut scope = Self::of_sources([&Source::of(table)]);
        scope.add_joins(joins)?;
        if let Some(source) = scope.named_twice() {
            return Err(Error::new(
                ErrorKind::Compile,
                format!("`{}` is joined to a table of the same name", source.name()),
            )
            .help("give one of them another name: `alias(Entity, \"…\")`"));
        }
        Ok(scope)
    }

    fn add_joins(&mut self, joins: &[Join]) -> Result<()> {
        for join in joins {
            let outer = join.kind != JoinKind::Inner;
            // Then what is there already may have no partner, either.
            if join.kind == JoinKind::FullOuter {
                self.sources.iter_mut().for_each(|(_, outer)| *outer = true);
            }
            if let (JoinOn::Relation { from, relation }, Some(target)) = (&join.on, join.target.table()) {
                if !self.has_table(from) {
                    return Err(wrong_start(self, from, relation, target));
                }
                let middle = join.on.middle(target);
                self.sources.extend(middle.map(|middle| (middle.source.into(), outer)));
            }
            self.sources.push((join.target.clone(), outer));
        }
        Ok(())
    }

    /// Returns what has the name of something before it.
    fn named_twice(&self) -> Option<&FromItem> {
        let sources = self.sources.iter().map(|(source, _)| source);
        let before = |at: usize, name: &str| self.sources[..at].iter().any(|(it, _)| it.name() == name);
        sources.enumerate().find(|(at, source)| before(*at, source.name())).map(|(_, source)| source)
    }

    /// These tables.
    pub(super) fn of_sources<const N: usize>(sources: [&Source; N]) -> Self {
        let sources = sources.map(|source| (source.clone().into(), false)).into();
        Self { sources, qualified: true, barrier: None, labels: Vec::new(), subtotal_keys: Vec::new() }
    }

    /// The columns of a result, for what stands behind several queries as one.
    pub(super) fn of_outputs(columns: &[OutputColumn]) -> Self {
        let labels = columns.iter().map(|column| (column.name.clone(), column.nullable)).collect();
        Self { labels, ..Self::of_sources([]) }
    }

    /// No table, and none of those around can be seen.
    pub(super) fn barrier(what: String) -> Self {
        Self { barrier: Some(what), ..Self::of_sources([]) }
    }

    /// What is in FROM of a SELECT.
    pub(super) fn of_select(node: &SelectNode) -> Result<Self> {
        let mut scope = Self::of_sources([]);
        match node.first_from() {
            Some(from) => scope.sources.push((from.to_item(), false)),
            None => {
                let counts = node.items.iter().any(
                    |item| matches!(item, SelectItem::Expression { node, .. } if node.any(&mut is_count_star)),
                );
                if counts || !node.joins.is_empty() {
                    return Err(Error::new(
                        ErrorKind::Compile,
                        "the statement has no FROM: nothing selected is a column",
                    )
                    .help("name the table: `.select_from(Entity)`"));
                }
            }
        }
        scope.add_joins(&node.joins)?;
        if let Some(source) = scope.named_twice() {
            return Err(named_twice(source, node));
        }
        scope.subtotal_keys.extend(node.subtotal_keys().cloned());
        for item in &node.items {
            if let SelectItem::Expression { node, label: Some(label), optional, .. } = item {
                scope.labels.push((label.clone(), *optional || scope.may_be_null(node)));
            }
        }
        Ok(scope)
    }

    /// Returns what is first in FROM.
    pub(super) fn first(&self) -> Option<&FromItem> {
        self.sources.first().map(|(source, _)| source)
    }

    /// Tells whether the table or query of a column is in FROM.
    pub(super) fn has(&self, column: ColumnRef<'_>) -> bool {
        self.find(column).is_some()
    }

    pub(super) fn has_table(&self, wanted: &Source) -> bool {
        self.sources.iter().any(|(source, _)| source.table() == Some(wanted))
    }

    /// Finds the table or query of a column, and whether it was outer-joined.
    fn find(&self, column: ColumnRef<'_>) -> Option<(FromRef<'_>, bool)> {
        let is_it = |source: &FromItem| match (source, column) {
            (FromItem::Table(source), ColumnRef::Table(column)) => *source == column.source,
            (FromItem::Query(query), ColumnRef::Query(column)) => *query == column.from,
            _ => false,
        };
        let (source, outer) = self.sources.iter().find(|(source, _)| is_it(source))?;
        Some((source.as_ref(), *outer))
    }

    /// Checks that a query in FROM has such a column.
    pub(super) fn check(column: ColumnRef<'_>) -> Result<()> {
        match column {
            ColumnRef::Query(column) if column.index.is_none() => Err(no_such_column(column)),
            _ => Ok(()),
        }
    }

    /// Checks that a column of a statement around this one can be seen from here.
    pub(super) fn check_visible(&self, column: ColumnRef<'_>) -> Result<()> {
        let name = column.source();
        let seen = format!("`{name}.{}`", column.name());
        if let Some(barrier) = &self.barrier {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("{seen} is of a statement around {barrier}, which cannot see it"),
            )
            .help("join the table in that query, or compare the column outside of it"));
        }
        if self.sources.iter().any(|(source, _)| source.name() == name) {
            return Err(Error::new(
                ErrorKind::Compile,
                format!("{seen} is of a statement around this one, but here `{name}` is another table"),
            )
            .help("give one of them another name: `alias(Entity, \"…\")`"));
        }
        Ok(())
    }

    /// Checks that a column that may be NULL is read as an `Option`.
    fn check_nullable(&self, column: ColumnRef<'_>, optional: bool) -> Result<()> {
        if optional {
            return Ok(());
        }
        let why = if self.is_outer(column) {
            "is selected from an outer join, where it may be NULL"
        } else if self.is_left_out(column) {
            "is selected from groups that are not all grouped by it, where it may be NULL"
        } else if column.is_nullable_output() {
            "may be NULL in the query that it comes from"
        } else {
            return Ok(());
        };
        let column = column.spelled();
        Err(Error::new(ErrorKind::Compile, format!("`{column}` {why}, but not as an `Option`"))
            .help(format!("select `{column}.nullable()`")))
    }

    /// Checks that an entity of the nullable side of an outer join is read as an `Option`.
    pub(super) fn check_nullable_entity(&self, source: &Source, optional: bool) -> Result<()> {
        let outer = self.sources.iter().any(|(it, outer)| *outer && it.table() == Some(source));
        if optional || !outer {
            return Ok(());
        }
        let entity = source.alias.as_deref().unwrap_or(source.table.entity);
        Err(Error::new(
            ErrorKind::Compile,
            format!(
                "`{entity}` is selected from an outer join, where it may be missing, but not as an `Option`"
            ),
        )
        .help(format!("select `optional({entity})`")))
    }

    /// Checks that an expression with a column of the nullable side of an outer join is read as an `Option`.
    pub(super) fn check_nullable_expression(&self, node: &Node, optional: bool) -> Result<()> {
        if let Some(column) = ColumnRef::of(node) {
            return self.check_nullable(column, optional);
        }
        if !optional && self.subtotal_keys.contains(node) {
            return Err(Error::new(
                ErrorKind::Compile,
                "an expression is selected from groups that are not all grouped by it, where it may be NULL, but not as an `Option`",
            )
            .help("put `.nullable()` behind the expression"));
        }
        let mut missing = None;
        let by_join = |cause: Cause<'_>| {
            if let Cause::Column(column) = cause
                && (self.is_outer(column) || self.is_left_out(column))
            {
                missing = Some((column.spelled(), self.is_outer(column)));
            }
            missing.is_some()
        };
        if optional || !may_be_null(node, &mut { by_join }) {
            return Ok(());
        }
        let (column, outer) = missing.unwrap_or_default();
        let place = if outer { "an outer join" } else { "groups that are not all grouped by it" };
        Err(Error::new(
            ErrorKind::Compile,
            format!(
                "an expression with `{column}` is selected from {place}, where it may be NULL, but not as an `Option`"
            ),
        )
        .help("put `.nullable()` behind the expression, or `coalesce` the column"))
    }

    /// Tells whether an expression may be NULL, or a label's.
    pub(super) fn may_be_null(&self, node: &Node) -> bool {
        if let Node::Label(name) = node {
            return self.labels.iter().find(|(label, _)| label == name).is_none_or(|(_, nullable)| *nullable);
        }
        let by_column =
            |column: ColumnRef<'_>| column.is_nullable() || self.is_outer(column) || self.is_left_out(column);
        self.subtotal_keys.contains(node)
            || may_be_null(node, &mut |cause| match cause {
                Cause::Column(column) => by_column(column),
                Cause::Operation => true,
            })
    }

    fn is_outer(&self, column: ColumnRef<'_>) -> bool {
        self.find(column).is_some_and(|(_, outer)| outer)
    }

    fn is_left_out(&self, column: ColumnRef<'_>) -> bool {
        self.subtotal_keys.iter().any(|key| match (key, column) {
            (Node::Column(key), ColumnRef::Table(column)) => key == column,
            (Node::Derived(key), ColumnRef::Query(column)) => key == column,
            _ => false,
        })
    }
}
