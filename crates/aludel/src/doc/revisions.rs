//! The revisions that the examples of migrations run.

use crate::migrate::{Revision, RevisionId, ScriptDirectory, render_files, write_revision};
use crate::schema::{ColumnDef, Identity, Operation, Table};
use crate::{Metadata, SqlType};

/// Returns two revisions: `ae10` creates the shelves, `1975` says in which room they are.
#[must_use]
pub fn revisions() -> Vec<Revision> {
    let id = |it| RevisionId::new(it).expect("it is an id");
    let mut shelves = Table::new("shelves");
    let key = ColumnDef { identity: Some(Identity::default()), ..ColumnDef::new("id", SqlType::BigInt) };
    shelves.columns = vec![key, ColumnDef::new("label", SqlType::Varchar(50))];
    shelves.primary_key.columns = vec!["id".to_owned()];
    let room = ColumnDef { nullable: true, ..ColumnDef::new("room", SqlType::Text) };
    let add_room = Operation::AddColumn { table: "shelves".into(), column: room, backfill: None };
    vec![
        Revision {
            operations: vec![Operation::CreateTable(shelves)],
            ..Revision::new(id("ae10"), vec![], "create shelves")
        },
        Revision {
            operations: vec![add_room],
            ..Revision::new(id("1975"), vec![id("ae10")], "add the room of a shelf")
        },
    ]
}

/// Returns the files of revisions that follow each other, with their SQL for SQLite, as a folder has them.
///
/// # Panics
///
/// Panics if the revisions do not fit together.
#[must_use]
pub fn files_of(revisions: &[Revision]) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut state = Metadata::default();
    for (number, revision) in revisions.iter().enumerate() {
        let folder = format!("{number:03}_{}", revision.id);
        files.push((format!("{folder}/revision.toml"), write_revision(revision)));
        let rendered = render_files(revision, &state, &[&crate::SqliteDialect]).expect("it can be rendered");
        files.extend(rendered.into_iter().map(|(name, text)| (format!("{folder}/{name}"), text)));
        for operation in &revision.operations {
            operation.apply(&mut state).expect("the operation fits the state");
        }
    }
    let sum = read(&files).sum().expect("each revision is TOML");
    files.push(("aludel.sum".to_owned(), sum));
    files
}

/// Returns revisions that follow each other, as they are read from a folder.
#[must_use]
pub fn scripts_of(revisions: &[Revision]) -> ScriptDirectory {
    read(&files_of(revisions))
}

/// Returns the folder of [`revisions`].
#[must_use]
pub fn scripts() -> ScriptDirectory {
    scripts_of(&revisions())
}

fn read(files: &[(String, String)]) -> ScriptDirectory {
    let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    ScriptDirectory::from_files(files).expect("the files are those of a folder")
}
