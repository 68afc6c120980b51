//! The newtypes of domains.

use aludel_sql::schema::{Domain, Type};

use super::columns::{plain_type, server_default, size};
use super::literal;
use super::names::Names;

/// Writes a newtype, if a field can have its values; over another domain, it is around the newtype of that one.
pub(super) fn newtype(domain: &Domain, names: &Names) -> Option<String> {
    let plain = domain.sql_type.base().sql().and_then(plain_type)?;
    let field = match &domain.sql_type {
        Type::Domain(under) => names.domain(under)?.to_owned(),
        _ => plain,
    };
    let mut said = vec![format!("name = {}", literal(&domain.name))];
    said.extend(domain.schema.as_ref().map(|it| format!("schema = {}", literal(it))));
    said.extend(size(&domain.sql_type));
    let checks: Vec<String> = domain
        .checks
        .iter()
        .map(|it| format!("{}, name = {}", literal(&it.condition), literal(&it.name)))
        .collect();
    if !checks.is_empty() {
        said.push(format!("checks({})", checks.join(", ")));
    }
    said.extend((!domain.nullable).then(|| "not_null".to_owned()));
    let default = domain.server_default.as_ref();
    said.extend(default.map(|it| format!("server_default = {}", server_default(&domain.sql_type, it))));
    for (word, text) in [("collation", &domain.collation), ("comment", &domain.comment)] {
        said.extend(text.as_ref().map(|it| format!("{word} = {}", literal(it))));
    }
    Some(format!(
        "/// The domain {}.\n#[derive(ColumnType, Clone, Debug, PartialEq)]\n#[domain({})]\npub struct {}(pub {field});\n",
        literal(&domain.name),
        said.join(", "),
        names.domain(domain)?
    ))
}
