//! `ON DUPLICATE KEY UPDATE`, so that it means what `ON CONFLICT` means elsewhere.
//!
//! It knows no key: whichever unique key a new row hits, the row that is there changes. So the key that was asked for must be the only one
//! that can be hit. It knows no condition either, so each assignment has it. INSERT IGNORE is never used: it ignores values that do not
//! fit as well.

use aludel_sql::node::Node;
use aludel_sql::{Compiler, Conflict, ConflictAction, Error, InsertNode, Result, TableMeta, UniqueKey};

use crate::functions;

pub(crate) fn on_duplicate_key(
    sql: &mut Compiler<'_>,
    insert: &InsertNode,
    conflict: &Conflict,
    mysql: bool,
) -> Result<()> {
    let table = insert.table;
    if let Some(target) = &conflict.target
        && let Some(other) = other_key(insert, target)
    {
        return Err(any_key_is_meant(sql, table, &other));
    }
    if let ConflictAction::Update { assignments, filters } = &conflict.action {
        let mut nodes = assignments.iter().map(|(_, value)| value).chain(filters);
        if nodes.clone().any(Node::queries_excluded) {
            return Err(new_row_in_a_query(sql, table));
        }
        if !mysql && nodes.any(|it| it.calls_with_excluded(&functions::is_read_by_query)) {
            return Err(path_into_the_new_row(sql, table));
        }
    }
    sql.push(" ON DUPLICATE KEY UPDATE ");
    match &conflict.action {
        ConflictAction::Nothing => {
            rows_come_back_only_if_all_do(sql, insert)?;
            let column = table.primary_key().next().unwrap_or_default();
            sql.identifier(table.columns[column].name)?;
            sql.push(" = ");
            own_column(sql, table, column)
        }
        ConflictAction::Update { assignments, filters } if filters.is_empty() && !sql.is_scoped(table) => {
            sql.assignments(table, assignments)
        }
        ConflictAction::Update { assignments, filters } => {
            rows_come_back_only_if_all_do(sql, insert)?;
            let ordered = sql.assignment_order(table, assignments, filters)?;
            for (at, (column, value)) in ordered.into_iter().enumerate() {
                sql.push(if at == 0 { "" } else { ", " }).identifier(table.columns[*column].name)?;
                sql.conflict_conditions(" = CASE WHEN ", table, filters)?;
                sql.push(" THEN ").assigned(value, table.columns[*column].sql_type)?;
                sql.push(" ELSE ");
                own_column(sql, table, *column)?;
                sql.push(" END");
            }
            Ok(())
        }
    }
}

/// Finds another key than the target that the new rows can hit: all but one that the database generates.
fn other_key(insert: &InsertNode, target: &[usize]) -> Option<UniqueKey> {
    let table = insert.table;
    let is_target = |key: &UniqueKey| {
        key.columns.len() == target.len() && key.columns.iter().all(|it| target.contains(it))
    };
    let is_new = |key: &UniqueKey| {
        key.columns.iter().any(|it| table.columns[*it].generated && !insert.columns.contains(it))
    };
    table.unique_keys().into_iter().find(|key| !is_target(key) && !is_new(key))
}

fn own_column(sql: &mut Compiler<'_>, table: &'static TableMeta, column: usize) -> Result<()> {
    sql.node(&Node::column(table, column))
}

#[cold]
fn any_key_is_meant(sql: &Compiler<'_>, table: &TableMeta, other: &UniqueKey) -> Error {
    let names: Vec<_> = other.columns.iter().map(|it| format!("`{}`", table.columns[*it].name)).collect();
    sql.unsupported(&format!(
        "upsert by one key where another one can be hit: {} of `{}`",
        names.join(", "),
        table.name
    ))
    .with_table(table.name)
    .help(
        "a row that hits that key would be changed in silence; select the row first, and insert or update it",
    )
}

/// Within a query VALUES is a list of rows to MariaDB. VALUE, its other word, gives a query the first row for all of them, and stops the server.
#[cold]
fn new_row_in_a_query(sql: &Compiler<'_>, table: &TableMeta) -> Error {
    sql.unsupported("`excluded(…)` in a query within an upsert")
        .with_table(table.name)
        .help("select the rows that are there first, and bind what the query gives for each")
}

/// Such a path is read by a query.
#[cold]
fn path_into_the_new_row(sql: &Compiler<'_>, table: &TableMeta) -> Error {
    sql.unsupported("path into `excluded(…)` that counts from the end of an array, or has a key that begins with a minus sign")
        .with_table(table.name)
        .help("take the value out of the document in the program, and bind it")
}

/// Refuses RETURNING for rows that may stay as they are: they would come back, too.
fn rows_come_back_only_if_all_do(sql: &Compiler<'_>, insert: &InsertNode) -> Result<()> {
    if insert.returning.is_empty() {
        return Ok(());
    }
    Err(sql
        .unsupported("RETURNING of an upsert that leaves rows as they are")
        .help("select the rows by their key afterwards"))
}
