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
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // The first value says what type the CASE has: here an `i32`, so that the others are 32 bits as well.
    /// let century: Expr<i32> = case().when(Book::YEAR.lt(1901), 19).else_(Book::YEAR / 100 + 1);
    /// assert_eq!(on_sqlite(century), "CASE WHEN year < ?1 THEN ?2 ELSE (year / nullif(?3, 0)) + ?4 END");
    /// ```
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
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // Branches are tried in their order: what is older than 1800 never meets the second.
    /// let shelf = case().when(Book::YEAR.lt(1800), "vault").when(Book::YEAR.lt(1900), "cellar").else_("hall");
    /// assert_eq!(on_sqlite(shelf), "CASE WHEN year < ?1 THEN ?2 WHEN year < ?3 THEN ?4 ELSE ?5 END");
    /// ```
    pub fn when(mut self, condition: impl Operand<bool>, then: impl Operand<T>) -> Self {
        self.branches.push((condition.into_operand(), then.into_operand()));
        self
    }

    /// Ends with the value for all other rows.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // What is behind ELSE may be a column: the type is `String`, never NULL.
    /// let title: Expr<String> = case().when(Book::TITLE.eq(""), "untitled").else_(Book::TITLE);
    /// assert_eq!(on_sqlite(title), "CASE WHEN title = ?1 THEN ?2 ELSE title END");
    /// ```
    pub fn else_(self, otherwise: impl Operand<T>) -> Expr<T> {
        Expr::new(Node::Case(self.branches, Some(Box::new(otherwise.into_operand()))))
    }

    /// Ends with NULL for all other rows.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // NULL for all others, which `count` leaves out: an `Option<i64>`.
    /// let old: Expr<Option<i64>> = case().when(Book::YEAR.lt(1900), Book::ID).end();
    /// assert_eq!(on_sqlite(func::count(old)), "count(CASE WHEN year < ?1 THEN id END)");
    /// ```
    pub fn end(self) -> Expr<Option<T>> {
        Expr::new(Node::Case(self.branches, None))
    }
}
