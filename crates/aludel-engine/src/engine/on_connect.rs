//! What is done with each new connection before anybody gets it.

use std::sync::Arc;

use aludel_sql::{Error, ErrorKind, Result, SchemaMap};

use super::{Engine, EngineBuilder};
use crate::connection::Connection;
use crate::driver::{BoxFuture, Status};
use crate::pool::PooledConn;

pub(super) type OnConnect =
    Arc<dyn for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, Result<()>> + Send + Sync>;

impl<E: From<Engine>> EngineBuilder<E> {
    /// Does something with each new connection, before anybody gets it: settings, mostly. Several are done in their order.
    ///
    /// It is done again after the session of a connection was reset
    /// ([`ResetOnReturn::Full`](crate::pool::ResetOnReturn::Full)).
    /// Where it fails, the connection is closed, and the borrower gets the error.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |_| {
    /// let engine = Engine::builder("sqlite::memory:")
    ///     .on_connect(|conn| {
    ///         Box::pin(async move { conn.run_plain(&["PRAGMA cache_size = -20000"]).await }) // 20 MB instead of 2
    ///     })
    ///     .build()?;
    /// let mut conn = engine.connect().await?;
    /// let row = conn.execute(text!("SELECT cache_size FROM pragma_cache_size")).one().await?;
    /// assert_eq!(row.get::<i64>("cache_size")?, -20_000);
    /// # Ok(()) });
    /// ```
    pub fn on_connect<F>(mut self, hook: F) -> Self
    where
        F: for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, Result<()>> + Send + Sync + 'static,
    {
        self.on_connect.push(Arc::new(hook));
        self
    }
}

/// Does what is to be done with a new connection, and hands it over.
pub(super) async fn prepared(engine: Engine, conn: PooledConn) -> Result<Connection> {
    let inner = Arc::clone(&engine.0.inner);
    let mut conn = Connection::new(engine, conn);
    prepare(&mut conn, &inner.on_connect).await?;
    Ok(conn)
}

async fn prepare(conn: &mut Connection, hooks: &[OnConnect]) -> Result<()> {
    // The options of the engine are for its statements; a hook that only reads or never commits would be of no use.
    let options = std::mem::take(&mut conn.options);
    // Nor is its map of schemas, where connections serve all maps.
    let translating = conn.engine().translates().then(|| {
        let engine = conn.engine().translate_schemas(SchemaMap::new());
        conn.replace_engine(engine)
    });
    for hook in hooks {
        let done = match hook(conn).await {
            Ok(()) if conn.in_transaction() || conn.status() != Status::Idle => {
                Err(Error::new(ErrorKind::State, "`on_connect` left a transaction or a statement open")
                    .help("commit it: the connection is going to be somebody else's"))
            }
            done => done,
        };
        if let Err(error) = done {
            conn.conn.invalidate();
            return Err(error.doing("preparing a new connection with `on_connect`"));
        }
    }
    conn.options = options;
    if let Some(engine) = translating {
        conn.replace_engine(engine);
    }
    conn.conn.is_prepared();
    Ok(())
}
