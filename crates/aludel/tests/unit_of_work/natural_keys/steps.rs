//! Random programs. Whom a step is about is said by dice, so that a program is one still when steps are taken out of it.

use std::fmt;

use proptest::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Flush,
    Commit,
    Rollback,
    BeginNested,
    EndNested,
    AddBand,
    AddSinger,
    AddAlbum,
    AddTag,
    Change,
    Recode,
    Swap,
    MoveSinger,
    MoveAlbum,
    Lead,
    Tie,
    Untie,
    Delete,
    Replace,
    Merge,
    Expunge,
    Refresh,
    Get,
    Query,
    Load,
    UpdateWhere,
    MoveWhere,
    DeleteWhere,
}

/// How often each of them comes.
const WEIGHTS: &[(u32, What)] = &[
    (4, What::Flush),
    (2, What::Commit),
    (2, What::Rollback),
    (3, What::BeginNested),
    (3, What::EndNested),
    (4, What::AddBand),
    (4, What::AddSinger),
    (4, What::AddAlbum),
    (2, What::AddTag),
    (2, What::Change),
    (5, What::Recode),
    (4, What::Swap),
    (5, What::MoveSinger),
    (3, What::MoveAlbum),
    (4, What::Lead),
    (4, What::Tie),
    (2, What::Untie),
    (5, What::Delete),
    (4, What::Replace),
    (2, What::Merge),
    (1, What::Expunge),
    (1, What::Refresh),
    (2, What::Get),
    (2, What::Query),
    (4, What::Load),
    (1, What::UpdateWhere),
    (1, What::MoveWhere),
    (1, What::DeleteWhere),
];

#[derive(Clone)]
pub struct Step {
    pub what: What,
    dice: [u8; 4],
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?}", self.what, self.dice)
    }
}

impl Step {
    /// A number less than `sides`, which is not 0.
    pub fn die(&self, die: usize, sides: usize) -> usize {
        usize::from(self.dice[die]) % sides
    }

    /// One of these, if there are any.
    pub fn pick<T>(&self, die: usize, from: impl IntoIterator<Item = T>) -> Option<T> {
        let mut all: Vec<T> = from.into_iter().collect();
        if all.is_empty() { None } else { Some(all.swap_remove(self.die(die, all.len()))) }
    }
}

pub fn programs(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let what = prop::sample::select(
        WEIGHTS
            .iter()
            .flat_map(|(weight, what)| std::iter::repeat_n(*what, *weight as usize))
            .collect::<Vec<_>>(),
    );
    let step = (what, any::<[u8; 4]>()).prop_map(|(what, dice)| Step { what, dice });
    prop::collection::vec(step, 1..most)
}
