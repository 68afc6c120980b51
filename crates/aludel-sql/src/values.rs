//! Rows of the program as a table in FROM.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::column::Column;
use crate::column_type::ColumnType;
use crate::decimal;
use crate::expression::Expr;
use crate::from::{FromClause, FromItem};
use crate::mapping::Mapped;
use crate::node::Param;
use crate::operand::IntoValue;
use crate::sql_type::SqlType;
use crate::subquery::{Body, Derived, OutputColumn, OutputOf, Wanted};
use crate::value::Value;

/// Begins a table of the program's own rows, to be in FROM under a name: `values((Book::ID, rank), "wanted").data([(3, 1), (1, 2)])`.
///
/// Its columns are those of entities, with their names and types, or [`column`](fn@column)s that say both.
///
/// ```
/// # use {aludel::doc::*, library::{Author, Book}};
/// // Books in the order in which somebody asked for them, with a note for each.
/// let (place, note) = (column::<i32>("place"), column::<Option<String>>("note"));
/// let wanted = values((Book::ID, place, note), "wanted").data([(7, 1, Some("first".to_owned())), (3, 2, None)]);
/// let books = select((Book::TITLE, wanted.col(note)))
///     .join_on(&wanted, wanted.col(Book::ID).eq(Book::ID))
///     .order_by(wanted.col(place));
/// // Any number of rows is one parameter, so the text is always the same.
/// assert_eq!(
///     sqlite(books.clone()),
///     "SELECT books.title, wanted.note FROM books \
///      JOIN (SELECT value ->> 0 AS id, value ->> 1 AS place, value ->> 2 AS note FROM json_each(?1)) AS wanted \
///      ON wanted.id = books.id ORDER BY wanted.place"
/// );
/// // Here it is an array for each column.
/// assert_eq!(
///     postgres(books),
///     "SELECT books.title, wanted.note FROM books JOIN unnest($1, $2, $3) AS wanted (id, place, note) \
///      ON wanted.id = books.id ORDER BY wanted.place"
/// );
/// ```
///
/// Without a row it is a table without rows. Like those of any table, its rows come in no order of their own: let a column say it.
pub fn values<C: ValuesColumns>(columns: C, name: impl Into<Cow<'static, str>>) -> ValuesBuilder<C> {
    ValuesBuilder { name: name.into(), columns: columns.describe(), marker: PhantomData }
}

/// Names a column of [`values`] and says the type of what is in it: `column::<i32>("place")`.
///
/// ```
/// # use {aludel::doc::*, library::{Author, Book}};
/// let year = column::<i32>("year");
/// let years = values((year,), "years").data([(1811,), (1813,)]);
/// assert_eq!(
///     sqlite(select(years.col(year)).filter(years.col(year).gt(1812))),
///     "SELECT years.year FROM (SELECT value ->> 0 AS year FROM json_each(?1)) AS years WHERE years.year > ?2"
/// );
/// ```
pub const fn column<T: ColumnType>(name: &'static str) -> NamedColumn<T> {
    NamedColumn { name, marker: PhantomData }
}

/// A column of [`ValuesTable`] that is of no entity; made by [`column`](fn@column).
pub struct NamedColumn<T> {
    name: &'static str,
    marker: PhantomData<fn() -> T>,
}

impl<T> Clone for NamedColumn<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for NamedColumn<T> {}

impl<T> fmt::Debug for NamedColumn<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl<T: ColumnType> OutputOf for NamedColumn<T> {
    type Type = T;

    fn output(self) -> Wanted {
        Wanted::Named(self.name.into())
    }
}

/// A table whose rows are still to be given; made by [`values`].
#[must_use = "a table of values has its rows by `.data(…)`"]
pub struct ValuesBuilder<C> {
    name: Cow<'static, str>,
    columns: Vec<OutputColumn>,
    marker: PhantomData<fn() -> C>,
}

impl<C: ValuesColumns> ValuesBuilder<C> {
    /// Gives the rows: tuples with a value for each column.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // As many as there are, none included.
    /// let years: Vec<(i32,)> = Vec::new();
    /// let none = values((Book::YEAR,), "years").data(years);
    /// let books = select(Book::TITLE).filter(Book::YEAR.in_(select(none.col(Book::YEAR))));
    /// assert!(sqlite(books).ends_with(" IN (SELECT years.year FROM (SELECT value ->> 0 AS year FROM json_each(?1)) AS years)"));
    /// ```
    pub fn data<R: ValuesRow<C>>(self, rows: impl IntoIterator<Item = R>) -> ValuesTable {
        let Self { name, columns, .. } = self;
        let row = |row: R| {
            let mut cells = row.into_cells();
            for (cell, OutputColumn { sql_type, .. }) in cells.iter_mut().zip(&columns) {
                if let SqlType::Numeric(precision, scale) = *sql_type {
                    write_all_digits(cell, precision, scale);
                }
            }
            Value::List(cells)
        };
        let rows = Value::List(rows.into_iter().map(row).collect());
        let rows = Param { value: rows, sql_type: SqlType::Json };
        ValuesTable { derived: Arc::new(Derived { name, columns, body: Body::Values(rows) }) }
    }
}

/// Gives a decimal all the digits that its column has behind the point: some databases keep it without the point.
fn write_all_digits(cell: &mut Value, precision: u16, scale: u16) {
    let Value::Decimal(text) = cell else { return };
    *cell = match decimal::check(text, precision, scale) {
        Ok(digits) => {
            let (minus, point) = (if digits.negative { "-" } else { "" }, if scale > 0 { "." } else { "" });
            let (whole, width) =
                (if digits.whole.is_empty() { "0" } else { digits.whole }, usize::from(scale));
            Value::Decimal(format!("{minus}{whole}{point}{:0<width$}", digits.fraction.trim_end_matches('0')))
        }
        Err(error) => Value::Refused(error.what().to_owned()),
    };
}

/// Rows of the program as a table; made by [`values`].
///
/// It stands wherever a table or a subquery does: `.select_from(&wanted)`, `.join_on(&wanted, …)`, `.in_(select(wanted.col(…)))`,
/// and in UPDATE and DELETE.
#[derive(Clone, Debug)]
#[must_use = "a table of values does nothing until it is part of a statement"]
pub struct ValuesTable {
    derived: Arc<Derived>,
}

impl ValuesTable {
    /// The column that was given as `what`: a column of an entity, or a [`column`](fn@column).
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // New titles for some books, in one statement.
    /// let titles = values((Book::ID, Book::TITLE), "titles").data([(7, "Emma"), (3, "Persuasion")]);
    /// let renamed = update(Book)
    ///     .join_on(&titles, titles.col(Book::ID).eq(Book::ID))
    ///     .set(Book::TITLE, titles.col(Book::TITLE));
    /// assert_eq!(
    ///     postgres(renamed),
    ///     "UPDATE books SET title = titles.title FROM unnest($1, $2) AS titles (id, title) WHERE titles.id = books.id"
    /// );
    /// ```
    pub fn col<O: OutputOf>(&self, what: O) -> Expr<O::Type> {
        self.derived.col(what)
    }
}

impl FromClause for ValuesTable {
    fn into_from(self) -> FromItem {
        FromItem::Query(self.derived)
    }
}

impl FromClause for &ValuesTable {
    fn into_from(self) -> FromItem {
        self.clone().into_from()
    }
}

/// A column of [`values`]: that of an entity, or a [`column`](fn@column).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no column of `values`",
    label = "expected a column of an entity, or `column::<T>(\"name\")`"
)]
pub trait ValuesColumn: OutputOf {
    /// Returns its name and type.
    #[doc(hidden)]
    fn describe(&self) -> OutputColumn;
}

impl<E: Mapped, T: ColumnType> ValuesColumn for Column<E, T> {
    fn describe(&self) -> OutputColumn {
        let meta = self.meta();
        OutputColumn { name: meta.name.into(), sql_type: meta.sql_type, nullable: T::NULLABLE }
    }
}

impl<T: ColumnType> ValuesColumn for NamedColumn<T> {
    fn describe(&self) -> OutputColumn {
        OutputColumn { name: self.name.into(), sql_type: T::SQL_TYPE, nullable: T::NULLABLE }
    }
}

/// The columns of [`values`]: a tuple of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no tuple of columns",
    label = "expected one to eight columns in a tuple: `(Book::ID, column::<i32>(\"place\"))`"
)]
pub trait ValuesColumns {
    /// Returns their names and types.
    #[doc(hidden)]
    fn describe(&self) -> Vec<OutputColumn>;
}

/// A row of [`values`] with the columns `C`: a tuple with a value for each of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no row of these columns",
    label = "expected a tuple with a value for each of the columns, of their types"
)]
pub trait ValuesRow<C> {
    /// Returns the values.
    #[doc(hidden)]
    fn into_cells(self) -> Vec<Value>;
}

macro_rules! tuples {
    ($(($($column:ident $value:ident)+))*) => {$(
        impl<$($column: ValuesColumn),+> ValuesColumns for ($($column,)+) {
            fn describe(&self) -> Vec<OutputColumn> {
                #[allow(non_snake_case)]
                let ($($column,)+) = self;
                vec![$($column.describe()),+]
            }
        }

        impl<$($column: ValuesColumn, $value: IntoValue<$column::Type>),+> ValuesRow<($($column,)+)> for ($($value,)+) {
            fn into_cells(self) -> Vec<Value> {
                #[allow(non_snake_case)]
                let ($($value,)+) = self;
                vec![$($value.into_value().encode().into_value()),+]
            }
        }
    )*};
}

tuples! {
    (A1 A2) (A1 A2 B1 B2) (A1 A2 B1 B2 C1 C2) (A1 A2 B1 B2 C1 C2 D1 D2) (A1 A2 B1 B2 C1 C2 D1 D2 E1 E2)
    (A1 A2 B1 B2 C1 C2 D1 D2 E1 E2 F1 F2) (A1 A2 B1 B2 C1 C2 D1 D2 E1 E2 F1 F2 G1 G2)
    (A1 A2 B1 B2 C1 C2 D1 D2 E1 E2 F1 F2 G1 G2 H1 H2)
}
