//! Installing server packages by name, as root on Debian or Ubuntu.
//!
//! Installing such a package starts the distribution's own server unless it is told not to. Only the programs are
//! wanted here, so it is told.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::database::Database;
use crate::failure::{Doing, Failure, Result};
use crate::step_down::is_root;

/// Whether packages can be installed here.
pub fn possible() -> bool {
    is_debian() && is_root()
}

fn is_debian() -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let named = |line: &str| line.starts_with("ID") && (line.contains("debian") || line.contains("ubuntu"));
    release.lines().any(named) && Path::new("/usr/bin/apt-get").exists()
}

/// The line for somebody who does not have a database's programs.
pub fn how_to_get(database: Database, programs: &str) -> String {
    let package = database.package();
    let how = if is_debian() {
        format!("as root: apt-get install {package}")
    } else if cfg!(target_os = "macos") {
        format!("brew install {}", package.trim_end_matches("-server"))
    } else {
        format!("install the package {package}, {package}-server or of a like name")
    };
    format!("{programs} not found; {how}")
}

/// Installs the packages of these databases.
pub fn packages(databases: &[Database]) -> Result {
    let names: Vec<_> = databases.iter().map(|it| it.package()).collect();
    println!("installing {}", names.join(" "));
    let _policy = Policy::deny_starting()?;
    apt_get(&["update"])?;
    apt_get(&[&["install", "--yes", "--no-install-recommends"], &names[..]].concat())
}

fn apt_get(args: &[&str]) -> Result {
    let mut command = Command::new("/usr/bin/apt-get");
    command.arg("--quiet").args(args).env("DEBIAN_FRONTEND", "noninteractive");
    let status = command.status().doing(|| format!("start {command:?}"))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("`apt-get {}` failed ({status})", args.join(" "))).help("its message is above"))
}

/// Packages ask this program before they start a service; 101 means no.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// As long as this lives, packages that are installed start nothing.
struct Policy {
    ours: bool,
}

impl Policy {
    fn deny_starting() -> Result<Policy> {
        if Path::new(POLICY).exists() {
            let mut asked = Database::ALL.iter().filter(|it| !it.package().is_empty()).map(|it| {
                let service = it.package().trim_end_matches("-server");
                Command::new(POLICY).args([service, "start"]).status().ok()?.code()
            });
            if asked.all(|answer| answer == Some(101)) {
                return Ok(Policy { ours: false });
            }
            return Err(Failure::new(format!(
                "server packages are not installed: {POLICY} of this machine would let them start their servers"
            ))
            .help("install them yourself"));
        }
        // Should this process be ended before it can remove the file, then the file says yes from that moment.
        let script = format!("#!/bin/sh\nkill -0 {} 2>/dev/null && exit 101\nexit 0\n", std::process::id());
        let policy = Policy { ours: true };
        let write = fs::write(POLICY, script);
        let permit = || fs::set_permissions(POLICY, fs::Permissions::from_mode(0o755));
        write.and_then(|()| permit()).doing(|| format!("write {POLICY}"))?;
        Ok(policy)
    }
}

impl Drop for Policy {
    fn drop(&mut self) {
        if self.ours {
            _ = fs::remove_file(POLICY);
        }
    }
}
