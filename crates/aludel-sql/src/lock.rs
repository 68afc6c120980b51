//! Locks on rows: FOR UPDATE and its like.

use crate::column::Source;
use crate::from::EntityClause;
use crate::select::Select;
use crate::selection::Shape;

/// Which rows a SELECT locks, and how.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lock {
    /// How; none where only the manners of a lock were given.
    pub strength: Option<LockStrength>,
    /// What to do about rows that somebody else has locked.
    pub wait: LockWait,
    /// The tables whose rows are locked; all of FROM where none is named.
    pub of: Vec<Source>,
}

/// How rows are locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LockStrength {
    /// Against everybody who wants to change or lock them.
    Update,
    /// Against everybody who wants to change them.
    Share,
}

/// What to do about rows that somebody else has locked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LockWait {
    /// Wait for them.
    #[default]
    Wait,
    /// Fail.
    NoWait,
    /// Leave them out.
    SkipLocked,
}

impl Lock {
    /// `FOR UPDATE`
    ///
    /// ```
    /// use aludel_sql::{Lock, LockStrength, LockWait};
    ///
    /// let lock = Lock::for_update();
    /// assert_eq!((lock.strength, lock.wait), (Some(LockStrength::Update), LockWait::Wait));
    /// assert!(lock.of.is_empty()); // the rows of all tables
    /// ```
    #[must_use]
    pub fn for_update() -> Self {
        Self { strength: Some(LockStrength::Update), ..Self::default() }
    }
}

impl<S: Shape> Select<S> {
    /// Locks the rows until the transaction ends. On SQLite, where a writer locks the whole database, it is an error.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let locked = select(Book).filter(Book::ID.eq(5)).for_update();
    /// assert!(locked.to_sql(&aludel_sqlite::SqliteDialect).is_err());
    /// ```
    pub fn for_update(self) -> Self {
        self.locked(|lock| lock.strength = Some(LockStrength::Update))
    }

    /// Locks the rows against changes until the transaction ends; others may read and share them.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // The author must not go while a book of theirs is written.
    /// let author = select(Author::ID).filter(Author::ID.eq(1)).for_share();
    /// assert_eq!(postgres(author.clone()), "SELECT authors.id FROM authors WHERE authors.id = $1 FOR SHARE");
    /// assert_eq!(mariadb(author), "SELECT authors.id FROM authors WHERE authors.id = ? LOCK IN SHARE MODE");
    /// ```
    pub fn for_share(self) -> Self {
        self.locked(|lock| lock.strength = Some(LockStrength::Share))
    }

    /// Fails, with an error of kind `Timeout`, where somebody else has locked one of the rows: behind [`for_update`](Self::for_update) or
    /// [`for_share`](Self::for_share).
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let now_or_never = select(Book::ID).filter(Book::ID.eq(5)).for_update().nowait();
    /// assert_eq!(postgres(now_or_never), "SELECT books.id FROM books WHERE books.id = $1 FOR UPDATE NOWAIT");
    /// ```
    pub fn nowait(self) -> Self {
        self.locked(|lock| lock.wait = LockWait::NoWait)
    }

    /// Leaves out rows that somebody else has locked: several workers take jobs from one table, and none waits for another.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// // SELECT … FOR UPDATE SKIP LOCKED, on PostgreSQL and MariaDB
    /// let next = select(Book).order_by(Book::ID).limit(1).for_update().skip_locked();
    /// # let _ = next;
    /// ```
    pub fn skip_locked(self) -> Self {
        self.locked(|lock| lock.wait = LockWait::SkipLocked)
    }

    /// Locks only rows of this table; called again, of that one too. MariaDB cannot.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // The book is changed, its author only read.
    /// let book = select((Book::ID, Author::NAME)).join(Book::AUTHOR).for_update().of(Book);
    /// assert_eq!(
    ///     postgres(book.clone()),
    ///     "SELECT books.id, authors.name FROM books JOIN authors ON books.author_id = authors.id FOR UPDATE OF books"
    /// );
    /// assert_eq!(book.to_sql(&aludel::MySqlDialect::default()).unwrap_err().kind(), ErrorKind::Unsupported);
    /// ```
    pub fn of(self, entity: impl EntityClause) -> Self {
        self.locked(|lock| lock.of.push(entity.into_source()))
    }

    fn locked(mut self, change: impl FnOnce(&mut Lock)) -> Self {
        change(self.node_mut().lock.get_or_insert_default());
        self
    }
}
