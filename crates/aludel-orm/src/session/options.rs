//! How a session behaves.

use aludel_engine::{Engine, Isolation};

use super::n_plus_one::NPlusOne;

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
    pub(super) isolation: Option<Isolation>,
    pub(super) read_only: Option<bool>,
    pub(super) synchronize: bool,
    pub(super) rollback_only: bool,
    /// Each transaction begins with its first statement, as one that writes: where there is one writer at a time, it takes its turn then.
    pub(super) writes_first: bool,
    pub(super) n_plus_one: NPlusOne,
    /// How many reads of single objects a line of the program may do.
    pub(super) single_reads: u32,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            autoflush: true,
            max_queries: None,
            isolation: None,
            read_only: None,
            synchronize: true,
            rollback_only: false,
            writes_first: false,
            n_plus_one: NPlusOne::default(),
            single_reads: 10,
        }
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

    /// Whether UPDATE and DELETE statements of the session keep the objects right that are loaded (default: yes); see [`Session::execute`](crate::Session::execute).
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut session = engine.session_with(|o| o.synchronize_session(false));
    /// let doc = session.get_one::<Document>(1).await?;
    /// session.execute(update(Document).set(Document::TITLE, "Final")).await?;
    /// assert_eq!(session[doc].title, "Draft"); // until a query meets it
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn synchronize_session(mut self, on: bool) -> Self {
        self.synchronize = on;
        self
    }

    /// Whether nothing is ever kept (default: no): for tests. All that the session does is one transaction, which is rolled back when the session is
    /// closed or dropped; a commit is a savepoint, to which the next rollback goes back.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut session = engine.session_with(|o| o.rollback_only(true));
    /// session.add(User::builder().email("kim@example.org"));
    /// session.commit().await?; // BEGIN; SAVEPOINT aludel_1; INSERT INTO users …; RELEASE aludel_1
    /// assert_eq!(session.scalar(select(func::count(User::ID))).await?, 3);
    /// session.close().await?; // ROLLBACK
    /// assert_eq!(engine.session().scalar(select(func::count(User::ID))).await?, 2);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn rollback_only(mut self, on: bool) -> Self {
        self.rollback_only = on;
        self
    }

    /// What the session's transactions see of others. Such a session begins its transaction with its first statement, a read too.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut session = engine.session_with(|o| o.isolation(Isolation::Snapshot));
    /// let users = session.scalar(select(func::count(User::ID))).await?; // BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT …
    /// let documents = session.scalar(select(func::count(Document::ID))).await?; // the same moment
    /// assert_eq!((users, documents), (2, 3));
    /// session.commit().await?; // COMMIT; a conflict is an error that `is_retryable`
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn isolation(mut self, isolation: Isolation) -> Self {
        self.isolation = Some(isolation);
        self
    }

    /// Whether the session may not write (default: it may).
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut session = engine.session_with(|o| o.read_only(true));
    /// session.add(User::builder().email("kim@example.org"));
    /// assert_eq!(session.commit().await.unwrap_err().kind(), ErrorKind::ReadOnly);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn read_only(mut self, on: bool) -> Self {
        self.read_only = Some(on);
        self
    }

    /// Puts the session's options on top of those of the engine.
    pub(super) fn on(self, engine: &Engine) -> Engine {
        if self.isolation.is_none() && self.read_only.is_none() && engine.options().is_usual_transaction() {
            return engine.clone();
        }
        engine.with_options(|mut options| {
            if let Some(isolation) = self.isolation {
                options = options.isolation(isolation);
            }
            if let Some(read_only) = self.read_only {
                options = options.read_only(read_only);
            }
            // All that such a session reads is one transaction.
            if options.is_usual_transaction() { options } else { options.autocommit(false) }
        })
    }

    /// What the session does where one line of the program reads object by object what one statement could read: it warns, unless this is a
    /// release build.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// use aludel::NPlusOne;
    ///
    /// # aludel::doc::run_engine(async |engine| {
    /// let mut session = engine.session_with(|o| o.n_plus_one(NPlusOne::Raise).single_reads(1));
    /// let mut failed = Ok(());
    /// for user in session.scalars(select(User)).all().await? {
    ///     failed = session.load(user, User::DOCUMENTS).await; // the second time it is one too many
    /// }
    /// assert!(failed.unwrap_err().to_string().contains("selectinload(User::DOCUMENTS)"));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn n_plus_one(mut self, what: NPlusOne) -> Self {
        self.n_plus_one = what;
        self
    }

    /// How many objects one line of the program may read singly in a transaction before it is taken for N+1 (default: 10).
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// use aludel::NPlusOne;
    ///
    /// // A loop over five settings that are read one by one is meant as it is; a loop over five hundred is not.
    /// let mut session = engine.session_with(|o| o.n_plus_one(NPlusOne::Raise).single_reads(1));
    /// let mut outcomes = Vec::new();
    /// for id in [1, 2] {
    ///     outcomes.push(session.get::<User>(id).await.is_ok()); // SELECT … FROM users WHERE users.id = ?
    /// }
    /// assert_eq!(outcomes, [true, false]); // the second one was not sent
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn single_reads(mut self, objects: u32) -> Self {
        self.single_reads = objects;
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
