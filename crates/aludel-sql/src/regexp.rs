//! Regular expressions that mean the same on every database: read here, and written in the words of each.
//!
//! What the databases' own languages have in common is small and often differs in the details: whether `.` is a line feed, whether `$`
//! stands before one, what `\w` is. So a pattern is taken apart and written anew from what means the same everywhere.

use std::iter::Peekable;
use std::str::Chars;

use crate::error::{Error, ErrorKind, Result};
use crate::value::Value;

/// A pattern may be so long.
const LONGEST: usize = 1_000;
/// Groups may be in each other so deep.
const DEEPEST: u32 = 50;
/// A repetition may be counted to this: PostgreSQL counts no further.
const MOST_TIMES: u32 = 255;
/// So many places may a pattern have once its counted repetitions are written out.
const LARGEST: u32 = 2_000;

const DIGITS: &[(char, char)] = &[('0', '9')];
const WORDS: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
const SPACES: &[(char, char)] = &[('\t', '\r'), (' ', ' ')];

/// Writes a bound pattern for a database; `end` is its word for the end of the text. For dialects: what
/// [`Part::Map`](crate::Part::Map) takes.
///
/// ```
/// use aludel_sql::Value;
/// use aludel_sql::regexp::translate;
///
/// // What `.` and `$` mean differs: they are written out for each database.
/// let pattern = Value::Text(r"^\d+ .*$".to_owned());
/// let Value::Text(mariadb) = translate(&pattern, r"\z")? else { panic!() };
/// assert_eq!(mariadb, "(?s)^[0-9]+ .*\\z");
///
/// let error = translate(&Value::Text(r"\bword".to_owned()), r"\z").unwrap_err();
/// assert_eq!(error.kind(), aludel_sql::ErrorKind::Validation);
/// # Ok::<(), aludel_sql::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Validation` where the pattern is none, or means different things on different databases.
pub fn translate(pattern: &Value, end: &'static str) -> Result<Value> {
    let Value::Text(pattern) = pattern else { return Ok(pattern.clone()) };
    let (fold, rest) = match pattern.strip_prefix("(?i)") {
        Some(rest) => (true, rest),
        None => (false, pattern.as_str()),
    };
    let mut reader = Reader {
        rest: rest.chars().peekable(),
        read: if fold { 4 } else { 0 },
        // `.` is every character, a line feed too.
        out: String::from("(?s)"),
        end,
        fold,
        depth: 0,
    };
    if pattern.chars().count() > LONGEST {
        return Err(reader.wrong(format!("is longer than {LONGEST} characters")));
    }
    if !rest.is_empty() {
        reader.alternatives()?;
    }
    match reader.rest.peek() {
        None => Ok(Value::Text(reader.out)),
        Some(_) => Err(reader.wrong("closes a group that was never opened")),
    }
}

struct Reader<'p> {
    rest: Peekable<Chars<'p>>,
    /// How many characters were read.
    read: usize,
    out: String,
    end: &'static str,
    /// The letters of ASCII match in either case.
    fold: bool,
    depth: u32,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let next = self.rest.next();
        self.read += usize::from(next.is_some());
        next
    }

    fn next_is(&mut self, wanted: char) -> bool {
        let found = self.rest.peek() == Some(&wanted);
        if found {
            self.next();
        }
        found
    }

    /// Reads `a|b|c`. Returns its size.
    fn alternatives(&mut self) -> Result<u32> {
        let mut size = self.sequence()?;
        while self.next_is('|') {
            self.out.push('|');
            size += self.sequence()?;
        }
        Ok(size)
    }

    fn sequence(&mut self) -> Result<u32> {
        let mut size = 0;
        while !matches!(self.rest.peek(), None | Some('|' | ')')) {
            size += self.repeated()?;
            if size > LARGEST {
                return Err(self.wrong("is too large: its counted repetitions are too many"));
            }
        }
        if size == 0 {
            return Err(self.wrong("has an alternative with nothing in it"));
        }
        Ok(size)
    }

    /// Reads one thing and how often it comes.
    fn repeated(&mut self) -> Result<u32> {
        let anchor = matches!(self.rest.peek(), Some('^' | '$'));
        let size = self.thing()?;
        let times = match self.rest.peek().copied() {
            Some('*' | '+' | '?' | '{') if anchor => return Err(self.wrong("repeats the end of the text")),
            Some(mark @ ('*' | '+' | '?')) => {
                self.out.push(mark);
                self.next();
                1
            }
            Some('{') => self.count()?,
            _ => return Ok(size),
        };
        // Which of several ways of matching is taken makes no difference to whether there is one.
        self.next_is('?');
        if matches!(self.rest.peek(), Some('*' | '+' | '?' | '{')) {
            return Err(self.wrong("repeats a repetition; put it into a group"));
        }
        Ok(size.saturating_mul(times.max(1)))
    }

    /// Reads `{2}`, `{2,}` or `{2,5}`. Returns the greatest number.
    fn count(&mut self) -> Result<u32> {
        self.next();
        let least = self.number()?;
        self.out.push('{');
        self.out.push_str(&least.to_string());
        let mut most = least;
        if self.next_is(',') {
            self.out.push(',');
            if self.rest.peek() != Some(&'}') {
                most = self.number()?;
                self.out.push_str(&most.to_string());
            }
        }
        if !self.next_is('}') || most < least {
            return Err(self.wrong("counts a repetition in another way than `{2}`, `{2,}` or `{2,5}`"));
        }
        self.out.push('}');
        Ok(most)
    }

    fn number(&mut self) -> Result<u32> {
        let mut number = None;
        while let Some(digit) = self.rest.peek().and_then(|it| it.to_digit(10)) {
            self.next();
            number = Some(number.unwrap_or(0) * 10 + digit).filter(|it| *it <= MOST_TIMES);
            if number.is_none() {
                return Err(self.wrong(format!("counts a repetition further than {MOST_TIMES}")));
            }
        }
        number
            .ok_or_else(|| self.wrong("has a `{` without a number behind it; write `\\{` for the character"))
    }

    fn thing(&mut self) -> Result<u32> {
        match self.next() {
            Some('(') => return self.group(),
            Some('[') => self.class()?,
            Some('.') => self.out.push('.'),
            Some('^') => self.out.push('^'),
            Some('$') => self.out.push_str(self.end),
            Some('\\') => match self.escaped()? {
                Escaped::Char(it) => self.literal(it)?,
                Escaped::Set(set, negated) => {
                    self.out.push_str(if negated { "[^" } else { "[" });
                    self.ranges(set);
                    self.out.push(']');
                }
            },
            Some('*' | '+' | '?' | '{') => return Err(self.wrong("repeats nothing")),
            Some(it) => self.literal(it)?,
            None => return Err(self.wrong("ends too early")),
        }
        Ok(1)
    }

    fn group(&mut self) -> Result<u32> {
        if self.next_is('?') && !self.next_is(':') {
            return Err(self
                .wrong("has a group of a kind that not every database knows; there are `(…)` and `(?:…)`"));
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.wrong(format!("has groups that are more than {DEEPEST} deep in each other")));
        }
        self.out.push_str("(?:");
        let size = self.alternatives()?;
        if !self.next_is(')') {
            return Err(self.wrong("opens a group and does not close it"));
        }
        self.out.push(')');
        self.depth -= 1;
        Ok(size)
    }

    /// Reads `[a-z]`.
    fn class(&mut self) -> Result<()> {
        self.out.push('[');
        if self.next_is('^') {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let low = match self.next() {
                Some(']') if !first => break,
                Some(']') => {
                    return Err(
                        self.wrong("has brackets with nothing in them; write `\\]` for the character")
                    );
                }
                Some('[') => {
                    return Err(self.wrong("has a `[` within brackets; write `\\[` for the character"));
                }
                Some('-') if !first && self.rest.peek() != Some(&']') => {
                    return Err(self
                        .wrong("has a `-` within brackets that is no range; write `\\-` for the character"));
                }
                Some('\\') => match self.escaped()? {
                    Escaped::Char(it) => it,
                    Escaped::Set(set, false) => {
                        self.ranges(set);
                        first = false;
                        continue;
                    }
                    Escaped::Set(_, true) => {
                        return Err(self.wrong(
                            "has `\\D`, `\\S` or `\\W` within brackets, which not every database knows",
                        ));
                    }
                },
                Some(it) => it,
                None => return Err(self.wrong("opens brackets and does not close them")),
            };
            first = false;
            let mut high = low;
            if self.rest.peek() == Some(&'-') {
                let mut behind = self.rest.clone();
                behind.next();
                if behind.peek() != Some(&']') {
                    self.next();
                    high = match self.next() {
                        Some('\\') => match self.escaped()? {
                            Escaped::Char(it) => it,
                            Escaped::Set(..) => return Err(self.wrong("has a range that ends with a set")),
                        },
                        Some('[') | None => return Err(self.wrong("has a range without an end")),
                        Some(it) => it,
                    };
                }
            }
            if high < low || low == '\0' {
                return Err(self.wrong("has a range that ends before it begins, or a NUL"));
            }
            self.ranges(&[(low, high)]);
        }
        self.out.push(']');
        Ok(())
    }

    /// Writes ranges within brackets, and those of the other case.
    fn ranges(&mut self, ranges: &[(char, char)]) {
        for (low, high) in ranges.iter().copied() {
            self.range(low, high);
            if self.fold {
                for (first, last) in [('a', 'z'), ('A', 'Z')] {
                    let (low, high) = (low.max(first), high.min(last));
                    if low <= high {
                        // Both are letters of ASCII.
                        let other = |it: char| (it as u8 ^ 0x20) as char;
                        self.range(other(low), other(high));
                    }
                }
            }
        }
    }

    fn range(&mut self, low: char, high: char) {
        self.within_brackets(low);
        if high > low {
            self.out.push('-');
            self.within_brackets(high);
        }
    }

    fn within_brackets(&mut self, it: char) {
        if matches!(it, '\\' | '[' | ']' | '^' | '-' | '&' | '~') {
            self.out.push('\\');
        }
        self.out.push(it);
    }

    fn literal(&mut self, it: char) -> Result<()> {
        match it {
            '\0' => return Err(self.wrong("holds a NUL character")),
            'a'..='z' | 'A'..='Z' if self.fold => {
                self.out.push('[');
                self.out.push(it.to_ascii_uppercase());
                self.out.push(it.to_ascii_lowercase());
                self.out.push(']');
            }
            '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$' => {
                self.out.push('\\');
                self.out.push(it);
            }
            it => self.out.push(it),
        }
        Ok(())
    }

    fn escaped(&mut self) -> Result<Escaped> {
        Ok(match self.next() {
            Some('d') => Escaped::Set(DIGITS, false),
            Some('D') => Escaped::Set(DIGITS, true),
            Some('w') => Escaped::Set(WORDS, false),
            Some('W') => Escaped::Set(WORDS, true),
            Some('s') => Escaped::Set(SPACES, false),
            Some('S') => Escaped::Set(SPACES, true),
            Some('t') => Escaped::Char('\t'),
            Some('n') => Escaped::Char('\n'),
            Some('r') => Escaped::Char('\r'),
            Some(it) if it.is_ascii_punctuation() || it == ' ' => Escaped::Char(it),
            Some(it) => {
                return Err(
                    self.wrong(format!("has `\\{it}`, which does not mean the same on every database"))
                );
            }
            None => return Err(self.wrong("ends with a backslash")),
        })
    }

    #[cold]
    fn wrong(&self, what: impl std::fmt::Display) -> Error {
        Error::new(ErrorKind::Validation, format!("the regular expression {what} (at character {})", self.read)).help(
            "it may have characters, `.`, `[a-z]`, `[^a-z]`, `\\d`, `\\w`, `\\s`, `^`, `$`, `(…)`, `|`, `*`, `+`, `?`, `{2,5}`, and \
             `(?i)` at its beginning; a backslash takes the meaning from a punctuation mark",
        )
    }
}

/// What a backslash makes of the next character.
enum Escaped {
    Char(char),
    /// The characters of a set, or all others.
    Set(&'static [(char, char)], bool),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(pattern: &str) -> String {
        match translate(&Value::Text(pattern.to_owned()), r"\z") {
            Ok(Value::Text(text)) => text.strip_prefix("(?s)").unwrap().to_owned(),
            other => panic!("{pattern}: {other:?}"),
        }
    }

    fn refused(pattern: &str) -> String {
        let error = translate(&Value::Text(pattern.to_owned()), "$").expect_err(pattern);
        assert_eq!(error.kind(), ErrorKind::Validation);
        error.what().to_owned()
    }

    #[test]
    fn what_means_the_same_everywhere_is_written_anew() {
        for (pattern, expected) in [
            ("", ""),
            ("^ab+c?$", r"^ab+c?\z"),
            ("a|(b|c)*?d", "a|(?:b|c)*d"),
            (r"\d{2,}\.\w\s", "[0-9]{2,}\\.[0-9A-Z_a-z][\t-\r ]"),
            (r"[^\d\-a-f.]\]", r"[^0-9\-a-f.]\]"),
            ("[-a] {0,3}", r"[\-a] {0,3}"),
            ("(?i)aé1[a-c_]", "[Aa]é1[a-cA-C_]"),
            ("(?i)[X-e]", "[X-eA-Ex-z]"),
            ("}]", r"\}\]"),
        ] {
            assert_eq!(written(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn what_does_not_is_refused_with_its_place() {
        for (pattern, why) in [
            ("(", "has an alternative with nothing in it (at character 1)"),
            ("a)", "closes a group that was never opened (at character 1)"),
            ("(a", "opens a group and does not close it"),
            ("[a", "opens brackets and does not close them"),
            ("[]", "has brackets with nothing in them"),
            ("[[:alpha:]]", "has a `[` within brackets"),
            ("[z-a]", "ends before it begins"),
            ("[a-c-e]", "has a `-` within brackets"),
            (r"[\D]", "within brackets"),
            ("*a", "repeats nothing"),
            ("a**", "repeats a repetition"),
            ("a*+", "repeats a repetition"),
            ("^*", "repeats the end"),
            ("a{", "without a number"),
            ("a{3,2}", "in another way"),
            ("a{256}", "further than 255"),
            ("(a{100}){100}", "too large"),
            ("a||b", "nothing in it"),
            (r"\b", "does not mean the same"),
            (r"(a)\1", "does not mean the same"),
            ("(?=a)", "of a kind"),
            ("(?<n>a)", "of a kind"),
            ("a\\", "ends with a backslash"),
            ("a\0", "NUL"),
        ] {
            assert!(refused(pattern).contains(why), "{pattern}: {}", refused(pattern));
        }
        assert!(refused(&"(".repeat(60)).contains("deep"));
        assert!(refused(&"a".repeat(1_001)).contains("longer"));
    }

    #[test]
    fn any_text_is_written_or_refused_and_never_a_panic() {
        let pieces = [
            "a",
            "(",
            ")",
            "[",
            "]",
            "^",
            "-",
            "\\",
            "d",
            "{",
            "2",
            ",",
            "}",
            "*",
            "+",
            "?",
            "|",
            ".",
            "$",
            "é",
            "\u{1f600}",
            "(?i)",
        ];
        let mut state = 7_u64;
        for _ in 0..20_000 {
            let mut pattern = String::new();
            for _ in 0..12 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                pattern.push_str(pieces[(state >> 33) as usize % pieces.len()]);
            }
            let _ = translate(&Value::Text(pattern), "$");
        }
    }
}
