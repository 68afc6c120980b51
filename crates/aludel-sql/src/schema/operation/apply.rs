//! Applying operations to a schema that is data: this is how the state after a revision is known without a database.

mod ddl;
mod objects;

use super::{Constraint, Operation, TableName};
use crate::error::{Error, ErrorKind, Result};
use crate::schema::sql_tokens::rename_word;
use crate::schema::{IndexOf, Metadata, Table};

impl Operation {
    /// Applies the operation to a schema.
    ///
    /// ```
    /// # use {aludel::prelude::*, library::{Author, Book}};
    /// use aludel::schema::Operation;
    ///
    /// let mut schema = Metadata::of(Author);
    /// Operation::CreateTable(Book::table()).apply(&mut schema)?;
    /// assert_eq!(schema, Metadata::of((Author, Book)));
    /// # Ok::<(), aludel::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Kind `Migration` where the schema does not have what the operation changes, or has already what it adds.
    pub fn apply(&self, schema: &mut Metadata) -> Result<()> {
        self.try_apply(schema).map_err(|what| {
            Error::new(ErrorKind::Migration, what).doing(format!("applying `{self}`")).help(
                "an operation is applied to the state that the ones before it left; look at the order of the operations, and at what each says \
                 was there before",
            )
        })
    }

    fn try_apply(&self, schema: &mut Metadata) -> Result<(), String> {
        if matches!(self, Self::DropTable(_) | Self::DropColumn { .. } | Self::AlterColumn { .. }) {
            objects::keep_types(schema);
        }
        match self {
            Self::CreateTable(table) => {
                let name = TableName::of(table);
                if find(schema, &name).is_ok() {
                    return Err(format!("table `{name}` is there already"));
                }
                for key in table.foreign_keys.iter().filter(|key| !refers_to(key, &name)) {
                    find(schema, &TableName { schema: key.parent_schema.clone(), name: key.parent.clone() })?;
                }
                schema.tables_mut().push(table.clone());
            }
            Self::DropTable(dropped) => {
                let name = TableName::of(dropped);
                let referrer = schema.tables().iter().find_map(|table| {
                    let refers = table.foreign_keys.iter().any(|key| refers_to(key, &name));
                    (refers && TableName::of(table) != name).then(|| TableName::of(table))
                });
                if let Some(referrer) = referrer {
                    return Err(format!("`{referrer}` still refers to `{name}`"));
                }
                if let Some(left) = ddl::left_with(schema, &name) {
                    return Err(format!("`{name}` still has the {left}"));
                }
                let at = find(schema, &name)?;
                same(&schema.tables()[at], dropped, || format!("table `{name}`"))?;
                schema.tables_mut().remove(at);
            }
            Self::RenameTable { table, to } => {
                let to = TableName { schema: table.schema.clone(), name: to.clone() };
                rename_table(schema, table, &to)?;
            }
            Self::SetTableSchema { table, to } => {
                let to = TableName { schema: to.clone(), name: table.name.clone() };
                rename_table(schema, table, &to)?;
            }
            Self::AlterTableComment { table, from, to } => {
                let table = table_mut(schema, table)?;
                same(&table.comment, from, || "the comment".to_owned())?;
                table.comment.clone_from(to);
            }
            Self::AddColumn { table, column, .. } => {
                let table = table_mut(schema, table)?;
                if table.column(&column.name).is_some() {
                    return Err(format!("column `{}.{}` is there already", table.name, column.name));
                }
                table.columns.push(column.clone());
            }
            Self::DropColumn { table, column } => {
                let parents = referrers(schema, table, &column.name);
                let table = table_mut(schema, table)?;
                let at = column_at(table, &column.name)?;
                same(&table.columns[at], column, || format!("column `{}`", column.name))?;
                if let Some(user) = user_of(table, &column.name).or(parents) {
                    return Err(format!("`{user}` still uses column `{}.{}`", table.name, column.name));
                }
                table.columns.remove(at);
            }
            Self::AlterColumn { table, from, to, .. } => {
                let table = table_mut(schema, table)?;
                let at = column_at(table, &from.name)?;
                same(&table.columns[at], from, || format!("column `{}`", from.name))?;
                if from.name != to.name {
                    return Err(format!("it renames `{}`, which is an operation of its own", from.name));
                }
                table.columns[at] = to.clone();
            }
            Self::RenameColumn { table, from, to } => rename_column(schema, table, from, to)?,
            Self::CreateIndex { table, index } => {
                let table = table_mut(schema, table)?;
                if table.indexes.iter().any(|it| it.name == index.name) {
                    return Err(format!("index `{}` is there already", index.name));
                }
                for column in index.columns().chain(index.include.iter().map(String::as_str)) {
                    column_at(table, column)?;
                }
                table.indexes.push(index.clone());
            }
            Self::DropIndex { table, index } => {
                let table = table_mut(schema, table)?;
                let at = position(&table.indexes, |it| it.name == index.name, "index", &index.name)?;
                same(&table.indexes[at], index, || format!("index `{}`", index.name))?;
                table.indexes.remove(at);
            }
            Self::RenameIndex { table, from, to } => {
                let table = table_mut(schema, table)?;
                let at = position(&table.indexes, |it| it.name == *from, "index", from)?;
                table.indexes[at].name.clone_from(to);
            }
            Self::CreateConstraint { table, constraint } => {
                if let Constraint::ForeignKey(key) = constraint {
                    let parent = TableName { schema: key.parent_schema.clone(), name: key.parent.clone() };
                    let parent = &schema.tables()[find(schema, &parent)?];
                    for column in &key.parent_columns {
                        column_at(parent, column)?;
                    }
                }
                create_constraint(table_mut(schema, table)?, constraint)?;
            }
            Self::DropConstraint { table, constraint } => {
                drop_constraint(table_mut(schema, table)?, constraint)?;
            }
            Self::RenameConstraint { table, constraint, to } => {
                let table = table_mut(schema, table)?;
                drop_constraint(table, constraint)?;
                create_constraint(table, &constraint.clone().renamed(to))?;
            }
            Self::AlterTableOptions { table, from, to } => {
                let table = table_mut(schema, table)?;
                same(&table.options, from, || "the options of the table".to_owned())?;
                table.options.clone_from(to);
            }
            Self::CreateEnum(_)
            | Self::DropEnum(_)
            | Self::RenameEnum { .. }
            | Self::AlterEnum { .. }
            | Self::CreateDomain(_)
            | Self::DropDomain(_)
            | Self::RenameDomain { .. }
            | Self::AlterDomain { .. }
            | Self::CreateExtension(_)
            | Self::DropExtension(_)
            | Self::AlterExtension { .. }
            | Self::CreateSequence(_)
            | Self::DropSequence(_)
            | Self::AlterSequence { .. } => objects::apply(self, schema)?,
            Self::CreateDdl(_) | Self::DropDdl(_) | Self::AlterDdl { .. } => ddl::apply(self, schema)?,
            Self::Sql(_) | Self::Backfill(_) | Self::Check { .. } | Self::Hook { .. } => {}
        }
        Ok(())
    }
}

fn find(schema: &Metadata, name: &TableName) -> Result<usize, String> {
    schema
        .tables()
        .iter()
        .position(|it| it.name == name.name && it.schema == name.schema)
        .ok_or_else(|| format!("there is no table `{name}`"))
}

fn table_mut<'a>(schema: &'a mut Metadata, name: &TableName) -> Result<&'a mut Table, String> {
    let at = find(schema, name)?;
    Ok(&mut schema.tables_mut()[at])
}

fn column_at(table: &Table, name: &str) -> Result<usize, String> {
    table
        .columns
        .iter()
        .position(|it| it.name == name)
        .ok_or_else(|| format!("there is no column `{}.{name}`", table.name))
}

fn position<T>(items: &[T], is_it: impl Fn(&T) -> bool, kind: &str, name: &str) -> Result<usize, String> {
    items.iter().position(is_it).ok_or_else(|| format!("there is no {kind} `{name}`"))
}

/// What is there must be what the operation says was there: otherwise its inverse would restore something else.
fn same<T: PartialEq>(there: &T, said: &T, what: impl Fn() -> String) -> Result<(), String> {
    if there == said {
        return Ok(());
    }
    Err(format!("{} is not what the operation says was there before", what()))
}

fn refers_to(key: &crate::schema::ForeignKey, table: &TableName) -> bool {
    key.parent == table.name && key.parent_schema == table.schema
}

/// Returns the constraint or index of the table itself that a column is part of.
fn user_of(table: &Table, column: &str) -> Option<String> {
    let has = |columns: &[String]| columns.iter().any(|it| it == column);
    let primary_key = std::iter::once((&table.primary_key.name, &table.primary_key.columns));
    let keys = primary_key.chain(table.uniques.iter().map(|it| (&it.name, &it.columns)));
    let indexes = table.indexes.iter().find(|it| it.columns().any(|name| name == column) || has(&it.include));
    keys.chain(table.foreign_keys.iter().map(|it| (&it.name, &it.columns)))
        .find(|(_, columns)| has(columns))
        .map(|(name, _)| name.clone())
        .or_else(|| indexes.map(|it| it.name.clone()))
}

/// Returns the foreign key that refers to a column of a table.
fn referrers(schema: &Metadata, table: &TableName, column: &str) -> Option<String> {
    let keys = schema.tables().iter().flat_map(|it| &it.foreign_keys);
    keys.filter(|key| refers_to(key, table))
        .find(|key| key.parent_columns.iter().any(|it| it == column))
        .map(|key| key.name.clone())
}

fn rename_table(schema: &mut Metadata, from: &TableName, to: &TableName) -> Result<(), String> {
    if find(schema, to).is_ok() {
        return Err(format!("table `{to}` is there already"));
    }
    let table = table_mut(schema, from)?;
    table.name.clone_from(&to.name);
    table.schema.clone_from(&to.schema);
    for key in schema.tables_mut().iter_mut().flat_map(|it| &mut it.foreign_keys) {
        if refers_to(key, from) {
            key.parent.clone_from(&to.name);
            key.parent_schema.clone_from(&to.schema);
        }
    }
    ddl::follow(schema, from, to);
    Ok(())
}

fn rename_column(schema: &mut Metadata, name: &TableName, from: &str, to: &str) -> Result<(), String> {
    let table = table_mut(schema, name)?;
    let at = column_at(table, from)?;
    if table.column(to).is_some() {
        return Err(format!("column `{}.{to}` is there already", table.name));
    }
    let rename = |columns: &mut Vec<String>| {
        for column in columns.iter_mut().filter(|it| *it == from) {
            to.clone_into(column);
        }
    };
    to.clone_into(&mut table.columns[at].name);
    rename(&mut table.primary_key.columns);
    for unique in &mut table.uniques {
        rename(&mut unique.columns);
    }
    for key in &mut table.foreign_keys {
        rename(&mut key.columns);
        rename(&mut key.on_delete_columns);
    }
    for exclude in &mut table.excludes {
        exclude.definition = rename_word(&exclude.definition, from, to);
    }
    // Databases rewrite the expressions that name a column, so the state does as well.
    for check in &mut table.checks {
        check.condition = rename_word(&check.condition, from, to);
    }
    for computed in table.columns.iter_mut().filter_map(|it| it.computed.as_mut()) {
        computed.expression = rename_word(&computed.expression, from, to);
    }
    for index in &mut table.indexes {
        rename(&mut index.include);
        for part in &mut index.parts {
            match &mut part.of {
                IndexOf::Column(column) if column == from => to.clone_into(column),
                IndexOf::Column(_) => {}
                IndexOf::Expression(sql) => *sql = rename_word(sql, from, to),
            }
        }
        if let Some(condition) = &mut index.condition {
            *condition = rename_word(condition, from, to);
        }
    }
    for key in schema.tables_mut().iter_mut().flat_map(|it| &mut it.foreign_keys) {
        if refers_to(key, name) {
            rename(&mut key.parent_columns);
        }
    }
    Ok(())
}

fn create_constraint(table: &mut Table, constraint: &Constraint) -> Result<(), String> {
    let there = (!table.primary_key.columns.is_empty()).then_some(&table.primary_key.name);
    let mut names = there
        .into_iter()
        .chain(table.uniques.iter().map(|it| &it.name))
        .chain(table.foreign_keys.iter().map(|it| &it.name))
        .chain(table.checks.iter().map(|it| &it.name))
        .chain(table.excludes.iter().map(|it| &it.name));
    if names.any(|it| it == constraint.name()) {
        return Err(format!("constraint `{}` is there already", constraint.name()));
    }
    let columns: &[String] = match constraint {
        Constraint::PrimaryKey(key) => &key.columns,
        Constraint::Unique(unique) => &unique.columns,
        Constraint::ForeignKey(key) => &key.columns,
        Constraint::Check(_) | Constraint::Exclude(_) => &[],
    };
    for column in columns {
        column_at(table, column)?;
    }
    match constraint {
        Constraint::PrimaryKey(_) if there.is_some() => {
            return Err(format!("`{}` has a primary key already", table.name));
        }
        Constraint::PrimaryKey(key) => table.primary_key = key.clone(),
        Constraint::Unique(key) => table.uniques.push(key.clone()),
        Constraint::ForeignKey(key) => table.foreign_keys.push(key.clone()),
        Constraint::Check(check) => table.checks.push(check.clone()),
        Constraint::Exclude(exclude) => table.excludes.push(exclude.clone()),
    }
    Ok(())
}

fn drop_constraint(table: &mut Table, constraint: &Constraint) -> Result<(), String> {
    fn remove<T: PartialEq>(items: &mut Vec<T>, item: &T, constraint: &Constraint) -> Result<(), String> {
        let kind = constraint.kind();
        let at = items
            .iter()
            .position(|it| it == item)
            .ok_or_else(|| format!("there is no {kind} `{}` as the operation says", constraint.name()))?;
        items.remove(at);
        Ok(())
    }
    match constraint {
        Constraint::PrimaryKey(key) => {
            same(&table.primary_key, key, || "the primary key".to_owned())?;
            table.primary_key.columns.clear();
            Ok(())
        }
        Constraint::Unique(key) => remove(&mut table.uniques, key, constraint),
        Constraint::ForeignKey(key) => remove(&mut table.foreign_keys, key, constraint),
        Constraint::Check(check) => remove(&mut table.checks, check, constraint),
        Constraint::Exclude(exclude) => remove(&mut table.excludes, exclude, constraint),
    }
}
