use std::fmt;
use std::time::Duration;

use bench_harness::{Database, Targets};

use crate::contestants::ALUDEL;
use crate::entrant::Entrant;

/// The Markdown table of one database: ratios to the bare driver, whose own time is the only absolute one.
pub struct Table {
    database: Database,
    rounds: usize,
    /// The best samples count, and not the medians.
    best: bool,
    /// Name and version of each entrant, the bare driver first.
    entrants: Vec<(&'static str, String)>,
    lines: Vec<Line>,
}

/// One row of it.
pub struct Line {
    pub key: &'static str,
    pub title: String,
    /// How many operations of the title a sample holds.
    pub operations: u32,
    pub targets: Targets,
    /// The key of a line of which Aludel's time must be longer.
    pub faster_than: Option<&'static str>,
    /// Of each entrant.
    pub samples: Vec<Vec<Duration>>,
}

impl Table {
    pub fn new(database: Database, entrants: &[Entrant], rounds: usize, best: bool) -> Self {
        let entrants =
            entrants.iter().map(|entrant| (entrant.name(), entrant.version().to_owned())).collect();
        Table { database, rounds, best, entrants, lines: Vec::new() }
    }

    pub fn push(&mut self, line: Line) {
        self.lines.push(line);
    }

    fn typical(&self, samples: &[Duration]) -> Option<Duration> {
        quantile(samples, if self.best { 0.0 } else { 0.5 })
    }

    /// The ratio that Aludel may have at most.
    fn must(&self, line: &Line) -> f64 {
        let slower = line.faster_than.and_then(|key| self.lines.iter().find(|it| it.key == key));
        let ratio = slower.and_then(|slower| {
            let ours = self.entrants.iter().position(|(name, _)| *name == ALUDEL)?;
            let (bare, ours) = (self.typical(&slower.samples[0])?, self.typical(&slower.samples[ours])?);
            Some(ours.as_secs_f64() / bare.as_secs_f64())
        });
        ratio.unwrap_or(line.targets.must)
    }

    /// Quartiles in microseconds an operation: where they lie apart, the medians mean little.
    pub fn details(&self) -> String {
        let mut text = format!("| {}, µs at 25 %, 50 %, 75 % |", self.database.title());
        text.extend(self.entrants.iter().map(|(name, _)| format!(" {name} |")));
        text.push_str(&format!("\n|---|{}\n", "---|".repeat(self.entrants.len())));
        for line in &self.lines {
            text.push_str(&format!("| {} |", line.title));
            for samples in &line.samples {
                let at = |part| quantile(samples, part).map(|time| microseconds(line.per_operation(time)));
                match (at(0.25), at(0.50), at(0.75)) {
                    (Some(low), Some(middle), Some(high)) => {
                        text.push_str(&format!(" {low}, {middle}, {high} |"))
                    }
                    _ => text.push_str(" – |"),
                }
            }
            text.push('\n');
        }
        text
    }

    /// Who talked to what; the bare driver's version, and the others' where it differs.
    fn versions(&self) -> String {
        let (bare, version) = &self.entrants[0];
        let others = self.entrants[1..].iter().filter(|(_, other)| other != version);
        let others: String = others.map(|(name, version)| format!("; {name}: {version}")).collect();
        format!("{bare}: {version}{others}")
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (bare, others) = (self.entrants[0].0, &self.entrants[1..]);
        write!(f, "| {} | {bare}, µs |", self.database.title())?;
        for (name, _) in others {
            write!(f, " {name} |")?;
        }
        writeln!(f, " {ALUDEL} must / aim |")?;
        writeln!(f, "|---|--:|{}---|", "--:|".repeat(others.len()))?;
        for line in &self.lines {
            let median = |samples: &_| self.typical(samples);
            let bare = median(&line.samples[0]);
            let time = bare.map_or("–".to_owned(), |time| microseconds(line.per_operation(time)));
            write!(f, "| {} | {time} |", line.title)?;
            for ((name, _), samples) in others.iter().zip(&line.samples[1..]) {
                match median(samples).zip(bare) {
                    Some((time, bare)) => {
                        let ratio = time.as_secs_f64() / bare.as_secs_f64();
                        let missed = *name == ALUDEL && ratio > self.must(line);
                        write!(f, " {} |", if missed { format!("**{ratio:.2}** ✗") } else { figure(ratio) })?;
                    }
                    None => write!(f, " – |")?,
                }
            }
            match line.faster_than {
                Some(_) => writeln!(f, " {:.2}, the entity |", self.must(line))?,
                None => writeln!(f, " {:.2} / {:.2} |", line.targets.must, line.targets.aim)?,
            }
        }
        writeln!(f)?;
        write!(
            f,
            "{} of {} rounds, ratios to {bare}; ✗: above \"must\". {}.",
            if self.best { "The best" } else { "Medians" },
            self.rounds,
            self.versions()
        )?;
        writeln!(f)
    }
}

impl Line {
    fn per_operation(&self, sample: Duration) -> Duration {
        sample / self.operations
    }
}

/// Two decimals while they matter.
fn figure(ratio: f64) -> String {
    if ratio < 10.0 { format!("{ratio:.2}") } else { format!("{ratio:.1}") }
}

fn microseconds(time: Duration) -> String {
    let time = time.as_secs_f64() * 1e6;
    if time < 100.0 { format!("{time:.2}") } else { format!("{time:.0}") }
}

/// The sample at this part of the sorted samples.
fn quantile(samples: &[Duration], part: f64) -> Option<Duration> {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    let last = sorted.len().checked_sub(1)?;
    sorted.get((last as f64 * part).round() as usize).copied()
}
