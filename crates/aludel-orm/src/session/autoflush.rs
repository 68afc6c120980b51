//! `no_autoflush`: a part of the program whose queries send no changes first.

use std::ops::{Deref, DerefMut};

use super::Session;

/// A session whose queries send no pending changes first; as before when it is dropped. Made by [`Session::no_autoflush`].
#[must_use = "autoflush is off for as long as this is there"]
pub struct NoAutoflush<'s> {
    session: &'s mut Session,
    before: bool,
}

impl Session {
    /// Turns autoflush off for as long as what comes back is there: queries send no pending changes first.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let doc = session.add(Document::builder().title("Essay").body("")); // it has no owner yet: a flush would fail
    /// let mut quiet = session.no_autoflush();
    /// let ada = quiet.scalars(select(User).filter(User::EMAIL.eq("ada@example.org"))).one().await?;
    /// quiet[doc].owner.set(ada);
    /// drop(quiet);
    /// session.commit().await?; // INSERT INTO documents …
    /// # Ok(()) });
    /// ```
    pub fn no_autoflush(&mut self) -> NoAutoflush<'_> {
        let before = std::mem::replace(&mut self.options.autoflush, false);
        NoAutoflush { session: self, before }
    }
}

impl Drop for NoAutoflush<'_> {
    fn drop(&mut self) {
        self.session.options.autoflush = self.before;
    }
}

impl Deref for NoAutoflush<'_> {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session
    }
}

impl DerefMut for NoAutoflush<'_> {
    fn deref_mut(&mut self) -> &mut Session {
        self.session
    }
}
