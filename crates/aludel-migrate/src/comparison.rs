//! A live database beside the schema that it should have.

mod ddl;
mod scratch;
mod types;

use aludel_engine::{Connection, Engine, Inspector};
use aludel_sql::schema::{
    Check, ColumnDef, EnumType, Exclude, ForeignKey, Index, Operation, Sequence, Table, TableName, Unique,
    canonical_table,
};
use aludel_sql::{Dialect, Metadata, Result};

use crate::diff::{diff, names_before, without_hint};
use crate::history::HISTORY_TABLE;

/// What no comparison looks at; the command prints it.
pub const NOT_COMPARED: &[&str] =
    &["views", "functions", "triggers", "policies", "grants", "storage and tablespaces", "partition options"];

/// What a database has, in the words of the schema that it should have: whatever means the same is spelled the same.
///
/// Definitions are compared by their canonical form. PostgreSQL itself writes the expressions of the schema, for temporary tables in a transaction that is
/// rolled back; SQLite and MariaDB keep what was written, whose tokens are compared. A default is never run.
///
/// ```
/// # aludel::doc::run_engine(async |engine| {
/// use aludel::doc::*;
/// use aludel_migrate::Comparison;
///
/// let models = Metadata::of((User, Document, Profile));
/// assert!(Comparison::read(&engine, &models).await?.drift()?.is_empty());
///
/// engine.connect().await?.run_plain(&["ALTER TABLE users ADD COLUMN fax TEXT"]).await?;
/// let comparison = Comparison::read(&engine, &models).await?;
/// assert_eq!(comparison.drift()?[0].to_string(), "add column users.fax"); // what somebody did
/// assert_eq!(comparison.missing()?[0].to_string(), "drop column users.fax"); // what would undo it
/// # Ok(()) });
/// ```
#[derive(Clone, Debug)]
pub struct Comparison {
    wanted: Metadata,
    live: Metadata,
    unmanaged: Vec<String>,
}

impl Comparison {
    /// Reads a database and compares it with a schema. What the schema does not know at all is left alone.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # use aludel::doc::*;
    /// # use aludel_migrate::Comparison;
    /// # let models = Metadata::of((User, Document, Profile));
    /// engine.connect().await?.run_plain(&["CREATE TABLE spatial_ref_sys (srid INTEGER)"]).await?;
    /// let comparison = Comparison::read(&engine, &models).await?;
    /// assert!(comparison.drift()?.is_empty()); // nobody's table is in nobody's way
    /// assert_eq!(comparison.unmanaged(), ["table spatial_ref_sys"]);
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// What keeps the database from being reached.
    pub async fn read(engine: &Engine, wanted: &Metadata) -> Result<Self> {
        Self::read_where(engine, wanted, |_| false).await
    }

    /// As [`read`](Self::read), with those of the things that the schema does not know that a filter takes: `table spatial_ref_sys`.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # use aludel::doc::*;
    /// # use aludel_migrate::Comparison;
    /// # let models = Metadata::of((User, Document, Profile));
    /// engine.connect().await?.run_plain(&["CREATE TABLE old_users (id INTEGER)"]).await?;
    /// let comparison = Comparison::read_where(&engine, &models, |what| what.starts_with("table old_")).await?;
    /// assert_eq!(comparison.missing()?[0].to_string(), "drop table old_users");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// What keeps the database from being reached.
    pub async fn read_where(
        engine: &Engine,
        wanted: &Metadata,
        takes: impl Fn(&str) -> bool,
    ) -> Result<Self> {
        let mut conn = engine.connect().await?;
        let everything = read(&mut conn, wanted).await?;
        let dialect = engine.dialect();
        let (managed, unmanaged) = managed(dialect, wanted, &everything, takes);
        Self::of(&mut conn, wanted, &managed, unmanaged).await
    }

    async fn of(
        conn: &mut Connection,
        wanted: &Metadata,
        managed: &Metadata,
        unmanaged: Vec<String>,
    ) -> Result<Self> {
        let engine = conn.engine().clone();
        let dialect = engine.dialect();
        let pairs: Vec<(&Table, &Table)> = managed
            .tables()
            .iter()
            .filter_map(|it| Some((it, wanted.table(it.schema.as_deref(), &it.name)?)))
            .collect();
        let mut written: Vec<Table> =
            pairs.iter().map(|(_, wanted)| canonical_table(dialect, wanted)).collect();
        let differ: Vec<usize> =
            (0..pairs.len()).filter(|at| canonical_table(dialect, pairs[*at].0) != written[*at]).collect();
        let tables: Vec<&Table> = differ.iter().map(|at| pairs[*at].1).collect();
        let unlike = types::unlike(dialect, managed, wanted);
        let (tables, domains) = scratch::written_by_the_server(&mut *conn, wanted, &tables, &unlike).await?;
        for (at, table) in differ.into_iter().zip(tables) {
            written[at] = canonical_table(dialect, &table);
        }
        let mut pairs = pairs.into_iter().zip(&written).peekable();
        let tables = managed.tables().iter().map(|live| match pairs.next_if(|((it, _), _)| *it == live) {
            Some(((_, wanted), written)) => {
                adopted(dialect, live, &canonical_table(dialect, live), wanted, written)
            }
            // It is about to get another name.
            None => live.clone(),
        });
        let mut live = Metadata::from_tables(tables.collect());
        types::adopt_domains(dialect, &mut live, managed, wanted, &domains);
        *live.extensions_mut() =
            if dialect.features().extensions { managed } else { wanted }.extensions().to_vec();
        for it in managed.own_enums() {
            live = live.enum_type(adopted_enum(it, wanted));
        }
        for it in managed.sequences() {
            live = live.sequence(adopted_sequence(it, wanted));
        }
        let ddls = ddl::there(conn, wanted, &live).await?;
        live = ddls.into_iter().fold(live, Metadata::ddl);
        Ok(Self { wanted: wanted.clone(), live, unmanaged })
    }

    /// Returns what the database has of the schema, spelled as the schema spells it where it means the same.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # use aludel::doc::*;
    /// # use aludel_migrate::Comparison;
    /// # let models = Metadata::of((User, Document, Profile));
    /// let comparison = Comparison::read(&engine, &models).await?;
    /// assert_eq!(comparison.live().table(None, "users"), models.table(None, "users"));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn live(&self) -> &Metadata {
        &self.live
    }

    /// Returns the operations that would make the database what the schema says.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # use aludel::doc::*;
    /// # use aludel_migrate::Comparison;
    /// # let models = Metadata::of((User, Document, Profile));
    /// engine.connect().await?.run_plain(&["DROP TABLE profiles"]).await?;
    /// let comparison = Comparison::read(&engine, &models).await?;
    /// assert_eq!(comparison.missing()?[0].to_string(), "create table profiles");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` where the schema does not fit together.
    pub fn missing(&self) -> Result<Vec<Operation>> {
        diff(&self.live, &self.wanted)
    }

    /// Returns the operations that made the database another than the schema says.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # use aludel::doc::*;
    /// # use aludel_migrate::Comparison;
    /// # let models = Metadata::of((User, Document, Profile));
    /// engine.connect().await?.run_plain(&["CREATE INDEX by_name ON users (name)"]).await?;
    /// let comparison = Comparison::read(&engine, &models).await?;
    /// assert_eq!(comparison.drift()?[0].to_string(), "create index by_name on users");
    /// # Ok(()) });
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Schema` where what the database has does not fit together.
    pub fn drift(&self) -> Result<Vec<Operation>> {
        diff(&self.wanted, &self.live)
    }

    /// Names what the database has and the schema does not know: `table spatial_ref_sys`. It is left alone.
    ///
    /// ```
    /// # aludel::doc::run_engine(async |engine| {
    /// # use aludel::doc::*;
    /// # use aludel_migrate::Comparison;
    /// # let models = Metadata::of((User, Document, Profile));
    /// let comparison = Comparison::read(&engine, &Metadata::of((User,))).await?;
    /// assert_eq!(comparison.unmanaged(), ["table documents", "table profiles"]);
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn unmanaged(&self) -> &[String] {
        &self.unmanaged
    }
}

/// Reads the default schema and those that the wanted things are in.
async fn read(conn: &mut Connection, wanted: &Metadata) -> Result<Metadata> {
    // The schema of an extension is no place to look for anything else, and that of a domain none where there are no domains.
    let has_domains = conn.engine().dialect().features().domains;
    let mut objects = if has_domains { wanted.clone() } else { wanted.without_domains() };
    objects.extensions_mut().clear();
    let mut schemas: Vec<Option<&str>> = vec![None];
    schemas.extend(objects.schemas().into_iter().map(Some));
    let before: Vec<TableName> = wanted.tables().iter().flat_map(names_before).collect();
    for schema in before.iter().filter_map(|it| it.schema.as_deref()) {
        if !schemas.contains(&Some(schema)) {
            schemas.push(Some(schema));
        }
    }
    let mut all = Metadata::default();
    for schema in schemas {
        let inspector: Inspector = conn.inspect(schema).await?;
        let read = inspector.reflect();
        all.tables_mut().extend(read.tables().iter().cloned());
        all.enums_mut().extend(read.enums().into_iter().cloned());
        all.domains_mut().extend(read.domains().into_iter().cloned());
        all.sequences_mut().extend(read.sequences().iter().cloned());
        let more = types::extensions(&inspector, &read, wanted, all.extensions());
        all.extensions_mut().extend(more);
    }
    all.tables_mut().retain(|it| it.name != HISTORY_TABLE);
    Ok(all)
}

/// Parts what a database has into what the schema knows and the names of the rest.
fn managed(
    dialect: &dyn Dialect,
    wanted: &Metadata,
    all: &Metadata,
    takes: impl Fn(&str) -> bool,
) -> (Metadata, Vec<String>) {
    let mut unmanaged = Vec::new();
    let mut know = |kind: &str, schema: Option<&String>, name: &str, is_known: bool| {
        let what = format!("{kind} {}", TableName { schema: schema.cloned(), name: name.to_owned() });
        let is_known = is_known || takes(&what);
        if !is_known {
            unmanaged.push(what);
        }
        is_known
    };
    let mut metadata = Metadata::default();
    for it in all.tables() {
        let is_known = wanted.tables().iter().any(|table| {
            table.schema == it.schema && table.name == it.name
                || names_before(table).contains(&TableName::of(it))
        });
        if know("table", it.schema.as_ref(), &it.name, is_known) {
            metadata = metadata.with_table(it.clone());
        }
    }
    let wanted_enums = wanted.enums();
    for it in all.own_enums().iter().filter(|_| dialect.features().enum_types) {
        let is_known = wanted_enums.iter().any(|other| other.name == it.name && other.schema == it.schema);
        if know("enum type", it.schema.as_ref(), &it.name, is_known) {
            metadata = metadata.enum_type(it.clone());
        }
    }
    let wanted_domains = wanted.domains();
    for it in all.own_domains() {
        let is_known = wanted_domains.iter().any(|other| {
            (other.name == it.name || other.renamed_from.as_ref() == Some(&it.name))
                && other.schema == it.schema
        });
        if know("domain", it.schema.as_ref(), &it.name, is_known) {
            metadata = metadata.domain(it.clone());
        }
    }
    for it in all.extensions() {
        let is_known = wanted.extensions().iter().any(|other| other.name == it.name);
        if know("extension", None, &it.name, is_known) {
            metadata = metadata.extension(it.clone());
        }
    }
    for it in all.sequences() {
        let is_known =
            wanted.sequences().iter().any(|other| other.name == it.name && other.schema == it.schema);
        if know("sequence", it.schema.as_ref(), &it.name, is_known) {
            metadata = metadata.sequence(it.clone());
        }
    }
    (metadata, unmanaged)
}

/// Returns a live table with the wanted spelling of everything that means the same.
fn adopted(
    dialect: &dyn Dialect,
    live: &Table,
    live_form: &Table,
    wanted: &Table,
    wanted_form: &Table,
) -> Table {
    let mut table = live.clone();
    table.options =
        if live_form.options == wanted_form.options { &wanted.options } else { &live.options }.clone();
    table.comment =
        if live_form.comment == wanted_form.comment { &wanted.comment } else { &live.comment }.clone();
    let has_domains = dialect.features().domains;
    let spelled = if has_domains { wanted.clone() } else { wanted.without_domains() };
    for (at, column) in table.columns.iter_mut().enumerate() {
        let form = &live_form.columns[at];
        let of = |columns: &[ColumnDef]| columns.iter().position(|it| it.name == column.name);
        if let Some(there) = of(&wanted.columns) {
            let mut found = of(&wanted_form.columns).map(|it| wanted_form.columns[it].clone());
            // The values of an enum type are compared with the type.
            if let Some(found) = &mut found
                && dialect.features().enum_types
                && let (Some(a), Some(b)) = (form.sql_type.as_enum(), found.sql_type.as_enum())
                && (&a.name, &a.schema) == (&b.name, &b.schema)
            {
                found.sql_type = form.sql_type.clone();
            }
            // What a domain asks of its values is compared with the domain.
            if let Some(found) = &mut found
                && let (Some(a), Some(b)) = (form.sql_type.as_domain(), found.sql_type.as_domain())
                && (&a.name, &a.schema) == (&b.name, &b.schema)
            {
                found.sql_type = form.sql_type.clone();
            }
            let same = found.as_ref() == Some(form);
            let values = column.sql_type.as_enum().map(|it| it.values.clone());
            if same {
                *column = ColumnDef { renamed_from: None, ..spelled.columns[there].clone() };
            } else if found.is_some_and(|it| it.sql_type == form.sql_type) {
                column.sql_type = spelled.columns[there].sql_type.clone();
            }
            // A hint is for the comparison of names; no state of a database has it.
            without_hint(&mut column.sql_type);
            if let aludel_sql::schema::Type::Enum(it) = &mut column.sql_type
                && let Some(values) = values.filter(|_| dialect.features().enum_types)
            {
                it.values = values;
            }
        }
    }
    if live_form.primary_key.columns == wanted_form.primary_key.columns {
        if !dialect.features().names_primary_key {
            table.primary_key = wanted.primary_key.clone();
        }
    } else if !dialect.features().names_primary_key {
        table.primary_key.name.clone_from(&wanted.primary_key.name);
    }
    named(&mut table.foreign_keys, &live_form.foreign_keys, &wanted.foreign_keys, &wanted_form.foreign_keys);
    named(&mut table.checks, &live_form.checks, &wanted.checks, &wanted_form.checks);
    if !has_domains {
        types::adopt_emulated(&mut table, live_form, wanted, wanted_form);
    }
    named(&mut table.excludes, &live_form.excludes, &wanted.excludes, &wanted_form.excludes);
    uniques_and_indexes(&mut table, live_form, wanted, wanted_form);
    table
}

/// A unique constraint and a unique index may be the same thing in the form of this database: one of them then stands for the other.
fn uniques_and_indexes(table: &mut Table, live_form: &Table, wanted: &Table, wanted_form: &Table) {
    let is_same_unique = |name: &str| {
        let of = |form: &Table| form.uniques.iter().find(|it| it.name == name).cloned();
        of(live_form).is_some() && of(live_form) == of(wanted_form)
    };
    for index in wanted.indexes.iter().filter(|it| is_same_unique(&it.name)) {
        if let Some(at) = table.uniques.iter().position(|it| it.name == index.name) {
            table.uniques.remove(at);
            table.indexes.push(index.clone());
        }
    }
    for unique in wanted.uniques.iter().filter(|it| is_same_unique(&it.name)) {
        if let Some(at) = table.indexes.iter().position(|it| it.name == unique.name) {
            table.indexes.remove(at);
            table.uniques.push(unique.clone());
        }
    }
    named(&mut table.uniques, &live_form.uniques, &wanted.uniques, &wanted_form.uniques);
    named(&mut table.indexes, &live_form.indexes, &wanted.indexes, &wanted_form.indexes);
}

/// What has a name in a table.
trait Named: Clone + PartialEq {
    fn name(&self) -> &str;
    fn set_name(&mut self, name: &str);
}

macro_rules! named {
    ($($type:ty)*) => {$(
        impl Named for $type {
            fn name(&self) -> &str {
                &self.name
            }
            fn set_name(&mut self, name: &str) {
                name.clone_into(&mut self.name);
            }
        }
    )*};
}

named! { ForeignKey Check Exclude Unique Index }

/// Gives live things the wanted spelling: by name, and those of another name that are the same otherwise.
fn named<T: Named>(live: &mut [T], live_form: &[T], wanted: &[T], wanted_form: &[T]) {
    for item in live {
        let find = |forms: &[T], name: &str| forms.iter().find(|it| it.name() == name).cloned();
        let Some(form) = find(live_form, item.name()) else { continue };
        let same_name = find(wanted_form, item.name()).filter(|it| *it == form);
        let other_name = || {
            wanted_form.iter().find(|it| {
                let mut renamed = (*it).clone();
                renamed.set_name(item.name());
                renamed == form
            })
        };
        let Some(found) = same_name.or_else(|| other_name().cloned()) else { continue };
        if let Some(mut spelled) = find(wanted, found.name()) {
            spelled.set_name(item.name());
            *item = spelled;
        }
    }
}

/// An enum type whose values are the same is the wanted one.
fn adopted_enum(live: &EnumType, wanted: &Metadata) -> EnumType {
    let wanted =
        wanted.enums().into_iter().find(|it| it.name == live.name && it.schema == live.schema).cloned();
    wanted
        .filter(|it| it.values == live.values)
        .map_or_else(|| live.clone(), |it| EnumType { renamed_from: None, ..it })
}

fn adopted_sequence(live: &Sequence, wanted: &Metadata) -> Sequence {
    let form = |it: &Sequence| Sequence { options: it.options.canonical(it.sql_type), ..it.clone() };
    let wanted = wanted.sequences().iter().find(|it| it.name == live.name && it.schema == live.schema);
    wanted.filter(|it| form(it) == form(live)).unwrap_or(live).clone()
}
