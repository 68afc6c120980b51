//! SELECT, clause by clause.

use std::ptr;

use super::scope::Scope;
use super::{Compiler, grouping};
use crate::column::Source;
use crate::error::Result;
use crate::node::{ColumnNode, LogicalOp, Node};
use crate::select::{Join, JoinKind, JoinOn, SelectNode};
use crate::selection::SelectItem;

impl Compiler<'_> {
    pub(super) fn select(&mut self, node: &SelectNode) -> Result<()> {
        self.scopes.push(Scope::of_select(node)?);
        self.push(if node.distinct { "SELECT DISTINCT " } else { "SELECT " });
        self.items(&node.items)?;
        let from = self.scopes.last().and_then(|scope| scope.first()).cloned();
        if let Some(from) = from {
            self.push(" FROM ");
            self.source(&from)?;
            for join in &node.joins {
                self.join(join)?;
            }
        }
        self.conditions(" WHERE ", &node.filters)?;
        self.find_places(node);
        if !node.group_by.is_empty() {
            self.push(" GROUP BY ").list(&node.group_by)?;
        }
        self.dependent_columns(node)?;
        self.conditions(" HAVING ", &node.having)?;
        for (at, key) in node.order_by.iter().enumerate() {
            self.push(if at == 0 { " ORDER BY " } else { ", " });
            self.dialect.order_by(self, key)?;
        }
        self.dialect.limit(self, node.limit.as_ref(), node.offset.as_ref())?;
        if node.for_update {
            if !self.dialect.features().for_update {
                return Err(self.unsupported("FOR UPDATE").help(
                    "a writing transaction locks the whole database there: begin one, and read inside it",
                ));
            }
            self.push(" FOR UPDATE");
        }
        self.scopes.pop();
        Ok(())
    }

    fn join(&mut self, Join { target, kind, on }: &Join) -> Result<()> {
        self.push(match kind {
            JoinKind::Inner => " JOIN ",
            JoinKind::LeftOuter => " LEFT JOIN ",
        });
        let Some(middle) = on.middle(target) else {
            self.source(target)?;
            self.push(" ON ");
            return match on {
                // Not a copy of it: a parameter is known by where it is.
                JoinOn::Condition(node) => self.node(node),
                JoinOn::Relation { .. } => self.node(&on.condition(target)?),
            };
        };
        // An outer join finds a partner together with the row that leads to it, or neither.
        let together = *kind == JoinKind::LeftOuter;
        self.push(if together { "(" } else { "" }).source(&middle.source)?;
        if !together {
            self.push(" ON ").node(&middle.near)?;
        }
        self.push(" JOIN ").source(target)?;
        self.push(" ON ").node(&middle.far)?;
        if together {
            self.push(") ON ").node(&middle.near)?;
        }
        Ok(())
    }

    /// Finds the keys of GROUP BY and ORDER BY that are written as their place.
    fn find_places(&mut self, node: &SelectNode) {
        let order_by = node.order_by.iter().map(|key| &key.node);
        let places = node.group_by.iter().chain(order_by).filter_map(|key| Some((key, node.place(key)?)));
        self.places.extend(places.map(|(key, place)| (ptr::from_ref(key), place)));
    }

    /// Checks what is selected beside GROUP BY, and adds to GROUP BY what depends on it where the database asks for that.
    fn dependent_columns(&mut self, node: &SelectNode) -> Result<()> {
        let Some(scope) = self.scopes.last() else { return Ok(()) };
        let columns = grouping::dependent_columns(node, scope)?;
        if !self.dialect.features().group_by_implies {
            for column in &columns {
                self.push(", ").column(column)?;
            }
        }
        Ok(())
    }

    pub(super) fn conditions(&mut self, word: &str, conditions: &[Node]) -> Result<()> {
        if conditions.is_empty() {
            return Ok(());
        }
        self.push(word);
        self.logical(LogicalOp::And, conditions)
    }

    pub(super) fn source(&mut self, source: &Source) -> Result<()> {
        self.table(source.table)?;
        if let Some(alias) = &source.alias {
            self.push(" AS ");
            self.identifier(alias)?;
        }
        Ok(())
    }

    pub(super) fn items(&mut self, items: &[SelectItem]) -> Result<()> {
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.push(", ");
            }
            match item {
                SelectItem::Entity { source, optional } => self.entity(source, *optional)?,
                SelectItem::Expression { node, label, optional } => {
                    if let Some(scope) = self.scopes.last() {
                        scope.check_nullable_expression(node, *optional)?;
                    }
                    self.node(node)?;
                    if let Some(label) = label {
                        self.push(" AS ");
                        self.identifier(label)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn entity(&mut self, source: &Source, optional: bool) -> Result<()> {
        for column in 0..source.table.columns.len() {
            if column > 0 {
                self.push(", ");
            }
            let column = ColumnNode { source: source.clone(), column };
            if column.column == 0
                && let Some(scope) = self.scopes.last()
            {
                scope.check_nullable_entity(&column.source, optional)?;
            }
            self.column(&column)?;
        }
        Ok(())
    }
}
