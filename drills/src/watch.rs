//! The drills one after the other, each checked whenever its file changes.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use notify::{EventKind, RecursiveMode, Watcher};

use crate::Result;
use crate::catalogue::Catalogue;
use crate::commands::{check, hint, show, solution};
use crate::progress::Progress;
use crate::terminal::{Style, paint};

/// What wakes the loop.
enum Signal {
    /// Something in the folder of the answers has changed.
    Changed,
    /// A line was typed; `None` is the end of the input.
    Typed(Option<String>),
}

/// An editor writes a file in several steps: so long it must have been quiet.
const QUIET: Duration = Duration::from_millis(100);

/// Shows drill after drill until all are done or the learner leaves.
pub fn watch(catalogue: &Catalogue, progress: &mut Progress) -> Result<bool> {
    let (sender, signals) = channel();
    read_lines(sender.clone());
    while let Some(drill) = progress.next(catalogue) {
        println!();
        show(drill, progress)?;
        let answer = progress.answer(drill)?;
        let _watching = watch_folder(&answer, sender.clone())?;
        // What is saved while a check runs is checked after it.
        let mut checked = std::fs::read(&answer).ok();
        let mut passed = check(drill, progress)?;
        while !passed {
            println!(
                "{}",
                paint(Style::Faint, "Save the file to check it again; or type: h(int), s(olution), q(uit)")
            );
            let signal = wait(&signals, &answer, checked.as_deref());
            checked = std::fs::read(&answer).ok();
            match signal {
                Signal::Changed => passed = check(drill, progress)?,
                Signal::Typed(line) => match line.as_deref().map(str::trim) {
                    None | Some("q" | "quit") => return Ok(true),
                    Some("h" | "hint") => drop(hint(drill, progress)?),
                    Some("s" | "solution") => drop(solution(drill, progress)?),
                    Some("") => passed = check(drill, progress)?,
                    Some(other) => println!("`{other}` is no command"),
                },
            }
        }
    }
    println!("\n{}", paint(Style::Good, "All drills are done."));
    Ok(true)
}

/// Waits until something was typed, or the answer is another one than the one that was checked.
fn wait(signals: &Receiver<Signal>, answer: &Path, checked: Option<&[u8]>) -> Signal {
    loop {
        // The senders live as long as the program.
        match signals.recv().unwrap_or(Signal::Typed(None)) {
            Signal::Changed => {
                let mut typed = None;
                while let Ok(signal) = signals.recv_timeout(QUIET) {
                    if let Signal::Typed(line) = signal {
                        typed = Some(line);
                        break;
                    }
                }
                if let Some(line) = typed {
                    return Signal::Typed(line);
                }
                if std::fs::read(answer).ok().as_deref() != checked {
                    return Signal::Changed;
                }
            }
            typed => return typed,
        }
    }
}

/// Watches the folder and not the file: many editors put a new file in the place of the old one.
fn watch_folder(answer: &Path, changed: Sender<Signal>) -> Result<impl Watcher> {
    let failed = |error: notify::Error| format!("{} cannot be watched: {error}", answer.display());
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|it| !matches!(it.kind, EventKind::Access(_))) {
            // Nobody may listen any more.
            let _ = changed.send(Signal::Changed);
        }
    })
    .map_err(failed)?;
    let folder = answer.parent().unwrap_or(Path::new("."));
    watcher.watch(folder, RecursiveMode::NonRecursive).map_err(failed)?;
    Ok(watcher)
}

fn read_lines(typed: Sender<Signal>) {
    thread::spawn(move || {
        for line in std::io::stdin().lines() {
            if typed.send(Signal::Typed(line.ok())).is_err() {
                return;
            }
        }
        let _ = typed.send(Signal::Typed(None));
    });
}
