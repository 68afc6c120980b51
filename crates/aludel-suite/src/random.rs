//! Tests with random input.

use std::env;

use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Returns a runner of `usual` cases, or of `many` where the long form is asked for: the same ones each time. A failure is made smaller in at most `shrinks`
/// steps.
///
/// `ALUDEL_TEST_CASES` says how many instead, and `ALUDEL_TEST_SEED` begins another row of them.
///
/// # Panics
///
/// Panics if one of these variables is no number.
#[must_use]
pub fn random_cases(usual: u32, many: u32, shrinks: u32) -> TestRunner {
    let number = |name: &str| {
        let told = env::var(name).ok();
        told.map(|it| it.parse::<u32>().unwrap_or_else(|_| panic!("{name} is no number: {it}")))
    };
    let cases = number("ALUDEL_TEST_CASES").unwrap_or(if crate::long() { many } else { usual });
    let config = Config { cases, failure_persistence: None, max_shrink_iters: shrinks, ..Config::default() };
    let rng = match number("ALUDEL_TEST_SEED") {
        None => TestRng::deterministic_rng(RngAlgorithm::ChaCha),
        Some(number) => {
            let mut seed = [0; 32];
            seed[..4].copy_from_slice(&number.to_le_bytes());
            TestRng::from_seed(RngAlgorithm::ChaCha, &seed)
        }
    };
    TestRunner::new_with_rng(config, rng)
}
