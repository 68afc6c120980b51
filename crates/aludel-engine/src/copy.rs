//! COPY: large amounts of rows between a table and the client, as bytes in the database's own form.

use std::task::{Context, Poll};

use aludel_sql::{
    ColumnSet, Error, ErrorKind, InsertRows, Insertable, Mapped, NewRow, Of, Result, SqlType, ValueRef,
    text_unchecked,
};

use crate::connection::Connection;
use crate::driver::{CopyPiece, CopySource, Discard, Statement};
use crate::engine::Engine;
use crate::query::{Executed, Plan};
use crate::stream::{Reader, RowStream};

impl Connection {
    /// Runs `COPY … FROM STDIN` and gives it these pieces of data: CSV, text or binary, as the statement says, and cut anywhere.
    ///
    /// PostgreSQL only. The SQL is not checked: never build it from input.
    ///
    /// ```no_run
    /// # use aludel::prelude::*;
    /// # async fn example(engine: Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect().await?;
    /// let lines = (1..=1000).map(|n| format!("{n},Shelf {n}\n"));
    /// let done = conn.copy_in("COPY shelves (id, label) FROM STDIN (FORMAT csv)", lines).await?;
    /// assert_eq!(done.rows_affected, 1000);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// An error of the database, after which no row of it is there; kind `Unsupported` on other databases.
    pub async fn copy_in<P: Into<Vec<u8>>>(
        &mut self,
        sql: &str,
        pieces: impl IntoIterator<Item = P, IntoIter: Send>,
    ) -> Result<Executed> {
        let mut source = Pieces(pieces.into_iter().map(|it| CopyPiece::Bytes(it.into())));
        self.copy_from(sql, &mut source).await
    }

    /// As [`copy_in`](Self::copy_in), with pieces that are waited for. An error of the stream ends the COPY, and nothing of it is kept.
    ///
    /// ```no_run
    /// # use aludel::prelude::*;
    /// # use std::pin::Pin;
    /// # use std::task::{Context, Poll};
    /// # struct Upload;
    /// # impl futures_core::Stream for Upload {
    /// #     type Item = std::io::Result<Vec<u8>>;
    /// #     fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> { Poll::Ready(None) }
    /// # }
    /// # async fn example(engine: Engine, upload: Upload) -> aludel::Result<()> {
    /// let mut conn = engine.connect().await?;
    /// // `upload` is the body of a request: a file of any size goes through, a piece at a time.
    /// let done = conn.copy_in_stream("COPY shelves (id, label) FROM STDIN (FORMAT csv)", upload).await?;
    /// println!("{} rows", done.rows_affected);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// The error of the stream, or those of [`copy_in`](Self::copy_in).
    #[cfg(feature = "futures")]
    pub async fn copy_in_stream<P: Into<Vec<u8>>, X: Into<Box<dyn std::error::Error + Send + Sync>>>(
        &mut self,
        sql: &str,
        pieces: impl futures_core::Stream<Item = std::result::Result<P, X>> + Send,
    ) -> Result<Executed> {
        let pieces = std::pin::pin!(pieces);
        self.copy_from(sql, &mut StreamedPieces(pieces)).await
    }

    /// Runs `COPY … TO STDOUT` and returns its data as it arrives: a line a piece, or a row of the binary form.
    ///
    /// PostgreSQL only. The SQL is not checked: never build it from input.
    ///
    /// ```no_run
    /// # use aludel::prelude::*;
    /// # async fn example(engine: Engine, mut file: Vec<u8>) -> aludel::Result<()> {
    /// let mut conn = engine.connect().await?;
    /// let mut lines = conn.copy_out("COPY shelves TO STDOUT (FORMAT csv, HEADER)");
    /// while let Some(line) = lines.next().await? {
    ///     file.extend(line);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// The stream gives an error of kind `Unsupported` on other databases.
    pub fn copy_out(&mut self, sql: &str) -> RowStream<'_, Vec<u8>> {
        if let Err(error) = self.check_copy() {
            return RowStream::failed(error);
        }
        let plan = Plan::new(text_unchecked(sql));
        RowStream::new(
            self,
            plan,
            Reader { wants_names: false, read: |_, cells, rows| piece(cells).map(|it| rows.push(it)) },
        )
    }

    /// Inserts rows by COPY in its binary form: several times faster than INSERT for very many rows.
    ///
    /// PostgreSQL only. All rows give the same columns, and a column that none gives gets its default.
    ///
    /// ```no_run
    /// # use aludel::doc::*;
    /// # async fn example(engine: Engine) -> aludel::Result<()> {
    /// let mut conn = engine.connect().await?;
    /// let users = (0..100_000).map(|n| User::builder().email(format!("{n}@uae.dev")));
    /// conn.copy_rows(User, users).await?; // COPY users (email) FROM STDIN (FORMAT binary)
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// An error of the database, or of kind `Encode` for a value that its column cannot hold; no row of it is there then. Kind `State`
    /// where rows give different columns, kind `Unsupported` on other databases.
    pub async fn copy_rows<E: Mapped, R: Insertable<E>>(
        &mut self,
        entity: Of<E>,
        rows: impl IntoIterator<Item = R, IntoIter: Send>,
    ) -> Result<Executed> {
        let _ = entity;
        let mut rows = rows.into_iter().map(Insertable::into_new_row).peekable();
        let Some(first) = rows.peek() else { return Ok(Executed { rows_affected: 0 }) };
        let given = first.given;
        let shape = InsertRows::new(E::TABLE, given, ColumnSet::EMPTY);
        let shape = self.engine().schema_map().map_or(shape, |map| shape.translate_schema(map));
        let sql = self.engine().dialect().copy_rows(&shape)?;
        let columns: Vec<usize> = given.iter().collect();
        let types = columns.iter().map(|column| E::TABLE.columns[*column].sql_type).collect();
        let engine = self.engine().clone();
        let mut source = Rows { engine, rows, given, columns, types };
        self.copy_from(&sql, &mut source).await.map_err(|error| error.with_table(E::TABLE.name))
    }

    async fn copy_from(&mut self, sql: &str, source: &mut dyn CopySource) -> Result<Executed> {
        self.check_copy()?;
        let mut sink = Discard::default();
        self.run_copy(Statement::plain(sql), source, &mut sink).await?;
        Ok(Executed { rows_affected: sink.rows_affected })
    }

    fn check_copy(&self) -> Result<()> {
        let dialect = self.engine().dialect();
        if dialect.features().copy {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Unsupported, format!("{} has no COPY", dialect.name()))
            .help("insert the rows: `conn.execute(insert(Entity).values(rows))` sends them in large batches"))
    }
}

fn piece(cells: &[ValueRef<'_>]) -> Result<Vec<u8>> {
    match cells {
        [ValueRef::Blob(bytes)] => Ok(bytes.to_vec()),
        _ => Err(Error::new(ErrorKind::State, "the statement of `copy_out` has rows and is no COPY")
            .help("write `COPY … TO STDOUT`, or fetch rows with `execute`")),
    }
}

/// Pieces that are there.
struct Pieces<I>(I);

impl<I: Iterator<Item = CopyPiece> + Send> CopySource for Pieces<I> {
    fn poll_piece(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<CopyPiece>>> {
        Poll::Ready(self.0.next().map(Ok))
    }
}

/// Pieces that are waited for.
#[cfg(feature = "futures")]
struct StreamedPieces<'a, S>(std::pin::Pin<&'a mut S>);

#[cfg(feature = "futures")]
impl<P, X, S> CopySource for StreamedPieces<'_, S>
where
    P: Into<Vec<u8>>,
    X: Into<Box<dyn std::error::Error + Send + Sync>>,
    S: futures_core::Stream<Item = std::result::Result<P, X>> + Send,
{
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<CopyPiece>>> {
        self.0.as_mut().poll_next(cx).map(|piece| {
            Some(match piece? {
                Ok(piece) => Ok(CopyPiece::Bytes(piece.into())),
                Err(error) => {
                    let what = "the stream of data for COPY has failed; nothing of it was kept";
                    Err(Error::new(ErrorKind::Encode, what).with_source(error))
                }
            })
        })
    }
}

/// Rows of an entity.
struct Rows<I> {
    engine: Engine,
    rows: I,
    given: ColumnSet,
    columns: Vec<usize>,
    types: Vec<SqlType>,
}

impl<E: Mapped, I: Iterator<Item = NewRow<E>> + Send> CopySource for Rows<I> {
    fn types(&self) -> &[SqlType] {
        &self.types
    }

    fn poll_piece(&mut self, _: &mut Context<'_>) -> Poll<Option<Result<CopyPiece>>> {
        Poll::Ready(self.rows.next().map(|row| {
            if let Some(relation) = row.needs_session {
                let what = format!("a row for `{}` gives `{relation}` as an object", E::TABLE.name);
                return Err(Error::new(ErrorKind::State, what)
                    .help("only a session knows objects: give the foreign key"));
            }
            if row.given != self.given {
                let what = format!("rows for COPY into `{}` give different columns", E::TABLE.name);
                return Err(Error::new(ErrorKind::State, what).help(
                    "give the same columns in all of them, or insert the rows: `insert(Entity).values(rows)`",
                ));
            }
            let value = |column| row.object.field(column).encode().into_value();
            self.engine
                .check_scope(E::TABLE, &|column| self.given.contains(column).then(|| value(column)))?;
            let values = self.columns.iter().map(|column| value(*column));
            Ok(CopyPiece::Row(values.collect()))
        }))
    }
}
