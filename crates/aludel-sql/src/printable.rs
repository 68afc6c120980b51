//! Text of others in output of ours: nothing in it can begin a line of a log, or speak to a terminal.

use std::fmt::{self, Write as _};

/// Text that came from elsewhere, for a message or a log.
///
/// Characters that a terminal obeys, and those that turn the direction of text around, are written as escapes. What becomes of
/// line ends is up to the way it is made.
///
/// ```
/// use aludel_sql::Printable;
///
/// let name = "title\u{1b}[2J\nERROR all is lost";
/// assert_eq!(Printable::line(name).to_string(), "title\\u{1b}[2J ERROR all is lost");
/// assert_eq!(Printable::lines(name).to_string(), "title\\u{1b}[2J\n  ERROR all is lost");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Printable<'a> {
    text: &'a str,
    /// Stands for a line end.
    line_end: &'static str,
}

impl<'a> Printable<'a> {
    /// All of it on one line: line ends and tabs become spaces.
    ///
    /// ```
    /// use aludel_sql::Printable;
    ///
    /// // A log of one entry a line stays one: what a name says cannot look like an entry.
    /// let name = "x\nINFO all is well";
    /// assert_eq!(Printable::line(name).to_string(), "x INFO all is well");
    /// ```
    #[must_use]
    pub fn line(text: &'a str) -> Self {
        Self { text, line_end: " " }
    }

    /// Its lines, of which all but the first are indented.
    ///
    /// ```
    /// use aludel_sql::Printable;
    ///
    /// let sql = "SELECT 1\nFROM t\t-- \u{202e}";
    /// assert_eq!(Printable::lines(sql).to_string(), "SELECT 1\n  FROM t -- \\u{202e}");
    /// ```
    #[must_use]
    pub fn lines(text: &'a str) -> Self {
        Self { text, line_end: "\n  " }
    }
}

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.text;
        while let Some(at) = rest.find(is_harmful) {
            f.write_str(&rest[..at])?;
            let Some(harmful) = rest[at..].chars().next() else { break };
            rest = &rest[at + harmful.len_utf8()..];
            match harmful {
                '\n' => {
                    f.write_str(self.line_end)?;
                    rest = rest.trim_start_matches(' ');
                }
                '\t' => f.write_char(' ')?,
                other => write!(f, "{}", other.escape_unicode())?,
            }
        }
        f.write_str(rest)
    }
}

fn is_harmful(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
