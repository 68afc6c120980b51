//! What a comparison cannot know: answered by flags, by somebody at a terminal, or not at all.

use std::collections::HashSet;

use aludel::migrate::{Rename, diff, possible_renames, set_backfill, unfilled_columns};
use aludel::schema::Operation;
use aludel::{Error, ErrorKind, Metadata, Result};

use crate::args::{Assume, Revision};
use crate::output::Output;

/// Returns the operations that make the models of what was before; none if an answer is missing, which was said.
pub fn operations(
    output: Output,
    args: &Revision,
    before: &Metadata,
    models: &Metadata,
) -> Result<Option<Vec<Operation>>> {
    let mut models = models.clone();
    for text in &args.rename {
        models = Rename::parse(text, before, &models)?.hint(&models);
    }
    let mut refused = HashSet::new();
    let mut operations = loop {
        let operations = diff(before, &models)?;
        let open: Vec<Rename> = possible_renames(&operations)
            .into_iter()
            .filter(|it| args.assume != Some(Assume::Drop) && !refused.contains(it))
            .collect();
        let Some(first) = open.first() else { break operations };
        if !output.can_ask() {
            output.problem(&renames_needed(&open));
            return Ok(None);
        }
        if yes(output, &format!("Is {} the new name of {}? [y/n]", first.after(), first.before()))? {
            models = first.hint(&models);
        } else {
            refused.insert(first.clone());
        }
    };
    for text in &args.backfill {
        let (column, expression) = text.split_once('=').unwrap_or((text, ""));
        if expression.trim().is_empty() {
            return Err(Error::new(ErrorKind::Migration, format!("`{text}` says no value"))
                .help("a backfill is written `users.age=0`: table, column, and an expression in SQL"));
        }
        set_backfill(&mut operations, column.trim(), expression.trim())?;
    }
    let unfilled = unfilled_columns(&operations);
    if unfilled.is_empty() {
        return Ok(Some(operations));
    }
    if !output.can_ask() {
        output.problem(&backfills_needed(&unfilled));
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

fn yes(output: Output, question: &str) -> Result<bool> {
    loop {
        match output.ask(question).ok_or_else(no_answer)?.to_lowercase().as_str() {
            "y" | "yes" => return Ok(true),
            "n" | "no" => return Ok(false),
            _ => {}
        }
    }
}

fn no_answer() -> Error {
    Error::new(ErrorKind::Migration, "the question was not answered; nothing was written")
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
