//! The tables and queries of FROM, joined one after the other.

use super::Compiler;
use super::column_ref::ColumnRef;
use crate::dialect::FullJoin;
use crate::error::{Error, ErrorKind, Result};
use crate::from::FromItem;
use crate::mapping::RelationMeta;
use crate::node::{BinaryOp, LogicalOp, Node};
use crate::select::{Join, JoinKind, JoinOn, Middle};

impl Compiler<'_> {
    /// Writes what is first in FROM, and what is joined to it.
    pub(super) fn joined(&mut self, first: &FromItem, joins: &[Join]) -> Result<()> {
        if has_full_join(joins) {
            self.rows_to_be_seen(first)?;
        } else {
            self.in_from(first)?;
        }
        joins.iter().try_for_each(|join| self.join(join))
    }

    pub(super) fn join(&mut self, join: &Join) -> Result<()> {
        let Join { target, kind, on } = join;
        let word = match kind {
            JoinKind::Inner => " JOIN ",
            JoinKind::LeftOuter => " LEFT JOIN ",
            JoinKind::FullOuter => return self.full_join(join),
        };
        self.push(word);
        let (JoinOn::Relation { .. }, FromItem::Table(target)) = (on, target) else {
            self.in_from(target)?;
            return match on {
                // Not a copy of it: a parameter is known by where it is.
                JoinOn::Condition(node) => {
                    self.conditions_on(" ON ", std::slice::from_ref(node), target.table().as_slice())
                }
                JoinOn::Relation { relation, .. } => Err(leads_to_a_table(relation, target)),
            };
        };
        let Some(middle) = on.middle(target) else {
            self.source(target)?;
            return self.conditions_on(" ON ", &[on.condition(target)?], &[target]);
        };
        // An outer join finds a partner together with the row that leads to it, or neither.
        let together = *kind == JoinKind::LeftOuter;
        self.push(if together { "(" } else { "" }).source(&middle.source)?;
        let near = std::slice::from_ref(&middle.near);
        if !together {
            self.conditions_on(" ON ", near, &[&middle.source])?;
        }
        self.push(" JOIN ").source(target)?;
        self.conditions_on(" ON ", &[middle.far], &[target])?;
        if together {
            self.conditions_on(") ON ", near, &[&middle.source])?;
        }
        Ok(())
    }

    /// Writes a join that keeps the rows of both sides. Which rows of a table there are to be seen cannot be said in ON, where a row that
    /// may not be seen would have no partner and stay, nor in WHERE, where the rows without one would go.
    fn full_join(&mut self, join: &Join) -> Result<()> {
        let Join { target, on, .. } = join;
        match self.dialect.features().full_join {
            FullJoin::OnAnything => {}
            FullJoin::OnEquality if has_equality(join) => {}
            FullJoin::OnEquality => {
                return Err(self
                    .unsupported("FULL JOIN on a condition without an equality of both sides")
                    .help("let one condition, of several that must all hold, compare an expression of what is joined with one of what is there by `eq`"));
            }
            FullJoin::No => {
                return Err(self.unsupported("FULL JOIN").help(
                    "select the one side with `outer_join`, the rows of the other side that have no partner with `not_(exists(…))`, and both with `union_all`",
                ));
            }
        }
        self.push(" FULL JOIN ");
        match (on, target) {
            (JoinOn::Condition(node), _) => {
                self.rows_to_be_seen(target)?;
                self.conditions(" ON ", std::slice::from_ref(node))
            }
            (JoinOn::Relation { relation, .. }, FromItem::Query(_)) => {
                Err(leads_to_a_table(relation, target))
            }
            (JoinOn::Relation { .. }, FromItem::Table(source)) => match on.middle(source) {
                None => {
                    self.rows_to_be_seen(target)?;
                    self.conditions(" ON ", &[on.condition(source)?])
                }
                // Rows to which nothing leads are kept, too.
                Some(Middle { source, near, far }) => {
                    self.push("(").rows_to_be_seen(target)?;
                    self.push(" LEFT JOIN ").source(&source)?;
                    self.conditions_on(" ON ", &[far], &[&source])?;
                    self.conditions(") ON ", &[near])
                }
            },
        }
    }

    /// Writes something in FROM; of a table of which not all rows are to be seen, a query for those that are.
    fn rows_to_be_seen(&mut self, item: &FromItem) -> Result<()> {
        match item {
            FromItem::Table(source) if !self.criteria(source).is_empty() => {
                self.push("(SELECT * FROM ").source(source)?;
                self.conditions_on(" WHERE ", &[], &[source])?;
                self.push(") AS ").name_in_from(source)
            }
            item => self.in_from(item),
        }
    }
}

/// Tells whether one of several joins keeps the rows of both sides.
pub(super) fn has_full_join(joins: &[Join]) -> bool {
    joins.iter().any(|join| join.kind == JoinKind::FullOuter)
}

/// Tells whether a join is on an equality of both sides, with whatever else.
fn has_equality(Join { target, on, .. }: &Join) -> bool {
    fn within(node: &Node, side: &impl Fn(&Node) -> Option<Side>) -> bool {
        match node {
            Node::Logical(LogicalOp::And, all) => all.iter().any(|it| within(it, side)),
            Node::Logical(LogicalOp::Or, one) if one.len() == 1 => within(&one[0], side),
            Node::Binary(BinaryOp::Eq, operands) => {
                let sides = (side(&operands[0]), side(&operands[1]));
                matches!(
                    sides,
                    (Some(Side::Joined), Some(Side::There)) | (Some(Side::There), Some(Side::Joined))
                )
            }
            _ => false,
        }
    }
    match on {
        JoinOn::Relation { .. } => true,
        JoinOn::Condition(node) => within(node, &|it| Side::of(it, target)),
    }
}

/// What an expression in ON is of.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    /// Of what is joined.
    Joined,
    /// Of what is there already.
    There,
}

impl Side {
    /// Returns the side that all columns of an expression are of, if it has any and can be told.
    fn of(node: &Node, target: &FromItem) -> Option<Self> {
        let mut side = None;
        let is_mixed = node.any(&mut |it| {
            let Some(column) = ColumnRef::of(it) else {
                return it.has_query() || matches!(it, Node::Text(_));
            };
            let of_it = if column.source() == target.name() { Self::Joined } else { Self::There };
            *side.get_or_insert(of_it) != of_it
        });
        side.filter(|_| !is_mixed)
    }
}

/// Makes the error of a relation that is followed to something else than a table.
#[cold]
pub(super) fn leads_to_a_table(relation: &RelationMeta, target: &FromItem) -> Error {
    Error::new(
        ErrorKind::Compile,
        format!("the relation `{}` leads to a table, not to `{}`", relation.name, target.name()),
    )
}
