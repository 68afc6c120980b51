//! What is said where a statement names a table or column that is not there.

use super::Scope;
use crate::column::Source;
use crate::compiler::column_ref::{ColumnRef, spelled};
use crate::error::{Error, ErrorKind};
use crate::from::FromItem;
use crate::mapping::RelationMeta;
use crate::node::ColumnNode;
use crate::select::{JoinOn, SelectNode};
use crate::subquery::DerivedColumn;

impl Scope {
    #[cold]
    pub(in crate::compiler) fn not_in_from(&self, column: ColumnRef<'_>) -> Error {
        let (name, there) = (column.source(), self.names());
        let error = Error::new(
            ErrorKind::Compile,
            format!(
                "`{name}.{}` is used, but `{name}` is not in FROM ({})",
                column.name(),
                if there.is_empty() { "which is empty" } else { &there }
            ),
        );
        match column {
            ColumnRef::Table(column) => {
                error.with_table(column.source.table.name).help(self.missing_join(&column.source, column))
            }
            ColumnRef::Query(_) => {
                error.help(format!("add `.join_on(&{name}, …)`, or `.select_from(&{name})`"))
            }
        }
    }

    fn names(&self) -> String {
        self.sources.iter().map(|(it, _)| it.name()).collect::<Vec<_>>().join(", ")
    }

    fn tables(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter().filter_map(|(it, _)| it.table())
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
        if let Some(other) = self.tables().find(|it| it.table == table)
            && wanted.alias.is_none()
        {
            let there = ColumnNode { source: other.clone(), column: column.column };
            return format!("it is there under another name: use `{}`", spelled(&there));
        }
        for source in self.tables() {
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
        for source in self.tables() {
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
pub(super) fn named_twice(source: &FromItem, node: &SelectNode) -> Error {
    let error = Error::new(ErrorKind::Compile, format!("`{}` is in FROM twice", source.name()));
    let FromItem::Table(source) = source else {
        return error.help("give one of them another name");
    };
    let entity = source.table.entity;
    let along = node.joins.iter().find_map(|join| match &join.on {
        JoinOn::Relation { from, relation } if join.target.table() == Some(source) => Some((from, relation)),
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
pub(super) fn wrong_start(scope: &Scope, from: &Source, relation: &RelationMeta, target: &Source) -> Error {
    let entity = from.table.entity;
    let back = relation.inverse.and_then(|it| target.table.relations.get(it));
    let instead = match back {
        Some(back) if scope.has_table(target) => {
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
            scope.names()
        ),
    )
    .with_table(from.table.name)
    .help(format!("{instead}, or begin with `.select_from({entity})`"))
}

/// Makes the error of a column that a query in FROM does not have.
#[cold]
pub(super) fn no_such_column(column: &DerivedColumn) -> Error {
    let DerivedColumn { from, name, .. } = column;
    let there: Vec<_> = from.columns.iter().map(|it| format!("`{}`", it.name)).collect();
    Error::new(ErrorKind::Compile, format!("`{}` has no column `{name}`", from.name))
        .help(format!("it has {}; select it there, or give it a `label`", there.join(", ")))
}
