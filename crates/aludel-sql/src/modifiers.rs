//! What may stand behind an aggregate or another function: OVER, FILTER, DISTINCT, ORDER BY.

use crate::column_type::ColumnType;
use crate::expression::{Expr, Expression};
use crate::node::{Call, Function, LogicalOp, Node};
use crate::operand::Operand;
use crate::order::IntoOrderBy;
use crate::window::Window;

/// What may stand behind a function. Behind anything else it is an error when the statement is compiled to SQL.
impl<T: ColumnType> Expr<T> {
    /// Computes the function over a window: a value for each row, and no row less.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let newest = func::max(Book::YEAR).over(window().partition_by(Book::AUTHOR_ID));
    /// assert_eq!(
    ///     sql(select((Book::TITLE, newest))),
    ///     "SELECT books.title, max(books.year) OVER (PARTITION BY books.author_id) FROM books"
    /// );
    /// ```
    ///
    /// Windows see the rows that WHERE and GROUP BY have left: to filter by what one gives, put the statement into FROM of another one
    /// with [`subquery`](crate::SelectStatement::subquery).
    pub fn over(self, window: Window) -> Self {
        self.modified("over", |call| call.over = Some(Box::new(window)))
    }

    /// An aggregate of those rows only where this holds; called again, where both hold.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let old = func::count_star().filter(Book::YEAR.lt(1900));
    /// // MariaDB has `count(CASE WHEN books.year < ? THEN 1 END)`.
    /// assert_eq!(sql(select(old)), "SELECT count(*) FILTER (WHERE books.year < ?1) FROM books");
    /// ```
    pub fn filter(self, condition: impl Operand<bool>) -> Self {
        let condition = condition.into_operand();
        self.modified("filter", |call| {
            call.filter = Some(Box::new(match call.filter.take() {
                Some(before) => Node::logical(LogicalOp::And, *before, condition),
                None => condition,
            }));
        })
    }

    /// An aggregate of each value once.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// assert_eq!(sql(select(func::sum(Book::YEAR).distinct())), "SELECT sum(DISTINCT books.year) FROM books");
    /// ```
    pub fn distinct(self) -> Self {
        self.modified("distinct", |call| call.distinct = true)
    }

    /// The order in which an aggregate takes its values.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let titles = func::string_agg(Book::TITLE, ", ").aggregate_order_by(Book::YEAR.desc());
    /// assert_eq!(
    ///     sql(select(titles)),
    ///     "SELECT string_agg(books.title, ', ' ORDER BY books.year DESC) FROM books"
    /// );
    /// ```
    pub fn aggregate_order_by(self, keys: impl IntoOrderBy) -> Self {
        self.modified("aggregate_order_by", |call| keys.push_order(&mut call.order_by))
    }

    fn modified(self, method: &'static str, modify: impl FnOnce(&mut Call)) -> Self {
        let node = match self.into_node() {
            Node::Call(mut call) => {
                modify(&mut call);
                Node::Call(call)
            }
            other => Node::Call(Call::new(Function::Misplaced(method), vec![other])),
        };
        Expr::new(node)
    }
}
