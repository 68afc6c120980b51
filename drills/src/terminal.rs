//! Words in colour, where somebody looks at them.

use std::io::{IsTerminal, Write, stdin, stdout};

use crate::Result;

/// Tells whether somebody sits there: output that is read by a program has no colours, and nobody is asked.
pub fn is_interactive() -> bool {
    stdin().is_terminal() && stdout().is_terminal()
}

/// What a piece of text is.
#[derive(Clone, Copy, Debug)]
pub enum Style {
    Good,
    Bad,
    Title,
    Faint,
}

/// Writes a piece of text as what it is.
pub fn paint(style: Style, text: &str) -> String {
    if !stdout().is_terminal() || std::env::var_os("NO_COLOR").is_some() {
        return text.to_owned();
    }
    let code = match style {
        Style::Good => "32",
        Style::Bad => "31",
        Style::Title => "1",
        Style::Faint => "2",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

/// Breaks a paragraph into lines that are easy to read.
pub fn wrapped(paragraph: &str) -> String {
    let mut lines = String::new();
    let mut width = 0;
    for word in paragraph.split_whitespace() {
        let length = word.chars().count();
        match width {
            0 => {}
            _ if width + 1 + length > 90 => {
                lines.push('\n');
                width = 0;
            }
            _ => {
                lines.push(' ');
                width += 1;
            }
        }
        lines.push_str(word);
        width += length;
    }
    lines
}

/// Asks for a line; `None` is the end of the input.
pub fn ask(question: &str) -> Result<Option<String>> {
    print!("{question}");
    stdout().flush().map_err(|error| error.to_string())?;
    let mut line = String::new();
    let read = stdin().read_line(&mut line).map_err(|error| error.to_string())?;
    if !stdin().is_terminal() {
        // Nobody has typed Enter.
        println!();
    }
    Ok((read > 0).then(|| line.trim().to_owned()))
}
