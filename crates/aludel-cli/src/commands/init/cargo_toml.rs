//! What `Cargo.toml` says about the crate, and the one feature that is added to it.

use std::fs;
use std::path::{Path, PathBuf};

use aludel::Result;
use toml_edit::{Array, DocumentMut, InlineTable, Item, TableLike, Value};

use super::wrong;
use crate::project::cannot_write;

/// The file, with its comments and its order.
pub struct CargoToml {
    path: PathBuf,
    document: DocumentMut,
}

impl CargoToml {
    /// Reads the file of a crate.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(|cause| {
            wrong("there is no Cargo.toml here")
                .with_source(cause)
                .help("run `aludel init` in the folder of the crate that has the models")
        })?;
        let document: DocumentMut = text
            .parse()
            .map_err(|cause: toml_edit::TomlError| wrong("Cargo.toml is not TOML").with_source(cause))?;
        if document.get("package").is_none() {
            return Err(wrong("this Cargo.toml is that of a workspace, not of a crate")
                .help("run `aludel init` in the folder of the crate that has the models"));
        }
        Ok(Self { path: path.to_owned(), document })
    }

    /// Returns the name by which code of an example speaks of the library of the crate, if it has one.
    pub fn library(&self) -> Option<String> {
        let lib = self.document.get("lib");
        let said = lib.and_then(|it| it.get("name")).and_then(Item::as_str);
        if lib.is_none() && !Path::new("src/lib.rs").exists() {
            return None;
        }
        let package = self.document["package"].get("name").and_then(Item::as_str).unwrap_or_default();
        Some(said.unwrap_or(package).replace('-', "_"))
    }

    /// Returns the databases that the crate is built for, by the features of its dependency.
    pub fn dialects(&self) -> Vec<&'static str> {
        let aludel = self.document.get("dependencies").and_then(|it| it.get("aludel"));
        let features: Vec<&str> = aludel
            .and_then(|it| it.get("features"))
            .and_then(Item::as_array)
            .map(|it| it.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let defaults =
            aludel.and_then(|it| it.get("default-features")).and_then(Item::as_bool).unwrap_or(true);
        let mut dialects = Vec::new();
        for (feature, dialect) in [("sqlite", "sqlite"), ("postgres", "postgres"), ("mysql", "mariadb")] {
            if features.contains(&feature)
                || (feature == "sqlite"
                    && defaults
                    && features.iter().all(|it| {
                        // Who names another database has usually left the default on by oversight.
                        !["postgres", "mysql"].contains(it)
                    }))
            {
                dialects.push(dialect);
            }
        }
        if dialects.is_empty() { vec!["sqlite"] } else { dialects }
    }

    /// Adds a feature to the dependency on aludel; tells whether it was not there.
    pub fn add_feature(&mut self, feature: &str) -> Result<bool> {
        let Some(aludel) = self.document.get_mut("dependencies").and_then(|it| it.get_mut("aludel")) else {
            return Err(wrong("the crate does not depend on aludel").help(format!(
                "add it: `cargo add aludel --features {feature}`; then run `aludel init` again"
            )));
        };
        if let Some(version) = aludel.as_str().map(str::to_owned) {
            let mut table = InlineTable::new();
            table.insert("version", version.into());
            *aludel = Item::Value(Value::InlineTable(table));
        }
        let Some(table) = aludel.as_table_like_mut() else {
            return Err(wrong("the dependency on aludel is neither a version nor a table"));
        };
        if !add_to_list(table, feature) {
            return Ok(false);
        }
        fs::write(&self.path, self.document.to_string()).map_err(|cause| cannot_write(&self.path, cause))?;
        Ok(true)
    }
}

fn add_to_list(table: &mut dyn TableLike, feature: &str) -> bool {
    match table.get_mut("features").and_then(Item::as_array_mut) {
        Some(features) if features.iter().any(|it| it.as_str() == Some(feature)) => false,
        Some(features) => {
            features.push(feature);
            true
        }
        None => {
            let mut features = Array::new();
            features.push(feature);
            table.insert("features", Item::Value(Value::Array(features)));
            true
        }
    }
}
