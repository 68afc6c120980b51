//! Statements within statements.

use super::Compiler;
use super::scope::Scope;
use super::select::Naming;
use crate::error::{Error, ErrorKind, Result};
use crate::node::Node;
use crate::query::QueryNode;
use crate::related::RelatedNode;
use crate::select::JoinOn;
use crate::subquery::{Body, Derived, OutputColumn};

impl Compiler<'_> {
    pub(super) fn query(&mut self, query: &QueryNode, naming: Naming<'_>) -> Result<()> {
        match query {
            QueryNode::Select(node) => self.select(node, naming),
            QueryNode::Compound(node) => self.compound(node, naming),
            QueryNode::Change(node) => self.change_in_with(node, naming),
        }
    }

    /// Writes a query in FROM with its name.
    pub(super) fn derived(&mut self, derived: &Derived) -> Result<()> {
        match &derived.body {
            Body::Subquery(query) => {
                self.push("(");
                self.apart("a query in FROM".to_owned(), |it| {
                    it.query(query, Naming::Unique(&derived.columns))
                })?;
                self.push(") AS ").own_name(&derived.name)
            }
            Body::Cte(cte) => self.renamed(&cte.name, &derived.name),
            Body::Itself(name) => self.renamed(name, &derived.name),
            Body::Values(rows) => {
                let columns = &derived.columns;
                let is_again = |(at, column): (usize, &OutputColumn)| {
                    columns[..at].iter().any(|it| it.name == column.name)
                };
                if let Some(at) = columns.iter().enumerate().position(is_again) {
                    let (table, name) = (&derived.name, &columns[at].name);
                    return Err(Error::new(
                        ErrorKind::Compile,
                        format!("two columns of the values `{table}` are named `{name}`"),
                    )
                    .help("give one of them a name of its own: `column::<T>(\"…\")`"));
                }
                self.dialect.values(self, columns, rows, &derived.name)
            }
        }
    }

    fn renamed(&mut self, name: &str, alias: &str) -> Result<()> {
        self.own_name(name)?;
        if alias != name {
            self.push(" AS ").own_name(alias)?;
        }
        Ok(())
    }

    /// Writes a statement in parentheses.
    pub(super) fn subquery(&mut self, query: &QueryNode) -> Result<()> {
        self.push("(").query(query, Naming::Natural)?;
        self.push(")");
        Ok(())
    }

    /// Asks whether a statement has a row.
    pub(super) fn exists(&mut self, query: &QueryNode) -> Result<()> {
        self.push("EXISTS (");
        match query {
            QueryNode::Select(node) => self.select(node, Naming::Unread)?,
            query => self.query(query, Naming::Natural)?,
        }
        self.push(")");
        Ok(())
    }

    pub(super) fn in_query(&mut self, operand: &Node, query: &QueryNode, negated: bool) -> Result<()> {
        if negated && query.is_nullable() {
            return Err(Error::new(
                ErrorKind::Compile,
                "NOT IN (SELECT …) of values that may be NULL: with one NULL among them it is never true",
            )
            .help("use `not_(exists(…))`, or select with `coalesce`"));
        }
        self.operand(operand)?;
        self.push(if negated { " NOT IN (" } else { " IN (" });
        if query.is_limited() && !self.dialect.features().limit_within_in {
            // What is in FROM may have a LIMIT.
            self.push("SELECT * FROM (");
            let what = format!("a query with LIMIT within IN on {}", self.dialect.name());
            self.apart(what, |it| it.query(query, Naming::Natural))?;
            self.push(") AS limited");
        } else {
            self.query(query, Naming::Natural)?;
        }
        self.push(")");
        Ok(())
    }

    /// Writes something that cannot see the tables of the statements around it.
    fn apart(&mut self, what: String, write: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        self.scopes.push(Scope::barrier(what));
        write(self)?;
        self.scopes.pop();
        Ok(())
    }

    /// Writes the test whether a relation leads to a row.
    pub(super) fn related(&mut self, related: &RelatedNode) -> Result<()> {
        let RelatedNode { from, relation, target, condition } = related;
        if from == target {
            let (entity, name) = (from.table.entity, relation.name);
            let constant = name.to_uppercase();
            return Err(Error::new(
                ErrorKind::Compile,
                format!("`{}` is on both sides of `{entity}::{constant}`", from.name()),
            )
            .help(format!(
                "give the other side a name: `let {name} = alias({entity}, \"{name}\")`, and ask `{entity}::{constant}.to({name})`"
            )));
        }
        let on = JoinOn::Relation { from: from.clone(), relation };
        let (near, first) = match on.middle(target) {
            Some(middle) => {
                self.scopes.push(Scope::of_sources([&middle.source, target]));
                self.push("EXISTS (SELECT 1 FROM ").source(&middle.source)?;
                // The association table alone does not tell which rows there are to be seen.
                if condition.is_some() || !self.criteria(target).is_empty() {
                    self.push(" JOIN ").source(target)?;
                    self.conditions_on(" ON ", &[middle.far], &[target])?;
                }
                (middle.near, middle.source)
            }
            None => {
                self.scopes.push(Scope::of_sources([target]));
                self.push("EXISTS (SELECT 1 FROM ").source(target)?;
                (on.condition(target)?, target.clone())
            }
        };
        self.conditions_on(" WHERE ", &[near], &[&first])?;
        if let Some(condition) = condition {
            self.push(" AND ").conjunct(condition)?;
        }
        self.push(")");
        self.scopes.pop();
        Ok(())
    }
}
