//! Which columns a statement uses of the statements around it.

use super::column_ref::ColumnRef;
use super::scope::Scope;
use crate::node::Node;
use crate::query::QueryNode;
use crate::related::RelatedNode;
use crate::select::JoinOn;

/// Returns the columns of tables around the statement that a node itself holds; none if it holds no statement.
pub(super) fn columns_around(node: &Node) -> Vec<Node> {
    match node {
        Node::InQuery { query, .. } | Node::Scalar(query) | Node::Exists(query) => of_query(query),
        Node::Related(related) => of_related(related),
        _ => Vec::new(),
    }
}

fn of_query(query: &QueryNode) -> Vec<Node> {
    let select = match query {
        QueryNode::Select(select) => select,
        QueryNode::Compound(compound) => return compound.operands.iter().flat_map(of_query).collect(),
        QueryNode::Change(_) => return Vec::new(),
    };
    // What is wrong with its FROM is said where it is compiled.
    let Ok(scope) = Scope::of_select(select) else { return Vec::new() };
    select.expressions().flat_map(|node| beyond(node, &scope)).collect()
}

fn of_related(RelatedNode { from, relation, target, condition }: &RelatedNode) -> Vec<Node> {
    let on = JoinOn::Relation { from: from.clone(), relation };
    let (scope, near) = match on.middle(target) {
        Some(middle) => (Scope::of_sources([&middle.source, target]), Some(middle.near)),
        None => (Scope::of_sources([target]), on.condition(target).ok()),
    };
    near.iter().chain(condition).flat_map(|node| beyond(node, &scope)).collect()
}

/// Returns the columns of an expression that are not in scope, those of statements within included.
fn beyond(node: &Node, scope: &Scope) -> Vec<Node> {
    let mut found = columns_of(node);
    // The row that an upsert was to insert is always around.
    found.retain(|node| ColumnRef::of(node).is_none_or(|column| !scope.has(column)));
    found
}

/// Returns the columns of an expression, and those of tables around that statements within it use.
pub(super) fn columns_of(node: &Node) -> Vec<Node> {
    let mut found = Vec::new();
    node.any(&mut |it| {
        match it {
            Node::Column(_) | Node::Derived(_) | Node::Excluded(_) => found.push(it.clone()),
            other => found.extend(columns_around(other)),
        }
        false
    });
    found
}
