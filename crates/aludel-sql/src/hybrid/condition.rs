//! `&&`, `||`, `!`, `if` and `match`.

use super::{Equal, Term, any, eq};
use crate::node::{LogicalOp, Node, UnaryOp};

/// `a && b`
pub fn and(a: Term<bool>, b: Term<bool>) -> Term<bool> {
    Term::new(Node::logical(LogicalOp::And, a.node, b.node))
}

/// `a || b`
pub fn or(a: Term<bool>, b: Term<bool>) -> Term<bool> {
    Term::new(Node::logical(LogicalOp::Or, a.node, b.node))
}

/// `!a`
pub fn not(a: Term<bool>) -> Term<bool> {
    Term::new(Node::Unary(UnaryOp::Not, Box::new(a.node)))
}

/// `if condition { then } else { otherwise }`, and an arm of a `match` before the others.
pub fn when<T>(condition: Term<bool>, then: Term<T>, otherwise: Term<T>) -> Term<T> {
    let mut branches = vec![(condition.node, then.node)];
    let otherwise = match otherwise.node {
        // `else if`
        Node::Case(more, otherwise) => {
            branches.extend(more);
            otherwise
        }
        node => Some(Box::new(node)),
    };
    Term::new(Node::Case(branches, otherwise))
}

/// `[a, b].contains(&x)`, and the pattern `a | b`.
pub fn in_list<T: Equal>(value: Term<T>, list: Vec<Term<T>>) -> Term<bool> {
    Term::new(any(list.into_iter().map(|it| eq(value.clone(), it).node)))
}
