//! Creating and dropping the tables of a metadata.

use aludel_sql::compiler::standard::table_name;
use aludel_sql::schema::{DeferredForeignKey, Table};
use aludel_sql::{ColumnType, Metadata, Result, ValueRef};

use crate::connection::Connection;
use crate::driver::{Begin, End, Statement};
use crate::result::Collect;

/// Creates the tables that are not there yet, parents before children, and returns those that it created.
pub(crate) async fn create_all(conn: &mut Connection, metadata: &Metadata) -> Result<Metadata> {
    let engine = conn.engine().clone();
    let there = table_names(conn).await?;
    let missing = |table: &Table| !there.contains(&table.name);
    let (order, deferred) = metadata.creation_order()?;
    let mut statements = Vec::new();
    let mut created = Vec::new();
    for table in order.into_iter().filter(|table| missing(table)) {
        statements.extend(engine.dialect().create_table(table, &deferred)?);
        created.push(table.clone());
    }
    // Where constraints cannot be added later, the foreign keys are written with the tables.
    if engine.dialect().features().add_constraint {
        for key in deferred.iter().filter(|key| !there.contains(&key.table)) {
            statements.push(engine.dialect().add_foreign_key(key)?);
        }
    }
    run_ddl(conn, &statements).await?;
    Ok(Metadata::from_tables(created))
}

/// Drops the tables that are there, children before parents.
pub(crate) async fn drop_all(conn: &mut Connection, metadata: &Metadata) -> Result<()> {
    let engine = conn.engine().clone();
    let dialect = engine.dialect();
    let there = table_names(conn).await?;
    let (order, deferred) = metadata.creation_order()?;
    let mut statements = Vec::new();
    if dialect.features().add_constraint {
        let is_there = |key: &&DeferredForeignKey| there.contains(&key.table);
        for key in deferred.iter().filter(is_there) {
            statements.push(dialect.drop_foreign_key(key)?);
        }
    }
    if order.iter().any(|table| there.contains(&table.name)) {
        statements.extend(dialect.before_drop().map(str::to_owned));
    }
    for table in order.into_iter().rev().filter(|table| there.contains(&table.name)) {
        let mut sql = "DROP TABLE ".to_owned();
        table_name(&mut sql, dialect, &table.name, table.schema.as_deref())?;
        statements.push(sql);
    }
    run_ddl(conn, &statements).await
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

async fn table_names(conn: &mut Connection) -> Result<Vec<String>> {
    let sql = conn.engine().dialect().table_names();
    let read = |cells: &[ValueRef<'_>]| {
        String::decode(cells[0])
            .map_err(|it| aludel_sql::Error::new(aludel_sql::ErrorKind::Decode, it.reason().to_owned()))
    };
    let mut sink = Collect { rows: Vec::new(), read };
    conn.run(&[Statement::plain(sql)], End::Open, &mut sink).await?;
    Ok(sink.rows)
}
