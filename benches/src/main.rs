//! Aludel beside the bare drivers and its peers: runs the rows, checks what was read and written, prints the tables.
//!
//! What is measured is in `harness/`, who is measured in `contestants/` and in `peers/`. The README says how to run
//! it and what keeps it fair.

mod alone;
mod compiling;
mod contestants;
mod entrant;
mod options;
mod referee;
mod table;

use std::process::ExitCode;
use std::time::Duration;

use bench_harness::{Database, Result, Row, rows};

use crate::entrant::Entrant;
use crate::options::Options;
use crate::referee::Referee;
use crate::table::{Line, Table};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.split_first() {
        Some((first, rest)) if first == "alone" => alone::run(rest),
        _ => Options::from_arguments(arguments.into_iter()).and_then(run),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> Result<()> {
    if options.help {
        print!("{}", options::HELP);
        return Ok(());
    }
    if options.list {
        for row in rows::ALL {
            println!("{:22} {}", row.key(), row.title(Database::Sqlite));
        }
        println!("{:22} a typical select, compiled again", options::COMPILING);
        return Ok(());
    }
    if options.instructions {
        for &database in &options.databases {
            let mut referee = referee::open(database, &options)?;
            println!("{}", alone::count_instructions(database, referee.as_mut(), &options)?);
        }
        return Ok(());
    }
    if options.wants(options::COMPILING) {
        println!("{}\n", compiling::measure(options.rounds)?);
    }
    if !rows::ALL.iter().any(|row| options.wants(row.key())) {
        return Ok(());
    }
    let peers = options.peers.then(contestants::peers::build).transpose()?;
    for &database in &options.databases {
        let mut referee = referee::open(database, &options)?;
        let mut entrants = contestants::all(database, peers.as_deref(), options.floors, referee.as_mut())?;
        let mut table = Table::new(database, &entrants, options.rounds, options.best);
        let mut memory = Vec::new();
        for row in rows::ALL.iter().filter(|row| options.wants(row.key())) {
            let Some(targets) = row.targets(database) else { continue };
            let samples = measure(*row, referee.as_mut(), &mut entrants, options.rounds)?;
            table.push(Line {
                key: row.key(),
                title: row.title(database),
                operations: row.operations(),
                targets,
                faster_than: row.faster_than(),
                samples,
            });
            if row.counts_memory() {
                memory.push(alone::count_memory(database, referee.as_mut(), *row)?);
            }
        }
        println!("{table}");
        for line in memory {
            println!("{line}\n");
        }
        if options.details {
            println!("{}", table.details());
        }
    }
    Ok(())
}

/// The samples of each entrant, none if it does not take part.
fn measure(
    row: &dyn Row,
    referee: &mut dyn Referee,
    entrants: &mut [Entrant],
    rounds: usize,
) -> Result<Vec<Vec<Duration>>> {
    eprintln!("{}", row.key());
    let before = row.before();
    for entrant in &*entrants {
        referee.fill(entrant.name(), &before)?;
    }
    let mut samples = vec![Vec::with_capacity(rounds); entrants.len()];
    let mut turn = 0;
    // Of a row that only reads, whatever the turn.
    let only_reads = row.after(0).is_none().then(|| row.checksum(0));
    // Round 0 warms caches and statements up and is thrown away.
    for round in 0..=rounds {
        for step in 0..entrants.len() {
            // Another one begins each round, and everybody follows everybody.
            let number = (step + round) % entrants.len();
            let entrant = &mut entrants[number];
            turn += 1;
            let name = entrant.name();
            let blame = |message: String| format!("{name}, row {}: {message}", row.key());
            let after = row.after(turn);
            if after.is_some() {
                referee.fill(name, &before)?;
            }
            let Some(sample) = entrant.run(row, turn).map_err(|error| blame(error.to_string()))? else {
                continue;
            };
            let expected = only_reads.unwrap_or_else(|| row.checksum(turn));
            if sample.checksum != expected {
                let found = sample.checksum;
                Err(blame(format!("handed back other values (checksum {found:016x}, not {expected:016x})")))?;
            }
            if let Some(after) = after {
                let found = referee.read(name)?;
                if found != after {
                    Err(blame(format!("left other values in the database: {}", difference(&found, &after))))?;
                }
            }
            if round > 0 {
                samples[number].push(sample.elapsed);
            }
        }
    }
    Ok(samples)
}

fn difference(found: &bench_harness::Contents, expected: &bench_harness::Contents) -> String {
    let (found, expected) = (&found.items, &expected.items);
    match found.iter().zip(expected).find(|(found, expected)| found != expected) {
        Some((found, expected)) => format!("found {found:?}, expected {expected:?}"),
        None => format!("found {} items, expected {}", found.len(), expected.len()),
    }
}
