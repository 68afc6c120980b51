//! Creating and dropping what is in a metadata: schemas, extensions, enum types, sequences, domains, tables, and the DDL that comes with
//! them.

use aludel_sql::compiler::standard::table_name;
use aludel_sql::schema::{Ddl, DdlKind, Table};
use aludel_sql::{Dialect, Error, ErrorKind, Metadata, Result, write_identifier};

use crate::connection::Connection;
use crate::driver::{Begin, End, Statement};
use crate::existing::Existing;

/// Creates what is not there yet, parents before children, and returns what it created.
pub(crate) async fn create_all(conn: &mut Connection, metadata: &Metadata) -> Result<Metadata> {
    let engine = conn.engine().clone();
    let dialect = engine.dialect();
    let metadata = &*engine.texts().translated(metadata);
    let there = Existing::read(conn, metadata).await?;
    let (order, deferred) = metadata.creation_order()?;
    let (before, after) = metadata.ddl_order()?;
    let missing = |ddl: &&&Ddl| match (ddl.kind, &ddl.table) {
        // What belongs to the whole runs each time, what belongs to a table when that is created.
        (DdlKind::Statements, None) => true,
        (DdlKind::Statements, Some(of)) => !there.has("table", of.schema.as_deref(), &of.name),
        _ => !there.has_ddl(ddl),
    };
    let mut statements = schemas(dialect, metadata, &there)?;
    let mut created = Metadata::default();
    if dialect.features().extensions {
        for it in metadata.extensions().iter().filter(|it| !there.has_extension(it)) {
            statements.extend(dialect.create_extension(it)?);
            created = created.extension(it.clone());
        }
    }
    let is_first = |ddl: &&&Ddl| ddl.kind == DdlKind::Statements && ddl.table.is_none();
    for ddl in before.iter().filter(is_first) {
        statements.extend(dialect.create_ddl(ddl)?);
    }
    if dialect.features().enum_types {
        for it in metadata.enums().into_iter().filter(|it| !there.has_enum(it)) {
            statements.extend(dialect.create_enum(it)?);
            created = created.enum_type(it.clone());
        }
    }
    for it in metadata.sequences().iter().filter(|it| !there.has_sequence(it)) {
        statements.extend(dialect.create_sequence(it)?);
        created = created.sequence(it.clone());
    }
    if dialect.features().domains {
        for it in metadata.domains().into_iter().filter(|it| !there.has_domain(it)) {
            statements.extend(dialect.create_domain(it)?);
            created = created.domain(it.clone());
        }
    }
    for ddl in before.iter().filter(|it| it.kind != DdlKind::Statements).filter(missing) {
        statements.extend(dialect.create_ddl(ddl)?);
    }
    for table in order.into_iter().filter(|table| !there.has_table(table)) {
        for ddl in before.iter().filter(|it| is_of(it, table)) {
            statements.extend(dialect.create_ddl(ddl)?);
        }
        statements.extend(dialect.create_table(table, &deferred)?);
        created = created.with_table(table.clone());
    }
    // Where constraints cannot be added later, the foreign keys are written with the tables.
    if dialect.features().add_constraint {
        for key in deferred.iter().filter(|key| !there.has_table_of(key)) {
            statements.push(dialect.add_foreign_key(key)?);
        }
    }
    for ddl in after.iter().filter(missing) {
        statements.extend(dialect.create_ddl(ddl)?);
    }
    run_ddl(conn, &statements).await?;
    Ok(metadata.ddls().iter().filter(|it| missing(&it)).cloned().fold(created, Metadata::ddl))
}

/// Tells whether these are statements of a table.
fn is_of(ddl: &Ddl, table: &Table) -> bool {
    let of_table = ddl.table.as_ref().is_some_and(|it| it.name == table.name && it.schema == table.schema);
    of_table && ddl.kind == DdlKind::Statements
}

/// Writes CREATE SCHEMA for those that something is in and that are not there.
fn schemas(dialect: &dyn Dialect, metadata: &Metadata, there: &Existing) -> Result<Vec<String>> {
    // What is no object of this database is in no schema of it.
    let mut objects = if dialect.features().domains { metadata.clone() } else { metadata.without_domains() };
    if !dialect.features().extensions {
        objects.extensions_mut().clear();
    }
    let mut statements = Vec::new();
    for schema in objects.schemas().into_iter().filter(|it| !there.has("schema", None, it)) {
        if !dialect.features().create_schema {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("{} cannot create the schema `{schema}`", dialect.name()),
            )
            .help("attach a database of this name to each connection first"));
        }
        let mut sql = "CREATE SCHEMA ".to_owned();
        write_identifier(&mut sql, schema, dialect.quote())?;
        statements.push(sql);
    }
    Ok(statements)
}

/// Drops what is there, children before parents. Schemas and extensions stay: others may have something in them, and use them.
pub(crate) async fn drop_all(conn: &mut Connection, metadata: &Metadata) -> Result<()> {
    let engine = conn.engine().clone();
    let dialect = engine.dialect();
    let metadata = &*engine.texts().translated(metadata);
    let there = Existing::read(conn, metadata).await?;
    let (order, deferred) = metadata.creation_order()?;
    let (before, after) = metadata.ddl_order()?;
    let is_there = |ddl: &&&Ddl| match (ddl.kind, &ddl.table) {
        (DdlKind::Statements, None) => true,
        (DdlKind::Statements, Some(of)) => there.has("table", of.schema.as_deref(), &of.name),
        _ => there.has_ddl(ddl),
    };
    let mut statements = Vec::new();
    for ddl in after.iter().rev().filter(is_there) {
        statements.extend(dialect.drop_ddl(ddl)?);
    }
    if dialect.features().add_constraint {
        for key in deferred.iter().filter(|key| there.has_table_of(key)) {
            statements.push(dialect.drop_foreign_key(key)?);
        }
    }
    if order.iter().any(|table| there.has_table(table)) {
        statements.extend(dialect.before_drop().map(str::to_owned));
    }
    for table in order.into_iter().rev().filter(|table| there.has_table(table)) {
        statements.push(drop(dialect, "TABLE", table.schema.as_deref(), &table.name)?);
        for ddl in before.iter().rev().filter(|it| is_of(it, table)) {
            statements.extend(dialect.drop_ddl(ddl)?);
        }
    }
    for ddl in before.iter().rev().filter(|it| it.kind != DdlKind::Statements).filter(is_there) {
        statements.extend(dialect.drop_ddl(ddl)?);
    }
    if dialect.features().domains {
        for it in metadata.domains().into_iter().rev().filter(|it| there.has_domain(it)) {
            statements.push(drop(dialect, "DOMAIN", it.schema.as_deref(), &it.name)?);
        }
    }
    for it in metadata.sequences().iter().filter(|it| there.has_sequence(it)) {
        statements.push(drop(dialect, "SEQUENCE", it.schema.as_deref(), &it.name)?);
    }
    if dialect.features().enum_types {
        for it in metadata.enums().into_iter().filter(|it| there.has_enum(it)) {
            statements.push(drop(dialect, "TYPE", it.schema.as_deref(), &it.name)?);
        }
    }
    for ddl in before.iter().rev().filter(|it| it.kind == DdlKind::Statements && it.table.is_none()) {
        statements.extend(dialect.drop_ddl(ddl)?);
    }
    run_ddl(conn, &statements).await
}

fn drop(dialect: &dyn Dialect, kind: &str, schema: Option<&str>, name: &str) -> Result<String> {
    let mut sql = format!("DROP {kind} ");
    table_name(&mut sql, dialect, name, schema)?;
    Ok(sql)
}

/// Runs statements in one transaction where the database has transactions for DDL.
async fn run_ddl(conn: &mut Connection, statements: &[String]) -> Result<()> {
    if statements.is_empty() {
        return Ok(());
    }
    let transactional = conn.engine().dialect().features().transactional_ddl && !conn.in_transaction();
    let statements: Vec<_> = statements.iter().map(|sql| Statement::plain(sql)).collect();
    if transactional {
        conn.begin_with_next(Begin { write: true, ..Begin::default() });
    }
    let end = if transactional { End::Commit } else { End::Open };
    conn.run(&statements, end, &mut crate::driver::Discard::default()).await
}
