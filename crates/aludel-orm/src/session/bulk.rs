//! Bulk: rows that never become objects, and loaded objects that follow them.

use std::collections::HashSet;
use std::future::IntoFuture;
use std::marker::PhantomData;

use aludel_engine::driver::BoxFuture;
use aludel_engine::{Batches, Executed};
use aludel_sql::{
    Changeset, ColumnSet, Error, ErrorKind, Expression, Insertable, Key, Lock, Mapped, Result, SelectNode,
    Value, ValueRef, key_items, or_,
};

use super::Session;
use super::arena::AnyArena;
use super::query::{Access, age_behind, node_of_columns, unload_relations};
use crate::draft::Blank;
use crate::entity::Entity;
use crate::key_text::KeyText;

/// Rows that are about to be inserted, batch by batch; await it. Made by [`Session::insert_all`].
#[must_use = "futures do nothing unless you `.await` them"]
pub struct InsertAll<'s, E, I> {
    session: &'s mut Session,
    rows: I,
    batches: Batches<'s>,
    marker: PhantomData<fn() -> E>,
}

/// How many rows are changed at a time.
const ROWS: usize = 2_000;
/// How many rows are looked for at a time.
const KEYS: usize = 500;

impl Session {
    /// Inserts the rows of an iterator inside the session's transaction, without making objects of them: only a batch is in memory at a time.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let users = (0..10_000).map(|n| User::builder().email(format!("{n}@example.org")));
    /// session.insert_all(users).on_progress(|rows| println!("{rows} rows")).await?; // BEGIN; INSERT INTO users (email) VALUES …; …
    /// session.commit().await?;
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Awaited: the first error of the database, after which the session must be rolled back.
    pub fn insert_all<E, R>(&mut self, rows: R) -> InsertAll<'_, E, R::IntoIter>
    where
        E: Entity,
        R: IntoIterator<IntoIter: Send>,
        R::Item: Insertable<E>,
    {
        InsertAll { session: self, rows: rows.into_iter(), batches: Batches::default(), marker: PhantomData }
    }

    /// Changes rows by their keys, each as its changeset says: SQLAlchemy's `session.execute(update(User), [{…}, …])`. Rows that change the
    /// same columns travel together, as array parameters on PostgreSQL. Objects that are loaded follow.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// #[derive(Changeset)]
    /// #[changeset(Document)]
    /// struct Retitled {
    ///     title: Option<String>,
    /// }
    ///
    /// # aludel::doc::run(async |session| {
    /// let doc = session.get_one::<Document>(1).await?;
    /// let titles = [(1, "Essay"), (2, "Agenda")];
    /// let rows = titles.map(|(key, title)| (key, Retitled { title: Some(title.to_owned()) }));
    /// session.bulk_update::<Document, _, _>(rows).await?; // UPDATE documents SET title = ? WHERE id = ?, for both
    /// assert_eq!(session[doc].title, "Essay");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `StaleData` where a row is not there; `Unsupported` for a table with a version, which only objects can look at; otherwise the first
    /// error of the database. The session must be rolled back then.
    pub async fn bulk_update<E: Entity, K: Key, C: Changeset<E>>(
        &mut self,
        rows: impl IntoIterator<Item = (K, C), IntoIter: Send>,
    ) -> Result<Executed> {
        if E::TABLE.version().is_some() {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("the rows of {} have versions, which `bulk_update` does not know", E::TABLE.entity),
            )
            .help("change the objects and flush; their UPDATEs travel together too"));
        }
        self.before_query().await?;
        self.begin(Access::Writes);
        let mut rows = rows.into_iter();
        let mut done = Executed { rows_affected: 0 };
        loop {
            let batch: Vec<(ColumnSet, E)> =
                rows.by_ref().take(ROWS).map(|(key, changes)| row(key, changes)).collect::<Result<_>>()?;
            if batch.is_empty() {
                return Ok(done);
            }
            self.check_rows(&batch).await?;
            let (connection, arenas, _) = self.parts();
            done.rows_affected += connection.update_rows(&batch).await?.rows_affected;
            let mut met = Vec::new();
            let arena = arenas.of::<E>();
            for (columns, row) in &batch {
                let cells: Vec<Value> =
                    E::TABLE.primary_key().map(|it| Mapped::field(row, it).encode().into_value()).collect();
                let cells: Vec<ValueRef<'_>> = cells.iter().map(Value::as_ref).collect();
                if let Some(slot) = arena.find_cells(&cells)? {
                    let value = |column| (column, Mapped::field(row, column).encode().into_value());
                    arena.follow(slot, &columns.iter().map(value).collect::<Vec<_>>(), false);
                    met.push((slot, *columns));
                }
            }
            let index = self.arenas.index_of::<E>();
            for columns in batch.iter().map(|(columns, _)| *columns).collect::<HashSet<ColumnSet>>() {
                // A collection may have got rows that are not here.
                let same = met.iter().filter(|(_, it)| *it == columns).map(|(slot, _)| *slot);
                unload_relations(&mut self.arenas, index, &same.collect::<Vec<_>>(), columns);
                age_behind(&mut self.arenas, E::TABLE, columns, false);
            }
        }
    }
}

impl Session {
    /// Checks that rows lie within the scopes of the session, and will still do so. Those that do are locked meanwhile.
    async fn check_rows<E: Entity>(&mut self, rows: &[(ColumnSet, E)]) -> Result<()> {
        if !self.engine.is_scoped(E::TABLE) {
            return Ok(());
        }
        let value = |row: &E, column: usize| Mapped::field(row, column).encode().into_value();
        for (columns, row) in rows {
            self.engine.check_scope_of_changes(E::TABLE, &|column| columns.contains(column), &|column| {
                columns.contains(column).then(|| value(row, column))
            })?;
        }
        let key: Vec<usize> = E::TABLE.primary_key().collect();
        for rows in rows.chunks(KEYS) {
            let mut seen: HashSet<Vec<KeyText>> = HashSet::new();
            let mut keys: Vec<Vec<Value>> =
                rows.iter().map(|(_, row)| key.iter().map(|it| value(row, *it)).collect()).collect();
            keys.retain(|parts| seen.insert(parts.iter().map(KeyText::of).collect()));
            let wanted = keys.len();
            let condition = or_(keys.into_iter().map(|parts| node_of_columns::<E>(&key, parts)));
            let within = SelectNode {
                items: key_items(E::TABLE),
                filters: vec![condition.into_node()],
                lock: self.engine.dialect().features().for_update.then(Lock::for_update),
                with_deleted: true,
                ..SelectNode::default()
            };
            self.count_statements(1)?;
            let (connection, ..) = self.parts();
            let mut found = 0;
            let mut count = |_: usize, _: &[ValueRef<'_>]| {
                found += 1;
                Ok(())
            };
            connection.run_selects(&[within], &mut count).await?;
            if found != wanted {
                let missing = wanted - found;
                return Err(Error::new(
                    ErrorKind::StaleData,
                    format!(
                        "{missing} of {wanted} rows of `{}` are not there, or lie outside of the scope",
                        E::TABLE.name
                    ),
                )
                .with_table(E::TABLE.name)
                .doing(format!("updating {wanted} rows of {} by key", E::TABLE.entity)));
            }
        }
        Ok(())
    }
}

/// Makes a row of a key and what changes; `onupdate` makes the rest.
fn row<E: Entity>(key: impl Key, changes: impl Changeset<E>) -> Result<(ColumnSet, E)> {
    let Ok(mut row) = E::read(&mut Blank);
    let changes = changes.into_changes();
    let mut columns = changes.columns();
    changes.apply_to(&mut row);
    for column in E::TABLE.changed_by_update() {
        if let Some(make) = E::TABLE.columns[column].onupdate.filter(|_| !columns.contains(column)) {
            let field = Mapped::field_mut(&mut row, column);
            field.assign(make().as_ref()).map_err(|it| E::TABLE.mismatch(column, &it))?;
            columns.insert(column);
        }
    }
    let parts = key.into_parts();
    let wanted: Vec<usize> = E::TABLE.primary_key().collect();
    if parts.len() != wanted.len() || wanted.iter().any(|it| columns.contains(*it)) {
        return Err(Error::new(
            ErrorKind::State,
            format!(
                "a row of `{}` is found by the {} columns of its primary key, which do not change",
                E::TABLE.name,
                wanted.len()
            ),
        )
        .with_table(E::TABLE.name)
        .help("pass `(key, changes)`, a key of several columns as a tuple in the order of the fields"));
    }
    for (column, part) in wanted.into_iter().zip(parts) {
        let field = Mapped::field_mut(&mut row, column);
        field.assign(part.as_ref()).map_err(|it| E::TABLE.mismatch(column, &it))?;
    }
    Ok((columns, row))
}

impl<'s, E, I> InsertAll<'s, E, I> {
    /// How many rows are sent at a time, at most (default: 2,000); 0 is taken for 1.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run(async |session| {
    /// let users = (0..10).map(|n| User::builder().email(format!("{n}@example.com")));
    /// let done = session.insert_all(users).batch_size(5).await?; // BEGIN; INSERT INTO users …; INSERT INTO users …
    /// assert_eq!(done.rows_affected, 10);
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
    /// # aludel::doc::run(async |session| {
    /// let users = (0..2_500).map(|n| User::builder().email(format!("{n}@example.com")));
    /// let mut seen = Vec::new();
    /// session.insert_all(users).batch_size(1_000).on_progress(|rows| seen.push(rows)).await?;
    /// assert_eq!(seen, [1_000, 2_000, 2_500]);
    /// # Ok(()) });
    /// ```
    pub fn on_progress(mut self, progress: impl FnMut(u64) + Send + 's) -> Self {
        self.batches.progress = Some(Box::new(progress));
        self
    }
}

impl<'s, E, I> IntoFuture for InsertAll<'s, E, I>
where
    E: Entity,
    I: Iterator + Send + 's,
    I::Item: Insertable<E>,
{
    type Output = Result<Executed>;
    type IntoFuture = BoxFuture<'s, Result<Executed>>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { session, rows, batches, .. } = self;
        Box::pin(async move {
            session.before_query().await?;
            session.begin(Access::Writes);
            let (connection, ..) = session.parts();
            connection.insert_all::<E, _>(rows).in_batches(batches).await
        })
    }
}
