//! In which form a text is sent: prepared, or as it is.

/// The first keyword of a text, as far as the driver has to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    /// INSERT, UPDATE, DELETE or REPLACE: one statement that changes rows, all or nothing.
    Write,
    /// Another statement that may show rows of any type.
    Rows,
    /// ROLLBACK, also to a savepoint and of XA: what a transaction that has failed still accepts.
    Rollback,
    /// XA END, which must come before XA ROLLBACK, and leaves the transaction as it is.
    XaEnd,
    /// Anything else.
    Other,
}

impl Verb {
    pub fn of(sql: &str) -> Self {
        let (word, rest) = first_word(sql);
        let is = |words: &[&str]| words.iter().any(|it| word.eq_ignore_ascii_case(it));
        if is(&["insert", "update", "delete", "replace"]) {
            Self::Write
        } else if is(&["select", "with", "values", "table", "call"]) || word.is_empty() {
            Self::Rows
        } else if is(&["rollback"]) {
            Self::Rollback
        } else if is(&["xa"]) {
            match first_word(rest).0 {
                word if word.eq_ignore_ascii_case("end") => Self::XaEnd,
                word if word.eq_ignore_ascii_case("rollback") => Self::Rollback,
                _ => Self::Other,
            }
        } else {
            Self::Other
        }
    }
}

/// Tells whether a text is CREATE, ALTER, DROP or the like, which commits first and then runs by itself; a temporary table does not.
pub(super) fn defines(sql: &str) -> bool {
    let (verb, rest) = first_word(sql);
    let is = |word: &str, words: &[&str]| words.iter().any(|it| word.eq_ignore_ascii_case(it));
    // CREATE OR REPLACE TEMPORARY TABLE
    let is_temporary = || rest.split_ascii_whitespace().take(3).any(|it| is(it, &["temporary"]));
    is(verb, &["create", "alter", "drop", "truncate", "rename", "grant", "revoke"]) && !is_temporary()
}

/// Tells whether a text that has no parameters and no shape is sent prepared all the same, for one more round trip.
///
/// Two reasons: in a text result FLOAT has lost all but six digits, and a text with a semicolon may be several statements,
/// which a server refuses to prepare but would run one after the other as text. (The client flag for that is always set by
/// `mysql_async`.) A semicolon at the very end is harmless.
pub(super) fn must_prepare(sql: &str) -> bool {
    let several = sql.trim_end_matches(|c: char| c == ';' || c.is_ascii_whitespace()).contains(';');
    several
        || match Verb::of(sql) {
            Verb::Write | Verb::Rows => !is_bare_select(sql),
            Verb::Rollback | Verb::XaEnd | Verb::Other => false,
        }
}

/// `SELECT 1`, which asks whether the server is there: no table, no function, so no FLOAT.
fn is_bare_select(sql: &str) -> bool {
    let rest = sql.get(..7).filter(|it| it.eq_ignore_ascii_case("select ")).map(|_| &sql[7..]);
    rest.is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
}

/// Returns the first word, an empty one if something else stands there, such as a parenthesis; and what is behind it.
fn first_word(sql: &str) -> (&str, &str) {
    let mut rest = sql.trim_start();
    loop {
        // `/*! … */` and `/*M! … */` are not comments but statements in disguise: they end the search with no word.
        let after = if let Some(comment) = rest.strip_prefix("/*") {
            match comment.strip_prefix(['!', 'M']) {
                Some(_) => return ("", rest),
                None => comment.split_once("*/").map_or("", |(_, after)| after),
            }
        } else if rest.starts_with("-- ") || rest.starts_with("--\n") || rest.starts_with('#') {
            rest.split_once('\n').map_or("", |(_, after)| after)
        } else {
            break;
        };
        rest = after.trim_start();
    }
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    rest.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_is_the_first_word_after_comments() {
        assert_eq!(Verb::of("  -- why\n/* so */ Insert INTO t VALUES (1)"), Verb::Write);
        assert_eq!(Verb::of("# x\nROLLBACK TO SAVEPOINT a"), Verb::Rollback);
        assert_eq!(Verb::of("(SELECT 1) UNION (SELECT 2)"), Verb::Rows);
        assert_eq!(Verb::of("/*! ROLLBACK */"), Verb::Rows);
        assert_eq!(Verb::of("SAVEPOINT a"), Verb::Other);
        assert_eq!(Verb::of("updated"), Verb::Other);
        assert_eq!(Verb::of("XA END 'a'"), Verb::XaEnd);
        assert_eq!(Verb::of("xa rollback 'a'"), Verb::Rollback);
        assert_eq!(Verb::of("XA PREPARE 'a'"), Verb::Other);
        assert_eq!(Verb::of(""), Verb::Rows);
    }

    #[test]
    fn a_definition_is_told_from_a_temporary_one() {
        for sql in [
            "CREATE TABLE t (a INT)",
            "-- x\ndrop table t",
            "TRUNCATE t",
            "CREATE OR REPLACE VIEW temporary AS SELECT 1",
        ] {
            assert!(defines(sql), "{sql}");
        }
        for sql in [
            "CREATE TEMPORARY TABLE t (a INT)",
            "create or replace temporary table t (a INT)",
            "SELECT 1",
            "SET @a = 1",
        ] {
            assert!(!defines(sql), "{sql}");
        }
    }

    #[test]
    fn what_could_be_several_statements_or_show_a_float_is_prepared() {
        for sql in [
            "SELECT f FROM t",
            "INSERT INTO t VALUES (1) RETURNING f",
            "DO 0; DROP TABLE t",
            "CALL p()",
            "SELECT é",
        ] {
            assert!(must_prepare(sql), "{sql}");
        }
        for sql in ["SAVEPOINT a", "CREATE TABLE t (a INT);\n", "SELECT 1", "ROLLBACK", "SHOW TABLES"] {
            assert!(!must_prepare(sql), "{sql}");
        }
    }
}
