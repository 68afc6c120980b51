//! `--from-database`: what the live database has counts, and not only what the revisions add up to.

use aludel::migrate::{Comparison, Migrator, Revision as Written, ScriptDirectory};
use aludel::schema::{Operation, TableName};
use aludel::{Error, ErrorKind, Metadata, Result};

use super::answers::{Answers, operations};
use crate::output::err;
use crate::project::Project;

/// Returns what the database has beyond the revisions, as operations, and the answers that they have no use for; none if an answer is missing, which
/// was said.
///
/// Other databases do not have it: it must become a revision before anything is built on it.
pub async fn found<'a>(
    project: &Project,
    scripts: &ScriptDirectory,
    answers: Answers<'a>,
    models: &Metadata,
) -> Result<Option<(Vec<Operation>, Answers<'a>)>> {
    let map = scripts.map();
    let applied = project.applied(scripts).await?;
    if let Some(pending) = map.revisions().iter().find(|it| !applied.contains(&it.id)) {
        let what = format!("the database is not up to date: revision {} is not in it", pending.id);
        return Err(Error::new(ErrorKind::Migration, what).help(
            "`aludel upgrade heads` first; or leave `--from-database` out, and compare with the revisions",
        ));
    }
    let before = map.state(&applied)?;
    let in_models =
        |what: &str| models.tables().iter().any(|it| what == format!("table {}", TableName::of(it)));
    let engine = project.engine()?;
    let comparison = Comparison::read_where(&engine, &before, in_models).await?;
    project.output.not_compared();
    if comparison.drift()?.is_empty() {
        return Ok(Some((Vec::new(), answers)));
    }
    let live = hinted(comparison.live(), models);
    let (mine, rest) = answers.split(&before, &live)?;
    Ok(operations(project.output, &mine, &before, &live)?.map(|it| (it, rest)))
}

/// Returns what a database has with what the models say of former names.
fn hinted(live: &Metadata, models: &Metadata) -> Metadata {
    let mut live = live.clone();
    for table in live.tables_mut() {
        let Some(model) = models.table(table.schema.as_deref(), &table.name) else { continue };
        table.renamed_from.clone_from(&model.renamed_from);
        for column in &mut table.columns {
            column.renamed_from = model.column(&column.name).and_then(|it| it.renamed_from.clone());
        }
    }
    live
}

/// Writes a revision of what the database has already, and says in its history that it does.
pub async fn adopt(
    project: &Project,
    scripts: &ScriptDirectory,
    revision: &Written,
) -> Result<ScriptDirectory> {
    for operation in &revision.operations {
        let title = err().operation(&operation.to_string());
        project.output.progress(&format!("In the database already: {title}"));
    }
    project.add(scripts, revision)?;
    let scripts = project.scripts()?;
    let engine = project.engine()?;
    Migrator::new(&engine, &scripts).stamp(&[revision.id.as_str()], false).await?;
    project.output.progress(&format!(
        "Stamped {}: this database has it, and `aludel upgrade` brings it to others.",
        revision.id
    ));
    Ok(scripts)
}
