//! `contains_eager`: a relation from the rows of a join that the program wrote.

use aludel_sql::{
    AliasedRelation, Error, ErrorKind, Join, JoinKind, JoinOn, JoinPath, Relation, Result, SelectItem,
    SelectNode, Source,
};

use super::load::{Load, Strategy};
use super::loader::{Contained, Loader};
use crate::entity::Entity;

/// A relation to fill from a join that the program wrote. Made by [`contains_eager`].
pub type ContainsEager<E, T, K> = Loader<E, T, K, Contained>;

/// Fills a relation of the selected objects from the rows of a join that the statement has already.
///
/// What the statement's conditions leave out is left out of the collection as well, which then knows that it is
/// [partial](crate::HasMany::is_partial). Where one entity and nothing else is selected, each object comes once, however many rows
/// show it; with a limit, it is the rows that are counted. A table that was joined under another name is named as in the join:
/// `contains_eager(Employee::MANAGER.to(boss))`.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// // SELECT users.id, …, documents.id, … FROM users JOIN documents ON users.id = documents.owner_id WHERE documents.title = ?
/// let stmt = select(User)
///     .join(User::DOCUMENTS)
///     .filter(Document::TITLE.eq("Plan"))
///     .options(contains_eager(User::DOCUMENTS));
/// let user = session.scalars(stmt).one().await?;
/// assert_eq!(session.view(user).documents()?.count(), 1);
/// assert!(session[user].documents.is_partial()); // there may be others
/// # Ok(()) });
/// ```
///
/// # Errors
///
/// Kind `Compile`, when the statement is executed, where it has no such join, or several.
pub fn contains_eager<P: EagerPath>(relation: P) -> ContainsEager<P::From, P::To, P::Kind> {
    let (relation, target) = relation.into_eager_path();
    Loader::new(relation, Strategy::Contained(target))
}

/// A relation, or one that leads to a table under another name.
pub trait EagerPath {
    /// The entity that it starts from.
    type From: Entity;
    /// The entity that it leads to.
    type To: Entity;
    /// Whether it leads to one object or to many.
    type Kind;

    /// Returns the relation, and the table if it was named.
    #[doc(hidden)]
    fn into_eager_path(self) -> (Relation<Self::From, Self::To, Self::Kind>, Option<Source>);
}

impl<E: Entity, T: Entity, K> EagerPath for Relation<E, T, K> {
    type From = E;
    type To = T;
    type Kind = K;

    fn into_eager_path(self) -> (Self, Option<Source>) {
        (self, None)
    }
}

impl<E: Entity, T: Entity, K> EagerPath for AliasedRelation<E, T, K> {
    type From = E;
    type To = T;
    type Kind = K;

    fn into_eager_path(self) -> (Relation<E, T, K>, Option<Source>) {
        let (relation, target) = (self.relation(), self.into_path().2);
        (relation, Some(target))
    }
}

/// Finds the join of a relation that starts from `from`, and selects the columns of its table. Returns the table, and whether the
/// statement may leave out objects that the relation leads to.
pub(super) fn find(node: &mut SelectNode, from: &Source, load: &Load) -> Result<(Source, bool)> {
    let Strategy::Contained(named) = &load.strategy else { return Err(no_join(load)) };
    let is_target = |source: &Source| match named {
        Some(named) => source == named,
        None => *source.table == *load.to.table,
    };
    let is_along = |on: &JoinOn| {
        let meta = load.meta();
        matches!(on, JoinOn::Relation { from: at, relation } if at == from && relation.name == meta.name)
    };
    let joins = node.joins.iter().enumerate();
    let found: Vec<(usize, Source)> = joins
        .filter_map(|(at, join)| Some((at, join.target.table().filter(|it| is_target(it))?.clone())))
        .collect();
    let mut along = found.iter().filter(|(at, _)| is_along(&node.joins[*at].on));
    let (at, source) = match (along.next(), along.next(), found.as_slice()) {
        (Some(one), None, _) | (None, None, [one]) => one.clone(),
        (None, None, []) => return Err(no_join(load)),
        _ => return Err(several_joins(load)),
    };
    let partial = !load.filters.is_empty() || !is_whole(node, at, from, &source);
    node.items.push(SelectItem::Entity { source: source.clone(), optional: true });
    node.undeferred.extend(load.undeferred());
    Ok((source, partial))
}

/// Tells whether a statement surely shows all rows that a join leads to.
fn is_whole(node: &SelectNode, at: usize, from: &Source, target: &Source) -> bool {
    let cut = node.limit.is_some() || node.offset.is_some();
    let grouped = !node.group_by.is_empty() || !node.having.is_empty();
    // A join that comes after it may ask something of its rows.
    let asks_nothing = |join: &Join| match &join.on {
        _ if join.kind != JoinKind::Inner => true,
        JoinOn::Relation { from: start, .. } => start == from,
        JoinOn::Condition(_) => false,
    };
    matches!(node.joins[at].on, JoinOn::Relation { .. })
        && !(cut || grouped)
        && node.joins[at + 1..].iter().all(asks_nothing)
        && !node.filters.iter().any(|it| it.may_read(target))
}

#[cold]
fn no_join(load: &Load) -> Error {
    let (entity, constant) = (load.from.table.entity, load.meta().name.to_uppercase());
    Error::new(
        ErrorKind::Compile,
        format!(
            "`contains_eager({entity}::{constant})` reads the rows of a join, but the statement joins no {}",
            load.to.table.entity
        ),
    )
    .help(format!("add `.join({entity}::{constant})`, or let `joinedload({entity}::{constant})` join"))
}

#[cold]
fn several_joins(load: &Load) -> Error {
    let (entity, constant) = (load.from.table.entity, load.meta().name.to_uppercase());
    Error::new(
        ErrorKind::Compile,
        format!(
            "`contains_eager({entity}::{constant})` cannot tell which join it is about: several lead to {}",
            load.to.table.entity
        ),
    )
    .help(format!("give them names, and say which: `contains_eager({entity}::{constant}.to(alias))`"))
}
