//! What a comparison cannot know: answered by flags, by somebody at a terminal, or not at all.

use std::collections::HashSet;

use aludel::migrate::{Rename, diff, possible_renames, set_backfill, unfilled_columns};
use aludel::schema::Operation;
use aludel::{Error, ErrorKind, Metadata, Result};

use crate::args::{Assume, Revision};
use crate::output::{Output, no_answer, problem};

/// What the flags answer.
pub struct Answers<'a> {
    renames: Vec<&'a str>,
    backfills: Vec<&'a str>,
    assume: Option<Assume>,
}

impl<'a> Answers<'a> {
    /// Takes them from the flags.
    pub fn of(args: &'a Revision) -> Self {
        let all = |list: &'a [String]| list.iter().map(String::as_str).collect();
        Self { renames: all(&args.rename), backfills: all(&args.backfill), assume: args.assume }
    }

    /// Parts those that mean something to this comparison from the others.
    pub fn split(self, before: &Metadata, models: &Metadata) -> Result<(Self, Self)> {
        let operations = diff(before, models)?;
        let fills = |text: &&str| {
            parse_backfill(text)
                .is_ok_and(|(column, _)| set_backfill(&mut operations.clone(), column, "0").is_ok())
        };
        let (backfills, other_backfills) = self.backfills.into_iter().partition(fills);
        let (renames, other_renames) =
            self.renames.into_iter().partition(|it| Rename::parse(it, before, models).is_ok());
        let assume = self.assume;
        Ok((
            Self { renames, backfills, assume },
            Self { renames: other_renames, backfills: other_backfills, assume },
        ))
    }
}

/// Returns the operations that make the models of what was before; none if an answer is missing, which was said.
pub fn operations(
    output: Output,
    answers: &Answers<'_>,
    before: &Metadata,
    models: &Metadata,
) -> Result<Option<Vec<Operation>>> {
    let mut models = models.clone();
    for text in &answers.renames {
        models = Rename::parse(text, before, &models)?.hint(&models);
    }
    let mut refused = HashSet::new();
    let mut operations = loop {
        let operations = diff(before, &models)?;
        let open: Vec<Rename> = possible_renames(&operations)
            .into_iter()
            .filter(|it| answers.assume != Some(Assume::Drop) && !refused.contains(it))
            .collect();
        let Some(first) = open.first() else { break operations };
        if !output.can_ask() {
            problem(&renames_needed(&open));
            return Ok(None);
        }
        if output.yes(&format!("Is {} the new name of {}? [y/n]", first.after(), first.before()))? {
            models = first.hint(&models);
        } else {
            refused.insert(first.clone());
        }
    };
    for text in &answers.backfills {
        let (column, expression) = parse_backfill(text)?;
        set_backfill(&mut operations, column, expression)?;
    }
    let unfilled = unfilled_columns(&operations);
    if unfilled.is_empty() {
        return Ok(Some(operations));
    }
    if !output.can_ask() {
        problem(&backfills_needed(&unfilled));
        return Ok(None);
    }
    for column in unfilled {
        let question = format!("What do rows that are there get in {column}, which is NOT NULL? [SQL]");
        let expression = loop {
            let answer = output.ask(&question).ok_or_else(no_answer)?;
            if !answer.is_empty() {
                break answer;
            }
        };
        set_backfill(&mut operations, &column, &expression)?;
    }
    Ok(Some(operations))
}

/// Reads `users.age=0`.
fn parse_backfill(text: &str) -> Result<(&str, &str)> {
    let (column, expression) = text.split_once('=').unwrap_or((text, ""));
    if expression.trim().is_empty() {
        return Err(Error::new(ErrorKind::Migration, format!("`{text}` says no value"))
            .help("a backfill is written `users.age=0`: table, column, and an expression in SQL"));
    }
    Ok((column.trim(), expression.trim()))
}

fn renames_needed(open: &[Rename]) -> Error {
    let lines: Vec<String> = open
        .iter()
        .map(|it| format!("\n    {} may be {} now: --rename {it}", it.before(), it.after()))
        .collect();
    let what = format!(
        "nothing says whether something was renamed, or goes with all that is in it:{}",
        lines.concat()
    );
    Error::new(ErrorKind::Migration, what).help(
        "give the flags that are right, or write `renamed_from = \"…\"` on the model; `--assume drop` says that nothing else was renamed",
    )
}

fn backfills_needed(columns: &[String]) -> Error {
    let what =
        format!("nothing says what rows that are there get in {}, which is NOT NULL", columns.join(", "));
    let flags: Vec<String> = columns.iter().map(|it| format!("--backfill \"{it}=<SQL>\"")).collect();
    Error::new(ErrorKind::Migration, what).help(format!(
        "give `{}`; or give the field of the model a `server_default`, or make it an `Option`",
        flags.join(" ")
    ))
}
