//! SELECT.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::alias::JoinPath;
use crate::clause::Clause;
use crate::column::{Column, Source};
use crate::cte::{Cte, CteNode};
use crate::error::Result;
use crate::from::{FromClause, FromItem, FromRef};
use crate::lock::Lock;
use crate::mapping::{Link, Mapped, RelationMeta, TableMeta, Through};
use crate::node::{BinaryOp, ColumnNode, Node, Param};
use crate::operand::Operand;
use crate::order::{IntoOrderBy, OrderBy};
use crate::selection::{EntityItem, SelectItem, Selectable, Shape, ValueItem};
use crate::sql_type::SqlType;
use crate::value::Value;

/// Begins a SELECT: `select(User)`, `select((User::EMAIL, func::count(Document::ID)))`.
///
/// FROM is the first selected entity or the table of the first selected column, and the joins; use
/// [`select_from`](Select::select_from) otherwise.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
///
/// let books = select(Book).filter(Book::YEAR.ge(2000)).order_by(Book::TITLE);
/// assert_eq!(
///     sql(books),
///     "SELECT books.id, books.title, books.year, books.author_id FROM books \
///      WHERE books.year >= ?1 ORDER BY books.title"
/// );
///
/// // A tuple selects several things, and a row is a tuple of their values: here `(String, i64)`.
/// let per_author = select((Author::NAME, func::count(Book::ID))).join(Author::BOOKS).group_by(Author::NAME);
/// assert_eq!(
///     sql(per_author),
///     "SELECT authors.name, count(books.id) FROM authors \
///      JOIN books ON authors.id = books.author_id GROUP BY authors.name"
/// );
/// ```
pub fn select<S: Selectable>(what: S) -> Select<S::Shape> {
    // Made where it stays.
    let mut node = Box::<SelectNode>::default();
    node.items = what.into_items();
    Select { node, options: Vec::new(), marker: PhantomData }
}

/// A SELECT whose rows have the shape `S`.
#[must_use = "a statement does nothing until it is executed"]
pub struct Select<S> {
    /// Every method takes the statement and gives it back: in a box it is moved for nothing.
    node: Box<SelectNode>,
    options: Vec<Arc<dyn Any + Send + Sync>>,
    marker: PhantomData<fn() -> S>,
}

/// The tree of a SELECT.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SelectNode {
    /// What is selected.
    pub items: Vec<SelectItem>,
    /// The first table of FROM, if it was named.
    pub from: Option<FromItem>,
    /// The other tables of FROM.
    pub joins: Vec<Join>,
    /// WHERE; all must hold.
    pub filters: Vec<Node>,
    /// GROUP BY.
    pub group_by: Vec<Node>,
    /// HAVING; all must hold.
    pub having: Vec<Node>,
    /// ORDER BY.
    pub order_by: Vec<OrderBy>,
    /// LIMIT, as a value to bind.
    pub limit: Option<Param>,
    /// Behind the limit, rows that the order does not tell from the last one stay, too.
    pub with_ties: bool,
    /// OFFSET, as a value to bind.
    pub offset: Option<Param>,
    /// `SELECT DISTINCT`.
    pub distinct: bool,
    /// `FOR UPDATE` and its like.
    pub lock: Option<Lock>,
    /// Of each group only the first rows.
    pub limit_per: Option<LimitPer>,
    /// Whether rows that were deleted softly are among the others.
    pub with_deleted: bool,
    /// Deferred columns that are selected with their entities all the same.
    pub undeferred: Vec<(&'static TableMeta, usize)>,
    /// Common table expressions that stand before the statement, whether it has them in FROM or not.
    pub ctes: Vec<Arc<CteNode>>,
    /// Clauses of the program's own.
    pub clauses: Vec<Clause>,
}

/// Of each group of rows only the first ones, by ORDER BY: the three newest comments of each post.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitPer {
    /// What the rows of a group have in common.
    pub group: Vec<Node>,
    /// How many rows of a group stay, as a value to bind.
    pub rows: Param,
}

impl LimitPer {
    /// At most so many rows of each group.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::{LimitPer, Value};
    ///
    /// let newest_three = LimitPer::new(vec![Book::AUTHOR_ID.into_node()], 3);
    /// assert_eq!(newest_three.rows.value, Value::Int(3));
    /// ```
    #[must_use]
    pub fn new(group: Vec<Node>, rows: u32) -> Self {
        Self { group, rows: count(i64::from(rows)) }
    }
}

impl SelectNode {
    /// Returns the place, counted from 1, of the column of the result that is this key of GROUP BY or ORDER BY, where the key must be
    /// written as its place.
    ///
    /// A grouped or distinct SELECT may only use what is grouped or selected, but to PostgreSQL and MariaDB two expressions with
    /// parameters are never the same, even where the values are; MariaDB does not recognise a CASE either.
    pub(crate) fn place(&self, key: &Node) -> Option<usize> {
        let limited = self.distinct || !self.group_by.is_empty();
        let is_grouped =
            || !matches!(key, Node::Column(_) | Node::Derived(_)) && self.group_keys().any(|it| it == key);
        if !limited || !(key.has_params() || is_grouped()) {
            return None;
        }
        let mut place = 1;
        for item in &self.items {
            match item {
                SelectItem::Entity { source, .. } => place += source.table.columns.len(),
                SelectItem::Expression { node, .. } if node == key => return Some(place),
                SelectItem::Expression { .. } => place += 1,
            }
        }
        None
    }

    /// Returns the expression that a label of this statement names.
    pub(crate) fn labelled(&self, label: &Node) -> Option<&Node> {
        let Node::Label(name) = label else { return None };
        self.items.iter().find_map(|item| match item {
            SelectItem::Expression { node, label: Some(label), .. } if label == name => Some(node),
            _ => None,
        })
    }
}

impl SelectNode {
    /// At most this many rows, unless a limit was set, or there cannot be more than one: a primary key has one row.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// let (mut all, mut ten) = (select(Book::ID).into_node(), select(Book::ID).limit(10).into_node());
    /// all.limit_if_none(2);
    /// ten.limit_if_none(2);
    /// assert!(all.limit.is_some() && all.limit != ten.limit);
    /// let mut by_key = select(Book::TITLE).filter(Book::ID.eq(7)).into_node();
    /// by_key.limit_if_none(2);
    /// assert!(by_key.limit.is_none());
    /// ```
    pub fn limit_if_none(&mut self, rows: u32) {
        if self.limit.is_none() && (rows == 0 || !self.is_by_key()) {
            self.limit = Some(count(i64::from(rows)));
        }
    }

    /// Tells whether the rows are those of one table with one primary key.
    pub(crate) fn is_by_key(&self) -> bool {
        let Some(FromRef::Table(source)) = self.first_from().filter(|_| self.joins.is_empty()) else {
            return false;
        };
        let mut key = source.table.primary_key().peekable();
        key.peek().is_some() && key.all(|column| self.fixed(source, column).is_some())
    }

    /// Returns the first table or query of FROM: what was named, or else the first that something selected is of.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let books = select((func::count(Book::ID), Author::NAME)).join(Book::AUTHOR);
    /// assert_eq!(books.node().first().unwrap().name(), "books"); // the first that is selected
    /// let books = select(func::count_star()).select_from(alias(Book, "b"));
    /// assert_eq!(books.node().first().unwrap().name(), "b");
    /// ```
    #[must_use]
    pub fn first(&self) -> Option<FromItem> {
        self.first_from().map(FromRef::to_item)
    }

    /// Returns the first table or query of FROM: what was named, or else the first that something selected is of.
    pub(crate) fn first_from(&self) -> Option<FromRef<'_>> {
        if let Some(from) = &self.from {
            return Some(from.as_ref());
        }
        self.items.iter().find_map(|item| match item {
            SelectItem::Entity { source, .. } => Some(FromRef::Table(source)),
            SelectItem::Expression { node, .. } => first_from_of(node),
        })
    }

    /// Returns the value that a column has in every row, where the conditions say so: `column = value`, alone or among others that must hold.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// use aludel_sql::{Mapped, Source, Value};
    ///
    /// let documents = Source::of(Document::TABLE);
    /// let one = select(Document).filter(Document::ID.eq(7)).filter(Document::TITLE.ne("Draft"));
    /// assert_eq!(one.node().fixed(&documents, 0), Some(&Value::Int(7)));
    /// let some = select(Document).filter(Document::ID.gt(7));
    /// assert_eq!(some.node().fixed(&documents, 0), None);
    /// ```
    #[must_use]
    pub fn fixed(&self, source: &Source, column: usize) -> Option<&Value> {
        self.filters.iter().find_map(|condition| condition.fixes(source, column))
    }

    /// Returns the expressions that it is made of.
    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Node> {
        let selected = self.items.iter().filter_map(|item| match item {
            SelectItem::Entity { .. } => None,
            SelectItem::Expression { node, .. } => Some(node),
        });
        let joined = self.joins.iter().filter_map(|join| match &join.on {
            JoinOn::Condition(node) => Some(node),
            JoinOn::Relation { .. } => None,
        });
        let ordered = self.order_by.iter().map(|key| &key.node);
        let arguments = self.clauses.iter().flat_map(|clause| &clause.call.arguments);
        let conditions = self.filters.iter().chain(&self.group_by).chain(&self.having);
        selected.chain(joined).chain(conditions).chain(ordered).chain(arguments)
    }
}

fn first_from_of(node: &Node) -> Option<FromRef<'_>> {
    let mut found = None;
    node.any(&mut |it| {
        found = match it {
            Node::Column(column) => Some(FromRef::Table(&column.source)),
            Node::Derived(column) => Some(FromRef::Query(&column.from)),
            _ => None,
        };
        found.is_some()
    });
    found
}

/// A table joined to the ones before it.
#[derive(Clone, Debug, PartialEq)]
pub struct Join {
    /// The table, or a query.
    pub target: FromItem,
    /// Inner or outer.
    pub kind: JoinKind,
    /// Which rows belong together.
    pub on: JoinOn,
}

/// Which rows of a join stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JoinKind {
    /// Only rows that have a partner.
    Inner,
    /// All rows of the tables before it; where there is no partner, the columns of the joined table are NULL.
    LeftOuter,
    /// All rows of both sides; where there is no partner, the columns of the other side are NULL.
    FullOuter,
}

/// Which rows of a join belong together.
#[derive(Clone, Debug, PartialEq)]
pub enum JoinOn {
    /// A condition.
    Condition(Node),
    /// The columns of a relation of a table that is there already.
    Relation {
        /// The table that the relation starts from.
        from: Source,
        /// The relation.
        relation: &'static RelationMeta,
    },
}

/// The association table of a join along a many-to-many relation, and its two conditions.
#[derive(Debug)]
pub(crate) struct Middle {
    /// The table; under a name of its own where the joined table has one.
    pub(crate) source: Source,
    /// Ties it to the table that the relation starts from.
    pub(crate) near: Node,
    /// Ties it to the joined table.
    pub(crate) far: Node,
}

impl JoinOn {
    /// Returns the table between both sides, if there is one.
    pub(crate) fn middle(&self, target: &Source) -> Option<Middle> {
        let JoinOn::Relation { from, relation } = self else { return None };
        let Through { table, near, far } = relation.through()?;
        let alias = target.alias.as_ref().map(|alias| format!("{alias}_{}", table.name).into());
        let source = Source { table, alias };
        let equal = |left: &Source, right: &Source, link: Link| {
            let column =
                |source: &Source, column| Node::Column(ColumnNode { source: source.clone(), column });
            Node::binary(BinaryOp::Eq, column(left, link.local), column(right, link.remote))
        };
        let (near, far) = (equal(from, &source, near), equal(&source, target, far));
        Some(Middle { source, near, far })
    }

    /// Returns the condition.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::{JoinOn, Mapped, Source};
    ///
    /// let books = JoinOn::Relation { from: Source::of(Author::TABLE), relation: Author::BOOKS.meta() };
    /// let condition = books.condition(&Source::of(Book::TABLE))?;
    /// assert_eq!(condition, Author::ID.eq(Book::AUTHOR_ID).into_node());
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` where the relation cannot be followed.
    pub fn condition(&self, target: &Source) -> Result<Node> {
        match self {
            JoinOn::Condition(node) => Ok(node.clone()),
            JoinOn::Relation { from, relation } => {
                let link = relation.link(from.table)?;
                let column =
                    |source: &Source, column| Node::Column(ColumnNode { source: source.clone(), column });
                Ok(Node::binary(BinaryOp::Eq, column(from, link.local), column(target, link.remote)))
            }
        }
    }
}

/// A SELECT of whole objects, for functions that take or return one: what `select(Document)` gives.
///
/// ```
/// # use aludel::doc::*;
/// use aludel::SelectEntity;
///
/// fn newest() -> SelectEntity<Document> {
///     select(Document).order_by(Document::ID.desc()).limit(10)
/// }
///
/// # aludel::doc::run(async |session| {
/// let drafts = session.scalars(newest().filter(Document::TITLE.eq("Draft"))).all().await?;
/// # let _ = drafts;
/// # Ok(()) });
/// ```
pub type SelectEntity<E> = Select<(EntityItem<E>,)>;

/// A SELECT of one value a row, for functions that take or return one: what `select(Document::TITLE)` gives.
///
/// ```
/// # use aludel::doc::*;
/// use aludel::SelectValue;
///
/// fn titles() -> SelectValue<String> {
///     select(Document::TITLE).order_by(Document::TITLE)
/// }
///
/// # aludel::doc::run(async |session| {
/// assert_eq!(session.scalars(titles()).all().await?, ["Draft", "Notes", "Plan"]);
/// # Ok(()) });
/// ```
pub type SelectValue<T> = Select<(ValueItem<T>,)>;

impl<S: Shape> Select<S> {
    /// Adds conditions to WHERE; all of them must hold.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let mut books = select(Book::ID).filter(Book::YEAR.ge(2000));
    /// if let Some(word) = Some("war") {
    ///     books = books.filter(Book::TITLE.contains(word));
    /// }
    /// assert_eq!(
    ///     sql(books),
    ///     "SELECT books.id FROM books WHERE books.year >= ?1 AND instr(books.title, ?2) > 0"
    /// );
    /// ```
    pub fn filter(mut self, condition: impl Operand<bool>) -> Self {
        push(&mut self.node.filters, condition.into_operand());
        self
    }

    /// Joins along a relation: `select(User).join(User::DOCUMENTS)`. Rows without a partner are left out.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// assert_eq!(
    ///     sql(select(Book::TITLE).join(Book::AUTHOR).filter(Author::NAME.eq("Jane Austen"))),
    ///     "SELECT books.title FROM books JOIN authors ON books.author_id = authors.id WHERE authors.name = ?1"
    /// );
    /// ```
    pub fn join(self, relation: impl JoinPath) -> Self {
        self.push_relation(relation, JoinKind::Inner)
    }

    /// Joins along a relation and keeps rows without a partner; select columns of the joined table as
    /// [`nullable`](crate::Expression::nullable) or [`optional`](crate::optional).
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// // Authors without a book are there too, with `None` for the title.
    /// assert_eq!(
    ///     sql(select((Author::NAME, Book::TITLE.nullable())).outer_join(Author::BOOKS)),
    ///     "SELECT authors.name, books.title FROM authors LEFT JOIN books ON authors.id = books.author_id"
    /// );
    /// ```
    pub fn outer_join(self, relation: impl JoinPath) -> Self {
        self.push_relation(relation, JoinKind::LeftOuter)
    }

    /// Joins along a relation and keeps rows without a partner on either side: FULL JOIN. What is selected of both sides, and of the
    /// tables joined before, is [`nullable`](crate::Expression::nullable) or [`optional`](crate::optional).
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // Authors without a book, and books without an author.
    /// let all = select((Author::NAME.nullable(), Book::TITLE.nullable())).full_join(Author::BOOKS);
    /// assert_eq!(
    ///     sqlite(all.clone()),
    ///     "SELECT authors.name, books.title FROM authors FULL JOIN books ON authors.id = books.author_id"
    /// );
    /// let error = all.to_sql(&aludel::MySqlDialect::default()).unwrap_err();
    /// assert_eq!(error.what(), "MariaDB has no FULL JOIN");
    /// ```
    ///
    /// `filter` comes behind the join, as in SQL: `Author::NAME.eq("…")` leaves out the rows that have no author.
    pub fn full_join(self, relation: impl JoinPath) -> Self {
        self.push_relation(relation, JoinKind::FullOuter)
    }

    /// Joins a table on any condition: `.join_on(Document, Document::OWNER_ID.eq(User::ID))`.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// assert_eq!(
    ///     sql(select(Author::NAME).join_on(Book, Book::TITLE.contains(Author::NAME))),
    ///     "SELECT authors.name FROM authors JOIN books ON instr(books.title, authors.name) > 0"
    /// );
    /// ```
    pub fn join_on(self, target: impl FromClause, on: impl Operand<bool>) -> Self {
        self.push_join(target.into_from(), JoinKind::Inner, JoinOn::Condition(on.into_operand()))
    }

    /// Joins a table on any condition and keeps rows without a partner.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let recent = Book::AUTHOR_ID.eq(Author::ID).and(Book::YEAR.ge(2000));
    /// assert_eq!(
    ///     sql(select((Author::NAME, func::count(Book::ID))).outer_join_on(Book, recent).group_by(Author::NAME)),
    ///     "SELECT authors.name, count(books.id) FROM authors \
    ///      LEFT JOIN books ON books.author_id = authors.id AND books.year >= ?1 GROUP BY authors.name"
    /// );
    /// ```
    pub fn outer_join_on(self, target: impl FromClause, on: impl Operand<bool>) -> Self {
        self.push_join(target.into_from(), JoinKind::LeftOuter, JoinOn::Condition(on.into_operand()))
    }

    /// Joins a table on a condition and keeps rows without a partner on either side: FULL JOIN.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // Two lists side by side: what is in one of them only has nothing beside it.
    /// let counts = |century: i32| {
    ///     let in_it = Book::YEAR.between(century * 100, century * 100 + 99);
    ///     select((Book::AUTHOR_ID, func::count_star().label("books"))).filter(in_it).group_by(Book::AUTHOR_ID)
    /// };
    /// let (old, new) = (counts(18).subquery("old"), counts(19).subquery("new"));
    /// let both = select((old.named::<i64>("books").nullable(), new.named::<i64>("books").nullable()))
    ///     .full_join_on(&new, new.col(Book::AUTHOR_ID).eq(old.col(Book::AUTHOR_ID)));
    /// assert!(sqlite(both).ends_with(" AS new ON new.author_id = old.author_id"));
    /// ```
    ///
    /// PostgreSQL has it where the condition, or one of several that must all hold, says that an expression of one side equals one of
    /// the other; MariaDB and MySQL do not have it. Both are errors when the statement is compiled.
    pub fn full_join_on(self, target: impl FromClause, on: impl Operand<bool>) -> Self {
        self.push_join(target.into_from(), JoinKind::FullOuter, JoinOn::Condition(on.into_operand()))
    }

    /// Does not leave out rows that were deleted softly, of any table of the statement and of those within it.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    /// assert_eq!(sql(select(Note::ID)), "SELECT notes.id FROM notes WHERE notes.deleted_at IS NULL");
    /// assert_eq!(sql(select(Note::ID).with_deleted()), "SELECT notes.id FROM notes");
    /// ```
    pub fn with_deleted(mut self) -> Self {
        self.node.with_deleted = true;
        self
    }

    fn push_relation(self, relation: impl JoinPath, kind: JoinKind) -> Self {
        let (from, relation, target) = relation.into_path();
        self.push_join(target.into(), kind, JoinOn::Relation { from, relation })
    }

    fn push_join(mut self, target: FromItem, kind: JoinKind, on: JoinOn) -> Self {
        self.node.joins.push(Join { target, kind, on });
        self
    }

    /// Names the first table of FROM.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// assert_eq!(sql(select(func::count_star()).select_from(Book)), "SELECT count(*) FROM books");
    /// ```
    pub fn select_from(mut self, first: impl FromClause) -> Self {
        self.node.from = Some(first.into_from());
        self
    }

    /// Puts a common table expression before the statement that is not in FROM: a change whose rows nobody reads. One that is in FROM is there
    /// already.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // What is counted is what was there before.
    /// let gone = delete(Book).filter(Book::YEAR.lt(1900)).returning(Book::ID).cte("gone");
    /// assert_eq!(
    ///     postgres(select(func::count_star()).select_from(Author).add_cte(&gone)),
    ///     "WITH gone AS (DELETE FROM books WHERE year < $1 RETURNING id) SELECT count(*) FROM authors"
    /// );
    /// ```
    pub fn add_cte<C>(mut self, cte: &Cte<C>) -> Self {
        self.node.ctes.extend(cte.node().cloned());
        self
    }

    /// Groups rows that agree in a column or expression, or in several (a tuple).
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// assert_eq!(
    ///     sql(select((Book::YEAR, func::count_star())).group_by(Book::YEAR)),
    ///     "SELECT books.year, count(*) FROM books GROUP BY books.year"
    /// );
    /// ```
    pub fn group_by(mut self, keys: impl IntoGroupBy) -> Self {
        keys.push_group(&mut self.node.group_by);
        self
    }

    /// Adds conditions on groups; all of them must hold.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// assert_eq!(
    ///     sql(select(Book::AUTHOR_ID).group_by(Book::AUTHOR_ID).having(func::count_star().gt(10_i64))),
    ///     "SELECT books.author_id FROM books GROUP BY books.author_id HAVING count(*) > ?1"
    /// );
    /// ```
    pub fn having(mut self, condition: impl Operand<bool>) -> Self {
        self.node.having.push(condition.into_operand());
        self
    }

    /// Adds keys of ORDER BY: a column, `column.desc()`, `desc("label")`, or a tuple of them. NULL is less than any value.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// assert_eq!(
    ///     sql(select(Book::ID).order_by((Book::YEAR.desc(), Book::TITLE))),
    ///     "SELECT books.id FROM books ORDER BY books.year DESC, books.title"
    /// );
    /// ```
    pub fn order_by(mut self, keys: impl IntoOrderBy) -> Self {
        keys.push_order(&mut self.node.order_by);
        self
    }

    /// At most this many rows.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// // SQLite would prepare a bare `LIMIT ?1` again for every new value.
    /// assert_eq!(sql(select(Book::ID).limit(10)), "SELECT books.id FROM books LIMIT ?1 + 0");
    /// ```
    pub fn limit(mut self, rows: u32) -> Self {
        self.node.limit = Some(count(i64::from(rows)));
        self
    }

    /// Beyond the [`limit`](Self::limit), keeps the rows that ORDER BY does not tell from the last one: `FETCH FIRST … WITH TIES`.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // The books of the three latest places, however many share the third.
    /// let latest = select(Book::TITLE).order_by(Book::YEAR.desc()).limit(3).with_ties();
    /// assert_eq!(
    ///     mariadb(latest.clone()),
    ///     "SELECT books.title FROM books ORDER BY books.year DESC FETCH FIRST ? ROWS WITH TIES"
    /// );
    /// // SQLite has no such words, but knows the rank of a row.
    /// assert_eq!(
    ///     sqlite(latest),
    ///     "WITH ranked (c1, k1) AS (SELECT books.title, books.year FROM books) \
    ///      SELECT c1 FROM (SELECT *, rank() OVER (ORDER BY k1 DESC) AS place FROM ranked) AS ranked \
    ///      WHERE place <= ?1 ORDER BY place"
    /// );
    /// ```
    ///
    /// Without an order and a limit it is an error when the statement is compiled: nothing, or everything, would be tied.
    pub fn with_ties(mut self) -> Self {
        self.node.with_ties = true;
        self
    }

    /// Without the first rows.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// assert_eq!(sql(select(Book::ID).offset(20)), "SELECT books.id FROM books LIMIT -1 OFFSET ?1 + 0");
    /// ```
    pub fn offset(mut self, rows: u64) -> Self {
        self.node.offset = Some(count(i64::try_from(rows).unwrap_or(i64::MAX)));
        self
    }

    /// Each row once.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// assert_eq!(sql(select(Book::YEAR).distinct()), "SELECT DISTINCT books.year FROM books");
    /// ```
    pub fn distinct(mut self) -> Self {
        self.node.distinct = true;
        self
    }

    /// Selects a [`Deferred`](crate::Deferred) column with its entity.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// # #[derive(Entity, Debug)] #[entity(table = "papers")] struct Paper { #[column(primary_key)] id: i64, title: String, body: Deferred<String> }
    /// // What stands for a column that is left out can be no value of it.
    /// assert_eq!(sqlite(select(Paper)), "SELECT papers.id, papers.title, 0 FROM papers");
    /// assert_eq!(sqlite(select(Paper).undefer(Paper::BODY)), "SELECT papers.id, papers.title, papers.body FROM papers");
    /// ```
    pub fn undefer<E: Mapped, T>(self, column: Column<E, T>) -> Self {
        self.undefer_column(E::TABLE, column.index())
    }

    /// As [`undefer`](Self::undefer), by index.
    #[doc(hidden)]
    pub fn undefer_column(mut self, table: &'static TableMeta, column: usize) -> Self {
        self.node.undeferred.push((table, column));
        self
    }

    /// Adds an option for a layer above this one; the compiler ignores it.
    #[doc(hidden)]
    pub fn with_option(mut self, option: Arc<dyn Any + Send + Sync>) -> Self {
        self.options.push(option);
        self
    }

    /// Returns the options of the layers above.
    #[doc(hidden)]
    #[must_use]
    pub fn option_list(&self) -> &[Arc<dyn Any + Send + Sync>] {
        &self.options
    }

    /// The statement with one item more, whose row is `R`.
    pub(crate) fn with_item<R>(mut self, item: SelectItem) -> Select<R> {
        self.node.items.push(item);
        Select { node: self.node, options: self.options, marker: PhantomData }
    }

    /// Makes a statement of a tree whose items are those of `S`. For projections.
    #[doc(hidden)]
    pub fn from_node(node: SelectNode) -> Self {
        Self { node: Box::new(node), options: Vec::new(), marker: PhantomData }
    }

    /// Returns the tree, and leaves the options of the layers above.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// let books = select(Book::ID).filter(Book::YEAR.gt(1900));
    /// assert_eq!(books.into_node().filters.len(), 1);
    /// ```
    #[must_use]
    pub fn into_node(self) -> Box<SelectNode> {
        self.node
    }

    /// Returns the tree.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let books = select(Book).filter(Book::YEAR.lt(1900)).limit(5);
    /// assert_eq!((books.node().filters.len(), books.node().distinct), (1, false));
    /// assert_eq!(books.node().limit.as_ref().unwrap().value, aludel::Value::Int(5));
    /// ```
    #[must_use]
    pub fn node(&self) -> &SelectNode {
        &self.node
    }

    /// Returns the tree, to be added to. For loaders.
    #[doc(hidden)]
    pub fn node_mut(&mut self) -> &mut SelectNode {
        &mut self.node
    }
}

impl<S> Clone for Select<S> {
    fn clone(&self) -> Self {
        Self { node: self.node.clone(), options: self.options.clone(), marker: PhantomData }
    }
}

impl<S> fmt::Debug for Select<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}

/// Keys of GROUP BY: a column or expression, or a tuple of them.
pub trait IntoGroupBy {
    /// Adds the keys.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// use aludel_sql::IntoGroupBy;
    ///
    /// /// Counts books per whatever they are grouped by.
    /// fn counted(keys: impl IntoGroupBy) -> String {
    ///     sqlite(select(func::count(Book::ID)).group_by(keys))
    /// }
    /// assert_eq!(counted(Book::YEAR / 100), "SELECT count(books.id) FROM books GROUP BY books.year / nullif(?1, 0)");
    /// assert_eq!(
    ///     counted((Book::AUTHOR_ID, Book::YEAR)),
    ///     "SELECT count(books.id) FROM books GROUP BY books.author_id, books.year"
    /// );
    /// ```
    fn push_group(self, keys: &mut Vec<Node>);
}

impl<X: crate::Expression> IntoGroupBy for X {
    fn push_group(self, keys: &mut Vec<Node>) {
        keys.push(self.into_node());
    }
}

macro_rules! tuples {
    ($(($($name:ident)+))*) => {$(
        impl<$($name: crate::Expression),+> IntoGroupBy for ($($name,)+) {
            fn push_group(self, keys: &mut Vec<Node>) {
                #[allow(non_snake_case)]
                let ($($name,)+) = self;
                $(keys.push($name.into_node());)+
            }
        }
    )*};
}

tuples! { (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) }

/// Adds an entry to a list of which most statements have one: room for more comes with the second.
fn push<T>(list: &mut Vec<T>, entry: T) {
    if list.capacity() == 0 {
        *list = vec![entry];
    } else {
        list.push(entry);
    }
}

/// Makes the parameter of LIMIT or OFFSET.
pub(crate) fn count(rows: i64) -> Param {
    Param { value: Value::Int(rows), sql_type: SqlType::BigInt }
}
