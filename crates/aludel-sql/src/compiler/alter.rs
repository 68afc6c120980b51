//! Operations as SQL: what databases share, with the rest left to the dialect.

use super::standard::table_name;
use super::{create_table, sequence};
use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind, Result};
use crate::identifier::write_identifier;
use crate::schema::{
    Backfill, ColumnDef, Constraint, Metadata, Operation, PerDialect, Step, StepKind, Table, TableName, Type,
    split_statements,
};

/// Writes the steps of an operation in the words that most databases know.
///
/// ```
/// # use {aludel::prelude::*, library::Author};
/// use aludel::PostgresDialect;
/// use aludel::schema::Operation;
/// use aludel_sql::compiler::alter;
///
/// let rename = Operation::RenameColumn { table: "authors".into(), from: "name".into(), to: "full_name".into() };
/// let mut after = Metadata::of(Author);
/// rename.apply(&mut after)?;
/// let steps = alter::steps(&PostgresDialect, &rename, &after)?;
/// assert_eq!(steps[0].statements, ["ALTER TABLE authors RENAME COLUMN name TO full_name"]);
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Unsupported` for an operation that every dialect has its own words for, `Migration` for SQL that is not given for the
/// dialect; and whatever its definitions are refused for.
pub fn steps(dialect: &dyn Dialect, operation: &Operation, after: &Metadata) -> Result<Vec<Step>> {
    let one = |sql: String| Ok(vec![Step::new(operation.to_string(), sql)]);
    match operation {
        Operation::CreateTable(table) => Ok(each(operation, dialect.create_table(table, &[])?)),
        Operation::DropTable(table) => {
            let mut sql = "DROP TABLE ".to_owned();
            table_name(&mut sql, dialect, &table.name, table.schema.as_deref())?;
            one(sql)
        }
        Operation::RenameTable { table, to } => {
            let mut sql = alter_table(dialect, table)?;
            sql.push_str(" RENAME TO ");
            write_identifier(&mut sql, to, dialect.quote())?;
            one(sql)
        }
        Operation::AddColumn { table, column, backfill } => {
            let of = find(after, table)?;
            let Some(backfill) = backfill else {
                return one(add_column(dialect, of, column)?);
            };
            // The column comes without its constraint, is filled, and is then made what it should be.
            let nullable = ColumnDef { nullable: true, ..column.clone() };
            let mut fill = "UPDATE ".to_owned();
            table_name(&mut fill, dialect, &table.name, table.schema.as_deref())?;
            fill.push_str(" SET ");
            write_identifier(&mut fill, &column.name, dialect.quote())?;
            fill.push_str(" = ");
            fill.push_str(backfill);
            let mut steps = vec![
                Step::new(operation.to_string(), add_column(dialect, of, &nullable)?),
                Step::new(format!("fill {table}.{}", column.name), fill),
            ];
            if !column.nullable {
                steps.extend(dialect.alter(
                    &[Operation::AlterColumn {
                        table: table.clone(),
                        from: nullable,
                        to: column.clone(),
                        using: None,
                    }],
                    after,
                    after,
                )?);
            }
            Ok(steps)
        }
        Operation::DropColumn { table, column } => {
            let mut sql = alter_table(dialect, table)?;
            sql.push_str(" DROP COLUMN ");
            write_identifier(&mut sql, &column.name, dialect.quote())?;
            one(sql)
        }
        Operation::RenameColumn { table, from, to } => {
            let mut sql = alter_table(dialect, table)?;
            sql.push_str(" RENAME COLUMN ");
            write_identifier(&mut sql, from, dialect.quote())?;
            sql.push_str(" TO ");
            write_identifier(&mut sql, to, dialect.quote())?;
            one(sql)
        }
        Operation::CreateIndex { table, index } => one(dialect.create_index(find(after, table)?, index)?),
        Operation::CreateConstraint { table, constraint } => {
            let mut sql = alter_table(dialect, table)?;
            sql.push_str(" ADD ");
            constraint_definition(&mut sql, dialect, constraint)?;
            one(sql)
        }
        Operation::DropConstraint { table, constraint } => {
            let mut sql = alter_table(dialect, table)?;
            sql.push_str(" DROP CONSTRAINT ");
            write_identifier(&mut sql, constraint.name(), dialect.quote())?;
            one(sql)
        }
        Operation::CreateEnum(it) => Ok(each(operation, dialect.create_enum(it)?)),
        Operation::CreateDomain(it) => Ok(each(operation, dialect.create_domain(it)?)),
        Operation::CreateExtension(it) => Ok(each(operation, dialect.create_extension(it)?)),
        Operation::DropExtension(_) | Operation::AlterExtension { .. } if !dialect.features().extensions => {
            Ok(Vec::new())
        }
        Operation::DropExtension(it) => one(on_object(dialect, "DROP EXTENSION", None, &it.name)?),
        Operation::DropDomain(_) | Operation::RenameDomain { .. } if !dialect.features().domains => {
            Ok(Vec::new())
        }
        Operation::DropDomain(it) => one(on_object(dialect, "DROP DOMAIN", it.schema.as_deref(), &it.name)?),
        Operation::RenameDomain { name, to } => {
            let mut sql = on_object(dialect, "ALTER DOMAIN", name.schema.as_deref(), &name.name)?;
            sql.push_str(" RENAME TO ");
            write_identifier(&mut sql, to, dialect.quote())?;
            one(sql)
        }
        Operation::CreateSequence(it) => Ok(each(operation, dialect.create_sequence(it)?)),
        // Where a type is no object of its own, its name is nowhere.
        Operation::DropEnum(_) | Operation::RenameEnum { .. } if !dialect.features().enum_types => {
            Ok(Vec::new())
        }
        Operation::DropEnum(it) => one(on_object(dialect, "DROP TYPE", it.schema.as_deref(), &it.name)?),
        Operation::RenameEnum { name, to } => {
            let mut sql = on_object(dialect, "ALTER TYPE", name.schema.as_deref(), &name.name)?;
            sql.push_str(" RENAME TO ");
            write_identifier(&mut sql, to, dialect.quote())?;
            one(sql)
        }
        Operation::AlterEnum { .. } => {
            let mut steps = Vec::new();
            for group in columns_of_enum(operation, after) {
                steps.extend(dialect.alter(&group, after, after)?);
            }
            Ok(steps)
        }
        Operation::DropSequence(it) => {
            one(on_object(dialect, "DROP SEQUENCE", it.schema.as_deref(), &it.name)?)
        }
        Operation::AlterSequence { to, .. } => {
            let mut sql = on_object(dialect, "ALTER SEQUENCE", to.schema.as_deref(), &to.name)?;
            sequence::all_sequence_options(&mut sql, &to.options, "NO CYCLE", 1);
            one(sql)
        }
        Operation::CreateDdl(it) => Ok(each(operation, dialect.create_ddl(it)?)),
        Operation::DropDdl(it) => Ok(each(operation, dialect.drop_ddl(it)?)),
        Operation::AlterDdl { from, to } => Ok(each(operation, dialect.replace_ddl(from, to)?)),
        Operation::AlterTableOptions { from, to, .. }
            if from.only(dialect.option_key()) == to.only(dialect.option_key()) =>
        {
            Ok(Vec::new())
        }
        Operation::Sql(block) => block_steps(dialect, &block.title, &block.up),
        Operation::Backfill(backfill) => Ok(vec![backfill_step(dialect, operation, backfill)?]),
        Operation::Check { title, query } => {
            let mut steps = block_steps(dialect, title, query)?;
            steps.iter_mut().for_each(|it| it.kind = StepKind::Check);
            Ok(steps)
        }
        Operation::Hook { name, .. } if name.is_empty() => Ok(Vec::new()),
        Operation::Hook { name, .. } => Ok(vec![Step {
            title: operation.to_string(),
            kind: StepKind::Hook(name.clone()),
            statements: Vec::new(),
            in_transaction: true,
        }]),
        other => Err(Error::new(ErrorKind::Unsupported, format!("{} has no way to {other}", dialect.name()))
            .help("write the SQL of it yourself, as an operation `sql`")),
    }
}

/// A step for each statement of an operation.
fn each(operation: &Operation, statements: Vec<String>) -> Vec<Step> {
    statements.into_iter().map(|sql| Step::new(operation.to_string(), sql)).collect()
}

/// Returns, table by table, what a change of an enum type is where its values stand with the columns.
///
/// ```
/// use aludel::schema::{ColumnDef, EnumType, Operation, Table, Type};
/// use aludel_sql::Metadata;
/// use aludel_sql::compiler::alter;
///
/// let (from, to) = (EnumType::new("mood", ["sad"]), EnumType::new("mood", ["sad", "happy"]));
/// let mut days = Table::new("days");
/// days.columns.push(ColumnDef::new("morning", Type::Enum(to.clone())));
/// let after = Metadata::from_tables(vec![days]);
///
/// // Where the values stand with the columns, a change of the type is a change of each column that has it.
/// let changes = alter::columns_of_enum(&Operation::AlterEnum { from, to }, &after);
/// assert_eq!(changes[0][0].to_string(), "alter column days.morning");
/// ```
#[must_use]
pub fn columns_of_enum(operation: &Operation, after: &Metadata) -> Vec<Vec<Operation>> {
    let Operation::AlterEnum { from, to } = operation else { return Vec::new() };
    let alter = |table: &Table| {
        let columns = table.columns.iter().filter(|it| it.sql_type.as_enum() == Some(to));
        let alter = |column: &ColumnDef| Operation::AlterColumn {
            table: TableName::of(table),
            from: ColumnDef { sql_type: Type::Enum(from.clone()), ..column.clone() },
            to: column.clone(),
            using: None,
        };
        columns.map(alter).collect::<Vec<_>>()
    };
    after.tables().iter().map(alter).filter(|it| !it.is_empty()).collect()
}

/// Writes a verb and the name of an object: `DROP TYPE app.mood`.
///
/// ```
/// use aludel::PostgresDialect;
/// use aludel_sql::compiler::alter;
///
/// assert_eq!(alter::on_object(&PostgresDialect, "DROP TYPE", Some("app"), "mood")?, "DROP TYPE app.mood");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Schema` for names that no database can hold.
pub fn on_object(dialect: &dyn Dialect, verb: &str, schema: Option<&str>, name: &str) -> Result<String> {
    let mut sql = format!("{verb} ");
    table_name(&mut sql, dialect, name, schema)?;
    Ok(sql)
}

/// Writes `ALTER TABLE name`.
///
/// ```
/// use aludel::PostgresDialect;
/// use aludel::schema::TableName;
/// use aludel_sql::compiler::alter;
///
/// let books = TableName { schema: Some("archive".into()), name: "books".into() };
/// assert_eq!(alter::alter_table(&PostgresDialect, &books)?, "ALTER TABLE archive.books");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Schema` for names that no database can hold.
pub fn alter_table(dialect: &dyn Dialect, table: &TableName) -> Result<String> {
    let mut sql = "ALTER TABLE ".to_owned();
    table_name(&mut sql, dialect, &table.name, table.schema.as_deref())?;
    Ok(sql)
}

/// Writes `ALTER TABLE name ADD COLUMN …`.
///
/// ```
/// # use library::Book;
/// use aludel::schema::ColumnDef;
/// use aludel::{PostgresDialect, SqlType};
/// use aludel_sql::compiler::alter;
///
/// let isbn = ColumnDef { nullable: true, ..ColumnDef::new("isbn", SqlType::Varchar(13)) };
/// assert_eq!(
///     alter::add_column(&PostgresDialect, &Book::table(), &isbn)?,
///     "ALTER TABLE books ADD COLUMN isbn varchar(13)"
/// );
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// As [`Dialect::column_definition`].
pub fn add_column(dialect: &dyn Dialect, table: &Table, column: &ColumnDef) -> Result<String> {
    let mut sql = alter_table(dialect, &TableName::of(table))?;
    sql.push_str(" ADD COLUMN ");
    write_identifier(&mut sql, &column.name, dialect.quote())?;
    sql.push(' ');
    dialect.column_definition(&mut sql, table, column)?;
    Ok(sql)
}

/// Writes `CONSTRAINT name UNIQUE (…)` and the like.
///
/// ```
/// use aludel::PostgresDialect;
/// use aludel::schema::{Constraint, Unique};
/// use aludel_sql::compiler::alter;
///
/// let mut sql = "ALTER TABLE users ADD ".to_owned();
/// let email = Constraint::Unique(Unique::over("uq_users_email", ["email"]));
/// alter::constraint_definition(&mut sql, &PostgresDialect, &email)?;
/// assert_eq!(sql, "ALTER TABLE users ADD CONSTRAINT uq_users_email UNIQUE (email)");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Schema` for names that no database can hold.
pub fn constraint_definition(sql: &mut String, dialect: &dyn Dialect, constraint: &Constraint) -> Result<()> {
    sql.push_str("CONSTRAINT ");
    write_identifier(sql, constraint.name(), dialect.quote())?;
    sql.push(' ');
    match constraint {
        Constraint::PrimaryKey(key) => {
            sql.push_str("PRIMARY KEY ");
            create_table::columns(sql, dialect, &key.columns)
        }
        Constraint::Unique(unique) => create_table::unique(sql, dialect, unique),
        Constraint::ForeignKey(key) => create_table::foreign_key(sql, dialect, key),
        Constraint::Check(check) => create_table::check(sql, dialect, check),
        Constraint::Exclude(exclude) => create_table::exclude(sql, dialect, exclude),
    }
}

/// Returns a table of the state after an operation.
///
/// ```
/// # use {aludel::prelude::*, library::Book};
/// use aludel_sql::compiler::alter;
///
/// let schema = Metadata::from_tables(vec![Book::table()]);
/// assert_eq!(alter::find(&schema, &"books".into())?.name, "books");
/// assert_eq!(alter::find(&schema, &"people".into()).unwrap_err().what(), "there is no table `people`");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Migration` where it is not there.
pub fn find<'a>(schema: &'a Metadata, table: &TableName) -> Result<&'a Table> {
    schema.table(table.schema.as_deref(), &table.name).ok_or_else(|| {
        Error::new(ErrorKind::Migration, format!("there is no table `{table}`")).with_table(&table.name)
    })
}

/// Batches are found by their last key, so that rows which come meanwhile do no harm; what is done is skipped by its condition.
fn backfill_step(dialect: &dyn Dialect, operation: &Operation, backfill: &Backfill) -> Result<Step> {
    let Backfill { set, condition, batch, pause, .. } = backfill;
    let Some([set]) = set.get(dialect.key()) else {
        return Err(Error::new(
            ErrorKind::Migration,
            format!("`{operation}` has no `set` for {}, or several", dialect.name()),
        ));
    };
    let (mut table, mut key) = (String::new(), String::new());
    table_name(&mut table, dialect, &backfill.table.name, backfill.table.schema.as_deref())?;
    write_identifier(&mut key, &backfill.key, dialect.quote())?;
    Ok(Step {
        title: operation.to_string(),
        kind: StepKind::Backfill { pause: *pause },
        statements: vec![
            format!("SELECT count(*) FROM {table} WHERE {condition}"),
            format!(
                "SELECT max({key}), count(*) FROM (SELECT {key} FROM {table} WHERE (:after IS NULL OR {key} > :after) AND ({condition}) \
                 ORDER BY {key} LIMIT {batch}) AS batch"
            ),
            format!(
                "UPDATE {table} SET {set} WHERE (:after IS NULL OR {key} > :after) AND {key} <= :upto AND ({condition})"
            ),
        ],
        in_transaction: false,
    })
}

fn block_steps(dialect: &dyn Dialect, title: &str, statements: &PerDialect) -> Result<Vec<Step>> {
    let Some(statements) = statements.get(dialect.key()) else {
        return Err(Error::new(ErrorKind::Migration, format!("`{title}` has no SQL for {}", dialect.name()))
            .help(format!(
                "add `{} = \"…\"` to its `up` and `down`, if only an empty list: `[]`",
                dialect.key()
            )));
    };
    let statements = statements.iter().flat_map(|it| split_statements(it));
    Ok(statements.map(|sql| Step::new(title, sql)).collect())
}
