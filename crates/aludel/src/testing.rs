//! What [`#[aludel::test]`](macro@crate::test) calls.

use std::fmt::Debug;

use aludel_engine::blocking::run_alone;

use crate::{Engine, Metadata, Session};

/// Where the database of a test is, and what must be in it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Setup {
    /// Its URL.
    pub url: Option<&'static str>,
    /// The environment variable that holds its URL, if none is given; `DATABASE_URL` without it.
    pub env: Option<&'static str>,
    /// The tables that are created, if they are not there.
    pub tables: Option<fn() -> Metadata>,
}

/// What a test may return.
pub trait Outcome {
    /// Panics where the test has failed.
    #[doc(hidden)]
    fn check(self);
}

impl Outcome for () {
    fn check(self) {}
}

impl<E: Debug> Outcome for Result<(), E> {
    #[track_caller]
    fn check(self) {
        if let Err(error) = self {
            panic!("{error:?}");
        }
    }
}

/// Runs a test with a session that keeps nothing, on a runtime of its own.
///
/// # Panics
///
/// Panics where the test fails, or the database cannot be reached.
#[track_caller]
pub fn run<R: Outcome>(setup: Setup, test: impl AsyncFnOnce(Session) -> R) {
    let outcome = run_alone(async {
        let engine = match setup.url {
            Some(url) => Engine::builder(url).build(),
            None => Engine::from_env(setup.env.unwrap_or("DATABASE_URL")).build(),
        };
        let engine = engine.unwrap_or_else(|error| panic!("{error}"));
        if let Some(tables) = setup.tables {
            let created = engine.create_all(&tables()).await;
            created.unwrap_or_else(|error| panic!("the tables of the test: {error}"));
        }
        let outcome = test(engine.session_with(|o| o.rollback_only(true))).await;
        engine.dispose().await;
        outcome
    });
    outcome.check();
}
