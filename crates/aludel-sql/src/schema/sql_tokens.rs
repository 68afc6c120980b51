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
/// Text that creates a trigger or a routine is one statement, with all the semicolons of its body.
///
/// ```
/// use aludel_sql::schema::split_statements;
///
/// assert_eq!(split_statements("UPDATE a SET b = ';'; DELETE FROM c;"), ["UPDATE a SET b = ';'", "DELETE FROM c"]);
/// ```
#[must_use]
pub fn split_statements(sql: &str) -> Vec<String> {
    let mut statements = vec![String::new()];
    let mut words: Vec<String> = Vec::new();
    for token in sql_tokens(sql) {
        let has_body = words.first().is_some_and(|it| it == "CREATE")
            && words
                .iter()
                .take(8)
                .any(|it| ["TRIGGER", "FUNCTION", "PROCEDURE", "EVENT"].contains(&it.as_str()));
        match token {
            SqlToken::Other(";") if !has_body => {
                statements.push(String::new());
                words.clear();
                continue;
            }
            SqlToken::Word(word) => words.push(word.to_ascii_uppercase()),
            _ => {}
        }
        statements.last_mut().expect("there is one from the beginning").push_str(token.text());
    }
    let is_empty =
        |sql: &str| sql_tokens(sql).all(|token| matches!(token, SqlToken::Space(_) | SqlToken::Comment(_)));
    statements.retain(|it| !is_empty(it));
    statements.into_iter().map(|it| it.trim().trim_end_matches(';').trim_end().to_owned()).collect()
}

/// Writes names in the quotes of a dialect: in the SQL of a schema they are quoted as the standard says, `"order" > 0`.
#[must_use]
pub fn requoted(sql: &str, quote: char) -> Cow<'_, str> {
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
