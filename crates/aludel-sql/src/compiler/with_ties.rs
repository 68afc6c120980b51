//! LIMIT … WITH TIES: beyond the limit, the rows that ORDER BY does not tell from the last one.
//!
//! A database that has no such words ranks the rows by a window. It does so in a query of its own: there what was selected and the keys of
//! the order are columns, and each row is there once if DISTINCT says so.
//!
//! ```sql
//! WITH ranked (c1, k1) AS (SELECT b.title, b.year FROM b)
//! SELECT c1 FROM (SELECT *, rank() OVER (ORDER BY k1 DESC) AS place FROM ranked) AS ranked WHERE place <= 3 ORDER BY place
//! ```

use super::Compiler;
use super::select::Naming;
use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind, Result};
use crate::node::{Node, Param};
use crate::order::OrderBy;
use crate::select::SelectNode;
use crate::selection::SelectItem;
use crate::subquery::cell_of;

/// A SELECT whose rows are ranked.
pub(super) struct Ranked<'n> {
    limit: &'n Param,
    offset: Option<&'n Param>,
    /// For each key of the order the cell of the rows that holds it; those that are not selected come behind them.
    keys: Vec<usize>,
    /// How many columns are selected.
    width: usize,
}

impl<'n> Ranked<'n> {
    /// Checks what a statement says about ties; none where the database does all by itself.
    pub(super) fn of(node: &'n SelectNode, dialect: &dyn Dialect) -> Result<Option<Self>> {
        let (Some(limit), false) = (&node.limit, node.order_by.is_empty()) else {
            let missing = if node.limit.is_none() { "limit" } else { "order" };
            return Err(Error::new(
                ErrorKind::Compile,
                format!("WITH TIES keeps what is tied with the last row, and the statement has no {missing}"),
            )
            .help("add `.order_by(…)` and `.limit(…)`"));
        };
        if dialect.features().with_ties {
            return Ok(None);
        }
        let width = node.items.iter().map(SelectItem::width).sum();
        let mut next = width;
        let mut cell = |key: &OrderBy| {
            if let Some(cell) = cell_of(&node.items, &key.node) {
                return Ok(cell);
            }
            if node.distinct {
                return Err(Error::new(
                    ErrorKind::Compile,
                    "of distinct rows a key of ORDER BY that is not selected may have many values",
                )
                .help("select it, or use `group_by` and order by an aggregate"));
            }
            next += 1;
            Ok(next - 1)
        };
        let keys = node.order_by.iter().map(&mut cell).collect::<Result<_>>()?;
        Ok(Some(Self { limit, offset: node.offset.as_ref(), keys, width }))
    }

    /// Returns the name of a cell.
    fn name(&self, cell: usize) -> String {
        if cell < self.width { format!("c{}", cell + 1) } else { format!("k{}", cell - self.width + 1) }
    }

    /// Returns the keys that are not selected, and their cells.
    fn added<'k>(&'k self, node: &'k SelectNode) -> impl Iterator<Item = (&'k OrderBy, usize)> {
        node.order_by.iter().zip(self.keys.iter().copied()).filter(|(_, cell)| *cell >= self.width)
    }
}

impl Compiler<'_> {
    /// Writes the limit for a database that knows ties.
    pub(super) fn fetch_with_ties(&mut self, limit: &Param, offset: Option<&Param>) {
        if let Some(offset) = offset {
            self.push(" OFFSET ").param(offset);
            self.push(" ROWS");
        }
        self.push(" FETCH FIRST ").param(limit);
        self.push(" ROWS WITH TIES");
    }

    /// Begins the query whose rows are ranked.
    pub(super) fn begin_ranked(&mut self, node: &SelectNode, ranked: &Ranked<'_>, with_is_open: bool) {
        self.begin_cte(with_is_open);
        self.columns_by_place(node);
        for (_, cell) in ranked.added(node) {
            self.push(", ").push(&ranked.name(cell));
        }
        self.push(") AS (");
    }

    /// Selects the keys of the order that are not selected.
    pub(super) fn keys(&mut self, node: &SelectNode, ranked: &Ranked<'_>) -> Result<()> {
        ranked.added(node).try_for_each(|(key, _)| self.push(", ").node(&key.node))
    }

    /// Ends the query whose rows are ranked, and selects the first ones.
    pub(super) fn end_ranked(
        &mut self,
        node: &SelectNode,
        ranked: &Ranked<'_>,
        naming: Naming<'_>,
    ) -> Result<()> {
        self.push(") SELECT ");
        for cell in 0..ranked.width {
            self.push(if cell == 0 { "" } else { ", " }).push(&ranked.name(cell));
            if let Naming::Unique(columns) | Naming::RecursiveStart(columns) = naming {
                self.push(" AS ").own_name(&columns[cell].name)?;
            }
        }
        let order: Vec<OrderBy> = node
            .order_by
            .iter()
            .zip(&ranked.keys)
            .map(|(key, cell)| {
                let nullable = key.nullable || self.may_be_null(&key.node);
                OrderBy { node: Node::Label(ranked.name(*cell).into()), nullable, ..key.clone() }
            })
            .collect();
        self.push(" FROM (SELECT *, rank() OVER (");
        self.order_by("ORDER BY ", &order)?;
        self.push(") AS place");
        if ranked.offset.is_some() {
            self.push(", row_number() OVER (");
            self.order_by("ORDER BY ", &order)?;
            self.push(") AS nth");
        }
        let name = self.ranked();
        self.push(" FROM ").push(name).push(") AS ").push(name).push(" WHERE ");
        match ranked.offset {
            None => self.push("place <= ").param(ranked.limit),
            Some(offset) => {
                self.push("nth > ").param(offset);
                self.push(" AND place - ").param(ranked.limit);
                self.push(" <= ").param(offset);
                // Nothing is tied with the last of no rows.
                self.push(" AND ").param(ranked.limit);
                self.push(" > 0");
            }
        }
        self.push(" ORDER BY place");
        Ok(())
    }
}
