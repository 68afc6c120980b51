//! CREATE TABLE, CREATE INDEX, CREATE TYPE, CREATE DOMAIN, CREATE EXTENSION and CREATE SEQUENCE of PostgreSQL.

use std::fmt::Write;

use aludel_sql::compiler::alter;
use aludel_sql::compiler::create_index::{IndexOptions, on_table};
use aludel_sql::compiler::create_table::{self, known_options};
use aludel_sql::compiler::sequence;
use aludel_sql::compiler::standard::{table_name, text_literal};
use aludel_sql::schema::{
    Check, ColumnDef, Constraint, DeferredForeignKey, Domain, EnumType, Extension, Index, IndexPart,
    Sequence, Table, Type,
};
use aludel_sql::{Dialect, Error, ErrorKind, Result, write_identifier};

use crate::dialect::{NOW, PostgresDialect};

/// The options of a table: what `postgres(…)` takes.
const TABLE_OPTIONS: &[&str] = &["partition_by", "tablespace", "unlogged", "using", "with"];
/// The options of an index.
const INDEX_OPTIONS: &[&str] = &["tablespace", "using", "with"];

pub(crate) fn column_type(dialect: PostgresDialect, column_type: &Type) -> Result<String> {
    match column_type {
        Type::Sql(sql_type) => dialect.type_name(*sql_type),
        Type::Native(name) => dialect.native_type(name),
        Type::Enum(it) => {
            let mut name = String::new();
            table_name(&mut name, &dialect, &it.name, it.schema.as_deref())?;
            Ok(name)
        }
        Type::Domain(it) => {
            let mut name = String::new();
            table_name(&mut name, &dialect, &it.name, it.schema.as_deref())?;
            Ok(name)
        }
        other => Err(Error::new(ErrorKind::Unsupported, format!("PostgreSQL has no type for {other}"))),
    }
}

pub(crate) fn create_table(
    dialect: PostgresDialect,
    table: &Table,
    deferred: &[DeferredForeignKey],
) -> Result<Vec<String>> {
    known_options(&dialect, &table.options, TABLE_OPTIONS, &format!("table `{}`", table.name))?;
    let option = |name| table.options.get("postgres", name);
    let kind = if table.options.flag("postgres", "unlogged") { "UNLOGGED TABLE " } else { "TABLE " };
    let mut sql = create_table::create_table(&dialect, kind, table, deferred, &|sql, column| {
        column_definition(dialect, sql, table, column)
    })?;
    if let Some(by) = option("partition_by") {
        let _ = write!(sql, " PARTITION BY {by}");
    }
    if let Some(method) = option("using") {
        sql.push_str(" USING ");
        write_identifier(&mut sql, method, dialect.quote())?;
    }
    if let Some(with) = option("with") {
        let _ = write!(sql, " WITH ({with})");
    }
    if let Some(tablespace) = option("tablespace") {
        sql.push_str(" TABLESPACE ");
        write_identifier(&mut sql, tablespace, dialect.quote())?;
    }
    let mut statements = vec![sql];
    for index in &table.indexes {
        statements.push(create_index(dialect, table, index)?);
    }
    statements.extend(comments(dialect, table)?);
    Ok(statements)
}

fn comments(dialect: PostgresDialect, table: &Table) -> Result<Vec<String>> {
    let of_columns =
        table.columns.iter().filter_map(|it| Some((Some(it.name.as_str()), it.comment.as_deref()?)));
    let of_table = table.comment.as_deref().map(|comment| (None, comment));
    let mut statements = Vec::new();
    for (column, comment) in of_table.into_iter().chain(of_columns) {
        let kind = if column.is_some() { "COLUMN" } else { "TABLE" };
        let name = (table.schema.as_deref(), table.name.as_str());
        statements.push(self::comment(dialect, kind, name, column, Some(comment))?);
    }
    Ok(statements)
}

/// Writes COMMENT ON an object; no comment takes away the one that is there.
pub(crate) fn comment(
    dialect: PostgresDialect,
    kind: &str,
    (schema, name): (Option<&str>, &str),
    column: Option<&str>,
    comment: Option<&str>,
) -> Result<String> {
    let mut sql = format!("COMMENT ON {kind} ");
    table_name(&mut sql, &dialect, name, schema)?;
    if let Some(column) = column {
        sql.push('.');
        write_identifier(&mut sql, column, dialect.quote())?;
    }
    sql.push_str(" IS ");
    match comment {
        Some(comment) => text_literal(&mut sql, comment),
        None => sql.push_str("NULL"),
    }
    Ok(sql)
}

pub(crate) fn create_index(dialect: PostgresDialect, table: &Table, index: &Index) -> Result<String> {
    known_options(&dialect, &index.options, INDEX_OPTIONS, &format!("index `{}`", index.name))?;
    for part in &index.parts {
        known_options(&dialect, &part.options, &["ops"], &format!("a part of index `{}`", index.name))?;
    }
    let mut sql = if index.unique { "CREATE UNIQUE INDEX " } else { "CREATE INDEX " }.to_owned();
    write_identifier(&mut sql, &index.name, dialect.quote())?;
    on_table(&mut sql, &dialect, &Options(dialect), table, index)?;
    Ok(sql)
}

/// What `postgres(…)` says of an index.
struct Options(PostgresDialect);

impl IndexOptions for Options {
    fn before_parts(&self, sql: &mut String, index: &Index) -> Result<()> {
        if let Some(method) = index.options.get("postgres", "using") {
            sql.push_str(" USING ");
            write_identifier(sql, method, self.0.quote())?;
        }
        Ok(())
    }

    // An operator class may have a schema and parameters, so that it is SQL, not a name.
    fn part(&self, sql: &mut String, part: &IndexPart) -> Result<()> {
        if let Some(ops) = part.options.get("postgres", "ops") {
            let _ = write!(sql, " {ops}");
        }
        Ok(())
    }

    fn after_parts(&self, sql: &mut String, index: &Index) -> Result<()> {
        if let Some(with) = index.options.get("postgres", "with") {
            let _ = write!(sql, " WITH ({with})");
        }
        if let Some(tablespace) = index.options.get("postgres", "tablespace") {
            sql.push_str(" TABLESPACE ");
            write_identifier(sql, tablespace, self.0.quote())?;
        }
        Ok(())
    }
}

/// Writes what follows a column's name.
pub(crate) fn column_definition(
    dialect: PostgresDialect,
    sql: &mut String,
    table: &Table,
    column: &ColumnDef,
) -> Result<()> {
    known_options(&dialect, &column.options, &[], &format!("column `{}.{}`", table.name, column.name))?;
    sql.push_str(&dialect.column_type(&column.sql_type)?);
    if let Some(name) = &column.collation {
        collation(sql, name);
    }
    if !column.nullable {
        sql.push_str(" NOT NULL");
    }
    if let Some(identity) = &column.identity {
        if let Some(domain) = column.sql_type.as_domain() {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "PostgreSQL counts no values of a domain: `{}.{}` is of `{}`",
                    table.name, column.name, domain.name
                ),
            )
            .with_table(&table.name)
            .with_column(&column.name)
            .help("let the column have `autoincrement = false`, or its type no domain"));
        }
        create_table::identity(sql, identity);
    }
    if column.computed.as_ref().is_some_and(|it| !it.stored) {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!(
                "PostgreSQL computes a column when it is stored: `{}.{}` is `persisted = false`",
                table.name, column.name
            ),
        )
        .with_table(&table.name)
        .with_column(&column.name)
        .help("leave `persisted = false` out, or select the expression"));
    }
    create_table::computed(sql, column.computed.as_ref());
    create_table::server_default(sql, column.server_default.as_ref(), NOW)
}

pub(crate) fn create_enum(dialect: PostgresDialect, enum_type: &EnumType) -> Result<Vec<String>> {
    let mut sql = "CREATE TYPE ".to_owned();
    table_name(&mut sql, &dialect, &enum_type.name, enum_type.schema.as_deref())?;
    sql.push_str(" AS ENUM (");
    for (at, value) in enum_type.values.iter().enumerate() {
        sql.push_str(if at == 0 { "" } else { ", " });
        text_literal(&mut sql, value);
    }
    sql.push(')');
    let name = (enum_type.schema.as_deref(), enum_type.name.as_str());
    let comment = enum_type.comment.as_deref().map(|it| comment(dialect, "TYPE", name, None, Some(it)));
    std::iter::once(Ok(sql)).chain(comment).collect()
}

/// The names of collations are case-sensitive.
pub(crate) fn collation(sql: &mut String, name: &str) {
    let _ = write!(sql, " COLLATE \"{}\"", name.replace('"', "\"\""));
}

pub(crate) fn create_domain(dialect: PostgresDialect, domain: &Domain) -> Result<Vec<String>> {
    let mut sql = "CREATE DOMAIN ".to_owned();
    table_name(&mut sql, &dialect, &domain.name, domain.schema.as_deref())?;
    sql.push_str(" AS ");
    sql.push_str(&dialect.column_type(&domain.sql_type)?);
    if let Some(name) = &domain.collation {
        collation(&mut sql, name);
    }
    create_table::server_default(&mut sql, domain.server_default.as_ref(), NOW)?;
    if !domain.nullable {
        sql.push_str(" NOT NULL");
    }
    // Only a domain that is there can have a condition that its values are yet to be checked for.
    let (late, early): (Vec<&Check>, Vec<_>) = domain.checks.iter().partition(|it| it.not_valid);
    for check in early {
        sql.push(' ');
        domain_check(&mut sql, dialect, check)?;
    }
    let mut statements = vec![sql];
    for check in late {
        let mut add = alter_domain(dialect, domain)?;
        add.push_str(" ADD ");
        domain_check(&mut add, dialect, check)?;
        statements.push(add);
    }
    let name = (domain.schema.as_deref(), domain.name.as_str());
    if let Some(text) = &domain.comment {
        statements.push(comment(dialect, "DOMAIN", name, None, Some(text))?);
    }
    Ok(statements)
}

/// Writes `CONSTRAINT has_at CHECK (VALUE LIKE '%@%')`.
pub(crate) fn domain_check(sql: &mut String, dialect: PostgresDialect, check: &Check) -> Result<()> {
    alter::constraint_definition(sql, &dialect, &Constraint::Check(check.clone()))
}

/// Writes `ALTER DOMAIN name`.
pub(crate) fn alter_domain(dialect: PostgresDialect, domain: &Domain) -> Result<String> {
    alter::on_object(&dialect, "ALTER DOMAIN", domain.schema.as_deref(), &domain.name)
}

pub(crate) fn create_extension(dialect: PostgresDialect, extension: &Extension) -> Result<Vec<String>> {
    let mut sql = "CREATE EXTENSION IF NOT EXISTS ".to_owned();
    write_identifier(&mut sql, &extension.name, dialect.quote())?;
    if let Some(schema) = &extension.schema {
        sql.push_str(" SCHEMA ");
        write_identifier(&mut sql, schema, dialect.quote())?;
    }
    if let Some(version) = &extension.version {
        sql.push_str(" VERSION ");
        text_literal(&mut sql, version);
    }
    Ok(vec![sql])
}

pub(crate) fn create_sequence(dialect: PostgresDialect, sequence: &Sequence) -> Result<Vec<String>> {
    let type_name = dialect.type_name(sequence.sql_type)?;
    // It counts in 64 bits unless it is told otherwise.
    let type_name = (type_name != "bigint").then_some(type_name.as_str());
    let sql = sequence::create_sequence(&dialect, sequence, type_name)?;
    let name = (sequence.schema.as_deref(), sequence.name.as_str());
    let comment = sequence.comment.as_deref().map(|it| comment(dialect, "SEQUENCE", name, None, Some(it)));
    std::iter::once(Ok(sql)).chain(comment).collect()
}
