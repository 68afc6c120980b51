//! `insert_all`: rows of any number, of which only a batch is in memory.

use std::future::IntoFuture;
use std::marker::PhantomData;

use aludel_sql::{Insertable, Mapped, NewRow, Result};

use crate::connection::Connection;
use crate::driver::BoxFuture;
use crate::query::Executed;

/// Rows that are about to be inserted, batch by batch; await it. Made by [`Connection::insert_all`].
#[must_use = "futures do nothing unless you `.await` them"]
pub struct InsertAll<'c, E, I> {
    conn: &'c mut Connection,
    rows: I,
    batches: Batches<'c>,
    marker: PhantomData<fn() -> E>,
}

/// How rows are cut into batches, and who hears of them.
#[doc(hidden)]
pub struct Batches<'p> {
    /// The most rows of a batch.
    pub size: usize,
    /// Hears after each batch how many rows there are by now.
    pub progress: Option<Box<dyn FnMut(u64) + Send + 'p>>,
}

impl Default for Batches<'_> {
    fn default() -> Self {
        Self { size: 2_000, progress: None }
    }
}

impl Connection {
    /// Inserts the rows of an iterator, of which only a batch is in memory at a time: all of them or none. Inside of a transaction it is part
    /// of that.
    ///
    /// Rows of a batch that give the same columns travel together, as array parameters on PostgreSQL.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let users = (0..10_000).map(|n| User::builder().email(format!("{n}@example.org")));
    /// let done = conn.insert_all(users).batch_size(1_000).on_progress(|rows| println!("{rows} rows")).await?;
    /// assert_eq!(done.rows_affected, 10_000); // BEGIN; INSERT INTO users (email) VALUES …; …; COMMIT
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Awaited: the first error of the database. It says in which batch; nothing of it is kept, unless it was inside of a transaction, which
    /// is to be rolled back then.
    pub fn insert_all<E, R>(&mut self, rows: R) -> InsertAll<'_, E, R::IntoIter>
    where
        E: Mapped,
        R: IntoIterator<IntoIter: Send>,
        R::Item: Insertable<E>,
    {
        InsertAll { conn: self, rows: rows.into_iter(), batches: Batches::default(), marker: PhantomData }
    }
}

impl<'c, E, I> InsertAll<'c, E, I> {
    /// How many rows are sent at a time, at most (default: 2,000); 0 is taken for 1.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let users = (0..10).map(|n| User::builder().email(format!("{n}@example.com")));
    /// let before = conn.statement_count();
    /// conn.insert_all(users).batch_size(5).await?; // BEGIN; INSERT INTO users …; INSERT INTO users …; COMMIT
    /// assert!(conn.statement_count() - before >= 2);
    /// # Ok(()) });
    /// ```
    pub fn batch_size(mut self, rows: usize) -> Self {
        self.batches.size = rows.max(1);
        self
    }

    /// Calls a function after each batch, with the number of rows that were inserted by then.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_core(async |conn| {
    /// let users = (0..2_500).map(|n| User::builder().email(format!("{n}@example.com")));
    /// let mut seen = Vec::new();
    /// conn.insert_all(users).batch_size(1_000).on_progress(|rows| seen.push(rows)).await?;
    /// assert_eq!(seen, [1_000, 2_000, 2_500]);
    /// # Ok(()) });
    /// ```
    pub fn on_progress(mut self, progress: impl FnMut(u64) + Send + 'c) -> Self {
        self.batches.progress = Some(Box::new(progress));
        self
    }

    /// Sets both at once.
    #[doc(hidden)]
    pub fn in_batches(mut self, batches: Batches<'c>) -> Self {
        self.batches = batches;
        self
    }
}

impl<'c, E, I> IntoFuture for InsertAll<'c, E, I>
where
    E: Mapped,
    I: Iterator + Send + 'c,
    I::Item: Insertable<E>,
{
    type Output = Result<Executed>;
    type IntoFuture = BoxFuture<'c, Result<Executed>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { conn, rows, batches, .. } = self;
        Box::pin(async move {
            let rows = rows.map(Insertable::into_new_row);
            if conn.in_transaction() || !conn.options.autocommit {
                return insert(conn, rows, batches).await;
            }
            let mut tx = conn.begin().await?;
            let inserted = insert(&mut tx, rows, batches).await?;
            tx.commit().await?;
            Ok(inserted)
        })
    }
}

async fn insert<E: Mapped>(
    conn: &mut Connection,
    mut rows: impl Iterator<Item = NewRow<E>> + Send,
    Batches { size, mut progress }: Batches<'_>,
) -> Result<Executed> {
    let mut done = Executed { rows_affected: 0 };
    loop {
        let batch: Vec<NewRow<E>> = rows.by_ref().take(size).collect();
        if batch.is_empty() {
            return Ok(done);
        }
        let before = done.rows_affected;
        let inserted = crate::bulk::insert(conn, batch).await;
        let inserted = inserted.map_err(|error| {
            error.doing(format!("inserting many rows of {}, of which {before} were there", E::TABLE.entity))
        })?;
        done.rows_affected += inserted.rows_affected;
        if let Some(progress) = &mut progress {
            progress(done.rows_affected);
        }
    }
}
