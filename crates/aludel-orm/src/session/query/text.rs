//! SQL written by hand, in a session.

use std::future::IntoFuture;

use aludel_engine::driver::BoxFuture;
use aludel_engine::{Executed, Row};
use aludel_sql::{Result, Text};

use super::{Access, SessionQuery};
use crate::session::Session;

/// SQL written by hand, about to run in a session. Awaited as it is, it runs and gives the number of rows that were changed.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run(async |session| {
/// let row = session.execute(text!("SELECT max(id) AS last FROM documents")).one().await?;
/// assert_eq!(row.get::<i64>("last")?, 3);
/// # Ok(()) });
/// ```
#[must_use = "await it, or fetch the rows with `all`, `first`, `one` or `one_or_none`"]
pub struct UntypedRows<'s> {
    pub(super) session: &'s mut Session,
    pub(super) text: Text,
}

macro_rules! untyped {
    ($($(#[$doc:meta])* $name:ident -> $row:ty;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        ///
        /// An error of the database, or the wrong number of rows.
        pub async fn $name(self) -> Result<$row> {
            self.session.before_query().await?;
            self.session.begin(self.access());
            let (connection, ..) = self.session.parts();
            connection.execute(self.text).$name().await
        }
    )*};
}

impl UntypedRows<'_> {
    untyped! {
        /// Fetches all rows.
        all -> Vec<Row>;
        /// Fetches the first row, if there is one.
        first -> Option<Row>;
        /// Fetches the only row.
        one -> Row;
        /// Fetches the only row, if there is one.
        one_or_none -> Option<Row>;
    }

    pub(super) fn access(&self) -> Access {
        access_of(&self.text)
    }
}

/// What a text does. Whatever is no plain query belongs into the session's transaction.
pub(crate) fn access_of(text: &Text) -> Access {
    let sql = text.node().pieces.concat().to_ascii_uppercase();
    let mut words =
        sql.split(|it: char| !it.is_ascii_alphanumeric() && it != '_').filter(|it| !it.is_empty());
    let is_query =
        words.next().is_some_and(|it| ["SELECT", "VALUES", "SHOW", "EXPLAIN", "PRAGMA"].contains(&it));
    let only_reads =
        is_query && !words.any(|it| ["UPDATE", "SHARE", "INTO", "INSERT", "DELETE", "ANALYZE"].contains(&it));
    if only_reads { Access::Reads } else { Access::Writes }
}

impl<'s> IntoFuture for UntypedRows<'s> {
    type Output = Result<Executed>;
    type IntoFuture = BoxFuture<'s, Result<Executed>>;

    /// Runs SQL whose rows nobody wants, inside the session's transaction.
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            self.session.before_query().await?;
            self.session.begin(Access::Writes);
            let (connection, ..) = self.session.parts();
            connection.execute(self.text).await
        })
    }
}

impl SessionQuery for Text {
    type Run<'s> = UntypedRows<'s>;

    fn run_in(self, session: &mut Session) -> UntypedRows<'_> {
        UntypedRows { session, text: self }
    }
}
