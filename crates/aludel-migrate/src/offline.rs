//! The script that does what an upgrade or a downgrade does, for whoever runs SQL by other means.

use std::time::SystemTime;

use aludel_sql::compiler::standard::text_literal;
use aludel_sql::schema::{Step, StepKind};
use aludel_sql::{Dialect, Error, ErrorKind, Result};

use crate::history::{self, HISTORY_TABLE};
use crate::revision::Revision;
use crate::script_directory::{Direction, ScriptDirectory, now};

/// Writes the script of revisions, in order, with the rows of the history. `with_table`: the history's table is created first.
///
/// ```
/// use aludel::SqliteDialect;
/// use aludel_migrate::{Direction, offline_script};
///
/// # let scripts = aludel::doc::scripts();
/// let path = scripts.map().upgrade_path(&[], &scripts.map().heads());
/// let script = offline_script(&scripts, &SqliteDialect, &path, Direction::Up, true)?;
/// // The history is written by the script as well, so that a migrator goes on from there.
/// assert!(script.contains("CREATE TABLE IF NOT EXISTS aludel_revisions"));
/// assert!(script.contains("-- Upgrade 1975: add the room of a shelf\nBEGIN;\nALTER TABLE shelves ADD COLUMN room TEXT"));
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Migration` where a revision has no SQL for the dialect, or cannot be undone.
pub fn offline_script(
    scripts: &ScriptDirectory,
    dialect: &dyn Dialect,
    path: &[&Revision],
    direction: Direction,
    with_table: bool,
) -> Result<String> {
    let mut out = begin(dialect, with_table)?;
    for revision in path {
        let steps = scripts.steps(revision, dialect, direction)?;
        out.push_str(&format!(
            "\n-- {} {}: {}\n",
            direction.title(),
            revision.id,
            revision.message.replace('\n', " ")
        ));
        let rebuilds = steps.iter().any(|it| matches!(it.kind, StepKind::Rebuild(_)));
        let around = dialect.rebuild().filter(|_| rebuilds);
        let transactional = dialect.features().transactional_ddl;
        let mut lines: Vec<String> =
            around.iter().flat_map(|it| it.before).map(|it| (*it).to_owned()).collect();
        let mut is_open = false;
        for step in &steps {
            let wanted = transactional && step.in_transaction;
            if wanted != is_open {
                lines.push(if wanted { "BEGIN" } else { "COMMIT" }.to_owned());
                is_open = wanted;
            }
            if let (StepKind::Rebuild(table), Some(around)) = (&step.kind, around) {
                let why = "-- Fails where a trigger or an index is in the way that no revision knows; take it out to go on regardless.\n";
                let refusal = (around.refusal)(table, &scripts.known_objects(revision)?)?;
                lines.extend(
                    refusal
                        .into_iter()
                        .enumerate()
                        .map(|(at, sql)| if at == 0 { format!("{why}{sql}") } else { sql }),
                );
            }
            lines.extend(statements(revision, step)?);
        }
        if transactional && !is_open {
            lines.push("BEGIN".to_owned());
        }
        lines.push(history_row(scripts, dialect, revision, direction, steps.len())?);
        if transactional {
            lines.push("COMMIT".to_owned());
        }
        lines.extend(around.iter().flat_map(|it| it.after).map(|it| (*it).to_owned()));
        for line in lines {
            match dialect.script_delimiter(&line) {
                Some(end) => out.push_str(&format!("DELIMITER {end}\n{line}{end}\nDELIMITER ;\n")),
                None => out.push_str(&format!("{line};\n")),
            }
        }
    }
    Ok(out)
}

/// Writes the script that says of revisions that the database has them, as [`Migrator::stamp`](crate::Migrator::stamp) does. `purge`: the history is
/// emptied first. `with_table`: its table is created first.
///
/// ```
/// use aludel::SqliteDialect;
/// use aludel_migrate::offline_stamp;
///
/// # let scripts = aludel::doc::scripts();
/// let path = scripts.map().upgrade_path(&[], &scripts.map().heads());
/// let script = offline_stamp(&scripts, &SqliteDialect, &path, true, false)?;
/// assert!(script.contains("DELETE FROM aludel_revisions;\nINSERT INTO aludel_revisions "));
/// assert!(!script.contains("ALTER TABLE")); // nothing is done but the rows of the history
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Migration` where a revision cannot be read.
pub fn offline_stamp(
    scripts: &ScriptDirectory,
    dialect: &dyn Dialect,
    revisions: &[&Revision],
    purge: bool,
    with_table: bool,
) -> Result<String> {
    let mut out = begin(dialect, with_table)?;
    if purge {
        out.push_str(&format!("DELETE FROM {HISTORY_TABLE};\n"));
    }
    for revision in revisions {
        out.push_str(&history_row(scripts, dialect, revision, Direction::Up, 0)?);
        out.push_str(";\n");
    }
    Ok(out)
}

/// Writes what a script begins with.
fn begin(dialect: &dyn Dialect, with_table: bool) -> Result<String> {
    let mut out = format!("-- For {}, by aludel {}.\n", dialect.name(), env!("CARGO_PKG_VERSION"));
    for setting in dialect.script_settings() {
        out.push_str(&format!("{setting};\n"));
    }
    if with_table {
        out.push('\n');
        for statement in dialect.create_table(&history::table(), &[])? {
            out.push_str(&statement.replacen("CREATE TABLE ", "CREATE TABLE IF NOT EXISTS ", 1));
            out.push_str(";\n");
        }
    }
    Ok(out)
}

/// Returns what a step is without anybody who looks at what happens.
fn statements(revision: &Revision, step: &Step) -> Result<Vec<String>> {
    Ok(match &step.kind {
        // The database itself refuses what a check would have found, only with fewer words.
        StepKind::Check => Vec::new(),
        StepKind::Backfill { .. } => {
            let change = step.statements.last().cloned().unwrap_or_default();
            let (before, rest) = change.split_once(" WHERE ").unwrap_or((&change, ""));
            let condition = rest.split_once(":upto AND ").map_or(rest, |(_, condition)| condition);
            vec![format!("{before} WHERE {condition}")]
        }
        StepKind::Hook(name) => {
            let what = format!(
                "revision {} ({}) runs the hook `{name}`, which is code of a program and no SQL",
                revision.id, revision.message
            );
            return Err(Error::new(ErrorKind::Unsupported, what)
                .help("write the script up to the revision before it and from it on, and run the program between them"));
        }
        _ => step.statements.clone(),
    })
}

fn history_row(
    scripts: &ScriptDirectory,
    dialect: &dyn Dialect,
    revision: &Revision,
    direction: Direction,
    steps: usize,
) -> Result<String> {
    let text = |text: &str| {
        let mut literal = String::new();
        text_literal(&mut literal, text);
        literal
    };
    if direction == Direction::Down {
        return Ok(format!("DELETE FROM {HISTORY_TABLE} WHERE id = {}", text(revision.id.as_str())));
    }
    let time = text(&now(SystemTime::now()));
    Ok(format!(
        "INSERT INTO {HISTORY_TABLE} (id, state, checksum, step, begun, steps, error, started_at, finished_at, tool, format)\n\
         VALUES ({}, 'applied', {}, {steps}, 0, {steps}, NULL, {time}, {time}, {}, {})",
        text(revision.id.as_str()),
        text(&scripts.checksum(&revision.id, dialect)?),
        text(env!("CARGO_PKG_VERSION")),
        history::FORMAT,
    ))
}
