//! Hybrids: one body that is a method on the object and an expression in SQL.
//!
//! `#[hybrid]` leaves the method as it is and prints the same body once more, over [`Term`]s: an operator becomes a function of
//! this module, a method of a value the method of the same name of its term. So the compiler checks both by the same types, and what
//! has no term does not compile.
//!
//! A term follows Rust on `None`: one of type `T` is never NULL, one of type `Option<T>` is NULL where Rust has `None`. What
//! Rust would not have evaluated (behind `&&`, in the other branch) may be anything, and is not looked at. The expression language
//! ([`Expression`]) follows SQL instead.
//!
//! A number never wraps: where Rust would panic, the database refuses it or goes on with a wider one.
//!
//! ```
//! use aludel::doc::on_sqlite;
//! use aludel::prelude::*;
//!
//! #[derive(Entity, Clone, Debug, Default)]
//! #[entity(table = "players")]
//! pub struct Player {
//!     #[column(primary_key)]
//!     pub id: i64,
//!     pub name: String,
//!     pub nick: Option<String>,
//!     pub level: i32,
//!     pub coins: i64,
//!     pub speed: f64,
//!     pub best: Option<i64>,
//!     pub latest: Option<i64>,
//!     pub active: bool,
//! }
//!
//! #[hybrid]
//! impl Player {
//!     pub fn has_improved(&self) -> bool {
//!         self.latest > self.best
//!     }
//! }
//!
//! // The method, of an object in memory.
//! assert!(Player { latest: Some(3), ..Player::default() }.has_improved());
//! // The expression, of a row: `None` is less than every `Some` there too.
//! assert_eq!(on_sqlite(Player::HAS_IMPROVED), "latest IS NOT NULL AND (best IS NULL OR latest > best)");
//! ```
//!
//! The examples of the functions and methods below are hybrids of this `Player`. `on_sqlite`, `on_postgres` and `on_mariadb` tell what an
//! expression is there.

mod compare;
mod condition;
#[cfg(feature = "chrono")]
mod date;
mod length;
mod literal;
mod number;
mod option;
mod text;

use std::fmt;
use std::marker::PhantomData;

#[doc(hidden)]
pub use compare::equal_variants;
pub use compare::{Equal, Ordered, eq, ge, gt, le, lt, ne};
pub use condition::{and, in_list, not, or, when};
pub use length::{Length, length, octet_length};
pub use literal::{Literal, literal, value};
pub use number::{Add, Cast, Exact, Float, Numeric, Remainder, add, cast, div, mul, neg, rem, sub};
pub use option::{inside, none, some};
pub use text::{Chars, Display, concat, display};

use crate::column::{Column, Source};
use crate::column_type::{ColumnType, Number};
use crate::expression::{Expr, Expression};
use crate::mapping::Mapped;
#[doc(hidden)]
pub use crate::node::Node;
use crate::node::{Call, ColumnNode, Function, LogicalOp, Scalar};
use crate::operand::Operand;
use crate::operators::not_;
use crate::selection::{SelectItem, Selectable, Selected, ValueItem};
use crate::sql_type::SqlType;

/// A hybrid as an expression: `Document::IS_LONG`. Made by `#[hybrid]`.
///
/// It stands wherever an expression does, and for a table under another name as `boss.col(Employee::FULL_NAME)`.
#[must_use = "an expression does nothing until it is part of a statement"]
pub struct Hybrid<E, T, F = fn(&Row<E>) -> Term<T>> {
    body: F,
    marker: PhantomData<fn() -> (E, T)>,
}

impl<E, T> Hybrid<E, T> {
    /// Makes one without parameters. For `#[hybrid]`.
    #[doc(hidden)]
    pub const fn new(body: fn(&Row<E>) -> Term<T>) -> Self {
        Self { body, marker: PhantomData }
    }
}

impl<E: Mapped, T, F: Fn(&Row<E>) -> Term<T>> Hybrid<E, T, F> {
    /// Makes one with parameters. For `#[hybrid]`.
    #[doc(hidden)]
    pub fn with(body: F) -> Self {
        Self { body, marker: PhantomData }
    }

    /// Returns its value for a row, for the body of another hybrid.
    #[doc(hidden)]
    pub fn of(&self, row: &Row<E>) -> Term<T> {
        (self.body)(row)
    }

    fn node(&self, source: Source) -> Node {
        self.of(&Row::new(source)).node
    }
}

impl<E, T, F: Clone> Clone for Hybrid<E, T, F> {
    fn clone(&self) -> Self {
        Self { body: self.body.clone(), marker: PhantomData }
    }
}

impl<E, T, F: Copy> Copy for Hybrid<E, T, F> {}

impl<E: Mapped, T, F: Fn(&Row<E>) -> Term<T>> fmt::Debug for Hybrid<E, T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node(Source::of(E::TABLE)).fmt(f)
    }
}

impl<E: Mapped, T: ColumnType, F: Fn(&Row<E>) -> Term<T>> Expression for Hybrid<E, T, F> {
    type Type = T;

    fn into_node(self) -> Node {
        self.node(Source::of(E::TABLE))
    }
}

#[diagnostic::do_not_recommend]
impl<E: Mapped, T: ColumnType<Base = B>, B, F: Fn(&Row<E>) -> Term<T>> Operand<B> for Hybrid<E, T, F> {
    type Type = T;

    fn into_operand(self) -> Node {
        self.into_node()
    }
}

impl<E: Mapped, T: ColumnType, F: Fn(&Row<E>) -> Term<T>> Selected for Hybrid<E, T, F> {
    type Item = ValueItem<T>;

    fn into_item(self) -> SelectItem {
        SelectItem::expression::<T>(self.into_node())
    }
}

impl<E: Mapped, T: ColumnType, F: Fn(&Row<E>) -> Term<T>> Selectable for Hybrid<E, T, F> {
    type Shape = (ValueItem<T>,);

    fn into_items(self) -> Vec<SelectItem> {
        vec![self.into_item()]
    }
}

impl<E: Mapped, F: Fn(&Row<E>) -> Term<bool>> std::ops::Not for Hybrid<E, bool, F> {
    type Output = Expr<bool>;

    fn not(self) -> Expr<bool> {
        not_(self)
    }
}

macro_rules! operators {
    ($($trait:ident, $method:ident, $kind:ident;)*) => {$(
        impl<E: Mapped, T: ColumnType, F: Fn(&Row<E>) -> Term<T>, R> std::ops::$trait<R> for Hybrid<E, T, F>
        where
            T::Base: $kind,
            Expr<T>: std::ops::$trait<R>,
        {
            type Output = <Expr<T> as std::ops::$trait<R>>::Output;

            fn $method(self, other: R) -> Self::Output {
                Expr::<T>::new(self.into_node()).$method(other)
            }
        }
    )*};
}

operators! {
    Add, add, Number;
    Sub, sub, Number;
    Mul, mul, Number;
}

macro_rules! logical_operators {
    ($($trait:ident, $method:ident;)*) => {$(
        impl<E: Mapped, F: Fn(&Row<E>) -> Term<bool>, R: Operand<bool>> std::ops::$trait<R> for Hybrid<E, bool, F> {
            type Output = Expr<bool>;

            fn $method(self, other: R) -> Expr<bool> {
                Expr::new(self.into_node()).$method(other)
            }
        }
    )*};
}

logical_operators! {
    BitAnd, bitand;
    BitOr, bitor;
}

/// A column or a hybrid of entity `E`: what an [`Alias`](crate::Alias) has under its own name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no column and no hybrid of `{E}`",
    label = "expected a column of `{E}`"
)]
pub trait ColumnOf<E> {
    /// The type of its values.
    type Type: ColumnType;

    /// Returns it as a column of this table.
    #[doc(hidden)]
    fn in_source(self, source: Source) -> Node;
}

impl<E: Mapped, T: ColumnType> ColumnOf<E> for Column<E, T> {
    type Type = T;

    fn in_source(self, source: Source) -> Node {
        Node::Column(ColumnNode { source, column: self.index() })
    }
}

impl<E: Mapped, T: ColumnType, F: Fn(&Row<E>) -> Term<T>> ColumnOf<E> for Hybrid<E, T, F> {
    type Type = T;

    fn in_source(self, source: Source) -> Node {
        self.node(source)
    }
}

/// The row that a hybrid speaks of: `self`, in SQL.
#[derive(Debug)]
pub struct Row<E> {
    source: Source,
    marker: PhantomData<fn() -> E>,
}

impl<E: Mapped> Row<E> {
    fn new(source: Source) -> Self {
        Self { source, marker: PhantomData }
    }

    /// Returns a field: `self.body`.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn wealth(&self) -> i64 {
    ///         self.coins * 100
    ///     }
    /// }
    /// // Whose coins they are, the row says: that of a table under another name has them too.
    /// let rival = alias(Player, "rival");
    /// assert_eq!(sqlite(select(Player::WEALTH)), "SELECT players.coins * ?1 FROM players");
    /// assert_eq!(sqlite(select(rival.col(Player::WEALTH))), "SELECT rival.coins * ?1 FROM players AS rival");
    /// ```
    pub fn field<T: ColumnType>(&self, column: Column<E, T>) -> Term<T> {
        Term::new(column.in_source(self.source.clone()))
    }
}

/// A value of type `T` in the body of a hybrid, as SQL.
pub struct Term<T> {
    node: Node,
    /// It is an `Option` that was made by `Some(…)`.
    is_some: bool,
    marker: PhantomData<fn() -> T>,
}

impl<T> Term<T> {
    /// Gives a tree a type. Whoever calls this answers for the type, and that it is never NULL if that is none.
    fn new(node: Node) -> Self {
        Self { node, is_some: false, marker: PhantomData }
    }

    /// Says that it has another type.
    fn retyped<U>(self) -> Term<U> {
        Term::new(self.node)
    }

    /// Calls a function.
    fn call<U>(function: Scalar, arguments: Vec<Node>) -> Term<U> {
        Term::new(scalar(function, arguments))
    }
}

impl<T> Clone for Term<T> {
    fn clone(&self) -> Self {
        Self { node: self.node.clone(), is_some: self.is_some, marker: PhantomData }
    }
}

impl<T> fmt::Debug for Term<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}

fn scalar(function: Scalar, arguments: Vec<Node>) -> Node {
    Node::Call(Call::new(Function::Scalar(function), arguments))
}

/// The value as another type; of the same one it is what it is.
fn converted(value: Node, from: SqlType, to: SqlType) -> Node {
    if from == to { value } else { Node::Call(Call::new(Function::Cast { from, to }, vec![value])) }
}

fn all(conditions: impl IntoIterator<Item = Node>) -> Node {
    Node::Logical(LogicalOp::And, conditions.into_iter().collect())
}

fn any(conditions: impl IntoIterator<Item = Node>) -> Node {
    Node::Logical(LogicalOp::Or, conditions.into_iter().collect())
}
