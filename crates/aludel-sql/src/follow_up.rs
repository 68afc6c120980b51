//! What is still to be read after the rows: the collections of a projection.
//!
//! A row of an ordinary item is whole when its cells were read. A value with collections is not: they are the rows of other statements, one for
//! each collection whatever the number of values. Which statements these are is decided here, by pure functions of values; whoever
//! runs the first statement runs them too.

use crate::error::Result;
use crate::select::SelectNode;
use crate::value::ValueRef;

/// Reads what makes values whole after their rows were read.
///
/// The one who runs the statement sends [what goes beside it](Self::beside) in the same batch and calls [`note`](Self::note) for each row, then
/// runs [`statements`](Self::statements) until there are none, showing their rows to [`row`](Self::row), and then lets each value be
/// [filled](Self::fill).
pub trait FollowUp<V>: Send {
    /// Returns the statements that need no row of this one to be made, because its conditions say what they are for. They are independent of each
    /// other, and their rows are shown after its own.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # use aludel::{Projection, ProjectionItem, SqliteDialect};
    /// # use aludel_sql::{Compiled, Item, StatementRef};
    /// # #[derive(Projection)]
    /// # #[projection(User)]
    /// # struct UserOut {
    /// #     email: String,
    /// #     documents: Vec<DocumentOut>,
    /// # }
    /// #
    /// # #[derive(Projection)]
    /// # #[projection(Document)]
    /// # struct DocumentOut {
    /// #     title: String,
    /// # }
    /// # fn main() -> aludel::Result<()> {
    /// // By its key: whose documents they are, is known before the user is read.
    /// let sam = aludel::select_as::<UserOut>().filter(User::ID.eq(1));
    /// let mut rest = ProjectionItem::<UserOut>::follow_up().unwrap();
    /// let beside = rest.beside(sam.node())?;
    /// let documents = Compiled::new(StatementRef::Select(&beside[0]), &SqliteDialect)?;
    /// assert_eq!(
    ///     documents.text,
    ///     "SELECT documents.title, documents.owner_id FROM documents WHERE documents.owner_id = ?1 \
    ///      ORDER BY documents.id"
    /// );
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` where a relation cannot be followed.
    fn beside(&mut self, first: &SelectNode) -> Result<Vec<SelectNode>>;

    /// Notes a row: its cells, before or after the value is made of them.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # use aludel::{Projection, ProjectionItem, SqliteDialect, ValueRef};
    /// # use aludel_sql::{Item, StatementRef, Compiled};
    /// #[derive(Projection)]
    /// #[projection(User)]
    /// struct UserOut {
    ///     email: String,
    ///     documents: Vec<DocumentOut>,
    /// }
    /// #
    /// # #[derive(Projection)]
    /// # #[projection(Document)]
    /// # struct DocumentOut {
    /// #     title: String,
    /// # }
    /// # fn main() -> aludel::Result<()> {
    /// let mut rest = ProjectionItem::<UserOut>::follow_up().unwrap();
    /// assert!(rest.statements()?.is_empty()); // nobody whose documents could be read
    /// # let mut rest = ProjectionItem::<UserOut>::follow_up().unwrap();
    /// rest.note(&[ValueRef::Text("sam@example.org"), ValueRef::Int(1)])?;
    /// assert_eq!(rest.statements()?.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Decode` where a cell does not fit.
    fn note(&mut self, cells: &[ValueRef<'_>]) -> Result<()>;

    /// Returns the statements to run next. They are independent of each other; none says that everything was read.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # use aludel::{Projection, ProjectionItem, SqliteDialect, ValueRef};
    /// # use aludel_sql::{Item, StatementRef, Compiled};
    /// # #[derive(Projection)]
    /// # #[projection(User)]
    /// # struct UserOut {
    /// #     email: String,
    /// #     documents: Vec<DocumentOut>,
    /// # }
    /// #
    /// # #[derive(Projection)]
    /// # #[projection(Document)]
    /// # struct DocumentOut {
    /// #     title: String,
    /// # }
    /// # fn main() -> aludel::Result<()> {
    /// # let mut rest = ProjectionItem::<UserOut>::follow_up().unwrap();
    /// rest.note(&[ValueRef::Text("sam@example.org"), ValueRef::Int(1)])?;
    /// rest.note(&[ValueRef::Text("ada@example.org"), ValueRef::Int(2)])?;
    /// // One statement for the documents of all users.
    /// let statements = rest.statements()?;
    /// let documents = Compiled::new(StatementRef::Select(&statements[0]), &SqliteDialect)?;
    /// assert_eq!(
    ///     documents.text,
    ///     "SELECT documents.title, documents.owner_id FROM documents WHERE documents.owner_id IN (SELECT value FROM json_each(?1)) ORDER BY documents.id"
    /// );
    /// assert!(rest.statements()?.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` where a relation cannot be followed.
    fn statements(&mut self) -> Result<Vec<SelectNode>>;

    /// Takes a row of one of the statements that were returned last.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # use aludel::{Projection, ProjectionItem, SqliteDialect, ValueRef};
    /// # use aludel_sql::{Item, StatementRef, Compiled};
    /// # #[derive(Projection)]
    /// # #[projection(User)]
    /// # struct UserOut {
    /// #     email: String,
    /// #     documents: Vec<DocumentOut>,
    /// # }
    /// #
    /// # #[derive(Projection)]
    /// # #[projection(Document)]
    /// # struct DocumentOut {
    /// #     title: String,
    /// # }
    /// # fn main() -> aludel::Result<()> {
    /// # let mut rest = ProjectionItem::<UserOut>::follow_up().unwrap();
    /// # rest.note(&[ValueRef::Text("sam@example.org"), ValueRef::Int(1)])?;
    /// # rest.statements()?;
    /// // What the first statement gives: the document, and whose it is.
    /// rest.row(0, &[ValueRef::Text("Draft"), ValueRef::Int(1)])?;
    /// # let mut sam = UserOut { email: "sam@example.org".into(), documents: vec![] };
    /// # rest.statements()?;
    /// # rest.fill(0, &mut sam)?;
    /// # assert_eq!(sam.documents[0].title, "Draft");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Decode` where a cell does not fit.
    fn row(&mut self, statement: usize, cells: &[ValueRef<'_>]) -> Result<()>;

    /// Makes the value of the nth row whole.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # use aludel::{Projection, ProjectionItem, SqliteDialect, ValueRef};
    /// # use aludel_sql::{Item, StatementRef, Compiled};
    /// # #[derive(Projection)]
    /// # #[projection(User)]
    /// # struct UserOut {
    /// #     email: String,
    /// #     documents: Vec<DocumentOut>,
    /// # }
    /// #
    /// # #[derive(Projection)]
    /// # #[projection(Document)]
    /// # struct DocumentOut {
    /// #     title: String,
    /// # }
    /// # fn main() -> aludel::Result<()> {
    /// # let mut rest = ProjectionItem::<UserOut>::follow_up().unwrap();
    /// let cells = [ValueRef::Text("sam@example.org"), ValueRef::Int(1)];
    /// let mut sam = ProjectionItem::<UserOut>::read(&cells)?;
    /// # rest.note(&cells)?;
    /// # rest.statements()?;
    /// # rest.row(0, &[ValueRef::Text("Draft"), ValueRef::Int(1)])?;
    /// # rest.statements()?;
    /// assert!(sam.documents.is_empty());
    /// rest.fill(0, &mut sam)?;
    /// assert_eq!(sam.documents[0].title, "Draft");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Decode` where it does not fit.
    fn fill(&mut self, row: usize, value: &mut V) -> Result<()>;
}
