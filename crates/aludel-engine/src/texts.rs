//! The cache of compiled texts: a statement whose structure was seen before builds no text.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aludel_sql::{
    ColumnSet, Compiled, DeleteRows, Dialect, InsertRows, Result, RowsSql, SqlType, StatementRef, Structure,
    TableMeta, UpdateRows,
};

use crate::driver::ShapeId;

/// A compiled statement with its name in the caches of prepared statements.
#[derive(Debug)]
pub struct CachedStatement {
    /// The text and the places of the values.
    pub compiled: Compiled,
    /// The type of each placeholder.
    pub types: Vec<SqlType>,
    /// The name.
    pub shape: ShapeId,
    /// It was asked for again.
    pub(crate) reused: AtomicBool,
}

impl CachedStatement {
    /// Notes that it was asked for again. Many threads may ask for it at once: only the first writes.
    pub(crate) fn note_reused(&self) {
        if !self.reused.load(Ordering::Relaxed) {
            self.reused.store(true, Ordering::Relaxed);
        }
    }
}

/// A compiled statement over rows with its name in the caches of prepared statements.
#[derive(Debug)]
pub struct CachedRows {
    /// The text and how rows are bound to it.
    pub sql: RowsSql,
    /// The type of each column of a row.
    pub types: Vec<SqlType>,
    /// Which cells of what comes back are decimals that the database keeps as integers.
    pub decimals: Vec<(usize, u16)>,
    /// The name.
    pub shape: ShapeId,
    /// It was asked for again.
    pub(crate) reused: AtomicBool,
}

/// An operation over rows of one shape.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RowsOp {
    /// INSERT.
    Insert(InsertRows),
    /// UPDATE by key.
    Update(UpdateRows),
    /// DELETE by key.
    Delete(DeleteRows),
}

/// The most texts that are kept; the least recently used go first.
const CAPACITY: usize = 500;

/// The texts of one engine.
#[derive(Debug)]
pub(crate) struct Texts {
    /// No other engine of the program has it, not even one that is gone.
    id: u64,
    statements: Mutex<Lru<Box<[u8]>, CachedStatement>>,
    rows: Mutex<Lru<RowsKey, CachedRows>>,
    next: AtomicU64,
}

/// What decides the text of an operation over rows. The table is known by its address: descriptions are constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct RowsKey {
    operation: u8,
    table: usize,
    columns: ColumnSet,
    /// Of an INSERT what comes back, of the others the key.
    others: ColumnSet,
    class: usize,
    counted: bool,
}

impl Default for Texts {
    fn default() -> Self {
        static ENGINES: AtomicU64 = AtomicU64::new(0);

        Self {
            id: ENGINES.fetch_add(1, Ordering::Relaxed),
            statements: Mutex::default(),
            rows: Mutex::default(),
            next: AtomicU64::new(0),
        }
    }
}

impl Texts {
    /// Returns the number that tells this engine from all others.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    /// Returns the compiled form of a statement, from the cache where its structure is known.
    pub(crate) fn statement(
        &self,
        statement: StatementRef<'_>,
        structure: &Structure<'_>,
        dialect: &dyn Dialect,
    ) -> Result<Arc<CachedStatement>> {
        if let Some(hit) = lock(&self.statements).get(structure.key.as_slice()) {
            hit.note_reused();
            return Ok(hit);
        }
        let compiled = Compiled::with_structure(statement, structure, dialect)?;
        let types = compiled.slots.iter().map(|slot| slot.sql_type).collect();
        let entry = Arc::new(CachedStatement {
            compiled,
            types,
            shape: self.new_shape(),
            reused: AtomicBool::new(false),
        });
        lock(&self.statements).insert(structure.key.as_slice().into(), Arc::clone(&entry));
        Ok(entry)
    }

    /// Returns the compiled form of an operation over this many rows.
    pub(crate) fn rows(
        &self,
        operation: RowsOp,
        rows: usize,
        counted: bool,
        dialect: &dyn Dialect,
    ) -> Result<Arc<CachedRows>> {
        let class = operation.counts(dialect).class(rows);
        let (tag, table, columns, others) = match operation {
            RowsOp::Insert(it) => (1, it.table, it.columns, it.returning),
            RowsOp::Update(it) => (2, it.table, it.columns, it.key),
            RowsOp::Delete(it) => (3, it.table, ColumnSet::EMPTY, it.key),
        };
        let key = RowsKey {
            operation: tag,
            table: std::ptr::from_ref(table).addr(),
            columns,
            others,
            class,
            counted,
        };
        if let Some(hit) = lock(&self.rows).get(&key) {
            hit.reused.store(true, Ordering::Relaxed);
            return Ok(hit);
        }
        let sql = match operation {
            RowsOp::Insert(it) => dialect.insert_rows(&it, rows)?,
            RowsOp::Update(it) => dialect.update_rows(&it, rows, counted)?,
            RowsOp::Delete(it) => dialect.delete_rows(&it, rows, counted)?,
        };
        let types = operation.parameters().into_iter().map(|column| table.columns[column].sql_type).collect();
        let decimals = match operation {
            RowsOp::Insert(it) if dialect.features().scaled_decimals => decimals(it),
            _ => vec![],
        };
        let (shape, reused) = (self.new_shape(), AtomicBool::new(false));
        let entry = Arc::new(CachedRows { sql, types, decimals, shape, reused });
        lock(&self.rows).insert(key, Arc::clone(&entry));
        Ok(entry)
    }

    fn new_shape(&self) -> ShapeId {
        ShapeId(self.next.fetch_add(1, Ordering::Relaxed))
    }
}

fn decimals(insert: InsertRows) -> Vec<(usize, u16)> {
    let scale = |(at, column): (usize, usize)| match insert.table.columns[column].sql_type {
        SqlType::Numeric(_, scale) => Some((at, scale)),
        _ => None,
    };
    insert.returning.iter().enumerate().filter_map(scale).collect()
}

impl RowsOp {
    /// Returns the table.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// use aludel::Mapped;
    /// use aludel_engine::RowsOp;
    /// use aludel_sql::DeleteRows;
    ///
    /// let operation = RowsOp::Delete(DeleteRows::by_primary_key(Document::TABLE));
    /// assert_eq!(operation.table().name, "documents");
    /// ```
    #[must_use]
    pub fn table(&self) -> &'static TableMeta {
        match self {
            Self::Insert(it) => it.table,
            Self::Update(it) => it.table,
            Self::Delete(it) => it.table,
        }
    }

    /// Returns the columns whose values are the parameters of a row, in order.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// use aludel::Mapped;
    /// use aludel_engine::RowsOp;
    /// use aludel_sql::UpdateRows;
    ///
    /// let columns = [Document::TITLE.index()].into_iter().collect();
    /// let operation = RowsOp::Update(UpdateRows::by_primary_key(Document::TABLE, columns));
    /// assert_eq!(operation.parameters(), [Document::TITLE.index(), Document::ID.index()]); // SET title = ? WHERE id = ?
    /// ```
    #[must_use]
    pub fn parameters(&self) -> Vec<usize> {
        let mut parameters = Vec::with_capacity(self.width());
        match self {
            Self::Insert(it) => parameters.extend(it.columns.iter()),
            Self::Update(it) => parameters.extend(it.columns.iter().chain(it.key.iter())),
            Self::Delete(it) => parameters.extend(it.key.iter()),
        }
        parameters
    }

    /// Returns the number of parameters of a row.
    pub(crate) fn width(&self) -> usize {
        match self {
            Self::Insert(it) => it.columns.len(),
            Self::Update(it) => it.columns.len() + it.key.len(),
            Self::Delete(it) => it.key.len(),
        }
    }

    /// Returns how many rows one statement takes.
    pub(crate) fn counts(&self, dialect: &dyn Dialect) -> aludel_sql::RowCounts {
        match self {
            Self::Insert(it) => dialect.insert_counts(it),
            Self::Update(it) => dialect.update_counts(it),
            Self::Delete(_) => dialect.delete_counts(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A map that forgets what was used longest ago. It forgets a third at a time, so that the cost is spread.
#[derive(Debug)]
struct Lru<K, V> {
    entries: HashMap<K, (Arc<V>, u64), foldhash::fast::FixedState>,
    clock: u64,
}

impl<K, V> Default for Lru<K, V> {
    fn default() -> Self {
        Self { entries: HashMap::default(), clock: 0 }
    }
}

impl<K: std::hash::Hash + Eq, V> Lru<K, V> {
    fn get<Q: std::hash::Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<Arc<V>>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.clock += 1;
        let (value, used) = self.entries.get_mut(key)?;
        *used = self.clock;
        Some(Arc::clone(value))
    }

    fn insert(&mut self, key: K, value: Arc<V>) {
        if self.entries.len() >= CAPACITY + CAPACITY / 2 {
            let mut ages: Vec<u64> = self.entries.values().map(|(_, used)| *used).collect();
            let (_, oldest_kept, _) = ages.select_nth_unstable(CAPACITY / 2);
            let oldest_kept = *oldest_kept;
            self.entries.retain(|_, (_, used)| *used >= oldest_kept);
        }
        self.clock += 1;
        self.entries.insert(key, (value, self.clock));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_longest_ago_is_forgotten_first() {
        let mut cache: Lru<usize, usize> = Lru::default();
        cache.insert(0, Arc::new(0));
        for n in 1..CAPACITY * 3 {
            cache.insert(n, Arc::new(n));
            assert!(cache.get(&0).is_some(), "the entry that is used all the time stays");
        }
        assert!(cache.entries.len() <= CAPACITY * 2);
        assert!(cache.get(&1).is_none());
    }
}
