//! `undefer`: loads a deferred column with the objects of a query.

use std::fmt;

use aludel_sql::Column;

use super::option::{Asked, SelectOption};
use crate::entity::Entity;

/// A deferred column to be loaded. Made by [`undefer`].
#[must_use = "pass it to `options`"]
pub struct Undefer<E, T> {
    column: Column<E, T>,
}

/// Loads a [`Deferred`](aludel_sql::Deferred) column with the selected objects. Of objects that a relation leads to, the loader says it:
/// `selectinload(User::PAPERS).undefer(Paper::BODY)`.
///
/// ```
/// # use aludel::Deferred;
/// # use aludel::prelude::*;
/// # #[derive(Entity, Debug)]
/// # #[entity(table = "papers")]
/// # struct Paper {
/// #     #[column(primary_key)]
/// #     id: i64,
/// #     body: Deferred<String>,
/// # }
/// # aludel::doc::run_engine(async |engine| {
/// # engine.create_all(&Metadata::of(Paper)).await?;
/// # let mut session = engine.session();
/// # session.add(Paper::builder().body("Long."));
/// # session.commit().await?;
/// # let mut session = engine.session();
/// // SELECT papers.id, papers.body FROM papers; without the option `0` would stand in place of the body
/// let paper = session.scalars(select(Paper).options(undefer(Paper::BODY))).one().await?;
/// assert_eq!(session[paper].body.get()?, "Long.");
/// # Ok(()) });
/// ```
pub const fn undefer<E: Entity, T>(column: Column<E, T>) -> Undefer<E, T> {
    Undefer { column }
}

impl<E, T> Clone for Undefer<E, T> {
    fn clone(&self) -> Self {
        Self { column: self.column }
    }
}

impl<E: Entity, T> fmt::Debug for Undefer<E, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "undefer({:?})", self.column)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, T> SelectOption for Undefer<E, T> {
    fn ask(self, asked: &mut Asked) {
        asked.columns.push((E::TABLE, self.column.index()));
    }
}
