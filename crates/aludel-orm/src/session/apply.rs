//! Changesets on objects.

use aludel_sql::Changeset;

use super::Session;
use crate::entity::Entity;
use crate::obj::Obj;

impl Session {
    /// Writes a changeset into an object; the next flush sends what really changed. A changeset without changes does not touch the object.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// #[derive(Changeset, Default)]
    /// #[changeset(Document)]
    /// struct DocumentUpdate {
    ///     title: Option<String>,
    ///     body: Option<String>,
    /// }
    ///
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// session.apply(doc, DocumentUpdate { title: Some("Final".to_owned()), body: None });
    /// session.commit().await?; // UPDATE documents SET title = ? WHERE id = ?
    /// assert_eq!(session[doc].title, "Final");
    /// # Ok(()) });
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the handle is of another session or of an object that was forgotten, as `session[object]` does.
    #[track_caller]
    pub fn apply<E: Entity>(&mut self, object: Obj<E>, changes: impl Changeset<E>) {
        let changes = changes.into_changes();
        if !changes.is_empty() {
            changes.apply_to(&mut self[object]);
        }
    }
}
