//! The graph for Graphviz.

use super::Drawing;

pub fn draw(drawing: &Drawing<'_>) -> String {
    let mut out = "digraph revisions {\n    node [shape=box];\n".to_owned();
    for revision in drawing.map.revisions() {
        let label = drawing.label(revision).replace('\\', "\\\\").replace('"', "\\\"");
        out.push_str(&format!("    \"{}\" [label=\"{label}\"];\n", revision.id));
        for parent in &revision.parents {
            out.push_str(&format!("    \"{parent}\" -> \"{}\";\n", revision.id));
        }
        for other in &revision.depends_on {
            out.push_str(&format!("    \"{other}\" -> \"{}\" [style=dashed];\n", revision.id));
        }
    }
    out.push_str("}\n");
    out
}
