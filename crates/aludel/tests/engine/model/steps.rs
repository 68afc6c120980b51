//! Random programs. Whom a step is about is said by dice, so that a program is one still when steps are taken out of it.

use std::fmt;

use proptest::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Connect,
    GiveBack,
    Release,
    Invalidate,
    Abort,
    Panic,
    Begin,
    Commit,
    Rollback,
    Drop,
    BeginNested,
    ReleaseNested,
    RollbackNested,
    DropNested,
    Insert,
    InsertTwo,
    Together,
    Update,
    Delete,
    Fail,
    Read,
    Stream,
    Copy,
    Create,
    Alter,
    LeaveSettings,
    TwoPhase,
    Transact,
    Kill,
    KillIdle,
    Dispose,
    Condemn,
}

/// How often each of them comes.
const WEIGHTS: &[(u32, What)] = &[
    (8, What::Connect),
    (4, What::GiveBack),
    (3, What::Release),
    (1, What::Invalidate),
    (2, What::Abort),
    (1, What::Panic),
    (8, What::Begin),
    (6, What::Commit),
    (2, What::Rollback),
    (3, What::Drop),
    (5, What::BeginNested),
    (3, What::ReleaseNested),
    (2, What::RollbackNested),
    (2, What::DropNested),
    (10, What::Insert),
    (2, What::InsertTwo),
    (2, What::Together),
    (3, What::Update),
    (2, What::Delete),
    (6, What::Fail),
    (5, What::Read),
    (5, What::Stream),
    (2, What::Copy),
    (2, What::Create),
    (1, What::Alter),
    (1, What::LeaveSettings),
    (1, What::TwoPhase),
    (1, What::Transact),
    (2, What::Kill),
    (1, What::KillIdle),
    (1, What::Dispose),
    (1, What::Condemn),
];

#[derive(Clone)]
pub struct Step {
    pub what: What,
    dice: [u8; 3],
    /// The future is dropped after so many polls.
    pub polls: Option<usize>,
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?}", self.what, self.dice)?;
        self.polls.map_or(Ok(()), |polls| write!(f, " dropped after {polls} polls"))
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

/// A pool, and what is done with it.
pub fn programs(most: usize) -> impl Strategy<Value = (u8, Vec<Step>)> {
    let what = prop::sample::select(
        WEIGHTS
            .iter()
            .flat_map(|(weight, what)| std::iter::repeat_n(*what, *weight as usize))
            .collect::<Vec<_>>(),
    );
    let polls = prop::option::weighted(0.12, 1..6_usize);
    let step = (what, any::<[u8; 3]>(), polls).prop_map(|(what, dice, polls)| Step { what, dice, polls });
    (any::<u8>(), prop::collection::vec(step, 1..most))
}
