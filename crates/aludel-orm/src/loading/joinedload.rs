//! `joinedload`: a relation in the same statement, by LEFT JOIN.

use aludel_sql::Relation;

use super::load::Strategy;
use super::loader::{Joined, Loader};
use crate::entity::Entity;

/// A relation to load by a join. Made by [`joinedload`].
pub type JoinedLoad<E, T, K> = Loader<E, T, K, Joined>;

/// Loads a relation of the selected objects in the same statement, by LEFT JOIN: `select(Document).options(joinedload(Document::OWNER))`.
///
/// Best for relations to one object. A row of the parent comes once for each object of a collection, though the caller sees each parent
/// once; [`selectinload`](super::selectinload()) sends less as soon as collections are long.
///
/// A statement of its own, as `selectinload` sends it, takes the place of the join where the join would change what the statement means, or
/// cost more than it saves:
///
/// - to many, under LIMIT, OFFSET, DISTINCT, beside joins that the statement has already, or beside another collection joined;
/// - any relation, under GROUP BY or FOR UPDATE, or where more than 20 tables would be joined;
/// - with `limit`; and with `filter` where an association table lies between;
/// - in `session.load`, where there is no statement to join with.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// // SELECT documents.id, …, users_1.id, … FROM documents LEFT JOIN users AS users_1 ON documents.owner_id = users_1.id
/// let docs = session.scalars(select(Document).options(joinedload(Document::OWNER))).all().await?;
/// assert_eq!(session.query_count(), 1);
/// assert_eq!(session.view(docs[2]).owner()?.email, "ada@example.org");
///
/// let users = session.scalars(select(User).options(joinedload(User::DOCUMENTS))).all().await?;
/// assert_eq!(users.len(), 2); // though the statement has three rows
/// # Ok(()) });
/// ```
pub fn joinedload<E: Entity, T: Entity, K>(relation: Relation<E, T, K>) -> JoinedLoad<E, T, K> {
    Loader::new(relation, Strategy::Joined)
}
