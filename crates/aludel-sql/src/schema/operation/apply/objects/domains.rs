//! Domains.

use super::{each_type, same};
use crate::schema::{Domain, Metadata, Operation, TableName, Type};

/// Applies an operation on a domain.
pub(super) fn apply(operation: &Operation, schema: &mut Metadata) -> Result<(), String> {
    match operation {
        Operation::CreateDomain(it) => {
            let name = TableName::of_domain(it);
            if find(schema, &name).is_some() {
                return Err(format!("domain `{name}` is there already"));
            }
            schema.domains_mut().push(it.clone());
        }
        Operation::DropDomain(it) => {
            let name = TableName::of_domain(it);
            let there = find(schema, &name).ok_or_else(|| missing(&name))?;
            same(&there, it, || format!("domain `{name}`"))?;
            let is_it = |sql_type: &Type| is(sql_type, &name);
            if let Some(table) =
                schema.tables().iter().find(|table| table.columns.iter().any(|it| is_it(&it.sql_type)))
            {
                return Err(format!("`{}` still has a column of domain `{name}`", table.name));
            }
            if let Some(over) = schema.domains().into_iter().find(|it| is_it(&it.sql_type)) {
                return Err(format!("domain `{}` is still over domain `{name}`", over.name));
            }
            schema.domains_mut().retain(|it| TableName::of_domain(it) != name);
        }
        Operation::RenameDomain { name, to } => {
            find(schema, name).ok_or_else(|| missing(name))?;
            let target = TableName { schema: name.schema.clone(), name: to.clone() };
            if find(schema, &target).is_some() {
                return Err(format!("domain `{target}` is there already"));
            }
            change(schema, name, |it| it.name.clone_from(to));
        }
        Operation::AlterDomain { from, to } => {
            let name = TableName::of_domain(from);
            let there = find(schema, &name).ok_or_else(|| missing(&name))?;
            same(&there, from, || format!("domain `{name}`"))?;
            if TableName::of_domain(to) != name {
                return Err(format!("it renames `{name}`, which is an operation of its own"));
            }
            change(schema, &name, |it| it.clone_from(to));
        }
        _ => {}
    }
    Ok(())
}

fn find(schema: &Metadata, name: &TableName) -> Option<Domain> {
    schema.domains().into_iter().find(|it| TableName::of_domain(it) == *name).cloned()
}

fn is(sql_type: &Type, name: &TableName) -> bool {
    sql_type.as_domain().is_some_and(|it| TableName::of_domain(it) == *name)
}

fn missing(name: &TableName) -> String {
    format!("there is no domain `{name}`")
}

/// Changes a domain wherever it is: by itself, in each column that has it, and under other domains.
fn change(schema: &mut Metadata, name: &TableName, change: impl Fn(&mut Domain)) {
    schema.domains_mut().iter_mut().filter(|it| TableName::of_domain(it) == *name).for_each(&change);
    each_type(schema, &|sql_type| {
        if let Type::Domain(it) = sql_type
            && TableName::of_domain(it) == *name
        {
            change(it);
        }
    });
}
