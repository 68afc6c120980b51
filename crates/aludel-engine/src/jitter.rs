//! Pauses that are never twice the same, so that those who failed together do not come back together.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

use crate::blocking::{runtime, waits_here};

/// Waits between half of `longest` and all of it.
///
/// Outside a Tokio runtime, and outside the blocking API, there is no timer: then it goes on at once.
#[doc(hidden)]
pub async fn pause(longest: Duration) {
    let pause = jitter(longest);
    if runtime().is_some() {
        tokio::time::sleep(pause).await;
    } else if waits_here() {
        std::thread::sleep(pause);
    }
}

/// Returns a pause between half of `longest` and all of it.
pub(crate) fn jitter(longest: Duration) -> Duration {
    // The standard library has no random numbers, but each of its hash tables has a seed of its own.
    let random = RandomState::new().build_hasher().finish();
    let share = (random >> 40) as f64 / (1_u64 << 24) as f64;
    longest.mul_f64(0.5 + share / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_spread_over_the_upper_half() {
        let pauses: Vec<_> = (0..200).map(|_| jitter(Duration::from_secs(1))).collect();
        assert!(pauses.iter().all(|it| (500..=1000).contains(&it.as_millis())));
        assert!(pauses.iter().any(|it| it.as_millis() < 600) && pauses.iter().any(|it| it.as_millis() > 900));
    }
}
