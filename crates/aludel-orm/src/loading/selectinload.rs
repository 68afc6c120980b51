//! `selectinload`: a relation of many objects in one statement, whatever their number.

use aludel_sql::node::{BinaryOp, Node, Param};
use aludel_sql::{
    Join, JoinKind, JoinOn, LimitPer, Link, Relation, RelationMeta, Result, SelectItem, SelectNode, Source,
    SqlType, TableMeta, Through, Value,
};

use super::join::by_primary_key;
use super::load::{Load, Strategy};
use super::loader::{Loader, SelectIn};
use crate::entity::Entity;

/// A relation to load with a statement of its own. Made by [`selectinload`].
pub type SelectInLoad<E, T, K> = Loader<E, T, K, SelectIn>;

/// Loads a relation of the selected objects with one more statement: `select(User).options(selectinload(User::DOCUMENTS))`.
///
/// Where the conditions say which object it is (`User::ID.eq(1)`, [`get`](crate::Session::get)), both statements go in one batch, which is one round
/// trip on PostgreSQL; otherwise the second one has the keys that the first one found.
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
pub(crate) enum By {
    /// A column of the object is a column of the parent.
    Column(Link),
    /// A row of the association table leads to both; the key of the parent is the last cell.
    Through(Through),
}

impl By {
    /// How the rows of a relation that starts from this table do.
    pub(crate) fn of(relation: &RelationMeta, from: &'static TableMeta) -> Result<Self> {
        match relation.through() {
            Some(through) => Ok(Self::Through(through)),
            None => relation.link(from).map(Self::Column),
        }
    }

    /// The column of the parent.
    pub(crate) fn local(&self) -> usize {
        match self {
            Self::Column(link) => link.local,
            Self::Through(through) => through.near.local,
        }
    }

    /// The column that holds the key of the parent, and its table.
    pub(crate) fn key(&self, target: &'static TableMeta) -> (&'static TableMeta, usize) {
        match self {
            Self::Column(link) => (target, link.remote),
            Self::Through(through) => (through.table, through.near.remote),
        }
    }

    /// The join of the table between both sides, if there is one.
    pub(crate) fn join(&self, target: &'static TableMeta) -> Option<Join> {
        let Self::Through(through) = self else { return None };
        let far = Node::column(through.table, through.far.local);
        let on = Node::binary(BinaryOp::Eq, far, Node::column(target, through.far.remote));
        let target = Source::of(through.table).into();
        Some(Join { target, kind: JoinKind::Inner, on: JoinOn::Condition(on) })
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
    let (holder, key) = by.key(target);
    if let Some(join) = by.join(target) {
        node.items.push(SelectItem::column(Source::of(holder), key, false));
        node.joins.push(join);
    }
    node.filters.push(among(Node::column(holder, key), holder.columns[key].sql_type, Vec::new()));
    node.filters.extend(load.filters.iter().cloned());
    order_and_limit(&mut node, load, Node::column(holder, key));
    node
}

/// Says in which order the rows come and how many of each parent; `key` is that of the parent.
pub(super) fn order_and_limit(node: &mut SelectNode, load: &Load, key: Node) {
    node.limit_per = load.limit.map(|rows| LimitPer::new(vec![key], rows));
    node.order_by = load.order();
    if !node.order_by.is_empty() || node.limit_per.is_some() {
        node.order_by.extend(by_primary_key(&Source::of(load.to.table)));
    }
}

/// Makes the statement for parents with these keys.
pub(super) fn with_keys(template: &SelectNode, keys: Vec<Value>) -> SelectNode {
    let mut node = template.clone();
    if let Some(first) = node.filters.first_mut()
        && let Node::In { operand, list, .. } = first
    {
        *first = among((**operand).clone(), list.sql_type, keys);
    }
    node
}

/// Says that a key is among these.
///
/// One key is compared, not looked for in a list: a planner knows what it gets then. PostgreSQL expects ten keys in a list of unknown length
/// and would plan the statement anew at each execution, because a plan for the one that is there looks better.
pub(crate) fn among(key: Node, sql_type: SqlType, mut keys: Vec<Value>) -> Node {
    match keys.pop() {
        Some(only) if keys.is_empty() => {
            Node::binary(BinaryOp::Eq, key, Node::Param(Param::of(only, sql_type)))
        }
        last => {
            keys.extend(last);
            Node::In { operand: Box::new(key), list: Param::of(Value::List(keys), sql_type), negated: false }
        }
    }
}
