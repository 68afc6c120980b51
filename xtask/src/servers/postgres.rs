//! A private PostgreSQL server: `initdb`, then `postgres`.

use std::path::PathBuf;
use std::process::Command;

use super::folder::Folder;
use super::{Ready, keeper, programs};
use crate::database::Database;
use crate::failure::{Failure, Result};
use crate::install::how_to_get;

/// The programs of one PostgreSQL. Both come from one folder, so that their versions agree.
pub struct Programs {
    folder: PathBuf,
}

/// Tests check what SQL does, not what a power cut does.
const SETTINGS: [&str; 7] = [
    "listen_addresses=127.0.0.1",
    "max_prepared_transactions=20",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "max_connections=200",
    "shared_buffers=128MB",
];

impl keeper::Programs for Programs {
    const DATABASE: Database = Database::Postgres;
    const ACCOUNTS: &'static [&'static str] = &["postgres"];
    // SIGTERM would wait until every client has gone.
    const SIGNAL: &'static str = "INT";

    fn find() -> Result<Programs> {
        let mut folders = programs::search_path();
        folders.extend(programs::versioned("/usr/lib/postgresql", "", "bin"));
        folders.extend(programs::versioned("/usr", "pgsql-", "bin"));
        for brew in ["/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt"] {
            folders.extend(programs::versioned(brew, "postgresql@", "bin"));
            folders.push(PathBuf::from(brew).join("postgresql/bin"));
        }
        // On the search path there may be links; the folder they lead to has both programs.
        let initdb = folders.iter().filter_map(|it| it.join("initdb").canonicalize().ok());
        let both = initdb.filter(|it| it.is_file()).filter_map(|it| it.parent().map(PathBuf::from));
        match both.into_iter().find(|it| it.join("postgres").is_file()) {
            Some(folder) => Ok(Programs { folder }),
            None => Err(Failure::new(how_to_get(Database::Postgres, "initdb and postgres"))),
        }
    }

    fn prepare(&self, folder: &Folder, password: &str) -> Result {
        let file = folder.write("password", password)?;
        let initdb = |locale: &str| {
            let mut command = folder.command(self.folder.join("initdb"));
            command.arg("--pgdata").arg(folder.join("data")).arg("--pwfile").arg(&file);
            command.args(["--username", USER, "--auth", "scram-sha-256", "--encoding", "UTF8"]);
            command.args(["--locale", locale, "--no-sync"]);
            folder.run(&mut command)
        };
        // `C.UTF-8` knows the letters of all languages and sorts by code point; not every system has it.
        let made = initdb("C.UTF-8").or_else(|_| initdb("C"));
        _ = std::fs::remove_file(&file);
        made?;
        // Tests of TLS skip a server that has none, so a machine without openssl loses those and nothing else.
        _ = folder.run(&mut certificate(folder));
        Ok(())
    }

    fn server(&self, folder: &Folder, port: u16, durable: bool) -> Command {
        let mut command = folder.command(self.folder.join("postgres"));
        command.arg("-D").arg(folder.join("data")).arg("-p").arg(port.to_string());
        command.arg("-k").arg(folder.path());
        if folder.join("data/server.crt").is_file() {
            command.args(["-c", "ssl=on"]);
        }
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        if durable {
            command.args(["-c", "synchronous_commit=on"]);
        }
        command
    }

    fn ready(&self, folder: &Folder, process: u32, port: u16, password: &str) -> Option<Ready> {
        // The server keeps its number in the first line of this file and its state in the eighth, as `pg_ctl` reads them. One that was
        // killed has left its file.
        let state = std::fs::read_to_string(folder.join("data/postmaster.pid")).ok()?;
        let mut lines = state.lines().map(str::trim);
        (lines.next()? == process.to_string() && lines.nth(6)? == "ready").then(|| Ready {
            version: version(&programs::version(&self.folder.join("postgres"))),
            url: format!("postgresql://{USER}:{password}@127.0.0.1:{port}/postgres"),
        })
    }
}

const USER: &str = "postgres";

/// Makes the server's key and a certificate that it has signed itself, where the server looks for them.
fn certificate(folder: &Folder) -> Command {
    let mut command = folder.command("openssl");
    command.args(["req", "-new", "-x509", "-nodes", "-days", "2", "-subj", "/CN=localhost"]);
    command
        .arg("-keyout")
        .arg(folder.join("data/server.key"))
        .arg("-out")
        .arg(folder.join("data/server.crt"));
    command
}

/// `postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)` is `15.13`.
fn version(text: &str) -> String {
    text.split_once("(PostgreSQL) ").and_then(|(_, it)| it.split(' ').next()).unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_version_is_the_number() {
        assert_eq!(super::version("postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)"), "15.13");
        assert_eq!(super::version("postgres (PostgreSQL) 18beta1"), "18beta1");
    }
}
