//! What is told, and to whom: results to standard output, what is being done to standard error.

use std::io::{self, IsTerminal, Write};

use aludel::migrate::{NOT_COMPARED, Revision, RevisionMap};
use aludel::{Error, ErrorKind, Result};
use serde_json::{Value, json};

use crate::paint::{Paint, Style, is_dumb};

/// How results are told.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// As JSON.
    pub json: bool,
    /// Results only.
    pub quiet: bool,
}

impl Output {
    /// Says what is being done.
    pub fn progress(self, line: &str) {
        if !self.quiet && !self.json {
            say(&format!("{line}\n"));
        }
    }

    /// Says what no comparison looks at.
    pub fn not_compared(self) {
        self.progress(&format!("Not compared: {}.", NOT_COMPARED.join(", ")));
    }

    /// Tells whether what another program shows of its work is seen by somebody.
    pub fn can_show(self) -> bool {
        !self.json && !self.quiet && io::stderr().is_terminal()
    }

    /// Tells whether a line can be shown that is written again and again.
    pub fn can_redraw(self) -> bool {
        self.can_show() && !is_dumb()
    }

    /// Tells whether somebody sits at a terminal who could be asked.
    pub fn can_ask(self) -> bool {
        self.can_show() && io::stdin().is_terminal()
    }

    /// Asks, on standard error, and returns the line that is typed; none at the end of the input.
    pub fn ask(self, question: &str) -> Option<String> {
        say(&format!("{} ", err().paint(Style::Changed, question)));
        let mut line = String::new();
        let read = io::stdin().read_line(&mut line).unwrap_or_default();
        (read > 0).then(|| line.trim().to_owned())
    }

    /// Asks until the answer is yes or no.
    pub fn yes(self, question: &str) -> Result<bool> {
        loop {
            match self.ask(question).ok_or_else(no_answer)?.to_lowercase().as_str() {
                "y" | "yes" => return Ok(true),
                "n" | "no" => return Ok(false),
                _ => {}
            }
        }
    }

    /// Prints a line of the result, which is no JSON.
    pub fn line(self, line: &str) {
        print(&format!("{}\n", out().shown(line)));
    }

    /// Prints a result as JSON.
    pub fn value(self, value: &Value) {
        print(&format!("{value:#}\n"));
    }
}

/// The colour of results.
pub fn out() -> Paint {
    Paint::of(&io::stdout())
}

/// The colour of what is said besides.
pub fn err() -> Paint {
    Paint::of(&io::stderr())
}

/// Says what stands in the way, as an error does.
pub fn problem(error: &Error) {
    let paint = err();
    let text = format!("error: {error:?}");
    let lines = text.lines().map(|line| match line.split_once(": ") {
        Some(("error", rest)) => format!("{} {rest}", paint.paint(Style::Bad, "error:")),
        Some((label @ ("  while" | "  sql" | "  help" | "  more" | "  cause"), rest)) => {
            format!("{} {rest}", paint.paint(Style::Name, &format!("{label}:")))
        }
        _ => line.to_owned(),
    });
    say(&lines.map(|it| it + "\n").collect::<String>());
}

/// Prints text of a result as it is. Whoever reads it may have read enough.
pub fn print(text: &str) {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            say(&format!("error: the result cannot be written: {error}\n"));
            std::process::exit(1);
        }
        _ => {}
    }
}

/// Writes to the terminal that a line is written again on.
pub fn redraw(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Writes to standard error. That nobody listens is no reason to stop: it is said in the middle of revisions.
pub fn say(text: &str) {
    let _ = io::stderr().write_all(err().shown(text).as_bytes());
}

/// The error where a question was left alone.
pub fn no_answer() -> Error {
    Error::new(ErrorKind::Migration, "the question was not answered; nothing was done")
}

/// Describes a revision as JSON.
pub fn revision_json(map: &RevisionMap, revision: &Revision) -> Value {
    let operations: Vec<String> = revision.operations.iter().map(ToString::to_string).collect();
    let ids = |ids: &[aludel::migrate::RevisionId]| ids.iter().map(ToString::to_string).collect::<Vec<_>>();
    json!({
        "id": revision.id.as_str(),
        "parents": ids(&revision.parents),
        "labels": revision.labels,
        "depends_on": ids(&revision.depends_on),
        "message": revision.message,
        "irreversible": revision.irreversible,
        "is_head": map.heads().contains(&revision.id),
        "operations": operations,
    })
}

/// Describes a revision on a line, as Alembic does: `ae10 -> 1975 (head), add a column`.
pub fn revision_line(map: &RevisionMap, revision: &Revision, paint: Paint) -> String {
    let parents: Vec<&str> = revision.parents.iter().map(|it| it.as_str()).collect();
    let parents = if parents.is_empty() { "<base>".to_owned() } else { parents.join(", ") };
    format!("{parents} -> {}, {}", revision_name(map, revision, paint), revision.message)
}

/// Names a revision, with its labels and what it is in the graph: `1975 (billing) (head)`.
pub fn revision_name(map: &RevisionMap, revision: &Revision, paint: Paint) -> String {
    let mut name = paint.paint(Style::Name, revision.id.as_str());
    if !revision.labels.is_empty() {
        name.push_str(&format!(" ({})", revision.labels.join(", ")));
    }
    let head = map.heads().contains(&revision.id).then_some(("head", Style::Good));
    let branch = (map.children(&revision.id).count() > 1).then_some(("branchpoint", Style::Changed));
    let merge = (revision.parents.len() > 1).then_some(("mergepoint", Style::Changed));
    for (what, style) in [head, branch, merge].into_iter().flatten() {
        name.push_str(&format!(" {}", paint.paint(style, &format!("({what})"))));
    }
    name
}

/// Describes a revision over several lines.
pub fn revision_long(map: &RevisionMap, revision: &Revision, folder: &str, paint: Paint) -> String {
    let parents: Vec<&str> = revision.parents.iter().map(|it| it.as_str()).collect();
    let mut text = format!("Rev: {}\n", revision_name(map, revision, paint));
    text.push_str(&match parents.as_slice() {
        [] => "Parent: <base>\n".to_owned(),
        [one] => format!("Parent: {one}\n"),
        several => format!("Merges: {}\n", several.join(", ")),
    });
    if !revision.depends_on.is_empty() {
        let ids: Vec<&str> = revision.depends_on.iter().map(|it| it.as_str()).collect();
        text.push_str(&format!("Depends on: {}\n", ids.join(", ")));
    }
    text.push_str(&format!("Path: {folder}\n\n    {}\n", revision.message));
    if let Some(reason) = &revision.irreversible {
        text.push_str(&format!("    cannot be undone: {reason}\n"));
    }
    if !revision.operations.is_empty() {
        text.push('\n');
    }
    for operation in &revision.operations {
        text.push_str(&format!("    {}\n", paint.operation(&operation.to_string())));
    }
    text
}
