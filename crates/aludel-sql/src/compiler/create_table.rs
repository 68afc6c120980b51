//! CREATE TABLE: what all databases share, with the definition of a column left to the dialect.

use super::sequence::sequence_options;
use super::standard::{table_name, text_literal};
use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind, Result};
use crate::identifier::{MAX_IDENTIFIER, write_identifier};
use crate::mapping::{ReferentialAction, ServerDefault};
use crate::schema::{
    Check, ColumnDef, Computed, Deferrable, DeferredForeignKey, DialectOptions, Exclude, ForeignKey,
    Identity, Table, Unique, requoted,
};

/// Writes CREATE TABLE with all constraints that are not deferred. `kind` is `TABLE ` or `UNLOGGED TABLE `, `column` writes what follows a
/// column's name.
///
/// ```
/// # use library::Author;
/// use aludel::{Dialect, PostgresDialect};
/// use aludel_sql::compiler::create_table;
///
/// let authors = Author::table();
/// let sql = create_table::create_table(&PostgresDialect, "UNLOGGED TABLE ", &authors, &[], &|sql, column| {
///     PostgresDialect.column_definition(sql, &authors, column)
/// })?;
/// assert!(sql.starts_with("CREATE UNLOGGED TABLE authors (\n  id bigint "));
/// assert!(sql.ends_with(",\n  CONSTRAINT pk_authors PRIMARY KEY (id)\n)"));
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Schema` for a table without columns and for names that no database can hold; and whatever `column` refuses.
pub fn create_table(
    dialect: &dyn Dialect,
    kind: &str,
    table: &Table,
    deferred: &[DeferredForeignKey],
    column: &dyn Fn(&mut String, &ColumnDef) -> Result<()>,
) -> Result<String> {
    if table.columns.is_empty() {
        return Err(Error::new(ErrorKind::Schema, format!("table `{}` has no columns", table.name))
            .with_table(&table.name));
    }
    check_names(table)?;
    let quote = dialect.quote();
    let mut sql = "CREATE ".to_owned();
    sql.push_str(kind);
    table_name(&mut sql, dialect, &table.name, table.schema.as_deref())?;
    sql.push_str(" (\n");
    for (at, definition) in table.columns.iter().enumerate() {
        sql.push_str(if at == 0 { "  " } else { ",\n  " });
        write_identifier(&mut sql, &definition.name, quote)?;
        sql.push(' ');
        column(&mut sql, definition)?;
    }
    if !table.primary_key.columns.is_empty() {
        constraint(&mut sql, dialect, &table.primary_key.name)?;
        sql.push_str("PRIMARY KEY ");
        columns(&mut sql, dialect, &table.primary_key.columns)?;
    }
    for unique in &table.uniques {
        constraint(&mut sql, dialect, &unique.name)?;
        self::unique(&mut sql, dialect, unique)?;
    }
    let is_deferred = |key: &ForeignKey| {
        deferred
            .iter()
            .any(|it| it.table == table.name && it.schema == table.schema && it.foreign_key == *key)
    };
    for key in table.foreign_keys.iter().filter(|key| !is_deferred(key)) {
        constraint(&mut sql, dialect, &key.name)?;
        foreign_key(&mut sql, dialect, key)?;
    }
    for check in &table.checks {
        constraint(&mut sql, dialect, &check.name)?;
        self::check(&mut sql, dialect, check)?;
    }
    for exclude in &table.excludes {
        constraint(&mut sql, dialect, &exclude.name)?;
        self::exclude(&mut sql, dialect, exclude)?;
    }
    sql.push_str("\n)");
    Ok(sql)
}

/// Checks what databases would notice late, or not at all: names that one of them cuts, so that two may become one, and two
/// constraints of one name.
fn check_names(table: &Table) -> Result<()> {
    let wrong = |what: String, help: &'static str| {
        Err(Error::new(ErrorKind::Schema, what).with_table(&table.name).help(help))
    };
    let constraints: Vec<&String> = std::iter::once(&table.primary_key.name)
        .chain(table.uniques.iter().map(|it| &it.name))
        .chain(table.foreign_keys.iter().map(|it| &it.name))
        .chain(table.checks.iter().map(|it| &it.name))
        .chain(table.excludes.iter().map(|it| &it.name))
        .collect();
    let indexes: Vec<&String> = table.indexes.iter().map(|it| &it.name).collect();
    let names = std::iter::once(&table.name)
        .chain(table.columns.iter().map(|it| &it.name))
        .chain(indexes.iter().copied());
    if let Some(name) = names.chain(constraints.iter().copied()).find(|it| it.len() > MAX_IDENTIFIER) {
        let bytes = name.len();
        return wrong(
            format!("the name `{name}` has {bytes} bytes; all databases together keep {MAX_IDENTIFIER}"),
            "choose a shorter one",
        );
    }
    for (what, names) in [("constraints", constraints), ("indexes", indexes)] {
        if let Some(at) = (1..names.len()).find(|at| names[..*at].contains(&names[*at])) {
            return wrong(
                format!("two {what} of `{}` are called `{}`", table.name, names[at]),
                "give one of them another name",
            );
        }
    }
    Ok(())
}

/// Writes ` GENERATED ALWAYS AS (…) STORED`, if the column is computed.
///
/// ```
/// use aludel::schema::Computed;
/// use aludel_sql::compiler::create_table;
///
/// let mut sql = "total integer".to_owned();
/// create_table::computed(&mut sql, Some(&Computed { expression: "price * amount".into(), stored: true }));
/// assert_eq!(sql, "total integer GENERATED ALWAYS AS (price * amount) STORED");
/// ```
pub fn computed(sql: &mut String, computed: Option<&Computed>) {
    if let Some(Computed { expression, stored }) = computed {
        sql.push_str(" GENERATED ALWAYS AS (");
        sql.push_str(expression);
        sql.push_str(if *stored { ") STORED" } else { ") VIRTUAL" });
    }
}

/// Writes ALTER TABLE … ADD CONSTRAINT … FOREIGN KEY.
///
/// ```
/// # use library::Book;
/// use aludel::PostgresDialect;
/// use aludel::schema::{DeferredForeignKey, ForeignKey};
/// use aludel_sql::{ReferentialAction, compiler::create_table};
///
/// let foreign_key = ForeignKey { on_delete: ReferentialAction::Cascade, ..Book::table().foreign_keys.remove(0) };
/// let key = DeferredForeignKey { table: "books".into(), schema: None, foreign_key };
/// assert_eq!(
///     create_table::add_foreign_key(&PostgresDialect, &key)?,
///     "ALTER TABLE books ADD CONSTRAINT fk_books_author_id_authors \
///      FOREIGN KEY (author_id) REFERENCES authors (id) ON DELETE CASCADE"
/// );
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Schema` for names that no database can hold.
pub fn add_foreign_key(dialect: &dyn Dialect, key: &DeferredForeignKey) -> Result<String> {
    let mut sql = "ALTER TABLE ".to_owned();
    table_name(&mut sql, dialect, &key.table, key.schema.as_deref())?;
    sql.push_str(" ADD CONSTRAINT ");
    write_identifier(&mut sql, &key.foreign_key.name, dialect.quote())?;
    sql.push(' ');
    foreign_key(&mut sql, dialect, &key.foreign_key)?;
    Ok(sql)
}

/// Writes ` DEFAULT …`; `now` is the dialect's expression for the time of the statement.
///
/// ```
/// use aludel_sql::{ServerDefault, compiler::create_table};
///
/// let default = |it| {
///     let mut sql = String::new();
///     create_table::server_default(&mut sql, Some(&it), "now()").unwrap();
///     sql
/// };
/// assert_eq!(default(ServerDefault::Now), " DEFAULT now()");
/// assert_eq!(default(ServerDefault::Text("it's".into())), " DEFAULT 'it''s'");
/// assert_eq!(default(ServerDefault::Sql("gen_random_uuid()".into())), " DEFAULT (gen_random_uuid())");
/// ```
///
/// # Errors
///
/// Never for the defaults that there are; the type leaves room.
pub fn server_default(sql: &mut String, default: Option<&ServerDefault<String>>, now: &str) -> Result<()> {
    let Some(default) = default else { return Ok(()) };
    sql.push_str(" DEFAULT ");
    match default {
        ServerDefault::Now => sql.push_str(now),
        ServerDefault::Int(value) => sql.push_str(&value.to_string()),
        ServerDefault::Bool(value) => sql.push_str(if *value { "TRUE" } else { "FALSE" }),
        ServerDefault::Text(text) => text_literal(sql, text),
        ServerDefault::Sql(expression) => {
            sql.push('(');
            sql.push_str(expression);
            sql.push(')');
        }
    }
    Ok(())
}

fn constraint(sql: &mut String, dialect: &dyn Dialect, name: &str) -> Result<()> {
    sql.push_str(",\n  CONSTRAINT ");
    write_identifier(sql, name, dialect.quote())?;
    sql.push(' ');
    Ok(())
}

/// Writes `UNIQUE (…)`.
///
/// ```
/// use aludel::schema::{Deferrable, Unique};
/// use aludel::{MySqlDialect, PostgresDialect};
/// use aludel_sql::compiler::create_table;
///
/// let title = Unique { deferrable: Deferrable::Deferred, ..Unique::over("uq_title", ["title"]) };
/// let mut sql = String::new();
/// create_table::unique(&mut sql, &PostgresDialect, &title)?;
/// assert_eq!(sql, "UNIQUE (title) DEFERRABLE INITIALLY DEFERRED");
/// assert!(create_table::unique(&mut String::new(), &MySqlDialect::default(), &title).is_err());
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Schema` for names that no database can hold, `Unsupported` for what this one has not.
pub fn unique(sql: &mut String, dialect: &dyn Dialect, unique: &Unique) -> Result<()> {
    let features = dialect.features();
    sql.push_str("UNIQUE ");
    if unique.nulls_not_distinct {
        need(dialect, features.nulls_not_distinct, "UNIQUE NULLS NOT DISTINCT", &unique.name)?;
        sql.push_str("NULLS NOT DISTINCT ");
    }
    columns(sql, dialect, &unique.columns)?;
    need(
        dialect,
        unique.deferrable == Deferrable::No || features.deferrable_uniques,
        "unique constraint that is deferrable",
        &unique.name,
    )?;
    sql.push_str(unique.deferrable.sql());
    Ok(())
}

/// Writes `CHECK (…)`.
///
/// ```
/// use aludel::MySqlDialect;
/// use aludel::schema::Check;
/// use aludel_sql::compiler::create_table;
///
/// // Conditions quote names as the standard says; here they get the quotes of the database.
/// let mut sql = String::new();
/// create_table::check(&mut sql, &MySqlDialect::default(), &Check::new("ck", "\"order\" > 0"))?;
/// assert_eq!(sql, "CHECK (`order` > 0)");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Unsupported` for what this database has not.
pub fn check(sql: &mut String, dialect: &dyn Dialect, check: &Check) -> Result<()> {
    sql.push_str("CHECK (");
    sql.push_str(&requoted(&check.condition, dialect.quote()));
    sql.push(')');
    not_valid(sql, dialect, check.not_valid, &check.name)
}

/// Writes `EXCLUDE …`.
///
/// ```
/// use aludel::schema::Exclude;
/// use aludel::{PostgresDialect, SqliteDialect};
/// use aludel_sql::compiler::create_table;
///
/// let overlap = Exclude {
///     name: "no_overlap".into(),
///     definition: "USING gist (room WITH =, during WITH &&)".into(),
/// };
/// let mut sql = String::new();
/// create_table::exclude(&mut sql, &PostgresDialect, &overlap)?;
/// assert_eq!(sql, "EXCLUDE USING gist (room WITH =, during WITH &&)");
/// let error = create_table::exclude(&mut String::new(), &SqliteDialect, &overlap).unwrap_err();
/// assert_eq!(error.what(), "SQLite has no exclusion constraint: `no_overlap`");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Unsupported` for what this database has not.
pub fn exclude(sql: &mut String, dialect: &dyn Dialect, exclude: &Exclude) -> Result<()> {
    need(dialect, dialect.features().exclusion_constraints, "exclusion constraint", &exclude.name)?;
    sql.push_str("EXCLUDE ");
    sql.push_str(&exclude.definition);
    Ok(())
}

/// Writes `FOREIGN KEY (…) REFERENCES parent (…)` and what happens when the parent changes.
///
/// ```
/// # use library::Book;
/// use aludel::SqliteDialect;
/// use aludel::schema::{Deferrable, ForeignKey};
/// use aludel_sql::compiler::create_table;
///
/// let key = ForeignKey { deferrable: Deferrable::Deferred, ..Book::table().foreign_keys.remove(0) };
/// let mut sql = String::new();
/// create_table::foreign_key(&mut sql, &SqliteDialect, &key)?;
/// assert_eq!(sql, "FOREIGN KEY (author_id) REFERENCES authors (id) DEFERRABLE INITIALLY DEFERRED");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Schema` for names that no database can hold, `Unsupported` for what this one has not.
pub fn foreign_key(sql: &mut String, dialect: &dyn Dialect, key: &ForeignKey) -> Result<()> {
    let features = dialect.features();
    sql.push_str("FOREIGN KEY ");
    columns(sql, dialect, &key.columns)?;
    sql.push_str(" REFERENCES ");
    table_name(sql, dialect, &key.parent, key.parent_schema.as_deref())?;
    sql.push(' ');
    columns(sql, dialect, &key.parent_columns)?;
    if key.match_full {
        need(dialect, features.match_full, "foreign key with MATCH FULL", &key.name)?;
        sql.push_str(" MATCH FULL");
    }
    if key.on_delete != ReferentialAction::NoAction {
        sql.push_str(" ON DELETE ");
        sql.push_str(key.on_delete.sql());
        if !key.on_delete_columns.is_empty() {
            need(dialect, features.on_delete_columns, "ON DELETE for some columns of a key", &key.name)?;
            sql.push(' ');
            columns(sql, dialect, &key.on_delete_columns)?;
        }
    }
    if key.on_update != ReferentialAction::NoAction {
        sql.push_str(" ON UPDATE ");
        sql.push_str(key.on_update.sql());
    }
    need(
        dialect,
        key.deferrable == Deferrable::No || features.deferrable_foreign_keys,
        "foreign key that is deferrable",
        &key.name,
    )?;
    sql.push_str(key.deferrable.sql());
    not_valid(sql, dialect, key.not_valid, &key.name)
}

fn not_valid(sql: &mut String, dialect: &dyn Dialect, not_valid: bool, name: &str) -> Result<()> {
    if not_valid {
        need(dialect, dialect.features().not_valid, "constraint that is NOT VALID", name)?;
        sql.push_str(" NOT VALID");
    }
    Ok(())
}

/// Refuses what a database has not: `MariaDB has no exclusion constraint: `no_overlap``.
///
/// ```
/// use aludel::{Dialect, MySqlDialect};
/// use aludel_sql::compiler::create_table;
///
/// let dialect = MySqlDialect::default();
/// let has = dialect.features().partial_indexes;
/// let error = create_table::need(&dialect, has, "partial index (`where`)", "ix_books_year").unwrap_err();
/// assert_eq!(error.what(), "MariaDB has no partial index (`where`): `ix_books_year`");
/// ```
///
/// # Errors
///
/// Kind `Unsupported` unless it `has` it.
pub fn need(dialect: &dyn Dialect, has: bool, what: &str, name: &str) -> Result<()> {
    if has {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Unsupported, format!("{} has no {what}: `{name}`", dialect.name())))
}

/// Writes names in parentheses.
///
/// ```
/// use aludel::PostgresDialect;
/// use aludel_sql::compiler::create_table;
///
/// let mut sql = "UNIQUE ".to_owned();
/// create_table::columns(&mut sql, &PostgresDialect, &["title".into(), "Year".into()])?;
/// assert_eq!(sql, "UNIQUE (title, \"Year\")");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Schema` for names that no database can hold.
pub fn columns(sql: &mut String, dialect: &dyn Dialect, names: &[String]) -> Result<()> {
    sql.push('(');
    for (at, name) in names.iter().enumerate() {
        if at > 0 {
            sql.push_str(", ");
        }
        write_identifier(sql, name, dialect.quote())?;
    }
    sql.push(')');
    Ok(())
}

/// Refuses options that a dialect does not know; those of other dialects are not looked at.
///
/// ```
/// use aludel::SqliteDialect;
/// use aludel::schema::DialectOptions;
/// use aludel_sql::compiler::create_table;
///
/// let options = DialectOptions::default().with("sqlite", "strikt", "true").with("mysql", "engine", "Aria");
/// let error = create_table::known_options(&SqliteDialect, &options, &["strict"], "table `books`").unwrap_err();
/// assert_eq!(error.what(), "SQLite knows no option `strikt` of table `books`");
/// assert_eq!(error.advice(), Some("it knows `strict`"));
/// ```
///
/// # Errors
///
/// Kind `Unsupported`, naming the option and those that there are.
pub fn known_options(
    dialect: &dyn Dialect,
    options: &DialectOptions,
    known: &[&str],
    of: &str,
) -> Result<()> {
    let Some((name, _)) = options.of_dialect(dialect.option_key()).find(|(name, _)| !known.contains(name))
    else {
        return Ok(());
    };
    let list = known.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
    let error =
        Error::new(ErrorKind::Unsupported, format!("{} knows no option `{name}` of {of}", dialect.name()));
    Err(if known.is_empty() { error } else { error.help(format!("it knows {list}")) })
}

/// Writes ` GENERATED BY DEFAULT AS IDENTITY (START WITH 5)`, as standard SQL has it.
///
/// ```
/// use aludel::schema::{Identity, SequenceOptions};
/// use aludel_sql::compiler::create_table;
///
/// let mut sql = "bigint".to_owned();
/// let options = SequenceOptions { start: Some(1000), ..SequenceOptions::default() };
/// create_table::identity(&mut sql, &Identity { always: true, options });
/// assert_eq!(sql, "bigint GENERATED ALWAYS AS IDENTITY (START WITH 1000)");
/// ```
pub fn identity(sql: &mut String, identity: &Identity) {
    sql.push_str(if identity.always { " GENERATED ALWAYS" } else { " GENERATED BY DEFAULT" });
    sql.push_str(" AS IDENTITY");
    if !identity.options.is_default() {
        let mut options = String::new();
        sequence_options(&mut options, &identity.options);
        sql.push_str(" (");
        sql.push_str(options.trim_start());
        sql.push(')');
    }
}
