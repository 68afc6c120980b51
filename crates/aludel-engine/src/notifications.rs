//! LISTEN and NOTIFY: what connections send each other through the database.

use std::future::poll_fn;
use std::task::{Context, Poll};

use aludel_sql::{Error, ErrorKind, Result, SqlType, ValueRef};

use crate::connection::Connection;
use crate::driver::{Discard, End, Notification, Params, Statement};

impl Connection {
    /// Listens to a channel, and waits for what other connections send to it.
    ///
    /// PostgreSQL only. The connection is not lent again afterwards: it is closed when it is given back.
    ///
    /// ```no_run
    /// # use aludel::prelude::*;
    /// # async fn example(engine: Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect().await?;
    /// let mut jobs = conn.listen("jobs").await?; // LISTEN jobs
    /// loop {
    ///     let job = jobs.recv().await?;
    ///     println!("{}: {}", job.channel, job.payload);
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` on other databases; kind `State` in a transaction, which hears nothing before its end.
    pub async fn listen(&mut self, channel: &str) -> Result<Notifications<'_>> {
        let sql = self.engine().dialect().listen(channel, true)?;
        self.settle().await?;
        if self.in_transaction() {
            return Err(Error::new(ErrorKind::State, "LISTEN in a transaction hears nothing before its end")
                .help("listen on a connection of its own: `engine.connect().await?.listen(channel)`"));
        }
        // Whoever borrows it next has not asked for these messages.
        self.invalidate();
        self.run_plain(&[&sql]).await?;
        Ok(Notifications { conn: self })
    }

    /// Sends a text to all connections that listen to a channel: in a transaction when it is committed, and never if it is not.
    ///
    /// ```no_run
    /// # use aludel::prelude::*;
    /// # async fn example(engine: Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect().await?;
    /// conn.notify("jobs", "7").await?; // SELECT pg_notify('jobs', '7')
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Unsupported` on databases other than PostgreSQL. PostgreSQL takes texts of less than 8,000 bytes.
    pub async fn notify(&mut self, channel: &str, payload: &str) -> Result<()> {
        let statement = Statement {
            types: &[SqlType::Text, SqlType::Text],
            params: Params::One(&[ValueRef::Text(channel), ValueRef::Text(payload)]),
            ..Statement::plain(self.engine().dialect().notify()?)
        };
        self.run(&[statement], End::Open, &mut Discard::default()).await
    }
}

/// The notifications that arrive on a connection, in the order in which they were sent. With the feature `futures` it is a
/// `futures_core::Stream` too.
///
/// Nothing that arrives is lost while the connection does something else, up to 1,024 of them.
#[must_use = "notifications wait until they are asked for"]
#[derive(Debug)]
pub struct Notifications<'c> {
    conn: &'c mut Connection,
}

impl Notifications<'_> {
    /// Listens to one more channel.
    ///
    /// ```no_run
    /// # async fn example(engine: aludel::Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect().await?;
    /// let mut news = conn.listen("jobs").await?; // LISTEN jobs
    /// news.listen("cache").await?; // LISTEN cache
    /// match news.recv().await? {
    ///     it if it.channel == "cache" => println!("forget {}", it.payload),
    ///     it => println!("do {}", it.payload),
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// An error of the database.
    pub async fn listen(&mut self, channel: &str) -> Result<()> {
        let sql = self.conn.engine().dialect().listen(channel, true)?;
        self.conn.run_plain(&[&sql]).await
    }

    /// Listens to a channel no more. What has arrived already is still received.
    ///
    /// ```no_run
    /// # async fn example(engine: aludel::Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect().await?;
    /// let mut jobs = conn.listen("jobs").await?;
    /// jobs.unlisten("jobs").await?; // UNLISTEN jobs: this worker takes no more
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// An error of the database.
    pub async fn unlisten(&mut self, channel: &str) -> Result<()> {
        let sql = self.conn.engine().dialect().listen(channel, false)?;
        self.conn.run_plain(&[&sql]).await
    }

    /// Waits for the next notification. The future may be dropped: nothing is lost.
    ///
    /// ```no_run
    /// # async fn example(engine: aludel::Engine) -> aludel::Result<()> {
    /// use std::time::Duration;
    ///
    /// let mut conn = engine.connect().await?;
    /// let mut jobs = conn.listen("jobs").await?;
    /// loop {
    ///     // A minute at most: what was sent while nobody listened is found by looking.
    ///     match tokio::time::timeout(Duration::from_secs(60), jobs.recv()).await {
    ///         Ok(job) => println!("job {}", job?.payload),
    ///         Err(_elapsed) => println!("look at the table"),
    ///     }
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Disconnected` where the connection ends. What is sent until another one listens is lost: look at the tables then.
    pub async fn recv(&mut self) -> Result<Notification> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Result<Notification>> {
        if self.conn.in_transaction() {
            let what = "the connection cannot wait for notifications: a transaction is open on it";
            return Poll::Ready(Err(Error::new(ErrorKind::State, what).help("listen on another connection")));
        }
        self.conn.conn.raw().poll_notification(cx).map_err(|error| {
            let error = self.conn.conn.explain(error);
            self.conn.conn.failed(&error);
            error
        })
    }
}

#[cfg(feature = "futures")]
impl futures_core::Stream for Notifications<'_> {
    type Item = Result<Notification>;

    fn poll_next(mut self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_recv(cx).map(Some)
    }
}
