//! How a session behaves.

/// How a session behaves.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_engine(async |engine| {
/// let mut session = engine.session_with(|o| o.autoflush(false).max_queries(1));
/// session.scalars(select(User)).all().await?;
/// assert!(session.scalars(select(Document)).all().await.is_err()); // one statement more than allowed
/// # Ok(()) });
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SessionOptions {
    pub(super) autoflush: bool,
    pub(super) max_queries: Option<u64>,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self { autoflush: true, max_queries: None }
    }
}

impl SessionOptions {
    /// Whether queries send pending changes first (default: yes).
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut session = engine.session_with(|o| o.autoflush(false));
    /// session.add(User::builder().email("kim@example.org"));
    /// let users = session.scalars(select(User)).all().await?; // SELECT … FROM users, without an INSERT before it
    /// assert_eq!(users.len(), 2);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn autoflush(mut self, on: bool) -> Self {
        self.autoflush = on;
        self
    }

    /// Makes more statements than this an error: for tests that guard against N+1.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut session = engine.session_with(|o| o.max_queries(2));
    /// let users = session.scalars(select(User).options(selectinload(User::DOCUMENTS))).all().await?; // two statements
    /// assert_eq!(users.len(), 2);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn max_queries(mut self, statements: u64) -> Self {
        self.max_queries = Some(statements);
        self
    }
}
