//! UNION, INTERSECT and EXCEPT.

use super::scope::Scope;
use super::select::Naming;
use super::{Compiler, decimals};
use crate::compound::{CompoundNode, SetOperator};
use crate::error::{Error, ErrorKind, Result};
use crate::node::Node;
use crate::order::OrderBy;
use crate::query::QueryNode;
use crate::subquery::OutputColumn;

impl Compiler<'_> {
    pub(super) fn compound(&mut self, node: &CompoundNode, naming: Naming<'_>) -> Result<()> {
        let CompoundNode { operator, operands, order_by, limit, offset } = node;
        if matches!(operator, SetOperator::IntersectAll | SetOperator::ExceptAll)
            && !self.dialect.features().intersect_all
        {
            return Err(self.unsupported(operator.sql()));
        }
        let columns = node.first().map(QueryNode::columns).unwrap_or_default();
        self.check_scales(node)?;
        // The order is by the names of the result.
        let first = match naming {
            Naming::Natural if !order_by.is_empty() => Naming::Unique(&columns),
            naming => naming,
        };
        for (at, operand) in operands.iter().enumerate() {
            if at > 0 {
                self.push(" ").push(operator.sql()).push(" ");
            }
            self.part(operand, if at == 0 { first } else { Naming::Natural })?;
        }
        self.scopes.push(Scope::of_outputs(&columns));
        for (at, key) in order_by.iter().enumerate() {
            self.push(if at == 0 { " ORDER BY " } else { ", " });
            let key = node.by_name(key, &columns)?;
            self.dialect.order_by(self, &key)?;
        }
        self.dialect.limit(self, limit.as_ref(), offset.as_ref())?;
        self.scopes.pop();
        Ok(())
    }

    /// Refuses decimals of different scales where they are integers.
    fn check_scales(&self, node: &CompoundNode) -> Result<()> {
        if !self.dialect.features().scaled_decimals {
            return Ok(());
        }
        let mut scales = node.operands.iter().map(|operand| decimals::of_items(operand.items()));
        let first = scales.next();
        if scales.all(|it| Some(it) == first) {
            return Ok(());
        }
        let operator = node.operator.sql();
        Err(self
            .unsupported(&format!("{operator} of decimals with different numbers of digits behind the point"))
            .help("decimals are integers there; give the columns the same `scale`"))
    }

    /// Writes a query so that another one can follow.
    pub(super) fn part(&mut self, query: &QueryNode, naming: Naming<'_>) -> Result<()> {
        if !query.must_be_enclosed() {
            return self.query(query, naming);
        }
        // SQLite takes no parentheses there.
        let parentheses = self.dialect.features().parentheses_around_queries;
        self.push(if parentheses { "(" } else { "SELECT * FROM (" }).query(query, naming)?;
        self.push(if parentheses { ")" } else { ") AS part" });
        Ok(())
    }
}

impl CompoundNode {
    /// Finds the column of the result that is a key of ORDER BY.
    fn key_cell(&self, key: &Node, columns: &[OutputColumn]) -> Option<usize> {
        match key {
            Node::Label(label) => columns.iter().position(|column| column.name == *label),
            key => self.first()?.cell_of(key),
        }
    }

    /// Returns the key of ORDER BY as the name of a column of the result.
    fn by_name(&self, key: &OrderBy, columns: &[OutputColumn]) -> Result<OrderBy> {
        let cell = self.key_cell(&key.node, columns).ok_or_else(|| {
            Error::new(
                ErrorKind::Compile,
                format!("a key of ORDER BY is not in the rows of the {}", self.operator.sql()),
            )
            .help("order by what the first query selects, or by a label that it gives")
        })?;
        let OutputColumn { name, nullable, .. } = &columns[cell];
        Ok(OrderBy { node: Node::Label(name.clone()), nullable: key.nullable || *nullable, ..key.clone() })
    }
}
