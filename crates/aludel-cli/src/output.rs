//! What is told, and to whom: results to standard output, what is being done to standard error.

use std::io::IsTerminal;

use aludel::migrate::{NOT_COMPARED, Revision, RevisionMap};
use aludel::{Error, ErrorKind, Result};
use serde_json::{Value, json};

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
            eprintln!("{line}");
        }
    }

    /// Says what no comparison looks at.
    pub fn not_compared(self) {
        self.progress(&format!("Not compared: {}.", NOT_COMPARED.join(", ")));
    }

    /// Says what stands in the way, as an error does.
    pub fn problem(self, error: &Error) {
        eprintln!("error: {error:?}");
    }

    /// Tells whether what another program shows of its work is seen by somebody.
    pub fn can_show(self) -> bool {
        !self.json && !self.quiet && std::io::stderr().is_terminal()
    }

    /// Tells whether somebody sits at a terminal who could be asked.
    pub fn can_ask(self) -> bool {
        !self.json && !self.quiet && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// Asks, on standard error, and returns the line that is typed; none at the end of the input.
    pub fn ask(self, question: &str) -> Option<String> {
        eprint!("{question} ");
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line).unwrap_or_default();
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
        println!("{line}");
    }

    /// Prints a result as JSON.
    pub fn value(self, value: &Value) {
        println!("{value:#}");
    }
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
pub fn revision_line(map: &RevisionMap, revision: &Revision) -> String {
    let parents: Vec<&str> = revision.parents.iter().map(|it| it.as_str()).collect();
    let parents = if parents.is_empty() { "<base>".to_owned() } else { parents.join(", ") };
    format!("{parents} -> {}, {}", revision_name(map, revision), revision.message)
}

/// Names a revision, with its labels and what it is in the graph: `1975 (billing) (head)`.
pub fn revision_name(map: &RevisionMap, revision: &Revision) -> String {
    let mut name = revision.id.to_string();
    if !revision.labels.is_empty() {
        name.push_str(&format!(" ({})", revision.labels.join(", ")));
    }
    if map.heads().contains(&revision.id) {
        name.push_str(" (head)");
    }
    if map.children(&revision.id).count() > 1 {
        name.push_str(" (branchpoint)");
    }
    if revision.parents.len() > 1 {
        name.push_str(" (mergepoint)");
    }
    name
}

/// Describes a revision over several lines.
pub fn revision_long(map: &RevisionMap, revision: &Revision, folder: &str) -> String {
    let parents: Vec<&str> = revision.parents.iter().map(|it| it.as_str()).collect();
    let mut text = format!("Rev: {}\n", revision_name(map, revision));
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
        text.push_str(&format!("    {operation}\n"));
    }
    text
}
