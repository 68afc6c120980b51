//! From TOML to revisions and tables.

use aludel_sql::schema::{
    Backfill, Check, ColumnDef, Computed, Constraint, Ddl, DdlKind, DdlOrder, Deferrable, DialectOptions,
    Domain, EnumType, Exclude, Extension, ForeignKey, Identity, Index, IndexOf, IndexPart, Key, Operation,
    PerDialect, Sequence, SequenceOptions, SqlBlock, Table, TableName, Type, Unique,
};
use aludel_sql::{Error, Metadata, Nulls, ReferentialAction, Result, ServerDefault};
use toml::de::DeValue;

use super::fields::Fields;
use crate::revision::{Revision, RevisionId};

/// Reads a `revision.toml`.
///
/// ```
/// use aludel_migrate::read_revision;
///
/// let revision = read_revision(
///     r#"
/// id = "ae10"
/// parents = []
/// message = "create users"
///
/// [[op]]
/// rename_column = "mail"
/// table = "users"
/// to = "email"
/// "#,
/// )?;
/// assert_eq!(revision.operations[0].to_string(), "rename column users.mail to email");
///
/// let wrong = read_revision("id = \"ae10\"\nparents = []\nmesage = \"create users\"").unwrap_err();
/// assert!(wrong.what().contains("line"), "{wrong}");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Migration`, with line and key.
pub fn read_revision(text: &str) -> Result<Revision> {
    let mut fields = Fields::parse(text)?;
    let ids = |texts: Vec<String>| texts.into_iter().map(RevisionId::new).collect::<Result<_>>();
    let revision = Revision {
        id: RevisionId::new(fields.required("id")?)?,
        parents: ids(fields.strings("parents")?)?,
        labels: fields.strings("labels")?,
        depends_on: ids(fields.strings("depends_on")?)?,
        message: fields.required("message")?,
        irreversible: fields.string("irreversible")?,
        allow: fields.strings("allow")?,
        operations: fields.tables("op", operation)?,
    };
    fields.finish()?;
    Ok(revision)
}

/// Reads what a metadata program printed: tables, extensions, enum types, domains, sequences, functions, triggers and other DDL.
///
/// ```
/// # use {aludel::prelude::*, library::Author};
/// use aludel_migrate::{read_metadata, write_metadata};
///
/// let printed = write_metadata(&Metadata::of(Author));
/// assert_eq!(read_metadata(&printed)?, Metadata::of(Author));
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Migration`, with line and key.
pub fn read_metadata(text: &str) -> Result<Metadata> {
    let mut fields = Fields::parse(text)?;
    let tables = fields.tables("table", |fields| {
        let name = fields.required("name")?;
        table(fields, name)
    })?;
    let enums = named(&mut fields, "enum", enum_type)?;
    let sequences = named(&mut fields, "sequence", sequence)?;
    let domains = named(&mut fields, "domain", domain)?;
    let extensions = named(&mut fields, "extension", extension)?;
    let ddls = named(&mut fields, "ddl", |fields, name| {
        let word = fields.required("kind")?;
        let kind = DDL_KINDS.into_iter().find(|it| it.word() == word);
        let kind = kind.ok_or_else(|| fields.wrong(format!("there is no kind `{word}` of DDL")))?;
        ddl(fields, kind, name)
    })?;
    fields.finish()?;
    let metadata = enums.into_iter().fold(Metadata::from_tables(tables), Metadata::enum_type);
    let metadata = domains.into_iter().fold(metadata, Metadata::domain);
    let metadata = extensions.into_iter().fold(metadata, Metadata::extension);
    let metadata = sequences.into_iter().fold(metadata, Metadata::sequence);
    Ok(ddls.into_iter().fold(metadata, Metadata::ddl))
}

/// The keys that say what an operation is.
const OPERATIONS: &[&str] = &[
    "create_table",
    "drop_table",
    "rename_table",
    "set_table_schema",
    "alter_table_comment",
    "alter_table_options",
    "add_column",
    "drop_column",
    "alter_column",
    "rename_column",
    "create_index",
    "drop_index",
    "rename_index",
    "create_primary_key",
    "drop_primary_key",
    "rename_primary_key",
    "create_unique_constraint",
    "drop_unique_constraint",
    "rename_unique_constraint",
    "create_foreign_key",
    "drop_foreign_key",
    "rename_foreign_key",
    "create_check_constraint",
    "drop_check_constraint",
    "rename_check_constraint",
    "create_exclude_constraint",
    "drop_exclude_constraint",
    "rename_exclude_constraint",
    "create_enum",
    "drop_enum",
    "rename_enum",
    "alter_enum",
    "create_domain",
    "drop_domain",
    "rename_domain",
    "alter_domain",
    "create_extension",
    "drop_extension",
    "alter_extension",
    "create_sequence",
    "drop_sequence",
    "alter_sequence",
    "create_function",
    "drop_function",
    "alter_function",
    "create_procedure",
    "drop_procedure",
    "alter_procedure",
    "create_trigger",
    "drop_trigger",
    "alter_trigger",
    "create_ddl",
    "drop_ddl",
    "alter_ddl",
    "sql",
    "backfill",
    "check",
    "hook",
];

const DDL_KINDS: [DdlKind; 4] =
    [DdlKind::Function, DdlKind::Procedure, DdlKind::Trigger, DdlKind::Statements];

/// Reads `create_trigger` and the like.
fn ddl_kind(word: &str) -> Option<(&str, DdlKind)> {
    let (verb, kind) = word.split_once('_')?;
    Some((verb, DDL_KINDS.into_iter().find(|it| it.word() == kind)?))
}

fn operation(fields: &mut Fields<'_>) -> Result<Operation> {
    let Some(word) = fields.which(OPERATIONS) else {
        return Err(fields.wrong("nothing says what this operation is").help(format!(
            "give it one of {}",
            OPERATIONS.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")
        )));
    };
    let name = fields.required(word)?;
    if let Some((verb, kind)) = ddl_kind(word) {
        return Ok(match verb {
            "create" => Operation::CreateDdl(ddl(fields, kind, name)?),
            "drop" => Operation::DropDdl(ddl(fields, kind, name)?),
            _ => Operation::AlterDdl {
                from: inner(fields, "from", |fields| ddl(fields, kind, name.clone()))?,
                to: inner(fields, "to", |fields| ddl(fields, kind, name.clone()))?,
            },
        });
    }
    Ok(match word {
        "create_table" => Operation::CreateTable(table(fields, name)?),
        "drop_table" => Operation::DropTable(table(fields, name)?),
        "rename_table" => Operation::RenameTable {
            table: TableName { schema: fields.string("schema")?, name },
            to: fields.required("to")?,
        },
        "set_table_schema" => Operation::SetTableSchema {
            table: TableName { schema: fields.string("schema")?, name },
            to: fields.string("to")?,
        },
        "alter_table_comment" => Operation::AlterTableComment {
            table: TableName { schema: fields.string("schema")?, name },
            from: fields.string("from")?,
            to: fields.string("to")?,
        },
        "alter_table_options" => Operation::AlterTableOptions {
            table: TableName { schema: fields.string("schema")?, name },
            from: inner(fields, "from", options)?,
            to: inner(fields, "to", options)?,
        },
        "create_enum" => Operation::CreateEnum(enum_type(fields, name)?),
        "drop_enum" => Operation::DropEnum(enum_type(fields, name)?),
        "rename_enum" => Operation::RenameEnum {
            name: TableName { schema: fields.string("schema")?, name },
            to: fields.required("to")?,
        },
        "alter_enum" => {
            let schema = fields.string("schema")?;
            let read = |fields: &mut Fields<'_>| {
                Ok(EnumType { schema: schema.clone(), ..enum_type(fields, name.clone())? })
            };
            Operation::AlterEnum { from: inner(fields, "from", read)?, to: inner(fields, "to", read)? }
        }
        "create_domain" => Operation::CreateDomain(domain(fields, name)?),
        "drop_domain" => Operation::DropDomain(domain(fields, name)?),
        "rename_domain" => Operation::RenameDomain {
            name: TableName { schema: fields.string("schema")?, name },
            to: fields.required("to")?,
        },
        "alter_domain" => {
            let schema = fields.string("schema")?;
            let read = |fields: &mut Fields<'_>| {
                Ok(Domain { schema: schema.clone(), ..domain(fields, name.clone())? })
            };
            Operation::AlterDomain { from: inner(fields, "from", read)?, to: inner(fields, "to", read)? }
        }
        "create_extension" => Operation::CreateExtension(extension(fields, name)?),
        "drop_extension" => Operation::DropExtension(extension(fields, name)?),
        "alter_extension" => {
            let read = |fields: &mut Fields<'_>| extension(fields, name.clone());
            Operation::AlterExtension { from: inner(fields, "from", read)?, to: inner(fields, "to", read)? }
        }
        "create_sequence" => Operation::CreateSequence(sequence(fields, name)?),
        "drop_sequence" => Operation::DropSequence(sequence(fields, name)?),
        "alter_sequence" => {
            let schema = fields.string("schema")?;
            let read = |fields: &mut Fields<'_>| {
                Ok(Sequence { schema: schema.clone(), ..sequence(fields, name.clone())? })
            };
            Operation::AlterSequence { from: inner(fields, "from", read)?, to: inner(fields, "to", read)? }
        }
        "add_column" => Operation::AddColumn {
            table: table_name(fields)?,
            backfill: fields.string("backfill")?,
            column: column(fields, name)?,
        },
        "drop_column" => Operation::DropColumn { table: table_name(fields)?, column: column(fields, name)? },
        "alter_column" => Operation::AlterColumn {
            table: table_name(fields)?,
            using: fields.string("using")?,
            from: column_of(fields, "from", &name)?,
            to: column_of(fields, "to", &name)?,
        },
        "rename_column" => {
            Operation::RenameColumn { table: table_name(fields)?, from: name, to: fields.required("to")? }
        }
        "create_index" => Operation::CreateIndex { table: table_name(fields)?, index: index(fields, name)? },
        "drop_index" => Operation::DropIndex { table: table_name(fields)?, index: index(fields, name)? },
        "rename_index" => {
            Operation::RenameIndex { table: table_name(fields)?, from: name, to: fields.required("to")? }
        }
        "sql" => Operation::Sql(SqlBlock {
            title: name,
            up: statements(fields, "up")?.unwrap_or_default(),
            down: statements(fields, "down")?,
        }),
        "backfill" => Operation::Backfill(Backfill {
            table: TableName { name, schema: fields.string("schema")? },
            key: fields.required("key")?,
            set: statements(fields, "set")?.ok_or_else(|| fields.wrong("`set` is missing here"))?,
            condition: fields.required("where")?,
            batch: positive(fields, "batch")?.unwrap_or(1000).max(1),
            pause: positive(fields, "pause")?.unwrap_or(0),
        }),
        "check" => Operation::Check {
            title: name,
            query: statements(fields, "query")?.ok_or_else(|| fields.wrong("`query` is missing here"))?,
        },
        "hook" => Operation::Hook { name, down: fields.string("down")? },
        _ => constraint_operation(fields, word, name)?,
    })
}

fn positive(fields: &mut Fields<'_>, key: &'static str) -> Result<Option<u64>> {
    let number = fields.number(key)?;
    number.map(|it| u64::try_from(it).map_err(|_| fields.wrong(format!("`{key}` is below 0")))).transpose()
}

fn constraint_operation(fields: &mut Fields<'_>, word: &str, name: String) -> Result<Operation> {
    let (verb, kind) = word.split_once('_').expect("all words of constraints have one");
    let table = table_name(fields)?;
    let to = if verb == "rename" { Some(fields.required("to")?) } else { None };
    let constraint = match kind {
        "primary_key" => Constraint::PrimaryKey(key(fields, name)?),
        "unique_constraint" => Constraint::Unique(unique(fields, name)?),
        "exclude_constraint" => Constraint::Exclude(exclude(fields, name)?),
        "foreign_key" => Constraint::ForeignKey(foreign_key(fields, name)?),
        _ => Constraint::Check(check(fields, name)?),
    };
    Ok(match (verb, to) {
        (_, Some(to)) => Operation::RenameConstraint { table, constraint, to },
        ("create", None) => Operation::CreateConstraint { table, constraint },
        _ => Operation::DropConstraint { table, constraint },
    })
}

fn table_name(fields: &mut Fields<'_>) -> Result<TableName> {
    Ok(TableName { name: fields.required("table")?, schema: fields.string("schema")? })
}

fn table(fields: &mut Fields<'_>, name: String) -> Result<Table> {
    let mut table = Table::new(name);
    table.schema = fields.string("schema")?;
    table.comment = fields.string("comment")?;
    table.renamed_from = fields.string("renamed_from")?;
    let mut of_key = Vec::new();
    table.columns = fields.tables("columns", |fields| {
        let name = fields.required("name")?;
        if fields.flag("primary_key")? {
            of_key.push(name.clone());
        }
        column(fields, name)
    })?;
    table.primary_key.columns = of_key;
    if let Some(mut fields) = fields.table("primary_key")? {
        let name = fields.required("name")?;
        table.primary_key = key(&mut fields, name)?;
        fields.finish()?;
    }
    table.uniques = named(fields, "unique", unique)?;
    table.foreign_keys = named(fields, "foreign_keys", foreign_key)?;
    table.checks = named(fields, "checks", check)?;
    table.excludes = named(fields, "excludes", exclude)?;
    table.indexes = named(fields, "indexes", index)?;
    table.options = options(fields)?;
    Ok(table)
}

fn enum_type(fields: &mut Fields<'_>, name: String) -> Result<EnumType> {
    Ok(EnumType {
        name,
        schema: fields.string("schema")?,
        values: fields.strings("values")?,
        comment: fields.string("comment")?,
        renamed_from: fields.string("renamed_from")?,
    })
}

fn domain(fields: &mut Fields<'_>, name: String) -> Result<Domain> {
    Ok(Domain {
        schema: fields.string("schema")?,
        nullable: !fields.flag("not_null")?,
        server_default: server_default(fields)?,
        checks: named(fields, "checks", check)?,
        collation: fields.string("collation")?,
        comment: fields.string("comment")?,
        renamed_from: fields.string("renamed_from")?,
        ..Domain::new(name, column_type(fields)?)
    })
}

fn extension(fields: &mut Fields<'_>, name: String) -> Result<Extension> {
    Ok(Extension { name, schema: fields.string("schema")?, version: fields.string("version")? })
}

/// Reads `type`, or `domain` with all that is asked of its values.
fn column_type(fields: &mut Fields<'_>) -> Result<Type> {
    let Some(mut inner) = fields.table("domain")? else { return parsed(fields) };
    let name = inner.required("name")?;
    let domain = domain(&mut inner, name)?;
    inner.finish()?;
    Ok(domain.into())
}

fn ddl(fields: &mut Fields<'_>, kind: DdlKind, name: String) -> Result<Ddl> {
    let schema = fields.string("schema")?;
    let table = match fields.string("table")? {
        Some(name) => Some(TableName { name, schema: schema.clone() }),
        None if kind == DdlKind::Trigger => return Err(fields.wrong("`table` is missing here")),
        None => None,
    };
    let order = match fields.string("order")?.as_deref() {
        None => kind.usual_order(),
        Some("before_tables") => DdlOrder::BeforeTables,
        Some("after_tables") => DdlOrder::AfterTables,
        Some(_) => return Err(fields.wrong("`order` must be `before_tables` or `after_tables`")),
    };
    Ok(Ddl {
        kind,
        name,
        schema: schema.filter(|_| table.is_none()),
        table,
        order,
        create: statements(fields, "sql")?.ok_or_else(|| fields.wrong("`sql` is missing here"))?,
        drop: if kind == DdlKind::Statements {
            statements(fields, "drop")?.unwrap_or_default()
        } else {
            PerDialect::default()
        },
    })
}

fn sequence(fields: &mut Fields<'_>, name: String) -> Result<Sequence> {
    Ok(Sequence {
        name,
        schema: fields.string("schema")?,
        sql_type: parsed(fields)?,
        options: sequence_options(fields)?,
        comment: fields.string("comment")?,
    })
}

fn sequence_options(fields: &mut Fields<'_>) -> Result<SequenceOptions> {
    Ok(SequenceOptions {
        start: fields.number("start")?,
        increment: fields.number("increment")?,
        min: fields.number("min")?,
        max: fields.number("max")?,
        cache: fields.number("cache")?,
        cycle: fields.flag("cycle")?,
    })
}

/// Reads `options = { mysql = { engine = "InnoDB" } }`.
fn options(fields: &mut Fields<'_>) -> Result<DialectOptions> {
    let mut options = DialectOptions::default();
    let Some(dialects) = fields.table("options")? else { return Ok(options) };
    let read = |value: &DeValue<'_>| {
        let DeValue::Table(table) = value else { return None };
        let text = |value: &DeValue<'_>| match value {
            DeValue::String(text) => Some(text.clone().into_owned()),
            DeValue::Boolean(value) => Some(value.to_string()),
            DeValue::Integer(number) => Some(number.as_str().to_owned()),
            _ => None,
        };
        let pair = |(name, value): (_, _)| -> Option<(String, String)> {
            let (name, value): (&toml::Spanned<std::borrow::Cow<'_, str>>, &toml::Spanned<DeValue<'_>>) =
                (name, value);
            Some((name.get_ref().clone().into_owned(), text(value.get_ref())?))
        };
        table.iter().map(pair).collect::<Option<Vec<_>>>()
    };
    for (dialect, pairs) in dialects.each(read, "a table of options: `{ engine = \"InnoDB\" }`")? {
        for (name, value) in pairs {
            options.set(&dialect, &name, &value);
        }
    }
    Ok(options)
}

fn named<'t, T>(
    fields: &mut Fields<'t>,
    key: &'static str,
    read: impl Fn(&mut Fields<'t>, String) -> Result<T>,
) -> Result<Vec<T>> {
    fields.tables(key, |fields| {
        let name = fields.required("name")?;
        read(fields, name)
    })
}

fn column(fields: &mut Fields<'_>, name: String) -> Result<ColumnDef> {
    let mut column = ColumnDef::new(name, column_type(fields)?);
    column.nullable = fields.flag("null")?;
    column.identity = fields.flag("generated")?.then(Identity::default);
    if let Some(mut fields) = fields.table("identity")? {
        column.identity =
            Some(Identity { always: fields.flag("always")?, options: sequence_options(&mut fields)? });
        fields.finish()?;
    }
    column.server_default = server_default(fields)?;
    column.collation = fields.string("collation")?;
    column.comment = fields.string("comment")?;
    column.options = options(fields)?;
    column.renamed_from = fields.string("renamed_from")?;
    if let Some(mut fields) = fields.table("computed")? {
        column.computed =
            Some(Computed { expression: fields.required("sql")?, stored: fields.flag("stored")? });
        fields.finish()?;
    }
    Ok(column)
}

/// Reads `type`.
fn parsed<T: std::str::FromStr<Err = Error>>(fields: &mut Fields<'_>) -> Result<T> {
    let text = fields.required("type")?;
    text.parse().map_err(|error: Error| {
        fields.wrong(error.what().to_owned()).help(error.advice().unwrap_or_default().to_owned())
    })
}

fn column_of(fields: &mut Fields<'_>, key: &'static str, name: &str) -> Result<ColumnDef> {
    inner(fields, key, |fields| column(fields, name.to_owned()))
}

/// Reads a table that must be there.
fn inner<'t, T>(
    fields: &mut Fields<'t>,
    key: &'static str,
    read: impl Fn(&mut Fields<'t>) -> Result<T>,
) -> Result<T> {
    let Some(mut inner) = fields.table(key)? else {
        return Err(fields.wrong(format!("`{key}` is missing here")));
    };
    let value = read(&mut inner)?;
    inner.finish()?;
    Ok(value)
}

fn server_default(fields: &mut Fields<'_>) -> Result<Option<ServerDefault<String>>> {
    const EXPECTED: &str = "a number, `true`, `false`, a text, `{ now = true }` or `{ sql = \"…\" }`";
    fields.value("server_default", EXPECTED, |value, _| {
        Some(Ok(match value {
            DeValue::Integer(number) => {
                ServerDefault::Int(i64::from_str_radix(number.as_str(), number.radix()).ok()?)
            }
            DeValue::Boolean(value) => ServerDefault::Bool(value),
            DeValue::String(text) => ServerDefault::Text(text.into_owned()),
            DeValue::Table(table) if table.len() == 1 => {
                match table.iter().next().map(|(key, value)| (key.get_ref().as_ref(), value.get_ref()))? {
                    ("now", DeValue::Boolean(true)) => ServerDefault::Now,
                    ("sql", DeValue::String(sql)) => ServerDefault::Sql(sql.clone().into_owned()),
                    _ => return None,
                }
            }
            _ => return None,
        }))
    })
}

fn key(fields: &mut Fields<'_>, name: String) -> Result<Key> {
    Ok(Key { name, columns: fields.strings("columns")? })
}

fn check(fields: &mut Fields<'_>, name: String) -> Result<Check> {
    Ok(Check { name, condition: fields.required("sql")?, not_valid: fields.flag("not_valid")? })
}

fn unique(fields: &mut Fields<'_>, name: String) -> Result<Unique> {
    Ok(Unique {
        name,
        columns: fields.strings("columns")?,
        deferrable: deferrable(fields)?,
        nulls_not_distinct: fields.flag("nulls_not_distinct")?,
    })
}

fn exclude(fields: &mut Fields<'_>, name: String) -> Result<Exclude> {
    Ok(Exclude { name, definition: fields.required("sql")? })
}

fn deferrable(fields: &mut Fields<'_>) -> Result<Deferrable> {
    match fields.string("deferrable")?.as_deref() {
        None => Ok(Deferrable::No),
        Some("immediate") => Ok(Deferrable::Immediate),
        Some("deferred") => Ok(Deferrable::Deferred),
        Some(_) => Err(fields.wrong("`deferrable` must be `immediate` or `deferred`")),
    }
}

fn foreign_key(fields: &mut Fields<'_>, name: String) -> Result<ForeignKey> {
    let columns = fields.strings("columns")?;
    let Some(mut references) = fields.table("references")? else {
        return Err(fields.wrong("`references` is missing here"));
    };
    let key = ForeignKey {
        name,
        columns,
        parent: references.required("table")?,
        parent_schema: references.string("schema")?,
        parent_columns: references.strings("columns")?,
        on_delete: action(fields, "on_delete")?,
        on_update: action(fields, "on_update")?,
        on_delete_columns: fields.strings("on_delete_columns")?,
        deferrable: deferrable(fields)?,
        match_full: fields.flag("match_full")?,
        not_valid: fields.flag("not_valid")?,
    };
    references.finish()?;
    Ok(key)
}

fn action(fields: &mut Fields<'_>, key: &'static str) -> Result<ReferentialAction> {
    let Some(word) = fields.string(key)? else { return Ok(ReferentialAction::NoAction) };
    let all = [
        ReferentialAction::NoAction,
        ReferentialAction::Restrict,
        ReferentialAction::Cascade,
        ReferentialAction::SetNull,
        ReferentialAction::SetDefault,
    ];
    all.into_iter().find(|it| it.sql().eq_ignore_ascii_case(&word)).ok_or_else(|| {
        fields.wrong(format!(
            "`{key}` must be one of `no action`, `restrict`, `cascade`, `set null`, `set default`"
        ))
    })
}

fn index(fields: &mut Fields<'_>, name: String) -> Result<Index> {
    let mut parts: Vec<_> = fields
        .strings("columns")?
        .into_iter()
        .map(|column| IndexPart::new(IndexOf::Column(column)))
        .collect();
    parts.extend(fields.tables("parts", |fields| {
        let of = match (fields.string("column")?, fields.string("sql")?) {
            (Some(column), None) => IndexOf::Column(column),
            (None, Some(sql)) => IndexOf::Expression(sql),
            _ => return Err(fields.wrong("a part of an index is either a `column` or an expression, `sql`")),
        };
        Ok(IndexPart {
            of,
            descending: fields.flag("descending")?,
            nulls: match fields.string("nulls")?.as_deref() {
                None => None,
                Some("first") => Some(Nulls::First),
                Some("last") => Some(Nulls::Last),
                Some(_) => return Err(fields.wrong("`nulls` must be `first` or `last`")),
            },
            collation: fields.string("collation")?,
            options: options(fields)?,
        })
    })?);
    Ok(Index {
        name,
        parts,
        unique: fields.flag("unique")?,
        condition: fields.string("where")?,
        include: fields.strings("include")?,
        nulls_not_distinct: fields.flag("nulls_not_distinct")?,
        invalid: fields.flag("invalid")?,
        options: options(fields)?,
    })
}

fn statements(fields: &mut Fields<'_>, key: &'static str) -> Result<Option<PerDialect>> {
    let is_table = matches!(fields.peek(key), Some(DeValue::Table(_)));
    if is_table {
        let by_dialect = fields.table(key)?.expect("it is a table");
        let each = by_dialect.each(list, "a statement, or a list of them")?;
        return Ok(Some(PerDialect::Each(each.into_iter().collect())));
    }
    fields.value(
        key,
        "a statement, a list of them, or a table with one of these for each dialect",
        |value, _| list(&value).map(|it| Ok(PerDialect::All(it))),
    )
}

fn list(value: &DeValue<'_>) -> Option<Vec<String>> {
    match value {
        DeValue::String(text) => Some(vec![text.clone().into_owned()]),
        DeValue::Array(items) => items
            .iter()
            .map(|item| match item.get_ref() {
                DeValue::String(text) => Some(text.clone().into_owned()),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}
