//! The server's own spelling of a table: temporary ones are made in a transaction that is rolled back, and read.

use aludel_engine::Connection;
use aludel_sql::schema::{Check, EnumType, Index, Key, Table, Type};
use aludel_sql::{Metadata, Result};

/// Returns tables as the server would write them; as they are where it keeps what was written, and where it refuses one.
///
/// Nothing but the right to make temporary tables is needed, and nobody sees them. No default is run.
pub(super) async fn written_by_the_server(
    conn: &mut Connection,
    schema: &Metadata,
    tables: &[&Table],
) -> Result<Vec<Table>> {
    let mut written: Vec<Table> = tables.iter().map(|it| (*it).clone()).collect();
    let engine = conn.engine().clone();
    let dialect = engine.dialect();
    let Some(scratch) =
        dialect.inspection().and_then(|it| it.scratch_schema()).filter(|_| !tables.is_empty())
    else {
        return Ok(written);
    };
    let mut tx = conn.begin().await?;
    let mut made: Vec<&EnumType> = Vec::new();
    for it in schema.enums() {
        let of_scratch = EnumType { schema: Some(scratch.to_owned()), comment: None, ..it.clone() };
        let mut nested = tx.begin_nested().await?;
        let statements = dialect.create_enum(&of_scratch)?;
        let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
        match nested.run_plain(&statements).await {
            Ok(()) => {
                nested.commit().await?;
                made.push(it);
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
    Ok(written)
}

fn name(at: usize) -> String {
    format!("aludel_scratch_{at}")
}

/// The table with all that has an expression, under a name that is nobody's.
fn stand_in(table: &Table, at: usize, scratch: &str, made: &[&EnumType]) -> Table {
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
        if let Type::Enum(it) = &mut column.sql_type
            && made.iter().any(|made| made.name == it.name && made.schema == it.schema)
        {
            it.schema = Some(scratch.to_owned());
        }
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
        let sql_type = match (&column.sql_type, written.sql_type) {
            (Type::Enum(wanted), Type::Enum(it)) if it.schema.as_deref() == Some(scratch) => {
                Type::Enum(wanted.clone())
            }
            (_, other) => other,
        };
        column.sql_type = sql_type;
        column.server_default = written.server_default;
        column.computed = written.computed;
        column.collation = written.collation;
        column.identity = written.identity;
    }
    for check in &mut table.checks {
        let written = read.checks.iter().find(|it: &&Check| it.name == check.name);
        if let Some(written) = written {
            check.condition.clone_from(&written.condition);
        }
    }
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
