//! What stands between an engine and the driver of its database: it answers some calls itself, all others the driver.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use aludel::driver::{
    Batch, BoxFuture, Canceller, CopySource, Driver, Notice, Notification, Ran, RawConn, RowSink, Status,
};
use aludel::prelude::*;
use aludel::{Backend, Dialect, EngineBuilder, Result, Url};

use crate::{Database, Db};

/// Stands between an engine and one connection of the driver.
pub trait Between: Send + 'static {
    /// In the place of [`RawConn::run`].
    fn run<'a>(
        &'a mut self,
        raw: &'a mut dyn RawConn,
        batch: &'a Batch<'a>,
        sink: &'a mut dyn RowSink,
    ) -> BoxFuture<'a, Result<Ran>> {
        raw.run(batch, sink)
    }

    /// In the place of [`RawConn::resume`].
    fn resume<'a>(
        &'a mut self,
        raw: &'a mut dyn RawConn,
        sink: &'a mut dyn RowSink,
    ) -> BoxFuture<'a, Result<Ran>> {
        raw.resume(sink)
    }

    /// Whether the connection is lost, whatever the driver says.
    fn is_broken(&self) -> bool {
        false
    }
}

impl Db {
    /// Begins an engine for the same database, with one of these between it and each of its connections; where `connect` fails, nothing is opened.
    pub fn builder_with<B: Between>(
        &self,
        connect: impl Fn() -> Result<B> + Send + Sync + 'static,
    ) -> EngineBuilder<Engine> {
        let real: &'static dyn Backend = match self.database {
            Database::Sqlite => &aludel_sqlite::SqliteBackend,
            Database::Postgres => &aludel_postgres::PostgresBackend,
            Database::MariaDb => &aludel_mysql::MySqlBackend,
        };
        let connect: Connect = Arc::new(move || connect().map(|it| Box::new(it) as Box<dyn Between>));
        // Lives as long as the test, as backends do.
        let backend: &'static BackendBehind = Box::leak(Box::new(BackendBehind { real, connect }));
        EngineBuilder::new(&self.url, vec![backend], &[])
    }
}

type Connect = Arc<dyn Fn() -> Result<Box<dyn Between>> + Send + Sync>;

struct BackendBehind {
    real: &'static dyn Backend,
    connect: Connect,
}

impl fmt::Debug for BackendBehind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "something and {:?}", self.real)
    }
}

impl Backend for BackendBehind {
    fn schemes(&self) -> &'static [&'static str] {
        self.real.schemes()
    }

    fn open(&self, url: &Url) -> Result<(Arc<dyn Driver>, Arc<dyn Dialect>)> {
        let (real, dialect) = self.real.open(url)?;
        Ok((Arc::new(DriverBehind { real, connect: Arc::clone(&self.connect) }), dialect))
    }
}

struct DriverBehind {
    real: Arc<dyn Driver>,
    connect: Connect,
}

impl fmt::Debug for DriverBehind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "something and {:?}", self.real)
    }
}

impl Driver for DriverBehind {
    fn connect(&self) -> BoxFuture<'_, Result<Box<dyn RawConn>>> {
        Box::pin(async move {
            let between = (self.connect)()?;
            let raw = self.real.connect().await?;
            Ok(Box::new(ConnBehind { between, raw }) as Box<dyn RawConn>)
        })
    }
}

struct ConnBehind {
    between: Box<dyn Between>,
    raw: Box<dyn RawConn>,
}

impl RawConn for ConnBehind {
    fn run<'a>(&'a mut self, batch: &'a Batch<'a>, sink: &'a mut dyn RowSink) -> BoxFuture<'a, Result<Ran>> {
        self.between.run(&mut *self.raw, batch, sink)
    }

    fn resume<'a>(&'a mut self, sink: &'a mut dyn RowSink) -> BoxFuture<'a, Result<Ran>> {
        self.between.resume(&mut *self.raw, sink)
    }

    fn give_up(&mut self) -> bool {
        self.raw.give_up()
    }

    fn status(&self) -> Status {
        if self.between.is_broken() { Status::Broken } else { self.raw.status() }
    }

    fn is_closed(&mut self) -> bool {
        self.between.is_broken() || self.raw.is_closed()
    }

    fn lent(&mut self, at: &'static Location<'static>) {
        self.raw.lent(at);
    }

    fn set_timeout(&mut self, limit: Option<Duration>) -> bool {
        self.raw.set_timeout(limit)
    }

    fn canceller(&self) -> Canceller {
        self.raw.canceller()
    }

    fn reset(&mut self) -> BoxFuture<'_, Result<()>> {
        self.raw.reset()
    }

    fn copy_in<'a>(
        &'a mut self,
        batch: &'a Batch<'a>,
        source: &'a mut dyn CopySource,
        sink: &'a mut dyn RowSink,
    ) -> BoxFuture<'a, Result<Ran>> {
        self.raw.copy_in(batch, source, sink)
    }

    fn poll_notification(&mut self, cx: &mut Context<'_>) -> Poll<Result<Notification>> {
        self.raw.poll_notification(cx)
    }

    fn take_notice(&mut self) -> Option<Notice> {
        self.raw.take_notice()
    }

    fn needs_its_runtime(&self) -> bool {
        self.raw.needs_its_runtime()
    }

    fn close(self: Box<Self>) -> BoxFuture<'static, ()> {
        self.raw.close()
    }
}
