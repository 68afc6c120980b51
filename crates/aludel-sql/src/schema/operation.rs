//! What changes a schema: the operations of revisions, each with its full before and after, so that each knows its inverse.

mod apply;

use std::collections::BTreeMap;
use std::fmt;

use super::{
    Check, ColumnDef, Ddl, DialectOptions, Domain, EnumType, Exclude, Extension, ForeignKey, Index, Key,
    Sequence, Table, Unique,
};

/// One change of a schema.
///
/// ```
/// # use library::Book;
/// use aludel::schema::Operation;
///
/// let create = Operation::CreateTable(Book::table());
/// assert_eq!(create.to_string(), "create table books");
/// assert_eq!(create.inverse().unwrap().to_string(), "drop table books");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
// There are few of them, and they are read more than they are moved.
#[allow(clippy::large_enum_variant)]
pub enum Operation {
    /// Creates a table with its constraints and indexes.
    CreateTable(Table),
    /// Drops a table; the definition is what the inverse creates.
    DropTable(Table),
    /// Renames a table.
    RenameTable {
        /// The table, by its name before.
        table: TableName,
        /// Its name afterwards.
        to: String,
    },
    /// Moves a table, with its constraints, indexes and sequences, to another schema.
    SetTableSchema {
        /// The table, by its schema before.
        table: TableName,
        /// The schema afterwards; none for the default one.
        to: Option<String>,
    },
    /// Sets, changes or removes the comment of a table.
    AlterTableComment {
        /// The table.
        table: TableName,
        /// The comment before.
        from: Option<String>,
        /// The comment afterwards.
        to: Option<String>,
    },
    /// Changes what only one database understands of a table.
    AlterTableOptions {
        /// The table.
        table: TableName,
        /// The options before.
        from: DialectOptions,
        /// The options afterwards.
        to: DialectOptions,
    },
    /// Adds a column.
    AddColumn {
        /// The table.
        table: TableName,
        /// The column.
        column: ColumnDef,
        /// The expression, in SQL, that gives existing rows their value.
        backfill: Option<String>,
    },
    /// Drops a column; the definition is what the inverse adds.
    DropColumn {
        /// The table.
        table: TableName,
        /// The column.
        column: ColumnDef,
    },
    /// Changes the definition of a column, which keeps its name.
    AlterColumn {
        /// The table.
        table: TableName,
        /// The column before.
        from: ColumnDef,
        /// The column afterwards.
        to: ColumnDef,
        /// The expression, in SQL, that makes the new value of existing rows.
        using: Option<String>,
    },
    /// Renames a column.
    RenameColumn {
        /// The table.
        table: TableName,
        /// The name before.
        from: String,
        /// The name afterwards.
        to: String,
    },
    /// Creates an index.
    CreateIndex {
        /// The table.
        table: TableName,
        /// The index.
        index: Index,
    },
    /// Drops an index; the definition is what the inverse creates.
    DropIndex {
        /// The table.
        table: TableName,
        /// The index.
        index: Index,
    },
    /// Renames an index.
    RenameIndex {
        /// The table.
        table: TableName,
        /// The name before.
        from: String,
        /// The name afterwards.
        to: String,
    },
    /// Adds a constraint to a table that is there.
    CreateConstraint {
        /// The table.
        table: TableName,
        /// The constraint.
        constraint: Constraint,
    },
    /// Drops a constraint; the definition is what the inverse creates.
    DropConstraint {
        /// The table.
        table: TableName,
        /// The constraint.
        constraint: Constraint,
    },
    /// Renames a constraint.
    RenameConstraint {
        /// The table.
        table: TableName,
        /// The constraint, under its name before.
        constraint: Constraint,
        /// Its name afterwards.
        to: String,
    },
    /// Creates an enum type; where enums are no objects of their own, its columns have the values.
    CreateEnum(EnumType),
    /// Drops an enum type; the definition is what the inverse creates.
    DropEnum(EnumType),
    /// Renames an enum type.
    RenameEnum {
        /// The type, by its schema and its name before.
        name: TableName,
        /// Its name afterwards.
        to: String,
    },
    /// Changes the values of an enum type, and of all columns that have it.
    AlterEnum {
        /// The type before.
        from: EnumType,
        /// The type afterwards, under the same name.
        to: EnumType,
    },
    /// Creates a domain; where there are none, its columns have the type under it, and CHECKs.
    CreateDomain(Domain),
    /// Drops a domain; the definition is what the inverse creates.
    DropDomain(Domain),
    /// Renames a domain.
    RenameDomain {
        /// The domain, by its schema and its name before.
        name: TableName,
        /// Its name afterwards.
        to: String,
    },
    /// Changes a domain, and so all columns that have it.
    AlterDomain {
        /// The domain before.
        from: Domain,
        /// The domain afterwards, under the same name.
        to: Domain,
    },
    /// Creates an extension, if it is not there; where there are none, it does nothing.
    CreateExtension(Extension),
    /// Drops an extension that nothing uses; the definition is what the inverse creates.
    DropExtension(Extension),
    /// Moves an extension to another schema, or to another version.
    AlterExtension {
        /// The extension before.
        from: Extension,
        /// The extension afterwards, under the same name.
        to: Extension,
    },
    /// Creates a sequence.
    CreateSequence(Sequence),
    /// Drops a sequence; the definition is what the inverse creates.
    DropSequence(Sequence),
    /// Changes how a sequence counts.
    AlterSequence {
        /// The sequence before.
        from: Sequence,
        /// The sequence afterwards, under the same name.
        to: Sequence,
    },
    /// Creates a function, a trigger, or other DDL.
    CreateDdl(Ddl),
    /// Drops a function or a trigger, or undoes other DDL; the definition is what the inverse creates.
    DropDdl(Ddl),
    /// Changes the text of a function, a trigger, or other DDL.
    AlterDdl {
        /// What was there before.
        from: Ddl,
        /// What is there afterwards, under the same name.
        to: Ddl,
    },
    /// Runs SQL that changes rows or things that no other operation knows.
    Sql(SqlBlock),
    /// Changes rows, a batch at a time.
    Backfill(Backfill),
    /// Goes on only where a query counts nothing: what would be in the way, or should not be there afterwards.
    Check {
        /// What must hold, in a few words.
        title: String,
        /// The query: one row with a count.
        query: PerDialect,
    },
    /// Runs code of the program that has the revisions in it.
    Hook {
        /// The name under which the program knows it.
        name: String,
        /// The name of what undoes it, empty if there is nothing to undo; none if it cannot be undone.
        down: Option<String>,
    },
}

/// The name of a table, and of its schema if that is not the default one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableName {
    /// The schema.
    pub schema: Option<String>,
    /// The table.
    pub name: String,
}

/// A constraint of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Constraint {
    /// The primary key.
    PrimaryKey(Key),
    /// A unique constraint.
    Unique(Unique),
    /// A foreign key.
    ForeignKey(ForeignKey),
    /// A CHECK.
    Check(Check),
    /// An exclusion constraint.
    Exclude(Exclude),
}

/// SQL of a revision, and the SQL that undoes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SqlBlock {
    /// What it does, in a few words.
    pub title: String,
    /// The statements of an upgrade.
    pub up: PerDialect,
    /// The statements of a downgrade; none if it cannot be undone.
    pub down: Option<PerDialect>,
}

/// A change of many rows, in the order of their key, a batch at a time, so that nobody waits long for a lock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Backfill {
    /// The table.
    pub table: TableName,
    /// The column that orders the rows, an integer or a text: the primary key.
    pub key: String,
    /// What is assigned, in SQL: `full_name = first || ' ' || last`.
    pub set: PerDialect,
    /// Which rows are left to do: one that is done must not be among them, so that it can go on after a crash.
    pub condition: String,
    /// How many rows a batch has.
    pub batch: u64,
    /// How long to wait after each batch, in milliseconds.
    pub pause: u64,
}

/// Statements for each database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PerDialect {
    /// The same on all.
    All(Vec<String>),
    /// By the key of the dialect: `sqlite`, `postgres`, `mariadb`, `mysql`.
    Each(BTreeMap<String, Vec<String>>),
}

impl Default for PerDialect {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl PerDialect {
    /// Returns the statements for a dialect, if there is something for it.
    ///
    /// ```
    /// use aludel::schema::PerDialect;
    ///
    /// let everywhere = PerDialect::All(vec!["DELETE FROM sessions".into()]);
    /// assert!(everywhere.get("sqlite").is_some() && everywhere.get("postgres").is_some());
    ///
    /// let on_postgres = PerDialect::Each([("postgres".into(), vec!["ANALYZE books".into()])].into());
    /// assert_eq!(on_postgres.get("sqlite"), None); // which a revision has to say: an empty list is "nothing to do"
    /// ```
    #[must_use]
    pub fn get(&self, dialect: &str) -> Option<&[String]> {
        match self {
            Self::All(statements) => Some(statements),
            Self::Each(by_dialect) => by_dialect.get(dialect).map(Vec::as_slice),
        }
    }
}

impl TableName {
    /// The name of this table.
    ///
    /// ```
    /// # use library::Book;
    /// use aludel::schema::{Table, TableName};
    ///
    /// assert_eq!(TableName::of(&Book::table()), TableName::from("books"));
    /// let archived = Table { schema: Some("archive".into()), ..Book::table() };
    /// assert_eq!(TableName::of(&archived).to_string(), "archive.books");
    /// ```
    #[must_use]
    pub fn of(table: &Table) -> Self {
        Self { schema: table.schema.clone(), name: table.name.clone() }
    }

    /// The name of this domain.
    ///
    /// ```
    /// use aludel::SqlType;
    /// use aludel::schema::{Domain, TableName};
    ///
    /// let email = Domain { schema: Some("app".into()), ..Domain::new("email", SqlType::Text) };
    /// assert_eq!(TableName::of_domain(&email).to_string(), "app.email");
    /// ```
    #[must_use]
    pub fn of_domain(domain: &Domain) -> Self {
        Self { schema: domain.schema.clone(), name: domain.name.clone() }
    }
}

impl From<&str> for TableName {
    fn from(name: &str) -> Self {
        Self { schema: None, name: name.to_owned() }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}.")?;
        }
        f.write_str(&self.name)
    }
}

impl Constraint {
    /// Returns its name.
    ///
    /// ```
    /// use aludel::schema::{Check, Constraint};
    ///
    /// assert_eq!(Constraint::Check(Check::new("ck_books_year", "year > 1450")).name(), "ck_books_year");
    /// ```
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::PrimaryKey(key) => &key.name,
            Self::Unique(unique) => &unique.name,
            Self::ForeignKey(key) => &key.name,
            Self::Check(check) => &check.name,
            Self::Exclude(exclude) => &exclude.name,
        }
    }

    /// Returns the same constraint under another name.
    ///
    /// ```
    /// use aludel::schema::{Check, Constraint};
    ///
    /// let check = Constraint::Check(Check::new("ck_1", "year > 1450")).renamed("ck_books_year");
    /// assert_eq!(check, Constraint::Check(Check::new("ck_books_year", "year > 1450")));
    /// ```
    #[must_use]
    pub fn renamed(mut self, to: &str) -> Self {
        let name = match &mut self {
            Self::PrimaryKey(key) => &mut key.name,
            Self::Unique(unique) => &mut unique.name,
            Self::ForeignKey(key) => &mut key.name,
            Self::Check(check) => &mut check.name,
            Self::Exclude(exclude) => &mut exclude.name,
        };
        to.clone_into(name);
        self
    }

    /// Returns what it is, in words: `unique constraint`.
    ///
    /// ```
    /// use aludel::schema::{Constraint, Unique};
    ///
    /// assert_eq!(Constraint::Unique(Unique::over("uq_users_email", ["email"])).kind(), "unique constraint");
    /// ```
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::PrimaryKey(_) => "primary key",
            Self::Unique(_) => "unique constraint",
            Self::ForeignKey(_) => "foreign key",
            Self::Check(_) => "check constraint",
            Self::Exclude(_) => "exclusion constraint",
        }
    }
}

impl Operation {
    /// Returns the operation that undoes this one, if there is one.
    ///
    /// Rows that are gone do not come back: the inverse restores the schema.
    ///
    /// ```
    /// use aludel::schema::{Operation, TableName};
    ///
    /// let rename = Operation::RenameColumn { table: "books".into(), from: "name".into(), to: "title".into() };
    /// assert_eq!(rename.inverse().unwrap().to_string(), "rename column books.title to name");
    ///
    /// // Code that nobody said how to undo.
    /// assert_eq!(Operation::Hook { name: "split_names".into(), down: None }.inverse(), None);
    /// ```
    #[must_use]
    pub fn inverse(&self) -> Option<Self> {
        Some(match self.clone() {
            Self::CreateTable(table) => Self::DropTable(table),
            Self::DropTable(table) => Self::CreateTable(table),
            Self::RenameTable { table, to } => {
                Self::RenameTable { to: table.name.clone(), table: TableName { name: to, ..table } }
            }
            Self::SetTableSchema { table, to } => {
                Self::SetTableSchema { to: table.schema.clone(), table: TableName { schema: to, ..table } }
            }
            Self::AlterTableComment { table, from, to } => {
                Self::AlterTableComment { table, from: to, to: from }
            }
            Self::AlterTableOptions { table, from, to } => {
                Self::AlterTableOptions { table, from: to, to: from }
            }
            Self::CreateEnum(it) => Self::DropEnum(it),
            Self::DropEnum(it) => Self::CreateEnum(it),
            Self::RenameEnum { name, to } => {
                Self::RenameEnum { to: name.name.clone(), name: TableName { name: to, ..name } }
            }
            Self::AlterEnum { from, to } => Self::AlterEnum { from: to, to: from },
            Self::CreateDomain(it) => Self::DropDomain(it),
            Self::DropDomain(it) => Self::CreateDomain(it),
            Self::RenameDomain { name, to } => {
                Self::RenameDomain { to: name.name.clone(), name: TableName { name: to, ..name } }
            }
            Self::AlterDomain { from, to } => Self::AlterDomain { from: to, to: from },
            Self::CreateExtension(it) => Self::DropExtension(it),
            Self::DropExtension(it) => Self::CreateExtension(it),
            Self::AlterExtension { from, to } => Self::AlterExtension { from: to, to: from },
            Self::CreateSequence(it) => Self::DropSequence(it),
            Self::DropSequence(it) => Self::CreateSequence(it),
            Self::AlterSequence { from, to } => Self::AlterSequence { from: to, to: from },
            Self::CreateDdl(it) => Self::DropDdl(it),
            Self::DropDdl(it) => Self::CreateDdl(it),
            Self::AlterDdl { from, to } => Self::AlterDdl { from: to, to: from },
            Self::AddColumn { table, column, .. } => Self::DropColumn { table, column },
            Self::DropColumn { table, column } => Self::AddColumn { table, column, backfill: None },
            Self::AlterColumn { table, from, to, .. } => {
                Self::AlterColumn { table, from: to, to: from, using: None }
            }
            Self::RenameColumn { table, from, to } => Self::RenameColumn { table, from: to, to: from },
            Self::CreateIndex { table, index } => Self::DropIndex { table, index },
            Self::DropIndex { table, index } => Self::CreateIndex { table, index },
            Self::RenameIndex { table, from, to } => Self::RenameIndex { table, from: to, to: from },
            Self::CreateConstraint { table, constraint } => Self::DropConstraint { table, constraint },
            Self::DropConstraint { table, constraint } => Self::CreateConstraint { table, constraint },
            Self::RenameConstraint { table, constraint, to } => Self::RenameConstraint {
                table,
                to: constraint.name().to_owned(),
                constraint: constraint.renamed(&to),
            },
            Self::Sql(SqlBlock { title, up, down }) => {
                Self::Sql(SqlBlock { title, up: down?, down: Some(up) })
            }
            // Values that were filled in are in nobody's way, and what held before need not hold again.
            Self::Backfill(_) | Self::Check { .. } => Self::Sql(SqlBlock {
                title: self.to_string(),
                up: PerDialect::default(),
                down: Some(PerDialect::default()),
            }),
            Self::Hook { name, down } => Self::Hook { name: down?, down: Some(name) },
        })
    }

    /// Returns the table that it changes, by its name before; none for what changes rows, or nothing.
    ///
    /// ```
    /// use aludel::schema::{Operation, PerDialect, SqlBlock, TableName};
    ///
    /// let rename = Operation::RenameTable { table: "people".into(), to: "authors".into() };
    /// assert_eq!(rename.table(), Some(TableName::from("people")));
    /// assert_eq!(Operation::Sql(SqlBlock::default()).table(), None);
    /// ```
    #[must_use]
    pub fn table(&self) -> Option<TableName> {
        Some(match self {
            Self::CreateTable(table) | Self::DropTable(table) => TableName::of(table),
            Self::RenameTable { table, .. }
            | Self::SetTableSchema { table, .. }
            | Self::AlterTableComment { table, .. }
            | Self::AlterTableOptions { table, .. }
            | Self::AddColumn { table, .. }
            | Self::DropColumn { table, .. }
            | Self::AlterColumn { table, .. }
            | Self::RenameColumn { table, .. }
            | Self::CreateIndex { table, .. }
            | Self::DropIndex { table, .. }
            | Self::RenameIndex { table, .. }
            | Self::CreateConstraint { table, .. }
            | Self::DropConstraint { table, .. }
            | Self::RenameConstraint { table, .. } => table.clone(),
            Self::CreateEnum(_)
            | Self::DropEnum(_)
            | Self::RenameEnum { .. }
            | Self::AlterEnum { .. }
            | Self::CreateDomain(_)
            | Self::DropDomain(_)
            | Self::RenameDomain { .. }
            | Self::AlterDomain { .. }
            | Self::CreateExtension(_)
            | Self::DropExtension(_)
            | Self::AlterExtension { .. }
            | Self::CreateSequence(_)
            | Self::DropSequence(_)
            | Self::AlterSequence { .. }
            | Self::CreateDdl(_)
            | Self::DropDdl(_)
            | Self::AlterDdl { .. }
            | Self::Sql(_)
            | Self::Backfill(_)
            | Self::Check { .. }
            | Self::Hook { .. } => return None,
        })
    }
}

/// Says what it does, on one line: `add column users.name`.
impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateTable(table) => write!(f, "create table {}", TableName::of(table)),
            Self::DropTable(table) => write!(f, "drop table {}", TableName::of(table)),
            Self::RenameTable { table, to } => write!(f, "rename table {table} to {to}"),
            Self::SetTableSchema { table, to: Some(to) } => write!(f, "move table {table} to schema {to}"),
            Self::SetTableSchema { table, to: None } => write!(f, "move table {table} to the default schema"),
            Self::AlterTableComment { table, .. } => write!(f, "comment on table {table}"),
            Self::AddColumn { table, column, .. } => write!(f, "add column {table}.{}", column.name),
            Self::DropColumn { table, column } => write!(f, "drop column {table}.{}", column.name),
            Self::AlterColumn { table, from, .. } => write!(f, "alter column {table}.{}", from.name),
            Self::RenameColumn { table, from, to } => write!(f, "rename column {table}.{from} to {to}"),
            Self::CreateIndex { table, index } => write!(f, "create index {} on {table}", index.name),
            Self::DropIndex { table, index } => write!(f, "drop index {} on {table}", index.name),
            Self::RenameIndex { table, from, to } => write!(f, "rename index {from} on {table} to {to}"),
            Self::CreateConstraint { table, constraint } => {
                write!(f, "create {} {} on {table}", constraint.kind(), constraint.name())
            }
            Self::DropConstraint { table, constraint } => {
                write!(f, "drop {} {} on {table}", constraint.kind(), constraint.name())
            }
            Self::RenameConstraint { table, constraint, to } => {
                write!(f, "rename {} {} on {table} to {to}", constraint.kind(), constraint.name())
            }
            Self::AlterTableOptions { table, .. } => write!(f, "alter options of table {table}"),
            Self::CreateEnum(it) => write!(f, "create enum {}", enum_name(it)),
            Self::DropEnum(it) => write!(f, "drop enum {}", enum_name(it)),
            Self::RenameEnum { name, to } => write!(f, "rename enum {name} to {to}"),
            Self::AlterEnum { from, .. } => write!(f, "alter enum {}", enum_name(from)),
            Self::CreateDomain(it) => write!(f, "create domain {}", TableName::of_domain(it)),
            Self::DropDomain(it) => write!(f, "drop domain {}", TableName::of_domain(it)),
            Self::RenameDomain { name, to } => write!(f, "rename domain {name} to {to}"),
            Self::AlterDomain { from, .. } => write!(f, "alter domain {}", TableName::of_domain(from)),
            Self::CreateExtension(it) => write!(f, "create extension {}", it.name),
            Self::DropExtension(it) => write!(f, "drop extension {}", it.name),
            Self::AlterExtension { from, .. } => write!(f, "alter extension {}", from.name),
            Self::CreateSequence(it) => write!(f, "create sequence {}", sequence_name(it)),
            Self::DropSequence(it) => write!(f, "drop sequence {}", sequence_name(it)),
            Self::AlterSequence { from, .. } => write!(f, "alter sequence {}", sequence_name(from)),
            Self::CreateDdl(it) => write!(f, "create {it}"),
            Self::DropDdl(it) => write!(f, "drop {it}"),
            Self::AlterDdl { to, .. } => write!(f, "alter {to}"),
            Self::Sql(block) => f.write_str(&block.title),
            Self::Backfill(backfill) => write!(f, "fill rows of {}", backfill.table),
            Self::Check { title, .. } => write!(f, "check: {title}"),
            Self::Hook { name, .. } if name.is_empty() => f.write_str("nothing to undo"),
            Self::Hook { name, .. } => write!(f, "run the hook {name}"),
        }
    }
}

fn enum_name(it: &EnumType) -> TableName {
    TableName { schema: it.schema.clone(), name: it.name.clone() }
}

fn sequence_name(it: &Sequence) -> TableName {
    TableName { schema: it.schema.clone(), name: it.name.clone() }
}
