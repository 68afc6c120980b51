//! Pieces of SQL text: just enough to leave quotes and comments alone.

use std::borrow::Cow;
use std::iter;

/// A piece of SQL text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlToken<'a> {
    /// A name or keyword without quotes.
    Word(&'a str),
    /// A name in double quotes, backticks or brackets, with them.
    QuotedName(&'a str),
    /// Text in single quotes or between dollar signs, with them.
    Literal(&'a str),
    /// A comment.
    Comment(&'a str),
    /// White space.
    Space(&'a str),
    /// Anything else: a number, or one character.
    Other(&'a str),
}

impl<'a> SqlToken<'a> {
    /// Returns the text, as it was written.
    ///
    /// ```
    /// use aludel_sql::schema::{SqlToken, sql_tokens};
    ///
    /// assert_eq!(SqlToken::QuotedName("\"order\"").text(), "\"order\"");
    /// // So that a text can be put together again, with some tokens changed.
    /// let sql = "SELECT 1 -- one";
    /// assert_eq!(sql_tokens(sql).map(SqlToken::text).collect::<String>(), sql);
    /// ```
    #[must_use]
    pub const fn text(self) -> &'a str {
        match self {
            Self::Word(text)
            | Self::QuotedName(text)
            | Self::Literal(text)
            | Self::Comment(text)
            | Self::Space(text)
            | Self::Other(text) => text,
        }
    }
}

/// Cuts SQL into tokens; their texts together are the whole again.
///
/// ```
/// use aludel_sql::schema::{SqlToken, sql_tokens};
///
/// let tokens: Vec<_> = sql_tokens("a = 'it''s'").collect();
/// assert_eq!(tokens[0], SqlToken::Word("a"));
/// assert_eq!(tokens[4], SqlToken::Literal("'it''s'"));
/// ```
pub fn sql_tokens(sql: &str) -> impl Iterator<Item = SqlToken<'_>> {
    let mut rest = sql;
    iter::from_fn(move || {
        let first = rest.chars().next()?;
        let token = match first {
            _ if first.is_whitespace() => SqlToken::Space(take_while(rest, char::is_whitespace)),
            _ if rest.starts_with("--") => SqlToken::Comment(&rest[..rest.find('\n').unwrap_or(rest.len())]),
            _ if rest.starts_with("/*") => SqlToken::Comment(&rest[..block_comment(rest)]),
            '\'' => SqlToken::Literal(&rest[..quoted(rest, '\'')]),
            '"' | '`' => SqlToken::QuotedName(&rest[..quoted(rest, first)]),
            '$' => match dollar_quoted(rest) {
                Some(end) => SqlToken::Literal(&rest[..end]),
                None => SqlToken::Other("$"),
            },
            _ if first.is_alphabetic() || first == '_' => SqlToken::Word(take_while(rest, is_word)),
            _ if first.is_ascii_digit() => SqlToken::Other(take_while(rest, |it| is_word(it) || it == '.')),
            _ => SqlToken::Other(&rest[..first.len_utf8()]),
        };
        rest = &rest[token.text().len()..];
        Some(token)
    })
}

/// Renames an identifier wherever it stands outside of quotes and comments, and where it is a quoted name.
///
/// ```
/// use aludel_sql::schema::rename_word;
///
/// let check = "year > 1450 AND note <> 'year'";
/// assert_eq!(rename_word(check, "year", "published"), "published > 1450 AND note <> 'year'");
/// ```
#[must_use]
pub fn rename_word(sql: &str, from: &str, to: &str) -> String {
    sql_tokens(sql)
        .map(|token| match token {
            SqlToken::Word(word) if word.eq_ignore_ascii_case(from) => to.to_owned(),
            SqlToken::QuotedName(name) => {
                let quote = &name[..1];
                if name.len() > 1 && name[1..name.len() - 1] == *from {
                    format!("{quote}{to}{quote}")
                } else {
                    name.to_owned()
                }
            }
            other => other.text().to_owned(),
        })
        .collect()
}

/// Cuts SQL into its statements, at the semicolons between them.
///
/// The semicolons in the body of a trigger or a routine, between its `BEGIN` and its `END`, are part of it.
///
/// ```
/// use aludel_sql::schema::split_statements;
///
/// assert_eq!(split_statements("UPDATE a SET b = ';'; DELETE FROM c;"), ["UPDATE a SET b = ';'", "DELETE FROM c"]);
///
/// let count = "CREATE TRIGGER count AFTER INSERT ON a BEGIN UPDATE b SET n = n + 1; END";
/// assert_eq!(split_statements(&format!("{count}; SELECT 1")), [count, "SELECT 1"]);
/// ```
#[must_use]
pub fn split_statements(sql: &str) -> Vec<String> {
    let mut statements = vec![String::new()];
    let mut words = Words::default();
    let mut depth = 0_usize;
    for token in sql_tokens(sql) {
        match token {
            SqlToken::Other("(") => depth += 1,
            SqlToken::Other(")") => depth = depth.saturating_sub(1),
            SqlToken::Other(";") if depth == 0 => {
                words.end_of_part();
                if words.blocks == 0 {
                    statements.push(String::new());
                    words = Words::default();
                    continue;
                }
            }
            SqlToken::Word(word) => words.push(word.to_ascii_uppercase()),
            _ => {}
        }
        statements.last_mut().expect("there is one from the beginning").push_str(token.text());
    }
    let is_empty =
        |sql: &str| sql_tokens(sql).all(|token| matches!(token, SqlToken::Space(_) | SqlToken::Comment(_)));
    statements.retain(|it| !is_empty(it));
    statements.into_iter().map(|it| it.trim().to_owned()).collect()
}

/// Tells whether a text is certainly more than one statement: a block that nothing else shows, as `IF … THEN …; END IF`, is one.
///
/// ```
/// use aludel_sql::schema::has_several_statements;
///
/// assert!(has_several_statements("DELETE FROM a; DELETE FROM b;"));
/// assert!(!has_several_statements("DELETE FROM a;"));
/// let trigger = "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW IF NEW.b > 1 THEN SET NEW.b = 1; END IF";
/// assert!(!has_several_statements(trigger));
/// ```
#[must_use]
pub fn has_several_statements(sql: &str) -> bool {
    let goes_on = |sql: &String| {
        let mut tokens =
            sql_tokens(sql).filter(|it| !matches!(it, SqlToken::Space(_) | SqlToken::Comment(_)));
        let words = ["ELSE", "ELSEIF", "END", "UNTIL", "WHEN"];
        matches!(tokens.next(), Some(SqlToken::Word(word)) if words.contains(&&*word.to_ascii_uppercase()))
    };
    let statements = split_statements(sql);
    statements.len() > 1 && !statements[1..].iter().any(goes_on)
}

/// The words of a statement so far, and how deep they are in blocks of a trigger or a routine.
#[derive(Default)]
struct Words {
    count: usize,
    creates: bool,
    has_body: bool,
    after_end: bool,
    blocks: usize,
}

impl Words {
    fn push(&mut self, word: String) {
        let ends_what = std::mem::take(&mut self.after_end);
        match word.as_str() {
            "CREATE" if self.count == 0 => self.creates = true,
            "TRIGGER" | "FUNCTION" | "PROCEDURE" | "EVENT" if self.creates && self.count < 8 => {
                self.has_body = true;
            }
            // `END CASE` of MariaDB ends a CASE, the others (`END IF`, `END LOOP`) end what was not counted.
            "CASE" if ends_what => self.blocks = self.blocks.saturating_sub(1),
            "IF" | "LOOP" | "WHILE" | "REPEAT" | "FOR" if ends_what => {}
            "BEGIN" | "CASE" if self.has_body => {
                self.end_before(ends_what);
                self.blocks += 1;
            }
            "END" if self.has_body => {
                self.end_before(ends_what);
                self.after_end = true;
            }
            _ => self.end_before(ends_what),
        }
        self.count += 1;
    }

    /// An `END` that nothing follows ends a block.
    fn end_of_part(&mut self) {
        let ended = std::mem::take(&mut self.after_end);
        self.end_before(ended);
    }

    fn end_before(&mut self, ended: bool) {
        if ended {
            self.blocks = self.blocks.saturating_sub(1);
        }
    }
}

/// Writes names in the quotes of a dialect: in the SQL of a schema they are quoted as the standard says, `"order" > 0`.
pub(crate) fn requoted(sql: &str, quote: char) -> Cow<'_, str> {
    if quote == '"' || !sql.contains('"') {
        return Cow::Borrowed(sql);
    }
    let requoted = |token: SqlToken<'_>| match token {
        SqlToken::QuotedName(name) => match name.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
            Some(name) => {
                let name = name.replace("\"\"", "\"").replace(quote, &format!("{quote}{quote}"));
                format!("{quote}{name}{quote}")
            }
            None => name.to_owned(),
        },
        other => other.text().to_owned(),
    };
    Cow::Owned(sql_tokens(sql).map(requoted).collect())
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_' || char == '$'
}

fn take_while(text: &str, accepts: impl Fn(char) -> bool) -> &str {
    &text[..text.find(|it| !accepts(it)).unwrap_or(text.len())]
}

/// The end of a quoted piece; a doubled quote is part of it. What is never closed goes to the end.
fn quoted(text: &str, quote: char) -> usize {
    let mut at = 1;
    while let Some(found) = text[at..].find(quote) {
        at += found + 1;
        if !text[at..].starts_with(quote) {
            return at;
        }
        at += 1;
    }
    text.len()
}

/// Block comments nest on PostgreSQL; elsewhere they do not, and nobody writes `/*` in one.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The end of `$tag$ … $tag$`, if it is one.
fn dollar_quoted(text: &str) -> Option<usize> {
    let tag = &text[..1 + text[1..].find('$')? + 1];
    let is_tag = tag[1..tag.len() - 1].chars().all(|it| it.is_alphanumeric() || it == '_');
    if !is_tag || tag[1..].starts_with(|it: char| it.is_ascii_digit()) {
        return None;
    }
    Some(text[tag.len()..].find(tag).map_or(text.len(), |at| tag.len() + at + tag.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_of_the_tokens_are_the_whole() {
        for sql in
            ["", "a", "'", "\"", "$1", "$$", "$a$ x $a$ y", "/* a /* b */ c */ d", "ü='ö''' -- é", "1.5e3+x"]
        {
            assert_eq!(sql_tokens(sql).map(SqlToken::text).collect::<String>(), sql);
        }
    }

    #[test]
    fn the_body_of_a_trigger_keeps_its_semicolons() {
        let trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; DELETE FROM c; END";
        assert_eq!(split_statements(&format!("DELETE FROM a; {trigger};")), ["DELETE FROM a", trigger]);
    }

    #[test]
    fn what_follows_a_trigger_is_a_statement_of_its_own() {
        for trigger in [
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET n = CASE WHEN n > 1 THEN 1 ELSE 2 END; DELETE FROM c; END",
            "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.b = 1",
            "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN IF NEW.b > 1 THEN SET NEW.b = 1; END IF; END",
            "CREATE PROCEDURE p() BEGIN CASE n WHEN 1 THEN SELECT 1; ELSE BEGIN END; END CASE; SELECT 2; END",
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END; $$",
        ] {
            assert_eq!(split_statements(&format!("{trigger};\nSELECT 1;")), [trigger, "SELECT 1"]);
        }
    }

    #[test]
    fn what_stands_in_parentheses_is_no_end_of_a_statement() {
        let rule = "CREATE RULE r AS ON DELETE TO a DO ALSO (DELETE FROM b; DELETE FROM c)";
        assert_eq!(split_statements(&format!("{rule}; SELECT 1")), [rule, "SELECT 1"]);
        assert!(!has_several_statements(rule));
        assert!(!has_several_statements("BEGIN NOT ATOMIC DELETE FROM b; DELETE FROM c; END"));
    }

    #[test]
    fn the_begin_of_a_transaction_is_a_statement() {
        assert_eq!(split_statements("BEGIN; SELECT 1; END;"), ["BEGIN", "SELECT 1", "END"]);
    }

    #[test]
    fn a_name_in_quotes_gets_those_of_the_dialect_and_a_text_keeps_its_own() {
        let sql = r#""a" = 'say "hi"' AND "b""c`d" > 1"#;
        assert_eq!(requoted(sql, '`'), r#"`a` = 'say "hi"' AND `b"c``d` > 1"#);
        assert_eq!(requoted(sql, '"'), sql);
    }

    #[test]
    fn a_column_is_renamed_outside_of_literals_only() {
        assert_eq!(
            rename_word("name <> 'name' AND \"name\" <> nickname -- name", "name", "title"),
            "title <> 'name' AND \"title\" <> nickname -- name"
        );
    }
}
