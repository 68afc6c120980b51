//! Memory of closed sessions, for the next ones.
//!
//! A session that loads or adds a thousand objects asks the allocator for some hundred kilobytes and gives them back a moment later. An allocator
//! that gives memory back to the system at once lets the next session touch each page anew, which takes as long as to fill it. So
//! the emptied arenas of a closed session wait here, up to a limit, whichever engine it was of.

use std::any::TypeId;
use std::collections::VecDeque;
use std::sync::Mutex;

use super::arena::AnyArena;

/// So much memory is kept, in bytes.
const MOST_MEMORY: usize = 4 << 20;

/// So many arenas are kept: each is looked at by who needs one.
const MOST: usize = 128;

static SPARE: Mutex<Spare<Box<dyn AnyArena>>> = Mutex::new(Spare::new());

/// Things of several types, the one that came last behind the others.
struct Spare<T> {
    all: VecDeque<(TypeId, usize, T)>,
    /// The memory of all of them.
    memory: usize,
}

impl<T> Spare<T> {
    const fn new() -> Self {
        Self { all: VecDeque::new(), memory: 0 }
    }

    fn take(&mut self, of: TypeId) -> Option<T> {
        let place = self.all.iter().rposition(|(it, ..)| *it == of)?;
        let (_, memory, it) = self.all.remove(place)?;
        self.memory -= memory;
        Some(it)
    }

    /// Keeps one; those that came first make room. Returns what there is no room for.
    fn keep(&mut self, of: TypeId, memory: usize, it: T) -> Vec<T> {
        if memory > MOST_MEMORY {
            return vec![it];
        }
        let mut left = Vec::new();
        while self.all.len() == MOST || self.memory + memory > MOST_MEMORY {
            let Some((_, memory, it)) = self.all.pop_front() else { break };
            self.memory -= memory;
            left.push(it);
        }
        self.memory += memory;
        self.all.push_back((of, memory, it));
        left
    }
}

/// Returns an empty arena of an entity that has memory, if there is one.
pub(super) fn take(entity: TypeId) -> Option<Box<dyn AnyArena>> {
    // Nobody waits for what can be had elsewhere.
    SPARE.try_lock().ok()?.take(entity)
}

/// Empties the arenas of a session that ends, and keeps their memory.
pub(super) fn keep(arenas: Vec<Box<dyn AnyArena>>) {
    for mut arena in arenas {
        arena.renew();
        let kept = SPARE.try_lock().map(|mut it| it.keep(arena.entity(), arena.memory(), arena));
        // What there is no room for is freed when the others need not wait any more.
        drop(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_last_is_taken_first() {
        let (numbers, texts) = (TypeId::of::<u32>(), TypeId::of::<str>());
        let mut spare = Spare::new();
        for (of, it) in [(numbers, 1), (texts, 2), (numbers, 3)] {
            assert!(spare.keep(of, 1, it).is_empty());
        }
        assert_eq!(
            [numbers, numbers, numbers, texts].map(|it| spare.take(it)),
            [Some(3), Some(1), None, Some(2)]
        );
        assert_eq!(spare.memory, 0);
    }

    #[test]
    fn what_came_first_makes_room() {
        let of = TypeId::of::<u32>();
        let mut spare = Spare::new();
        assert_eq!(spare.keep(of, MOST_MEMORY + 1, 0), [0], "it would take all there is");
        spare.keep(of, MOST_MEMORY / 2, 1);
        spare.keep(of, MOST_MEMORY / 2, 2);
        assert_eq!(spare.keep(of, 1, 3), [1]);
        assert_eq!(spare.keep(of, MOST_MEMORY, 4), [2, 3]);
        let left: Vec<usize> = (5..MOST + 10).flat_map(|it| spare.keep(of, 0, it)).collect();
        assert_eq!(left, [4, 5, 6, 7, 8, 9]);
    }
}
