//! The columns of an expression: which tables it reads, and how it reads the same table under another name.

use super::Node;
use crate::column::Source;

impl Node {
    /// Tells whether it may read a column of a table; SQL written by hand and statements within may read any.
    #[must_use]
    pub fn may_read(&self, table: &Source) -> bool {
        self.any(&mut |node| match node {
            Node::Column(column) => column.source == *table,
            node => matches!(node, Node::Text(_)) || node.has_query(),
        })
    }

    /// Makes the same expression of a table under another name. `None` where it holds SQL written by hand or a statement, which may name
    /// the table in ways that cannot be seen.
    #[must_use]
    pub fn moved(&self, from: &Source, to: &Source) -> Option<Self> {
        let opaque = |node: &Node| matches!(node, Node::Text(_)) || node.has_query();
        if self.any(&mut |node| opaque(node)) {
            return None;
        }
        let mut moved = self.clone();
        moved.move_columns(from, to);
        Some(moved)
    }

    fn move_columns(&mut self, from: &Source, to: &Source) {
        match self {
            Node::Column(column) if column.source == *from => column.source = to.clone(),
            Node::Column(_) | Node::Derived(_) | Node::Param(_) | Node::Label(_) | Node::Text(_) => {}
            Node::Excluded(_) | Node::Scalar(_) | Node::Exists(_) | Node::Related(_) => {}
            Node::Unary(_, operand) | Node::In { operand, .. } | Node::InQuery { operand, .. } => {
                operand.move_columns(from, to);
            }
            Node::Binary(_, left, right) | Node::Match(_, left, right) => {
                left.move_columns(from, to);
                right.move_columns(from, to);
            }
            Node::Logical(_, operands) => operands.iter_mut().for_each(|it| it.move_columns(from, to)),
            Node::Call(call) => call.operands_mut().for_each(|it| it.move_columns(from, to)),
            Node::Case(branches, otherwise) => {
                for (when, then) in branches {
                    when.move_columns(from, to);
                    then.move_columns(from, to);
                }
                if let Some(otherwise) = otherwise {
                    otherwise.move_columns(from, to);
                }
            }
        }
    }
}
