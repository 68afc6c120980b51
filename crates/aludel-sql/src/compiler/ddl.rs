//! The statements of functions, procedures, triggers and other DDL that comes with tables.

use super::alter::on_object;
use super::standard::table_name;
use crate::dialect::Dialect;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{
    Ddl, DdlKind, PerDialect, SqlToken, has_several_statements, split_statements, sql_tokens,
};

/// Writes the statements that create a [`Ddl`], in the words that most databases know.
///
/// # Errors
///
/// As [`Dialect::create_ddl`].
pub(crate) fn create(dialect: &dyn Dialect, ddl: &Ddl) -> Result<Vec<String>> {
    verb(dialect, "CREATE", ddl)
}

/// Writes the statements that put another text in the place of what is there.
///
/// What a trigger or a default calls cannot be dropped: it is replaced, unless it is called in another way now.
///
/// # Errors
///
/// As [`Dialect::create_ddl`].
pub(crate) fn replace(dialect: &dyn Dialect, from: &Ddl, to: &Ddl) -> Result<Vec<String>> {
    let (before, after) = (texts(dialect, from, &from.create)?, texts(dialect, to, &to.create)?);
    match (before, after) {
        (before, after) if before == after => Ok(Vec::new()),
        ([before], [after]) if dialect.features().or_replace && signature(before) == signature(after) => {
            verb(dialect, "CREATE OR REPLACE", to)
        }
        _ => {
            let mut statements = dialect.drop_ddl(from)?;
            statements.extend(dialect.create_ddl(to)?);
            Ok(statements)
        }
    }
}

/// Writes the statements that undo a [`Ddl`], in the words that most databases know.
///
/// # Errors
///
/// As [`Dialect::create_ddl`].
pub(crate) fn drop(dialect: &dyn Dialect, ddl: &Ddl) -> Result<Vec<String>> {
    // Where nothing was created, nothing is dropped.
    if texts(dialect, ddl, &ddl.create)?.is_empty() {
        return Ok(Vec::new());
    }
    let verb = match ddl.kind {
        DdlKind::Statements => {
            return Ok(texts(dialect, ddl, &ddl.drop)?.iter().flat_map(|it| split_statements(it)).collect());
        }
        DdlKind::Function => "DROP FUNCTION",
        DdlKind::Procedure => "DROP PROCEDURE",
        DdlKind::Trigger => "DROP TRIGGER",
    };
    if ddl.kind != DdlKind::Trigger || !dialect.features().triggers_of_tables {
        return Ok(vec![on_object(dialect, verb, ddl.in_schema(), &ddl.name)?]);
    }
    let mut sql = on_object(dialect, verb, None, &ddl.name)?;
    if let Some(table) = &ddl.table {
        sql.push_str(" ON ");
        table_name(&mut sql, dialect, &table.name, table.schema.as_deref())?;
    }
    Ok(vec![sql])
}

fn verb(dialect: &dyn Dialect, verb: &str, ddl: &Ddl) -> Result<Vec<String>> {
    let texts = texts(dialect, ddl, &ddl.create)?;
    let kind = match ddl.kind {
        DdlKind::Statements => return Ok(texts.iter().flat_map(|it| split_statements(it)).collect()),
        DdlKind::Function => "FUNCTION",
        DdlKind::Procedure => "PROCEDURE",
        DdlKind::Trigger => "TRIGGER",
    };
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    if ddl.kind.is_routine() && !dialect.features().routines {
        let what =
            format!("{} has no {}s that SQL declares: `{}`", dialect.name(), ddl.kind.word(), ddl.name);
        return Err(Error::new(ErrorKind::Unsupported, what)
            .help(format!("say `.nothing({:?})`, and do it in the trigger or the program", dialect.key())));
    }
    let text = one_statement(ddl, texts)?;
    let schema = ddl.in_schema().filter(|_| ddl.kind.is_routine() || !dialect.features().triggers_of_tables);
    let mut sql = String::new();
    table_name(&mut sql, dialect, &ddl.name, schema)?;
    let space = if text.starts_with('(') { "" } else { " " };
    Ok(vec![format!("{verb} {kind} {sql}{space}{text}")])
}

/// Returns the texts for a dialect, of which there may be none on purpose.
fn texts<'a>(dialect: &dyn Dialect, ddl: &Ddl, of: &'a PerDialect) -> Result<&'a [String]> {
    of.get(dialect.key()).ok_or_else(|| {
        let (kind, key) = (ddl.kind.word(), dialect.key());
        let what = format!("the {kind} `{}` has no SQL for {}", ddl.name, dialect.name());
        let help = match (ddl.kind, std::ptr::eq(of, &ddl.create)) {
            (DdlKind::Statements, false) => {
                format!("it is undone on other databases: add `.drop_sql({key:?}, …)` as well (`drop.{key}` in revision.toml)")
            }
            _ => format!(
                "add `.sql({key:?}, …)`, or `.nothing({key:?})` if it is not needed there (`sql.{key}` in revision.toml, which may be `[]`)"
            ),
        };
        let error = Error::new(ErrorKind::Schema, what).help(help);
        match &ddl.table {
            Some(table) => error.with_table(&table.name),
            None => error,
        }
    })
}

/// Returns the text of what is one statement.
fn one_statement<'a>(ddl: &Ddl, texts: &'a [String]) -> Result<&'a str> {
    let word = ddl.kind.word();
    let wrong = |what: &str| {
        Error::new(ErrorKind::Schema, format!("the text of the {word} `{}` {what}", ddl.name)).help(format!(
            "give it what follows `CREATE {} {}`, up to the end of that statement",
            word.to_uppercase(),
            ddl.name
        ))
    };
    let [text] = texts else { return Err(wrong("is more than one")) };
    let mut words = sql_tokens(text).filter(|it| !matches!(it, SqlToken::Space(_) | SqlToken::Comment(_)));
    if matches!(words.next(), Some(SqlToken::Word(first)) if first.eq_ignore_ascii_case("create")) {
        return Err(wrong("begins with CREATE"));
    }
    // As a part of its statement, so that a block in it is read as one.
    if has_several_statements(&format!("CREATE {word} x {text}")) {
        return Err(wrong("has several statements"));
    }
    Ok(text.trim().trim_end_matches(';').trim_end())
}

/// The words that come after what says how a function is called.
const ATTRIBUTES: &[&str] = &[
    "AS",
    "BEGIN",
    "CALLED",
    "COMMENT",
    "CONTAINS",
    "COST",
    "DETERMINISTIC",
    "IMMUTABLE",
    "LANGUAGE",
    "LEAKPROOF",
    "MODIFIES",
    "NO",
    "NOT",
    "PARALLEL",
    "READS",
    "RETURN",
    "ROWS",
    "SECURITY",
    "SET",
    "SQL",
    "STABLE",
    "STRICT",
    "SUPPORT",
    "TRANSFORM",
    "VOLATILE",
    "WINDOW",
];

/// Returns how a function is called, and what it returns.
fn signature(text: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let mut signature = Vec::new();
    for token in sql_tokens(text) {
        match token {
            SqlToken::Space(_) | SqlToken::Comment(_) => continue,
            SqlToken::Word(word) if depth == 0 && ATTRIBUTES.contains(&&*word.to_ascii_uppercase()) => break,
            SqlToken::Other("(") => depth += 1,
            SqlToken::Other(")") => depth = depth.saturating_sub(1),
            _ => {}
        }
        signature.push(token.text().to_lowercase());
    }
    signature
}

#[cfg(test)]
mod tests {
    use super::signature;

    #[test]
    fn a_function_is_called_by_what_stands_before_its_attributes() {
        let twice = signature("(n bigint) RETURNS bigint LANGUAGE sql RETURN n * 2");
        assert_eq!(
            twice,
            signature("( n  BIGINT ) returns bigint -- and so on\n IMMUTABLE LANGUAGE sql AS 'SELECT n'")
        );
        assert_ne!(twice, signature("(n integer) RETURNS bigint LANGUAGE sql RETURN n * 2"));
        assert_ne!(twice, signature("(n bigint) RETURNS TABLE (a text) LANGUAGE sql RETURN n * 2"));
    }
}
