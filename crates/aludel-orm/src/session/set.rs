//! `session.set`: a column is set to an SQL expression, which the database computes.

use aludel_sql::node::Node;
use aludel_sql::{Assignable, Column, ColumnType};

use super::Session;
use super::arena::AnyArena;
use crate::entity::Entity;
use crate::obj::Obj;

impl Session {
    /// Sets a column of an object to an SQL expression, which the next flush sends in the same UPDATE as the other changes; then the object
    /// has the value that the database computed. Other programs that do so at the same time do not overwrite each other's values.
    ///
    /// Until the flush the object reads as before; writing another value to the field takes the expression back. A plain value is written
    /// at once. A new object is inserted as it is and updated behind that.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// session[doc].body = "Nothing.".into();
    /// session.set(doc, Document::TITLE, func::upper(Document::TITLE));
    /// session.commit().await?; // UPDATE documents SET body = ?, title = upper(title) WHERE id = ? RETURNING title
    /// assert_eq!(session[doc].title, "DRAFT");
    /// # Ok(()) });
    /// ```
    ///
    /// The flush gives an error of kind `Compile` where the expression reads columns of other tables, and of kind `State` where a primary
    /// key is set so.
    ///
    /// # Panics
    ///
    /// Panics if the handle is of another session or of an object that was forgotten, as `session[object]` does.
    #[track_caller]
    pub fn set<E: Entity, T: ColumnType>(
        &mut self,
        object: Obj<E>,
        column: Column<E, T>,
        value: impl Assignable<T>,
    ) {
        let slot = self.slot_of(object);
        let arena = self.arenas.of::<E>();
        let node = value.into_assigned();
        if let Node::Param(param) = &node
            && arena.write(slot).field_mut(column.index()).assign(param.value.as_ref()).is_ok()
        {
            return;
        }
        arena.compute(slot, column.index(), node);
    }
}
