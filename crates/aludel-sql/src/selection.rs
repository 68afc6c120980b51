//! What a SELECT selects, and the types of the rows that come back.
//!
//! `select(User)`, `select((User, func::count(Document::ID)))`: each thing selected has an [`Item`] type that knows how many cells it
//! takes and what they become. The rows of a statement are always tuples of items; `scalars` takes the first.

use std::borrow::Cow;
use std::marker::PhantomData;

use crate::alias::Alias;
use crate::column::{Column, Of, Source};
use crate::column_type::ColumnType;
use crate::error::{Error, ErrorKind, Result};
use crate::expression::{Expr, Expression, Labelled};
use crate::follow_up::FollowUp;
use crate::from::EntityClause;
use crate::mapping::{Cells, Mapped};
use crate::node::{ColumnNode, Node};
use crate::sql_type::SqlType;
use crate::value::ValueRef;

/// One thing selected, as the compiler sees it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SelectItem {
    /// All columns of a table, in order.
    Entity {
        /// The table.
        source: Source,
        /// Whether all of them may be NULL: the nullable side of an outer join.
        optional: bool,
    },
    /// One expression.
    Expression {
        /// The expression.
        node: Node,
        /// Its name in the result.
        label: Option<Cow<'static, str>>,
        /// Whether it is read as an `Option`.
        optional: bool,
        /// The type of its values.
        sql_type: SqlType,
    },
}

impl SelectItem {
    /// An expression with values of type `T`.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel::SqlType;
    /// use aludel_sql::SelectItem;
    ///
    /// let SelectItem::Expression { sql_type, optional, .. } = SelectItem::expression::<i32>(Book::YEAR.into_node()) else {
    ///     unreachable!()
    /// };
    /// assert_eq!((sql_type, optional), (SqlType::Integer, false));
    /// ```
    pub fn expression<T: ColumnType>(node: Node) -> Self {
        Self::Expression { node, label: None, optional: T::NULLABLE, sql_type: T::SQL_TYPE }
    }

    /// A column of a table.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel::Mapped;
    /// use aludel_sql::{SelectItem, Selected, Source};
    ///
    /// // `Book::YEAR`, for a column that is known at run time only.
    /// let year = SelectItem::column(Source::of(Book::TABLE), Book::YEAR.index(), false);
    /// assert_eq!(year, Book::YEAR.into_item());
    /// ```
    #[must_use]
    pub fn column(source: Source, column: usize, optional: bool) -> Self {
        let sql_type = source.table.columns[column].sql_type;
        let node = Node::Column(ColumnNode { source, column });
        Self::Expression { node, label: None, optional, sql_type }
    }

    /// Returns the number of cells that it takes.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel_sql::Selected;
    ///
    /// assert_eq!((Book.into_item().width(), Book::YEAR.into_item().width()), (4, 1));
    /// ```
    #[must_use]
    pub fn width(&self) -> usize {
        match self {
            Self::Entity { source, .. } => source.table.columns.len(),
            Self::Expression { .. } => 1,
        }
    }

    /// Returns the table, if all its columns are selected.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel_sql::Selected;
    ///
    /// assert_eq!(Book.into_item().entity().unwrap().name(), "books");
    /// assert_eq!(Book::YEAR.into_item().entity(), None);
    /// ```
    #[must_use]
    pub fn entity(&self) -> Option<&Source> {
        match self {
            Self::Entity { source, .. } => Some(source),
            Self::Expression { .. } => None,
        }
    }
}

/// One thing selected, as a type: how its cells become a value.
pub trait Item: 'static {
    /// What its cells become without a session.
    type Value: Send;

    /// The number of cells it takes.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel_sql::{EntityItem, Item, ValueItem};
    ///
    /// assert_eq!((EntityItem::<Book>::width(), ValueItem::<i32>::width()), (4, 1));
    /// ```
    fn width() -> usize;

    /// Reads its cells: exactly [`Item::width`] of them.
    ///
    /// ```
    /// # use library::Author;
    /// use aludel::ValueRef;
    /// use aludel_sql::{EntityItem, Item, OptionalItem};
    ///
    /// let cells = [ValueRef::Int(7), ValueRef::Text("Jane Austen")];
    /// assert_eq!(EntityItem::<Author>::read(&cells)?.name, "Jane Austen");
    /// // The side of an outer join that has no row.
    /// assert!(OptionalItem::<Author>::read(&[ValueRef::Null, ValueRef::Null])?.is_none());
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Decode` where a cell does not fit.
    fn read(cells: &[ValueRef<'_>]) -> Result<Self::Value>;

    /// Returns what reads the rest of the values after all rows, for one execution of a statement; most items are whole as they are.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel_sql::{EntityItem, Item};
    ///
    /// // A row of an entity is whole; a projection with a collection of others is not.
    /// assert!(EntityItem::<Book>::follow_up().is_none());
    /// ```
    fn follow_up() -> Option<Box<dyn FollowUp<Self::Value>>> {
        None
    }
}

/// An entity in the result.
#[derive(Debug)]
pub struct EntityItem<E>(PhantomData<fn() -> E>);

/// An entity of the nullable side of an outer join.
#[derive(Debug)]
pub struct OptionalItem<E>(PhantomData<fn() -> E>);

/// A value in the result.
#[derive(Debug)]
pub struct ValueItem<T>(PhantomData<fn() -> T>);

impl<E: Mapped> Item for EntityItem<E> {
    type Value = E;

    fn width() -> usize {
        E::TABLE.columns.len()
    }

    // With `Mapped::read`, which says why.
    #[inline(always)]
    fn read(cells: &[ValueRef<'_>]) -> Result<E> {
        E::read(&mut Cells::new(E::TABLE, cells))
    }
}

impl<E: Mapped> Item for OptionalItem<E> {
    type Value = Option<E>;

    fn width() -> usize {
        E::TABLE.columns.len()
    }

    fn read(cells: &[ValueRef<'_>]) -> Result<Option<E>> {
        // The other side had no row if and only if the primary key is NULL.
        if E::TABLE.primary_key().all(|column| cells[column].is_null()) {
            return Ok(None);
        }
        EntityItem::<E>::read(cells).map(Some)
    }
}

impl<T: ColumnType> Item for ValueItem<T> {
    type Value = T;

    fn width() -> usize {
        1
    }

    #[inline]
    fn read(cells: &[ValueRef<'_>]) -> Result<T> {
        T::decode(cells[0]).map_err(|mismatch| Error::of_cell(0, mismatch.reason()))
    }
}

/// The items of a row, as a type: always a tuple.
pub trait Shape: 'static {
    /// The first item.
    type First: Item;
    /// The row without a session: a tuple.
    type Row: Send;

    /// The number of cells of a row.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel_sql::{EntityItem, Shape, ValueItem};
    ///
    /// // `select((Book, func::count_star()))`
    /// assert_eq!(<(EntityItem<Book>, ValueItem<i64>)>::width(), 5);
    /// ```
    fn width() -> usize;

    /// Reads a row.
    ///
    /// ```
    /// use aludel::ValueRef;
    /// use aludel_sql::{Shape, ValueItem};
    ///
    /// type Row = (ValueItem<String>, ValueItem<i64>);
    /// assert_eq!(Row::read(&[ValueRef::Text("Emma"), ValueRef::Int(1)])?, ("Emma".to_owned(), 1));
    /// assert_eq!(Row::read(&[ValueRef::Text("Emma")]).unwrap_err().what(), "the row has 1 columns, 2 are read");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Decode` where a cell does not fit, or there are too few.
    fn read(cells: &[ValueRef<'_>]) -> Result<Self::Row>;

    /// Lends the first value of a row.
    ///
    /// ```
    /// use aludel_sql::{Shape, ValueItem};
    ///
    /// // What `scalars` gives of a row.
    /// let mut row = ("Emma".to_owned(), 1815);
    /// assert_eq!(<(ValueItem<String>, ValueItem<i64>)>::first(&mut row), "Emma");
    /// ```
    fn first(row: &mut Self::Row) -> &mut <Self::First as Item>::Value;
}

/// The types of the columns that SQL written by hand selects, in a tuple; see [`Text::columns`](crate::Text::columns).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no tuple of column types",
    label = "expected a tuple of up to 16 types of columns: `(i64, String)`, `(i64,)`"
)]
pub trait ColumnTypes {
    /// How a row of such columns is read.
    type Shape: Shape;
}

/// Makes the error of a row that is too short; a `text!` may select anything.
#[cold]
pub(crate) fn too_few(found: usize, wanted: usize) -> Error {
    Error::new(ErrorKind::Decode, format!("the row has {found} columns, {wanted} are read"))
        .help("select exactly the columns that the row type has, in its order")
}

/// Reads one item from the front of what is left of a row.
#[inline]
fn read_item<I: Item>(all: &[ValueRef<'_>], rest: &mut &[ValueRef<'_>]) -> Result<I::Value> {
    let (mine, others) = rest.split_at(I::width());
    let value = I::read(mine).map_err(|error| error.behind_cells(all.len() - rest.len()));
    *rest = others;
    value
}

macro_rules! shapes {
    ($(($first:ident $($name:ident)*))*) => {$(
        impl<$first: Item, $($name: Item),*> Shape for ($first, $($name,)*) {
            type First = $first;
            type Row = ($first::Value, $($name::Value,)*);

            #[inline]
            fn width() -> usize {
                $first::width() $(+ $name::width())*
            }

            #[inline]
            fn read(cells: &[ValueRef<'_>]) -> Result<Self::Row> {
                if cells.len() != Self::width() {
                    return Err(too_few(cells.len(), Self::width()));
                }
                let mut rest = cells;
                Ok((
                    read_item::<$first>(cells, &mut rest)?,
                    $(read_item::<$name>(cells, &mut rest)?,)*
                ))
            }

            fn first(row: &mut Self::Row) -> &mut $first::Value {
                &mut row.0
            }
        }

        impl<$first: Selected, $($name: Selected),*> Selectable for ($first, $($name,)*) {
            type Shape = ($first::Item, $($name::Item,)*);

            fn into_items(self) -> Vec<SelectItem> {
                #[allow(non_snake_case)]
                let ($first, $($name,)*) = self;
                vec![$first.into_item(), $($name.into_item(),)*]
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$first: ColumnType, $($name: ColumnType),*> ColumnTypes for ($first, $($name,)*) {
            type Shape = (ValueItem<$first>, $(ValueItem<$name>,)*);
        }
    )*};
}

shapes! {
    (A)
    (A B)
    (A B C)
    (A B C D)
    (A B C D E)
    (A B C D E F)
    (A B C D E F G)
    (A B C D E F G H)
    (A B C D E F G H I)
    (A B C D E F G H I J)
    (A B C D E F G H I J K)
    (A B C D E F G H I J K L)
    (A B C D E F G H I J K L M)
    (A B C D E F G H I J K L M N)
    (A B C D E F G H I J K L M N O)
    (A B C D E F G H I J K L M N O P)
}

/// One thing that can be selected: an entity, a column, an expression.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be selected",
    label = "expected an entity, a column, an expression, or a tuple of up to 16 of them"
)]
pub trait Selected {
    /// How its cells become a value.
    type Item: Item;

    /// Returns the item for the compiler.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel_sql::{SelectItem, Selected};
    ///
    /// let item = Book::YEAR.label("published").into_item();
    /// assert!(matches!(item, SelectItem::Expression { label: Some(label), .. } if label == "published"));
    /// ```
    fn into_item(self) -> SelectItem;
}

/// What `select` takes: one thing, or a tuple of up to 16.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be selected",
    label = "expected an entity, a column, an expression, or a tuple of up to 16 of them"
)]
pub trait Selectable {
    /// The items of a row.
    type Shape: Shape;

    /// Returns the items for the compiler.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// use aludel_sql::Selectable;
    ///
    /// assert_eq!((Book, Author::NAME).into_items().len(), 2);
    /// ```
    fn into_items(self) -> Vec<SelectItem>;
}

impl<E: Mapped> Selected for Of<E> {
    type Item = EntityItem<E>;

    fn into_item(self) -> SelectItem {
        SelectItem::Entity { source: self.into_source(), optional: false }
    }
}

impl<E: Mapped> Selected for Alias<E> {
    type Item = EntityItem<E>;

    fn into_item(self) -> SelectItem {
        SelectItem::Entity { source: self.into_source(), optional: false }
    }
}

/// An entity of the nullable side of an outer join; gives an `Option`. Made by [`optional`].
#[derive(Clone, Copy, Debug)]
pub struct Optional<X>(X);

/// Selects an entity of the nullable side of an outer join: `select((User, optional(Document)))` gives `(User, Option<Document>)`.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
///
/// let rows = select((Author::NAME, optional(Book))).outer_join(Author::BOOKS);
/// assert_eq!(
///     sql(rows),
///     "SELECT authors.name, books.id, books.title, books.year, books.author_id FROM authors \
///      LEFT JOIN books ON authors.id = books.author_id"
/// );
/// ```
#[must_use]
pub fn optional<X: EntityClause>(entity: X) -> Optional<X> {
    Optional(entity)
}

impl<X: EntityClause> Selected for Optional<X> {
    type Item = OptionalItem<X::Entity>;

    fn into_item(self) -> SelectItem {
        SelectItem::Entity { source: self.0.into_source(), optional: true }
    }
}

impl<E: Mapped, T: ColumnType> Selected for Column<E, T> {
    type Item = ValueItem<T>;

    fn into_item(self) -> SelectItem {
        SelectItem::expression::<T>(self.into_node())
    }
}

impl<T: ColumnType> Selected for Expr<T> {
    type Item = ValueItem<T>;

    fn into_item(self) -> SelectItem {
        SelectItem::expression::<T>(self.into_node())
    }
}

impl<T: ColumnType> Selected for Labelled<T> {
    type Item = ValueItem<T>;

    fn into_item(self) -> SelectItem {
        SelectItem::Expression {
            node: self.expr.into_node(),
            label: Some(self.name),
            optional: T::NULLABLE,
            sql_type: T::SQL_TYPE,
        }
    }
}

macro_rules! one {
    ($([$($generics:tt)*] $ty:ty;)*) => {$(
        impl<$($generics)*> Selectable for $ty {
            type Shape = (<$ty as Selected>::Item,);

            fn into_items(self) -> Vec<SelectItem> {
                vec![self.into_item()]
            }
        }
    )*};
}

one! {
    [E: Mapped] Of<E>;
    [E: Mapped] Alias<E>;
    [X: EntityClause] Optional<X>;
    [E: Mapped, T: ColumnType] Column<E, T>;
    [T: ColumnType] Expr<T>;
    [T: ColumnType] Labelled<T>;
}
