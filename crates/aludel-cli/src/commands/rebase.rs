//! `aludel rebase`.

use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use aludel::migrate::{Revision, RevisionId, RevisionMap, ScriptDirectory, folder_name, render_files};
use aludel::{Error, ErrorKind, Metadata, Result};
use serde_json::json;
use toml_edit::{Array, DocumentMut, value};

use crate::Exit;
use crate::args::Rebase;
use crate::project::{Project, cannot_write};

pub async fn run(project: &Project, args: &Rebase) -> Result<Exit> {
    let scripts = project.scripts()?;
    let map = scripts.map();
    let named = |text: &str| {
        map.resolve_one(text, &[])?
            .ok_or_else(|| Error::new(ErrorKind::Migration, format!("`{text}` is no revision")))
    };
    let id = named(&args.revision)?;
    let onto = match &args.onto {
        Some(text) => named(text)?,
        None => other_head(map, &id)?,
    };
    let moved = map.rebase(&id, &onto)?;
    if moved.is_empty() {
        project.output.progress(&format!("Nothing to do: {id} follows {onto} already."));
        return Ok(Exit::Done);
    }
    if !args.no_database {
        refuse_applied(project, &scripts, &moved).await?;
    }
    let plan = plan(project, &scripts, &moved)?;
    let mut folders = Vec::new();
    for (revision, change) in moved.iter().zip(plan) {
        let folder = change.write(project, revision)?;
        if !project.output.json {
            project.output.line(&folder.display().to_string());
        }
        folders.push(json!({ "id": revision.id.as_str(), "folder": folder.display().to_string() }));
    }
    project.write_sum()?;
    if project.output.json {
        project.output.value(&json!(folders));
    }
    Ok(Exit::Done)
}

/// The head that somebody else wrote: the only one that is not built on the revision.
fn other_head(map: &RevisionMap, id: &RevisionId) -> Result<RevisionId> {
    let own = map.with_descendants(std::slice::from_ref(id));
    let mut others: Vec<RevisionId> = map.heads().into_iter().filter(|it| !own.contains(it)).collect();
    match others.len() {
        1 => Ok(others.remove(0)),
        0 => Err(Error::new(ErrorKind::Migration, format!("there is no other head that {id} could follow"))
            .help("say what it should follow: `--onto REVISION`")),
        _ => {
            let list: Vec<&str> = others.iter().map(RevisionId::as_str).collect();
            Err(Error::new(
                ErrorKind::Migration,
                format!("there are several other heads: {}", list.join(", ")),
            )
            .help("say which one it should follow: `--onto REVISION`"))
        }
    }
}

/// A revision that runs somewhere has its place.
async fn refuse_applied(project: &Project, scripts: &ScriptDirectory, moved: &[Revision]) -> Result<()> {
    let applied = project.applied(scripts).await.inspect_err(|_| {
        let why = "The database tells whether it has the revision already; `--no-database` does not ask it.";
        project.output.progress(why);
    })?;
    let Some(there) = moved.iter().find(|it| applied.contains(&it.id)) else { return Ok(()) };
    Err(Error::new(ErrorKind::Migration, format!("the database has revision {} already", there.id)).help(format!(
        "what runs somewhere is joined, not moved: `aludel merge heads`; or undo it here first, if it runs nowhere else: `aludel downgrade \
         {}-1`",
        there.id
    )))
}

/// What is written for one revision. All of it is made before anything is.
struct Change {
    from: PathBuf,
    toml: String,
    before: Metadata,
}

fn plan(project: &Project, scripts: &ScriptDirectory, moved: &[Revision]) -> Result<Vec<Change>> {
    let dialects = project.dialects()?;
    let dialects: Vec<_> = dialects.iter().map(|it| &**it).collect();
    let map = scripts.map().with(moved)?;
    let mut changes = Vec::new();
    for revision in moved {
        let Some(script) = scripts.script(&revision.id) else { continue };
        let above: Vec<RevisionId> = revision.parents.iter().chain(&revision.depends_on).cloned().collect();
        let before = map.state(&above)?;
        render_files(revision, &before, &dialects)?;
        changes.push(Change {
            from: project.config.script_location.join(&script.folder),
            toml: with_parents(&script.toml, revision)?,
            before,
        });
    }
    Ok(changes)
}

impl Change {
    /// Moves the folder to its new place in time, and writes what is in it.
    fn write(self, project: &Project, revision: &Revision) -> Result<PathBuf> {
        let folder = project.config.script_location.join(folder_name(revision, SystemTime::now()));
        if folder != self.from {
            fs::rename(&self.from, &folder).map_err(|cause| cannot_write(&folder, cause))?;
        }
        let toml = folder.join("revision.toml");
        fs::write(&toml, self.toml).map_err(|cause| cannot_write(&toml, cause))?;
        project.write_files(&folder, revision, &self.before)?;
        Ok(folder)
    }
}

/// Writes the parents into the text, which stays as somebody wrote it.
fn with_parents(toml: &str, revision: &Revision) -> Result<String> {
    let mut document: DocumentMut = toml.parse().map_err(|cause: toml_edit::TomlError| {
        Error::new(ErrorKind::Migration, format!("the revision.toml of {} is not TOML", revision.id))
            .with_source(cause)
    })?;
    let parents: Array = revision.parents.iter().map(RevisionId::as_str).collect();
    document["parents"] = value(parents);
    Ok(document.to_string())
}
