//! What a migrator does, while it does it: a bar at a terminal, lines elsewhere.

use std::sync::{Mutex, MutexGuard, PoisonError};

use aludel::migrate::Progress;

use crate::output::{Output, err, redraw};
use crate::paint::Style;

/// How many cells the bar has.
const CELLS: usize = 20;

/// Tells what a migrator does.
pub struct Teller {
    output: Output,
    now: Mutex<Now>,
}

/// What is being done.
#[derive(Default)]
struct Now {
    /// The step, counted from 1, how many there are, and what it does.
    step: (usize, usize, String),
    /// Whether the bar is on the terminal.
    is_drawn: bool,
    /// Whether it was said that another migrator is at work.
    waits: bool,
}

impl Teller {
    pub fn new(output: Output) -> Self {
        Self { output, now: Mutex::default() }
    }

    pub fn tell(&self, progress: Progress<'_>) {
        let mut now = self.now();
        match progress {
            Progress::Waiting if !now.waits => {
                now.waits = true;
                self.line(&mut now, "Another migrator is at work; waiting for it.");
            }
            Progress::Revision(revision, direction) => {
                let id = err().paint(Style::Name, revision.id.as_str());
                self.line(&mut now, &format!("{} {id}: {}", direction.title(), revision.message));
            }
            Progress::Step(number, of, title) => {
                now.step = (number, of, title.to_owned());
                self.draw(&mut now, None);
            }
            Progress::Blocked(blocked) => {
                let pause = blocked.pause.as_secs_f64();
                let who = blocked.describe();
                let who = if who.is_empty() { who } else { format!("\n    {who}") };
                let next = blocked.tries + 1;
                self.line(
                    &mut now,
                    &format!("    others hold a lock that is needed; try {next} in {pause:.1} s{who}"),
                );
            }
            Progress::Verifying(number, of, revision) => {
                now.step = (number, of, format!("{}: {}", revision.id, revision.message));
                self.draw(&mut now, None);
            }
            Progress::Rows(done, of) => self.draw(&mut now, Some((done, of))),
            _ => {}
        }
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says something that stays, where the bar was.
    fn line(&self, now: &mut Now, line: &str) {
        erase(now);
        self.output.progress(line);
    }

    /// Shows how far it is: the bar, or a line of its own.
    fn draw(&self, now: &mut Now, rows: Option<(i64, i64)>) {
        let (number, of, title) = &now.step;
        if !self.output.can_redraw() {
            return self.output.progress(&match rows {
                Some((done, of)) => format!("    {done} of {of} rows"),
                None => format!("  {number}/{of} {title}"),
            });
        }
        let within = rows.map_or(0.0, |(done, of)| done as f64 / of.max(1) as f64);
        let done = (number.saturating_sub(1) as f64 + within) / (*of).max(1) as f64;
        let paint = err();
        let (full, empty) = bar(done);
        let counted = rows.map(|(done, of)| format!(": {done} of {of} rows")).unwrap_or_default();
        let text = paint.shown(&format!(
            "  {}{} {number}/{of} {title}{counted}",
            paint.paint(Style::Good, &full),
            paint.paint(Style::Faint, &empty)
        ));
        // A line that is too long is cut by the terminal: the rest of one that it wrapped would stay.
        redraw(&format!("\r\u{1b}[?7l{}\u{1b}[K\u{1b}[?7h", text.replace('\n', " ")));
        now.is_drawn = true;
    }
}

/// Nothing of the bar is left when all is done, or when what went wrong is told.
impl Drop for Teller {
    fn drop(&mut self) {
        erase(&mut self.now());
    }
}

fn erase(now: &mut Now) {
    if std::mem::take(&mut now.is_drawn) {
        redraw("\r\u{1b}[K");
    }
}

/// Returns the part of the bar that is done, and the rest.
fn bar(done: f64) -> (String, String) {
    // In range by the clamp.
    let full = (done.clamp(0.0, 1.0) * CELLS as f64).round() as usize;
    ("█".repeat(full), "░".repeat(CELLS - full))
}

#[cfg(test)]
mod tests {
    use super::bar;

    #[test]
    fn a_bar_has_as_many_cells_as_are_done() {
        let cells = |done| {
            let (full, empty) = bar(done);
            (full.chars().count(), empty.chars().count())
        };
        assert_eq!([cells(0.0), cells(0.5), cells(1.0)], [(0, 20), (10, 10), (20, 0)]);
        assert_eq!(cells(7.0), (20, 0), "rows that came meanwhile");
    }
}
