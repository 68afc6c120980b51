//! Comparisons as Rust makes them: text by code point, and `None` equal to itself and less than every `Some`.

use super::{Term, all, any, scalar};
use crate::column_type::{ColumnType, DbEnum};
use crate::node::{BinaryOp, Node, Scalar, UnaryOp};

/// A type with values that are equal in SQL when they are in Rust.
#[diagnostic::on_unimplemented(
    message = "`==` of `{Self}` is not the same in SQL as in Rust",
    label = "cannot be compared in a hybrid",
    note = "of `f32` and `u64` databases keep another number; use `f64` and `i64`"
)]
pub trait Equal: Sized {
    /// Returns `a == b`.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # #[derive(DbEnum, Clone, Copy, Debug, PartialEq)] enum State { Draft, Done }
    /// # #[derive(Entity)] #[entity(table = "papers")] struct Paper { #[column(primary_key)] id: i64, state: State }
    /// // `#[derive(DbEnum)]` makes an enum one: it is compared as it is stored.
    /// #[hybrid]
    /// impl Paper {
    ///     fn is_done(&self) -> bool {
    ///         self.state == State::Done
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Paper::IS_DONE), "state = ?1");
    /// ```
    fn equal(a: Term<Self>, b: Term<Self>) -> Node;
}

/// A type whose order in SQL is the one of Rust.
#[diagnostic::on_unimplemented(
    message = "the order of `{Self}` is not the same in SQL as in Rust",
    label = "cannot be ordered in a hybrid"
)]
pub trait Ordered: Sized {
    /// Returns `a op b`; `op` is one of `<`, `<=`, `>`, `>=`.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// // Text is ordered by code point as in Rust, whatever the database is set to.
    /// #[hybrid]
    /// impl Player {
    ///     fn is_in_first_half(&self) -> bool {
    ///         self.name.as_str() < "N"
    ///     }
    /// }
    /// assert_eq!(on_postgres(Player::IS_IN_FIRST_HALF), r#"(name COLLATE "C") < $1"#);
    /// assert_eq!(on_mariadb(Player::IS_IN_FIRST_HALF), "(name COLLATE utf8mb4_nopad_bin) < ?");
    /// ```
    fn ordered(op: BinaryOp, a: Term<Self>, b: Term<Self>) -> Node;
}

/// `a == b`: `None` equals `None`.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn repeated(&self) -> bool {
///         self.latest == self.best
///     }
///     fn has_nick(&self, nick: &str) -> bool {
///         self.nick.as_deref() == Some(nick)
///     }
/// }
/// assert_eq!(on_sqlite(Player::REPEATED), "latest IS NOT DISTINCT FROM best");
/// // Beside a `Some` it is never NULL, and an index finds it.
/// assert_eq!(on_sqlite(Player::HAS_NICK("Max")), "nick IS NOT NULL AND nick = ?1");
/// assert!(Player::default().repeated());
/// ```
pub fn eq<T: Equal>(a: Term<T>, b: Term<T>) -> Term<bool> {
    Term::new(T::equal(a, b))
}

/// `a != b`: true of a `None` and a `Some`, where `<>` of SQL is not.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn has_changed(&self) -> bool {
///         self.latest != self.best
///     }
///     fn is_not_first(&self) -> bool {
///         self.id != 1
///     }
/// }
/// assert_eq!(on_mariadb(Player::HAS_CHANGED), "NOT (latest <=> best)");
/// assert_eq!(on_mariadb(Player::IS_NOT_FIRST), "id <> ?");
/// assert!(Player { best: Some(7), ..Player::default() }.has_changed());
/// ```
pub fn ne<T: Equal>(a: Term<T>, b: Term<T>) -> Term<bool> {
    Term::new(T::equal(a, b).negated())
}

/// `a < b`: `None` is less than every `Some`.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn was_better(&self) -> bool {
///         self.latest < self.best
///     }
/// }
/// assert_eq!(on_sqlite(Player::WAS_BETTER), "best IS NOT NULL AND (latest IS NULL OR latest < best)");
/// assert!(Player { best: Some(7), ..Player::default() }.was_better());
/// ```
pub fn lt<T: Ordered>(a: Term<T>, b: Term<T>) -> Term<bool> {
    Term::new(T::ordered(BinaryOp::Lt, a, b))
}

/// `a <= b`: `None` is at most `None`.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn is_no_better(&self) -> bool {
///         self.latest <= self.best
///     }
/// }
/// assert_eq!(on_sqlite(Player::IS_NO_BETTER), "latest IS NULL OR best IS NOT NULL AND latest <= best");
/// assert!(Player::default().is_no_better());
/// ```
pub fn le<T: Ordered>(a: Term<T>, b: Term<T>) -> Term<bool> {
    Term::new(T::ordered(BinaryOp::Le, a, b))
}

/// `a > b`: no `None` is greater than anything.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn is_rich(&self) -> bool {
///         self.coins > 1000
///     }
///     fn beat(&self, points: i64) -> bool {
///         self.best > Some(points)
///     }
/// }
/// assert_eq!(on_sqlite(Player::IS_RICH), "coins > ?1");
/// assert_eq!(on_sqlite(Player::BEAT(50)), "best IS NOT NULL AND best > ?1");
/// ```
pub fn gt<T: Ordered>(a: Term<T>, b: Term<T>) -> Term<bool> {
    Term::new(T::ordered(BinaryOp::Gt, a, b))
}

/// `a >= b`: everything is at least `None`.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn is_at_its_best(&self) -> bool {
///         self.latest >= self.best
///     }
/// }
/// assert_eq!(on_sqlite(Player::IS_AT_ITS_BEST), "best IS NULL OR latest IS NOT NULL AND latest >= best");
/// assert!(Player { latest: Some(1), ..Player::default() }.is_at_its_best());
/// ```
pub fn ge<T: Ordered>(a: Term<T>, b: Term<T>) -> Term<bool> {
    Term::new(T::ordered(BinaryOp::Ge, a, b))
}

macro_rules! as_they_are {
    ($trait:ident: $($(#[$feature:meta])? $ty:ty),*) => {$(
        $(#[$feature])?
        as_they_are!(@ $trait $ty);
    )*};
    (@ Equal $ty:ty) => {
        #[diagnostic::do_not_recommend]
        impl Equal for $ty {
            fn equal(a: Term<Self>, b: Term<Self>) -> Node {
                Node::binary(BinaryOp::Eq, a.node, b.node)
            }
        }
    };
    (@ Ordered $ty:ty) => {
        #[diagnostic::do_not_recommend]
        impl Ordered for $ty {
            fn ordered(op: BinaryOp, a: Term<Self>, b: Term<Self>) -> Node {
                Node::binary(op, a.node, b.node)
            }
        }
    };
}

as_they_are!(Equal: bool, i8, i16, i32, i64, u8, u16, u32, usize, f64, std::time::Duration);
as_they_are!(Ordered: i8, i16, i32, i64, u8, u16, u32, usize, f64, std::time::Duration);

#[cfg(feature = "chrono")]
mod chrono_0_4 {
    use super::*;
    use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

    as_they_are!(Equal: DateTime<Utc>, NaiveDate, NaiveTime, TimeDelta);
    as_they_are!(Ordered: DateTime<Utc>, NaiveDate, NaiveTime, TimeDelta);
}

#[cfg(feature = "time")]
mod time_0_3 {
    use super::*;
    use time::{Date, Duration, OffsetDateTime, Time};

    as_they_are!(Equal: OffsetDateTime, Date, Time, Duration);
    as_they_are!(Ordered: OffsetDateTime, Date, Time, Duration);
}

#[cfg(feature = "rust_decimal")]
mod rust_decimal_1 {
    use super::*;
    use rust_decimal::Decimal;

    as_they_are!(Equal: Decimal);
    as_they_are!(Ordered: Decimal);
}

#[cfg(feature = "bigdecimal")]
mod bigdecimal_0_4 {
    use super::*;
    use bigdecimal::BigDecimal;

    as_they_are!(Equal: BigDecimal);
    as_they_are!(Ordered: BigDecimal);
}

#[cfg(feature = "uuid")]
as_they_are!(Equal: uuid::Uuid);

/// Variants are equal as what is stored of them; their order is the one of the names, so there is none here.
#[doc(hidden)]
pub fn equal_variants<T: DbEnum>(a: Term<T>, b: Term<T>) -> Node {
    Node::binary(BinaryOp::Eq, a.node, b.node)
}

impl Equal for String {
    fn equal(a: Term<Self>, b: Term<Self>) -> Node {
        if !a.node.has_collation() && !b.node.has_collation() {
            return Node::binary(BinaryOp::Eq, a.node, b.node);
        }
        // The first half finds the index, the second is exact.
        let exact = Node::binary(BinaryOp::Eq, by_code_point(a.node.clone()), b.node.clone());
        all([Node::binary(BinaryOp::Eq, a.node, b.node), exact])
    }
}

impl Ordered for String {
    fn ordered(op: BinaryOp, a: Term<Self>, b: Term<Self>) -> Node {
        Node::binary(op, by_code_point(a.node), b.node)
    }
}

pub(super) fn by_code_point(text: Node) -> Node {
    scalar(Scalar::ByCodePoint, vec![text])
}

impl<T: Equal + ColumnType> Equal for Option<T> {
    fn equal(a: Term<Self>, b: Term<Self>) -> Node {
        match (a.is_some, b.is_some) {
            (true, true) => T::equal(a.retyped(), b.retyped()),
            (false, true) => all([is_not_null(&a), T::equal(a.retyped(), b.retyped())]),
            (true, false) => all([is_not_null(&b), T::equal(a.retyped(), b.retyped())]),
            (false, false) => {
                let (a, b) = if is_null_itself(&a.node) { (b.node, a.node) } else { (a.node, b.node) };
                let a = if a.has_collation() || b.has_collation() { by_code_point(a) } else { a };
                Node::compare(BinaryOp::IsNotDistinctFrom, a, b)
            }
        }
    }
}

impl<T: Ordered + ColumnType> Ordered for Option<T> {
    fn ordered(op: BinaryOp, a: Term<Self>, b: Term<Self>) -> Node {
        let strict = matches!(op, BinaryOp::Lt | BinaryOp::Gt);
        let greater_is_first = matches!(op, BinaryOp::Gt | BinaryOp::Ge);
        let (less, greater) = if greater_is_first { (&b, &a) } else { (&a, &b) };
        let less_is_none = (!less.is_some).then(|| is_null(less));
        let greater_is_some = (!greater.is_some).then(|| is_not_null(greater));
        let compared = T::ordered(op, a.retyped(), b.retyped());
        let or_none = |node| match less_is_none {
            Some(none) => any([none, node]),
            None => node,
        };
        let and_some = |node| match greater_is_some {
            Some(some) => all([some, node]),
            None => node,
        };
        // `None < None` is false, `None <= None` is true.
        if strict { and_some(or_none(compared)) } else { or_none(and_some(compared)) }
    }
}

pub(super) fn is_null<T>(term: &Term<Option<T>>) -> Node {
    Node::Unary(UnaryOp::IsNull, Box::new(term.node.clone()))
}

pub(super) fn is_not_null<T>(term: &Term<Option<T>>) -> Node {
    Node::Unary(UnaryOp::IsNotNull, Box::new(term.node.clone()))
}

fn is_null_itself(node: &Node) -> bool {
    matches!(node, Node::Param(param) if param.value == crate::value::Value::Null)
}
