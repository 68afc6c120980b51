//! Typed expressions, and the methods that columns and expressions share.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use crate::collation::Collation;
use crate::column::Source;
use crate::column_type::ColumnType;
use crate::mapping::TableMeta;
use crate::node::{BinaryOp, Call, ColumnNode, Function, LogicalOp, MatchOp, Node, Param, Scalar, UnaryOp};
use crate::operand::Operand;
use crate::order::{Order, OrderBy};
use crate::query::{InOperand, QueryNode};
use crate::select::SelectNode;
use crate::value::Value;

/// An expression with values of type `T`: one plain tree under a type.
///
/// Conditions are `Expr<bool>`, so they can be kept in a `Vec`, chosen in an `if` and returned from functions without boxing.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// # fn sql(it: Expr<bool>) -> String {
/// #     let (text, _) = select(Book::ID).filter(it).to_sql(&aludel_sqlite::SqliteDialect).unwrap();
/// #     text.split_once("WHERE ").unwrap().1.replace("books.", "")
/// # }
///
/// fn written_in(century: i32) -> Expr<bool> {
///     Book::YEAR.between(100 * century - 99, 100 * century)
/// }
/// assert_eq!(sql(written_in(19).or(written_in(20))), "year >= ?1 AND year <= ?2 OR year >= ?3 AND year <= ?4");
/// ```
#[must_use = "an expression does nothing until it is part of a statement"]
pub struct Expr<T> {
    node: Node,
    marker: PhantomData<fn() -> T>,
}

impl<T> Expr<T> {
    /// Gives a tree a type. Whoever calls this answers for the type.
    pub(crate) fn new(node: Node) -> Self {
        Self { node, marker: PhantomData }
    }
}

/// Conditions on columns that are known by index only: what the ORM builds.
impl Expr<bool> {
    /// `a = ? AND b = ?`
    #[doc(hidden)]
    pub fn all_columns_equal(
        table: &'static TableMeta,
        columns: impl IntoIterator<Item = (usize, Value)>,
    ) -> Self {
        let equal = |(column, value): (usize, Value)| {
            let param = Node::Param(Param::of(value, table.columns[column].sql_type));
            Node::binary(BinaryOp::Eq, column_of(table, column), param)
        };
        Self::new(Node::Logical(LogicalOp::And, columns.into_iter().map(equal).collect()))
    }

    /// `a IN (SELECT …)`
    #[doc(hidden)]
    pub fn column_in_query(table: &'static TableMeta, column: usize, query: SelectNode) -> Self {
        let query = Box::new(QueryNode::Select(Box::new(query)));
        Self::new(Node::InQuery { operand: Box::new(column_of(table, column)), query, negated: false })
    }

    /// `a IN (…)`
    #[doc(hidden)]
    pub fn column_in(table: &'static TableMeta, column: usize, values: Vec<Value>) -> Self {
        let list = Param::of(Value::List(values), table.columns[column].sql_type);
        Self::new(Node::In { operand: Box::new(column_of(table, column)), list, negated: false })
    }
}

fn column_of(table: &'static TableMeta, column: usize) -> Node {
    Node::Column(ColumnNode { source: Source::of(table), column })
}

impl<T> Clone for Expr<T> {
    fn clone(&self) -> Self {
        Self::new(self.node.clone())
    }
}

impl<T> fmt::Debug for Expr<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}

impl<T: ColumnType> Expression for Expr<T> {
    type Type = T;

    fn into_node(self) -> Node {
        self.node
    }
}

/// The type that an expression is compared with: its own without `Option`.
pub type BaseOf<X> = <<X as Expression>::Type as ColumnType>::Base;

/// What columns and expressions can do. In the prelude.
///
/// Every operator has one meaning on every database; where that takes another spelling, the dialect finds it.
// `is_null` and its like take the expression, as everything here does: SQL's words win over the convention for `is_`.
#[allow(clippy::wrong_self_convention)]
pub trait Expression: Sized {
    /// The type of its values; an `Option` if they may be NULL.
    type Type: ColumnType;

    /// Returns the node of the expression tree.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // Arguments of a function can be of any types; as nodes they go into one list.
    /// let place = func::call::<i32>("instr", [Book::TITLE.into_node(), literal::<String>("the").into_node()]);
    /// assert_eq!(on_sqlite(place), "instr(title, ?1)");
    /// ```
    fn into_node(self) -> Node;

    /// `self = other`; with a `None` it is `IS NULL`. Text is compared exactly.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: Expr<bool>) -> String {
    /// #     let (text, _) = select(Book::ID).filter(it).to_sql(&aludel_sqlite::SqliteDialect).unwrap();
    /// #     text.split_once("WHERE ").unwrap().1.replace("books.", "")
    /// # }
    ///
    /// assert_eq!(sql(Book::TITLE.eq("Emma")), "title = ?1");
    /// assert_eq!(sql(Book::TITLE.eq(None)), "title IS NULL");
    /// ```
    fn eq(self, other: impl Operand<BaseOf<Self>>) -> Expr<bool> {
        compare(BinaryOp::Eq, self, other.into_operand())
    }

    /// `self <> other`; with a `None` it is `IS NOT NULL`.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// assert_eq!(on_sqlite(Book::YEAR.ne(1815)), "year <> ?1");
    /// // Where the column is NULL that is not true; `is_distinct_from` finds such rows too.
    /// assert_eq!(on_sqlite(User::NAME.ne("Sam")), "name <> ?1");
    /// assert_eq!(on_sqlite(User::NAME.ne(None)), "name IS NOT NULL");
    /// ```
    fn ne(self, other: impl Operand<BaseOf<Self>>) -> Expr<bool> {
        compare(BinaryOp::Ne, self, other.into_operand())
    }

    /// `self < other`
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// assert_eq!(on_sqlite(Book::YEAR.lt(1900)), "year < ?1");
    /// // The other side may be a column, or an expression of columns.
    /// assert_eq!(on_sqlite(Book::AUTHOR_ID.lt(Book::ID * 2)), "author_id < (id * ?1)");
    /// ```
    fn lt(self, other: impl Operand<BaseOf<Self>>) -> Expr<bool> {
        compare(BinaryOp::Lt, self, other.into_operand())
    }

    /// `self <= other`
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// assert_eq!(on_sqlite(Book::YEAR.le(1900)), "year <= ?1");
    /// assert!(value(literal::<i32>(1900).le(1900)));
    /// ```
    fn le(self, other: impl Operand<BaseOf<Self>>) -> Expr<bool> {
        compare(BinaryOp::Le, self, other.into_operand())
    }

    /// `self > other`. NULL is greater than nothing, and nothing is greater than NULL.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// assert_eq!(on_sqlite(Book::YEAR.gt(1900)), "year > ?1");
    /// // `Option<bool>` in SQL: NULL is neither greater nor not greater, so that both of these lose the row.
    /// assert_eq!(on_sqlite(Profile::USER_ID.gt(5)), "user_id > ?1");
    /// assert_eq!(on_sqlite(!Profile::USER_ID.gt(5)), "user_id <= ?1");
    /// ```
    fn gt(self, other: impl Operand<BaseOf<Self>>) -> Expr<bool> {
        compare(BinaryOp::Gt, self, other.into_operand())
    }

    /// `self >= other`
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let modern = update(Book).set(Book::YEAR, 2000).filter(Book::YEAR.ge(2000));
    /// assert_eq!(sqlite(modern), "UPDATE books SET year = ?1 WHERE year >= ?2");
    /// ```
    fn ge(self, other: impl Operand<BaseOf<Self>>) -> Expr<bool> {
        compare(BinaryOp::Ge, self, other.into_operand())
    }

    /// `self IS DISTINCT FROM other`: like `ne`, but NULL is a value like any other.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: Expr<bool>) -> String {
    /// #     let (text, _) = select(Book::ID).filter(it).to_sql(&aludel_sqlite::SqliteDialect).unwrap();
    /// #     text.split_once("WHERE ").unwrap().1.replace("books.", "")
    /// # }
    ///
    /// // Where one of them is NULL, `ne` is not true; MariaDB has `NOT (year <=> ?)`.
    /// assert_eq!(sql(Book::YEAR.is_distinct_from(1815)), "year IS DISTINCT FROM ?1");
    /// ```
    fn is_distinct_from(self, other: impl Operand<BaseOf<Self>>) -> Expr<bool> {
        compare(BinaryOp::IsDistinctFrom, self, other.into_operand())
    }

    /// `self IS NOT DISTINCT FROM other`: like `eq`, but NULL equals NULL.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// let same = Profile::USER_ID.is_not_distinct_from(Profile::ID);
    /// assert_eq!(on_sqlite(same.clone()), "user_id IS NOT DISTINCT FROM id");
    /// assert_eq!(on_mariadb(same), "user_id <=> id");
    /// // PostgreSQL finds no index for it; so a NULL that is known becomes the test that does.
    /// assert_eq!(on_postgres(Profile::USER_ID.is_not_distinct_from(None)), "user_id IS NULL");
    /// ```
    fn is_not_distinct_from(self, other: impl Operand<BaseOf<Self>>) -> Expr<bool> {
        compare(BinaryOp::IsNotDistinctFrom, self, other.into_operand())
    }

    /// `self BETWEEN low AND high`, both ends included.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: Expr<bool>) -> String {
    /// #     let (text, _) = select(Book::ID).filter(it).to_sql(&aludel_sqlite::SqliteDialect).unwrap();
    /// #     text.split_once("WHERE ").unwrap().1.replace("books.", "")
    /// # }
    ///
    /// assert_eq!(sql(Book::YEAR.between(1801, 1900)), "year >= ?1 AND year <= ?2");
    /// ```
    fn between(self, low: impl Operand<BaseOf<Self>>, high: impl Operand<BaseOf<Self>>) -> Expr<bool> {
        let node = self.into_node();
        Expr::new(Node::logical(
            LogicalOp::And,
            Node::compare(BinaryOp::Ge, node.clone(), low.into_operand()),
            Node::compare(BinaryOp::Le, node, high.into_operand()),
        ))
    }

    /// As [`between`](Self::between), whichever of both ends is the lower one.
    ///
    /// ```
    /// # use {aludel::doc::*, library::Book};
    /// assert_eq!(
    ///     on_sqlite(Book::YEAR.between_symmetric(1900, 1801)),
    ///     "year >= ?1 AND year <= ?2 OR year >= ?3 AND year <= ?4"
    /// );
    /// assert!(value(literal::<i32>(1815).between_symmetric(1900, 1801)));
    /// ```
    fn between_symmetric(
        self,
        one: impl Operand<BaseOf<Self>>,
        other: impl Operand<BaseOf<Self>>,
    ) -> Expr<bool> {
        let (node, one, other) = (self.into_node(), one.into_operand(), other.into_operand());
        let within = |low: &Node, high: &Node| {
            Node::logical(
                LogicalOp::And,
                Node::compare(BinaryOp::Ge, node.clone(), low.clone()),
                Node::compare(BinaryOp::Le, node.clone(), high.clone()),
            )
        };
        Expr::new(Node::logical(LogicalOp::Or, within(&one, &other), within(&other, &one)))
    }

    /// `self IS NULL`
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// assert_eq!(
    ///     sqlite(select(Profile::BIO).filter(Profile::USER_ID.is_null())),
    ///     "SELECT profiles.bio FROM profiles WHERE profiles.user_id IS NULL"
    /// );
    /// ```
    fn is_null(self) -> Expr<bool> {
        Expr::new(Node::Unary(UnaryOp::IsNull, Box::new(self.into_node())))
    }

    /// `self IS NOT NULL`
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// // An outer join has NULL in all columns of the rows that it did not find.
    /// let with_books = select(Author::NAME).distinct().outer_join(Author::BOOKS).filter(Book::ID.nullable().is_not_null());
    /// assert_eq!(
    ///     sqlite(with_books),
    ///     "SELECT DISTINCT authors.name FROM authors LEFT JOIN books ON authors.id = books.author_id \
    ///      WHERE books.id IS NOT NULL"
    /// );
    /// ```
    fn is_not_null(self) -> Expr<bool> {
        Expr::new(Node::Unary(UnaryOp::IsNotNull, Box::new(self.into_node())))
    }

    /// `self IN (…)`: one prepared statement for a list of any length. An empty list is FALSE.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: Expr<bool>) -> String {
    /// #     let (text, _) = select(Book::ID).filter(it).to_sql(&aludel_sqlite::SqliteDialect).unwrap();
    /// #     text.split_once("WHERE ").unwrap().1.replace("books.", "")
    /// # }
    ///
    /// // The list is one parameter; PostgreSQL has `= ANY($1)`.
    /// assert_eq!(sql(Book::ID.in_([3, 4, 5])), "id IN (SELECT value FROM json_each(?1))");
    /// assert_eq!(sql(Book::ID.in_(Vec::<i64>::new())), "1 = 0");
    /// ```
    ///
    /// The list may be a statement that selects one column:
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let old = select(Book::AUTHOR_ID).filter(Book::YEAR.lt(1900));
    /// assert_eq!(
    ///     sql(select(Author::NAME).filter(Author::ID.in_(old))),
    ///     "SELECT authors.name FROM authors \
    ///      WHERE authors.id IN (SELECT books.author_id FROM books WHERE books.year < ?1)"
    /// );
    /// ```
    fn in_(self, values: impl InOperand<BaseOf<Self>>) -> Expr<bool> {
        Expr::new(values.test(self.into_node(), false))
    }

    /// `self NOT IN (…)`. An empty list is TRUE.
    ///
    /// A statement must select values that cannot be NULL: with one NULL among them nothing would be true.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// assert_eq!(on_postgres(Book::YEAR.not_in([1815, 1922])), "year <> ALL($1)");
    /// assert_eq!(on_postgres(Book::YEAR.not_in(Vec::<i32>::new())), "1 = 1");
    ///
    /// let without_books = select(Author::NAME).filter(Author::ID.not_in(select(Book::AUTHOR_ID)));
    /// assert_eq!(
    ///     sqlite(without_books),
    ///     "SELECT authors.name FROM authors WHERE authors.id NOT IN (SELECT books.author_id FROM books)"
    /// );
    /// ```
    fn not_in(self, values: impl InOperand<BaseOf<Self>>) -> Expr<bool> {
        Expr::new(values.test(self.into_node(), true))
    }

    /// Gives the expression a name in the result, for ORDER BY ([`desc`](crate::desc), [`asc`](crate::asc)) and for rows read by
    /// name.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let by_length = select((Book::ID, func::length(Book::TITLE).label("length"))).order_by(desc("length"));
    /// assert_eq!(sql(by_length), "SELECT books.id, length(books.title) AS length FROM books ORDER BY length DESC");
    /// ```
    fn label(self, name: impl Into<Cow<'static, str>>) -> Labelled<Self::Type> {
        Labelled { expr: Expr::new(self.into_node()), name: name.into() }
    }

    /// The same expression, selected as an `Option`: for columns of the nullable side of an outer join.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// // Each row is `(String, Option<String>)`; without `nullable` the statement would not compile to SQL.
    /// let titles = select((Author::NAME, Book::TITLE.nullable())).outer_join(Author::BOOKS);
    /// assert_eq!(
    ///     sql(titles),
    ///     "SELECT authors.name, books.title FROM authors LEFT JOIN books ON authors.id = books.author_id"
    /// );
    /// ```
    fn nullable(self) -> Expr<Option<BaseOf<Self>>>
    where
        BaseOf<Self>: ColumnType<Base = BaseOf<Self>>,
    {
        Expr::new(self.into_node())
    }

    /// The value as another type: numbers, truth values, instants and dates as text, integers as floating point numbers and, without
    /// what is behind the point, back, instants as dates and dates as instants. Say `Option` where it may be NULL.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let label = Book::TITLE.concat(" of ").concat(Book::YEAR.cast::<String>());
    /// assert_eq!(
    ///     sql(select(label)),
    ///     "SELECT (books.title || ?1) || CAST(books.year AS TEXT) FROM books"
    /// );
    /// ```
    ///
    /// A cast that has not one meaning on every database (of a floating point number to text, of text to a number, to fewer bits) is an
    /// error when the statement is compiled.
    fn cast<T: ColumnType>(self) -> Expr<T> {
        let function = Function::Cast { from: <BaseOf<Self>>::SQL_TYPE, to: T::SQL_TYPE };
        Expr::new(Node::Call(Call::new(function, vec![self.into_node()])))
    }

    /// The integer that the text is, at most 18 digits and a sign; NULL where it is anything else.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// let year = Book::TITLE.try_cast_integer();
    /// assert!(sql(select(Book::ID).filter(year.eq(1984_i64))).ends_with("THEN CAST(books.title AS INTEGER) END = ?1"));
    /// ```
    fn try_cast_integer(self) -> Expr<Option<i64>>
    where
        Self::Type: ColumnType<Base = String>,
    {
        let function = Function::Scalar(Scalar::TryInteger);
        Expr::new(Node::Call(Call::new(function, vec![self.into_node()])))
    }

    /// The same SQL, taken as another type: how its values are read, and what it may be compared with. Whoever calls this answers for the
    /// type.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// use library::Book;
    ///
    /// #[derive(ColumnType, Clone, Debug, PartialEq)]
    /// struct Isbn(String);
    ///
    /// // What is stored is text; to the program it is the number of a book.
    /// let isbn = Book::TITLE.type_coerce::<Isbn>();
    /// assert_eq!(on_sqlite(isbn.clone().eq(Isbn("978-0141439587".into()))), "title = ?1");
    /// assert_eq!(sqlite(select(isbn)), "SELECT books.title FROM books"); // each is an `Isbn`
    /// ```
    ///
    /// A value of another type is [`literal::<T>(…)`](crate::literal); [`cast`](Self::cast) has the database convert it.
    fn type_coerce<T: ColumnType>(self) -> Expr<T> {
        Expr::new(self.into_node())
    }

    /// Any other operator, by the sign or the word that the database has for it; you say what it gives.
    ///
    /// ```
    /// # use {aludel::doc::*, library::Book};
    /// let alike = Book::TITLE.op::<f64>("<->", literal("War and Peace")); // of the extension `pg_trgm`
    /// assert_eq!(on_postgres(alike.lt(0.5)), "(title <-> $1) < $2");
    /// assert_eq!(on_mariadb(Book::TITLE.op::<bool>("SOUNDS LIKE", literal("Ema"))), "(title SOUNDS LIKE ?)");
    /// ```
    ///
    /// It is written as it is for every dialect: where they differ, [`func::custom`](crate::func::custom) has a form for each. Anything but signs
    /// and words (quotes, comments, parentheses) is an error when the statement is compiled.
    fn op<T: ColumnType>(self, operator: &'static str, other: impl Expression) -> Expr<T> {
        let function = Function::Operator(operator);
        Expr::new(Node::Call(Call::new(function, vec![self.into_node(), other.into_node()])))
    }

    /// Ascending order; NULL comes first, as `None` does in Rust.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// assert_eq!(sqlite(select(Book::ID).order_by(Book::TITLE.asc())), "SELECT books.id FROM books ORDER BY books.title");
    /// // PostgreSQL would have NULL at the end; it is told only where there can be any, as it costs an index.
    /// assert_eq!(
    ///     postgres(select(User::ID).order_by((User::NAME.asc(), User::EMAIL.asc()))),
    ///     "SELECT users.id FROM users ORDER BY users.name NULLS FIRST, users.email"
    /// );
    /// ```
    fn asc(self) -> OrderBy {
        OrderBy::typed::<Self::Type>(self.into_node(), Order::Ascending)
    }

    /// Descending order; NULL comes last.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: impl ToSql) -> String { it.to_sql(&aludel_sqlite::SqliteDialect).unwrap().0 }
    ///
    /// assert_eq!(sql(select(Book::ID).order_by(Book::YEAR.desc())), "SELECT books.id FROM books ORDER BY books.year DESC");
    /// ```
    fn desc(self) -> OrderBy {
        OrderBy::typed::<Self::Type>(self.into_node(), Order::Descending)
    }

    /// `self AND other`
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: Expr<bool>) -> String {
    /// #     let (text, _) = select(Book::ID).filter(it).to_sql(&aludel_sqlite::SqliteDialect).unwrap();
    /// #     text.split_once("WHERE ").unwrap().1.replace("books.", "")
    /// # }
    ///
    /// assert_eq!(sql(Book::YEAR.gt(1900).and(Book::TITLE.ne("Emma"))), "year > ?1 AND title <> ?2");
    /// assert_eq!(sql(Book::YEAR.gt(1900) & Book::TITLE.ne("Emma")), "year > ?1 AND title <> ?2");
    /// ```
    fn and(self, other: impl Operand<bool>) -> Expr<bool>
    where
        Self::Type: ColumnType<Base = bool>,
    {
        Expr::new(Node::logical(LogicalOp::And, self.into_node(), other.into_operand()))
    }

    /// `self OR other`
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: Expr<bool>) -> String {
    /// #     let (text, _) = select(Book::ID).filter(it).to_sql(&aludel_sqlite::SqliteDialect).unwrap();
    /// #     text.split_once("WHERE ").unwrap().1.replace("books.", "")
    /// # }
    ///
    /// let old_or_new = Book::YEAR.lt(1800).or(Book::YEAR.gt(2000));
    /// assert_eq!(sql(old_or_new.and(Book::ID.ne(1))), "(year < ?1 OR year > ?2) AND id <> ?3");
    /// ```
    fn or(self, other: impl Operand<bool>) -> Expr<bool>
    where
        Self::Type: ColumnType<Base = bool>,
    {
        Expr::new(Node::logical(LogicalOp::Or, self.into_node(), other.into_operand()))
    }

    /// Text that matches a pattern: `%` stands for any text, `_` for one character, case matters. Nothing escapes them: for text
    /// that people type use [`contains`](Self::contains).
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: Expr<bool>) -> String {
    /// #     let (text, _) = select(Book::ID).filter(it).to_sql(&aludel_sqlite::SqliteDialect).unwrap();
    /// #     text.split_once("WHERE ").unwrap().1.replace("books.", "")
    /// # }
    ///
    /// // SQLite's own LIKE does not mind case; PostgreSQL and MariaDB have LIKE.
    /// assert_eq!(sql(Book::TITLE.like("War %")), "title GLOB ?1");
    /// ```
    fn like(self, pattern: impl Operand<String>) -> Expr<bool>
    where
        Self::Type: ColumnType<Base = String>,
    {
        matches(MatchOp::Like, self, pattern)
    }

    /// As [`like`](Self::like), but case does not matter: for ASCII letters on every database, for others as far as the database
    /// goes.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// assert_eq!(on_postgres(Book::TITLE.ilike("war %")), "title ILIKE $1 ESCAPE '!'");
    /// assert_eq!(
    ///     on_mariadb(Book::TITLE.ilike("war %")),
    ///     "lower(title) COLLATE utf8mb4_nopad_bin LIKE lower(?) ESCAPE '!'"
    /// );
    /// // SQLite's own LIKE would fold ASCII letters only.
    /// assert_eq!(on_sqlite(Book::TITLE.ilike("war %")), "aludel_fold(title) GLOB ?1");
    /// assert!(value(literal::<String>("ÉMILE").ilike("é%")));
    /// ```
    fn ilike(self, pattern: impl Operand<String>) -> Expr<bool>
    where
        Self::Type: ColumnType<Base = String>,
    {
        matches(MatchOp::ILike, self, pattern)
    }

    /// Text in which a regular expression matches somewhere; `^` and `$` are its beginning and its end.
    ///
    /// The pattern is read by Aludel and written for the database, so that it means the same on each: characters, `.` (a line feed too),
    /// `[a-z]`, `[^a-z]`, `\d`, `\w`, `\s` (of ASCII), `(…)`, `|`, `*`, `+`, `?` and `{2,5}`. Case matters, unless `(?i)` stands at its
    /// beginning: then not that of ASCII letters. Whatever else there is somewhere (`\b`, back references, look-around) is refused. The
    /// pattern is bound, so it may come from a user.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: Expr<bool>) -> String {
    /// #     let (text, _) = select(Book::ID).filter(it).to_sql(&aludel_sqlite::SqliteDialect).unwrap();
    /// #     text.split_once("WHERE ").unwrap().1.replace("books.", "")
    /// # }
    ///
    /// // PostgreSQL: title ~ $1, MariaDB: title COLLATE utf8mb4_nopad_bin REGEXP ?
    /// assert_eq!(sql(Book::TITLE.regexp_match("^(War|Peace)")), "aludel_regexp(?1, title)");
    ///
    /// let wrong = select(Book::ID).filter(Book::TITLE.regexp_match("(War")).to_sql(&aludel_sqlite::SqliteDialect);
    /// assert_eq!(wrong.unwrap_err().kind(), ErrorKind::Validation);
    /// ```
    ///
    /// # Errors
    ///
    /// A pattern that is none is an error of kind `Validation` when the statement runs, before anything is sent.
    fn regexp_match(self, pattern: impl Into<String>) -> Expr<bool>
    where
        Self::Type: ColumnType<Base = String>,
    {
        matches(MatchOp::Regexp, self, pattern.into())
    }

    /// Text that contains this text, whatever characters are in it.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: Expr<bool>) -> String {
    /// #     let (text, _) = select(Book::ID).filter(it).to_sql(&aludel_sqlite::SqliteDialect).unwrap();
    /// #     text.split_once("WHERE ").unwrap().1.replace("books.", "")
    /// # }
    ///
    /// assert_eq!(sql(Book::TITLE.contains("100%")), "instr(title, ?1) > 0");
    /// ```
    fn contains(self, text: impl Operand<String>) -> Expr<bool>
    where
        Self::Type: ColumnType<Base = String>,
    {
        matches(MatchOp::Contains, self, text)
    }

    /// Text that starts with this text.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: Expr<bool>) -> String {
    /// #     let (text, _) = select(Book::ID).filter(it).to_sql(&aludel_sqlite::SqliteDialect).unwrap();
    /// #     text.split_once("WHERE ").unwrap().1.replace("books.", "")
    /// # }
    ///
    /// assert_eq!(sql(Book::TITLE.starts_with("The ")), "substr(title, 1, length(?1)) = ?1");
    /// ```
    fn starts_with(self, text: impl Operand<String>) -> Expr<bool>
    where
        Self::Type: ColumnType<Base = String>,
    {
        matches(MatchOp::StartsWith, self, text)
    }

    /// Text that ends with this text.
    ///
    /// ```
    /// # use {aludel::doc::*, library::{Author, Book}};
    /// assert_eq!(on_postgres(Book::TITLE.ends_with("_draft")), "right(title, char_length($1)) = $1");
    /// // Unlike in `like`, `_` and `%` are characters as any other.
    /// assert!(!value(literal::<String>("my draft").ends_with("_draft")));
    /// ```
    fn ends_with(self, text: impl Operand<String>) -> Expr<bool>
    where
        Self::Type: ColumnType<Base = String>,
    {
        matches(MatchOp::EndsWith, self, text)
    }

    /// As [`contains`](Self::contains), but case does not matter, as far as it does not in [`ilike`](Self::ilike).
    ///
    /// ```
    /// # use {aludel::doc::*, library::Book};
    /// assert_eq!(on_postgres(Book::TITLE.icontains("war")), "strpos(lower(title), lower($1)) > 0");
    /// assert!(value(literal("The War of the Worlds").icontains("WAR")));
    /// ```
    fn icontains(self, text: impl Operand<String>) -> Expr<bool>
    where
        Self::Type: ColumnType<Base = String>,
    {
        folded(MatchOp::Contains, self, text)
    }

    /// As [`starts_with`](Self::starts_with), but case does not matter, as far as it does not in [`ilike`](Self::ilike).
    ///
    /// ```
    /// # use {aludel::doc::*, library::Book};
    /// assert_eq!(
    ///     on_mariadb(Book::TITLE.istarts_with("the ")),
    ///     "left(lower(title), char_length(lower(?))) COLLATE utf8mb4_nopad_bin = lower(?)"
    /// );
    /// ```
    fn istarts_with(self, text: impl Operand<String>) -> Expr<bool>
    where
        Self::Type: ColumnType<Base = String>,
    {
        folded(MatchOp::StartsWith, self, text)
    }

    /// As [`ends_with`](Self::ends_with), but case does not matter, as far as it does not in [`ilike`](Self::ilike).
    ///
    /// ```
    /// # use aludel::doc::*;
    /// assert!(value(literal("cover.JPG").iends_with(".jpg")));
    /// assert!(!value(literal("cover.JPG").iends_with("_jpg")));
    /// ```
    fn iends_with(self, text: impl Operand<String>) -> Expr<bool>
    where
        Self::Type: ColumnType<Base = String>,
    {
        folded(MatchOp::EndsWith, self, text)
    }

    /// The same text, compared and ordered by another collation than that of its column.
    ///
    /// ```
    /// # use {aludel::doc::*, library::Book};
    /// use aludel::Collation;
    ///
    /// let by_title = select(Book::ID).order_by(Book::TITLE.collate(Collation::CodePoint));
    /// assert_eq!(sqlite(by_title.clone()), "SELECT books.id FROM books ORDER BY (books.title COLLATE BINARY)");
    /// assert_eq!(postgres(by_title), "SELECT books.id FROM books ORDER BY (books.title COLLATE \"C\")");
    ///
    /// // What all databases have in common is the order of code points; any other one has a name on each.
    /// const NO_CASE: Collation = Collation::Named(&[("sqlite", "NOCASE"), ("mysql", "utf8mb4_general_ci")]);
    /// assert!(value(literal("EMMA").collate(NO_CASE).eq("emma")));
    /// ```
    ///
    /// Of the two sides of a comparison one may be given a collation.
    fn collate(self, collation: Collation) -> Expr<Self::Type>
    where
        Self::Type: ColumnType<Base = String>,
    {
        let function = match collation {
            Collation::CodePoint => Function::Scalar(Scalar::ByCodePoint),
            Collation::Named(names) => Function::Collate(names),
        };
        Expr::new(Node::Call(Call::new(function, vec![self.into_node()])))
    }

    /// Text followed by other text; NULL if either is NULL.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// # fn sql(it: Expr<bool>) -> String {
    /// #     let (text, _) = select(Book::ID).filter(it).to_sql(&aludel_sqlite::SqliteDialect).unwrap();
    /// #     text.split_once("WHERE ").unwrap().1.replace("books.", "")
    /// # }
    ///
    /// // MariaDB has `concat(…)`: `||` means OR there.
    /// assert_eq!(sql(Book::TITLE.concat("!").eq("Emma!")), "(title || ?1) = ?2");
    /// ```
    fn concat(self, other: impl Operand<String>) -> Expr<Self::Type>
    where
        Self::Type: ColumnType<Base = String>,
    {
        Expr::new(Node::binary(BinaryOp::Concat, self.into_node(), other.into_operand()))
    }
}

fn compare(op: BinaryOp, left: impl Expression, right: Node) -> Expr<bool> {
    Expr::new(Node::compare(op, left.into_node(), right))
}

fn matches(op: MatchOp, text: impl Expression, pattern: impl Operand<String>) -> Expr<bool> {
    Expr::new(Node::text_match(op, text.into_node(), pattern.into_operand()))
}

/// A test of texts whose case does not matter.
fn folded(op: MatchOp, text: impl Expression, part: impl Operand<String>) -> Expr<bool> {
    let fold = |it| Node::Call(Call::new(Function::Scalar(Scalar::Fold), vec![it]));
    Expr::new(Node::text_match(op, fold(text.into_node()), fold(part.into_operand())))
}

/// An expression with a name in the result; see [`Expression::label`].
#[derive(Clone, Debug)]
#[must_use = "an expression does nothing until it is part of a statement"]
pub struct Labelled<T> {
    pub(crate) expr: Expr<T>,
    pub(crate) name: Cow<'static, str>,
}
