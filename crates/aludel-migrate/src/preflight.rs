//! What is counted before anything is changed: rows that would make an operation fail, with a number instead of half a revision.

use aludel_sql::schema::{ColumnDef, Constraint, Operation, Step, StepKind, TableName, Type};
use aludel_sql::{Dialect, Result, SqlType};

use crate::count::Count;

/// Returns the check of an operation, if rows can be in its way; and the columns that it reads, by an empty name where it may be any.
pub(crate) fn check(
    dialect: &dyn Dialect,
    operation: &Operation,
) -> Result<Option<(Step, Vec<(TableName, String)>)>> {
    let Some(table) = operation.table() else { return Ok(None) };
    let count = Count { dialect, table: &table };
    let (title, query, mut reads) = match operation {
        Operation::AddColumn { column, backfill: None, .. } if has_no_value(column) => {
            // A server may put a zero there, which nobody said. Whether there are rows does not depend on any column.
            let title = format!(
                "no row of {table} is left without {}, which has neither a `backfill` nor a default in revision.toml",
                column.name
            );
            (title, count.rows()?, Vec::new())
        }
        Operation::AlterColumn { from, to, using: None, .. } if from.nullable && !to.nullable => {
            (format!("every row of {table} has {}", to.name), count.nulls(&to.name)?, vec![to.name.clone()])
        }
        Operation::AlterColumn { from, to, using: None, .. } => {
            let (Type::Sql(before), Type::Sql(SqlType::Varchar(length))) = (&from.sql_type, &to.sql_type)
            else {
                return Ok(None);
            };
            let fits = match before {
                SqlType::Varchar(before) => before <= length,
                other => !other.is_text(),
            };
            if fits {
                return Ok(None);
            }
            let title = format!("no {table}.{} is longer than {length}", to.name);
            (title, count.longer(&to.name, *length)?, vec![to.name.clone()])
        }
        Operation::CreateConstraint { constraint: Constraint::Unique(unique), .. } => {
            let query = count.twice(&unique.columns, unique.nulls_not_distinct)?;
            (no_two(&table, &unique.columns), query, unique.columns.clone())
        }
        Operation::CreateIndex { index, .. } if index.unique && index.condition.is_none() => {
            let columns: Vec<String> = index.columns().map(str::to_owned).collect();
            if columns.len() != index.parts.len() || index.parts.iter().any(|it| it.collation.is_some()) {
                return Ok(None);
            }
            (no_two(&table, &columns), count.twice(&columns, index.nulls_not_distinct)?, columns)
        }
        Operation::CreateConstraint { constraint: Constraint::Check(check), .. } if !check.not_valid => {
            let query = count.refused(&check.condition)?;
            // Which columns it reads is not known: any.
            (format!("every row of {table} satisfies {}", check.name), query, vec![String::new()])
        }
        Operation::CreateConstraint { constraint: Constraint::ForeignKey(key), .. } if !key.not_valid => {
            let parent = TableName { schema: key.parent_schema.clone(), name: key.parent.clone() };
            let step = Step {
                kind: StepKind::Check,
                ..Step::new(format!("every {table} has its row of {parent}"), count.orphans(&parent, key)?)
            };
            let own = key.columns.iter().map(|it| (table.clone(), it.clone()));
            let of_parent = key.parent_columns.iter().map(|it| (parent.clone(), it.clone()));
            return Ok(Some((step, own.chain(of_parent).collect())));
        }
        _ => return Ok(None),
    };
    let reads = reads.drain(..).map(|column| (table.clone(), column)).collect();
    Ok(Some((Step { kind: StepKind::Check, ..Step::new(title, query) }, reads)))
}

/// Tells whether nothing says what a new column holds in rows that are there.
fn has_no_value(column: &ColumnDef) -> bool {
    // A domain may have a default, and take no NULL.
    let column = column.without_domain();
    !column.nullable
        && column.server_default.is_none()
        && column.identity.is_none()
        && column.computed.is_none()
}

fn no_two(table: &TableName, columns: &[String]) -> String {
    format!("no two rows of {table} have the same {}", columns.join(" and "))
}
