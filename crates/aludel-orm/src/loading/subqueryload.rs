//! `subqueryload`: a relation of many objects in one statement, which repeats the one that loaded them.

use aludel_sql::node::{BinaryOp, LogicalOp, Node, UnaryOp};
use aludel_sql::{
    Expression, FromClause, Join, JoinKind, JoinOn, Relation, Select, SelectItem, SelectNode,
    SelectStatement, Source, StatementRef, Subquery, ValueItem,
};

use super::load::{Load, Strategy};
use super::loader::{BySubquery, Loader};
use super::selectinload::{By, order_and_limit};
use crate::entity::Entity;

/// A relation to load with a statement that repeats the one before. Made by [`subqueryload`].
pub type SubqueryLoad<E, T, K> = Loader<E, T, K, BySubquery>;

/// Loads a relation of the selected objects with one more statement, which finds the parents by the conditions of the first one and not by
/// their keys: `select(User).options(subqueryload(User::DOCUMENTS))`.
///
/// [`selectinload`](super::selectinload()) is the better choice nearly always: the keys are at hand, and the conditions are not looked at
/// twice. `subqueryload` sends less where there are very many parents whose keys are long, and need not wait for them: both statements go in one
/// batch.
///
/// Where another transaction has changed meanwhile which parents the conditions find, those that are missing are asked for by their
/// keys. Under GROUP BY, DISTINCT and FOR UPDATE, behind a loader of another kind, and for objects that were here already, it is
/// `selectinload`.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// // SELECT users.id, … FROM users WHERE users.email = ?
/// // SELECT documents.id, …, parents.id FROM (SELECT DISTINCT users.id FROM users WHERE users.email = ?) AS parents
/// // LEFT JOIN documents ON documents.owner_id = parents.id
/// let stmt = select(User).filter(User::EMAIL.eq("sam@example.org")).options(subqueryload(User::DOCUMENTS));
/// let sam = session.scalars(stmt).one().await?;
/// assert_eq!(session.query_count(), 2);
/// assert_eq!(session.view(sam).documents()?.count(), 2);
/// # Ok(()) });
/// ```
pub fn subqueryload<E: Entity, T: Entity, K>(relation: Relation<E, T, K>) -> SubqueryLoad<E, T, K> {
    Loader::new(relation, Strategy::Subquery)
}

/// The statement that selects a column of the objects of another one, of which `source` is the table; `None` where that would not be the
/// same objects.
pub(super) fn parents(node: &SelectNode, source: &Source, column: usize) -> Option<SelectNode> {
    let grouped = !node.group_by.is_empty() || !node.having.is_empty();
    if grouped || node.distinct || node.lock.is_some() || node.limit_per.is_some() {
        return None;
    }
    // Rows would change twice.
    if StatementRef::Select(node).changes_in_with() {
        return None;
    }
    let limited = node.limit.is_some() || node.offset.is_some();
    Some(SelectNode {
        items: vec![SelectItem::column(source.clone(), column, true)],
        // The first table may have been found by what was selected.
        from: node.first(),
        distinct: !limited,
        order_by: if limited { node.order_by.clone() } else { Vec::new() },
        undeferred: Vec::new(),
        ..node.clone()
    })
}

/// Makes the statement that loads the relation of the parents that another one selects. The last cell is the key of the parent.
pub(super) fn statement(load: &Load, by: &By, parents: SelectNode) -> SelectNode {
    let target = load.to.table;
    let (holder, key_column) = by.key(target);
    let taken = [target.name, holder.name];
    let name = if taken.contains(&"parents") { "parents_1" } else { "parents" };
    let local = &load.from.table.columns[by.local()];
    // Of which type its values are is not looked at.
    let parents: Subquery = Select::<(ValueItem<i64>,)>::from_node(parents).subquery(name);
    let key = parents.named::<i64>(local.name).into_node();
    let outer = |target: Source, on: Vec<Node>| Join {
        target: target.into(),
        kind: JoinKind::LeftOuter,
        on: JoinOn::Condition(Node::Logical(LogicalOp::And, on)),
    };
    let near = Node::binary(BinaryOp::Eq, Node::column(holder, key_column), key.clone());
    let mut joins = Vec::new();
    let mut on = match by.join(target) {
        Some(Join { on: JoinOn::Condition(far), .. }) => {
            joins.push(outer(Source::of(holder), vec![near]));
            vec![far]
        }
        _ => vec![near],
    };
    on.extend(load.filters.iter().cloned());
    joins.push(outer(Source::of(target), on));
    let key_item =
        SelectItem::Expression { node: key.clone(), label: None, optional: true, sql_type: local.sql_type };
    let mut node = SelectNode {
        items: vec![SelectItem::Entity { source: Source::of(target), optional: true }, key_item],
        from: Some(parents.into_from()),
        joins,
        undeferred: load.undeferred().collect(),
        ..SelectNode::default()
    };
    order_and_limit(&mut node, load, key);
    // A row of the association table whose object is hidden or not wanted is no object of the parent: it is counted apart.
    if let (By::Through(_), Some(per)) = (by, &mut node.limit_per) {
        let key = target.primary_key().map(|column| Node::column(target, column));
        per.group.extend(key.map(|it| Node::Unary(UnaryOp::IsNull, Box::new(it))));
    }
    node
}
