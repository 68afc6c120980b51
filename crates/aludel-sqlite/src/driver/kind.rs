//! What kind of statement a text is, as far as the driver must know and SQLite does not tell.

/// The kind of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It cannot change the database: SELECT, SAVEPOINT, most PRAGMAs.
    Read,
    /// ROLLBACK and ROLLBACK TO: they only read, but may undo a change of the schema.
    Undo,
    /// INSERT or REPLACE. `asks_rowid`: the text itself calls `last_insert_rowid()`.
    Insert {
        /// Whether the text calls `last_insert_rowid()`.
        asks_rowid: bool,
    },
    /// UPDATE or DELETE.
    Change,
    /// CREATE, DROP, ALTER, REINDEX, ANALYZE: writes that count no rows.
    Schema,
    /// VACUUM, PRAGMA and whatever else must not be wrapped in a transaction of ours.
    Alone,
}

impl Kind {
    /// Tells the kind of a statement from its text and from whether SQLite says that it only reads.
    pub(super) fn of(sql: &str, readonly: bool) -> Self {
        if readonly {
            let undoes = words(sql).next().is_some_and(|word| is(word, "ROLLBACK"));
            return if undoes { Self::Undo } else { Self::Read };
        }
        let mut words = Words { rest: sql, depth: 0 };
        let Some(first) = words.next() else { return Self::Alone };
        let verb = if is(first, "WITH") {
            // The verb is the first one outside the parentheses of the common table expressions.
            words
                .find(|word| ["INSERT", "REPLACE", "UPDATE", "DELETE"].iter().any(|verb| is(word, verb)))
                .unwrap_or(first)
        } else {
            first
        };
        if is(verb, "INSERT") || is(verb, "REPLACE") {
            return Self::Insert { asks_rowid: mentions(sql, "last_insert_rowid") };
        }
        if is(verb, "UPDATE") || is(verb, "DELETE") {
            return Self::Change;
        }
        if ["CREATE", "DROP", "ALTER", "REINDEX", "ANALYZE"].iter().any(|it| is(verb, it)) {
            return Self::Schema;
        }
        Self::Alone
    }

    /// Tells whether SQLite counts the rows it affects.
    pub(super) fn counts_rows(self) -> bool {
        matches!(self, Self::Insert { .. } | Self::Change)
    }
}

/// Returns the text behind a keyword, if it begins with it.
pub(super) fn after_word<'a>(sql: &'a str, keyword: &str) -> Option<&'a str> {
    let mut words = Words { rest: sql, depth: 0 };
    let before = skip_space(sql);
    let word = words.next()?;
    (is(word, keyword) && before.starts_with(word)).then_some(words.rest)
}

/// Reads a name, quoted in any of SQLite's ways or not. Returns it and the text behind it.
pub(super) fn identifier(sql: &str) -> Option<(String, &str)> {
    let sql = skip_space(sql);
    let quote = sql.chars().next()?;
    let end = match quote {
        '"' | '`' => quote,
        '[' => ']',
        _ => {
            let end =
                sql.find(|it: char| !it.is_alphanumeric() && it != '_' && it != '$').unwrap_or(sql.len());
            return (end > 0).then(|| (sql[..end].to_owned(), &sql[end..]));
        }
    };
    let mut name = String::new();
    let mut rest = &sql[1..];
    loop {
        let (piece, after) = rest.split_once(end)?;
        name.push_str(piece);
        match after.strip_prefix(end) {
            // Doubled, it is the quote itself.
            Some(after) if end != ']' => {
                name.push(end);
                rest = after;
            }
            _ => return Some((name, after)),
        }
    }
}

/// Returns the words outside parentheses, quotes and comments.
pub(super) fn words(sql: &str) -> impl Iterator<Item = &str> {
    Words { rest: sql, depth: 0 }
}

/// Tells whether there is nothing but white space, comments and semicolons.
pub(super) fn is_blank(sql: &str) -> bool {
    let mut rest = sql;
    loop {
        rest = skip_space(rest);
        match rest.strip_prefix(';') {
            Some(after) => rest = after,
            None => return rest.is_empty(),
        }
    }
}

fn is(word: &str, keyword: &str) -> bool {
    word.eq_ignore_ascii_case(keyword)
}

fn mentions(sql: &str, name: &str) -> bool {
    sql.as_bytes().windows(name.len()).any(|it| it.eq_ignore_ascii_case(name.as_bytes()))
}

/// The words outside parentheses, quotes and comments.
struct Words<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        loop {
            self.rest = skip_space(self.rest);
            let first = self.rest.chars().next()?;
            if first.is_alphanumeric() || first == '_' {
                let end =
                    self.rest.find(|it: char| !it.is_alphanumeric() && it != '_').unwrap_or(self.rest.len());
                let (word, rest) = self.rest.split_at(end);
                self.rest = rest;
                if self.depth == 0 {
                    return Some(word);
                }
                continue;
            }
            self.rest = &self.rest[first.len_utf8()..];
            match first {
                '(' => self.depth += 1,
                ')' => self.depth = self.depth.saturating_sub(1),
                // A doubled quote reads as two quoted pieces side by side.
                '\'' | '"' | '`' => self.skip_past(first),
                '[' => self.skip_past(']'),
                _ => {}
            }
        }
    }
}

impl Words<'_> {
    fn skip_past(&mut self, end: char) {
        self.rest = self.rest.split_once(end).map_or("", |(_, after)| after);
    }
}

pub(super) fn skip_space(mut sql: &str) -> &str {
    loop {
        sql = sql.trim_start_matches([' ', '\t', '\n', '\r', '\x0c', '\u{feff}']);
        if let Some(comment) = sql.strip_prefix("--") {
            sql = comment.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some(comment) = sql.strip_prefix("/*") {
            sql = comment.split_once("*/").map_or("", |(_, after)| after);
        } else {
            return sql;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verb_is_found_behind_comments_and_common_table_expressions() {
        let insert = Kind::Insert { asks_rowid: false };
        for (sql, kind) in [
            ("insert into t values (1)", insert),
            ("-- INSERT\n/* DELETE */ Update t SET a = 1", Kind::Change),
            ("WITH a AS (SELECT 'DELETE'), \"UPDATE\" AS (SELECT 1) INSERT INTO t SELECT * FROM a", insert),
            ("WITH a AS (SELECT 1) DELETE FROM t WHERE id IN (SELECT * FROM a)", Kind::Change),
            ("INSERT INTO t VALUES (LAST_INSERT_ROWID())", Kind::Insert { asks_rowid: true }),
            ("CREATE TABLE t (id)", Kind::Schema),
            ("VACUUM", Kind::Alone),
            ("PRAGMA user_version = 3", Kind::Alone),
        ] {
            assert_eq!(Kind::of(sql, false), kind, "{sql}");
        }
    }

    #[test]
    fn a_rollback_is_not_any_read() {
        assert_eq!(Kind::of("/* back */ ROLLBACK TO s", true), Kind::Undo);
        assert_eq!(Kind::of("SELECT 'ROLLBACK'", true), Kind::Read);
    }

    #[test]
    fn comments_and_semicolons_are_blank() {
        for sql in ["", " ;; ", "-- end", "/* a */ ;\n--b\n", "/* not closed"] {
            assert!(is_blank(sql), "{sql}");
        }
        for sql in ["SELECT 1", "; SELECT 1", "-- a\nx"] {
            assert!(!is_blank(sql), "{sql}");
        }
    }
}
