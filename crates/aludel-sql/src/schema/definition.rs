//! Reading the text of CREATE TABLE: names, conditions and words that a database tells in no other way.

use super::sql_tokens::{SqlToken, sql_tokens};

/// What the text of CREATE TABLE says.
///
/// ```
/// use aludel_sql::schema::Definition;
///
/// let text = "CREATE TABLE t (a INTEGER CONSTRAINT positive CHECK (a > 0), UNIQUE (a))";
/// let definition = Definition::read(text).unwrap();
/// assert_eq!(definition.columns[0].name, "a");
/// assert_eq!(definition.constraints[0].name.as_deref(), Some("positive"));
/// assert_eq!(definition.constraints[0].body.as_deref(), Some("a > 0"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// The columns, in order.
    pub columns: Vec<ColumnText>,
    /// The constraints of columns and of the table, in order.
    pub constraints: Vec<ConstraintText>,
}

/// What the definition of a column says beside its constraints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnText {
    /// Its name.
    pub name: String,
    /// Its collation.
    pub collation: Option<String>,
    /// The expression that it is computed from.
    pub computed: Option<String>,
    /// Whether it is AUTOINCREMENT.
    pub autoincrement: bool,
}

/// A constraint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConstraintText {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The word that it begins with: `CHECK`, `UNIQUE`, `PRIMARY`, `FOREIGN`.
    pub kind: String,
    /// What stands in its first parentheses.
    pub body: Option<String>,
    /// The column whose definition it is in, if it is in one.
    pub column: Option<String>,
    /// The words behind its parentheses, in upper case.
    pub words: Vec<String>,
}

impl Definition {
    /// Reads the text; `None` if it is no list of columns.
    ///
    /// ```
    /// use aludel_sql::schema::Definition;
    ///
    /// let definition = Definition::read("CREATE TABLE t (a TEXT COLLATE NOCASE, CONSTRAINT short CHECK (length(a) < 9))");
    /// assert_eq!(definition.unwrap().constraints[0].name.as_deref(), Some("short"));
    /// assert_eq!(Definition::read("CREATE VIEW v AS SELECT 1"), None);
    /// ```
    #[must_use]
    pub fn read(sql: &str) -> Option<Self> {
        let tokens = tokens(sql);
        let open = tokens.iter().position(|it| it.is("("))?;
        let close = closing(&tokens, open)?;
        let mut definition = Self::default();
        for item in split(&tokens[open + 1..close]) {
            let Some(first) = item.first() else { continue };
            let is_constraint =
                ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"].iter().any(|word| first.word(word));
            if is_constraint {
                definition.constraints_of(item, None);
            } else {
                let column = first.name();
                definition.columns.push(ColumnText { name: column.clone(), ..ColumnText::default() });
                definition.constraints_of(&item[1..], Some(column));
            }
        }
        Some(definition)
    }

    /// Returns what is said of a column, whatever the case of its name.
    ///
    /// ```
    /// use aludel_sql::schema::Definition;
    ///
    /// let definition = Definition::read("CREATE TABLE t (\"Title\" TEXT COLLATE NOCASE)").unwrap();
    /// assert_eq!(definition.column("title").unwrap().collation.as_deref(), Some("NOCASE"));
    /// ```
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnText> {
        self.columns.iter().find(|it| it.name.eq_ignore_ascii_case(name))
    }

    fn constraints_of(&mut self, tokens: &[Token], column: Option<String>) {
        let mut name = None;
        let mut at = 0;
        while at < tokens.len() {
            let is = |word| tokens[at].word(word);
            let body = |from: usize| {
                let open = (from..tokens.len()).find(|it| tokens[*it].is("("))?;
                closing(tokens, open).map(|close| (text(&tokens[open + 1..close]), close))
            };
            let constraint = |kind: &str,
                              body: Option<String>,
                              words: Vec<String>,
                              name: &mut Option<String>| {
                ConstraintText { name: name.take(), kind: kind.into(), body, column: column.clone(), words }
            };
            if is("CONSTRAINT") {
                name = tokens.get(at + 1).map(Token::name);
                at += 2;
            } else if is("CHECK") {
                let Some((condition, close)) = body(at) else { return };
                self.constraints.push(constraint("CHECK", Some(condition), Vec::new(), &mut name));
                at = close + 1;
            } else if is("REFERENCES") || is("FOREIGN") {
                let own = if is("FOREIGN") { body(at) } else { None };
                let from = own.as_ref().map_or(at, |(_, close)| close + 1);
                // Up to the next constraint of the column, all words belong to the reference.
                let ends = |it: &Token| {
                    ["CONSTRAINT", "CHECK", "UNIQUE", "PRIMARY", "COLLATE", "DEFAULT", "GENERATED"]
                        .iter()
                        .any(|word| it.word(word))
                };
                let end = (from + 1..tokens.len()).find(|it| ends(&tokens[*it])).unwrap_or(tokens.len());
                let words = tokens[from..end].iter().map(Token::upper).collect();
                self.constraints.push(constraint("FOREIGN", own.map(|(it, _)| it), words, &mut name));
                at = end;
            } else if is("PRIMARY") || is("UNIQUE") {
                let kind = if is("PRIMARY") { "PRIMARY" } else { "UNIQUE" };
                let own = if column.is_none() { body(at) } else { None };
                at = own.as_ref().map_or(at + 1, |(_, close)| close + 1);
                self.constraints.push(constraint(kind, own.map(|(it, _)| it), Vec::new(), &mut name));
            } else if is("COLLATE") {
                if let (Some(column), Some(collation)) = (self.last_of(column.as_ref()), tokens.get(at + 1)) {
                    column.collation = Some(collation.name());
                }
                at += 2;
            } else if is("AUTOINCREMENT") {
                if let Some(column) = self.last_of(column.as_ref()) {
                    column.autoincrement = true;
                }
                at += 1;
            } else if is("DEFAULT") && tokens.get(at + 1).is_some_and(|it| it.is("(")) {
                at = closing(tokens, at + 1).map_or(tokens.len(), |close| close + 1);
            } else if is("AS") {
                let Some((expression, close)) = body(at) else { return };
                if let Some(column) = self.last_of(column.as_ref()) {
                    column.computed = Some(expression);
                }
                at = close + 1;
            } else {
                at += 1;
            }
        }
    }

    fn last_of(&mut self, column: Option<&String>) -> Option<&mut ColumnText> {
        column.and(self.columns.last_mut())
    }
}

/// Reads the text of CREATE INDEX: its parts, each as it is written, and its condition.
///
/// ```
/// use aludel_sql::schema::index_parts;
///
/// let sql = "CREATE INDEX i ON books (lower(title) DESC, year) WHERE year > 1900";
/// let (parts, condition) = index_parts(sql).unwrap();
/// assert_eq!(parts, ["lower(title)", "year"]);
/// assert_eq!(condition.as_deref(), Some("year > 1900"));
/// ```
#[must_use]
pub fn index_parts(sql: &str) -> Option<(Vec<String>, Option<String>)> {
    let tokens = tokens(sql);
    let open = tokens.iter().position(|it| it.is("("))?;
    let close = closing(&tokens, open)?;
    let parts = split(&tokens[open + 1..close]).map(|part| {
        // What the database tells by itself: order and collation.
        let mut part = part;
        loop {
            part = match part {
                [rest @ .., last] if last.word("ASC") || last.word("DESC") => rest,
                [rest @ .., word, _] if word.word("COLLATE") => rest,
                _ => return text(part),
            };
        }
    });
    let parts = parts.collect();
    let condition = tokens.get(close + 1).filter(|it| it.word("WHERE")).map(|_| text(&tokens[close + 2..]));
    Some((parts, condition))
}

/// Reads the names of a list: `a, "b c"`.
///
/// ```
/// use aludel_sql::schema::names;
///
/// assert_eq!(names("a, \"b, c\", [d]"), ["a", "b, c", "d"]);
/// ```
#[must_use]
pub fn names(list: &str) -> Vec<String> {
    split(&tokens(list)).filter_map(|it| it.first().map(Token::name)).collect()
}

/// A token with the space before it.
#[derive(Clone, Debug)]
struct Token {
    spaced: bool,
    text: String,
    plain: bool,
}

impl Token {
    /// Tells whether it is this keyword.
    fn word(&self, word: &str) -> bool {
        self.plain && self.text.eq_ignore_ascii_case(word)
    }

    fn is(&self, text: &str) -> bool {
        self.text == text
    }

    fn upper(&self) -> String {
        if self.plain { self.text.to_ascii_uppercase() } else { self.text.clone() }
    }

    /// Reads it as a name, without quotes.
    fn name(&self) -> String {
        let Some(first) = self.text.chars().next().filter(|_| !self.plain) else { return self.text.clone() };
        let close = if first == '[' { ']' } else { first };
        match self.text.strip_prefix(first).and_then(|it| it.strip_suffix(close)) {
            Some(inner) => inner.replace(&format!("{close}{close}"), &close.to_string()),
            None => self.text.clone(),
        }
    }
}

/// Cuts a text into tokens, without comments; `[a name]` is one.
fn tokens(sql: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut spaced = false;
    let mut bracket: Option<String> = None;
    for token in sql_tokens(sql) {
        if let Some(name) = &mut bracket {
            name.push_str(token.text());
            if token.text() == "]" {
                tokens.push(Token { spaced, text: bracket.take().unwrap_or_default(), plain: false });
                spaced = false;
            }
            continue;
        }
        match token {
            SqlToken::Space(_) | SqlToken::Comment(_) => spaced = true,
            SqlToken::Other("[") => bracket = Some("[".to_owned()),
            other => {
                let plain = matches!(other, SqlToken::Word(_) | SqlToken::Other(_));
                tokens.push(Token { spaced, text: other.text().to_owned(), plain });
                spaced = false;
            }
        }
    }
    tokens
}

/// Writes tokens as they stood, with one space where there was any.
fn text(tokens: &[Token]) -> String {
    let mut out = String::new();
    for token in tokens {
        if token.spaced && !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&token.text);
    }
    out
}

/// Finds the parenthesis that closes another one.
fn closing(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "(" => depth += 1,
            ")" => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Cuts tokens at the commas that are in no parentheses.
fn split(tokens: &[Token]) -> impl Iterator<Item = &[Token]> {
    let mut depth = 0_i32;
    let mut items = Vec::new();
    let mut start = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            "," if depth == 0 => {
                items.push(&tokens[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items.push(&tokens[start..]);
    items.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_conditions_are_read_however_they_are_quoted() {
        let sql = "CREATE TABLE \"a (b\" ( -- the key, (of course)\n [id ,x] INTEGER PRIMARY KEY AUTOINCREMENT,\n \
                   `name` VARCHAR(10) COLLATE nocase DEFAULT ('a,)') CONSTRAINT \"c\"\"k\" CHECK (length(`name`) > 1),\n \
                   twice INT GENERATED ALWAYS AS (1 + (2)) STORED UNIQUE,\n \
                   p INT REFERENCES p (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED NOT NULL,\n \
                   CONSTRAINT fk FOREIGN KEY (p, twice) REFERENCES q (a, b), UNIQUE (p, \"twice\"))";
        let read = Definition::read(sql).unwrap();
        let columns: Vec<&str> = read.columns.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(columns, ["id ,x", "name", "twice", "p"]);
        assert!(read.columns[0].autoincrement && !read.columns[1].autoincrement);
        assert_eq!(read.columns[1].collation.as_deref(), Some("nocase"));
        assert_eq!(read.columns[2].computed.as_deref(), Some("1 + (2)"));
        let constraints: Vec<_> = read
            .constraints
            .iter()
            .map(|it| (it.kind.as_str(), it.name.as_deref(), it.body.as_deref(), it.column.as_deref()))
            .collect();
        assert_eq!(
            constraints,
            [
                ("PRIMARY", None, None, Some("id ,x")),
                ("CHECK", Some("c\"k"), Some("length(`name`) > 1"), Some("name")),
                ("UNIQUE", None, None, Some("twice")),
                ("FOREIGN", None, None, Some("p")),
                ("FOREIGN", Some("fk"), Some("p, twice"), None),
                ("UNIQUE", None, Some("p, \"twice\""), None),
            ]
        );
        assert!(read.constraints[3].words.ends_with(&["DEFERRED".into(), "NOT".into(), "NULL".into()]));
        assert_eq!(names("p, \"twice\", [x y]"), ["p", "twice", "x y"]);
    }

    #[test]
    fn an_index_has_parts_and_a_condition() {
        let sql = "CREATE INDEX ix ON t (lower(a, b) COLLATE nocase DESC, \"c\" ASC) WHERE a > ')'";
        let (parts, condition) = index_parts(sql).unwrap();
        assert_eq!(parts, ["lower(a, b)", "\"c\""]);
        assert_eq!(condition.as_deref(), Some("a > ')'"));
    }
}
