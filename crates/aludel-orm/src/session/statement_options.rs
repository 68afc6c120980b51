//! `statement_options`: a part of the program whose statements run with other options.

use std::ops::{Deref, DerefMut};
use std::sync::PoisonError;

use aludel_engine::StatementOptions;

use super::Session;

/// A session whose statements run with other options; as before when it is dropped. Made by [`Session::statement_options`].
#[must_use = "the options count for as long as this is there"]
pub struct SessionOptionsGuard<'s> {
    session: &'s mut Session,
    before: StatementOptions,
}

impl Session {
    /// Changes how statements run for as long as what comes back is there: those that read, and those of a flush. For one statement, mostly.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// use std::time::Duration;
    ///
    /// let titles = select(Document::TITLE).order_by(Document::ID);
    /// let titles = session.statement_options(|o| o.timeout(Duration::from_secs(60))).scalars(titles).all().await?; // a report
    /// assert_eq!(titles, ["Draft", "Plan", "Notes"]);
    /// # Ok(()) });
    /// ```
    ///
    /// Options for all of a session are those of its engine: `engine.with_options(|o| o.timeout(…)).session()`.
    pub fn statement_options(
        &mut self,
        options: impl FnOnce(StatementOptions) -> StatementOptions,
    ) -> SessionOptionsGuard<'_> {
        let before = self.statement_options;
        self.set_statement_options(options(before));
        SessionOptionsGuard { session: self, before }
    }

    fn set_statement_options(&mut self, options: StatementOptions) {
        self.statement_options = options;
        if let Some(connection) = self.connection.get_mut().unwrap_or_else(PoisonError::into_inner) {
            connection.set_statement_options(options);
        }
    }
}

impl Drop for SessionOptionsGuard<'_> {
    fn drop(&mut self) {
        self.session.set_statement_options(self.before);
    }
}

impl Deref for SessionOptionsGuard<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session
    }
}

impl DerefMut for SessionOptionsGuard<'_> {
    fn deref_mut(&mut self) -> &mut Session {
        self.session
    }
}
