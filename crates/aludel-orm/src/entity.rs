//! Entities: mapped structs that a session can own.

use aludel_sql::Mapped;

use crate::relationship::{RelationMut, RelationRef};
use crate::view::Lens;

/// A struct that a session can own. Derived by `#[derive(Entity)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an entity",
    label = "not an entity",
    note = "derive it: `#[derive(Entity)] #[entity(table = \"…\")] struct {Self} {{ … }}`"
)]
pub trait Entity: Mapped {
    /// The read-only view with its navigation methods; see [`Session::view`](crate::Session::view).
    type View<'s>;

    /// Makes the view.
    fn view(lens: Lens<'_, Self>) -> Self::View<'_>;

    /// Returns the lens that a view wraps.
    fn lens(view: Self::View<'_>) -> Lens<'_, Self>;

    /// Returns the field of a relation, by its index.
    ///
    /// # Panics
    ///
    /// Panics if there is no such relation.
    fn relation(&self, index: usize) -> RelationRef<'_>;

    /// Returns the field of a relation, to be written.
    ///
    /// # Panics
    ///
    /// Panics if there is no such relation.
    fn relation_mut(&mut self, index: usize) -> RelationMut<'_>;
}
