//! Finds the compile-fail programs: files below a package's `tests` folder with a `.stderr` beside them.

use std::path::Path;

use crate::failure::{Doing, Result};

/// A program that must not compile.
#[derive(Debug, PartialEq)]
pub struct Case {
    pub package: String,
    /// Relative to the package: `tests/ui/wrong_type.rs`.
    pub path: String,
    /// Whether the expected message lies beside it.
    pub has_stderr: bool,
}

/// Finds every case of the workspace.
pub fn find(root: &Path) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for manifest in files(root, "Cargo.toml")? {
        let text = std::fs::read_to_string(&manifest).doing(|| format!("read {}", manifest.display()))?;
        let (Some(package), Some(folder)) = (package_name(&text), manifest.parent()) else { continue };
        let tests = folder.join("tests");
        let sources = if tests.is_dir() { files(&tests, ".rs")? } else { Vec::new() };
        // A file directly in `tests` is a test program, not a case.
        for source in sources.into_iter().filter(|it| it.parent() != Some(&tests)) {
            let path = source.strip_prefix(folder).unwrap_or(&source).to_string_lossy().into_owned();
            let has_stderr = source.with_extension("stderr").exists();
            cases.push(Case { package: package.clone(), path, has_stderr });
        }
    }
    Ok(cases)
}

/// The files below `folder` whose name ends so, without hidden folders and build folders.
fn files(folder: &Path, ending: &str) -> Result<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).doing(|| format!("read the folder {}", folder.display()))? {
            let entry = entry.doing(|| format!("read the folder {}", folder.display()))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_folder = entry.file_type().is_ok_and(|it| it.is_dir());
            if is_folder && name != "target" && !name.starts_with('.') {
                folders.push(entry.path());
            } else if !is_folder && name.ends_with(ending) {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The name in the `[package]` section of a manifest.
fn package_name(manifest: &str) -> Option<String> {
    let lines = manifest.lines().map(str::trim).skip_while(|it| *it != "[package]").skip(1);
    lines.take_while(|it| !it.starts_with('[')).find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "name").then(|| value.trim().trim_matches('"').to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_package() {
        let manifest =
            "[workspace]\nname = \"no\"\n[package]\nversion = \"1\"\nname = \"aludel-sql\"\n[lib]\n";
        assert_eq!(package_name(manifest).as_deref(), Some("aludel-sql"));
        assert_eq!(package_name("[workspace]\nmembers = []\n"), None);
    }
}
