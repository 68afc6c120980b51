//! Colour, where a terminal shows it and nobody refuses it.

use std::env;
use std::io::IsTerminal;

use aludel::Printable;

/// Whether what is written to a stream has colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paint(bool);

/// What a piece of text says.
#[derive(Clone, Copy, Debug)]
pub enum Style {
    /// Something comes, or is as it should be.
    Good,
    /// Something is another now.
    Changed,
    /// Something goes, or is wrong.
    Bad,
    /// How something is called.
    Name,
    /// What is read last.
    Faint,
}

impl Paint {
    /// Colour for a terminal, unless `NO_COLOR` is set to something (no-color.org) or the terminal is a dumb one.
    pub fn of(stream: &impl IsTerminal) -> Self {
        let refused = env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty());
        Self(stream.is_terminal() && !refused && !is_dumb())
    }

    /// Text without any.
    pub fn none() -> Self {
        Self(false)
    }

    pub fn paint(self, style: Style, text: &str) -> String {
        if !self.0 || text.is_empty() {
            return text.to_owned();
        }
        let code = match style {
            Style::Good => 32,
            Style::Changed => 33,
            Style::Bad => 31,
            Style::Name => 36,
            Style::Faint => 2,
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    /// Paints an operation by what it does: `add column users.bio`.
    pub fn operation(self, title: &str) -> String {
        let style = match title.split(' ').next() {
            Some("add" | "create") => Style::Good,
            Some("drop") => Style::Bad,
            _ => Style::Changed,
        };
        self.paint(style, title)
    }

    /// Makes text fit to be shown: names and messages of others neither speak to the terminal nor begin lines of their own. What
    /// [`paint`](Self::paint) put there stays.
    pub fn shown(self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(['\n', '\u{1b}']) {
            out.push_str(&Printable::line(&rest[..at]).to_string());
            rest = &rest[at..];
            let end = match rest.strip_prefix('\n') {
                Some(_) => 1,
                None => self.painted(rest).unwrap_or_default(),
            };
            if end == 0 {
                out.push_str(&'\u{1b}'.escape_unicode().to_string());
                rest = &rest[1..];
            } else {
                out.push_str(&rest[..end]);
                rest = &rest[end..];
            }
        }
        out.push_str(&Printable::line(rest).to_string());
        out
    }

    /// Returns the length of the sequence for a colour that a text begins with.
    fn painted(self, text: &str) -> Option<usize> {
        let digits = text.strip_prefix("\u{1b}[").filter(|_| self.0)?;
        let end = digits.find(|it: char| !it.is_ascii_digit())?;
        digits[end..].starts_with('m').then_some(2 + end + 1)
    }
}

/// Tells whether the terminal says of itself that it knows no sequences.
pub fn is_dumb() -> bool {
    env::var_os("TERM").is_some_and(|it| it == "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ON: Paint = Paint(true);

    #[test]
    fn an_operation_has_the_colour_of_what_it_does() {
        assert_eq!(ON.operation("add column users.bio"), "\u{1b}[32madd column users.bio\u{1b}[0m");
        assert_eq!(ON.operation("drop table users"), "\u{1b}[31mdrop table users\u{1b}[0m");
        assert_eq!(ON.operation("rename table a to b"), "\u{1b}[33mrename table a to b\u{1b}[0m");
        assert_eq!(Paint::none().operation("drop table users"), "drop table users");
    }

    #[test]
    fn names_of_others_do_not_speak_to_the_terminal() {
        let hostile = "drop table a\u{1b}[2J\rb\u{1b}]0;title\u{7}";
        let shown = "drop table a\\u{1b}[2J\\u{d}b\\u{1b}]0;title\\u{7}";
        assert_eq!(Paint::none().shown(hostile), shown);
        assert_eq!(ON.shown(&ON.operation(hostile)), format!("\u{1b}[31m{shown}\u{1b}[0m"));
        assert_eq!(Paint::none().shown("\u{1b}[31ma"), "\\u{1b}[31ma");
        assert_eq!(ON.shown("Rev: a1\n\n    text\u{1b}[\u{1b}"), "Rev: a1\n\n    text\\u{1b}[\\u{1b}");
    }
}
