//! The graph for Mermaid, as Markdown pages show it.

use super::Drawing;

pub fn draw(drawing: &Drawing<'_>) -> String {
    let mut out = "flowchart TD\n".to_owned();
    for revision in drawing.map.revisions() {
        let label = drawing.label(revision).replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
        // An id alone may be a word of Mermaid.
        out.push_str(&format!("    r_{}[\"{label}\"]\n", revision.id));
        for parent in &revision.parents {
            out.push_str(&format!("    r_{parent} --> r_{}\n", revision.id));
        }
        for other in &revision.depends_on {
            out.push_str(&format!("    r_{other} -.-> r_{}\n", revision.id));
        }
    }
    out
}
