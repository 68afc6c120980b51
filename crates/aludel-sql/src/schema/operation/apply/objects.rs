//! Enum types and sequences.

use super::same;
use crate::schema::{EnumType, Metadata, Operation, TableName, Type};

/// Applies an operation on an enum type or a sequence.
pub(super) fn apply(operation: &Operation, schema: &mut Metadata) -> Result<(), String> {
    match operation {
        Operation::CreateEnum(it) => {
            if find_enum(schema, &name_of(it)).is_some() {
                return Err(format!("enum type `{}` is there already", it.name));
            }
            schema.enums_mut().push(it.clone());
        }
        Operation::DropEnum(it) => {
            let name = name_of(it);
            let there = find_enum(schema, &name).ok_or_else(|| missing(&name))?;
            same(&there, it, || format!("enum type `{name}`"))?;
            if let Some(table) = schema.tables().iter().find(|table| {
                table
                    .columns
                    .iter()
                    .any(|column| column.sql_type.as_enum().is_some_and(|it| name_of(it) == name))
            }) {
                return Err(format!("`{}` still has a column of enum type `{name}`", table.name));
            }
            schema.enums_mut().retain(|it| name_of(it) != name);
        }
        Operation::RenameEnum { name, to } => {
            find_enum(schema, name).ok_or_else(|| missing(name))?;
            let target = TableName { schema: name.schema.clone(), name: to.clone() };
            if find_enum(schema, &target).is_some() {
                return Err(format!("enum type `{target}` is there already"));
            }
            change(schema, name, |it| it.name.clone_from(to));
        }
        Operation::AlterEnum { from, to } => {
            let name = name_of(from);
            let there = find_enum(schema, &name).ok_or_else(|| missing(&name))?;
            same(&there, from, || format!("enum type `{name}`"))?;
            if name_of(to) != name {
                return Err(format!("it renames `{name}`, which is an operation of its own"));
            }
            change(schema, &name, |it| it.clone_from(to));
        }
        Operation::CreateSequence(it) => {
            if schema.sequences().iter().any(|other| (&other.schema, &other.name) == (&it.schema, &it.name)) {
                return Err(format!("sequence `{}` is there already", it.name));
            }
            schema.sequences_mut().push(it.clone());
        }
        Operation::DropSequence(it) | Operation::AlterSequence { from: it, .. } => {
            let at = schema
                .sequences()
                .iter()
                .position(|other| (&other.schema, &other.name) == (&it.schema, &it.name));
            let at = at.ok_or_else(|| format!("there is no sequence `{}`", it.name))?;
            same(&schema.sequences()[at], it, || format!("sequence `{}`", it.name))?;
            match operation {
                Operation::AlterSequence { to, .. } => schema.sequences_mut()[at] = to.clone(),
                _ => {
                    schema.sequences_mut().remove(at);
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// An enum type stays when the last column goes that has it.
pub(super) fn keep_enums(schema: &mut Metadata) {
    let all: Vec<EnumType> = schema.enums().into_iter().filter(|it| !it.name.is_empty()).cloned().collect();
    *schema.enums_mut() = all;
}

fn name_of(it: &EnumType) -> TableName {
    TableName { schema: it.schema.clone(), name: it.name.clone() }
}

fn find_enum(schema: &Metadata, name: &TableName) -> Option<EnumType> {
    schema.enums().into_iter().find(|it| name_of(it) == *name).cloned()
}

fn missing(name: &TableName) -> String {
    format!("there is no enum type `{name}`")
}

/// Changes an enum type wherever it is: by itself, and in each column that has it.
fn change(schema: &mut Metadata, name: &TableName, change: impl Fn(&mut EnumType)) {
    schema.enums_mut().iter_mut().filter(|it| name_of(it) == *name).for_each(&change);
    for column in schema.tables_mut().iter_mut().flat_map(|it| &mut it.columns) {
        if let Type::Enum(it) = &mut column.sql_type
            && name_of(it) == *name
        {
            change(it);
        }
    }
}
