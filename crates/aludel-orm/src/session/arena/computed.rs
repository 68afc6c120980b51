//! Columns that were set to SQL expressions.

use aludel_sql::node::Node;
use aludel_sql::{ColumnSet, Mapped, Value};

use super::Arena;
use crate::entity::Entity;

/// A column that the database is to compute.
pub(super) struct Computed {
    column: usize,
    expression: Node,
    /// What the object held when the expression was given. If it holds something else, the program has written that since.
    before: Value,
}

impl<E: Entity> Arena<E> {
    /// Sets a column of an object to an expression.
    pub(in crate::session) fn compute(&mut self, slot: u32, column: usize, expression: Node) {
        self.get_mut(slot);
        self.drop_changes_of(slot, [column].into_iter().collect());
        let before = Mapped::field(self.get(slot), column).encode().into_value();
        let computed = self.computed.entry(slot).or_default();
        computed.retain(|it| it.column != column);
        computed.push(Computed { column, expression, before });
    }

    /// Returns the columns of an object that the database is to compute.
    pub(super) fn computed_columns(&self, slot: u32) -> Vec<(usize, Node)> {
        let stands =
            |it: &&Computed| Mapped::field(self.get(slot), it.column).encode().as_ref() == it.before.as_ref();
        let computed = self.computed.get(&slot).into_iter().flatten().filter(stands);
        computed.map(|it| (it.column, it.expression.clone())).collect()
    }

    /// Forgets the expressions of some columns.
    pub(super) fn drop_computed(&mut self, slot: u32, columns: ColumnSet) {
        if let Some(computed) = self.computed.get_mut(&slot) {
            computed.retain(|it| !columns.contains(it.column));
        }
    }
}
