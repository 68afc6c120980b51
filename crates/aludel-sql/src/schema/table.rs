//! Tables.

use super::column::ColumnDef;
use super::constraint::{Check, Exclude, ForeignKey, Key, Unique};
use super::dialect_options::DialectOptions;
use super::index::{Index, IndexPart};
use super::naming_convention::NamingConvention;
use crate::identifier::write_identifier;
use crate::mapping::{ColumnMeta, ForeignKeyMeta, IndexMeta, TableMeta, UniqueMeta};

/// A table.
///
/// ```
/// # use library::Book;
/// let books = Book::table();
/// assert_eq!(books.primary_key.columns, ["id"]);
/// assert_eq!(books.foreign_keys[0].name, "fk_books_author_id_authors");
/// assert!(!books.column("title").unwrap().nullable);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// The schema it is in, if not the default one.
    pub schema: Option<String>,
    /// Its columns, in order.
    pub columns: Vec<ColumnDef>,
    /// Its primary key.
    pub primary_key: Key,
    /// Its unique constraints.
    pub uniques: Vec<Unique>,
    /// Its foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// Its CHECK constraints.
    pub checks: Vec<Check>,
    /// Its exclusion constraints.
    pub excludes: Vec<Exclude>,
    /// Its indexes.
    pub indexes: Vec<Index>,
    /// Its comment.
    pub comment: Option<String>,
    /// What only one database understands: `sqlite(strict)`, `mysql(engine = "InnoDB")`.
    pub options: DialectOptions,
    /// The name that it had before, as a model tells it to migrations. No state of a database has it.
    pub renamed_from: Option<String>,
}

impl Table {
    /// A table without columns yet, its primary key named by convention.
    ///
    /// ```
    /// use aludel::SqlType;
    /// use aludel::schema::{ColumnDef, Table};
    ///
    /// let mut table = Table::new("logs");
    /// table.columns.push(ColumnDef::new("id", SqlType::BigInt));
    /// table.primary_key.columns = vec!["id".into()];
    /// assert_eq!(table.primary_key.name, "pk_logs");
    /// ```
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            primary_key: Key {
                name: NamingConvention::default().primary_key(&name, &[]),
                columns: Vec::new(),
            },
            name,
            schema: None,
            columns: Vec::new(),
            uniques: Vec::new(),
            foreign_keys: Vec::new(),
            checks: Vec::new(),
            excludes: Vec::new(),
            indexes: Vec::new(),
            comment: None,
            options: DialectOptions::default(),
            renamed_from: None,
        }
    }

    /// Makes the table that a mapping describes, with names by the default [`NamingConvention`].
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::Mapped;
    /// use aludel::schema::Table;
    ///
    /// assert_eq!(Table::of(Book::TABLE), Book::table());
    /// ```
    #[must_use]
    pub fn of(meta: &TableMeta) -> Self {
        Self::named(meta, &NamingConvention::default())
    }

    /// Makes the table that a mapping describes, with names by a convention where it was given none.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::Mapped;
    /// use aludel::schema::{NamingConvention, Table};
    ///
    /// let convention = NamingConvention::new([("fk", "%(table_name)s_%(column_0_name)s_fkey")])?;
    /// let books = Table::named(Book::TABLE, &convention);
    /// assert_eq!(books.foreign_keys[0].name, "books_author_id_fkey");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn named(meta: &TableMeta, convention: &NamingConvention) -> Self {
        let primary_key: Vec<_> = meta.primary_key().collect();
        let primary_key = names(meta, &primary_key);
        Self {
            name: meta.name.to_owned(),
            schema: meta.schema.map(str::to_owned),
            columns: meta.columns.iter().map(ColumnDef::of).collect(),
            primary_key: Key { name: convention.primary_key(meta.name, &primary_key), columns: primary_key },
            uniques: uniques(meta, convention),
            foreign_keys: foreign_keys(meta, convention),
            checks: checks(meta, convention),
            excludes: meta
                .excludes
                .iter()
                .map(|(name, definition)| Exclude {
                    name: (*name).to_owned(),
                    definition: (*definition).to_owned(),
                })
                .collect(),
            indexes: indexes(meta, convention),
            comment: meta.comment.map(str::to_owned),
            options: DialectOptions::of(meta.options),
            renamed_from: meta.renamed_from.map(str::to_owned),
        }
    }

    /// Returns a column by name.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::SqlType;
    ///
    /// let books = Book::table();
    /// assert_eq!(books.column("title").unwrap().sql_type, SqlType::Varchar(200));
    /// assert_eq!(books.column("isbn"), None);
    /// ```
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnDef> {
        self.columns.iter().find(|it| it.name == name)
    }

    /// Tells whether a column is part of a key, a unique constraint, an index or a foreign key.
    ///
    /// ```
    /// # use library::Book;
    /// // MariaDB and MySQL give such a column a type that they can index.
    /// let books = Book::table();
    /// assert!(books.is_key_column("id") && books.is_key_column("author_id"));
    /// assert!(!books.is_key_column("title"));
    /// ```
    #[must_use]
    pub fn is_key_column(&self, name: &str) -> bool {
        let keys = std::iter::once(&self.primary_key.columns)
            .chain(self.uniques.iter().map(|it| &it.columns))
            .chain(self.foreign_keys.iter().map(|it| &it.columns));
        keys.into_iter().any(|columns| columns.iter().any(|it| it == name))
            || self.indexes.iter().any(|index| index.columns().any(|it| it == name))
    }

    /// Gives the constraints and indexes that have the names of one version of this table those of another, which differs in names only.
    pub(super) fn rename_constraints(&mut self, from: &Self, to: &Self) {
        fn rename<'a, T: 'a>(
            of: impl Iterator<Item = &'a mut String>,
            from: &'a [T],
            to: &'a [T],
            name: fn(&'a T) -> &'a String,
        ) {
            for slot in of {
                if let Some(at) = from.iter().position(|it| name(it) == slot) {
                    slot.clone_from(name(&to[at]));
                }
            }
        }
        if self.primary_key.name == from.primary_key.name {
            self.primary_key.name.clone_from(&to.primary_key.name);
        }
        rename(self.uniques.iter_mut().map(|it| &mut it.name), &from.uniques, &to.uniques, |it| &it.name);
        rename(
            self.foreign_keys.iter_mut().map(|it| &mut it.name),
            &from.foreign_keys,
            &to.foreign_keys,
            |it| &it.name,
        );
        rename(self.checks.iter_mut().map(|it| &mut it.name), &from.checks, &to.checks, |it| &it.name);
        rename(self.indexes.iter_mut().map(|it| &mut it.name), &from.indexes, &to.indexes, |it| &it.name);
    }
}

fn names(meta: &TableMeta, columns: &[usize]) -> Vec<String> {
    columns.iter().map(|it| meta.columns[*it].name.to_owned()).collect()
}

/// Returns the columns that a flag is set for, each a list of its own.
fn flagged(meta: &TableMeta, flag: fn(&ColumnMeta) -> bool) -> impl Iterator<Item = Vec<String>> {
    meta.columns.iter().filter(move |it| flag(it)).map(|it| vec![it.name.to_owned()])
}

fn uniques(meta: &TableMeta, convention: &NamingConvention) -> Vec<Unique> {
    let of_columns = flagged(meta, |it| it.unique).map(|columns| Unique { columns, ..Unique::default() });
    let of_table = meta.uniques.iter().map(|it: &UniqueMeta| Unique {
        name: it.name.unwrap_or_default().to_owned(),
        columns: names(meta, it.columns),
        deferrable: it.deferrable,
        nulls_not_distinct: it.nulls_not_distinct,
    });
    let mut uniques: Vec<_> = of_columns.chain(of_table).collect();
    for unique in uniques.iter_mut().filter(|it| it.name.is_empty()) {
        unique.name = convention.unique(meta.name, &unique.columns);
    }
    uniques
}

fn checks(meta: &TableMeta, convention: &NamingConvention) -> Vec<Check> {
    let of_columns = meta.columns.iter().filter_map(|it| it.check.map(|condition| (it.name, condition)));
    let all = of_columns.chain(meta.checks.iter().copied()).enumerate();
    let given = all.map(|(at, (name, condition))| {
        let number = (at + 1).to_string();
        Check::new(convention.check(meta.name, if name.is_empty() { &number } else { name }), condition)
    });
    given.chain(meta.columns.iter().filter_map(|it| choices(meta, it, convention))).collect()
}

/// Makes the CHECK that keeps a column to the values that its type has.
fn choices(meta: &TableMeta, column: &ColumnMeta, convention: &NamingConvention) -> Option<Check> {
    let mut name = String::new();
    // In the SQL of a schema, names are quoted as the standard says, whatever the database.
    write_identifier(&mut name, column.name, '"').ok()?;
    let condition = column.choices.condition(&name)?;
    Some(Check::new(convention.check(meta.name, &format!("{}_values", column.name)), condition))
}

fn indexes(meta: &TableMeta, convention: &NamingConvention) -> Vec<Index> {
    let of_columns = flagged(meta, |it| it.index).map(|columns| Index::on("", columns));
    let of_table = meta.indexes.iter().map(|it: &IndexMeta| Index {
        name: it.name.unwrap_or_default().to_owned(),
        parts: it.parts.iter().map(|part| part.to_part(meta)).collect::<Vec<IndexPart>>(),
        unique: it.unique,
        nulls_not_distinct: it.nulls_not_distinct,
        condition: it.condition.map(str::to_owned),
        include: names(meta, it.include),
        options: DialectOptions::of(it.options),
        invalid: false,
    });
    let mut indexes: Vec<_> = of_columns.chain(of_table).collect();
    for index in indexes.iter_mut().filter(|it| it.name.is_empty()) {
        let columns: Vec<_> = index.columns().map(str::to_owned).collect();
        index.name = convention.index(meta.name, &columns);
    }
    indexes
}

fn foreign_keys(meta: &TableMeta, convention: &NamingConvention) -> Vec<ForeignKey> {
    let of_columns =
        meta.columns.iter().filter_map(|it| ForeignKey::of(meta, it, it.foreign_key.as_ref()?, convention));
    let of_table = meta.foreign_keys.iter().map(|it| {
        let parent = (it.table)();
        let (columns, parent_columns) = (names(meta, it.columns), names(parent, it.parent_columns));
        ForeignKey {
            name: it.name.map_or_else(
                || convention.foreign_key(meta.name, &columns, (parent.name, &parent_columns)),
                str::to_owned,
            ),
            columns,
            parent: parent.name.to_owned(),
            parent_schema: parent.schema.map(str::to_owned),
            parent_columns,
            on_delete: it.on_delete,
            on_update: it.on_update,
            deferrable: it.deferrable,
            match_full: it.match_full,
            ..ForeignKey::default()
        }
    });
    of_columns.chain(of_table).collect()
}

impl ForeignKey {
    fn of(
        table: &TableMeta,
        column: &ColumnMeta,
        reference: &ForeignKeyMeta,
        convention: &NamingConvention,
    ) -> Option<Self> {
        let parent = (reference.table)();
        let columns = vec![column.name.to_owned()];
        let parent_columns = vec![parent.columns.get(reference.column)?.name.to_owned()];
        Some(Self {
            name: convention.foreign_key(table.name, &columns, (parent.name, &parent_columns)),
            columns,
            parent: parent.name.to_owned(),
            parent_schema: parent.schema.map(str::to_owned),
            parent_columns,
            on_delete: reference.on_delete,
            on_update: reference.on_update,
            deferrable: reference.deferrable,
            ..Self::default()
        })
    }
}

/// Returns the name that convention gives to the foreign key of a column.
///
/// ```
/// # use library::{Author, Book};
/// use aludel::Mapped;
/// use aludel::schema::foreign_key_name;
///
/// let author_id = Book::AUTHOR_ID.meta();
/// assert_eq!(foreign_key_name(Book::TABLE, author_id, Author::TABLE), "fk_books_author_id_authors");
/// ```
#[must_use]
pub fn foreign_key_name(table: &TableMeta, column: &ColumnMeta, parent: &TableMeta) -> String {
    NamingConvention::default().foreign_key(table.name, &[column.name.to_owned()], (parent.name, &[]))
}
