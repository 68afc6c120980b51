//! What compiling gives: the text, and the places where the values go.

use std::ptr;

use super::select::Naming;
use super::{Compiler, decimals};
use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind, Result};
use crate::few::Few;
use crate::node::Param;
use crate::schema_map::SchemaMap;
use crate::sql_type::SqlType;
use crate::structure::{MAX_DEPTH, StatementRef, Structure};
use crate::value::{Value, ValueRef};

/// A compiled statement: its text, and where its values go.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The text.
    pub text: String,
    /// The placeholders, in order.
    pub slots: Vec<Slot>,
    /// Which cells of a row are decimals that the database keeps as integers, and how many digits they have behind the point.
    pub decimals: Vec<(usize, u16)>,
    /// Some values are not sent as they are.
    makes_values: bool,
}

/// A placeholder: which parameter of the statement it takes, and which part of it.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// The index of the parameter in [`Structure::params`].
    pub param: usize,
    /// The type it is sent as; of an array its element's.
    pub sql_type: SqlType,
    /// What of the parameter is sent.
    pub part: Part,
}

/// What of a parameter a placeholder takes.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// All of it.
    Whole,
    /// One element of a list; the last one again where the list is shorter.
    Element(usize),
    /// Of a list of rows the cells of one column, as a list.
    Column(usize),
    /// What this function makes of it.
    Map(fn(&Value) -> Result<Value>),
}

impl Part {
    /// Tells whether it takes the same of a parameter as this one does. One parameter is mapped in one way only.
    pub(super) fn is_same(self, other: Self) -> bool {
        match (self, other) {
            (Self::Whole, Self::Whole) | (Self::Map(_), Self::Map(_)) => true,
            (Self::Element(one), Self::Element(other)) | (Self::Column(one), Self::Column(other)) => {
                one == other
            }
            _ => false,
        }
    }
}

impl Compiled {
    /// Compiles a statement.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel::PostgresDialect;
    /// use aludel_sql::Compiled;
    ///
    /// let books = select(Book::TITLE).filter(Book::YEAR.gt(1900)).limit(10);
    /// let compiled = Compiled::new(books.statement(), &PostgresDialect)?;
    /// assert_eq!(compiled.text, "SELECT books.title FROM books WHERE books.year > $1 LIMIT $2");
    /// assert_eq!(compiled.slots.len(), 2);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Compile` where the statement makes no sense, `Unsupported` where the dialect has no form for a part of it.
    pub fn new(statement: StatementRef<'_>, dialect: &dyn Dialect) -> Result<Self> {
        let structure = Structure::of(statement, dialect.features().array_parameters);
        Self::with_structure(statement, &structure, dialect)
    }

    /// Compiles a statement whose structure is known already.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel::PostgresDialect;
    /// use aludel_sql::{Compiled, Structure};
    ///
    /// let books = select(Book::TITLE).filter(Book::YEAR.gt(1900));
    /// let structure = Structure::of(books.statement(), true);
    /// // An engine looks for `structure.key` in its cache first, and compiles where it is not there.
    /// let compiled = Compiled::with_structure(books.statement(), &structure, &PostgresDialect)?;
    /// assert_eq!(compiled.text, "SELECT books.title FROM books WHERE books.year > $1");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Compiled::new`].
    pub fn with_structure(
        statement: StatementRef<'_>,
        structure: &Structure<'_>,
        dialect: &dyn Dialect,
    ) -> Result<Self> {
        Self::written(statement, structure, dialect, None, false)
    }

    /// Compiles a statement whose tables are in other schemas than they are declared in.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel::{PostgresDialect, SchemaMap};
    /// use aludel_sql::{Compiled, Structure};
    ///
    /// let books = select(Book::TITLE).filter(Book::YEAR.gt(1900));
    /// let structure = Structure::of(books.statement(), true);
    /// let map = SchemaMap::new().default_to("tenant_7");
    /// let compiled = Compiled::with_schemas(books.statement(), &structure, &PostgresDialect, &map)?;
    /// assert_eq!(compiled.text, "SELECT books.title FROM tenant_7.books WHERE books.year > $1");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// The key of the structure does not tell: texts of different maps are kept apart by whoever keeps them.
    ///
    /// # Errors
    ///
    /// As [`Compiled::new`].
    pub fn with_schemas(
        statement: StatementRef<'_>,
        structure: &Structure<'_>,
        dialect: &dyn Dialect,
        schemas: &SchemaMap,
    ) -> Result<Self> {
        Self::written(statement, structure, dialect, Some(schemas), false)
    }

    /// Compiles a statement; `inline` says whether values are written into the text.
    pub(super) fn written(
        statement: StatementRef<'_>,
        structure: &Structure<'_>,
        dialect: &dyn Dialect,
        schemas: Option<&SchemaMap>,
        inline: bool,
    ) -> Result<Self> {
        if structure.too_deep {
            return Err(Error::new(
                ErrorKind::Compile,
                format!("an expression is nested more than {MAX_DEPTH} deep"),
            )
            .help("join many conditions with one `and_` or `or_`, and compute long sums of values in the program"));
        }
        let params = structure
            .params
            .iter()
            .enumerate()
            .map(|(at, param)| (ptr::from_ref(*param), (at, None)))
            .collect();
        let mut compiler = Compiler {
            dialect,
            sql: String::with_capacity(160),
            slots: vec![],
            params,
            scopes: vec![],
            ctes: vec![],
            places: vec![],
            repeated: vec![],
            same: Default::default(),
            wanted: decimals::Wanted::new(),
            scoped: structure.scoped,
            schemas,
            stands_for: None,
            with_deleted: with_deleted(statement),
            in_conflict: false,
            outermost: false,
            within_operator: false,
            windows_of_groups: false,
            with_is_open: false,
            inline,
        };
        match statement {
            StatementRef::Explain(_) => {
                compiler.push(dialect.explain());
            }
            StatementRef::ExplainAnalyze(_) => {
                let prefix = dialect.explain_analyze().ok_or_else(|| {
                    compiler
                        .unsupported("EXPLAIN ANALYZE")
                        .help("`explain` tells how it would execute the statement, without what it took")
                })?;
                compiler.push(prefix);
            }
            _ => {}
        }
        // What is explained is executed for its explanation, not for its rows.
        let is_explained = matches!(statement, StatementRef::Explain(_) | StatementRef::ExplainAnalyze(_));
        let statement = statement.explained();
        // An INSERT has them before its query.
        if !matches!(statement, StatementRef::Insert(_)) {
            compiler.with(statement, &structure.ctes)?;
        }
        compiler.outermost = matches!(statement, StatementRef::Select(_));
        compiler.with_is_open = compiler.outermost && !structure.ctes.is_empty();
        match statement {
            StatementRef::Explain(_) | StatementRef::ExplainAnalyze(_) => return Err(explained_twice()),
            StatementRef::Select(node) => compiler.select(node, Naming::Natural)?,
            StatementRef::Compound(node) => compiler.compound(node, Naming::Natural)?,
            StatementRef::Insert(node) => compiler.insert(node, &structure.ctes, Naming::Natural)?,
            StatementRef::Inserts(nodes) => return Err(super::insert::several_statements(nodes)),
            StatementRef::Update(node) => compiler.update(node, Naming::Natural)?,
            StatementRef::Delete(node) => compiler.delete(node, Naming::Natural)?,
            StatementRef::Text(node) => compiler.text(node)?,
        }
        let max = dialect.features().max_parameters;
        if compiler.slots.len() > max {
            return Err(Error::new(
                ErrorKind::Compile,
                format!(
                    "the statement has {} parameters; {} takes at most {max}",
                    compiler.slots.len(),
                    dialect.name()
                ),
            )
            .help("split it, or put the values into a table and join it"));
        }
        let decimals = match statement {
            _ if is_explained || !dialect.features().scaled_decimals => vec![],
            StatementRef::Explain(_) | StatementRef::ExplainAnalyze(_) => vec![],
            StatementRef::Select(node) => decimals::of_items(&node.items),
            StatementRef::Compound(node) => decimals::of_items(node.items()),
            StatementRef::Insert(node) => decimals::of_items(&node.returning),
            StatementRef::Inserts(_) => vec![],
            StatementRef::Update(node) => decimals::of_items(&node.returning),
            StatementRef::Delete(node) => decimals::of_items(&node.returning),
            StatementRef::Text(_) => vec![],
        };
        let makes_values =
            compiler.slots.iter().any(|slot| matches!(slot.part, Part::Map(_) | Part::Column(_)));
        Ok(Self { text: compiler.sql, slots: compiler.slots, decimals, makes_values })
    }

    /// Makes the values that are not sent as they are, of the parameters of a statement with the same structure: there are hardly any.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel::{SqliteDialect, ValueRef};
    /// use aludel_sql::{Compiled, Structure};
    ///
    /// let books = |year: i32| select(Book::TITLE).filter(Book::YEAR.gt(year));
    /// let compiled = Compiled::new(books(1900).statement(), &SqliteDialect)?;
    /// let other = books(2000);
    /// let structure = Structure::of(other.statement(), true);
    /// assert!(compiled.made(&structure.params)?.is_empty()); // a number is sent as it is
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Encode` where a value has no form on this dialect.
    pub fn made(&self, params: &[&Param]) -> Result<Vec<Value>> {
        if !self.makes_values {
            return Ok(Vec::new());
        }
        let make = |slot: &Slot| match slot.part {
            Part::Map(map) => Some(map(&params[slot.param].value)),
            Part::Column(at) => Some(Ok(column(&params[slot.param].value, at))),
            Part::Whole | Part::Element(_) => None,
        };
        self.slots.iter().filter_map(make).collect()
    }

    /// Picks the value of each placeholder from the parameters of a statement with the same structure, and from what was
    /// [`made`](Self::made) of them.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel::{SqliteDialect, ValueRef};
    /// use aludel_sql::{Compiled, Structure};
    ///
    /// let books = |year: i32| select(Book::TITLE).filter(Book::YEAR.gt(year));
    /// let compiled = Compiled::new(books(1900).statement(), &SqliteDialect)?;
    /// // The text of one statement serves another one with other values.
    /// let other = books(2000);
    /// let structure = Structure::of(other.statement(), true);
    /// let made = compiled.made(&structure.params)?;
    /// assert_eq!(compiled.values(&structure.params, &made)[0], ValueRef::Int(2000));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn values<'v>(&self, params: &[&'v Param], made: &'v [Value]) -> Values<'v> {
        let mut made = made.iter();
        let mut values = Values::new(ValueRef::Null);
        for slot in &self.slots {
            let value = &params[slot.param].value;
            values.push(match slot.part {
                Part::Whole => value.as_ref(),
                Part::Element(at) => element(value, at).as_ref(),
                Part::Map(_) | Part::Column(_) => made.next().map_or(ValueRef::Null, Value::as_ref),
            });
        }
        values
    }
}

/// The values of the placeholders of a statement.
pub type Values<'v> = Few<ValueRef<'v>, 4>;

/// Returns an element of a list; the last one again where the list is shorter.
pub(super) fn element(value: &Value, at: usize) -> &Value {
    match value {
        Value::List(values) => values.get(at).or(values.last()).unwrap_or(&Value::Null),
        other => other,
    }
}

/// Returns the cells of one column of a list of rows.
pub(super) fn column(rows: &Value, at: usize) -> Value {
    let cell = |row: &Value| match row {
        Value::List(cells) => cells.get(at).cloned().unwrap_or(Value::Null),
        other => other.clone(),
    };
    match rows {
        Value::List(rows) => Value::List(rows.iter().map(cell).collect()),
        other => other.clone(),
    }
}

#[cold]
fn explained_twice() -> Error {
    Error::new(ErrorKind::Compile, "what is explained is a statement, not its explanation")
}

/// Tells whether a statement does not leave out rows that were deleted softly.
fn with_deleted(statement: StatementRef<'_>) -> bool {
    match statement {
        StatementRef::Explain(inner) | StatementRef::ExplainAnalyze(inner) => with_deleted(*inner),
        StatementRef::Select(node) => node.with_deleted,
        StatementRef::Update(node) => node.with_deleted,
        StatementRef::Delete(node) => node.with_deleted,
        _ => false,
    }
}
