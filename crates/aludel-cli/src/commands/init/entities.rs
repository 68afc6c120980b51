//! The small program that prints the tables of the models.

use std::fs;
use std::path::{Path, PathBuf};

use aludel::Result;

use super::cargo_toml::CargoToml;

/// Writes the program: it names the library, or includes the modules with entities of a crate that is only a program.
pub fn program(cargo: &CargoToml) -> Result<String> {
    let models = match cargo.library() {
        Some(library) => {
            format!("// The library with the entities; the linker finds them all.\nuse {library} as _;\n")
        }
        None => modules(),
    };
    Ok(format!(
        "//! Prints the tables of the models, for `aludel revision --autogenerate`.\n\n\
         use aludel::prelude::*;\n{models}\n\
         fn main() {{\n    aludel::migrate::print_metadata(&Metadata::linked());\n}}\n"
    ))
}

/// Includes by path what cannot be named: a program is no library.
fn modules() -> String {
    let main = fs::read_to_string("src/main.rs").unwrap_or_default();
    let declared: Vec<&str> = main.lines().filter_map(declared_module).collect();
    let included: String = declared
        .iter()
        .filter_map(|name| Some((name, file_of(name)?)))
        .filter(|(_, path)| has_entities(path))
        .map(|(name, path)| {
            format!("#[allow(dead_code)]\n#[path = \"../{}\"]\nmod {name};\n", path.display())
        })
        .collect();
    let about = "// The modules with the entities: a program is no library that could be named.\n";
    if included.is_empty() {
        return format!("\n{about}#[allow(dead_code)]\n#[path = \"../src/main.rs\"]\nmod program;\n");
    }
    format!("\n{about}{included}")
}

/// Returns the name of `mod name;`.
fn declared_module(line: &str) -> Option<&str> {
    let line = line.trim();
    let line = line.strip_prefix("pub ").unwrap_or(line);
    line.strip_prefix("mod ")?.strip_suffix(';').map(str::trim)
}

fn file_of(module: &str) -> Option<PathBuf> {
    let candidates = [format!("src/{module}.rs"), format!("src/{module}/mod.rs")];
    candidates.into_iter().map(PathBuf::from).find(|it| it.exists())
}

/// Tells whether a file, or one of the modules below it, derives an entity.
fn has_entities(file: &Path) -> bool {
    let derives = |path: &Path| {
        fs::read_to_string(path).is_ok_and(|text| text.contains("derive") && text.contains("Entity"))
    };
    let folder = if file.ends_with("mod.rs") {
        file.parent().map(Path::to_owned)
    } else {
        Some(file.with_extension(""))
    };
    let below = folder.and_then(|it| fs::read_dir(it).ok()).into_iter().flatten().flatten();
    derives(file)
        || below
            .map(|it| it.path())
            .any(|path| path.extension().is_some_and(|it| it == "rs") && derives(&path))
}
