//! Warnings of connections that are held too long.

use std::panic::Location;
use std::sync::Mutex;

use aludel_engine::events::{Listener, PoolEvent};

use super::*;

#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<(&'static Location<'static>, Duration)>>>);

impl Warnings {
    fn lines(&self) -> Vec<u32> {
        self.0.lock().unwrap().iter().map(|(at, _)| at.line()).collect()
    }
}

impl Listener for Warnings {
    fn pool(&self, event: &PoolEvent) {
        if let PoolEvent::HeldTooLong { at, age } = *event {
            self.0.lock().unwrap().push((at, age));
        }
    }
}

fn watched(seconds: u64) -> (Warnings, Pool) {
    let warnings = Warnings::default();
    let options = size(3, 0).pool_hold_warning(Duration::from_secs(seconds)).pool_timeout(Duration::ZERO);
    (warnings.clone(), Pool::with_listener(Server::new().driver(), options, warnings))
}

/// Case 14 of the catalogue.
#[tokio::test(start_paused = true)]
async fn a_leaked_connection_is_warned_of_once_with_its_call_site() {
    let (warnings, pool) = watched(10);
    let line = line!() + 1;
    std::mem::forget(pool.acquire().await.unwrap());
    sleep(Duration::from_secs(9)).await;
    assert!(warnings.lines().is_empty());
    sleep(Duration::from_secs(100)).await;
    assert_eq!(warnings.lines(), [line]);
    assert_eq!(warnings.0.lock().unwrap()[0].1.as_secs(), 10);
    // The pool is not wedged: others go on, and who finds nothing is told who has it.
    let [_a, _b] = lend(&pool).await;
    let error = pool.acquire().await.unwrap_err();
    assert!(error.what().contains(&format!("{}:{line}", file!())), "{error}");
}

#[tokio::test(start_paused = true)]
async fn each_loan_is_watched_and_those_given_back_in_time_are_not_warned_of() {
    let (warnings, pool) = watched(10);
    let first = pool.acquire().await.unwrap();
    sleep(Duration::from_secs(6)).await;
    let (second, line) = (pool.acquire().await.unwrap(), line!());
    drop(first);
    sleep(Duration::from_secs(11)).await;
    drop(second);
    assert_eq!(warnings.lines(), [line]);
    sleep(Duration::from_secs(60)).await;
    let (third, again) = (pool.acquire().await.unwrap(), line!());
    sleep(Duration::from_secs(11)).await;
    drop(third);
    assert_eq!(warnings.lines(), [line, again]);
}

#[tokio::test(start_paused = true)]
async fn the_watch_ends_with_the_last_holder_and_with_the_pool() {
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let (_, pool) = watched(10);
    drop(pool.acquire().await.unwrap());
    assert_eq!(tasks(), 1);
    sleep(Duration::from_secs(11)).await;
    assert_eq!(tasks(), 0);
    std::mem::forget(pool.acquire().await.unwrap().detach());
    assert_eq!(tasks(), 1);
    drop(pool);
    yield_now().await;
    assert_eq!(tasks(), 0);
}

#[test]
fn without_a_runtime_the_warning_comes_at_return() {
    let warnings = Warnings::default();
    let options = size(1, 0).pool_hold_warning(Duration::from_nanos(1));
    let pool = Pool::with_listener(Server::new().driver(), options, warnings.clone());
    let (conn, line) = (now(pool.acquire()).unwrap(), line!());
    std::thread::sleep(Duration::from_millis(1));
    drop(conn);
    assert_eq!(warnings.lines(), [line]);
}
