//! `aludel graph`.

mod dot;
mod lanes;
mod mermaid;
mod svg;
mod text;

use aludel::Result;
use aludel::migrate::{Revision, RevisionId, RevisionMap};
use serde_json::json;

use crate::Exit;
use crate::args::{Format, Graph};
use crate::output::{out, print, revision_json, revision_name};
use crate::paint::Paint;
use crate::project::Project;

pub async fn run(project: &Project, args: &Graph) -> Result<Exit> {
    let scripts = project.scripts()?;
    let map = scripts.map();
    // The database is asked only where the answer depends on it.
    let applied = if args.indicate_current { project.applied(&scripts).await? } else { Vec::new() };
    let current = map.heads_of(|id| applied.contains(id));
    let paint = if args.format == Format::Text { out() } else { Paint::none() };
    let drawing = Drawing { map, current, paint };
    if project.output.json {
        let revisions = map.revisions().iter().map(|it| {
            let mut value = revision_json(map, it);
            if args.indicate_current {
                value["is_applied"] = json!(applied.contains(&it.id));
            }
            value
        });
        project.output.value(&revisions.collect());
        return Ok(Exit::Done);
    }
    let text = match args.format {
        Format::Text => text::draw(&drawing),
        Format::Mermaid => mermaid::draw(&drawing),
        Format::Dot => dot::draw(&drawing),
        Format::Svg => svg::draw(&drawing),
    };
    print(&if args.format == Format::Text { paint.shown(&text) } else { text });
    Ok(Exit::Done)
}

/// What is drawn.
struct Drawing<'a> {
    map: &'a RevisionMap,
    /// Where the database is.
    current: Vec<RevisionId>,
    paint: Paint,
}

impl Drawing<'_> {
    /// Describes a revision on a line.
    fn label(&self, revision: &Revision) -> String {
        let mark = if self.current.contains(&revision.id) { " (current)" } else { "" };
        format!("{}{mark}, {}", revision_name(self.map, revision, self.paint), revision.message)
    }
}
