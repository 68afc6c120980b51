//! Rows to fetch: what `execute` and `scalars` give.

use aludel_engine::blocking::Runner;
use aludel_engine::{Executed, Row};
use aludel_orm::{Entity, SessionItem, SessionShape};
use aludel_sql::{EntityItem, Item, Result, Shape};

/// The rows of a statement. The statement runs when they are fetched.
#[must_use = "fetch the rows with `all`, `first`, `one` or `one_or_none`"]
pub struct Fetch<R> {
    rows: R,
    runner: Runner,
}

impl<R> Fetch<R> {
    pub(super) fn new(rows: R, runner: &Runner) -> Self {
        Self { rows, runner: runner.clone() }
    }
}

macro_rules! fetch {
    ([$($generics:tt)*] $rows:ty => $row:ty) => {
        impl<$($generics)*> Fetch<$rows> {
            /// Fetches all rows.
            ///
            /// # Errors
            ///
            /// An error of the database, or of kind `Decode`.
            pub fn all(self) -> Result<Vec<$row>> {
                self.runner.run(self.rows.all())
            }

            /// Fetches the first row, if there is one.
            ///
            /// # Errors
            ///
            /// An error of the database, or of kind `Decode`.
            pub fn first(self) -> Result<Option<$row>> {
                self.runner.run(self.rows.first())
            }

            /// Fetches the only row.
            ///
            /// # Errors
            ///
            /// Kind `NotFound` where there is none, `MultipleFound` where there are several; an error of the database, or of kind
            /// `Decode`.
            pub fn one(self) -> Result<$row> {
                self.runner.run(self.rows.one())
            }

            /// Fetches the only row, if there is one.
            ///
            /// # Errors
            ///
            /// Kind `MultipleFound` where there are several; an error of the database, or of kind `Decode`.
            pub fn one_or_none(self) -> Result<Option<$row>> {
                self.runner.run(self.rows.one_or_none())
            }
        }
    };
}

fetch!(['c, S: Shape] aludel_engine::Rows<'c, S> => S::Row);
fetch!(['c, I: Item] aludel_engine::Scalars<'c, I> => I::Value);
fetch!(['c] aludel_engine::UntypedRows<'c> => Row);
fetch!(['s, S: SessionShape] aludel_orm::Rows<'s, S> => S::TrackedRow);
fetch!(['s, I: SessionItem] aludel_orm::Scalars<'s, I> => I::Tracked);
fetch!(['s] aludel_orm::UntypedRows<'s> => Row);

macro_rules! page {
    ([$($generics:tt)*] $rows:ty => $row:ty) => {
        #[cfg(feature = "keyset")]
        impl<'s, $($generics)*> Fetch<$rows> {
            /// Reads the page at a place of the list: at most `limit` rows, and where the pages around them begin.
            ///
            /// # Errors
            ///
            /// Kind `Validation` where a cursor is not valid; `Unsupported` where the statement cannot be read in pages.
            pub fn page(
                self,
                key: &aludel_orm::CursorKey,
                limit: u32,
                at: aludel_orm::PageAt,
            ) -> Result<aludel_orm::KeysetPage<$row>> {
                self.runner.run(self.rows.page(key, limit).at(at).into_future())
            }
        }
    };
}

page!([S: SessionShape + 'static] aludel_orm::Rows<'s, S> => S::TrackedRow);
page!([I: SessionItem] aludel_orm::Scalars<'s, I> => I::Tracked);

macro_rules! stream {
    ([$($generics:tt)*] $rows:ty => $row:ty) => {
        impl<'c, $($generics)*> Fetch<$rows> {
            /// Returns the rows one after the other, without holding all of them in memory.
            pub fn stream(self) -> RowStream<'c, $row> {
                RowStream::new(self.rows.stream(), self.runner)
            }
        }
    };
}

stream!([S: Shape] aludel_engine::Rows<'c, S> => S::Row);
stream!([I: Item] aludel_engine::Scalars<'c, I> => I::Value);
stream!([] aludel_engine::UntypedRows<'c> => Row);

macro_rules! run {
    ($rows:ty) => {
        impl Fetch<$rows> {
            /// Runs SQL whose rows nobody wants.
            ///
            /// # Errors
            ///
            /// An error of the database.
            pub fn run(self) -> Result<Executed> {
                self.runner.run(self.rows.into_future())
            }
        }
    };
}

run!(aludel_engine::UntypedRows<'_>);
run!(aludel_orm::UntypedRows<'_>);

macro_rules! populate_existing {
    ([$($generics:tt)*] $rows:ty) => {
        impl<$($generics)*> Fetch<$rows> {
            /// Overwrites objects that are loaded, changed ones too.
            pub fn populate_existing(self) -> Self {
                Self { rows: self.rows.populate_existing(), ..self }
            }
        }
    };
}

populate_existing!(['s, S: SessionShape] aludel_orm::Rows<'s, S>);
populate_existing!(['s, I: SessionItem] aludel_orm::Scalars<'s, I>);

impl<'s, E: Entity> Fetch<aludel_orm::Scalars<'s, EntityItem<E>>> {
    /// Fetches all objects, to change them: each once, in the order of the query.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut session = engine.session();
    /// for doc in session.scalars(select(Document).filter(Document::OWNER_ID.eq(1))).all_mut()? {
    ///     doc.title.push('!');
    /// }
    /// session.commit()?; // one UPDATE of two titles
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// An error of the database, or of kind `Decode`.
    pub fn all_mut(self) -> Result<Vec<&'s mut E>> {
        self.runner.run(self.rows.all_mut())
    }
}

/// What is awaited, or fetched, elsewhere: turned into its result, or into what fetches here.
pub trait Block {
    /// What it becomes.
    type Blocked;

    /// Turns it.
    ///
    /// [`Connection::execute`](super::Connection::execute) and [`Session::execute`](super::Session::execute) call it.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # fn main() -> aludel::Result<()> {
    /// use aludel::blocking::Block;
    /// use aludel_engine::blocking::{Runner, block_on};
    ///
    /// let engine = Engine::builder("sqlite::memory:").build()?;
    /// block_on(engine.create_all(&Metadata::of((User, Document, Profile))))?;
    /// let runner = Runner::of(&engine);
    /// let mut conn = runner.run(engine.connect())?;
    /// let deleted = conn.execute(delete(Document)).block(&runner)?; // instead of `.await`
    /// assert_eq!(deleted.rows_affected, 0);
    /// # Ok(()) }
    /// ```
    fn block(self, runner: &Runner) -> Self::Blocked;
}

macro_rules! fetched {
    ($([$($generics:tt)*] $rows:ty;)*) => {$(
        impl<$($generics)*> Block for $rows {
            type Blocked = Fetch<Self>;

            fn block(self, runner: &Runner) -> Fetch<Self> {
                Fetch::new(self, runner)
            }
        }
    )*};
}

fetched! {
    ['c, S: Shape] aludel_engine::Rows<'c, S>;
    ['c] aludel_engine::UntypedRows<'c>;
    ['s, S: SessionShape] aludel_orm::Rows<'s, S>;
    ['s] aludel_orm::UntypedRows<'s>;
}

impl Block for aludel_engine::Change<'_> {
    type Blocked = Result<Executed>;

    fn block(self, runner: &Runner) -> Result<Executed> {
        runner.run(self.into_future())
    }
}

impl Block for aludel_orm::Change<'_> {
    type Blocked = Result<Executed>;

    fn block(self, runner: &Runner) -> Result<Executed> {
        runner.run(self.into_future())
    }
}

/// The rows of a statement, read from the database as they are asked for: an iterator over `Result`s.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_blocking(|engine| {
/// let mut conn = engine.connect()?;
/// for document in conn.scalars(select(Document)).stream() {
///     println!("{}", document?.title); // SELECT documents.id, … FROM documents
/// }
/// # Ok(()) });
/// ```
#[must_use = "a stream does nothing until its rows are asked for"]
pub struct RowStream<'c, T> {
    /// There until it is dropped.
    rows: Option<aludel_engine::RowStream<'c, T>>,
    runner: Runner,
}

impl<'c, T: Send + 'c> RowStream<'c, T> {
    pub(super) fn new(rows: aludel_engine::RowStream<'c, T>, runner: Runner) -> Self {
        Self { rows: Some(rows), runner }
    }

    /// Returns the rows by `n`, the last time by fewer.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_blocking(|engine| {
    /// let mut conn = engine.connect()?;
    /// let pages = conn.scalars(select(Document::TITLE).order_by(Document::ID)).stream().partitions(2);
    /// let sizes = pages.map(|page| Ok(page?.len())).collect::<Result<Vec<_>>>()?;
    /// assert_eq!(sizes, [2, 1]);
    /// # Ok(()) });
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if `n` is 0.
    pub fn partitions(mut self, n: usize) -> Partitions<'c, T> {
        let rows = self.rows.take().map(|rows| rows.partitions(n));
        Partitions { rows, runner: self.runner.clone() }
    }
}

impl<'c, T: Send + 'c> Iterator for RowStream<'c, T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        self.runner.run(self.rows.as_mut()?.next()).transpose()
    }
}

/// The rows of a stream, a number at a time.
#[must_use = "a stream does nothing until its rows are asked for"]
pub struct Partitions<'c, T> {
    /// There until it is dropped.
    rows: Option<aludel_engine::Partitions<'c, T>>,
    runner: Runner,
}

impl<'c, T: Send + 'c> Iterator for Partitions<'c, T> {
    type Item = Result<Vec<T>>;

    fn next(&mut self) -> Option<Result<Vec<T>>> {
        self.runner.run(self.rows.as_mut()?.next()).transpose()
    }
}
