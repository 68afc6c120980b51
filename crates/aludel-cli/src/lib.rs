//! The `aludel` command: Alembic's words for revisions of a schema, and some more.
//!
//! A command is a file in `commands`; what it decides is in `aludel-migrate`, and here is how it is asked for and told.

mod args;
mod commands;
mod config;
mod models;
mod output;
mod paint;
mod progress;
mod project;

use std::ffi::OsString;
use std::process::ExitCode;

use aludel::{ErrorKind, Result};
use clap::{CommandFactory, Parser};

use crate::args::{Args, Command};
use crate::output::Output;
use crate::project::Project;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// Something is pending or differs.
    Different,
    /// An answer is needed; what was asked, and how to answer, was said.
    AnswerNeeded,
    /// `lint` found errors.
    Lint,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::Different => Self::from(2),
            Exit::AnswerNeeded => Self::from(3),
            Exit::Lint => Self::from(4),
        }
    }
}

/// Runs the command with these arguments, the first of which is its own name.
#[must_use]
pub fn main(args: Vec<OsString>) -> ExitCode {
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            output::say(&format!("error: {error}\n"));
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(args)) {
        Ok(exit) => exit.into(),
        Err(error) => {
            output::problem(&error);
            // What may be lost is a question, and a flag is the answer.
            if error.kind() == ErrorKind::DataLoss { Exit::AnswerNeeded.into() } else { ExitCode::FAILURE }
        }
    }
}

/// Returns what `--help` prints: of the program itself, whose name is empty, and of each command.
///
/// ```
/// let help = aludel_cli::help();
/// assert!(help.iter().any(|(command, text)| command == "upgrade" && text.contains("--sql")));
/// ```
#[must_use]
pub fn help() -> Vec<(String, String)> {
    let mut program = Args::command().term_width(0);
    program.build();
    let mut pages = vec![(String::new(), program.render_help().to_string())];
    for command in program.get_subcommands_mut() {
        pages.push((command.get_name().to_owned(), command.render_help().to_string()));
    }
    pages
}

async fn run(args: Args) -> Result<Exit> {
    let output = Output { json: args.json, quiet: args.quiet };
    if let Command::Init(init) = &args.command {
        return commands::init::run(init, output);
    }
    if let Command::Completions(args) = &args.command {
        return commands::completions::run(args);
    }
    if let Command::Explain(explain) = &args.command {
        return commands::explain::run(explain, output);
    }
    let project = Project::open(args.config.as_deref(), args.url.as_deref(), output)?;
    match &args.command {
        Command::Init(_) | Command::Completions(_) | Command::Explain(_) => Ok(Exit::Done),
        Command::Revision(args) => commands::revision::run(&project, args).await,
        Command::Upgrade(args) => commands::upgrade::run(&project, args).await,
        Command::Downgrade(args) => commands::downgrade::run(&project, args).await,
        Command::Resume(args) => commands::resume::run(&project, args).await,
        Command::Repair(args) => commands::repair::run(&project, args).await,
        Command::Plan(args) => commands::plan::run(&project, args).await,
        Command::Lint(args) => commands::lint::run(&project, args),
        Command::Current(args) => commands::current::run(&project, args).await,
        Command::History(args) => commands::history::run(&project, args).await,
        Command::Heads(args) => commands::heads::run(&project, args),
        Command::Branches(args) => commands::branches::run(&project, args),
        Command::Show(args) => commands::show::run(&project, args).await,
        Command::Stamp(args) => commands::stamp::run(&project, args).await,
        Command::Merge(args) => commands::merge::run(&project, args),
        Command::Rebase(args) => commands::rebase::run(&project, args).await,
        Command::Diff(args) => commands::diff::run(&project, args).await,
        Command::Graph(args) => commands::graph::run(&project, args).await,
        Command::Edit(args) => commands::edit::run(&project, args).await,
        Command::Check(args) => commands::check::run(&project, args).await,
        Command::Drift(args) => commands::drift::run(&project, args).await,
        Command::Verify => commands::verify::run(&project).await,
        Command::Reverse(args) => commands::reverse::run(&project, args).await,
        Command::Render(args) => commands::render::run(&project, args),
        Command::EnsureVersion(args) => commands::ensure_version::run(&project, args).await,
    }
}
