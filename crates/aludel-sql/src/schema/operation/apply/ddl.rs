//! Functions, triggers and other DDL.

use super::{find, same};
use crate::schema::{Ddl, DdlOrder, Metadata, Operation, TableName};

/// Applies an operation on a function, a trigger, or other DDL.
pub(super) fn apply(operation: &Operation, schema: &mut Metadata) -> Result<(), String> {
    match operation {
        Operation::CreateDdl(it) => {
            if schema.ddls().iter().any(|other| other.has_name_of(it)) {
                return Err(format!("{it} is there already"));
            }
            if let (Some(table), DdlOrder::AfterTables) = (&it.table, it.order) {
                find(schema, table)?;
            }
            schema.ddls_mut().push(it.clone());
        }
        Operation::DropDdl(it) => {
            let at = position(schema, it)?;
            schema.ddls_mut().remove(at);
        }
        Operation::AlterDdl { from, to } => {
            let at = position(schema, from)?;
            if !from.has_name_of(to) {
                return Err(format!("it renames {from}: drop that and create {to}"));
            }
            schema.ddls_mut()[at] = to.clone();
        }
        _ => {}
    }
    Ok(())
}

/// Finds what an operation says was there.
fn position(schema: &Metadata, it: &Ddl) -> Result<usize, String> {
    let at = schema.ddls().iter().position(|other| other.has_name_of(it));
    let at = at.ok_or_else(|| format!("there is no {it}"))?;
    same(&schema.ddls()[at], it, || it.to_string())?;
    Ok(at)
}

/// Returns what has to be dropped before a table is: its inverse would not bring that back.
pub(super) fn left_with(schema: &Metadata, table: &TableName) -> Option<String> {
    let mut left = schema.ddls().iter().filter(|it| it.order == DdlOrder::AfterTables);
    left.find(|it| it.table.as_ref() == Some(table)).map(Ddl::to_string)
}

/// What belongs to a table goes with it to another name.
pub(super) fn follow(schema: &mut Metadata, from: &TableName, to: &TableName) {
    for it in schema.ddls_mut().iter_mut().filter(|it| it.table.as_ref() == Some(from)) {
        it.table = Some(to.clone());
    }
}
