//! Who is drawn where: the newest revision on top, a branch in a lane of its own.

use aludel::migrate::{Revision, RevisionId, RevisionMap};

/// A revision, and the lanes above and below it.
pub struct Row<'a> {
    pub revision: &'a Revision,
    /// The lane that it is in.
    pub lane: usize,
    /// Whether there is a line in each lane above it.
    pub above: Vec<bool>,
    /// The lanes whose lines end in it from above, besides its own.
    pub children: Vec<usize>,
    /// The lanes of its further parents.
    pub parents: Vec<usize>,
    /// Whether there is a line in each lane below it.
    pub below: Vec<bool>,
}

/// Gives every revision its place, the newest first.
pub fn rows(map: &RevisionMap) -> Vec<Row<'_>> {
    // What each lane leads to.
    let mut lanes: Vec<Option<&RevisionId>> = Vec::new();
    let mut rows = Vec::new();
    for revision in map.revisions().iter().rev() {
        let above: Vec<bool> = lanes.iter().map(Option::is_some).collect();
        let mut leading = (0..lanes.len()).filter(|at| lanes[*at] == Some(&revision.id));
        let lane = leading.next();
        let children: Vec<usize> = leading.collect();
        let lane = lane.unwrap_or_else(|| free(&mut lanes));
        for child in &children {
            lanes[*child] = None;
        }
        lanes[lane] = revision.parents.first();
        let mut parents = Vec::new();
        for parent in revision.parents.iter().skip(1) {
            let at = lanes.iter().position(|it| *it == Some(parent)).unwrap_or_else(|| free(&mut lanes));
            lanes[at] = Some(parent);
            parents.push(at);
        }
        while lanes.last() == Some(&None) {
            lanes.pop();
        }
        let below = lanes.iter().map(Option::is_some).collect();
        rows.push(Row { revision, lane, above, children, parents, below });
    }
    rows
}

fn free(lanes: &mut Vec<Option<&RevisionId>>) -> usize {
    lanes.iter().position(Option::is_none).unwrap_or_else(|| {
        lanes.push(None);
        lanes.len() - 1
    })
}
