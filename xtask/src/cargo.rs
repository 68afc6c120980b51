//! Calling cargo from a program that cargo started.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Doing, Result};

/// The root of the workspace.
pub fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let here = here.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    here.parent().unwrap_or(Path::new(".")).to_path_buf()
}

/// A folder for our own files inside the build folder that this program was built into: each build folder has its
/// own, so that two runs with different build folders never meet.
pub fn scratch_folder() -> Result<PathBuf> {
    let program = std::env::current_exe().doing(|| "find out where this program is".into())?;
    let build = program.parent().and_then(Path::parent).unwrap_or(Path::new("target"));
    let folder = build.join("xtask");
    std::fs::create_dir_all(&folder).doing(|| format!("create the folder {}", folder.display()))?;
    Ok(folder)
}

/// A call of cargo in the root of the workspace.
///
/// `cargo run` sets variables about this package (`CARGO_PKG_NAME`, …). They are taken away again, so that build
/// scripts see what they see when a person calls cargo, and nothing is built twice.
pub fn command() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    for (name, _) in std::env::vars_os() {
        let ours = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_")
                || name.starts_with("CARGO_MANIFEST_")
                || matches!(name, "CARGO_BIN_NAME" | "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE" | "OUT_DIR")
        });
        if ours {
            command.env_remove(name);
        }
    }
    command
}
