//! Private database servers for the tests, on free ports of 127.0.0.1, in folders of their own.
//!
//! Each server is held by a *keeper*: this same program in a process of its own ([`keeper`]). The keeper prepares
//! the data folder, starts the server as its child, and waits until its standard input ends; then it stops the
//! server and removes the folder. Its standard input is a pipe from us, and the system closes a pipe however its
//! owner ends: by returning, by failing, by panic, Ctrl-C or `kill -9`. So nothing is ever left behind, and no
//! process is ever ended but one's own child.

mod folder;
pub mod keeper;
mod mariadb;
mod postgres;
mod programs;

use std::collections::BTreeSet;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitCode, Stdio};

use crate::database::Database;
use crate::failure::{Doing, Failure, Result};
use crate::install;
use crate::secrets::Secrets;
use keeper::Programs as _;

/// The servers of one run. Dropping them ends them.
pub struct Servers {
    servers: Vec<Server>,
}

/// One server, or one that is on its way.
struct Server {
    database: Database,
    keeper: Child,
    ready: Option<Ready>,
}

/// What a keeper says when its server answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Ready {
    pub version: String,
    pub url: String,
}

/// Finds the server programs of the databases that have one, and installs what is missing where that is possible.
/// Returns the databases that are there; for each other one a line says how to get it.
pub fn provide(wanted: &BTreeSet<Database>) -> BTreeSet<Database> {
    let found = |database: &Database| match database {
        Database::Sqlite => Ok(()),
        Database::Postgres => postgres::Programs::find().map(drop),
        Database::Mariadb => mariadb::Programs::find().map(drop),
    };
    let missing: Vec<_> = wanted.iter().copied().filter(|it| found(it).is_err()).collect();
    if !missing.is_empty()
        && install::possible()
        && let Err(failure) = install::packages(&missing)
    {
        println!("{failure}");
    }
    let mut here = BTreeSet::new();
    for database in wanted {
        match found(database) {
            Ok(()) => _ = here.insert(*database),
            Err(missing) => println!("skipped: {} ({missing})", database.title()),
        }
    }
    here
}

impl Servers {
    /// Starts the servers and returns at once: they get ready while something else is done.
    pub fn start(databases: &BTreeSet<Database>) -> Result<Servers> {
        let servers = databases.iter().filter(|it| it.url_variable().is_some());
        Ok(Servers { servers: servers.map(|it| Server::start(*it)).collect::<Result<_>>()? })
    }

    /// Waits until every server answers.
    pub fn wait_until_ready(&mut self) -> Result {
        self.servers.iter_mut().try_for_each(Server::wait_until_ready)
    }

    /// The variables that tell the tests where the servers are; `None` for one that must not be set.
    pub fn variables(&self, here: &BTreeSet<Database>, long: bool) -> Vec<(&'static str, Option<String>)> {
        let mut variables = Vec::new();
        for database in Database::ALL {
            if let Some(name) = database.url_variable() {
                variables.push((name, self.ready(database).map(|it| it.url.clone())));
            }
        }
        let names: Vec<_> = here.iter().map(|it| it.name()).collect();
        variables.push(("ALUDEL_TEST_REQUIRE", Some(names.join(","))));
        variables.push(("ALUDEL_TEST_LONG", long.then(|| "1".to_owned())));
        // For rules that kill their server.
        let keeper = this_program().ok().map(|it| it.display().to_string());
        variables.push(("ALUDEL_TEST_KEEPER", keeper));
        // The drills compile answers: with what was built for the tests, which are those of the whole workspace.
        variables.push(("ALUDEL_DRILLS_CARGO", Some("--workspace".to_owned())));
        variables
    }

    /// What no output of the tests may show: the passwords of these servers among it.
    pub fn secrets(&self) -> Secrets {
        let urls = self.servers.iter().filter_map(|it| it.ready.as_ref()).map(|it| &it.url);
        urls.fold(Secrets::default(), |secrets, url| secrets.of_url(url))
    }

    /// `PostgreSQL 15.13`, or the bare name where no server is asked.
    pub fn describe(&self, database: Database) -> String {
        match self.ready(database) {
            Some(ready) => format!("{} {}", database.title(), ready.version),
            None => format!("{} (built in)", database.title()),
        }
    }

    /// Ends the servers. Fails if one had ended by itself.
    pub fn stop(mut self) -> Result {
        let gone = |server: &mut Server| server.keeper.try_wait().is_ok_and(|it| it.is_some());
        let gone = self.servers.iter_mut().find_map(|it| gone(it).then_some(it.database));
        match gone {
            Some(database) => {
                Err(Failure::new(format!("{} ended while the tests were running", database.title()))
                    .help("the end of its log is above"))
            }
            None => Ok(()),
        }
    }

    fn ready(&self, database: Database) -> Option<&Ready> {
        self.servers.iter().find(|it| it.database == database)?.ready.as_ref()
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        // First tell all, then wait for all: they stop side by side.
        for server in &mut self.servers {
            drop(server.keeper.stdin.take());
        }
        for server in &mut self.servers {
            _ = server.keeper.wait();
        }
    }
}

impl Server {
    fn start(database: Database) -> Result<Server> {
        // Linux knows the running program by this name even after cargo has put a new one in its place.
        let itself = std::path::Path::new("/proc/self/exe");
        let itself = if itself.exists() { itself.to_path_buf() } else { this_program()? };
        let keeper = Command::new(itself)
            .args(["keep", database.name()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Ctrl-C reaches us and not the keeper: it ends because we do, and ends the server in good order.
            .process_group(0)
            .spawn()
            .doing(|| format!("start the keeper of {}", database.title()))?;
        Ok(Server { database, keeper, ready: None })
    }

    fn wait_until_ready(&mut self) -> Result {
        let mut answer = Vec::new();
        let mut byte = [0];
        let output = self.keeper.stdout.as_mut();
        let Some(output) = output else { return Ok(()) };
        // The keeper holds the pipe open, so an answer ends with a NUL and not with the stream.
        while output.read(&mut byte).doing(|| "read from a keeper".into())? > 0 && byte != [0] {
            answer.push(byte[0]);
        }
        let answer = String::from_utf8_lossy(&answer);
        self.ready = Some(Ready::read(&answer).map_err(|message| {
            Failure::new(format!("{} did not start: {}", self.database.title(), message.trim()))
        })?);
        Ok(())
    }
}

impl Ready {
    /// What the keeper writes: this, or the message of a failure; then a NUL.
    pub fn write(&self) -> String {
        format!("ready\n{}\n{}", self.version, self.url)
    }

    fn read(answer: &str) -> std::result::Result<Ready, &str> {
        let mut lines = answer.strip_prefix("ready\n").ok_or(answer)?.lines();
        match (lines.next(), lines.next()) {
            (Some(version), Some(url)) => Ok(Ready { version: version.to_owned(), url: url.to_owned() }),
            _ => Err(answer),
        }
    }
}

fn this_program() -> Result<std::path::PathBuf> {
    std::env::current_exe().doing(|| "find out where this program is".into())
}

/// `cargo xtask servers`: starts the servers for a developer and keeps them.
pub fn keep_for_developer(only: &BTreeSet<Database>) -> Result<ExitCode> {
    let here = provide(only);
    let mut servers = Servers::start(&here)?;
    servers.wait_until_ready()?;
    for database in &here {
        println!("# {}", servers.describe(*database));
    }
    for (name, value) in servers.variables(&here, false) {
        if let Some(value) = value {
            println!("export {name}='{value}'");
        }
    }
    println!("# The servers end with Ctrl-C, or when standard input ends.");
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).doing(|| "read standard input".into())?;
    servers.stop()?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keeper_and_its_owner_understand_each_other() {
        let ready = Ready { version: "15.13".into(), url: "postgresql://a:b@127.0.0.1:1/postgres".into() };
        assert_eq!(Ready::read(&ready.write()), Ok(ready));
        assert_eq!(Ready::read("cannot start"), Err("cannot start"));
    }
}
