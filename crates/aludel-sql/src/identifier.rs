//! Names of tables, columns and constraints: when they are quoted, and how long they may be.

use std::fmt::Write;

use crate::error::{Error, ErrorKind, Result};

/// The longest name, in bytes, that all databases take: PostgreSQL cuts longer ones without a word.
pub const MAX_IDENTIFIER: usize = 63;

/// Writes a name, quoted where it needs it.
///
/// ```
/// use aludel_sql::write_identifier;
///
/// let mut sql = String::new();
/// write_identifier(&mut sql, "title", '"')?;
/// sql.push_str(", ");
/// write_identifier(&mut sql, "order", '"')?; // a reserved word
/// assert_eq!(sql, "title, \"order\"");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Schema` for an empty name and for one that contains NUL: no database can hold it.
pub fn write_identifier(sql: &mut String, name: &str, quote: char) -> Result<()> {
    if name.is_empty() || name.contains('\0') {
        return Err(Error::new(
            ErrorKind::Schema,
            format!("{name:?} cannot be the name of anything in a database"),
        )
        .help("a name has at least one character, and none of them is NUL"));
    }
    if is_plain(name) && !is_reserved(name) {
        sql.push_str(name);
        return Ok(());
    }
    write_quoted(sql, name, quote);
    Ok(())
}

/// Writes the name of a function, quoted where it needs it.
///
/// A reserved word is not quoted: before a parenthesis `replace` and `left` can be nothing else, and MariaDB looks for a stored
/// function if the name of one of its own is quoted.
pub(crate) fn write_function_name(sql: &mut String, name: &str, quote: char) -> Result<()> {
    if is_plain(name) {
        sql.push_str(name);
        return Ok(());
    }
    write_identifier(sql, name, quote)
}

fn write_quoted(sql: &mut String, name: &str, quote: char) {
    sql.push(quote);
    for char in name.chars() {
        if char == quote {
            sql.push(quote);
        }
        sql.push(char);
    }
    sql.push(quote);
}

/// Shortens a generated name to [`MAX_IDENTIFIER`] bytes: the end gives way to a hash of the whole.
///
/// ```
/// use aludel_sql::{MAX_IDENTIFIER, shorten_identifier};
///
/// let long = format!("fk_{}_id", "a".repeat(80));
/// let short = shorten_identifier(long.clone());
/// assert_eq!(short.len(), MAX_IDENTIFIER);
/// assert_eq!(short, shorten_identifier(long)); // the same each time
/// assert_eq!(shorten_identifier("pk_books".into()), "pk_books");
/// ```
#[must_use]
pub fn shorten_identifier(name: String) -> String {
    if name.len() <= MAX_IDENTIFIER {
        return name;
    }
    // FNV-1a: the same name must be shortened to the same text in every release.
    let hash =
        name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let mut end = MAX_IDENTIFIER - 9;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let mut short = name[..end].to_owned();
    let _ = write!(short, "_{hash:08x}");
    short
}

fn is_plain(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|it| it.is_ascii_lowercase() || it == b'_')
        && bytes.all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_')
}

fn is_reserved(name: &str) -> bool {
    RESERVED.binary_search(&name).is_ok()
}

/// Every word that one of the databases reserves: SQLite's keywords, PostgreSQL's reserved key words, and the words that MariaDB
/// and MySQL refuse as a column name. A word that is reserved anywhere is quoted everywhere.
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "abort", "accessible", "action", "add", "after", "all", "alter", "always", "analyse", "analyze", "and",
    "any", "array", "as", "asc", "asensitive", "asymmetric", "attach", "authorization", "autoincrement",
    "before", "begin", "between", "bigint", "binary", "blob", "both", "by", "call", "cascade", "case",
    "cast", "change", "char", "character", "check", "collate", "collation", "column", "commit",
    "concurrently", "condition", "conflict", "constraint", "continue", "convert", "create", "cross",
    "cube", "cume_dist", "current", "current_catalog", "current_date", "current_role", "current_schema",
    "current_time", "current_timestamp", "current_user", "cursor", "database", "databases", "day_hour",
    "day_microsecond", "day_minute", "day_second", "dec", "decimal", "declare", "default", "deferrable",
    "deferred", "delayed", "delete", "delete_domain_id", "dense_rank", "desc", "describe", "detach",
    "deterministic", "distinct", "distinctrow", "div", "do", "do_domain_ids", "double", "drop", "dual",
    "each", "else", "elseif", "empty", "enclosed", "end", "escape", "escaped", "except", "exclude",
    "exclusive", "exists", "exit", "explain", "fail", "false", "fetch", "filter", "first", "first_value",
    "float", "float4", "float8", "following", "for", "force", "foreign", "freeze", "from", "full",
    "fulltext", "function", "generated", "glob", "grant", "group", "grouping", "groups", "having",
    "high_priority", "hour_microsecond", "hour_minute", "hour_second", "if", "ignore", "ignore_domain_ids",
    "ilike", "immediate", "in", "index", "indexed", "infile", "initially", "inner", "inout", "insensitive",
    "insert", "instead", "int", "int1", "int2", "int3", "int4", "int8", "integer", "intersect", "interval",
    "into", "is", "isnull", "iterate", "join", "json_table", "key", "keys", "kill", "lag", "last",
    "last_value", "lateral", "lead", "leading", "leave", "left", "like", "limit", "linear", "lines",
    "load", "localtime", "localtimestamp", "lock", "long", "longblob", "longtext", "loop", "low_priority",
    "manual", "master_demote_to_replica", "master_demote_to_slave", "master_ssl_verify_server_cert",
    "match", "materialized", "maxvalue", "mediumblob", "mediumint", "mediumtext", "middleint",
    "minute_microsecond", "minute_second", "mod", "modifies", "natural", "no", "no_write_to_binlog", "not",
    "nothing", "notnull", "nth_value", "ntile", "null", "nulls", "numeric", "of", "offset", "on", "only",
    "optimize", "optionally", "or", "order", "others", "out", "outer", "outfile", "over", "overlaps",
    "page_checksum", "parallel", "parse_vcol_expr", "partition", "percent_rank", "placing", "plan",
    "portion", "pragma", "preceding", "precision", "primary", "procedure", "purge", "qualify", "query",
    "raise", "range", "rank", "read", "read_write", "reads", "real", "recursive", "ref_system_id",
    "references", "regexp", "reindex", "release", "rename", "repeat", "replace", "require", "resignal",
    "restrict", "return", "returning", "revoke", "right", "rlike", "rollback", "row", "row_number", "rows",
    "savepoint", "schemas", "second_microsecond", "select", "sensitive", "separator", "session_user",
    "set", "show", "signal", "similar", "smallint", "some", "spatial", "specific", "sql", "sql_big_result",
    "sql_calc_found_rows", "sql_small_result", "sqlexception", "sqlstate", "sqlwarning", "ssl", "starting",
    "stats_auto_recalc", "stats_persistent", "stats_sample_pages", "straight_join", "symmetric", "system",
    "table", "tablesample", "temp", "temporary", "terminated", "then", "ties", "tinyblob", "tinyint",
    "tinytext", "to", "trailing", "transaction", "trigger", "true", "unbounded", "undo", "union", "unique",
    "unlock", "unsigned", "update", "usage", "use", "user", "using", "utc_date", "utc_time",
    "utc_timestamp", "vacuum", "values", "varbinary", "varchar", "varcharacter", "variadic", "varying",
    "verbose", "view", "virtual", "when", "where", "while", "window", "with", "without", "write", "xor",
    "year_month", "zerofill",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(name: &str) -> String {
        let mut sql = String::new();
        write_identifier(&mut sql, name, '"').unwrap();
        sql
    }

    #[test]
    fn a_name_is_quoted_only_where_it_needs_it() {
        assert_eq!(quoted("owner_id"), "owner_id");
        assert_eq!(quoted("order"), "\"order\"");
        assert_eq!(quoted("Owner"), "\"Owner\"");
        assert_eq!(quoted("a\"b; DROP"), "\"a\"\"b; DROP\"");
    }

    #[test]
    fn an_empty_name_and_nul_are_refused() {
        assert!(write_identifier(&mut String::new(), "", '"').is_err());
        assert!(write_identifier(&mut String::new(), "a\0b", '"').is_err());
    }

    #[test]
    fn a_long_name_keeps_its_beginning_and_stays_unique() {
        let (a, b) = ("ö".repeat(60) + "a", "ö".repeat(60) + "b");
        let (a, b) = (shorten_identifier(a), shorten_identifier(b));
        assert!(a.len() <= MAX_IDENTIFIER && a.starts_with('ö') && a != b);
    }

    #[test]
    fn the_reserved_words_are_sorted() {
        assert!(RESERVED.is_sorted());
    }
}
