//! Rows of a session that are not kept: plain structs and values, as they are asked for.

use aludel_engine::{Connection, Row, RowStream, Rows as CoreRows, RowsQuery, Scalars as CoreScalars};
use aludel_sql::{Error, ErrorKind, Item, Result, Shape};

use super::item::SessionItem;
use super::plan::{Access, IntoSessionPlan, SessionPlan};
use super::rows::{Rows, Scalars};
use super::shape::SessionShape;
use super::text::UntypedRows;
use crate::session::Session;

impl Session {
    /// Streams the rows of a statement: plain structs and values, which the session does not keep. Memory stays flat whatever their number,
    /// and the database waits for who reads.
    ///
    /// Pending changes are flushed first; the session is busy as long as the stream lives. To change what is read, see
    /// [`chunks`](crate::Scalars::chunks).
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// // SELECT documents.id, … FROM documents ORDER BY documents.id
    /// let mut documents = session.stream(select(Document).order_by(Document::ID));
    /// while let Some(document) = documents.next().await? {
    ///     println!("{}", document.title); // a `Document`, not a handle
    /// }
    /// # Ok(()) });
    /// ```
    ///
    /// Relations of what is streamed are not loaded: with loader options the first row is an error of kind `Unsupported`, and so it is for
    /// projections with collections.
    pub fn stream<Q>(&mut self, query: Q) -> RowStream<'_, <<Q::Shape as Shape>::First as Item>::Value>
    where
        Q: RowsQuery + IntoSessionPlan,
    {
        scalars::<<Q::Shape as Shape>::First>(self, query.into_session_plan())
    }
}

impl<'s, I: SessionItem> Scalars<'s, I> {
    /// Streams the rows, which the session does not keep. As [`Session::stream`].
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let mut users = session.scalars(select(User).order_by(User::ID)).stream(); // SELECT users.id, … FROM users ORDER BY users.id
    /// let first = users.next().await?.expect("there are two");
    /// assert_eq!(first.email, "sam@example.org"); // a `User`, which the session does not know
    /// # Ok(()) });
    /// ```
    pub fn stream(self) -> RowStream<'s, I::Value> {
        scalars::<I>(self.session, self.plan)
    }
}

impl<'s, S: SessionShape> Rows<'s, S> {
    /// Streams the rows as tuples, which the session does not keep. As [`Session::stream`].
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let stmt = select((User, Document::TITLE)).join(User::DOCUMENTS);
    /// let mut rows = session.execute(stmt).stream(); // SELECT users.id, …, documents.title FROM users JOIN documents ON …
    /// while let Some((user, title)) = rows.next().await? {
    ///     println!("{title} by {}", user.email);
    /// }
    /// # Ok(()) });
    /// ```
    pub fn stream(self) -> RowStream<'s, S::Row> {
        let SessionPlan { plan, options, tracking } = self.plan;
        if !options.is_empty() {
            return RowStream::failed(no_options());
        }
        RowStream::opened_by(async move {
            Ok(CoreRows::<S>::new(open(self.session, tracking.access).await?, plan).stream())
        })
    }
}

impl<'s> UntypedRows<'s> {
    /// Streams the rows. As [`Session::stream`].
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let mut rows = session.execute(text!("SELECT title, length(body) AS size FROM documents ORDER BY id")).stream();
    /// let mut sizes = Vec::new();
    /// while let Some(row) = rows.next().await? {
    ///     sizes.push(row.get::<i64>("size")?);
    /// }
    /// assert_eq!(sizes.len(), 3);
    /// # Ok(()) });
    /// ```
    pub fn stream(self) -> RowStream<'s, Row> {
        RowStream::opened_by(async move {
            let access = self.access();
            Ok(open(self.session, access).await?.execute(self.text).stream())
        })
    }
}

fn scalars<I: Item>(session: &mut Session, plan: SessionPlan) -> RowStream<'_, I::Value> {
    let SessionPlan { plan, options, tracking } = plan;
    if !options.is_empty() {
        return RowStream::failed(no_options());
    }
    RowStream::opened_by(async move {
        Ok(CoreScalars::<I>::new(open(session, tracking.access).await?, plan).stream())
    })
}

/// Does what a stream needs before its first row.
async fn open(session: &mut Session, access: Access) -> Result<&mut Connection> {
    session.before_query().await?;
    session.begin(access);
    Ok(session.parts().0)
}

#[cold]
fn no_options() -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "the relations of streamed rows cannot be loaded: the connection is busy with the rows",
    )
    .help("walk the objects with `session.scalars(stmt).chunks(n)`, which loads them for n at a time")
}
