//! What the program `drills` does.

use std::fmt::Write;
use std::path::Path;

use crate::Result;
use crate::cards::Cards;
use crate::catalogue::{Catalogue, Drill, read};
use crate::checker::{self, Verdict};
use crate::progress::Progress;
use crate::terminal::{Style, is_interactive, paint, wrapped};
use crate::{quiz, review, watch};

/// The commands, as `drills help` shows them.
pub const HELP: &str = "\
Exercises with Aludel, each checked against a database.

  drills                  the next drill: on a terminal, checked again whenever its file changes
  drills watch            the same, terminal or not
  drills list             all drills, and which are done
  drills check [NAME]     check one answer
  drills hint [NAME]      a hint for what went wrong last; again: the next one
  drills solution NAME    the solution
  drills reset NAME       begin again; the old answer is kept beside the new one
  drills cards            the flash cards that are due today; with --shuffled, all of them
  drills quiz             questions with answers to choose from; those that were wrong last time first
  drills self-check       what to be able to do without looking, and which drills show it

A drill is named by its name or number; without one, the next is meant.
Answers and progress are kept in drills/answers, or where ALUDEL_DRILLS_ANSWERS says.
The exit code is 0 if the answer passed, 1 if it did not, 2 if the command could not be run.
";

/// Runs a command; `Ok(false)` means that an answer did not pass.
///
/// # Errors
///
/// The command is not one, or a file cannot be read or written.
pub fn run(arguments: &[&str]) -> Result<bool> {
    let catalogue = Catalogue::read();
    let mut progress = Progress::open()?;
    let chosen = |progress: &Progress, name: Option<&&str>| match name {
        Some(name) => catalogue.find(name).map(Some),
        None => Ok(progress.next(&catalogue)),
    };
    match arguments {
        ["watch"] => watch::watch(&catalogue, &mut progress),
        [] if is_interactive() => watch::watch(&catalogue, &mut progress),
        [] => {
            let Some(drill) = progress.next(&catalogue) else { return Ok(all_done()) };
            show(drill, &progress)?;
            check(drill, &mut progress)
        }
        ["list"] => {
            print!("{}", list(&catalogue, &progress));
            Ok(true)
        }
        ["check", name @ ..] if name.len() <= 1 => {
            let Some(drill) = chosen(&progress, name.first())? else { return Ok(all_done()) };
            check(drill, &mut progress)
        }
        ["hint", name @ ..] if name.len() <= 1 => {
            let Some(drill) = chosen(&progress, name.first())? else { return Ok(all_done()) };
            hint(drill, &mut progress)
        }
        ["solution", name] => solution(catalogue.find(name)?, &mut progress),
        ["solution"] => Err("say which: `drills solution NAME`".to_owned()),
        ["reset", name] => {
            let drill = catalogue.find(name)?;
            let kept = progress.reset(drill)?;
            progress.save()?;
            println!("{} begins again; your answer is kept in {}", drill.name, shown(&kept));
            Ok(true)
        }
        ["cards", options @ ..] if matches!(options, [] | ["--shuffled"]) => {
            review::review(&Cards::read(), &mut progress, !options.is_empty()).map(|()| true)
        }
        ["quiz"] => quiz::quiz(&Cards::read(), &mut progress).map(|()| true),
        ["self-check"] => {
            print!("{}", self_check(&Cards::read(), &catalogue, &progress));
            Ok(true)
        }
        ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(true)
        }
        _ => Err(format!("`drills {}` is no command\n\n{HELP}", arguments.join(" "))),
    }
}

fn all_done() -> bool {
    println!(
        "{} `drills list` shows them; `drills reset NAME` begins one again.",
        paint(Style::Good, "All drills are done.")
    );
    true
}

/// Prints the task of a drill, and where its answer goes.
pub(crate) fn show(drill: &Drill, progress: &Progress) -> Result<()> {
    println!("{}\n", paint(Style::Title, &format!("Drill {}: {}", drill.number, drill.title)));
    println!("{}\n", drill.task()?.trim());
    println!("Your answer: {}", shown(&progress.answer(drill)?));
    Ok(())
}

/// Checks an answer, says what came of it, and notes it.
pub(crate) fn check(drill: &Drill, progress: &mut Progress) -> Result<bool> {
    let verdict = checker::check(drill, &progress.answer(drill)?)?;
    progress.checked(drill, verdict.rule());
    progress.save()?;
    let not_yet = paint(Style::Bad, "Not yet:");
    match &verdict {
        Verdict::Passed => println!("{} {}", paint(Style::Good, "Passed:"), drill.name),
        Verdict::Failed(finding) => println!("{not_yet} {finding}"),
        Verdict::NotCompiled => println!("{not_yet} it does not compile; what the compiler says is above"),
        Verdict::Died(status) => println!("{not_yet} it ended before the check did ({status})"),
    }
    if verdict.rule().is_some() {
        let name = &drill.name;
        println!(
            "{}",
            paint(
                Style::Faint,
                &format!("`drills hint {name}` gives a hint, `drills solution {name}` the solution.")
            )
        );
    }
    Ok(verdict.rule().is_none())
}

/// Prints the next hint.
pub(crate) fn hint(drill: &Drill, progress: &mut Progress) -> Result<bool> {
    let Some((text, more)) = progress.hint(drill) else {
        return Err(format!("there are no hints for `{}`", drill.name));
    };
    println!("{} {text}", paint(Style::Title, "Hint:"));
    if more > 0 {
        println!("{}", paint(Style::Faint, &format!("({more} more)")));
    }
    progress.save()?;
    Ok(true)
}

/// Prints the solution, and what it does not say by itself.
pub(crate) fn solution(drill: &Drill, progress: &mut Progress) -> Result<bool> {
    progress.reveal(drill);
    progress.save()?;
    println!("{}", read(&drill.solution())?);
    println!("{}", wrapped(&drill.note));
    Ok(true)
}

/// All drills in lines.
fn list(catalogue: &Catalogue, progress: &Progress) -> String {
    let next = progress.next(catalogue).map(|it| it.number);
    let width = catalogue.drills.iter().map(|it| it.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for drill in &catalogue.drills {
        let mark = match drill.number {
            _ if progress.has_passed(drill) => paint(Style::Good, "✓"),
            it if Some(it) == next => "→".to_owned(),
            _ => " ".to_owned(),
        };
        let revealed = if progress.was_revealed(drill) { " (solution seen)" } else { "" };
        let _ = writeln!(text, "{mark} {:2} {:width$}  {}{revealed}", drill.number, drill.name, drill.title);
    }
    let done = catalogue.drills.iter().filter(|it| progress.has_passed(it)).count();
    let _ = writeln!(text, "{done} of {} done", catalogue.drills.len());
    text
}

/// The self-check in lines: what is shown by drills that have passed is ticked.
fn self_check(cards: &Cards, catalogue: &Catalogue, progress: &Progress) -> String {
    let passed = |name: &String| catalogue.find(name).is_ok_and(|it| progress.has_passed(it));
    let mut text = String::new();
    for check in &cards.checks {
        let mark = if check.drills.iter().all(passed) { paint(Style::Good, "✓") } else { " ".to_owned() };
        let _ = writeln!(text, "{mark} {}\n    {}", check.text, check.drills.join(", "));
    }
    text
}

/// A path, as short as it can be said from here.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).display().to_string()
}
