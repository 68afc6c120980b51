//! WITH: the common table expressions of a statement, before it.

use super::select::Naming;
use super::{Compiler, decimals};
use crate::cte::{CteNode, Duplicates};
use crate::error::{Error, ErrorKind, Result};
use crate::query::QueryNode;
use crate::structure::StatementRef;

impl Compiler<'_> {
    pub(super) fn with(&mut self, statement: StatementRef<'_>, ctes: &[&CteNode]) -> Result<()> {
        let changes = matches!(statement.explained(), StatementRef::Update(_) | StatementRef::Delete(_));
        if changes && !ctes.is_empty() && !self.dialect.features().with_before_change {
            return Err(self
                .unsupported("WITH before UPDATE or DELETE")
                .help("use `.subquery(…)` instead of `.cte(…)`, or select the keys first"));
        }
        self.ctes(ctes)
    }

    /// Writes the CTEs, if there are any.
    pub(super) fn ctes(&mut self, ctes: &[&CteNode]) -> Result<()> {
        if ctes.is_empty() {
            return Ok(());
        }
        // Known from the beginning: within WITH RECURSIVE each is visible to all.
        for cte in ctes {
            if self.ctes.contains(&cte.name) {
                return Err(Error::new(
                    ErrorKind::Compile,
                    format!("two CTEs of the statement are named `{}`", cte.name),
                )
                .help("give one of them another name, or use the same one twice"));
            }
            self.ctes.push(cte.name.clone());
        }
        let recursive = ctes.iter().any(|cte| cte.recursive.is_some());
        for (at, cte) in ctes.iter().enumerate() {
            self.push(match at {
                0 if recursive => "WITH RECURSIVE ",
                0 => "WITH ",
                _ => ", ",
            });
            self.cte(cte)?;
        }
        self.push(" ");
        Ok(())
    }

    fn cte(&mut self, CteNode { name, query, recursive, materialized }: &CteNode) -> Result<()> {
        self.own_name(name)?;
        self.push(" AS ");
        // It is a hint that changes no row.
        if let Some(materialized) = materialized
            && self.dialect.features().materialized
        {
            self.push(if *materialized { "MATERIALIZED " } else { "NOT MATERIALIZED " });
        }
        self.push("(");
        let columns = query.columns();
        match recursive {
            None => self.query(query, Naming::Unique(&columns))?,
            Some(_) if matches!(query, QueryNode::Change(_)) => return Err(recursive_change(name)),
            Some((more, duplicates)) => {
                self.check_scales_of_recursion(query, more)?;
                self.part(query, Naming::RecursiveStart(&columns))?;
                self.push(match duplicates {
                    Duplicates::Keep => " UNION ALL ",
                    Duplicates::Drop => " UNION ",
                });
                self.part(more, Naming::Natural)?;
            }
        }
        self.push(")");
        Ok(())
    }

    /// Refuses decimals that a recursive query would round, or take for others, where their digits are those of its first rows.
    fn check_scales_of_recursion(&self, first: &QueryNode, later: &QueryNode) -> Result<()> {
        let scales = |query: &QueryNode| decimals::of_items(query.items());
        if !self.dialect.features().fixed_scale_of_recursion || scales(first) == scales(later) {
            return Ok(());
        }
        Err(self
            .unsupported("recursive query whose decimals get other numbers of digits behind the point")
            .help("they have as many as those of its first rows: begin with a column of that `scale`"))
    }

    /// Refuses a table that a CTE of the same name hides.
    pub(super) fn check_not_hidden(&self, table: &crate::TableMeta) -> Result<()> {
        if self.schema_of(table).is_none() && self.ctes.iter().any(|name| name == table.name) {
            return Err(Error::new(
                ErrorKind::Compile,
                format!(
                    "the CTE `{}` hides the table of the same name, which the statement uses too",
                    table.name
                ),
            )
            .with_table(table.name)
            .help("give the CTE another name"));
        }
        Ok(())
    }
}

#[cold]
fn recursive_change(name: &str) -> Error {
    Error::new(ErrorKind::Compile, format!("the CTE `{name}` changes rows, and cannot be recursive"))
        .help("find the rows with a recursive query, and change those that it finds")
}
