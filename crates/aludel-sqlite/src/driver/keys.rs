//! The generated keys of rows that were inserted together.
//!
//! RETURNING costs an ephemeral table for each statement: 100 rows with it take twice as long as without. But a table whose key is
//! its rowid gives each new row the largest rowid plus one, so that the keys of one INSERT can be counted back from the last. That
//! is wrong where a trigger may insert rows between, where a conflict clause may leave rows out, and where the key is not the
//! rowid: there the statement returns the keys after all.

use super::kind;

/// How the keys of a statement are found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    /// Nobody asks for them.
    Unwanted,
    /// Counted back from the last rowid; each execution inserts this many rows.
    Counted {
        /// Rows of one execution.
        rows: u32,
    },
    /// The statement has a RETURNING clause for them.
    Returned,
}

/// A state of the schema as one connection knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SchemaVersion {
    /// SQLite's own number. It can come back after a rollback,
    pub(super) cookie: i64,
    /// so that what this connection did is counted too; this also covers temporary triggers.
    pub(super) changes: u64,
}

/// Asks whether the keys of table `?1` with the key column `?2` can be counted: no trigger on it, nothing temporary of its name, and a
/// key that is the rowid (which alone has no index of its own).
pub(super) const CAN_COUNT: &str = "SELECT NOT EXISTS (SELECT 1 FROM main.sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE) \
     AND NOT EXISTS (SELECT 1 FROM temp.sqlite_schema WHERE tbl_name = ?1 COLLATE NOCASE) \
     AND NOT EXISTS (SELECT 1 FROM pragma_index_list(?1) WHERE origin = 'pk') \
     AND 1 = (SELECT count(*) FROM pragma_table_info(?1) WHERE pk > 0) \
     AND EXISTS (SELECT 1 FROM pragma_table_info(?1) WHERE pk = 1 AND name = ?2 COLLATE NOCASE)";

/// Above this, SQLite may have met the largest possible rowid and be picking free ones at random.
pub(super) const IN_DOUBT: i64 = 1 << 40;

/// Reads the table that a plain `INSERT INTO t …` is for. `None` where the keys of that text cannot be counted whatever the table is.
pub(super) fn countable_table(sql: &str) -> Option<String> {
    let rest = kind::after_word(sql, "INSERT")?;
    let rest = kind::after_word(rest, "INTO")?;
    let (first, rest) = kind::identifier(rest)?;
    let (table, rest) = match kind::skip_space(rest).strip_prefix('.') {
        None => (first, rest),
        Some(rest) if first.eq_ignore_ascii_case("main") => kind::identifier(rest)?,
        Some(_) => return None,
    };
    // ON CONFLICT; what the word could be otherwise only costs time.
    (!kind::words(rest).any(|word| word.eq_ignore_ascii_case("CONFLICT"))).then_some(table)
}

/// Reads a quoted name.
pub(super) fn unquoted(name: &str) -> Option<String> {
    kind::identifier(name).map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_insert_into_the_main_database_can_be_counted() {
        for (sql, table) in [
            ("INSERT INTO users (name) VALUES (?)", Some("users")),
            ("insert into \"my \"\"users\"\"\" (name) VALUES (?)", Some("my \"users\"")),
            ("/* hm */ INSERT INTO main.[users]VALUES (1)", Some("users")),
            ("INSERT INTO `users` DEFAULT VALUES", Some("users")),
            ("INSERT INTO other.users (name) VALUES (?)", None),
            ("INSERT OR IGNORE INTO users (name) VALUES (?)", None),
            ("REPLACE INTO users (name) VALUES (?)", None),
            ("INSERT INTO users (name) VALUES (?) ON CONFLICT DO NOTHING", None),
            ("WITH x AS (SELECT 1) INSERT INTO users SELECT * FROM x", None),
        ] {
            assert_eq!(countable_table(sql).as_deref(), table, "{sql}");
        }
    }
}
