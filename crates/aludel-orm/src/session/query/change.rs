//! Statements that change rows, in a session.

use std::future::IntoFuture;

use aludel_engine::driver::BoxFuture;
use aludel_engine::{Executed, Query};
use aludel_sql::{Delete, Insert, InsertFrom, Result, Update, Upsert};

use super::{Access, SessionQuery};
use crate::entity::Entity;
use crate::session::Session;

/// A statement that changes rows and is about to run; await it.
#[must_use = "futures do nothing unless you `.await` them"]
pub struct Change<'s, T = Executed>(BoxFuture<'s, Result<T>>);

impl<'s, T> IntoFuture for Change<'s, T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'s, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        self.0
    }
}

macro_rules! changes {
    ($($statement:ident),*) => {$(
        impl<E: Entity> SessionQuery for $statement<E> {
            type Run<'s> = Change<'s>;

            fn run_in(self, session: &mut Session) -> Change<'_> {
                Change(Box::pin(change::<E, _, _>(session, self)))
            }
        }
    )*};
}

changes!(Insert, InsertFrom, Update, Delete);

impl<E: Entity> SessionQuery for Upsert<E> {
    type Run<'s> = Change<'s, ()>;

    fn run_in(self, session: &mut Session) -> Change<'_, ()> {
        Change(Box::pin(change::<E, _, _>(session, self)))
    }
}

/// Runs a statement that changes rows of an entity inside the session's transaction.
async fn change<E: Entity, Q, T>(session: &mut Session, query: Q) -> Result<T>
where
    Q: for<'c> Query<Run<'c> = aludel_engine::Change<'c, T>>,
{
    session.before_query().await?;
    let index = session.arenas.index_of::<E>();
    session.begin(Access::Writes);
    let (connection, arenas, _) = session.parts();
    let executed = connection.execute(query).await?;
    // What the statement did to rows that are loaded, the session cannot know.
    arenas.at_mut(index).age(None);
    Ok(executed)
}
