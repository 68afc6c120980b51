//! A set of tables, and of what they need: extensions, enum types, domains, sequences, and DDL that comes with them.

use super::ddl::Ddl;
use super::domain::Domain;
use super::enum_type::EnumType;
use super::extension::Extension;
use super::naming_convention::NamingConvention;
use super::sequence::Sequence;
use super::table::Table;
use super::types::Type;
use crate::mapping::{Association, Mapped, TableMeta, linked_tables};

/// The tables of a program, and the objects beside them.
///
/// ```
/// # use {aludel::prelude::*, library::{Author, Book}};
/// let metadata = Metadata::of((Book, Author));
/// // `engine.create_all(&metadata)` creates them in this order.
/// let (tables, _) = metadata.creation_order()?;
/// assert_eq!(tables.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["authors", "books"]);
/// # Ok::<(), aludel::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    tables: Vec<Table>,
    extensions: Vec<Extension>,
    enums: Vec<EnumType>,
    domains: Vec<Domain>,
    sequences: Vec<Sequence>,
    ddls: Vec<Ddl>,
    /// The mappings that tables were made of, for names by another convention.
    mapped: Vec<&'static TableMeta>,
    convention: NamingConvention,
}

/// Two are equal if they have the same objects, wherever these come from.
impl PartialEq for Metadata {
    fn eq(&self, other: &Self) -> bool {
        self.tables == other.tables
            && self.extensions == other.extensions
            && self.enums == other.enums
            && self.domains == other.domains
            && self.sequences == other.sequences
            && self.ddls == other.ddls
    }
}

impl Eq for Metadata {}

impl Metadata {
    /// The tables of these entities and association tables: one, or a tuple of them.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// let metadata = Metadata::of((Author, Book));
    /// assert_eq!(metadata.tables().len(), 2);
    /// assert_eq!(metadata.table(None, "books"), Some(&Book::table()));
    /// ```
    #[must_use]
    pub fn of(entities: impl Tables) -> Self {
        let mut mapped = Vec::new();
        entities.push_tables(&mut mapped);
        Self::of_mapped(mapped)
    }

    /// The tables of all entities and association tables that are linked into the program, by name: none can be forgotten.
    ///
    /// A program that only uses a library's entities here still has to name the library: `use blog as _;`.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// # use library as _;
    /// let metadata = Metadata::linked();
    /// let has = |name: &str| metadata.tables().iter().any(|it| it.name == name);
    /// assert!(has("authors") && has("books"));
    /// ```
    #[must_use]
    pub fn linked() -> Self {
        Self::of_mapped(linked_tables())
    }

    fn of_mapped(mapped: Vec<&'static TableMeta>) -> Self {
        let mut ddls: Vec<Ddl> = Vec::new();
        // Two tables may name the function that both of their triggers call.
        for it in mapped.iter().filter_map(|it| it.ddl).flat_map(|make| make()) {
            if !ddls.contains(&it) {
                ddls.push(it);
            }
        }
        Self { tables: mapped.iter().copied().map(Table::of).collect(), ddls, mapped, ..Self::default() }
    }

    /// These tables.
    ///
    /// For schemas that no entity stands behind: a migration, a tool, a test.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// use aludel::SqlType;
    /// use aludel::schema::{ColumnDef, Table};
    ///
    /// let mut logs = Table::new("logs");
    /// logs.columns.push(ColumnDef::new("line", SqlType::Text));
    /// let metadata = Metadata::from_tables(vec![logs]);
    /// assert_eq!(metadata.tables()[0].name, "logs");
    /// ```
    #[must_use]
    pub fn from_tables(tables: Vec<Table>) -> Self {
        Self { tables, ..Self::default() }
    }

    /// Names constraints and indexes by another convention than the default one; names that were given stay.
    ///
    /// It concerns the tables of entities: tables that are not made of a mapping have the names that they have.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Author};
    /// use aludel::schema::NamingConvention;
    ///
    /// // The names that PostgreSQL itself would give.
    /// let convention = NamingConvention::new([("pk", "%(table_name)s_pkey")])?;
    /// let metadata = Metadata::of(Author).naming_convention(&convention);
    /// assert_eq!(metadata.tables()[0].primary_key.name, "authors_pkey");
    /// # Ok::<(), aludel::Error>(())
    /// ```
    #[must_use]
    pub fn naming_convention(mut self, convention: &NamingConvention) -> Self {
        for meta in &self.mapped {
            let (from, to) = (Table::named(meta, &self.convention), Table::named(meta, convention));
            let mut tables = self.tables.iter_mut();
            if let Some(table) = tables.find(|it| it.name == from.name && it.schema == from.schema) {
                table.rename_constraints(&from, &to);
            }
        }
        self.convention = convention.clone();
        self
    }

    /// Adds an enum type that no column need have. Those that columns have are there anyway.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// use aludel::schema::EnumType;
    ///
    /// let metadata = Metadata::default().enum_type(EnumType::new("mood", ["sad", "happy"]));
    /// // `engine.create_all(&metadata)` on PostgreSQL: CREATE TYPE mood AS ENUM ('sad', 'happy')
    /// assert_eq!(metadata.enums()[0].name, "mood");
    /// ```
    #[must_use]
    pub fn enum_type(mut self, enum_type: EnumType) -> Self {
        self.enums.push(enum_type);
        self
    }

    /// Adds a domain that no column need have. Those that columns have are there anyway.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// use aludel::SqlType;
    /// use aludel::schema::Domain;
    ///
    /// let metadata = Metadata::default().domain(Domain::new("email", SqlType::Text));
    /// // `engine.create_all(&metadata)` on PostgreSQL: CREATE DOMAIN email AS text
    /// assert_eq!(metadata.domains()[0].name, "email");
    /// ```
    #[must_use]
    pub fn domain(mut self, domain: Domain) -> Self {
        self.domains.push(domain);
        self
    }

    /// Adds an extension that the rest needs: PostgreSQL has it first of all, other databases take no notice.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// use aludel::schema::Extension;
    ///
    /// let metadata = Metadata::linked().extension(Extension::new("citext"));
    /// // `engine.create_all(&metadata)` on PostgreSQL begins with: CREATE EXTENSION IF NOT EXISTS citext
    /// assert_eq!(metadata.extensions()[0].name, "citext");
    /// ```
    #[must_use]
    pub fn extension(mut self, extension: Extension) -> Self {
        self.extensions.push(extension);
        self
    }

    /// Adds a sequence.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// use aludel::schema::Sequence;
    ///
    /// let metadata = Metadata::default().sequence(Sequence::new("invoice_numbers").start(1000));
    /// assert_eq!(metadata.sequences()[0].name, "invoice_numbers");
    /// ```
    #[must_use]
    pub fn sequence(mut self, sequence: Sequence) -> Self {
        self.sequences.push(sequence);
        self
    }

    /// Adds a function, a trigger, or other DDL that comes with the tables. What an entity names by `#[entity(ddl = …)]` is there anyway.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Book};
    /// use aludel::schema::Ddl;
    ///
    /// let search = Ddl::after_create("search").of("books").nothing("sqlite").nothing("mariadb").nothing("mysql").sql(
    ///     "postgres",
    ///     "CREATE INDEX ix_books_search ON books USING gin (to_tsvector('english', title))",
    /// );
    /// // `engine.create_all(&metadata)` runs it when it has created the table.
    /// let metadata = Metadata::of(Book).ddl(search);
    /// assert_eq!(metadata.ddls()[0].name, "search");
    /// ```
    #[must_use]
    pub fn ddl(mut self, ddl: Ddl) -> Self {
        self.ddls.push(ddl);
        self
    }

    /// Returns the functions, triggers and other DDL, as they were given.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// use aludel::schema::Ddl;
    ///
    /// let metadata = Metadata::default().ddl(Ddl::function("f")).ddl(Ddl::procedure("p"));
    /// assert_eq!(metadata.ddls().len(), 2);
    /// ```
    #[must_use]
    pub fn ddls(&self) -> &[Ddl] {
        &self.ddls
    }

    /// Returns the functions, triggers and other DDL, to be changed.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// use aludel::schema::Ddl;
    ///
    /// let mut metadata = Metadata::default().ddl(Ddl::function("f"));
    /// metadata.ddls_mut().clear();
    /// assert!(metadata.ddls().is_empty());
    /// ```
    pub fn ddls_mut(&mut self) -> &mut Vec<Ddl> {
        &mut self.ddls
    }

    /// Adds a table.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Author};
    /// use aludel::SqlType;
    /// use aludel::schema::{ColumnDef, Table};
    ///
    /// let mut logs = Table::new("logs");
    /// logs.columns.push(ColumnDef::new("line", SqlType::Text));
    /// let metadata = Metadata::of(Author).with_table(logs);
    /// assert!(metadata.table(None, "logs").is_some());
    /// ```
    #[must_use]
    pub fn with_table(mut self, table: Table) -> Self {
        self.tables.push(table);
        self
    }

    /// Returns a table by schema and name.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Author};
    /// let metadata = Metadata::of(Author);
    /// assert_eq!(metadata.table(None, "authors").unwrap().columns[1].name, "name");
    /// assert_eq!(metadata.table(Some("archive"), "authors"), None);
    /// ```
    #[must_use]
    pub fn table(&self, schema: Option<&str>, name: &str) -> Option<&Table> {
        self.tables.iter().find(|it| it.name == name && it.schema.as_deref() == schema)
    }

    /// Returns the tables, to be changed.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// // What a program does not want to create: tables that another one owns.
    /// let mut metadata = Metadata::of((Author, Book));
    /// metadata.tables_mut().retain(|table| table.name != "authors");
    /// assert_eq!(metadata.tables()[0].name, "books");
    /// ```
    pub fn tables_mut(&mut self) -> &mut Vec<Table> {
        &mut self.tables
    }

    /// Returns the tables, as they were given.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// let metadata = Metadata::of((Book, Author));
    /// let names: Vec<_> = metadata.tables().iter().map(|it| it.name.as_str()).collect();
    /// assert_eq!(names, ["books", "authors"]);
    /// ```
    #[must_use]
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Returns the enum types that were added, and those that columns have, each once.
    ///
    /// Two of the same name with other values are both there; `creation_order` refuses them.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// use aludel::schema::{ColumnDef, EnumType, Table, Type};
    ///
    /// let mood = EnumType::new("mood", ["sad", "happy"]);
    /// let mut days = Table::new("days");
    /// days.columns.push(ColumnDef::new("morning", Type::Enum(mood.clone())));
    /// days.columns.push(ColumnDef::new("evening", Type::Enum(mood)));
    /// let metadata = Metadata::from_tables(vec![days]);
    /// assert_eq!((metadata.enums().len(), metadata.own_enums().len()), (1, 0));
    /// ```
    #[must_use]
    pub fn enums(&self) -> Vec<&EnumType> {
        let columns = self.tables.iter().flat_map(|it| &it.columns).map(|it| &it.sql_type);
        let used = columns.chain(self.domains.iter().map(|it| &it.sql_type));
        let used = used.filter_map(|it| it.base().as_enum()).filter(|it| !it.name.is_empty());
        let mut enums: Vec<&EnumType> = Vec::new();
        for it in self.enums.iter().chain(used) {
            if !enums.contains(&it) {
                enums.push(it);
            }
        }
        enums
    }

    /// Returns the enum types that were added, without those that only columns have.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// use aludel::schema::EnumType;
    ///
    /// let metadata = Metadata::default().enum_type(EnumType::new("mood", ["sad", "happy"]));
    /// assert_eq!(metadata.own_enums().len(), 1);
    /// ```
    #[must_use]
    pub fn own_enums(&self) -> &[EnumType] {
        &self.enums
    }

    /// Returns the enum types that were added, to be changed.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// use aludel::schema::EnumType;
    ///
    /// let mut metadata = Metadata::default().enum_type(EnumType::new("mood", ["sad", "happy"]));
    /// metadata.enums_mut()[0].values.push("elated".into());
    /// assert_eq!(metadata.enums()[0].values.len(), 3);
    /// ```
    pub fn enums_mut(&mut self) -> &mut Vec<EnumType> {
        &mut self.enums
    }

    /// Returns the domains that were added, and those that columns have, each once; one that others are over comes before them.
    ///
    /// Two of the same name that differ are both there; `creation_order` refuses them.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// use aludel::SqlType;
    /// use aludel::schema::{ColumnDef, Domain, Table};
    ///
    /// let work = Domain::new("work_email", Domain::new("email", SqlType::Text));
    /// let mut users = Table::new("users");
    /// users.columns.push(ColumnDef::new("mail", work));
    /// let metadata = Metadata::from_tables(vec![users]);
    /// assert_eq!(metadata.domains().iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["email", "work_email"]);
    /// ```
    #[must_use]
    pub fn domains(&self) -> Vec<&Domain> {
        fn push<'a>(domains: &mut Vec<&'a Domain>, it: &'a Domain) {
            if let Type::Domain(under) = &it.sql_type {
                push(domains, under);
            }
            if !domains.contains(&it) {
                domains.push(it);
            }
        }
        let columns = self.tables.iter().flat_map(|it| &it.columns);
        let mut domains = Vec::new();
        for it in self.domains.iter().chain(columns.filter_map(|it| it.sql_type.as_domain())) {
            push(&mut domains, it);
        }
        domains
    }

    /// Returns the domains that were added, without those that only columns have.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// use aludel::SqlType;
    /// use aludel::schema::Domain;
    ///
    /// let metadata = Metadata::default().domain(Domain::new("email", SqlType::Text));
    /// assert_eq!(metadata.own_domains().len(), 1);
    /// ```
    #[must_use]
    pub fn own_domains(&self) -> &[Domain] {
        &self.domains
    }

    /// Returns the domains that were added, to be changed.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// use aludel::SqlType;
    /// use aludel::schema::Domain;
    ///
    /// let mut metadata = Metadata::default().domain(Domain::new("email", SqlType::Text));
    /// metadata.domains_mut()[0].nullable = false;
    /// assert!(!metadata.domains()[0].nullable);
    /// ```
    pub fn domains_mut(&mut self) -> &mut Vec<Domain> {
        &mut self.domains
    }

    /// Returns the extensions.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// use aludel::schema::Extension;
    ///
    /// let metadata = Metadata::default().extension(Extension::new("citext"));
    /// assert_eq!(metadata.extensions().len(), 1);
    /// ```
    #[must_use]
    pub fn extensions(&self) -> &[Extension] {
        &self.extensions
    }

    /// Returns the extensions, to be changed.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// use aludel::schema::Extension;
    ///
    /// let mut metadata = Metadata::default().extension(Extension::new("citext"));
    /// metadata.extensions_mut()[0].schema = Some("public".into());
    /// assert_eq!(metadata.schemas(), ["public"]);
    /// ```
    pub fn extensions_mut(&mut self) -> &mut Vec<Extension> {
        &mut self.extensions
    }

    /// Returns the sequences.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// use aludel::schema::Sequence;
    ///
    /// let metadata = Metadata::default().sequence(Sequence::new("tickets"));
    /// assert_eq!(metadata.sequences().len(), 1);
    /// ```
    #[must_use]
    pub fn sequences(&self) -> &[Sequence] {
        &self.sequences
    }

    /// Returns the sequences, to be changed.
    ///
    /// ```
    /// # use aludel::prelude::*;
    /// use aludel::schema::Sequence;
    ///
    /// let mut metadata = Metadata::default().sequence(Sequence::new("tickets"));
    /// metadata.sequences_mut()[0].options.cache = Some(50);
    /// assert_eq!(metadata.sequences()[0].options.cache, Some(50));
    /// ```
    pub fn sequences_mut(&mut self) -> &mut Vec<Sequence> {
        &mut self.sequences
    }

    /// Returns the names of the schemas that something is in, each once.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::Author};
    /// use aludel::schema::Sequence;
    ///
    /// // What is in the default schema names none.
    /// let metadata = Metadata::of(Author).sequence(Sequence::new("tickets").schema("shop"));
    /// assert_eq!(metadata.schemas(), ["shop"]);
    /// ```
    #[must_use]
    pub fn schemas(&self) -> Vec<&str> {
        let tables = self.tables.iter().map(|it| &it.schema);
        let enums = self.enums().into_iter().map(|it| &it.schema);
        let domains = self.domains().into_iter().map(|it| &it.schema);
        let extensions = self.extensions.iter().map(|it| &it.schema);
        let all = tables.chain(enums).chain(domains).chain(extensions);
        let all = all
            .chain(self.sequences.iter().map(|it| &it.schema))
            .chain(self.ddls.iter().map(|it| &it.schema));
        let mut schemas: Vec<&str> = all.flatten().map(String::as_str).collect();
        schemas.sort_unstable();
        schemas.dedup();
        schemas
    }
}

/// One entity or association table, or a tuple of them.
pub trait Tables {
    /// Adds the tables.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// use aludel::schema::Tables;
    ///
    /// let mut tables = Vec::new();
    /// (Author, Book).push_tables(&mut tables);
    /// assert_eq!(tables[1].name, "books");
    /// ```
    fn push_tables(self, tables: &mut Vec<&'static TableMeta>);
}

impl<E: Mapped> Tables for crate::Of<E> {
    fn push_tables(self, tables: &mut Vec<&'static TableMeta>) {
        tables.push(E::TABLE);
    }
}

impl<A, B> Tables for Association<A, B> {
    fn push_tables(self, tables: &mut Vec<&'static TableMeta>) {
        tables.push(self.table());
    }
}

macro_rules! tuples {
    ($(($($name:ident)+))*) => {$(
        impl<$($name: Tables),+> Tables for ($($name,)+) {
            fn push_tables(self, tables: &mut Vec<&'static TableMeta>) {
                #[allow(non_snake_case)]
                let ($($name,)+) = self;
                $($name.push_tables(tables);)+
            }
        }
    )*};
}

tuples! {
    (A)
    (A B)
    (A B C)
    (A B C D)
    (A B C D E)
    (A B C D E F)
    (A B C D E F G)
    (A B C D E F G H)
    (A B C D E F G H I)
    (A B C D E F G H I J)
    (A B C D E F G H I J K)
    (A B C D E F G H I J K L)
    (A B C D E F G H I J K L M)
    (A B C D E F G H I J K L M N)
    (A B C D E F G H I J K L M N O)
    (A B C D E F G H I J K L M N O P)
}
