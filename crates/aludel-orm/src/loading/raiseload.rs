//! `raiseload`: a relation that is not loaded.

use aludel_sql::Relation;

use super::load::Strategy;
use super::loader::{Loader, Raise};
use crate::entity::Entity;

/// A relation that is not loaded. Made by [`raiseload`].
pub type RaiseLoad<E, T, K> = Loader<E, T, K, Raise>;

/// Leaves a relation unloaded that is loaded with every query otherwise (`load = "selectin"`, `load = "joined"`).
///
/// To read what was not loaded is an error, here and everywhere: nothing but an `.await` asks the database. So a relation without such an
/// attribute needs no `raiseload`.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// let users = session.scalars(select(User).options(raiseload(User::DOCUMENTS))).all().await?;
/// let error = session.view(users[0]).documents().err();
/// assert_eq!(error.map(|it| it.kind()), Some(ErrorKind::NotLoaded));
/// # Ok(()) });
/// ```
pub fn raiseload<E: Entity, T: Entity, K>(relation: Relation<E, T, K>) -> RaiseLoad<E, T, K> {
    Loader::new(relation, Strategy::Raise)
}
