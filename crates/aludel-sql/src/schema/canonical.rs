//! One form for all spellings of the same definition: what two schemas are compared by.

use super::index::IndexOf;
use super::inspection::Inspection;
use super::sql_tokens::{SqlToken, sql_tokens};
use super::{ColumnDef, DialectOptions, Domain, EnumType, Table, Type};
use crate::dialect::Dialect;
use crate::identifier::write_identifier;
use crate::mapping::ServerDefault;
use crate::order::Nulls;

/// Returns a table as a database keeps it, its expressions in one spelling: two tables are the same there if these are equal.
///
/// ```
/// use aludel::SqliteDialect;
/// use aludel::schema::{Check, Table, canonical_table};
///
/// let mut one = Table::new("t");
/// one.comment = Some("SQLite keeps no comments".into());
/// one.checks = vec![Check::new("ck", "(Price >= 0) AND \"rate\" != 1")];
/// let mut other = Table::new("t");
/// other.checks = vec![Check::new("ck", "price>=0 and rate<>1")];
/// assert_eq!(canonical_table(&SqliteDialect, &one), canonical_table(&SqliteDialect, &other));
/// ```
#[must_use]
pub fn canonical_table(dialect: &dyn Dialect, table: &Table) -> Table {
    let features = dialect.features();
    let key = dialect.option_key();
    let inspection = dialect.inspection();
    let mut table = if features.domains { table.clone() } else { table.without_domains() };
    table.renamed_from = None;
    table.options = table.options.only(key);
    table.comment = table.comment.filter(|it| features.comments && !it.is_empty());
    for column in &mut table.columns {
        canonical_column(dialect, inspection, column);
    }
    if let Some(inspection) = inspection {
        inspection.stored(&mut table);
    }
    for check in &mut table.checks {
        check.condition = canonical_expression(dialect, &check.condition);
    }
    for exclude in &mut table.excludes {
        exclude.definition = canonical_expression(dialect, &exclude.definition);
    }
    for index in &mut table.indexes {
        index.options = index.options.only(key);
        index.invalid = false;
        if !features.index_include {
            index.include.clear();
        }
        index.condition = index.condition.as_deref().map(|it| canonical_expression(dialect, it));
        for part in &mut index.parts {
            part.options = part.options.only(key);
            let natural =
                if part.descending == features.nulls_first_ascending { Nulls::Last } else { Nulls::First };
            part.nulls = part.nulls.filter(|it| *it != natural);
            if let IndexOf::Expression(sql) = &part.of {
                part.of = IndexOf::Expression(canonical_expression(dialect, sql));
            }
        }
    }
    table
}

fn canonical_column(dialect: &dyn Dialect, inspection: Option<&dyn Inspection>, column: &mut ColumnDef) {
    let features = dialect.features();
    column.renamed_from = None;
    column.options = column.options.only(dialect.option_key());
    column.comment = column.comment.take().filter(|it| features.comments && !it.is_empty());
    canonical_type(dialect, &mut column.sql_type);
    let counted = column.sql_type.base().sql().unwrap_or(crate::SqlType::BigInt);
    if let Some(identity) = &mut column.identity {
        identity.options = identity.options.canonical(counted);
    }
    if let (Some(ServerDefault::Sql(sql)), Some(inspection)) = (&column.server_default, inspection) {
        column.server_default = Some(inspection.server_default(column, sql));
    }
    if let Some(ServerDefault::Sql(sql)) = &mut column.server_default {
        *sql = canonical_expression(dialect, sql);
    }
    if let Some(computed) = &mut column.computed {
        computed.expression = canonical_expression(dialect, &computed.expression);
    }
}

fn canonical_type(dialect: &dyn Dialect, column_type: &mut Type) {
    match column_type {
        Type::Enum(it) => {
            it.comment = None;
            it.renamed_from = None;
            if !dialect.features().enum_types {
                *it = EnumType::new("", std::mem::take(&mut it.values));
            }
        }
        // What its values keep to is compared with the domain.
        Type::Domain(it) => {
            let mut under = it.sql_type.clone();
            canonical_type(dialect, &mut under);
            *column_type =
                Domain { schema: it.schema.take(), ..Domain::new(std::mem::take(&mut it.name), under) }
                    .into();
        }
        Type::Native(name) => {
            let name = dialect.native_type(name).unwrap_or_else(|_| name.to_ascii_lowercase());
            *column_type = Type::read(dialect, &name);
        }
        Type::Sql(sql_type) => {
            if let Ok(name) = dialect.type_name(*sql_type) {
                *column_type = Type::read(dialect, &name);
            }
        }
    }
}

/// Returns a domain as a database that has them keeps it, its expressions in one spelling: two are the same there if these are equal.
///
/// ```
/// use aludel::schema::{Check, Domain, canonical_domain};
/// use aludel::{PostgresDialect, SqlType};
///
/// let percent = |check| Domain { checks: vec![Check::new("ck", check)], ..Domain::new("percent", SqlType::Integer) };
/// let canonical = |check| canonical_domain(&PostgresDialect, &percent(check));
/// assert_eq!(canonical("value<=100"), canonical("(VALUE <= 100)"));
/// ```
#[must_use]
pub fn canonical_domain(dialect: &dyn Dialect, domain: &Domain) -> Domain {
    let mut domain = domain.clone();
    // Its default is read as that of a column would be.
    let mut column = ColumnDef::new(domain.name.clone(), domain.sql_type);
    column.server_default = domain.server_default;
    canonical_column(dialect, dialect.inspection(), &mut column);
    domain.sql_type = column.sql_type;
    domain.server_default = column.server_default;
    domain.renamed_from = None;
    domain.comment = domain.comment.filter(|it| !it.is_empty());
    for check in &mut domain.checks {
        check.condition = canonical_expression(dialect, &check.condition);
    }
    domain.checks.sort_by(|a, b| a.name.cmp(&b.name));
    domain
}

/// Returns an expression with its words, quotes, spaces and parentheses in one spelling. It reads; it does not compute.
///
/// ```
/// use aludel::PostgresDialect;
/// use aludel::schema::canonical_expression;
///
/// let canonical = |sql| canonical_expression(&PostgresDialect, sql);
/// assert_eq!(canonical("((Price > 0)  AND (name != 'It'))"), canonical("price > 0 and \"name\" <> 'It'"));
/// assert_ne!(canonical("(a OR b) AND c"), canonical("a OR b AND c"));
/// ```
#[must_use]
pub fn canonical_expression(dialect: &dyn Dialect, sql: &str) -> String {
    // Where names are the same whatever their case, they are compared so in quotes as well.
    let folds = !dialect.features().case_sensitive_names;
    let mut tokens: Vec<String> = Vec::new();
    for token in sql_tokens(sql) {
        match token {
            SqlToken::Space(_) | SqlToken::Comment(_) => {}
            SqlToken::Word(word) => tokens.push(word.to_ascii_lowercase()),
            SqlToken::QuotedName(quoted) => {
                let quote = &quoted[..1];
                let inner = quoted[1..].strip_suffix(quote).unwrap_or(&quoted[1..]);
                let name = inner.replace(&quote.repeat(2), quote);
                let name = if folds { name.to_ascii_lowercase() } else { name };
                let mut out = String::new();
                if write_identifier(&mut out, &name, '"').is_err() {
                    quoted.clone_into(&mut out);
                }
                tokens.push(out);
            }
            SqlToken::Other("=")
                if matches!(tokens.last().map(String::as_str), Some("!" | "<" | ">" | "=")) =>
            {
                let before = tokens.pop().unwrap_or_default();
                tokens.push(match before.as_str() {
                    "!" => "<>".to_owned(),
                    "=" => "=".to_owned(),
                    other => format!("{other}="),
                });
            }
            SqlToken::Other(">") if tokens.last().is_some_and(|it| it == "<") => {
                tokens.pop();
                tokens.push("<>".to_owned());
            }
            other => tokens.push(other.text().to_owned()),
        }
    }
    while let Some(without) = without_one_pair(&tokens) {
        tokens = without;
    }
    tokens.join(" ")
}

/// Takes away a pair of parentheses that changes nothing: AND binds stronger than OR, and everything else stronger than both.
fn without_one_pair(tokens: &[String]) -> Option<Vec<String>> {
    for open in (0..tokens.len()).filter(|at| tokens[*at] == "(") {
        let Some(close) = closing(tokens, open) else { continue };
        let Some(has_or) = junction(&tokens[open + 1..close]) else { continue };
        let before = open.checked_sub(1).map(|at| tokens[at].as_str());
        let after = tokens.get(close + 1).map(String::as_str);
        // The parentheses of a list or a call are in nobody's way; those in them may be.
        let lets = |it: Option<&str>| match it {
            None | Some("(" | ")" | "," | "or") => true,
            Some("and") => !has_or,
            _ => false,
        };
        if lets(before) && lets(after) {
            let mut without = tokens.to_vec();
            without.remove(close);
            without.remove(open);
            return Some(without);
        }
    }
    None
}

/// Tells whether tokens have an OR that is in no parentheses; `None` if they are empty, a list or a query.
fn junction(tokens: &[String]) -> Option<bool> {
    let mut depth = 0;
    let mut has_or = false;
    for token in tokens {
        match token.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            "," | "select" if depth == 0 => return None,
            "or" if depth == 0 => has_or = true,
            _ => {}
        }
    }
    (!tokens.is_empty()).then_some(has_or)
}

fn closing(tokens: &[String], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.as_str() {
            "(" => depth += 1,
            ")" => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Reads the default of a column from an expression that is a number, a boolean or a text; anything else is SQL.
///
/// `now` is the dialect's expression for the time of the statement. For [`Inspection::server_default`].
///
/// ```
/// use aludel::schema::{ColumnDef, read_server_default};
/// use aludel::SqlType;
/// use aludel_sql::ServerDefault;
///
/// let read = |sql| read_server_default(&ColumnDef::new("state", SqlType::Text), sql, "now()");
/// assert_eq!(read("('draft')"), ServerDefault::Text("draft".into()));
/// assert_eq!(read("now()"), ServerDefault::Now);
/// assert_eq!(read("upper('draft')"), ServerDefault::Sql("upper('draft')".into()));
/// ```
#[must_use]
pub fn read_server_default(column: &ColumnDef, sql: &str, now: &str) -> ServerDefault<String> {
    let plain = unwrapped(sql);
    let is_boolean = column.sql_type == crate::SqlType::Boolean;
    if plain.eq_ignore_ascii_case(unwrapped(now)) {
        return ServerDefault::Now;
    }
    if is_boolean && ["true", "1"].iter().any(|it| plain.eq_ignore_ascii_case(it)) {
        return ServerDefault::Bool(true);
    }
    if is_boolean && ["false", "0"].iter().any(|it| plain.eq_ignore_ascii_case(it)) {
        return ServerDefault::Bool(false);
    }
    if let Ok(number) = plain.parse::<i64>() {
        return ServerDefault::Int(number);
    }
    let mut tokens = sql_tokens(plain);
    match (tokens.next(), tokens.next()) {
        (Some(SqlToken::Literal(text)), None) if text.len() > 1 && text.starts_with('\'') => {
            ServerDefault::Text(text[1..text.len() - 1].replace("''", "'"))
        }
        _ => ServerDefault::Sql(plain.to_owned()),
    }
}

/// Returns an expression without parentheses around the whole.
///
/// ```
/// use aludel::schema::unwrapped;
///
/// assert_eq!(unwrapped("((year > 1450))"), "year > 1450");
/// assert_eq!(unwrapped("(a OR b) AND (c OR d)"), "(a OR b) AND (c OR d)");
/// ```
#[must_use]
pub fn unwrapped(sql: &str) -> &str {
    let mut sql = sql.trim();
    while let Some(inner) = sql.strip_prefix('(').and_then(|it| it.strip_suffix(')')) {
        let mut depth = 0_i32;
        for token in sql_tokens(inner) {
            match token.text() {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            if depth < 0 {
                return sql;
            }
        }
        sql = inner.trim();
    }
    sql
}

/// Returns options without one that says what goes without saying.
///
/// ```
/// use aludel::schema::{DialectOptions, without_usual};
///
/// // MariaDB says the engine of every table; that of the server goes without saying.
/// let read = DialectOptions::default().with("mysql", "engine", "InnoDB").with("mysql", "comment", "x");
/// let kept = without_usual(&read, "mysql", &[("engine", "InnoDB")]);
/// assert_eq!(kept, DialectOptions::default().with("mysql", "comment", "x"));
/// ```
#[must_use]
pub fn without_usual(options: &DialectOptions, dialect: &str, usual: &[(&str, &str)]) -> DialectOptions {
    let is_usual = |name: &str, value: &str| usual.contains(&(name, value)) || value == "false";
    let kept = options.of_dialect(dialect).filter(|(name, value)| !is_usual(name, value));
    kept.fold(DialectOptions::default(), |all, (name, value)| all.with(dialect, name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_parentheses_around_the_whole_are_taken_away() {
        assert_eq!(unwrapped("((a) + (b))"), "(a) + (b)");
        assert_eq!(unwrapped("(a) + (b)"), "(a) + (b)");
        assert_eq!(unwrapped("(')')"), "')'");
    }

    #[test]
    fn a_default_is_read_by_what_it_is() {
        let column = ColumnDef::new("c", crate::SqlType::Text);
        let read = |sql| read_server_default(&column, sql, "now()");
        assert_eq!(read("('it''s')"), ServerDefault::Text("it's".into()));
        assert_eq!(read("-5"), ServerDefault::Int(-5));
        assert_eq!(read("NOW()"), ServerDefault::Now);
        assert_eq!(read("'a' || 'b'"), ServerDefault::Sql("'a' || 'b'".into()));
    }
}
