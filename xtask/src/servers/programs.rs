//! Finds server programs: on the search path, and where packages put them without adding them to it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folders of the search path.
pub fn search_path() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|it| std::env::split_paths(&it).collect()).unwrap_or_default()
}

/// The folders `{before}{version}{after}` that exist, the newest version first:
/// `versioned("/usr/lib/postgresql", "", "bin")`.
pub fn versioned(parent: &str, before: &str, after: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(version) = name.strip_prefix(before).and_then(|it| it.parse::<f64>().ok()) {
            found.push((version, entry.path().join(after)));
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found.into_iter().map(|(_, path)| path).collect()
}

/// The file of this name in the first folder that has it.
pub fn find(name: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    folders.iter().map(|it| it.join(name)).find(|it| it.is_file())
}

/// What a program answers to `--version`.
pub fn version(program: &Path) -> String {
    let output = Command::new(program).arg("--version").output();
    output.map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned()).unwrap_or_default()
}
