//! What `Cargo.toml` says about the crate, and what is added to it: a feature, and a program whose file cargo does not find itself.

use std::fs;
use std::path::{Path, PathBuf};

use aludel::Result;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value, value};

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
            wrong("there is no Cargo.toml here").with_source(cause).help(
                "run `aludel init` in the folder of the crate that has the models; `cargo init` makes one",
            )
        })?;
        let document: DocumentMut = text
            .parse()
            .map_err(|cause: toml_edit::TomlError| wrong("Cargo.toml is not TOML").with_source(cause))?;
        if document.get("package").is_none() {
            return Err(wrong("this Cargo.toml is that of a workspace, not of a crate")
                .help("run `aludel init` in the folder of the crate that has the models"));
        }
        // Looked for before anything is written.
        if document.get("dependencies").and_then(|it| it.get("aludel")).is_none() {
            return Err(wrong("the crate does not depend on aludel")
                .help("add it: `cargo add aludel --features migrate`; then run `aludel init` again"));
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

    /// Returns the main file of the program that the crate is, if it is one.
    pub fn program(&self) -> Option<PathBuf> {
        let bins = self.document.get("bin").and_then(Item::as_array_of_tables);
        let named = bins.into_iter().flatten().filter_map(|it| it.get("path")?.as_str().map(PathBuf::from));
        // What lies in src/bin is a program of its own to cargo, wherever else it is named.
        let mut roots = named.filter(|it| !it.starts_with("src/bin")).chain([PathBuf::from("src/main.rs")]);
        roots.find(|it| it.exists())
    }

    /// Returns the databases that the crate is built for, by the features of its dependency.
    pub fn dialects(&self) -> Vec<&'static str> {
        let own = self.document.get("dependencies").and_then(|it| it.get("aludel"));
        let is_inherited = own.and_then(|it| it.get("workspace")).and_then(Item::as_bool).unwrap_or_default();
        let workspace = if is_inherited { workspace_dependency() } else { None };
        let said: Vec<&Item> = [own, workspace.as_ref()].into_iter().flatten().collect();
        let features: Vec<&str> = said
            .iter()
            .filter_map(|it| it.get("features")?.as_array())
            .flat_map(|it| it.iter().filter_map(Value::as_str))
            .collect();
        let defaults = said.iter().filter_map(|it| it.get("default-features")?.as_bool()).all(|it| it);
        let known = [("sqlite", "sqlite"), ("postgres", "postgres"), ("mysql", "mariadb")];
        // Who names another database has usually left the default on by oversight.
        let others = known[1..].iter().any(|(feature, _)| features.contains(feature));
        let has = |feature: &str| features.contains(&feature) || feature == "sqlite" && defaults && !others;
        let dialects: Vec<_> =
            known.iter().filter(|(feature, _)| has(feature)).map(|(_, dialect)| *dialect).collect();
        if dialects.is_empty() { vec!["sqlite"] } else { dialects }
    }

    /// Names an example whose file cargo would not find itself; tells whether it was not there.
    pub fn add_example(&mut self, name: &str, path: &Path) -> Result<bool> {
        let finds = self.document["package"].get("autoexamples").and_then(Item::as_bool).unwrap_or(true);
        let examples = self.document.get("example").and_then(Item::as_array_of_tables);
        let is_there = examples
            .is_some_and(|list| list.iter().any(|it| it.get("name").and_then(Item::as_str) == Some(name)));
        if is_there || finds && path.starts_with("examples") {
            return Ok(false);
        }
        let mut example = Table::new();
        example.insert("name", value(name));
        example.insert("path", value(path.display().to_string()));
        let list = self.document.entry("example").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
        let Some(list) = list.as_array_of_tables_mut() else {
            return Err(wrong("`example` of Cargo.toml is no list of tables"));
        };
        list.push(example);
        self.write()?;
        Ok(true)
    }

    fn write(&self) -> Result<()> {
        let text = self.document.to_string();
        fs::write(&self.path, format!("{}\n", text.trim_end()))
            .map_err(|cause| cannot_write(&self.path, cause))
    }

    /// Adds a feature to the dependency on aludel; tells whether it was not there.
    pub fn add_feature(&mut self, feature: &str) -> Result<bool> {
        let Some(aludel) = self.document.get_mut("dependencies").and_then(|it| it.get_mut("aludel")) else {
            return Err(wrong("the crate does not depend on aludel"));
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
        self.write()?;
        Ok(true)
    }
}

/// Returns what the workspace that this crate is a member of says of its dependency on aludel.
fn workspace_dependency() -> Option<Item> {
    let here = std::env::current_dir().ok()?;
    here.ancestors().skip(1).find_map(|folder| {
        let text = fs::read_to_string(folder.join("Cargo.toml")).ok()?;
        let document: DocumentMut = text.parse().ok()?;
        document.get("workspace")?.get("dependencies")?.get("aludel").cloned()
    })
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
