//! Of each group only the first rows: numbered within their group by a window, in a query of its own, of which the first numbers stay.
//!
//! ```sql
//! WITH ranked (c1, c2, place) AS (SELECT c.id, c.post_id, row_number() OVER (PARTITION BY c.post_id ORDER BY c.id DESC) FROM c)
//! SELECT c1, c2 FROM ranked WHERE place <= 3 ORDER BY place
//! ```

use super::Compiler;
use crate::error::Result;
use crate::order::OrderBy;
use crate::select::{LimitPer, SelectNode};
use crate::selection::SelectItem;

impl Compiler<'_> {
    /// Begins the query whose rows are numbered. Its columns are named by their places: two tables may have columns of one name.
    pub(super) fn begin_limit_per(&mut self, node: &SelectNode, with_is_open: bool) {
        self.begin_cte(with_is_open);
        self.columns_by_place(node);
        self.push(", place) AS (");
    }

    /// Begins a CTE of the statement's own, behind those that it has.
    pub(super) fn begin_cte(&mut self, with_is_open: bool) {
        if with_is_open {
            self.sql.truncate(self.sql.trim_end().len());
            self.push(", ");
        } else {
            self.push("WITH ");
        }
        let name = self.ranked();
        self.push(name).push(" (");
    }

    /// Selects the number of the row within its group.
    pub(super) fn rank(&mut self, per: &LimitPer, order_by: &[OrderBy]) -> Result<()> {
        self.push(", row_number() OVER (PARTITION BY ").list(&per.group)?;
        self.order_by(" ORDER BY ", order_by)?;
        self.push(")");
        Ok(())
    }

    /// Ends the query whose rows are numbered, and selects the first ones of each group.
    pub(super) fn end_limit_per(&mut self, node: &SelectNode, per: &LimitPer) {
        self.push(") SELECT ");
        self.columns_by_place(node);
        let name = self.ranked();
        self.push(" FROM ").push(name).push(" WHERE place <= ").param(&per.rows);
        self.push(" ORDER BY place");
    }

    /// Returns the name of the query whose rows are numbered, one that no CTE of the statement has.
    pub(super) fn ranked(&self) -> &'static str {
        let names = ["ranked", "ranked_rows", "ranked_rows_of_each_group"];
        names.into_iter().find(|name| !self.ctes.iter().any(|cte| cte == name)).unwrap_or(names[0])
    }

    pub(super) fn columns_by_place(&mut self, node: &SelectNode) {
        for place in 1..=node.items.iter().map(SelectItem::width).sum() {
            self.push(if place == 1 { "c" } else { ", c" }).push(&place.to_string());
        }
    }
}
