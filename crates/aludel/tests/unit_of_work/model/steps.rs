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
    AddAuthor,
    AddShelf,
    AddBook,
    AddChapter,
    AddTag,
    Rename,
    Count,
    Recode,
    MoveBook,
    Shelve,
    MoveChapter,
    TakeOut,
    Tie,
    Untie,
    Delete,
    Merge,
    MergeGraph,
    Expunge,
    Refresh,
    Expire,
    Get,
    Query,
    Load,
    UpdateWhere,
    DeleteWhere,
    ByAnother,
}

/// How often each of them comes.
const WEIGHTS: &[(u32, What)] = &[
    (3, What::Flush),
    (3, What::Commit),
    (2, What::Rollback),
    (3, What::BeginNested),
    (3, What::EndNested),
    (2, What::AddAuthor),
    (2, What::AddShelf),
    (4, What::AddBook),
    (3, What::AddChapter),
    (2, What::AddTag),
    (4, What::Rename),
    (1, What::Count),
    (1, What::Recode),
    (4, What::MoveBook),
    (3, What::Shelve),
    (2, What::MoveChapter),
    (1, What::TakeOut),
    (4, What::Tie),
    (2, What::Untie),
    (4, What::Delete),
    (2, What::Merge),
    (1, What::MergeGraph),
    (2, What::Expunge),
    (2, What::Refresh),
    (1, What::Expire),
    (2, What::Get),
    (3, What::Query),
    (4, What::Load),
    (1, What::UpdateWhere),
    (1, What::DeleteWhere),
    (2, What::ByAnother),
];

#[derive(Clone)]
pub struct Step {
    pub what: What,
    dice: [u8; 3],
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
    let step = (what, any::<[u8; 3]>()).prop_map(|(what, dice)| Step { what, dice });
    prop::collection::vec(step, 1..most)
}
