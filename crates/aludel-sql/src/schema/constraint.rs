//! Constraints: keys, foreign keys, checks, exclusions.

use crate::mapping::ReferentialAction;

/// A primary key: a named list of columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Key {
    /// Its name.
    pub name: String,
    /// The names of its columns, in order.
    pub columns: Vec<String>,
}

/// A unique constraint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unique {
    /// Its name.
    pub name: String,
    /// The names of its columns, in order.
    pub columns: Vec<String>,
    /// When it is checked. Only PostgreSQL can put it off.
    pub deferrable: Deferrable,
    /// Whether two NULLs are equal, too. PostgreSQL only.
    pub nulls_not_distinct: bool,
}

/// A foreign key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForeignKey {
    /// Its name.
    pub name: String,
    /// The columns of this table.
    pub columns: Vec<String>,
    /// The table referred to.
    pub parent: String,
    /// The schema of that table, if not the default one.
    pub parent_schema: Option<String>,
    /// The columns referred to.
    pub parent_columns: Vec<String>,
    /// What happens here when a row there is deleted.
    pub on_delete: ReferentialAction,
    /// The columns that `on_delete` sets to NULL or their default, if not all. PostgreSQL only.
    pub on_delete_columns: Vec<String>,
    /// What happens here when a key there changes.
    pub on_update: ReferentialAction,
    /// When it is checked.
    pub deferrable: Deferrable,
    /// Whether a key is all NULL or not at all (`MATCH FULL`). PostgreSQL only.
    pub match_full: bool,
    /// Whether rows that were there before it are yet to be checked (`NOT VALID` of PostgreSQL). No model has it.
    pub not_valid: bool,
}

/// A CHECK constraint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// The condition, in SQL.
    pub condition: String,
    /// Whether rows that were there before it are yet to be checked (`NOT VALID` of PostgreSQL). No model has it.
    pub not_valid: bool,
}

/// An exclusion constraint: no two rows may be related in this way. PostgreSQL only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exclude {
    /// Its name.
    pub name: String,
    /// What stands behind EXCLUDE, in SQL: `USING gist (room WITH =, during WITH &&)`.
    pub definition: String,
}

/// When a constraint is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Deferrable {
    /// At the end of each statement, always.
    #[default]
    No,
    /// At the end of each statement, unless a transaction defers it (`DEFERRABLE INITIALLY IMMEDIATE`).
    Immediate,
    /// When the transaction commits (`DEFERRABLE INITIALLY DEFERRED`).
    Deferred,
}

impl Deferrable {
    /// Returns the words of SQL, with a space before them.
    ///
    /// ```
    /// use aludel::schema::Deferrable;
    ///
    /// assert_eq!(Deferrable::No.sql(), "");
    /// assert_eq!(Deferrable::Deferred.sql(), " DEFERRABLE INITIALLY DEFERRED");
    /// ```
    #[must_use]
    pub const fn sql(self) -> &'static str {
        match self {
            Self::No => "",
            Self::Immediate => " DEFERRABLE",
            Self::Deferred => " DEFERRABLE INITIALLY DEFERRED",
        }
    }
}

impl Unique {
    /// A unique constraint over columns.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::schema::Unique;
    ///
    /// let mut books = Book::table();
    /// books.uniques.push(Unique::over("uq_books_title_author_id", ["title", "author_id"]));
    /// assert_eq!(books.uniques[0].columns, ["title", "author_id"]);
    /// ```
    #[must_use]
    pub fn over<C: Into<String>>(name: impl Into<String>, columns: impl IntoIterator<Item = C>) -> Self {
        Self { name: name.into(), columns: columns.into_iter().map(Into::into).collect(), ..Self::default() }
    }
}

impl Check {
    /// A condition, in SQL.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::schema::Check;
    ///
    /// let mut books = Book::table();
    /// books.checks.push(Check::new("ck_books_year", "year > 1450"));
    /// assert_eq!(books.checks[0].condition, "year > 1450");
    /// ```
    #[must_use]
    pub fn new(name: impl Into<String>, condition: impl Into<String>) -> Self {
        Self { name: name.into(), condition: condition.into(), not_valid: false }
    }
}
