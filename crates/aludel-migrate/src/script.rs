//! The SQL of a revision as a file: steps, marked in comments, each with what it runs.
//!
//! ```sql
//! -- aludel:step create table users
//! CREATE TABLE users (…);
//!
//! -- aludel:step create index ix_users_email on users
//! -- aludel:tx=none
//! CREATE INDEX CONCURRENTLY ix_users_email ON users (email);
//! ```

use aludel_sql::schema::{
    SqlToken, Step, StepKind, TableName, has_several_statements, split_statements, sql_tokens,
};
use aludel_sql::{Error, ErrorKind, Result, write_identifier};

const MARK: &str = "-- aludel:";

/// Writes steps as a file. `about` are its first lines.
///
/// ```
/// use aludel::schema::Step;
/// use aludel_migrate::write_script;
///
/// let steps = [Step::new("drop table users", "DROP TABLE users")];
/// let text = write_script(&["Revision 1975: no users".to_owned()], &steps)?;
/// assert_eq!(text, "-- Revision 1975: no users\n\n-- aludel:step drop table users\nDROP TABLE users;\n");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Migration` where a statement has a line that would be read as a mark.
pub fn write_script(about: &[String], steps: &[Step]) -> Result<String> {
    let mut out: String = about.iter().map(|line| format!("-- {}\n", one_line(line))).collect();
    for step in steps {
        out.push_str(&format!("\n{MARK}step {}\n", one_line(&step.title)));
        if !step.in_transaction {
            out.push_str(&format!("{MARK}tx=none\n"));
        }
        match &step.kind {
            StepKind::Rebuild(table) => out.push_str(&format!("{MARK}rebuild {}\n", quoted(table)?)),
            StepKind::Check => out.push_str(&format!("{MARK}check\n")),
            StepKind::Backfill { pause } => out.push_str(&format!("{MARK}backfill pause={pause}\n")),
            StepKind::Hook(name) => out.push_str(&format!("{MARK}hook {}\n", one_line(name))),
            _ => {}
        }
        for statement in &step.statements {
            if statement.lines().any(|line| line.trim_start().starts_with(MARK)) {
                return Err(wrong(format!(
                    "a statement of `{}` has a line that begins with `{MARK}`",
                    step.title
                )));
            }
            out.push_str(statement.trim());
            out.push_str(";\n");
        }
    }
    Ok(out)
}

/// Reads what [`write_script`] writes.
///
/// ```
/// use aludel_migrate::read_script;
///
/// let steps = read_script("-- aludel:step build the index\n-- aludel:tx=none\nCREATE INDEX CONCURRENTLY i ON a (b);\n")?;
/// assert_eq!(steps[0].statements, ["CREATE INDEX CONCURRENTLY i ON a (b)"]);
/// assert!(!steps[0].in_transaction);
///
/// assert_eq!(read_script("DROP TABLE users;").unwrap_err().what(), "line 1: SQL before the first step");
/// # Ok::<(), aludel::Error>(())
/// ```
///
/// # Errors
///
/// Kind `Migration`, with the line, for SQL outside of steps and marks that are not known; with the step, for one of several statements.
pub fn read_script(text: &str) -> Result<Vec<Step>> {
    let mut steps: Vec<Step> = Vec::new();
    let mut bodies: Vec<String> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let wrong = |what: &str| wrong(format!("line {}: {what}", at + 1));
        let Some(mark) = line.trim_start().strip_prefix(MARK) else {
            match bodies.last_mut() {
                Some(body) => {
                    body.push_str(line);
                    body.push('\n');
                }
                None if line.trim().is_empty() || line.trim_start().starts_with("--") => {}
                None => {
                    return Err(wrong("SQL before the first step")
                        .help(format!("put `{MARK}step <what it does>` on the line before it")));
                }
            }
            continue;
        };
        let mark = mark.trim_end();
        if let Some(title) = mark.strip_prefix("step ") {
            steps.push(Step { statements: Vec::new(), ..Step::new(title, "") });
            bodies.push(String::new());
            continue;
        }
        let Some(step) = steps.last_mut().filter(|_| bodies.last().is_some_and(String::is_empty)) else {
            return Err(wrong("this mark belongs right below the mark of a step"));
        };
        match mark.split_once(' ').map_or((mark, ""), |(word, rest)| (word, rest)) {
            ("tx=none", "") => step.in_transaction = false,
            ("rebuild", table) => step.kind = StepKind::Rebuild(unquoted(table)),
            ("check", "") => step.kind = StepKind::Check,
            ("backfill", pause) => {
                let pause = pause.strip_prefix("pause=").and_then(|it| it.parse().ok());
                let pause = pause.ok_or_else(|| wrong("a backfill says its pause: `pause=100`"))?;
                step.kind = StepKind::Backfill { pause };
            }
            ("hook", name) if !name.is_empty() => step.kind = StepKind::Hook(name.to_owned()),
            _ => return Err(wrong("this mark is not known; was the file written by a newer Aludel?")),
        }
    }
    for (step, body) in steps.iter_mut().zip(bodies) {
        step.statements = match step.kind {
            StepKind::Statement | StepKind::Check => vec![one_statement(step, &body)?],
            _ => split_statements(&body),
        };
        step.statements.retain(|it| !it.is_empty());
    }
    Ok(steps)
}

/// Returns the text that checksums are taken of: line endings, white space and ordinary comments are no part of it.
///
/// ```
/// use aludel_migrate::canonical_sql;
///
/// assert_eq!(canonical_sql("DROP TABLE users; -- at last\r\n"), "DROP TABLE users;");
/// // A mark is no comment: it says how a step is run.
/// assert_eq!(canonical_sql("-- aludel:tx=none\nVACUUM;"), "-- aludel:tx=none VACUUM;");
/// ```
#[must_use]
pub fn canonical_sql(text: &str) -> String {
    let mut out = String::new();
    let mut space = false;
    for token in sql_tokens(text) {
        match token {
            SqlToken::Space(_) => space = true,
            SqlToken::Comment(comment) if !comment.starts_with(MARK) => space = true,
            token => {
                if space && !out.is_empty() {
                    out.push(' ');
                }
                space = false;
                out.push_str(token.text().trim_end());
            }
        }
    }
    out
}

/// One statement, without the semicolon at its end.
fn one_statement(step: &Step, body: &str) -> Result<String> {
    if has_several_statements(body) {
        return Err(wrong(format!("the step `{}` has several statements", step.title)).help(format!(
            "give each a step of its own, `{MARK}step <what it does>`, so that it is known after a crash which of them are done"
        )));
    }
    let body = body.trim();
    Ok(body.strip_suffix(';').unwrap_or(body).trim_end().to_owned())
}

fn quoted(table: &TableName) -> Result<String> {
    let mut out = String::new();
    for part in table.schema.iter().chain([&table.name]) {
        if !out.is_empty() {
            out.push('.');
        }
        write_identifier(&mut out, part, '"')?;
    }
    Ok(one_line(&out))
}

fn unquoted(text: &str) -> TableName {
    let mut parts = sql_tokens(text).filter_map(|token| match token {
        SqlToken::Word(word) => Some(word.to_owned()),
        SqlToken::QuotedName(name) => Some(name[1..name.len() - 1].replace("\"\"", "\"")),
        _ => None,
    });
    let first = parts.next().unwrap_or_default();
    match parts.next() {
        Some(name) => TableName { schema: Some(first), name },
        None => TableName { schema: None, name: first },
    }
}

fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

fn wrong(what: String) -> Error {
    Error::new(ErrorKind::Migration, what)
}
