//! A private MariaDB server: `mariadb-install-db`, then `mariadbd`.

use std::io::Read;
use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::folder::Folder;
use super::{Ready, keeper, programs};
use crate::database::Database;
use crate::failure::{Failure, Result};
use crate::install::how_to_get;

/// The programs of one MariaDB.
pub struct Programs {
    server: PathBuf,
    install_db: PathBuf,
}

/// Tests check what SQL does, not what a power cut does.
const SETTINGS: [&str; 6] = [
    "--bind-address=127.0.0.1",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-buffer-pool-size=128M",
    "--skip-log-bin",
    "--max-connections=200",
    // What every distribution sets; the bare default was latin1 until 11.6.
    "--character-set-server=utf8mb4",
];

const FIRST_STATEMENTS: &str = "passwords.sql";

impl keeper::Programs for Programs {
    const DATABASE: Database = Database::Mariadb;
    const ACCOUNTS: &'static [&'static str] = &["mysql"];
    const SIGNAL: &'static str = "TERM";

    fn find() -> Result<Programs> {
        let mut folders = programs::search_path();
        folders.extend(["/usr/sbin", "/usr/bin", "/usr/libexec", "/usr/local/sbin"].map(PathBuf::from));
        for brew in ["/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt"] {
            folders.push(PathBuf::from(brew).join("mariadb/bin"));
            folders.extend(programs::versioned(brew, "mariadb@", "bin"));
        }
        let find = |names: [&str; 2]| names.iter().find_map(|it| programs::find(it, &folders));
        match (find(["mariadbd", "mysqld"]), find(["mariadb-install-db", "mysql_install_db"])) {
            // MySQL has a `mysqld` too, which starts otherwise.
            (Some(server), Some(install_db)) if programs::version(&server).contains("MariaDB") => {
                Ok(Programs { server, install_db })
            }
            _ => Err(Failure::new(how_to_get(Database::Mariadb, "mariadbd and mariadb-install-db"))),
        }
    }

    fn prepare(&self, folder: &Folder, password: &str) -> Result {
        let mut command = folder.command(&self.install_db);
        command.args(["--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal"]);
        command.arg(argument("--datadir=", folder.join("data")));
        folder.run(&mut command)?;
        // The server runs these before it listens: there is no moment without a password. An anonymous account
        // would win over a named one when a test connects as a user that it made for any host. The accounts of root are
        // there already, without a password, and the first statement that fails would be the last one to run.
        let mut statements =
            String::from("DELETE FROM mysql.global_priv WHERE User = '';\nFLUSH PRIVILEGES;\n");
        for host in ["localhost", "127.0.0.1"] {
            statements += &format!(
                "CREATE OR REPLACE USER root@'{host}' IDENTIFIED BY '{password}';\n\
                 GRANT ALL PRIVILEGES ON *.* TO root@'{host}' WITH GRANT OPTION;\n"
            );
        }
        folder.write(FIRST_STATEMENTS, &statements).map(drop)
    }

    fn server(&self, folder: &Folder, port: u16, durable: bool) -> Command {
        let mut command = folder.command(&self.server);
        command.arg("--no-defaults").args(SETTINGS).arg(format!("--port={port}"));
        if durable {
            command.arg("--innodb-flush-log-at-trx-commit=2");
        }
        for (name, file) in
            [("--datadir=", "data"), ("--socket=", "mariadb.sock"), ("--pid-file=", "mariadb.pid")]
        {
            command.arg(argument(name, folder.join(file)));
        }
        // They have run, and are gone, when a server that was killed is started again.
        let first_statements = folder.join(FIRST_STATEMENTS);
        if first_statements.is_file() {
            command.arg(argument("--init-file=", first_statements));
        }
        command
    }

    fn ready(&self, folder: &Folder, _process: u32, port: u16, password: &str) -> Option<Ready> {
        let version = greeting(port)?;
        _ = std::fs::remove_file(folder.join(FIRST_STATEMENTS));
        Some(Ready { version, url: format!("mysql://root:{password}@127.0.0.1:{port}/mysql") })
    }
}

fn argument(name: &str, path: PathBuf) -> std::ffi::OsString {
    let mut argument = std::ffi::OsString::from(name);
    argument.push(path);
    argument
}

/// Connects, and reads the version from the first packet that the server sends.
fn greeting(port: u16) -> Option<String> {
    let address = (Ipv4Addr::LOCALHOST, port).into();
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let mut packet = [0; 128];
    let length = stream.read(&mut packet).ok()?;
    version(packet.get(..length)?)
}

/// A header of four bytes, protocol version 10, then the server's version up to a NUL: `5.5.5-10.11.14-MariaDB-…`
/// (for old clients, which would take a two-digit number for an old server), newer ones without `5.5.5-`.
fn version(packet: &[u8]) -> Option<String> {
    let [_, _, _, _, 10, text @ ..] = packet else { return None };
    let text = String::from_utf8_lossy(text.split(|byte| *byte == 0).next()?);
    let text = text.strip_prefix("5.5.5-").unwrap_or(&text);
    Some(text.split('-').next().unwrap_or(text).to_owned())
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn the_version_stands_in_the_greeting() {
        let greeting = |text: &str| version(&[b"\x5d\0\0\0\x0a", text.as_bytes(), b"\0\x03\0\0\0"].concat());
        assert_eq!(greeting("5.5.5-10.11.14-MariaDB-0+deb12u2").as_deref(), Some("10.11.14"));
        assert_eq!(greeting("12.0.2-MariaDB").as_deref(), Some("12.0.2"));
        assert_eq!(version(b"\x45\0\0\0\xff\x69\x04Too many connections"), None);
        assert_eq!(version(b""), None);
    }
}
