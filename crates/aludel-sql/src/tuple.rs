//! Several expressions as one: compared, and looked for in lists, together.

use std::marker::PhantomData;

use crate::column_type::ColumnType;
use crate::expression::{BaseOf, Expr, Expression};
use crate::node::{BinaryOp, Node, Param};
use crate::operand::{IntoValue, Operand};
use crate::query::SelectStatement;
use crate::select::Select;
use crate::selection::ValueItem;
use crate::sql_type::SqlType;
use crate::value::Value;

/// Several expressions as one: `tuple((A, B)).in_([(1, "x"), (2, "y")])`, `tuple((A, B)).gt((1, "x"))`.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
///
/// // What comes behind a row in an order by several columns.
/// let after = select(Book::ID).filter(tuple((Book::YEAR, Book::ID)).gt((1815, 7)));
/// assert_eq!(sql(after), "SELECT books.id FROM books WHERE (books.year, books.id) > (?1, ?2)");
///
/// let some = select(Book::ID).filter(tuple((Book::TITLE, Book::YEAR)).in_([("Emma", 1815), ("Ulysses", 1922)]));
/// assert_eq!(
///     sql(some),
///     "SELECT books.id FROM books WHERE (books.title, books.year) IN (VALUES (?1, ?2), (?3, ?4))"
/// );
/// ```
pub fn tuple<X: TupleExpression>(expressions: X) -> Tuple<X::Types> {
    Tuple { nodes: expressions.into_nodes(), types: X::sql_types(), marker: PhantomData }
}

/// Several expressions as one, with values of the types `T`, a tuple; made by [`tuple()`].
#[derive(Clone, Debug)]
#[must_use = "an expression does nothing until it is part of a statement"]
pub struct Tuple<T> {
    nodes: Vec<Node>,
    types: Vec<SqlType>,
    marker: PhantomData<fn() -> T>,
}

/// Expressions in a tuple.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no tuple of expressions",
    label = "expected two to six columns or expressions in a tuple"
)]
pub trait TupleExpression {
    /// The types of their values, without `Option`.
    type Types;

    /// Returns the nodes.
    #[doc(hidden)]
    fn into_nodes(self) -> Vec<Node>;

    #[doc(hidden)]
    fn sql_types() -> Vec<SqlType>;
}

/// What several expressions are compared with: a tuple of values, columns or expressions.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be compared with a tuple of `{T}`",
    label = "expected a tuple of values or expressions of these types"
)]
pub trait TupleOperand<T> {
    /// Returns the nodes.
    #[doc(hidden)]
    fn into_operands(self) -> Vec<Node>;
}

/// A tuple of values, one of many in a list.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no tuple of `{T}` values",
    label = "expected a tuple of values of these types"
)]
pub trait TupleValue<T> {
    /// Returns the values.
    #[doc(hidden)]
    fn into_values(self) -> Vec<Value>;
}

/// Where several expressions are looked for: a list of tuples, or a statement that selects as many columns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of `{T}` tuples",
    label = "expected a list of tuples of these types, or a statement that selects such columns"
)]
pub trait TupleList<T> {
    /// Makes the test.
    #[doc(hidden)]
    fn test(self, tuple: Tuple<T>, negated: bool) -> Node;
}

impl<T> Tuple<T> {
    fn compare(self, op: BinaryOp, other: impl TupleOperand<T>) -> Expr<bool> {
        Expr::new(Node::binary(op, Node::Row(self.nodes), Node::Row(other.into_operands())))
    }

    /// All are equal.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let same = tuple((Book::TITLE, Book::YEAR)).eq(("Emma", 1815));
    /// assert_eq!(on_sqlite(same), "(title, year) = (?1, ?2)");
    /// ```
    pub fn eq(self, other: impl TupleOperand<T>) -> Expr<bool> {
        self.compare(BinaryOp::Eq, other)
    }

    /// Some are different.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // One of them may be the same.
    /// assert_eq!(on_sqlite(tuple((Book::TITLE, Book::YEAR)).ne(("Emma", 1815))), "(title, year) <> (?1, ?2)");
    /// assert!(value(tuple((literal::<i64>(1), literal::<i64>(2))).ne((1, 3))));
    /// ```
    pub fn ne(self, other: impl TupleOperand<T>) -> Expr<bool> {
        self.compare(BinaryOp::Ne, other)
    }

    /// The first that are different are less.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // What stands before a row in an order by two columns.
    /// assert_eq!(on_sqlite(tuple((Book::YEAR, Book::ID)).lt((1815, 7))), "(year, id) < (?1, ?2)");
    /// assert!(value(tuple((literal::<i64>(1), literal::<i64>(9))).lt((2, 0)))); // the first that differs decides
    /// ```
    pub fn lt(self, other: impl TupleOperand<T>) -> Expr<bool> {
        self.compare(BinaryOp::Lt, other)
    }

    /// The first that are different are less, or none are different.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// assert_eq!(on_sqlite(tuple((Book::YEAR, Book::ID)).le((1815, 7))), "(year, id) <= (?1, ?2)");
    /// assert!(value(tuple((literal::<i64>(1), literal::<i64>(9))).le((1, 9))));
    /// ```
    pub fn le(self, other: impl TupleOperand<T>) -> Expr<bool> {
        self.compare(BinaryOp::Le, other)
    }

    /// The first that are different are greater.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // The next page behind the last row of the one before.
    /// let next = select(Book::TITLE).filter(tuple((Book::YEAR, Book::ID)).gt((1815, 7))).order_by((Book::YEAR, Book::ID)).limit(10);
    /// assert_eq!(
    ///     postgres(next),
    ///     "SELECT books.title FROM books WHERE (books.year, books.id) > ($1, $2) ORDER BY books.year, books.id LIMIT $3"
    /// );
    /// ```
    pub fn gt(self, other: impl TupleOperand<T>) -> Expr<bool> {
        self.compare(BinaryOp::Gt, other)
    }

    /// The first that are different are greater, or none are different.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // From a version on: `(major, minor)`.
    /// let (major, minor) = (literal::<i64>(2), literal::<i64>(10));
    /// assert!(value(tuple((major, minor)).ge((2, 9))));
    /// ```
    pub fn ge(self, other: impl TupleOperand<T>) -> Expr<bool> {
        self.compare(BinaryOp::Ge, other)
    }

    /// They are equal to a tuple of the list, or to a row of the statement. An empty list is FALSE.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let wanted = [("Emma", 1815), ("Ulysses", 1922)];
    /// assert_eq!(on_postgres(tuple((Book::TITLE, Book::YEAR)).in_(wanted)), "(title, year) IN (($1, $2), ($3, $4))");
    ///
    /// // The newest book of each author.
    /// let newest = select((Book::AUTHOR_ID, func::coalesce(func::max(Book::YEAR), 0))).group_by(Book::AUTHOR_ID);
    /// assert_eq!(
    ///     sqlite(select(Book::TITLE).filter(tuple((Book::AUTHOR_ID, Book::YEAR)).in_(newest))),
    ///     "SELECT books.title FROM books WHERE (books.author_id, books.year) IN (SELECT books.author_id, \
    ///      coalesce(max(books.year), ?1) FROM books GROUP BY books.author_id)"
    /// );
    /// ```
    pub fn in_(self, list: impl TupleList<T>) -> Expr<bool> {
        Expr::new(list.test(self, false))
    }

    /// They are equal to no tuple of the list. An empty list is TRUE.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let taken = [(1_i64, 1815), (2, 1922)];
    /// assert_eq!(
    ///     on_mariadb(tuple((Book::AUTHOR_ID, Book::YEAR)).not_in(taken)),
    ///     "coalesce((author_id, year) NOT IN ((?, ?), (?, ?)), NULL)"
    /// );
    /// assert_eq!(on_mariadb(tuple((Book::AUTHOR_ID, Book::YEAR)).not_in(Vec::<(i64, i32)>::new())), "1 = 1");
    /// ```
    pub fn not_in(self, list: impl TupleList<T>) -> Expr<bool> {
        Expr::new(list.test(self, true))
    }
}

#[diagnostic::do_not_recommend]
impl<T, I> TupleList<T> for I
where
    I: IntoIterator,
    I::Item: TupleValue<T>,
{
    fn test(self, tuple: Tuple<T>, negated: bool) -> Node {
        let mut columns: Vec<Vec<Value>> = tuple.types.iter().map(|_| Vec::new()).collect();
        for row in self {
            for (column, value) in columns.iter_mut().zip(row.into_values()) {
                column.push(value);
            }
        }
        let lists = columns.into_iter().zip(&tuple.types);
        let lists = lists.map(|(values, sql_type)| Param::of(Value::List(values), *sql_type)).collect();
        Node::InRows { operands: tuple.nodes, lists, negated }
    }
}

macro_rules! tuples {
    ($(($($name:ident $base:ident $place:tt)+))*) => {$(
        impl<$($name: Expression),+> TupleExpression for ($($name,)+) {
            type Types = ($(BaseOf<$name>,)+);

            fn into_nodes(self) -> Vec<Node> {
                vec![$(self.$place.into_node()),+]
            }

            fn sql_types() -> Vec<SqlType> {
                vec![$(<BaseOf<$name>>::SQL_TYPE),+]
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($base, $name: Operand<$base>),+> TupleOperand<($($base,)+)> for ($($name,)+) {
            fn into_operands(self) -> Vec<Node> {
                vec![$(self.$place.into_operand()),+]
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($base: ColumnType, $name: IntoValue<$base>),+> TupleValue<($($base,)+)> for ($($name,)+) {
            fn into_values(self) -> Vec<Value> {
                vec![$(self.$place.into_value().encode().into_value()),+]
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($base, $name: ColumnType<Base = $base>),+> TupleList<($($base,)+)> for Select<($(ValueItem<$name>,)+)> {
            fn test(self, tuple: Tuple<($($base,)+)>, negated: bool) -> Node {
                let query = Box::new(self.into_query());
                Node::InQuery { operand: Box::new(Node::Row(tuple.nodes)), query, negated }
            }
        }
    )*};
}

tuples! {
    (A A0 0 B B0 1)
    (A A0 0 B B0 1 C C0 2)
    (A A0 0 B B0 1 C C0 2 D D0 3)
    (A A0 0 B B0 1 C C0 2 D D0 3 E E0 4)
    (A A0 0 B B0 1 C C0 2 D D0 3 E E0 4 F F0 5)
}
