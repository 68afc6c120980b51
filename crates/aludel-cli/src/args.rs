//! What can be typed. The names are Alembic's, where Alembic has them.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

/// Schema migrations that write themselves.
#[derive(Debug, Parser)]
#[command(name = "aludel", version, disable_help_subcommand = true)]
pub struct Args {
    /// The settings [default: aludel.toml here or in a folder above]
    #[arg(short, long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The database, instead of the one that the settings name
    #[arg(long, global = true)]
    pub url: Option<String>,
    /// Print JSON, where something is read
    #[arg(long, global = true)]
    pub json: bool,
    /// Print results only
    #[arg(short, long, global = true)]
    pub quiet: bool,
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set a crate up: aludel.toml, the folder of migrations, the program that prints the models, build.rs
    Init(Init),
    /// Write a revision
    Revision(Revision),
    /// Bring the database to a later revision
    Upgrade(Upgrade),
    /// Bring the database back to an earlier revision
    Downgrade(Downgrade),
    /// Go on with a revision that was left half done
    Resume(Resume),
    /// Tell what is wrong between the history and the files, or set it right
    Repair(Repair),
    /// Tell what an upgrade would do: steps, locks, rows; writes nothing
    Plan(Plan),
    /// Tell what revisions do to whoever uses the tables meanwhile (exit code 4 for errors)
    Lint(Lint),
    /// Tell where the database is; writes nothing
    Current(Current),
    /// List revisions, the newest first
    History(History),
    /// List the revisions that nobody follows
    Heads(Heads),
    /// List the revisions that several others follow
    Branches(Verbose),
    /// Show a revision
    Show(Show),
    /// Say that the database is at a revision, without running anything
    Stamp(Stamp),
    /// Write a revision that joins several
    Merge(Merge),
    /// Move a revision that was written beside another behind it
    Rebase(Rebase),
    /// Tell what makes one state the other: revisions, models, the database (exit code 2)
    Diff(Diff),
    /// Draw the revisions
    Graph(Graph),
    /// Open a revision in $EDITOR, and render it afterwards
    Edit(Show),
    /// Tell whether the models have changes that no revision has (exit code 2)
    Check(Check),
    /// Tell what somebody did to the database that no revision does (exit code 2)
    Drift(Drift),
    /// Run all revisions up, down and up again on a database of their own, and compare the states (exit code 2)
    Verify,
    /// Write entities for the tables of the database
    Reverse(Reverse),
    /// Write the SQL of revisions again, after their revision.toml was edited
    Render(Render),
    /// Create the table of the history, if it is not there
    #[command(name = "ensure_version", alias = "ensure-version")]
    EnsureVersion(EnsureVersion),
    /// Print a script that completes commands and flags in a shell
    Completions(Completions),
    /// Explain a kind of error or a rule of lint: cause, example, cure
    Explain(Explain),
}

#[derive(Debug, clap::Args)]
pub struct Init {
    /// The folder of the migrations
    #[arg(default_value = "migrations")]
    pub directory: String,
}

#[derive(Debug, clap::Args)]
pub struct Revision {
    /// What the revision does, in a few words
    #[arg(short, long, default_value = "empty message", hide_default_value = true)]
    pub message: String,
    /// Fill it with what differs between the models and the revisions so far
    #[arg(long)]
    pub autogenerate: bool,
    /// Compare with the database as well: what somebody did to it becomes a revision of its own, which it has already
    #[arg(long, requires = "autogenerate")]
    pub from_database: bool,
    /// Something has another name now: `users.name:users.full_name`, or `users:people`
    #[arg(long, value_name = "OLD:NEW", requires = "autogenerate")]
    pub rename: Vec<String>,
    /// What rows that are there get in a new column: `users.age=0`, with an expression in SQL
    #[arg(long, value_name = "COLUMN=SQL", requires = "autogenerate")]
    pub backfill: Vec<String>,
    /// What else may be a renaming is a drop and an add, without a question
    #[arg(long, value_enum, requires = "autogenerate")]
    pub assume: Option<Assume>,
    /// The revision to follow
    #[arg(long, default_value = "head")]
    pub head: String,
    /// Allow a revision to follow that is no head: this begins a branch
    #[arg(long)]
    pub splice: bool,
    /// A name for the branch that it begins
    #[arg(long, value_name = "LABEL")]
    pub branch_label: Vec<String>,
    /// Its id, instead of a random one
    #[arg(long, value_name = "ID")]
    pub rev_id: Option<String>,
    /// Revisions of other branches that must be there first
    #[arg(long, value_name = "REVISION")]
    pub depends_on: Vec<String>,
}

/// How to read what may be a renaming.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Assume {
    /// The old thing goes, with what is in it, and the new one begins empty.
    Drop,
}

#[derive(Debug, clap::Args)]
pub struct Upgrade {
    /// `head`, `heads`, `+1`, an id or the beginning of one, `label@head`; with --sql also `from:to`
    #[arg(default_value = "head")]
    pub revision: String,
    #[command(flatten)]
    pub run: Run,
}

/// How revisions are run, up or down.
#[derive(Debug, clap::Args)]
pub struct Run {
    /// Print the SQL instead of running it
    #[arg(long)]
    pub sql: bool,
    /// Tables with rows and columns with values may be dropped
    #[arg(long)]
    pub allow_data_loss: bool,
    #[command(flatten)]
    pub waiting: Waiting,
}

/// How long to wait for others, instead of what the settings say.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub struct Waiting {
    /// How long a statement waits for a lock that others hold, before it is tried again [default: 2; 0: without end]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub lock_timeout: Option<Duration>,
    /// How often it is tried again [default: 10]
    #[arg(long, value_name = "TIMES")]
    pub lock_retries: Option<u32>,
    /// How long a statement takes that reads and writes no rows, on PostgreSQL [default: 30; 0: without end]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub statement_timeout: Option<Duration>,
    /// How long to wait for another migrator [default: 60]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub wait: Option<Duration>,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().and_then(|it| Duration::try_from_secs_f64(it).ok());
    seconds.ok_or_else(|| "this is not a number of seconds".to_owned())
}

#[derive(Debug, clap::Args)]
pub struct Downgrade {
    /// `-1`, `base`, an id or the beginning of one, `label@base`; with --sql `from:to`
    #[arg(allow_hyphen_values = true)]
    pub revision: String,
    #[command(flatten)]
    pub run: Run,
}

#[derive(Debug, clap::Args)]
pub struct Resume {
    /// What you saw of a step that had begun, where the database cannot tell
    #[arg(long, value_enum)]
    pub step: Option<Begun>,
    #[command(flatten)]
    pub waiting: Waiting,
}

/// What somebody saw of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Begun {
    /// It was done.
    Done,
    /// It was not done.
    NotDone,
}

#[derive(Debug, clap::Args)]
pub struct Repair {
    /// Revisions that were edited after they were applied, and are right as they are now
    #[arg(long, value_name = "REVISION")]
    pub accept: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub struct Plan {
    /// `head`, `heads`, `+1`, an id or the beginning of one, `label@head`
    #[arg(default_value = "head")]
    pub revision: String,
}

#[derive(Debug, clap::Args)]
pub struct Lint {
    /// The revisions: ids, ranges `from:to`, or `head`
    #[arg(default_value = "head")]
    pub revisions: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub struct Current {
    /// Tell more
    #[arg(short, long)]
    pub verbose: bool,
    /// Exit with 2 if the database is not at the heads
    #[arg(long)]
    pub check_heads: bool,
}

#[derive(Debug, clap::Args)]
pub struct History {
    /// Only these: `from:to`; `current` is where the database is
    #[arg(short, long, value_name = "RANGE", allow_hyphen_values = true)]
    pub rev_range: Option<String>,
    /// Tell more
    #[arg(short, long)]
    pub verbose: bool,
    /// Mark the revision that the database is at
    #[arg(short, long)]
    pub indicate_current: bool,
}

#[derive(Debug, clap::Args)]
pub struct Verbose {
    /// Tell more
    #[arg(short, long)]
    pub verbose: bool,
}

#[derive(Debug, clap::Args)]
pub struct Heads {
    /// Tell more
    #[arg(short, long)]
    pub verbose: bool,
    /// A revision that others depend on is no head
    #[arg(long)]
    pub resolve_dependencies: bool,
}

#[derive(Debug, clap::Args)]
pub struct Show {
    /// The revision: an id or the beginning of one, `head`, `current`
    pub revision: String,
}

#[derive(Debug, clap::Args)]
pub struct Stamp {
    /// Where the database is: `head`, `heads`, `base`, ids; with --sql also `from:to`
    #[arg(required = true)]
    pub revisions: Vec<String>,
    /// Forget what the history said before
    #[arg(long)]
    pub purge: bool,
    /// Print the SQL instead of running it
    #[arg(long)]
    pub sql: bool,
}

#[derive(Debug, clap::Args)]
pub struct Merge {
    /// The revisions to join: ids, or `heads`
    #[arg(required = true)]
    pub revisions: Vec<String>,
    /// What the revision does, in a few words
    #[arg(short, long)]
    pub message: Option<String>,
    /// A name for the branch that it begins
    #[arg(long, value_name = "LABEL")]
    pub branch_label: Vec<String>,
    /// Its id, instead of a random one
    #[arg(long, value_name = "ID")]
    pub rev_id: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct Rebase {
    /// The revision to move, and what else it is built on and the other is not
    pub revision: String,
    /// What it shall follow [default: the other head]
    #[arg(long, value_name = "REVISION")]
    pub onto: Option<String>,
    /// Do not ask the database whether it has the revision already
    #[arg(long)]
    pub no_database: bool,
}

#[derive(Debug, clap::Args)]
pub struct Diff {
    /// `models`, `database`, or a revision
    #[arg(default_value = "heads")]
    pub from: String,
    /// `models`, `database`, or a revision
    #[arg(default_value = "models")]
    pub to: String,
    /// Tables, enum types and sequences of the database that the other side does not know count as well
    #[arg(long)]
    pub all: bool,
    /// Tell also of tables whose columns are in another order
    #[arg(long)]
    pub column_order: bool,
}

#[derive(Debug, clap::Args)]
pub struct Graph {
    /// How it is drawn
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Mark the revision that the database is at
    #[arg(short, long)]
    pub indicate_current: bool,
}

/// How a graph is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Letters, for a terminal.
    Text,
    /// Mermaid, for Markdown.
    Mermaid,
    /// Graphviz.
    Dot,
    /// A picture.
    Svg,
}

#[derive(Debug, clap::Args)]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}

#[derive(Debug, clap::Args)]
pub struct Check {
    /// Compare the models with the database instead of the revisions
    #[arg(long)]
    pub from_database: bool,
}

#[derive(Debug, clap::Args)]
pub struct Reverse {
    /// The tables; all of them, if none are named
    pub tables: Vec<String>,
    /// The schema that they are in, if not the default one
    #[arg(long)]
    pub schema: Option<String>,
    /// The file to write, which must not be there yet, instead of printing
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct Drift {
    /// Tables, enum types and sequences that are in no revision count as well
    #[arg(long)]
    pub all: bool,
    /// Write a revision for it, and say that this database has it
    #[arg(long)]
    pub adopt: bool,
    /// What that revision is called
    #[arg(short, long, default_value = "adopt what was done by hand", requires = "adopt")]
    pub message: String,
    /// Its id, instead of a random one
    #[arg(long, value_name = "ID", requires = "adopt")]
    pub rev_id: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct Render {
    /// The revisions: ids, ranges `from:to`, or `head`
    #[arg(default_value = "head")]
    pub revisions: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub struct EnsureVersion {
    /// Print the SQL instead of running it
    #[arg(long)]
    pub sql: bool,
}

#[derive(Debug, clap::Args)]
pub struct Explain {
    /// What the last line of a message names: `stale-data`, `PG301`; without it, all of them
    pub code: Option<String>,
}
