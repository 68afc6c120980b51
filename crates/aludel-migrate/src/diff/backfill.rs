//! New columns that rows which are there already would have no value for.

use aludel_sql::schema::{Operation, TableName};
use aludel_sql::{Error, ErrorKind, Result};

/// Names the columns, `users.age`, that are added as NOT NULL without anything that fills the rows that are there.
///
/// ```
/// # use library::Author;
/// use aludel::{Metadata, SqlType, schema::ColumnDef};
/// use aludel_migrate::{diff, set_backfill, unfilled_columns};
///
/// let before = Metadata::of(Author);
/// let mut after = before.clone();
/// after.tables_mut()[0].columns.push(ColumnDef::new("age", SqlType::Integer));
/// let mut operations = diff(&before, &after)?;
/// assert_eq!(unfilled_columns(&operations), ["authors.age"]);
/// set_backfill(&mut operations, "authors.age", "0")?;
/// assert!(unfilled_columns(&operations).is_empty());
/// # Ok::<(), aludel::Error>(())
/// ```
#[must_use]
pub fn unfilled_columns(operations: &[Operation]) -> Vec<String> {
    let unfilled = |operation: &Operation| match operation {
        Operation::AddColumn { table, column, backfill: None } => {
            // A domain may have a default, and take no NULL.
            let column = column.without_domain();
            let filled = column.nullable
                || column.server_default.is_some()
                || column.identity.is_some()
                || column.computed.is_some();
            (!filled).then(|| name(table, &column.name))
        }
        _ => None,
    };
    operations.iter().filter_map(unfilled).collect()
}

/// Says how rows that are there get their value: an expression, in SQL, for a column that is added or becomes NOT NULL.
///
/// ```
/// # use library::Author;
/// use aludel::schema::{ColumnDef, Operation};
/// use aludel::SqlType;
/// use aludel_migrate::set_backfill;
///
/// let age = ColumnDef::new("age", SqlType::Integer);
/// let mut operations = [Operation::AddColumn { table: "authors".into(), column: age, backfill: None }];
/// set_backfill(&mut operations, "authors.age", "year - born")?; // `--backfill authors.age='year - born'`
/// assert!(matches!(&operations[0], Operation::AddColumn { backfill: Some(sql), .. } if sql == "year - born"));
/// assert!(set_backfill(&mut operations, "authors.name", "''").is_err()); // nobody adds or changes it
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Migration` where no operation does that to such a column.
pub fn set_backfill(operations: &mut [Operation], column: &str, expression: &str) -> Result<()> {
    for operation in operations {
        match operation {
            Operation::AddColumn { table, column: added, backfill } if name(table, &added.name) == column => {
                *backfill = Some(expression.to_owned());
                return Ok(());
            }
            Operation::AlterColumn { table, to, using, .. } if name(table, &to.name) == column => {
                *using = Some(expression.to_owned());
                return Ok(());
            }
            _ => {}
        }
    }
    Err(Error::new(ErrorKind::Migration, format!("no column `{column}` is added or changed"))
        .help("a backfill is written `users.age=0`: table, column, and an expression in SQL"))
}

fn name(table: &TableName, column: &str) -> String {
    format!("{table}.{column}")
}
