//! `&&`, `||`, `!`, `if` and `match`.

use super::{Equal, Term, any, eq};
use crate::node::{LogicalOp, Node};

/// `a && b`
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn can_pay(&self, price: i64) -> bool {
///         self.active && self.coins >= price
///     }
/// }
/// assert_eq!(on_sqlite(Player::CAN_PAY(5)), "active AND coins >= ?1");
/// ```
pub fn and(a: Term<bool>, b: Term<bool>) -> Term<bool> {
    Term::new(Node::logical(LogicalOp::And, a.node, b.node))
}

/// `a || b`
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn may_enter(&self) -> bool {
///         self.level >= 10 || self.coins > 100 && self.active
///     }
/// }
/// assert_eq!(on_sqlite(Player::MAY_ENTER), "level >= ?1 OR coins > ?2 AND active");
/// ```
pub fn or(a: Term<bool>, b: Term<bool>) -> Term<bool> {
    Term::new(Node::logical(LogicalOp::Or, a.node, b.node))
}

/// `!a`
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn is_beginner(&self) -> bool {
///         !self.best.is_some_and(|best| best > 10)
///     }
/// }
/// // Who has no best result is one, as in Rust; a bare comparison turned round would lose the row.
/// assert_eq!(on_sqlite(Player::IS_BEGINNER), "NOT (best IS NOT NULL AND best > ?1)");
/// assert_eq!(on_sqlite(!Player::BEST.gt(10)), "best <= ?1");
/// assert!(Player::default().is_beginner());
/// ```
pub fn not(a: Term<bool>) -> Term<bool> {
    Term::new(a.node.negated())
}

/// `if condition { then } else { otherwise }`, and an arm of a `match` before the others.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn rank(&self) -> &str {
///         if self.level < 5 {
///             "novice"
///         } else if self.level < 20 {
///             "adept"
///         } else {
///             "master"
///         }
///     }
/// }
/// assert_eq!(on_sqlite(Player::RANK), "CASE WHEN level < ?1 THEN ?2 WHEN level < ?3 THEN ?4 ELSE ?5 END");
/// assert_eq!(Player { level: 7, ..Player::default() }.rank(), "adept");
/// ```
pub fn when<T>(condition: Term<bool>, then: Term<T>, otherwise: Term<T>) -> Term<T> {
    let mut branches = vec![(condition.node, then.node)];
    let otherwise = match otherwise.node {
        // `else if`
        Node::Case(more, otherwise) => {
            branches.extend(more);
            otherwise
        }
        node => Some(Box::new(node)),
    };
    Term::new(Node::Case(branches, otherwise))
}

/// `[a, b].contains(&x)`, and the pattern `a | b`.
///
/// ```
/// # use aludel::doc::*;
/// # aludel::__doc_player!();
/// #[hybrid]
/// impl Player {
///     fn is_captain(&self) -> bool {
///         [1, 2, 3].contains(&self.id)
///     }
///     fn has_round_level(&self) -> bool {
///         matches!(self.level, 10 | 20 | 30)
///     }
/// }
/// assert_eq!(on_sqlite(Player::IS_CAPTAIN), "id = ?1 OR id = ?2 OR id = ?3");
/// assert_eq!(on_sqlite(Player::HAS_ROUND_LEVEL), "level = ?1 OR level = ?2 OR level = ?3");
/// ```
pub fn in_list<T: Equal>(value: Term<T>, list: Vec<Term<T>>) -> Term<bool> {
    Term::new(any(list.into_iter().map(|it| eq(value.clone(), it).node)))
}
