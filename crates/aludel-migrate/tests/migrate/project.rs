//! Folders of revisions that live in memory.

use aludel::Metadata;
use aludel::schema::Operation;
use aludel_migrate::{Revision, RevisionId, ScriptDirectory, diff, render_files, write_revision};
use aludel_suite::Db;

/// Revisions in a line, rendered for one database.
#[derive(Clone, Default)]
pub struct Project {
    files: Vec<(String, String)>,
    pub ids: Vec<RevisionId>,
    pub state: Metadata,
}

impl Project {
    /// Adds a revision that makes the models so.
    pub fn revision(&mut self, db: &Db, models: &Metadata) -> &mut Self {
        let operations = diff(&self.state, models).unwrap();
        self.operations(db, operations)
    }

    /// Adds a revision with these operations.
    pub fn operations(&mut self, db: &Db, operations: Vec<Operation>) -> &mut Self {
        let number = self.ids.len() + 1;
        let id = RevisionId::new(format!("r{number}")).unwrap();
        let parents = self.ids.last().cloned().into_iter().collect();
        let revision =
            Revision { operations, ..Revision::new(id.clone(), parents, format!("number {number}")) };
        let rendered = render_files(&revision, &self.state, &[db.engine.dialect()]).unwrap();
        let folder = format!("{number:03}");
        self.files.push((format!("{folder}/revision.toml"), write_revision(&revision)));
        self.files.extend(rendered.into_iter().map(|(name, text)| (format!("{folder}/{name}"), text)));
        for operation in &revision.operations {
            operation.apply(&mut self.state).unwrap();
        }
        self.ids.push(id);
        self
    }

    /// Changes a file as an editor would, without anybody noticing.
    pub fn edit(&mut self, name: &str, from: &str, to: &str) {
        let (_, text) = self.files.iter_mut().find(|(path, _)| path == name).unwrap();
        assert!(text.contains(from), "{text}");
        *text = text.replace(from, to);
    }

    pub fn scripts(&self) -> ScriptDirectory {
        let files = || self.files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let sum = ScriptDirectory::from_files(files()).unwrap().sum().unwrap();
        ScriptDirectory::from_files(files().chain([("aludel.sum", sum.as_str())])).unwrap()
    }
}
