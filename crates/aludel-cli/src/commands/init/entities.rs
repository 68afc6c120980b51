//! The small program that prints the tables of the models.

use std::fs;
use std::path::{Path, PathBuf};

use aludel::Result;

use super::cargo_toml::CargoToml;
use super::wrong;

/// Where cargo finds a program by itself that is for development only.
pub const IN_EXAMPLES: &str = "examples/aludel_metadata.rs";

/// The program: where it is, and what is in it.
pub struct Program {
    pub path: PathBuf,
    pub text: String,
}

/// Writes the program. It names the library; entities of a crate that has none, or that are outside of it, are in a program, which it takes in whole.
pub fn program(cargo: &CargoToml) -> Result<Program> {
    let library = cargo.library();
    let root = cargo.program().filter(|it| library.is_none() || has_own_entities(it));
    let linked = library.as_ref().map_or_else(String::new, |name| {
        format!("// The library with the entities; the linker finds them all.\nuse {name} as _;\n\n")
    });
    let about = "//! Prints the tables of the models, for `aludel revision --autogenerate`.\n\n";
    match (root, library) {
        (Some(root), _) => Ok(Program {
            path: root.with_file_name("aludel_metadata.rs"),
            text: format!(
                "{about}#![allow(unused)]\n\n{linked}\
                 // All of the program but its `main`: it is no library that could be named.\n\
                 aludel::metadata_program!({:?});\n",
                root.display().to_string()
            ),
        }),
        (None, Some(_)) => Ok(Program {
            path: PathBuf::from(IN_EXAMPLES),
            text: format!(
                "{about}use aludel::prelude::*;\n{linked}\
                 fn main() {{\n    aludel::migrate::print_metadata(&Metadata::linked());\n}}\n"
            ),
        }),
        (None, None) => Err(wrong("this crate has neither src/lib.rs nor src/main.rs")
            .help("put the entities into a library that the programs use: src/lib.rs")),
    }
}

/// Tells whether a program beside a library has entities that the library does not have.
fn has_own_entities(root: &Path) -> bool {
    let of_library = fs::read_to_string("src/lib.rs").unwrap_or_default();
    let shared: Vec<&str> = of_library.lines().filter_map(declared_module).collect();
    let text = fs::read_to_string(root).unwrap_or_default();
    let mut modules = text.lines().filter_map(declared_module).filter(|it| !shared.contains(it));
    derives(&text) || modules.any(|name| root.parent().is_some_and(|it| module_has_entities(it, name)))
}

/// Returns the name of `mod name;`.
fn declared_module(line: &str) -> Option<&str> {
    let line = line.trim();
    let line = line.strip_prefix("pub ").unwrap_or(line);
    line.strip_prefix("mod ")?.strip_suffix(';').map(str::trim)
}

/// Tells whether a module, or one below it, derives an entity.
fn module_has_entities(folder: &Path, name: &str) -> bool {
    let files = [folder.join(format!("{name}.rs")), folder.join(name).join("mod.rs")];
    let Some(text) = files.iter().find_map(|it| fs::read_to_string(it).ok()) else { return false };
    let below = folder.join(name);
    derives(&text) || text.lines().filter_map(declared_module).any(|it| module_has_entities(&below, it))
}

fn derives(text: &str) -> bool {
    text.contains("derive") && text.contains("Entity")
}
