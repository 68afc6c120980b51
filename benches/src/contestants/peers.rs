//! The peers: a program of its own (`benches/peers`), because SQLite can be linked only once into a program and theirs
//! is another version; a process for each.

use std::path::{Path, PathBuf};
use std::process::Command;

use bench_harness::{Database, Result};

use crate::entrant::Entrant;
use crate::referee::Referee;

/// Each peer: its column, its name on the program's command line, its databases.
const PEERS: &[(&str, &str, &[Database])] = &[
    ("Diesel", "diesel", &[Database::Sqlite]),
    ("sqlx", "sqlx", &[Database::Sqlite, Database::Postgres]),
    ("SeaORM", "sea-orm", &[Database::Sqlite, Database::Postgres]),
];

/// Builds the program, if it is not up to date, and returns its path.
pub fn build() -> Result<PathBuf> {
    let benches = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = benches.join("target").join("peers");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--release", "--locked", "--manifest-path"]);
    command.arg(benches.join("peers").join("Cargo.toml")).arg("--target-dir").arg(&target);
    if !command.status()?.success() {
        return Err("the peers did not build".into());
    }
    Ok(target.join("release").join(format!("bench-peers{}", std::env::consts::EXE_SUFFIX)))
}

/// Starts a process for every peer of this database.
pub fn start(program: &Path, database: Database, referee: &mut dyn Referee) -> Result<Vec<Entrant>> {
    let here = PEERS.iter().filter(|(_, _, databases)| databases.contains(&database));
    here.map(|&(column, name, _)| {
        let address = referee.address(column)?;
        Entrant::process(column, Command::new(program).args([name, database.key(), &address]))
    })
    .collect()
}
