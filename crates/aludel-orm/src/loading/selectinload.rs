//! `selectinload`: a relation of many objects in one statement, whatever their number.

use aludel_sql::node::{BinaryOp, ColumnNode, Node, Param};
use aludel_sql::{
    Join, JoinKind, JoinOn, LimitPer, Link, Relation, SelectItem, SelectNode, Source, TableMeta, Through,
    Value,
};

use super::join::by_primary_key;
use super::load::{Load, Strategy};
use super::loader::{Loader, SelectIn};
use crate::entity::Entity;

/// A relation to load with a statement of its own. Made by [`selectinload`].
pub type SelectInLoad<E, T, K> = Loader<E, T, K, SelectIn>;

/// Loads a relation of the selected objects with one more statement: `select(User).options(selectinload(User::DOCUMENTS))`.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// // SELECT users.id, … FROM users
/// // SELECT documents.id, … FROM documents WHERE documents.owner_id IN (…)
/// let users = session.scalars(select(User).options(selectinload(User::DOCUMENTS))).all().await?;
/// assert_eq!(session.query_count(), 2); // whatever the number of users
/// assert_eq!(session.view(users[0]).documents()?.count(), 2);
/// # Ok(()) });
/// ```
pub fn selectinload<E: Entity, T: Entity, K>(relation: Relation<E, T, K>) -> SelectInLoad<E, T, K> {
    Loader::new(relation, Strategy::SelectIn)
}

/// How the rows of a statement find the parents that they belong to.
#[derive(Clone, Copy)]
pub(super) enum By {
    /// A column of the object is a column of the parent.
    Column(Link),
    /// A row of the association table leads to both; the key of the parent is the last cell.
    Through(Through),
}

impl By {
    /// The column of the parent.
    pub(super) fn local(&self) -> usize {
        match self {
            By::Column(link) => link.local,
            By::Through(through) => through.near.local,
        }
    }
}

/// Makes the statement that loads the relation; [`with_keys`] says for which parents.
pub(super) fn statement(load: &Load, by: &By) -> SelectNode {
    let target = load.to.table;
    let mut node = SelectNode {
        items: vec![SelectItem::Entity { source: Source::of(target), optional: false }],
        undeferred: load.undeferred().collect(),
        ..SelectNode::default()
    };
    let (holder, key) = match by {
        By::Column(link) => (target, link.remote),
        By::Through(through) => {
            node.items.push(SelectItem::column(Source::of(through.table), through.near.remote, false));
            node.joins.push(join(target, through));
            (through.table, through.near.remote)
        }
    };
    let list = Param::of(Value::List(Vec::new()), holder.columns[key].sql_type);
    node.filters.push(Node::In { operand: Box::new(column(holder, key)), list, negated: false });
    node.filters.extend(load.filters.iter().cloned());
    node.limit_per = load.limit.map(|rows| LimitPer::new(vec![column(holder, key)], rows));
    node.order_by = load.order();
    if !node.order_by.is_empty() || node.limit_per.is_some() {
        node.order_by.extend(by_primary_key(&Source::of(target)));
    }
    node
}

/// Makes the statement for parents with these keys.
pub(super) fn with_keys(template: &SelectNode, keys: Vec<Value>) -> SelectNode {
    let mut node = template.clone();
    if let Some(Node::In { list, .. }) = node.filters.first_mut() {
        *list = Param::of(Value::List(keys), list.sql_type);
    }
    node
}

/// Joins the association table.
fn join(target: &'static TableMeta, through: &Through) -> Join {
    let far = Box::new(column(through.table, through.far.local));
    let on = Node::Binary(BinaryOp::Eq, far, Box::new(column(target, through.far.remote)));
    Join { target: Source::of(through.table).into(), kind: JoinKind::Inner, on: JoinOn::Condition(on) }
}

fn column(table: &'static TableMeta, column: usize) -> Node {
    Node::Column(ColumnNode { source: Source::of(table), column })
}
