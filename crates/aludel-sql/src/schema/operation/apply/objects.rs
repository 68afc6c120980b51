//! Extensions, enum types, domains and sequences.

mod domains;

use super::same;
use crate::schema::{Domain, EnumType, Extension, Metadata, Operation, TableName, Type};

/// Applies an operation on an object that is no table.
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
            let over = |it: &&Domain| it.sql_type.as_enum().is_some_and(|it| name_of(it) == name);
            if let Some(domain) = schema.domains().into_iter().find(over) {
                return Err(format!("domain `{}` is still over enum type `{name}`", domain.name));
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
        Operation::CreateDomain(_)
        | Operation::DropDomain(_)
        | Operation::RenameDomain { .. }
        | Operation::AlterDomain { .. } => domains::apply(operation, schema)?,
        Operation::CreateExtension(it) => {
            if schema.extensions().iter().any(|other| other.name == it.name) {
                return Err(format!("extension `{}` is there already", it.name));
            }
            schema.extensions_mut().push(it.clone());
        }
        Operation::DropExtension(it) => {
            let at = extension_at(schema, it)?;
            schema.extensions_mut().remove(at);
        }
        Operation::AlterExtension { from, to } => {
            let at = extension_at(schema, from)?;
            schema.extensions_mut()[at] = to.clone();
        }
        _ => {}
    }
    Ok(())
}

fn extension_at(schema: &Metadata, it: &Extension) -> Result<usize, String> {
    let at = schema.extensions().iter().position(|other| other.name == it.name);
    let at = at.ok_or_else(|| format!("there is no extension `{}`", it.name))?;
    same(&schema.extensions()[at], it, || format!("extension `{}`", it.name))?;
    Ok(at)
}

/// A type stays when the last column goes that has it.
pub(super) fn keep_types(schema: &mut Metadata) {
    let all: Vec<EnumType> = schema.enums().into_iter().filter(|it| !it.name.is_empty()).cloned().collect();
    *schema.enums_mut() = all;
    let all: Vec<Domain> = schema.domains().into_iter().cloned().collect();
    *schema.domains_mut() = all;
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

/// Changes an enum type wherever it is: by itself, in each column that has it, and under domains.
fn change(schema: &mut Metadata, name: &TableName, change: impl Fn(&mut EnumType)) {
    schema.enums_mut().iter_mut().filter(|it| name_of(it) == *name).for_each(&change);
    each_type(schema, &|sql_type| {
        if let Type::Enum(it) = sql_type
            && name_of(it) == *name
        {
            change(it);
        }
    });
}

/// Calls a function with the type of each column and each domain, and with those under them.
fn each_type(schema: &mut Metadata, change: &impl Fn(&mut Type)) {
    fn with_under(sql_type: &mut Type, change: &impl Fn(&mut Type)) {
        if let Type::Domain(it) = sql_type {
            with_under(&mut it.sql_type, change);
        }
        change(sql_type);
    }
    for domain in schema.domains_mut() {
        with_under(&mut domain.sql_type, change);
    }
    for column in schema.tables_mut().iter_mut().flat_map(|it| &mut it.columns) {
        with_under(&mut column.sql_type, change);
    }
}
