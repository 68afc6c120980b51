//! CREATE TABLE, CREATE INDEX and CREATE SEQUENCE of MariaDB and MySQL.

use std::fmt::Write;

use aludel_sql::compiler::create_index::{IndexOptions, on_table};
use aludel_sql::compiler::create_table::{self, known_options};
use aludel_sql::compiler::sequence;
use aludel_sql::compiler::standard::text_literal;
use aludel_sql::schema::{
    ColumnDef, DeferredForeignKey, DialectOptions, Identity, Index, IndexPart, Sequence, Table, Type,
};
use aludel_sql::{Dialect, Error, ErrorKind, Result, SqlType, write_identifier};

use crate::dialect::MySqlDialect;

/// The options of a table: what `mysql(…)` takes.
const TABLE_OPTIONS: &[&str] =
    &["charset", "collate", "engine", "key_block_size", "partition_by", "row_format"];
/// The options of an index.
const INDEX_OPTIONS: &[&str] = &["parser", "prefix", "using"];

pub(crate) fn column_type(dialect: &MySqlDialect, column_type: &Type) -> Result<String> {
    match column_type {
        Type::Sql(sql_type) => dialect.type_name(*sql_type),
        Type::Native(name) => dialect.native_type(name),
        Type::Enum(it) => {
            let mut name = "ENUM(".to_owned();
            for (at, value) in it.values.iter().enumerate() {
                name.push_str(if at == 0 { "" } else { "," });
                text_literal(&mut name, value);
            }
            name.push(')');
            Ok(name)
        }
        Type::Domain(it) => dialect.column_type(&it.sql_type),
        other => {
            Err(Error::new(ErrorKind::Unsupported, format!("{} has no type for {other}", dialect.name())))
        }
    }
}

pub(crate) fn create_table(
    dialect: &MySqlDialect,
    table: &Table,
    deferred: &[DeferredForeignKey],
) -> Result<Vec<String>> {
    known_options(dialect, &table.options, TABLE_OPTIONS, &format!("table `{}`", table.name))?;
    let table = &table.without_domains();
    let option = |name| table.options.get("mysql", name);
    let mut sql = create_table::create_table(dialect, "TABLE ", table, deferred, &|sql, column| {
        column_definition(dialect, sql, table, column)
    })?;
    let (charset, collation) = dialect.charset(&table.options);
    let _ = write!(
        sql,
        " ENGINE={} DEFAULT CHARSET={}",
        word(option("engine").unwrap_or("InnoDB"))?,
        word(charset)?
    );
    if let Some(collation) = collation {
        let _ = write!(sql, " COLLATE={}", word(collation)?);
    }
    for (name, words) in [("row_format", "ROW_FORMAT"), ("key_block_size", "KEY_BLOCK_SIZE")] {
        if let Some(value) = option(name) {
            let _ = write!(sql, " {words}={}", word(value)?);
        }
    }
    let start = table.columns.iter().find_map(|it| it.identity.as_ref()?.options.start);
    if let Some(start) = start {
        let _ = write!(sql, " AUTO_INCREMENT={start}");
    }
    if let Some(comment) = &table.comment {
        sql.push_str(" COMMENT=");
        text_literal(&mut sql, comment);
    }
    if let Some(by) = option("partition_by") {
        let _ = write!(sql, " PARTITION BY {by}");
    }
    let mut statements = vec![sql];
    for index in &table.indexes {
        statements.push(create_index(dialect, table, index)?);
    }
    Ok(statements)
}

impl MySqlDialect {
    /// Returns the character set and the collation that options ask for.
    pub(crate) fn charset<'a>(&self, options: &'a DialectOptions) -> (&'a str, Option<&'a str>) {
        let charset = options.get("mysql", "charset").unwrap_or("utf8mb4");
        let collation = options.get("mysql", "collate").or((charset == "utf8mb4").then(|| self.collation()));
        (charset, collation)
    }
}

/// Refuses what is not one word: the names of engines and character sets cannot be quoted.
pub(crate) fn word(name: &str) -> Result<&str> {
    if !name.is_empty() && name.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_') {
        return Ok(name);
    }
    Err(Error::new(
        ErrorKind::Schema,
        format!("`{name}` is no name of an engine, a format or a character set"),
    ))
}

pub(crate) fn create_index(dialect: &MySqlDialect, table: &Table, index: &Index) -> Result<String> {
    known_options(dialect, &index.options, INDEX_OPTIONS, &format!("index `{}`", index.name))?;
    for part in &index.parts {
        known_options(dialect, &part.options, &["length"], &format!("a part of index `{}`", index.name))?;
    }
    let mut sql = "CREATE ".to_owned();
    if index.unique {
        sql.push_str("UNIQUE ");
    }
    if let Some(prefix) = index.options.get("mysql", "prefix") {
        sql.push_str(&word(prefix)?.to_ascii_uppercase());
        sql.push(' ');
    }
    sql.push_str("INDEX ");
    write_identifier(&mut sql, &index.name, dialect.quote())?;
    on_table(&mut sql, dialect, &Options, table, index)?;
    Ok(sql)
}

/// What `mysql(…)` says of an index.
struct Options;

impl IndexOptions for Options {
    fn part(&self, sql: &mut String, part: &IndexPart) -> Result<()> {
        if let Some(length) = part.options.get("mysql", "length") {
            let _ = write!(sql, "({})", word(length)?);
        }
        Ok(())
    }

    fn after_parts(&self, sql: &mut String, index: &Index) -> Result<()> {
        if let Some(method) = index.options.get("mysql", "using") {
            let _ = write!(sql, " USING {}", word(method)?.to_ascii_uppercase());
        }
        if let Some(parser) = index.options.get("mysql", "parser") {
            let _ = write!(sql, " WITH PARSER {}", word(parser)?);
        }
        Ok(())
    }
}

/// Writes what follows a column's name.
pub(crate) fn column_definition(
    dialect: &MySqlDialect,
    sql: &mut String,
    table: &Table,
    column: &ColumnDef,
) -> Result<()> {
    known_options(
        dialect,
        &column.options,
        &["on_update"],
        &format!("column `{}.{}`", table.name, column.name),
    )?;
    check_length(dialect, table, column)?;
    sql.push_str(&dialect.column_type(&column.sql_type)?);
    if let Some(collation) = &column.collation {
        sql.push_str(" COLLATE ");
        write_identifier(sql, collation, dialect.quote())?;
    }
    create_table::computed(sql, column.computed.as_ref());
    // MariaDB takes no NULL or NOT NULL on a computed column.
    if column.computed.is_none() {
        sql.push_str(if column.nullable { " NULL" } else { " NOT NULL" });
    }
    if let Some(identity) = &column.identity {
        check_identity(dialect, table, column, identity)?;
        sql.push_str(" AUTO_INCREMENT");
    }
    // MySQL wants an expression in parentheses; MariaDB takes both.
    create_table::server_default(sql, column.server_default.as_ref(), "(utc_timestamp(6))")?;
    if let Some(on_update) = column.options.get("mysql", "on_update") {
        let _ = write!(sql, " ON UPDATE {on_update}");
    }
    if let Some(comment) = &column.comment {
        sql.push_str(" COMMENT ");
        text_literal(sql, comment);
    }
    Ok(())
}

/// Refuses a text or bytes of any length where it would be in an index as a whole.
fn check_length(dialect: &MySqlDialect, table: &Table, column: &ColumnDef) -> Result<()> {
    let is_long = matches!(column.sql_type, Type::Sql(SqlType::Text | SqlType::Bytes));
    if !is_long || !is_whole_in_an_index(table, &column.name) {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Schema,
        format!(
            "`{}.{}` is a key or has an index, so {} needs its length",
            table.name,
            column.name,
            dialect.name()
        ),
    )
    .with_table(&table.name)
    .with_column(&column.name)
    .help("give the field `#[column(length = …)]`"))
}

fn is_whole_in_an_index(table: &Table, column: &str) -> bool {
    let without = Table { indexes: Vec::new(), ..table.clone() };
    let indexes = table.indexes.iter().filter(|it| it.options.get("mysql", "prefix").is_none());
    let mut parts = indexes.flat_map(|it| &it.parts);
    without.is_key_column(column)
        || parts.any(|it| it.column() == Some(column) && it.options.get("mysql", "length").is_none())
}

fn check_identity(
    dialect: &MySqlDialect,
    table: &Table,
    column: &ColumnDef,
    identity: &Identity,
) -> Result<()> {
    let rest = aludel_sql::schema::SequenceOptions { start: None, ..identity.options.clone() };
    create_table::need(
        dialect,
        !identity.always && rest.is_default(),
        "identity that is always generated, or counts in a way of its own",
        &format!("{}.{}", table.name, column.name),
    )
}

pub(crate) fn create_sequence(dialect: &MySqlDialect, sequence: &Sequence) -> Result<Vec<String>> {
    create_table::need(dialect, dialect.features().sequences, "sequence", &sequence.name)?;
    let mut sql = sequence::create_sequence(dialect, sequence, None)?;
    if let Some(comment) = &sequence.comment {
        sql.push_str(" COMMENT=");
        text_literal(&mut sql, comment);
    }
    Ok(vec![sql])
}
