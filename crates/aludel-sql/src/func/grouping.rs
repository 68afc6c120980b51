//! Several levels of groups in one statement: ROLLUP, CUBE, GROUPING SETS. PostgreSQL has them.

use super::function;
use crate::expression::Expr;
use crate::node::{Function, Grouping, Node};
use crate::select::IntoGroupBy;

/// Groups by all of these, then by all but the last, and so on to one group of all rows: subtotals and a total.
///
/// ```
/// # use {aludel::doc::*, library::Book};
/// let counts = select((Book::AUTHOR_ID.nullable(), Book::YEAR.nullable(), func::count_star()))
///     .group_by(func::rollup((Book::AUTHOR_ID, Book::YEAR)));
/// assert_eq!(
///     postgres(counts.clone()),
///     "SELECT books.author_id, books.year, count(*) FROM books GROUP BY ROLLUP (books.author_id, books.year)"
/// );
/// // A database without it is an error before anything is sent.
/// assert!(counts.to_sql(&aludel_sqlite::SqliteDialect).is_err());
/// ```
///
/// In a subtotal what is not grouped by is NULL: it is selected as an `Option`. [`grouping`] tells such a NULL from one of the table.
pub fn rollup(keys: impl IntoGroupBy) -> GroupingSets {
    GroupingSets { grouping: Grouping::Rollup, sets: each(keys) }
}

/// Groups by each combination of these, from all of them to none.
///
/// ```
/// # use {aludel::doc::*, library::Book};
/// let counts = select((Book::AUTHOR_ID.nullable(), Book::YEAR.nullable(), func::count_star()))
///     .group_by(func::cube((Book::AUTHOR_ID, Book::YEAR)));
/// assert!(postgres(counts).ends_with(" GROUP BY CUBE (books.author_id, books.year)"));
/// ```
pub fn cube(keys: impl IntoGroupBy) -> GroupingSets {
    GroupingSets { grouping: Grouping::Cube, sets: each(keys) }
}

/// Begins a list of what to group by, once by each: `.set((A, B)).set(A).set(())`.
///
/// ```
/// # use {aludel::doc::*, library::Book};
/// let by_either = func::grouping_sets().set(Book::AUTHOR_ID).set(Book::YEAR).set(());
/// assert_eq!(
///     postgres(select(func::count_star()).select_from(Book).group_by(by_either)),
///     "SELECT count(*) FROM books GROUP BY GROUPING SETS ((books.author_id), (books.year), ())"
/// );
/// ```
pub fn grouping_sets() -> GroupingSets {
    GroupingSets { grouping: Grouping::Sets, sets: Vec::new() }
}

/// A number with a bit for each of these keys, the last one lowest: 1 where the row is of a group that is not grouped by it.
///
/// ```
/// # use {aludel::doc::*, library::Book};
/// let total = func::grouping((Book::AUTHOR_ID, Book::YEAR)).eq(0b11);
/// assert_eq!(on_postgres(total), "GROUPING(author_id, year) = $1");
/// ```
pub fn grouping(keys: impl IntoGroupBy) -> Expr<i32> {
    let mut nodes = Vec::new();
    keys.push_group(&mut nodes);
    function(Function::Grouping, nodes)
}

/// Several levels of groups, for [`group_by`](crate::Select::group_by).
#[derive(Clone, Debug)]
#[must_use = "grouping sets do nothing until they are part of a statement"]
pub struct GroupingSets {
    grouping: Grouping,
    sets: Vec<Vec<Node>>,
}

impl GroupingSets {
    /// Adds what to group by once more; of `()`, all rows are one group.
    ///
    /// ```
    /// # use {aludel::doc::*, library::Book};
    /// // Behind a ROLLUP or a CUBE it is one more key of theirs, or several that go together.
    /// let together = func::rollup(Book::AUTHOR_ID).set((Book::YEAR, Book::TITLE));
    /// assert_eq!(
    ///     postgres(select(func::count_star()).select_from(Book).group_by(together)),
    ///     "SELECT count(*) FROM books GROUP BY ROLLUP (books.author_id, (books.year, books.title))"
    /// );
    /// ```
    pub fn set(mut self, keys: impl IntoGroupBy) -> Self {
        let mut set = Vec::new();
        keys.push_group(&mut set);
        self.sets.push(set);
        self
    }
}

impl IntoGroupBy for GroupingSets {
    fn push_group(self, keys: &mut Vec<Node>) {
        keys.push(Node::GroupingSets(self.grouping, self.sets));
    }
}

/// No key: all rows are one group.
impl IntoGroupBy for () {
    fn push_group(self, _: &mut Vec<Node>) {}
}

fn each(keys: impl IntoGroupBy) -> Vec<Vec<Node>> {
    let mut nodes = Vec::new();
    keys.push_group(&mut nodes);
    nodes.into_iter().map(|it| vec![it]).collect()
}
