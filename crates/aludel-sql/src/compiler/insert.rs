//! INSERT, with what it does about rows that are there already.

use super::Compiler;
use super::change::check_assignments;
use super::scope::Scope;
use super::select::Naming;
use crate::column::Source;
use crate::cte::CteNode;
use crate::dialect::ChangedRows;
use crate::error::{Error, ErrorKind, Result};
use crate::insert::{InsertNode, InsertSource, RefusedRows};
use crate::mapping::TableMeta;
use crate::node::{ColumnNode, Param};
use crate::query::QueryNode;
use crate::upsert::{Conflict, ConflictAction};

impl Compiler<'_> {
    pub(super) fn insert(&mut self, node: &InsertNode, ctes: &[&CteNode], naming: Naming<'_>) -> Result<()> {
        if let Some(refused) = &node.refused {
            return Err(refused_rows(node.table, refused));
        }
        let before = self.dialect.features().with_before_change;
        if before {
            self.ctes(ctes)?;
        }
        self.push("INSERT INTO ").table(node.table)?;
        match &node.source {
            InsertSource::Rows(_) if !before && !ctes.is_empty() => {
                return Err(self.unsupported("WITH before INSERT … VALUES"));
            }
            InsertSource::Rows(rows) if node.columns.is_empty() => {
                debug_assert_eq!(rows.len(), 1, "rows without columns stand alone");
                self.dialect.default_values(self)?;
            }
            InsertSource::Rows(rows) => {
                self.column_names(node.table, &node.columns)?;
                self.rows(node, rows)?;
            }
            InsertSource::Query(query) => {
                self.column_names(node.table, &node.columns)?;
                self.push(" ");
                if !before {
                    self.ctes(ctes)?;
                }
                self.inserted_query(query, !node.conflicts.is_empty())?;
            }
        }
        self.conflicts(node)?;
        self.scopes.push(Scope::of_table(node.table));
        let supported = self.dialect.features().insert_returning;
        self.returning(node.table, &node.returning, naming, supported, "INSERT … RETURNING")?;
        self.scopes.pop();
        Ok(())
    }

    fn column_names(&mut self, table: &TableMeta, columns: &[usize]) -> Result<()> {
        for (at, column) in columns.iter().enumerate() {
            self.push(if at == 0 { " (" } else { ", " }).identifier(table.columns[*column].name)?;
        }
        self.push(")");
        Ok(())
    }

    fn rows(&mut self, node: &InsertNode, rows: &[Vec<Param>]) -> Result<()> {
        self.push(" VALUES ");
        for (at, row) in rows.iter().enumerate() {
            self.push(if at == 0 { "(" } else { ", (" });
            for (at, (param, column)) in row.iter().zip(&node.columns).enumerate() {
                if at > 0 {
                    self.push(", ");
                }
                self.param_part(param, node.table.columns[*column].sql_type, super::Part::Whole);
            }
            self.push(")");
        }
        Ok(())
    }

    fn inserted_query(&mut self, query: &QueryNode, conflict: bool) -> Result<()> {
        if !conflict || self.dialect.features().conflict_behind_select {
            return self.query(query, Naming::Natural);
        }
        // Otherwise ON would be taken for that of a join.
        self.push("SELECT * FROM (");
        self.query(query, Naming::Unique(&query.columns()))?;
        self.push(") AS selected WHERE true");
        Ok(())
    }

    fn conflicts(&mut self, node: &InsertNode) -> Result<()> {
        if node.conflicts.len() > 1 && !self.dialect.features().several_conflict_targets {
            return Err(self
                .unsupported("upsert with several ON CONFLICT clauses")
                .help("name one key; rows that hit another are to be looked for with a SELECT before"));
        }
        if let Some((_, before)) = node.conflicts.split_last()
            && before.iter().any(|it| it.target.is_none())
        {
            return Err(Error::new(
                ErrorKind::Compile,
                "an upsert goes on behind what is done about any key",
            )
            .with_table(node.table.name)
            .help("put `.or_do_nothing()` behind the other clauses"));
        }
        node.conflicts.iter().try_for_each(|it| self.conflict(node, it))
    }

    fn conflict(&mut self, node: &InsertNode, conflict: &Conflict) -> Result<()> {
        if let Some(target) = &conflict.target
            && node.table.unique_key(target).is_none()
        {
            return Err(not_unique(node.table, target));
        }
        if let ConflictAction::Update { assignments, filters } = &conflict.action {
            check_assignments(node.table, assignments, "upsert")?;
            let several = !matches!(&node.source, InsertSource::Rows(rows) if rows.len() == 1);
            let mut values = assignments.iter().map(|(_, value)| value).chain(filters);
            if several
                && self.dialect.features().changed_rows_seen != ChangedRows::Nowhere
                && values.any(|it| it.queries(node.table))
            {
                return Err(self
                    .unsupported(&format!("upsert of several rows with a query that reads `{}`", node.table.name))
                    .with_table(node.table.name)
                    .help("it would see the rows that were inserted or changed before; insert the rows one by one, or run the query first"));
            }
        }
        self.scopes.push(Scope::of_sources([&Source::of(node.table)]));
        self.in_conflict = true;
        self.dialect.on_conflict(self, node, conflict)?;
        self.in_conflict = false;
        self.scopes.pop();
        Ok(())
    }

    pub(super) fn excluded(&mut self, column: &ColumnNode) -> Result<()> {
        let table = column.source.table;
        if !self.in_conflict {
            let constant = super::column_ref::spelled(column);
            return Err(Error::new(
                ErrorKind::Compile,
                format!("`excluded({constant})` is used outside of an upsert"),
            )
            .help("it is the row that `insert(…).on_conflict(…).do_update(…)` was to insert"));
        }
        self.dialect.excluded(self, table.columns[column.column].name)
    }
}

#[cold]
fn refused_rows(table: &TableMeta, refused: &RefusedRows) -> Error {
    match refused {
        RefusedRows::NeedSession(relation) => Error::new(
            ErrorKind::State,
            format!("a row for `{}` gives `{relation}` as an object", table.name),
        )
        .help("only a session knows objects: use `session.add`, or give the foreign key"),
        RefusedRows::SameKey(key) => Error::new(
            ErrorKind::Compile,
            format!(
                "two rows of the upsert have the same {}: it would change one row twice",
                names(table, key)
            ),
        )
        .help("leave one of them out"),
    }
    .with_table(table.name)
}

#[cold]
fn not_unique(table: &TableMeta, target: &[usize]) -> Error {
    Error::new(
        ErrorKind::Compile,
        format!("ON CONFLICT needs a unique key, and {} of `{}` is none", names(table, target), table.name),
    )
    .with_table(table.name)
    .help("declare it: `#[column(unique)]`, or `#[entity(unique(a, b))]` for several columns")
}

/// Makes the error of rows that are not one statement.
#[cold]
pub(super) fn several_statements(nodes: &[InsertNode]) -> Error {
    match nodes.len() {
        0 => Error::new(ErrorKind::Compile, "the INSERT has no rows").help("add some with `.values(…)`"),
        several => Error::new(ErrorKind::Compile, format!("the INSERT takes {several} statements"))
            .help("rows that give other columns, or are more than a statement takes, are sent apart; execute it by itself"),
    }
}

fn names(table: &TableMeta, columns: &[usize]) -> String {
    let names: Vec<_> = columns.iter().map(|it| format!("`{}`", table.columns[*it].name)).collect();
    names.join(", ")
}
