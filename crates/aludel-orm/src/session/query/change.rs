//! Statements that change rows, in a session.

use std::future::IntoFuture;

use aludel_engine::driver::BoxFuture;
use aludel_engine::{Executed, Query};
use aludel_sql::{Delete, Insert, InsertFrom, Result, TableMeta, ToSql, Update, Upsert};

use super::synchronize::{ByCondition, age_behind, synchronized, unload_relations};
use super::{Access, SessionQuery};
use crate::entity::Entity;
use crate::session::Session;

/// A statement that changes rows and is about to run; await it.
#[must_use = "futures do nothing unless you `.await` them"]
pub struct Change<'s, T = Executed> {
    session: &'s mut Session,
    synchronize: bool,
    run: Run<'s, T>,
}

type Run<'s, T> = Box<dyn FnOnce(&'s mut Session, bool) -> BoxFuture<'s, Result<T>> + Send + 's>;

impl<'s, T> Change<'s, T> {
    fn new(
        session: &'s mut Session,
        run: impl FnOnce(&'s mut Session, bool) -> BoxFuture<'s, Result<T>> + Send + 's,
    ) -> Self {
        Self { synchronize: session.options.synchronize, session, run: Box::new(run) }
    }

    /// Whether the objects that are loaded are kept right (default: yes); see [`Session::execute`]. Without it they only age.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// let stmt = update(Document).set(Document::TITLE, "Final");
    /// session.execute(stmt).synchronize_session(false).await?; // UPDATE documents SET title = ?
    /// assert_eq!(session[doc].title, "Draft");
    /// session.get::<Document>(1).await?; // SELECT …: it has aged
    /// assert_eq!(session[doc].title, "Final");
    /// # Ok(()) });
    /// ```
    pub fn synchronize_session(mut self, on: bool) -> Self {
        self.synchronize = on;
        self
    }
}

impl<'s, T> IntoFuture for Change<'s, T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'s, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        (self.run)(self.session, self.synchronize)
    }
}

macro_rules! changes {
    ($($statement:ident),*) => {$(
        impl<E: Entity> SessionQuery for $statement<E> {
            type Run<'s> = Change<'s>;

            fn run_in(self, session: &mut Session) -> Change<'_> {
                let in_with = self.statement().changed_in_with();
                Change::new(session, |session, _| Box::pin(change::<E, _, _>(session, self, in_with)))
            }
        }
    )*};
}

changes!(InsertFrom);

impl<E: Entity> SessionQuery for Insert<E> {
    type Run<'s> = Change<'s>;

    fn run_in(self, session: &mut Session) -> Change<'_> {
        // Of rows nothing is in WITH.
        Change::new(session, |session, _| Box::pin(change::<E, _, _>(session, self, Vec::new())))
    }
}

macro_rules! synchronized {
    ($($statement:ident),*) => {$(
        impl<E: Entity> SessionQuery for $statement<E> {
            type Run<'s> = Change<'s>;

            fn run_in(self, session: &mut Session) -> Change<'_> {
                Change::new(session, |session, synchronize| {
                    Box::pin(async move {
                        // What this flushes are rows, too.
                        session.before_load().await?;
                        let in_with = self.statement().changed_in_with();
                        // What finds the rows beforehand must change none.
                        let synchronize = synchronize && in_with.is_empty();
                        if synchronize && session.has_rows::<E>() {
                            return synchronized::<E, _>(session, self).await;
                        }
                        let (sets, deletes) = (self.sets(), self.deletes());
                        let executed = change::<E, _, _>(session, self, in_with).await?;
                        age_behind(&mut session.arenas, E::TABLE, sets, deletes);
                        if synchronize && !deletes {
                            // A collection may have got rows that are not here.
                            let index = session.arenas.index_of::<E>();
                            unload_relations(&mut session.arenas, index, &[], sets);
                        }
                        Ok(executed)
                    })
                })
            }
        }
    )*};
}

synchronized!(Update, Delete);

impl<E: Entity> SessionQuery for Upsert<E> {
    type Run<'s> = Change<'s, ()>;

    fn run_in(self, session: &mut Session) -> Change<'_, ()> {
        let in_with = self.statement().changed_in_with();
        Change::new(session, |session, _| Box::pin(change::<E, _, _>(session, self, in_with)))
    }
}

/// Runs a statement that changes rows of an entity inside the session's transaction.
async fn change<E: Entity, Q, T>(
    session: &mut Session,
    query: Q,
    in_with: Vec<&'static TableMeta>,
) -> Result<T>
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
    arenas.age(&in_with);
    Ok(executed)
}
