//! What a relation of one object leads to, as a condition.

use aludel_sql::{
    Error, ErrorKind, Expr, Expression, Mapped, Relation, RelationKind, Result, SelectItem, SelectNode,
    Source,
};

use super::Session;
use super::arena::SlotState;
use crate::entity::Entity;
use crate::loading::Kind;
use crate::obj::Obj;

impl Session {
    /// Returns the condition that holds for the rows that a relation of this object leads to, for SELECT, UPDATE and DELETE: what a large
    /// collection is read with, page by page, and changed with.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let user = session.get_one::<User>(1).await?;
    /// let theirs = session.with_parent(user, User::DOCUMENTS)?;
    /// // SELECT … FROM documents WHERE documents.owner_id = ? ORDER BY documents.title LIMIT ?
    /// let page = select(Document).filter(theirs.clone()).order_by(Document::TITLE).limit(10);
    /// assert_eq!(session.scalars(page).all().await?.len(), 2);
    /// // UPDATE documents SET body = ? WHERE documents.owner_id = ?
    /// session.execute(update(Document).set(Document::BODY, "").filter(theirs)).await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `State` where the object is new: no row can lead to it yet. Kind `Schema` where the relation cannot be followed.
    ///
    /// # Panics
    ///
    /// Panics if the handle is of another session or of an object that was forgotten.
    #[track_caller]
    pub fn with_parent<E: Entity, T: Entity, K: Kind>(
        &self,
        object: Obj<E>,
        relation: Relation<E, T, K>,
    ) -> Result<Expr<bool>> {
        let meta = relation.meta();
        if self.slot_state(object) == SlotState::Pending && meta.kind != RelationKind::BelongsTo {
            return Err(Error::new(
                ErrorKind::State,
                format!("a new {} has no row yet that `{}` could lead from", E::TABLE.entity, meta.name),
            )
            .with_table(E::TABLE.name)
            .help("flush it first: `session.flush().await?`"));
        }
        let value = |column: usize| Mapped::field(&self[object], column).encode().into_value();
        let Some(through) = meta.through() else {
            let link = meta.link(E::TABLE)?;
            return Ok(Expr::all_columns_equal(T::TABLE, [(link.remote, value(link.local))]));
        };
        // column IN (SELECT far FROM association WHERE near = ?)
        let tied = Expr::all_columns_equal(through.table, [(through.near.remote, value(through.near.local))]);
        let query = SelectNode {
            items: vec![SelectItem::column(Source::of(through.table), through.far.local, false)],
            filters: vec![tied.into_node()],
            ..SelectNode::default()
        };
        Ok(Expr::column_in_query(T::TABLE, through.far.remote, query))
    }
}
