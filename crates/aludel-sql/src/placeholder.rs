//! Places in a statement whose values come later.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use crate::column_type::ColumnType;
use crate::node::{Node, Param};
use crate::operand::{IntoValue, Operand};
use crate::value::Value;

/// A value of a prepared statement that is given when the statement runs: an argument of the closure that builds the statement.
///
/// It stands wherever a value of its type may stand, and any number of times.
///
/// ```
/// # use {aludel::prelude::*, library::Book};
/// use aludel::{Placeholder, prepared};
///
/// let between = prepared(|(from, to): (Placeholder<i32>, Placeholder<i32>)| {
///     select(Book::TITLE).filter(Book::YEAR.ge(from)).filter(Book::YEAR.lt(to))
/// });
/// let nineties = between.with((1990, 2000)); // SELECT books.title FROM books WHERE books.year >= ? AND books.year < ?
/// # let _ = nineties;
/// ```
pub struct Placeholder<T> {
    value: Value,
    marker: PhantomData<fn() -> T>,
}

impl<T> Placeholder<T> {
    fn of(value: Value) -> Self {
        Self { value, marker: PhantomData }
    }
}

impl<T> Clone for Placeholder<T> {
    fn clone(&self) -> Self {
        Self::of(self.value.clone())
    }
}

impl<T> fmt::Debug for Placeholder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("?")
    }
}

#[diagnostic::do_not_recommend]
impl<T: ColumnType<Base = T>> Operand<T> for Placeholder<T> {
    type Type = T;

    fn into_operand(self) -> Node {
        Node::Param(Param::of(self.value, T::SQL_TYPE))
    }
}

/// The argument of a closure that builds a prepared statement: one [`Placeholder`], a tuple of up to eight, or `()`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no argument for a prepared statement",
    label = "expected a `Placeholder<…>`, a tuple of them, or `()`"
)]
pub trait Placeholders: Sized {
    /// The text depends on the values, as it does with the digits of decimals: there is nothing to prepare.
    #[doc(hidden)]
    const DECIDE_TEXT: bool;

    /// Makes them without values.
    #[doc(hidden)]
    fn empty() -> Self;

    /// Makes them with these values.
    #[doc(hidden)]
    fn filled(values: &Filled) -> Self;
}

/// Values for [`Placeholders`]: of one its value, of several a tuple.
#[diagnostic::on_unimplemented(
    message = "`{Self}` gives no values for `{P}`",
    label = "expected a value for each placeholder, in their order"
)]
pub trait Fill<P> {
    /// Makes parameters of the values.
    #[doc(hidden)]
    fn fill(self) -> Filled;
}

/// The values of placeholders; one needs no memory of its own.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub enum Filled {
    One(Param),
    Many(Box<[Param]>),
}

impl Deref for Filled {
    type Target = [Param];

    #[inline]
    fn deref(&self) -> &[Param] {
        match self {
            Self::One(param) => std::slice::from_ref(param),
            Self::Many(params) => params,
        }
    }
}

fn param<T: ColumnType>(value: impl IntoValue<T>) -> Param {
    Param::of(value.into_value().encode().into_value(), T::SQL_TYPE)
}

impl Placeholders for () {
    const DECIDE_TEXT: bool = false;

    fn empty() -> Self {}

    fn filled(_: &Filled) -> Self {}
}

impl Fill<()> for () {
    fn fill(self) -> Filled {
        Filled::Many(Box::default())
    }
}

impl<T: ColumnType<Base = T>> Placeholders for Placeholder<T> {
    const DECIDE_TEXT: bool = T::SQL_TYPE.is_decimal();

    fn empty() -> Self {
        Self::of(Value::Placeholder(0))
    }

    fn filled(values: &Filled) -> Self {
        Self::of(values[0].value.clone())
    }
}

impl<T: ColumnType<Base = T>, V: IntoValue<T>> Fill<Placeholder<T>> for V {
    fn fill(self) -> Filled {
        Filled::One(param(self))
    }
}

macro_rules! tuples {
    ($(($($name:ident $value:ident $at:literal)+))*) => {$(
        impl<$($name: ColumnType<Base = $name>),+> Placeholders for ($(Placeholder<$name>,)+) {
            const DECIDE_TEXT: bool = $($name::SQL_TYPE.is_decimal())||+;

            fn empty() -> Self {
                ($(Placeholder::of(Value::Placeholder($at)),)+)
            }

            fn filled(values: &Filled) -> Self {
                ($(Placeholder::of(values[$at].value.clone()),)+)
            }
        }

        impl<$($name: ColumnType<Base = $name>, $value: IntoValue<$name>),+> Fill<($(Placeholder<$name>,)+)> for ($($value,)+) {
            fn fill(self) -> Filled {
                #[allow(non_snake_case)]
                let ($($value,)+) = self;
                Filled::Many(Box::new([$(param::<$name>($value)),+]))
            }
        }
    )*};
}

tuples! {
    (A VA 0)
    (A VA 0 B VB 1)
    (A VA 0 B VB 1 C VC 2)
    (A VA 0 B VB 1 C VC 2 D VD 3)
    (A VA 0 B VB 1 C VC 2 D VD 3 E VE 4)
    (A VA 0 B VB 1 C VC 2 D VD 3 E VE 4 F VF 5)
    (A VA 0 B VB 1 C VC 2 D VD 3 E VE 4 F VF 5 G VG 6)
    (A VA 0 B VB 1 C VC 2 D VD 3 E VE 4 F VF 5 G VG 6 H VH 7)
}
