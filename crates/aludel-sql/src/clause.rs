//! Clauses of a program's own, a form for each dialect: hints, and what only one database has.

use crate::node::{Call, Function, Node};
use crate::select::Select;
use crate::selection::Shape;

/// A clause of a program's own, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause {
    /// Where it stands.
    pub place: ClausePlace,
    /// Its forms and arguments: a [`Function::Custom`].
    pub call: Call,
}

/// Where a clause of a program's own stands in a SELECT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClausePlace {
    /// Behind the word SELECT: hints to the optimiser.
    BehindSelect,
    /// Behind FROM and its joins: samples, and the indexes to use.
    BehindFrom,
    /// Behind WHERE, and before GROUP BY.
    BehindWhere,
    /// At the end, behind LIMIT and the lock.
    AtTheEnd,
}

impl<S: Shape> Select<S> {
    /// Adds a clause of the program's own. A form is as for [`func::custom`](crate::func::custom): SQL in which `{0}` stands for the first
    /// argument, by the key of the dialect, or `*` for all others. An empty form leaves the clause out there; a dialect without a form is an
    /// error before anything is sent.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::{ClausePlace, Select, Shape};
    ///
    /// /// A part of the rows, chosen by chance.
    /// trait TableSample {
    ///     fn tablesample(self, percent: f64) -> Self;
    /// }
    ///
    /// impl<S: Shape> TableSample for Select<S> {
    ///     fn tablesample(self, percent: f64) -> Self {
    ///         let forms = &[("postgres", "TABLESAMPLE BERNOULLI ({0})")];
    ///         self.clause(ClausePlace::BehindFrom, "TABLESAMPLE", [literal(percent).into_node()], forms)
    ///     }
    /// }
    ///
    /// let some = select(Book::ID).tablesample(10.0).filter(Book::YEAR.gt(1900));
    /// assert_eq!(postgres(some.clone()), "SELECT books.id FROM books TABLESAMPLE BERNOULLI ($1) WHERE books.year > $2");
    /// assert_eq!(some.to_sql(&aludel::SqliteDialect).unwrap_err().what(), "SQLite has no form of `TABLESAMPLE`");
    ///
    /// // A hint that others do not need.
    /// let forms = &[("mysql", "STRAIGHT_JOIN"), ("*", "")];
    /// let hinted = select(Book::TITLE).join(Book::AUTHOR).clause(ClausePlace::BehindSelect, "STRAIGHT_JOIN", [], forms);
    /// assert_eq!(
    ///     mariadb(hinted.clone()),
    ///     "SELECT STRAIGHT_JOIN books.title FROM books JOIN authors ON books.author_id = authors.id"
    /// );
    /// assert_eq!(sqlite(hinted), "SELECT books.title FROM books JOIN authors ON books.author_id = authors.id");
    /// ```
    ///
    /// Forms are part of the program: values are arguments.
    pub fn clause(
        mut self,
        place: ClausePlace,
        name: &'static str,
        arguments: impl IntoIterator<Item = Node>,
        forms: &'static [(&'static str, &'static str)],
    ) -> Self {
        let call = Call::new(Function::Custom { name, forms }, arguments.into_iter().collect());
        self.node_mut().clauses.push(Clause { place, call });
        self
    }
}
