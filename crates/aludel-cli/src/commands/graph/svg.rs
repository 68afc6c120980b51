//! The graph as a picture.

use std::collections::HashMap;

use aludel::migrate::RevisionId;

use super::Drawing;
use super::lanes::rows;

const LANE: usize = 22;
const ROW: usize = 34;

pub fn draw(drawing: &Drawing<'_>) -> String {
    let rows = rows(drawing.map);
    let place = |at: usize, lane: usize| (lane * LANE + 16, at * ROW + 20);
    let places: HashMap<&RevisionId, (usize, usize)> =
        rows.iter().enumerate().map(|(at, row)| (&row.revision.id, place(at, row.lane))).collect();
    let lanes = rows.iter().map(|it| it.lane + 1).max().unwrap_or(1);
    let (mut lines, mut marks, mut letters) = (String::new(), String::new(), 0);
    for (at, row) in rows.iter().enumerate() {
        let (x, y) = place(at, row.lane);
        for (number, parent) in row.revision.parents.iter().enumerate() {
            let (to_x, to_y) = places[parent];
            // The first parent is below in the lane of the child, another in its own.
            let path = if number == 0 {
                let bend = to_y - ROW / 2;
                format!("M{x} {y} V{bend} C{x} {to_y} {to_x} {bend} {to_x} {to_y}")
            } else {
                let bend = y + ROW / 2;
                format!("M{x} {y} C{x} {bend} {to_x} {y} {to_x} {bend} V{to_y}")
            };
            lines.push_str(&format!("  <path d=\"{path}\"/>\n"));
        }
        for other in &row.revision.depends_on {
            let (to_x, to_y) = places[other];
            lines.push_str(&format!("  <path d=\"M{x} {y} L{to_x} {to_y}\" stroke-dasharray=\"4 3\"/>\n"));
        }
        let label = drawing.label(row.revision);
        letters = letters.max(label.chars().count());
        let fill = if drawing.current.contains(&row.revision.id) { "#2da44e" } else { "#0969da" };
        marks.push_str(&format!(
            "  <circle cx=\"{x}\" cy=\"{y}\" r=\"6\" fill=\"{fill}\"/>\n  <text x=\"{}\" y=\"{}\">{}</text>\n",
            lanes * LANE + 16,
            y + 5,
            label.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
        ));
    }
    let (width, height) = (lanes * LANE + 32 + letters * 9, rows.len() * ROW + 6);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"14\">\n\
         <g fill=\"none\" stroke=\"#6e7781\" stroke-width=\"2\">\n{lines}</g>\n<g>\n{marks}</g>\n</svg>\n"
    )
}
