//! The command line: what may be written after `cargo xtask`.

use std::collections::BTreeSet;

use crate::database::Database;
use crate::failure::{Failure, Result};

pub const HELP: &str = "\
The chores of this repository.

cargo xtask test [OPTIONS] [-- ARGS]
    Starts private PostgreSQL and MariaDB servers, runs every test on every database, ends the servers.

    --require-all   fail if a database is not there, instead of leaving its tests out
    --long          property, fault and kill tests with their full counts
    --only LIST     only these databases: sqlite,postgres,mariadb
    --no-doc        leave the documentation tests out
    --plain         use `cargo test` even if cargo-nextest is installed
    -- ARGS         passed to the test runner, for example a part of a test's name;
                    then documentation tests and the PARITY check are left out

    As root on Debian or Ubuntu, server packages that are missing are installed (postgresql, mariadb-server).

cargo xtask servers [--only LIST]
    Starts the private servers, prints the variables for the tests, and keeps the servers until Ctrl-C or
    until standard input ends. In another terminal: paste the variables, then `cargo nextest run NAME`.

cargo xtask parity [--plain]
    Reads PARITY.md and checks that each test it names exists. Runs nothing.

cargo xtask book
    Builds the book into target/book. Its listings are run by `cargo xtask test`.

cargo xtask oracle [--check]
    Records what SQLAlchemy answers to the statements of crates/aludel/tests/oracle; with --check, compares it with
    what is recorded. Needs Python with SQLAlchemy, PYTHON says which.
";

/// What was asked for.
#[derive(Debug, PartialEq)]
pub enum Command {
    Help,
    Test(TestOptions),
    Servers {
        only: BTreeSet<Database>,
    },
    Parity {
        plain: bool,
    },
    Book,
    Oracle {
        check: bool,
    },
    /// Not for people: the process that holds one server, see `servers::keeper`.
    Keep {
        database: Database,
        /// What the server has committed outlives its process.
        durable: bool,
    },
}

/// The options of `cargo xtask test`.
#[derive(Debug, PartialEq)]
pub struct TestOptions {
    pub require_all: bool,
    pub long: bool,
    pub doc: bool,
    pub plain: bool,
    pub only: BTreeSet<Database>,
    /// What follows `--`.
    pub passed_on: Vec<String>,
}

impl Default for TestOptions {
    fn default() -> Self {
        TestOptions {
            require_all: false,
            long: false,
            doc: true,
            plain: false,
            only: Database::ALL.into(),
            passed_on: Vec::new(),
        }
    }
}

/// Reads the arguments after the program's name.
pub fn parse(args: impl Iterator<Item = String>) -> Result<Command> {
    let mut args = args;
    let Some(command) = args.next() else { return Ok(Command::Help) };
    let mut options = TestOptions::default();
    let mut words = Vec::new();
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--" => options.passed_on = args.by_ref().collect(),
            "--help" | "-h" => return Ok(Command::Help),
            "--only" => {
                let list = args.next().ok_or_else(|| {
                    Failure::new("`--only` needs a list").help("for example --only sqlite,postgres")
                })?;
                options.only = Database::parse_list(&list)?;
            }
            "--require-all" => options.require_all = true,
            "--long" => options.long = true,
            "--no-doc" => options.doc = false,
            "--plain" => options.plain = true,
            other => match other.strip_prefix("--only=") {
                Some(list) => options.only = Database::parse_list(list)?,
                None => words.push(arg),
            },
        }
    }
    if command == "oracle" && options == TestOptions::default() {
        match &*words {
            [] => return Ok(Command::Oracle { check: false }),
            [check] if check == "--check" => return Ok(Command::Oracle { check: true }),
            _ => {}
        }
    }
    let refused = |word: &str| {
        Failure::new(format!("`cargo xtask {command}` does not take `{word}`"))
            .help("`cargo xtask --help` lists the options; arguments of the test runner come after `--`")
    };
    if command == "keep" {
        let database = words.first().and_then(|name| Database::parse(name));
        let durable = words.get(1).is_some_and(|word| word == "durable");
        return match database {
            Some(database) => Ok(Command::Keep { database, durable }),
            None => Err(refused(&words.join(" "))),
        };
    }
    if let Some(word) = words.first() {
        return Err(refused(word));
    }
    // Options that the command would silently ignore are refused: whoever wrote them expects an effect.
    let left = |options: TestOptions| (options != TestOptions::default()).then(|| refused("that option"));
    match command.as_str() {
        "help" | "--help" | "-h" => Ok(Command::Help),
        "test" => Ok(Command::Test(options)),
        "servers" => {
            let only = std::mem::replace(&mut options.only, Database::ALL.into());
            left(options).map_or(Ok(Command::Servers { only }), Err)
        }
        "parity" => {
            let plain = std::mem::take(&mut options.plain);
            left(options).map_or(Ok(Command::Parity { plain }), Err)
        }
        "book" => left(options).map_or(Ok(Command::Book), Err),
        _ => Err(Failure::new(format!("there is no `cargo xtask {command}`"))
            .help("the commands are test, servers, parity, book and oracle; `cargo xtask --help` says more")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Command> {
        parse(line.split_whitespace().map(String::from))
    }

    #[test]
    fn a_bare_call_prints_help() {
        assert_eq!(read("").unwrap(), Command::Help);
        assert_eq!(read("test --help").unwrap(), Command::Help);
    }

    #[test]
    fn options_of_oracle() {
        assert_eq!(read("oracle").unwrap(), Command::Oracle { check: false });
        assert_eq!(read("oracle --check").unwrap(), Command::Oracle { check: true });
        assert!(read("oracle --chekc").is_err() && read("oracle --long").is_err());
    }

    #[test]
    fn options_of_test() {
        let wanted = TestOptions {
            require_all: true,
            long: true,
            doc: false,
            plain: true,
            only: [Database::Sqlite, Database::Mariadb].into(),
            passed_on: vec!["--only".into(), "session".into()],
        };
        let line = "test --require-all --long --no-doc --plain --only=mariadb,sqlite -- --only session";
        assert_eq!(read(line).unwrap(), Command::Test(wanted));
    }

    #[test]
    fn unknown_words_are_refused_with_the_way_out() {
        let refused = read("test session").unwrap_err().to_string();
        assert!(refused.contains("does not take `session`") && refused.contains("after `--`"), "{refused}");
        assert!(read("tset").is_err() && read("test --only oracle").is_err());
        assert!(read("parity --long").is_err() && read("servers -- x").is_err());
    }
}
