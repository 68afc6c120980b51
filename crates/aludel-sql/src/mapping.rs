//! What the derive says about a struct that is mapped to a table: constants, and four functions.

mod association;
mod cascade;
mod column_set;
mod constraint;
mod fields;
mod linked;
mod relation;
mod unique_key;

pub use association::{Association, Secondary};
pub use cascade::Cascade;
pub use column_set::{ColumnSet, MAX_COLUMNS};
pub use constraint::{IndexMeta, IndexOfMeta, IndexPartMeta, TableForeignKeyMeta, UniqueMeta};
pub use fields::Fields;
pub(crate) use linked::linked_tables;
pub use linked::{LinkedTable, is_referred_to};
pub use relation::{
    Link, LoadStrategy, Many, One, Relation, RelationKind, RelationMeta, Through, ToMany, ToOne,
};
pub use unique_key::UniqueKey;

use std::time::SystemTime;

use crate::column_type::{Choices, ColumnType, Mismatch};
use crate::error::{Error, ErrorKind};
use crate::schema::{Computed, Ddl, Deferrable, DialectOptionsMeta, DomainMeta, IdentityMeta};
use crate::sql_type::SqlType;
use crate::value::{Bind, Value, ValueRef};

/// A struct whose fields are the columns of a table. Derived by `#[derive(Entity)]`.
pub trait Mapped: Sized + Send + Sync + 'static {
    /// The table, its columns in the order of the fields.
    const TABLE: &'static TableMeta;

    /// Makes an object, asking `reader` for each field in order.
    ///
    /// One function serves four readers: a row of a result, the blank object of a builder, the copy that is kept at the first
    /// write, and a refresh.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// use aludel::{Mapped, ValueRef};
    /// use aludel_sql::Cells;
    ///
    /// let cells = [ValueRef::Int(1), ValueRef::Text("sam@example.org"), ValueRef::Null];
    /// let sam = User::read(&mut Cells::new(User::TABLE, &cells))?;
    /// assert_eq!((sam.email.as_str(), sam.name), ("sam@example.org", None));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Whatever the reader finds wrong.
    // Into whatever reads rows of the entity, with `make`: an object that is made elsewhere is copied to its place from memory that was only
    // just written.
    #[inline(always)]
    fn read<R: Reader>(reader: &mut R) -> Result<Self, R::Error> {
        let mut fields = Fields::of(reader);
        let object = Self::make(&mut fields);
        fields.finish(object)
    }

    /// Makes an object of fields; placeholders are where one cannot be read. For [`read`](Self::read).
    #[doc(hidden)]
    fn make<R: Reader>(fields: &mut Fields<'_, R>) -> Self;

    /// Returns the field of a column, by its index in [`Mapped::TABLE`].
    ///
    /// ```
    /// # use aludel::doc::*;
    /// use aludel::{Mapped, ValueRef};
    /// use aludel_sql::Cells;
    ///
    /// # let cells = [ValueRef::Int(1), ValueRef::Text("sam@example.org"), ValueRef::Null];
    /// # let sam = User::read(&mut Cells::new(User::TABLE, &cells))?;
    /// // What a flush sends of an object, whatever its type.
    /// assert_eq!(sam.field(User::EMAIL.index()).encode().as_ref(), ValueRef::Text("sam@example.org"));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if there is no such column.
    fn field(&self, column: usize) -> &dyn Field;

    /// Returns the field of a column, to be written.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// use aludel::{Mapped, ValueRef};
    /// use aludel_sql::Cells;
    ///
    /// # let cells = [ValueRef::Int(1), ValueRef::Text("sam@example.org"), ValueRef::Null];
    /// # let mut sam = User::read(&mut Cells::new(User::TABLE, &cells))?;
    /// // A key that the database generated.
    /// sam.field_mut(User::ID.index()).assign(ValueRef::Int(7)).unwrap();
    /// assert_eq!(sam.id, 7);
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if there is no such column.
    fn field_mut(&mut self, column: usize) -> &mut dyn Field;
}

/// Gives the fields of an object, in order.
pub trait Reader {
    /// What can be wrong with a field.
    type Error;

    /// Gives the field of a column.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// use aludel::{ColumnType, Mapped};
    /// use aludel_sql::Reader;
    ///
    /// /// Makes objects whose fields are all unset.
    /// struct Blank;
    ///
    /// impl Reader for Blank {
    ///     type Error = std::convert::Infallible;
    ///
    ///     fn column<T: ColumnType>(&mut self, _: usize) -> Result<T, Self::Error> {
    ///         Ok(T::unset())
    ///     }
    /// }
    /// assert_eq!(User::read(&mut Blank).unwrap().email, "");
    /// ```
    ///
    /// # Errors
    ///
    /// Whatever is wrong with it.
    fn column<T: ColumnType>(&mut self, index: usize) -> Result<T, Self::Error>;

    /// Gives a relationship field; it holds no value of the row.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// use aludel::{Mapped, ValueRef};
    /// use aludel_sql::Cells;
    ///
    /// # let cells = [ValueRef::Int(1), ValueRef::Text("sam@example.org"), ValueRef::Null];
    /// // The relations of a struct take no cells: `User` has five fields, and three columns.
    /// let sam = User::read(&mut Cells::new(User::TABLE, &cells))?;
    /// assert_eq!((User::TABLE.columns.len(), User::TABLE.relations.len()), (3, 2));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    fn relation<R: Default>(&mut self) -> R {
        R::default()
    }
}

/// A field of a column, whatever its type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type a column can have",
    label = "not a column type",
    note = "implement `aludel::ColumnType` for it, or use `bool`, an integer, `String`, `Vec<u8>`, a date type, or an `Option` of one"
)]
pub trait Field: Send + Sync {
    /// Returns the value as it is sent.
    ///
    /// ```
    /// use aludel::ValueRef;
    /// use aludel_sql::Field;
    ///
    /// let year: &dyn Field = &1815_i32;
    /// assert_eq!(year.encode().as_ref(), ValueRef::Int(1815));
    /// ```
    fn encode(&self) -> Bind<'_>;

    /// Takes the value of a cell.
    ///
    /// ```
    /// use aludel::ValueRef;
    /// use aludel_sql::Field;
    ///
    /// let mut year = 1815_i32;
    /// let field: &mut dyn Field = &mut year;
    /// assert!(field.assign(ValueRef::Text("soon")).is_err());
    /// field.assign(ValueRef::Int(1817)).unwrap();
    /// assert_eq!(year, 1817);
    /// ```
    ///
    /// # Errors
    ///
    /// [`Mismatch`] where the cell holds something else; the field keeps its value.
    fn assign(&mut self, cell: ValueRef<'_>) -> Result<(), Mismatch>;

    /// Tells whether another field of the same column is sent as the same value.
    ///
    /// ```
    /// use aludel_sql::Field;
    ///
    /// // What is sent is compared: NaN has not changed where it was NaN before.
    /// let (before, now): (&dyn Field, &dyn Field) = (&f64::NAN, &f64::NAN);
    /// assert!(before.same(now));
    /// assert!(!before.same(&1.5_f64));
    /// ```
    fn same(&self, other: &dyn Field) -> bool;

    /// Puts the value of another field of the same column into this one.
    ///
    /// ```
    /// use aludel_sql::Field;
    ///
    /// let mut title = "Emma".to_owned();
    /// Field::copy_from(&mut title, &"Persuasion".to_owned());
    /// assert_eq!(title, "Persuasion");
    /// ```
    fn copy_from(&mut self, other: &dyn Field);

    /// Returns the field for a downcast.
    ///
    /// ```
    /// use aludel_sql::Field;
    ///
    /// let year: &dyn Field = &1815_i32;
    /// assert_eq!(year.as_any().downcast_ref::<i32>(), Some(&1815));
    /// ```
    fn as_any(&self) -> &dyn std::any::Any;

    /// Returns the field, to be written, for a downcast.
    ///
    /// ```
    /// use aludel_sql::Field;
    ///
    /// let mut year = 1815_i32;
    /// let field: &mut dyn Field = &mut year;
    /// *field.as_any_mut().downcast_mut::<i32>().unwrap() += 2;
    /// assert_eq!(year, 1817);
    /// ```
    fn as_any_mut(&mut self) -> &mut dyn std::any::Any;
}

impl<T: ColumnType> Field for T {
    fn encode(&self) -> Bind<'_> {
        ColumnType::encode(self)
    }

    fn assign(&mut self, cell: ValueRef<'_>) -> Result<(), Mismatch> {
        *self = T::decode(cell)?;
        Ok(())
    }

    fn same(&self, other: &dyn Field) -> bool {
        other.as_any().downcast_ref::<T>().is_some_and(|other| ColumnType::same(self, other))
    }

    fn copy_from(&mut self, other: &dyn Field) {
        match other.as_any().downcast_ref::<T>() {
            Some(other) => self.clone_from(other),
            // The value of a deferred column, from where it is not deferred. What does not fit leaves the field as it is.
            None => _ = self.assign(other.encode().as_ref()),
        }
    }

    #[inline]
    fn as_any(&self) -> &dyn std::any::Any {
        self
    }

    #[inline]
    fn as_any_mut(&mut self) -> &mut dyn std::any::Any {
        self
    }
}

/// Gives the fields of an object from the cells of a row, in order.
#[derive(Debug)]
pub struct Cells<'a> {
    table: &'static TableMeta,
    cells: &'a [ValueRef<'a>],
}

impl<'a> Cells<'a> {
    /// The cells of one object; there must be one per column of `table`.
    ///
    /// ```
    /// # use library::Author;
    /// use aludel::{Mapped, ValueRef};
    /// use aludel_sql::{Cells, Reader};
    ///
    /// let cells = [ValueRef::Int(1), ValueRef::Text("Jane Austen")];
    /// let mut reader = Cells::new(Author::TABLE, &cells);
    /// assert_eq!(reader.column::<String>(Author::NAME.index())?, "Jane Austen");
    /// // What does not fit is told with table and column.
    /// let error = reader.column::<i64>(Author::NAME.index()).unwrap_err();
    /// assert_eq!(error.column(), Some("name"));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    #[inline]
    pub fn new(table: &'static TableMeta, cells: &'a [ValueRef<'a>]) -> Self {
        Self { table, cells }
    }
}

impl Reader for Cells<'_> {
    type Error = Error;

    #[inline]
    fn column<T: ColumnType>(&mut self, index: usize) -> Result<T, Error> {
        let cell = self.cells.get(index).ok_or_else(|| self.too_few())?;
        T::decode(*cell).map_err(|mismatch| self.table.mismatch(index, &mismatch))
    }
}

impl Cells<'_> {
    #[cold]
    fn too_few(&self) -> Error {
        Error::new(ErrorKind::Decode, format!("the row has only {} columns", self.cells.len()))
    }
}

/// What is known about a mapped table when compiling.
#[derive(Debug)]
pub struct TableMeta {
    /// The name of the struct.
    pub entity: &'static str,
    /// The name of the table.
    pub name: &'static str,
    /// The schema the table is in, if it is not the default one.
    pub schema: Option<&'static str>,
    /// The columns, in the order of the fields.
    pub columns: &'static [ColumnMeta],
    /// Unique constraints of the table; those of one column may also be said with the column.
    pub uniques: &'static [UniqueMeta],
    /// Indexes of the table; those of one column may also be said with the column.
    pub indexes: &'static [IndexMeta],
    /// Foreign keys over several columns.
    pub foreign_keys: &'static [TableForeignKeyMeta],
    /// CHECK constraints: name (may be empty) and SQL.
    pub checks: &'static [(&'static str, &'static str)],
    /// Exclusion constraints: name and SQL.
    pub excludes: &'static [(&'static str, &'static str)],
    /// The comment of the table.
    pub comment: Option<&'static str>,
    /// What only one database understands.
    pub options: DialectOptionsMeta,
    /// The name that the table had before.
    pub renamed_from: Option<&'static str>,
    /// Makes the triggers, functions and other DDL that come with the table.
    pub ddl: Option<fn() -> Vec<Ddl>>,
    /// The column that says when a row was deleted: queries leave out rows that have it.
    pub soft_delete: Option<usize>,
    /// The relations to other tables, in the order of the fields.
    pub relations: &'static [RelationMeta],
}

/// What is known about a mapped column when compiling.
#[derive(Clone, Copy, Debug)]
pub struct ColumnMeta {
    /// The name of the field.
    pub field: &'static str,
    /// The name of the column.
    pub name: &'static str,
    /// The SQL type of its values, as they are bound and read.
    pub sql_type: SqlType,
    /// The type that the table declares for it, where that is another one.
    pub declared_type: Option<&'static str>,
    /// Whether it accepts NULL.
    pub nullable: bool,
    /// Whether it is (a part of) the primary key.
    pub primary_key: bool,
    /// Whether the database generates it: an integer primary key of one column, unless `autoincrement = false`.
    pub generated: bool,
    /// Whether a single-column UNIQUE constraint is on it.
    pub unique: bool,
    /// Whether a single-column index is on it.
    pub index: bool,
    /// How the database counts, where it generates the column and that is not the usual way.
    pub identity: Option<IdentityMeta>,
    /// The column that it refers to.
    pub foreign_key: Option<ForeignKeyMeta>,
    /// The default that the database fills in.
    pub server_default: Option<ServerDefault>,
    /// The expression that the database computes it from.
    pub computed: Option<Computed<&'static str>>,
    /// Makes the value that it gets with each UPDATE of its row.
    pub onupdate: Option<fn() -> Value>,
    /// Whether it counts the UPDATEs of its row: the optimistic lock.
    pub version: bool,
    /// Refuses values before they are sent, and says why.
    pub validate: Option<Validate>,
    /// Whether queries leave it out unless they are asked for it.
    pub deferred: bool,
    /// The values that its type has.
    pub choices: Choices,
    /// The domain that its type has.
    pub domain: Option<&'static DomainMeta>,
    /// A CHECK over this column.
    pub check: Option<&'static str>,
    /// The collation, if not the usual one.
    pub collation: Option<&'static str>,
    /// The comment of the column.
    pub comment: Option<&'static str>,
    /// What only one database understands.
    pub options: DialectOptionsMeta,
    /// The name that the column had before.
    pub renamed_from: Option<&'static str>,
}

/// Looks at the value of a field; says why, if it is refused.
pub type Validate = fn(&dyn Field) -> Result<(), String>;

/// A reference from one column to another table's column.
#[derive(Clone, Copy)]
pub struct ForeignKeyMeta {
    /// The table referred to. A function, so that two tables may refer to each other.
    pub table: fn() -> &'static TableMeta,
    /// The index of the column referred to.
    pub column: usize,
    /// What happens here when the row there is deleted.
    pub on_delete: ReferentialAction,
    /// What happens here when the key there changes.
    pub on_update: ReferentialAction,
    /// When it is checked.
    pub deferrable: Deferrable,
}

impl std::fmt::Debug for ForeignKeyMeta {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let table = (self.table)();
        write!(f, "{}.{}", table.name, table.columns[self.column].name)
    }
}

/// What a foreign key does when the row that it refers to goes away or changes its key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ReferentialAction {
    /// The change is refused at the end of the statement (the default of SQL).
    #[default]
    NoAction,
    /// The change is refused at once.
    Restrict,
    /// The referring rows go or change too.
    Cascade,
    /// The referring column becomes NULL.
    SetNull,
    /// The referring column becomes its default.
    SetDefault,
}

impl ReferentialAction {
    /// Tells whether the database changes or deletes the referring rows by itself.
    ///
    /// ```
    /// use aludel_sql::ReferentialAction;
    ///
    /// assert!(ReferentialAction::Cascade.acts() && ReferentialAction::SetNull.acts());
    /// assert!(!ReferentialAction::NoAction.acts() && !ReferentialAction::Restrict.acts());
    /// ```
    #[must_use]
    pub const fn acts(self) -> bool {
        !matches!(self, Self::NoAction | Self::Restrict)
    }

    /// Returns the words of SQL.
    ///
    /// ```
    /// use aludel_sql::ReferentialAction;
    ///
    /// assert_eq!(ReferentialAction::SetNull.sql(), "SET NULL");
    /// ```
    #[must_use]
    pub const fn sql(self) -> &'static str {
        match self {
            Self::NoAction => "NO ACTION",
            Self::Restrict => "RESTRICT",
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
        }
    }
}

/// A default that the database fills in. `S` is how texts are held: borrowed by a mapping, owned by a [`Table`](crate::schema::Table).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerDefault<S = &'static str> {
    /// The time of the statement, in UTC with microseconds: `server_default = now()`.
    Now,
    /// A constant integer.
    Int(i64),
    /// A constant boolean.
    Bool(bool),
    /// A constant text.
    Text(S),
    /// SQL, used as it is on every database: `server_default = sql("…")`.
    Sql(S),
}

impl ServerDefault {
    /// Returns the same default with texts of its own.
    ///
    /// ```
    /// use aludel_sql::ServerDefault;
    ///
    /// // What a mapping says at compile time becomes a part of a table, which lives as long as it likes.
    /// assert_eq!(ServerDefault::Text("draft").to_owned(), ServerDefault::Text("draft".to_string()));
    /// ```
    #[must_use]
    pub fn to_owned(&self) -> ServerDefault<String> {
        match self {
            Self::Now => ServerDefault::Now,
            Self::Int(value) => ServerDefault::Int(*value),
            Self::Bool(value) => ServerDefault::Bool(*value),
            Self::Text(text) => ServerDefault::Text((*text).to_owned()),
            Self::Sql(sql) => ServerDefault::Sql((*sql).to_owned()),
        }
    }
}

impl ColumnMeta {
    /// A column of which nothing is known but its type.
    ///
    /// ```
    /// use aludel::SqlType;
    /// use aludel_sql::ColumnMeta;
    ///
    /// const YEAR: ColumnMeta = ColumnMeta { index: true, ..ColumnMeta::new("year", "year", SqlType::Integer) };
    /// assert!(YEAR.index && !YEAR.nullable && !YEAR.primary_key);
    /// ```
    #[must_use]
    pub const fn new(field: &'static str, name: &'static str, sql_type: SqlType) -> Self {
        Self {
            field,
            name,
            sql_type,
            declared_type: None,
            nullable: false,
            primary_key: false,
            generated: false,
            unique: false,
            index: false,
            identity: None,
            foreign_key: None,
            server_default: None,
            computed: None,
            onupdate: None,
            version: false,
            validate: None,
            deferred: false,
            choices: Choices::Any,
            domain: None,
            check: None,
            collation: None,
            comment: None,
            options: &[],
            renamed_from: None,
        }
    }

    /// Tells whether the database gives a value that a program did not.
    ///
    /// ```
    /// # use library::Book;
    /// // An INSERT may leave it out, and reads back what the database has put there.
    /// assert!(Book::ID.meta().is_filled_in());
    /// assert!(!Book::TITLE.meta().is_filled_in());
    /// ```
    #[must_use]
    pub const fn is_filled_in(&self) -> bool {
        self.generated || self.server_default.is_some() || self.computed.is_some()
    }
}

impl TableMeta {
    /// A table without columns yet.
    ///
    /// ```
    /// use aludel::SqlType;
    /// use aludel_sql::{ColumnMeta, TableMeta};
    ///
    /// static LOGS: TableMeta = TableMeta {
    ///     columns: &[ColumnMeta::new("line", "line", SqlType::Text)],
    ///     comment: Some("what happened"),
    ///     ..TableMeta::new("Log", "logs")
    /// };
    /// assert_eq!((LOGS.schema, LOGS.columns[0].name), (None, "line"));
    /// ```
    #[must_use]
    pub const fn new(entity: &'static str, name: &'static str) -> Self {
        Self {
            entity,
            name,
            schema: None,
            columns: &[],
            uniques: &[],
            indexes: &[],
            foreign_keys: &[],
            checks: &[],
            excludes: &[],
            comment: None,
            options: &[],
            renamed_from: None,
            ddl: None,
            soft_delete: None,
            relations: &[],
        }
    }

    /// Returns the indexes of the primary key's columns, in order.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::Mapped;
    ///
    /// assert_eq!(Book::TABLE.primary_key().collect::<Vec<_>>(), [Book::ID.index()]);
    /// ```
    pub fn primary_key(&self) -> impl Iterator<Item = usize> + '_ {
        self.columns.iter().enumerate().filter(|(_, column)| column.primary_key).map(|(index, _)| index)
    }

    /// Returns the index of the column that counts the UPDATEs of a row.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// use aludel::Mapped;
    ///
    /// #[derive(Entity)]
    /// #[entity(table = "pages")]
    /// struct Page {
    ///     #[column(primary_key)]
    ///     id: i64,
    ///     text: String,
    ///     #[column(version)]
    ///     version: i64,
    /// }
    /// # fn main() {
    /// assert_eq!(Page::TABLE.version(), Some(Page::VERSION.index()));
    /// # }
    /// ```
    #[must_use]
    pub fn version(&self) -> Option<usize> {
        self.columns.iter().position(|column| column.version)
    }

    /// Returns the columns that change with every UPDATE of a row: those with `onupdate`, and the version.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// use aludel::Mapped;
    ///
    /// #[derive(Entity)]
    /// #[entity(table = "pages")]
    /// struct Page {
    ///     #[column(primary_key)]
    ///     id: i64,
    ///     text: String,
    ///     #[column(version)]
    ///     version: i64,
    /// }
    /// # fn main() {
    /// // An UPDATE of the text sets the version as well.
    /// assert_eq!(Page::TABLE.changed_by_update().collect::<Vec<_>>(), [Page::VERSION.index()]);
    /// # }
    /// ```
    pub fn changed_by_update(&self) -> impl Iterator<Item = usize> + '_ {
        let changes = |column: &ColumnMeta| column.version || column.onupdate.is_some();
        (0..self.columns.len()).filter(move |index| changes(&self.columns[*index]))
    }

    /// Returns the column that says when a row was deleted, and the value that it gets when one is deleted now.
    ///
    /// ```
    /// # use aludel::doc::*;
    /// use aludel::{Mapped, Value};
    ///
    /// let (column, now) = Note::TABLE.deleted_now().unwrap();
    /// assert_eq!(column, Note::DELETED_AT.index());
    /// assert!(matches!(now, Value::Timestamp(micros) if micros > 0));
    /// assert_eq!(User::TABLE.deleted_now(), None);
    /// ```
    #[must_use]
    pub fn deleted_now(&self) -> Option<(usize, Value)> {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let micros = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
        self.soft_delete.map(|column| (column, Value::Timestamp(micros)))
    }

    /// Returns the index of the column that the database generates.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::Mapped;
    ///
    /// assert_eq!(Book::TABLE.generated_key(), Some(Book::ID.index()));
    /// ```
    #[must_use]
    pub fn generated_key(&self) -> Option<usize> {
        self.columns.iter().position(|column| column.generated)
    }

    /// Tells whether a relation is loaded with every query: `load = "selectin"`, `load = "joined"`.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::Mapped;
    ///
    /// assert!(!Book::TABLE.loads_relations());
    /// ```
    #[must_use]
    pub fn loads_relations(&self) -> bool {
        self.relations.iter().any(|it| it.load != LoadStrategy::OnRequest)
    }

    /// Makes the error of a cell that does not fit its column.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::{Mapped, Mismatch, ValueRef};
    ///
    /// let mismatch = Mismatch::new("an i32", ValueRef::Text("soon"));
    /// let error = Book::TABLE.mismatch(Book::YEAR.index(), &mismatch);
    /// assert_eq!(error.what(), "column `books.year`: expected an i32, found text");
    /// ```
    #[cold]
    #[must_use]
    pub fn mismatch(&self, column: usize, mismatch: &Mismatch) -> Error {
        let name = self.columns[column].name;
        Error::new(ErrorKind::Decode, format!("column `{}.{name}`: {}", self.name, mismatch.reason()))
            .with_table(self.name)
            .with_column(name)
    }
}

impl PartialEq for TableMeta {
    /// Two descriptions are the same table if they have the same name in the same schema: a constant may live at
    /// several addresses.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || (self.name == other.name && self.schema == other.schema)
    }
}

impl Eq for TableMeta {}
