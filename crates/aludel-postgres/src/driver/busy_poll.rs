//! Waiting for the rest of a large result without falling asleep.
//!
//! The server sends rows in pieces of 8 KiB, which it fills in some 20 µs. A client that sleeps between two of them is woken for each, and being
//! woken costs both sides more than the client takes to read the piece: the faster it reads, the slower the result comes. So the task asks again for a
//! short while first, and other tasks have their turn in between. Where that finds nothing (a slow query, a slow network, one core for client and
//! server) it is soon given up: each wait in vain doubles the number of waits that are not tried.

use std::pin::pin;
use std::task::Context;

/// How often is asked before the task sleeps: 30 to 50 µs, where nothing else has work.
const TURNS: u8 = 64;
/// After so many waits it is tried again, at the latest.
const MOST_SKIPPED: u8 = u8::MAX;

/// How eagerly one connection waits.
#[derive(Debug, Default)]
pub(super) struct BusyPoll {
    /// How often this wait has asked.
    turns: u8,
    /// Waits that are still to sleep at once.
    skip: u8,
    /// How many those were the last time.
    skipped: u8,
}

impl BusyPoll {
    /// Nothing is here yet. `true`: ask again in a moment, `false`: sleep.
    pub fn again(&mut self) -> bool {
        if self.skip > 0 || self.turns == TURNS {
            return false;
        }
        self.turns += 1;
        self.turns < TURNS || {
            self.skipped = self.skipped.saturating_mul(2).clamp(1, MOST_SKIPPED);
            false
        }
    }

    /// Something has come: the wait is over.
    pub fn found(&mut self) {
        match std::mem::take(&mut self.turns) {
            0 => self.skip = self.skip.saturating_sub(1),
            TURNS => self.skip = self.skipped,
            _ => self.skipped = 0,
        }
    }
}

/// Has the task polled again, after all others that are ready and after the runtime has looked at its sockets.
pub(super) fn poll_again(cx: &mut Context<'_>) {
    // Its first poll puts the task behind all that is ready; there is no second.
    let _ = pin!(tokio::task::yield_now()).poll(cx);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waits once, until `comes` (or for longer than anybody asks), and returns how often was asked.
    fn wait(poll: &mut BusyPoll, comes: Option<u8>) -> u8 {
        let mut asked = 0;
        while Some(asked) != comes && poll.again() {
            asked += 1;
        }
        poll.found();
        asked
    }

    #[test]
    fn what_comes_soon_is_asked_for_until_it_is_here() {
        let mut poll = BusyPoll::default();
        for _ in 0..1_000 {
            assert_eq!(wait(&mut poll, Some(5)), 5);
        }
    }

    #[test]
    fn what_does_not_come_is_slept_for_and_tried_ever_more_rarely() {
        let mut poll = BusyPoll::default();
        let tried: Vec<usize> = (0..1_000).filter(|_| wait(&mut poll, None) > 0).collect();
        assert_eq!(tried, [0, 2, 5, 10, 19, 36, 69, 134, 263, 519, 775]);
    }

    #[test]
    fn one_that_comes_soon_makes_it_eager_again() {
        let mut poll = BusyPoll::default();
        for _ in 0..8 {
            wait(&mut poll, None);
        }
        while wait(&mut poll, Some(1)) == 0 {}
        assert_eq!(wait(&mut poll, None), TURNS - 1);
        assert_eq!(wait(&mut poll, None), 0);
        assert_eq!(wait(&mut poll, None), TURNS - 1);
    }
}
