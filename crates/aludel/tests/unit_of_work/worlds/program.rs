//! Random programs. Whom a step is about is said by dice, so that a program is one still when steps are taken out of it.

use std::fmt;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// What a step does: to the transaction, or to what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What<D> {
    Flush,
    /// A flush that is refused before it sends anything.
    RefusedFlush,
    Commit,
    Rollback,
    BeginNested,
    EndNested,
    Do(D),
}

#[derive(Clone)]
pub struct Step<D> {
    pub what: What<D>,
    dice: [u8; 4],
}

impl<D: fmt::Debug> fmt::Debug for Step<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Do(deed) => write!(f, "{deed:?} {:?}", self.dice),
            what => write!(f, "{what:?} {:?}", self.dice),
        }
    }
}

impl<D> Step<D> {
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

/// Plays programs of at most so many steps, which come as often as they weigh.
pub fn try_programs<D: Copy + fmt::Debug + 'static>(
    weights: &[(u32, What<D>)],
    runner: TestRunner,
    most: usize,
    play: impl Fn(&[Step<D>]),
) {
    let weighted = weights.iter().flat_map(|(weight, what)| std::iter::repeat_n(*what, *weight as usize));
    let what = prop::sample::select(weighted.collect::<Vec<_>>());
    let step = (what, any::<[u8; 4]>()).prop_map(|(what, dice)| Step { what, dice });
    let mut runner = runner;
    let ran = runner.run(&prop::collection::vec(step, 1..most), |program| {
        play(&program);
        Ok(())
    });
    if let Err(broken) = ran {
        panic!("{broken}");
    }
}
