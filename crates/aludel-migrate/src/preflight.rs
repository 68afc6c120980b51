//! What is counted before anything is changed: rows that would make an operation fail, with a number instead of half a revision.

use aludel_sql::compiler::create_table::columns as column_list;
use aludel_sql::compiler::standard;
use aludel_sql::schema::{ColumnDef, Constraint, ForeignKey, Operation, Step, StepKind, TableName, Type};
use aludel_sql::{Dialect, Result, SqlType, write_identifier};

/// Returns the check of an operation, if rows can be in its way; and the columns that it reads, by an empty name where it may be any.
pub(crate) fn check(
    dialect: &dyn Dialect,
    operation: &Operation,
) -> Result<Option<(Step, Vec<(TableName, String)>)>> {
    let Some(table) = operation.table() else { return Ok(None) };
    let write = Writer { dialect };
    let of = write.table(&table)?;
    let (title, query, mut reads) = match operation {
        Operation::AddColumn { column, backfill: None, .. } if has_no_value(column) => {
            // A server may put a zero there, which nobody said. Whether there are rows does not depend on any column.
            let query = format!("SELECT count(*) FROM {of}");
            let title = format!(
                "no row of {table} is left without {}, which has neither a `backfill` nor a default in revision.toml",
                column.name
            );
            (title, query, Vec::new())
        }
        Operation::AlterColumn { from, to, using: None, .. } if from.nullable && !to.nullable => {
            let column = write.name(&to.name)?;
            let query = format!("SELECT count(*) FROM {of} WHERE {column} IS NULL");
            (format!("every row of {table} has {}", to.name), query, vec![to.name.clone()])
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
            let column = write.name(&to.name)?;
            let query = format!("SELECT count(*) FROM {of} WHERE substr({column}, 1, {length}) <> {column}");
            (format!("no {table}.{} is longer than {length}", to.name), query, vec![to.name.clone()])
        }
        Operation::CreateConstraint { constraint: Constraint::Unique(unique), .. } => {
            let query = write.twice(&of, &unique.columns, unique.nulls_not_distinct)?;
            (no_two(&table, &unique.columns), query, unique.columns.clone())
        }
        Operation::CreateIndex { index, .. } if index.unique && index.condition.is_none() => {
            let columns: Vec<String> = index.columns().map(str::to_owned).collect();
            if columns.len() != index.parts.len() || index.parts.iter().any(|it| it.collation.is_some()) {
                return Ok(None);
            }
            (no_two(&table, &columns), write.twice(&of, &columns, index.nulls_not_distinct)?, columns)
        }
        Operation::CreateConstraint { constraint: Constraint::Check(check), .. } if !check.not_valid => {
            let query = format!("SELECT count(*) FROM {of} WHERE NOT ({})", check.condition);
            // Which columns it reads is not known: any.
            (format!("every row of {table} satisfies {}", check.name), query, vec![String::new()])
        }
        Operation::CreateConstraint { constraint: Constraint::ForeignKey(key), .. } if !key.not_valid => {
            let parent = TableName { schema: key.parent_schema.clone(), name: key.parent.clone() };
            let step = Step {
                kind: StepKind::Check,
                ..Step::new(
                    format!("every {table} has its row of {parent}"),
                    write.orphans(&of, &parent, key)?,
                )
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
    !column.nullable
        && column.server_default.is_none()
        && column.identity.is_none()
        && column.computed.is_none()
}

fn no_two(table: &TableName, columns: &[String]) -> String {
    format!("no two rows of {table} have the same {}", columns.join(" and "))
}

struct Writer<'a> {
    dialect: &'a dyn Dialect,
}

impl Writer<'_> {
    fn table(&self, table: &TableName) -> Result<String> {
        let mut out = String::new();
        standard::table_name(&mut out, self.dialect, &table.name, table.schema.as_deref())?;
        Ok(out)
    }

    fn name(&self, name: &str) -> Result<String> {
        let mut out = String::new();
        write_identifier(&mut out, name, self.dialect.quote())?;
        Ok(out)
    }

    /// Counts what is there more than once; NULL is like nothing, unless it is said otherwise.
    fn twice(&self, table: &str, columns: &[String], nulls_not_distinct: bool) -> Result<String> {
        let mut list = String::new();
        column_list(&mut list, self.dialect, columns)?;
        let list = list.trim_start_matches('(').trim_end_matches(')');
        let mut condition = String::new();
        if !nulls_not_distinct {
            for column in columns {
                condition.push_str(if condition.is_empty() { " WHERE " } else { " AND " });
                condition.push_str(&format!("{} IS NOT NULL", self.name(column)?));
            }
        }
        Ok(format!(
            "SELECT count(*) FROM (SELECT 1 AS one FROM {table}{condition} GROUP BY {list} HAVING count(*) > 1) AS twice"
        ))
    }

    fn orphans(&self, table: &str, parent: &TableName, key: &ForeignKey) -> Result<String> {
        let (mut there, mut same) = (String::new(), String::new());
        for (column, of_parent) in key.columns.iter().zip(&key.parent_columns) {
            let column = self.name(column)?;
            there.push_str(&format!("child.{column} IS NOT NULL AND "));
            same.push_str(if same.is_empty() { "" } else { " AND " });
            same.push_str(&format!("parent.{} = child.{column}", self.name(of_parent)?));
        }
        let parent = self.table(parent)?;
        Ok(format!(
            "SELECT count(*) FROM {table} AS child WHERE {there}NOT EXISTS (SELECT 1 FROM {parent} AS parent WHERE {same})"
        ))
    }
}
