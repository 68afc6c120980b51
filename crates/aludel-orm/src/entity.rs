//! Entities: mapped structs that a session can own.

use aludel_sql::Mapped;

use crate::derive::no_relation;
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
    #[doc(hidden)]
    const VIEW: fn(Lens<'_, Self>) -> Self::View<'_>;

    /// Makes the view.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let user = session.get_one::<User>(1).await?;
    /// let lens = User::lens(&session.view(user));
    /// assert_eq!(User::view(lens).email, "sam@example.org"); // what `session.view` gives
    /// # Ok(()) });
    /// ```
    #[must_use]
    fn view(lens: Lens<'_, Self>) -> Self::View<'_> {
        (Self::VIEW)(lens)
    }

    /// Returns the lens that a view wraps.
    ///
    /// What is written for any entity navigates by lenses; a view has a method for each relation instead.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// /// Prints any object, and says where it is.
    /// fn describe<E: Entity + std::fmt::Debug>(view: &E::View<'_>) -> String {
    ///     let lens = E::lens(view);
    ///     format!("{:?}: {:?}", lens.handle(), lens.entity())
    /// }
    ///
    /// let user = session.get_one::<User>(1).await?;
    /// assert!(describe::<User>(&session.view(user)).contains("sam@example.org"));
    /// # Ok(()) });
    /// ```
    fn lens<'s>(view: &Self::View<'s>) -> Lens<'s, Self>;

    /// Returns the field of a relation, by its index.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// use aludel_orm::RelationRef;
    ///
    /// let user = session.get_one::<User>(1).await?;
    /// assert!(matches!(session[user].relation(User::DOCUMENTS.index()), RelationRef::Many(_)));
    /// assert!(matches!(session[user].relation(User::PROFILE.index()), RelationRef::One(_)));
    /// # Ok(()) });
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if there is no such relation.
    fn relation(&self, index: usize) -> RelationRef<'_> {
        no_relation::<Self>(index)
    }

    /// Returns the field of a relation, to be written.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// use aludel_orm::RelationMut;
    ///
    /// let user = session.get_one::<User>(1).await?;
    /// assert!(matches!(session[user].relation_mut(User::DOCUMENTS.index()), RelationMut::Many(_)));
    /// # Ok(()) });
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if there is no such relation.
    fn relation_mut(&mut self, index: usize) -> RelationMut<'_> {
        no_relation::<Self>(index)
    }
}
