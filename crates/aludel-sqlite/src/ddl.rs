//! CREATE TABLE and CREATE INDEX of SQLite.

use aludel_sql::compiler::create_index::{NoIndexOptions, on_table};
use aludel_sql::compiler::create_table::{self, known_options};
use aludel_sql::compiler::standard::text_literal;
use aludel_sql::schema::{Check, ColumnDef, Index, Table, Type};
use aludel_sql::{Dialect, Error, ErrorKind, Result, SqlType, shorten_identifier, write_identifier};

use crate::dialect::{NOW, SqliteDialect};

/// The options of a table: what `sqlite(…)` takes.
const TABLE_OPTIONS: &[&str] = &["autoincrement", "strict", "without_rowid"];

pub(crate) fn column_type(dialect: SqliteDialect, column_type: &Type) -> Result<String> {
    match column_type {
        Type::Sql(sql_type) => dialect.type_name(*sql_type),
        Type::Native(name) => Ok(name.clone()),
        // The values are in a CHECK.
        Type::Enum(_) => Ok("TEXT".to_owned()),
        Type::Domain(it) => dialect.column_type(&it.sql_type),
        other => Err(Error::new(ErrorKind::Unsupported, format!("SQLite has no type for {other}"))),
    }
}

pub(crate) fn create_table(dialect: SqliteDialect, table: &Table) -> Result<Vec<String>> {
    known_options(&dialect, &table.options, TABLE_OPTIONS, &format!("table `{}`", table.name))?;
    let table = &table.without_domains();
    let mut checked = table.clone();
    for column in &table.columns {
        checked.checks.extend(type_check(table, column)?);
        if column.identity.is_some() {
            // The column's own definition says it.
            checked.primary_key.columns.clear();
        }
    }
    for key in &mut checked.foreign_keys {
        // A schema is a file, and a foreign key looks for its parent in the file of its table.
        if key.parent_schema.take() != table.schema {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "SQLite has no foreign key from one schema to another: `{}` refers to `{}`",
                    table.name, key.parent
                ),
            )
            .with_table(&table.name));
        }
    }
    let mut sql = create_table::create_table(&dialect, "TABLE ", &checked, &[], &|sql, column| {
        column_definition(dialect, sql, table, column)
    })?;
    let words = [("strict", "STRICT"), ("without_rowid", "WITHOUT ROWID")];
    let words: Vec<_> =
        words.iter().filter(|(name, _)| option(table, name)).map(|(_, words)| *words).collect();
    if !words.is_empty() {
        sql.push(' ');
        sql.push_str(&words.join(", "));
    }
    let mut statements = vec![sql];
    for index in &table.indexes {
        statements.push(create_index(dialect, table, index)?);
    }
    Ok(statements)
}

fn option(table: &Table, name: &str) -> bool {
    table.options.flag("sqlite", name)
}

/// The schema of an index stands before its own name; its table is in the same one anyway.
pub(crate) fn create_index(dialect: SqliteDialect, table: &Table, index: &Index) -> Result<String> {
    known_options(&dialect, &index.options, &[], &format!("index `{}`", index.name))?;
    for part in &index.parts {
        known_options(&dialect, &part.options, &[], &format!("a part of index `{}`", index.name))?;
    }
    let mut sql = if index.unique { "CREATE UNIQUE INDEX " } else { "CREATE INDEX " }.to_owned();
    if let Some(schema) = &table.schema {
        write_identifier(&mut sql, schema, dialect.quote())?;
        sql.push('.');
    }
    write_identifier(&mut sql, &index.name, dialect.quote())?;
    let local = Table { schema: None, ..table.clone() };
    on_table(&mut sql, &dialect, &NoIndexOptions, &local, index)?;
    Ok(sql)
}

/// Writes what follows a column's name.
pub(crate) fn column_definition(
    dialect: SqliteDialect,
    sql: &mut String,
    table: &Table,
    column: &ColumnDef,
) -> Result<()> {
    let refuse = |kind, what: &str| {
        let what = format!("{what}: `{}.{}`", table.name, column.name);
        Err(Error::new(kind, what).with_table(&table.name).with_column(&column.name))
    };
    known_options(&dialect, &column.options, &[], &format!("column `{}.{}`", table.name, column.name))?;
    if let Some(identity) = &column.identity {
        if identity.always || !identity.options.is_default() {
            return refuse(
                ErrorKind::Unsupported,
                "SQLite counts from 1 in steps of 1, unless a number is given",
            );
        }
        if table.primary_key.columns != [column.name.as_str()] || option(table, "without_rowid") {
            return refuse(
                ErrorKind::Schema,
                "SQLite generates only the key of a table with a rowid, where it is the whole primary key",
            );
        }
        // Only this spelling makes the column the rowid, which SQLite generates.
        sql.push_str("INTEGER NOT NULL CONSTRAINT ");
        write_identifier(sql, &table.primary_key.name, dialect.quote())?;
        sql.push_str(" PRIMARY KEY");
        if option(table, "autoincrement") {
            sql.push_str(" AUTOINCREMENT");
        }
        return Ok(());
    }
    let type_name = match &column.sql_type {
        Type::Sql(sql_type) if option(table, "strict") => strict_name(*sql_type).to_owned(),
        other => dialect.column_type(other)?,
    };
    sql.push_str(&type_name);
    if let Some(collation) = &column.collation {
        sql.push_str(" COLLATE ");
        write_identifier(sql, collation, dialect.quote())?;
    }
    if !column.nullable {
        sql.push_str(" NOT NULL");
    }
    create_table::computed(sql, column.computed.as_ref());
    create_table::server_default(sql, column.server_default.as_ref(), NOW)
}

/// The types that a STRICT table takes.
fn strict_name(sql_type: SqlType) -> &'static str {
    match sql_type {
        SqlType::Boolean | SqlType::SmallInt | SqlType::Integer | SqlType::BigInt | SqlType::Numeric(..) => {
            "INTEGER"
        }
        SqlType::Float | SqlType::Double => "REAL",
        SqlType::Bytes => "BLOB",
        _ => "TEXT",
    }
}

/// A CHECK that keeps the column to its type: SQLite stores anything anywhere.
pub(crate) fn type_check(table: &Table, column: &ColumnDef) -> Result<Option<Check>> {
    if column.identity.is_some() {
        return Ok(None);
    }
    let mut name = String::new();
    write_identifier(&mut name, &column.name, '"')?;
    let condition = match &column.sql_type {
        Type::Sql(SqlType::Boolean) => format!("{name} IN (0, 1)"),
        Type::Enum(it) => {
            let mut list = String::new();
            for (at, value) in it.values.iter().enumerate() {
                list.push_str(if at == 0 { "" } else { ", " });
                text_literal(&mut list, value);
            }
            format!("{name} IN ({list})")
        }
        Type::Sql(sql_type) => {
            let types = type_condition(&name, *sql_type);
            if column.nullable { format!("{name} IS NULL OR ({types})") } else { types }
        }
        _ => return Ok(None),
    };
    Ok(Some(Check::new(type_check_name(table, column), condition)))
}

/// Returns the name of the CHECK that keeps a column to its type.
pub(crate) fn type_check_name(table: &Table, column: &ColumnDef) -> String {
    shorten_identifier(format!("ck_{}_{}_type", table.name, column.name))
}

fn type_condition(name: &str, sql_type: SqlType) -> String {
    match sql_type {
        SqlType::SmallInt => format!("typeof({name}) = 'integer' AND {name} BETWEEN -32768 AND 32767"),
        SqlType::Integer => {
            format!("typeof({name}) = 'integer' AND {name} BETWEEN -2147483648 AND 2147483647")
        }
        SqlType::BigInt => format!("typeof({name}) = 'integer'"),
        SqlType::Numeric(precision, _) => {
            let most = "9".repeat(usize::from(precision));
            format!("typeof({name}) = 'integer' AND {name} BETWEEN -{most} AND {most}")
        }
        SqlType::Float | SqlType::Double => format!("typeof({name}) IN ('real', 'integer')"),
        SqlType::Varchar(length) => format!("typeof({name}) = 'text' AND length({name}) <= {length}"),
        SqlType::Bytes => format!("typeof({name}) = 'blob'"),
        SqlType::Timestamp => format!("typeof({name}) = 'text' AND length({name}) = 26"),
        SqlType::Date => format!("typeof({name}) = 'text' AND length({name}) = 10"),
        SqlType::Time => format!("typeof({name}) = 'text' AND length({name}) = 15"),
        SqlType::Json => format!("typeof({name}) = 'text' AND json_valid({name})"),
        SqlType::Uuid => format!("typeof({name}) = 'text' AND length({name}) = 36"),
        _ => format!("typeof({name}) = 'text'"),
    }
}
