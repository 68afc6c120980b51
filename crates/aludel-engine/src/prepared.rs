//! A statement whose text is known, and its values.

use std::cell::Cell;
use std::ops::Deref;
use std::sync::Arc;

use aludel_sql::node::Param;
use aludel_sql::{Criterion, Params, Result, StatementRef, Structure, Value, ValueRef, Values};

use crate::driver::Statement;
use crate::engine::Engine;
use crate::texts::CachedStatement;

thread_local! {
    /// Memory for the keys of statements: one is written, looked up and forgotten.
    static KEY: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The memory of longer keys is not kept.
const LONGEST_KEY: usize = 4096;

/// A statement that was compiled for an engine, or found in its cache.
///
/// It goes to the driver in two steps, because a [`Statement`] borrows its values: `it.statement(&it.values())`.
#[derive(Debug)]
pub struct Prepared<'a> {
    cached: Found<'a>,
    params: Params<'a>,
    made: Vec<Value>,
}

/// A compiled statement of the cache, or one that who asks for it has at hand.
#[derive(Debug)]
enum Found<'a> {
    Shared(Arc<CachedStatement>),
    Lent(&'a CachedStatement),
}

impl Deref for Found<'_> {
    type Target = CachedStatement;

    #[inline]
    fn deref(&self) -> &CachedStatement {
        match self {
            Self::Shared(it) => it,
            Self::Lent(it) => it,
        }
    }
}

/// Compiles a statement for an engine, or finds it in the cache.
///
/// A statement whose structure was met before builds no text: it is found, and only its values are picked.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::doc::run_core(async |conn| {
/// use aludel_engine::prepare;
///
/// let (first, second) = (select(User::EMAIL).filter(User::ID.eq(1)), select(User::EMAIL).filter(User::ID.eq(2)));
/// let first = prepare(conn.engine(), first.statement())?;
/// let second = prepare(conn.engine(), second.statement())?;
/// assert_eq!((first.text(), first.values().len()), ("SELECT users.email FROM users WHERE users.id = ?1", 1));
/// assert!(std::ptr::eq(first.text(), second.text())); // one prepared statement for both
/// # Ok(()) });
/// ```
///
/// # Errors
///
/// Kind `Compile`, `Unsupported` or `Encode`.
pub fn prepare<'a>(engine: &'a Engine, statement: StatementRef<'a>) -> Result<Prepared<'a>> {
    prepare_within(engine, engine.scopes(), statement)
}

/// As [`prepare`], with the scopes of the engine: what comes back borrows these, and not the engine.
pub(crate) fn prepare_within<'a>(
    engine: &Engine,
    scopes: &'a [Criterion],
    statement: StatementRef<'a>,
) -> Result<Prepared<'a>> {
    let (cached, params) = find(engine, scopes, statement)?;
    let made = cached.compiled.made(&params)?;
    Ok(Prepared { cached: Found::Shared(cached), params, made })
}

/// Finds the text of a statement, and its parameters.
pub(crate) fn find<'a>(
    engine: &Engine,
    scopes: &'a [Criterion],
    statement: StatementRef<'a>,
) -> Result<(Arc<CachedStatement>, Params<'a>)> {
    scopes.iter().try_for_each(|it| it.check_statement(statement))?;
    let arrays = engine.dialect().features().array_parameters;
    let structure = Structure::written_to(KEY.take(), statement, arrays, scopes);
    for change in structure.changes_in_with() {
        scopes.iter().try_for_each(|it| it.check_statement(change))?;
    }
    let cached = engine.texts().statement(statement, &structure, engine.dialect());
    let Structure { key, params, .. } = structure;
    if key.capacity() <= LONGEST_KEY {
        KEY.set(key);
    }
    Ok((cached?, params))
}

impl<'a> Prepared<'a> {
    /// A statement whose text is at hand.
    pub(crate) fn of(cached: &'a CachedStatement, params: Params<'a>) -> Result<Self> {
        let made = cached.compiled.made(&params)?;
        Ok(Self { cached: Found::Lent(cached), params, made })
    }

    /// A statement some of whose parameters are placeholders; `value` gives theirs.
    pub(crate) fn filled(
        (cached, mut params): (Arc<CachedStatement>, Params<'a>),
        value: impl Fn(usize) -> &'a Param,
    ) -> Result<Self> {
        for param in params.iter_mut() {
            if let Value::Placeholder(at) = param.value {
                *param = value(at);
            }
        }
        let made = cached.compiled.made(&params)?;
        Ok(Self { cached: Found::Shared(cached), params, made })
    }
}

impl Prepared<'_> {
    /// Returns the text, with the placeholders of the database.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// use aludel_engine::prepare;
    ///
    /// let query = delete(Document).filter(Document::OWNER_ID.eq(1));
    /// assert_eq!(prepare(engine, query.statement())?.text(), "DELETE FROM documents WHERE owner_id = ?1");
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn text(&self) -> &str {
        &self.cached.compiled.text
    }

    /// Returns the values of the placeholders, in their order.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// use aludel::ValueRef;
    /// use aludel_engine::prepare;
    ///
    /// let query = select(Document::ID).filter(Document::TITLE.eq("Draft").and(Document::OWNER_ID.eq(1)));
    /// let prepared = prepare(engine, query.statement())?;
    /// assert_eq!(*prepared.values(), [ValueRef::Text("Draft"), ValueRef::Int(1)]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn values(&self) -> Values<'_> {
        self.cached.compiled.values(&self.params, &self.made)
    }

    /// Makes the statement with its values.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::doc::run_engine(async |engine| {
    /// use aludel_engine::driver::{Discard, End};
    /// use aludel_engine::prepare;
    ///
    /// let query = delete(Document).filter(Document::ID.eq(1));
    /// let prepared = prepare(engine, query.statement())?;
    /// let values = prepared.values();
    /// let mut sink = Discard::default();
    /// engine.connect().await?.run(&[prepared.statement(&values)], End::Open, &mut sink).await?;
    /// assert_eq!(sink.rows_affected, 1);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn statement<'s>(&'s self, values: &'s [ValueRef<'s>]) -> Statement<'s> {
        self.cached.statement(values)
    }
}

/// The values of statements that travel together, and [`batch`] makes the statements.
pub(crate) fn values<'s>(prepared: &'s [Prepared<'_>]) -> Vec<Values<'s>> {
    prepared.iter().map(Prepared::values).collect()
}

/// Makes statements that travel together, with their [`values`].
pub(crate) fn batch<'s>(prepared: &'s [Prepared<'_>], values: &'s [Values<'s>]) -> Vec<Statement<'s>> {
    prepared.iter().zip(values).map(|(it, values)| it.statement(values)).collect()
}
