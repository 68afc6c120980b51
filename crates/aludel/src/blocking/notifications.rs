//! What other programs tell.

use aludel_engine::Notification;
use aludel_engine::blocking::Runner;
use aludel_sql::Result;

/// The notifications that arrive on a connection, as [`aludel::Notifications`](crate::Notifications).
#[must_use = "notifications wait until they are asked for"]
pub struct Notifications<'c> {
    pub(super) inner: aludel_engine::Notifications<'c>,
    pub(super) runner: Runner,
}

impl Notifications<'_> {
    /// Listens to one more channel.
    ///
    /// ```no_run
    /// # fn example(engine: aludel::blocking::Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect()?;
    /// let mut news = conn.listen("jobs")?; // LISTEN jobs
    /// news.listen("cache")?; // LISTEN cache
    /// let first = news.recv()?;
    /// println!("{}: {}", first.channel, first.payload);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// An error of the database.
    pub fn listen(&mut self, channel: &str) -> Result<()> {
        self.runner.run(self.inner.listen(channel))
    }

    /// Listens to a channel no more.
    ///
    /// ```no_run
    /// # fn example(engine: aludel::blocking::Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect()?;
    /// let mut jobs = conn.listen("jobs")?;
    /// jobs.unlisten("jobs")?; // UNLISTEN jobs: this worker takes no more
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// An error of the database.
    pub fn unlisten(&mut self, channel: &str) -> Result<()> {
        self.runner.run(self.inner.unlisten(channel))
    }

    /// Waits for the next notification.
    ///
    /// ```no_run
    /// # fn example(engine: aludel::blocking::Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect()?;
    /// let mut jobs = conn.listen("jobs")?;
    /// while let Ok(job) = jobs.recv() {
    ///     println!("job {}", job.payload);
    /// } // the connection has ended: look at the table, and listen on another
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Disconnected` where the connection ends.
    pub fn recv(&mut self) -> Result<Notification> {
        self.runner.run(self.inner.recv())
    }
}
