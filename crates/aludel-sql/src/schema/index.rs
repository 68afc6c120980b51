//! Indexes.

use super::dialect_options::DialectOptions;
use crate::order::Nulls;

/// An index.
///
/// ```
/// use aludel::schema::Index;
///
/// let index = Index::on("ix_users_email", ["email"]);
/// assert_eq!(index.parts[0].column(), Some("email"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// What it orders rows by.
    pub parts: Vec<IndexPart>,
    /// Whether two rows may not be equal in it.
    pub unique: bool,
    /// Whether two NULLs are equal, too, where it is unique.
    pub nulls_not_distinct: bool,
    /// The condition, in SQL, of the rows that are in it: a partial index.
    pub condition: Option<String>,
    /// Columns that are kept in it without ordering it (`INCLUDE` of PostgreSQL). Other databases leave them out: the index finds the same
    /// rows.
    pub include: Vec<String>,
    /// What only one database understands: `postgres(using = "gin")`.
    pub options: DialectOptions,
    /// Whether building it failed, so that the database does not use it. Only inspectors say so.
    pub invalid: bool,
}

/// One part of what an index orders rows by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexPart {
    /// A column or an expression.
    pub of: IndexOf,
    /// Whether greater values come first.
    pub descending: bool,
    /// Where NULL comes, if not where the database puts it by itself.
    pub nulls: Option<Nulls>,
    /// The collation that it compares by, if not that of the column.
    pub collation: Option<String>,
    /// What only one database understands: `postgres(ops = "jsonb_path_ops")`, `mysql(length = 10)`.
    pub options: DialectOptions,
}

/// What a part of an index is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexOf {
    /// A column, by name.
    Column(String),
    /// An expression, in SQL.
    Expression(String),
}

impl Index {
    /// An index on columns.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::schema::Index;
    ///
    /// let mut books = Book::table();
    /// books.indexes.push(Index { unique: true, ..Index::on("ix_books_title_year", ["title", "year"]) });
    /// assert!(books.is_key_column("year"));
    /// ```
    #[must_use]
    pub fn on<C: Into<String>>(name: impl Into<String>, columns: impl IntoIterator<Item = C>) -> Self {
        Self {
            name: name.into(),
            parts: columns.into_iter().map(|it| IndexPart::new(IndexOf::Column(it.into()))).collect(),
            ..Self::default()
        }
    }

    /// Returns the columns that it orders rows by; expressions are left out.
    ///
    /// ```
    /// use aludel::schema::{Index, IndexOf, IndexPart};
    ///
    /// let mut index = Index::on("ix_books", ["author_id"]);
    /// index.parts.push(IndexPart::new(IndexOf::Expression("lower(title)".into())));
    /// assert_eq!(index.columns().collect::<Vec<_>>(), ["author_id"]);
    /// ```
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(IndexPart::column)
    }
}

impl IndexPart {
    /// Ascending, and with nothing special.
    ///
    /// ```
    /// use aludel::schema::{IndexOf, IndexPart};
    ///
    /// let newest = IndexPart { descending: true, ..IndexPart::new(IndexOf::Column("year".into())) };
    /// assert!(newest.nulls.is_none() && newest.collation.is_none());
    /// ```
    #[must_use]
    pub fn new(of: IndexOf) -> Self {
        Self { of, descending: false, nulls: None, collation: None, options: DialectOptions::default() }
    }

    /// Returns the column, if it is one.
    ///
    /// ```
    /// use aludel::schema::{IndexOf, IndexPart};
    ///
    /// assert_eq!(IndexPart::new(IndexOf::Column("year".into())).column(), Some("year"));
    /// assert_eq!(IndexPart::new(IndexOf::Expression("lower(title)".into())).column(), None);
    /// ```
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        match &self.of {
            IndexOf::Column(name) => Some(name),
            IndexOf::Expression(_) => None,
        }
    }

    /// Returns the expression, if it is one.
    ///
    /// ```
    /// use aludel::schema::{IndexOf, IndexPart};
    ///
    /// let part = IndexPart::new(IndexOf::Expression("lower(title)".into()));
    /// assert_eq!(part.expression().unwrap(), "lower(title)");
    /// ```
    #[must_use]
    pub fn expression(&self) -> Option<&String> {
        match &self.of {
            IndexOf::Column(_) => None,
            IndexOf::Expression(sql) => Some(sql),
        }
    }
}
