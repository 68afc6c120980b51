//! The joins of loaders: adding one to a statement.

use std::borrow::Cow;

use aludel_sql::node::{LogicalOp, Node};
use aludel_sql::{Join, JoinKind, JoinOn, OrderBy, Result, SelectItem, SelectNode, Source, TableMeta};

use super::load::Load;

/// Returns the number of cells in a row of a statement.
pub(super) fn width(node: &SelectNode) -> usize {
    node.items.iter().map(SelectItem::width).sum()
}

/// Joins the table of a relation that starts from `from`, and selects its columns. `root` is where the tree of joins begins.
///
/// Returns the table under its new name; `None` where the loader has conditions that cannot be said about a table under another name.
pub(super) fn add(
    node: &mut SelectNode,
    root: &Source,
    from: &Source,
    load: &Load,
) -> Result<Option<Source>> {
    let table = load.to.table;
    let own_name = Source::of(table);
    // The program may use the table for its own conditions.
    let source = Source { table, alias: Some(free_name(node, table)) };
    let moved = |node: &Node| node.moved(&own_name, &source);
    let filters: Option<Vec<Node>> = load.filters.iter().map(moved).collect();
    let ordered = |key: &OrderBy| Some(OrderBy { node: moved(&key.node)?, ..key.clone() });
    let order_by: Option<Vec<OrderBy>> = load.order().iter().map(ordered).collect();
    let (Some(filters), Some(order_by)) = (filters, order_by) else { return Ok(None) };

    let mut on = JoinOn::Relation { from: from.clone(), relation: load.meta() };
    if !filters.is_empty() {
        let both = std::iter::once(on.condition(&source)?).chain(filters).collect();
        on = JoinOn::Condition(Node::Logical(LogicalOp::And, both));
    }
    node.joins.push(Join { target: source.clone().into(), kind: JoinKind::LeftOuter, on });
    if !order_by.is_empty() {
        if node.order_by.is_empty() {
            node.order_by.extend(by_primary_key(root));
        }
        node.order_by.extend(order_by);
        node.order_by.extend(by_primary_key(&source));
    }
    node.items.push(SelectItem::Entity { source: source.clone(), optional: true });
    node.undeferred.extend(load.undeferred());
    Ok(Some(source))
}

/// The order of the primary key.
pub(crate) fn by_primary_key(source: &Source) -> impl Iterator<Item = OrderBy> + '_ {
    source.table.primary_key().map(|column| OrderBy::of_column(source.clone(), column))
}

/// Finds a name for a table that is not in FROM yet.
fn free_name(node: &SelectNode, table: &TableMeta) -> Cow<'static, str> {
    let from = node.from.iter().map(|it| it.name());
    let names: Vec<&str> = from.chain(node.joins.iter().map(|join| join.target.name())).collect();
    let name = (1..).map(|n| format!("{}_{n}", table.name)).find(|name| !names.contains(&name.as_str()));
    Cow::Owned(name.unwrap_or_default())
}
