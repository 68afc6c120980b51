//! CASE.

use crate::column_type::ColumnType;
use crate::expression::Expr;
use crate::node::Node;
use crate::operand::Operand;

/// Begins a CASE: `case().when(p, v).else_(w)`. The first branch fixes the type.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
///
/// let age = case().when(Book::YEAR.lt(1900), "old").when(Book::YEAR.lt(2000), "recent").else_("new");
/// assert_eq!(
///     sql(select((Book::TITLE, age))),
///     "SELECT books.title, CASE WHEN books.year < ?1 THEN ?2 WHEN books.year < ?3 THEN ?4 ELSE ?5 END FROM books"
/// );
/// ```
#[must_use]
pub fn case() -> CaseStart {
    CaseStart(())
}

/// A CASE without branches.
#[derive(Debug)]
pub struct CaseStart(());

impl CaseStart {
    /// Adds the first branch.
    pub fn when<T: ColumnType<Base = T>>(
        self,
        condition: impl Operand<bool>,
        then: impl Operand<T>,
    ) -> Case<T> {
        Case {
            branches: vec![(condition.into_operand(), then.into_operand())],
            marker: std::marker::PhantomData,
        }
    }
}

/// A CASE with branches of type `T`.
#[derive(Debug)]
#[must_use = "finish it with `else_` or `end`"]
pub struct Case<T> {
    branches: Vec<(Node, Node)>,
    marker: std::marker::PhantomData<fn() -> T>,
}

impl<T: ColumnType<Base = T>> Case<T> {
    /// Adds a branch.
    pub fn when(mut self, condition: impl Operand<bool>, then: impl Operand<T>) -> Self {
        self.branches.push((condition.into_operand(), then.into_operand()));
        self
    }

    /// Ends with the value for all other rows.
    pub fn else_(self, otherwise: impl Operand<T>) -> Expr<T> {
        Expr::new(Node::Case(self.branches, Some(Box::new(otherwise.into_operand()))))
    }

    /// Ends with NULL for all other rows.
    pub fn end(self) -> Expr<Option<T>> {
        Expr::new(Node::Case(self.branches, None))
    }
}
