//! Whether a statement that runs outside of a transaction was done, and what a failed attempt leaves behind.

use aludel_sql::compiler::standard::text_literal;
use aludel_sql::schema::{Leftover, Probe, SqlToken, sql_tokens};

/// Reads a statement as far as is needed to know what it leaves behind.
pub(crate) fn probe(statement: &str) -> Probe {
    let tokens: Vec<SqlToken<'_>> =
        sql_tokens(statement).filter(|it| !matches!(it, SqlToken::Space(_) | SqlToken::Comment(_))).collect();
    let word = |at: usize| match tokens.get(at) {
        Some(SqlToken::Word(word)) => word.to_ascii_uppercase(),
        _ => String::new(),
    };
    let name = |at: usize| {
        let of_name = |it: &&SqlToken<'_>| {
            matches!(it, SqlToken::Word(_) | SqlToken::QuotedName(_)) || it.text() == "."
        };
        let mut name = String::new();
        for token in tokens.get(at..).unwrap_or_default().iter().take_while(of_name) {
            // Two names in a row are a name and what follows it.
            if !name.is_empty() && !name.ends_with('.') && token.text() != "." {
                break;
            }
            name.push_str(token.text());
        }
        name
    };
    let at = usize::from(word(1) == "UNIQUE");
    match (word(0).as_str(), word(1 + at).as_str(), word(2 + at).as_str()) {
        ("CREATE", "INDEX", "CONCURRENTLY") if word(3 + at) != "IF" => created(&name(3 + at)),
        ("DROP", "INDEX", "CONCURRENTLY") if word(3) != "IF" => Probe::Ask {
            is_done: format!("SELECT CASE WHEN {} IS NULL THEN 1 ELSE 0 END::bigint", class(&name(3))),
            leftover: None,
        },
        ("DROP", "INDEX", _) => Probe::Repeatable,
        ("ALTER", "TYPE", _) if statement.contains("IF NOT EXISTS") => Probe::Repeatable,
        ("ALTER", "TABLE" | "DOMAIN", _)
            if tokens.iter().any(|it| it.text().eq_ignore_ascii_case("VALIDATE")) =>
        {
            Probe::Repeatable
        }
        _ => Probe::Unknown,
    }
}

/// An index that could not be built stays, invalid: it costs writes, serves nobody, and has the name.
fn created(name: &str) -> Probe {
    let count = |valid: &str| {
        format!(
            "SELECT count(*) FROM pg_catalog.pg_index WHERE indexrelid = {} AND {valid}indisvalid",
            class(name)
        )
    };
    Probe::Ask {
        is_done: count(""),
        leftover: Some(Leftover {
            what: format!("the invalid index {name}"),
            is_there: count("NOT "),
            remove: format!("DROP INDEX CONCURRENTLY {name}"),
        }),
    }
}

fn class(name: &str) -> String {
    let mut sql = "pg_catalog.to_regclass(".to_owned();
    text_literal(&mut sql, name);
    sql.push(')');
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_that_was_not_finished_is_invalid() {
        let Probe::Ask { is_done, leftover: Some(leftover) } =
            probe("CREATE UNIQUE INDEX CONCURRENTLY \"my ix\" ON users (email)")
        else {
            panic!("it can be asked for");
        };
        assert!(is_done.ends_with("to_regclass('\"my ix\"') AND indisvalid"), "{is_done}");
        assert_eq!(leftover.remove, "DROP INDEX CONCURRENTLY \"my ix\"");
    }

    #[test]
    fn nothing_is_guessed() {
        assert_eq!(probe("VACUUM users"), Probe::Unknown);
        assert_eq!(probe("ALTER TABLE users VALIDATE CONSTRAINT c"), Probe::Repeatable);
        assert_eq!(probe("ALTER DOMAIN email VALIDATE CONSTRAINT c"), Probe::Repeatable);
    }
}
