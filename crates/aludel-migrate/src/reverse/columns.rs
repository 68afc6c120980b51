//! Columns: the type of a field, and what stands above it.

use aludel_sql::schema::{ColumnDef, Table, Type};
use aludel_sql::{ServerDefault, SqlType};

use super::literal;
use super::names::Names;

/// Says why a table can be no entity, if it cannot.
pub(super) fn why_no_entity(table: &Table) -> Option<&'static str> {
    let of_key = || table.primary_key.columns.iter().filter_map(|name| table.column(name));
    if table.primary_key.columns.is_empty() {
        return Some("it has no primary key");
    }
    if of_key().any(|it| plain_field_type(it).is_none()) {
        return Some("no field has the type of its primary key");
    }
    of_key().any(|it| it.nullable).then_some("its primary key may be NULL")
}

/// Returns the type of the field for a column, if there is one: of a domain, the newtype that stands for it.
pub(super) fn field_type(column: &ColumnDef, names: &Names) -> Option<String> {
    let plain = plain_field_type(column)?;
    let field = match &column.sql_type {
        Type::Domain(domain) => names.domain(domain)?.to_owned(),
        _ => plain,
    };
    Some(if column.nullable { format!("Option<{field}>") } else { field })
}

/// Returns the type of the values of a column, whether they are of a domain or not, if a field can have it.
pub(super) fn plain_field_type(column: &ColumnDef) -> Option<String> {
    column.sql_type.base().sql().and_then(plain_type)
}

pub(super) fn plain_type(sql_type: SqlType) -> Option<String> {
    Some(
        match sql_type {
            SqlType::Boolean => "bool",
            SqlType::SmallInt => "i16",
            SqlType::Integer => "i32",
            SqlType::BigInt => "i64",
            SqlType::Float => "f32",
            SqlType::Double => "f64",
            SqlType::Decimal | SqlType::Numeric(..) => "rust_decimal::Decimal",
            SqlType::Text | SqlType::Varchar(_) => "String",
            SqlType::Bytes => "Vec<u8>",
            SqlType::Timestamp => "chrono::DateTime<chrono::Utc>",
            SqlType::Date => "chrono::NaiveDate",
            SqlType::Time => "chrono::NaiveTime",
            SqlType::Uuid => "uuid::Uuid",
            SqlType::Json => "Json<serde_json::Value>",
            SqlType::Array(element) => return plain_type(*element).map(|it| format!("Vec<{it}>")),
            _ => return None,
        }
        .to_owned(),
    )
}

/// Returns what `#[column(…)]` says of a column by itself: not its keys and indexes.
pub(super) fn attributes(table: &Table, column: &ColumnDef, field: &str) -> Vec<String> {
    let mut said = Vec::new();
    let is_key = table.primary_key.columns.contains(&column.name);
    if is_key {
        said.push("primary_key".to_owned());
        let is_integer = column.sql_type.sql().is_some_and(SqlType::is_integer);
        if is_integer
            && table.primary_key.columns.len() == 1
            && column.identity.is_none()
            && table.foreign_keys.iter().all(|it| it.columns != [column.name.as_str()])
        {
            said.push("autoincrement = false".to_owned());
        }
    }
    if field != column.name {
        said.push(format!("name = {}", literal(&column.name)));
    }
    said.extend(size(&column.sql_type));
    if let Some(identity) = column.identity.as_ref().filter(|it| it.always || !it.options.is_default()) {
        let mut how = Vec::new();
        how.extend(identity.always.then(|| "always".to_owned()));
        how.extend(identity.options.start.map(|it| format!("start = {it}")));
        how.extend(identity.options.increment.map(|it| format!("increment = {it}")));
        if !how.is_empty() {
            said.push(format!("identity({})", how.join(", ")));
        }
    }
    if let Some(default) = &column.server_default {
        said.push(format!("server_default = {}", server_default(&column.sql_type, default)));
    }
    if let Some(computed) = &column.computed {
        said.push(format!("computed = {}", literal(&computed.expression)));
        if !computed.stored {
            said.push("persisted = false".to_owned());
        }
    }
    for (word, text) in [("collation", &column.collation), ("comment", &column.comment)] {
        said.extend(text.as_ref().map(|it| format!("{word} = {}", literal(it))));
    }
    said.extend(super::table::options(&column.options));
    said
}

/// Writes `length = 20`, or `precision = 10, scale = 2`.
pub(super) fn size(sql_type: &Type) -> Option<String> {
    match sql_type {
        Type::Sql(SqlType::Varchar(length)) => Some(format!("length = {length}")),
        Type::Sql(SqlType::Numeric(precision, scale)) => {
            Some(format!("precision = {precision}, scale = {scale}"))
        }
        _ => None,
    }
}

/// Writes a default that the type of the field takes as it is; any other as SQL.
pub(super) fn server_default(sql_type: &Type, default: &ServerDefault<String>) -> String {
    let sql_type = sql_type.base().sql();
    let is_text = sql_type.is_some_and(SqlType::is_text);
    let is_number =
        sql_type.is_some_and(|it| it.is_integer() || matches!(it, SqlType::Float | SqlType::Double));
    match default {
        ServerDefault::Now if sql_type == Some(SqlType::Timestamp) => "now()".to_owned(),
        ServerDefault::Now => "sql(\"CURRENT_TIMESTAMP\")".to_owned(),
        ServerDefault::Int(value) if is_number => value.to_string(),
        ServerDefault::Int(value) => format!("sql({})", literal(&value.to_string())),
        ServerDefault::Bool(value) => value.to_string(),
        ServerDefault::Text(text) if is_text => literal(text),
        ServerDefault::Text(text) => format!("sql({})", literal(&format!("'{}'", text.replace('\'', "''")))),
        ServerDefault::Sql(sql) => format!("sql({})", literal(sql)),
    }
}
