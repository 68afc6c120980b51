//! The keys of GROUP BY, and where they stand in a statement once more.

use std::ptr;

use crate::node::{Grouping, Node};
use crate::select::SelectNode;
use crate::selection::SelectItem;
use crate::subquery::natural_name;

impl SelectNode {
    /// Returns what rows are grouped by, on any level.
    pub(crate) fn group_keys(&self) -> impl Iterator<Item = &Node> {
        self.group_by.iter().flat_map(keys_of)
    }

    /// Returns what rows are grouped by on some levels only: on the others it is NULL.
    pub(crate) fn subtotal_keys(&self) -> impl Iterator<Item = &Node> {
        let on_all_levels = |key: &Node| {
            self.group_by.iter().any(|it| match it {
                Node::GroupingSets(Grouping::Sets, sets) => sets.iter().all(|set| set.contains(key)),
                Node::GroupingSets(..) => false,
                plain => plain == key,
            })
        };
        self.group_keys().filter(move |key| !on_all_levels(key))
    }

    /// Returns where a key of GROUP BY that is an expression stands once more: within what is selected, in HAVING or in ORDER BY.
    ///
    /// There it has one value in each group, but only SQLite believes that without being told: to PostgreSQL two expressions with parameters
    /// are never the same, and MariaDB looks for columns only.
    pub(crate) fn repeated_keys(&self) -> Vec<RepeatedKey<'_>> {
        let keys: Vec<&Node> = self.group_keys().collect();
        let mut found = Vec::new();
        if keys.iter().all(|key| matches!(key, Node::Column(_) | Node::Derived(_))) {
            return found;
        }
        let items = || {
            self.items.iter().filter_map(|item| match item {
                SelectItem::Expression { node, .. } => Some(node),
                SelectItem::Entity { .. } => None,
            })
        };
        let mut walk = Walk { keys: &keys, written: vec![], at: 0, found: &mut found };
        // A key that is selected as it is is written there.
        walk.written = keys.iter().map(|key| items().find(|it| it == key).unwrap_or(key)).collect();
        let order = self.order_by.iter().map(|key| &key.node).filter(|key| self.place(key).is_none());
        let rest = keys.iter().copied().chain(&self.having).chain(order);
        items().chain(rest).for_each(|node| walk.node(node));
        found
    }

    /// Returns the columns in HAVING that are keys of GROUP BY, of which another one has the same name.
    pub(crate) fn namesakes_in_having(&self) -> Vec<&Node> {
        let keys: Vec<_> = self.group_keys().filter_map(|key| Some((key, natural_name(key)?))).collect();
        let has_namesake = |node: &Node, name: &str| {
            keys.iter().any(|(key, other)| other.eq_ignore_ascii_case(name) && *key != node)
        };
        let wanted: Vec<&Node> =
            keys.iter().filter(|(key, name)| has_namesake(key, name)).map(|(key, _)| *key).collect();
        let mut found = Vec::new();
        if !wanted.is_empty() {
            self.having.iter().for_each(|node| outside_aggregates(node, &wanted, &mut found));
        }
        found
    }
}

/// Returns what an element of GROUP BY groups by.
pub(crate) fn keys_of(element: &Node) -> impl Iterator<Item = &Node> {
    let (sets, plain) = match element {
        Node::GroupingSets(_, sets) => (&sets[..], None),
        plain => (&[][..], Some(plain)),
    };
    sets.iter().flatten().chain(plain)
}

/// A key of GROUP BY that stands in a statement once more.
pub(crate) struct RepeatedKey<'n> {
    /// Which of the keys.
    pub(crate) key: usize,
    /// The first expression that is written for it.
    pub(crate) written: &'n Node,
    /// The expression that says the same.
    pub(crate) repeated: &'n Node,
    /// The number of that expression among all that are looked at.
    pub(crate) at: usize,
}

/// Finds where any of these nodes stand, but for the operands of aggregates.
fn outside_aggregates<'n>(node: &'n Node, wanted: &[&Node], found: &mut Vec<&'n Node>) {
    if wanted.contains(&node) {
        found.push(node);
    } else if !matches!(node, Node::Call(call) if call.is_aggregate()) {
        node.any_operand(&mut |operand| {
            outside_aggregates(operand, wanted, found);
            false
        });
    }
}

struct Walk<'w, 'n> {
    keys: &'w [&'n Node],
    written: Vec<&'n Node>,
    at: usize,
    found: &'w mut Vec<RepeatedKey<'n>>,
}

impl<'n> Walk<'_, 'n> {
    fn node(&mut self, node: &'n Node) {
        self.at += 1;
        if matches!(node, Node::Column(_) | Node::Derived(_) | Node::Param(_)) {
            return;
        }
        if let Some(key) = self.keys.iter().position(|key| *key == node) {
            let (written, at) = (self.written[key], self.at);
            if !ptr::eq(written, node) {
                self.found.push(RepeatedKey { key, written, repeated: node, at });
            }
            return;
        }
        // An aggregate looks at the rows of the group, where it is an expression as any other.
        if !matches!(node, Node::Call(call) if call.is_aggregate()) {
            node.any_operand(&mut |operand| {
                self.node(operand);
                false
            });
        }
    }
}
