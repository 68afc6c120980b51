//! What [`#[aludel::test]`](macro@crate::test) calls.

use std::fmt::Debug;
use std::future::poll_fn;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use aludel_engine::blocking::run_alone;

use crate::{Engine, Metadata, Result, Session};

/// How long sessions that a test has left may take to give back their connections.
const GRACE: Duration = Duration::from_secs(10);

/// Where the database of a test is, and what must be in it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Setup {
    /// Its URL.
    pub url: Option<&'static str>,
    /// The environment variable that holds its URL, if none is given; `DATABASE_URL` without it.
    pub env: Option<&'static str>,
    /// The tables that are created, if they are not there.
    pub tables: Option<fn() -> Metadata>,
    /// Whether the test has a database of its own, made beside that of the URL and dropped at the end.
    pub own_database: bool,
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

impl<E: Debug> Outcome for std::result::Result<(), E> {
    #[track_caller]
    fn check(self) {
        if let Err(error) = self {
            panic!("{error:?}");
        }
    }
}

/// Runs a test with a session on a runtime of its own: one that keeps nothing, or one in a database of its own.
///
/// # Panics
///
/// Panics where the test fails, or the database cannot be reached, made or dropped.
#[track_caller]
pub fn run<R: Outcome>(setup: Setup, test: impl AsyncFnOnce(Session) -> R) {
    let outcome = run_alone(async {
        let engine = match setup.url {
            Some(url) => Engine::builder(url).build(),
            None => Engine::from_env(setup.env.unwrap_or("DATABASE_URL")).build(),
        };
        let engine = engine.unwrap_or_else(|error| panic!("{error}"));
        if !setup.own_database {
            let outcome =
                within(&engine, setup, async || test(engine.session_with(|o| o.rollback_only(true))).await);
            let outcome = outcome.await;
            engine.dispose().await;
            return outcome;
        }
        let own = OwnDatabase::create(&engine).await;
        let own = own.unwrap_or_else(|error| panic!("the database of the test: {error}"));
        let outcome = within(&own.engine, setup, async || test(own.engine.session()).await).await;
        let removed = own.remove().await;
        engine.dispose().await;
        removed.unwrap_or_else(|error| panic!("the database of the test: {error}"));
        outcome
    });
    match outcome {
        Ok(outcome) => outcome.check(),
        Err(panicked) => resume_unwind(panicked),
    }
}

/// Creates the tables and runs the test; a panic comes back as an error, so that what was set up can be taken down.
async fn within<R>(engine: &Engine, setup: Setup, test: impl AsyncFnOnce() -> R) -> thread::Result<R> {
    let mut test = pin!(async {
        if let Some(tables) = setup.tables {
            let created = engine.create_all(&tables()).await;
            created.unwrap_or_else(|error| panic!("the tables of the test: {error}"));
        }
        test().await
    });
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| test.as_mut().poll(context))) {
        Ok(polled) => polled.map(Ok),
        Err(panicked) => Poll::Ready(Err(panicked)),
    })
    .await
}

/// A database that is there for one test only.
struct OwnDatabase {
    engine: Engine,
    /// The engine that made it, and its name; where the database is in the program itself, in memory, there is none.
    made: Option<(Engine, String)>,
}

impl OwnDatabase {
    async fn create(server: &Engine) -> Result<Self> {
        if server.dialect().features().in_process {
            let memory = format!("{}::memory:", server.url().scheme());
            return Ok(Self { engine: Engine::builder(&memory).build()?, made: None });
        }
        static NEXT: AtomicU32 = AtomicU32::new(0);
        // Other programs, and other machines, test on the same server.
        let salt = RandomState::new().build_hasher().finish();
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("aludel_test_{}_{next}_{salt:016x}", std::process::id());
        server.connect().await?.run_plain(&[&format!("CREATE DATABASE {name}")]).await?;
        let url = server.url().clone().with_database(name.as_str());
        Ok(Self { engine: Engine::builder(&url.reveal()).build()?, made: Some((server.clone(), name)) })
    }

    async fn remove(self) -> Result<()> {
        // Nobody can be connected to what is dropped.
        let closed = self.engine.close(GRACE).await;
        let Some((server, name)) = self.made else { return closed };
        let dropped = server.connect().await?.run_plain(&[&format!("DROP DATABASE {name}")]).await;
        closed.and(dropped)
    }
}
