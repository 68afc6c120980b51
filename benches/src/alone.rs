//! One contestant in a process of its own, which runs one row so often: how instructions and memory are counted.

use std::process::Command;

use bench_harness::{Database, Gate, Result, Row, checksum, rows};

use crate::contestants::{self, Alone};
use crate::options::Options;
use crate::referee::Referee;

/// What is counted of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Instructions, by an emulator around the process.
    Instructions,
    /// The memory that the turns take at their peak, told on standard output.
    Memory,
}

/// The process: `alone COUNTED DATABASE CONTESTANT ADDRESS ROW TURNS`.
pub fn run(arguments: &[String]) -> Result<()> {
    let [counted, database, contestant, address, row, turns] = arguments else {
        return Err("alone COUNTED DATABASE CONTESTANT ADDRESS ROW TURNS".into());
    };
    let counted = if counted == "memory" { Counted::Memory } else { Counted::Instructions };
    let (database, row) = (Database::from_key(database)?, rows::find(row)?);
    if counted == Counted::Instructions {
        checksum::leave_out();
    }
    let mut contestant =
        Alone::from_key(contestant)?.open(database, address, counted == Counted::Instructions)?;
    if counted == Counted::Memory {
        // Connection and runtime are there, and nothing that a whole result would leave to be used again.
        contestant.select_one(1)?;
        forget_peak()?;
    }
    let before = resident("VmRSS")?;
    for turn in 1..=turns.parse()? {
        row.run(contestant.as_mut(), turn)?;
    }
    if counted == Counted::Memory {
        println!("{}", resident("VmHWM")?.saturating_sub(before));
    }
    Ok(())
}

/// A line of `/proc/self/status`, in KiB. It is the memory of the process, so the database must not be in it with all its data.
fn resident(line: &str) -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let found = status.lines().find_map(|it| it.strip_prefix(line)?.strip_prefix(':'));
    let kib = found.and_then(|it| it.split_whitespace().next()).ok_or("no such line in /proc/self/status")?;
    Ok(kib.parse()?)
}

fn forget_peak() -> Result<()> {
    // An emulator may not know of it, and needs no peak.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    Ok(())
}

/// The table of instructions of one database.
pub fn count_instructions(
    database: Database,
    referee: &mut dyn Referee,
    options: &Options,
) -> Result<String> {
    let bare = contestants::bare(database);
    let (floor, line) = if options.floors { (" floor |", "--:|") } else { ("", "") };
    let title = database.title();
    let mut text = format!("| {title}, instructions | {bare} |{floor} Aludel | ratio | Aludel must |\n");
    text.push_str(&format!("|---|--:|{line}--:|--:|---|\n"));
    let address = referee.address(bare)?;
    for row in rows::ALL.iter().filter(|row| options.wants(row.key()) && !row.counts_memory()) {
        if row.targets(database).is_none() {
            continue;
        }
        eprintln!("{}, instructions", row.key());
        let gate = row.gate(database);
        let (of, count) = match gate {
            Some(Gate { of, count, .. }) => (format!(", a {of}"), count),
            None => (String::new(), row.operations()),
        };
        let mut each = |contestant: Alone| -> Result<f64> {
            let mut run = |turns: u64| {
                // Rows that write find the same tables each time.
                referee.fill(bare, &Default::default())?;
                referee.fill(bare, &row.before())?;
                instructions(database, contestant, &address, *row, turns)
            };
            // The turns before have connected, prepared and filled caches.
            let (few, many) = (run(2)?, run(4)?);
            Ok(many.saturating_sub(few) as f64 / 2.0 / f64::from(count))
        };
        let nobody = each(Alone::Nobody)?;
        let (theirs, ours) = (each(Alone::Bare)? - nobody, each(Alone::Aludel)? - nobody);
        let floor = match options.floors {
            true if takes_part(database, &address, *row)? => {
                format!(" {:.0} |", each(Alone::Floor)? - nobody)
            }
            true => " – |".to_owned(),
            false => String::new(),
        };
        let must = gate.map_or(String::new(), |gate| gate.must.to_string());
        let missed = gate.is_some_and(|gate| ours > f64::from(gate.must));
        let ours_shown = if missed { format!("**{ours:.0}** ✗") } else { format!("{ours:.0}") };
        let title = row.title(database);
        text.push_str(&format!(
            "| {title}{of} | {theirs:.0} |{floor} {ours_shown} | {:.2} | {must} |\n",
            ours / theirs
        ));
    }
    Ok(text)
}

/// Tells whether there is a floor to a row.
fn takes_part(database: Database, address: &str, row: &dyn Row) -> Result<bool> {
    Ok(row.run(Alone::Floor.open(database, address, false)?.as_mut(), 0)?.is_some())
}

fn instructions(
    database: Database,
    contestant: Alone,
    address: &str,
    row: &dyn Row,
    turns: u64,
) -> Result<u64> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(std::env::current_exe()?);
    command.args(["alone", "instructions", database.key(), contestant.key(), address, row.key()]);
    let output = command.arg(turns.to_string()).output().map_err(|error| format!("valgrind: {error}"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("{} alone, row {}: {told}", contestant.key(), row.key()).into());
    }
    let collected = told.lines().find_map(|line| line.split_once("Collected :"));
    let (_, collected) = collected.ok_or_else(|| format!("valgrind has counted nothing: {told}"))?;
    Ok(collected.trim().parse()?)
}

/// What the rows that tell their memory take, a line each.
pub fn count_memory(database: Database, referee: &mut dyn Referee, row: &dyn Row) -> Result<String> {
    let bare = contestants::bare(database);
    let address = referee.address(bare)?;
    referee.fill(bare, &row.before())?;
    let mut told = Vec::new();
    for contestant in [Alone::Bare, Alone::Aludel] {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["alone", "memory", database.key(), contestant.key(), &address, row.key(), "1"]);
        let output = command.output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        let kib: f64 = String::from_utf8_lossy(&output.stdout).trim().parse()?;
        told.push(kib / 1024.0);
    }
    let title = row.title(database);
    Ok(format!(
        "{}, {title}: {bare} {:.1} MiB at the peak, Aludel {:.1}.",
        database.title(),
        told[0],
        told[1]
    ))
}
