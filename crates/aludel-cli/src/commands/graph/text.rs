//! The graph in letters.

use super::Drawing;
use super::lanes::{Row, rows};

pub fn draw(drawing: &Drawing<'_>) -> String {
    let mut out = String::new();
    for row in rows(drawing.map) {
        if !row.children.is_empty() {
            out.push_str(&joint(&row, &row.children, &row.above, true));
        }
        let is_line = |lane: usize| row.above.get(lane) == Some(&true) && !row.children.contains(&lane);
        let width =
            (0..row.above.len()).rfind(|lane| is_line(*lane)).map_or(0, |it| it + 1).max(row.lane + 1);
        for lane in 0..width {
            out.push_str(if lane == row.lane {
                "* "
            } else if is_line(lane) {
                "│ "
            } else {
                "  "
            });
        }
        out.push_str(&drawing.label(row.revision));
        if !row.revision.depends_on.is_empty() {
            let ids: Vec<&str> = row.revision.depends_on.iter().map(|it| it.as_str()).collect();
            out.push_str(&format!(" (depends on {})", ids.join(", ")));
        }
        out.push('\n');
        if !row.parents.is_empty() {
            out.push_str(&joint(&row, &row.parents, &row.below, false));
        }
    }
    out
}

/// Writes the line between two rows on which lanes come together with that of a revision, or part from it.
fn joint(row: &Row<'_>, ends: &[usize], lines: &[bool], upwards: bool) -> String {
    let first = ends.iter().chain([&row.lane]).copied().min().unwrap_or_default();
    let last = ends.iter().chain([&row.lane]).copied().max().unwrap_or_default();
    let mut out = String::new();
    for lane in 0..lines.len().max(last + 1) {
        let is_line = lines.get(lane) == Some(&true);
        let (is_first, is_last) = (lane == first, lane == last);
        // A lane that goes on on the other side of the line.
        let was_there = row.above.get(lane) == Some(&true) && !row.children.contains(&lane);
        let goes_on = lane == row.lane || (!upwards && is_line && was_there);
        let char = match (lane < first || lane > last, lane == row.lane || ends.contains(&lane)) {
            (true, _) => {
                if is_line {
                    '│'
                } else {
                    ' '
                }
            }
            (false, false) => {
                if is_line {
                    '┼'
                } else {
                    '─'
                }
            }
            (false, true) if goes_on => {
                if is_first {
                    '├'
                } else if is_last {
                    '┤'
                } else {
                    '┼'
                }
            }
            (false, true) if upwards => {
                if is_first {
                    '╰'
                } else if is_last {
                    '╯'
                } else {
                    '┴'
                }
            }
            (false, true) => {
                if is_first {
                    '╭'
                } else if is_last {
                    '╮'
                } else {
                    '┬'
                }
            }
        };
        out.push(char);
        out.push(if lane >= first && lane < last { '─' } else { ' ' });
    }
    format!("{}\n", out.trim_end())
}
