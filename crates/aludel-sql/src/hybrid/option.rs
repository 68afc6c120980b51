//! `Option`: NULL where Rust has `None`.

use super::compare::{is_not_null, is_null};
use super::{Literal, Numeric, Scalar, Term, all, any, scalar};
use crate::column_type::ColumnType;
use crate::node::{Call, Function, Node, Param};
use crate::value::Value;

/// `Some(x)`: what is compared with it need not be asked whether it is NULL.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn is_best(&self, points: i64) -> bool {
///         self.best == Some(points)
///     }
/// }
/// assert_eq!(on_postgres(Player::IS_BEST(5)), "best IS NOT NULL AND best = $1");
/// ```
pub fn some<T>(value: Term<T>) -> Term<Option<T>> {
    Term { is_some: true, ..value.retyped() }
}

/// `None`: NULL of the type that it has in Rust.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn result(&self) -> Option<i64> {
///         if self.active { self.latest } else { None }
///     }
///     fn never_played(&self) -> bool {
///         self.best == None
///     }
/// }
/// assert_eq!(on_sqlite(Player::RESULT), "CASE WHEN active THEN latest ELSE ?1 END");
/// assert_eq!(on_sqlite(Player::NEVER_PLAYED), "best IS NULL");
/// ```
pub fn none<T: ColumnType>() -> Term<Option<T>> {
    Term::new(Node::Param(Param::of(Value::Null, T::SQL_TYPE)))
}

/// What is in an `Option`, where it was found to be there: the name that a pattern binds.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn score(&self) -> i64 {
///         if let Some(best) = self.best { best * 2 } else { -1 }
///     }
/// }
/// assert_eq!(on_sqlite(Player::SCORE), "CASE WHEN best IS NOT NULL THEN best * ?1 ELSE ?2 END");
/// ```
pub fn inside<T>(option: Term<Option<T>>) -> Term<T> {
    option.retyped()
}

/// `x` where the option is there, else NULL.
fn where_some<T, U>(option: &Term<Option<T>>, value: Node) -> Term<U> {
    match &value {
        // A number of the option itself propagates NULL already.
        value if *value == option.node => Term::new(option.node.clone()),
        _ => Term::new(Node::Case(vec![(is_not_null(option), value)], None)),
    }
}

fn coalesce(a: Node, b: Node) -> Node {
    Node::Call(Call::new(Function::Coalesce, vec![a, b]))
}

/// As the methods of `Option` of the same names.
impl<T> Term<Option<T>> {
    /// `self.nick.is_some()`
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn has_nick(&self) -> bool {
    ///         self.nick.is_some()
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::HAS_NICK), "nick IS NOT NULL");
    /// ```
    pub fn is_some(self) -> Term<bool> {
        Term::new(is_not_null(&self))
    }

    /// `self.nick.is_none()`
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn goes_by_name(&self) -> bool {
    ///         self.nick.is_none()
    ///     }
    /// }
    /// let nameless = select(Player::ID).filter(!Player::GOES_BY_NAME);
    /// assert_eq!(sqlite(nameless), "SELECT players.id FROM players WHERE players.nick IS NOT NULL");
    /// ```
    pub fn is_none(self) -> Term<bool> {
        Term::new(is_null(&self))
    }

    /// `self.best.is_some_and(|best| best > 10)`: false for `None`.
    ///
    /// `None && anything` is false, and so is `FALSE AND NULL`.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn is_good(&self) -> bool {
    ///         self.best.is_some_and(|best| best > 10)
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::IS_GOOD), "best IS NOT NULL AND best > ?1");
    /// ```
    pub fn is_some_and(self, test: impl FnOnce(Term<T>) -> Term<bool>) -> Term<bool> {
        Term::new(all([is_not_null(&self), test(inside(self)).node]))
    }

    /// `self.best.is_none_or(|best| best < 10)`: true for `None`.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn may_try_again(&self) -> bool {
    ///         self.best.is_none_or(|best| best < 10)
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::MAY_TRY_AGAIN), "best IS NULL OR best < ?1");
    /// assert!(Player::default().may_try_again());
    /// ```
    pub fn is_none_or(self, test: impl FnOnce(Term<T>) -> Term<bool>) -> Term<bool> {
        Term::new(any([is_null(&self), test(inside(self)).node]))
    }

    /// `self.best.unwrap_or(0)`
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn points(&self) -> i64 {
    ///         self.best.unwrap_or(self.coins)
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::POINTS), "coalesce(best, coins)");
    /// ```
    pub fn unwrap_or(self, other: Term<T>) -> Term<T> {
        Term::new(coalesce(self.node, other.node))
    }

    /// `self.best.unwrap_or_default()`: zero, or empty text.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn total(&self) -> i64 {
    ///         self.best.unwrap_or_default() + self.latest.unwrap_or_default()
    ///     }
    /// }
    /// // In SQL alone NULL + 1 would be NULL.
    /// assert_eq!(on_sqlite(Player::TOTAL), "coalesce(best, ?1) + coalesce(latest, ?2)");
    /// assert_eq!(Player { latest: Some(1), ..Player::default() }.total(), 1);
    /// ```
    pub fn unwrap_or_default(self) -> Term<T>
    where
        T: Literal<Type = T> + Default,
    {
        let default = T::default().term();
        self.unwrap_or(default)
    }

    /// `self.latest.or(self.best)`: the first that is there.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn known_result(&self) -> Option<i64> {
    ///         self.latest.or(self.best)
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::KNOWN_RESULT), "coalesce(latest, best)");
    /// ```
    pub fn or(self, other: Self) -> Self {
        Term::new(coalesce(self.node, other.node))
    }

    /// `self.best.and(self.latest)`: the second, where both are there.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn confirmed(&self) -> Option<i64> {
    ///         self.best.and(self.latest)
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::CONFIRMED), "CASE WHEN best IS NOT NULL THEN latest END");
    /// ```
    pub fn and<U>(self, other: Term<Option<U>>) -> Term<Option<U>> {
        where_some(&self, other.node)
    }

    /// `self.best.xor(self.latest)`: one of them, where the other is not there.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn only_result(&self) -> Option<i64> {
    ///         self.best.xor(self.latest)
    ///     }
    /// }
    /// assert_eq!(
    ///     on_sqlite(Player::ONLY_RESULT),
    ///     "CASE WHEN latest IS NULL THEN best WHEN best IS NULL THEN latest END"
    /// );
    /// assert_eq!(Player { best: Some(1), latest: Some(2), ..Player::default() }.only_result(), None);
    /// ```
    pub fn xor(self, other: Self) -> Self {
        let branches = vec![(is_null(&other), self.node.clone()), (is_null(&self), other.node)];
        Term::new(Node::Case(branches, None))
    }

    /// `self.best.map(|best| best * 2)`
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn doubled(&self) -> Option<i64> {
    ///         self.best.map(|best| best * 2)
    ///     }
    ///     fn bonus(&self) -> Option<i64> {
    ///         self.best.map(|_| 5)
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::DOUBLED), "CASE WHEN best IS NOT NULL THEN best * ?1 END");
    /// // A value that does not depend on it is there only where it is, too.
    /// assert_eq!(on_sqlite(Player::BONUS), "CASE WHEN best IS NOT NULL THEN ?1 END");
    /// assert_eq!(Player::default().bonus(), None);
    /// ```
    pub fn map<U>(self, f: impl FnOnce(Term<T>) -> Term<U>) -> Term<Option<U>> {
        let mapped = f(inside(self.clone())).node;
        where_some(&self, mapped)
    }

    /// `self.best.and_then(|best| …)`: where the closure gives an `Option` itself.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn ratio(&self) -> Option<i64> {
    ///         self.best.and_then(|best| self.coins.checked_div(best))
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::RATIO), "CASE WHEN best IS NOT NULL THEN coins / nullif(best, 0) END");
    /// ```
    pub fn and_then<U>(self, f: impl FnOnce(Term<T>) -> Term<Option<U>>) -> Term<Option<U>> {
        let mapped = f(inside(self.clone())).node;
        where_some(&self, mapped)
    }

    /// `self.best.map_or(-1, |best| best * 2)`
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn shown(&self) -> String {
    ///         self.best.map_or("none yet".to_owned(), |best| format!("{best} points"))
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::SHOWN), "CASE WHEN best IS NOT NULL THEN CAST(best AS TEXT) || ?1 ELSE ?2 END");
    /// assert_eq!(Player { best: Some(3), ..Player::default() }.shown(), "3 points");
    /// ```
    pub fn map_or<U>(self, default: Term<U>, f: impl FnOnce(Term<T>) -> Term<U>) -> Term<U> {
        let mapped = f(inside(self.clone())).node;
        Term::new(Node::Case(vec![(is_not_null(&self), mapped)], Some(Box::new(default.node))))
    }

    /// `self.best.filter(|best| *best > 0)`: NULL where it does not pass.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn real_best(&self) -> Option<i64> {
    ///         self.best.filter(|best| *best > 0)
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::REAL_BEST), "CASE WHEN best > ?1 THEN best END");
    /// ```
    pub fn filter(self, test: impl FnOnce(Term<T>) -> Term<bool>) -> Self {
        let passes = test(inside(self.clone())).node;
        Term::new(Node::Case(vec![(passes, self.node)], None))
    }

    /// `self.best.max(self.latest)`: `None` is less than every `Some`.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn new_best(&self) -> Option<i64> {
    ///         self.best.max(self.latest)
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::NEW_BEST), "coalesce(max(best, latest), best, latest)");
    /// assert_eq!(Player { latest: Some(3), ..Player::default() }.new_best(), Some(3));
    /// ```
    pub fn max(self, other: Self) -> Self
    where
        T: Numeric,
    {
        let (a, b) = (self.node, other.node);
        let greatest = scalar(Scalar::Greatest, vec![a.clone(), b.clone()]);
        let arguments = vec![greatest, a, b];
        Term::new(Node::Call(Call::new(Function::Coalesce, arguments)))
    }

    /// `self.best.min(self.latest)`: `None` where one of them is.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn worst(&self) -> Option<i64> {
    ///         self.best.min(self.latest)
    ///     }
    /// }
    /// assert_eq!(
    ///     on_postgres(Player::WORST),
    ///     "CASE WHEN best IS NOT NULL AND latest IS NOT NULL THEN CASE \
    ///      WHEN num_nulls(best, latest) = 0 THEN least(best, latest) END END"
    /// );
    /// assert_eq!(Player { latest: Some(3), ..Player::default() }.worst(), None);
    /// ```
    pub fn min(self, other: Self) -> Self
    where
        T: Numeric,
    {
        let both = all([is_not_null(&self), is_not_null(&other)]);
        let least = scalar(Scalar::Least, vec![self.node, other.node]);
        Term::new(Node::Case(vec![(both, least)], None))
    }

    /// `self.nick.as_ref()`: SQL has values only, so it is the same.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn is_shout(&self) -> bool {
    ///         self.nick.as_ref().is_some_and(|nick| nick.ends_with("!"))
    ///     }
    /// }
    /// assert_eq!(on_postgres(Player::IS_SHOUT), "nick IS NOT NULL AND right(nick, char_length($1)) = $1");
    /// ```
    #[must_use]
    pub fn as_ref(self) -> Self {
        self
    }

    /// `self.nick.as_deref()`: SQL has values only, so it is the same.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn shown_name(&self) -> &str {
    ///         self.nick.as_deref().unwrap_or(&self.name)
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::SHOWN_NAME), "coalesce(nick, name)");
    /// ```
    #[must_use]
    pub fn as_deref(self) -> Self {
        self
    }

    /// `self.best.as_ref().copied()`: SQL has values only, so it is the same.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn copy_of_best(&self) -> Option<i64> {
    ///         self.best.as_ref().copied()
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::COPY_OF_BEST), "best");
    /// ```
    #[must_use]
    pub fn copied(self) -> Self {
        self
    }

    /// `self.nick.as_ref().cloned()`: SQL has values only, so it is the same.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # aludel::__doc_player!();
    /// #[hybrid]
    /// impl Player {
    ///     fn called(&self) -> String {
    ///         self.nick.as_ref().cloned().unwrap_or_default()
    ///     }
    /// }
    /// assert_eq!(on_sqlite(Player::CALLED), "coalesce(nick, ?1)");
    /// ```
    #[must_use]
    pub fn cloned(self) -> Self {
        self
    }
}
