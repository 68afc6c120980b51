//! Constraints and indexes of a mapped table, as the derive describes them.

use super::{ReferentialAction, TableMeta};
use crate::order::Nulls;
use crate::schema::{Deferrable, DialectOptions, DialectOptionsMeta, IndexOf, IndexPart};

/// A unique constraint: `unique(owner_id, title)`.
#[derive(Clone, Copy, Debug)]
pub struct UniqueMeta {
    /// Its name; without one, convention gives it.
    pub name: Option<&'static str>,
    /// The indexes of its columns.
    pub columns: &'static [usize],
    /// When it is checked.
    pub deferrable: Deferrable,
    /// Whether two NULLs are equal, too.
    pub nulls_not_distinct: bool,
}

impl UniqueMeta {
    /// A unique constraint over the columns with these indexes.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel_sql::UniqueMeta;
    ///
    /// // `unique(title, author_id)`, as the derive describes it.
    /// const TITLE: UniqueMeta = UniqueMeta::new(&[Book::TITLE.index(), Book::AUTHOR_ID.index()]);
    /// assert_eq!((TITLE.name, TITLE.columns), (None, &[1, 3][..]));
    /// ```
    #[must_use]
    pub const fn new(columns: &'static [usize]) -> Self {
        Self { name: None, columns, deferrable: Deferrable::No, nulls_not_distinct: false }
    }
}

/// An index: `index(owner_id, created_at.desc(), where = "archived = FALSE")`.
#[derive(Clone, Copy, Debug)]
pub struct IndexMeta {
    /// Its name; without one, convention gives it.
    pub name: Option<&'static str>,
    /// What it orders rows by.
    pub parts: &'static [IndexPartMeta],
    /// Whether two rows may not be equal in it.
    pub unique: bool,
    /// Whether two NULLs are equal, too.
    pub nulls_not_distinct: bool,
    /// The condition of the rows that are in it.
    pub condition: Option<&'static str>,
    /// The indexes of the columns that are kept in it without ordering it.
    pub include: &'static [usize],
    /// What only one database understands.
    pub options: DialectOptionsMeta,
}

impl IndexMeta {
    /// An index on these parts.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel_sql::{IndexMeta, IndexOfMeta, IndexPartMeta};
    ///
    /// // `index(year.desc())`
    /// const PARTS: &[IndexPartMeta] = &[IndexPartMeta {
    ///     descending: true,
    ///     ..IndexPartMeta::new(IndexOfMeta::Column(Book::YEAR.index()))
    /// }];
    /// const YEAR: IndexMeta = IndexMeta::new(PARTS);
    /// assert!(!YEAR.unique && YEAR.parts[0].descending);
    /// ```
    #[must_use]
    pub const fn new(parts: &'static [IndexPartMeta]) -> Self {
        Self {
            name: None,
            parts,
            unique: false,
            nulls_not_distinct: false,
            condition: None,
            include: &[],
            options: &[],
        }
    }
}

/// One part of what an index orders rows by.
#[derive(Clone, Copy, Debug)]
pub struct IndexPartMeta {
    /// The index of a column, or an expression in SQL.
    pub of: IndexOfMeta,
    /// Whether greater values come first.
    pub descending: bool,
    /// Where NULL comes, if it was said.
    pub nulls: Option<Nulls>,
    /// The collation, if not that of the column.
    pub collation: Option<&'static str>,
    /// What only one database understands.
    pub options: DialectOptionsMeta,
}

/// What a part of an index is made of.
#[derive(Clone, Copy, Debug)]
pub enum IndexOfMeta {
    /// The index of a column.
    Column(usize),
    /// SQL.
    Expression(&'static str),
}

impl IndexPartMeta {
    /// A column or an expression, ascending.
    ///
    /// ```
    /// use aludel_sql::{IndexOfMeta, IndexPartMeta};
    ///
    /// // `index(expr("lower(title)"))`
    /// const TITLE: IndexPartMeta = IndexPartMeta::new(IndexOfMeta::Expression("lower(title)"));
    /// assert!(!TITLE.descending && TITLE.collation.is_none());
    /// ```
    #[must_use]
    pub const fn new(of: IndexOfMeta) -> Self {
        Self { of, descending: false, nulls: None, collation: None, options: &[] }
    }

    pub(crate) fn to_part(self, table: &TableMeta) -> IndexPart {
        IndexPart {
            of: match self.of {
                IndexOfMeta::Column(at) => IndexOf::Column(table.columns[at].name.to_owned()),
                IndexOfMeta::Expression(sql) => IndexOf::Expression(sql.to_owned()),
            },
            descending: self.descending,
            nulls: self.nulls,
            collation: self.collation.map(str::to_owned),
            options: DialectOptions::of(self.options),
        }
    }
}

/// A foreign key over several columns: `foreign_key((order_no, number) => (Line::ORDER_NO, Line::NUMBER))`.
#[derive(Clone, Copy)]
pub struct TableForeignKeyMeta {
    /// Its name; without one, convention gives it.
    pub name: Option<&'static str>,
    /// The indexes of the columns of this table.
    pub columns: &'static [usize],
    /// The table referred to. A function, so that two tables may refer to each other.
    pub table: fn() -> &'static TableMeta,
    /// The indexes of the columns referred to.
    pub parent_columns: &'static [usize],
    /// What happens here when the row there is deleted.
    pub on_delete: ReferentialAction,
    /// What happens here when the key there changes.
    pub on_update: ReferentialAction,
    /// When it is checked.
    pub deferrable: Deferrable,
    /// Whether a key is all NULL or not at all.
    pub match_full: bool,
}

impl TableForeignKeyMeta {
    /// A foreign key from the columns with these indexes to those of another table.
    ///
    /// ```
    /// # use library::{Author, Book};
    /// use aludel::Mapped;
    /// use aludel_sql::{ReferentialAction, TableForeignKeyMeta};
    ///
    /// const AUTHOR: TableForeignKeyMeta = TableForeignKeyMeta {
    ///     on_delete: ReferentialAction::Cascade,
    ///     ..TableForeignKeyMeta::new(&[Book::AUTHOR_ID.index()], || Author::TABLE, &[Author::ID.index()])
    /// };
    /// assert_eq!((AUTHOR.table)().name, "authors");
    /// ```
    #[must_use]
    pub const fn new(
        columns: &'static [usize],
        table: fn() -> &'static TableMeta,
        parent_columns: &'static [usize],
    ) -> Self {
        Self {
            name: None,
            columns,
            table,
            parent_columns,
            on_delete: ReferentialAction::NoAction,
            on_update: ReferentialAction::NoAction,
            deferrable: Deferrable::No,
            match_full: false,
        }
    }
}

impl std::fmt::Debug for TableForeignKeyMeta {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} -> {}", self.columns, (self.table)().name)
    }
}
