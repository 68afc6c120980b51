//! A contestant in a process of its own: one line asks for a sample, one line answers.
//!
//! ```text
//! harness    contestant
//!            ready SQLite 3.51.0
//! run select_core 17
//!            sample 1234567 9f86d081884c7d65       nanoseconds, checksum
//! run select_session 18
//!            absent                                does not take part in this row
//! run insert_100 19
//!            failed no such table: aludel_bench_item
//! ```
//!
//! It ends when its standard input does.

use std::io::{BufRead, Write};
use std::time::Duration;

use crate::{Contestant, Error, Outcome, Result, Sample, rows};

/// The contestant's side: answers until the input ends. `version` is that of the database it reached.
pub fn serve(contestant: &mut dyn Contestant, version: &str) -> Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "ready {version}")?;
    output.flush()?;
    for line in std::io::stdin().lock().lines() {
        match answer(contestant, &line?) {
            Ok(Some(Sample { elapsed, checksum })) => {
                writeln!(output, "sample {} {checksum:016x}", elapsed.as_nanos())?;
            }
            Ok(None) => writeln!(output, "absent")?,
            Err(error) => writeln!(output, "failed {}", error.to_string().replace('\n', " "))?,
        }
        output.flush()?;
    }
    Ok(())
}

fn answer(contestant: &mut dyn Contestant, line: &str) -> Outcome {
    let mut words = line.split(' ');
    let (Some("run"), Some(row), Some(turn), None) = (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(format!("not a request: `{line}`").into());
    };
    rows::find(row)?.run(contestant, turn.parse()?)
}

/// The harness's side: waits for `ready` and returns the version.
pub fn greeting(input: &mut impl BufRead) -> Result<String> {
    let line = read_line(input)?;
    line.strip_prefix("ready ").map(str::to_owned).ok_or_else(|| unexpected(&line))
}

/// The harness's side: asks for one sample.
pub fn ask(output: &mut impl Write, input: &mut impl BufRead, row: &str, turn: u64) -> Outcome {
    writeln!(output, "run {row} {turn}")?;
    output.flush()?;
    let line = read_line(input)?;
    if line == "absent" {
        return Ok(None);
    }
    if let Some(message) = line.strip_prefix("failed ") {
        return Err(message.into());
    }
    let sample = line.strip_prefix("sample ").and_then(|rest| rest.split_once(' '));
    let (nanoseconds, checksum) = sample.ok_or_else(|| unexpected(&line))?;
    Ok(Some(Sample {
        elapsed: Duration::from_nanos(nanoseconds.parse()?),
        checksum: u64::from_str_radix(checksum, 16)?,
    }))
}

fn read_line(input: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    if input.read_line(&mut line)? == 0 {
        return Err("the process ended before it answered".into());
    }
    Ok(line.trim_end().to_owned())
}

fn unexpected(line: &str) -> Error {
    format!("not an answer: `{line}`").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the harness makes of an answer.
    fn check(answer: &str, expected: Result<Option<Sample>, &str>) {
        let mut request = Vec::new();
        let found = ask(&mut request, &mut answer.as_bytes(), "select_core", 17);
        assert_eq!(request, b"run select_core 17\n");
        assert_eq!(found.map_err(|error| error.to_string()), expected.map_err(str::to_owned));
    }

    #[test]
    fn answers() {
        let elapsed = Duration::from_micros(1_500);
        check("sample 1500000 00000000000000ff\n", Ok(Some(Sample { elapsed, checksum: 255 })));
        check("absent\n", Ok(None));
        check("failed no such table: t\n", Err("no such table: t"));
        check("sample soon\n", Err("not an answer: `sample soon`"));
        check("", Err("the process ended before it answered"));
    }

    #[test]
    fn requests() {
        struct Idle;
        impl Contestant for Idle {}
        assert_eq!(answer(&mut Idle, "run select_core 17").unwrap(), None);
        assert!(
            answer(&mut Idle, "run nothing 17")
                .unwrap_err()
                .to_string()
                .starts_with("no such row: `nothing`")
        );
        assert_eq!(answer(&mut Idle, "stop").unwrap_err().to_string(), "not a request: `stop`");
    }
}
