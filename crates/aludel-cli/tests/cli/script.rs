//! Runs a script: commands and what they are expected to say, then files, each below a line `-- name --`.
//!
//! | line | meaning |
//! |---|---|
//! | `$ aludel …` | runs the command in the folder of the files |
//! | `exit 2` | it ended with this code (0 is expected without saying) |
//! | `stdout …`, `stderr …` | it said this; `\e` is the escape that begins what a terminal obeys |
//! | `json` | it printed one value of JSON, and nothing besides |
//! | `prints FILE` | it printed what is in this file, and nothing else |
//! | `no stdout …` | it did not |
//! | `cp a b` | copies a file |
//! | `mv a b` | gives a file or folder another name; `*` in its name is any folder |
//! | `types a b` | the next command runs at a terminal, where this is typed, each on its line; all that it says is on stdout |
//! | `with NAME=VALUE` | the next command finds this in its environment |
//! | `limit N` | from here on no file may become longer than so many KiB, which is how a full disk looks to a program |
//! | `file FILE => text` | the file has this text; `*` in its name is any folder |
//! | `edit FILE a => b` | replaces text in a file; `*` in its name is any folder |
//! | `sql …` | runs SQL as another program |
//! | `hold …` | runs SQL as another program, in a transaction that stays open until `release` |
//! | `rows … => a\|b` | what a query gives: cells with `\|`, rows with a space |
//! | `pipe` | runs what the last command printed |
//! | `[sqlite] …` | the line is for this database only |
//! | `{nowhere}` | the URL of a database that is not there, on the same server |

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use aludel::schema::split_statements;
use aludel_suite::Db;

/// Runs a script on a database, in a folder of its own.
pub async fn script(db: &Db, text: &str) {
    run(db, Folder::new(db, text), text).await;
}

/// Runs a script in a folder.
pub async fn run(db: &Db, folder: Folder, text: &str) {
    let mut last: Option<Output> = None;
    let mut line = String::new();
    let mut checked = true;
    let mut held: Option<(aludel::Connection, aludel::Engine)> = None;
    let mut limit: Option<u32> = None;
    let mut typed: Option<String> = None;
    let mut found: Vec<(String, String)> = Vec::new();
    for (at, next) in text.lines().enumerate() {
        if next.starts_with("-- ") {
            break;
        }
        let next = next.trim();
        if next.is_empty() || next.starts_with('#') {
            continue;
        }
        let next = match next.strip_prefix('[').and_then(|it| it.split_once("] ")) {
            Some((only, rest)) if only.split(' ').any(|it| it == db.database.name()) => rest,
            Some(_) => continue,
            None => next,
        };
        if next.starts_with("$ ") && !checked {
            expect_exit(last.as_ref(), 0, &line);
        }
        let (address, options) = db.url.split_once('?').unwrap_or((&db.url, ""));
        let next = &next.replace("{nowhere}", &format!("{address}_nowhere?{options}"));
        let (word, rest) = next.split_once(' ').unwrap_or((next, ""));
        match word {
            "$" => {
                line = format!("line {}: {next}", at + 1);
                let mut command = folder.command(rest);
                command.envs(found.drain(..));
                last = Some(match (typed.take(), limit) {
                    (Some(typed), _) => at_terminal(&command, &typed),
                    (None, Some(limit)) => limited(&command, limit).output().unwrap(),
                    (None, None) => command.output().unwrap(),
                });
                checked = false;
            }
            "exit" => {
                expect_exit(last.as_ref(), rest.parse().unwrap(), &line);
                checked = true;
            }
            "stdout" | "stderr" => {
                let said = said(last.as_ref(), word);
                assert!(
                    said.contains(&rest.replace("\\e", "\u{1b}")),
                    "{line}\nexpected on {word}: {rest}\n{}",
                    all(last.as_ref())
                );
            }
            "prints" => {
                let expected = fs::read_to_string(folder.find(rest)).unwrap();
                assert_eq!(said(last.as_ref(), "stdout").trim_end(), expected.trim_end(), "{line}");
            }
            "no" => {
                let (word, rest) = rest.split_once(' ').unwrap_or((rest, ""));
                let said = said(last.as_ref(), word);
                let rest = rest.replace("\\e", "\u{1b}");
                let found = if rest.is_empty() { !said.trim().is_empty() } else { said.contains(&rest) };
                assert!(!found, "{line}\nnot expected on {word}: {rest}\n{}", all(last.as_ref()));
            }
            "json" => {
                let value = serde_json::from_slice::<serde_json::Value>(&last.as_ref().unwrap().stdout);
                assert!(value.is_ok(), "{line}\n{value:?}\n{}", all(last.as_ref()));
                assert_eq!(said(last.as_ref(), "stderr"), "", "{line}");
            }
            "types" => typed = Some(rest.split_whitespace().map(|it| format!("{it}\n")).collect()),
            "with" => {
                let (name, value) = rest.split_once('=').unwrap();
                found.push((name.to_owned(), value.to_owned()));
            }
            "cp" => {
                let (from, to) = rest.split_once(' ').unwrap();
                let to = folder.0.join(to);
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::write(to, fs::read(folder.0.join(from)).unwrap()).unwrap();
            }
            "mv" => {
                let (from, to) = rest.split_once(' ').unwrap();
                fs::rename(folder.find(from), folder.0.join(to)).unwrap();
            }
            "limit" => limit = Some(rest.parse().unwrap()),
            "file" => {
                let (file, expected) = rest.split_once(" => ").unwrap();
                let text = fs::read_to_string(folder.find(file)).unwrap();
                assert!(text.contains(expected), "line {}: {expected} is not in\n{text}", at + 1);
            }
            "edit" => {
                let (file, change) = rest.split_once(' ').unwrap();
                let (from, to) = change.split_once(" => ").unwrap();
                let to = to.replace("\\n", "\n");
                let file = folder.find(file);
                let text = fs::read_to_string(&file).unwrap();
                assert!(text.contains(from), "line {}: {from} is not in\n{text}", at + 1);
                fs::write(&file, text.replace(from, &to)).unwrap();
            }
            "sql" => db.run(rest).await.unwrap_or_else(|error| panic!("line {}: {error:?}", at + 1)),
            "hold" => {
                let engine = db.other();
                let mut conn = engine.connect().await.unwrap();
                conn.begin_with_next(aludel::driver::Begin::default());
                conn.run_plain(&[rest]).await.unwrap_or_else(|error| panic!("line {}: {error:?}", at + 1));
                held = Some((conn, engine));
            }
            "release" => {
                let (conn, _engine) = held.take().expect("something is held");
                conn.release().await;
            }
            "rows" => {
                let (query, expected) = rest.split_once(" =>").unwrap();
                assert_eq!(rows(db, query).await, expected.trim(), "line {}: {query}", at + 1);
            }
            "pipe" => {
                // On one connection, so that its settings and transactions last.
                let script = said(last.as_ref(), "stdout");
                let mut conn = db.other().connect().await.unwrap();
                for sql in split_statements(&script) {
                    conn.run_plain(&[&sql]).await.unwrap_or_else(|error| panic!("{error:?}\n{script}"));
                }
            }
            _ => panic!("line {}: `{word}` is no word of a script", at + 1),
        }
    }
    if !checked {
        expect_exit(last.as_ref(), 0, &line);
    }
}

async fn rows(db: &Db, query: &str) -> String {
    let rows = db.rows(query).await.unwrap_or_else(|error| panic!("{query}: {error:?}"));
    let cell = |row: &aludel::Row, at| {
        row.at::<Option<String>>(at)
            .or_else(|_| row.at::<Option<i64>>(at).map(|it| it.map(|it| it.to_string())))
            .map(|it| it.unwrap_or_else(|| "NULL".to_owned()))
    };
    let row = |row: &aludel::Row| (0..).map_while(|at| cell(row, at).ok()).collect::<Vec<_>>().join("|");
    rows.iter().map(row).collect::<Vec<_>>().join(" ")
}

fn said(output: Option<&Output>, word: &str) -> String {
    let output = output.expect("a command comes first");
    String::from_utf8_lossy(if word == "stdout" { &output.stdout } else { &output.stderr }).into_owned()
}

fn all(output: Option<&Output>) -> String {
    format!("--- stdout\n{}--- stderr\n{}", said(output, "stdout"), said(output, "stderr"))
}

#[track_caller]
fn expect_exit(output: Option<&Output>, expected: i32, line: &str) {
    let code = output.expect("a command comes first").status.code();
    assert_eq!(code, Some(expected), "{line}\n{}", all(output));
}

/// Writes the files of a script.
pub fn write(folder: &Path, script: &str) {
    for section in script.split("\n-- ").skip(1) {
        let (name, body) = section.split_once(" --\n").expect("a file has a name and a body");
        let file = folder.join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, body).unwrap();
    }
}

/// The folder of a script, removed when it is dropped; and what its commands find in their environment.
pub struct Folder(pub PathBuf, pub Vec<(&'static str, String)>);

impl Folder {
    /// Makes a folder with the settings for a database, and the files of a script.
    pub fn new(db: &Db, text: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("aludel_cli_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = Self(std::env::temp_dir().join(name), Vec::new());
        fs::create_dir_all(folder.0.join("migrations")).unwrap();
        let settings = format!(
            "url = {:?}\ndialects = [\"{}\"]\nmetadata = \"cat models.toml\"\n",
            db.url,
            db.engine.dialect().key()
        );
        let file = folder.0.join("aludel.toml");
        fs::write(&file, settings).unwrap();
        // It may hold the password of a server.
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
        write(&folder.0, text);
        folder
    }

    /// Runs a command to its end.
    pub fn run(&self, line: &str) -> Output {
        self.command(line).output().unwrap()
    }

    /// Prepares a command.
    pub fn command(&self, line: &str) -> Command {
        let words = words(line);
        assert_eq!(words[0], "aludel");
        let mut command = Command::new(env!("CARGO_BIN_EXE_aludel"));
        command.args(&words[1..]).current_dir(&self.0).env("EDITOR", "true");
        command.env_remove("NO_COLOR").env("TERM", "xterm");
        command.envs(self.1.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Finds a file whose path may have one `*` for a part of its folder's name.
    pub fn find(&self, pattern: &str) -> PathBuf {
        let Some((before, after)) = pattern.split_once('*') else { return self.0.join(pattern) };
        let (parent, prefix) = before.rsplit_once('/').unwrap_or(("", before));
        let (suffix, rest) = after.split_once('/').unwrap_or((after, ""));
        let matches = |path: &Path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            name.starts_with(prefix) && name.ends_with(suffix) || name.contains(suffix) && !suffix.is_empty()
        };
        let mut found = fs::read_dir(self.0.join(parent)).unwrap().map(|it| it.unwrap().path());
        found.find(|it| matches(it)).unwrap_or_else(|| panic!("nothing is called {pattern}")).join(rest)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Prepares the same command in a shell that lets no file become longer than so many KiB. The signal that would end it is ignored: it sees an error.
fn limited(command: &Command, limit: u32) -> Command {
    let mut shell = Command::new("bash");
    shell.args(["-c", &format!("trap '' XFSZ; ulimit -f {limit}; exec \"$0\" \"$@\"")]);
    shell.arg(command.get_program()).args(command.get_args());
    shell.current_dir(command.get_current_dir().unwrap());
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell
}

/// Runs the same command at a terminal: the one of `script`, of util-linux.
fn at_terminal(command: &Command, typed: &str) -> Output {
    let quoted = |word: &OsStr| format!("'{}'", word.to_str().unwrap().replace('\'', r"'\''"));
    let words = [command.get_program()].into_iter().chain(command.get_args()).map(quoted);
    let mut terminal = Command::new("script");
    terminal.args(["-qefc", &words.collect::<Vec<_>>().join(" "), "/dev/null"]);
    terminal.current_dir(command.get_current_dir().unwrap()).env("SHELL", "/bin/sh").env_remove("NO_COLOR");
    terminal.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    terminal.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = terminal.spawn().unwrap();
    running.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    running.wait_with_output().unwrap()
}

/// Cuts a line into words; double quotes keep words together.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for char in line.chars() {
        match char {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            char => words.last_mut().unwrap().push(char),
        }
    }
    words.retain(|it| !it.is_empty());
    words
}
