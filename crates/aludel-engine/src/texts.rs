//! The cache of compiled texts: a statement whose structure was seen before builds no text.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aludel_sql::{
    ColumnSet, Compiled, DeleteRows, Dialect, InsertRows, Metadata, Result, RowsSql, SchemaMap, SqlType,
    StatementRef, Structure, TableMeta, UpdateRows, ValueRef,
};

use crate::driver::{Params, ShapeId, Statement};
use crate::lru::Lru;

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
    /// Makes the statement with its values.
    #[inline]
    pub(crate) fn statement<'s>(&'s self, values: &'s [ValueRef<'s>]) -> Statement<'s> {
        Statement {
            shape: Some(self.shape),
            sql: &self.compiled.text,
            types: &self.types,
            params: Params::One(values),
            expect: None,
            find_keys: None,
            decimals: &self.compiled.decimals,
            cached: self.reused.load(Ordering::Relaxed),
        }
    }

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

/// The texts of one engine, or of one map of its schemas.
#[derive(Debug)]
pub(crate) struct Texts {
    /// No others of the program have it, not even those that are gone.
    id: u64,
    /// Where tables are, if not where they are declared.
    schemas: Option<SchemaMap>,
    statements: Mutex<Lru<Box<[u8]>, CachedStatement, CAPACITY>>,
    rows: Mutex<Lru<RowsKey, CachedRows, CAPACITY>>,
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
        Self::of(None)
    }
}

impl Texts {
    /// None yet, of tables that are where this map says.
    pub(crate) fn of(schemas: Option<SchemaMap>) -> Self {
        static ALL: AtomicU64 = AtomicU64::new(0);

        Self {
            id: ALL.fetch_add(1, Ordering::Relaxed),
            schemas,
            statements: Mutex::default(),
            rows: Mutex::default(),
        }
    }

    /// Returns the map of the schemas, if there is one.
    pub(crate) fn schemas(&self) -> Option<&SchemaMap> {
        self.schemas.as_ref()
    }

    /// Returns a metadata in the schemas in which its tables are.
    pub(crate) fn translated<'m>(&self, metadata: &'m Metadata) -> Cow<'m, Metadata> {
        match &self.schemas {
            Some(map) => Cow::Owned(metadata.translate_schemas(map)),
            None => Cow::Borrowed(metadata),
        }
    }

    /// Returns the number that tells these from all others.
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
        let compiled = match &self.schemas {
            Some(map) => Compiled::with_schemas(statement, structure, dialect, map)?,
            None => Compiled::with_structure(statement, structure, dialect)?,
        };
        let types = compiled.slots.iter().map(|slot| slot.sql_type).collect();
        let (shape, reused) = (new_shape(), AtomicBool::new(false));
        let entry = Arc::new(CachedStatement { compiled, types, shape, reused });
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
        let operation = self.schemas.as_ref().map_or(operation, |map| operation.translate_schema(map));
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
        let (shape, reused) = (new_shape(), AtomicBool::new(false));
        let entry = Arc::new(CachedRows { sql, types, decimals, shape, reused });
        lock(&self.rows).insert(key, Arc::clone(&entry));
        Ok(entry)
    }
}

/// Names a text: connections keep texts of all schemas of an engine prepared, so that no two may have one name.
fn new_shape() -> ShapeId {
    static NEXT: AtomicU64 = AtomicU64::new(0);

    ShapeId(NEXT.fetch_add(1, Ordering::Relaxed))
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
        self.parameter_columns().collect()
    }

    /// As [`parameters`](Self::parameters), one column after the other. For the session.
    #[doc(hidden)]
    pub fn parameter_columns(&self) -> impl Iterator<Item = usize> + use<> {
        let (columns, key) = match self {
            Self::Insert(it) => (it.columns, ColumnSet::EMPTY),
            Self::Update(it) => (it.columns, it.key),
            Self::Delete(it) => (ColumnSet::EMPTY, it.key),
        };
        columns.iter().chain(key.iter())
    }

    /// The same in the schema that stands for that of its table.
    fn translate_schema(self, map: &SchemaMap) -> Self {
        match self {
            Self::Insert(it) => Self::Insert(it.translate_schema(map)),
            Self::Update(it) => Self::Update(it.translate_schema(map)),
            Self::Delete(it) => Self::Delete(it.translate_schema(map)),
        }
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
