//! ORDER BY.

use std::borrow::Cow;

use crate::column::Source;
use crate::column_type::ColumnType;
use crate::mapping::ColumnMeta;
use crate::node::{ColumnNode, Node};
use crate::sql_type::SqlType;

/// Upwards or downwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// Least first.
    Ascending,
    /// Greatest first.
    Descending,
}

/// Where NULL goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Nulls {
    /// Before all values.
    First,
    /// After all values.
    Last,
}

/// One key of ORDER BY: `Document::CREATED_AT.desc()`, or `desc("documents")` by label.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "an order does nothing until it is part of a statement"]
pub struct OrderBy {
    /// What is compared.
    pub node: Node,
    /// Upwards or downwards.
    pub order: Order,
    /// Where NULL goes, if it was said.
    pub nulls: Option<Nulls>,
    /// Whether the values may be NULL.
    pub nullable: bool,
    /// The type of the values, where the expression was typed.
    pub sql_type: Option<SqlType>,
}

impl OrderBy {
    pub(crate) fn new(node: Node, order: Order, nullable: bool) -> Self {
        Self { node, order, nulls: None, nullable, sql_type: None }
    }

    pub(crate) fn typed<T: ColumnType>(node: Node, order: Order) -> Self {
        Self { sql_type: Some(T::SQL_TYPE), ..Self::new(node, order, T::NULLABLE) }
    }

    /// Ascending order of a column.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::{Mapped, OrderBy, Source};
    ///
    /// // For a table and a column that are known at run time only.
    /// let newest = OrderBy::of_column(Source::of(Book::TABLE), Book::YEAR.index()).reversed();
    /// assert_eq!(sqlite(select(Book::ID).order_by(newest)), "SELECT books.id FROM books ORDER BY books.year DESC");
    /// ```
    pub fn of_column(source: Source, column: usize) -> Self {
        let ColumnMeta { nullable, sql_type, .. } = source.table.columns[column];
        let node = Node::Column(ColumnNode { source, column });
        Self { sql_type: Some(sql_type), ..Self::new(node, Order::Ascending, nullable) }
    }

    /// The same keys from the end to the beginning, NULL included.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // The page before: the same order from its end.
    /// let keys = [Book::YEAR.desc(), Book::ID.asc()];
    /// let back: Vec<_> = keys.into_iter().map(|key| key.reversed()).collect();
    /// assert_eq!(
    ///     sqlite(select(Book::ID).order_by(back)),
    ///     "SELECT books.id FROM books ORDER BY books.year, books.id DESC"
    /// );
    ///
    /// let last = User::NAME.asc().nulls_last();
    /// assert_eq!(
    ///     sqlite(select(User::ID).order_by(last.reversed())),
    ///     "SELECT users.id FROM users ORDER BY users.name DESC NULLS FIRST"
    /// );
    /// ```
    pub fn reversed(self) -> Self {
        let nulls = self.effective_nulls();
        let (order, usual) = match self.order {
            Order::Ascending => (Order::Descending, Nulls::First),
            Order::Descending => (Order::Ascending, Nulls::Last),
        };
        let opposite = match nulls {
            Nulls::First => Nulls::Last,
            Nulls::Last => Nulls::First,
        };
        // NULL is less than any value: then it need not be said.
        let nulls = (nulls != usual).then_some(opposite);
        Self { order, nulls, ..self }
    }

    /// NULL before all values.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // PostgreSQL does so by itself where the order is descending.
    /// let order = User::NAME.desc().nulls_first();
    /// assert_eq!(
    ///     postgres(select(User::ID).order_by(order.clone())),
    ///     "SELECT users.id FROM users ORDER BY users.name DESC"
    /// );
    /// // MariaDB has no NULLS FIRST.
    /// assert_eq!(
    ///     mariadb(select(User::ID).order_by(order)),
    ///     "SELECT users.id FROM users ORDER BY users.name IS NOT NULL, users.name DESC"
    /// );
    /// ```
    pub fn nulls_first(mut self) -> Self {
        self.nulls = Some(Nulls::First);
        self
    }

    /// NULL after all values.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let order = Book::YEAR.nullable().asc().nulls_last();
    /// // MariaDB has no NULLS LAST: there it is `books.year IS NULL, books.year`.
    /// assert_eq!(sql(select(Book::ID).order_by(order)), "SELECT books.id FROM books ORDER BY books.year NULLS LAST");
    /// ```
    pub fn nulls_last(mut self) -> Self {
        self.nulls = Some(Nulls::Last);
        self
    }

    /// Returns where NULL goes: what was said, else as if NULL were the least value.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel::Nulls;
    ///
    /// assert_eq!(User::NAME.asc().effective_nulls(), Nulls::First);
    /// assert_eq!(User::NAME.desc().effective_nulls(), Nulls::Last);
    /// assert_eq!(User::NAME.desc().nulls_first().effective_nulls(), Nulls::First);
    /// ```
    #[must_use]
    pub fn effective_nulls(&self) -> Nulls {
        self.nulls.unwrap_or(match self.order {
            Order::Ascending => Nulls::First,
            Order::Descending => Nulls::Last,
        })
    }
}

/// Ascending order by a label.
///
/// ```
/// # use {aludel::doc::*, library::{Author, Book}};
/// let initials = select(func::substr(Book::TITLE, 1, 1).label("initial")).distinct().order_by(asc("initial"));
/// assert_eq!(
///     sqlite(initials),
///     "SELECT DISTINCT substr(books.title, max(?1, 1), max(?2, 0)) AS initial FROM books ORDER BY initial"
/// );
/// ```
pub fn asc(label: impl Into<Cow<'static, str>>) -> OrderBy {
    OrderBy::new(Node::Label(label.into()), Order::Ascending, false)
}

/// Descending order by a label.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
///
/// let counts = select((Book::YEAR, func::count_star().label("books"))).group_by(Book::YEAR).order_by(desc("books"));
/// assert_eq!(
///     sql(counts),
///     "SELECT books.year, count(*) AS books FROM books GROUP BY books.year ORDER BY books DESC"
/// );
/// ```
pub fn desc(label: impl Into<Cow<'static, str>>) -> OrderBy {
    OrderBy::new(Node::Label(label.into()), Order::Descending, false)
}

/// Keys of ORDER BY: one, or a tuple or list of them.
pub trait IntoOrderBy {
    /// Adds the keys.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::IntoOrderBy;
    ///
    /// let mut keys = Vec::new();
    /// (Book::YEAR.desc(), Book::TITLE).push_order(&mut keys); // a column is its ascending order
    /// desc("books").push_order(&mut keys);
    /// assert_eq!(keys.len(), 3);
    /// assert_eq!(keys[1], Book::TITLE.asc());
    /// ```
    fn push_order(self, keys: &mut Vec<OrderBy>);
}

impl IntoOrderBy for OrderBy {
    fn push_order(self, keys: &mut Vec<OrderBy>) {
        keys.push(self);
    }
}

impl<X: crate::Expression> IntoOrderBy for X {
    fn push_order(self, keys: &mut Vec<OrderBy>) {
        keys.push(self.asc());
    }
}

impl IntoOrderBy for Vec<OrderBy> {
    fn push_order(self, keys: &mut Vec<OrderBy>) {
        keys.extend(self);
    }
}

macro_rules! tuples {
    ($(($($name:ident)+))*) => {$(
        impl<$($name: IntoOrderBy),+> IntoOrderBy for ($($name,)+) {
            fn push_order(self, keys: &mut Vec<OrderBy>) {
                #[allow(non_snake_case)]
                let ($($name,)+) = self;
                $($name.push_order(keys);)+
            }
        }
    )*};
}

tuples! { (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) }
