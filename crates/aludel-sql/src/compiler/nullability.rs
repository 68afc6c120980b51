//! Which expressions may be NULL, seen from the tables in FROM.

use super::column_ref::ColumnRef;
use crate::node::{BinaryOp, Call, Function, JsonOp, Node, UnaryOp};
use crate::window::WindowFunction;

/// What makes an expression NULL.
pub(super) enum Cause<'n> {
    /// This column, where it is.
    Column(ColumnRef<'n>),
    /// The operation itself, whatever its operands.
    Operation,
}

/// Goes through the causes that can make an expression NULL, until one `holds`.
pub(super) fn may_be_null<'n>(node: &'n Node, holds: &mut impl FnMut(Cause<'n>) -> bool) -> bool {
    match node {
        Node::Column(_) | Node::Derived(_) => {
            ColumnRef::of(node).is_some_and(|column| holds(Cause::Column(column)))
        }
        // A value is not part of the structure, so nothing may depend on it.
        Node::Param(_) => false,
        Node::Unary(UnaryOp::IsNull | UnaryOp::IsNotNull, _)
        | Node::Binary(BinaryOp::IsDistinctFrom | BinaryOp::IsNotDistinctFrom, ..) => false,
        Node::Excluded(_) => holds(Cause::Operation),
        Node::Exists(_) | Node::Related(_) => false,
        // There may be no row.
        Node::Scalar(_) => holds(Cause::Operation),
        Node::InQuery { query, .. } if query.is_nullable() => holds(Cause::Operation),
        Node::Unary(_, operand) | Node::In { operand, .. } | Node::InQuery { operand, .. } => {
            may_be_null(operand, holds)
        }
        // A divisor of zero gives NULL.
        Node::Binary(BinaryOp::IntDiv | BinaryOp::Div | BinaryOp::Rem, operands) => {
            holds(Cause::Operation) || operands.iter().any(|it| may_be_null(it, holds))
        }
        Node::Binary(_, operands) | Node::Match(_, operands) => {
            operands.iter().any(|it| may_be_null(it, holds))
        }
        Node::Logical(_, operands) | Node::Row(operands) | Node::InRows { operands, .. } => {
            operands.iter().any(|it| may_be_null(it, holds))
        }
        Node::Call(Call { function, arguments, .. }) => match function {
            Function::Count | Function::Now | Function::Grouping => false,
            Function::Window(function) => match function {
                WindowFunction::RowNumber
                | WindowFunction::Rank
                | WindowFunction::DenseRank
                | WindowFunction::PercentRank
                | WindowFunction::CumeDist
                | WindowFunction::Ntile(_) => false,
                // With a value for the rows that have no such neighbour.
                WindowFunction::Lag(_) | WindowFunction::Lead(_) if arguments.len() == 2 => {
                    arguments.iter().any(|it| may_be_null(it, holds))
                }
                _ => holds(Cause::Operation),
            },
            Function::Json { op: JsonOp::Exists | JsonOp::Contains, .. } => false,
            Function::Json { op, .. } if op.changes() => may_be_null(&arguments[0], holds),
            Function::Scalar(scalar) if scalar.makes_null() => holds(Cause::Operation),
            Function::Coalesce => arguments.iter().all(|it| may_be_null(it, holds)),
            Function::Length
            | Function::Lower
            | Function::Upper
            | Function::Scalar(_)
            | Function::Collate(_)
            | Function::Cast { .. } => arguments.iter().any(|it| may_be_null(it, holds)),
            // An aggregate over no rows, and functions that nobody knows.
            _ => holds(Cause::Operation),
        },
        Node::Case(branches, otherwise) => {
            (match otherwise {
                Some(otherwise) => may_be_null(otherwise, holds),
                None => holds(Cause::Operation),
            }) || branches.iter().any(|(_, then)| may_be_null(then, holds))
        }
        Node::Label(_) | Node::Text(_) | Node::GroupingSets(..) => holds(Cause::Operation),
    }
}
