//! Which tables a statement may name, and the messages where it names another.

use std::borrow::Cow;

use crate::column::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::mapping::{RelationMeta, TableMeta};
use crate::node::{ColumnNode, Node};
use crate::select::{JoinKind, JoinOn, SelectNode};
use crate::selection::SelectItem;

use super::is_count_star;
use super::nullability::{Cause, may_be_null};

/// The tables in FROM.
pub(super) struct Scope {
    /// Each table, and whether all its columns may be NULL because it was outer-joined.
    sources: Vec<(Source, bool)>,
    /// Whether columns are written with their table.
    pub(super) qualified: bool,
    /// What is compiled from here on, if it cannot see the tables around it.
    barrier: Option<String>,
    /// The names given to what is selected, and whether it may be NULL.
    labels: Vec<(Cow<'static, str>, bool)>,
}

impl Scope {
    /// The one table of an UPDATE or DELETE.
    pub(super) fn of_table(table: &'static TableMeta) -> Self {
        Self { qualified: false, ..Self::of_sources([&Source::of(table)]) }
    }

    /// These tables.
    pub(super) fn of_sources<const N: usize>(sources: [&Source; N]) -> Self {
        let sources = sources.map(|source| (source.clone(), false)).into();
        Self { sources, qualified: true, barrier: None, labels: Vec::new() }
    }

    /// No table, and none of those around can be seen.
    pub(super) fn barrier(what: String) -> Self {
        Self { barrier: Some(what), ..Self::of_sources([]) }
    }

    /// The tables of a SELECT.
    pub(super) fn of_select(node: &SelectNode) -> Result<Self> {
        let mut sources = Vec::with_capacity(1 + node.joins.len());
        match node.from.clone().or_else(|| node.items.iter().find_map(item_source)) {
            Some(from) => sources.push((from, false)),
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
        for join in &node.joins {
            if let JoinOn::Relation { from, relation } = &join.on
                && !sources.iter().any(|(source, _)| source == from)
            {
                return Err(wrong_start(&sources, from, relation, &join.target));
            }
            let outer = join.kind == JoinKind::LeftOuter;
            sources.extend(join.on.middle(&join.target).map(|middle| (middle.source, outer)));
            sources.push((join.target.clone(), outer));
        }
        for (at, (source, _)) in sources.iter().enumerate() {
            if sources[..at].iter().any(|(other, _)| other.name() == source.name()) {
                return Err(named_twice(source, node));
            }
        }
        let mut scope = Self { sources, ..Self::of_sources([]) };
        for item in &node.items {
            if let SelectItem::Expression { node, label: Some(label), optional } = item {
                scope.labels.push((label.clone(), *optional || scope.may_be_null(node)));
            }
        }
        Ok(scope)
    }

    /// Returns the first table of FROM.
    pub(super) fn first(&self) -> Option<&Source> {
        self.sources.first().map(|(source, _)| source)
    }

    /// Tells whether a table is in FROM.
    pub(super) fn has(&self, wanted: &Source) -> bool {
        self.sources.iter().any(|(source, _)| source == wanted)
    }

    /// Checks that a column of a statement around this one can be seen from here.
    pub(super) fn check_visible(&self, column: &ColumnNode) -> Result<()> {
        let name = column.source.name();
        let seen = format!("`{name}.{}`", column.source.table.columns[column.column].name);
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

    /// Checks that a column of the nullable side of an outer join is read as an `Option`.
    pub(super) fn check_nullable(&self, column: &ColumnNode, optional: bool) -> Result<()> {
        if optional || !self.is_nullable(&column.source) {
            return Ok(());
        }
        let column = spelled(column);
        Err(Error::new(
            ErrorKind::Compile,
            format!(
                "`{column}` is selected from an outer join, where it may be NULL, but not as an `Option`"
            ),
        )
        .help(format!("select `{column}.nullable()`")))
    }

    /// Checks that an entity of the nullable side of an outer join is read as an `Option`.
    pub(super) fn check_nullable_entity(&self, source: &Source, optional: bool) -> Result<()> {
        if optional || !self.is_nullable(source) {
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
        if let Node::Column(column) = node {
            return self.check_nullable(column, optional);
        }
        let mut missing = None;
        let by_join = |cause: Cause<'_>| {
            if let Cause::Column(column) = cause
                && self.is_nullable(&column.source)
            {
                missing = Some(spelled(column));
            }
            missing.is_some()
        };
        if optional || !may_be_null(node, &mut { by_join }) {
            return Ok(());
        }
        let column = missing.unwrap_or_default();
        Err(Error::new(
            ErrorKind::Compile,
            format!(
                "an expression with `{column}` is selected from an outer join, where it may be NULL, but not as an `Option`"
            ),
        )
        .help("put `.nullable()` behind the expression, or `coalesce` the column"))
    }

    /// Tells whether an expression may be NULL, or a label's.
    pub(super) fn may_be_null(&self, node: &Node) -> bool {
        if let Node::Label(name) = node {
            return self.labels.iter().find(|(label, _)| label == name).is_none_or(|(_, nullable)| *nullable);
        }
        may_be_null(node, &mut |cause| match cause {
            Cause::Column(ColumnNode { source, column }) => {
                source.table.columns[*column].nullable || self.is_nullable(source)
            }
            Cause::Operation => true,
        })
    }

    fn is_nullable(&self, source: &Source) -> bool {
        self.sources.iter().any(|(it, nullable)| it == source && *nullable)
    }

    #[cold]
    pub(super) fn not_in_from(&self, column: &ColumnNode) -> Error {
        let ColumnNode { source, column: index } = column;
        let there: Vec<_> = self.sources.iter().map(|(it, _)| it.name()).collect();
        let what = format!(
            "`{}.{}` is used, but `{0}` is not in FROM ({})",
            source.name(),
            source.table.columns[*index].name,
            if there.is_empty() { "which is empty".to_owned() } else { there.join(", ") }
        );
        Error::new(ErrorKind::Compile, what)
            .with_table(source.table.name)
            .help(self.missing_join(source, column))
    }

    /// Says which join is missing: along a relation where there is one, else along a foreign key, else any.
    fn missing_join(&self, wanted: &Source, column: &ColumnNode) -> String {
        if !self.qualified {
            return "an UPDATE or DELETE may only use columns of its own table".to_owned();
        }
        let table = wanted.table;
        let name = wanted.alias.as_deref().unwrap_or(table.entity);
        if self.sources.is_empty() {
            return format!("name the table: `.select_from({name})`");
        }
        if let Some((other, _)) = self.sources.iter().find(|(it, _)| it.table == table)
            && wanted.alias.is_none()
        {
            let there = ColumnNode { source: other.clone(), column: column.column };
            return format!("it is there under another name: use `{}`", spelled(&there));
        }
        for (source, _) in &self.sources {
            let leads_there = |it: &&crate::RelationMeta| *(it.target)() == *table;
            if let Some(relation) = source.table.relations.iter().find(leads_there) {
                let relation = format!("{}::{}", source.table.entity, relation.name.to_uppercase());
                let from = match &source.alias {
                    Some(alias) => format!("{alias}.rel({relation})"),
                    None => relation,
                };
                let to = wanted.alias.as_ref().map(|alias| format!(".to({alias})")).unwrap_or_default();
                return format!("add `.join({from}{to})`");
            }
        }
        for (source, _) in &self.sources {
            for (child, parent) in [(wanted, source), (source, wanted)] {
                let refers = |it: &crate::ColumnMeta| {
                    it.foreign_key.is_some_and(|key| *(key.table)() == *parent.table)
                };
                if let Some(column) = child.table.columns.iter().position(refers)
                    && let Some(reference) = child.table.columns[column].foreign_key
                {
                    let child = ColumnNode { source: child.clone(), column };
                    let parent = ColumnNode { source: parent.clone(), column: reference.column };
                    return format!("add `.join_on({name}, {}.eq({}))`", spelled(&child), spelled(&parent));
                }
            }
        }
        format!("add `.join_on({name}, …)` with the condition that ties the tables together")
    }
}

/// Makes the error of two tables under one name.
#[cold]
fn named_twice(source: &Source, node: &SelectNode) -> Error {
    let error = Error::new(ErrorKind::Compile, format!("`{}` is in FROM twice", source.name()));
    let entity = source.table.entity;
    let along = node.joins.iter().find_map(|join| match &join.on {
        JoinOn::Relation { from, relation } if join.target == *source => Some((from, relation)),
        _ => None,
    });
    error.help(match along {
        Some((from, relation)) if from.table == source.table => {
            let relation = relation.name;
            format!(
                "give the other one a name: `let {relation} = alias({entity}, \"{relation}\")`, and join along `{entity}::{}.to({relation})`",
                relation.to_uppercase()
            )
        }
        _ => format!(
            "join it once, and put both conditions into that join; or give the other one a name: `alias({entity}, \"…\")`"
        ),
    })
}

/// Makes the error of a join along a relation of a table that is not there.
#[cold]
fn wrong_start(sources: &[(Source, bool)], from: &Source, relation: &RelationMeta, target: &Source) -> Error {
    let there: Vec<_> = sources.iter().map(|(it, _)| it.name()).collect();
    let entity = from.table.entity;
    let back = relation.inverse.and_then(|it| target.table.relations.get(it));
    let instead = match back {
        Some(back) if sources.iter().any(|(it, _)| it == target) => {
            format!("join along `{}::{}`", target.table.entity, back.name.to_uppercase())
        }
        _ => format!("join `{entity}` before it"),
    };
    Error::new(
        ErrorKind::Compile,
        format!(
            "the join along `{entity}::{}` starts from `{}`, which is not in FROM ({})",
            relation.name.to_uppercase(),
            from.name(),
            there.join(", ")
        ),
    )
    .with_table(from.table.name)
    .help(format!("{instead}, or begin with `.select_from({entity})`"))
}

/// Writes a column as a program does: `Employee::NAME`, `boss.col(Employee::NAME)`.
pub(super) fn spelled(column: &ColumnNode) -> String {
    let table = column.source.table;
    let constant = format!("{}::{}", table.entity, table.columns[column.column].field.to_uppercase());
    match &column.source.alias {
        Some(alias) => format!("{alias}.col({constant})"),
        None => constant,
    }
}

/// Returns the table of the first column in a selected item.
fn item_source(item: &SelectItem) -> Option<Source> {
    match item {
        SelectItem::Entity { source, .. } => Some(source.clone()),
        SelectItem::Expression { node, .. } => node_source(node),
    }
}

fn node_source(node: &Node) -> Option<Source> {
    let mut found = None;
    node.any(&mut |it| {
        if let Node::Column(column) = it {
            found = Some(column.source.clone());
        }
        found.is_some()
    });
    found
}
