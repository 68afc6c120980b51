//! Projections: structs that take some columns of an entity, of the objects it leads to, and of its collections.
//!
//! A projection is data for the way out: it is not tracked, and only the columns that it names are selected. Relations to one object are joins
//! of the same statement; each collection is one more statement, whatever the number of rows ([`children`]).

mod children;
mod field;
mod loads;
mod plan;
mod row;

pub use children::Children;
pub use field::{FollowThere, Part, Step, Widen, only_a_database, part};
pub use loads::{Loaders, Loads};
pub use plan::Plan;
pub use row::RowReader;

use std::fmt;
use std::marker::PhantomData;

use aludel_sql::{ErrorKind, FollowUp, Item, Mapped, Result, Select, ValueRef};

use crate::entity::Entity;
use children::Collections;

/// A struct whose fields are read from an entity: columns, columns of objects that it leads to, expressions, and projections of its
/// relations. Derived by `#[derive(Projection)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a projection",
    label = "not a projection",
    note = "derive it: `#[derive(Projection)] #[projection(Document)] struct {Self} {{ … }}`"
)]
pub trait Projection: Sized + Send + 'static {
    /// The entity that it is read from.
    type Entity: Entity;

    /// Its name, for errors.
    const NAME: &'static str;

    /// The number of cells that it is read from.
    #[doc(hidden)]
    const WIDTH: usize;

    /// The number of its collections, those of the projections within it included.
    #[doc(hidden)]
    const COLLECTIONS: usize;

    /// Whether it can be made of an object of a session.
    #[doc(hidden)]
    const VIEWABLE: bool;

    /// Says what is selected, field by field.
    #[doc(hidden)]
    fn describe(plan: &mut Plan<'_>);

    /// Reads what was described; collections are empty yet.
    #[doc(hidden)]
    fn read(row: &mut RowReader<'_>) -> Result<Self>;

    /// Puts the collections in.
    #[doc(hidden)]
    fn fill(&mut self, children: &mut Children<'_>) -> Result<()>;

    /// Says which relations of an object it is read from.
    #[doc(hidden)]
    fn loads(loads: &mut Loads);

    /// Reads it from an object.
    #[doc(hidden)]
    fn read_view(view: <Self::Entity as Entity>::View<'_>) -> Result<Self>;

    /// Makes it of an object of a session, whose relations must be loaded as far as they are read.
    ///
    /// A projection with what only a database can compute, an `expr` or a list with `filter`, `order_by` or `limit`, is refused by the
    /// compiler.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// #[derive(Projection)]
    /// #[projection(User)]
    /// struct UserOut {
    ///     email: String,
    ///     documents: Vec<DocumentOut>,
    /// }
    ///
    /// #[derive(Projection)]
    /// #[projection(Document)]
    /// struct DocumentOut {
    ///     title: String,
    /// }
    ///
    /// # aludel::doc::run(async |session| {
    /// let user = session.get_one::<User>(1).await?;
    /// session.load(user, User::DOCUMENTS).await?;
    /// let out = UserOut::from_view(session.view(user))?; // no SQL
    /// assert_eq!((out.email.as_str(), out.documents[0].title.as_str()), ("sam@example.org", "Draft"));
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `NotLoaded` where a relation was not loaded.
    fn from_view(view: <Self::Entity as Entity>::View<'_>) -> Result<Self> {
        const {
            assert!(
                Self::VIEWABLE,
                "a projection with an `expr`, or a list with `filter`, `order_by` or `limit`, cannot be made of an object: \
                 only a database can compute it"
            );
        }
        Self::read_view(view).map_err(|error| match error.kind() {
            ErrorKind::NotLoaded => {
                let (name, entity) = (Self::NAME, Self::Entity::TABLE.entity);
                error.doing(format!(
                    "reading `{name}` from an object; `select({entity}).options({name}::loaders())` loads all that it reads"
                ))
            }
            _ => error,
        })
    }

    /// Loads all that [`from_view`](Self::from_view) reads, with the objects of a query: one statement for each relation, level by level.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// #[derive(Projection)]
    /// #[projection(Document)]
    /// struct DocumentOut {
    ///     title: String,
    ///     #[projection(path = owner.email)]
    ///     owner: String,
    /// }
    ///
    /// # aludel::doc::run(async |session| {
    /// // SELECT … FROM documents WHERE …; SELECT … FROM users WHERE users.id = ?
    /// let stmt = select(Document).filter(Document::ID.eq(3)).options(DocumentOut::loaders());
    /// let doc = session.scalars(stmt).one().await?;
    /// let out = DocumentOut::from_view(session.view(doc))?;
    /// assert_eq!((out.title.as_str(), out.owner.as_str()), ("Notes", "ada@example.org"));
    /// # Ok(()) });
    /// ```
    fn loaders() -> Loaders {
        Loaders::of::<Self>()
    }
}

/// Begins a SELECT of a projection: only its columns are selected.
///
/// ```
/// # use aludel::doc::*;
/// #[derive(Projection)]
/// #[projection(Document)]
/// struct DocumentOut {
///     title: String,
///     #[projection(path = owner.email)]
///     owner_email: String,
/// }
///
/// # aludel::doc::run(async |session| {
/// // SELECT documents.title, users_1.email FROM documents JOIN users AS users_1 ON documents.owner_id = users_1.id
/// // WHERE documents.id = ?
/// let stmt = select_as::<DocumentOut>().filter(Document::ID.eq(3));
/// let doc = session.scalars(stmt).one().await?;
/// assert_eq!((doc.title.as_str(), doc.owner_email.as_str()), ("Notes", "ada@example.org"));
/// # Ok(()) });
/// ```
pub fn select_as<P: Projection>() -> Select<(ProjectionItem<P>,)> {
    Select::from_node(plan::select::<P>())
}

/// A projection in the result.
pub struct ProjectionItem<P>(PhantomData<fn() -> P>);

impl<P> fmt::Debug for ProjectionItem<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProjectionItem")
    }
}

impl<P: Projection> Item for ProjectionItem<P> {
    type Value = P;

    fn width() -> usize {
        P::WIDTH
    }

    fn read(cells: &[ValueRef<'_>]) -> Result<P> {
        P::read(&mut RowReader::new(P::NAME, cells))
    }

    fn follow_up() -> Option<Box<dyn FollowUp<P>>> {
        (P::COLLECTIONS > 0).then(|| Box::new(Collections::<P>::new()) as _)
    }
}
