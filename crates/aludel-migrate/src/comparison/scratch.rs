//! The server's own spelling of tables and domains: temporary ones are made in a transaction that is rolled back, and read.

use aludel_engine::Connection;
use aludel_sql::schema::{Check, Domain, EnumType, Index, Key, Table, TableName, Type};
use aludel_sql::{Metadata, Result};

/// Returns tables and domains as the server would write them; as they are where it keeps what was written, and where it refuses one.
///
/// Nothing but the right to make temporary tables is needed, and nobody sees them. No default is run.
pub(super) async fn written_by_the_server(
    conn: &mut Connection,
    schema: &Metadata,
    tables: &[&Table],
    domains: &[&Domain],
) -> Result<(Vec<Table>, Vec<Domain>)> {
    let mut written: Vec<Table> = tables.iter().map(|it| (*it).clone()).collect();
    let mut written_domains: Vec<Domain> = domains.iter().map(|it| (*it).clone()).collect();
    let engine = conn.engine().clone();
    let dialect = engine.dialect();
    let Some(scratch) = dialect
        .inspection()
        .and_then(|it| it.scratch_schema())
        .filter(|_| !tables.is_empty() || !domains.is_empty())
    else {
        return Ok((written, written_domains));
    };
    let mut tx = conn.begin().await?;
    let mut made: Vec<TableName> = Vec::new();
    for it in schema.enums() {
        let of_scratch = EnumType { schema: Some(scratch.to_owned()), comment: None, ..it.clone() };
        let mut nested = tx.begin_nested().await?;
        let statements = dialect.create_enum(&of_scratch)?;
        let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
        match nested.run_plain(&statements).await {
            Ok(()) => {
                nested.commit().await?;
                made.push(TableName { schema: it.schema.clone(), name: it.name.clone() });
            }
            Err(_) => nested.rollback().await?,
        }
    }
    for it in schema.domains() {
        let mut of_scratch = Domain { schema: Some(scratch.to_owned()), comment: None, ..it.clone() };
        move_type(&mut of_scratch.sql_type, scratch, &made);
        let mut nested = tx.begin_nested().await?;
        let statements = dialect.create_domain(&of_scratch)?;
        let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
        match nested.run_plain(&statements).await {
            Ok(()) => {
                nested.commit().await?;
                made.push(TableName::of_domain(it));
            }
            Err(_) => nested.rollback().await?,
        }
    }
    let mut is_made = vec![false; tables.len()];
    for (at, table) in tables.iter().enumerate() {
        let Ok(statements) = dialect.create_table(&stand_in(table, at, scratch, &made), &[]) else {
            continue;
        };
        let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
        let mut nested = tx.begin_nested().await?;
        // A type or function that is not there yet: then its tokens are compared.
        is_made[at] = nested.run_plain(&statements).await.is_ok();
        if is_made[at] {
            nested.commit().await?;
        } else {
            nested.rollback().await?;
        }
    }
    let inspector = tx.inspect(Some(scratch)).await?;
    tx.rollback().await?;
    for (at, table) in written.iter_mut().enumerate().filter(|(at, _)| is_made[*at]) {
        let read = inspector.table(&name(at))?.clone();
        take_over(table, read, scratch);
    }
    for domain in &mut written_domains {
        let is_it = |it: &&Domain| it.name == domain.name && it.schema.as_deref() == Some(scratch);
        if made.contains(&TableName::of_domain(domain))
            && let Some(read) = inspector.domains().into_iter().find(is_it)
        {
            domain.sql_type = type_taken_over(&domain.sql_type, &read.sql_type, scratch);
            domain.server_default.clone_from(&read.server_default);
            domain.collation.clone_from(&read.collation);
            checks_taken_over(&mut domain.checks, &read.checks);
        }
    }
    Ok((written, written_domains))
}

/// Lets a type be the one that was made for a moment.
fn move_type(sql_type: &mut Type, scratch: &str, made: &[TableName]) {
    let (name, schema) = match sql_type {
        Type::Enum(it) => (&it.name, &mut it.schema),
        Type::Domain(it) => (&it.name, &mut it.schema),
        _ => return,
    };
    if made.iter().any(|made| made.name == *name && made.schema == *schema) {
        *schema = Some(scratch.to_owned());
    }
}

/// The type as the server writes it; one that was made for a moment is the wanted one.
fn type_taken_over(wanted: &Type, read: &Type, scratch: &str) -> Type {
    let is_scratch = |it: &Option<String>| it.as_deref() == Some(scratch);
    match (wanted, read) {
        (Type::Enum(_), Type::Enum(it)) if is_scratch(&it.schema) => wanted.clone(),
        (Type::Domain(_), Type::Domain(it)) if is_scratch(&it.schema) => wanted.clone(),
        (_, other) => other.clone(),
    }
}

fn checks_taken_over(checks: &mut [Check], read: &[Check]) {
    for check in checks {
        if let Some(written) = read.iter().find(|it| it.name == check.name) {
            check.condition.clone_from(&written.condition);
        }
    }
}

fn name(at: usize) -> String {
    format!("aludel_scratch_{at}")
}

/// The table with all that has an expression, under a name that is nobody's.
fn stand_in(table: &Table, at: usize, scratch: &str, made: &[TableName]) -> Table {
    let mut table = Table {
        name: name(at),
        schema: Some(scratch.to_owned()),
        primary_key: Key::default(),
        uniques: Vec::new(),
        foreign_keys: Vec::new(),
        comment: None,
        options: aludel_sql::schema::DialectOptions::default(),
        ..table.clone()
    };
    for column in &mut table.columns {
        column.comment = None;
        move_type(&mut column.sql_type, scratch, made);
    }
    for (number, index) in table.indexes.iter_mut().enumerate() {
        index.name = format!("{}_{number}", name(at));
        index.options = index
            .options
            .iter()
            .filter(|(_, option, _)| *option != "tablespace")
            .fold(aludel_sql::schema::DialectOptions::default(), |all, (dialect, option, value)| {
                all.with(dialect, option, value)
            });
    }
    table
}

/// Puts the server's expressions, types and options of indexes in the place of those of the table.
fn take_over(table: &mut Table, read: Table, scratch: &str) {
    for (column, written) in table.columns.iter_mut().zip(read.columns) {
        column.sql_type = type_taken_over(&column.sql_type, &written.sql_type, scratch);
        column.server_default = written.server_default;
        column.computed = written.computed;
        column.collation = written.collation;
        column.identity = written.identity;
    }
    checks_taken_over(&mut table.checks, &read.checks);
    for exclude in &mut table.excludes {
        if let Some(written) = read.excludes.iter().find(|it| it.name == exclude.name) {
            exclude.definition.clone_from(&written.definition);
        }
    }
    // They were made, and are read, in the same order.
    for (index, written) in table.indexes.iter_mut().zip(read.indexes) {
        *index = Index { name: index.name.clone(), ..written };
    }
}
